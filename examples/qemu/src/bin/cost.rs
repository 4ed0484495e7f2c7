//! What every function costs: instructions a call, and stack.
//!
//! `cargo run --release --bin cost`. The counts are those of QEMU under `-icount shift=0`: no wait states, no cycles.

#![no_std]
#![no_main]

use core::fmt::Error;
use core::hint::black_box;

use cortex_m::Peripherals;
use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use microlr_qemu::functions::{Bench, FUNCTIONS, Function, SCHEDULES};
use microlr_qemu::measure::{self, Counter};
use panic_semihosting as _;

/// Steps of every magnitude, beside edges and away from them.
const STEPS: [u32; 35] = [
    0,
    1,
    9,
    10,
    11,
    70,
    99,
    100,
    101,
    125,
    126,
    250,
    251,
    499,
    500,
    999,
    1000,
    1001,
    2047,
    4096,
    9973,
    10_000,
    65_535,
    65_536,
    99_991,
    1_000_003,
    16_777_216,
    16_777_217,
    123_456_789,
    999_999_937,
    1_000_000_000,
    2_147_483_648,
    3_141_592_653,
    4_294_967_291,
    u32::MAX,
];
/// The last step that is near: the test bounds what the others cost by what these do.
const NEAR: u32 = 10_000;
/// Steps whose cost is shown one by one.
const FAR: [u32; 4] = [10, 10_000, 1_000_000_000, u32::MAX];

fn instructions(counter: &Counter, function: Function, input: u32) -> u32 {
    let mut bench = Bench::new();
    counter.instructions(|| {
        black_box(function(&mut bench, black_box(input)));
    })
}

fn stack(function: Function, input: u32) -> usize {
    let mut bench = Bench::new();
    measure::high_water(&mut || {
        black_box(black_box(function)(&mut bench, black_box(input)));
    })
}

#[entry]
fn main() -> ! {
    let Some(peripherals) = Peripherals::take() else { microlr_qemu::exit(Err(Error)) };
    let counter = Counter::new(peripherals.SYST);
    let call = stack(|_, _| 0.0, 0);
    hprintln!(
        "{:32} {:>7} {:>7} {:>7} {:>6}",
        "instructions a call",
        "least",
        "near",
        "most",
        "stack"
    );
    for (name, function) in FUNCTIONS {
        let (mut least, mut near, mut most, mut deepest) = (u32::MAX, 0, 0, 0);
        for input in STEPS {
            let count = instructions(&counter, function, input);
            (least, most) = (least.min(count), most.max(count));
            if input <= NEAR {
                near = near.max(count);
            }
            deepest = deepest.max(stack(function, input));
        }
        hprintln!(
            "{:32} {:7} {:7} {:7} {:6}",
            name,
            least,
            near,
            most,
            deepest.saturating_sub(call)
        );
    }
    hprintln!("{:32} {:>7} {:>7} {:>7} {:>7}", "at step", "10", "10^4", "10^9", "last");
    for (name, function) in &FUNCTIONS[..SCHEDULES] {
        let [a, b, c, d] = FAR.map(|step| instructions(&counter, *function, step));
        hprintln!("{:32} {:7} {:7} {:7} {:7}", name, a, b, c, d);
    }
    microlr_qemu::exit(Ok::<(), Error>(()))
}
