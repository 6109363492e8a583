//! The house: imports run one way, rooms keep to what is theirs, and every file says its duty.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms by floor. A file imports from floors below its own, and from its own room.
const FLOORS: [&[&str]; 16] = [
    &["error"],
    &["page", "hash", "charset", "table"],
    &["marks"],
    &["line"],
    &["stage"],
    &["settings"],
    &["manifest", "rules"],
    &["parse", "stages", "passes", "render", "filters"],
    &["document"],
    &["cleaner"],
    &["read", "write"],
    &["cloud"],
    &["run"],
    &["report"],
    &["cli"],
    &["main", "lib"],
];

#[test]
fn imports_run_one_way() {
    let mut wrong = Vec::new();
    for file in sources() {
        let room = room(&file);
        for (number, line) in code(&file) {
            for target in imported_rooms(&line) {
                if target != room && floor(&target) >= floor(&room) {
                    wrong.push(format!("{}:{number}: {room} imports {target}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rooms_keep_to_what_is_theirs() {
    // What a line of code says, the rooms that may say it, and what it is for.
    let keepers: [(&[&str], &[&str], &str); 4] = [
        (&["std::fs", "fs::", "File::", "File,"], &["parse", "read", "rules", "write", "cloud", "cli"], "files"),
        (&["rayon::", "thread::spawn", "thread::scope"], &["run"], "threads"),
        (&["Instant::", "SystemTime::"], &["cli"], "the clock"),
        (&["io::stdout", "io::stderr", "println!", "eprint"], &["cli"], "the terminal"),
    ];
    let mut wrong = Vec::new();
    for file in sources() {
        let room = room(&file);
        for (number, line) in code(&file) {
            for (signs, rooms, what) in keepers {
                // What only ends like a file of the standard library's.
                let line = line.replace("EntryKind::File", "").replace("FilterFile", "");
                let says_it = signs.iter().any(|sign| line.contains(sign));
                if says_it && !rooms.contains(&room.as_str()) {
                    wrong.push(format!("{}:{number}: {room} touches {what}: {}", file.display(), line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_opens_with_its_duty() {
    let silent: Vec<_> = sources().into_iter().filter(|file| !read(file).starts_with("//!")).collect();
    assert!(silent.is_empty(), "no `//!` at the top of {silent:?}");
}

#[test]
fn no_file_has_a_name_that_says_nothing() {
    const EMPTY_NAMES: [&str; 6] = ["util", "utils", "helper", "helpers", "misc", "common"];
    for file in sources() {
        let stem = file.file_stem().unwrap().to_str().unwrap().to_string();
        assert!(!EMPTY_NAMES.contains(&stem.as_str()), "{}: name the thing it holds", file.display());
    }
}

fn sources() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = walkdir::WalkDir::new(root).sort_by_file_name().into_iter().map(|entry| entry.unwrap().into_path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap()
}

/// The lines of a file with their numbers, comments and unit tests left out.
fn code(file: &Path) -> Vec<(usize, String)> {
    let text = read(file);
    let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    let code = numbered.take_while(|(_, line)| !line.starts_with("#[cfg(test)]"));
    code.filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(number, line)| (number, line.to_string()))
        .collect()
}

fn room(file: &Path) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let first = file.strip_prefix(root).unwrap().components().next().unwrap();
    first.as_os_str().to_str().unwrap().trim_end_matches(".rs").to_string()
}

fn imported_rooms(line: &str) -> Vec<String> {
    let names = |prefix: &str| -> Vec<String> {
        let after = line.split(prefix).skip(1);
        after
            .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("").to_string())
            .collect()
    };
    [names("crate::"), names("dechaff::")].concat().into_iter().filter(|name| floor_of(name).is_some()).collect()
}

fn floor(room: &str) -> usize {
    floor_of(room).unwrap_or_else(|| panic!("{room} stands on no floor: add it to FLOORS"))
}

fn floor_of(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}
