//! Findings as SARIF 2.1.0 (OASIS, 2020), the form that code scanning takes.

use std::path::Path;

use crate::manifest;
use crate::run::finding::{Finding, KINDS, Level};
use serde_json::{Value, json};

use super::{Findings, level_name};

/// Results at most. GitHub takes 25,000 of a run and shows the first 5,000; what is left out is said in the log.
const RESULTS: usize = 20_000;

/// The log.
pub(crate) fn print(findings: &Findings) -> anyhow::Result<String> {
    let rules: Vec<Value> = KINDS
        .iter()
        .map(|info| {
            let level = if info.level == Level::Error { "error" } else { "warning" };
            json!({
                "id": info.name,
                "shortDescription": { "text": info.about },
                "defaultConfiguration": { "level": level },
            })
        })
        .collect();
    let results: Vec<Value> = findings
        .found
        .iter()
        .take(RESULTS)
        .map(|(level, finding)| {
            json!({
                "ruleId": finding.kind.to_string(),
                "ruleIndex": finding.kind as usize,
                "level": level_name(*level),
                "message": { "text": finding.message },
                "locations": [location(findings, finding)],
            })
        })
        .collect();
    let left_out = findings.found.len().saturating_sub(RESULTS);
    let told = format!("{left_out} findings more than the {RESULTS} listed here were left out, the least grave ones");
    let notes: Vec<Value> =
        (left_out > 0).then(|| json!({ "level": "warning", "message": { "text": told } })).into_iter().collect();
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "dechaff",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "invocations": [{ "executionSuccessful": true, "toolExecutionNotifications": notes }],
            "results": results,
        }],
    });
    Ok(serde_json::to_string_pretty(&log)? + "\n")
}

fn location(findings: &Findings, finding: &Finding) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri(&findings.file(finding)) } });
    if let Some(line) = finding.line {
        physical["region"] = json!({ "startLine": line });
    }
    json!({ "physicalLocation": physical })
}

/// A path as a URI: relative where the path is, every byte that is not plain escaped.
fn uri(path: &Path) -> String {
    let escaped = manifest::escape(path);
    let bytes = manifest::unescape(&escaped);
    let mut uri = String::from(if path.is_absolute() { "file://" } else { "" });
    for &byte in bytes.strip_prefix(b"./").unwrap_or(&bytes) {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(byte as char),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
