//! The JSON Schema of `dechaff.toml`, made from the command line's grammar, whose options are its keys.

use clap::{Arg, ArgAction, Command};
use serde_json::{Map, Value, json};

use super::{CHECK, keys};

/// The schema.
pub(crate) fn schema(grammar: &Command) -> Value {
    let mut properties = properties(grammar, "clean");
    let check = json!({
        "description": "What `dechaff check` looks for.",
        "type": "object",
        "properties": self::properties(grammar, CHECK),
        "additionalProperties": false,
    });
    properties.insert(CHECK.into(), check);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dechaff.toml: what a corpus is cleaned with",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}

fn properties(grammar: &Command, command: &str) -> Map<String, Value> {
    keys(grammar, command).into_iter().map(|(name, arg)| (name, property(arg))).collect()
}

fn property(arg: &Arg) -> Value {
    let values: Vec<String> = arg.get_possible_values().iter().map(|value| value.get_name().to_string()).collect();
    let is_named =
        |known: &[&str]| arg.get_value_names().is_some_and(|names| names.iter().any(|name| known.contains(&&**name)));
    let (is_number, is_share) = (is_named(&["N", "PERCENT"]), is_named(&["SHARE"]));
    let one = match (values.is_empty(), is_number) {
        (false, _) => json!({ "enum": values }),
        (true, true) => json!({ "type": "integer" }),
        (true, false) if is_share => json!({ "type": ["string", "number"] }),
        (true, false) => json!({ "type": "string" }),
    };
    let mut property = match arg.get_action() {
        ArgAction::SetTrue => json!({ "type": "boolean" }),
        ArgAction::Append => json!({ "anyOf": [
            { "type": "array", "items": one },
            { "type": "object", "additionalProperties": { "type": "string" } },
        ] }),
        _ => one,
    };
    if let (Some(about), Some(property)) = (arg.get_help(), property.as_object_mut()) {
        property.insert("description".into(), about.to_string().into());
    }
    property
}
