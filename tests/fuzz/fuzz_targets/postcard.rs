//! Reads bytes as a schedule in postcard.

#![no_main]

#[path = "../../exchange/check.rs"]
mod check;

use check::{Chosen, Warm, check};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    check(postcard::from_bytes::<Chosen>(bytes).ok());
    check(postcard::from_bytes::<Warm>(bytes).ok());
});
