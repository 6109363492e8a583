//! What the text of a page is called below the output folder.

use xxhash_rust::xxh3::xxh3_64;

use crate::manifest::{escape, to_path};

/// The longest name of a file, in bytes, that every file system of today takes, with `.txt` behind it.
const LONGEST: usize = 200;

/// What is said of a name that another page's output has.
pub const TAKEN: &str = "is already the name of another page's output";

/// How the advice ends where a record cannot be called anything.
const ADVICE: &str = "--output jsonl writes records whatever they are called";

/// The longest name of a file, in bytes, that file systems take.
const MOST: usize = 255;

/// The name of the text of a file that is one page. Where no file can be called so, its name is cut, and a hash over
/// all of the path stands in for the rest.
pub fn of_file(path: &str, ending: &str) -> String {
    let whole = if path.ends_with(ending) { path.into() } else { format!("{path}{ending}") };
    let start = whole.rfind('/').map_or(0, |at| at + 1);
    let name = &whole[start..];
    if to_path(name).as_os_str().len() <= MOST {
        return whole;
    }
    let hash = format!("~{:016x}", xxh3_64(path.as_bytes()));
    // The notation of paths writes no name shorter than it is, and an escape of it is not cut in two.
    let mut end = name.floor_char_boundary(LONGEST - hash.len());
    while end > 0 && (!name.is_char_boundary(end) || escape(&to_path(&name[..end])) != name[..end]) {
        end -= 1;
    }
    format!("{}{}{hash}{ending}", &whole[..start], &name[..end])
}

/// The name of the text of a record: its file is the folder, and the name is the record's own id, or else its URL
/// without scheme, written as [`of_member`] writes paths.
///
/// # Errors
/// Why the id cannot be the name of a file, and what to do.
pub fn of_record(file: &str, id: Option<&str>, url: Option<&str>, ending: &str) -> Result<String, String> {
    let without_scheme = |name| match str::split_once(name, "://") {
        Some((_, rest)) => rest.strip_suffix('/').unwrap_or(rest),
        None => name.strip_prefix("urn:uuid:").unwrap_or(name),
    };
    let name = match (id, url) {
        (Some(id), _) => without_scheme(id.trim_matches(['<', '>'])),
        (None, Some(url)) => return Ok(of_member(file, without_scheme(url), ending)),
        (None, None) => return Err(format!("a record without id or URL cannot be named; {ADVICE}")),
    };
    match name.split('/').find_map(fault) {
        Some(fault) => Err(format!("its id cannot name a file: {fault}; {ADVICE}")),
        None => Ok(of_file(&format!("{file}/{name}"), ending)),
    }
}

/// The name of the text of a member of an archive: the archive is the folder, and the name is the member's path. What
/// cannot stand in the name of a file is written as URLs have it: `%2E%2E/passwd`.
pub fn of_member(file: &str, path: &str, ending: &str) -> String {
    let mut name = file.to_string();
    for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
        name.push('/');
        let start = name.len();
        for (at, c) in part.char_indices() {
            let is_first_dot = c == '.' && at == 0;
            match is_first_dot || c.is_control() || "\\?*\"<>|".contains(c) || part == ".." {
                true => c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| name.push_str(&format!("%{byte:02X}"))),
                false => name.push(c),
            }
        }
        if name.len() - start > LONGEST {
            let hash = format!("~{:016x}", xxh3_64(part.as_bytes()));
            name.truncate(name.floor_char_boundary(start + LONGEST - hash.len()));
            name.push_str(&hash);
        }
    }
    of_file(&name, ending)
}

/// The name of a record's text where another record of its file has the name already: the record's number stands behind
/// it, `ID~17.txt`.
pub fn of_namesake(name: &str, record: u64) -> String {
    let (stem, ending) = divided(name);
    let number = format!("~{record}");
    let start = name.rfind('/').map_or(0, |at| at + 1);
    let longest = MOST - number.len() - ending.len();
    let end = if stem.len() - start > longest { stem.floor_char_boundary(start + longest) } else { stem.len() };
    format!("{}{number}{ending}", &stem[..end])
}

/// The name without the number of its record behind it, where that stands there.
pub fn without_number(name: &str, record: u64) -> Option<String> {
    let (stem, ending) = divided(name);
    Some(format!("{}{ending}", stem.strip_suffix(&format!("~{record}"))?))
}

/// The name that a record would have if no other record had it. A name that says the number by itself says it twice.
pub fn plain(name: &str, record: u64) -> String {
    let less = |name: &String| without_number(name, record);
    let numbers = std::iter::successors(less(&name.to_string()), less);
    let is_namesake = numbers.count() % 2 == 1;
    less(&name.to_string()).filter(|_| is_namesake).unwrap_or_else(|| name.to_string())
}

