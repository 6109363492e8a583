//! Settings of one site, in its rule file: they judge its pages and no others, whatever the pages come in.

mod program;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use program::{Scratch, dechaff, project};
use serde_json::{Value, json};

const TITLE: &str = "The ferry leaves at nine";

const TEXT: &str = "The ferry leaves at nine\n\n\
    The ferry to the island left at nine sharp on Monday, a full three minutes after the last passenger had \
    taken her seat and the gulls had lost interest in the whole affair.\n\n\
    Captain Moss said that he had waited for the post, which came by bicycle and was wet. The harbour board \
    will look into the matter of the bicycle when it meets again in spring.\n";

const FILE: &str = "about = \"Harbour Post: its pages have no titles worth having.\"\n\
    title = \"drop\"\nfavor = \"recall\"\ncomments = \"keep\"\nbylines = \"keep\"\noff = [\"model\", \"teasers\"]\n";

fn html(url: &str) -> String {
    let (_, rest) = TEXT.split_once("\n\n").unwrap();
    let (one, two) = rest.split_once("\n\n").unwrap();
    format!(
        "<html><head><title>{TITLE}</title><link rel=\"canonical\" href=\"{url}\"></head><body><nav>Home News</nav>\
         <h1>{TITLE}</h1><p>{one}</p><p>{two}</p></body></html>"
    )
}

fn warc(urls: &[&str]) -> String {
    let record = |url: &&str| {
        let block = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{}", html(url));
        format!(
            "WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <{url}>\r\nWARC-Target-URI: {url}\r\nContent-Type: \
             application/http\r\nContent-Length: {}\r\n\r\n{block}\r\n\r\n",
            block.len()
        )
    };
    urls.iter().map(record).collect()
}

/// A text, a page of HTML and a record of each of two sites, and rules for one of them.
fn two_sites() -> (Scratch, PathBuf) {
    let scratch = Scratch::new();
    for host in ["harbourpost.example", "mayak.example"] {
        scratch
            .page(&format!("{host}/a.txt"), TEXT)
            .page(&format!("{host}/b.html"), html(&format!("https://{host}/b")));
    }
    scratch.page("crawl.warc", warc(&["https://www.harbourpost.example/c", "https://mayak.example/c"]));
    let rules = scratch.home.path().join("my-rules");
    fs::create_dir_all(rules.join("site")).unwrap();
    (scratch, rules)
}

fn write(rules: &std::path::Path, text: &str) {
    fs::write(rules.join("site/harbourpost.example.toml"), text).unwrap();
}

/// Runs, and gives the rows by whether they are of the site with rules.
fn cleaned(scratch: &Scratch, more: &[&str]) -> (BTreeMap<String, Value>, BTreeMap<String, Value>) {
    let rules = scratch.home.path().join("my-rules");
    scratch.expect(0, &[&["--rules", rules.to_str().unwrap()], more].concat());
    let is_its = |row: &Value| row["site"].as_str().unwrap().ends_with("harbourpost.example");
    scratch.rows().into_iter().partition(|(_, row)| is_its(row))
}

fn ran(scratch: &Scratch, code: i32, args: &[&str]) -> String {
    let output = dechaff().current_dir(scratch.home.path()).args(args).output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{text}");
    text
}

#[test]
fn they_judge_pages_of_the_site_in_text_html_and_records_and_no_others() {
    let (scratch, rules) = two_sites();
    write(&rules, FILE);
    let (its, others) = cleaned(&scratch, &[]);
    assert_eq!((its.len(), others.len()), (3, 3));
    for (page, row) in &its {
        assert!(!scratch.cleaned(row["output"]["path"].as_str().unwrap()).contains(TITLE), "{page}");
        assert!(
            row["dropped"].to_string().contains("#dropped") || row["dropped"].to_string().contains("#title-dropped")
        );
        assert!(!row.to_string().contains("model#"), "the model is off there: {row}");
        let options =
            ["--bylines=keep", "--comments=keep", "--favor=recall", "--off=model", "--off=teasers", "--title=drop"];
        assert_eq!(row["site_options"], json!(options), "{page}");
    }
    for (page, row) in &others {
        assert!(scratch.cleaned(row["output"]["path"].as_str().unwrap()).contains(TITLE), "{page}");
        assert_eq!(row["site_options"], Value::Null, "{page}");
    }
}

