//! The library as its users see it: one page in, its text and every decision out.

use dechaff::{Cleaner, Comments, Error, Favor, Input, SiteTemplates, Status};

const HTML: &str = "<html lang=en><head><title>Ferry sails again - Harbour Post</title>\
    <link rel=canonical href=https://www.harbourpost.example/ferry></head><body><nav><ul><li><a href=/>Home</a></li>\
    <li><a href=/news>News</a></li></ul></nav><main><h1>Ferry sails again</h1>\
    <p>The ferry to the island sails again from Monday, the harbour office said on Friday, after three weeks in dock.</p>\
    <p>Captain Moss said that she had missed the gulls, and that the gulls had probably not missed her at all.</p>\
    </main></body></html>";

fn cleaner() -> Cleaner {
    Cleaner::builder().build().unwrap()
}

#[test]
fn a_page_of_html_gives_text_markdown_metadata_and_a_decision_for_every_block() {
    let cleaned = cleaner().clean(Input::html(HTML.as_bytes()));
    assert_eq!(cleaned.status(), Status::Cleaned);
    assert!(
        cleaned.text().starts_with("Ferry sails again\n") && !cleaned.text().contains("News"),
        "{}",
        cleaned.text()
    );
    assert!(cleaned.markdown().starts_with("# Ferry sails again\n"), "{}", cleaned.markdown());
    assert_eq!(cleaned.metadata().unwrap().language.as_deref(), Some("en"));
    assert_eq!(cleaned.site(), Some("www.harbourpost.example"));
    let decisions = cleaned.decisions();
    assert_eq!(
        decisions.iter().map(|decision| decision.block).collect::<Vec<_>>(),
        (0..decisions.len()).collect::<Vec<_>>()
    );
    let dropped = decisions.iter().find(|decision| decision.text == "News").unwrap();
    assert!(!dropped.kept);
    assert!(cleaner().why(dropped.rule.unwrap()).is_some(), "the rule that dropped it says why it is there");
    let kept: Vec<_> = decisions.iter().filter(|decision| decision.kept).map(|decision| decision.text).collect();
    assert_eq!(kept.join("\n\n"), cleaned.text().trim_end());
}

#[test]
fn text_is_taken_as_text_and_html_as_html_whatever_it_looks_like() {
    let cleaner = cleaner();
    let tags = "<p> is the tag that begins a paragraph, and most people never close it.";
    assert_eq!(cleaner.clean(Input::text(tags)).decisions()[0].text, tags);
    let bare = "Just a sentence with &amp; in it, which stands in no element of any kind.";
    assert!(cleaner.clean(Input::html(bare.as_bytes())).text().contains("with & in it"));
    let decoded = "<meta charset=windows-1252><h1>Fähre</h1><p>Die Fähre legt um neun ab, und der Kapitän winkt.</p>";
    assert!(cleaner.clean(Input::string(decoded)).text().contains("Kapitän"), "characters are decoded already");
    let german = b"Die F\xe4hre legt um neun Uhr ab, und der Kapit\xe4n winkt den M\xf6wen.";
    let cleaned = cleaner.clean(Input::bytes(&german[..]).charset("windows-1252").url("https://hafen.example/faehre"));
    assert!(cleaned.text().contains("Fähre"), "{}", cleaned.text());
    assert_eq!((cleaned.site(), cleaned.charset().unwrap().name.as_ref()), (Some("hafen.example"), "windows-1252"));
}

#[test]
fn what_cannot_be_read_says_so_and_nothing_panics() {
    let cleaner = cleaner();
    for (bytes, status) in
        [(&b"\x89PNG\r\n\x1a\n\0\0"[..], Status::Skipped), (b"", Status::Blank), (b" \n\t", Status::Blank)]
    {
        let cleaned = cleaner.clean(Input::bytes(bytes));
        assert_eq!(cleaned.status(), status, "{bytes:?}");
        assert_eq!((cleaned.text(), cleaned.decisions().len()), (String::new(), 0));
        assert_eq!(cleaned.reason().is_some(), status == Status::Skipped);
    }
    assert_eq!(cleaner.clean(Input::html(&b"<p></p>"[..])).text(), "");
}

#[test]
fn a_cleaner_is_shared_between_threads_and_no_use_changes_it() {
    fn is_shared<T: Send + Sync>(_: &T) {}
    let cleaner = cleaner();
    is_shared(&cleaner);
    let before = cleaner.clean(Input::html(HTML.as_bytes())).text();
    let site_aware = cleaner.with_templates(SiteTemplates::default());
    let texts: Vec<String> = std::thread::scope(|scope| {
        let clean = || scope.spawn(|| site_aware.clean(Input::html(HTML.as_bytes())).text());
        let running: Vec<_> = (0..4).map(|_| clean()).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(texts.iter().all(|text| *text == before));
    assert_eq!(cleaner.clean(Input::html(HTML.as_bytes())).text(), before);
}

#[test]
fn a_setting_that_cannot_be_is_an_error_that_names_it_and_what_there_is() {
    let error = Cleaner::builder().without_stage("modle").build().unwrap_err();
    assert!(matches!(error, Error::Setting { name: "off", .. }) && error.to_string().contains("model"), "{error}");
    let mut settings = dechaff::Settings::default();
    settings.reading.charset.push("latin-99".into());
    let error = Cleaner::builder().settings(settings).build().unwrap_err();
    assert!(error.to_string().contains("--charset=latin-99"), "{error}");
    let error = Cleaner::builder().rules_dir("no-such-folder").unwrap_err();
    assert!(error.to_string().contains("no-such-folder"), "{error}");
}

#[test]
fn what_the_builder_is_told_is_among_the_options_that_a_key_holds() {
    let cleaner = Cleaner::builder().favor(Favor::Recall).comments(Comments::Drop).build().unwrap();
    assert_eq!(cleaner.settings().options(), ["--comments=drop", "--favor=recall"]);
}
