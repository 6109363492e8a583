//! dechaff as a step of a build: settings, check and its formats, diff, verify, hooks.

mod program;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use program::{Scratch, dechaff, files, project};
use serde_json::Value;

const ARTICLE: &str = "The ferry leaves at nine\n\n\
    The ferry to the island left at nine sharp on Monday, a full three minutes after the last passenger had \
    taken her seat and the gulls had lost interest in the whole affair.\n\n\
    Captain Moss said that he had waited for the post, which came by bicycle and was wet. The harbour board \
    will look into the matter of the bicycle when it meets again in spring.\n\n\
    Share this\nNo comments:\n";

/// Runs dechaff in a scratch place.
fn run_in(scratch: &Scratch, args: &[&str]) -> Output {
    dechaff().current_dir(scratch.home.path()).args(args).output().unwrap()
}

/// Runs it, expects an exit code, and gives what it printed.
fn expect_in(scratch: &Scratch, code: i32, args: &[&str]) -> String {
    let output = run_in(scratch, args);
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
    text
}

fn settings(scratch: &Scratch, text: &str) {
    fs::write(scratch.home.path().join("dechaff.toml"), text).unwrap();
}

/// Without input the filter has nothing to do; with folders it would be wrong usage.
#[test]
fn the_folders_of_a_corpus_are_not_those_of_a_filter() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE);
    settings(&scratch, "raw = \"raw\"\nclean = \"clean\"\n");
    expect_in(&scratch, 0, &["--jsonl"]);
    expect_in(&scratch, 0, &["-"]);
    assert!(!scratch.clean.exists());
}

#[test]
fn the_walk_through_of_a_new_user() {
    let readme = fs::read_to_string(project("README.md")).unwrap();
    let (_, section) = readme.split_once("## Run it before training or indexing").unwrap();
    let typed = section.lines().skip(1).skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty());
    let typed: Vec<&str> = typed.filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert_eq!(typed, ["init", "check", "clean", "check"], "what README says is what is tried here");

    let scratch = Scratch::new();
    for name in ["a.txt", "b.txt", "c.txt"] {
        scratch.page(name, ARTICLE.replace("the post", &format!("the post for {name}")));
    }
    expect_in(&scratch, 0, &["init"]);
    assert!(expect_in(&scratch, 2, &["init"]).contains("already"));
    assert!(expect_in(&scratch, 1, &["check"]).contains("nothing was cleaned yet"));
    expect_in(&scratch, 0, &["clean"]);
    let said = expect_in(&scratch, 0, &["check"]);
    assert!(said.ends_with("0 errors, 0 warnings in 3 files\n"), "{said}");

    let edited = fs::read_to_string(scratch.raw.join("b.txt")).unwrap().replace("Captain Moss", "Captain Reed");
    scratch.page("b.txt", edited);
    let said = expect_in(&scratch, 1, &["check"]);
    assert!(said.contains("raw/b.txt:5: error stale: it has changed since the last run"), "{said}");
    let ending = "1 error, 0 warnings in 3 files\n  to clean what has changed: `dechaff clean raw clean`, with the options of this check\n";
    assert!(said.ends_with(ending), "{said}");
    let untouched = |name: &str| fs::metadata(scratch.clean.join(name)).unwrap().modified().unwrap();
    let before = (untouched("a.txt"), untouched("b.txt"));
    assert!(expect_in(&scratch, 0, &["clean"]).contains("2 of them stand as an earlier run left them"));
    assert_eq!(before.0, untouched("a.txt"));
    assert_ne!(before.1, untouched("b.txt"));
    expect_in(&scratch, 0, &["check"]);
    assert!(expect_in(&scratch, 0, &["verify"]).contains("3 outputs are what the manifest says"));
}

