//! The line of a manifest that names a shard.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::manifest::relative_path::RelativePath;

/// How such a line begins.
pub const BEGINS: &str = "{\"shard\":";

/// A shard that was written. Its line stands behind the row of its last document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shard {
    /// Its path below the output folder.
    #[serde(rename = "shard")]
    pub path: String,
    /// How many documents it holds.
    pub documents: u64,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
}

impl Shard {
    /// Its path, if it is one that a run can have given: a manifest is not trusted.
    pub fn name(&self) -> Option<RelativePath> {
        let (number, ending) = self.path.strip_prefix("part-")?.split_once('.')?;
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.';
        let is_name = number.len() >= 5
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && !ending.is_empty()
            && ending.bytes().all(is_plain);
        RelativePath::of(&self.path).ok().filter(|_| is_name)
    }
}
