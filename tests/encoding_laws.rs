//! The laws that the fuzz targets test, on bytes made at random: a smoke run for machines without
//! cargo-fuzz. The bytes are made of what is likely to go wrong.

#[path = "../fuzz/src/laws.rs"]
mod laws;

use std::time::{Duration, Instant};

use proptest::prelude::*;

/// Pieces that mean something to a decoder or a repair, and bytes that mean nothing.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let known: Vec<&'static [u8]> = vec![
        b"\xEF\xBB\xBF",
        b"\xFF\xFE",
        b"\xFE\xFF",
        b"\x00\x00\xFE\xFF",
        b"\x1b$B",
        b"\x1b(B",
        b"\x1b[31m",
        b"<meta charset=",
        b"<?xml encoding=\"",
        b"&amp;",
        b"amp;",
        b"&#",
        b"&#x85;",
        b"&#10;",
        b";",
        b"\r\n",
        b"\r",
        b"\n",
        b"\x00",
        b"\x08",
        b" ",
        "Ã©".as_bytes(),
        "Ã".as_bytes(),
        "â€™".as_bytes(),
        "Ð°".as_bytes(),
        "РџР°".as_bytes(),
        "\u{85}".as_bytes(),
        "\u{93}".as_bytes(),
        "\u{ad}".as_bytes(),
        "\u{200b}".as_bytes(),
        "\u{200d}".as_bytes(),
        "e\u{301}".as_bytes(),
        "\u{323}\u{301}".as_bytes(),
        "ﬁ".as_bytes(),
        "√©".as_bytes(),
        "├⌐".as_bytes(),
        "\u{fffd}".as_bytes(),
        b"\xe9t\xe9",
        b"\xcf\xe0\xf0\xee\xec",
        b"\x93\xfa\x96\x7b",
        "가각".as_bytes(),
        "\u{1100}\u{1161}".as_bytes(),
        "word".as_bytes(),
    ];
    let piece = prop_oneof![
        4 => prop::sample::select(known).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..6),
        1 => any::<char>().prop_map(|c| c.to_string().into_bytes()),
    ];
    (any::<u8>(), prop::collection::vec(piece, 0..24))
        .prop_map(|(choice, pieces)| [vec![choice], pieces.concat()].concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_decoded(bytes in pieces()) {
        laws::decoding_holds(&bytes);
    }

    #[test]
    fn any_text_is_repaired_once_and_for_all(bytes in pieces()) {
        laws::repairing_holds(&bytes);
    }
}

#[test]
fn hostile_pages_take_linear_time() {
    let length = 120_000;
    let pages: [(&str, Vec<u8>); 9] = [
        ("empty lines", vec![b'\n'; length]),
        ("nothing but NUL", vec![0; length]),
        ("invalid bytes", vec![0xFF; length]),
        ("one line of mojibake", "Ã©Ð°".repeat(length / 8).into_bytes()),
        ("mojibake in layers", "ÃƒÂ".repeat(length / 8).into_bytes()),
        ("references in references", ["&", &"amp;".repeat(length / 4), "lt;"].concat().into_bytes()),
        ("ampersands", vec![b'&'; length]),
        ("marks upon marks", "\u{301}\u{323}".repeat(length / 4).into_bytes()),
        ("soft hyphens", "a\u{ad}".repeat(length / 3).into_bytes()),
    ];
    for (name, bytes) in pages {
        let start = Instant::now();
        let decoded = dechaff::internals::parse::decode::decode(&bytes, &Default::default());
        let text = decoded.text.clone();
        dechaff::internals::parse::repair::repair(text, &Default::default(), &mut Default::default());
        // Generous, for slow machines and builds without optimisation; quadratic time takes hours.
        assert!(start.elapsed() < Duration::from_secs(60), "{name}: {:?}", start.elapsed());
    }
}
