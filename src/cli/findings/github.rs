//! Findings as annotations of GitHub Actions: workflow commands on stdout. GitHub shows ten errors and ten
//! warnings of a step; the gravest stand first.

use std::fmt::Write;

use super::{Findings, level_name};

/// The annotations, and a last line for the log.
pub(crate) fn print(findings: &Findings) -> anyhow::Result<String> {
    let mut text = String::new();
    for (level, finding) in &findings.found {
        let file = property(&findings.file(finding).to_string_lossy());
        write!(text, "::{} file={file}", level_name(*level))?;
        if let Some(line) = finding.line {
            write!(text, ",line={line}")?;
        }
        writeln!(text, ",title=dechaff {}::{}", finding.kind, message(&finding.message))?;
    }
    writeln!(text, "{}", findings.summary())?;
    Ok(text)
}

/// A message with what would end it written as GitHub reads it.
fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The same for a property, which a comma or a colon would end.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