#[test]
fn a_check_writes_nothing_and_says_one_thing_a_cause() {
    let scratch = Scratch::new();
    for number in 0..8 {
        scratch.page(&format!("{number}.txt"), ARTICLE.replace("the post", &format!("the post for pier {number}")));
    }
    scratch.expect(0, &[]);
    let check = |code, more: &[&str]| expect_in(&scratch, code, &[&["check", "raw", "clean"], more].concat());
    let before = files(scratch.home.path());
    check(0, &[]);
    assert_eq!(files(scratch.home.path()), before);

    let said = check(1, &["--favor=recall"]);
    assert!(said.contains("the options were none, and are --favor=recall; 8 pages are to be cleaned again"), "{said}");
    assert!(said.contains("1 error,"), "{said}");

    let manifest = scratch.clean.join("manifest.jsonl");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replacen(env!("CARGO_PKG_VERSION"), "0.0.1", 1)).unwrap();
    let said = check(1, &[]);
    assert!(said.contains("dechaff 0.0.1 has written it"), "{said}");
    fs::write(&manifest, &text).unwrap();

    fs::write(
        scratch.clean.join("1.txt"),
        fs::read_to_string(scratch.clean.join("1.txt")).unwrap().replace("wet", "dry"),
    )
    .unwrap();
    fs::remove_file(scratch.clean.join("2.txt")).unwrap();
    fs::remove_file(scratch.raw.join("3.txt")).unwrap();
    scratch.page("9.txt", ARTICLE);
    let said = check(1, &[]);
    for says in [
        "raw/1.txt:5: error edited: its output 1.txt was edited",
        "raw/2.txt: error edited: its output 2.txt is gone",
        "raw/3.txt: error stale: it is gone, and its output is not",
        "raw/9.txt: error missing: no run has seen it yet",
        "4 errors",
    ] {
        assert!(said.contains(says), "{says}: {said}");
    }
    assert!(
        check(0, &["--level=edited=off", "--level=stale=warn", "--level=missing=warn"])
            .contains("0 errors, 2 warnings")
    );
}

#[test]
fn a_check_looks_at_the_pages_themselves() {
    let scratch = Scratch::new();
    scratch
        .page("a.txt", ARTICLE)
        .page("b.txt", ARTICLE.replace("Share this", "Tweet"))
        .page("furniture.txt", "Share this\nNo comments:\nLog in\n");
    std::os::unix::fs::symlink("nowhere", scratch.raw.join("gone.txt")).unwrap();
    let rules = scratch.home.path().join("rules/general");
    fs::create_dir_all(&rules).unwrap();
    let rule = "about = \"A test.\"\n[[drop]]\nid = \"x\"\nequals = \"Never seen\"\nwhy = \"A test.\"\nhits = [\"Never seen\"]\n";
    fs::write(rules.join("own.toml"), rule).unwrap();
    settings(&scratch, "raw = \"raw\"\nclean = \"clean\"\nrules = \"rules\"\n[check]\nbudget = 50\n");
    expect_in(&scratch, 1, &["clean", "--quiet"]);
    let said = expect_in(&scratch, 1, &["check"]);
    for says in [
        "raw/gone.txt: error failed: a link that leads nowhere",
        "raw/furniture.txt: error budget: it loses 3 of 3 lines, 100 %; the budget is 50 %",
        "raw/furniture.txt: warning all-dropped: nothing of it is left",
        "raw/b.txt: warning duplicate: its kept text is a copy of a.txt's",
        "warning unused-rule: general/own#x took nothing",
    ] {
        assert!(said.contains(says), "{says}: {said}");
    }
    assert!(expect_in(&scratch, 1, &["check", "raw"]).contains("failed"), "without an output folder");
}

#[test]
fn a_page_that_loses_much_more_than_it_did_is_an_error() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE);
    scratch.expect(0, &[]);
    scratch.page(
        "a.txt",
        format!("{ARTICLE}{}", "Log in\nShare this\nNo comments:\nTweet\nSubscribe to our newsletter\n".repeat(3)),
    );
    let said = expect_in(&scratch, 1, &["check", "raw", "clean"]);
    assert!(said.contains("raw/a.txt: error lost: it loses"), "{said}");
}

