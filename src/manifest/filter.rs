//! What a row says of filters of documents.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The verdict of a filter that would drop a document, or has dropped it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FilterVerdict {
    /// The address of the rule: the filter's name and the rule's id, `gopher-quality#short`.
    pub rule: String,
    /// What was measured or found.
    pub value: FilterValue,
    /// The least value that stays, where the rule has one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub min: Option<Quantity>,
    /// The greatest value that stays, where the rule has one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max: Option<Quantity>,
}

/// What a filter has measured or found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum FilterValue {
    /// A number.
    Number(Quantity),
    /// A word: a language, a host, a phrase.
    Word(String),
}

/// A number in steps of a millionth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity {
    millionths: i64,
}

impl Quantity {
    /// The nearest millionth. What is no number is 0; what is beyond 9 · 10¹² is that.
    pub fn nearest(value: f64) -> Quantity {
        // `as` saturates and makes 0 of what is no number.
        Quantity { millionths: (value * 1e6).round() as i64 }
    }

    /// The number.
    pub fn value(self) -> f64 {
        self.millionths as f64 / 1e6
    }
}

impl std::fmt::Display for Quantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.value())
    }
}

impl std::fmt::Display for FilterValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FilterValue::Number(number) => number.fmt(f),
            FilterValue::Word(word) => f.write_str(word),
        }
    }
}

impl FilterVerdict {
    /// The verdict of a rule that has no bounds.
    pub fn of(rule: impl Into<String>, value: FilterValue) -> FilterVerdict {
        FilterVerdict { rule: rule.into(), value, min: None, max: None }
    }
}

impl std::fmt::Display for FilterVerdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}", self.rule, self.value)?;
        if let Some(min) = self.min {
            write!(f, ", at least {min}")?;
        }
        if let Some(max) = self.max {
            write!(f, ", at most {max}")?;
        }
        f.write_str(")")
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.millionths % 1_000_000 {
            0 => serializer.serialize_i64(self.millionths / 1_000_000),
            _ => serializer.serialize_f64(self.value()),
        }
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Quantity, D::Error> {
        f64::deserialize(deserializer).map(Quantity::nearest)
    }
}

impl JsonSchema for Quantity {
    fn schema_name() -> Cow<'static, str> {
        "Quantity".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "A number in steps of a millionth.", "type": "number" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_is_written_as_a_short_number_and_read_back() {
        for (value, written) in [(50.0, "50"), (0.1, "0.1"), (1.0 / 3.0, "0.333333"), (f64::NAN, "0"), (-0.5, "-0.5")] {
            let quantity = Quantity::nearest(value);
            assert_eq!(serde_json::to_string(&quantity).unwrap(), written);
            assert_eq!(serde_json::from_str::<Quantity>(written).unwrap(), quantity);
        }
    }
}
