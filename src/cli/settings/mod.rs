//! `dechaff.toml`: what a corpus is cleaned with, so that nobody has to type it.
//!
//! Its keys are the long options of the command line, and that is what it becomes: arguments that stand before
//! those that were typed. What an option means is told in one place then, and mistakes of value are found by
//! the same parser. Found upwards from the working directory; paths in it are meant from its own folder.

pub(super) mod schema;

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::Error;
use crate::rules::diagnostic::{self, Diagnostic, SourceFile, nearest};
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory, ValueHint};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::cli::addresses::is_address;
use crate::cli::args::{Args, renamed};

/// The file's name.
pub(super) const FILE_NAME: &str = "dechaff.toml";

/// The table of what only `dechaff check` takes.
const CHECK: &str = "check";

/// Options of `dechaff clean` that speak of one run, not of a corpus.
const NOT_SETTINGS: [&str; 5] = ["help", "version", "dry-run", "force", "summary"];

/// What a file of settings says.
#[derive(Debug, Default)]
pub(super) struct Settings {
    settings: Vec<Setting>,
}

/// A key and the arguments it becomes.
#[derive(Debug)]
struct Setting {
    /// The name of its argument.
    name: String,
    /// The argument's values; none for a flag.
    values: Vec<OsString>,
    /// Whether it is added to what is typed, rather than left out where the same option is typed.
    adds: bool,
}

/// The arguments that were typed, with those of the settings that hold here put before them.
pub(super) fn with_settings(typed: Vec<OsString>) -> anyhow::Result<Vec<OsString>> {
    // Mostly there is none, and the grammar of all commands is not made in no time.
    let Some((file, prefix)) = find() else { return Ok(typed) };
    let grammar = &Args::command();
    let Ok(matches) = grammar.clone().ignore_errors(true).try_get_matches_from(&typed) else { return Ok(typed) };
    let (mut command, mut matches, mut depth) = (grammar, &matches, 0);
    while let Some((name, inner)) = matches.subcommand() {
        let Some(found) = command.find_subcommand(name) else { break };
        (command, matches, depth) = (found, inner, depth + 1);
    }
    if !command.get_arguments().any(|arg| is_setting(arg, grammar)) {
        return Ok(typed);
    }
    let text = fs::read_to_string(&file).map_err(|cause| Error::Read { path: file.clone(), cause })?;
    let settings = Settings::read(&file.display().to_string(), &text, &prefix, grammar)?;
    let at = (1 + depth).min(typed.len());
    let (before, after) = typed.split_at(at);
    Ok([before, &settings.args_for(command, matches), after].concat())
}

/// The nearest file of settings from the working directory upwards, and the way to its folder.
fn find() -> Option<(PathBuf, PathBuf)> {
    let here = std::env::current_dir().ok()?;
    let mut prefix = PathBuf::new();
    for folder in here.ancestors() {
        // A folder of this name and a link that leads nowhere are told where they are read.
        if folder.join(FILE_NAME).symlink_metadata().is_ok() {
            return Some((prefix.join(FILE_NAME), prefix));
        }
        prefix.push("..");
    }
    None
}

impl Settings {
    /// Reads a file. Paths in it get a prefix.
    fn read(shown: &str, text: &str, prefix: &Path, grammar: &Command) -> anyhow::Result<Settings> {
        let sheet = Arc::new(SourceFile { shown: shown.into(), text: text.into() });
        let mut reader = Reader { sheet: &sheet, prefix, grammar, diagnostics: Vec::new(), settings: Vec::new() };
        let (document, errors) = DeTable::parse_recoverable(&sheet.text);
        for error in &errors {
            let message = format!("not TOML: {}", error.message().lines().next().unwrap_or_default());
            reader.diagnostics.push(match error.span() {
                Some(span) => Diagnostic::at(&sheet, span, message, "here"),
                None => Diagnostic::of_file(&sheet, message, "the file as a whole cannot be read"),
            });
        }
        if errors.is_empty() {
            reader.table(document.get_ref(), "clean");
        }
        match reader.diagnostics.is_empty() {
            true => Ok(Settings { settings: reader.settings }),
            false => Err(Error::Rules(diagnostic::render(reader.diagnostics)).into()),
        }
    }

