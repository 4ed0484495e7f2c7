//! What is compared: the functions, the inputs, and the exact results.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use microlr::{
    CosineDecay, CosineDecayRestarts, ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay,
    PolynomialDecay, Schedule,
};

use crate::statics;
use crate::steps::STEPS;

/// A row of the tables.
pub struct Row {
    /// Of a static in `tests/catalogue/statics.rs`, or of a function of the neuron.
    pub name: &'static str,
    /// Not "" if the row is another C for the function of the row above.
    pub variant: &'static str,
    /// The flags that make `c/row.c` this function.
    pub c: &'static str,
    /// The result for an input, in `f64` from the parameters as `f32` holds them.
    exact: fn(u32) -> f64,
}

impl Row {
    pub fn label(&self) -> String {
        let of_static = |row: &&statics::Row| row.name == self.name.to_lowercase();
        let label = statics::ROWS.iter().find(of_static).map_or(self.name, |row| row.label);
        format!("{label}{}", self.variant)
    }

    pub fn is_schedule(&self) -> bool {
        self.c.contains("LR(")
    }

    /// The error of a result in units in the last place of the exact one. Where restarts fall
    /// between steps, a rate may be arbitrarily close to 0, and the unit is that of the first rate.
    pub fn ulps(&self, result: f32, input: u32) -> f64 {
        let exact = (self.exact)(input);
        let unit = if self.name.starts_with("SLOW") { f(0.1) } else { exact.abs() };
        let exponent = (unit.to_bits() >> 52) as i32 - 1023;
        (f64::from(result) - exact).abs() / 2_f64.powi(exponent.max(-126) - 23)
    }
}

const fn row(name: &'static str, c: &'static str, exact: fn(u32) -> f64) -> Row {
    Row { name, variant: "", c, exact }
}

pub const NOTHING: Row = row("nothing", "-DROW=0.0f", |_| 0.0);

const LINE: PolynomialDecay<f64> = PolynomialDecay::new(f(0.1), 1000, f(0.001));
const PIECES: [f64; 4] = [f(0.1), f(0.075), f(0.05), f(0.025)];
const COSINES: CosineDecayRestarts<f64> = CosineDecayRestarts::new(f(0.1), 10);

const COSINE: Row =
    row("COSINE", "-DROW=LR(cosine_decay,COSINE)", |s| CosineDecay::new(f(0.1), 500).lr(s));
const FALLING: Row =
    row("FALLING", "-DROW=LR(cosine_restarts,FALLING)", |s| COSINES.m_mul(f(0.9)).lr(s));
const SLOWER: Row = row("SLOWER", "-DROW=LR(cosine_restarts,SLOWER)", |s| COSINES.t_mul(1.5).lr(s));
const STEP3: Row = row("step, N = 3", "-DROW=STEP(3)", |s| loss(s, 3));
const STEP16: Row = row("step, N = 16", "-DROW=STEP(16)", |s| loss(s, 16));
const STEP64: Row = row("step, N = 64", "-DROW=STEP(64)", |s| loss(s, 64));