#[test]
fn findings_are_printed_for_machines() {
    let scratch = Scratch::new();
    scratch.page("a b,c.txt", ARTICLE).page("b.txt", ARTICLE);
    scratch.expect(0, &[]);
    scratch.page("a b,c.txt", ARTICLE.replace("Moss", "Reed"));
    let printed = |format: &str| {
        let output = run_in(&scratch, &["check", "raw", "clean", "--report", format]);
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stdout).unwrap()
    };
    let github = printed("github");
    assert!(github.starts_with("::error file=raw/a b%2Cc.txt,line=5,title=dechaff stale::it has changed"), "{github}");

    let json: Value = serde_json::from_str(&printed("json")).unwrap();
    assert_eq!((&json["errors"], &json["findings"][0]["line"]), (&1.into(), &5.into()), "{json}");

    let sarif: Value = serde_json::from_str(&printed("sarif")).unwrap();
    assert_is_sarif(&sarif);
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "stale");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "raw/a%20b%2Cc.txt");
    assert_eq!(place["region"]["startLine"], 5);
}

#[test]
fn sarif_is_capped_and_says_so() {
    let scratch = Scratch::new();
    scratch.expect(0, &[]);
    for number in 0..20_050 {
        fs::write(scratch.raw.join(number.to_string()), "\0").unwrap();
    }
    let output = run_in(&scratch, &["check", "raw", "clean", "--report=sarif"]);
    let sarif: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_is_sarif(&sarif);
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 20_000);
    let note = &sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
    assert!(note.as_str().unwrap().starts_with("50 findings more"), "{note}");
}

/// Holds a log to the schema that OASIS publishes.
fn assert_is_sarif(log: &Value) {
    let schema = fs::read_to_string(project("tests/sarif/sarif-schema-2.1.0.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let errors: Vec<String> =
        schema.iter_errors(log).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn settings_are_found_upwards_and_what_is_typed_overrides_them() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE).page("skip/b.txt", ARTICLE);
    settings(
        &scratch,
        "raw = \"raw\"\nclean = \"out\"\nexclude = [\"skip/**\"]\noff = [\"model\"]\nfavor = \"recall\"\n",
    );
    let deep = scratch.raw.join("skip");
    assert_eq!(dechaff().current_dir(&deep).arg("clean").output().unwrap().status.code(), Some(0));
    let header = |clean: &str| -> Value {
        let text = fs::read_to_string(scratch.home.path().join(clean).join("manifest.jsonl")).unwrap();
        serde_json::from_str(text.lines().next().unwrap()).unwrap()
    };
    assert_eq!(header("out")["options"], serde_json::json!(["--favor=recall", "--off=model"]));
    assert_eq!(files(&scratch.home.path().join("out")).len(), 2, "a page is excluded");

    expect_in(&scratch, 0, &["raw", "other", "--favor=balance", "--off=teasers", "--quiet"]);
    assert_eq!(header("other")["options"], serde_json::json!(["--off=teasers"]));
    expect_in(&scratch, 0, &["explain", "raw/a.txt"]);

    settings(&scratch, "templates = \"nowhere\"\n");
    expect_in(&scratch, 0, &["raw", "other", "--no-survey", "--quiet"]);
    assert!(expect_in(&scratch, 1, &["raw", "other"]).contains("nowhere"));
}

#[test]
fn mistakes_in_settings_are_shown_with_a_caret() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE);
    for (text, says) in [
        ("thread = 3\n", "did you mean `threads`?"),
        ("threads = 0\n", "invalid value '0'"),
        ("threads = [1]\n", "`threads` is a string or a number"),
        ("favor = \"speed\"\n", "invalid value 'speed'"),
        ("no-model = 1\n", "`no-model` is true or false"),
        ("dry-run = true\n", "has no key `dry-run`"),
        ("[check]\nbudgte = 3\n", "did you mean `budget`?"),
        ("[check]\nbudget = 300\n", "invalid value '300'"),
        ("[check.level]\ncoppy = \"off\"\n", "there is no finding ‘coppy’"),
        ("[check.level]\nduplicate = \"loud\"\n", "‘loud’ is no level"),
        ("raw = \n", "not TOML"),
        ("to = \"jsonl\"\n", "it is called `output` now, and takes files|jsonl"),
        ("shard = \"1/2\"\n", "it is called `partition` now"),
        ("format = \"markdown\"\n", "it is called `markup` now"),
        ("[check]\nfindings = \"json\"\n", "it is called `report` now"),
    ] {
        settings(&scratch, text);
        let said = expect_in(&scratch, 2, &["clean", "raw", "clean"]);
        assert!(said.contains(says) && said.contains('^') && said.contains("dechaff.toml:"), "{text}: {said}");
    }
    assert!(!scratch.clean.exists());
}

