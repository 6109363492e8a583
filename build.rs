//! Has the crate built anew when a rule file comes or goes: `include_dir` sees changes of files it
//! knows, not new ones. And takes a stamp of the files that `rules/tables/` is worked out of, so that
//! tables of other files are not used.

use std::fs;
use std::path::PathBuf;

use xxhash_rust::xxh3::Xxh3;

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=rules");
    for (name, folder) in [("GENERAL", "rules/general"), ("LEXICON", "rules/lexicon")] {
        println!("cargo::rustc-env=DECHAFF_{name}_STAMP={:016x}", stamp(folder)?);
    }
    Ok(())
}

/// A hash of the TOML files in a folder: their names and what is in them.
fn stamp(folder: &str) -> std::io::Result<u64> {
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder)? {
        files.push(entry?.path());
    }
    files.retain(|file| file.extension().is_some_and(|ending| ending == "toml"));
    files.sort();
    let mut hash = Xxh3::new();
    for file in files {
        // Where Git puts line ends of Windows, they are no other rules.
        let text = fs::read_to_string(&file)?.replace("\r\n", "\n");
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for part in [name.as_bytes(), text.as_bytes()] {
            hash.update(&(part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    Ok(hash.digest())
}
