//! The main job as its user meets it: names, statuses, exit codes, and whatever a folder can hold.

mod program;

use std::fs;
use std::io::Write;
use std::process::Stdio;

use program::{Scratch, dechaff, files, project};
use sha2::{Digest, Sha256};

const ARTICLE: &str = "The ferry leaves at nine\n\n\
    The ferry to the island left at nine sharp on Monday, a full three minutes after the last passenger had \
    taken her seat and the gulls had lost interest in the whole affair.\n\n\
    Captain Moss said that he had waited for the post, which came by bicycle and was wet. The harbour board \
    will look into the matter of the bicycle when it meets again in spring.\n";

#[test]
fn a_page_keeps_its_path_and_gains_a_suffix_unless_it_has_it() {
    let scratch = Scratch::new();
    scratch.page("a/b.txt", ARTICLE).page("page.text", ARTICLE).page("README", ARTICLE).page("UPPER.TXT", ARTICLE);
    scratch.expect(0, &[]);
    for name in ["a/b.txt", "page.text.txt", "README.txt", "UPPER.TXT.txt"] {
        assert!(scratch.cleaned(name).contains("Captain Moss"), "{name}");
    }
}

#[test]
fn the_summary_names_pages_of_which_nothing_is_left() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE);
    for page in 0..11 {
        scratch.page(&format!("furniture-{page:02}.txt"), "Share this\nNo comments:\nLog in\n");
    }
    let said = String::from_utf8(scratch.run(&[]).stdout).unwrap();
    let (before, after) = said.split_once("11  have nothing left\n").expect("a note of them");
    let named: Vec<&str> = after.lines().take(11).map(str::trim).collect();
    let expected: Vec<String> = (0..10).map(|page| format!("furniture-{page:02}.txt")).chain(["…".into()]).collect();
    assert_eq!(named, expected, "{before}");
}

#[test]
fn the_manifest_agrees_with_sha256sum() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE.replace('\n', "\r\n"));
    scratch.expect(0, &[]);
    let row = scratch.row("a.txt");
    let hash = |bytes: &[u8]| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(row["sha256"], hash(&fs::read(scratch.raw.join("a.txt")).unwrap()));
    assert_eq!(row["output"]["sha256"], hash(scratch.cleaned("a.txt").as_bytes()));
    assert_eq!(row["output"]["bytes"], scratch.cleaned("a.txt").len());
}

#[test]
fn where_two_sources_want_one_name_the_first_by_path_has_it() {
    let scratch = Scratch::new();
    scratch.page("a/page", ARTICLE).page("a/page.txt", format!("{ARTICLE}\nAnd a second ending.\n"));
    let said = scratch.expect(1, &[]);
    assert_eq!(scratch.cleaned("a/page.txt"), ARTICLE);
    assert_eq!(scratch.row("a/page.txt")["status"], "failed");
    assert!(said.contains("a/page.txt is already the name of another page's output"), "{said}");
}

#[test]
fn the_text_of_a_page_is_not_written_over_that_of_a_page_with_its_own_name() {
    let scratch = Scratch::new();
    let other = format!("{ARTICLE}\nAnd a second ending.\n");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut packed, other.as_bytes()).unwrap();
    scratch.page("a.txt", ARTICLE).page("a.txt.gz", packed.finish().unwrap());
    for _ in 0..2 {
        let said = scratch.expect(1, &[]);
        assert!(said.contains("a.txt is already the name of another page's output, and a.txt.gz would be"), "{said}");
        assert_eq!(scratch.cleaned("a.txt"), ARTICLE);
        assert_eq!(scratch.row("a.txt.gz")["status"], "failed");
    }
}

#[test]
fn what_a_run_wrote_is_no_input_of_another_run() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE);
    let at = |args: &[&str], code| {
        let output = dechaff().current_dir(&scratch.raw).args(args).output().unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
        text
    };
    at(&[".", "clean"], 0);
    // A checkout of the output has no inner folder.
    fs::remove_dir_all(scratch.raw.join("clean/.dechaff")).unwrap();
    at(&[".", "second"], 0);
    let rows = program::rows(&scratch.raw.join("second"));
    let paths: Vec<&str> = rows.keys().map(String::as_str).collect();
    assert_eq!(paths, ["a.txt", "clean"]);
    assert!(rows["clean"]["reason"].as_str().unwrap().contains("an output folder of dechaff"), "{}", rows["clean"]);
    assert!(at(&["check", "."], 0).ends_with("in 3 files\n"), "a page, and two folders that are named and not read");
    at(&[".", "clean"], 0);
    at(&["check", ".", "clean"], 0);
}

