//! Lists of hosts and URLs, in the formats that such lists come in: one a line, hosts files, and folders of UT1.
//!
//! Only hashes are kept: 8 bytes an entry, so that a list of millions fits. What an entry was is told by the URL that
//! meets it.

use std::fs;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, Result};

/// A list of hosts and URLs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrlList {
    /// Its name: that of its file without an ending, or of its folder.
    pub name: String,
    /// Hashes of hosts, ascending.
    hosts: Vec<u64>,
    /// Hashes of hosts with paths, ascending.
    pages: Vec<u64>,
}

/// A host and a path, in the form in which they are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Lower case, ASCII (`xn--…`), without port and final point.
    pub host: String,
    /// The path with its query, without a slash at its end; empty for a site's front page.
    pub path: String,
}

impl UrlList {
    /// Reads a list: a file, a folder of UT1 (`domains`, `urls`), or a folder of such folders.
    ///
    /// # Errors
    /// [`Error::Read`] where it cannot be read; [`Error::Setting`] where there is no list in it, or a line is none.
    pub fn read(path: &Path) -> Result<Vec<UrlList>> {
        let read_error = |cause| Error::Read { path: path.into(), cause };
        if !path.metadata().map_err(read_error)?.is_dir() {
            return Ok(vec![UrlList::of_files(path, &[path.to_path_buf()])?]);
        }
        let mut folders = vec![path.to_path_buf()];
        for entry in fs::read_dir(path).map_err(read_error)? {
            let entry = entry.map_err(read_error)?.path();
            folders.extend(entry.is_dir().then_some(entry));
        }
        folders[1..].sort();
        let mut lists = Vec::new();
        for folder in folders {
            let files: Vec<PathBuf> =
                ["domains", "urls"].map(|name| folder.join(name)).into_iter().filter(|file| file.is_file()).collect();
            if !files.is_empty() {
                lists.push(UrlList::of_files(&folder, &files)?);
            }
        }
        match lists.is_empty() {
            true => {
                Err(wrong(path, "this folder holds no list: a folder of UT1 has files `domains` and `urls`".into()))
            }
            false => Ok(lists),
        }
    }

    fn of_files(named: &Path, files: &[PathBuf]) -> Result<UrlList> {
        let name = named.file_stem().unwrap_or(named.as_os_str()).to_string_lossy().into_owned();
        let mut list = UrlList { name, hosts: Vec::new(), pages: Vec::new() };
        for file in files {
            let bytes = fs::read(file).map_err(|cause| Error::Read { path: file.clone(), cause })?;
            // Old lists of UT1 hold URLs in other charsets; hosts are ASCII in all of them.
            list.add(&String::from_utf8_lossy(&bytes))
                .map_err(|(line, why)| wrong(file, format!("line {line}: {why}")))?;
        }
        for hashes in [&mut list.hosts, &mut list.pages] {
            hashes.sort_unstable();
            hashes.dedup();
        }
        Ok(list)
    }

    /// Adds the lines of a list. An error has the number of a line and what is wrong with it.
    fn add(&mut self, text: &str) -> std::result::Result<(), (usize, String)> {
        for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = line.split_once(" #").map_or(line, |(line, _)| line).trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let mut words = line.split_whitespace();
            let entry = match (words.next(), words.next(), words.next()) {
                (Some(entry), None, None) => entry,
                // A hosts file: the address that a host is sent to stands before it.
                (Some(address), Some(host), None) if address.parse::<std::net::IpAddr>().is_ok() => host,
                _ => return Err((number + 1, format!("expected one host or URL, not {line:?}"))),
            };
            let entry = entry.trim_start_matches("*.").trim_start_matches('.');
            let address = Address::of(entry).ok_or_else(|| (number + 1, format!("{entry:?} has no host")))?;
            match address.path.is_empty() {
                true => self.hosts.push(xxh3_64(address.host.as_bytes())),
                false => self.pages.push(xxh3_64(address.page().as_bytes())),
            }
        }
        Ok(())
    }

    /// What of a URL stands in the list: a host, a domain above it, or a page and what lies below it.
    pub fn entry_for(&self, address: &Address) -> Option<String> {
        let has = |hashes: &[u64], entry: &str| hashes.binary_search(&xxh3_64(entry.as_bytes())).is_ok();
        let mut domain = address.host.as_str();
        loop {
            if has(&self.hosts, domain) {
                return Some(domain.into());
            }
            match domain.split_once('.') {
                Some((_, above)) => domain = above,
                None => break,
            }
        }
        if self.pages.is_empty() {
            return None;
        }
        let page = address.page();
        let host = page.len() - address.path.len();
        let ends = page.char_indices().filter(|(at, c)| *at > host && matches!(c, '/' | '?' | '&')).map(|(at, _)| at);
        ends.chain([page.len()]).map(|end| &page[..end]).find(|part| has(&self.pages, part)).map(str::to_string)
    }

    /// What tells this list from others.
    pub fn hashes(&self) -> (&[u64], &[u64]) {
        (&self.hosts, &self.pages)
    }
}