#[test]
fn an_option_by_its_old_name_is_understood_and_the_new_one_is_told() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE);
    for (typed, says) in [
        (&["raw", "clean", "--to", "jsonl"][..], "--to is called --output now; write --output files|jsonl"),
        (&["raw", "parts", "--shard=1/4"], "--shard is called --partition now; write --partition I/N"),
        (&["clean", "raw", "marked", "--format", "markdown"], "--format is called --markup now; write --markup text|"),
        (&["check", "raw", "clean", "--format", "json"], "--format is called --report now"),
        (&["check", "raw", "marked", "--written-as", "markdown"], "--written-as is called --markup now"),
    ] {
        let said = expect_in(&scratch, 0, typed);
        assert!(said.contains(says), "{typed:?}: {said}");
    }
    let said = expect_in(&scratch, 2, &["init", "--schema"]);
    assert!(said.contains("init --schema is called `dechaff schema settings` now"), "{said}");
    // What stands after `--` is a path.
    assert!(!expect_in(&scratch, 1, &["--", "--to", "out"]).contains("--output"));
}

#[test]
fn the_schema_of_the_settings_is_up_to_date() {
    let output = dechaff().args(["schema", "settings"]).output().unwrap();
    let schema = String::from_utf8(output.stdout).unwrap();
    let path = project("docs/dechaff.schema.json");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &schema).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == schema, "docs/dechaff.schema.json is stale: run the tests once with BLESS=1");
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let scratch = Scratch::new();
    expect_in(&scratch, 0, &["init"]);
    let written = fs::read_to_string(scratch.home.path().join("dechaff.toml")).unwrap();
    let named = written.lines().next().unwrap().strip_prefix("#:schema ").unwrap();
    assert_eq!(fs::read_to_string(scratch.home.path().join(named)).unwrap(), schema, "what an editor finds");
    let told: String = written
        .lines()
        .map(|line| line.strip_prefix("# ").filter(|line| line.contains(" = ")).unwrap_or(line))
        .map(|line| format!("{line}\n"))
        .collect();
    for text in [&written, &told] {
        let value: Value = toml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert!(validator.is_valid(&value), "{text}");
    }
    for wrong in ["thread = 3", "threads = \"x\"", "check = { budge = 3 }"] {
        assert!(!validator.is_valid(&toml::from_str(wrong).unwrap()), "{wrong}");
    }
}

#[test]
fn a_diff_names_the_rule_at_each_line_that_went() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE.replace("Captain Moss", "Captain Mo\u{ad}ss"));
    scratch.page("b.txt", "Nothing of this page goes, and so there is nothing to be shown of it at all.\n");
    scratch.expect(0, &["--no-model"]);
    let said = expect_in(&scratch, 0, &["diff", "raw", "clean"]);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(&lines[..3], ["--- raw/a.txt", "+++ clean/a.txt", "@@ -2,7 +2,4 @@"], "{said}");
    assert!(lines.contains(&"-Share this  [general/share#button]"), "{said}");
    assert!(lines.iter().any(|line| line.starts_with("-Captain Mo\u{ad}ss") && line.ends_with("[repaired]")), "{said}");
    assert!(lines.iter().any(|line| line.starts_with("+Captain Moss")), "{said}");
    assert!(!said.contains("b.txt") && !said.contains('\u{1b}'), "{said}");
    let stat = expect_in(&scratch, 0, &["diff", "raw", "clean", "--stat"]);
    assert!(stat.contains("2  of 5 lines: a.txt") && stat.contains("1  general/share#button"), "{stat}");
    scratch.page("a.txt", ARTICLE);
    assert!(expect_in(&scratch, 1, &["diff", "raw", "clean"]).contains("changed since the last run"));
}