// The parameters are those of `tests/catalogue/statics.rs`.
#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    row("EXPONENTIAL", "-DROW=LR(exponential_decay,EXPONENTIAL)",
        |s| ExponentialDecay::new(f(0.1), 1000, f(0.95)).lr(s)),
    row("STAIRCASE", "-DROW=LR(exponential_decay,STAIRCASE)",
        |s| ExponentialDecay::new(f(0.1), 1000, f(0.95)).staircase().lr(s)),
    row("PIECEWISE", "-DROW=LR(piecewise_constant,PIECEWISE)",
        |s| PiecewiseConstantDecay::new([125, 250, 100_000], PIECES).lr(s)),
    row("LINEAR", "-DROW=LR(polynomial_decay,LINEAR)", |s| LINE.cycle().lr(s)),
    row("ROOT", "-DROW=LR(polynomial_decay,ROOT)", |s| LINE.power(0.5).cycle().lr(s)),
    row("POWER", "-DROW=LR(polynomial_decay,POWER)", |s| LINE.power(f(1.7)).lr(s)),
    row("INVERSE_TIME", "-DROW=LR(inverse_time_decay,INVERSE_TIME)",
        |s| InverseTimeDecay::new(f(0.1), 50, f(0.1)).lr(s)),
    COSINE,
    Row { variant: "; C by a table", c: "-DTABLE -DROW=LR(cosine_decay,COSINE)", ..COSINE },
    row("LONG_COSINE", "-DROW=LR(cosine_decay,LONG_COSINE)",
        |s| CosineDecay::new(f(0.1), 4_000_000_000).lr(s)),
    row("WARMED", "-DROW=LR(cosine_decay,WARMED)",
        |s| CosineDecay::new(f(0.1), 4_000_000_000).alpha(f(0.01)).warmup(f(0.2), 100).lr(s)),
    row("RESTARTS", "-DROW=LR(cosine_restarts,RESTARTS)", |s| COSINES.lr(s)),
    FALLING,
    Row { variant: "; C by a loop", c: "-DROW=LR(cosine_restarts_loop,FALLING)", ..FALLING },
    row("EQUAL", "-DROW=LR(cosine_restarts,EQUAL)", |s| COSINES.t_mul(1.0).m_mul(f(0.999)).lr(s)),
    SLOWER,
    Row { variant: "; C by a loop", c: "-DROW=LR(cosine_restarts_loop,SLOWER)", ..SLOWER },
    row("SLOWEST", "-DROW=LR(cosine_restarts,SLOWEST)",
        |s| COSINES.t_mul(f(1.01)).m_mul(f(0.9)).lr(s)),
    row("predict, N = 3", "-DROW=PREDICT(3)", |s| predict(s, 3)),
    row("predict, N = 16", "-DROW=PREDICT(16)", |s| predict(s, 16)),
    row("predict, N = 64", "-DROW=PREDICT(64)", |s| predict(s, 64)),
    STEP3,
    Row { variant: "; C checks as well", c: "-DROW=CHECKED(3)", ..STEP3 },
    STEP16,
    Row { variant: "; C checks as well", c: "-DROW=CHECKED(16)", ..STEP16 },
    STEP64,
    Row { variant: "; C checks as well", c: "-DROW=CHECKED(64)", ..STEP64 },
    row("step, clipped by norm, N = 6", "-DPREPARED=rules_prepared() -DROW=ruled(input,CLIP)",
        |s| ruled(s, |slope, x| slope * x * (0.25 / norm(s)).min(1.0))),
    row("step with momentum, N = 6", "-DPREPARED=rules_prepared() -DROW=ruled(input,MOMENTUM)",
        |s| ruled(s, |slope, x| f(0.9) * f(0.1) + slope * x)),
    row("step with Nesterov momentum, N = 6",
        "-DPREPARED=rules_prepared() -DROW=ruled(input,MOMENTUM|NESTEROV)",
        |s| ruled(s, |slope, x| slope * x + f(0.9) * (f(0.9) * f(0.1) + slope * x))),
    row("step with L2 and momentum, N = 6",
        "-DPREPARED=rules_prepared() -DROW=ruled(input,L2|MOMENTUM)",
        |s| ruled(s, |slope, x| f(0.9) * f(0.1) + slope * x + f(0.01) * f(0.1))),
    row("gradient: add, N = 6", "-DPREPARED=gradient_prepared() -DROW=add(input)", |_| 0.0),
    row("gradient: add and apply, N = 6",
        "-DPREPARED=gradient_prepared() -DROW=add_and_apply(input)",
        |s| ruled(s, |slope, x| slope * x)),
    row("standardizer: observe, N = 6",
        "-DPREPARED=standardizer_prepared() -DROW=observe(input)", |s| {
            let (distance, weight) = (x(s) - f(0.1), 1.0 / 1001.0);
            let bounded = distance.abs().min(3.0 * f(0.1).sqrt()).copysign(distance);
            let square = bounded * bounded * (1.0 - weight);
            f(0.1) + weight * bounded + f(0.1) + weight * (square - f(0.1))
        }),
    row("standardizer: transform, N = 6",
        "-DPREPARED=standardizer_prepared() -DROW=transform(input)",
        |s| ((x(s) - f(0.1)) / f(0.1).sqrt()).clamp(-3.0, 3.0)),
    row("confusion: observe", "-DROW=count(input)", |_| 0.0),
    row("mean: observe", "-DROW=add_to_mean(input)", |s| f(0.1) + f(0.1) + x(s)),
    row("CRC-32 of 64 bytes", "-DROW=checksum(input)", |s| f(checksum(s))),
];

