//! The shape of a filter file as a JSON Schema, so that editors complete and check it while it is written.
//!
//! The types here are read by nobody but the generator of the schema; what a file means is for [`super::filter_file`] to
//! say, and a test holds the keys of both to each other.

use std::collections::BTreeMap;

use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::json;

use super::filter_languages::{Limits, STOP_WORDS};
use super::measure::MEASURES;
use super::schema::without_null;

/// The JSON Schema of a filter file: `docs/filter-file.schema.json`.
pub fn schema() -> Schema {
    let mut schema = schemars::schema_for!(FilterFile);
    schema.insert("title".into(), "A filter file of dechaff".into());
    RecursiveTransform(without_null).transform(&mut schema);
    schema
}

/// A filter: a document stays that all its bounds and phrases let pass.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[schemars(extend("anyOf" = json!([{ "required": ["bound"] }, { "required": ["phrases"] }, { "required": ["stop_words"] }])))]
#[schemars(extend("if" = json!({ "not": { "required": ["languages"] } })))]
#[schemars(extend("then" = json!({
    "properties": { "bound": { "items": { "anyOf": [{ "required": ["min"] }, { "required": ["max"] }] } } }
})))]
#[expect(dead_code, reason = "only its schema is wanted")]
struct FilterFile {
    /// What the filter is for, in one sentence.
    #[schemars(length(min = 1))]
    about: String,
    /// Where its numbers come from.
    #[schemars(length(min = 1))]
    source: String,
    /// Ranges that measures have to lie in.
    bound: Option<Vec<Bound>>,
    /// Phrases that drop a short document.
    phrases: Option<Vec<Phrases>>,
    /// How many stop words of its language a document has at least.
    stop_words: Option<Vec<StopWords>>,
    /// By the code of a language (ISO 639, as `--language` takes it), what is asked of documents in it.
    languages: Option<BTreeMap<String, LanguageRules>>,
    /// Texts, and the rules that drop them.
    #[schemars(length(min = 1))]
    test: Vec<Example>,
}

/// A range that a measure has to lie in, both ends included. What has neither end here has one under a language.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is wanted")]
struct Bound {
    /// Its name in this file; the end of its address.
    #[schemars(regex(pattern = r"^[a-z0-9]+(-[a-z0-9]+)*$"))]
    id: String,
    measure: MeasureName,
    /// The least value that stays.
    min: Option<f64>,
    /// The greatest value that stays.
    max: Option<f64>,
    /// Why the rule is right.
    #[schemars(length(min = 1))]
    why: String,
    /// Where the number comes from, if the file's source does not say it.
    source: Option<String>,
}

/// Phrases of which none may stand in a document of few words.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is wanted")]
struct Phrases {
    /// Its name in this file; the end of its address.
    #[schemars(regex(pattern = r"^[a-z0-9]+(-[a-z0-9]+)*$"))]
    id: String,
    /// The phrases. Case, quotes, dashes and white space do not count.
    #[schemars(length(min = 1))]
    any: Vec<String>,
    /// The most words of a document that one of them drops.
    #[schemars(range(min = 1))]
    words_at_most: u32,
    /// Why the rule is right.
    #[schemars(length(min = 1))]
    why: String,
    /// Where it comes from, if the file's source does not say it.
    source: Option<String>,
}

/// How many of the stop words of its language a document has at least. Languages without a list let it pass.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is wanted")]
struct StopWords {
    /// Its name in this file; the end of its address.
    #[schemars(regex(pattern = r"^[a-z0-9]+(-[a-z0-9]+)*$"))]
    id: String,
    /// How many, each word counted once.
    #[schemars(range(min = 1))]
    min: u32,
    /// Why the rule is right.
    #[schemars(length(min = 1))]
    why: String,
    /// Where the number comes from, if the file's source does not say it.
    source: Option<String>,
}

/// What is asked of documents in one language.
struct LanguageRules;

impl JsonSchema for LanguageRules {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "LanguageRules".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "What is asked of documents in one language: by the id of a bound, its limits; and stop words.",
            "type": "object",
            "properties": {
                (STOP_WORDS): {
                    "description": "The stop words, as they stand in texts: case counts.",
                    "type": "array",
                    "items": { "type": "string", "pattern": r"^\S+$" },
                    "minItems": 1,
                    "uniqueItems": true
                }
            },
            "additionalProperties": generator.subschema_for::<Limits>()
        })
    }
}

/// A text, and the rules that drop it.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is wanted")]
struct Example {
    /// What the text shows.
    #[schemars(length(min = 1))]
    name: String,
    /// The text of a document.
    text: String,
    /// The text so many times over.
    #[schemars(range(min = 1))]
    times: Option<u32>,
    /// The language that it is in: a code of ISO 639.
    language: Option<String>,
    /// The ids of the rules that drop it; without it, all rules let it pass.
    drops: Option<Ids>,
}

/// An id, or several.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is wanted")]
enum Ids {
    One(String),
    All(Vec<String>),
}

/// The name of a measure.
struct MeasureName;

impl JsonSchema for MeasureName {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Measure".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let each = MEASURES.map(|info| json!({ "const": info.name, "description": info.about }));
        json_schema!({ "description": "What is measured.", "oneOf": each.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::filter_file::{BOUND_KEYS, FILE_KEYS, PHRASES_KEYS, STOP_WORDS_KEYS, TEST_KEYS};
    use crate::rules::filter_languages::LIMIT_KEYS;
    use crate::rules::schema::tests::expect_keys;

    #[test]
    fn the_schema_has_the_keys_that_files_are_read_with() {
        let places: [(&str, &[&str]); 6] = [
            ("", FILE_KEYS),
            ("/$defs/Bound", BOUND_KEYS),
            ("/$defs/Phrases", PHRASES_KEYS),
            ("/$defs/StopWords", STOP_WORDS_KEYS),
            ("/$defs/Limits", LIMIT_KEYS),
            ("/$defs/Example", TEST_KEYS),
        ];
        expect_keys(&schema(), &places);
    }
}