#[test]
fn a_diff_is_what_patch_takes_once_the_rules_are_off() {
    let scratch = Scratch::new();
    for (path, bytes) in files(&project("raw")) {
        scratch.page(path.to_str().unwrap(), bytes);
    }
    scratch.expect(0, &[]);
    let said = expect_in(&scratch, 0, &["diff", "raw", "clean"]);
    let mut checked = 0;
    for page in said.split("--- raw/").skip(1) {
        let (path, hunks) = page.split_once('\n').unwrap();
        let Ok(raw) = String::from_utf8(fs::read(scratch.raw.join(path)).unwrap()) else { continue };
        if raw.trim_start().starts_with('<') {
            continue;
        }
        let raw: Vec<&str> = raw.trim_start_matches('\u{feff}').lines().collect();
        let mut at = 0;
        for line in hunks.lines().skip(1) {
            if let Some(place) = line.strip_prefix("@@ -") {
                at = place.split(',').next().unwrap().parse::<usize>().unwrap() - 1;
            } else if !line.starts_with('+') {
                let own = raw[at].trim_end();
                assert!(line[1..].starts_with(own), "{path}:{}: {line:?} is not {own:?}", at + 1);
                at += 1;
                checked += 1;
            }
        }
    }
    assert!(checked > 500, "{checked}");
}

#[test]
fn a_change_of_rules_is_told_by_what_it_does() {
    let scratch = Scratch::new();
    let longer = ARTICLE.replace("Share this", "And one line more.\n\nShare this");
    scratch.page("a.txt", ARTICLE).page("b.txt", longer);
    scratch.expect(0, &["--no-model"]);
    let before = scratch.home.path().join("before.jsonl");
    fs::copy(scratch.clean.join("manifest.jsonl"), &before).unwrap();
    let rules = scratch.home.path().join("rules/general");
    fs::create_dir_all(&rules).unwrap();
    let rule = "about = \"A test.\"\n[[keep]]\nid = \"y\"\nequals = \"Share this\"\nwhy = \"A test.\"\nhits = [\"Share this\"]\n[[drop]]\nid = \"x\"\nequals = \"And one line more.\"\nwhy = \"A test.\"\nhits = [\"And one line more.\"]\n";
    fs::write(rules.join("own.toml"), rule).unwrap();
    scratch.expect(0, &["--no-model", "--rules", scratch.home.path().join("rules").to_str().unwrap()]);
    let said = expect_in(&scratch, 0, &["diff", "raw", "clean", "--against", "before.jsonl"]);
    assert!(said.starts_with("2 of 2 pages differ: 1 lines newly dropped, 2 newly kept"), "{said}");
    let (b, a) = (said.find("\nb.txt: 1 lines newly dropped, 1 newly kept").unwrap(), said.find("\na.txt:").unwrap());
    assert!(b < a, "the page that differs most stands first: {said}");
    assert!(said.contains("And one line more.  [general/own#x]"), "{said}");
    assert!(said.contains("Share this  [was general/share#button]"), "{said}");
    assert!(expect_in(&scratch, 1, &["diff", "raw", "clean", "--against", "nowhere"]).contains("nowhere"));
}

#[test]
fn verify_finds_what_was_touched() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE).page("b.txt", ARTICLE).page("c.txt", ARTICLE);
    scratch.expect(0, &[]);
    expect_in(&scratch, 0, &["verify", "clean"]);
    fs::write(scratch.clean.join("a.txt"), "edited").unwrap();
    fs::remove_file(scratch.clean.join("b.txt")).unwrap();
    fs::write(scratch.clean.join("notes.md"), "mine").unwrap();
    let said = expect_in(&scratch, 1, &["verify", "clean"]);
    for says in [
        "a.txt is not the text of a.txt that the manifest says: it was edited",
        "b.txt is in the manifest as the text of b.txt, and",
        "notes.md is no page's output",
        "3 wrong; 1 outputs",
    ] {
        assert!(said.contains(says), "{says}: {said}");
    }
    let manifest = scratch.clean.join("manifest.jsonl");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replacen("\"status\"", "\"statu\"", 1)).unwrap();
    assert!(expect_in(&scratch, 2, &["verify", "clean"]).contains("manifest.jsonl:2"));
    assert!(expect_in(&scratch, 2, &["verify", "nowhere"]).contains("nowhere"));
}

