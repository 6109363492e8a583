//! The output folder has one owner: nothing leads out of it, nothing in it goes unasked, and a run that was killed at
//! any moment is gone on with, whatever the options of the next one are.

mod program;

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use program::{Chance, Scratch, dechaff, files};

const ARTICLE: &str = "The ferry\n\nThe ferry left at nine and came back at ten, which nobody had asked it to do.\n\n\
    On the quay a man with a bicycle waited for the post, as he does every morning in spring.\n";

fn article(number: usize) -> String {
    format!("{ARTICLE}\nThis is what was written in the paper of that morning, and it was number {number}.\n")
}

fn many() -> Scratch {
    let scratch = Scratch::new();
    for number in 0..6 {
        scratch.page(&format!("a/{number}.txt"), article(number));
        scratch.page(&format!("b/{number}.txt"), article(10 + number));
    }
    scratch
}

/// What a run from nothing makes of the same input.
fn from_nothing(scratch: &Scratch, options: &[&str]) -> std::collections::BTreeMap<std::path::PathBuf, Vec<u8>> {
    let clean = scratch.home.path().join("from-nothing");
    let _ = fs::remove_dir_all(&clean);
    dechaff().arg(&scratch.raw).arg(&clean).args(options).arg("--quiet").output().unwrap();
    files(&clean)
}

#[test]
fn a_run_over_a_part_leaves_the_rest_and_its_rows_alone() {
    // What recurs on a site is known by the pages that a run reads, and the header has its hash.
    for output in [&["--no-survey"][..], &["--no-survey", "--output=jsonl"]] {
        let scratch = many();
        scratch.expect(0, output);
        let before = files(&scratch.clean);
        let one = scratch.raw.join("a/3.txt");
        for part in [
            &["--include=a/**"][..],
            &["--exclude=a/**", "--prune"],
            &["--partition=1/4", "--prune"],
            &["--include=none"],
        ] {
            let said = scratch.expect(0, &[part, output].concat());
            assert!(said.contains("stay: this run was not to read their pages"), "{said}");
            assert_eq!(files(&scratch.clean), before, "{part:?}");
        }
        let status = dechaff().arg(&one).arg(&scratch.clean).args(output).stdout(Stdio::null()).status().unwrap();
        assert!(status.success());
        assert_eq!(scratch.rows().len(), 13, "a single page is called by its name alone");
    }
}

