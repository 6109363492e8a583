//! Reads a rule file: TOML into rules, and every mistake of form with its place.
//!
//! Whether a regex compiles and an example hits is not looked at here: that is [`super::proof`].

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::{Diagnostic, SourceFile, nearest};
use super::rule::{Action, Form, Matcher, MatcherKind, Narrowing, Part, Rule};
use super::within::Within;
use crate::charset::TextEncoding;
use crate::line::folded_char;
use crate::settings::SiteSettings;

/// The most lines of a run unless the rule says otherwise.
pub const RUN_LINES: u32 = 20;

pub(super) const FILE_KEYS: &[&str] =
    &["about", "charset", "favor", "comments", "title", "bylines", "off", "drop", "keep", "trim", "test"];
pub(super) const RULE_KEYS: &[&str] = &[
    "id",
    "why",
    "equals",
    "starts",
    "ends",
    "contains",
    "regex",
    "exact",
    "from",
    "until",
    "until_included",
    "at_most",
    "where",
    "words_at_most",
    "within",
    "path",
    "url",
    "hits",
    "misses",
];
pub(super) const TRIM_KEYS: &[&str] = &[
    "id",
    "why",
    "starts",
    "ends",
    "contains",
    "regex",
    "exact",
    "where",
    "words_at_most",
    "within",
    "path",
    "url",
    "hits",
    "misses",
];
pub(super) const MATCHER_KEYS: &[&str] = &["equals", "starts", "ends", "contains", "regex"];
pub(super) const TEST_KEYS: &[&str] = &["name", "page", "path", "url"];

/// A rule file, read.
#[derive(Debug, Default)]
pub(super) struct RuleFile {
    pub charset: Option<String>,
    /// How pages of the site are judged; the stages among `off` are not told from rules yet.
    pub settings: SiteSettings,
    pub off: Vec<Spanned<String>>,
    /// Its rules in the order of their precedence: keep, drop, trim, each as written.
    pub rules: Vec<Rule>,
    pub tests: Vec<PageTest>,
    /// The ids of all its rules, those that could not be read too, so that one mistake is not told
    /// twice.
    pub ids: Vec<String>,
}

/// A page with what should become of each of its lines.
#[derive(Debug, Clone)]
pub(super) struct PageTest {
    pub name: String,
    pub page: Spanned<String>,
    pub path: Option<String>,
    pub url: Option<String>,
}

/// Reads a rule file. `name` is what its rules' addresses begin with: `general/share`.
pub(super) fn read(sheet: &Arc<SourceFile>, name: &str, built_in: bool, complaints: &mut Vec<Diagnostic>) -> RuleFile {
    let (document, errors) = DeTable::parse_recoverable(&sheet.text);
    if !errors.is_empty() {
        complaints.extend(errors.iter().map(|error| syntax_complaint(sheet, error)));
        return RuleFile::default();
    }
    let mut reader = Reader { sheet, complaints, meant: Vec::new() };
    let table = document.get_ref();
    let mut file = RuleFile::default();
    reader.refuse_other_keys(table, FILE_KEYS, "a rule file");
    if reader.text(table, "about").is_none() && !table.contains_key("about") && !reader.meant.contains(&"about") {
        let place = table.keys().map(Spanned::span).min_by_key(|span| span.start).unwrap_or(0..0);
        reader
            .complain(place, "`about` is missing", "before this")
            .help("say in one sentence what the file is for: about = \"Harbour Post: the share bar.\"");
    }
    file.charset = reader.charset(table, name);
    file.settings = reader.site_settings(table, name);
    file.off = reader.texts(table, "off").unwrap_or_default();
    for action in [Action::Keep, Action::Drop, Action::Trim] {
        for entry in reader.tables(table, action.name()) {
            let DeValue::Table(rule) = entry.get_ref() else { continue };
            let id = rule.get("id").and_then(|id| id.get_ref().as_str().map(|text| Spanned::new(id.span(), text)));
            if let Some(id) = &id {
                match file.ids.iter().any(|known| known == id.get_ref()) {
                    true => drop(reader.complain(
                        id.span(),
                        format!("two rules are called `{}`", id.get_ref()),
                        "an id is given once in a file",
                    )),
                    false => file.ids.push((*id.get_ref()).to_string()),
                }
            }
            file.rules.extend(reader.rule(rule, entry.span(), action, name, built_in));
        }
    }
    for entry in reader.tables(table, "test") {
        let DeValue::Table(test) = entry.get_ref() else { continue };
        reader.refuse_other_keys(test, TEST_KEYS, "a [[test]]");
        let name = reader.required_text(test, "name", &entry.span(), "say what the page shows");
        let page = reader.required_text(test, "page", &entry.span(), "a page, each line with its fate");
        let path = reader.text(test, "path").map(Spanned::into_inner);
        let url = reader.text(test, "url").map(Spanned::into_inner);
        if let (Some(name), Some(page)) = (name, page) {
            file.tests.push(PageTest { name: name.into_inner(), page, path, url });
        }
    }
    file
}

