//! One function of `microlr_qemu::functions` and nothing else. The flash it takes is the difference
//! from the same program without any.
//!
//! `MICROLR_ALONE=6 cargo build --release --bin alone` links number 6; without the variable, none.

#![no_std]
#![no_main]

use core::hint::black_box;
use core::panic::PanicInfo;

use cortex_m_rt::entry;
use microlr_qemu::functions::{self, Bench, Function, Parts};

const ALONE: Option<Function> = match option_env!("MICROLR_ALONE") {
    None => None,
    Some(index) => match usize::from_str_radix(index, 10) {
        Ok(index) => Some(functions::function(index).1),
        Err(_) => panic!("MICROLR_ALONE is the number of a function"),
    },
};

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}

#[entry]
fn main() -> ! {
    black_box(functions::data());
    let mut bench = Bench::new(0);
    loop {
        let bench = black_box(&mut bench);
        black_box(match ALONE {
            None => 0.0,
            Some(Function::Rate(lr)) => lr(black_box(0)),
            Some(Function::Training(update)) => update(bench, black_box(0)),
            Some(Function::Part(update)) => update(black_box(&mut Parts::new(0)), black_box(0)),
        });
    }
}
