//! One row of the tables: `ROW` in the environment of the build is its name, and with `HIDDEN=true`
//! the compiler does not see the parameters of the schedule.

#![no_std]

use core::hint::black_box;
use core::panic::PanicInfo;
use core::ptr;

use microlr::{LogisticNeuron, Schedule, Sgd};

#[path = "../../../../tests/catalogue/statics.rs"]
mod statics;

const SAMPLES: u32 = 192;

// Of the harness, which says what they hold.
unsafe extern "C" {
    static mut state: [u32; 80];
    static pool: [f32; SAMPLES as usize + 64];
    static labels: [f32; 2];
}

struct State<const N: usize> {
    sgd: Sgd<f32>,
    neuron: LogisticNeuron<f32, N>,
}

fn trained<const N: usize>() -> &'static mut State<N> {
    const { assert!(size_of::<State<N>>() <= 320) };
    // SAFETY: one thread, one caller at a time; it fits, and any word is a valid `f32` and `u32`.
    unsafe { &mut *(&raw mut state).cast() }
}

fn sample<const N: usize>(input: u32) -> &'static [f32; N] {
    const { assert!(N <= 64) };
    // SAFETY: the pool has 64 numbers after the last place where a sample can begin.
    unsafe { &*ptr::addr_of!(pool).cast::<f32>().add((input % SAMPLES) as usize).cast() }
}

fn lr(schedule: &'static impl Schedule<Rate = f32>, step: u32) -> f32 {
    match env!("HIDDEN") {
        "true" => black_box(schedule).lr(step),
        _ => schedule.lr(step),
    }
}

fn predict<const N: usize>(input: u32) -> f32 {
    trained().neuron.predict(sample::<N>(input))
}

fn step<const N: usize>(input: u32) -> f32 {
    let trained = trained::<N>();
    // SAFETY: never written to.
    let label = unsafe { labels[(input % 2) as usize] };
    let report = trained.sgd.step(&mut trained.neuron, sample(input), label);
    report.map_or(f32::NAN, |report| report.loss)
}

macro_rules! rate {
    ($step:ident, $($name:ident)*) => {
        match env!("ROW") {
            $(stringify!($name) => lr(&statics::$name, $step),)*
            _ => f32::NAN, // no such row, which its errors show
        }
    };
}

/// The function that the harness measures; the number is a step, or selects a sample.
#[unsafe(no_mangle)]
pub extern "C" fn row(input: u32) -> f32 {
    match env!("ROW") {
        "nothing" => 0.0,
        "predict, N = 3" => predict::<3>(input),
        "predict, N = 16" => predict::<16>(input),
        "predict, N = 64" => predict::<64>(input),
        "step, N = 3" => step::<3>(input),
        "step, N = 16" => step::<16>(input),
        "step, N = 64" => step::<64>(input),
        _ => rate!(input, EXPONENTIAL STAIRCASE PIECEWISE LINEAR ROOT POWER INVERSE_TIME COSINE
            LONG_COSINE WARMED RESTARTS FALLING EQUAL SLOWER SLOWEST),
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}
