//! Decisions are addressed by block and pages by `path#record`: diff, check, explain and second runs on pages whose
//! blocks share a raw line, and on records of archives.

mod program;

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use program::{Scratch, dechaff, files};
use serde_json::json;

const FERRY: &str = "The ferry to the island left at nine sharp on Monday, a full three minutes after the last passenger had \
    taken her seat and the gulls had lost interest in the whole affair.";

const POST: &str = "Captain Moss said that he had waited for the post, which came by bicycle and was wet. The harbour board \
    will look into the matter of the bicycle when it meets again in spring.";

/// A page of HTML on one raw line.
fn minified(number: usize) -> String {
    format!(
        "<html><head><title>Ferry {number}</title></head><body><nav>Home News</nav><h1>Ferry {number} leaves at nine</h1>\
         <p>{FERRY}</p><p>{POST} It was number {number}.</p><p>Share this</p></body></html>"
    )
}

fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes.as_ref()).unwrap();
    encoder.finish().unwrap()
}

/// A WARC.gz of such pages, a member a record.
fn warc(pages: &[String]) -> Vec<u8> {
    let record = |(number, page): (usize, &String)| {
        let block = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{page}");
        gzip(format!(
            "WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:ferry-{number}>\r\nWARC-Target-URI: \
             https://www.harbourpost.example/ferries/{number}\r\nContent-Type: application/http\r\nContent-Length: \
             {}\r\n\r\n{block}\r\n\r\n",
            block.len()
        ))
    };
    pages.iter().enumerate().flat_map(record).collect()
}

fn json_lines(pages: &[String]) -> String {
    let line = |(number, page): (usize, &String)| {
        let url = format!("https://www.harbourpost.example/ferries/{number}");
        json!({ "id": format!("ferry-{number}"), "text": page, "url": url }).to_string() + "\n"
    };
    pages.iter().enumerate().map(line).collect()
}

/// Runs dechaff in a scratch place, expects an exit code, and gives what it printed.
fn said(scratch: &Scratch, code: i32, args: &[&str]) -> String {
    let output = dechaff().current_dir(scratch.home.path()).args(args).output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
    text
}

/// A folder with one rule that drops the lines that end in these words.
fn rule(scratch: &Scratch, ends: &str) -> PathBuf {
    let folder = scratch.home.path().join("rules");
    fs::create_dir_all(folder.join("general")).unwrap();
    let rule = format!(
        "about = \"A test.\"\n[[drop]]\nid = \"x\"\nends = \"{ends}\"\nwhy = \"A test.\"\nhits = [\"{ends}\"]\n"
    );
    fs::write(folder.join("general/own.toml"), rule).unwrap();
    folder
}

/// What the summary says of pages that were left alone.
fn again(said: &str) -> u64 {
    let line = said.lines().find(|line| line.contains("stand as an earlier run left them"));
    line.map_or(0, |line| line.split_whitespace().next().unwrap().replace(',', "").parse().unwrap())
}

fn from_nothing(scratch: &Scratch, options: &[&str]) -> std::collections::BTreeMap<PathBuf, Vec<u8>> {
    let clean = scratch.home.path().join("from-nothing");
    let _ = fs::remove_dir_all(&clean);
    dechaff().arg(&scratch.raw).arg(&clean).args(options).arg("--quiet").output().unwrap();
    files(&clean)
}

#[test]
fn a_diff_of_a_minified_page_shows_what_went_and_nothing_else() {
    for options in [&["--no-model"][..], &["--no-model", "--markup=markdown"]] {
        let scratch = Scratch::new();
        scratch.page("a.html", minified(1));
        scratch.expect(0, options);
        let diff = said(&scratch, 0, &["diff", "raw", "clean"]);
        let gone: Vec<&str> = diff.lines().filter(|line| line.starts_with('-') && !line.starts_with("---")).collect();
        assert_eq!(gone.len(), 2, "{diff}");
        assert!(gone[0].starts_with("-Home News  [") && gone[1].starts_with("-Share this  ["), "{diff}");
        assert!(diff.contains(&format!("\n {FERRY}\n")), "{diff}");
    }
}

