//! Finds the rule files, built in and a user's, and puts the rulebook together.
//!
//! The form of every file is checked, and what one file says of another; compiling and proving are
//! for [`super::proof`].

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use include_dir::{Dir, include_dir};
use toml::Spanned;

use super::diagnostic::{self, Diagnostic, SourceFile, nearest};
use super::file::{self, RuleFile, is_kebab};
use super::filter_file::{self, FilterFile};
use super::prepared::{self, Prepared};
use super::rule::Rule;
use super::{Contents, FiledTest, RuleSet, SiteRules};
use crate::error::{Error, Result};
use crate::settings::SiteSettings;
use crate::stage::STAGES;

static GENERAL: Dir = include_dir!("$CARGO_MANIFEST_DIR/rules/general");
static SITE: Dir = include_dir!("$CARGO_MANIFEST_DIR/rules/site");
static FILTERS: Dir = include_dir!("$CARGO_MANIFEST_DIR/rules/filters");

impl RuleSet {
    /// The built-in rules alone.
    ///
    /// # Errors
    /// Never, in a build that has passed its tests.
    pub fn builtin() -> Result<RuleSet> {
        RuleSet::load(None)
    }

    /// The built-in rules and, on top of them, those in a user's folder: `general/NAME.toml`,
    /// `site/HOST.toml` and `filters/NAME.toml`. The user's come first; a user's rule with the address of a
    /// built-in one stands in its stead, and so does a user's filter with the name of a built-in one.
    ///
    /// # Errors
    /// [`Error::Read`] where the folder cannot be read; [`Error::Rules`] with every mistake of form
    /// in all files. Whether rules compile and their examples hold is for [`RuleSet::prove`].
    pub fn load(user: Option<&Path>) -> Result<RuleSet> {
        match (user, prepared::general().filter(|_| !has_built_in_sites())) {
            (None, Some(prepared)) => Ok(RuleSet::of_prepared(prepared)),
            (None, None) => RuleSet::of(built_in_sheets().collect()),
            (Some(folder), _) => RuleSet::of(user_sheets(folder)?.into_iter().chain(built_in_sheets()).collect()),
        }
    }

    /// The built-in rules, their files unread.
    pub(super) fn of_prepared(prepared: &'static Prepared) -> RuleSet {
        let filters = built_in_folder(RuleScope::Filter, "filters", &FILTERS);
        RuleSet {
            addresses: prepared.addresses.clone(),
            prepared: Some(prepared),
            general: 0..prepared.addresses.len() as u32,
            filters: Filters::read(filters, &mut Vec::new()),
            ..RuleSet::default()
        }
    }

    /// A rulebook of files that are at hand, and nothing else: each as its name below the rules
    /// folder (`site/harbourpost.example.toml`) and its text.
    ///
    /// # Errors
    /// As for [`RuleSet::load`].
    pub fn of_texts(files: &[(&str, &str)]) -> Result<RuleSet> {
        let sheet = |(name, text): &(&str, &str)| {
            let (shelf, file) = name.split_once('/').unwrap_or(("", name));
            let stem = file.strip_suffix(".toml").unwrap_or(file).to_string();
            let shelf = match shelf {
                "site" => RuleScope::Site,
                "filters" => RuleScope::Filter,
                _ => RuleScope::General,
            };
            let sheet = Arc::new(SourceFile { shown: (*name).to_string(), text: (*text).to_string() });
            Filed { sheet, shelf, stem, built_in: false }
        };
        RuleSet::of(files.iter().map(sheet).collect())
    }

