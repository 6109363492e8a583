//! Any bytes are unpacked as a page.
#![no_main]

#[path = "../src/archive_laws.rs"]
#[allow(dead_code)]
mod archive_laws;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| archive_laws::unpacking_holds(bytes));
