//! How pages are read, judged and written: one value for the library, the command line, `dechaff.toml`, its schema,
//! the manifest's `options` and the key of a page's row.
//!
//! Whatever stands here may change the bytes of an output, so all of it is part of a row's key: a new field is, too,
//! without anybody's doing. What changes no byte (threads, folders, what is printed) belongs to the run.

mod site;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::stage::STAGES;
use crate::table::ABSENT;

pub(crate) use site::SiteSettings;

/// How pages are read, judged and written. [`Settings::default`] is what the program does without options.
///
/// ```
/// use dechaff::{Favor, Settings};
///
/// let mut settings = Settings::default();
/// settings.favor = Favor::Recall;
/// settings.off.push("teasers".into());
/// assert_eq!(settings.options(), ["--favor=recall", "--off=teasers"]);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[cfg_attr(feature = "cli", command(next_help_heading = "Judging"))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Settings {
    /// Favor precision (less boilerplate kept), recall (less text lost), or a balance of both
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t, value_name = "WHAT"))]
    pub favor: Favor,
    /// Keep or drop readers' comments; auto drops those below an article, as far as the markup and the line model
    /// tell, and keeps posts of a forum; keep and drop apply to everything under a heading for comments, replies of a forum too
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t, value_name = "WHAT"))]
    pub comments: Comments,
    /// Keep or drop the page's title
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t, value_name = "WHAT"))]
    pub title: Title,
    /// Keep or drop names and dates between a title and its text
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t, value_name = "WHAT"))]
    pub bylines: Bylines,
    /// Switch a stage off; may be given several times
    #[cfg_attr(feature = "cli", arg(long, value_name = "STAGE", value_parser = STAGES.map(|stage| stage.name)))]
    pub off: Vec<String>,
    /// How pages are found and read.
    #[cfg_attr(feature = "cli", command(flatten))]
    pub reading: ReadingSettings,
    /// Which documents stay.
    #[cfg_attr(feature = "cli", command(flatten))]
    pub filtering: FilterSettings,
    /// What becomes of personal data.
    #[cfg_attr(feature = "cli", command(flatten))]
    pub personal: PiiSettings,
    /// What becomes of what many documents say.
    #[cfg_attr(feature = "cli", command(flatten))]
    pub passages: PassageSettings,
    /// Write a file for each page, or JSON lines or Parquet in compressed shards
    #[cfg_attr(feature = "cli", arg(skip))]
    pub output: Container,
    /// Write HTML pages in this markup
    #[cfg_attr(feature = "cli", arg(skip))]
    pub markup: OutputMarkup,
}

/// How pages are found and read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[cfg_attr(feature = "cli", command(next_help_heading = "Reading"))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct ReadingSettings {
    /// Read the site's host from the path: 'sites/{host}/**', '{host}_*.txt' [default: the first folder that looks like a host]
    #[cfg_attr(feature = "cli", arg(long, value_name = "PATTERN"))]
    pub site_from: Option<String>,
    /// The host whose rules apply to pages whose URL is unknown
    #[cfg_attr(feature = "cli", arg(long, value_name = "HOST", conflicts_with = "site_from"))]
    pub site: Option<String>,
    /// Switch a repair off: line-ends, references, mojibake, c1, controls, invisibles, ligatures or nfc
    #[cfg_attr(feature = "cli", arg(long, value_name = "REPAIR"))]
    pub no_repair: Vec<String>,
    /// The charset of all files, or of those that match: 'old/**=windows-1250'; may be given several times
    #[cfg_attr(feature = "cli", arg(long, value_name = "[GLOB=]LABEL"))]
    pub charset: Vec<String>,
    /// The field of JSON lines, or the column, that holds the page [default: text, else html or raw_content]
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAME"))]
    pub text_field: Option<String>,
    /// The field of JSON lines, or the column, that names the page [default: id]
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAME"))]
    pub id_field: Option<String>,
    /// The field of JSON lines, or the column, that holds the page's URL [default: url, else that of metadata]
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAME"))]
    pub url_field: Option<String>,
    /// The longest record of an archive, or compressed page, that is read, in bytes [default: 64M]
    #[cfg_attr(feature = "cli", arg(long, value_name = "BYTES", value_parser = size))]
    pub max_record: Option<u64>,
    /// How many times its packed size a record of more than 1M may unpack to [default: 1000]
    #[cfg_attr(
        feature = "cli",
        arg(long, value_name = "TIMES", value_parser = clap::value_parser!(u64).range(1..))
    )]
    pub max_ratio: Option<u64>,
}

