//! Author boxes: the portrait's alternative text, and the box below the article that opens with it.

use crate::line::{Line, LineEnd};
use crate::marks::{Mark, Marks, StageRule};
use crate::page::markup::{Kind, Label, Markup};
use crate::rules::lexicon::{Topic, Topics};
use crate::stages::layout::{BESIDE_TEXT, Layout, is_prose};

pub(in super::super) const AUTHOR: StageRule =
    StageRule { address: "furniture#author", why: "The portrait of an author, or the box that tells of them." };

/// Words of the heading of an author's box at most.
const HEADING_WORDS: u32 = 7;

/// Words of the paragraph under it at least.
const BOX_WORDS: u32 = 12;

/// Paragraphs of a box at most: below it stands no more prose.
const BOX_LINES: usize = 2;

/// Words of the sentences above a box at least.
const WORDS_ABOVE: u32 = 20;

/// Words of a line above a box at least for it to be one of the text's sentences.
const SENTENCE_WORDS: u32 = 5;

/// Sentences above a box at least: a standfirst over a byline is one.
const LINES_ABOVE: usize = 2;

/// Characters of a box at most.
const CHARS: u32 = 800;

/// Blocks of an element that is a box at most: portrait, heading, paragraphs, links.
const BOX_BLOCKS: u32 = 12;

/// What the elements of such boxes are called: these words side by side in an id or a class.
const NAMES: [[&str; 2]; 14] = [
    ["author", "box"],
    ["author", "bio"],
    ["author", "biography"],
    ["author", "about"],
    ["author", "profile"],
    ["author", "description"],
    ["author", "card"],
    ["about", "author"],
    ["bio", "box"],
    ["bio", "author"],
    ["autor", "box"],
    ["autor", "bio"],
    ["about", "autor"],
    ["auteur", "bio"],
];

pub(super) fn judge(layout: &Layout, marks: &mut Marks) {
    let text_above = after_text(layout, marks);
    boxes(layout, marks, text_above);
    if let Some(markup) = layout.reading.page.markup.as_deref() {
        elements(layout, markup, marks, text_above);
    }
    if !layout.has_any(Topics::of(&[Topic::Author])) {
        return;
    }
    for block in 0..layout.len() {
        if layout.line(block).chars > CHARS || layout.line(block).words == 0 {
            continue;
        }
        if layout.is(block, Topic::Author) || layout.starts(block, Topic::Author) {
            marks.drop(block, Mark::judged(&AUTHOR));
        }
    }
}

/// A heading that the word lists know, `About the author`, or that ends with a name over a paragraph that begins with it, `About
/// Gil Kawai`, with the one or two paragraphs that are the page's last prose.
fn boxes(layout: &Layout, marks: &mut Marks, text_above: usize) {
    let last_prose = (0..layout.len()).rfind(|&line| is_open_prose(layout, marks, line)).unwrap_or(0);
    for block in text_above..layout.len().saturating_sub(1) {
        let (line, below) = (layout.line(block), layout.line(block + 1));
        let may_be_box = (2..=HEADING_WORDS).contains(&line.words)
            && line.end != LineEnd::Sentence
            && below.words >= BOX_WORDS
            && below.end == LineEnd::Sentence
            && marks.is_undecided(block + 1);
        if !may_be_box
            || !layout.is(block, Topic::Author)
                && !names_whom_the_box_tells_of(layout.text(block), layout.text(block + 1))
        {
            continue;
        }
        let end = (block + 1..layout.len()).take(BOX_LINES).take_while(|&line| is_prose(layout.line(line))).count();
        let end = block + 1 + end.max(1);
        // A page about somebody opens so; the text of an article stands above its author's box.
        if last_prose < end {
            (block..end).for_each(|line| marks.drop(line, Mark::judged(&AUTHOR)));
        }
    }
}

/// Elements that are called so, or that a heading which the word lists know opens, with a sentence in them and the text above.
fn elements(layout: &Layout, markup: &Markup, marks: &mut Marks, text_above: usize) {
    let named: Vec<bool> = markup.labels.iter().map(is_named).collect();
    if !named.contains(&true) && !layout.has_any(Topics::of(&[Topic::Author])) {
        return;
    }
    for (element, (first, after)) in markup.elements.iter().zip(markup.spans()) {
        let opens = || {
            let is_heading = markup.settings[first].kind == Kind::Heading && markup.settings[first].level > 1;
            is_heading && layout.line(first).words <= HEADING_WORDS && layout.is(first, Topic::Author)
        };
        let is_box = (1..=BOX_BLOCKS).contains(&element.blocks)
            && (named[element.label as usize] || element.blocks > 1 && opens())
            && (first..after).filter(|&block| is_sentence(layout.line(block))).count() <= BOX_LINES
            && (first..after).any(|block| layout.line(block).words >= BOX_WORDS && is_sentence(layout.line(block)));
        if is_box && first >= text_above {
            (first..after).for_each(|block| marks.drop(block, Mark::judged(&AUTHOR)));
        }
    }
}

