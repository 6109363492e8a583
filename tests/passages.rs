//! Repeated passages: which paragraphs go, which stay, and that it is the same whoever counts.

mod program;

use std::fs;

use program::{Scratch, dechaff, files, rows};
use serde_json::Value;

/// Judged by rules alone: sentences that are made up are no text to a model.
const PLAIN: [&str; 2] = ["--no-model", "--no-survey"];

/// A paragraph that many pages have.
const NOTICE: &str =
    "This notice was sent to every paper along the coast by the harbour office, which answers no letters about it.";

/// The same to a reader.
const NOTICE_AGAIN: &str =
    "- This notice was sent to every paper along the  coast by the Harbour Office, which answers no letters about it.";

/// A line that many pages have, and that is too short for a passage.
const SHORT: &str = "The harbour office answers no letters.";

fn run(scratch: &Scratch, more: &[&str]) -> String {
    scratch.expect(0, &[&PLAIN, more].concat())
}

/// A paragraph of its own.
fn own(page: usize) -> String {
    let letters: String = page.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect();
    let word = |stem: &str| format!("{stem}{letters}");
    let [ship, crew, quay] = ["ship", "crew", "quay"].map(word);
    format!("The {ship} came in late on that morning, and the {crew} stood on the {quay} until the evening had come.")
}

/// Pages of all kinds: `with` of them have the notice.
fn corpus(scratch: &Scratch, with: usize, without: usize) {
    let mut records = String::new();
    for page in 0..with + without {
        let notice = match page {
            _ if page >= with => "",
            _ if page % 2 == 0 => NOTICE,
            _ => NOTICE_AGAIN,
        };
        let lines = [&own(page), notice, SHORT, &own(page + 1000)];
        match page % 3 {
            0 => drop(scratch.page(&format!("text/{page:03}.txt"), lines.join("\n\n"))),
            1 => {
                let paragraphs: String = lines.iter().map(|line| format!("<p>{line}</p>\n")).collect();
                scratch.page(&format!("html/{page:03}.html"), format!("<html><body><main>{paragraphs}</main>"));
            }
            _ => records
                .push_str(&format!("{}\n", serde_json::json!({ "id": page.to_string(), "text": lines.join("\n\n") }))),
        }
    }
    scratch.page("records.jsonl", records);
}

/// The evidence of the lines that were dropped as repeated.
fn counts(row: &Value) -> Vec<u64> {
    let dropped = row["dropped"].as_array().into_iter().flatten();
    let repeated = dropped.filter(|decision| decision["rule"] == "passages#repeated");
    repeated.map(|decision| decision["evidence"]["documents"].as_u64().unwrap()).collect()
}

#[test]
fn a_passage_goes_where_more_documents_have_it_than_may() {
    let scratch = Scratch::new();
    corpus(&scratch, 9, 3);
    run(&scratch, &[]);
    let plain = files(&scratch.clean);
    for (more, dropped) in [(&[][..], 0), (&["--repeated-passages=9"], 0), (&["--repeated-passages=8"], 9)] {
        let said = run(&scratch, more);
        let rows = scratch.rows();
        assert_eq!(rows.values().filter(|row| counts(row) == [9]).count(), dropped, "{more:?} {said}");
        assert!(rows.values().all(|row| row["passages"].is_null() == more.is_empty()));
        if dropped > 0 {
            assert!(said.contains("Repeated passages: 1 passage on more than 8 documents, 9 lines dropped"), "{said}");
        }
        for (page, row) in rows.iter().filter(|(_, row)| row["output"]["path"].is_string()) {
            let text = scratch.cleaned(row["output"]["path"].as_str().unwrap());
            let has_notice = text.to_lowercase().contains("sent to every paper");
            assert!(text.contains(SHORT) && text.contains("came in late"), "{page}: {text}");
            assert!(!has_notice || dropped == 0, "{page}: {text}");
        }
    }
    run(&scratch, &[]);
    assert!(files(&scratch.clean) == plain, "without the option all is as it was");
    let said = run(&scratch, &["--repeated-passages=2", "--off=passages"]);
    assert!(!said.contains("Repeated"), "{said}");
}

#[test]
fn copies_count_once() {
    let scratch = Scratch::new();
    let page = |number: usize| format!("{}\n\n{NOTICE}\n\n{}", own(number), own(number + 1000));
    for copy in 0..5 {
        scratch.page(&format!("copy-{copy}.txt"), page(1));
    }
    scratch.page("other.txt", page(2));
    scratch.page("twice.txt", format!("{}\n\n{NOTICE}\n\n{}\n\n{NOTICE}", own(3), own(4)));
    run(&scratch, &["--repeated-passages=2"]);
    let all = scratch.rows();
    assert_eq!(counts(&all["other.txt"]), [3]);
    assert!((0..5).all(|copy| counts(&all[&format!("copy-{copy}.txt")]) == [3]));
    assert_eq!(counts(&all["twice.txt"]), [3, 3]);
    run(&scratch, &["--repeated-passages=3"]);
    assert!(scratch.rows().values().all(|row| counts(row).is_empty()));
}