    pub(super) fn of(mut files: Vec<Filed>) -> Result<RuleSet> {
        files.sort_by(|a, b| (a.shelf, &a.stem, a.built_in).cmp(&(b.shelf, &b.stem, b.built_in)));
        // Among the general files a user's come first; among a site's, the sort has seen to it.
        files.sort_by_key(|file| (file.shelf, file.shelf == RuleScope::General && file.built_in));
        let mut complaints = Vec::new();
        let filters = Filters::read(files.extract_if(.., |file| file.shelf == RuleScope::Filter), &mut complaints);
        let read: Vec<(Filed, RuleFile)> = files
            .into_iter()
            .map(|file| {
                check_name(&file, &mut complaints);
                let rules = file::read(&file.sheet, &file.name(), file.built_in, &mut complaints);
                (file, rules)
            })
            .collect();
        let rulebook = assemble(read, &mut complaints);
        match complaints.is_empty() {
            true => Ok(RuleSet { filters, ..rulebook }),
            false => Err(Error::Rules(diagnostic::render(complaints))),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum RuleScope {
    General,
    Site,
    Filter,
}

/// A rule file and its place.
#[derive(Debug)]
pub(super) struct Filed {
    sheet: Arc<SourceFile>,
    shelf: RuleScope,
    /// Its name without `.toml`: a subject, or a host.
    stem: String,
    built_in: bool,
}

impl Filed {
    /// What its rules' addresses begin with.
    fn name(&self) -> String {
        match self.shelf {
            RuleScope::General => format!("general/{}", self.stem),
            RuleScope::Site => format!("site/{}", self.stem),
            RuleScope::Filter => self.stem.clone(),
        }
    }
}

/// The files of all built-in rules and filters.
pub(super) fn built_in_sheets() -> impl Iterator<Item = Filed> {
    let general = built_in_folder(RuleScope::General, "general", &GENERAL);
    let site = built_in_folder(RuleScope::Site, "site", &SITE);
    general.chain(site).chain(built_in_folder(RuleScope::Filter, "filters", &FILTERS))
}

fn built_in_folder(shelf: RuleScope, name: &'static str, dir: &'static Dir) -> impl Iterator<Item = Filed> {
    dir.files().filter_map(move |file| {
        let stem = file.path().to_str()?.strip_suffix(".toml")?.to_string();
        let text = file.contents_utf8()?.to_string();
        let sheet = Arc::new(SourceFile { shown: format!("rules/{name}/{stem}.toml (built in)"), text });
        Some(Filed { sheet, shelf, stem, built_in: true })
    })
}

fn has_built_in_sites() -> bool {
    SITE.files().any(|file| is_toml(file.path()))
}

/// What the files of the built-in rules say. Tests hold them to their form.
pub(super) fn built_in_contents() -> Contents {
    RuleSet::of(built_in_sheets().collect())
        .ok()
        .and_then(|rulebook| rulebook.contents.into_inner())
        .unwrap_or_default()
}

/// The filters, each with a name of its own: a user's stands before a built-in one. Those that are built in are read when
/// somebody asks for a filter.
#[derive(Debug, Default)]
pub(super) struct Filters {
    own: Vec<FilterFile>,
    built_in: Vec<Filed>,
    all: OnceLock<Vec<FilterFile>>,
}

impl Filters {
    fn read(files: impl Iterator<Item = Filed>, complaints: &mut Vec<Diagnostic>) -> Filters {
        let mut filters = Filters::default();
        let mut names: Vec<String> = Vec::new();
        for file in files {
            if names.contains(&file.stem) {
                continue;
            }
            names.push(file.stem.clone());
            if file.built_in {
                filters.built_in.push(file);
                continue;
            }
            check_name(&file, complaints);
            filters.own.extend(filter_file::read(&file.sheet, &file.stem, file.built_in, complaints));
        }
        filters
    }

    /// A user's.
    pub(super) fn own(&self) -> &[FilterFile] {
        &self.own
    }

    /// All of them, by name.
    pub(super) fn all(&self) -> &[FilterFile] {
        self.all.get_or_init(|| {
            // Tests hold those that are built in to their form.
            let read = |file: &Filed| filter_file::read(&file.sheet, &file.stem, true, &mut Vec::new());
            let mut all: Vec<FilterFile> = self.built_in.iter().filter_map(read).chain(self.own.clone()).collect();
            all.sort_by(|a, b| a.name.cmp(&b.name));
            all
        })
    }
}

fn user_sheets(folder: &Path) -> Result<Vec<Filed>> {
    let mut files = Vec::new();
    let mut complaints = Vec::new();
    let mut has_shelf = false;
    for entry in read_folder(folder)? {
        let shelf = match entry.file_name().and_then(|name| name.to_str()) {
            Some("general") if entry.is_dir() => RuleScope::General,
            Some("site") if entry.is_dir() => RuleScope::Site,
            Some("filters") if entry.is_dir() => RuleScope::Filter,
            _ => {
                if is_toml(&entry) {
                    let sheet = Arc::new(SourceFile { shown: entry.display().to_string(), text: String::new() });
                    complaints.push(Diagnostic::of_file(
                        &sheet,
                        "a rule file in no folder of rules",
                        "files for every site go into `general/`, files for one site into `site/`, filters of documents into `filters/`",
                    ));
                }
                continue;
            }
        };
        has_shelf = true;
        for path in read_folder(&entry)?.into_iter().filter(|path| is_toml(path)) {
            let shown = path.display().to_string();
            let bytes = fs::read(&path).map_err(|cause| Error::Read { path: path.clone(), cause })?;
            let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            match String::from_utf8(bytes) {
                Ok(text) => {
                    files.push(Filed { sheet: Arc::new(SourceFile { shown, text }), shelf, stem, built_in: false })
                }
                Err(_) => complaints.push(Diagnostic::of_file(
                    &Arc::new(SourceFile { shown, text: String::new() }),
                    "a rule file that is not UTF-8",
                    "save it as UTF-8",
                )),
            }
        }
    }
    if !has_shelf && complaints.is_empty() {
        let sheet = Arc::new(SourceFile { shown: folder.display().to_string(), text: String::new() });
        complaints.push(Diagnostic::of_file(
            &sheet,
            "a folder of rules without rules",
            "it holds a folder `general` for rules on every site, `site` for rules on one, `filters` for filters of documents",
        ));
    }
    match complaints.is_empty() {
        true => Ok(files),
        false => Err(Error::Rules(diagnostic::render(complaints))),
    }
}

/// A folder's entries, in the order of their names.
fn read_folder(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    let read_error = |cause| Error::Read { path: folder.to_path_buf(), cause };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(read_error)? {
        paths.push(entry.map_err(read_error)?.path());
    }
    paths.sort();
    Ok(paths)
}

fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml")
}

fn check_name(file: &Filed, complaints: &mut Vec<Diagnostic>) {
    let (title, help) = match file.shelf {
        RuleScope::Filter if !is_kebab(&file.stem) => (
            format!("`{}` is no name for a filter", file.stem),
            "lower-case letters, digits and single hyphens: `my-quality.toml`",
        ),
        RuleScope::General if !is_kebab(&file.stem) => (
            format!("`{}` is no name for a file of general rules", file.stem),
            "lower-case letters, digits and single hyphens: `share-bars.toml`",
        ),
        RuleScope::Site if !is_host(&file.stem) => (
            format!("`{}` is not a host", file.stem),
            "a site file has the name of its host, lower case, without scheme, port or path: `news.example.org.toml`",
        ),
        _ => return,
    };
    complaints.push(Diagnostic::of_file(&file.sheet, title, help));
}

fn is_host(name: &str) -> bool {
    name.contains('.')
        && name.split('.').all(|label| {
            let fits = |c: char| (c.is_alphanumeric() && !c.is_uppercase()) || c == '-' || c == '_';
            !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.chars().all(fits)
        })
}

fn assemble(read: Vec<(Filed, RuleFile)>, complaints: &mut Vec<Diagnostic>) -> RuleSet {
    let mut rules: Vec<Rule> = Vec::new();
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let mut sites: BTreeMap<String, SiteRules> = BTreeMap::new();
    let mut tests = Vec::new();
    let mut off = Vec::new();
    let mut general = 0..0;
    for (filed, file) in read {
        let name = filed.name();
        let first = rules.len() as u32;
        for rule in file.rules {
            // A user's files come before the built-in ones: whoever has the address first keeps it.
            if !numbers.contains_key(&rule.address) {
                numbers.insert(rule.address.clone(), rules.len() as u32);
                rules.push(rule);
            }
        }
        let end = rules.len() as u32;
        let host = match filed.shelf {
            RuleScope::General | RuleScope::Filter => {
                general.end = end;
                None
            }
            RuleScope::Site => {
                let site = sites
                    .entry(filed.stem.clone())
                    .or_insert_with(|| SiteRules { rules: first..first, ..SiteRules::default() });
                site.rules.end = end;
                site.charset = site.charset.take().or(file.charset);
                site.settings.add(file.settings);
                Some(filed.stem)
            }
        };
        let sheet = Arc::clone(&filed.sheet);
        tests.extend(file.tests.into_iter().map(|test| FiledTest {
            sheet: Arc::clone(&sheet),
            file: name.clone(),
            test,
        }));
        off.push((filed.sheet, host, file.off));
    }
    let mut off_everywhere = Vec::new();
    for (sheet, host, addresses) in off {
        for address in addresses {
            let site = host.as_ref().and_then(|host| sites.get_mut(host));
            match (numbers.get(address.get_ref()), site) {
                (Some(number), Some(site)) => site.off.push(*number),
                (Some(number), None) => off_everywhere.push(*number),
                (None, Some(site)) if is_stage(address.get_ref()) => {
                    site.settings.add(SiteSettings { off: vec![address.into_inner()], ..SiteSettings::default() });
                }
                (None, site) => {
                    let known = numbers.keys().map(String::as_str);
                    complaints.push(wrong_off(&sheet, &address, known, site.is_some()));
                }
            }
        }
    }
    off_everywhere.sort_unstable();
    off_everywhere.dedup();
    for site in sites.values_mut() {
        site.off.extend_from_slice(&off_everywhere);
        site.off.sort_unstable();
        site.off.dedup();
    }
    let addresses: Vec<String> = rules.iter().map(|rule| rule.address.clone()).collect();
    let are_built_in = off_everywhere.is_empty()
        && rules
            .get(general.start as usize..general.end as usize)
            .is_some_and(|rules| rules.iter().all(|rule| rule.built_in));
    let are_prepared =
        |prepared: &&Prepared| are_built_in && addresses.iter().take(general.end as usize).eq(&prepared.addresses);
    RuleSet {
        prepared: prepared::general().filter(are_prepared),
        addresses,
        contents: OnceLock::from(Contents { rules, tests }),
        general,
        off: off_everywhere,
        sites: sites.into_iter().collect(),
        ..RuleSet::default()
    }
}

fn is_stage(name: &str) -> bool {
    STAGES.iter().any(|stage| stage.name == name)
}

/// What is wrong with a name under `off` that is neither a rule nor, in a site's file, a stage.
fn wrong_off<'a>(
    sheet: &Arc<SourceFile>,
    address: &Spanned<String>,
    known: impl Iterator<Item = &'a str>,
    is_of_site: bool,
) -> Diagnostic {
    let word = address.get_ref();
    let (stage, _) = word.split_once('#').unwrap_or((word, ""));
    let (label, help) = match (is_of_site, is_stage(stage)) {
        (false, true) => (
            format!("`{stage}` is a stage, and this file is for every site"),
            format!(
                "for all pages: `off = [\"{stage}\"]` in dechaff.toml, or --off {stage}; for one site: in site/HOST.toml"
            ),
        ),
        (true, true) => (
            format!("the stage `{stage}` judges this"),
            format!("a stage is switched off as a whole: off = [\"{stage}\"]"),
        ),
        (_, false) => {
            let mut known: Vec<&str> =
                known.chain(STAGES.iter().map(|stage| stage.name).filter(|_| is_of_site)).collect();
            known.sort_unstable();
            let label = match nearest(word, known) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "no rule has this address".into(),
            };
            let stages = STAGES.map(|stage| stage.name).join(", ");
            let stages = if is_of_site { format!("; the stages are {stages}") } else { String::new() };
            (label, format!("an address is like `general/share#tweet`; `dechaff rules list` shows them all{stages}"))
        }
    };
    let title = if is_of_site { "`off` names no written rule and no stage" } else { "`off` names no written rule" };
    Diagnostic::at(sheet, address.span(), title, label).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_filter_is_read_without_a_complaint() {
        let mut complaints = Vec::new();
        for file in built_in_sheets().filter(|file| file.shelf == RuleScope::Filter) {
            check_name(&file, &mut complaints);
            assert!(filter_file::read(&file.sheet, &file.stem, true, &mut complaints).is_some(), "{}", file.stem);
        }
        assert!(complaints.is_empty(), "{}", complaints[0].render());
    }
}
