//! One row of the table: `ROW` in the environment of the build says which, `PARAMETERS=unknown` that the optimiser
//! must not see the schedule's parameters.
//!
//! The rows have the names, parameters and inputs of `../c/row.c`.

#![no_std]

use core::hint::black_box;
use core::panic::PanicInfo;
use core::ptr;

use microlr::{
    CosineDecay, CosineDecayRestarts, ExponentialDecay, InverseTimeDecay, LogisticNeuron,
    PiecewiseConstantDecay, PolynomialDecay, Schedule, Sgd,
};

static EXPONENTIAL: ExponentialDecay<f32> = ExponentialDecay::new(0.1, 1000, 0.95);
static STAIRCASE: ExponentialDecay<f32> = EXPONENTIAL.staircase();
static PIECEWISE: PiecewiseConstantDecay<f32, 3> =
    PiecewiseConstantDecay::new([125, 250, 100_000], [0.1, 0.075, 0.05, 0.025]);
static LINEAR: PolynomialDecay<f32> = PolynomialDecay::new(0.1, 1000, 0.001).cycle();
static ROOT: PolynomialDecay<f32> = LINEAR.power(0.5);
static POWER: PolynomialDecay<f32> = PolynomialDecay::new(0.1, 1000, 0.001).power(1.7);
static INVERSE_TIME: InverseTimeDecay<f32> = InverseTimeDecay::new(0.1, 50, 0.1);
static COSINE: CosineDecay<f32> = CosineDecay::new(0.1, 500);
static LONG_COSINE: CosineDecay<f32> = CosineDecay::new(0.1, 4_000_000_000);
static WARMED: CosineDecay<f32> = COSINE.alpha(0.01).warmup(0.2, 100);
static RESTARTS: CosineDecayRestarts<f32> = CosineDecayRestarts::new(0.1, 10);
static FALLING: CosineDecayRestarts<f32> = RESTARTS.m_mul(0.9);
static SLOWER: CosineDecayRestarts<f32> = RESTARTS.t_mul(1.5);

const SAMPLES: u32 = 192;

// Of the harness; what it says of them holds here too.
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
    // SAFETY: one thread, one caller at a time; it fits, and all words are valid as `f32` and as `u32`.
    unsafe { &mut *(&raw mut state).cast() }
}

fn sample<const N: usize>(input: u32) -> &'static [f32; N] {
    const { assert!(N <= 64) };
    // SAFETY: the pool goes on for 64 numbers after the last place where a sample can begin.
    unsafe { &*ptr::addr_of!(pool).cast::<f32>().add((input % SAMPLES) as usize).cast() }
}

fn label(input: u32) -> f32 {
    // SAFETY: never written to.
    unsafe { labels[(input % 2) as usize] }
}

fn lr(schedule: &'static impl Schedule<Rate = f32>, step: u32) -> f32 {
    match option_env!("PARAMETERS") {
        Some("unknown") => black_box(schedule).lr(step),
        _ => schedule.lr(step),
    }
}

fn predict<const N: usize>(input: u32) -> f32 {
    trained().neuron.predict(sample::<N>(input))
}

fn step<const N: usize>(input: u32) -> f32 {
    let trained = trained::<N>();
    let report = trained.sgd.step(&mut trained.neuron, sample(input), label(input));
    report.map_or(f32::NAN, |report| report.loss)
}

/// What the harness calls; the number is a step, or which sample to use.
#[unsafe(no_mangle)]
pub extern "C" fn row(input: u32) -> f32 {
    match env!("ROW", "ROW names a row, such as cosine") {
        "nothing" => 0.0,
        "exponential" => lr(&EXPONENTIAL, input),
        "staircase" => lr(&STAIRCASE, input),
        "piecewise" => lr(&PIECEWISE, input),
        "linear" => lr(&LINEAR, input),
        "root" => lr(&ROOT, input),
        "power" => lr(&POWER, input),
        "inverse_time" => lr(&INVERSE_TIME, input),
        "cosine" => lr(&COSINE, input),
        "long_cosine" => lr(&LONG_COSINE, input),
        "warmed" => lr(&WARMED, input),
        "restarts" => lr(&RESTARTS, input),
        "falling" => lr(&FALLING, input),
        "slower" => lr(&SLOWER, input),
        "predict3" => predict::<3>(input),
        "predict16" => predict::<16>(input),
        "predict64" => predict::<64>(input),
        "step3" => step::<3>(input),
        "step16" => step::<16>(input),
        "step64" => step::<64>(input),
        _ => f32::NAN, // no such row; the driver sees the difference
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}
