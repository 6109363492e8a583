//! Text that was read with a wrong charset: `cafÃ©` for `café`.

use super::Done;

/// Reads a line anew.
pub fn mend(_line: &str) -> Option<Done> {
    None
}
