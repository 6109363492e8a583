//! The report, samples, statistics, and rules that a review makes: their numbers, and that nothing of a page can run.

mod program;

use std::collections::BTreeMap;
use std::fs;

use program::{Scratch, dechaff, project, rows};
use serde_json::{Value, json};

const FERRY: &str = "The ferry to the island left at nine sharp on Monday, a full three minutes after the last passenger had \
    taken her seat and the gulls had lost interest in the whole affair.";

const POST: &str = "Captain Moss said that he had waited for the post, which came by bicycle and was wet. The harbour board \
    will look into the matter of the bicycle when it meets again in spring.";

/// A page of HTML on one raw line.
fn minified(number: usize) -> String {
    format!(
        "<html><head><title>Ferry {number}</title></head><body><nav>Home News</nav><h1>Ferry {number} leaves at nine</h1>\
         <p>{FERRY}</p><p>{POST}<br>It was number {number}.</p><table><tr><td>length</td><td>40 m</td></tr></table>\
         <p>Share this</p></body></html>"
    )
}

fn warc(pages: &[String]) -> String {
    let record = |(number, page): (usize, &String)| {
        let block = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{page}");
        format!(
            "WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:ferry-{number}>\r\nWARC-Target-URI: \
             https://www.harbourpost.example/ferries/{number}\r\nContent-Type: application/http\r\nContent-Length: \
             {}\r\n\r\n{block}\r\n\r\n",
            block.len()
        )
    };
    pages.iter().enumerate().map(record).collect()
}

/// Runs dechaff in a scratch place, expects an exit code, and gives what it printed.
fn said(scratch: &Scratch, code: i32, args: &[&str]) -> String {
    let output = dechaff().current_dir(scratch.home.path()).args(args).output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
    text
}

/// The report, and the JSON in it.
fn report(scratch: &Scratch, more: &[&str]) -> (String, Value) {
    let args = [&["report", "clean", "raw", "-o", "report.html"], more].concat();
    said(scratch, 0, &args);
    let html = fs::read_to_string(scratch.home.path().join("report.html")).unwrap();
    let (_, json) = html.split_once("<script id=\"data\" type=\"application/json\">").unwrap();
    let (json, _) = json.split_once("</script>").unwrap();
    (html.clone(), serde_json::from_str(json).unwrap())
}

/// The clean text as the right side of the report shows it: its cells, one below the other.
fn right_side(page: &Value) -> String {
    let cell = |block: &Value| match (&block[2], block[1].as_str().unwrap()) {
        (Value::Number(number), text) => match number.as_u64().unwrap() {
            0 => String::new(),
            1 => format!("{text}\n"),
            _ => format!("\n{text}\n"),
        },
        (written, _) => format!("{}\n", written.as_str().unwrap()),
    };
    page["blocks"].as_array().unwrap().iter().map(cell).collect()
}

/// The texts of the blocks that a page shows as dropped, with their rules.
fn struck(data: &Value, page: &Value) -> Vec<(String, String)> {
    let mut struck = Vec::new();
    for decision in page["decisions"].as_array().unwrap().iter().filter(|decision| decision["fate"] == "dropped") {
        let [first, last] = [0, 1].map(|end| decision["blocks"][end].as_u64().unwrap() as usize);
        let rule = &data["rules"][decision["rule"].as_u64().unwrap() as usize]["address"];
        for block in first..=last {
            struck.push((page["blocks"][block][1].as_str().unwrap().into(), rule.as_str().unwrap().into()));
        }
    }
    struck
}

fn page_at<'d>(data: &'d Value, path: &str) -> &'d Value {
    data["pages"].as_array().unwrap().iter().find(|page| page["path"] == path).unwrap_or_else(|| panic!("no {path}"))
}

#[test]
fn every_word_of_the_sample_is_counted_once() {
    for (name, row) in rows(&project("clean")) {
        if row["words"].is_null() {
            continue;
        }
        let of = |list: &str| row[list].as_array().into_iter().flatten().map(|decision| &decision["words"]);
        let gone: u64 = of("dropped").chain(of("edits")).map(|words| words.as_u64().unwrap()).sum();
        assert_eq!(row["words"]["dropped"], gone, "{name}");
        let clean = fs::read_to_string(project("clean").join(row["output"]["path"].as_str().unwrap())).unwrap();
        let is_latin = clean.is_ascii();
        let words = clean.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
        assert!(!is_latin || row["words"]["kept"] == words, "{name}: {} and {words}", row["words"]);
    }
}

