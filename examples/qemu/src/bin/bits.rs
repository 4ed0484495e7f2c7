//! Digests of the bits of everything that the crate computes; the host computes the same ones.
//!
//! `cargo run --release --bin bits`

#![no_std]
#![no_main]

use core::fmt::Error;

use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use panic_semihosting as _;

// One text for chip and host; it belongs to tests/qemu.rs of the crate.
#[path = "../../../../tests/bits/mod.rs"]
mod bits;

fn emit(float: &str, family: &str, digest: u64) {
    hprintln!("{} {:12} {:016x}", float, family, digest);
}

#[entry]
fn main() -> ! {
    bits::digests::<f32>(emit);
    bits::digests::<f64>(emit);
    microlr_qemu::exit(Ok::<(), Error>(()))
}
