//! Any bytes are read as HTML.
#![no_main]

#[path = "../src/html_laws.rs"]
mod html_laws;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| html_laws::reading_html_holds(bytes));
