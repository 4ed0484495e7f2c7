//! One row of the tables: `ROW` in the environment of the build is its name, and with `HIDDEN=true`
//! the compiler does not see the parameters of the schedule.

#![no_std]

use core::hint::black_box;
use core::panic::PanicInfo;
use core::ptr;

use crc::{CRC_32_ISO_HDLC, Crc, NoTable};
use microlr::{
    ClipNorm, Confusion, Gradient, L2, LogisticNeuron, Mean, Moments, Momentum, Schedule, Sgd,
    Standardizer, UpdateRule,
};

#[path = "../../../../tests/catalogue/statics.rs"]
mod statics;

const SAMPLES: u32 = 192;

// Of the harness, which says what they hold.
unsafe extern "C" {
    static mut state: [u32; 80];
    static pool: [f32; SAMPLES as usize + 64];
    static labels: [f32; 2];
}

struct State<const N: usize, R = ()> {
    sgd: Sgd<f32, R>,
    neuron: LogisticNeuron<f32, N>,
}

/// Where the state of a row begins.
fn place<T>() -> *mut T {
    const { assert!(size_of::<T>() <= 320) };
    (&raw mut state).cast()
}

/// The state of a row. It is valid: `prepare` wrote it, or every bit pattern of the type is valid.
fn trained<T>() -> &'static mut T {
    // SAFETY: there is one thread and one caller at a time. `T` fits, and the state is valid.
    unsafe { &mut *place() }
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
    trained::<State<N>>().neuron.predict(sample::<N>(input))
}

fn label(input: u32) -> f32 {
    // SAFETY: never written to.
    unsafe { labels[(input % 2) as usize] }
}

fn step<const N: usize>(input: u32) -> f32 {
    let State { sgd, neuron } = trained::<State<N>>();
    sgd.step(neuron, sample(input), label(input)).map_or(f32::NAN, |report| report.loss)
}

fn ruled<R: UpdateRule<f32, 6> + 'static>(_: R, input: u32) -> f32 {
    let State { sgd, neuron } = trained::<State<6, R>>();
    let report = sgd.step(neuron, sample(input), label(input));
    report.map_or(f32::NAN, |report| report.loss + neuron.weights[0])
}
const MOMENTUM: Momentum<f32, 6> = {
    let mut momentum = Momentum::new(0.9);
    momentum.velocity = LogisticNeuron::new([0.1; 6], 0.1);
    momentum
};

type Batch = (State<6>, Gradient<f32, 6>);

fn add(input: u32) -> f32 {
    let (State { neuron, .. }, gradient) = trained::<Batch>();
    gradient.add(neuron, sample(input), label(input)).map_or(f32::NAN, |()| 0.0)
}

fn add_and_apply(input: u32) -> f32 {
    let added = add(input);
    let (State { sgd, neuron }, gradient) = trained::<Batch>();
    let report = sgd.apply(neuron, gradient);
    report.map_or(f32::NAN, |report| added + report.loss + neuron.weights[0])
}

type Scaling = (Standardizer<f32, 6>, [f32; 6]);

fn observe(input: u32) -> f32 {
    let (standardizer, _) = trained::<Scaling>();
    let observed = standardizer.observe(sample(input));
    let moments = standardizer.moments();
    observed.map_or(f32::NAN, |()| moments.mean[0] + moments.variance[0])
}

fn transform(input: u32) -> f32 {
    let (standardizer, transformed) = trained::<Scaling>();
    *transformed = standardizer.transform(sample(input));
    transformed[0]
}

fn count(input: u32) -> f32 {
    let [x] = sample(input);
    trained::<Confusion<f32>>().observe(x.abs(), input % 2 == 1).map_or(f32::NAN, |()| 0.0)
}

fn add_to_mean(input: u32) -> f32 {
    let (mean, [x]) = (trained::<Mean<f32>>(), sample(input));
    mean.observe(*x).map_or(f32::NAN, |()| mean.sum)
}

/// The CRC-32 of a checkpoint, computed as in microlr.
fn checksum(input: u32) -> f32 {
    static CRC: Crc<u32, NoTable> = Crc::<u32, NoTable>::new(&CRC_32_ISO_HDLC);
    let bytes: &[u8; 64] = {
        // SAFETY: the sample has 16 words, which are 64 bytes.
        unsafe { &*ptr::from_ref(sample::<16>(input)).cast() }
    };
    f32::from_bits(CRC.checksum(bytes) >> 9 | 1_f32.to_bits())
}

fn write<T>(value: T) {
    // SAFETY: `T` fits, and there is no other reference to the state.
    unsafe { place::<T>().write(value) }
}

fn state_with<R: UpdateRule<f32, 6>>(rules: R) -> State<6, R> {
    let neuron = LogisticNeuron::new([0.1; 6], 0.1);
    State { sgd: Sgd::new(0.1).with(rules), neuron }
}

/// Runs before each measurement, after every word of the state is set to 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn prepare() {
    match env!("ROW") {
        "step, clipped by norm, N = 6" => write(state_with(ClipNorm(0.25))),
        "step with momentum, N = 6" => write(state_with(MOMENTUM)),
        "step with Nesterov momentum, N = 6" => write(state_with(MOMENTUM.nesterov())),
        "step with L2 and momentum, N = 6" => write(state_with((L2(0.01), MOMENTUM))),
        "gradient: add, N = 6" | "gradient: add and apply, N = 6" => {
            write::<Batch>((state_with(()), Gradient::new()));
        }
        "standardizer: observe, N = 6" | "standardizer: transform, N = 6" => {
            let moments = Moments::new(1000, [0.1; 6], [0.1; 6]);
            write::<Scaling>((Standardizer::from_moments(moments).clamp(3.0), [0.0; 6]));
        }
        _ => {}
    }
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
        "step, clipped by norm, N = 6" => ruled(ClipNorm(0.25), input),
        "step with momentum, N = 6" | "step with Nesterov momentum, N = 6" => {
            ruled(MOMENTUM, input)
        }
        "step with L2 and momentum, N = 6" => ruled((L2(0.01), MOMENTUM), input),
        "gradient: add, N = 6" => add(input),
        "gradient: add and apply, N = 6" => add_and_apply(input),
        "standardizer: observe, N = 6" => observe(input),
        "standardizer: transform, N = 6" => transform(input),
        "confusion: observe" => count(input),
        "mean: observe" => add_to_mean(input),
        "CRC-32 of 64 bytes" => checksum(input),
        _ => rate!(input, EXPONENTIAL STAIRCASE PIECEWISE LINEAR ROOT POWER INVERSE_TIME COSINE
            LONG_COSINE WARMED RESTARTS FALLING EQUAL SLOWER SLOWEST),
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}
