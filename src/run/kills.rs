//! The output folder as a model: any sequence of runs, changed options, edits of RAW and kills at any call that writes
//! ends, after one run that is left alone, in the folder that a run from nothing makes.

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::sync::Mutex;

    use globset::{Glob, GlobSet, GlobSetBuilder};
    use proptest::prelude::*;

    use crate::cleaner::Cleaner;
    use crate::passes::near::NearSettings;
    use crate::passes::templates::site_templates::SiteTemplates;
    use crate::run::commit::NearCopies;
    use crate::run::near_copies::NearJob;
    use crate::run::page_runner::PageRunner;
    use crate::run::{Job, RunObserver, run};
    use crate::settings::{Container, OutputMarkup, Settings};
    use crate::write::root_dir::kill;

    /// What happens between two moments of rest.
    #[derive(Debug, Clone)]
    enum Step {
        /// A page gets another text, or comes.
        Write { page: u8, text: u8 },
        /// A page goes.
        Remove { page: u8 },
        /// A run of a form, killed after so many halves of calls that write, if it comes so far.
        Run { form: u8, kill_at: Option<i64> },
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            2 => (0..7u8, 0..4u8).prop_map(|(page, text)| Step::Write { page, text }),
            1 => (0..7u8).prop_map(|page| Step::Remove { page }),
            4 => (0..8u8, prop::option::weighted(0.8, 1..180i64))
                .prop_map(|(form, kill_at)| Step::Run { form, kill_at }),
        ];
        prop::collection::vec(step, 2..9)
    }

    /// Rules are compiled once for each form.
    static CLEANERS: Mutex<BTreeMap<u8, Cleaner>> = Mutex::new(BTreeMap::new());

    struct Alone;

    impl RunObserver for Alone {
        fn page(&self, _: bool) {}

        fn wants_to_stop(&self) -> bool {
            false
        }
    }

    /// A run that reads one page alone.
    const ONE_PAGE: u8 = 8;

    fn only(page: &Path) -> GlobSet {
        let name = page.file_name().unwrap().to_str().unwrap();
        GlobSetBuilder::new().add(Glob::new(name).unwrap()).build().unwrap()
    }

    fn run_as(raw: &Path, clean: &Path, form: u8) -> bool {
        let off = ["model", "furniture", "closing", "teasers"].map(str::to_string).to_vec();
        let mut settings = Settings { off, ..Settings::default() };
        match form {
            1 | 6 => settings.output = Container::Jsonl,
            2 => settings.markup = OutputMarkup::Markdown,
            // A file of text and one of HTML with the same line are no copies.
            7 => settings.passages.repeated_passages = Some(1),
            _ => {}
        }
        let mut known = CLEANERS.lock().unwrap();
        let cleaner = known.entry(form).or_insert_with(|| Cleaner::builder().settings(settings).build().unwrap());
        let cleaner = cleaner.with_templates(SiteTemplates::default());
        let mut job = Job {
            raw: raw.into(),
            clean: clean.into(),
            clean_name: None,
            threads: 1,
            dry_run: false,
            force: form == 4,
            prune: true,
            write_copies: form != 3,
            // The pages' texts differ in a digit, which does not count: those of a kind are near copies.
            near_copies: matches!(form, 5 | 6).then(|| NearJob {
                settings: NearSettings::default(),
                copies: NearCopies::Drop,
                against: Vec::new(),
            }),
            include: if form == ONE_PAGE { only(&raw.join("0.txt")) } else { GlobSet::empty() },
            exclude: GlobSet::empty(),
            part: None,
            shard_bytes: 200,
            survey: false,
            runner: PageRunner::new(cleaner),
            rejected: None,
        };
        run(&mut job, &Alone).is_ok()
    }

    fn write(raw: &Path, page: u8, text: u8) {
        let text = format!("It was text {text} that stood in the paper of that morning, and nobody had asked for it.");
        let bytes = match page {
            PACKED => zstd::encode_all(text.as_bytes(), 1).unwrap(),
            _ if page.is_multiple_of(2) => (text + "\n").into_bytes(),
            _ => format!("<main><h1>Title</h1><p>{text}</p></main>").into_bytes(),
        };
        fs::write(raw.join(name(page)), bytes).unwrap();
    }

    /// A page that gives a text of the name that another page's has.
    const PACKED: u8 = 6;

    fn name(page: u8) -> String {
        match page {
            PACKED => "0.txt.zst".to_string(),
            _ if page.is_multiple_of(2) => format!("{page}.txt"),
            _ => format!("{page}.html"),
        }
    }

    fn files(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
        let entries = walkdir::WalkDir::new(root).into_iter().filter_entry(|entry| entry.file_name() != ".dechaff");
        let files = entries.map(Result::unwrap).filter(|entry| entry.file_type().is_file());
        files.map(|entry| (entry.path().strip_prefix(root).unwrap().into(), fs::read(entry.path()).unwrap())).collect()
    }

    fn hold(steps: &[Step]) -> Result<(), TestCaseError> {
        let home = tempfile::tempdir().unwrap();
        let (raw, clean, fresh) = (home.path().join("raw"), home.path().join("clean"), home.path().join("fresh"));
        fs::create_dir(&raw).unwrap();
        for page in 0..6 {
            write(&raw, page, page % 3);
        }
        let mut last = 0;
        for step in steps {
            match *step {
                Step::Write { page, text } => write(&raw, page, text),
                Step::Remove { page } => {
                    // One page is always left: an empty folder is an error of its own.
                    if fs::read_dir(&raw).unwrap().count() > 1 {
                        let _ = fs::remove_file(raw.join(name(page)));
                    }
                }
                Step::Run { form, kill_at } => {
                    kill::allow(&clean, kill_at.unwrap_or(i64::MAX));
                    let ended = run_as(&raw, &clean, form);
                    prop_assert!(ended || kill_at.is_some(), "a run that is left alone ends");
                    last = form;
                }
            }
        }
        kill::allow(&clean, i64::MAX);
        prop_assert!(run_as(&raw, &clean, last));
        prop_assert!(run_as(&raw, &fresh, last));
        let (made, expected) = (files(&clean), files(&fresh));
        prop_assert!(made.keys().eq(expected.keys()), "{:?} where {:?} should be", made.keys(), expected.keys());
        for (path, bytes) in &expected {
            prop_assert!(made[path] == *bytes, "{} has other bytes", path.display());
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        #[test]
        fn any_sequence_of_runs_and_kills_ends_as_a_run_from_nothing(steps in steps()) {
            hold(&steps)?;
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 5000, ..ProptestConfig::default() })]

        /// The same for hours: `cargo test --release --lib kills -- --ignored`.
        #[test]
        #[ignore = "takes long"]
        fn any_sequence_of_runs_and_kills_ends_as_a_run_from_nothing_for_hours(steps in steps()) {
            hold(&steps)?;
        }
    }

    /// A run of one form is killed at every call that writes, and runs of every other form follow.
    #[test]
    fn every_call_that_writes_may_be_the_last_before_a_change_of_form() {
        for (first, second, third) in
            [(0, 2, 0), (0, 3, 0), (1, 0, 1), (0, 1, 2), (2, 1, 3), (0, 5, 0), (5, 6, 5), (7, 0, 7)]
        {
            for kill_at in 1.. {
                let steps = [
                    Step::Run { form: first, kill_at: None },
                    Step::Write { page: 1, text: 3 },
                    Step::Run { form: second, kill_at: Some(kill_at) },
                    Step::Run { form: third, kill_at: Some(kill_at / 2 + 5) },
                    Step::Run { form: first, kill_at: None },
                ];
                hold(&steps).unwrap_or_else(|error| panic!("{steps:?}: {error}"));
                if kill_at > 140 {
                    break;
                }
            }
        }
    }

    /// The name of an output goes from one page to another in a run that is killed at every call that writes, and a run of
    /// another form follows.
    #[test]
    fn a_name_that_changed_hands_in_a_killed_run_is_nobodys_edit() {
        for last in [0, 1, 2] {
            for kill_at in 1..60 {
                let steps = [
                    Step::Remove { page: 0 },
                    Step::Write { page: PACKED, text: 1 },
                    Step::Run { form: 0, kill_at: None },
                    Step::Write { page: 0, text: 2 },
                    Step::Run { form: 7, kill_at: Some(kill_at) },
                    Step::Run { form: last, kill_at: None },
                ];
                hold(&steps).unwrap_or_else(|error| panic!("{steps:?}: {error}"));
            }
        }
    }

    /// A run is killed at every call that writes, and one that reads a single page follows: each row has its text.
    #[test]
    fn what_a_killed_run_has_not_written_is_not_carried_over() {
        for kill_at in 1..120 {
            let home = tempfile::tempdir().unwrap();
            let (raw, clean) = (home.path().join("raw"), home.path().join("clean"));
            fs::create_dir(&raw).unwrap();
            (0..6).for_each(|page| write(&raw, page, page % 3));
            kill::allow(&clean, kill_at);
            run_as(&raw, &clean, 0);
            kill::allow(&clean, i64::MAX);
            assert!(run_as(&raw, &clean, ONE_PAGE));
            let manifest = fs::read_to_string(clean.join("manifest.jsonl")).unwrap();
            for row in manifest.lines().skip(1).map(|row| serde_json::from_str::<serde_json::Value>(row).unwrap()) {
                let output = row["output"]["path"].as_str();
                assert!(output.is_none_or(|path| clean.join(path).is_file()), "killed at call {kill_at}: {row}");
            }
        }
    }
}