#[test]
fn the_program_brings_its_completions_and_its_man_page() {
    let scratch = Scratch::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(expect_in(&scratch, 0, &["completions", shell]).contains("check"), "{shell}");
    }
    let script = scratch.home.path().join("dechaff.bash");
    fs::write(&script, expect_in(&scratch, 0, &["completions", "bash"])).unwrap();
    let completed =
        "source $0; COMP_WORDS=(dechaff che); COMP_CWORD=1; _dechaff dechaff che dechaff; echo ${COMPREPLY[@]}";
    let output = Command::new("bash").arg("-c").arg(completed).arg(&script).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "check", "{}", String::from_utf8_lossy(&output.stderr));
    let man = expect_in(&scratch, 0, &["man"]);
    for says in [".TH", "DECHAFF CHECK", "DECHAFF RULES NEW", "\\-\\-report"] {
        assert!(man.contains(says), "{says}");
    }
}

#[test]
fn the_action_checks_the_corpus() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE);
    let action = fs::read_to_string(project("action.yml")).unwrap();
    let (_, script) = action.rsplit_once("run: |\n").unwrap();
    let path = format!("{}:{}", program_folder().display(), std::env::var("PATH").unwrap());
    let step = |format: &str, folders: [&str; 2]| {
        Command::new("bash")
            .args(["-e", "-o", "pipefail", "-c", script])
            .current_dir(scratch.home.path())
            .env("PATH", &path)
            .envs([("RAW", folders[0]), ("CLEAN", folders[1]), ("REPORT", format), ("SARIF", "out.sarif")])
            .output()
            .unwrap()
    };
    assert_eq!(step("github", ["raw", "clean"]).status.code(), Some(1));
    assert_eq!(step("sarif", ["raw", "clean"]).status.code(), Some(1));
    assert_is_sarif(&serde_json::from_slice(&fs::read(scratch.home.path().join("out.sarif")).unwrap()).unwrap());
    settings(&scratch, "raw = \"raw\"\nclean = \"clean\"\n");
    expect_in(&scratch, 0, &["clean"]);
    let done = step("github", ["", ""]);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
}

/// Needs `pre-commit` from PyPI and git: `cargo test --test ci -- --ignored`.
#[test]
#[ignore = "needs pre-commit: pip install pre-commit"]
fn the_hook_runs_under_pre_commit() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE);
    let home = scratch.home.path();
    let hooks = home.join("hooks");
    fs::create_dir(&hooks).unwrap();
    fs::copy(project(".pre-commit-hooks.yaml"), hooks.join(".pre-commit-hooks.yaml")).unwrap();
    let path = format!("{}:{}", program_folder().display(), std::env::var("PATH").unwrap());
    let command = |folder: &Path, program: &str, args: &[&str]| {
        let mut command = Command::new(program);
        command.current_dir(folder).env("PATH", &path).env("PRE_COMMIT_HOME", home.join("cache")).args(args);
        let identity = ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"];
        command.envs(identity.map(|name| (name, "tester@harbourpost.example")));
        let output = command.output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    };
    let commit = |folder: &Path| {
        for args in [&["init", "-q"][..], &["add", "-A"], &["commit", "-qm", "First"]] {
            let (done, said) = command(folder, "git", args);
            assert!(done, "{said}");
        }
    };
    commit(&hooks);
    let corpus = home.join("corpus");
    fs::create_dir(&corpus).unwrap();
    fs::rename(&scratch.raw, corpus.join("raw")).unwrap();
    fs::write(corpus.join("dechaff.toml"), "raw = \"raw\"\nclean = \"clean\"\n").unwrap();
    let (_, head) = command(&hooks, "git", &["rev-parse", "HEAD"]);
    let config = format!(
        "repos:\n  - repo: {}\n    rev: {head}    hooks:\n      - id: dechaff-check-installed\n",
        hooks.display()
    );
    fs::write(corpus.join(".pre-commit-config.yaml"), config).unwrap();
    commit(&corpus);
    let run = || command(&corpus, "pre-commit", &["run", "--all-files"]);
    let (passed, said) = run();
    assert!(!passed && said.contains("nothing was cleaned yet"), "{said}");
    let (done, said) = command(&corpus, "dechaff", &["clean"]);
    assert!(done, "{said}");
    let (passed, said) = run();
    assert!(passed && said.contains("Passed"), "{said}");
}

