//! What is compared: the functions, the inputs, and the exact results.

use std::collections::BTreeSet;
use std::f64::consts::FRAC_PI_2;
use std::fmt::Write as _;

/// A function that both sides have.
pub struct Row {
    /// In `c/row.c` and in `firmware/src/lib.rs`.
    pub name: &'static str,
    /// In the tables.
    pub label: &'static str,
    pub kind: Kind,
    /// Other C for the same.
    pub variants: &'static [Variant],
    /// The result for an input, in `f64` from the parameters as `f32` holds them.
    pub exact: fn(u32) -> f64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Exponential,
    Cosine,
    Restarts,
    /// With restarts between steps.
    FractionalRestarts,
    FractionalPower,
    OtherSchedule,
    Predict,
    Step,
}

impl Kind {
    pub const fn is_schedule(self) -> bool {
        !matches!(self, Self::Predict | Self::Step)
    }

    pub const fn has_restarts(self) -> bool {
        matches!(self, Self::Restarts | Self::FractionalRestarts)
    }
}

pub struct Variant {
    pub name: &'static str,
    pub label: &'static str,
    pub flags: &'static [&'static str],
}

const fn variant(
    name: &'static str,
    label: &'static str,
    flags: &'static [&'static str],
) -> Variant {
    Variant { name, label, flags }
}

const TABLE: &[&str] = &["-DCOSF=table_cosf"];

#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    Row { name: "exponential", label: "exponential", kind: Kind::Exponential, variants: &[],
        exact: |s| f(0.1) * f(0.95).powf(f64::from(s) / 1000.0) },
    Row { name: "staircase", label: "exponential, staircase", kind: Kind::Exponential, variants: &[],
        exact: |s| f(0.1) * f(0.95).powf(f64::from(s / 1000)) },
    Row { name: "piecewise", label: "piecewise constant, 3 boundaries", kind: Kind::OtherSchedule, variants: &[],
        exact: |s| f(match s { 0..=125 => 0.1, 126..=250 => 0.075, 251..=100_000 => 0.05, _ => 0.025 }) },
    Row { name: "linear", label: "polynomial, linear, cycle", kind: Kind::OtherSchedule, variants: &[],
        exact: |s| polynomial(s, true, 1.0) },
    Row { name: "root", label: "polynomial, power 0.5, cycle", kind: Kind::FractionalPower, variants: &[],
        exact: |s| polynomial(s, true, 0.5) },
    Row { name: "power", label: "polynomial, power 1.7", kind: Kind::FractionalPower, variants: &[],
        exact: |s| polynomial(s, false, f(1.7)) },
    Row { name: "inverse_time", label: "inverse time", kind: Kind::OtherSchedule, variants: &[],
        exact: |s| f(0.1) / (1.0 + f(0.1) * (f64::from(s) / 50.0)) },
    Row { name: "cosine", label: "cosine, 500 steps", kind: Kind::Cosine,
        variants: &[variant("cosine", "cosine, 500 steps; C by a table", TABLE)],
        exact: |s| f(0.1) * cosine(s, 500) },
    Row { name: "long_cosine", label: "cosine, 4·10⁹ steps", kind: Kind::Cosine,
        variants: &[variant("long_cosine", "cosine, 4·10⁹ steps; C by a table", TABLE)],
        exact: |s| f(0.1) * cosine(s, 4_000_000_000) },
    Row { name: "warmed", label: "cosine, alpha and warm-up", kind: Kind::Cosine,
        variants: &[variant("warmed", "cosine, alpha and warm-up; C by a table", TABLE)],
        exact: |s| if s < 100 { f(0.1) + (f(0.2) - f(0.1)) * f64::from(s) / 100.0 }
            else { f(0.2) * ((1.0 - f(0.01)) * cosine(s - 100, 500) + f(0.01)) } },
    Row { name: "restarts", label: "restarts, t_mul 2", kind: Kind::Restarts,
        variants: &[variant("restarts_loop", "restarts, t_mul 2; C by a loop", &[])],
        exact: |s| restarts(s, 2, 1, 1.0) },
    Row { name: "falling", label: "restarts, t_mul 2, m_mul 0.9", kind: Kind::Restarts,
        variants: &[variant("falling_loop", "restarts, t_mul 2, m_mul 0.9; C by a loop", &[])],
        exact: |s| restarts(s, 2, 1, f(0.9)) },
    Row { name: "slower", label: "restarts, t_mul 1.5", kind: Kind::FractionalRestarts,
        variants: &[variant("slower_loop", "restarts, t_mul 1.5; C by a loop", &[])],
        exact: |s| restarts(s, 3, 2, 1.0) },
    Row { name: "predict3", label: "predict, N = 3", kind: Kind::Predict, variants: &[],
        exact: |s| predict(s, 3) },
    Row { name: "predict16", label: "predict, N = 16", kind: Kind::Predict, variants: &[],
        exact: |s| predict(s, 16) },
    Row { name: "predict64", label: "predict, N = 64", kind: Kind::Predict, variants: &[],
        exact: |s| predict(s, 64) },
    Row { name: "step3", label: "step, N = 3", kind: Kind::Step,
        variants: &[variant("step3_checked", "step, N = 3; C checks as well", &[])],
        exact: |s| loss(s, 3) },
    Row { name: "step16", label: "step, N = 16", kind: Kind::Step,
        variants: &[variant("step16_checked", "step, N = 16; C checks as well", &[])],
        exact: |s| loss(s, 16) },
    Row { name: "step64", label: "step, N = 64", kind: Kind::Step,
        variants: &[variant("step64_checked", "step, N = 64; C checks as well", &[])],
        exact: |s| loss(s, 64) },
];

