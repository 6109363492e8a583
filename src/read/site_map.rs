//! The site map: a CSV file of paths and URLs, for pages whose names do not tell their site.
//!
//! It is read before anything is written, and every mistake in it is told with its line. What it says of a page stands
//! in place of what came with the page: a sidecar's URL, or a record's.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use csv_core::{ReadRecordResult, Reader};

use crate::error::{Error, Result, printable};
use crate::manifest::relative_path::RelativePath;
use crate::page::Source;
use crate::parse::site::host_of;

/// How many mistakes are told.
const TOLD: usize = 10;

/// The URLs of pages, by their addresses: a path below the input folder, or `path#record`.
#[derive(Debug, Default)]
pub struct SiteMap {
    rows: HashMap<String, MapRow>,
}

#[derive(Debug)]
struct MapRow {
    url: String,
    line: u64,
    /// Whether a page of this address has been met.
    is_met: AtomicBool,
}

/// How the rows of a site map met the pages of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SiteMapUse {
    /// All rows.
    pub rows: usize,
    /// The addresses that no page has, in the order of the file.
    pub without_page: Vec<String>,
}

impl SiteMap {
    /// Reads a site map.
    ///
    /// # Errors
    /// [`Error::Read`] where the file cannot be read, [`Error::Setting`] with the lines that are wrong.
    pub fn read(file: &Path) -> Result<SiteMap> {
        let bytes = fs::read(file).map_err(|cause| Error::Read { path: file.into(), cause })?;
        SiteMap::of_csv(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes)).map_err(|mistakes| {
            let name = printable(&file.to_string_lossy());
            let mut told: Vec<String> =
                mistakes.iter().take(TOLD).map(|(line, why)| format!("{name}:{line}: {why}")).collect();
            if mistakes.len() > TOLD {
                told.push(format!("and {} more", mistakes.len() - TOLD));
            }
            Error::SiteMap(told.join("\n"))
        })
    }

    /// Reads the text of a map; what is wrong with it, by line.
    fn of_csv(text: &[u8]) -> std::result::Result<SiteMap, Vec<(u64, String)>> {
        let mut records = Records { csv: Reader::new(), rest: text };
        let Some((_, header)) = records.next() else {
            return Err(vec![(1, "the file is empty; its first line is `path,url`".into())]);
        };
        let column = |name: &str| header.iter().position(|column| column.trim().eq_ignore_ascii_case(name));
        let (Some(path_at), Some(url_at)) = (column("path"), column("url")) else {
            let found = printable(&header.join(","));
            return Err(vec![(1, format!("expected a header with the columns `path` and `url`, not `{found}`"))]);
        };
        let (mut map, mut mistakes) = (SiteMap::default(), Vec::new());
        for (line, record) in records {
            if record.len() != header.len() {
                let (found, wanted) = (record.len(), header.len());
                mistakes.push((
                    line,
                    format!(
                        "the header has {wanted} columns and this line {found}; a comma within a value needs quotes"
                    ),
                ));
                continue;
            }
            if let Err(why) = map.add(line, record[path_at].trim(), record[url_at].trim()) {
                mistakes.push((line, why));
            }
        }
        if mistakes.is_empty() { Ok(map) } else { Err(mistakes) }
    }

    fn add(&mut self, line: u64, path: &str, url: &str) -> std::result::Result<(), String> {
        let path = path.strip_prefix("./").unwrap_or(path);
        if RelativePath::of(path).is_err() {
            let path = printable(path);
            return Err(format!(
                "`{path}` is no path below RAW; expected one as in the manifest: 2024/a.txt, or crawl.warc.gz#record"
            ));
        }
        let is_web = ["http://", "https://"]
            .iter()
            .any(|scheme| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
        if !is_web || host_of(url).is_none() {
            return Err(format!(
                "`{}` is no URL; expected one with its host: https://news.example.org/a",
                printable(url)
            ));
        }
        match self.rows.get(path) {
            Some(other) if other.url != url => {
                Err(format!("`{}` has another URL in line {}; leave one of them", printable(path), other.line))
            }
            Some(_) => Ok(()),
            None => {
                self.rows.insert(path.into(), MapRow { url: url.into(), line, is_met: AtomicBool::new(false) });
                Ok(())
            }
        }
    }

    /// The URL of a page. The row is noted as one that a page has.
    pub fn url(&self, source: &Source) -> Option<&str> {
        let row = match source.record {
            None => self.rows.get(&source.path),
            Some(_) => self.rows.get(&source.to_string()),
        }?;
        row.is_met.store(true, Ordering::Relaxed);
        Some(&row.url)
    }

    /// The URL of a page whose input folder is not known: that of the longest end of its path which the map has.
    pub fn url_by_end(&self, source: &Source) -> Option<&str> {
        let address = source.to_string();
        let mut end = address.as_str();
        loop {
            match self.rows.get(end) {
                Some(row) => return Some(&row.url),
                None => end = end.split_once('/')?.1,
            }
        }
    }

    /// How many of the rows met a page. Rows of files that were not to be read are left out.
    pub fn usage(&self, was_wanted: impl Fn(&str) -> bool) -> SiteMapUse {
        let is_unmet =
            |(address, row): &(&String, &MapRow)| !row.is_met.load(Ordering::Relaxed) && was_wanted(file_of(address));
        let mut unmet: Vec<(u64, &String)> =
            self.rows.iter().filter(is_unmet).map(|(address, row)| (row.line, address)).collect();
        unmet.sort_unstable();
        SiteMapUse {
            rows: self.rows.len(),
            without_page: unmet.into_iter().map(|(_, address)| address.clone()).collect(),
        }
    }
}