#[test]
fn the_clean_side_of_every_page_of_the_sample_is_the_text_that_was_written() {
    for markup in ["text", "markdown"] {
        let scratch = Scratch::new();
        let raw = project("raw");
        let markup = format!("--markup={markup}");
        said(&scratch, 0, &[raw.to_str().unwrap(), "clean", "--quiet", &markup]);
        let args = ["report", "clean", raw.to_str().unwrap(), "-o", "report.html", "-n", "100"];
        said(&scratch, 0, &args);
        let html = fs::read_to_string(scratch.home.path().join("report.html")).unwrap();
        let json = html.split_once("type=\"application/json\">").unwrap().1.split_once("</script>").unwrap().0;
        let data: Value = serde_json::from_str(json).unwrap();
        let rows = scratch.rows();
        let pages = data["pages"].as_array().unwrap();
        assert!(pages.len() > 25);
        for page in pages {
            let row = &rows[page["path"].as_str().unwrap()];
            let written = scratch.cleaned(row["output"]["path"].as_str().unwrap());
            assert_eq!(right_side(page), written, "{}", page["path"]);
            let blocks = row["blocks"]["kept"].as_u64().unwrap() + row["blocks"]["dropped"].as_u64().unwrap();
            assert_eq!(page["blocks"].as_array().unwrap().len() as u64, blocks);
        }
    }
}

#[test]
fn text_minified_html_and_records_are_shown_line_by_line() {
    let scratch = Scratch::new();
    scratch
        .page("a.txt", format!("The ferry leaves at nine\n\n{FERRY}\n\n{POST}\n\nShare this\nNo comments:\n"))
        .page("b.html", minified(1))
        .page("c.warc", warc(&[minified(2), minified(3)]));
    said(&scratch, 0, &["raw", "clean", "--quiet", "--no-model", "--no-survey"]);
    let (_, data) = report(&scratch, &["-n", "10"]);
    assert_eq!(data["pages"].as_array().unwrap().len(), 4);
    let text = struck(&data, page_at(&data, "a.txt"));
    let texts: Vec<&str> = text.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(texts, ["Share this", "No comments:"]);
    assert!(text.iter().all(|(_, rule)| rule.starts_with("general/")), "{text:?}");
    for page in data["pages"].as_array().unwrap().iter().filter(|page| page["path"] != "a.txt") {
        let texts: Vec<String> = struck(&data, page).into_iter().map(|(text, _)| text).collect();
        assert_eq!(texts, ["Home News", "Share this"], "{}", page["path"]);
        let row =
            scratch.rows().into_values().find(|row| row["path"] == page["path"] && row["record"] == page["record"]);
        let written = scratch.cleaned(row.unwrap()["output"]["path"].as_str().unwrap());
        assert_eq!(right_side(page), written);
        assert!(page["blocks"].as_array().unwrap().iter().all(|block| block[0] == 1 || page["record"].is_u64()));
    }
    let records: Vec<&Value> =
        data["pages"].as_array().unwrap().iter().filter(|page| page["record"].is_u64()).collect();
    assert!(
        records[0]["blocks"].to_string().contains("Ferry 2") && records[1]["blocks"].to_string().contains("Ferry 3")
    );
}

#[test]
fn nothing_of_a_hostile_page_is_markup_in_the_report() {
    let scratch = Scratch::new();
    let hostile = "</script><script>alert(1)</script><img src=x onerror=alert(2)> \u{202e}txt.exe <!-- --!> {{7*7}}";
    scratch
        .page("<img src=x onerror=alert(3)>.txt", format!("{hostile}\n\n{FERRY}\n\n{POST}\n"))
        .page("b.html", minified(1).replace("Ferry 1", "&lt;/script&gt;&lt;script&gt;alert(4)&lt;/script&gt;"))
        .page("b.html.meta.json", json!({ "url": "https://\"><script>alert(5)</script>/x" }).to_string());
    said(&scratch, 0, &["raw", "clean", "--quiet"]);
    let (html, data) = report(&scratch, &[]);
    assert!(page_at(&data, "b.html").to_string().contains("<script>alert(4)"), "it is there as data");
    assert_eq!(html.matches("<script").count(), 2, "the data and the report's own script");
    assert_eq!(html.matches("</script").count(), 2);
    assert!(!html.contains("<img") && !html.contains("onerror=alert(3)>"));
    let policy = html.split_once("Content-Security-Policy\" content=\"").unwrap().1.split_once('"').unwrap().0;
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    assert!(!html.contains("style=\"") && !html.contains(" onclick"), "the policy would not let it");
}

