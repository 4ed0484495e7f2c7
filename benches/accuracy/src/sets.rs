//! Parameter sets: typical ones, and hostile ones at random.

use microlr::{
    CosineDecay, CosineDecayRestarts, ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay,
    PolynomialDecay, Schedule,
};
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::number::Real;

/// The parameters of a schedule.
#[derive(Debug, Clone)]
pub enum Spec<F> {
    Exponential { initial: F, decay_steps: u32, decay_rate: F, staircase: bool },
    Piecewise { boundaries: Vec<u32>, values: Vec<F> },
    Polynomial { initial: F, decay_steps: u32, end: F, power: Option<F>, cycle: bool },
    InverseTime { initial: F, decay_steps: u32, decay_rate: F, staircase: bool },
    Cosine { initial: F, decay_steps: u32, alpha: Option<F>, warmup: Option<(F, u32)> },
    Restarts { initial: F, first: u32, t_mul: Option<F>, m_mul: Option<F>, alpha: Option<F> },
    Then { first: Box<Self>, at: u32, next: Box<Self> },
    Scaled { inner: Box<Self>, factor: F },
    Delayed { inner: Box<Self>, steps: u32 },
}

impl<F: Real> Spec<F> {
    pub fn lr(&self, step: u32) -> F {
        let mut lr = F::nan();
        self.with(&mut |schedule| lr = schedule.lr(step));
        lr
    }

    /// Shows the schedule to `look`.
    fn with(&self, look: &mut dyn FnMut(&dyn Schedule<Rate = F>)) {
        match *self {
            Self::Exponential { initial, decay_steps, decay_rate, staircase } => {
                let decay = ExponentialDecay::new(initial, decay_steps, decay_rate);
                look(&if staircase { decay.staircase() } else { decay });
            }
            Self::InverseTime { initial, decay_steps, decay_rate, staircase } => {
                let decay = InverseTimeDecay::new(initial, decay_steps, decay_rate);
                look(&if staircase { decay.staircase() } else { decay });
            }
            Self::Piecewise { ref boundaries, ref values } => {
                let decay = PiecewiseConstantDecay::<F, 8>::try_from_slices(boundaries, values);
                look(&decay.unwrap_or_else(|error| panic!("{self:?}: {error}")));
            }
            Self::Polynomial { initial, decay_steps, end, power, cycle } => {
                let mut decay = PolynomialDecay::new(initial, decay_steps, end);
                if let Some(power) = power {
                    decay = decay.power(power);
                }
                look(&if cycle { decay.cycle() } else { decay });
            }
            Self::Cosine { initial, decay_steps, alpha, warmup } => {
                let mut decay = CosineDecay::new(initial, decay_steps);
                if let Some(alpha) = alpha {
                    decay = decay.alpha(alpha);
                }
                if let Some((target, steps)) = warmup {
                    decay = decay.warmup(target, steps);
                }
                look(&decay);
            }
            Self::Restarts { initial, first, t_mul, m_mul, alpha } => {
                let mut decay = CosineDecayRestarts::new(initial, first);
                if let Some(t_mul) = t_mul {
                    decay = decay.t_mul(t_mul);
                }
                if let Some(m_mul) = m_mul {
                    decay = decay.m_mul(m_mul);
                }
                if let Some(alpha) = alpha {
                    decay = decay.alpha(alpha);
                }
                look(&decay);
            }
            Self::Then { ref first, at, ref next } => {
                first.with(&mut |first| next.with(&mut |next| look(&first.then(at, next))));
            }
            Self::Scaled { ref inner, factor } => {
                inner.with(&mut |inner| look(&inner.scaled(factor)))
            }
            Self::Delayed { ref inner, steps } => {
                inner.with(&mut |inner| look(&inner.delayed(steps)))
            }
        }
    }
}

