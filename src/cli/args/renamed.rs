//! Options that had another name. On the command line, which stands in scripts, an old name is understood and the new
//! one is told; in a settings file it is an error that tells the new one.

use std::ffi::{OsStr, OsString};

/// An option that was renamed.
struct Renamed {
    /// The command it belongs to; `clean` is also what is meant where no command is named.
    command: &'static str,
    old: &'static str,
    new: &'static str,
    /// What to write now.
    example: &'static str,
}

const RENAMED: [Renamed; 6] = [
    Renamed { command: "check", old: "format", new: "report", example: "text|json|github|sarif" },
    Renamed { command: "check", old: "findings", new: "report", example: "text|json|github|sarif" },
    Renamed { command: "check", old: "written-as", new: "markup", example: "text|markdown" },
    Renamed { command: "clean", old: "format", new: "markup", example: "text|markdown" },
    Renamed { command: "clean", old: "to", new: "output", example: "files|jsonl" },
    Renamed { command: "clean", old: "shard", new: "partition", example: "I/N" },
];

/// The new name of an option of a command, and the values it takes.
pub(crate) fn new_name(command: &str, old: &str) -> Option<(&'static str, &'static str)> {
    let renamed = RENAMED.iter().find(|renamed| renamed.command == command && renamed.old == old)?;
    Some((renamed.new, renamed.example))
}

/// The command line with the new names of options in place of old ones, and what to tell of each.
pub(crate) fn with_new_names(typed: Vec<OsString>) -> (Vec<OsString>, Vec<String>) {
    let is_check = typed.get(1).is_some_and(|word| word == "check");
    let command = if is_check { "check" } else { "clean" };
    let mut notes = Vec::new();
    let mut is_value = false;
    let words = typed
        .into_iter()
        .map(|word| {
            // What follows `--` is a path, whatever it looks like.
            is_value |= word == "--";
            let Some(new) = (!is_value).then(|| with_new_name(command, &word)).flatten() else { return word };
            notes.push(new.1);
            new.0
        })
        .collect();
    (words, notes)
}

/// A word of the command line by its new name, and what to tell of it, where it is an option by an old one.
fn with_new_name(command: &str, word: &OsStr) -> Option<(OsString, String)> {
    let option = word.to_str()?.strip_prefix("--")?;
    let (old, value) = match option.split_once('=') {
        Some((old, value)) => (old, Some(value)),
        None => (option, None),
    };
    let (new, values) = new_name(command, old)?;
    let word = value.map_or_else(|| format!("--{new}"), |value| format!("--{new}={value}"));
    Some((word.into(), format!("--{old} is called --{new} now; write --{new} {values}")))
}
