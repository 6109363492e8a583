//! Any bytes are divided as a file of records that is called `a.parquet`.
#![no_main]

#[path = "../src/archive_laws.rs"]
#[allow(dead_code)]
mod archive_laws;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| archive_laws::dividing_from_any_place_holds("a.parquet", bytes));
