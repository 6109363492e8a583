//! What must hold of any bytes. The fuzz targets run it, and so does `tests/encoding_laws.rs`.

use std::borrow::Cow;

use dechaff::internals::parse::decode::{Hints, decode};
use dechaff::internals::parse::repair::{Repair, Repairs, Switches, explain, repair};

/// Decoding ends, counts no more bytes than there are, and reads the same whatever came before. The
/// first byte chooses the hints.
pub(crate) fn decoding_holds(bytes: &[u8]) {
    let Some((&choice, bytes)) = bytes.split_first() else { return };
    let labels = [None, Some("utf-8"), Some("windows-1251"), Some("shift_jis"), Some("gb18030"), Some("utf-16le")];
    let tlds = [None, Some("cz"), Some("jp"), Some("UA"), Some("é")];
    let charsets = [None, Some(encoding_rs::EUC_KR), Some(encoding_rs::WINDOWS_1258), Some(encoding_rs::ISO_2022_JP)]
        .map(|charset| charset.map(Into::into));
    let hints = Hints {
        given: charsets[usize::from(choice >> 6)],
        declared: labels[usize::from(choice) % labels.len()],
        tld: tlds[usize::from(choice) % tlds.len()],
        site: charsets[usize::from(choice) % charsets.len()],
        language: tlds[usize::from(choice) % tlds.len()],
    };
    let decoded = decode(bytes, &hints);
    assert!(decoded.unreadable <= bytes.len() as u64);
    assert!(decoded.sure <= 1000);
    assert!(decoded.unreadable == 0 || decoded.text.contains('\u{FFFD}'));
    assert!(decoded.pieces.iter().map(|piece| piece.bytes).sum::<u64>() <= bytes.len() as u64);
    assert_eq!(decode(bytes, &hints), decoded);
}

/// Repairing ends, keeps the raw lines, changes nothing more when done again, and does not depend on
/// what stands in other lines. The first byte chooses a repair that is off.
pub(crate) fn repairing_holds(bytes: &[u8]) {
    let Some((&choice, bytes)) = bytes.split_first() else { return };
    let text = String::from_utf8_lossy(bytes);
    let switches = match dechaff::internals::parse::repair::REPAIRS.get(usize::from(choice)) {
        Some(about) => Switches::default().without(about.repair),
        None => Switches::default(),
    };
    let mut counts = Repairs::default();
    let once = repair(Cow::Borrowed(&text), &switches, &mut counts);
    assert_eq!(raw_lines(&once), raw_lines(&text), "{text:?} became {once:?}");
    assert_eq!(once != text, !counts.is_empty(), "{text:?} became {once:?}");
    let mut again = Repairs::default();
    let twice = repair(Cow::Borrowed(&once), &switches, &mut again);
    assert_eq!(once, twice, "of {text:?}");
    assert!(again.is_empty());
    let explained = explain(&text, &switches);
    assert_eq!(explained.is_empty(), counts.made().all(|(name, _)| name == Repair::LineEnds.name()));
}

fn raw_lines(text: &str) -> usize {
    text.replace("\r\n", "\n").replace('\r', "\n").matches('\n').count()
}