pub(super) fn syntax_complaint(sheet: &Arc<SourceFile>, error: &toml::de::Error) -> Diagnostic {
    let message = error.message().lines().next().unwrap_or("not TOML").to_string();
    match error.span() {
        Some(span) => Diagnostic::at(sheet, span, format!("not TOML: {message}"), "here"),
        None => Diagnostic::of_file(sheet, format!("not TOML: {message}"), "the file as a whole cannot be read"),
    }
}

/// A complaint just made, which can still be given its help.
pub(super) struct Complained<'c>(&'c mut Diagnostic);

impl Complained<'_> {
    pub(super) fn help(self, help: impl Into<String>) {
        self.0.help = Some(help.into());
    }

    pub(super) fn context(self, span: Range<usize>, label: &str) {
        self.0.context = Some((span, label.to_string()));
    }
}

pub(super) struct Reader<'r> {
    pub(super) sheet: &'r Arc<SourceFile>,
    pub(super) complaints: &'r mut Vec<Diagnostic>,
    /// The keys that misspelt ones of the table at hand most likely meant: they are not told as missing.
    pub(super) meant: Vec<&'static str>,
}

impl Reader<'_> {
    pub(super) fn complain(
        &mut self,
        span: Range<usize>,
        title: impl Into<String>,
        label: impl Into<String>,
    ) -> Complained<'_> {
        let at = self.complaints.len();
        self.complaints.push(Diagnostic::at(self.sheet, span, title, label));
        Complained(&mut self.complaints[at])
    }

    pub(super) fn refuse_other_keys(&mut self, table: &DeTable, allowed: &[&'static str], owner: &str) {
        self.meant.clear();
        for key in table.keys().filter(|key| !allowed.contains(&key.get_ref().as_ref())) {
            let word = key.get_ref();
            let label = match nearest(word, allowed.iter().copied()) {
                Some(meant) => {
                    self.meant.push(meant);
                    format!("did you mean `{meant}`?")
                }
                None => "nothing has this name".to_string(),
            };
            self.complain(key.span(), format!("{owner} has no key `{word}`"), label)
                .help(format!("it has {}", list(allowed)));
        }
    }

    pub(super) fn wrong_type(&mut self, value: &Spanned<DeValue>, key: &str, wanted: &str) {
        let found = value.get_ref().type_str();
        self.complain(value.span(), format!("`{key}` is {wanted}"), format!("this is {}", with_article(found)));
    }

    pub(super) fn text(&mut self, table: &DeTable, key: &str) -> Option<Spanned<String>> {
        let value = table.get(key)?;
        match value.get_ref().as_str() {
            Some(text) if text.trim().is_empty() => {
                self.complain(value.span(), format!("`{key}` is empty"), "expected words");
                None
            }
            Some(text) => Some(Spanned::new(value.span(), text.to_string())),
            None => {
                self.wrong_type(value, key, "a string");
                None
            }
        }
    }

    pub(super) fn required_text(
        &mut self,
        table: &DeTable,
        key: &str,
        owner: &Range<usize>,
        wanted: &str,
    ) -> Option<Spanned<String>> {
        if !table.contains_key(key) && !self.meant.contains(&key) {
            self.complain(owner.clone(), format!("`{key}` is missing"), wanted);
        }
        self.text(table, key)
    }

    /// A list of strings.
    pub(super) fn texts(&mut self, table: &DeTable, key: &str) -> Option<Vec<Spanned<String>>> {
        let value = table.get(key)?;
        let DeValue::Array(array) = value.get_ref() else {
            self.wrong_type(value, key, "a list of strings");
            return None;
        };
        let mut texts = Vec::with_capacity(array.len());
        for item in array.iter() {
            match item.get_ref().as_str() {
                Some(text) => texts.push(Spanned::new(item.span(), text.to_string())),
                None => self.wrong_type(item, key, "a list of strings"),
            }
        }
        Some(texts)
    }

    pub(super) fn number(&mut self, table: &DeTable, key: &str, least: u32) -> Option<u32> {
        let value = table.get(key)?;
        let number = value.get_ref().as_integer().and_then(|integer| {
            u32::from_str_radix(integer.as_str(), integer.radix()).ok().filter(|number| *number >= least)
        });
        if number.is_none() {
            self.complain(
                value.span(),
                format!("`{key}` is a whole number from {least} up"),
                format!("this is {}", with_article(value.get_ref().type_str())),
            );
        }
        number
    }

    fn flag(&mut self, table: &DeTable, key: &str) -> Option<bool> {
        let value = table.get(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong_type(value, key, "true or false");
        }
        flag
    }

    pub(super) fn tables<'t, 'i>(&mut self, table: &'t DeTable<'i>, key: &str) -> Vec<&'t Spanned<DeValue<'i>>> {
        let Some(value) = table.get(key) else { return Vec::new() };
        match value.get_ref() {
            DeValue::Array(array) => {
                let (tables, others): (Vec<_>, Vec<_>) = array.iter().partition(|item| item.get_ref().is_table());
                for other in others {
                    self.wrong_type(other, key, &format!("written as tables under [[{key}]]"));
                }
                tables
            }
            _ => {
                self.wrong_type(value, key, &format!("written as tables under [[{key}]]"));
                Vec::new()
            }
        }
    }

    fn charset(&mut self, table: &DeTable, name: &str) -> Option<String> {
        let charset = self.text(table, "charset")?;
        if !name.starts_with("site/") {
            self.complain(charset.span(), "`charset` is for site files", "a charset belongs to one site");
            return None;
        }
        if TextEncoding::for_label(charset.get_ref()).is_none() {
            self.complain(charset.span(), format!("no charset is called `{}`", charset.get_ref()), "unknown label")
                .help("a label of the Encoding Standard (utf-8, koi8-r …), or cp437, cp850, cp852, tcvn3, viscii");
            return None;
        }
        Some(charset.into_inner())
    }

    fn rule(
        &mut self,
        table: &DeTable,
        place: Range<usize>,
        action: Action,
        file: &str,
        built_in: bool,
    ) -> Option<Rule> {
        let before = self.complaints.len();
        let (allowed, owner) = match action {
            Action::Trim => (TRIM_KEYS, "a [[trim]] rule"),
            Action::Keep => (RULE_KEYS, "a [[keep]] rule"),
            Action::Drop => (RULE_KEYS, "a [[drop]] rule"),
        };
        self.refuse_other_keys(table, allowed, owner);
        let id = self.required_text(table, "id", &place, "a rule has an id, which its address ends with");
        if let Some(id) = &id
            && !is_kebab(id.get_ref())
        {
            self.complain(id.span(), "an id is written in kebab-case", "lower-case letters, digits, single hyphens")
                .help("for example `share-bar`");
        }
        let anchor = id.as_ref().map_or(place.clone(), Spanned::span);
        let why = self.required_text(table, "why", &anchor, "this rule does not say why it is right");
        let exact = self.flag(table, "exact").unwrap_or(false);
        let form = self.form(table, &anchor, action, exact);
        let narrowing = self.narrowing(table);
        let hits = self.examples(table, "hits", form.as_ref());
        let misses = self.examples(table, "misses", form.as_ref());
        let (is_missing, is_misspelt) = (!table.contains_key("hits"), self.meant.contains(&"hits"));
        if is_missing && !is_misspelt {
            self.complain(anchor, "a rule shows at least one line it hits", "`hits` is missing")
                .help("for example: hits = [\"Share this | Email | Print\"]");
        } else if let Some(value) = table.get("hits")
            && value.get_ref().as_array().is_some_and(|array| array.is_empty())
        {
            self.complain(value.span(), "a rule shows at least one line it hits", "no example here");
        }
        if self.complaints.len() > before {
            return None;
        }
        let id = id?;
        Some(Rule {
            address: format!("{file}#{}", id.get_ref()),
            why: why?.into_inner(),
            action,
            form: form?,
            narrowing,
            built_in,
            sheet: Arc::clone(self.sheet),
            id,
            hits,
            misses,
        })
    }

    fn form(&mut self, table: &DeTable, anchor: &Range<usize>, action: Action, exact: bool) -> Option<Form> {
        let run_key = ["from", "until"].iter().find_map(|key| table.get_key_value(*key));
        let line_key = first_in_file(table, MATCHER_KEYS);
        if action == Action::Trim {
            return self.matcher(table, anchor, exact, action, "a [[trim]] rule").map(Form::Line);
        }
        match (run_key, line_key) {
            (Some((run, _)), Some(line)) => {
                self.complain(run.span(), "a rule has exactly one matcher", "a run of lines is another matcher")
                    .context(line, "one is here");
                None
            }
            (None, _) => {
                for key in ["until_included", "at_most"] {
                    if let Some((key, _)) = table.get_key_value(key) {
                        self.complain(
                            key.span(),
                            format!("`{}` belongs to a run of lines", key.get_ref()),
                            "this rule has no `from` and `until`",
                        );
                    }
                }
                self.matcher(table, anchor, exact, action, "a rule").map(Form::Line)
            }
            (Some((run, _)), None) => {
                for key in ["from", "until"] {
                    if !table.contains_key(key) && !self.meant.contains(&key) {
                        self.complain(run.span(), format!("a run of lines needs `{key}`"), "its other half is missing")
                            .help("for example: from = { equals = \"Related stories\" }, until = { starts = \"Read all\" }");
                    }
                }
                let from = self.run_end(table, "from", exact, action);
                let until = self.run_end(table, "until", exact, action);
                Some(Form::Run {
                    from: from?,
                    until: until?,
                    until_included: self.flag(table, "until_included").unwrap_or(true),
                    at_most: self.number(table, "at_most", 1).unwrap_or(RUN_LINES),
                })
            }
        }
    }

    fn run_end(&mut self, table: &DeTable, key: &str, exact: bool, action: Action) -> Option<Matcher> {
        let value = table.get(key)?;
        let DeValue::Table(end) = value.get_ref() else {
            self.wrong_type(value, key, &format!("a matcher in braces: {key} = {{ equals = \"…\" }}"));
            return None;
        };
        let meant_outside = std::mem::take(&mut self.meant);
        self.refuse_other_keys(end, MATCHER_KEYS, &format!("`{key}`"));
        let matcher = self.matcher(end, &value.span(), exact, action, &format!("`{key}`"));
        self.meant = meant_outside;
        matcher
    }

    fn matcher(
        &mut self,
        table: &DeTable,
        anchor: &Range<usize>,
        exact: bool,
        action: Action,
        owner: &str,
    ) -> Option<Matcher> {
        let kinds = MatcherKind::ALL.iter().filter(|kind| action != Action::Trim || **kind != MatcherKind::Equals);
        let mut present: Vec<_> = kinds
            .clone()
            .filter_map(|kind| table.get_key_value(kind.name()).map(|(key, value)| (*kind, key.span(), value)))
            .collect();
        present.sort_by_key(|(_, span, _)| span.start);
        let mut present = present.into_iter();
        let Some((kind, first, value)) = present.next() else {
            if self.meant.iter().any(|key| MATCHER_KEYS.contains(key) || ["from", "until"].contains(key)) {
                return None;
            }
            let names: Vec<_> = kinds.map(|kind| kind.name()).collect();
            let runs = if action == Action::Trim || owner.starts_with('`') { "" } else { ", or `from` and `until`" };
            self.complain(anchor.clone(), format!("{owner} has exactly one matcher"), "there is none")
                .help(format!("one of {}{runs}", list(&names)));
            return None;
        };
        for (kind, span, _) in present {
            self.complain(
                span,
                format!("{owner} has exactly one matcher"),
                format!("`{}` is one too many", kind.name()),
            )
            .context(first.clone(), "one is here");
        }
        if exact && kind == MatcherKind::Regex {
            if let Some((key, _)) = table.get_key_value("exact") {
                self.complain(key.span(), "a regex is taken as written anyway", "`exact` is for literals");
            }
            return None;
        }
        let patterns = match value.get_ref() {
            DeValue::String(text) => vec![Spanned::new(value.span(), text.to_string())],
            DeValue::Array(_) if kind == MatcherKind::Regex => {
                self.complain(value.span(), "`regex` is one string", "this is a list")
                    .help("join alternatives with `|`, or write a rule for each");
                return None;
            }
            DeValue::Array(array) if array.is_empty() => {
                self.complain(value.span(), format!("`{}` is empty", kind.name()), "a rule that matches nothing");
                return None;
            }
            DeValue::Array(_) => self.texts(table, kind.name())?,
            _ => {
                let wanted = if kind == MatcherKind::Regex { "a string" } else { "a string or a list of strings" };
                self.wrong_type(value, kind.name(), wanted);
                return None;
            }
        };
        let empty: Vec<_> = patterns
            .iter()
            .filter(|pattern| match kind {
                MatcherKind::Regex => pattern.get_ref().is_empty(),
                _ => pattern.get_ref().chars().all(|c| matches!(folded_char(c), None | Some(' '))),
            })
            .map(Spanned::span)
            .collect();
        for span in &empty {
            self.complain(span.clone(), format!("`{}` is empty", kind.name()), "white space alone says nothing");
        }
        empty.is_empty().then_some(Matcher { kind, patterns, exact })
    }

    fn narrowing(&mut self, table: &DeTable) -> Narrowing {
        let part = self.text(table, "where").and_then(|word| {
            let part = Part::ALL.into_iter().find(|part| part.name() == word.get_ref());
            if part.is_none() {
                let names = Part::ALL.map(Part::name);
                let label = match nearest(word.get_ref(), names) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "not a part of a page".to_string(),
                };
                self.complain(word.span(), format!("`where` is one of {}", list(&names)), label);
            }
            part
        });
        let within = self.text(table, "within").and_then(|elements| {
            let within = Within::parse(elements.get_ref());
            if let Err(wrong) = &within {
                self.complain(elements.span(), "`within` names elements of HTML", wrong.as_str())
                    .help("tags, ids and classes as CSS writes them: within = \"nav, footer, .share, div#side\"");
            }
            within.ok()
        });
        Narrowing {
            part,
            words_at_most: self.number(table, "words_at_most", 1),
            within,
            path: self.text(table, "path"),
            url: self.text(table, "url"),
        }
    }

    fn examples(&mut self, table: &DeTable, key: &str, form: Option<&Form>) -> Vec<Spanned<String>> {
        let examples = self.texts(table, key).unwrap_or_default();
        for example in &examples {
            let lines = example.get_ref().lines().filter(|line| !line.trim().is_empty()).count();
            if lines == 0 {
                self.complain(example.span(), "an example is a line of a page", "this is an empty line");
            } else if lines > 1 && matches!(form, Some(Form::Line(_))) {
                self.complain(example.span(), "this rule looks at single lines", "an example of several lines")
                    .help("write each line as an example of its own");
            }
        }
        examples
    }
}

fn first_in_file(table: &DeTable, keys: &[&str]) -> Option<Range<usize>> {
    keys.iter().filter_map(|key| table.get_key_value(*key)).map(|(key, _)| key.span()).min_by_key(|span| span.start)
}

pub(super) fn is_kebab(id: &str) -> bool {
    !id.is_empty()
        && id
            .split('-')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}

pub(super) fn list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

pub(super) fn with_article(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {kind}")
}
