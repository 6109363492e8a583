//! The rulebook: what people have written about junk, read from TOML, checked, compiled, and applied.
//!
//! Rule files are read here and nowhere else. What a rule's word is worth beside a stage's is not
//! decided here but by the table of stages. `docs/rules.md` describes the language.

mod automata;
pub mod diagnostic;
pub mod elements;
mod engine;
pub mod fasttext;
mod file;
pub mod filter_file;
pub mod filter_languages;
mod filter_schema;
pub mod language_codes;
pub mod lexicon;
mod literals;
mod load;
pub mod measure;
pub mod notation;
mod prepared;
mod proof;
mod rule;
mod schema;
mod site_settings;
mod tables;
#[cfg_attr(not(feature = "tokenizer"), path = "tokenizer_absent.rs")]
pub mod tokenizer;
pub mod url_list;
pub mod within;

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use serde::Serialize;
use sha2::{Digest, Sha256};

use self::diagnostic::SourceFile;
pub use self::engine::Spare;
use self::engine::{Engine, Narrow};
use self::file::PageTest;
pub use self::file::RUN_LINES;
use self::filter_file::FilterFile;
pub use self::filter_schema::schema as filter_schema;
use self::load::Filters;
use self::prepared::Prepared;
#[cfg(test)]
pub(crate) use self::prepared::tests::hold as hold_table;
pub use self::proof::{Check, WrittenOnly};
pub use self::rule::{Action, Form, LOOSE_WORDS, Matcher, MatcherKind, Narrowing, Part, Rule};
pub use self::schema::schema;
use crate::hash::hex;
use crate::line::PageFeatures;
use crate::marks::{Marks, RuleId};
use crate::settings::SiteSettings;

/// All rules of a run: the built-in ones, and a user's own on top of them.
#[derive(Debug, Default)]
pub struct RuleSet {
    /// A rule's number is the place of its address here: the general rules, then those of each site.
    addresses: Vec<String>,
    /// Where the rules are the built-in ones alone, their files are read when somebody asks for more than addresses.
    contents: OnceLock<Contents>,
    /// What is prepared of the general rules, where they are the built-in ones, all of them and no others.
    prepared: Option<&'static Prepared>,
    /// The numbers of the general rules.
    general: Range<u32>,
    /// The numbers of the rules that a general file switches off, ascending.
    off: Vec<u32>,
    general_engine: OnceLock<Engine>,
    /// Taken when it is asked for first.
    general_hash: OnceLock<String>,
    sites: HashMap<String, SiteRules>,
    filters: Filters,
}

/// What rule files say.
#[derive(Debug, Default)]
struct Contents {
    /// The rules by their numbers.
    rules: Vec<Rule>,
    tests: Vec<FiledTest>,
}

/// What is written for one host and its subdomains.
#[derive(Debug, Default)]
struct SiteRules {
    rules: Range<u32>,
    /// What is off on this site, ascending, what is off everywhere included.
    off: Vec<u32>,
    charset: Option<String>,
    /// How pages are judged here, beside the rules.
    settings: SiteSettings,
    /// Compiled when the first page of the site comes.
    engine: OnceLock<Engine>,
    /// Taken when it is asked for first.
    hash: OnceLock<String>,
}

/// A page test, and the file it stands in.
#[derive(Debug)]
struct FiledTest {
    sheet: Arc<SourceFile>,
    /// The file's name as its rules' addresses have it: `general/share`.
    file: String,
    test: PageTest,
}

impl RuleSet {
    /// The rule of a number that a [`crate::marks::RuleId::Written`] of this rulebook holds.
    pub fn rule(&self, number: u32) -> &Rule {
        &self.contents().rules[number as usize]
    }

    /// The address of any rule, written or of a stage.
    pub fn address_of(&self, rule: RuleId) -> &str {
        match rule {
            RuleId::Judge(rule) => rule.address,
            RuleId::Written(number) => self.address(number),
        }
    }

    /// The address of a rule, by its number.
    pub fn address(&self, number: u32) -> &str {
        &self.addresses[number as usize]
    }

    /// The number of the rule that has this address.
    pub fn number(&self, address: &str) -> Option<u32> {
        self.addresses.iter().position(|known| known == address).map(|number| number as u32)
    }

    /// All rules with their numbers: the general ones in the order of their precedence, then each
    /// site's.
    pub fn rules(&self) -> impl Iterator<Item = (u32, &Rule)> {
        (0..).zip(&self.contents().rules)
    }

    /// The filters of documents that are written down, a user's and the built-in ones.
    pub fn filters(&self) -> &[FilterFile] {
        self.filters.all()
    }

    /// Those of a user.
    pub fn own_filters(&self) -> &[FilterFile] {
        self.filters.own()
    }

    /// Whether a rule is switched off on every site.
    pub fn is_off(&self, number: u32) -> bool {
        self.off.binary_search(&number).is_ok()
    }

    /// Whether a user has rules of their own for any site.
    pub fn has_own_sites(&self) -> bool {
        self.sites.values().any(|site| site.rules.clone().any(|number| !self.rule(number).built_in))
    }

