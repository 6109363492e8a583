//! `dechaff schema FILE`: the JSON Schemas of the files that dechaff reads and writes, for editors and for tests.

use std::io::{self, Write};
use std::path::Path;

use clap::CommandFactory;
use serde_json::Value;

use crate::cli::Exit;
use crate::cli::args::{Args, SchemaArg, SchemaArgs};
use crate::cli::settings;
use crate::write::atomic;

/// The name of a schema beside the files that it describes.
pub(super) const SETTINGS_FILE: &str = "dechaff.schema.json";
const RULES_FILE: &str = "rule-file.schema.json";

/// The first line of a rule file in `DIR/site/` or `DIR/general/`, by which editors find its schema.
pub(super) const RULES_LINE: &str = "#:schema ../rule-file.schema.json\n";

/// Prints a schema.
pub(super) fn run(args: &SchemaArgs) -> anyhow::Result<Exit> {
    io::stdout().write_all(text(args.of)?.as_bytes())?;
    Ok(Exit::Done)
}

/// Writes the schema of rule files into a folder of rules.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn write_for_rules(folder: &Path) -> anyhow::Result<()> {
    write(&folder.join(RULES_FILE), SchemaArg::Rules)
}

/// Writes the schema of dechaff.toml into a folder.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn write_for_settings(folder: &Path) -> anyhow::Result<()> {
    write(&folder.join(SETTINGS_FILE), SchemaArg::Settings)
}

fn write(path: &Path, of: SchemaArg) -> anyhow::Result<()> {
    Ok(atomic::write(path, text(of)?.as_bytes())?)
}

fn text(of: SchemaArg) -> anyhow::Result<String> {
    let schema: Value = match of {
        SchemaArg::Settings => settings::schema::schema(&Args::command()),
        SchemaArg::Rules => serde_json::to_value(crate::rules::schema())?,
        SchemaArg::Filters => serde_json::to_value(crate::rules::filter_schema())?,
        SchemaArg::Manifest => serde_json::to_value(crate::manifest::schema())?,
    };
    Ok(serde_json::to_string_pretty(&schema)? + "\n")
}
