//! Any bytes are read as Markdown: what comes of them is HTML, and as such it is read.
#![no_main]

#[path = "../src/html_laws.rs"]
mod html_laws;

use dechaff::internals::parse::markdown;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    html_laws::reading_html_holds(markdown::to_html(&String::from_utf8_lossy(bytes)).as_bytes());
});
