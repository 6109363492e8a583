//! Bytes into text.

use std::borrow::Cow;

/// Text and how it was read.
pub struct Decoded<'a> {
    /// The text.
    pub text: Cow<'a, str>,
}
