//! The schedules whose cost is measured, and their rows in the tables.

#![allow(dead_code, reason = "no program uses everything")]

use microlr::{
    CosineDecay, CosineDecayRestarts, ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay,
    PolynomialDecay, RandomUniform, Schedule,
};

pub(crate) static EXPONENTIAL: ExponentialDecay<f32> = ExponentialDecay::new(0.1, 1000, 0.95);
pub(crate) static STAIRCASE: ExponentialDecay<f32> = EXPONENTIAL.staircase();
pub(crate) static PIECEWISE: PiecewiseConstantDecay<f32, 3> =
    PiecewiseConstantDecay::new([125, 250, 100_000], [0.1, 0.075, 0.05, 0.025]);
pub(crate) static LINEAR: PolynomialDecay<f32> = PolynomialDecay::new(0.1, 1000, 0.001).cycle();
pub(crate) static ROOT: PolynomialDecay<f32> = LINEAR.power(0.5);
pub(crate) static POWER: PolynomialDecay<f32> = PolynomialDecay::new(0.1, 1000, 0.001).power(1.7);
pub(crate) static INVERSE_TIME: InverseTimeDecay<f32> = InverseTimeDecay::new(0.1, 50, 0.1);
pub(crate) static COSINE: CosineDecay<f32> = CosineDecay::new(0.1, 500);
pub(crate) static LONG_COSINE: CosineDecay<f32> = CosineDecay::new(0.1, 4_000_000_000);
pub(crate) static WARMED: CosineDecay<f32> = LONG_COSINE.alpha(0.01).warmup(0.2, 100);
pub(crate) static RESTARTS: CosineDecayRestarts<f32> = CosineDecayRestarts::new(0.1, 10);
pub(crate) static FALLING: CosineDecayRestarts<f32> = RESTARTS.m_mul(0.9);
pub(crate) static EQUAL: CosineDecayRestarts<f32> = RESTARTS.t_mul(1.0).m_mul(0.999);
pub(crate) static SLOWER: CosineDecayRestarts<f32> = RESTARTS.t_mul(1.5);
pub(crate) static SLOWEST: CosineDecayRestarts<f32> = RESTARTS.t_mul(1.01).m_mul(0.9);
pub(crate) static RANDOM: RandomUniform<f32> = RandomUniform::new(0.001, 0.1, 42);

/// A measured schedule.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    /// A word, for file names and environment variables.
    pub(crate) name: &'static str,
    /// The label of its row in the tables.
    pub(crate) label: &'static str,
    pub(crate) lr: fn(u32) -> f32,
}

const fn row(name: &'static str, label: &'static str, lr: fn(u32) -> f32) -> Row {
    Row { name, label, lr }
}

pub(crate) const ROWS: [Row; 16] = [
    row("exponential", "exponential", |step| EXPONENTIAL.lr(step)),
    row("staircase", "exponential, staircase", |step| STAIRCASE.lr(step)),
    row("piecewise", "piecewise constant, 3 boundaries", |step| PIECEWISE.lr(step)),
    row("linear", "polynomial, linear, cycle", |step| LINEAR.lr(step)),
    row("root", "polynomial, power 0.5, cycle", |step| ROOT.lr(step)),
    row("power", "polynomial, power 1.7", |step| POWER.lr(step)),
    row("inverse_time", "inverse time", |step| INVERSE_TIME.lr(step)),
    row("cosine", "cosine, 500 steps", |step| COSINE.lr(step)),
    row("long_cosine", "cosine, 4·10⁹ steps", |step| LONG_COSINE.lr(step)),
    row("warmed", "cosine, alpha and warm-up", |step| WARMED.lr(step)),
    row("restarts", "restarts, t_mul 2", |step| RESTARTS.lr(step)),
    row("falling", "restarts, t_mul 2, m_mul 0.9", |step| FALLING.lr(step)),
    row("equal", "restarts, t_mul 1, m_mul 0.999", |step| EQUAL.lr(step)),
    row("slower", "restarts, t_mul 1.5", |step| SLOWER.lr(step)),
    row("slowest", "restarts, t_mul 1.01, m_mul 0.9", |step| SLOWEST.lr(step)),
    row("random", "random uniform", |step| RANDOM.lr(step)),
];
