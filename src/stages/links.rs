//! What links the blocks of a page are made of.

use std::collections::HashMap;

use crate::line::PageFeatures;
use crate::page::markup::{InlineKind, Markup};

/// What links a block is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
#[repr(u8)]
pub(super) enum Links {
    /// It has none.
    #[default]
    None,
    /// Some of it is a link.
    Some,
    /// All of it is one link within the page or to no page: `#top`, `mailto:`, a script.
    Within,
    /// All of it is one link to another page of the site.
    Page,
    /// All of it is one link to another site.
    Elsewhere,
    /// All of it is links.
    Several,
}

/// Of ten characters, how many are links where all of a block is.
const LINKED: u32 = 8;

/// What links each block is made of.
pub(super) fn of_blocks(markup: &Markup, page: &PageFeatures) -> Vec<Links> {
    let hosts: Vec<Option<&str>> = markup.targets.iter().map(|target| host(target)).collect();
    let own = page.page.site.as_ref().map(|site| site.host.as_str()).or_else(|| most_frequent(&hosts));
    let mut inline = 0;
    let blocks = page.page.blocks.iter().zip(&markup.settings).enumerate();
    blocks
        .map(|(number, (block, setting))| {
            let (mut count, mut target) = (0, 0);
            while let Some(entry) = markup.inline.get(inline).filter(|entry| entry.span.start < block.span.end) {
                inline += 1;
                if let InlineKind::Link(link) = entry.kind {
                    (count, target) = (count + 1, link as usize);
                }
            }
            let line = &page.lines[number];
            let solid = line.chars.saturating_sub(line.words.saturating_sub(1));
            match count {
                0 => Links::None,
                _ if setting.linked * 10 < solid * LINKED => Links::Some,
                1 => match (markup.targets.get(target).map_or("", |target| target.trim()), hosts.get(target)) {
                    (_, Some(Some(host))) if own.is_some_and(|own| is_same_site(own, host)) => Links::Page,
                    (_, Some(Some(_))) => Links::Elsewhere,
                    (target, _) if leads_nowhere(target) => Links::Within,
                    _ => Links::Page,
                },
                _ => Links::Several,
            }
        })
        .collect()
}

/// The host of an absolute address.
fn host(target: &str) -> Option<&str> {
    let target = target.trim();
    let rest = ["//", "https://", "http://"].iter().find_map(|start| target.strip_prefix(start))?;
    rest.split(['/', '?', '#', ':']).next().filter(|host| !host.is_empty())
}

fn most_frequent<'h>(hosts: &[Option<&'h str>]) -> Option<&'h str> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    hosts.iter().flatten().for_each(|&host| *counts.entry(host).or_default() += 1);
    // Of equals the first by name, so that the order of the table does not matter.
    counts.into_iter().max_by(|one, other| one.1.cmp(&other.1).then(other.0.cmp(one.0))).map(|(host, _)| host)
}

/// Whether one host is the other or a part of it, `www.` left aside.
fn is_same_site(one: &str, other: &str) -> bool {
    let [one, other] = [one, other].map(|host| host.strip_prefix("www.").unwrap_or(host));
    let is_part = |part: &str, whole: &str| {
        part.len() > whole.len()
            && part.is_char_boundary(part.len() - whole.len())
            && part[part.len() - whole.len()..].eq_ignore_ascii_case(whole)
            && part.as_bytes()[part.len() - whole.len() - 1] == b'.'
    };
    one.eq_ignore_ascii_case(other) || is_part(one, other) || is_part(other, one)
}

fn leads_nowhere(target: &str) -> bool {
    target.is_empty()
        || target.starts_with('#')
        || ["mailto:", "tel:", "javascript:", "sms:", "data:"]
            .iter()
            .any(|scheme| target.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
}
