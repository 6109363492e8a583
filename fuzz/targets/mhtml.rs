//! Any bytes are read as a page that was saved as a message.
#![no_main]

#[path = "../src/archive_laws.rs"]
#[allow(dead_code)]
mod archive_laws;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| archive_laws::saved_pages_hold(bytes));