#[test]
fn an_input_folder_that_is_empty_or_gone_removes_nothing() {
    for prune in [&[][..], &["--prune"]] {
        let scratch = many();
        scratch.expect(0, &[]);
        let before = files(&scratch.clean);
        let elsewhere = scratch.home.path().join("elsewhere");
        fs::rename(&scratch.raw, &elsewhere).unwrap();
        assert!(scratch.expect(1, prune).contains("cannot read"));
        fs::create_dir(&scratch.raw).unwrap();
        let said = scratch.expect(2, prune);
        assert!(said.contains("holds no files"), "{said}");
        assert_eq!(files(&scratch.clean), before);
    }
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_this_time_keeps_what_it_gave_before() {
    use std::os::unix::fs::symlink;
    let scratch = many();
    scratch.expect(0, &[]);
    fs::remove_file(scratch.raw.join("a/0.txt")).unwrap();
    symlink("nowhere", scratch.raw.join("a/0.txt")).unwrap();
    fs::rename(scratch.raw.join("b"), scratch.home.path().join("b")).unwrap();
    symlink("nowhere", scratch.raw.join("b")).unwrap();
    scratch.expect(1, &[]);
    assert!(scratch.clean.join("a/0.txt").exists() && scratch.clean.join("b/5.txt").exists());
    assert_eq!(scratch.row("a/0.txt")["status"], "failed");
    // What was below a link may be below it again.
    assert!(scratch.expect(1, &["--prune"]).contains("removed: their pages are gone"));
    assert!(!scratch.clean.join("a/0.txt").exists() && scratch.clean.join("b/5.txt").exists());
}

#[test]
fn what_a_damaged_archive_gave_before_goes_by_prune_alone() {
    for output in ["files", "jsonl"] {
        let options = ["--no-model", "--output", output];
        let scratch = Scratch::new();
        let lines: String = (0..6)
            .map(|number| format!("{{\"id\":\"p{number}\",\"text\":\"The tide is high at {number}.\"}}\n"))
            .collect();
        let packed = zstd::encode_all(lines.as_bytes(), 3).unwrap();
        scratch.page("a.jsonl.zst", &packed).page("b.txt", "The tide is low.");
        scratch.expect(0, &options);
        let rows = scratch.rows().len();
        scratch.page("a.jsonl.zst", &packed[..packed.len() / 2]);
        scratch.expect(1, &options);
        assert!(scratch.rows().len() >= rows, "{output}");
        scratch.expect(1, &[&options[..], &["--prune"]].concat());
        assert_eq!(files(&scratch.clean), from_nothing(&scratch, &options), "{output}");
    }
}

#[test]
fn an_edited_output_is_named_and_replaced_by_force_alone() {
    let scratch = many();
    scratch.expect(0, &[]);
    fs::write(scratch.clean.join("a/0.txt"), "edited by hand").unwrap();
    fs::write(scratch.clean.join("a/1.txt"), "edited by hand").unwrap();
    scratch.page("a/1.txt", " ");
    for _ in 0..2 {
        let said = scratch.expect(1, &["--quiet"]);
        assert!(said.contains("was edited since dechaff wrote it"), "{said}");
        assert!(scratch.cleaned("a/0.txt") == "edited by hand" && scratch.cleaned("a/1.txt") == "edited by hand");
    }
    scratch.expect(0, &["--force"]);
    assert_eq!(files(&scratch.clean), from_nothing(&scratch, &[]));
}

#[test]
fn an_edited_shard_is_named_before_anything_is_written() {
    let scratch = many();
    scratch.expect(0, &["--output=jsonl"]);
    fs::write(scratch.clean.join("part-00000.jsonl.zst"), "edited").unwrap();
    for options in [&["--output=jsonl"][..], &[]] {
        let said = scratch.expect(2, options);
        assert!(said.contains("part-00000.jsonl.zst was edited since"), "{said}");
        assert_eq!(files(&scratch.clean).len(), 2);
    }
    scratch.expect(0, &["--force"]);
    assert_eq!(files(&scratch.clean), from_nothing(&scratch, &[]));
}

#[test]
fn a_second_run_over_shards_judges_no_file_again_and_copies_its_line() {
    let scratch = many();
    let options = ["--output=jsonl", "--shard-size=1K", "--no-survey"];
    scratch.expect(0, &options);
    assert!(files(&scratch.clean).len() > 3);
    let said = scratch.expect(0, &options);
    assert!(said.contains("12 of them stand"), "{said}");
    scratch.page("a/3.txt", article(99).repeat(2));
    fs::remove_file(scratch.raw.join("b/0.txt")).unwrap();
    let said = scratch.expect(0, &[&options[..], &["--prune"]].concat());
    assert!(said.contains("10 of them stand"), "{said}");
    assert_eq!(files(&scratch.clean), from_nothing(&scratch, &options));
    let verified = dechaff().arg("verify").arg(&scratch.clean).output().unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}

#[test]
fn a_name_is_not_taken_from_a_page_whose_source_is_gone() {
    let scratch = Scratch::new();
    scratch.page("page.txt", article(1)).page("z.txt", article(2));
    scratch.expect(0, &[]);
    let before = scratch.cleaned("page.txt");
    fs::rename(scratch.raw.join("page.txt"), scratch.raw.join("page")).unwrap();
    scratch.page("page", article(3));
    let said = scratch.expect(1, &[]);
    assert!(said.contains("which is gone; --prune removes it"), "{said}");
    assert_eq!(scratch.cleaned("page.txt"), before);
    scratch.expect(0, &["--prune"]);
    assert_eq!(files(&scratch.clean), from_nothing(&scratch, &[]));
}

/// A run that is killed between making a folder and naming the file in it, or between removing the one and the other.
#[test]
fn an_empty_folder_of_an_output_that_nobody_wants_any_more_goes_with_it() {
    for options in [&[][..], &["--output=jsonl"]] {
        let scratch = many();
        scratch.page("c/deep/1.txt", article(30)).expect(0, &["--no-survey"]);
        fs::remove_file(scratch.clean.join("c/deep/1.txt")).unwrap();
        fs::remove_file(scratch.raw.join("c/deep/1.txt")).unwrap();
        fs::create_dir(scratch.clean.join("mine")).unwrap();
        let options = [options, &["--no-survey", "--prune"]].concat();
        scratch.expect(0, &options);
        assert!(!scratch.clean.join("c").exists(), "{options:?}");
        assert!(scratch.clean.join("mine").exists(), "what no run made is left alone");
        assert_eq!(files(&scratch.clean), from_nothing(&scratch, &options));
    }
}

#[test]
fn a_killed_run_of_other_options_leaves_nothing_that_is_unknown() {
    let scratch = Scratch::new();
    for number in 0..300 {
        let text = article(number % 250);
        scratch.page(
            &format!("site{}.example/{number}.html", number % 3),
            format!("<html><body><main><p>{text}</p></main></body></html>"),
        );
    }
    let forms: [&[&str]; 5] =
        [&[], &["--output=jsonl", "--shard-size=20K"], &["--markup=markdown"], &["--copies=drop"], &["--no-survey"]];
    let mut chance = Chance(15);
    for round in 0..6 {
        for _ in 0..3 {
            let options = forms[chance.below(forms.len())];
            let mut child = dechaff();
            child.arg(&scratch.raw).arg(&scratch.clean).args(options).arg("--no-model").stdout(Stdio::null());
            let mut child = child.spawn().unwrap();
            std::thread::sleep(Duration::from_millis(chance.below(400) as u64));
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let options = [forms[chance.below(forms.len())], &["--no-model"]].concat();
        scratch.expect(0, &options);
        let (made, expected) = (files(&scratch.clean), from_nothing(&scratch, &options));
        assert!(made.keys().eq(expected.keys()), "round {round}: {:?}", made.keys());
        assert!(made == expected, "round {round}");
    }
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A folder elsewhere with files of the names and bytes that the output's have.
    fn elsewhere(scratch: &Scratch) -> std::path::PathBuf {
        let victim = scratch.home.path().join("victim");
        fs::create_dir(&victim).unwrap();
        for entry in fs::read_dir(scratch.clean.join("a")).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), victim.join(entry.file_name())).unwrap();
        }
        victim
    }

    #[test]
    fn nothing_is_removed_replaced_or_made_behind_a_link() {
        for is_folder in [true, false] {
            let scratch = many();
            scratch.expect(0, &[]);
            let victim = elsewhere(&scratch);
            let before = files(&victim);
            match is_folder {
                true => {
                    fs::remove_dir_all(scratch.clean.join("a")).unwrap();
                    symlink(&victim, scratch.clean.join("a")).unwrap();
                }
                false => {
                    for number in 0..6 {
                        let name = format!("{number}.txt");
                        fs::remove_file(scratch.clean.join("a").join(&name)).unwrap();
                        symlink(victim.join(&name), scratch.clean.join("a").join(&name)).unwrap();
                    }
                }
            }
            fs::remove_file(scratch.raw.join("a/0.txt")).unwrap();
            scratch.page("a/1.txt", article(77)).page("a/new.txt", article(78));
            let said = scratch.expect(1, &["--prune", "--force"]);
            assert!(said.contains("is a link"), "{said}");
            assert_eq!(files(&victim), before);
        }
    }

    #[test]
    fn the_inner_folder_and_the_manifest_are_no_links() {
        let scratch = many();
        let victim = scratch.home.path().join("victim");
        fs::create_dir(&victim).unwrap();
        fs::create_dir(&scratch.clean).unwrap();
        symlink(&victim, scratch.clean.join(".dechaff")).unwrap();
        let said = scratch.expect(1, &[]);
        assert!(said.contains(".dechaff is a link"), "{said}");
        fs::remove_file(scratch.clean.join(".dechaff")).unwrap();
        symlink(victim.join("m"), scratch.clean.join("manifest.jsonl")).unwrap();
        let said = scratch.expect(1, &["--output=jsonl"]);
        assert!(said.contains("manifest.jsonl is a link"), "{said}");
        assert!(files(&victim).is_empty());
    }

    #[test]
    fn a_shard_does_not_take_the_place_of_a_link() {
        let scratch = many();
        let victim = scratch.home.path().join("victim");
        fs::write(&victim, "mine").unwrap();
        fs::create_dir(&scratch.clean).unwrap();
        symlink(&victim, scratch.clean.join("part-00000.jsonl.zst")).unwrap();
        scratch.expect(1, &["--output=jsonl"]);
        assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
        assert!(scratch.clean.join("part-00000.jsonl.zst").is_symlink());
    }

    #[test]
    fn a_folder_that_becomes_a_link_during_the_run_leads_nowhere() {
        let scratch = Scratch::new();
        for number in 0..400 {
            scratch.page(&format!("a/{number:03}.txt"), article(number).repeat(30));
        }
        let victim = scratch.home.path().join("victim");
        fs::create_dir(&victim).unwrap();
        let mut child =
            dechaff().arg(&scratch.raw).arg(&scratch.clean).arg("--threads=1").stdout(Stdio::null()).spawn().unwrap();
        while !scratch.clean.join("a/000.txt").exists() && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        fs::rename(scratch.clean.join("a"), scratch.home.path().join("was")).unwrap();
        symlink(&victim, scratch.clean.join("a")).unwrap();
        child.wait().unwrap();
        assert!(files(&victim).is_empty());
    }

    #[test]
    fn a_pipe_in_the_output_is_not_waited_for() {
        let scratch = many();
        scratch.expect(0, &[]);
        fs::remove_file(scratch.clean.join("a/0.txt")).unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(scratch.clean.join("a/0.txt"))
            .arg(scratch.raw.join("pipe"))
            .status();
        assert!(made.unwrap().success());
        scratch.expect(1, &[]);
        assert_eq!(scratch.row("pipe")["status"], "skipped");
    }
}