/// A name's stem, and what is put behind all names.
fn divided(name: &str) -> (&str, &str) {
    let ending = [".txt", ".md"].into_iter().find(|ending| name.ends_with(ending)).unwrap_or_default();
    (&name[..name.len() - ending.len()], ending)
}

/// Why a part of a name is none, if it is not.
fn fault(part: &str) -> Option<&'static str> {
    match part {
        "" => Some("a part of it is empty"),
        "." | ".." => Some("a part of it leads elsewhere"),
        _ if part.len() > LONGEST => Some("it is too long"),
        _ if part.starts_with('.') => Some("a part of it starts with a dot"),
        _ if part.chars().any(|c| c.is_control() || c == '\\') => Some("it holds characters that no name may"),
        _ if part.contains(['?', '*', '"', '<', '>', '|']) => Some("it holds characters that not every system allows"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_named_by_its_id_or_its_url() {
        for (id, url, name) in [
            (Some("harbour-17"), None, Some("a.jsonl/harbour-17.txt")),
            (Some("2024/17.txt"), Some("https://x.example/"), Some("a.jsonl/2024/17.txt")),
            (None, Some("https://harbourpost.example/ferry/"), Some("a.jsonl/harbourpost.example/ferry.txt")),
            (None, Some("https://harbourpost.example/?page=2"), Some("a.jsonl/harbourpost.example/%3Fpage=2.txt")),
            (Some("https://harbourpost.example/a"), None, Some("a.jsonl/harbourpost.example/a.txt")),
            (Some("<urn:uuid:5f0c2b8e>"), Some("https://x.example/"), Some("a.jsonl/5f0c2b8e.txt")),
            (Some("../../etc/passwd"), None, None),
            (Some("/etc/passwd"), None, None),
            (Some("a/./b"), None, None),
            (Some("a\\..\\b"), None, None),
            (Some("nul\0"), None, None),
            (Some(".dechaff/lock"), None, None),
            (Some(""), None, None),
            (None, None, None),
        ] {
            assert_eq!(of_record("a.jsonl", id, url, ".txt").ok().as_deref(), name, "{id:?} {url:?}");
        }
    }

    #[test]
    fn a_member_is_named_by_its_path_which_leads_nowhere_else() {
        for (path, name) in [
            ("a/b.txt", "x.tar/a/b.txt"),
            ("../../etc/passwd", "x.tar/%2E%2E/%2E%2E/etc/passwd.txt"),
            ("/etc/passwd", "x.tar/etc/passwd.txt"),
            ("a//./b?p=1", "x.tar/a/b%3Fp=1.txt"),
            (".dechaff/lock", "x.tar/%2Edechaff/lock.txt"),
            ("a\\..\\b", "x.tar/a%5C..%5Cb.txt"),
        ] {
            assert_eq!(of_member("x.tar", path, ".txt"), name);
        }
        let long = of_member("x.tar", &"é".repeat(300), ".txt");
        assert!(long.len() <= 6 + LONGEST + 4 && long.starts_with("x.tar/éé"), "{long}");
    }

    #[test]
    fn namesakes_have_their_numbers_behind_their_names() {
        for name in ["a.jsonl/x.txt", "a.jsonl/x~5.md", "a/b.c"] {
            let own = of_namesake(name, 17);
            assert_eq!(without_number(&own, 17).as_deref(), Some(name));
            assert_eq!(without_number(&own, 7), None);
        }
        for (name, own) in [("x.txt", "x.txt"), ("x~5.txt", "x.txt"), ("x~5~5.txt", "x~5~5.txt")] {
            assert_eq!(plain(name, 5), own);
        }
        let long = of_namesake(&format!("a/{}.txt", "é".repeat(125)), 17);
        assert!(long.len() <= 2 + MOST && long.ends_with("é~17.txt"), "{long}");
    }

    #[test]
    fn a_name_that_is_too_long_is_cut_and_stays_its_own() {
        let long = |last: &str| of_file(&format!("a/{}{last}", "é".repeat(125)), ".txt");
        assert_eq!(long("n"), format!("a/{}n.txt", "é".repeat(125)));
        let (one, other) = (long("one.html"), long("two.html"));
        let latin = of_file(&"\\xe9".repeat(300), ".txt");
        assert!(
            to_path(&latin).as_os_str().len() <= MOST && !latin.contains("\\x~") && !latin.contains("e~"),
            "{latin}"
        );
        assert!(one != other && one.len() <= 2 + MOST && one.ends_with(".txt") && one.starts_with("a/é"), "{one}");
    }

    #[test]
    fn what_cannot_be_named_says_why_and_what_to_do() {
        let why = of_record("a.jsonl", Some("../x"), None, ".txt").unwrap_err();
        assert_eq!(
            why,
            "its id cannot name a file: a part of it leads elsewhere; --output jsonl writes records whatever they are called"
        );
    }
}