#[test]
fn any_number_of_threads_counts_the_same() {
    let scratch = Scratch::new();
    corpus(&scratch, 31, 20);
    let forms: [&[&str]; 4] = [
        &[],
        &["--output=jsonl", "--shard-size=4K"],
        &["--markup=markdown", "--near-copies=drop", "--near-threshold=0.9"],
        &["--filter=length", "--tag", "--pii"],
    ];
    for more in forms {
        let mut seen = None;
        for threads in ["1", "2", "8"] {
            let clean = scratch.home.path().join(format!("clean-{threads}-{}", more.concat().len()));
            let args = [&PLAIN, &["--repeated-passages=10", "--threads", threads][..], more].concat();
            let output = dechaff().arg(&scratch.raw).arg(&clean).args(args).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            assert_eq!(rows(&clean).values().filter(|row| counts(row) == [31]).count(), 31);
            assert!(fs::read_dir(clean.join(".dechaff/new")).unwrap().next().is_none(), "temporary files are gone");
            let made = files(&clean);
            match &seen {
                None => seen = Some(made),
                Some(seen) => assert!(*seen == made, "{threads} threads"),
            }
        }
    }
}

#[test]
fn a_second_run_is_a_run_from_nothing() {
    let scratch = Scratch::new();
    corpus(&scratch, 9, 6);
    let forms: [&[&str]; 3] = [&[], &["--output=jsonl"], &["--near-copies=drop", "--copies=drop"]];
    for form in forms {
        let _ = fs::remove_dir_all(&scratch.clean);
        let args = [&["--repeated-passages=8", "--prune", "--summary=json"][..], form].concat();
        let again = |what: &str| -> Value {
            let said = serde_json::from_str(&run(&scratch, &args)).unwrap();
            let fresh = scratch.home.path().join("fresh");
            let _ = fs::remove_dir_all(&fresh);
            let all = [&PLAIN, &args[..]].concat();
            assert!(dechaff().arg(&scratch.raw).arg(&fresh).args(all).output().unwrap().status.success());
            assert!(files(&scratch.clean) == files(&fresh), "{what}");
            said
        };
        again("the first run");
        let said = again("nothing has changed");
        assert_eq!((&said["reused"], &said["repeated_passages"]["passages"]), (&15.into(), &1.into()), "{said}");
        // A page without the notice is nobody's business but its own; one with it changes the count of all that have it; and
        // where too few are left, it comes back.
        scratch.page("new.txt", own(500));
        assert_eq!(again("a page of its own")["reused"], 15);
        scratch.page("new.txt", format!("{}\n\n{NOTICE}", own(500)));
        assert_eq!(again("one page more")["reused"], 6);
        for gone in ["text/000.txt", "new.txt"] {
            fs::remove_file(scratch.raw.join(gone)).unwrap();
        }
        let said = again("two pages less");
        assert_eq!((&said["reused"], &said["repeated_passages"]["passages"]), (&6.into(), &0.into()), "{said}");
        corpus(&scratch, 9, 6);
    }
}

#[test]
fn the_rule_is_named_where_people_look() {
    let scratch = Scratch::new();
    corpus(&scratch, 9, 3);
    run(&scratch, &[]);
    let before = scratch.home.path().join("before.jsonl");
    fs::copy(scratch.clean.join("manifest.jsonl"), &before).unwrap();
    run(&scratch, &["--repeated-passages=8"]);
    let say = |args: &[&std::ffi::OsStr]| {
        let output = dechaff().args(args).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (raw, clean) = (scratch.raw.as_os_str(), scratch.clean.as_os_str());
    let page = scratch.raw.join("text/000.txt");
    let (_, explained) = say(&["explain".as_ref(), "--no-model".as_ref(), page.as_os_str()]);
    assert!(explained.contains("passages#repeated") && explained.contains("9 documents of the corpus"), "{explained}");
    let (_, diff) = say(&["diff".as_ref(), raw, clean]);
    assert!(diff.contains("[passages#repeated]"), "{diff}");
    let (_, against) = say(&["diff".as_ref(), raw, clean, "--against".as_ref(), before.as_os_str()]);
    assert!(against.contains("passages#repeated"), "{against}");
    let plain = PLAIN.map(std::ffi::OsStr::new);
    let (code, checked) =
        say(&[&["check".as_ref(), raw, clean, "--repeated-passages=8".as_ref()][..], &plain].concat());
    assert!(code == Some(0) && !checked.contains("stale"), "{code:?} {checked}");
    for (more, says) in
        [("--repeated-passages=0", "1.."), ("--repeated-passages=many", "invalid"), ("--repeated-passages=-1", "")]
    {
        let said = scratch.expect(2, &[more]);
        assert!(said.contains(says), "{more}: {said}");
    }
    let output = dechaff().args(["--jsonl", "--repeated-passages=3"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}