#[test]
fn a_manifest_that_names_a_file_elsewhere_is_believed_by_nobody() {
    let scratch = many();
    scratch.expect(0, &[]);
    let victim = scratch.home.path().join("victim.txt");
    fs::copy(scratch.clean.join("a/0.txt"), &victim).unwrap();
    let manifest = scratch.clean.join("manifest.jsonl");
    let text = fs::read_to_string(&manifest).unwrap();
    let hostile = text.replacen("\"path\":\"a/0.txt\",\"bytes\"", "\"path\":\"../victim.txt\",\"bytes\"", 1);
    assert_ne!(hostile, text);
    fs::write(&manifest, hostile).unwrap();
    let verified = dechaff().arg("verify").arg(&scratch.clean).output().unwrap();
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(!verified.status.success() && said.contains("is no path below the output folder"), "{said}");
    fs::write(&victim, "A secret that nobody was to read.\n").unwrap();
    let shown = dechaff().arg("diff").arg(&scratch.raw).arg(&scratch.clean).output().unwrap();
    assert!(!String::from_utf8_lossy(&shown.stdout).contains("secret"));
    fs::remove_file(scratch.raw.join("a/0.txt")).unwrap();
    scratch.expect(0, &["--prune"]);
    assert!(victim.exists());
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_run_in_order_with_its_own_exit_code() {
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let scratch = Scratch::new();
        for number in 0..1500 {
            scratch.page(&format!("{number:04}.txt"), article(number).repeat(20));
        }
        let mut child =
            dechaff().arg(&scratch.raw).arg(&scratch.clean).arg("--threads=1").stdout(Stdio::null()).spawn().unwrap();
        while !scratch.clean.join("0000.txt").exists() {
            std::thread::sleep(Duration::from_millis(1));
        }
        let sent = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        assert_eq!(child.wait().unwrap().code(), Some(code));
        assert!(is_finished_work_kept(&scratch.clean));
        scratch.expect(0, &["--quiet"]);
    }
}

