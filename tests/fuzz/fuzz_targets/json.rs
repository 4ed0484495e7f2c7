//! Reads JSON as a schedule.

#![no_main]

#[path = "../../exchange/check.rs"]
mod check;

use check::{Chosen, Warm, check};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    check(serde_json::from_slice::<Chosen>(bytes).ok());
    check(serde_json::from_slice::<Warm>(bytes).ok());
});
