//! How mistakes in rule files are told: each with its place, what was expected, and a way out.

use dechaff::internals::rules::RuleSet;

/// What is said of these files, at load or, if they load, when they are proven.
fn complaints(files: &[(&str, &str)]) -> String {
    let said = match RuleSet::of_texts(files) {
        Ok(rulebook) => {
            let hosts = rulebook.hosts();
            rulebook.prove(&hosts).map(|()| "no complaint".to_string())
        }
        Err(error) => Err(error),
    };
    said.unwrap_or_else(|error| error.to_string())
}

fn complaint(file: &str) -> String {
    complaints(&[("site/port.example.toml", file)])
}

fn snapshot(said: &str, name: &str) {
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(name, said) });
}

/// A file with one rule.
fn with_rule(rule: &str) -> String {
    format!("about = \"The port.\"\n\n{rule}")
}

macro_rules! shows {
    ($($name:ident: $file:expr;)*) => {
        $(#[test]
        fn $name() {
            snapshot(&complaint(&$file), stringify!($name));
        })*
    };
}

shows! {
    not_toml: "about = \"The port.\"\n[[drop]\nid = \"x\"\n";

    a_file_without_about: "[[drop]]\nid = \"tweet\"\nequals = \"Tweet\"\nwhy = \"A button.\"\nhits = [\"Tweet\"]\n";

    an_unknown_key_of_a_file: "abuot = \"The port.\"\nabout = \"The port.\"\n";

    an_unknown_key_of_a_rule:
        with_rule("[[drop]]\nid = \"tweet\"\nconatins = \"Tweet\"\nwhy = \"A button.\"\nhits = [\"Tweet\"]\n");

    a_key_far_from_any:
        with_rule("[[drop]]\nid = \"tweet\"\nequals = \"Tweet\"\npriority = 3\nwhy = \"A button.\"\nhits = [\"Tweet\"]\n");

    two_matchers:
        with_rule("[[drop]]\nid = \"tweet\"\nequals = \"Tweet\"\nstarts = \"Tweet\"\nwhy = \"A button.\"\nhits = [\"Tweet\"]\n");

    no_matcher:
        with_rule("[[drop]]\nid = \"tweet\"\nwhy = \"A button.\"\nhits = [\"Tweet\"]\n");

    a_matcher_and_a_run:
        with_rule("[[drop]]\nid = \"tweet\"\nequals = \"Tweet\"\nfrom = { equals = \"Tweet\" }\nuntil = { equals = \"Share\" }\nwhy = \"A button.\"\nhits = [\"Tweet\"]\n");

    a_run_without_its_end:
        with_rule("[[drop]]\nid = \"related\"\nfrom = { equals = \"Related\" }\nwhy = \"A box.\"\nhits = [\"Related\\nOtters\"]\n");

    two_matchers_of_a_run:
        with_rule("[[drop]]\nid = \"related\"\nfrom = { equals = \"Related\", starts = \"Rel\" }\nuntil = { strats = \"All\" }\nwhy = \"A box.\"\nhits = [\"Related\\nAll\"]\n");

    a_key_of_a_run_without_one:
        with_rule("[[drop]]\nid = \"tweet\"\nequals = \"Tweet\"\nat_most = 4\nwhy = \"A button.\"\nhits = [\"Tweet\"]\n");

    a_trim_of_the_whole_line:
        with_rule("[[trim]]\nid = \"tweet\"\nequals = \"Tweet\"\nwhy = \"A button.\"\nhits = [\"Tweet\"]\n");

    no_why:
        with_rule("[[drop]]\nid = \"tweet\"\nequals = \"Tweet\"\nhits = [\"Tweet\"]\n");

    no_id:
        with_rule("[[drop]]\nequals = \"Tweet\"\nwhy = \"A button.\"\nhits = [\"Tweet\"]\n");

    an_id_that_is_no_name:
        with_rule("[[drop]]\nid = \"Tweet Button\"\nequals = \"Tweet\"\nwhy = \"A button.\"\nhits = [\"Tweet\"]\n");

    no_example:
        with_rule("[[drop]]\nid = \"tweet\"\nequals = \"Tweet\"\nwhy = \"A button.\"\n");

    an_empty_list_of_examples:
        with_rule("[[drop]]\nid = \"tweet\"\nequals = \"Tweet\"\nwhy = \"A button.\"\nhits = []\n");

    an_example_of_several_lines:
        with_rule("[[drop]]\nid = \"tweet\"\nequals = \"Tweet\"\nwhy = \"A button.\"\nhits = [\"Tweet\\nShare\"]\n");

    a_hit_that_is_not_hit:
        with_rule("[[drop]]\nid = \"tweet\"\nequals = \"Tweet\"\nwhy = \"A button.\"\nhits = [\"Tweet\", \"Tweets\"]\n");

    a_hit_with_too_many_words:
        with_rule("[[drop]]\nid = \"letter\"\ncontains = \"our letter\"\nwhy = \"A pitch.\"\nhits = [\"\"\"\nSign up for our letter and have the news of the port, of its islands and of the otters that live there, each morning at seven, with your first cup of tea.\"\"\"]\n");

    a_miss_that_is_hit:
        with_rule("[[drop]]\nid = \"tweet\"\nstarts = \"Tweet\"\nwhy = \"A button.\"\nhits = [\"Tweet\"]\nmisses = [\"Tweets of the day\"]\n");

    a_run_that_does_not_reach_its_end:
        with_rule("[[drop]]\nid = \"related\"\nfrom = { equals = \"Related\" }\nuntil = { equals = \"All\" }\nat_most = 2\nwhy = \"A box.\"\nhits = [\"Related\\nOtters\\nAll\"]\n");

    a_regex_that_does_not_compile:
        with_rule("[[drop]]\nid = \"share\"\nregex = '^Share( \\| \\w+'\nwhy = \"A bar.\"\nhits = [\"Share | Email\"]\n");

    a_regex_with_an_unknown_class:
        with_rule("[[drop]]\nid = \"share\"\nregex = '^\\p{Grek}+$'\nwhy = \"A bar.\"\nhits = [\"α\"]\n");

    a_regex_that_matches_the_empty_line:
        with_rule("[[drop]]\nid = \"numbers\"\nregex = '^\\d*$'\nwhy = \"Counters.\"\nhits = [\"12\"]\n");

    a_list_of_regexes:
        with_rule("[[drop]]\nid = \"numbers\"\nregex = ['^\\d+$', '^#\\d+$']\nwhy = \"Counters.\"\nhits = [\"12\"]\n");

    an_exact_regex:
        with_rule("[[drop]]\nid = \"numbers\"\nregex = '^\\d+$'\nexact = true\nwhy = \"Counters.\"\nhits = [\"12\"]\n");

    an_empty_literal:
        with_rule("[[drop]]\nid = \"blank\"\nstarts = [\"Tweet\", \" \"]\nwhy = \"Blanks.\"\nhits = [\"Tweet\"]\n");

    two_rules_of_one_id:
        with_rule("[[drop]]\nid = \"tweet\"\nequals = \"Tweet\"\nwhy = \"A button.\"\nhits = [\"Tweet\"]\n\n[[keep]]\nid = \"tweet\"\nstarts = \"Tweet\"\nwhy = \"Birds.\"\nhits = [\"Tweet, said the bird\"]\n");

    values_of_the_wrong_type:
        "about = 7\noff = \"general/share#tweet\"\n\n[[drop]]\nid = \"tweet\"\nequals = 3\nexact = \"yes\"\nwords_at_most = 0\nwhy = \"A button.\"\nhits = \"Tweet\"\n\n[trim]\nid = \"x\"\n";

    a_part_of_the_page_that_is_none:
        with_rule("[[drop]]\nid = \"tweet\"\nequals = \"Tweet\"\nwhere = \"haed\"\nwhy = \"A button.\"\nhits = [\"Tweet\"]\n");

    a_glob_that_is_none:
        with_rule("[[drop]]\nid = \"tweet\"\nequals = \"Tweet\"\npath = \"blog/{2024,2025/*.txt\"\nwhy = \"A button.\"\nhits = [\"Tweet\"]\n");

    a_charset_that_is_none: "about = \"The port.\"\ncharset = \"windows-125\"\n";

    a_test_without_a_page: with_rule("[[test]]\nname = \"nothing\"\npgae = \"+ | x\"\n");
}

