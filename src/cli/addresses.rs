//! Addresses of object stores on the command line: which arguments take them, and what to do where one does not.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::{ArgMatches, Command, CommandFactory};

use crate::cli::Misuse;
use crate::cli::args::Args;
use crate::error::printable;

/// The schemes of object stores, with what copies a folder of each to a disk.
const SCHEMES: [(&str, &str); 8] = [
    ("s3", "aws s3 sync"),
    ("s3a", "aws s3 sync"),
    ("gs", "gcloud storage rsync -r"),
    ("az", "azcopy sync"),
    ("adl", "azcopy sync"),
    ("azure", "azcopy sync"),
    ("abfs", "azcopy sync"),
    ("abfss", "azcopy sync"),
];

/// Whether an argument is an address, and no path: a scheme and `://`.
pub(super) fn is_address(argument: &OsStr) -> bool {
    let scheme = argument.to_str().and_then(|text| text.split_once("://")).map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| scheme.len() > 1 && scheme.chars().all(|c| c.is_ascii_alphanumeric()))
}

/// Whether a path is an address.
pub(super) fn is_address_of_a_folder(path: &Path) -> bool {
    is_address(path.as_os_str())
}

/// Holds addresses to the arguments that take them: RAW and CLEAN of a run.
///
/// # Errors
/// The argument that has an address and takes a file or folder of this machine alone.
pub(super) fn hold_to_folders(words: &[OsString], is_stream: bool) -> Result<(), Misuse> {
    // Mostly there are none, and the grammar of all commands is not made in no time.
    if !words.iter().any(|word| word.to_string_lossy().contains("://")) {
        return Ok(());
    }
    let grammar = Args::command();
    let Ok(matches) = grammar.clone().try_get_matches_from(words) else { return Ok(()) };
    let (mut command, mut matches, mut name) = (&grammar, &matches, "clean");
    while let Some((inner_name, inner)) = matches.subcommand() {
        let Some(found) = command.find_subcommand(inner_name) else { return Ok(()) };
        (command, matches, name) = (found, inner, inner_name);
    }
    // Its arguments are written down, and nothing is opened.
    if name == "init" { Ok(()) } else { hold(command, matches, name == "clean" && !is_stream) }
}

/// The same for the arguments of one command; `takes_folders` says whether its RAW and CLEAN may be addresses.
///
/// # Errors
/// As for [`hold_to_folders`].
pub(super) fn hold(command: &Command, matches: &ArgMatches, takes_folders: bool) -> Result<(), Misuse> {
    for arg in command.get_arguments() {
        let values = matches.try_get_raw(arg.get_id().as_str()).ok().flatten().into_iter().flatten();
        let takes_it = takes_folders && matches!(arg.get_id().as_str(), "raw" | "clean");
        for value in values.filter(|value| is_address(value)) {
            let address = printable(&value.to_string_lossy());
            let scheme = address.split("://").next().unwrap_or_default();
            let Some((_, copy)) = SCHEMES.iter().find(|(known, _)| *known == scheme) else {
                if arg.get_value_hint() == clap::ValueHint::AnyPath || is_path(arg) {
                    return Err(Misuse(format!(
                        "{address} is no address of an object store, and no file or folder; object stores are s3://, gs:// \
                         and az://"
                    )));
                }
                continue;
            };
            if !takes_it {
                let argument = match arg.get_long() {
                    Some(long) => format!("--{long}"),
                    None => arg
                        .get_value_names()
                        .and_then(|names| names.first())
                        .map_or_else(String::new, ToString::to_string),
                };
                return Err(Misuse(format!(
                    "{address}: {argument} takes a file or folder of this machine here; only RAW and CLEAN of `dechaff RAW \
                     CLEAN` may be in an object store, so copy it first: {copy} {address} FOLDER"
                )));
            }
        }
    }
    Ok(())
}

/// Whether an argument names files or folders.
fn is_path(arg: &clap::Arg) -> bool {
    matches!(arg.get_value_parser().type_id(), id if id == std::any::TypeId::of::<std::path::PathBuf>())
}