#[test]
fn a_site_says_it_in_place_of_the_command_line_and_switches_off_beside_it() {
    let (scratch, rules) = two_sites();
    write(&rules, "about = \"Harbour Post: titles stay.\"\ntitle = \"keep\"\noff = [\"furniture\"]\n");
    let (its, others) = cleaned(&scratch, &["--title=drop", "--off=model"]);
    let holds = |row: &Value| scratch.cleaned(row["output"]["path"].as_str().unwrap()).contains(TITLE);
    assert!(its.values().all(holds), "{its:?}");
    assert!(!others.values().any(holds), "{others:?}");
    assert!(![its, others].iter().flat_map(BTreeMap::values).any(|row| row.to_string().contains("model#")));
}

#[test]
fn a_change_judges_the_pages_of_the_site_again_and_only_those() {
    let (scratch, rules) = two_sites();
    write(&rules, "about = \"Harbour Post: nothing yet.\"\n");
    let args = ["clean", "raw", "clean", "--rules", "my-rules", "--summary", "json"];
    let reused = |scratch: &Scratch| {
        let summary: Value = serde_json::from_str(&ran(scratch, 0, &args)).unwrap();
        summary["reused"].as_u64().unwrap()
    };
    assert_eq!(reused(&scratch), 0);
    assert_eq!(reused(&scratch), 6);
    for settings in
        ["title = \"drop\"", "favor = \"recall\"", "comments = \"keep\"", "bylines = \"drop\"", "off = [\"model\"]"]
    {
        write(&rules, &format!("about = \"Harbour Post: one setting.\"\n{settings}\n"));
        let check = ran(&scratch, 1, &["check", "raw", "clean", "--rules", "my-rules", "--verbose"]);
        assert!(check.contains("3 pages are to be cleaned again"), "{check}");
        assert_eq!(reused(&scratch), 3, "{settings}");
        assert_eq!(reused(&scratch), 6, "{settings}");
        ran(&scratch, 0, &["check", "raw", "clean", "--rules", "my-rules"]);
    }
    let second = program::files(&scratch.clean);
    scratch.expect(0, &["--rules", rules.to_str().unwrap(), "--force"]);
    assert_eq!(program::files(&scratch.clean), second, "a second run is a run from nothing");
}

#[test]
fn explain_tells_them_and_rules_test_judges_pages_by_them() {
    let (scratch, rules) = two_sites();
    let page = "\n[[test]]\nname = \"no title\"\npage = '''\n- closing#title-dropped | The ferry leaves at nine\n\n\
        + | The ferry to the island left at nine sharp on Monday, a full three minutes after the last passenger had \
        taken her seat and the gulls had lost interest in the whole affair.\n\n\
        + | Captain Moss said that he had waited for the post, which came by bicycle and was wet.\n'''\n";
    write(&rules, &format!("about = \"Harbour Post: no titles.\"\ntitle = \"drop\"\n{page}"));
    let tested = ran(&scratch, 0, &["rules", "test", "--verbose", "--rules", "my-rules"]);
    assert!(tested.contains("site/harbourpost.example: no title page ... ok"), "{tested}");
    write(&rules, &format!("about = \"Harbour Post: titles.\"\n{page}"));
    ran(&scratch, 1, &["rules", "test", "--rules", "my-rules"]);
    write(&rules, FILE);
    let explained = ran(&scratch, 0, &["explain", "raw/harbourpost.example/a.txt", "--rules", "my-rules"]);
    assert!(explained.contains("site/harbourpost.example.toml sets --bylines=keep --comments=keep"), "{explained}");
    assert!(!explained.contains("% likely"), "the model is off there: {explained}");
    let other = ran(&scratch, 0, &["explain", "raw/mayak.example/a.txt", "--rules", "my-rules"]);
    assert!(!other.contains(".toml sets") && other.contains("% likely"), "{other}");
    let listed = ran(&scratch, 0, &["rules", "list", "--rules", "my-rules"]);
    assert_eq!(listed.matches("comments#kept\n").count(), 1, "a stage that is on for one site has its rules listed");
    assert_eq!(listed.matches("furniture#menu\n").count(), 1, "and none is listed twice");
}

#[test]
fn the_schema_knows_their_values() {
    let schema = fs::read_to_string(project("docs/rule-file.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let is_valid = |text: &str| schema.is_valid(&toml::from_str(text).unwrap());
    assert!(is_valid(FILE));
    for wrong in ["favor = \"recal\"", "title = true", "comments = \"all\"", "bylines = \"auto\""] {
        assert!(!is_valid(&format!("about = \"Harbour Post: wrong.\"\n{wrong}\n")), "{wrong}");
    }
}
