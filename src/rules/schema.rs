//! The shape of a rule file as a JSON Schema, so that editors complete and check it while it is written.
//!
//! The types here are read by nobody but the generator of the schema; what a file means is for
//! [`super::file`] to say, and a test holds the keys of both to each other.

use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

use crate::settings::{Bylines, Comments, Favor, Title};

/// The JSON Schema of a rule file: `docs/rule-file.schema.json`.
pub fn schema() -> Schema {
    let mut schema = schemars::schema_for!(RuleFile);
    schema.insert("title".into(), "A rule file of dechaff".into());
    RecursiveTransform(without_null).transform(&mut schema);
    schema
}

/// A file of rules: for every site, or for one host and its subdomains.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is wanted")]
struct RuleFile {
    /// What the file is for, in one sentence.
    #[schemars(length(min = 1))]
    about: String,
    /// The charset of the site's pages where they declare none: a label of the WHATWG Encoding Standard. For
    /// site files.
    charset: Option<String>,
    /// What to favor on this site, in place of `--favor`. For site files.
    favor: Option<Favor>,
    /// What becomes of readers' comments on this site, in place of `--comments`. For site files.
    comments: Option<Comments>,
    /// What becomes of the title of this site's pages, in place of `--title`. For site files.
    title: Option<Title>,
    /// What becomes of names and dates between a title and its text on this site, in place of `--bylines`. For site
    /// files.
    bylines: Option<Bylines>,
    /// What is switched off: addresses of rules (`general/share#tweet`), on this site or, in a file for every site,
    /// everywhere; and, for site files, stages (`model`).
    off: Option<Vec<String>>,
    /// Rules for lines that go.
    drop: Option<Vec<LineRule>>,
    /// Rules for lines that stay, whatever the file's drop rules and later stages say.
    keep: Option<Vec<LineRule>>,
    /// Rules for parts of lines that go.
    trim: Option<Vec<TrimRule>>,
    /// Pages with the fate of each line.
    test: Option<Vec<PageTest>>,
}

/// A rule for whole lines: one matcher, or `from` and `until` for a run of lines.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[schemars(extend("oneOf" = one_of(&["equals", "starts", "ends", "contains", "regex", "from"])))]
#[schemars(extend("dependentRequired" = json!({
    "from": ["until"], "until": ["from"], "until_included": ["from"], "at_most": ["from"],
})))]
#[expect(dead_code, reason = "only its schema is wanted")]
struct LineRule {
    #[schemars(flatten)]
    common: Common,
    equals: Option<Equals>,
    /// Compare literals with the line as written, not folded.
    exact: Option<bool>,
    /// The first line of a run of lines.
    from: Option<RunEnd>,
    /// The line that ends the run; without it nothing goes.
    until: Option<RunEnd>,
    /// Whether the line that ends the run belongs to it; it does unless said otherwise.
    until_included: Option<bool>,
    /// The most lines of a run, 20 unless said otherwise.
    #[schemars(range(min = 1))]
    at_most: Option<u32>,
}