#[test]
fn a_report_without_raw_pages_has_the_numbers() {
    let scratch = Scratch::new();
    scratch.page("a.txt", format!("{FERRY}\n\n{POST}\n\nShare this\n"));
    said(&scratch, 0, &["raw", "clean", "--quiet"]);
    let told = said(&scratch, 0, &["report", "clean", "-o", "numbers.html"]);
    assert!(told.starts_with("wrote numbers.html (0 pages of 1"), "{told}");
    assert!(said(&scratch, 2, &["report", "raw", "-o", "x.html"]).contains("`dechaff clean` comes first"));
}

#[test]
fn a_page_that_changed_is_named_and_not_shown() {
    let scratch = Scratch::new();
    scratch.page("a.txt", format!("{FERRY}\n\n{POST}\n")).page("b.txt", format!("{POST}\n\n{FERRY}\n"));
    said(&scratch, 0, &["raw", "clean", "--quiet"]);
    scratch.page("b.txt", "something else");
    let told = said(&scratch, 0, &["report", "clean", "raw", "-o", "report.html"]);
    assert!(told.contains("b.txt: changed since the last run"), "{told}");
    assert!(told.contains("(1 page of 2"), "{told}");
}

#[test]
fn against_another_run_only_what_changed_is_shown() {
    let scratch = Scratch::new();
    scratch
        .page("a.txt", format!("The ferry leaves at nine\n\n{FERRY}\n\n{POST}\n\nBuoy of the week\n"))
        .page("b.txt", format!("{POST}\n\n{FERRY}\n"));
    said(&scratch, 0, &["raw", "clean", "--quiet", "--no-model"]);
    fs::rename(&scratch.clean, scratch.home.path().join("old")).unwrap();
    let rules = scratch.home.path().join("rules/general");
    fs::create_dir_all(&rules).unwrap();
    fs::write(
        rules.join("buoy.toml"),
        "about = \"A test.\"\n[[drop]]\nid = \"buoy\"\nequals = \"Buoy of the week\"\nwhy = \"A box.\"\nhits = [\"Buoy of the week\"]\n",
    )
    .unwrap();
    said(&scratch, 0, &["raw", "clean", "--quiet", "--no-model", "--rules=rules"]);
    let (html, data) = report(&scratch, &["--against", "old", "--rules=rules"]);
    let pages = data["pages"].as_array().unwrap();
    assert_eq!(pages.len(), 1);
    let changes = pages[0]["changes"].as_array().unwrap();
    assert_eq!((changes.len(), &changes[0]["change"]), (1, &json!("dropped")));
    assert_eq!(data["rules"][changes[0]["rule"].as_u64().unwrap() as usize]["why"], "A box.");
    assert!(html.contains("What changed since"));
}

