//! Readers' comments below an article, told by the names of the elements that hold them.
//!
//! A page of a forum has such elements too, but no text above them that they are about.

use crate::page::Page;
use crate::page::markup::{Label, Markup, PageKind};
use crate::stages::layout::Layout;

/// What elements of readers' comments are called, as a word of an id or a class.
const NAMES: [&str; 6] = ["comment", "comments", "commentlist", "commentbox", "disqus", "kommentare"];

/// Words of running prose that stand above them at least: the article.
const WORDS_ABOVE: u64 = 60;

/// How many times as many words of prose as the article the comments have at most: below a question stand its answers, and
/// they are the page.
const TIMES: u64 = 1;

/// The markup of a page that has an element which is called so, and is no thread of a forum.
pub(super) fn markup_of(page: &Page) -> Option<&Markup> {
    let markup = page.markup.as_deref()?;
    (markup.declared.kind != PageKind::Thread && markup.labels.iter().any(is_named)).then_some(markup)
}

/// The blocks of the comments.
pub(super) fn blocks(layout: &Layout) -> Vec<usize> {
    let Some(markup) = markup_of(layout.reading.page) else { return Vec::new() };
    let Some(inside) = markup.inside_named(is_named) else { return Vec::new() };
    let is_inside = |block: usize| inside[markup.settings[block].element as usize];
    let Some(first) = (0..layout.len()).find(|&block| is_inside(block)) else { return Vec::new() };
    let above = layout.prose_words(0..first);
    let blocks: Vec<usize> = (first..layout.len()).filter(|&block| is_inside(block)).collect();
    let own: u64 = blocks.iter().map(|&block| layout.prose_words(block..block + 1)).sum();
    if above >= WORDS_ABOVE && own <= above * TIMES { blocks } else { Vec::new() }
}

/// Whether a word of an element's id or classes names comments: `comment-list`, `CommentBox`.
fn is_named(label: &Label) -> bool {
    let mut names = label.id.split_ascii_whitespace().chain(label.classes());
    // A class that only says that comments are there or closed is not theirs.
    let states = ["no-comment", "has-comment", "with-comment", "comments-open", "comments-closed", "comment-count"];
    let is_state = |name: &str| {
        let lower = name.to_ascii_lowercase();
        states.iter().any(|state| lower.contains(state))
    };
    names.any(|name| {
        let mut words = name.split(|c: char| !c.is_ascii_alphabetic());
        words.any(|word| NAMES.iter().any(|known| word.eq_ignore_ascii_case(known))) && !is_state(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_of_comments_are_told_by_a_word_of_their_name() {
        let label = |id: &str, class: &str| Label { tag: "div".into(), id: id.into(), class: class.into() };
        for (id, class, expected) in [
            ("comments", "", true),
            ("", "post-comment_body", true),
            ("", "CommentBox", true),
            ("comment-1729", "", true),
            ("", "commentary", false),
            ("", "no-comments", false),
            ("", "post-content has-comments", false),
        ] {
            assert_eq!(is_named(&label(id, class)), expected, "{id} {class}");
        }
    }
}