/// A parameter as `f32` holds it.
fn f(parameter: f32) -> f64 {
    f64::from(parameter)
}

fn polynomial(step: u32, cycle: bool, power: f64) -> f64 {
    let (step, steps) = (u64::from(step), 1000);
    let end = if cycle { steps * step.div_ceil(steps).max(1) } else { steps };
    let left = end.saturating_sub(step) as f64 / end as f64;
    (f(0.1) - f(0.001)) * left.powf(power) + f(0.001)
}

/// ½(1 + cos) of what has passed is sin² of what is left, and keeps its digits at the foot.
fn wave(left: f64) -> f64 {
    (FRAC_PI_2 * left).sin().powi(2)
}

fn cosine(step: u32, steps: u32) -> f64 {
    wave(f64::from(steps.saturating_sub(step)) / f64::from(steps))
}

/// By the recursion itself, in fractions of 2⁻⁶⁰, which hold 10 · 1.5ⁿ exactly.
fn restarts(step: u32, numerator: u128, denominator: u128, m_mul: f64) -> f64 {
    let mut left = u128::from(step) << 60;
    let (mut length, mut peak) = (10_u128 << 60, 1.0);
    while left >= length {
        left -= length;
        length = length * numerator / denominator;
        peak *= m_mul;
    }
    f(0.1) * peak * wave((length - left) as f64 / length as f64)
}

/// Of a neuron whose bias and weights are all 0.1, as the harness has it.
fn logit(input: u32, n: usize) -> f64 {
    let start = (input % SAMPLES) as usize;
    f(0.1) + pool()[start..start + n].iter().map(|&x| f(0.1) * f(x)).sum::<f64>()
}

fn predict(input: u32, n: usize) -> f64 {
    1.0 / (1.0 + (-logit(input, n)).exp())
}

fn loss(input: u32, n: usize) -> f64 {
    let z = logit(input, n);
    z.max(0.0) - z * f64::from(input % 2) + (-z.abs()).exp().ln_1p()
}

/// As in `c/harness.h`.
const SAMPLES: u32 = 192;

/// Numbers in [-1, 1) by a generator that everybody knows.
fn pool() -> Vec<f32> {
    let mut word = 1_u32;
    let next = |_| {
        word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (word >> 8) as f32 / 8_388_608.0 - 1.0
    };
    (0..SAMPLES + 64).map(next).collect()
}

/// Steps of every magnitude, beside edges and away from them.
pub const COST_INPUTS: [u32; 32] = [
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
    65_535,
    65_536,
    99_991,
    1_000_003,
    16_777_216,
    16_777_217,
    123_456_789,
    999_999_937,
    2_147_483_648,
    3_141_592_653,
    4_294_967_291,
];

/// The first steps, every kind of edge with its neighbours, and others of every magnitude.
pub fn error_inputs() -> Vec<u32> {
    let mut edges: Vec<f64> = (0..32).map(|n| 2_f64.powi(n)).collect();
    edges.extend((0..29).map(|n| 10.0 * (2_f64.powi(n) - 1.0)));
    edges.extend((0..48).map(|n| (20.0 * (1.5_f64.powi(n) - 1.0)).ceil()));
    edges.extend([100e3, 4e9, 4_294_967_295.0]);
    edges.extend((1..=60).map(|n| f64::from(n) * 1000.0));
    let near = |edge: f64| [edge - 1.0, edge, edge + 1.0];
    let mut inputs: BTreeSet<u32> = (0..=700).chain(COST_INPUTS).collect();
    inputs.extend(edges.into_iter().flat_map(near).map(|edge| edge as u32));
    let mut word = 1_u64;
    while inputs.len() < 2000 {
        word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        inputs.insert((word >> 32) as u32 >> (word >> 27 & 31));
    }
    inputs.into_iter().collect()
}

/// `inputs.h`, for the harness.
pub fn inputs_header() -> String {
    let list = |words: &mut dyn Iterator<Item = u32>| {
        words.fold(String::new(), |mut list, word| {
            let _ = write!(list, "{word}u,");
            list
        })
    };
    format!(
        "#define COST_INPUTS {}\n#define ERROR_INPUTS {}\n#define POOL {}\n",
        list(&mut COST_INPUTS.into_iter()),
        list(&mut error_inputs().into_iter()),
        list(&mut pool().into_iter().map(f32::to_bits)),
    )
}

/// `sine_table.h`, for the cosine by a table.
pub fn sine_table() -> String {
    let sine = |i| (f64::from(i) / 256.0 * std::f64::consts::PI).sin() as f32;
    let entries: String = (0..=512).map(|i| format!("{:e}f,", sine(i))).collect();
    format!("static const float sine_table[513] = {{{entries}}};\n")
}

/// How far a result is off, in units of the last place of the exact one; of the peak where restarts lie between steps, so that the
/// share that is left of a cycle may be as small as you like.
pub fn ulps(kind: Kind, result: f32, exact: f64) -> f64 {
    let measure = if kind == Kind::FractionalRestarts { f(0.1) } else { exact.abs() };
    let exponent = (measure.to_bits() >> 52) as i32 - 1023;
    (f64::from(result) - exact).abs() / 2_f64.powi(exponent.max(-126) - 23)
}
