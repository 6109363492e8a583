//! What html5gum's tokenizer finds, handed on: it reads whatever is not written as most of a page is.

use html5gum::{Emitter, Error, State, Tokenizer};

use super::Tokens;

/// Hands on what the tokenizer finds.
struct Gum<'a, 't> {
    tokens: &'a mut Tokens<'t>,
    /// Whether it stops behind a tag, a comment or a doctype.
    stops: bool,
    /// What has ended and is not told yet.
    ended: Option<Ended>,
}

/// A tag, a comment or a doctype has ended; how what follows is read, where that is not as usual.
struct Ended(Option<State>);

/// Reads a text from `state` on up to the end of a tag, a comment or a doctype, or its own; the position of `tokens` says how
/// far. How what follows is read, where that is not as usual.
pub(super) fn read_one(text: &str, state: State, tokens: &mut Tokens) -> Option<State> {
    let end = tokens.lines.position + text.len();
    let mut tokenizer = Tokenizer::new_with_emitter(text, Gum { tokens: &mut *tokens, stops: true, ended: None });
    tokenizer.set_state(state);
    // Reading from memory does not fail.
    if let Some(Ok(Ended(next))) = tokenizer.next() {
        return next;
    }
    // Whatever the tokenizer has counted: nothing of the text is left, and nothing is read again.
    tokens.lines.position = end;
    None
}

/// Reads all of a text.
pub(super) fn read_all(text: &str, tokens: &mut Tokens) {
    let gum = Gum { tokens, stops: false, ended: None };
    // It tells of no end, so that this goes on to that of the text.
    let ended = Tokenizer::new_with_emitter(text, gum).count();
    debug_assert_eq!(ended, 0);
}

impl Emitter for Gum<'_, '_> {
    type Token = Ended;

    fn set_last_start_tag(&mut self, name: Option<&[u8]>) {
        self.tokens.last.clear();
        self.tokens.last.extend_from_slice(name.unwrap_or_default());
    }

    fn emit_eof(&mut self) {}

    fn emit_error(&mut self, _: Error) {}

    #[inline]
    fn should_emit_errors(&mut self) -> bool {
        false
    }

    #[inline]
    fn pop_token(&mut self) -> Option<Ended> {
        self.ended.take()
    }

    #[inline]
    fn emit_string(&mut self, bytes: &[u8]) {
        if !self.tokens.page.takes_text() {
            return;
        }
        match self.tokens.has_nul {
            true => {
                let pieces = bytes.split(|byte| *byte == 0).filter(|bytes| !bytes.is_empty());
                pieces.for_each(|bytes| self.tokens.take_text(bytes));
            }
            false => self.tokens.take_text(bytes),
        }
    }

    fn init_start_tag(&mut self) {
        self.tokens.begin_tag(false);
    }

    fn init_end_tag(&mut self) {
        self.tokens.begin_tag(true);
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        self.tokens.end_attribute();
        // Both are made of whole characters of a text.
        let (name, values) = (std::mem::take(&mut self.tokens.name), std::mem::take(&mut self.tokens.values));
        let [told, said] = [&name, &values].map(|bytes| simdutf8::basic::from_utf8(bytes).unwrap_or_default());
        let next = self.tokens.hand_on(told, said);
        (self.tokens.name, self.tokens.values) = (name, values);
        if !self.stops {
            return next;
        }
        self.ended = Some(Ended(next));
        None
    }

    fn set_self_closing(&mut self) {
        self.tokens.closes_itself = true;
    }

    fn push_tag_name(&mut self, name: &[u8]) {
        self.tokens.name.extend_from_slice(name);
    }

    fn init_attribute(&mut self) {
        self.tokens.end_attribute();
    }

    fn push_attribute_name(&mut self, name: &[u8]) {
        self.tokens.attribute.extend_from_slice(name);
    }

    fn init_attribute_value(&mut self) {
        self.tokens.settle_attribute();
    }

    #[inline]
    fn push_attribute_value(&mut self, value: &[u8]) {
        if self.tokens.asked.is_some() {
            self.tokens.values.extend_from_slice(value);
        }
    }

    fn init_comment(&mut self) {}

    #[inline]
    fn push_comment(&mut self, _: &[u8]) {}

    fn emit_current_comment(&mut self) {
        self.tokens.page.comment();
        self.ended = self.stops.then_some(Ended(None));
    }

    fn init_doctype(&mut self) {}

    fn emit_current_doctype(&mut self) {
        self.ended = self.stops.then_some(Ended(None));
    }

    fn set_force_quirks(&mut self) {}

    fn push_doctype_name(&mut self, _: &[u8]) {}

    fn set_doctype_public_identifier(&mut self, _: &[u8]) {}

    fn set_doctype_system_identifier(&mut self, _: &[u8]) {}

    fn push_doctype_public_identifier(&mut self, _: &[u8]) {}

    fn push_doctype_system_identifier(&mut self, _: &[u8]) {}

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        self.tokens.is_end_tag && !self.tokens.last.is_empty() && self.tokens.last == self.tokens.name
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        self.tokens.page.is_in_foreign_element()
    }

    #[inline]
    fn move_position(&mut self, offset: isize) {
        self.tokens.lines.position = self.tokens.lines.position.saturating_add_signed(offset);
    }
}