/// Which documents stay, once they are clean.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[cfg_attr(feature = "cli", command(next_help_heading = "Filtering documents"))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct FilterSettings {
    /// Drop documents by a filter: gopher-quality, gopher-repetition, c4, c4-any-end, fineweb, fineweb-2, refinedweb,
    /// dclm, length, no-own-text, or one of your own (--rules DIR: filters/NAME.toml); may be given several times, and they are asked
    /// in this order
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAME"))]
    pub filter: Vec<String>,
    /// Drop documents in other languages than these (ISO 639), or less surely so than behind the colon: 'de,fr:0.65'
    #[cfg_attr(feature = "cli", arg(long, value_name = "CODES"))]
    pub language: Option<String>,
    /// Drop no document: write the measures and verdicts of filters into the manifest, and into JSON lines
    #[cfg_attr(feature = "cli", arg(long))]
    pub tag: bool,
}

/// What becomes of personal data in lines that stay.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[cfg_attr(feature = "cli", command(next_help_heading = "Personal data"))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct PiiSettings {
    /// Replace mail addresses, public IP addresses, phone numbers, IBANs and card numbers
    #[cfg_attr(feature = "cli", arg(long))]
    pub pii: bool,
    /// Replace them by this; {} stands for email, ip, phone, iban or card [default: ⟨{}⟩]
    #[cfg_attr(feature = "cli", arg(long, value_name = "TEXT"))]
    pub pii_placeholder: Option<String>,
}

/// What becomes of passages that many documents of a corpus have: see `docs/copies.md`. It takes a corpus to count them, so that
/// a cleaner of single pages drops none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[cfg_attr(feature = "cli", command(next_help_heading = "Repeated passages"))]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct PassageSettings {
    /// Drop paragraphs that stand on more than N documents of the corpus; of documents that are exact copies one counts
    /// [default: they stay]
    #[cfg_attr(feature = "cli", arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..)))]
    pub repeated_passages: Option<u32>,
}

/// What to favor where precision and recall pull in two directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Favor {
    /// Rather lose a line of text than keep a line of boilerplate
    Precision,
    /// The best F1
    #[default]
    Balance,
    /// Rather keep a line of boilerplate than lose a line of text
    Recall,
}

/// What becomes of readers' comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Comments {
    /// Drop those below an article, as far as markup and the line model tell
    #[default]
    Auto,
    /// Keep them, on every page
    Keep,
    /// Drop them, the replies of a forum's thread too
    Drop,
}

/// What becomes of a page's title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Title {
    /// It stays, once
    #[default]
    Keep,
    /// It goes
    Drop,
}

/// What becomes of names and dates between a title and its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Bylines {
    /// Keep them
    #[default]
    Keep,
    /// Drop them
    Drop,
}

/// What pages are written into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Container {
    /// A file for each page: CLEAN/same/path.txt
    #[default]
    Files,
    /// Compressed shards: CLEAN/part-00000.jsonl.zst, in the layout of dolma
    Jsonl,
    /// The same as Parquet: CLEAN/part-00000.parquet; the columns of a Parquet file pass through with their types
    Parquet,
}

/// The markup that HTML pages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum OutputMarkup {
    /// Plain text: page.html.txt
    #[default]
    Text,
    /// Headings, lists, tables, code, emphasis and links: page.html.md
    Markdown,
}

impl Settings {
    /// The settings that differ from the default, in the form of the command line and in alphabetical order: what the
    /// manifest's header says, and what a row's key holds.
    pub fn options(&self) -> Vec<String> {
        // Strings, numbers and lists of them: there is nothing that JSON cannot say.
        let value = |settings: &Settings| serde_json::to_value(settings).unwrap_or_default();
        let mut options = Vec::new();
        add_options(&value(self), &value(&Settings::default()), &mut options);
        options.sort_by(|one, other| name_of(one).cmp(name_of(other)));
        options
    }

    /// Of passages that stand on more documents than so many, if they are dropped.
    pub(crate) fn repeated_passages(&self) -> Option<u32> {
        self.passages.repeated_passages.filter(|_| !self.is_off("passages"))
    }

    /// Whether a stage is left out.
    pub fn is_off(&self, stage: &str) -> bool {
        self.off.iter().any(|off| off == stage)
    }

