//! What is typed: help, mistakes and what is said of them, one page to stdout, colours, schemas.

mod program;

use std::fs;

use program::{Scratch, dechaff};
use serde_json::Value;

const ARTICLE: &str = "The ferry leaves at nine\n\n\
    The ferry to the island left at nine sharp on Monday, a full three minutes after the last passenger had \
    taken her seat and the gulls had lost interest in the whole affair.\n\n\
    Captain Moss said that he had waited for the post, which came by bicycle and was wet. The harbour board \
    will look into the matter of the bicycle when it meets again in spring.\n\n\
    Share this\nNo comments:\n";

/// Runs dechaff in a scratch place; what it printed to stdout and to stderr.
fn typed(scratch: &Scratch, code: i32, args: &[&str]) -> (String, String) {
    let output = dechaff().current_dir(scratch.home.path()).args(args).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{args:?}: {out}{err}");
    (out, err)
}

#[test]
fn help_is_a_command_too() {
    let scratch = Scratch::new();
    assert!(typed(&scratch, 0, &["help"]).0.contains("Exit codes:"));
    assert!(typed(&scratch, 0, &["help", "clean"]).0.contains("--markup <MARKUP>"));
    assert!(typed(&scratch, 0, &["help", "rules", "new"]).0.contains("[HOST]"));
    assert_eq!(typed(&scratch, 0, &["help", "check"]).0, typed(&scratch, 0, &["check", "--help"]).0);
    assert!(typed(&scratch, 2, &["help", "clen"]).1.contains("did you mean `dechaff help clean`?"));
}

#[test]
fn what_takes_no_address_of_an_object_store_says_what_to_do() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE);
    let sync = "copy it first: aws s3 sync s3://bucket/clean FOLDER";
    for (args, says) in [
        (&["check", "raw", "s3://bucket/clean"][..], sync),
        (&["diff", "raw", "s3://bucket/clean"], sync),
        (&["verify", "s3://bucket/clean"], sync),
        (&["report", "s3://bucket/clean", "-o", "report.html"], sync),
        (&["explain", "gs://bucket/raw/a.txt"], "copy it first: gcloud storage rsync -r gs://bucket/raw/a.txt FOLDER"),
        (&["az://container/a.txt", "-"], "copy it first: azcopy sync"),
        (&["raw", "clean", "--rejected", "s3://bucket/rejected"], "--rejected takes a file or folder of this machine"),
        (&["https://www.harbourpost.example/", "clean"], "object stores are s3://, gs:// and az://"),
        (&["raw", "clean", "--work-dir", "work"], "--work-dir"),
    ] {
        let (_, said) = typed(&scratch, 2, args);
        assert!(said.contains(says), "{args:?}: {said}");
    }
    let names: Vec<_> = fs::read_dir(scratch.home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["raw"]);
}

#[cfg(not(feature = "cloud"))]
#[test]
fn a_build_without_object_stores_says_how_to_get_one_with_them() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE);
    let settings = scratch.home.path().join("dechaff.toml");
    for args in
        [&["s3://bucket/raw", "clean"][..], &["raw", "s3://bucket/clean"], &["raw", "gs://bucket/clean", "--dry-run"]]
    {
        let (_, said) = typed(&scratch, 2, args);
        assert!(said.contains("//bucket/") && said.contains("cargo install dechaff --features cloud"), "{said}");
    }
    // Addresses in a file of settings are no paths from its folder.
    fs::write(&settings, "raw = \"s3://bucket/raw\"\nclean = \"clean\"\n").unwrap();
    let output = dechaff().current_dir(&scratch.raw).arg("clean").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("dechaff: s3://bucket/raw: this build"), "{said}");
    fs::remove_file(settings).unwrap();
    let names: Vec<_> = fs::read_dir(scratch.home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["raw"], "nothing is made, no folder `s3:` least of all");
}

