//! What every function costs: instructions per call, and stack.
//!
//! `cargo run --release --bin cost`. QEMU counts instructions, not cycles.

#![no_std]
#![no_main]

use core::fmt::Error;
use core::hint::black_box;

use cortex_m::Peripherals;
use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use microlr_qemu::functions::{self, Bench, Function, Parts};
use microlr_qemu::measure::{self, Counter};
use panic_semihosting as _;

#[path = "../../../../tests/catalogue/steps.rs"]
mod steps;
use steps::STEPS;

/// The last step that is near: the test compares the cost of later steps with those up to it.
const NEAR: u32 = 10_000;

fn instructions(counter: &Counter, function: Function, input: u32) -> u32 {
    let mut bench = Bench::new(input);
    match function {
        Function::Rate(lr) => counter.instructions(|| {
            black_box(lr(black_box(input)));
        }),
        Function::Training(update) => counter.instructions(|| {
            black_box(update(&mut bench, black_box(input)));
        }),
        Function::Part(update) => {
            let mut parts = Parts::new(input);
            counter.instructions(|| {
                black_box(update(&mut parts, black_box(input)));
            })
        }
    }
}

fn stack(function: Function, input: u32) -> usize {
    let (mut bench, mut parts) = (Bench::new(input), Parts::new(input));
    measure::high_water(&mut || {
        black_box(match black_box(function) {
            Function::Rate(lr) => lr(black_box(input)),
            Function::Training(update) => update(&mut bench, black_box(input)),
            Function::Part(update) => update(&mut parts, black_box(input)),
        });
    })
}

fn row(name: &str, columns: [impl core::fmt::Display; 4]) {
    let [a, b, c, d] = columns;
    hprintln!("{:32} |{:>8} |{:>8} |{:>8} |{:>8}", name, a, b, c, d);
}

#[entry]
fn main() -> ! {
    let Some(peripherals) = Peripherals::take() else { microlr_qemu::exit(Err(Error)) };
    let counter = Counter::new(peripherals.SYST);
    let call = stack(Function::Rate(|_| 0.0), 0);
    row("instructions per call", ["least", "near", "most", "stack"]);
    for (name, function) in (0..functions::COUNT).map(functions::function) {
        let (mut least, mut near, mut most, mut deepest) = (u32::MAX, 0, 0, 0);
        for input in STEPS {
            let count = instructions(&counter, function, input);
            (least, most) = (least.min(count), most.max(count));
            if input <= NEAR {
                near = near.max(count);
            }
            deepest = deepest.max(stack(function, input));
        }
        row(name, [least, near, most, deepest.saturating_sub(call) as u32]);
    }
    microlr_qemu::exit(Ok::<(), Error>(()))
}