#[test]
fn a_change_of_rules_is_told_of_a_minified_page_and_of_records() {
    let pages: Vec<String> = (0..3).map(minified).collect();
    let inputs: [(&str, Vec<u8>); 3] =
        [("a.html", minified(1).into()), ("a.warc.gz", warc(&pages)), ("a.jsonl", json_lines(&pages).into())];
    for (name, bytes) in inputs {
        let scratch = Scratch::new();
        scratch.page(name, bytes);
        scratch.expect(0, &["--no-model"]);
        fs::copy(scratch.clean.join("manifest.jsonl"), scratch.home.path().join("before.jsonl")).unwrap();
        let rules = rule(&scratch, "It was number 1.");
        let rules = rules.to_str().unwrap();
        let check = said(&scratch, 1, &["check", "raw", "clean", "--no-model", "--rules", rules]);
        assert!(check.contains("the rules have changed"), "{check}");
        scratch.expect(0, &["--no-model", "--rules", rules]);
        let diff = said(&scratch, 0, &["diff", "raw", "clean", "--against", "before.jsonl"]);
        let page = if name == "a.html" { "a.html" } else { &format!("{name}#") };
        assert!(diff.contains("1 of ") && diff.contains("1 lines newly dropped, 0 newly kept"), "{name}: {diff}");
        assert!(diff.contains(&format!("\n{page}")) && diff.contains("  [general/own#x]"), "{name}: {diff}");
        assert!(diff.contains("Captain Moss said") && !diff.contains("The ferry to the island"), "{name}: {diff}");
    }
}

#[test]
fn records_are_compared_checked_and_explained_by_their_address() {
    let pages: Vec<String> = (0..3).map(minified).collect();
    for (name, bytes) in [("a.warc.gz", warc(&pages)), ("a.jsonl.gz", gzip(json_lines(&pages)))] {
        let scratch = Scratch::new();
        scratch.page(name, bytes);
        scratch.expect(0, &["--no-model"]);
        let diff = said(&scratch, 0, &["diff", "raw", "clean", "--no-model"]);
        assert_eq!(diff.matches("\n-Share this  [").count(), 3, "{diff}");
        assert_eq!(diff.matches(&format!("--- raw/{name}#")).count(), 3, "{diff}");
        assert!(
            said(&scratch, 0, &["check", "raw", "clean", "--no-model"]).ends_with("0 errors, 0 warnings in 3 files\n")
        );
        let edited = scratch.clean.join(name).join("ferry-1.txt");
        fs::write(&edited, fs::read_to_string(&edited).unwrap().replace("wet", "dry")).unwrap();
        let check = said(&scratch, 1, &["check", "raw", "clean", "--no-model"]);
        assert!(
            check.contains(&format!("raw/{name}#")) && check.contains(" error edited: ") && check.contains("1 error,"),
            "{check}"
        );
        let record = scratch.rows().into_keys().nth(1).unwrap();
        let explained = said(&scratch, 0, &["explain", &format!("raw/{record}"), "--no-model"]);
        assert!(explained.contains("known by url") && explained.contains("Ferry "), "{explained}");
        assert!(explained.starts_with(&record), "{explained}");
    }
}

#[test]
fn shards_are_compared_and_checked_as_files_are() {
    let scratch = Scratch::new();
    let pages: Vec<String> = (0..3).map(minified).collect();
    scratch.page("a.jsonl", json_lines(&pages)).page("b.html", minified(7));
    scratch.expect(0, &["--no-model", "--output=jsonl"]);
    let diff = said(&scratch, 0, &["diff", "raw", "clean", "--no-model"]);
    assert_eq!(diff.matches("\n-Share this  [").count(), 4, "{diff}");
    let check = said(&scratch, 0, &["check", "raw", "clean", "--no-model"]);
    assert!(check.ends_with("0 errors, 0 warnings in 4 files\n"), "{check}");
    let mut changed = pages.clone();
    changed[1] = minified(11);
    scratch.page("a.jsonl", json_lines(&changed));
    let check = said(&scratch, 1, &["check", "raw", "clean", "--no-model"]);
    assert!(check.contains("raw/a.jsonl#2:1: error stale: it has changed since the last run"), "{check}");
    assert!(check.contains("1 error, 0 warnings in 4 files\n"), "{check}");
}

#[test]
fn verify_names_the_page_whose_line_of_a_shard_is_another() {
    let scratch = Scratch::new();
    scratch.page("a.jsonl", json_lines(&(0..3).map(minified).collect::<Vec<_>>()));
    scratch.expect(0, &["--no-model", "--output=jsonl"]);
    let hash = scratch.rows()["a.jsonl#2"]["output"]["sha256"].as_str().unwrap().to_string();
    let manifest = scratch.clean.join("manifest.jsonl");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace(&hash, &"0".repeat(64))).unwrap();
    let verified = said(&scratch, 1, &["verify", "clean"]);
    let fault = "part-00000.jsonl.zst:2 is not the text of a.jsonl#2 that the manifest says\n1 wrong; 2 outputs";
    assert!(verified.contains(fault), "{verified}");
}

