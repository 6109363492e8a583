//! What is said where the command line cannot be read as it was typed: the command that was meant, an argument too
//! many, the argument that names something which is not there.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::cli::args::{Args, CleanArgs};
use crate::cli::{Exit, Misuse};
use crate::error::Error;
use crate::rules::diagnostic::nearest;

/// Prints what the command line's parser says: help that was asked for, or what is wrong with the arguments.
pub(super) fn not_parsed(error: &clap::Error, typed: &[OsString]) -> Exit {
    let is_help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let _ = match advice(error, typed) {
        Some(message) => Args::command().error(error.kind(), message).print(),
        None => error.print(),
    };
    if is_help { Exit::Done } else { Exit::Misused }
}

/// A first argument that is no file or folder, and nearly a command.
///
/// # Errors
/// The command that was meant.
pub(super) fn hold_to_commands(args: &CleanArgs) -> Result<(), Misuse> {
    let Some(raw) = args.raw.as_deref().filter(|raw| *raw != Path::new("-")) else { return Ok(()) };
    match command_meant(raw) {
        Some(message) => Err(Misuse(message)),
        // One word that is nothing: a command was meant as likely as a folder.
        None if args.clean.is_none() && !args.jsonl && !raw.exists() => {
            let word = raw.display();
            Err(Misuse(format!("`{word}` is no command, file or folder; `dechaff help` lists the commands")))
        }
        None => Ok(()),
    }
}

/// What is said of the argument that names a file or folder which is not there: which one it is, and what it takes.
pub(super) fn argument_not_there(error: &Error, words: &[OsString]) -> Option<String> {
    let Error::Read { path, cause } = error else { return None };
    if !matches!(cause.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) {
        return None;
    }
    let grammar = Args::command();
    let matches = grammar.clone().try_get_matches_from(words).ok()?;
    let (mut command, mut matches) = (&grammar, &matches);
    while let Some((name, inner)) = matches.subcommand() {
        (command, matches) = (command.find_subcommand(name)?, inner);
    }
    let names_it = |arg: &&clap::Arg| {
        let values = matches.try_get_raw(arg.get_id().as_str()).ok().flatten();
        values.is_some_and(|mut values| values.any(|value| Path::new(value) == path))
    };
    let arg = command.get_arguments().find(names_it)?;
    let name = match arg.get_long() {
        Some(long) => format!("--{long}"),
        None => arg.get_value_names()?.first()?.to_string(),
    };
    Some(format!("it is named by {name}: {}", arg.get_help()?))
}

fn advice(error: &clap::Error, typed: &[OsString]) -> Option<String> {
    let command = typed.get(1).and_then(|word| word.to_str()).filter(|word| is_command(word));
    let misses_folder = || match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::Strings(missing)) => missing.iter().any(|missing| !missing.starts_with("--")),
        _ => true,
    };
    let is_missing = error.kind() == ErrorKind::MissingRequiredArgument && misses_folder();
    if is_missing && matches!(command, Some("clean" | "check")) {
        let command = command.unwrap_or_default();
        return Some(format!(
            "the folders are missing: dechaff {command} RAW CLEAN; `dechaff init` writes a dechaff.toml that names them, so that \
             nobody has to type them"
        ));
    }
    if let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) {
        return misplaced(word, command, typed);
    }
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else { return None };
    match (argument.strip_prefix("--"), command) {
        (Some("schema"), Some("init")) => Some("init --schema is called `dechaff schema settings` now".into()),
        (Some(_), _) => None,
        (None, None | Some("clean")) if error.kind() == ErrorKind::UnknownArgument => {
            Some(first_path(typed).and_then(|path| command_meant(&path)).unwrap_or_else(|| one_too_many(argument)))
        }
        _ => None,
    }
}

/// What to say of a word where a command may stand: it is none, or it comes too late.
fn misplaced(word: &str, command: Option<&str>, typed: &[OsString]) -> Option<String> {
    match (command, first_path(typed)) {
        (Some("help"), _) => {
            let grammar = Args::command();
            let meant = nearest(word, grammar.get_subcommands().map(clap::Command::get_name))?;
            Some(format!("there is no command `{word}`; did you mean `dechaff help {meant}`?"))
        }
        (Some(_), _) => None,
        (None, Some(path)) => Some(command_meant(&path).unwrap_or_else(|| one_too_many(word))),
        (None, None) => Some(format!("options come after the command: `dechaff {word} …`")),
    }
}

/// The first argument that is no option, where no command is named.
fn first_path(typed: &[OsString]) -> Option<PathBuf> {
    let matches = Args::command().ignore_errors(true).try_get_matches_from(typed).ok()?;
    matches.try_get_one::<PathBuf>("raw").ok().flatten().cloned()
}

fn one_too_many(argument: &str) -> String {
    format!(
        "`{argument}` is one argument too many: dechaff reads one folder, RAW, and writes one, CLEAN; to clean several \
         folders, run it once for each, or name the folder above them"
    )
}

/// What to say of a path that is not there, and nearly the name of a command.
fn command_meant(path: &Path) -> Option<String> {
    if path.exists() {
        return None;
    }
    let (word, grammar) = (path.to_str()?, Args::command());
    let meant = nearest(word, grammar.get_subcommands().map(clap::Command::get_name))?;
    if meant == word {
        return Some(format!("options come after the command: `dechaff {word} …`"));
    }
    Some(format!("`{word}` is no command, file or folder; did you mean `dechaff {meant}`?"))
}

fn is_command(word: &str) -> bool {
    word == "help" || Args::command().find_subcommand(word).is_some()
}