/// The file of an address.
fn file_of(address: &str) -> &str {
    match address.rsplit_once('#') {
        Some((file, record)) if !record.is_empty() && record.bytes().all(|byte| byte.is_ascii_digit()) => file,
        _ => address,
    }
}

/// The records of a CSV file, each with the line that it begins on. Empty lines are none.
struct Records<'t> {
    csv: Reader,
    rest: &'t [u8],
}

impl Iterator for Records<'_> {
    type Item = (u64, Vec<String>);

    fn next(&mut self) -> Option<(u64, Vec<String>)> {
        // Lines that are empty are passed over by the reader, which counts them only then.
        let blank = self.rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r'));
        let before = blank.filter(|&&byte| byte == b'\n').count() as u64;
        let line = self.csv.line() + before;
        let (mut text, mut ends) = (vec![0; 256], vec![0; 8]);
        let (mut written, mut fields) = (0, 0);
        loop {
            let (result, used, wrote, ended) =
                self.csv.read_record(self.rest, &mut text[written..], &mut ends[fields..]);
            self.rest = &self.rest[used..];
            (written, fields) = (written + wrote, fields + ended);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => text.resize(text.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => ends.resize(ends.len() * 2, 0),
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return None,
            }
        }
        let mut start = 0;
        let mut field = |&end: &usize| {
            let field = String::from_utf8_lossy(&text[start..end]).into_owned();
            start = end;
            field
        };
        Some((line, ends[..fields].iter().map(&mut field).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, record: Option<u64>) -> Source {
        Source { path: path.into(), record }
    }

    #[test]
    fn pages_have_the_urls_that_their_rows_say() {
        let text = "path,url,note\r\n./a.txt,https://a.example/1,x\r\n\r\n\"b, c.txt\",https://b.example/,\n\
                    crawl.warc#17,https://c.example/17,\na.txt,https://a.example/1,twice\n";
        let map = SiteMap::of_csv(text.as_bytes()).unwrap();
        assert_eq!(map.url(&source("a.txt", None)), Some("https://a.example/1"));
        assert_eq!(map.url(&source("b, c.txt", None)), Some("https://b.example/"));
        assert_eq!(map.url(&source("crawl.warc", Some(18))), None);
        assert_eq!(map.url_by_end(&source("home/raw/a.txt", None)), Some("https://a.example/1"));
        assert_eq!(map.url_by_end(&source("home/raw/other.txt", None)), None);
        let without_page = vec!["crawl.warc#17".to_string()];
        assert_eq!(map.usage(|_| true), SiteMapUse { rows: 3, without_page });
        assert_eq!(map.usage(|file| file != "crawl.warc"), SiteMapUse { rows: 3, without_page: Vec::new() });
        assert_eq!(map.url(&source("crawl.warc", Some(17))), Some("https://c.example/17"));
        assert!(map.usage(|_| true).without_page.is_empty());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, line, says) in [
            ("", 1, "the file is empty"),
            ("file,url\na.txt,https://a.example/\n", 1, "not `file,url`"),
            ("path;url\na.txt;https://a.example/\n", 1, "the columns `path` and `url`"),
            ("path,url\na.txt\n", 2, "2 columns and this line 1"),
            ("path,url\n\n\na, b.txt,https://a.example/\n", 4, "needs quotes"),
            ("path,url\n\"a\nb.txt\",https://a.example/\nc.txt,a.example\n", 4, "`a.example` is no URL"),
            ("path,url\na.txt,ftp://a.example/\n", 2, "is no URL"),
            ("path,url\na.txt,\n", 2, "`` is no URL"),
            ("path,url\na.txt,https:///x\n", 2, "is no URL"),
            ("path,url\n/a.txt,https://a.example/\n", 2, "no path below RAW"),
            ("path,url\n../a.txt,https://a.example/\n", 2, "no path below RAW"),
            (
                "path,url\na.txt,https://a.example/\nb.txt,https://a.example/\na.txt,https://b.example/\n",
                4,
                "in line 2",
            ),
        ] {
            let mistakes = SiteMap::of_csv(text.as_bytes()).unwrap_err();
            assert!(mistakes[0].0 == line && mistakes[0].1.contains(says), "{text:?}: {mistakes:?}");
        }
    }
}
