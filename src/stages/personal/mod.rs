//! Personal data in lines that stay: mail addresses, public IP addresses, phone numbers, accounts and cards, each replaced
//! by what it was. Off unless `--pii` asks for it.
//!
//! What can be checked is checked: an IBAN and a card by their checksums, an address by its range, a phone number by its
//! country and length. A version that looks like an IP address, or a number of an order that looks like a card, stays
//! rather than being taken for what it is not.

mod account;
mod email;
mod ip;
mod phone;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::line::PageFeatures;
use crate::marks::{Mark, Marks, StageRule};
use crate::page::markup::Kind;
use crate::settings::PiiSettings;
use crate::stage::Stage;

const EMAIL: StageRule = StageRule { address: "personal#email", why: "A mail address (--pii)." };
const IP: StageRule = StageRule {
    address: "personal#ip",
    why: "An IP address that the whole internet can reach; private ones, and versions, stay (--pii).",
};
const PHONE: StageRule = StageRule {
    address: "personal#phone",
    why: "A phone number with its country's code, or behind a word for it (--pii).",
};
const IBAN: StageRule =
    StageRule { address: "personal#iban", why: "A number of a bank account whose checksum is right (--pii)." };
const CARD: StageRule =
    StageRule { address: "personal#card", why: "A number of a payment card whose checksum is right (--pii)." };

static RULES: [StageRule; 5] = [EMAIL, IP, PHONE, IBAN, CARD];

/// The placeholder where nothing else is said; `{}` is what stood there.
const PLACEHOLDER: &str = "⟨{}⟩";

/// What personal data was found, and where in a text.
type Found = (Range<usize>, &'static StageRule);

/// The stage.
#[derive(Debug)]
pub struct PersonalStage {
    /// The placeholder of each rule.
    placeholders: Vec<(&'static str, Arc<str>)>,
}

impl PersonalStage {
    /// The stage with the placeholder of these settings.
    pub fn new(settings: &PiiSettings) -> PersonalStage {
        let form = settings.pii_placeholder.as_deref().unwrap_or(PLACEHOLDER);
        let of = |rule: &StageRule| {
            let name = rule.address.split_once('#').map_or("", |(_, name)| name);
            (rule.address, form.replace("{}", name).into())
        };
        PersonalStage { placeholders: RULES.iter().map(of).collect() }
    }
}

impl Stage for PersonalStage {
    fn name(&self) -> &'static str {
        "personal"
    }

    fn rules(&self) -> &'static [StageRule] {
        &RULES
    }

    fn judge(&self, page: &PageFeatures, marks: &mut Marks) {
        marks.hide_contacts();
        for block in (0..page.len()).filter(|&block| marks.stays(block)).collect::<Vec<_>>() {
            let text = page.page.text_of(block);
            let start = page.page.blocks[block].span.start;
            let is_code = page.page.markup.as_ref().is_some_and(|markup| markup.settings[block].kind == Kind::Code);
            for (range, rule) in find(text, is_code) {
                let placeholder = self.placeholders.iter().find(|(address, _)| *address == rule.address);
                let Some((_, placeholder)) = placeholder else { continue };
                let range = start + range.start as u32..start + range.end as u32;
                marks.replace(block, range, placeholder, Mark::judged(rule));
            }
        }
    }
}

/// All personal data of a text, in order, and each part of the text once.
fn find(text: &str, is_code: bool) -> Vec<Found> {
    let bytes = text.as_bytes();
    let mut found: Vec<Found> = Vec::new();
    if memchr::memchr(b'@', bytes).is_some() {
        found.extend(email::find(text).map(|range| (range, &RULES[0])));
    }
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).take(7).count();
    if digits >= 4 && !is_code {
        found.extend(ip::find(text).map(|range| (range, &RULES[1])));
    }
    if digits >= 7 {
        found.extend(account::find_ibans(text).map(|range| (range, &RULES[3])));
        found.extend(account::find_cards(text).map(|range| (range, &RULES[4])));
        if !is_code {
            found.extend(phone::find(text).map(|range| (range, &RULES[2])));
        }
    }
    // What was checked by a sum goes before what only looks like it; among equals the longer one.
    let mut kept: BTreeMap<usize, Found> = BTreeMap::new();
    for (range, rule) in found {
        let last = kept.range(..range.end).next_back();
        if last.is_none_or(|(_, (other, _))| other.end <= range.start) {
            kept.insert(range.start, (range, rule));
        }
    }
    kept.into_values().collect()
}