    /// Checks the names of stages, and whether this build writes what it is to write. What else can be wrong is found
    /// where it is read.
    ///
    /// # Errors
    /// [`Error::Setting`] with the names that there are, or with how to get a build that does.
    pub(crate) fn check(&self) -> Result<()> {
        if self.output == Container::Parquet && !cfg!(feature = "parquet") {
            return Err(Error::Setting { name: "output", value: "parquet".into(), expected: ABSENT.into() });
        }
        match self.off.iter().find_map(|name| Some((name, stage_name(name).err()?))) {
            Some((name, expected)) => Err(Error::Setting { name: "off", value: name.clone(), expected }),
            None => Ok(()),
        }
    }
}

/// Adds the fields of an object that differ from the usual ones; the order of a list is kept, but for names of which
/// each counts once wherever it stands.
fn add_options(settings: &Value, usual: &Value, options: &mut Vec<String>) {
    for (name, value) in settings.as_object().into_iter().flatten().filter(|(name, value)| usual[*name] != **value) {
        let written = |value: &Value| match value {
            Value::String(text) => format!("--{name}={text}"),
            other => format!("--{name}={other}"),
        };
        match value {
            Value::Object(_) => add_options(value, &usual[name], options),
            Value::Array(values) => {
                let mut values: Vec<String> = values.iter().map(written).collect();
                if ["off", "no-repair"].contains(&name.as_str()) {
                    values.sort();
                    values.dedup();
                }
                options.extend(values);
            }
            value => options.push(written(value)),
        }
    }
}

fn name_of(option: &str) -> &str {
    option.split('=').next().unwrap_or_default()
}

/// Reads the name of a stage.
fn stage_name(name: &str) -> std::result::Result<String, String> {
    let names = STAGES.map(|stage| stage.name);
    match names.contains(&name) {
        true => Ok(name.into()),
        false => Err(format!("there is no stage of this name; there are {}", names.join(", "))),
    }
}

/// A size in bytes: `4096`, `64K`, `64M`, `1G`.
#[cfg(feature = "cli")]
pub(crate) fn size(text: &str) -> std::result::Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let shift = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" | "B" => 0,
        "K" | "KB" | "KIB" => 10,
        "M" | "MB" | "MIB" => 20,
        "G" | "GB" | "GIB" => 30,
        _ => return Err("expected a number of bytes, such as 4096, 64K, 64M or 1G".into()),
    };
    let bytes = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(1 << shift)).filter(|&bytes| bytes > 0);
    bytes.ok_or_else(|| "expected a number of bytes above 0, such as 4096, 64K, 64M or 1G".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_that_is_not_the_default_is_an_option_and_so_part_of_the_key() {
        let everything = r#"{"favor":"recall","comments":"drop","title":"drop","bylines":"drop","off":["model","headline","model"],
            "output":"jsonl","markup":"markdown","reading":{"site-from":"{host}/**","site":"a.example",
            "no-repair":["nfc"],"charset":["old/**=koi8-r","utf-8"],"text-field":"body","id-field":"key",
            "url-field":"link","max-record":4096,"max-ratio":9},"filtering":{"filter":["c4"],"language":"de","tag":true},"personal":{"pii":true,"pii-placeholder":"X"},"passages":{"repeated-passages":7}}"#;
        let settings: Settings = serde_json::from_str(everything).unwrap();
        let options = settings.options();
        let fields = serde_json::to_value(&settings).unwrap();
        let groups = ["reading", "filtering", "personal", "passages"];
        let names = fields.as_object().unwrap().keys().filter(|name| !groups.contains(&name.as_str()));
        for name in names.chain(groups.into_iter().flat_map(|group| fields[group].as_object().unwrap().keys())) {
            assert!(options.iter().any(|option| option.starts_with(&format!("--{name}="))), "{name}: {options:?}");
        }
        assert_eq!(options.iter().filter(|option| option.starts_with("--off=")).count(), 2);
        assert!(options.contains(&"--charset=utf-8".into()) && options.contains(&"--max-record=4096".into()));
        assert!(Settings::default().options().is_empty());
    }

    #[test]
    fn a_stage_that_is_none_is_named_with_those_that_are() {
        let mut settings = Settings::default();
        settings.off.push("modle".into());
        let error = settings.check().unwrap_err().to_string();
        assert!(error.contains("modle") && error.contains("model"), "{error}");
    }
}
