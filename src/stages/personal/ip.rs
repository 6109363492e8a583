//! IP addresses that the whole internet can reach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::{Spoken, has_word, touches};

/// Words before a version.
const VERSION: [&str; 14] = [
    "v", "ver", "version", "versions", "release", "released", "rev", "revision", "build", "firmware", "driver",
    "update", "upgrade", "patch",
];

/// Words of a line that speaks of addresses.
const NETWORK: [&str; 18] = [
    "ip",
    "ips",
    "ipv4",
    "address",
    "addresses",
    "server",
    "servers",
    "host",
    "hosts",
    "dns",
    "ping",
    "proxy",
    "gateway",
    "router",
    "subnet",
    "whois",
    "adresse",
    "resolver",
];

/// An address whose numbers are all smaller looks like a version, and is one unless its line speaks of addresses.
const SMALL: u8 = 32;

/// The addresses of a text.
pub(super) fn find(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let is_part = |c: char| c.is_ascii_hexdigit() || matches!(c, '.' | ':');
    let mut at = 0;
    let network = Spoken::new(text, &NETWORK);
    std::iter::from_fn(move || {
        let start = at + text[at..].find(is_part)?;
        let length = text[start..].find(|c| !is_part(c)).unwrap_or(text.len() - start);
        at = start + length;
        Some(start..at)
    })
    .filter_map(move |range| address(text, range, &network))
}

fn address(text: &str, range: Range<usize>, network: &Spoken) -> Option<Range<usize>> {
    let whole = text[range.clone()].trim_end_matches(['.', ':']);
    let range = range.start..range.start + whole.len();
    if whole.bytes().filter(|&byte| byte == b':').count() >= 2 {
        let address: Ipv6Addr = whole.parse().ok()?;
        return (is_public(IpAddr::V6(address)) && !touches(text, &range, &['_', '.'])).then_some(range);
    }
    // A port may stand behind it.
    let host = whole.split(':').next().unwrap_or_default();
    let range = range.start..range.start + host.len();
    let address: Ipv4Addr = host.parse().ok()?;
    let before = &text[..range.start];
    let is_in_path = before.ends_with('/') && !before.ends_with("//");
    if !is_public(IpAddr::V4(address)) || touches(text, &range, &['-', '_', '.']) || is_in_path {
        return None;
    }
    let last_words: Vec<&str> = before.split_whitespace().rev().take(2).collect();
    if last_words.iter().any(|word| has_word(word, &VERSION)) {
        return None;
    }
    let is_small = address.octets().into_iter().max().unwrap_or_default() < SMALL;
    (!is_small || network.is_there()).then_some(range)
}

/// Whether an address is one of the public internet: IANA's special-purpose registries, as of 2025.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            let is_shared = a == 100 && (64..128).contains(&b);
            let is_test = a == 198 && (b == 18 || b == 19) || a == 192 && b == 0 && c == 0;
            !(a == 0
                || a >= 224
                || is_shared
                || is_test
                || address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || address.is_documentation())
        }
        // 2000::/3, without the block of documentation.
        IpAddr::V6(address) => {
            let [first, second, ..] = address.segments();
            (0x2000..0x4000).contains(&first) && !(first == 0x2001 && second == 0x0db8)
        }
    }
}
