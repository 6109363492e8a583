//! Runs the program and reads what it left: shared by the whole-program tests.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A scratch place with an input folder and the name of an output folder.
pub(crate) struct Scratch {
    pub home: tempfile::TempDir,
    pub raw: PathBuf,
    pub clean: PathBuf,
}

impl Scratch {
    pub(crate) fn new() -> Scratch {
        let home = tempfile::tempdir().unwrap();
        let (raw, clean) = (home.path().join("raw"), home.path().join("clean"));
        fs::create_dir(&raw).unwrap();
        Scratch { home, raw, clean }
    }

    /// Writes a file into the input folder.
    pub(crate) fn page(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Scratch {
        let path = self.raw.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }

    /// Runs `dechaff RAW CLEAN` with more arguments.
    pub(crate) fn run(&self, more: &[&str]) -> Output {
        dechaff().arg(&self.raw).arg(&self.clean).args(more).output().unwrap()
    }

    /// Runs it and expects an exit code.
    pub(crate) fn expect(&self, code: i32, more: &[&str]) -> String {
        let output = self.run(more);
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{text}");
        text
    }

    pub(crate) fn cleaned(&self, name: &str) -> String {
        fs::read_to_string(self.clean.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The manifest's rows by path; every line is held against the schema on the way.
    pub(crate) fn rows(&self) -> BTreeMap<String, Value> {
        rows(&self.clean)
    }

    pub(crate) fn row(&self, name: &str) -> Value {
        self.rows().remove(name).unwrap_or_else(|| panic!("no row for {name}"))
    }
}

pub(crate) fn dechaff() -> Command {
    Command::new(assert_cmd::cargo::cargo_bin!("dechaff"))
}

/// A folder of the project.
pub(crate) fn project(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

pub(crate) fn rows(clean: &Path) -> BTreeMap<String, Value> {
    let schema: Value =
        serde_json::from_str(&fs::read_to_string(project("docs/manifest.schema.json")).unwrap()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let text = fs::read_to_string(clean.join("manifest.jsonl")).unwrap();
    let mut rows = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let value: Value = serde_json::from_str(line).unwrap();
        if let Err(error) = schema.validate(&value) {
            panic!("manifest line {}: {error}\n{line}", index + 1);
        }
        if index > 0 && value["shard"].is_null() {
            let record = value["record"].as_u64().map(|record| format!("#{record}")).unwrap_or_default();
            rows.insert(format!("{}{record}", value["path"].as_str().unwrap()), value);
        }
    }
    rows
}

/// Every file below a folder with its bytes, the folder of unfinished things left out.
pub(crate) fn files(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let wanted = |entry: &walkdir::DirEntry| entry.file_name() != ".dechaff";
    if !root.exists() {
        return BTreeMap::new();
    }
    walkdir::WalkDir::new(root)
        .into_iter()
        .filter_entry(wanted)
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| (entry.path().strip_prefix(root).unwrap().to_path_buf(), fs::read(entry.path()).unwrap()))
        .collect()
}

/// Chance that falls the same way every time.
pub(crate) struct Chance(pub u64);

impl Chance {
    /// A number below another.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ z >> 31) % end as u64) as usize
    }
}