#[test]
fn what_is_no_text_is_listed_and_left() {
    let scratch = Scratch::new();
    scratch
        .page("empty.txt", "")
        .page("blank.txt", " \n\n\t\n")
        .page("binary.txt", [0u8, 1, 2, 3, 250, 251, 0, 0])
        .page(
            "page.mht",
            "From: <Saved>\nMIME-Version: 1.0\nContent-Type: multipart/related; type=\"text/html\"\n\n--x",
        )
        .page("feed.xml", "<?xml version=\"1.0\"?><rss><channel><title>Harbour Post</title></channel></rss>")
        .page("image.png", b"\x89PNG\r\n\x1a\n....")
        .page("good.txt", ARTICLE);
    scratch.expect(0, &[]);
    let rows = scratch.rows();
    let status = |name: &str| rows[name]["status"].as_str().unwrap().to_string();
    assert_eq!(status("empty.txt"), "blank");
    assert_eq!(status("blank.txt"), "blank");
    for name in ["binary.txt", "page.mht", "feed.xml", "image.png"] {
        assert_eq!(status(name), "skipped", "{name}");
        assert!(rows[name]["reason"].is_string(), "{name}");
    }
    assert_eq!(files(&scratch.clean).len(), 2, "one text and the manifest");
    scratch.expect(1, &["--strict"]);
}

#[test]
fn copies_are_marked_and_written_unless_told_otherwise() {
    let scratch = Scratch::new();
    scratch
        .page("a.txt", ARTICLE)
        .page("b.txt", ARTICLE.replace(' ', "  "))
        .page("c.txt", "Something else entirely, said she.");
    scratch.expect(0, &[]);
    assert_eq!(scratch.row("b.txt")["duplicate_of"], "a.txt");
    assert!(scratch.row("a.txt").get("duplicate_of").is_none());
    assert_eq!(scratch.cleaned("b.txt"), ARTICLE);
    scratch.expect(0, &["--copies", "drop"]);
    assert_eq!(scratch.row("b.txt")["duplicate_of"], "a.txt");
    assert!(!scratch.clean.join("b.txt").exists(), "the copy that an earlier run wrote is gone");
}

#[test]
fn a_dry_run_writes_nothing() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE);
    let said = scratch.expect(0, &["--dry-run"]);
    assert!(said.contains("nothing was written"), "{said}");
    assert!(!scratch.clean.exists());
}

#[test]
fn quiet_says_nothing_but_errors() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE);
    assert_eq!(scratch.expect(0, &["--quiet"]), "");
    scratch.page("b", ARTICLE).page("b.txt", "Another text, and the same name for its output.");
    assert!(scratch.expect(1, &["--quiet"]).contains("b.txt"));
}

#[test]
fn the_filter_reads_a_page_and_writes_its_text() {
    let filter = |bytes: &[u8], more: &[&str]| {
        let mut child = dechaff()
            .arg("-")
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(bytes).unwrap();
        child.wait_with_output().unwrap()
    };
    let output = filter(ARTICLE.as_bytes(), &[]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), ARTICLE);
    assert_eq!(filter(b"", &[]).status.code(), Some(0));
    let html = filter(format!("<html><body><p>{ARTICLE}</body></html>").as_bytes(), &[]);
    assert_eq!(html.status.code(), Some(0));
    let image = filter(b"\x89PNG\r\n", &[]);
    assert_eq!(image.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&image.stderr).contains("an image"));
    assert_eq!(filter(b"", &["output"]).status.code(), Some(2));
}