fn is_finished_work_kept(clean: &Path) -> bool {
    clean.join("0000.txt").exists() && clean.join(".dechaff/journal.jsonl").exists()
}

#[cfg(unix)]
#[test]
fn names_with_control_characters_are_escaped_in_what_is_printed() {
    let scratch = Scratch::new();
    scratch.page("a\u{1b}[31m\n.txt", "\0\0binary\0");
    let said = scratch.expect(0, &[]);
    assert!(said.contains("\\u{1b}[31m\\n.txt") && !said.contains('\u{1b}'), "{said}");
}

/// One page as a whole file of Zstandard: its text has the name that `a.txt` has.
fn packed(number: usize) -> Vec<u8> {
    zstd::encode_all(article(number).as_bytes(), 1).unwrap()
}

#[test]
fn a_name_that_a_gone_page_holds_is_told_with_what_frees_it() {
    let scratch = Scratch::new();
    scratch.page("a.txt.zst", packed(1));
    scratch.expect(0, &[]);
    scratch.page("a.txt", article(2));
    let said = scratch.expect(1, &[]);
    assert!(said.contains("rename one of the sources"), "{said}");
    fs::rename(scratch.raw.join("a.txt"), scratch.raw.join("b.txt")).unwrap();
    for _ in 0..2 {
        let said = scratch.expect(1, &[]);
        assert!(said.contains("a.txt is the text of a.txt, which is gone; --prune removes it"), "{said}");
    }
    scratch.expect(0, &["--prune"]);
    assert_eq!(files(&scratch.clean), from_nothing(&scratch, &[]));
    // A page that this run was not to read keeps its name, and that is what is said.
    scratch.page("a.txt", article(2));
    fs::remove_file(scratch.raw.join("a.txt.zst")).unwrap();
    scratch.expect(0, &["--prune"]);
    scratch.page("a.txt.zst", packed(1));
    let said = scratch.expect(1, &["--exclude=a.txt"]);
    assert!(said.contains("which this run does not read; rename one of the two"), "{said}");
}