impl<F: Real> Spec<F> {
    /// The row of the table that these parameters belong to.
    pub fn row(&self) -> &'static str {
        match self {
            Self::Exponential { .. } => "exponential",
            Self::Piecewise { .. } => "piecewise constant",
            Self::Polynomial { power: None, .. } => "polynomial, linear",
            Self::Polynomial { .. } => "polynomial, power",
            Self::InverseTime { .. } => "inverse time",
            Self::Cosine { .. } => "cosine",
            Self::Restarts { t_mul: Some(t_mul), .. } if *t_mul != t_mul.floor() => {
                "restarts, fractional t_mul"
            }
            Self::Restarts { .. } => "restarts, whole t_mul",
            Self::Then { .. } => "then",
            Self::Scaled { .. } => "scaled",
            Self::Delayed { .. } => "delayed",
        }
    }

    /// The part of the code that answers for `step`, for violations.
    pub fn class(&self, step: u32) -> String {
        let row = self.row();
        match self {
            Self::Exponential { staircase: true, .. }
            | Self::InverseTime { staircase: true, .. } => {
                format!("{row}, staircase")
            }
            Self::Polynomial { initial, end, .. } if initial < end => format!("{row}, rising"),
            Self::Cosine { warmup: Some((_, steps)), .. } if step < *steps => {
                format!("{row}, warm-up")
            }
            Self::Cosine { alpha: Some(_), .. } => format!("{row}, alpha"),
            Self::Restarts { m_mul, alpha, .. } => {
                let m_mul = if m_mul.is_some() { ", m_mul" } else { "" };
                let alpha = if alpha.is_some() { ", alpha" } else { "" };
                format!("{row}{m_mul}{alpha}")
            }
            Self::Then { first, at, next } => match step.checked_sub(*at) {
                Some(step) => format!("{row}: {}", next.class(step)),
                None => format!("{row}: {}", first.class(step)),
            },
            Self::Scaled { inner, .. } => format!("{row}: {}", inner.class(step)),
            Self::Delayed { inner, steps } => {
                format!("{row}: {}", inner.class(step.saturating_sub(*steps)))
            }
            _ => row.to_owned(),
        }
    }

    /// Whether the rate at `step` is a parameter itself or a product of two, so that it has to be
    /// exact where the type can hold it.
    pub fn is_end(&self, step: u32) -> bool {
        match *self {
            Self::Exponential { .. } | Self::InverseTime { .. } => step == 0,
            Self::Piecewise { .. } => true,
            Self::Polynomial { decay_steps, cycle: true, .. } => step.is_multiple_of(decay_steps),
            Self::Polynomial { decay_steps, .. } => step == 0 || step >= decay_steps,
            Self::Cosine { decay_steps, warmup, .. } => {
                let decay = step.checked_sub(warmup.map_or(0, |(_, steps)| steps));
                step == 0 || decay.is_some_and(|step| step == 0 || step >= decay_steps)
            }
            Self::Restarts { .. } => step == 0,
            Self::Then { ref first, at, ref next } => match step.checked_sub(at) {
                Some(step) => next.is_end(step),
                None => first.is_end(step),
            },
            Self::Scaled { .. } => false,
            Self::Delayed { ref inner, steps } => inner.is_end(step.saturating_sub(steps)),
        }
    }

    /// Steps where the formula changes, or comes back to where it was: `most` of the first, of the
    /// last and of random ones in between where there are more.
    pub fn edges(&self, most: u32) -> Vec<u32> {
        let multiples = |length: u32| -> Vec<u32> {
            // The same ones at every call, so that fewer of them are the first of more.
            let mut rng = Pcg64Mcg::seed_from_u64(length.into());
            let last = u32::MAX / length;
            if last <= 3 * most {
                return (0..=last).map(|n| n * length).collect();
            }
            let ends = (0..most).chain(last - most..=last);
            let between: Vec<u32> = (0..most).map(|_| rng.random_range(0..=last)).collect();
            ends.chain(between).map(|n| n * length).collect()
        };
        match *self {
            Self::Exponential { decay_steps, staircase: true, .. }
            | Self::InverseTime { decay_steps, staircase: true, .. }
            | Self::Polynomial { decay_steps, cycle: true, .. } => multiples(decay_steps),
            Self::Exponential { decay_steps, .. }
            | Self::InverseTime { decay_steps, .. }
            | Self::Polynomial { decay_steps, .. } => vec![0, decay_steps, u32::MAX],
            Self::Piecewise { ref boundaries, .. } => boundaries.clone(),
            Self::Cosine { decay_steps, warmup, .. } => {
                let peak = warmup.map_or(0, |(_, steps)| steps);
                vec![0, peak, peak.saturating_add(decay_steps), u32::MAX]
            }
            Self::Restarts { first, t_mul, .. } if t_mul == Some(F::one()) => multiples(first),
            Self::Restarts { first, t_mul, .. } => {
                let t_mul = t_mul.map_or(2.0, Into::into);
                let starts = (0..).scan((0.0, f64::from(first)), |(start, length), _| {
                    let edge = *start;
                    *start += *length;
                    *length *= t_mul;
                    (edge <= f64::from(u32::MAX)).then_some(edge as u32)
                });
                starts.take(10 * most as usize).collect() // a factor next to 1 has billions
            }
            Self::Then { ref first, at, ref next } => {
                let later = next.edges(most).into_iter().map(|edge| edge.saturating_add(at));
                let edges = first.edges(most).into_iter().chain([at]).chain(later);
                edges.collect()
            }
            Self::Scaled { ref inner, .. } => inner.edges(most),
            Self::Delayed { ref inner, steps } => {
                let edges = inner.edges(most).into_iter();
                edges.map(|edge| edge.saturating_add(steps)).collect()
            }
        }
    }
}

