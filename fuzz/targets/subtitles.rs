//! Any bytes are read as subtitles: each paragraph stands on a line that the file has, and no line of times is left.
#![no_main]

use dechaff::internals::parse::subtitles;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let read = subtitles::read(&text);
    assert!(read.text.lines().count() <= text.lines().count());
    assert!(read.cues as usize <= text.lines().count());
});