#[test]
fn off_names_nothing() {
    let general = "about = \"Share bars.\"\n[[drop]]\nid = \"tweet\"\nequals = \"Tweet\"\nwhy = \"A button.\"\nhits = [\"Tweet\"]\n";
    let site = "about = \"The port.\"\noff = [\"general/share#twet\", \"general/share#tweet\", \"furniture#menu\"]\n";
    snapshot(&complaints(&[("general/share.toml", general), ("site/port.example.toml", site)]), "off_names_nothing");
}

#[test]
fn settings_of_a_site_that_are_none() {
    let site = "about = \"The port.\"\nfavor = \"recal\"\ntitle = \"gone\"\ncomments = true\nbylines = \"\"\noff = [\"modle\", \"model\"]\n";
    let general = "about = \"Share bars.\"\ntitle = \"drop\"\noff = [\"model\"]\n";
    let said = complaints(&[("general/share.toml", general), ("site/port.example.toml", site)]);
    snapshot(&said, "settings_of_a_site_that_are_none");
}

#[test]
fn names_of_files_that_are_none() {
    let file = "about = \"x\"\n";
    let said = complaints(&[
        ("site/https:port.example.toml", file),
        ("site/Port.example.toml", file),
        ("site/port.toml", file),
        ("general/Share Bars.toml", file),
        ("general/share.toml", "about = \"x\"\ncharset = \"utf-8\"\n"),
    ]);
    snapshot(&said, "names_of_files_that_are_none");
}