/// What people use, and what the documentation of the peers shows.
pub fn typical<F: Real>() -> Vec<Spec<F>> {
    let f = F::nearest;
    let mut sets = vec![];
    for (initial, staircase) in [(0.1, false), (0.01, true), (0.3, false), (0.1, true)] {
        for decay_steps in [1, 5, 10, 41, 100, 1000] {
            for decay_rate in [0.5, 0.9, 0.95, 0.96, 0.99, 0.999] {
                let (initial, decay_rate) = (f(initial), f(decay_rate));
                sets.push(Spec::Exponential { initial, decay_steps, decay_rate, staircase });
                sets.push(Spec::InverseTime { initial, decay_steps, decay_rate, staircase });
            }
        }
    }
    for (initial, end) in [(0.1, 0.001), (0.1, 0.0), (0.0, 0.1), (0.001, 0.3)] {
        for decay_steps in [10, 41, 100, 500, 1000] {
            for power in [None, Some(0.5), Some(0.9), Some(2.0), Some(3.0)] {
                for cycle in [false, true] {
                    let (initial, end, power) = (f(initial), f(end), power.map(f));
                    sets.push(Spec::Polynomial { initial, decay_steps, end, power, cycle });
                }
            }
        }
    }
    for initial in [0.1, 0.3] {
        for length in [1, 10, 41, 100, 500, 1000] {
            for alpha in [None, Some(0.1), Some(0.01)] {
                let (initial, alpha) = (f(initial), alpha.map(f));
                for warmup in [None, Some((0.5, 50)), Some((0.05, 41))] {
                    let warmup = warmup.map(|(target, steps)| (f(target), steps));
                    sets.push(Spec::Cosine { initial, decay_steps: length, alpha, warmup });
                }
                for (t_mul, m_mul) in [
                    (None, None),
                    (Some(1.0), Some(0.99)),
                    (Some(1.5), Some(0.9)),
                    (Some(3.0), None),
                ] {
                    let (t_mul, m_mul) = (t_mul.map(f), m_mul.map(f));
                    sets.push(Spec::Restarts { initial, first: length, t_mul, m_mul, alpha });
                }
            }
        }
    }
    for boundaries in [vec![125, 250, 375], vec![1], vec![0, 1, 2, 3], vec![100, 1 << 24, u32::MAX]]
    {
        let values = (0..=boundaries.len()).map(|n| f(0.1 / (n as f64 + 1.0))).collect();
        sets.push(Spec::Piecewise { boundaries, values });
    }
    for n in (0..sets.len()).step_by(17) {
        let (inner, next) = (Box::new(sets[n].clone()), Box::new(sets[sets.len() / 2].clone()));
        sets.push(Spec::Then { first: inner.clone(), at: 100, next });
        sets.push(Spec::Scaled { inner: inner.clone(), factor: f(0.3) });
        sets.push(Spec::Delayed { inner, steps: 100 });
    }
    sets
}

/// Uniform in its logarithm.
fn logarithmic(rng: &mut impl Rng, low: f64, high: f64) -> f64 {
    rng.random_range(low.ln()..high.ln()).exp()
}

/// Anything that is positive and finite, next to the ends of the range too.
fn positive<F: Real>(rng: &mut impl Rng) -> F {
    let smallest: f64 = F::min_positive_value().into();
    let number = match rng.random_range(0..8) {
        0 => F::one().up(rng.random_range(-2..=2)),
        1 => F::nearest(logarithmic(rng, smallest, smallest * 1e8)),
        2 => F::nearest(logarithmic(rng, 1e-8 / smallest, 1.0 / smallest)),
        3 => F::nearest(logarithmic(rng, smallest, 1.0 / smallest)),
        4 => F::min_positive_value() * F::nearest(rng.random()), // subnormal
        _ => F::nearest(logarithmic(rng, 1e-6, 10.0)),
    };
    number.max(F::zero().up(1))
}

fn rate<F: Real>(rng: &mut impl Rng) -> F {
    if rng.random_ratio(1, 12) { F::zero() } else { positive(rng) }
}

fn share<F: Real>(rng: &mut impl Rng) -> F {
    match rng.random_range(0..6) {
        0 => F::zero(),
        1 => F::one(),
        2 => F::one().up(rng.random_range(-3..0)),
        3 => F::nearest(logarithmic(rng, 1e-30, 1.0)),
        _ => F::nearest(rng.random()),
    }
}

