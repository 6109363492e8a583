//! The fuzz targets: that none is forgotten, and, where somebody has the time, that they find nothing for longer than CI
//! looks: `cargo test --release --test fuzz -- --ignored`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn targets() -> BTreeSet<String> {
    let files = fs::read_dir(fuzz().join("targets")).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn every_target_is_built() {
    let manifest: toml::Table = toml::from_str(&fs::read_to_string(fuzz().join("Cargo.toml")).unwrap()).unwrap();
    let named = manifest["bin"].as_array().unwrap().iter().map(|bin| bin["name"].as_str().unwrap().to_owned());
    assert_eq!(named.collect::<BTreeSet<_>>(), targets());
}

/// Seconds that a target gets: `DECHAFF_FUZZ_SECONDS` says otherwise.
const SECONDS: u64 = 300;

#[test]
#[ignore = "takes an hour and more, and needs cargo-fuzz: cargo install cargo-fuzz"]
fn no_target_finds_anything_for_five_minutes() {
    let seconds = std::env::var("DECHAFF_FUZZ_SECONDS").ok().and_then(|given| given.parse().ok()).unwrap_or(SECONDS);
    for target in targets() {
        let mut run = Command::new("cargo");
        // cargo-fuzz asks for flags that the stable compiler has but hides.
        run.env("RUSTC_BOOTSTRAP", "1").args([
            "fuzz",
            "run",
            "--sanitizer",
            "none",
            "--codegen-units",
            "16",
            "--fuzz-dir",
        ]);
        run.arg(fuzz()).arg(&target).arg("--");
        run.args([format!("-max_total_time={seconds}"), "-rss_limit_mb=4096".to_owned()]);
        assert!(run.status().unwrap().success(), "{target} has found something: see fuzz/artifacts/{target}");
    }
}
