//! `dechaff rules new --from review.jsonl`: the lines that a review judged wrong become rules, with these lines as their
//! hits and with lines that it judged right as their misses.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use serde::Deserialize;

use crate::error::Error;
use crate::line::fold;
use crate::rules::RuleSet;

use crate::cli::{Exit, Misuse, schema};

/// The general file for lines of pages that belong to no known site.
const GENERAL: &str = "general/review.toml";

/// Lines of the other fate that a rule shows as its misses.
const MISSES: usize = 5;

/// A line of a review, as the report writes it. What else stands in it (scores, hashes) is for people.
#[derive(Debug, Deserialize)]
struct Reviewed {
    path: String,
    #[serde(default)]
    record: Option<u64>,
    #[serde(default)]
    site: Option<String>,
    fate: Fate,
    judged: Judged,
    #[serde(default)]
    rule: Option<String>,
    lines: Vec<String>,
    /// What was cut out of the line.
    #[serde(default)]
    cut: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Fate {
    Kept,
    Dropped,
    Cut,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Judged {
    Right,
    Wrong,
}

/// What a review says of one site: lines by their folded text, each as it was first seen.
#[derive(Debug, Default)]
struct Wanted {
    /// Lines that should stay: those dropped wrongly, and those kept rightly.
    stay: Lines,
    /// Lines that should go.
    go: Lines,
    /// Cuts that were judged wrong: no rule of a line can take them back.
    cuts: Vec<(String, String)>,
}

#[derive(Debug, Default)]
struct Lines {
    wrong: BTreeMap<String, String>,
    right: BTreeMap<String, String>,
}

/// Writes the rules of a review.
pub(super) fn run(review: &Path, rules: &Path) -> anyhow::Result<Exit> {
    let text = fs::read_to_string(review).map_err(|cause| Error::Read { path: review.into(), cause })?;
    let mut files: BTreeMap<String, Wanted> = BTreeMap::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let place = || format!("{}:{}", review.display(), number + 1);
        let reviewed: Reviewed =
            serde_json::from_str(line).map_err(|error| Misuse(format!("{}: no line of a review: {error}", place())))?;
        let file = match reviewed.site.as_deref() {
            None => GENERAL.to_string(),
            Some(host) if is_host(host) => format!("site/{host}.toml"),
            Some(host) => {
                return Err(
                    Misuse(format!("{}: {host:?} is no host, so no rule file is named after it", place())).into()
                );
            }
        };
        files.entry(file).or_default().add(reviewed);
    }
    let mut told = String::new();
    for (name, wanted) in files {
        let path = rules.join(&name);
        let before = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(cause) => return Err(Error::Read { path, cause }.into()),
        };
        for line in wanted.contradictions() {
            writeln!(told, "left out: judged to stay on one page and to go on another: {line}")?;
        }
        let Some(after) = wanted.file(&name, &before) else { continue };
        // What is written holds: every rule is tried on its examples before the file is touched.
        let hosts: Vec<&str> = if name == GENERAL { Vec::new() } else { vec![stem(&name)] };
        RuleSet::of_texts(&[(&name, &after)])?.prove(&hosts)?;
        write_file(&path, &after)?;
        writeln!(told, "wrote {}", path.display())?;
    }
    if told.is_empty() {
        told = "nothing was judged wrong: there are no rules to write\n".into();
    } else {
        schema::write_for_rules(rules)?;
        writeln!(
            told,
            "Next: read the rules, and say in `why` what the lines are; then\n  dechaff rules test --rules {rules}\n  \
             dechaff RAW CLEAN --rules {rules}",
            rules = rules.display()
        )?;
    }
    io::stdout().write_all(told.as_bytes())?;
    Ok(Exit::Done)
}

fn write_file(path: &Path, text: &str) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|cause| Error::Write { path: folder.into(), cause })?;
    }
    Ok(crate::write::atomic::write(path, text.as_bytes())?)
}

/// Whether a name can be that of a host, and so of a file.
fn is_host(host: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() && !c.is_uppercase() || matches!(c, '-' | '_' | '.');
    !host.is_empty() && host.chars().all(is_plain) && !host.split('.').any(str::is_empty)
}