#[test]
fn wrong_usage_ends_in_2_and_writes_nothing() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE);
    for (more, says) in [
        (&["--thread", "3"][..], "--threads"),
        (&["--threads", "0"], "1..=1024"),
        (&["--off", "furnitur"], "furniture"),
        (&["--include", "[a"], "--include"),
        (&["--site-from", "sites/**"], "{host}"),
        (&["--copies", "burn"], "keep"),
    ] {
        let said = scratch.expect(2, more);
        assert!(said.contains(says), "{more:?}: {said}");
    }
    assert!(!scratch.clean.exists());
    assert_eq!(dechaff().arg(&scratch.raw).output().unwrap().status.code(), Some(2));
    let missing = dechaff().arg(scratch.home.path().join("nowhere")).arg(&scratch.clean).output().unwrap();
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("nowhere"));
}

#[test]
fn folders_may_lie_in_one_another_but_not_be_the_same() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE);
    let run = |raw: &std::path::Path, clean: &std::path::Path| dechaff().arg(raw).arg(clean).output().unwrap();
    assert_eq!(run(&scratch.raw, &scratch.raw).status.code(), Some(2));

    let inside = scratch.raw.join("clean");
    for _ in 0..2 {
        assert_eq!(run(&scratch.raw, &inside).status.code(), Some(0));
        assert_eq!(program::rows(&inside).len(), 1, "the output is no input");
    }
    let around = scratch.home.path();
    let before = files(&scratch.raw);
    assert_eq!(run(&scratch.raw, around).status.code(), Some(0));
    assert_eq!(files(&scratch.raw), before);
    assert!(around.join("a.txt").exists());
}

#[test]
fn foreign_files_in_the_output_are_left_alone() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE).page("b.txt", ARTICLE);
    fs::create_dir(&scratch.clean).unwrap();
    fs::write(scratch.clean.join("notes.md"), "mine").unwrap();
    fs::write(scratch.clean.join("a.txt"), "mine too").unwrap();
    let said = scratch.expect(1, &[]);
    assert!(said.contains("no run of dechaff is known to have written it"), "{said}");
    assert_eq!(scratch.cleaned("notes.md"), "mine");
    assert_eq!(scratch.cleaned("a.txt"), "mine too");
    assert_eq!(scratch.row("b.txt")["status"], "cleaned");

    fs::write(scratch.clean.join("manifest.jsonl"), "not ours\n").unwrap();
    let said = scratch.expect(2, &[]);
    assert!(said.contains("manifest.jsonl:1"), "{said}");
}

#[test]
fn what_an_earlier_run_wrote_follows_its_source() {
    let scratch = Scratch::new();
    scratch.page("x/a.txt", ARTICLE).page("b.txt", ARTICLE).page("c.txt", ARTICLE).page("d.txt", ARTICLE);
    scratch.expect(0, &[]);
    fs::remove_dir_all(scratch.raw.join("x")).unwrap();
    fs::remove_file(scratch.raw.join("d.txt")).unwrap();
    scratch.page("c.txt", "The text is another one now, and quite a short one.\n");
    fs::write(scratch.clean.join("d.txt"), "edited by hand").unwrap();
    let said = scratch.expect(0, &[]);
    assert!(said.contains("2  stay though their pages are gone"), "{said}");
    assert_eq!(scratch.rows().len(), 4, "their rows stay too");
    assert!(scratch.clean.join("x/a.txt").exists());
    let said = scratch.expect(1, &["--prune"]);
    assert!(
        said.contains("1  were removed") && said.contains("1  stay though their pages are gone: they were edited"),
        "{said}"
    );
    assert!(!scratch.clean.join("x").exists(), "output and folder of a source that is gone");
    assert_eq!(scratch.cleaned("c.txt"), "The text is another one now, and quite a short one.\n");
    assert_eq!(scratch.cleaned("d.txt"), "edited by hand", "a file whose hash no longer matches is not ours to remove");
    assert_eq!(scratch.rows().len(), 3);
    scratch.expect(0, &["--prune", "--force"]);
    assert!(!scratch.clean.join("d.txt").exists());
    assert_eq!(scratch.rows().len(), 2);
}

#[test]
fn a_second_run_at_the_same_time_is_refused() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE);
    scratch.expect(0, &[]);
    let lock = fs::File::options().write(true).open(scratch.clean.join(".dechaff/lock")).unwrap();
    lock.lock().unwrap();
    assert!(scratch.expect(1, &[]).contains("in use by another run"));
}