/// A parameter as `f32` holds it.
const fn f(parameter: f32) -> f64 {
    parameter as f64
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

/// The first feature.
fn x(input: u32) -> f64 {
    f(pool()[(input % SAMPLES) as usize])
}

/// The derivative of the loss of 6 features by the logit.
fn slope(input: u32) -> f64 {
    predict(input, 6) - f64::from(input % 2)
}

/// The norm of the gradient.
fn norm(input: u32) -> f64 {
    let start = (input % SAMPLES) as usize;
    let squares = pool()[start..start + 6].iter().map(|&x| f(x) * f(x)).sum::<f64>();
    slope(input).abs() * (1.0 + squares).sqrt()
}

/// The sum of the loss and the first weight after an update with rules, where `gradient` is the
/// first component that the rules return.
fn ruled(input: u32, gradient: impl Fn(f64, f64) -> f64) -> f64 {
    loss(input, 6) + f(0.1) - f(0.1) * gradient(slope(input), x(input))
}

/// The leading bits of a checksum as a number in [1, 2).
fn checksum(input: u32) -> f32 {
    let start = (input % SAMPLES) as usize;
    let pool = pool();
    let bytes = pool[start..start + 16].iter().flat_map(|x| x.to_le_bytes());
    let crc = bytes.fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ ((crc & 1) * 0xedb8_8320))
    });
    f32::from_bits((!crc >> 9) | 1_f32.to_bits())
}

/// As in `c/harness.c`.
const SAMPLES: u32 = 192;

/// Features in [-1, 1), by a linear congruential generator.
fn pool() -> Vec<f32> {
    let mut word = 1_u32;
    let next = |_| {
        word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (word >> 8) as f32 / 8_388_608.0 - 1.0
    };
    (0..SAMPLES + 64).map(next).collect()
}

/// The first steps, edges with their neighbours, and random steps of every magnitude.
pub fn error_inputs() -> Vec<u32> {
    let mut edges: Vec<f64> = (0..29).map(|n| 10.0 * (2_f64.powi(n) - 1.0)).collect();
    edges.extend((0..48).map(|n| (20.0 * (1.5_f64.powi(n) - 1.0)).ceil()));
    edges.extend((1..=60).map(|n| f64::from(n) * 1000.0));
    edges.extend([100e3, 4e9, 4_000_000_100.0]);
    let near = |edge: f64| [edge - 1.0, edge, edge + 1.0];
    let mut inputs: BTreeSet<u32> = (0..=700).chain(STEPS).collect();
    inputs.extend(edges.into_iter().flat_map(near).map(|edge| edge as u32));
    let mut word = 1_u64;
    while inputs.len() < 2000 {
        word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        inputs.insert((word >> 32) as u32 >> (word >> 27 & 31));
    }
    inputs.into_iter().collect()
}

/// `inputs.h`, for the harness.
pub fn inputs() -> String {
    let list = |words: &mut dyn Iterator<Item = u32>| {
        words.fold(String::new(), |mut list, word| {
            let _ = write!(list, "{word}u,");
            list
        })
    };
    format!(
        "#define COST_INPUTS {}\n#define ERROR_INPUTS {}\n#define POOL {}\n",
        list(&mut STEPS.into_iter()),
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
