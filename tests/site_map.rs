//! The site map: URLs of pages in a CSV file, for folders whose names do not tell the site.

mod program;

use std::fs;

use program::{Scratch, dechaff};
use serde_json::Value;

const TEXT: &str = "The ferry leaves at nine\n\n\
    The ferry to the island left at nine sharp on Monday, a full three minutes after the last passenger had \
    taken her seat and the gulls had lost interest in the whole affair.\n\n\
    Brought to you by the tide itself\n\n\
    Captain Moss said that he had waited for the post, which came by bicycle and was wet. The harbour board \
    will look into the matter of the bicycle when it meets again in spring.\n";

const JUNK: &str = "Brought to you by the tide itself";

const RULE: &str = "about = \"Harbour Post: the tide.\"\n\n[[drop]]\nid = \"tide\"\n\
    equals = \"Brought to you by the tide itself\"\nwhy = \"The sponsor's line.\"\n\
    hits = [\"Brought to you by the tide itself\"]\n";

fn record(number: u32, url: &str) -> String {
    let line = serde_json::json!({ "id": format!("r{number}"), "text": TEXT, "url": url });
    format!("{line}\n")
}

/// A flat folder: two texts, one with something beside it, a page of HTML, and two records.
fn flat_folder() -> Scratch {
    let scratch = Scratch::new();
    scratch.page("1.txt", TEXT).page("2.txt", TEXT.replace("nine", "ten"));
    scratch.page("2.txt.meta.json", r#"{"url":"https://mayak.example/2"}"#);
    scratch
        .page("3.html", format!("<html><body><h1>Ferry</h1><p>{}</p></body></html>", TEXT.replace("\n\n", "</p><p>")));
    scratch.page("crawl.jsonl", record(1, "https://mayak.example/r1") + &record(2, "https://mayak.example/r2"));
    let site = scratch.home.path().join("my-rules/site");
    fs::create_dir_all(&site).unwrap();
    fs::write(site.join("harbourpost.example.toml"), RULE).unwrap();
    scratch
}

fn map(scratch: &Scratch, rows: &str) {
    fs::write(scratch.home.path().join("map.csv"), format!("path,url\n{rows}")).unwrap();
}

fn ran(scratch: &Scratch, code: i32, args: &[&str]) -> String {
    let output = dechaff().current_dir(scratch.home.path()).args(args).output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{text}");
    text
}

const CLEAN: [&str; 7] = ["clean", "raw", "clean", "--rules", "my-rules", "--site-map", "map.csv"];

fn cleaned(scratch: &Scratch, more: &[&str]) -> String {
    ran(scratch, 0, &[&CLEAN[..], more].concat())
}

#[test]
fn a_page_has_the_url_that_its_row_says_before_any_other() {
    let scratch = flat_folder();
    map(
        &scratch,
        "1.txt,https://www.harbourpost.example/1\n2.txt,https://harbourpost.example/2\n3.html,https://harbourpost.example/3\n\
         crawl.jsonl#1,https://harbourpost.example/r1\n",
    );
    cleaned(&scratch, &[]);
    let rows = scratch.rows();
    for (page, url) in [
        ("1.txt", "https://www.harbourpost.example/1"),
        ("2.txt", "https://harbourpost.example/2"),
        ("3.html", "https://harbourpost.example/3"),
        ("crawl.jsonl#1", "https://harbourpost.example/r1"),
    ] {
        assert_eq!((&rows[page]["url"], &rows[page]["site_source"]), (&url.into(), &"url".into()), "{page}");
        assert!(rows[page]["dropped"].to_string().contains("harbourpost.example#tide"), "its site's rules: {page}");
    }
    let other = &rows["crawl.jsonl#2"];
    assert_eq!((&other["url"], &other["site"]), (&"https://mayak.example/r2".into(), &"mayak.example".into()));
    assert!(!other.to_string().contains("#tide"));
    let explained = ran(&scratch, 0, &["explain", "raw/1.txt", "--rules", "my-rules", "--site-map", "map.csv"]);
    assert!(explained.contains("site www.harbourpost.example (known by url)"), "{explained}");
    let one = ran(&scratch, 0, &["raw/1.txt", "-", "--rules", "my-rules", "--site-map", "map.csv"]);
    assert!(!one.contains(JUNK), "one page is found by the end of its path");
}

#[test]
fn lists_of_urls_and_lines_of_json_see_it() {
    let scratch = flat_folder();
    map(&scratch, "1.txt,https://www.harbourpost.example/1\n");
    fs::write(scratch.home.path().join("bad.txt"), "harbourpost.example\n").unwrap();
    cleaned(&scratch, &["--url-list", "bad.txt"]);
    let rows = scratch.rows();
    assert_eq!(rows["1.txt"]["status"], "filtered", "{}", rows["1.txt"]);
    assert_eq!(rows.values().filter(|row| row["status"] == "filtered").count(), 1);
    ran(&scratch, 0, &["raw", "shards", "--site-map", "map.csv", "--output", "jsonl"]);
    let lines = fs::read(scratch.home.path().join("shards/part-00000.jsonl.zst")).unwrap();
    let lines = String::from_utf8(zstd::decode_all(&lines[..]).unwrap()).unwrap();
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(first["metadata"]["url"], "https://www.harbourpost.example/1");
}

#[test]
fn a_change_of_a_row_cleans_its_page_again_and_no_other() {
    let scratch = flat_folder();
    let reused = |more: &[&str]| {
        let summary: Value =
            serde_json::from_str(&cleaned(&scratch, &[more, &["--summary", "json"]].concat())).unwrap();
        summary["reused"].as_u64().unwrap()
    };
    map(&scratch, "1.txt,https://www.harbourpost.example/1\n3.html,https://mayak.example/3\n");
    assert_eq!(reused(&[]), 0);
    assert_eq!(reused(&[]), 5);
    map(&scratch, "3.html,https://mayak.example/3\n1.txt,https://www.harbourpost.example/other\n");
    assert_eq!(reused(&[]), 4, "the URL of one page is another one; the order of rows makes no difference");
    map(&scratch, "3.html,https://harbourpost.example/3\n1.txt,https://www.harbourpost.example/other\n");
    assert_eq!(reused(&[]), 4);
    let second = program::files(&scratch.clean);
    cleaned(&scratch, &["--force"]);
    assert_eq!(program::files(&scratch.clean), second, "a second run is a run from nothing");
    ran(&scratch, 0, &["check", "raw", "clean", "--rules", "my-rules", "--site-map", "map.csv"]);
    map(&scratch, "");
    ran(&scratch, 1, &["check", "raw", "clean", "--rules", "my-rules", "--site-map", "map.csv"]);
}

#[test]
fn rows_that_no_page_has_are_counted_and_told() {
    let scratch = flat_folder();
    map(&scratch, "1.txt,https://a.example/1\ngone.txt,https://a.example/2\ncrawl.jsonl#9,https://a.example/3\n");
    let said = cleaned(&scratch, &[]);
    assert!(said.contains("Site map: 2 of 3 rows name no page of this run"), "{said}");
    assert!(said.contains("gone.txt\n") && said.contains("crawl.jsonl#9\n"), "{said}");
    let again: Value = serde_json::from_str(&cleaned(&scratch, &["--summary", "json"])).unwrap();
    assert_eq!(again["site_map"], serde_json::json!({ "rows": 3, "without_page": 2, "first": "gone.txt" }));
    let part = cleaned(&scratch, &["--include", "1.*"]);
    assert!(!part.contains("Site map"), "a part of the folder says nothing of the rest: {part}");
}

#[test]
fn a_map_that_is_wrong_is_told_with_its_line_before_anything_is_written() {
    let scratch = flat_folder();
    map(&scratch, "1.txt,https://a.example/1\n2.txt,a.example\n../3.html,https://a.example/3\n");
    let said = ran(&scratch, 2, &CLEAN);
    assert!(said.contains("map.csv:3: `a.example` is no URL") && said.contains("map.csv:4: `../3.html`"), "{said}");
    fs::write(scratch.home.path().join("map.csv"), "file;url\n").unwrap();
    assert!(ran(&scratch, 2, &CLEAN).contains("map.csv:1: expected a header with the columns `path` and `url`"));
    fs::remove_file(scratch.home.path().join("map.csv")).unwrap();
    assert!(ran(&scratch, 1, &CLEAN).contains("map.csv"));
    assert!(!scratch.clean.exists());
}

#[test]
fn it_is_a_setting_and_surveys_know_it() {
    let scratch = flat_folder();
    let rows: String = (0..6).map(|page| format!("p{page}.txt,https://news.example/{page}\n")).collect();
    for page in 0..6 {
        let story = TEXT.replace("nine", ["one", "two", "three", "four", "five", "six"][page]);
        scratch.page(&format!("p{page}.txt"), format!("Quay and tide daily\n\nStory {page}\n\n{story}"));
    }
    map(&scratch, &rows);
    let learned = ran(&scratch, 0, &["learn", "raw", "--site-map", "map.csv"]);
    assert!(learned.contains("news.example"), "{learned}");
    fs::write(scratch.home.path().join("dechaff.toml"), "raw = \"raw\"\nclean = \"clean\"\nsite-map = \"map.csv\"\n")
        .unwrap();
    ran(&scratch, 0, &["clean"]);
    assert_eq!(scratch.row("p3.txt")["site"], "news.example");
}