impl Wanted {
    fn add(&mut self, reviewed: Reviewed) {
        if reviewed.fate == Fate::Cut {
            if reviewed.judged == Judged::Wrong {
                let page = reviewed
                    .record
                    .map_or_else(|| reviewed.path.clone(), |record| format!("{}#{record}", reviewed.path));
                let cut = reviewed.cut.unwrap_or_default();
                self.cuts.push((reviewed.rule.unwrap_or_default(), format!("{page}: {cut}")));
            }
            return;
        }
        let lines = match (reviewed.fate, reviewed.judged) {
            (Fate::Dropped, Judged::Wrong) => &mut self.stay.wrong,
            (Fate::Kept, Judged::Right) => &mut self.stay.right,
            (Fate::Kept, Judged::Wrong) => &mut self.go.wrong,
            _ => &mut self.go.right,
        };
        for line in reviewed.lines {
            // A line break within a block, and what cannot be in an example, are white space to a rule.
            let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
            let folded = fold(&line);
            if !folded.is_empty() {
                lines.entry(folded).or_insert(line);
            }
        }
    }

    /// Lines that are to stay and to go: no rule of lines can do both.
    fn contradictions(&self) -> Vec<&str> {
        let both = self.stay.wrong.iter().filter(|(folded, _)| self.go.wrong.contains_key(*folded));
        both.map(|(_, line)| line.as_str()).collect()
    }

    /// The text of a rule file with these rules added; `None` where there are none to add.
    fn file(&self, name: &str, before: &str) -> Option<String> {
        let rules = [
            ("keep", "review-keep", "A review found that these lines are the pages' own text.", &self.stay, &self.go),
            ("drop", "review-drop", "A review found that these lines are boilerplate.", &self.go, &self.stay),
        ];
        let mut added = String::new();
        for (action, id, why, own, others) in rules {
            let is_sure = |folded: &&String| !others.wrong.contains_key(*folded);
            let wrong: Vec<&str> =
                own.wrong.iter().filter(|(folded, _)| is_sure(folded)).map(|(_, line)| line.as_str()).collect();
            if wrong.is_empty() {
                continue;
            }
            let misses =
                others.wrong.iter().chain(&others.right).filter(|(folded, _)| !own.wrong.contains_key(*folded));
            let misses: Vec<&str> = misses.map(|(_, line)| line.as_str()).take(MISSES).collect();
            let _ = write!(
                added,
                "\n[[{action}]]\nid     = {}\nequals = {}\nwhy    = \"{why}\"\nhits   = {}\n",
                quoted(&free_id(before, id)),
                list(&wrong),
                list(&wrong)
            );
            if !misses.is_empty() {
                let _ = writeln!(added, "misses = {}", list(&misses));
            }
        }
        for (rule, cut) in &self.cuts {
            let _ = writeln!(added, "\n# {rule} cut a part wrongly; `off = [{}]` switches it off here.", quoted(rule));
            let _ = writeln!(added, "# {}", cut.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        if added.is_empty() {
            return None;
        }
        let head = match before.is_empty() {
            true => {
                format!("{}about = {}\n", schema::RULES_LINE, quoted(&format!("{}: what a review found.", stem(name))))
            }
            false if before.ends_with('\n') => before.to_string(),
            false => format!("{before}\n"),
        };
        Some(head + &added)
    }
}

/// The file's own name without its folder and ending.
fn stem(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name).trim_end_matches(".toml")
}

/// An id that the file does not have yet.
fn free_id(file: &str, id: &str) -> String {
    let is_taken = |id: &str| file.contains(&format!("\"{id}\""));
    let numbered = (2..).map(|number| format!("{id}-{number}"));
    std::iter::once(id.to_string()).chain(numbered).find(|id| !is_taken(id)).unwrap_or_default()
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_string()).to_string()
}

/// A list of strings, a line each where there are several.
fn list(lines: &[&str]) -> String {
    match lines {
        [line] => format!("[{}]", quoted(line)),
        lines => {
            let lines: String = lines.iter().map(|line| format!("    {},\n", quoted(line))).collect();
            format!("[\n{lines}]")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hosts_name_files() {
        for host in ["a.example", "xn--a.example", "localhost", "минск.example"] {
            assert!(is_host(host), "{host}");
        }
        for host in ["", "..", "../a", "a/b", "a..b", ".a", "A.example", "a b"] {
            assert!(!is_host(host), "{host}");
        }
    }

    #[test]
    fn ids_are_free() {
        assert_eq!(free_id("", "review-keep"), "review-keep");
        assert_eq!(free_id("id = \"review-keep\"", "review-keep"), "review-keep-2");
    }
}
