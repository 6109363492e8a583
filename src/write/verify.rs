//! Whether an output folder is what its manifest says: the manifest's form, every output's hash, and files that
//! no row knows.

use std::collections::HashSet;
use std::io::BufReader;

use walkdir::{DirEntry, WalkDir};
use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, Result};
use crate::hash::sha256;
use crate::manifest::relative_path::RelativePath;
use crate::manifest::row_summary::{RowLine, RowSummary};
use crate::manifest::{self, FILE_NAME, Rows};
use crate::write::output_dir::{self, OutputDir, ShardState};
use crate::write::shards::Texts;

/// What was found out.
#[derive(Debug, Default)]
pub struct Verified {
    /// How many outputs have the bytes that the manifest says.
    pub outputs: u64,
    /// What is wrong: the path below the output folder, and in words.
    pub faults: Vec<(String, String)>,
}

/// Verifies a folder.
///
/// # Errors
/// Where there is no manifest, or it is not in the form of its schema.
pub fn verify(standing: &OutputDir) -> Result<Verified> {
    let path = standing.manifest();
    let file = standing.dir()?.open_file(&output_dir::manifest());
    let file = file.map_err(|cause| Error::Read { path: path.clone(), cause })?;
    let (_, rows) = Rows::read(&path, BufReader::with_capacity(1 << 16, file))?;
    let mut verified = Verified::default();
    let mut outputs = HashSet::new();
    let mut last: Option<RowLine> = None;
    let mut shard: Option<(String, Option<Texts>)> = None;
    for row in rows {
        let row = row?;
        let is_in_order = last.as_ref().is_none_or(|last| last.place_cmp(&row.path, row.record).is_lt());
        if !is_in_order {
            verified.faults.push((row.source().to_string(), "its row is not in path order, or stands twice".into()));
        }
        last = Some(RowLine { path: row.path.clone(), record: row.record, line: Vec::new() });
        let Some(out) = RowSummary::of(&row).output else { continue };
        if RelativePath::of(&out.path).is_err() {
            verified.faults.push((
                out.path.to_string(),
                format!("is no path below the output folder; the row of {} names it", row.source()),
            ));
            continue;
        }
        if let Some(line) = out.line {
            let is_undecided = shard.as_ref().is_some_and(|(path, _)| **path == *out.path);
            if !is_undecided {
                let texts = standing.texts(&out.path).ok();
                if texts.is_none() {
                    verified
                        .faults
                        .push((out.path.to_string(), "is in the manifest, and there is no such shard".into()));
                }
                shard = Some((out.path.to_string(), texts));
            }
            outputs.insert(xxh3_64(out.path.as_bytes()));
            let Some((_, Some(texts))) = &mut shard else { continue };
            match texts.has_at(line, &|text| text.len() as u64 == out.bytes && sha256(text.as_bytes()) == *out.sha256) {
                true => verified.outputs += 1,
                false => verified.faults.push((
                    format!("{}:{line}", &*out.path),
                    format!("is not the text of {} that the manifest says", row.source()),
                )),
            }
            continue;
        }
        match standing.text(&out.path) {
            None => verified.faults.push((
                out.path.to_string(),
                format!("is in the manifest as the text of {}, and there is no such file", row.source()),
            )),
            Some(_) if standing.holds(&out) => verified.outputs += 1,
            Some(_) => verified.faults.push((
                out.path.to_string(),
                format!("is not the text of {} that the manifest says: it was edited", row.source()),
            )),
        }
        outputs.insert(xxh3_64(out.path.as_bytes()));
    }
    for (shard, _) in standing.shards().iter().filter(|(_, state)| *state == ShardState::Edited) {
        verified.faults.push((shard.path.clone(), "is not what the manifest says: it was edited".into()));
    }
    for entry in WalkDir::new(standing.root()).min_depth(1).sort_by_file_name().into_iter().filter_entry(is_seen) {
        let Ok(entry) = entry else { continue };
        let Ok(relative) = entry.path().strip_prefix(standing.root()) else { continue };
        let path = manifest::escape(relative);
        if !entry.file_type().is_dir() && path != FILE_NAME && !outputs.contains(&xxh3_64(path.as_bytes())) {
            verified.faults.push((path, "is no page's output: the manifest does not know it".into()));
        }
    }
    Ok(verified)
}

/// No output's name starts with a dot.
fn is_seen(entry: &DirEntry) -> bool {
    !entry.file_name().as_encoded_bytes().starts_with(b".")
}