    /// The arguments that a command takes of them, where none was typed in their stead.
    fn args_for(&self, command: &Command, matches: &ArgMatches) -> Vec<OsString> {
        let is_typed = |arg: &Arg| matches.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine);
        let excludes = |one: &Arg, other: &Arg| {
            command.get_arg_conflicts_with(one).iter().any(|arg| arg.get_id() == other.get_id())
        };
        // Records of stdin are in no folder.
        let names_folders =
            command.get_arguments().any(|arg| is_typed(arg) && (arg.is_positional() || arg.get_id() == "jsonl"));
        let mut args = Vec::new();
        for arg in command.get_arguments() {
            let Some(setting) = self.settings.iter().find(|setting| Some(&setting.name) == name_of(arg).as_ref())
            else {
                continue;
            };
            let mut typed = command.get_arguments().filter(|other| is_typed(other));
            let is_excluded = typed.any(|other| excludes(arg, other) || excludes(other, arg));
            let is_replaced = !setting.adds && is_typed(arg) || arg.is_positional() && names_folders;
            if !is_excluded && !is_replaced {
                args.extend(typed_as(arg, &setting.values));
            }
        }
        args
    }
}

/// An argument's name in a file of settings, if it may stand there at all.
fn name_of(arg: &Arg) -> Option<String> {
    let id = arg.get_id().as_str();
    (arg.get_long().is_some() || ["raw", "clean"].contains(&id)).then(|| id.replace('_', "-"))
}

/// An argument as it would be typed.
fn typed_as(arg: &Arg, values: &[OsString]) -> Vec<OsString> {
    match arg.get_long() {
        None => values.to_vec(),
        Some(long) if matches!(arg.get_action(), ArgAction::SetTrue) => vec![format!("--{long}").into()],
        Some(long) => {
            let typed = |value: &OsString| [format!("--{long}=").into(), value.clone()].into_iter().collect();
            values.iter().map(typed).collect()
        }
    }
}

/// The arguments that a command has a key for, in the order of its help.
fn keys<'c>(grammar: &'c Command, command: &str) -> Vec<(String, &'c Arg)> {
    let args = |name: &str| grammar.find_subcommand(name).into_iter().flat_map(Command::get_arguments);
    let named = |arg: &'c Arg| name_of(arg).filter(|name| !NOT_SETTINGS.contains(&&**name)).map(|name| (name, arg));
    let of_clean: Vec<_> = args("clean").filter_map(named).collect();
    match command {
        CHECK => {
            let own = |(name, _): &(String, &Arg)| !of_clean.iter().any(|(other, _)| other == name);
            args(CHECK).filter_map(named).filter(own).collect()
        }
        _ => of_clean,
    }
}

fn is_setting(arg: &Arg, grammar: &Command) -> bool {
    let is = |command| keys(grammar, command).iter().any(|(name, _)| Some(name) == name_of(arg).as_ref());
    is("clean") || is(CHECK)
}

struct Reader<'r> {
    sheet: &'r Arc<SourceFile>,
    prefix: &'r Path,
    grammar: &'r Command,
    diagnostics: Vec<Diagnostic>,
    settings: Vec<Setting>,
}