#[test]
fn a_mistyped_command_and_an_argument_too_many_are_told() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE);
    for (args, says) in [
        (&["cleen", "raw", "clean"][..], "`cleen` is no command, file or folder; did you mean `dechaff clean`?"),
        (&["chekc", "raw"], "did you mean `dechaff check`?"),
        (&["lern"], "did you mean `dechaff learn`?"),
        (&["cleen", "raw", "out"], "did you mean `dechaff clean`?"),
        (&["raw", "other", "clean"], "`clean` is one argument too many"),
        (&["--color", "never", "check", "raw"], "options come after the command: `dechaff check"),
        (&["raw", "clean", "other"], "`other` is one argument too many"),
        (&["clean", "raw", "clean", "other"], "`other` is one argument too many"),
        (&["check", "raw", "clean", "other"], "unexpected argument 'other'"),
        (&["rules", "tset"], "'test'"),
    ] {
        let (_, said) = typed(&scratch, 2, args);
        assert!(said.contains(says), "{args:?}: {said}");
    }
    assert!(!scratch.clean.exists());
    let (_, said) = typed(&scratch, 1, &["nowhere", "clean"]);
    assert!(said.contains("nowhere") && !said.contains("did you mean"), "{said}");
    // A folder may be called nearly what a command is.
    fs::rename(&scratch.raw, scratch.home.path().join("cleen")).unwrap();
    typed(&scratch, 0, &["cleen", "clean"]);
}

#[test]
fn a_message_says_what_is_at_fault_and_what_to_do() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE);
    fs::create_dir(scratch.home.path().join("empty")).unwrap();
    for (args, code, says) in [
        (&["gone", "clean"][..], 1, "it is named by RAW: The folder of scraped pages"),
        (&["gone"], 2, "`gone` is no command, file or folder; `dechaff help` lists the commands"),
        (&["raw", "clean", "--rules", "gone"], 1, "it is named by --rules: Use your own rules from this folder"),
        (&["raw", "clean", "--url-list", "gone"], 1, "it is named by --url-list"),
        (&["raw", "clean", "--lid-model", "gone"], 1, "it is named by --lid-model"),
        #[cfg(feature = "tokenizer")]
        (&["raw", "clean", "--tokenizer", "gone"], 1, "it is named by --tokenizer"),
        (&["raw", "clean", "--site-map", "gone"], 1, "it is named by --site-map"),
        (&["raw", "clean", "--templates", "gone"], 1, "it is named by --templates"),
        (&["check", "gone"], 1, "it is named by RAW"),
        (&["rules", "list", "--manifest", "gone"], 1, "it is named by --manifest"),
        (&["rules", "new", "--from", "gone"], 1, "it is named by --from"),
        (&["templates", "scan", "gone", "-o", "x"], 1, "it is named by RAW"),
        (&["stats", "raw/a.txt"], 1, "it is named by CLEAN"),
        (&["stats", "empty"], 2, "empty holds no manifest: nothing was cleaned yet; `dechaff clean` comes first"),
        (&["sample", "gone"], 2, "gone holds no manifest"),
        (&["report", "gone", "-o", "x.html"], 2, "gone holds no manifest"),
        (&["verify", "empty"], 2, "empty holds no manifest"),
        (&["explain", "raw"], 2, "raw is a folder; name one page in it: dechaff explain raw/PAGE"),
        (&["explain", "raw/a.txt#3"], 2, "leave the number out"),
        (&["clean"], 2, "`dechaff init` writes a dechaff.toml that names them"),
        (&["check"], 2, "the folders are missing: dechaff check RAW CLEAN"),
        (&["sample", "clean", "-n", "many"], 2, "expected a whole number, such as 20"),
        (&["check", "raw", "--level", "x"], 2, "duplicate=off"),
        (&["empty", "nothing"], 0, "empty holds no file that this run reads; see --include"),
        (&["check", "empty"], 0, "empty holds no file that this check reads"),
        (&["learn", "raw"], 0, "--site-map"),
    ] {
        let (out, err) = typed(&scratch, code, args);
        assert!(format!("{out}{err}").contains(says), "{args:?}: {out}{err}");
    }
    fs::write(scratch.home.path().join("dechaff.toml"), "raw = \"gone\"\nclean = \"clean\"\ncomments = \"all\"\n")
        .unwrap();
    assert!(typed(&scratch, 2, &["clean"]).1.contains("[possible values: auto, keep, drop]"));
    fs::write(scratch.home.path().join("dechaff.toml"), "raw = \"gone\"\nclean = \"clean\"\n").unwrap();
    assert!(typed(&scratch, 1, &["clean"]).1.contains("it is named by RAW"));
}