    /// The hosts that have rules, ascending.
    pub fn hosts(&self) -> Vec<&str> {
        let mut hosts: Vec<&str> = self.sites.keys().map(String::as_str).collect();
        hosts.sort_unstable();
        hosts
    }

    /// The host whose rules serve a page of this host: itself or the longest of its suffixes.
    pub fn serving_host(&self, host: &str) -> Option<&str> {
        self.serving(host).map(|(host, _)| host)
    }

    /// The charset that the rules of a host's site declare, a label of the WHATWG Encoding Standard.
    pub fn charset(&self, host: &str) -> Option<&str> {
        self.serving(host)?.1.charset.as_deref()
    }

    /// How the rules of a host's site say that its pages are judged, where they say it.
    pub(crate) fn site_settings(&self, host: &str) -> Option<&SiteSettings> {
        Some(&self.serving(host)?.1.settings).filter(|settings| !settings.is_empty())
    }

    /// The settings of all sites that have any, each once, in an order of their own.
    pub(crate) fn settings_of_sites(&self) -> BTreeSet<&SiteSettings> {
        self.sites.values().map(|site| &site.settings).filter(|settings| !settings.is_empty()).collect()
    }

    /// Marks a page by the rules for every site.
    pub fn judge_in_general(&self, page: &PageFeatures, marks: &mut Marks) {
        self.judge_in_general_but(page, marks, &|_| Spare::No);
    }

    /// The same, but for the lines that `spares` says no built-in rule takes. A user's rules take them all the same.
    pub fn judge_in_general_but(&self, page: &PageFeatures, marks: &mut Marks, spares: &dyn Fn(usize) -> Spare) {
        let engine = self.general_engine.get_or_init(|| {
            let prepared = self.prepared.and_then(Prepared::engine);
            prepared.unwrap_or_else(|| self.engine(self.general.clone(), Narrow::Fully))
        });
        let off = self.site_of(page).map_or(&self.off, |site| &site.off);
        // Where all are the built-in ones, their files need not be read.
        let is_built_in = |number: u32| self.prepared.is_some() || self.rule(number).built_in;
        let spares = |number: u32, line: usize| if is_built_in(number) { spares(line) } else { Spare::No };
        engine.judge_but(page, marks, off, &spares);
    }

    /// Marks a page by the rules of its site.
    pub fn judge_by_site(&self, page: &PageFeatures, marks: &mut Marks) {
        if let Some(site) = self.site_of(page) {
            let engine = site.engine.get_or_init(|| self.engine(site.rules.clone(), Narrow::Fully));
            engine.judge(page, marks, &site.off);
        }
    }

    /// The SHA-256, in lower-case hex, of what the general rules mean: comments, reasons, examples
    /// and rules that are off do not count.
    pub fn hash_general(&self) -> &str {
        self.general_hash.get_or_init(|| {
            if let Some(prepared) = self.prepared {
                return prepared.hash.clone();
            }
            let mut hash = Sha256::new();
            self.hash_rules(self.general.clone(), &mut hash);
            hex(hash)
        })
    }

    /// The same of what is written for a page's host: its site's rules, what is off there, the
    /// charset and the settings; empty where nothing is written for it.
    pub fn hash_site(&self, host: &str) -> &str {
        let Some((_, site)) = self.serving(host) else { return "" };
        site.hash.get_or_init(|| {
            let mut hash = Sha256::new();
            self.hash_rules(site.rules.clone(), &mut hash);
            let off: Vec<&str> = site.off.iter().map(|number| self.address(*number)).collect();
            feed(&mut hash, &(off, &site.charset));
            if !site.settings.is_empty() {
                feed(&mut hash, &site.settings);
            }
            hex(hash)
        })
    }

    /// The same of all rules, general and every site's.
    pub fn hash_all(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.hash_general());
        for host in self.hosts() {
            feed(&mut hash, &(host, self.hash_site(host)));
        }
        hex(hash)
    }

    fn contents(&self) -> &Contents {
        self.contents.get_or_init(load::built_in_contents)
    }

    fn engine(&self, numbers: Range<u32>, narrow: Narrow) -> Engine {
        let active = numbers.filter(|number| !self.is_off(*number));
        Engine::of(active.map(|number| (number, self.rule(number))), narrow)
    }

    fn hash_rules(&self, numbers: Range<u32>, hash: &mut Sha256) {
        for number in numbers.filter(|number| !self.is_off(*number)) {
            let rule = self.rule(number);
            feed(hash, &(&rule.address, rule.action, &rule.form, &rule.narrowing));
        }
    }

    fn site_of(&self, page: &PageFeatures) -> Option<&SiteRules> {
        self.serving(&page.page.site.as_ref()?.host).map(|(_, site)| site)
    }

    fn serving(&self, host: &str) -> Option<(&str, &SiteRules)> {
        let mut suffix = host;
        loop {
            if let Some((host, site)) = self.sites.get_key_value(suffix) {
                return Some((host, site));
            }
            suffix = suffix.split_once('.')?.1;
        }
    }
}

fn feed(hash: &mut Sha256, value: &impl Serialize) {
    // Rules are strings, numbers and lists of them: there is nothing in them that JSON cannot say.
    let text = serde_json::to_string(value).unwrap_or_default();
    hash.update((text.len() as u64).to_le_bytes());
    hash.update(text);
}