/// A rule for a part of a line: what matches is cut, the rest of the line stays.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[schemars(extend("oneOf" = one_of(&["starts", "ends", "contains", "regex"])))]
#[expect(dead_code, reason = "only its schema is wanted")]
struct TrimRule {
    #[schemars(flatten)]
    common: Common,
    /// Compare literals with the line as written, not folded.
    exact: Option<bool>,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is wanted")]
struct Common {
    /// Its name in this file; the end of its address.
    #[schemars(regex(pattern = r"^[a-z0-9]+(-[a-z0-9]+)*$"))]
    id: String,
    /// Why the rule is right.
    #[schemars(length(min = 1))]
    why: String,
    /// The line starts with this, or with any of these.
    starts: Option<Literals>,
    /// The line ends with this, or with any of these.
    ends: Option<Literals>,
    /// This, or any of these, stands in the line. Drop rules look at lines of at most 25 words unless
    /// `words_at_most` says otherwise.
    contains: Option<Literals>,
    /// This regular expression matches in the line as written. Drop rules look at lines of at most 25 words
    /// unless `words_at_most` says otherwise.
    #[schemars(length(min = 1))]
    regex: Option<String>,
    /// The part of the page: its first fifth or its last, at least 10 lines each, or what is between.
    r#where: Option<Where>,
    /// The most words a line may have.
    #[schemars(range(min = 1))]
    words_at_most: Option<u32>,
    /// Elements of HTML, of which the line stands in one: `nav, footer, .share, div#side`. On pages of plain text
    /// the rule does not speak then.
    within: Option<String>,
    /// A glob over the path of the page's source: `blog/**`.
    path: Option<String>,
    /// A glob over the page's URL, where it is known.
    url: Option<String>,
    /// Lines that the rule must match; of runs, the lines of a run in one string.
    #[schemars(length(min = 1))]
    hits: Vec<String>,
    /// Lines that the rule must not match.
    misses: Option<Vec<String>>,
}

/// The line is this, or any of these.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is wanted")]
struct Equals(Literals);

/// One literal, or several of which any will do.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is wanted")]
enum Literals {
    One(#[schemars(length(min = 1))] String),
    AnyOf(#[schemars(length(min = 1))] Vec<String>),
}

/// What the line at an end of a run looks like.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[schemars(extend("oneOf" = one_of(&["equals", "starts", "ends", "contains", "regex"])))]
#[expect(dead_code, reason = "only its schema is wanted")]
struct RunEnd {
    equals: Option<Literals>,
    starts: Option<Literals>,
    ends: Option<Literals>,
    contains: Option<Literals>,
    regex: Option<String>,
}

/// A part of a page.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(dead_code, reason = "only its schema is wanted")]
enum Where {
    Head,
    Tail,
    Inside,
}

/// A page with the fate of each line.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is wanted")]
struct PageTest {
    /// What the page shows.
    #[schemars(length(min = 1))]
    name: String,
    /// A line each: `- rule | a line that goes`, `+ rule | one that stays`, `~ rule | one that is [-cut-]`.
    page: String,
    /// The path of the page's source, for rules that ask for it.
    path: Option<String>,
    /// The page's URL, for rules that ask for it.
    url: Option<String>,
}

fn one_of(keys: &[&str]) -> Value {
    keys.iter().map(|key| json!({ "required": [key] })).collect()
}

/// TOML has no null: a key that may be left out is left out.
pub(super) fn without_null(schema: &mut Schema) {
    let Some(schema) = schema.as_object_mut() else { return };
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(options)) = schema.get_mut("anyOf") {
        options.retain(|option| option.get("type").is_none_or(|name| name != "null"));
        if let [Value::Object(only)] = options.as_slice() {
            let only = only.clone();
            schema.remove("anyOf");
            for (key, value) in only {
                schema.entry(key).or_insert(value);
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::rules::file::{FILE_KEYS, MATCHER_KEYS, RULE_KEYS, TEST_KEYS, TRIM_KEYS};

    /// Each place of a schema has just the keys that files are read with.
    pub(crate) fn expect_keys(schema: &Schema, places: &[(&str, &[&str])]) {
        for (place, keys) in places {
            let properties = schema.as_value().pointer(&format!("{place}/properties"));
            let properties = properties.and_then(Value::as_object).unwrap();
            let found: BTreeSet<&str> = properties.keys().map(String::as_str).collect();
            assert_eq!(found, keys.iter().copied().collect(), "{place}");
        }
    }

    #[test]
    fn the_schema_has_the_keys_that_files_are_read_with() {
        let places: [(&str, &[&str]); 5] = [
            ("", FILE_KEYS),
            ("/$defs/LineRule", RULE_KEYS),
            ("/$defs/TrimRule", TRIM_KEYS),
            ("/$defs/RunEnd", MATCHER_KEYS),
            ("/$defs/PageTest", TEST_KEYS),
        ];
        expect_keys(&schema(), &places);
    }
}
