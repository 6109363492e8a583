//! Any bytes are opened as an HTTP response.
#![no_main]

#[path = "../src/archive_laws.rs"]
#[allow(dead_code)]
mod archive_laws;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| archive_laws::responses_hold(bytes));