impl Reader<'_> {
    fn table(&mut self, table: &DeTable, command: &str) {
        let keys = keys(self.grammar, command);
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            match (keys.iter().find(|(known, _)| known == name), value.get_ref()) {
                (Some((name, arg)), _) => self.setting(name, arg, value, command),
                (None, DeValue::Table(check)) if name == CHECK && command != CHECK => self.table(check, CHECK),
                (None, _) => {
                    let owner = if command == CHECK { "[check]" } else { FILE_NAME };
                    let mut names: Vec<&str> = keys.iter().map(|(name, _)| name.as_str()).collect();
                    names.extend((command != CHECK).then_some(CHECK));
                    let label = match (renamed::new_name(command, name), nearest(name, names.iter().copied())) {
                        (Some((new, values)), _) => format!("it is called `{new}` now, and takes {values}"),
                        (None, Some(meant)) => format!("did you mean `{meant}`?"),
                        (None, None) => "nothing has this name".into(),
                    };
                    let complaint =
                        Diagnostic::at(self.sheet, key.span(), format!("{owner} has no key `{name}`"), label);
                    self.diagnostics.push(complaint.help(format!("it has {}", names.join(", "))));
                }
            }
        }
    }

    fn setting(&mut self, name: &str, arg: &Arg, value: &Spanned<DeValue>, command: &str) {
        let values: Vec<(std::ops::Range<usize>, String)> = match (arg.get_action(), value.get_ref()) {
            (ArgAction::SetTrue, DeValue::Boolean(false)) => return,
            (ArgAction::SetTrue, DeValue::Boolean(true)) => {
                return self.settings.push(Setting { name: name.into(), values: Vec::new(), adds: false });
            }
            (ArgAction::Append, DeValue::Array(items)) => {
                items.iter().filter_map(|item| Some((item.span(), scalar(item.get_ref())?))).collect()
            }
            (ArgAction::Append, DeValue::Table(pairs)) => {
                let pair = |(key, item): (&Spanned<_>, &Spanned<DeValue>)| {
                    Some((item.span(), format!("{}={}", key.get_ref(), scalar(item.get_ref())?)))
                };
                pairs.iter().filter_map(pair).collect()
            }
            (ArgAction::SetTrue, _) => Vec::new(),
            (_, other) => scalar(other).map(|text| (value.span(), text)).into_iter().collect(),
        };
        let wanted = match value.get_ref() {
            DeValue::Array(items) => items.len(),
            DeValue::Table(pairs) => pairs.len(),
            _ => 1,
        };
        if values.len() != wanted {
            let kind = match arg.get_action() {
                ArgAction::SetTrue => "true or false",
                ArgAction::Append => "a list of strings",
                _ => "a string or a number",
            };
            let title = format!("`{name}` is {kind}");
            return self.diagnostics.push(Diagnostic::at(self.sheet, value.span(), title, "this is something else"));
        }
        let mut valid = Vec::with_capacity(values.len());
        for (span, text) in values {
            let is_path = matches!(arg.get_value_hint(), ValueHint::AnyPath | ValueHint::FilePath | ValueHint::DirPath);
            let is_path = is_path && !is_address(text.as_ref());
            let text = if is_path { self.prefix.join(text).into_os_string() } else { text.into() };
            match self.mistake(&text, arg, command) {
                Some(mistake) => self.diagnostics.push(Diagnostic::at(self.sheet, span, mistake, "here")),
                None => valid.push(text),
            }
        }
        let adds = matches!(value.get_ref(), DeValue::Table(_));
        self.settings.push(Setting { name: name.into(), values: valid, adds });
    }

    /// What the command line's parser says against an argument.
    fn mistake(&self, value: &OsString, arg: &Arg, command: &str) -> Option<String> {
        if arg.is_positional() {
            return None;
        }
        let mut words: Vec<OsString> = vec!["dechaff".into(), command.into(), "RAW".into(), "CLEAN".into()];
        words.extend(typed_as(arg, std::slice::from_ref(value)));
        let error = self.grammar.clone().try_get_matches_from(words).err()?;
        // What an option goes with may stand elsewhere in the file or be typed; where it is missing, the parser names it.
        if error.kind() == ErrorKind::MissingRequiredArgument {
            return None;
        }
        let text = error.to_string();
        let mut lines = text.lines().map(str::trim);
        let mistake = lines.next()?.trim_start_matches("error: ");
        let possible = lines.find(|line| line.starts_with("[possible values")).map(|values| format!(" {values}"));
        Some(format!("{mistake}{}", possible.unwrap_or_default()))
    }
}

fn scalar(value: &DeValue) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.as_str().to_string()),
        DeValue::Float(number) => Some(number.as_str().to_string()),
        _ => None,
    }
}

/// Whether a folder has a file of settings already.
pub(super) fn stands_in(folder: &Path) -> io::Result<bool> {
    folder.join(FILE_NAME).try_exists()
}
