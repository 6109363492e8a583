//! EPUB: a book as a ZIP archive. Its pages are its chapters, in the order in which they are read.
//!
//! A page is a chapter and not the book: a chapter is a document of HTML with a head and an address of its own, it keeps
//! the bounds of a record, and a bad one does not take the others with it.

use std::collections::{HashMap, HashSet};

use html5gum::{Token, Tokenizer};

use crate::read::archive::Bounds;
use crate::read::archive::zip::{Ahead, Archive, Flaw, read};

/// The member that says where the book's account of itself is.
const CONTAINER: &str = "META-INF/container.xml";

/// What a member says of the whole file.
const TYPE: &[u8] = b"application/epub+zip";

/// A book: what comes of it, in order.
pub(super) struct Book {
    pub parts: Vec<Ahead>,
    /// The language it says that it is in.
    pub language: Option<String>,
}

/// Whether an archive is a book: it says where the account of it is.
pub(super) fn is_one(archive: &Archive) -> bool {
    archive.index_for_name(CONTAINER).is_some()
}

/// How a file begins that says at once what it is.
pub(super) fn begins(head: &[u8]) -> bool {
    head.get(30..).is_some_and(|name| name.starts_with(b"mimetype") && name[8..].starts_with(TYPE))
}

/// Opens a book.
///
/// # Errors
/// What is wrong with it.
pub(super) fn open(archive: &mut Archive, bounds: &Bounds) -> Result<Book, String> {
    let container = member(archive, CONTAINER, bounds)?;
    let path = elements(&container).into_iter().find_map(|element| element.of("rootfile")?.value("full-path"));
    let path = path.ok_or_else(|| format!("{CONTAINER} names no package"))?;
    let package = elements(&member(archive, &path, bounds)?);
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let item = |element: &Element| {
        let path = resolved(folder, &element.of("item")?.value("href")?);
        Some((element.value("id")?, path, element.value("media-type").unwrap_or_default()))
    };
    let items: Vec<(String, String, String)> = package.iter().filter_map(item).collect();
    let by_id: HashMap<&str, &str> = items.iter().map(|(id, path, _)| (id.as_str(), path.as_str())).collect();
    let said = package.iter().find_map(|element| element.of("language"));
    let language = said.map(|said| said.text.trim().to_string()).filter(|said| !said.is_empty());
    let (mut parts, mut taken) = (Vec::new(), HashSet::new());
    for chapter in package.iter().filter_map(|element| element.of("itemref")?.value("idref")) {
        let path = by_id.get(chapter.as_str()).copied().unwrap_or(&chapter);
        match archive.index_for_name(path) {
            Some(number) if !taken.insert(number) => {}
            Some(number) => parts.push(Ahead::Member(number)),
            None => parts.push(Ahead::Failed(format!("a chapter that is not there: {path}"))),
        }
    }
    if taken.is_empty() {
        return Err("it has no chapters".into());
    }
    let is_text = |kind: &str| matches!(kind, "application/xhtml+xml" | "text/html" | "text/plain");
    for (_, path, _) in items.iter().filter(|(_, _, kind)| is_text(kind)) {
        if let Some(number) = archive.index_for_name(path).filter(|&number| taken.insert(number)) {
            parts.push(Ahead::Skipped(number, "no chapter of the book"));
        }
    }
    Ok(Book { parts, language })
}

fn member(archive: &mut Archive, path: &str, bounds: &Bounds) -> Result<Vec<u8>, String> {
    let number = archive.index_for_name(path).ok_or_else(|| format!("{path} is not there"))?;
    let bytes = archive.by_index(number).map_err(Flaw::Zip).and_then(|member| read(member, bounds));
    bytes.map_err(|flaw| match flaw {
        Flaw::Words(why) => format!("{path} is {why}"),
        Flaw::Zip(error) => format!("{path}: {error}"),
    })
}

/// The path of a member that an account in a folder speaks of.
fn resolved(folder: &str, href: &str) -> String {
    let href = decoded(href.split('#').next().unwrap_or_default());
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in href.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// A URL's path without its escapes.
fn decoded(href: &str) -> String {
    let mut bytes = Vec::with_capacity(href.len());
    let mut rest = href.as_bytes();
    while let [first, behind @ ..] = rest {
        let digits = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.filter(|_| *first == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// An element of XML: its name without a prefix, its attributes, and the text that stands right behind its start.
#[derive(Debug, Default)]
struct Element {
    name: String,
    values: Vec<(String, String)>,
    text: String,
}

impl Element {
    fn of(&self, name: &str) -> Option<&Element> {
        (self.name == name).then_some(self)
    }

    fn value(&self, name: &str) -> Option<String> {
        self.values.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }
}

/// The elements of a document, in the order of their starts. Documents of this kind are so plain that a tokenizer of HTML
/// reads them.
fn elements(bytes: &[u8]) -> Vec<Element> {
    let (text, ..) = encoding_rs::UTF_8.decode(bytes);
    let string = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut elements: Vec<Element> = Vec::new();
    for Ok(token) in Tokenizer::new(&*text) {
        match token {
            Token::StartTag(tag) => {
                let values = tag.attributes.iter().map(|(name, value)| (string(name), string(value)));
                let name = tag.name.rsplit(|byte| *byte == b':').next().map(string).unwrap_or_default();
                elements.push(Element { name, values: values.collect(), text: String::new() });
            }
            Token::String(text) => {
                if let Some(element) = elements.last_mut() {
                    element.text.push_str(&string(&text));
                }
            }
            _ => {}
        }
    }
    elements
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_paths_below_the_folder_of_the_account() {
        for (folder, href, path) in [
            ("OEBPS", "text/one%20tide.xhtml", "OEBPS/text/one tide.xhtml"),
            ("OEBPS", "../two.xhtml#top", "two.xhtml"),
            ("", "../../three.xhtml", "three.xhtml"),
            ("a", "50%", "a/50%"),
        ] {
            assert_eq!(resolved(folder, href), path);
        }
    }

    #[test]
    fn elements_are_read_whatever_their_prefix() {
        let read =
            elements(b"<?xml version='1.0'?><opf:item id='a' HREF=\"b &amp; c\"/><dc:language> hu</dc:language>");
        assert_eq!(read[0].of("item").unwrap().value("href").unwrap(), "b & c");
        assert_eq!(read[1].of("language").unwrap().text.trim(), "hu");
    }
}