fn program_folder() -> std::path::PathBuf {
    assert_cmd::cargo::cargo_bin!("dechaff").parent().unwrap().to_path_buf()
}

#[test]
fn a_check_says_of_a_page_that_could_not_be_written_why() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE).page("b.txt", ARTICLE.replace("Moss", "Reed"));
    scratch.expect(0, &[]);
    scratch.page("a.txt.zst", zstd::encode_all(ARTICLE.replace("Moss", "Fern").as_bytes(), 1).unwrap());
    scratch.expect(1, &["--quiet"]);
    let said = expect_in(&scratch, 1, &["check", "raw", "clean"]);
    assert!(said.contains("raw/a.txt.zst: error failed: a.txt is already the name of another page's output"), "{said}");
    fs::remove_file(scratch.raw.join("a.txt.zst")).unwrap();
    fs::write(scratch.clean.join("b.txt"), "edited by hand").unwrap();
    for _ in 0..2 {
        let said = expect_in(&scratch, 1, &["check", "raw", "clean"]);
        assert!(said.contains("error edited: its output b.txt was edited"), "{said}");
        assert!(!said.contains("what tells its site"), "{said}");
        scratch.expect(1, &["--quiet"]);
    }
    scratch.expect(0, &["--force", "--quiet"]);
    expect_in(&scratch, 0, &["check", "raw", "clean"]);
}

#[test]
fn settings_may_say_what_goes_with_an_option_that_is_typed_and_say_shares_as_numbers() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE);
    let rest = "near-words = 3\nnear-threshold = 0.8\n";
    settings(&scratch, &format!("raw = \"raw\"\nclean = \"clean\"\nnear-copies = \"keep\"\n{rest}"));
    expect_in(&scratch, 0, &["clean", "--quiet"]);
    settings(&scratch, &format!("raw = \"raw\"\nclean = \"clean\"\n{rest}"));
    expect_in(&scratch, 0, &["clean", "--quiet", "--near-copies=keep"]);
    let said = String::from_utf8(run_in(&scratch, &["clean"]).stderr).unwrap();
    assert!(said.contains("--near-copies"), "{said}");
    settings(&scratch, "near-threshold = true\n");
    assert!(!run_in(&scratch, &["clean"]).status.success());
}

#[test]
fn settings_that_cannot_be_read_are_told() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE);
    let file = scratch.home.path().join("dechaff.toml");
    fs::create_dir(&file).unwrap();
    let said = String::from_utf8(run_in(&scratch, &["raw", "clean"]).stderr).unwrap();
    assert!(said.contains("dechaff.toml"), "{said}");
    fs::remove_dir(&file).unwrap();
    std::os::unix::fs::symlink("nowhere.toml", &file).unwrap();
    let said = String::from_utf8(run_in(&scratch, &["raw", "clean"]).stderr).unwrap();
    assert!(said.contains("dechaff.toml") && !scratch.clean.exists(), "{said}");
    fs::remove_file(&file).unwrap();
    let said = String::from_utf8(run_in(&scratch, &["raw", "clean", "--site", "not a host"]).stderr).unwrap();
    assert!(said.contains("not a host") && !scratch.clean.exists(), "{said}");
}
