//! Rules of one's own, as README tells it: junk seen, explained, ruled out, proven, gone.

mod program;

use std::fs;
use std::process::Output;

use program::{Scratch, dechaff, project};
use serde_json::Value;

const PAGE: &str = "The ferry leaves at nine\n\n\
    The ferry to the island left at nine sharp on Monday, a full three minutes after the last passenger had \
    taken her seat and the gulls had lost interest in the whole affair.\n\n\
    Brought to you by the tide itself\n\n\
    Captain Moss said that he had waited for the post, which came by bicycle and was wet. The harbour board \
    will look into the matter of the bicycle when it meets again in spring.\n";

const JUNK: &str = "Brought to you by the tide itself";

const RULE: &str = r#"
about = "Harbour Post: the tide."

[[drop]]
id   = "tide"
equals = "Brought to you by the tide itself"
why  = "The sponsor's line stands between paragraphs."
hits = ["Brought to you by the tide itself"]
misses = ["Brought to you by the tide itself, said the captain, was a bottle."]

[[test]]
name = "the tide goes, the captain stays"
page = '''
- tide | Brought to you by the tide itself
+      | Captain Moss said that he had waited.
'''
"#;

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn ran(arguments: &[&str], code: i32) -> String {
    let output = dechaff().args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{}", text(&output));
    text(&output)
}

#[test]
fn the_walk_through_of_readme() {
    let scratch = Scratch::new();
    scratch.page("harbourpost.example/a.txt", PAGE).page("mayak.example/b.txt", PAGE);
    scratch.expect(0, &[]);
    assert!(scratch.cleaned("harbourpost.example/a.txt").contains(JUNK));

    let raw = scratch.raw.join("harbourpost.example/a.txt");
    let raw = raw.to_str().unwrap();
    let explained = ran(&["explain", raw], 0);
    let line = explained.lines().find(|line| line.contains(JUNK)).unwrap();
    assert!(line.contains("5 +"), "nobody objected to line 5: {line}");
    assert!(explained.contains("site harbourpost.example (known by path)"), "{explained}");

    let rules = scratch.home.path().join("my-rules");
    let rules = rules.to_str().unwrap();
    let made = ran(&["rules", "new", "harbourpost.example", raw, "--rules", rules], 0);
    assert!(made.starts_with("wrote ") && made.contains("harbourpost.example.toml\n"), "{made}");
    ran(&["rules", "test", "--rules", rules], 0);
    ran(&["rules", "new", "harbourpost.example", "--rules", rules], 2);
    fs::write(format!("{rules}/site/harbourpost.example.toml"), RULE).unwrap();
    let tested = ran(&["rules", "test", "--verbose", "--rules", rules], 0);
    assert!(tested.contains("site/harbourpost.example: the tide goes, the captain stays"), "{tested}");

    scratch.expect(0, &["--rules", rules]);
    assert!(!scratch.cleaned("harbourpost.example/a.txt").contains(JUNK));
    assert!(scratch.cleaned("mayak.example/b.txt").contains(JUNK), "another site is none of its business");
    let row = scratch.row("harbourpost.example/a.txt");
    assert_eq!(row["dropped"][0]["rule"], "site/harbourpost.example#tide");
    assert_eq!(row["dropped"][0]["lines"], serde_json::json!([5, 5]));

    let manifest = scratch.clean.join("manifest.jsonl");
    let listed = ran(&["rules", "list", "--rules", rules, "--manifest", manifest.to_str().unwrap()], 0);
    let hit = listed.lines().find(|line| line.contains("#tide")).unwrap();
    assert!(hit.trim_start().starts_with('1') && hit.contains("(yours)"), "{hit}");
}

/// The sample's folder has a page without bytes and a picture under a text's name.
#[test]
fn a_rule_file_starts_from_what_can_be_read_and_its_test_passes() {
    let scratch = Scratch::new();
    let rules = scratch.home.path().join("my-rules");
    let dir = rules.to_str().unwrap();
    let mut pages: Vec<String> = fs::read_dir(project("raw/harbourpost.example/2024"))
        .unwrap()
        .map(|entry| entry.unwrap().path().to_str().unwrap().to_string())
        .filter(|path| path.ends_with(".txt"))
        .collect();
    pages.sort();
    let mut args = vec!["rules", "new", "harbourpost.example", "--rules", dir];
    args.extend(pages.iter().map(String::as_str));
    let said = ran(&args, 0);
    assert!(
        said.contains("left out: ") && said.contains("empty-nets.txt: ") && said.contains("regatta-photo.txt: "),
        "{said}"
    );

    let file = rules.join("site/harbourpost.example.toml");
    let text = fs::read_to_string(&file).unwrap();
    let (schema, _) = text.split_once('\n').unwrap();
    let schema = file.parent().unwrap().join(schema.strip_prefix("#:schema ").unwrap());
    let schema = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let (rest, test) = text.split_once("# [[test]]\n").unwrap();
    let test: String = test.lines().map(|line| format!("{}\n", line.strip_prefix('#').unwrap().trim_start())).collect();
    let with_test = format!("{rest}[[test]]\n{test}");
    assert!(validator.is_valid(&toml::from_str(&with_test).unwrap()));
    fs::write(&file, &with_test).unwrap();
    let said = ran(&["rules", "test", "--verbose", "--rules", dir], 0);
    assert!(said.contains("site/harbourpost.example: the first page page ... ok"), "{said}");

    let unread: Vec<&str> = pages.iter().map(String::as_str).filter(|page| page.contains("empty-nets")).collect();
    let said = ran(&[&["rules", "new", "third.example", "--rules", dir], &unread[..]].concat(), 2);
    assert!(said.contains("none of these files could be read as a page"), "{said}");
}

