//! One function of `microlr_qemu::functions` and nothing else, to see how much flash it takes: the difference from the same
//! program without any.
//!
//! `MICROLR_ALONE=6 cargo build --release --bin alone` links number 6; without the variable, none.

#![no_std]
#![no_main]

use core::hint::black_box;
use core::panic::PanicInfo;

use cortex_m_rt::entry;
use microlr_qemu::functions::{self, Bench, FUNCTIONS};

/// The place in `FUNCTIONS`.
const ALONE: Option<usize> = match option_env!("MICROLR_ALONE") {
    Some(digits) => {
        let (mut number, mut digits) = (0, digits.as_bytes());
        while let [digit, rest @ ..] = digits {
            number = number * 10 + (*digit - b'0') as usize;
            digits = rest;
        }
        Some(number)
    }
    None => None,
};

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}

#[entry]
fn main() -> ! {
    black_box(functions::data());
    let mut bench = Bench::new();
    loop {
        let bench = black_box(&mut bench);
        if let Some(index) = ALONE {
            black_box(FUNCTIONS[index].1(bench, black_box(0)));
        }
    }
}
