//! Any text is repaired, and what is repaired needs no repair.
#![no_main]

#[path = "../src/laws.rs"]
#[allow(dead_code)]
mod laws;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| laws::repairing_holds(bytes));
