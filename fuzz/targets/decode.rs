//! Any bytes, with any hints, are decoded.
#![no_main]

#[path = "../src/laws.rs"]
#[allow(dead_code)]
mod laws;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| laws::decoding_holds(bytes));
