//! What is worked out of the built-in rules, written down in `rules/tables/`, so that a run begins without reading
//! their files, folding their literals and sorting them into tables.
//!
//! `BLESS=1 cargo test --lib prepared` writes it anew. What belongs to other files than those of this build, told by
//! the stamp that `build.rs` takes of them, is left aside: the files are read then, as a user's are.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::engine::Engine;

/// What is known of the general rules before their files are read.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Prepared {
    /// The addresses of the rules, by their numbers.
    pub addresses: Vec<String>,
    /// What [`super::RuleSet::hash_general`] tells.
    pub hash: String,
    /// The rules, ready to judge; read when the first page comes.
    engine: &'static [u8],
}

/// The general rules' tables, unless their files have changed since these were written down.
pub(super) fn general() -> Option<&'static Prepared> {
    static GENERAL: LazyLock<Option<Prepared>> =
        LazyLock::new(|| read(include_bytes!("../../rules/tables/general.bin"), STAMP));
    GENERAL.as_ref()
}

/// What a file of `rules/tables/` holds, unless it was worked out of other files than those of this stamp.
pub(super) fn read<T: Deserialize<'static>>(bytes: &'static [u8], stamp: &str) -> Option<T> {
    let (of, rest): (&str, _) = postcard::take_from_bytes(bytes).ok()?;
    (of == stamp).then(|| postcard::from_bytes(rest).ok())?
}

impl Prepared {
    /// The rules, ready to judge.
    pub(super) fn engine(&self) -> Option<Engine> {
        postcard::from_bytes(self.engine).ok()
    }
}

/// The files of general rules that this build has.
const STAMP: &str = env!("DECHAFF_GENERAL_STAMP");

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::rules::RuleSet;
    use crate::rules::engine::Narrow;
    use crate::rules::load::built_in_sheets;

    /// Holds a file of `rules/tables/` to what was worked out now, or writes it. Gives what it has then: what is embedded
    /// may be older.
    pub(crate) fn hold(file: &str, worked_out: &[u8]) -> &'static [u8] {
        let path = format!("{}/rules/tables/{file}", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, worked_out).unwrap();
        }
        let written = std::fs::read(&path).unwrap();
        assert!(written == worked_out, "rules/tables/{file} is stale: run `cargo test --lib rules` once with BLESS=1");
        written.leak()
    }

    /// What [`super::read`] reads.
    pub(crate) fn written(stamp: &str, worked_out: &impl Serialize) -> Vec<u8> {
        [postcard::to_allocvec(stamp).unwrap(), postcard::to_allocvec(worked_out).unwrap()].concat()
    }

    /// The built-in rules, read from their files.
    fn from_files() -> RuleSet {
        RuleSet::of(built_in_sheets().collect()).unwrap()
    }

    #[test]
    fn what_is_prepared_of_the_general_rules_is_what_is_worked_out() {
        let read = RuleSet { prepared: None, ..from_files() };
        let addresses = read.general.clone().map(|number| read.address(number).to_string()).collect();
        let engine = postcard::to_allocvec(&read.engine(read.general.clone(), Narrow::Fully)).unwrap();
        let worked_out = Prepared { addresses, hash: read.hash_general().into(), engine: engine.leak() };
        let written = hold("general.bin", &written(STAMP, &worked_out));

        let prepared: &Prepared = Box::leak(Box::new(super::read(written, STAMP).unwrap()));
        assert!(prepared.engine().is_some(), "it cannot be read");
        let rulebook = RuleSet::of_prepared(prepared);
        assert_eq!(rulebook.hash_all(), read.hash_all());
        assert_eq!((&rulebook.addresses, &rulebook.general), (&read.addresses, &read.general));
        assert_eq!(rulebook.filters().len(), read.filters().len());
        assert!(rulebook.prove(&[]).is_ok());
        assert!(rulebook.contents.get().is_none(), "the files were read");
        assert!(rulebook.rules().all(|(number, rule)| rulebook.address(number) == rule.address));
        assert!(super::read::<Prepared>(written, "of other files").is_none());
    }

    #[test]
    fn rules_of_one_site_leave_the_general_ones_prepared() {
        let folder = tempfile::tempdir().unwrap();
        let rule = "about = 'x'\n[[drop]]\nid = 'x'\nwhy = 'x'\nequals = 'x'\nhits = ['x']";
        for (shelf, is_prepared) in [("site/harbourpost.example.toml", true), ("general/own.toml", false)] {
            let file = folder.path().join(shelf);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, rule).unwrap();
            let rulebook = RuleSet::load(Some(folder.path())).unwrap();
            assert_eq!(rulebook.prepared.is_some(), is_prepared && general().is_some(), "{shelf}");
        }
    }
}
