//! The formulas, exactly: in MPFR, from the parameters as they are stored.

use rug::Float;
use rug::float::Constant;
use rug::ops::Pow;

use crate::number::Real;
use crate::sets::Spec;

/// Bits. Differences of near-equals cost a 52-bit `f64` at the most 32 + 7 of them.
const PRECISION: u32 = 192;
/// Bits, for the sums of cycle lengths: a power of four billion of a factor one ulp above 1, less 1.
const SUMS: u32 = 512;

/// A rate.
pub struct Exact {
    pub value: Float,
    /// Whose unit in the last place the error is counted in.
    pub scale: Float,
}

impl From<Float> for Exact {
    fn from(value: Float) -> Self {
        Self { scale: value.clone(), value }
    }
}

fn mp(x: impl Into<f64>) -> Float {
    Float::with_val(PRECISION, x.into())
}

fn ratio(numerator: u64, denominator: u64) -> Float {
    Float::with_val(PRECISION, numerator) / denominator
}

/// The product; 0 times a power out of MPFR's range is 0.
fn times(a: Float, b: Float) -> Float {
    if a.is_zero() || b.is_zero() { mp(0) } else { a * b }
}

/// `base^exponent` for a base above 0.
fn power(base: Float, exponent: Float) -> Float {
    match exponent.to_integer().and_then(|integer| integer.to_u32()) {
        Some(integer) if exponent == integer => base.pow(integer),
        _ => (base.ln() * exponent).exp(),
    }
}

/// `½(1 - cos(π·left))`: 1 where all is `left`, 0 at the end.
pub fn wave(left: Float) -> Float {
    if left == 1 {
        return left;
    }
    let quarter = Float::with_val(PRECISION, Constant::Pi) >> 1_u32;
    let angle: Float = left * quarter;
    angle.sin().square()
}

/// `½(1 - cos(π·left))` for `steps` left of `length`.
fn cosine(steps: u64, length: u64) -> Float {
    wave(ratio(steps, length))
}

fn progress(step: u32, decay_steps: u32, staircase: bool) -> Float {
    if staircase { mp(step / decay_steps) } else { ratio(step.into(), decay_steps.into()) }
}

fn with_floor<F: Real>(alpha: Option<F>, wave: Float) -> Float {
    let alpha = alpha.map_or_else(|| mp(0), mp);
    times(1 - alpha.clone(), wave) + alpha
}

/// `from · (1 - weight) + to · weight`, which keeps an end that is tiny beside the other.
fn between<F: Real>(from: F, to: F, weight: Float) -> Float {
    mp(from) * (1 - weight.clone()) + mp(to) * weight
}

/// The rate of `spec` at `step`.
pub fn exact<F: Real>(spec: &Spec<F>, step: u32) -> Exact {
    match *spec {
        Spec::Exponential { initial, decay_steps, decay_rate, staircase } => {
            times(mp(initial), power(mp(decay_rate), progress(step, decay_steps, staircase))).into()
        }
        Spec::InverseTime { initial, decay_steps, decay_rate, staircase } => {
            let growth = mp(decay_rate) * progress(step, decay_steps, staircase);
            Exact::from(mp(initial) / (growth + 1_u32))
        }
        Spec::Piecewise { ref boundaries, ref values } => {
            let passed = boundaries.iter().filter(|&&boundary| boundary < step).count();
            mp(values[passed]).into()
        }
        Spec::Polynomial { initial, decay_steps, end, power: exponent, cycle } => {
            let (step, decay_steps) = (u64::from(step), u64::from(decay_steps));
            let length =
                if cycle { decay_steps * step.div_ceil(decay_steps).max(1) } else { decay_steps };
            let left = ratio(length.saturating_sub(step), length);
            let left = if left.is_zero() { left } else { power(left, exponent.map_or(mp(1), mp)) };
            between(end, initial, left).into()
        }
        Spec::Cosine { initial, decay_steps, alpha, warmup } => {
            let (peak, passed) = match warmup {
                Some((target, steps)) if step < steps => {
                    return between(initial, target, ratio(step.into(), steps.into())).into();
                }
                Some((target, steps)) => (target, step - steps),
                None => (initial, step),
            };
            let left = cosine(decay_steps.saturating_sub(passed).into(), decay_steps.into());
            times(mp(peak), with_floor(alpha, left)).into()
        }
        Spec::Restarts { initial, first, t_mul, m_mul, alpha } => {
            let t_mul = t_mul.map_or(2.0, Into::into);
            let cycle = Cycle::of(step, first, t_mul);
            let height = power(m_mul.map_or_else(|| mp(1), mp), mp(cycle.index));
            let rate = |wave| times(mp(initial), with_floor(alpha, times(height.clone(), wave)));
            let value = rate(wave(cycle.left));
            let scale = if t_mul.fract() == 0.0 { value.clone() } else { rate(mp(1)) };
            Exact { value, scale }
        }
        Spec::Then { ref first, at, ref next } => match step.checked_sub(at) {
            Some(step) => exact(next, step),
            None => exact(first, step),
        },
        Spec::Scaled { ref inner, factor } => {
            let Exact { value, scale } = exact(inner, step);
            Exact { value: times(value, mp(factor)), scale: times(scale, mp(factor)) }
        }
        Spec::Delayed { ref inner, steps } => exact(inner, step.saturating_sub(steps)),
    }
}

/// Where a step lies among cycles that grow.
pub struct Cycle {
    pub index: u32,
    /// The share of the cycle that is left, at the precision of a rate.
    pub left: Float,
}

impl Cycle {
    /// By the closed form of the sum of the lengths, from a guess that is moved until it is right.
    pub fn of(step: u32, first: u32, t_mul: f64) -> Self {
        let factor = Float::with_val(SUMS, t_mul);
        let growth: Float = factor.clone() - 1_u32;
        // The start and the length of a cycle.
        let cycle = |index: u32| {
            let length = factor.clone().pow(index) * first;
            let start = if growth.is_zero() {
                Float::with_val(SUMS, first) * index
            } else {
                (length.clone() - first) / &growth
            };
            (start, length)
        };
        // A start that is a step is exact or, beyond 512 bits, off by far less than this.
        let latest = Float::with_val(SUMS, step) * (1 + (Float::with_val(SUMS, 1) >> 300));
        let firsts = f64::from(step) / f64::from(first);
        let rate = t_mul.min(1e12) - 1.0; // above that, the second cycle outlasts every step
        let guess = (firsts * rate).ln_1p() / rate.ln_1p();
        let mut index = if t_mul == 1.0 { step / first } else { guess as u32 };
        let (mut start, mut length) = cycle(index);
        while start > latest {
            index -= 1;
            (start, length) = cycle(index);
        }
        loop {
            let end = Float::with_val(SUMS, &start + &length);
            if end > latest {
                let left = Float::with_val(SUMS, (end - step) / length);
                return Self { index, left: Float::with_val(PRECISION, left) };
            }
            index += 1;
            (start, length) = cycle(index);
        }
    }
}

/// The sigmoid of a logit and the logarithm of 1 + e^-|logit|.
pub fn logit(z: f64) -> (Float, Float) {
    let against = mp(-z.abs()).exp();
    let share = if z < 0.0 { against.clone() } else { mp(1) };
    (share / (1 + against.clone()), against.ln_1p())
}

/// The cross-entropy of a logit for the label `y`, from what [`logit`] returns second.
pub fn cross_entropy(z: f64, y: f64, logarithm: &Float) -> Float {
    let share = if z < 0.0 { mp(y) } else { 1 - mp(y) };
    share * mp(z.abs()) + logarithm
}
