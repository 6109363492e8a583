//! Filters of documents through the whole program: the row, the summary, second runs, reviews, and mistakes.

mod program;

use std::fs;
use std::io::Write;
use std::process::Stdio;

use dechaff::internals::rules::filter_file::{Asks, FilterFile};
use program::{Scratch, dechaff, files, project};
use serde_json::Value;

/// A text that every preset lets pass.
const STORY: &str = "\
The ferry to the island sails again from Monday, the harbour office said on Friday. It had been in the dry dock for three \
weeks, because a family of otters had moved into the engine room and would not leave.

Nobody was in a hurry to move them, and that was as well. The engineer fed them herring in the morning, the captain read to \
them at night, and the mayor came to look twice. On Thursday the otters left by themselves, with all of the herring that \
they could carry. They have not been seen since, and the harbour is a quieter place.
";

const NOTICE: &str = "The ferry to the island is late today, and nobody at the harbour knows why that is so.\n";

fn scratch() -> Scratch {
    let scratch = Scratch::new();
    scratch.page("a/notice.txt", NOTICE).page("b/story.txt", STORY);
    scratch
}

#[test]
fn a_document_that_a_filter_drops_has_its_rule_and_value_in_the_row_and_no_output() {
    let scratch = scratch();
    let summary = scratch.expect(0, &["--filter", "gopher-quality"]);
    assert!(
        summary.contains("Dropped by filters: 1 document") && summary.contains("1  gopher-quality#short"),
        "{summary}"
    );
    let row = scratch.row("a/notice.txt");
    assert_eq!(row["status"], "filtered");
    assert_eq!(row["filters"], serde_json::json!([{ "rule": "gopher-quality#short", "value": 18, "min": 50 }]));
    assert!(row["output"].is_null() && row["blocks"]["kept"] == 1 && row["key"].is_string(), "{row}");
    assert!(!scratch.clean.join("a").exists());
    assert_eq!(scratch.row("b/story.txt")["status"], "cleaned");
    assert_eq!(scratch.cleaned("b/story.txt"), STORY);
    let verified = dechaff().arg("verify").arg(&scratch.clean).output().unwrap();
    assert!(verified.status.success());
}

#[test]
fn every_preset_lets_a_story_pass() {
    for filter in [
        "c4",
        "c4-any-end",
        "dclm",
        "fineweb",
        "fineweb-2",
        "gopher-quality",
        "gopher-repetition",
        "length",
        "no-own-text",
        "refinedweb",
    ] {
        let scratch = scratch();
        scratch.expect(0, &["--filter", filter]);
        assert_eq!(scratch.row("b/story.txt")["status"], "cleaned", "{filter}");
    }
}

#[test]
fn tags_drop_nothing_and_stand_in_rows_and_in_lines() {
    let scratch = scratch();
    scratch.expect(0, &["--filter", "gopher-quality", "--filter", "fineweb", "--tag"]);
    let row = scratch.row("a/notice.txt");
    assert_eq!((&row["status"], &row["filters"][0]["rule"]), (&"cleaned".into(), &"gopher-quality#short".into()));
    assert_eq!((&row["measures"]["words"], &row["measures"]["end-mark-lines"]), (&18.into(), &1.into()));
    assert!(scratch.cleaned("a/notice.txt") == NOTICE && row["measures"]["chars"].is_null());

    let mut records = String::new();
    for text in [NOTICE, STORY] {
        records += &(serde_json::json!({ "id": "x", "measures": "old", "text": text }).to_string() + "\n");
    }
    let out = filter_stream(&records, &["--tag"]);
    let lines: Vec<Value> = out.0.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["measures"]["words"], &lines[0]["filters"]), (&18.into(), &Value::Null));
    assert!(lines[1]["measures"].as_object().unwrap().len() > 30, "without filters, all measures");
}

