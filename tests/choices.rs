//! What a person says should become of comments and bylines: in the text, in the manifest, in its keys.

mod program;

use program::{Scratch, dechaff};

const ARTICLE: &str = "\
Otters found in the dry dock

By Ida Marsh
3 May 2024

The otters had been living in the dry dock since the spring, the harbour master said on Friday morning, and nobody had
noticed them, because nobody ever looks into the dry dock in the winter, when the boats stand in it under their covers.

He means to wait until the young ones are grown, and to have them carried back to the river then; until that day the
dock is closed, and whoever wants a boat painted will have to take it to the yard on the other side of the bay.

2 comments

Ole Brandt
4 May 2024 at 9:15
I saw them in February already, and told the harbour master, who did not believe a word of it.
Reply

Runa Holm
4 May 2024 at 11:40
They ate the bait out of my boat. I would not mind a dock full of them elsewhere.
Reply
";

const COMMENT: &str = "I saw them in February already, and told the harbour master, who did not believe a word of it.";
const BYLINE: &str = "By Ida Marsh";

#[test]
fn comments_and_bylines_stay_or_go_as_they_are_told_to() {
    for (options, comment, byline) in [
        (&["--comments", "keep", "--bylines", "keep"][..], true, true),
        (&["--comments", "drop", "--bylines", "drop"], false, false),
        (&["--comments", "keep", "--bylines", "drop"], true, false),
        (&["--comments", "drop", "--bylines", "keep", "--no-model"], false, true),
        // Nobody has said anything: they stand below an article, under a heading that counts them.
        (&["--no-model"], false, true),
    ] {
        let scratch = Scratch::new();
        scratch.page("a.txt", ARTICLE);
        scratch.expect(0, options);
        let text = scratch.cleaned("a.txt");
        let has = |line: &str| text.lines().any(|own| own == line);
        assert_eq!((has(COMMENT), has(BYLINE)), (comment, byline), "{options:?}\n{text}");
        assert!(has("Otters found in the dry dock"), "{options:?}\n{text}");
        scratch.rows();
    }
}

#[test]
fn the_manifest_names_the_rule_and_the_options_and_its_keys_depend_on_them() {
    let scratch = Scratch::new();
    scratch.page("a.txt", ARTICLE);
    scratch.expect(0, &["--comments", "auto"]);
    let plain = scratch.row("a.txt")["key"].clone();
    scratch.expect(0, &["--comments", "drop", "--bylines", "drop"]);
    let row = scratch.row("a.txt");
    assert_ne!(row["key"], plain);
    for rule in ["comments#dropped", "bylines#dropped"] {
        assert!(row.to_string().contains(rule), "{row}");
    }
    let manifest = std::fs::read_to_string(scratch.clean.join("manifest.jsonl")).unwrap();
    let header = manifest.lines().next().unwrap();
    assert!(header.contains(r#""--bylines=drop","--comments=drop""#), "{header}");
}

#[test]
fn what_cannot_become_of_them_is_refused() {
    for option in ["--comments=maybe", "--bylines=auto"] {
        let output = dechaff().args([option, "raw", "clean"]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{option}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("keep"), "{option}");
    }
}
