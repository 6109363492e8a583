//! Any bytes are divided as a file of records that is called `a.parquet`.
#![no_main]

#[path = "../src/archive_laws.rs"]
#[allow(dead_code)]
mod archive_laws;

libfuzzer_sys::fuzz_target!(
    // Damaged bytes make the decoder panic, which its reader catches and tells: only a panic that nobody has caught ends
    // the fuzzer, where its own hook would end it at each.
    init: std::panic::set_hook(Box::new(|panic| eprintln!("{panic}"))),
    |bytes: &[u8]| archive_laws::dividing_from_any_place_holds("a.parquet", bytes)
);