#[test]
fn records_of_a_stream_go_with_the_reason_on_stderr() {
    let record = |text: &str, url: &str| serde_json::json!({ "text": text, "url": url }).to_string() + "\n";
    let records = record(NOTICE, "https://quai.example/1") + &record(STORY, "https://quai.example/2");
    let (out, told) = filter_stream(&records, &["--filter", "length", "--language", "en:0.3"]);
    assert_eq!(out.lines().count(), 1);
    assert!(told.contains("-#1: dropped by length#chars (87, at least 150)"), "{told}");
    let (out, told) = filter_stream(&records, &["--language", "de"]);
    assert!(out.is_empty() && told.contains("dropped by language#other (eng)"), "{told}");
}

#[test]
fn a_page_of_stdin_that_is_dropped_says_so() {
    let (out, told) = piped(NOTICE, &["-", "--filter", "gopher-quality"]);
    assert!(out.is_empty() && told.contains("stdin: dropped by gopher-quality#short (18, at least 50)"), "{told}");
    assert_eq!(piped(STORY, &["-", "--filter", "gopher-quality"]).0, STORY);
}

#[test]
fn pages_of_hosts_in_a_list_go() {
    let scratch = Scratch::new();
    scratch.page("quai.example/a.txt", STORY).page("news.pier.example/b.txt", STORY);
    let list = scratch.home.path().join("shops.txt");
    fs::write(&list, "# shops\npier.example\n").unwrap();
    scratch.expect(0, &["--url-list", list.to_str().unwrap()]);
    let row = scratch.row("news.pier.example/b.txt");
    assert_eq!(row["filters"], serde_json::json!([{ "rule": "url-list#shops", "value": "pier.example" }]));
    assert_eq!(scratch.row("quai.example/a.txt")["status"], "cleaned");

    fs::write(&list, "quai.example\n").unwrap();
    scratch.expect(0, &["--url-list", list.to_str().unwrap()]);
    assert_eq!(scratch.row("quai.example/a.txt")["status"], "filtered", "a list that changes judges anew");
    assert_eq!(scratch.row("news.pier.example/b.txt")["status"], "cleaned");

    fs::write(&list, "not a host\n").unwrap();
    let told = scratch.expect(2, &["--url-list", list.to_str().unwrap()]);
    assert!(told.contains("line 1: expected one host or URL"), "{told}");
}

/// A model of fastText that was made of a few sentences: see `tests/lid/make.py`.
fn lid_model(name: &str) -> String {
    project("tests/lid").join(name).to_str().unwrap().into()
}

#[test]
fn a_model_of_the_users_own_tells_languages() {
    let german = "Die Fähre geht um neun, und der Hund des Kapitäns ist noch auf seinem Spaziergang.\n";
    let made = || {
        let scratch = Scratch::new();
        scratch.page("a/notice.txt", NOTICE).page("b/hund.txt", german);
        scratch
    };
    let scratch = made();
    let header = || scratch.cleaned("manifest.jsonl").lines().next().unwrap().parse::<Value>().unwrap();
    scratch.expect(0, &["--language", "de"]);
    let own = scratch.row("b/hund.txt")["language"].clone();
    assert!(header()["language_model"].is_null());
    let mut told = Vec::new();
    for name in ["ova.bin", "softmax.bin", "hs-pruned.ftz"] {
        let model = lid_model(name);
        scratch.expect(0, &["--language", "de", "--lid-model", &model]);
        assert_eq!(scratch.row("a/notice.txt")["filters"][0]["rule"], "language#other", "{name}");
        told.push(scratch.row("b/hund.txt")["language"].clone());
        assert!(header()["language_model"].as_str().unwrap().len() == 64);
        let anew = made();
        anew.expect(0, &["--language", "de", "--lid-model", &model]);
        assert_eq!(files(&scratch.clean), files(&anew.clean), "a second run with another model is a run from nothing");
    }
    for language in &told {
        assert!(language["code"] == "deu" && *language != own, "{language}");
    }
    assert!(told[0] != told[1] && told[1] != told[2], "{told:?}");

    let model = lid_model("softmax.bin");
    for (options, says) in [
        (&["--language", "sv", "--lid-model", &model][..], "the model of --lid-model tells no text as swe"),
        (&["--lid-model", &lid_model("make.py")], "byte 0: expected the mark of a model of fastText"),
    ] {
        let scratch = made();
        let told = scratch.expect(2, options);
        assert!(told.contains(says) && !scratch.clean.exists(), "{told}");
    }
}