#[test]
fn a_second_run_judges_no_record_again_and_leaves_the_same_bytes() {
    let pages: Vec<String> = (0..6).map(minified).collect();
    for options in [&["--no-model"][..], &["--no-model", "--markup=markdown"]] {
        let scratch = Scratch::new();
        scratch
            .page("a.warc.gz", warc(&pages))
            .page("b.jsonl", json_lines(&pages))
            .page("c.html.gz", gzip(minified(8)));
        scratch.page("d.html", minified(9));
        scratch.expect(0, options);
        let before = files(&scratch.clean);
        assert_eq!(again(&scratch.expect(0, options)), 14);
        assert_eq!(files(&scratch.clean), before);
        let mut changed = pages.clone();
        changed[3] = minified(33);
        scratch.page("a.warc.gz", warc(&changed));
        let left = again(&scratch.expect(0, options));
        assert!((11..14).contains(&left), "{left}");
        assert_eq!(files(&scratch.clean), from_nothing(&scratch, options));
        scratch.page("a.warc.gz", minified(5));
        scratch.expect(0, options);
        assert_eq!(files(&scratch.clean), from_nothing(&scratch, options), "what was an archive is a page now");
    }
}

#[test]
fn a_changed_charset_of_a_site_known_by_its_canonical_link_reaches_its_pages() {
    let page = |number: usize| {
        let head = format!("<link rel=canonical href=https://www.harbourpost.example/{number}>");
        let text = format!(
            "<html><head>{head}</head><body><h1>Ferry {number}</h1><p>{FERRY}</p><p>Caf\u{e9} {number}</p></body></html>"
        );
        text.chars().map(|c| c as u8).collect::<Vec<u8>>()
    };
    let scratch = Scratch::new();
    for number in 0..3 {
        scratch.page(&format!("{number}.html"), page(number));
    }
    let rules = scratch.home.path().join("rules");
    fs::create_dir_all(rules.join("site")).unwrap();
    let options = ["--no-model", "--rules", rules.to_str().unwrap()];
    for charset in ["windows-1252", "windows-1251", "iso-8859-2"] {
        let file = format!("about = \"A test.\"\ncharset = \"{charset}\"\n");
        fs::write(rules.join("site/www.harbourpost.example.toml"), file).unwrap();
        scratch.expect(0, &options);
        assert_eq!(files(&scratch.clean), from_nothing(&scratch, &options), "{charset}");
        said(&scratch, 0, &["check", "raw", "clean", "--no-model", "--rules", "rules"]);
    }
}

#[test]
fn explain_agrees_with_the_run_from_anywhere() {
    let scratch = Scratch::new();
    for number in 0..6 {
        let text = format!("Harbour weather\nPier prices\n\nFerry {number}\n\n{FERRY} Number {number}.\n\n{POST}\n");
        scratch.page(&format!("paper.example/2024/{number}.txt"), text);
    }
    scratch.expect(0, &["--no-model"]);
    let other = scratch.home.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("x.txt"), FERRY).unwrap();
    said(&scratch, 0, &["other", "other-clean", "--no-model", "--quiet"]);
    let taken = |text: &str| text.lines().filter(|line| line.contains(" - ")).count();
    let from_home = said(&scratch, 0, &["explain", "raw/paper.example/2024/1.txt", "--no-model"]);
    let folder = scratch.raw.join("paper.example/2024");
    let output = dechaff().current_dir(folder).args(["explain", "1.txt", "--no-model"]).output().unwrap();
    let from_within = String::from_utf8_lossy(&output.stdout);
    assert_eq!(from_home, from_within);
    assert!(from_home.contains("site paper.example") && from_home.contains("/clean"), "{from_home}");
    let dropped = scratch.row("paper.example/2024/1.txt")["blocks"]["dropped"].as_u64().unwrap() as usize;
    assert_eq!(taken(&from_home), dropped, "{from_home}");
    assert!(from_home.contains(FERRY), "long lines are whole");
    let model = said(&scratch, 0, &["explain", "raw/paper.example/2024/1.txt"]);
    assert!(model.contains("% likely the text"), "{model}");
}
