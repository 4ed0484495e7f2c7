//! A module for each schedule; `tests/copy.spec.ts` writes them.

#![no_std]
#![allow(dead_code)]

include!("../generated.rs");

/// Steps, and the bits of their rates.
fn check(schedule: &impl microlr::Schedule<Rate = f32>, rates: &[(u32, u32)]) {
    for (step, bits) in rates {
        assert_eq!(schedule.lr(*step).to_bits(), *bits, "step {step}");
    }
}