#[test]
fn a_second_run_is_a_run_from_nothing_whatever_filters_it_has() {
    for output in ["files", "jsonl"] {
        let (first, again) = (scratch(), scratch());
        for options in [
            &[][..],
            &["--filter", "gopher-quality"],
            &["--filter", "gopher-quality"],
            &["--filter", "c4", "--tag"],
            &[],
        ] {
            let options = [options, &["--output", output]].concat();
            again.expect(0, &options);
            fs::remove_dir_all(&first.clean).ok();
            first.expect(0, &options);
            assert_eq!(files(&first.clean), files(&again.clean), "{options:?}");
        }
    }
}

#[test]
fn a_page_that_was_dropped_is_not_judged_again() {
    let scratch = scratch();
    scratch.expect(0, &["--filter", "gopher-quality"]);
    let summary = scratch.expect(0, &["--filter", "gopher-quality"]);
    assert!(summary.contains("2 of them stand as an earlier run left them"), "{summary}");
}

#[test]
fn what_is_dropped_goes_where_it_is_asked_for() {
    let scratch = scratch();
    let rejected = scratch.home.path().join("rejected");
    let options = ["--filter", "gopher-quality", "--rejected", rejected.to_str().unwrap()];
    let lines = || {
        let bytes = fs::read(rejected.join("rejected.jsonl.zst")).unwrap();
        String::from_utf8(zstd::decode_all(&bytes[..]).unwrap()).unwrap()
    };
    for _ in 0..2 {
        scratch.expect(0, &options);
        let line: Value = serde_json::from_str(&lines()).unwrap();
        assert_eq!((&line["text"], &line["source"]), (&NOTICE.into(), &"a/notice.txt".into()));
        assert_eq!(line["filters"][0]["rule"], "gopher-quality#short");
    }
    assert_eq!(fs::read_dir(&rejected).unwrap().count(), 1);
    let told = scratch.expect(2, &[&options[..], &["--include", "b/**"]].concat());
    assert!(told.contains("choose another folder"), "{told}");
    scratch.expect(0, &["--filter", "gopher-quality", "--rejected", rejected.to_str().unwrap(), "--partition", "1/2"]);
    assert!(rejected.join("rejected-1-of-2.jsonl.zst").exists() && !lines().is_empty());
    let inside = scratch.raw.join("rejected");
    let told = scratch.expect(2, &["--rejected", inside.to_str().unwrap()]);
    assert!(told.contains("lies in the input") && !inside.exists(), "{told}");
}