#[test]
fn a_sample_is_the_same_for_the_same_seed() {
    let clean = project("clean");
    let drawn = |more: &[&str]| {
        let output = dechaff().arg("sample").arg(&clean).args(more).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(drawn(&["-n", "5", "--seed", "1"]), drawn(&["-n", "5", "--seed", "1"]));
    assert_ne!(drawn(&["-n", "5", "--seed", "1"]), drawn(&["-n", "5", "--seed", "2"]));
    let rows = rows(&clean);
    for (by, of) in [("site", "site"), ("status", "status")] {
        let sample = drawn(&["-n", "10", "--by", by]);
        assert_eq!(sample.lines().count(), 10);
        for line in sample.lines() {
            let (page, stratum) = line.split_once('\t').unwrap();
            assert_eq!(rows[page][of].as_str().unwrap_or("no known site"), stratum);
        }
    }
}

#[test]
fn statistics_are_the_sums_of_the_rows() {
    let output = dechaff().arg("stats").arg(project("clean")).arg("--json").output().unwrap();
    let stats: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = rows(&project("clean"));
    let sum = |of: &dyn Fn(&Value) -> u64| rows.values().map(of).sum::<u64>();
    assert_eq!(stats["all"]["pages"], rows.len());
    assert_eq!(stats["all"]["words"]["kept"], sum(&|row| row["words"]["kept"].as_u64().unwrap_or(0)));
    assert_eq!(stats["all"]["lines"]["dropped"], sum(&|row| row["blocks"]["dropped"].as_u64().unwrap_or(0)));
    let mut sites: BTreeMap<String, u64> = BTreeMap::new();
    for row in rows.values().filter(|row| !row["words"].is_null()) {
        let words = row["words"]["kept"].as_u64().unwrap() + row["words"]["dropped"].as_u64().unwrap();
        *sites.entry(row["site"].as_str().unwrap_or_default().into()).or_default() += words;
    }
    for (site, words) in sites {
        let group = &stats["site"][&site]["words"];
        assert_eq!(group["kept"].as_u64().unwrap() + group["dropped"].as_u64().unwrap(), words, "{site}");
    }
    let by_stage: u64 = stats["stages"].as_array().unwrap().iter().map(|stage| stage["words"].as_u64().unwrap()).sum();
    assert_eq!(stats["all"]["words"]["dropped"], by_stage, "every word that is gone went by a stage");
}

#[test]
fn the_summary_is_json_where_that_is_asked_for() {
    let scratch = Scratch::new();
    scratch.page("a.txt", format!("{FERRY}\n\n{POST}\n\nShare this\n")).page("b.bin", [0, 1, 2]).page("c.txt", "");
    let summary: Value = serde_json::from_str(&said(&scratch, 0, &["raw", "clean", "--summary", "json"])).unwrap();
    assert_eq!(summary["pages"], json!({ "cleaned": 1, "blank": 1, "skipped": 1 }));
    assert_eq!(summary["lines"], json!({ "kept": 2, "dropped": 1 }));
    assert_eq!(summary["words"]["dropped"], 2);
    assert_eq!(summary["not_read"][0]["first"], "b.bin");
    let again: Value = serde_json::from_str(&said(&scratch, 0, &["raw", "clean", "--summary=json"])).unwrap();
    assert_eq!(again["reused"], 1);
}

#[test]
fn a_review_becomes_rules_that_hold() {
    let scratch = Scratch::new();
    let page = format!("The ferry leaves at nine\n\n{FERRY}\n\nShare this\n\n{POST}\n\nBuoy of the week\n");
    scratch.page("harbourpost.example/a.txt", page);
    said(&scratch, 0, &["raw", "clean", "--quiet", "--no-model"]);
    let line = |fate: &str, judged: &str, text: &str| {
        json!({ "path": "harbourpost.example/a.txt", "site": "harbourpost.example", "blocks": [0, 0], "fate": fate,
            "judged": judged, "lines": [text], "sha256": "00" })
        .to_string()
            + "\n"
    };
    let review = [
        line("dropped", "wrong", "Share this"),
        line("kept", "wrong", "Buoy \"of\" the week"),
        line("kept", "wrong", "Buoy of the week"),
        line("kept", "right", FERRY),
    ]
    .concat();
    fs::write(scratch.home.path().join("review.jsonl"), &review).unwrap();
    let told = said(&scratch, 0, &["rules", "new", "--from", "review.jsonl", "--rules", "mine"]);
    assert!(told.starts_with("wrote mine/site/harbourpost.example.toml\n"), "{told}");
    assert!(said(&scratch, 0, &["rules", "test", "--rules", "mine"]).contains("0 failed"));
    said(&scratch, 0, &["raw", "clean", "--quiet", "--no-model", "--rules", "mine"]);
    let clean = scratch.cleaned("harbourpost.example/a.txt");
    assert!(clean.contains("Share this") && !clean.contains("Buoy"), "{clean}");
    let rules = fs::read_to_string(scratch.home.path().join("mine/site/harbourpost.example.toml")).unwrap();
    assert!(rules.contains("misses"), "{rules}");

    said(&scratch, 0, &["rules", "new", "--from", "review.jsonl", "--rules", "mine"]);
    assert!(
        said(&scratch, 0, &["rules", "test", "--rules", "mine"]).contains("0 failed"),
        "a second review adds to it"
    );

    fs::write(scratch.home.path().join("bad.jsonl"), review.replace("harbourpost.example\"", "../../etc\"")).unwrap();
    assert!(said(&scratch, 2, &["rules", "new", "--from", "bad.jsonl"]).contains("is no host"));
    fs::write(scratch.home.path().join("bad.jsonl"), "{}\n").unwrap();
    assert!(said(&scratch, 2, &["rules", "new", "--from", "bad.jsonl"]).contains("bad.jsonl:1: no line of a review"));
}

#[test]
fn a_diff_is_narrowed_to_a_rule_and_to_a_site() {
    let scratch = Scratch::new();
    let page = |more: &str| format!("The ferry leaves at nine\n\n{FERRY}\n\n{POST}\n\n{more}\n");
    scratch.page("a.example/a.txt", page("Share this")).page("b.example/b.txt", page("No comments:"));
    said(&scratch, 0, &["raw", "clean", "--quiet", "--no-model"]);
    let rule = scratch.row("a.example/a.txt")["dropped"][0]["rule"].as_str().unwrap().to_string();
    for narrowed in [["--rule", &rule], ["--of-site", "a.example"]] {
        let told = said(&scratch, 0, &[&["diff", "raw", "clean"], &narrowed[..]].concat());
        assert!(told.contains("a.example/a.txt") && !told.contains("b.example/b.txt"), "{narrowed:?}: {told}");
    }
}