#[test]
fn a_manifest_that_was_tampered_with_leads_nowhere() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE);
    scratch.expect(0, &[]);
    let outside = scratch.home.path().join("outside.txt");
    fs::write(&outside, ARTICLE).unwrap();
    let manifest = scratch.clean.join("manifest.jsonl");
    let text = fs::read_to_string(&manifest).unwrap();
    let row = text.lines().nth(1).unwrap().replace("\"a.txt\"", "\"../outside.txt\"");
    fs::write(&manifest, format!("{}\n{row}\n", text.lines().next().unwrap())).unwrap();
    scratch.expect(0, &[]);
    assert!(outside.exists());
}

#[cfg(unix)]
#[test]
fn links_loops_and_odd_names_are_met_with_calm() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE).page(".hidden/x.txt", ARTICLE);
    fs::create_dir(scratch.raw.join("folder")).unwrap();
    symlink(&scratch.raw, scratch.raw.join("folder/loop")).unwrap();
    symlink("nowhere.txt", scratch.raw.join("gone.txt")).unwrap();
    fs::write(scratch.raw.join(OsStr::from_bytes(b"caf\xe9.txt")), ARTICLE).unwrap();
    let said = scratch.expect(1, &[]);
    assert!(said.contains("a link that leads nowhere"), "{said}");
    let rows = scratch.rows();
    assert_eq!(rows["gone.txt"]["status"], "failed");
    assert_eq!(rows["folder/loop"]["status"], "skipped");
    assert_eq!(rows[".hidden"]["status"], "skipped");
    assert_eq!(rows["caf\\xe9.txt"]["status"], "cleaned");
    assert!(scratch.clean.join(OsStr::from_bytes(b"caf\xe9.txt")).exists());
}