/// The first line that has sentences of the text above it.
fn after_text(layout: &Layout, marks: &Marks) -> usize {
    let (mut lines, mut words) = (0, 0);
    let enough = (0..layout.len()).find(|&block| {
        if is_open(layout, marks, block) && is_sentence(layout.line(block)) {
            (lines, words) = (lines + 1, words + layout.line(block).words);
        }
        lines >= LINES_ABOVE && words >= WORDS_ABOVE
    });
    enough.map_or(layout.len(), |block| block + 1)
}

fn is_sentence(line: &Line) -> bool {
    line.end == LineEnd::Sentence && line.words >= SENTENCE_WORDS
}

fn is_open_prose(layout: &Layout, marks: &Marks, block: usize) -> bool {
    is_open(layout, marks, block) && is_prose(layout.line(block))
}

/// Whether no rule has dropped a line, and it stands where text may stand.
fn is_open(layout: &Layout, marks: &Marks, block: usize) -> bool {
    let markup = layout.reading.page.markup.as_deref();
    marks.stays(block) && markup.is_none_or(|markup| !markup.settings[block].inside.has_any(BESIDE_TEXT))
}

/// Whether an id or a class names the box of an author: `author-box`, `postAuthorBio`, `about-the-author`.
fn is_named(label: &Label) -> bool {
    if matches!(label.tag.as_str(), "html" | "body" | "main" | "article") {
        return false;
    }
    // Hardly any name has one of the words: it is not looked at letter by letter.
    let may_be_named = |name: &&str| {
        name.as_bytes().windows(3).any(|three| match three[0] | 0x20 {
            b'a' => three[1..].eq_ignore_ascii_case(b"ut"),
            b'b' => three[1..].eq_ignore_ascii_case(b"io"),
            _ => false,
        })
    };
    let mut names = label.id.split_ascii_whitespace().chain(label.classes()).filter(may_be_named);
    names.any(|name| {
        let lower = name.to_ascii_lowercase();
        NAMES.iter().any(|[first, second]| {
            lower.split_once(first).is_some_and(|(_, rest)| {
                let rest = rest.trim_start_matches(['-', '_']);
                rest.strip_prefix("the").unwrap_or(rest).trim_start_matches(['-', '_']).starts_with(second)
            })
        })
    })
}

/// Whether a heading ends with two words or more, the second of them a name by its capital, that the paragraph opens with,
/// and has others before them.
fn names_whom_the_box_tells_of(heading: &str, paragraph: &str) -> bool {
    let words: Vec<&str> = heading.split_whitespace().map(|word| word.trim_end_matches(':')).collect();
    let opening: Vec<&str> = paragraph.split_whitespace().take(HEADING_WORDS as usize).collect();
    (2..words.len()).rev().any(|length| {
        let name = &words[words.len() - length..];
        opening.starts_with(name) && name.iter().all(|word| word.starts_with(char::is_uppercase))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::furniture::Furniture;
    use crate::stages::trial::expect;

    const POST: &str = "+ Tie the boat where the rope is wet, and not where the quay is.\n\
        + My aunt tied hers to a cow, and has not been rowed since.\n";

    const BIO: &str = "Ida Marsh teaches knots at the school of the harbour and has written nine books on rope, four of them \
        in verse. She keeps a goat.";

    #[test]
    fn the_box_below_a_short_post_goes_in_many_languages() {
        for heading in [
            "About the author",
            "Über die Autorin",
            "À propos de l'auteur",
            "Sobre la autora",
            "Об авторе",
            "O autorce",
        ] {
            expect(&[&Furniture], &format!("{POST}- {heading}\n- {BIO}\n"));
        }
        expect(&[&Furniture], &format!("{POST}- Written by Ida Marsh\n- {BIO}\n"));
    }

    #[test]
    fn a_paragraph_below_a_byline_or_with_more_of_the_text_below_stays() {
        let more = "+ The cow has since been sold, and the quay was moved a little to the east of the church.";
        expect(&[&Furniture], &format!("{POST}- About the author\n+ {BIO}\n+ {more}\n{more}\n"));
        expect(&[&Furniture], &format!("+ All the knots there are.\n- Written by Ole Tarn\n+ {BIO}\n"));
    }

    #[test]
    fn elements_of_authors_boxes_are_told_by_two_words_of_their_name() {
        let label = |class: &str| Label { tag: "div".into(), id: String::new(), class: class.into() };
        for (class, expected) in [
            ("author-box", true),
            ("post__authorBio", true),
            ("about-the-author", true),
            ("wide about_author", true),
            ("author", false),
            ("authority-box", false),
            ("author-name", false),
        ] {
            assert_eq!(is_named(&label(class)), expected, "{class}");
        }
    }
}