#[test]
fn a_wrong_rule_stops_the_run_before_anything_is_written() {
    let scratch = Scratch::new();
    scratch.page("harbourpost.example/a.txt", PAGE);
    let rules = scratch.home.path().join("rules");
    fs::create_dir_all(rules.join("site")).unwrap();
    let rules = rules.to_str().unwrap();
    let file = format!("{rules}/site/harbourpost.example.toml");
    for (wrong, says) in [
        (RULE.replace("equals", "equal"), "did you mean `equals`"),
        (RULE.replace("hits = [\"Brought to you by the tide itself\"]", "hits = [\"Something else\"]"), "does not hit"),
        (RULE.replace("misses = [\"", "misses = [\"Brought to you by the tide itself\", \""), "a miss"),
    ] {
        fs::write(&file, wrong).unwrap();
        let said = scratch.expect(2, &["--rules", rules]);
        assert!(said.contains(says) && said.contains("harbourpost.example.toml:"), "{said}");
        assert!(!scratch.clean.exists());
    }
    let said = scratch.expect(1, &["--rules", "/nowhere/rules"]);
    assert!(said.contains("/nowhere/rules"), "{said}");
}

#[test]
fn a_built_in_rule_can_be_switched_off_for_one_site() {
    let page = format!("{PAGE}\nShare this\n");
    let scratch = Scratch::new();
    scratch.page("harbourpost.example/a.txt", &page).page("mayak.example/b.txt", &page);
    scratch.expect(0, &[]);
    let row = scratch.row("harbourpost.example/a.txt");
    let rule = row["dropped"].as_array().unwrap().last().unwrap()["rule"].as_str().unwrap().to_string();
    assert!(rule.starts_with("general/share#"), "{rule}");
    let rules = scratch.home.path().join("rules");
    fs::create_dir_all(rules.join("site")).unwrap();
    let file = format!("about = \"They share their bread.\"\noff = [\"{rule}\"]\n");
    fs::write(rules.join("site/harbourpost.example.toml"), file).unwrap();
    scratch.expect(0, &["--rules", rules.to_str().unwrap()]);
    let rules_of = |name: &str| scratch.row(name)["dropped"].to_string();
    assert!(!rules_of("harbourpost.example/a.txt").contains(&rule));
    assert!(rules_of("mayak.example/b.txt").contains(&rule));
}

#[test]
fn explain_tells_machines_and_tests_what_it_tells_people() {
    let scratch = Scratch::new();
    scratch.page("x.example/a.txt", format!("{PAGE}\nNo comments:\n"));
    let page = scratch.raw.join("x.example/a.txt");
    let page = page.to_str().unwrap();
    let json: Value = serde_json::from_str(&ran(&["explain", page, "--json"], 0)).unwrap();
    assert_eq!(json["site"], "x.example");
    let lines = json["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 5);
    let last = &lines[4];
    assert_eq!((&last["line"], &last["fate"]), (&Value::from(9), &Value::from("dropped")));
    assert!(last["said"][0]["rule"].as_str().unwrap().starts_with("general/comments#"));

    let dropped = ran(&["explain", page, "--only", "dropped"], 0);
    assert!(dropped.contains("No comments:") && !dropped.contains("Captain Moss"), "{dropped}");
    let rule = last["said"][0]["rule"].as_str().unwrap();
    assert!(ran(&["explain", page, "--rule", rule], 0).contains("No comments:"));
    assert!(ran(&["explain", page, "--rule", "general/comments#nothing"], 2).contains("no such rule"));

    let as_test = ran(&["explain", page, "--as-test"], 0);
    assert!(as_test.lines().any(|line| line.starts_with("- ") && line.ends_with("| No comments:")), "{as_test}");
    ran(&["explain", scratch.raw.join("none.txt").to_str().unwrap()], 1);
}

#[test]
fn explain_shows_repairs_with_their_evidence() {
    let scratch = Scratch::new();
    scratch.page("x.example/a.txt", PAGE.replace("The harbour board", "The harbour &amp; the board"));
    let page = scratch.raw.join("x.example/a.txt");
    let explained = ran(&["explain", page.to_str().unwrap()], 0);
    assert!(explained.contains("references: &amp; is a character reference"), "{explained}");
}