#[test]
fn hostile_texts_are_read_in_linear_time() {
    let scratch = Scratch::new();
    let megabytes = if cfg!(debug_assertions) { 20 } else { 200 };
    scratch
        .page("one-line.txt", "word ".repeat(megabytes * 200_000))
        .page("empty-lines.txt", "\n".repeat(1_000_000) + "A line at the very end.\n")
        .page("short-lines.txt", "Home\nNews\n".repeat(200_000))
        .page("nul.txt", format!("{ARTICLE}\0 and a zero byte\n"))
        .page("invalid.txt", [ARTICLE.as_bytes(), b"\xff\xfe\xfd bytes", ARTICLE.as_bytes()].concat());
    scratch.expect(0, &[]);
    let rows = scratch.rows();
    assert_eq!(scratch.cleaned("empty-lines.txt"), "A line at the very end.\n");
    assert!(rows["empty-lines.txt"].to_string().contains("[1000001,1000001]"), "{}", rows["empty-lines.txt"]);
    for name in ["one-line.txt", "nul.txt", "invalid.txt"] {
        assert!(rows[name]["output"]["bytes"].as_u64().unwrap() > 100, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a_killed_run_leaves_whole_files_and_the_next_one_ends_it() {
    let scratch = Scratch::new();
    for number in 0..400 {
        scratch.page(
            &format!("{number:04}.txt"),
            format!("{ARTICLE}\nThis is page {number} of the whole affair.\n").repeat(20),
        );
    }
    let undisturbed = scratch.home.path().join("undisturbed");
    assert!(dechaff().arg(&scratch.raw).arg(&undisturbed).output().unwrap().status.success());
    let expected = files(&undisturbed);
    for delay in [1, 5, 20, 40, 80] {
        let mut child = dechaff().arg(&scratch.raw).arg(&scratch.clean).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(delay));
        child.kill().unwrap();
        child.wait().unwrap();
        for (path, bytes) in files(&scratch.clean) {
            assert_eq!(Some(&bytes), expected.get(&path), "{}", path.display());
        }
    }
    scratch.expect(0, &[]);
    assert_eq!(files(&scratch.clean), expected);
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_the_run_in_order() {
    let scratch = Scratch::new();
    for number in 0..3000 {
        scratch.page(&format!("{number:04}.txt"), ARTICLE.repeat(30));
    }
    let child = dechaff()
        .arg(&scratch.raw)
        .arg(&scratch.clean)
        .args(["--threads", "1"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    while !scratch.clean.join("0000.txt").exists() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    let interrupt = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupt.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(String::from_utf8_lossy(&output.stdout).contains("Interrupted after"));
    assert!(!scratch.clean.join("manifest.jsonl").exists());
    // Every command that reads what a run has written says what to do.
    let (raw, clean) = (scratch.raw.to_str().unwrap(), scratch.clean.to_str().unwrap());
    for command in [&["check", raw, clean][..], &["diff", raw, clean], &["verify", clean], &["stats", clean]] {
        let output = dechaff().args(command).output().unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert_ne!(output.status.code(), Some(0), "{command:?}: {said}");
        assert!(
            said.contains("interrupted; run `dechaff clean` again: it goes on where it stopped"),
            "{command:?}: {said}"
        );
    }
    scratch.expect(0, &["--quiet"]);
    assert_eq!(scratch.rows().len(), 3000);
}

/// A limit on the size of files is a disk that is full for the pages that exceed it, and for no others.
#[cfg(unix)]
#[test]
fn a_page_that_the_disk_has_no_room_for_is_listed_and_the_others_are_written() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE).page("b.txt", ARTICLE.repeat(400)).page("c.txt", format!("{ARTICLE}The end."));
    let limited = format!(
        "trap '' XFSZ; ulimit -f 64; exec '{}' '{}' '{}' --no-model",
        env!("CARGO_BIN_EXE_dechaff"),
        scratch.raw.display(),
        scratch.clean.display()
    );
    let output = std::process::Command::new("bash").args(["-c", &limited]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("b.txt") && text.contains("too large"), "{text}");
    let rows = scratch.rows();
    let status = |name: &str| rows[name]["status"].as_str().unwrap();
    assert_eq!((status("a.txt"), status("b.txt"), status("c.txt")), ("cleaned", "failed", "cleaned"));
    assert_eq!(fs::read_dir(scratch.clean.join(".dechaff/new")).unwrap().count(), 0, "nothing unfinished is left");
    assert!(!scratch.clean.join("b.txt").exists());
    scratch.expect(0, &["--no-model"]);
    assert!(scratch.clean.join("b.txt").exists(), "with room, the next run writes it");
}

#[test]
fn a_file_that_vanishes_during_the_run_is_listed_and_the_run_goes_on() {
    // The first page keeps the run busy while the second vanishes; on a busy machine it has to be longer.
    let found = [20_000, 80_000, 320_000].into_iter().find_map(|lines| {
        let scratch = Scratch::new();
        scratch.page("a.txt", ARTICLE.repeat(lines)).page("y.txt", ARTICLE).page("z.txt", format!("{ARTICLE}The end."));
        let mut child = dechaff()
            .arg(&scratch.raw)
            .arg(&scratch.clean)
            .args(["--threads", "1", "--no-survey", "--quiet"])
            .spawn()
            .unwrap();
        while !scratch.clean.join(".dechaff/journal.jsonl").exists() && child.try_wait().unwrap().is_none() {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        // The folder is listed right after the journal is begun.
        std::thread::sleep(std::time::Duration::from_millis(50));
        fs::remove_file(scratch.raw.join("y.txt")).unwrap();
        let code = child.wait().unwrap().code();
        let rows = scratch.rows();
        rows.get("y.txt").is_some_and(|row| row["status"] != "cleaned").then_some((code, rows))
    });
    let (code, rows) = found.expect("a long page takes longer than removing a file");
    assert_eq!(code, Some(1));
    assert_eq!(rows["y.txt"]["status"], "failed");
    assert!(rows["y.txt"]["reason"].as_str().unwrap().contains("No such file"));
    assert_eq!((&rows["a.txt"]["status"], &rows["z.txt"]["status"]), (&"cleaned".into(), &"cleaned".into()));
}

#[test]
fn the_help_names_what_is_read_and_every_exit_code() {
    let output = dechaff().arg("--help").output().unwrap();
    let help = String::from_utf8_lossy(&output.stdout);
    for word in ["What is read", "130", "--threads", "--dry-run", "RAW CLEAN", "manifest.jsonl"] {
        assert!(help.contains(word), "{word}\n{help}");
    }
}

#[test]
fn the_schema_of_the_manifest_is_up_to_date() {
    let schema = serde_json::to_string_pretty(&dechaff::internals::manifest::schema()).unwrap() + "\n";
    let path = project("docs/manifest.schema.json");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &schema).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == schema, "docs/manifest.schema.json is stale: run the tests once with BLESS=1");
}
