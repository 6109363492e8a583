//! Options that had another name. An old name is an error that tells the new one.

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