fn length(rng: &mut impl Rng) -> u32 {
    match rng.random_range(0..8) {
        0 => 1,
        1 => u32::MAX - rng.random_range(0..2),
        2 => *[500, 1000, (1 << 24) + 1, 1 << 31].choose(rng).unwrap_or(&1),
        _ => logarithmic(rng, 1.0, f64::from(u32::MAX)) as u32,
    }
}

/// A factor whose power over `steps / decay_steps` stays in the range of `F`, or nearly.
fn factor<F: Real>(rng: &mut impl Rng, decay_steps: u32) -> F {
    if rng.random_ratio(1, 3) {
        return positive(rng);
    }
    let smallest: f64 = F::min_positive_value().into();
    let exponent = logarithmic(rng, 1e-9, 1.5 * -smallest.ln()) / length(rng) as f64;
    let exponent = exponent * f64::from(decay_steps);
    let factor = F::nearest(if rng.random() { exponent.exp() } else { (-exponent).exp() });
    if factor.is_normal() { factor } else { F::one().up(-1) }
}

fn t_mul<F: Real>(rng: &mut impl Rng) -> F {
    match rng.random_range(0..6) {
        0 => F::one(),
        1 => F::nearest(f64::from(rng.random_range(2..12_u8))),
        2 => F::one().up(rng.random_range(1..4)),
        3 => F::nearest(1.0 + logarithmic(rng, 1e-6, 1e6)),
        _ => F::nearest(1.0 + logarithmic(rng, 1e-3, 10.0)),
    }
}

/// `Some` in two of three cases.
fn maybe<T>(rng: &mut impl Rng, some: T) -> Option<T> {
    rng.random_ratio(2, 3).then_some(some)
}

/// A hostile set of one of the six schedules.
fn random_basic<F: Real>(rng: &mut impl Rng) -> Spec<F> {
    let (initial, decay_steps) = (rate(rng), length(rng));
    match rng.random_range(0..10) {
        0 | 1 => {
            let (decay_rate, staircase) = (factor(rng, decay_steps), rng.random());
            Spec::Exponential { initial, decay_steps, decay_rate, staircase }
        }
        2 => {
            let (decay_rate, staircase) = (rate(rng), rng.random());
            Spec::InverseTime { initial, decay_steps, decay_rate, staircase }
        }
        3..=6 => {
            let end = match rng.random_range(0..4) {
                0 => F::zero(),
                1 => (initial * (F::one() + F::epsilon())).min(F::max_value()),
                _ => rate(rng),
            };
            let exponent = match rng.random_range(0..4) {
                0 => *[0.5, 1.0, 2.0, 3.0].choose(rng).unwrap_or(&1.0),
                _ => logarithmic(rng, 0.01, 20.0),
            };
            let power = maybe(rng, F::nearest(exponent));
            Spec::Polynomial { initial, decay_steps, end, power, cycle: rng.random() }
        }
        7 => {
            let (alpha, target, steps) = (share(rng), rate(rng), length(rng));
            let (alpha, warmup) = (maybe(rng, alpha), maybe(rng, (target, steps)));
            Spec::Cosine { initial, decay_steps, alpha, warmup }
        }
        8 => {
            let (t_mul, alpha, m_mul) = (t_mul(rng), share(rng), factor(rng, 1));
            let (t_mul, m_mul) = (maybe(rng, t_mul), maybe(rng, m_mul));
            Spec::Restarts { initial, first: decay_steps, t_mul, m_mul, alpha: maybe(rng, alpha) }
        }
        _ => {
            let mut boundaries: Vec<u32> =
                (0..rng.random_range(0..=8)).map(|_| length(rng)).collect();
            boundaries.sort_unstable();
            boundaries.dedup();
            let values = (0..=boundaries.len()).map(|_| rate(rng)).collect();
            Spec::Piecewise { boundaries, values }
        }
    }
}

/// A hostile set of any schedule or adaptor.
pub fn random<F: Real>(rng: &mut impl Rng) -> Spec<F> {
    let inner = Box::new(random_basic(rng));
    match rng.random_range(0..12) {
        0 => Spec::Then { first: inner, at: length(rng), next: Box::new(random_basic(rng)) },
        1 => Spec::Scaled { inner, factor: rate(rng) },
        2 => Spec::Delayed { inner, steps: length(rng) },
        _ => *inner,
    }
}

/// A step next to an edge of `spec`, or anywhere.
pub fn random_step<F: Real>(spec: &Spec<F>, rng: &mut impl Rng) -> u32 {
    let edge = spec.edges(2).choose(rng).copied().unwrap_or(0);
    match rng.random_range(0..5) {
        0 => edge.saturating_add_signed(rng.random_range(-2..=2)),
        1 => rng.random_range(0..=edge),
        2 => rng.random(),
        _ => length(rng),
    }
}
