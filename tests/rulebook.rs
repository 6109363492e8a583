//! What written rules do to pages.

use std::sync::Arc;

use dechaff::internals::line::PageFeatures;
use dechaff::internals::marks::{Marks, RuleId, Verdict};
use dechaff::internals::rules::{RuleSet, WrittenOnly, notation};
use dechaff::internals::stage::Stage;
use dechaff::internals::stages::written::WrittenStage;

/// A rule of a file with the rest that a file must have.
fn drop_rule(body: &str) -> String {
    format!("about = \"a test\"\n\n[[drop]]\nid = \"r\"\nwhy = \"a test\"\nhits = [\"x\"]\n{body}\n")
}

fn book(files: &[(&str, &str)]) -> RuleSet {
    RuleSet::of_texts(files).unwrap_or_else(|error| panic!("{error}"))
}

/// The page, each line with its fate, after the written rules: rules by their ids.
fn judged(rulebook: &RuleSet, lines: &[&str], host: Option<&str>) -> String {
    let text: String = lines.iter().map(|line| format!("+ | {line}\n")).collect();
    let page = notation::read(&text, host).unwrap().page;
    let marks = WrittenOnly(rulebook).judge(&PageFeatures::of(&page));
    notation::write(&page, &marks, |rule| match rule {
        RuleId::Written(number) => rulebook.address(number).split_once('#').unwrap().1.to_string(),
        RuleId::Judge(rule) => rule.address.to_string(),
    })
}

/// Whether a drop rule with this body drops a line.
fn drops(body: &str, line: &str) -> bool {
    judged(&book(&[("general/g.toml", &drop_rule(body))]), &[line], None).starts_with('-')
}

