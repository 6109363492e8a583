//! MHTML: a page saved with its images in one message of several parts. The page is its first part of HTML.

use mailparse::{MailHeaderMap, ParsedMail, parse_mail};

use crate::parse::kind::is_mhtml;

/// The page of a message.
pub(super) struct Saved {
    pub bytes: Vec<u8>,
    /// The address that it was saved from.
    pub url: Option<String>,
    /// The charset that its part declares.
    pub charset: Option<String>,
}

/// The page, if the bytes are such a message.
pub(super) fn page(bytes: &[u8]) -> Option<Saved> {
    if !is_mhtml(bytes) {
        return None;
    }
    let message = parse_mail(bytes).ok()?;
    let part = root(&message).or_else(|| message.parts().find(|part| is_page(part)))?;
    let address = |part: &ParsedMail, name: &str| {
        let value = part.headers.get_first_value(name)?;
        (value.starts_with("http://") || value.starts_with("https://")).then_some(value)
    };
    let url = address(&message, "Snapshot-Content-Location").or_else(|| address(part, "Content-Location"));
    Some(Saved { bytes: part.get_body_raw().ok()?, url, charset: part.ctype.params.get("charset").cloned() })
}

/// The part that the message says is its start.
fn root<'m>(message: &'m ParsedMail) -> Option<&'m ParsedMail<'m>> {
    let start = message.ctype.params.get("start")?.trim_matches(['<', '>']).to_string();
    let is_start = |part: &&ParsedMail| {
        let id = part.headers.get_first_value("Content-ID");
        is_page(part) && id.is_some_and(|id| id.trim_matches(['<', '>']) == start)
    };
    message.parts().find(is_start)
}

fn is_page(part: &ParsedMail) -> bool {
    matches!(part.ctype.mimetype.as_str(), "text/html" | "application/xhtml+xml")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(encoding: &str, body: &str, parameters: &str) -> String {
        format!(
            "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://harbourpost.example/a?b\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/related;\r\n\ttype=\"text/html\"{parameters};\r\n\tboundary=\"--x--\"\r\n\r\n\
             ----x--\r\nContent-Type: text/css\r\n\r\np {{}}\r\n\
             ----x--\r\nContent-Type: text/html; charset=\"utf-8\"\r\nContent-ID: <frame>\r\nContent-Transfer-Encoding: \
             {encoding}\r\n\r\n{body}\r\n----x--\r\nContent-Type: text/html\r\nContent-ID: <page>\r\n\r\n<p>Other\r\n\
             ----x----\r\n"
        )
    }

    #[test]
    fn the_page_is_the_first_part_of_html_or_the_one_that_is_named() {
        for (encoding, body) in [
            ("quoted-printable", "<p>caf=C3=A9 =\r\nopen"),
            ("base64", "PHA+Y2Fmw6kgb3Blbg=="),
            ("8bit", "<p>café open"),
        ] {
            let saved = page(message(encoding, body, "").as_bytes()).unwrap();
            assert_eq!(String::from_utf8(saved.bytes).unwrap().trim_end(), "<p>café open", "{encoding}");
            assert_eq!(saved.url.as_deref(), Some("https://harbourpost.example/a?b"));
            assert_eq!(saved.charset.as_deref(), Some("utf-8"));
        }
        let saved = page(message("8bit", "<p>frame", "; start=\"<page>\"").as_bytes()).unwrap();
        assert_eq!(saved.bytes.trim_ascii_end(), b"<p>Other");
        assert!(page(b"MIME-Version: 1.0\r\n\r\nA letter about text/html.").is_none());
    }
}