#[test]
fn everything_is_told_at_once() {
    let said = complaints(&[
        ("general/a.toml", &with_rule("[[drop]]\nid = \"x\"\n\n[[keep]]\nid = \"y\"\nequal = \"Y\"\nhits = [\"y\"]\n")),
        ("general/b.toml", "about =\n"),
        ("site/port.example.toml", "about = \"The port.\"\noff = [\"general/c#z\"]\nsite = \"port.example\"\n"),
    ]);
    snapshot(&said, "everything_is_told_at_once");
}

#[test]
fn a_page_that_does_not_come_out_is_shown_at_its_line() {
    let file = with_rule(
        r#"[[drop]]
id = "tweet"
equals = "Tweet"
why = "A button."
hits = ["Tweet"]

[[trim]]
id = "more"
ends = "Read more"
why = "A button."
hits = ["The ferry leaves. Read more"]

[[test]]
name = "a wrong fate"
page = '''
- tweet | Tweet
+       | Tweet
'''

[[test]]
name = "a wrong rule"
page = """
- general/share#tweet | Tweet
"""

[[test]]
name = "a wrong rest"
page = '''
~ more | The ferry leaves[-. Read more-]
'''

[[test]]
name = "not in the notation"
page = '''
- tweet | Tweet
tweet
'''
"#,
    );
    let rulebook = RuleSet::of_texts(&[("site/port.example.toml", &file)]).unwrap();
    let checks = rulebook.check_all(&|page| dechaff::internals::rules::WrittenOnly(&rulebook).judge(page));
    let said: Vec<String> = checks
        .into_iter()
        .map(|check| format!("{} {}\n{}", check.of, check.promise, check.broken.unwrap_or("holds".into())))
        .collect();
    snapshot(&said.join("\n\n"), "a_page_that_does_not_come_out_is_shown_at_its_line");
}

#[test]
fn a_folder_of_rules_is_checked_as_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("port.example.toml"), "about = \"x\"\n").unwrap();
    let said = |folder: &std::path::Path| {
        let error = RuleSet::load(Some(folder)).unwrap_err().to_string();
        error.replace(&folder.display().to_string(), "RULES").replace('\\', "/")
    };
    snapshot(&said(folder.path()), "a_rule_file_in_no_folder");
    std::fs::remove_file(folder.path().join("port.example.toml")).unwrap();
    snapshot(&said(folder.path()), "a_folder_without_rules");
    std::fs::create_dir(folder.path().join("site")).unwrap();
    std::fs::write(folder.path().join("site/port.example.toml"), b"about = \"\xFF\"\n").unwrap();
    snapshot(&said(folder.path()), "a_file_that_is_not_utf_8");
    assert!(RuleSet::load(Some(&folder.path().join("nowhere"))).is_err());
}
