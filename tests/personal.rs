//! `--pii` through the whole program: what stands in the text, in the row, and in Markdown.

mod program;

use program::{Scratch, dechaff};

const PAGE: &str = "\
The harbour office is open from nine to noon, and whoever has seen the otters is asked to write to ida.marsh@harbourpost.example \
or to call the harbour master on +44 20 7946 0958, who keeps a list of all that was seen on the quay.

Version 1.2.3.4 of the tide table mends the tide of Thursday, and the server at 93.184.216.34 has it since the morning, though \
nobody has looked at it there, because the otters have eaten the cable that leads from the office to the engine room.
";

#[test]
fn personal_data_is_replaced_where_it_is_asked_for_and_each_replacement_is_in_the_row() {
    let scratch = Scratch::new();
    scratch.page("a.txt", PAGE);
    scratch.expect(0, &[]);
    assert_eq!(scratch.cleaned("a.txt"), PAGE);

    let summary = scratch.expect(0, &["--pii"]);
    let expected = PAGE
        .replace("ida.marsh@harbourpost.example", "⟨email⟩")
        .replace("+44 20 7946 0958", "⟨phone⟩")
        .replace("93.184.216.34", "⟨ip⟩");
    assert_eq!(scratch.cleaned("a.txt"), expected);
    assert!(summary.contains("personal#email"), "{summary}");
    let row = scratch.row("a.txt");
    let edits: Vec<_> =
        row["edits"].as_array().unwrap().iter().map(|edit| (&edit["rule"], &edit["replacement"])).collect();
    let wanted = [("personal#email", "⟨email⟩"), ("personal#phone", "⟨phone⟩"), ("personal#ip", "⟨ip⟩")];
    assert_eq!(edits.len(), 3);
    for ((rule, replacement), (wanted_rule, wanted_replacement)) in edits.into_iter().zip(wanted) {
        assert_eq!((rule, replacement), (&wanted_rule.into(), &wanted_replacement.into()));
    }
    let [from, to] = [0, 1].map(|at| row["edits"][0]["characters"][at].as_u64().unwrap() as usize);
    assert_eq!(PAGE.chars().skip(from).take(to - from).collect::<String>(), "ida.marsh@harbourpost.example");

    scratch.expect(0, &["--pii", "--pii-placeholder", "<{}>"]);
    assert!(scratch.cleaned("a.txt").contains("write to <email> or"), "{}", scratch.cleaned("a.txt"));
    let explained = dechaff().arg("explain").arg(scratch.raw.join("a.txt")).arg("--pii").output().unwrap();
    assert!(String::from_utf8(explained.stdout).unwrap().contains("personal#phone"));
    let diff = dechaff().arg("diff").arg(&scratch.raw).arg(&scratch.clean).arg("--stat").output().unwrap();
    assert!(String::from_utf8(diff.stdout).unwrap().contains("1  personal#ip"));
}

#[test]
fn links_to_mail_and_phones_lose_their_targets_in_markdown() {
    let scratch = Scratch::new();
    let page = "<h1>Harbour office</h1><p>The harbour office is open from nine to noon, and whoever has seen the otters is asked to \
        <a href=\"mailto:ida@harbourpost.example\">write to us</a> or to <a href=\"mailto:runa@dock.example\">runa@dock.example</a>, \
        and to look at <a href=\"https://harbourpost.example/otters\">the list of otters</a> first, which is long.</p>";
    scratch.page("a.html", page);
    scratch.expect(0, &["--pii", "--markup", "markdown"]);
    let text = scratch.cleaned("a.html.md");
    assert!(text.contains("asked to write to us or to ⟨email⟩, and to look at [the list of otters](https"), "{text}");
    assert!(!text.contains('@'), "{text}");
    scratch.expect(0, &["--markup", "markdown"]);
    assert!(scratch.cleaned("a.html.md").contains("[write to us](mailto:ida@harbourpost.example)"));
}
