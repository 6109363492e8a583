//! Any bytes are read as a model of fastText: they are one, or they are not, and what is one has an answer for any text.
#![no_main]

use dechaff::internals::rules::fasttext::FastText;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // What makes a good start is a whole model: `-seed_inputs=tests/lid/softmax.bin,tests/lid/hs-pruned.ftz`.
    if let Some(model) = FastText::of_bytes(bytes) {
        for text in ["", "The ferry leaves at nine.", "__label__x </s> \u{0} ж"] {
            if let Some(told) = model.predict(text) {
                assert!((0.0..=1.0).contains(&told.probability), "{told:?}");
            }
        }
    }
});
