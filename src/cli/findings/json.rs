//! Findings as one JSON object.

use crate::run::finding::Level;
use serde_json::{Value, json};

use super::{Findings, level_name};

/// The object, and a line end.
pub(crate) fn print(findings: &Findings) -> anyhow::Result<String> {
    let list: Vec<Value> = findings
        .found
        .iter()
        .map(|(level, finding)| {
            json!({
                "kind": finding.kind.to_string(),
                "level": level_name(*level),
                "path": finding.page.as_ref().map(|page| &page.path),
                "record": finding.page.as_ref().and_then(|page| page.record),
                "line": finding.line,
                "message": finding.message,
            })
        })
        .collect();
    let all = json!({
        "files": findings.files,
        "errors": findings.count(Level::Error),
        "warnings": findings.count(Level::Warn),
        "findings": list,
    });
    Ok(serde_json::to_string_pretty(&all)? + "\n")
}