/// The digits of a text, in their order.
fn digits_of(text: &str) -> Vec<u8> {
    text.bytes().filter(u8::is_ascii_digit).map(|byte| byte - b'0').collect()
}

/// Whether one of some words stands in a text: looked for once, and only if somebody asks.
struct Spoken<'t> {
    text: &'t str,
    words: &'static [&'static str],
    is_there: OnceCell<bool>,
}

impl<'t> Spoken<'t> {
    fn new(text: &'t str, words: &'static [&'static str]) -> Spoken<'t> {
        Spoken { text, words, is_there: OnceCell::new() }
    }

    fn is_there(&self) -> bool {
        *self.is_there.get_or_init(|| has_word(self.text, self.words))
    }
}

/// Whether a word stands in a text, whatever its case, and not within another one.
fn has_word(text: &str, words: &[&str]) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|word| words.iter().any(|known| known.eq_ignore_ascii_case(word)))
}

/// Whether a part of a text touches a letter, a digit or one of these marks; a mark that ends a sentence behind it is none.
fn touches(text: &str, range: &Range<usize>, marks: &[char]) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || marks.contains(&c);
    let mut behind = text[range.end..].chars();
    let next = behind.next();
    let ends = matches!(next, Some('.' | ',')) && behind.next().is_none_or(|c| !c.is_alphanumeric());
    text[..range.start].chars().next_back().is_some_and(is_part) || !ends && next.is_some_and(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with what was found in brackets.
    fn shown(text: &str) -> String {
        let (mut out, mut from) = (String::new(), 0);
        for (range, rule) in find(text, false) {
            out += &text[from..range.start];
            out += &format!("[{}]", rule.address.split_once('#').unwrap().1);
            from = range.end;
        }
        out + &text[from..]
    }

    #[test]
    fn personal_data_is_found() {
        for (text, expected) in [
            ("Write to ida.marsh+news@harbourpost.example, or come by.", "Write to [email], or come by."),
            ("<runa@dock.example>; Ole: ole@a-b.dock.example.", "<[email]>; Ole: [email]."),
            ("The server at 93.184.216.34 was down.", "The server at [ip] was down."),
            ("Visit http://93.184.216.34:8080/otters", "Visit http://[ip]:8080/otters"),
            ("IP 8.8.8.8 and 2606:2800:220:1:248:1893:25c8:1946", "IP [ip] and [ip]"),
            ("Call +44 20 7946 0958 now", "Call [phone] now"),
            ("Tel.: (030) 901820-0, Fax 030 90182011", "Tel.: [phone], Fax [phone]"),
            ("Phone: 555-867-5309.", "Phone: [phone]."),
            ("IBAN DE89 3704 0044 0532 0130 00 (harbour office)", "IBAN [iban] (harbour office)"),
            ("GB82WEST12345698765432", "[iban]"),
            ("Card 4111 1111 1111 1111, or 378282246310005 (amex)", "Card [card], or [card] (amex)"),
        ] {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn what_only_looks_like_it_stays() {
        for text in [
            "Version 1.2.3.4 mends the tide table.",
            "1.2.3.4",
            "v10.100.20.30 and release 52.64.100.3",
            "Changes since 93.184.216.33.1",
            "192.168.0.1, 10.0.0.1, 127.0.0.1 and 172.16.4.4 are ours; 192.0.2.77 is nobody's",
            "Mozilla/5.0 Chrome/96.0.110.45 Safari",
            "section 1.2.3.4-5 of the rules",
            "@runa@social.example and logo@2x.png",
            "git@dock.example:otters/engine.git",
            "a @ b, x@y, and user@localhost",
            "12:34:56 and std::net::Ipv6Addr and ::1 and fe80::1",
            "4111 1111 1111 1112 has another sum",
            "order 4111111111111111",
            "DE89 3704 0044 0532 0130 01",
            "In 2024 and 2025, 1,234,567 herring; 12-34-5678",
            "+1 for the otters, +100 000 000 000 000 000",
            "ISBN 978-3-16-148410-0, tel aviv 1948-1967",
        ] {
            assert_eq!(shown(text), text);
        }
    }
}