#[test]
fn a_change_of_filters_is_reviewed_like_code() {
    let scratch = scratch();
    scratch.expect(0, &["--filter", "gopher-quality"]);
    let before = scratch.home.path().join("before.jsonl");
    fs::copy(scratch.clean.join("manifest.jsonl"), &before).unwrap();
    let rules = scratch.home.path().join("rules");
    fs::create_dir_all(rules.join("filters")).unwrap();
    fs::write(rules.join("filters/ferries.toml"), FERRIES).unwrap();
    let options = ["--filter", "ferries", "--rules", rules.to_str().unwrap()];
    let check = |options: &[&str]| {
        let output = dechaff().arg("check").arg(&scratch.raw).arg(&scratch.clean).args(options).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let told = check(&["--filter", "gopher-quality"]);
    assert!(told.contains("a/notice.txt") && told.contains("gopher-quality#short drops it"), "{told}");
    let told = check(&options);
    assert!(told.contains("the filters of documents are others"), "{told}");

    scratch.expect(0, &options);
    assert_eq!(scratch.row("b/story.txt")["filters"][0]["rule"], "ferries#long");
    let diff = |more: &[&str]| {
        let output = dechaff().arg("diff").arg(&scratch.raw).arg(&scratch.clean).args(more).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let told = diff(&["--against", before.to_str().unwrap()]);
    assert!(told.contains("documents: 1 newly dropped by filters, 1 newly kept"), "{told}");
    assert!(
        told.contains("-1       +0       ferries#long") && told.contains("-0       +1       gopher-quality#short"),
        "{told}"
    );
    let told = diff(&[]);
    assert!(told.contains("[ferries#long (104, at most 60)]"), "{told}");
    assert!(diff(&["--stat"]).contains("b/story.txt: dropped by ferries#long"), "{told}");
    let page = scratch.raw.join("b/story.txt");
    let explained = dechaff().arg("explain").arg(&page).args(options).output().unwrap();
    let told = String::from_utf8(explained.stdout).unwrap();
    assert!(told.contains("ferries#long (104, at most 60)") && told.contains("On ferries all is short."), "{told}");
}

const FERRIES: &str = r#"
about  = "Short notices."
source = "the harbour office"

[[bound]]
id      = "long"
measure = "words"
max     = 60
why     = "On ferries all is short."

[[test]]
name = "a notice"
text = "The ferry is late."

[[test]]
name  = "a log"
text  = "late again "
times = 40
drops = "long"
"#;

/// A filter whose limits hang on the language.
const HARBOURS: &str = r#"
about  = "Notices in several languages."
source = "the harbour office"

[[bound]]
id      = "long"
measure = "words"
max     = 60
why     = "All is short."

[[bound]]
id      = "letters"
measure = "mean-word-length"
why     = "Where words are long on average, lines are glued."

[[stop_words]]
id  = "stop-words"
min = 1
why = "Text has words that are no names."

[languages.de]
long       = { max = 8 }
letters    = { max = 12 }
stop_words = ["die", "und"]

[[test]]
name = "a notice"
text = "The ferry is late, and nobody at the harbour knows why that is so."

[[test]]
name     = "a log"
language = "de"
text     = "spät "
times    = 9
drops    = ["long", "stop-words"]

[[test]]
name     = "glued"
language = "deu"
text     = "Fährenverspätung"
drops    = "letters"
"#;

#[test]
fn limits_hang_on_the_language_of_the_document() {
    let scratch = Scratch::new();
    let german = "Der Hafen bleibt am Montag geschlossen, weil die Möwen streiken und niemand sie ersetzen kann.\n";
    scratch.page("a/notice.txt", NOTICE).page("b/notiz.txt", german);
    let rules = scratch.home.path().join("rules/filters");
    fs::create_dir_all(&rules).unwrap();
    let options = ["--filter", "harbours", "--rules", rules.parent().unwrap().to_str().unwrap()];
    fs::write(rules.join("harbours.toml"), HARBOURS).unwrap();
    scratch.expect(0, &options);
    assert_eq!(scratch.row("a/notice.txt")["status"], "cleaned");
    let verdict = serde_json::json!([{ "rule": "harbours#long", "value": 15, "max": 8 }]);
    assert_eq!(scratch.row("b/notiz.txt")["filters"], verdict);

    let changed = HARBOURS.replace("[\"die\", \"und\"]", "[\"der\"]").replace("max = 8", "max = 20");
    fs::write(rules.join("harbours.toml"), &changed).unwrap();
    let told = scratch.expect(2, &options);
    assert!(told.contains("`long` does not drop the text"), "{told}");
    fs::write(rules.join("harbours.toml"), changed.replace("times    = 9", "times    = 21")).unwrap();
    scratch.expect(0, &options);
    let verdict = serde_json::json!([{ "rule": "harbours#stop-words", "value": 0, "min": 1 }]);
    assert_eq!(scratch.row("b/notiz.txt")["filters"], verdict, "what changes under a language judges anew");
}

#[test]
fn fineweb_2_judges_each_language_by_its_own_limits() {
    let goods = "Hering Kabeljau Scholle Makrele Butt Aal Zander Hecht Barsch Karpfen ";
    let fish = |line: usize| format!("{goods}Fang{line} Netz{line} Boot{line} Kahn{line} Fass{line}.\n");
    let german: String = (0..6).map(fish).collect::<String>() + "Das Amt meldet kaum Neues aus dem Hafen.\n";
    let scratch = Scratch::new();
    scratch.page("a/story.txt", STORY).page("b/fische.txt", german);
    scratch.expect(0, &["--filter", "fineweb-2", "--off", "model", "--off", "furniture"]);
    assert_eq!(scratch.row("a/story.txt")["status"], "cleaned", "English has no limits of its own");
    let row = scratch.row("b/fische.txt");
    assert_eq!((&row["language"]["code"], &row["status"]), (&"deu".into(), &"filtered".into()), "{row}");
    assert_eq!(row["filters"][0]["rule"], "fineweb-2#top-3-gram");
    assert_eq!(row["filters"][0]["max"], 0.153);
}

/// A filter that counts tokens.
fn of_tokens() -> String {
    FERRIES.replace("\"words\"", "\"tokens\"")
}

#[test]
fn a_filter_that_counts_tokens_is_refused_without_a_tokenizer() {
    expect_refused(&of_tokens(), "`tokens` cannot be counted");
    let scratch = scratch();
    let rules = scratch.home.path().join("rules");
    fs::create_dir_all(rules.join("filters")).unwrap();
    fs::write(rules.join("filters/ferries.toml"), of_tokens()).unwrap();
    // Its examples are not run where it is not asked for, and are told where rules are tested.
    scratch.expect(0, &["--rules", rules.to_str().unwrap()]);
    let tested = dechaff().args(["rules", "test", "--rules", rules.to_str().unwrap()]).output().unwrap();
    let told = String::from_utf8_lossy(&[tested.stdout, tested.stderr].concat()).into_owned();
    assert!(tested.status.code() == Some(1) && told.contains("`tokens` cannot be counted"), "{told}");
}

#[cfg(not(feature = "tokenizer"))]
#[test]
fn a_build_without_tokenizers_says_how_to_get_one() {
    let scratch = scratch();
    let told = scratch.expect(2, &["--tokenizer", project("tests/tokenizers/words.json").to_str().unwrap()]);
    assert!(told.contains("a build with `--features tokenizer`") && !scratch.clean.exists(), "{told}");
}

#[cfg(feature = "tokenizer")]
#[test]
fn tokens_are_counted_by_the_tokenizer_that_is_given() {
    let scratch = scratch();
    let rules = scratch.home.path().join("rules");
    fs::create_dir_all(rules.join("filters")).unwrap();
    fs::write(rules.join("filters/ferries.toml"), of_tokens()).unwrap();
    let (words, bytes) = (project("tests/tokenizers/words.json"), project("tests/tokenizers/bpe.json"));
    let by = |tokenizer: &std::path::Path, more: &[&str]| {
        let mut options = vec!["--rules", rules.to_str().unwrap(), "--tokenizer", tokenizer.to_str().unwrap()];
        options.extend(more);
        scratch.expect(0, &options);
        scratch.row("a/notice.txt")
    };
    assert_eq!(by(&words, &["--filter", "ferries"])["status"], "cleaned");
    let row = by(&bytes, &["--filter", "ferries"]);
    assert_eq!(
        (&row["status"], &row["filters"][0]["max"]),
        (&"filtered".into(), &60.into()),
        "another one judges anew"
    );
    let tagged = by(&words, &["--tag"])["measures"].clone();
    assert!(tagged["tokens"] == 20 && tagged["words"] == 18, "{tagged}");
    let only = by(&words, &["--tag", "--filter", "length"])["measures"].clone();
    assert!(only["tokens"] == 20 && only["end-mark-lines"].is_null(), "{only}");
    assert_eq!(by(&bytes, &["--tag"])["measures"]["tokens"], row["filters"][0]["value"]);
    scratch.expect(0, &["--tag"]);
    assert!(scratch.row("a/notice.txt")["measures"]["tokens"].is_null());
    let told = scratch.expect(2, &["--tokenizer", rules.join("filters/ferries.toml").to_str().unwrap()]);
    assert!(told.contains("expected a tokenizer.json"), "{told}");
    let tested = ["rules", "test", "--rules", rules.to_str().unwrap(), "--tokenizer", bytes.to_str().unwrap()];
    assert!(dechaff().args(tested).output().unwrap().status.success());
}

#[test]
fn a_wrong_filter_file_is_told_with_its_place_before_anything_is_written() {
    let bad = |from: &str, to: &str| FERRIES.replacen(from, to, 1);
    for (file, says) in [
        (bad("\"words\"", "\"wrods\""), "did you mean `words`?"),
        (bad("max     = 60", "min = 70\nmax     = 60"), "this range is empty"),
        (bad("max     = 60", "max = nan"), "`max` is a number"),
        (bad("max     = 60", "max = inf"), "`max` is a number"),
        (bad("max     = 60", "max = \"60\""), "`max` is a number"),
        (bad("max     = 60", "most = 60"), "has no key `most`"),
        (bad("max     = 60\n", ""), "a bound has `min`, `max` or both"),
        (bad("why     = \"On ferries all is short.\"\n", ""), "`why` is missing"),
        (bad("source = \"the harbour office\"\n", ""), "`source` is missing"),
        (bad("drops = \"long\"", "drops = \"lnog\""), "did you mean `long`?"),
        (bad("drops = \"long\"\n", ""), "no example shows what `long` drops"),
        (bad("times = 40", "times = 2"), "`long` does not drop the text \"a log\""),
        (bad("times = 40", "times = 40000000"), "at most 16 MiB"),
        (bad("text = \"The ferry is late.\"", "text = \"late \"\ntimes = 70"), "the text \"a notice\" does not stay"),
        (FERRIES.replace("[[bound]]", "[[bounds]]"), "has no key `bounds`"),
        ("[[".into(), "not TOML"),
    ] {
        expect_refused(&file, says);
    }
    let bad = |from: &str, to: &str| HARBOURS.replacen(from, to, 1);
    for (file, says) in [
        (bad("languages.de", "languages.xx"), "there is no language `xx`"),
        (bad("languages.de", "languages.xxx"), "there is no language `xxx`"),
        (bad("[languages.de]", "[languages.deu]\nlong = { max = 3 }\n[languages.de]"), "which has a table already"),
        (bad("[languages.de]", "[languages]\nfr = 3\n[languages.de]"), "a table with limits of bounds and stop words"),
        (bad("long       =", "lnog       ="), "did you mean `long`?"),
        (bad("long       =", "stop-words ="), "there is no bound `stop-words`"),
        (bad("{ max = 8 }", "8"), "a table with `min`, `max` or both"),
        (bad("{ max = 8 }", "{ most = 8 }"), "has no key `most`"),
        (bad("{ max = 8 }", "{ }"), "limits have `min`, `max` or both"),
        (bad("{ max = 8 }", "{ max = nan }"), "`max` is a number"),
        (bad("{ max = 8 }", "{ min = 61 }"), "this range is empty, with what the bound itself says"),
        (bad("letters    = { max = 12 }\n", ""), "it has neither, in no language"),
        (bad("stop_words = [\"die\", \"und\"]\n", ""), "no language lists stop words"),
        (bad("[\"die\", \"und\"]", "[]"), "`stop_words` is empty"),
        (bad("[\"die\", \"und\"]", "[\"die\", \"die\"]"), "stands in a list once"),
        (bad("[\"die\", \"und\"]", "[\"die Fähre\"]"), "a stop word is one word"),
        (bad("min = 1\n", "min = 3\n"), "`deu` lists fewer stop words than `min`"),
        (bad("min = 1\n", ""), "`min` is missing"),
        (bad("language = \"de\"", "language = \"xx\""), "there is no language `xx`"),
        (bad("text     = \"Fährenverspätung\"", "text     = \"Fähre\""), "`letters` does not drop the text"),
    ] {
        expect_refused(&file, says);
    }
    let told = scratch().expect(2, &["--filter", "gopher-qualty"]);
    assert!(told.contains("did you mean gopher-quality?"), "{told}");
    let told = scratch().expect(2, &["--language", "german"]);
    assert!(told.contains("no code of a language"), "{told}");
}

/// Expects that a filter file is refused, with its place and these words, and that nothing is written.
fn expect_refused(file: &str, says: &str) {
    let scratch = scratch();
    let rules = scratch.home.path().join("rules");
    fs::create_dir_all(rules.join("filters")).unwrap();
    fs::write(rules.join("filters/ferries.toml"), file).unwrap();
    let told = scratch.expect(2, &["--filter", "ferries", "--rules", rules.to_str().unwrap()]);
    assert!(told.contains(says) && told.contains("ferries.toml:"), "{says}: {told}");
    assert!(!scratch.clean.exists(), "{says}");
}

#[test]
fn rules_test_and_list_know_filters() {
    let scratch = scratch();
    let rules = scratch.home.path().join("rules");
    fs::create_dir_all(rules.join("filters")).unwrap();
    fs::write(rules.join("filters/ferries.toml"), FERRIES).unwrap();
    let run = |words: &[&str]| {
        let output = dechaff().arg("rules").args(words).arg("--rules").arg(&rules).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, told) = run(&["test", "--verbose"]);
    assert!(code == Some(0) && told.contains("filters/ferries: a log goes ... ok"), "{told}");
    let (_, told) = run(&["list"]);
    assert!(
        told.contains("ferries#long (yours)") && told.contains("drop a document whose `words` is more than 60"),
        "{told}"
    );
}

#[test]
fn settings_of_a_corpus_name_its_filters() {
    let scratch = scratch();
    let settings = "raw = \"raw\"\nclean = \"clean\"\nfilter = [\"length\"]\nlanguage = \"en\"\n";
    fs::write(scratch.home.path().join("dechaff.toml"), settings).unwrap();
    let output = dechaff().arg("clean").current_dir(scratch.home.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(scratch.row("a/notice.txt")["filters"][0]["rule"], "length#chars");
    let header = fs::read_to_string(scratch.clean.join("manifest.jsonl")).unwrap();
    assert!(header.lines().next().unwrap().contains("\"options\":[\"--filter=length\",\"--language=en\"]"), "{header}");
}

fn filter_stream(records: &str, options: &[&str]) -> (String, String) {
    piped(records, &[&["--jsonl"], options].concat())
}

fn piped(input: &str, options: &[&str]) -> (String, String) {
    let mut child =
        dechaff().args(options).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// What stands before the part of `docs/filters.md` that is made here.
const MADE: &str = "<!-- made by tests/filters.rs -->\n";

#[test]
fn the_document_has_all_filters_and_measures() {
    use dechaff::internals::rules::RuleSet;
    let path = program::project("docs/filters.md");
    let text = fs::read_to_string(&path).unwrap();
    let (written, made) = text.split_once(MADE).unwrap();
    let mut tables = String::from("\n## The filters\n");
    let rules = RuleSet::builtin().unwrap();
    let mut filters: Vec<_> = rules.filters().iter().collect();
    filters.sort_by_key(|filter| &filter.name);
    for filter in filters {
        tables += &format!("\n**`{}`**: {} *{}.*\n\n", filter.name, filter.about, filter.source);
        tables += "| rule | drops a document whose | why |\n|---|---|---|\n";
        for rule in &filter.rules {
            let asks = match &rule.asks {
                Asks::Bound { .. } => rule.asks.to_string().replacen("drop a document whose ", "", 1),
                Asks::Phrases { .. } => rule.asks.to_string().replacen("drop a document ", "text ", 1),
                Asks::StopWords { .. } => rule.asks.to_string().replacen("drop a document with", "text has", 1),
            };
            tables += &format!(
                "| `{}` | {} | {} |\n",
                rule.address.split_once('#').unwrap().1,
                asks.replace('|', "\\|"),
                rule.why
            );
        }
        tables += &of_languages(filter);
    }
    tables += "\n## The measures\n| measure | what it is |\n|---|---|\n";
    for measure in dechaff::MEASURES {
        tables += &format!("| `{}` | {} |\n", measure.name, measure.about);
    }
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, format!("{written}{MADE}{tables}")).unwrap();
        return;
    }
    assert!(made == tables, "docs/filters.md is stale: run this test once with BLESS=1");
}

/// The limits that a filter has for single languages: a row for each.
fn of_languages(filter: &FilterFile) -> String {
    let named = |id: &str| filter.languages.values().any(|said| said.limits.contains_key(id));
    let ids: Vec<&str> = filter.rules.iter().map(|rule| rule.id()).filter(|id| named(id)).collect();
    if ids.is_empty() {
        return String::new();
    }
    let mut table =
        format!("\n| language | {} | stop words |\n|---|{}---|\n", ids.join(" | "), "---|".repeat(ids.len()));
    for (code, said) in &filter.languages {
        let limits = ids.iter().map(|id| {
            let limits = said.limits.get(*id).copied().unwrap_or_default();
            let ends = [limits.min.map(|min| format!("≥ {min}")), limits.max.map(|max| format!("≤ {max}"))];
            ends.into_iter().flatten().collect::<Vec<_>>().join(", ")
        });
        let limits: Vec<String> = limits.collect();
        table += &format!("| `{code}` | {} | {} |\n", limits.join(" | "), said.stop_words.len());
    }
    table
}

#[test]
fn the_schema_of_filter_files_is_up_to_date_and_knows_right_from_wrong() {
    let schema = serde_json::to_value(dechaff::internals::rules::filter_schema()).unwrap();
    let path = project("docs/filter-file.schema.json");
    let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == text, "docs/filter-file.schema.json is stale: run the tests once with BLESS=1");

    let validator = jsonschema::validator_for(&schema).unwrap();
    let is_valid = |file: &str| validator.is_valid(&toml::from_str::<serde_json::Value>(file).unwrap());
    let files = walkdir::WalkDir::new(project("rules/filters")).into_iter().map(Result::unwrap);
    let mut seen = 0;
    for file in files.filter(|file| file.path().extension().is_some_and(|extension| extension == "toml")) {
        assert!(is_valid(&fs::read_to_string(file.path()).unwrap()), "{}", file.path().display());
        seen += 1;
    }
    assert!(seen >= 9, "{seen}");
    let file = |bound: &str| {
        format!(
            "about = \"x\"\nsource = \"y\"\n[[bound]]\nid = \"a\"\nwhy = \"w\"\n{bound}\n[[test]]\nname = \"n\"\ntext = \"t\"\n"
        )
    };
    assert!(is_valid(&file("measure = \"words\"\nmin = 3")));
    for wrong in ["measure = \"word\"\nmin = 3", "measure = \"words\"", "measure = \"words\"\nmin = \"3\"", "min = 3"] {
        assert!(!is_valid(&file(wrong)), "{wrong}");
    }
    assert!(!is_valid("about = \"x\"\nsource = \"y\"\n"));
    assert!(is_valid(HARBOURS));
    for (from, to) in
        [("max = 12", "most = 12"), ("[\"die\", \"und\"]", "[]"), ("{ max = 8 }", "{ }"), ("min = 1", "min = 0")]
    {
        assert!(!is_valid(&HARBOURS.replacen(from, to, 1)), "{to}");
    }
}