#[test]
fn each_matcher_drops_what_it_says_and_nothing_else() {
    let long = format!("{} Tweet this now", "word ".repeat(30));
    for (body, line, wanted) in [
        (r#"equals = "Tweet""#, "  tweet\u{a0}", true),
        (r#"equals = "Tweet""#, "Tweet this", false),
        (r#"equals = ["Share", "Tweet"]"#, "TWEET", true),
        (r#"equals = "Don't miss""#, "Don’t  miss", true),
        ("equals = \"Tweet\"\nexact = true", "tweet", false),
        ("equals = \"Tweet\"\nexact = true", " Tweet ", true),
        (r#"starts = "By ""#, "By Ann Lee", true),
        (r#"starts = "By ""#, "Bypass opens", false),
        (r#"starts = ["Editor's", "Ed."]"#, "Editor’s picks", true),
        (r#"ends = "read more""#, "The ferry … READ MORE", true),
        (r#"ends = "read more""#, "read more of it", false),
        (r#"ends = ["»", "more"]"#, "All stories »", true),
        (r#"contains = "t this n""#, "Tweet this now", true),
        (r#"contains = "this""#, &long, false),
        ("contains = \"this\"\nwords_at_most = 99", &long, true),
        (r#"starts = "word word""#, &long, true),
        ("starts = \"word word\"\nwords_at_most = 10", &long, false),
        (r#"regex = '^Share( \| \w+)+$'"#, "Share | Email | Print", true),
        (r#"regex = '^Share( \| \w+)+$'"#, "share | email", false),
        (r#"regex = '(?i)^share\b'"#, "SHARE it", true),
        (r#"regex = '\bSKIP\b'"#, "please SKIP it", true),
        (r#"regex = "Don[’']t""#, "Don’t", true),
        (r#"regex = '^\d+$'"#, "2024", true),
        (r#"regex = 'this'"#, &long, false),
    ] {
        assert_eq!(drops(body, line), wanted, "{body} on {line}");
    }
}

const PORT: &str = r#"
about = "A site of the tests."
off = ["general/g#r"]

[[drop]]
id = "related"
from = { equals = "Related stories" }
until = { starts = "Read all" }
at_most = 4
why = "A box in the text."
hits = ["Related stories\nOtters\nRead all 12"]
misses = ["Related stories\nOtters"]

[[drop]]
id = "wire"
starts = "Wire:"
why = "Credit."
hits = ["Wire: Elsa"]

[[keep]]
id = "wire-report"
contains = "reports"
why = "Prose."
hits = ["Wire: reports say otherwise"]

[[trim]]
id = "dateline"
regex = '^[A-Z ]+ \(Wire\) - '
why = "The wire's dateline."
hits = ["PORT ELSA (Wire) - The ferry leaves."]
misses = ["PORT ELSA (Wire) - "]

[[trim]]
id = "more"
ends = ["Read more", "Read more »", "(more)"]
why = "A button's label."
hits = ["The ferry leaves. Read more"]
misses = ["Read more"]

[[trim]]
id = "new-tab"
contains = "(opens in a new tab)"
why = "For screen readers."
hits = ["Timetable (opens in a new tab), fares"]

[[test]]
name = "the box goes, the text stays"
page = """
- related      | Related stories
- related      | Otters in the harbour
- related      | Read all 12 stories

- wire         | Wire: Elsa
+ wire-report  | Wire: reports say otherwise
~ dateline     | [-PORT ELSA (Wire) - -]The ferry leaves at nine.[- Read more »-]
~ new-tab      | Timetable[- (opens in a new tab)-], fares
~ more         | A new pier. [-(opens in a new tab) -][-Read  MORE-]
+              | Related stories
+              | 1
+              | 2
+              | 3
+              | Read all
"""
"#;

#[test]
fn a_site_file_drops_keeps_trims_and_proves_itself() {
    let general = drop_rule("equals = \"x\"");
    let rulebook = book(&[("general/g.toml", &general), ("site/port.example.toml", PORT)]);
    let checks = rulebook.check_all(&|page| WrittenOnly(&rulebook).judge(page));
    let broken: Vec<_> = checks.iter().filter_map(|check| check.broken.as_deref()).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert_eq!(checks.len(), 11);
    assert!(rulebook.prove(&["news.port.example"]).is_ok());
}

#[test]
fn a_host_is_served_by_its_longest_suffix_alone() {
    let file = |word: &str| drop_rule(&format!("equals = \"{word}\"")).replace("\"x\"", &format!("\"{word}\""));
    let rulebook = book(&[("site/example.org.toml", &file("wide")), ("site/news.example.org.toml", &file("narrow"))]);
    for (host, wanted) in [
        ("example.org", "- r | wide\n+   | narrow\n"),
        ("www.example.org", "- r | wide\n+   | narrow\n"),
        ("news.example.org", "+   | wide\n- r | narrow\n"),
        ("old.news.example.org", "+   | wide\n- r | narrow\n"),
        ("example.com", "+  | wide\n+  | narrow\n"),
        ("notexample.org", "+  | wide\n+  | narrow\n"),
    ] {
        assert_eq!(judged(&rulebook, &["wide", "narrow"], Some(host)), wanted, "{host}");
    }
}

#[test]
fn a_rule_that_is_off_is_off_for_its_site_or_everywhere() {
    let general = drop_rule("equals = \"x\"");
    let site = "about = \"a test\"\noff = [\"general/g#r\"]\n";
    let rulebook = book(&[("general/g.toml", &general), ("site/a.example.toml", site)]);
    assert_eq!(judged(&rulebook, &["x"], Some("a.example")), "+  | x\n");
    assert_eq!(judged(&rulebook, &["x"], Some("b.example")), "- r | x\n");
    let rulebook = book(&[("general/g.toml", &general), ("general/h.toml", site)]);
    assert_eq!(judged(&rulebook, &["x"], Some("b.example")), "+  | x\n");
}

#[test]
fn a_run_needs_its_end_in_reach() {
    let run = |more: &str| {
        let body = format!("from = {{ equals = \"a\" }}\nuntil = {{ equals = \"z\" }}\n{more}");
        book(&[("general/g.toml", &drop_rule(&body))])
    };
    for (more, lines, wanted) in [
        ("", vec!["a", "b", "z", "c"], "--- "),
        ("until_included = false", vec!["a", "b", "z", "c"], "--  "),
        ("", vec!["a", "b", "c"], "   "),
        ("at_most = 2", vec!["a", "b", "z"], "   "),
        ("at_most = 3", vec!["a", "b", "z"], "---"),
        ("at_most = 2\nuntil_included = false", vec!["a", "b", "z"], "-- "),
        ("", vec!["a", "a", "z", "a", "z", "z"], "----- "),
        ("at_most = 2", vec!["a", "a", "z"], " --"),
    ] {
        let signs: String = judged(&run(more), &lines, None)
            .lines()
            .map(|line| if line.starts_with('-') { '-' } else { ' ' })
            .collect();
        assert_eq!(signs, wanted, "{more} on {lines:?}");
    }
}

#[test]
fn a_rule_looks_only_where_it_is_told_to() {
    let lines: Vec<String> =
        (0..40).map(|line| if line % 13 == 0 { "x".into() } else { format!("line {line}") }).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    for (body, dropped) in [
        ("equals = \"x\"", vec![0, 13, 26, 39]),
        ("equals = \"x\"\nwhere = \"head\"", vec![0]),
        ("equals = \"x\"\nwhere = \"inside\"", vec![13, 26]),
        ("equals = \"x\"\nwhere = \"tail\"", vec![39]),
        ("equals = \"x\"\npath = \"*.txt\"", vec![0, 13, 26, 39]),
        ("equals = \"x\"\npath = \"blog/**\"", vec![]),
        ("equals = \"x\"\nurl = \"https://**\"", vec![]),
    ] {
        let signs = judged(&book(&[("general/g.toml", &drop_rule(body))]), &lines, None);
        let found: Vec<usize> =
            signs.lines().enumerate().filter(|(_, line)| line.starts_with('-')).map(|(line, _)| line).collect();
        assert_eq!(found, dropped, "{body}");
    }
}

#[test]
fn comments_reasons_and_examples_do_not_change_the_hash_and_matchers_do() {
    let general = |body: &str| book(&[("general/g.toml", body)]).hash_general().to_string();
    let plain = drop_rule("equals = \"x\"");
    assert_eq!(general(&plain), general(&plain.replace("a test", "# another").replace("[\"x\"]", "[\"X\"]")));
    assert_ne!(general(&plain), general(&drop_rule("starts = \"x\"")));
    let site = |body: &str| book(&[("general/g.toml", &plain), ("site/a.example.toml", body)]);
    let without = site("about = \"x\"\n");
    let with = site("about = \"x\"\noff = [\"general/g#r\"]\n");
    assert_eq!(without.hash_general(), with.hash_general());
    assert_ne!(without.hash_site("a.example"), with.hash_site("www.a.example"));
    assert_eq!(without.hash_site("b.example"), with.hash_site("b.example"));
}

#[test]
fn the_stages_carry_the_names_of_the_table() {
    let rulebook = Arc::new(book(&[("general/g.toml", &drop_rule("equals = \"x\""))]));
    let page = notation::read("+ | x\n", None).unwrap().page;
    let mut marks = Marks::new(1);
    let (site, general) = (WrittenStage::site(rulebook.clone()), WrittenStage::general(rulebook));
    site.judge(&PageFeatures::of(&page), &mut marks);
    assert_eq!(marks.verdict(0), Verdict::Undecided);
    general.judge(&PageFeatures::of(&page), &mut marks);
    assert!(!marks.stays(0));
    assert_eq!((site.name(), general.name()), ("site", "general"));
}

#[test]
fn the_built_in_rules_prove_themselves() {
    let rulebook = RuleSet::builtin().unwrap_or_else(|error| panic!("{error}"));
    let broken: Vec<String> = rulebook
        .check_all(&|page| WrittenOnly(&rulebook).judge(page))
        .into_iter()
        .filter_map(|check| check.broken)
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n\n"));
    assert_eq!(rulebook.costly(), [""; 0], "nothing in these can be searched for: narrow them, or give them a literal");
}

#[test]
fn the_schema_of_rule_files_is_up_to_date_and_knows_right_from_wrong() {
    let schema = serde_json::to_value(dechaff::internals::rules::schema()).unwrap();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rule-file.schema.json");
    let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == text, "docs/rule-file.schema.json is stale: run the tests once with BLESS=1");

    let validator = jsonschema::validator_for(&schema).unwrap();
    let is_valid = |file: &str| validator.is_valid(&toml::from_str::<serde_json::Value>(file).unwrap());
    for (body, right) in [
        ("equals = \"x\"", true),
        ("equals = [\"x\", \"y\"]\nwhere = \"head\"", true),
        ("from = { equals = \"x\" }\nuntil = { regex = \"y\" }\nat_most = 3", true),
        ("", false),
        ("equals = \"x\"\nstarts = \"x\"", false),
        ("equals = \"x\"\nfrom = { equals = \"x\" }\nuntil = { regex = \"y\" }", false),
        ("from = { equals = \"x\" }", false),
        ("from = { equals = \"x\", starts = \"x\" }\nuntil = { regex = \"y\" }", false),
        ("equals = \"x\"\nat_most = 3", false),
        ("equals = \"x\"\nwhere = \"middle\"", false),
        ("equals = \"x\"\nwords_at_most = 0", false),
        ("equals = \"x\"\npriority = 3", false),
    ] {
        assert_eq!(is_valid(&drop_rule(body)), right, "the schema on {body}");
        assert_eq!(RuleSet::of_texts(&[("general/g.toml", &drop_rule(body))]).is_ok(), right, "the reader on {body}");
    }
    assert!(is_valid(PORT));
}