#[test]
fn one_page_goes_to_stdout() {
    let scratch = Scratch::new();
    scratch
        .page("a.txt", ARTICLE)
        .page("b.html", fs::read(program::project("raw/harbourpost.example/2024/mayor-opens-bridge.html")).unwrap());
    scratch.page("c.jsonl", "{\"id\": \"1\", \"text\": \"High water is at nine.\"}\n");
    typed(&scratch, 0, &["raw", "clean"]);
    let cleaned = |name: &str| fs::read_to_string(scratch.clean.join(name)).unwrap();
    assert_eq!(typed(&scratch, 0, &["raw/a.txt", "-"]).0, cleaned("a.txt"));
    assert!(
        typed(&scratch, 0, &["clean", "raw/b.html", "-", "--markup", "markdown"]).0.starts_with("# Mayor opens bridge")
    );
    let (_, said) = typed(&scratch, 2, &["raw", "-"]);
    assert!(said.contains("raw is a folder; name a folder to write: dechaff raw CLEAN"), "{said}");
    let (_, said) = typed(&scratch, 1, &["raw/c.jsonl", "-"]);
    assert!(said.contains("dechaff --jsonl < raw/c.jsonl"), "{said}");
    assert!(!scratch.home.path().join("-").exists());
}

#[test]
fn colours_are_as_they_are_asked_for() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE);
    for (when, has_colours) in [("always", true), ("never", false), ("auto", false)] {
        let (out, _) = typed(&scratch, 0, &["explain", "raw/a.txt", "--color", when]);
        assert_eq!(out.contains('\u{1b}'), has_colours, "{when}: {out}");
    }
    typed(&scratch, 2, &["explain", "raw/a.txt", "--color", "sometimes"]);
}

#[test]
fn verbose_names_every_page_that_was_not_simply_cleaned() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE).page("b.bin", [0u8, 159, 146, 150, 0, 1, 2]).page("c.txt", "");
    let (out, _) = typed(&scratch, 0, &["raw", "clean", "--verbose"]);
    assert!(out.contains("\nb.bin: skipped: ") && out.contains("\nc.txt: blank"), "{out}");
    assert!(!out.contains("\na.txt:"), "{out}");

    scratch.page("d.txt", "Log in\nShare this\nNo comments:\n");
    for number in 0..30 {
        scratch.page(&format!("new/{number}.txt"), ARTICLE);
    }
    let lines = |more: &[&str]| {
        let (out, _) = typed(&scratch, 1, &[&["check", "raw", "clean"], more].concat());
        (out.matches(": error missing: ").count(), out.contains("--verbose lists them all"), out.contains(": warning "))
    };
    assert_eq!(lines(&[]), (20, true, true));
    assert_eq!(lines(&["-v"]), (31, false, true));
    assert_eq!(lines(&["-q"]), (20, true, false));
}

#[test]
fn every_schema_is_printed() {
    let scratch = Scratch::new();
    let files = [("settings", "dechaff"), ("rules", "rule-file"), ("filters", "filter-file"), ("manifest", "manifest")];
    for (file, committed) in files {
        let printed = typed(&scratch, 0, &["schema", file]).0;
        let committed = fs::read_to_string(program::project(&format!("docs/{committed}.schema.json"))).unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(&printed).unwrap(),
            serde_json::from_str::<Value>(&committed).unwrap()
        );
    }
    typed(&scratch, 2, &["schema"]);
}