impl Address {
    /// Reads a URL, with or without a scheme; `None` where it has no host.
    pub fn of(url: &str) -> Option<Address> {
        let rest = url.trim();
        let rest = rest.split_once("://").filter(|(scheme, _)| is_scheme(scheme)).map_or(rest, |(_, rest)| rest);
        let rest = rest.trim_start_matches("//").split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let host = authority.rsplit('@').next().unwrap_or_default();
        let host = match host.strip_prefix('[') {
            Some(ipv6) => ipv6.split(']').next().unwrap_or_default(),
            None => host.split(':').next().unwrap_or_default(),
        };
        let host = host.trim_end_matches('.');
        let host = match host.is_ascii() {
            true => host.to_ascii_lowercase(),
            false => idna::domain_to_ascii(host).ok()?,
        };
        let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
        let is_named = !host.is_empty() && host.chars().all(is_host);
        is_named.then(|| Address { host, path: path.trim_end_matches('/').into() })
    }

    /// The host without `www.`, and the path.
    fn page(&self) -> String {
        format!("{}{}", self.host.strip_prefix("www.").unwrap_or(&self.host), self.path)
    }
}

fn is_scheme(scheme: &str) -> bool {
    !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

fn wrong(path: &Path, expected: String) -> Error {
    Error::Setting { name: "url-list", value: path.display().to_string(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(list: &str, url: &str) -> Option<String> {
        let mut of = UrlList { name: "test".into(), hosts: Vec::new(), pages: Vec::new() };
        of.add(list).unwrap();
        of.hosts.sort_unstable();
        of.pages.sort_unstable();
        of.entry_for(&Address::of(url)?)
    }

    #[test]
    fn hosts_and_what_lies_below_them_are_found() {
        let list = "# ferries\nquai.example\n0.0.0.0 ads.example # shops\n*.dock.example\nbücher.example\nhttps://www.pier.example/shop/\n";
        for (url, found) in [
            ("https://quai.example/otters", Some("quai.example")),
            ("http://user@News.Quai.example.:8080/", Some("quai.example")),
            ("https://notquai.example/", None),
            ("ads.example", Some("ads.example")),
            ("https://a.b.dock.example", Some("dock.example")),
            ("https://xn--bcher-kva.example/1", Some("xn--bcher-kva.example")),
            ("https://BÜCHER.example/", Some("xn--bcher-kva.example")),
            ("https://pier.example/shop/herring?size=2", Some("pier.example/shop")),
            ("https://www.pier.example/shop", Some("pier.example/shop")),
            ("https://pier.example/shopping", None),
            ("https://pier.example/", None),
            ("mailto:otter", None),
            ("", None),
        ] {
            assert_eq!(entry(list, url).as_deref(), found, "{url}");
        }
    }

    #[test]
    fn a_line_that_is_no_entry_is_named() {
        let mut list = UrlList { name: "test".into(), hosts: Vec::new(), pages: Vec::new() };
        assert_eq!(list.add("quai.example\nthree words here\n").unwrap_err().0, 2);
        assert_eq!(list.add("https:///path").unwrap_err().0, 1);
    }
}
