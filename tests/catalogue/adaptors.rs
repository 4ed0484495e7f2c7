use microlr::{
    Bounced, Bounded, CosineDecay, Delayed, Error, ExponentialDecay, InverseTimeDecay, Jittered,
    PerEpoch, Plus, PolynomialDecay, Repeated, Scaled, Schedule, Switched, Then, Times, WarmedUp,
};

use super::schedules::{cosine, floored, fraction, multiples, number, threefry};
use super::{
    ALPHA, CYCLE, Entry, Number, ORDINARY, Parameters, Real, STAIRCASE, WARMUP, schedules,
};

/// The options of `WarmedUp`.
const FROM: u8 = WARMUP;
const WITHOUT_ZERO: u8 = CYCLE;

/// The schedule, if it is valid.
fn valid<S: Schedule>(schedule: S) -> Result<S, Error> {
    schedule.validate()?;
    Ok(schedule)
}

/// A line from `other_rate` to `rate` in `other_steps` steps, then a cosine.
pub(super) struct ThenCosine;

impl ThenCosine {
    /// The parameters of the line; a length of 0 would be refused, and none of its steps is used.
    fn line<F: Number>(p: &Parameters<F>) -> Parameters<F> {
        let (rate, other_rate, steps) = (p.other_rate, p.rate, p.other_steps.max(1));
        Parameters { rate, other_rate, steps, options: 0, ..*p }
    }
}

impl Entry for ThenCosine {
    const NAME: &'static str = "Then";
    const FORMULA: &'static str = "f(s) for s < n, g(s - n) from then on";
    const PYTORCH: &'static str = "SequentialLR";
    const OPTAX: &'static str = "join_schedules";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("warm-up", Parameters { other_rate: 0.0, steps: 450, other_steps: 50, ..ORDINARY }),
        ("at once", Parameters { other_steps: 0, ..ORDINARY }),
        ("late", Parameters { other_steps: u32::MAX - 1, ..ORDINARY }),
    ];

    type Built<F: Number> = Then<PolynomialDecay<F>, CosineDecay<F>>;

    fn new<F: Number>(p: &Parameters<F>) -> Self::Built<F> {
        let line = schedules::Polynomial::new(&Self::line(p));
        line.then(p.other_steps, CosineDecay::new(p.rate, p.steps))
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<Self::Built<F>, Error> {
        let line = schedules::Polynomial::try_new(&Self::line(p))?;
        Ok(line.then(p.other_steps, CosineDecay::try_new(p.rate, p.steps)?))
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        let end = p.other_steps.saturating_add(p.steps);
        [0, p.other_steps, end, u32::MAX]
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        [F::zero(), p.rate.max(p.other_rate)]
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        match step.checked_sub(p.other_steps) {
            Some(step) => R::from_f64(p.rate) * cosine(step, p.steps),
            None => schedules::Polynomial::exact(&Self::line(p), step),
        }
    }
}

/// A cosine times `factor`.
pub(super) struct ScaledCosine;

impl Entry for ScaledCosine {
    const NAME: &'static str = "Scaled";
    const FORMULA: &'static str = "c · f(s)";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("ordinary", Parameters { factor: 0.3, ..ORDINARY }),
        ("floor", Parameters { factor: 3.0, fraction: 0.1, options: ALPHA, ..ORDINARY }),
        ("zero", Parameters { factor: 0.0, ..ORDINARY }),
    ];
    /// 2 of the cosine, whose unit may be twice that of the product, and half a unit of its own.
    const ULPS: f64 = 4.5;

    type Built<F: Number> = Scaled<CosineDecay<F>, F>;

    fn new<F: Number>(p: &Parameters<F>) -> Self::Built<F> {
        let options = p.options & ALPHA;
        schedules::Cosine::unchecked(&Parameters { options, ..*p }).scaled(p.factor)
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<Self::Built<F>, Error> {
        let options = p.options & ALPHA;
        let scaled = schedules::Cosine::build(&Parameters { options, ..*p })?.scaled(p.factor);
        scaled.validate()?;
        Ok(scaled)
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        [0, p.steps / 2, p.steps, u32::MAX]
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        let alpha = if p.has(ALPHA) { p.fraction } else { F::zero() };
        [p.rate * alpha * p.factor, p.rate * p.factor]
    }
    fn falls<F: Number>(_: &Parameters<F>) -> bool {
        true
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        let lr = R::from_f64(p.rate) * floored(p, cosine(step, p.steps));
        lr * R::from_f64(p.factor)
    }
}

/// An exponential that begins after `other_steps` steps.
pub(super) struct DelayedExponential;

impl Entry for DelayedExponential {
    const NAME: &'static str = "Delayed";
    const FORMULA: &'static str = "f(max(s - n, 0))";
    const OPTAX: &'static str = "transition_begin";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("ordinary", ORDINARY),
        ("at once", Parameters { other_steps: 0, ..ORDINARY }),
        ("late", Parameters { other_steps: u32::MAX - 1, factor: 0.5, steps: 1, ..ORDINARY }),
    ];

    type Built<F: Number> = Delayed<ExponentialDecay<F>>;

    fn new<F: Number>(p: &Parameters<F>) -> Self::Built<F> {
        schedules::Exponential::unchecked(p).delayed(p.other_steps)
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<Self::Built<F>, Error> {
        Ok(schedules::Exponential::build(p)?.delayed(p.other_steps))
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        let after = |steps: u32| p.other_steps.saturating_add(steps);
        [0, p.other_steps, after(p.steps), after(p.steps.saturating_mul(2))]
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        schedules::Exponential::bounds(p)
    }
    fn falls<F: Number>(p: &Parameters<F>) -> bool {
        schedules::Exponential::falls(p)
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        schedules::Exponential::exact(p, step.saturating_sub(p.other_steps))
    }
}

/// A line from `other_rate` to `rate` in `other_steps` steps, then an exponential that began at 0.
pub(super) struct SwitchedExponential;

impl Entry for SwitchedExponential {
    const NAME: &'static str = "Switched";
    const FORMULA: &'static str = "f(s) for s < n, g(s) from then on";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("warm-up", Parameters { other_rate: 0.0, other_steps: 50, ..ORDINARY }),
        ("staircase", Parameters { other_steps: 150, options: STAIRCASE, ..ORDINARY }),
        ("at once", Parameters { other_steps: 0, ..ORDINARY }),
        ("late", Parameters { other_steps: u32::MAX, ..ORDINARY }),
    ];

    type Built<F: Number> = Switched<PolynomialDecay<F>, ExponentialDecay<F>>;

    fn new<F: Number>(p: &Parameters<F>) -> Self::Built<F> {
        let line = schedules::Polynomial::new(&ThenCosine::line(p));
        line.switched(p.other_steps, schedules::Exponential::unchecked(p))
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<Self::Built<F>, Error> {
        let line = schedules::Polynomial::try_new(&ThenCosine::line(p))?;
        Ok(line.switched(p.other_steps, schedules::Exponential::build(p)?))
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        [p.other_steps, p.steps, p.steps.saturating_mul(2), p.steps.saturating_mul(3)]
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        let [low, high] = schedules::Exponential::bounds(p);
        [low.min(p.other_rate), high.max(p.other_rate)]
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        if step < p.other_steps {
            schedules::Polynomial::exact(&ThenCosine::line(p), step)
        } else {
            schedules::Exponential::exact(p, step)
        }
    }
}

/// A cosine from `other_rate` to 0, between `fraction` and `rate`.
pub(super) struct BoundedCosine;

impl Entry for BoundedCosine {
    const NAME: &'static str = "Bounded";
    const FORMULA: &'static str = "f(s), at least min and at most max";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("ordinary", Parameters { rate: 0.08, other_rate: 0.1, steps: 500, ..ORDINARY }),
        ("floor", Parameters { other_rate: 0.1, ..ORDINARY }),
        ("constant", Parameters { rate: 0.03, other_rate: 0.1, fraction: 0.03, ..ORDINARY }),
        ("above", Parameters { rate: 1e30, fraction: 1.0, ..ORDINARY }),
        ("below", Parameters { rate: 1e-30, fraction: 0.0, steps: 1 << 25, ..ORDINARY }),
    ];

    type Built<F: Number> = Bounded<CosineDecay<F>, F>;

    fn new<F: Number>(p: &Parameters<F>) -> Self::Built<F> {
        CosineDecay::new(p.other_rate, p.steps).bounded(p.fraction, p.rate)
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<Self::Built<F>, Error> {
        valid(CosineDecay::try_new(p.other_rate, p.steps)?.bounded(p.fraction, p.rate))
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        [0, p.steps / 2, p.steps, u32::MAX]
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        [p.fraction, p.rate]
    }
    fn falls<F: Number>(_: &Parameters<F>) -> bool {
        true
    }
    fn ordered<F: Number>(p: Parameters<F>) -> Parameters<F> {
        Parameters { fraction: p.fraction.min(p.rate), rate: p.fraction.max(p.rate), ..p }
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        let lr = R::from_f64(p.other_rate) * cosine(step, p.steps);
        let (min, max) = (R::from_f64(p.fraction), R::from_f64(p.rate));
        match lr {
            lr if lr < min => min,
            lr if lr > max => max,
            lr => lr,
        }
    }
}

/// A cosine on top of an inverse time.
pub(super) struct PlusInverseTime;

impl PlusInverseTime {
    /// The parameters of the inverse time.
    fn second<F: Number>(p: &Parameters<F>) -> Parameters<F> {
        Parameters { rate: p.other_rate, steps: p.other_steps.max(1), ..*p }
    }
}

impl Entry for PlusInverseTime {
    const NAME: &'static str = "Plus";
    const FORMULA: &'static str = "f(s) + g(s)";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("ordinary", Parameters { rate: 0.06, other_rate: 0.04, other_steps: 50, ..ORDINARY }),
        ("offset", Parameters { factor: 0.0, ..ORDINARY }),
        ("staircase", Parameters { other_rate: 0.07, options: STAIRCASE, ..ORDINARY }),
        ("far apart", Parameters { rate: 1e30, other_rate: 1e-30, ..ORDINARY }),
        ("long", Parameters { steps: u32::MAX, other_steps: u32::MAX, ..ORDINARY }),
    ];
    /// An error counts in the unit of the sum. Either the units of the two rates are half of it at
    /// most: 1 each. Or one of them is equal to it, and the other half of it at most, as the sum
    /// would be in the next binade otherwise: 2 and 1. And half a unit of its own.
    const ULPS: f64 = 3.5;

    type Built<F: Number> = Plus<CosineDecay<F>, InverseTimeDecay<F>>;

    fn new<F: Number>(p: &Parameters<F>) -> Self::Built<F> {
        let second = schedules::InverseTime::unchecked(&Self::second(p));
        CosineDecay::new(p.rate, p.steps).plus(second)
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<Self::Built<F>, Error> {
        let first = CosineDecay::try_new(p.rate, p.steps)?;
        Ok(first.plus(schedules::InverseTime::build(&Self::second(p))?))
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        [p.steps, p.other_steps, p.other_steps.saturating_mul(2), u32::MAX]
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        [F::zero(), p.rate + p.other_rate]
    }
    fn falls<F: Number>(_: &Parameters<F>) -> bool {
        true
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        let first = R::from_f64(p.rate) * cosine(step, p.steps);
        first + schedules::InverseTime::exact(&Self::second(p), step)
    }
}

/// A cosine times a line from `fraction` to 1 in `other_steps` steps.
pub(super) struct TimesCosine;

impl TimesCosine {
    /// The parameters of the line.
    fn line<F: Number>(p: &Parameters<F>) -> Parameters<F> {
        let (rate, other_rate, steps) = (p.fraction, F::one(), p.other_steps.max(1));
        Parameters { rate, other_rate, steps, options: 0, ..*p }
    }
}

impl Entry for TimesCosine {
    const NAME: &'static str = "Times";
    const FORMULA: &'static str = "f(s) · g(s)";
    const PYTORCH: &'static str = "ChainedScheduler";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("ordinary", Parameters { steps: 500, other_steps: 100, fraction: 0.1, ..ORDINARY }),
        ("from 0", Parameters { fraction: 0.0, ..ORDINARY }),
        ("no line", Parameters { fraction: 1.0, ..ORDINARY }),
        ("tiny", Parameters { rate: 1e-30, fraction: 1e-9, other_steps: 1 << 25, ..ORDINARY }),
        ("long", Parameters { steps: u32::MAX, other_steps: u32::MAX, ..ORDINARY }),
    ];
    /// For factors of 1 + a and 1 + b in units of 2^-23, errors of 2 units each are 4 + 2(a + b) in
    /// the product: 6 at most below 2, where a = 0 and b is nearly 1, and 4 of the next binade's
    /// from there on. And half a unit of its own.
    const ULPS: f64 = 6.5;

    type Built<F: Number> = Times<CosineDecay<F>, PolynomialDecay<F>>;

    fn new<F: Number>(p: &Parameters<F>) -> Self::Built<F> {
        CosineDecay::new(p.rate, p.steps).times(schedules::Polynomial::new(&Self::line(p)))
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<Self::Built<F>, Error> {
        let cosine = CosineDecay::try_new(p.rate, p.steps)?;
        Ok(cosine.times(schedules::Polynomial::try_new(&Self::line(p))?))
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        [p.steps, p.other_steps, p.steps / 2, u32::MAX]
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        [F::zero(), p.rate]
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        let lr = R::from_f64(p.rate) * cosine(step, p.steps);
        lr * schedules::Polynomial::exact(&Self::line(p), step)
    }
}

/// A cosine after a warm-up of `other_steps` steps.
pub(super) struct WarmedUpCosine;

impl Entry for WarmedUpCosine {
    const NAME: &'static str = "WarmedUp";
    const FORMULA: &'static str = "f(0) · s/n for s < n, f(s - n) from then on";
    const KERAS: &'static str = "CosineDecay";
    const OPTAX: &'static str = "warmup_cosine_decay_schedule";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("warm-up", Parameters { steps: 450, other_steps: 50, ..ORDINARY }),
        ("without zero", Parameters { options: WITHOUT_ZERO, ..ORDINARY }),
        ("from", Parameters { options: FROM, ..ORDINARY }),
        ("falling", Parameters { other_rate: 0.88, options: FROM | WITHOUT_ZERO, ..ORDINARY }),
        ("at once", Parameters { other_steps: 0, options: FROM | WITHOUT_ZERO, ..ORDINARY }),
        ("one step", Parameters { other_steps: 1, options: WITHOUT_ZERO, ..ORDINARY }),
        ("late", Parameters { other_steps: u32::MAX, options: WITHOUT_ZERO, ..ORDINARY }),
        ("far apart", Parameters { rate: 1e-30, other_rate: 1e30, options: FROM, ..ORDINARY }),
    ];

    type Built<F: Number> = WarmedUp<CosineDecay<F>, F>;

    fn new<F: Number>(p: &Parameters<F>) -> Self::Built<F> {
        CosineDecay::new(p.rate, p.steps).warmed_up(p.other_steps)
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<Self::Built<F>, Error> {
        valid(CosineDecay::try_new(p.rate, p.steps)?.warmed_up(p.other_steps))
    }
    fn options<F: Number>(mut warm: Self::Built<F>, p: &Parameters<F>) -> Self::Built<F> {
        if p.has(FROM) {
            warm = warm.from(p.other_rate);
        }
        if p.has(WITHOUT_ZERO) { warm.without_zero() } else { warm }
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        let end = p.other_steps.saturating_add(p.steps);
        [p.other_steps.saturating_sub(1), p.other_steps, end, u32::MAX]
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        [F::zero(), if p.has(FROM) { p.rate.max(p.other_rate) } else { p.rate }]
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        let (rate, length) = (R::from_f64(p.rate), p.other_steps);
        if let Some(step) = step.checked_sub(length) {
            return rate * cosine(step, p.steps);
        }
        let elapsed = if p.has(WITHOUT_ZERO) { step + 1 } else { step };
        let from = R::from_f64(if p.has(FROM) { p.other_rate } else { 0.0 });
        let [elapsed, remaining] =
            [elapsed, length - elapsed].map(|steps| fraction::<R>(steps.into(), length.into()));
        rate * elapsed + from * remaining
    }
}

/// A cosine over `steps` epochs of `other_steps` batches.
pub(super) struct CosinePerEpoch;

impl Entry for CosinePerEpoch {
    const NAME: &'static str = "PerEpoch";
    const FORMULA: &'static str = "f(⌊s/n⌋)";
    const KERAS: &'static str = "LearningRateScheduler";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("ordinary", Parameters { steps: 10, other_steps: 50, ..ORDINARY }),
        ("one batch", Parameters { other_steps: 1, ..ORDINARY }),
        ("long", Parameters { steps: 3, other_steps: 1 << 30, ..ORDINARY }),
        ("longest", Parameters { other_steps: u32::MAX, ..ORDINARY }),
    ];

    type Built<F: Number> = PerEpoch<CosineDecay<F>>;

    fn new<F: Number>(p: &Parameters<F>) -> Self::Built<F> {
        CosineDecay::new(p.rate, p.steps).per_epoch(p.other_steps.max(1))
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<Self::Built<F>, Error> {
        PerEpoch::try_new(CosineDecay::try_new(p.rate, p.steps)?, p.other_steps.max(1))
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        let batches = p.other_steps.max(1);
        let [one, two, _, last] = multiples(batches);
        [one, two, batches.saturating_mul(p.steps), last]
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        [F::zero(), p.rate]
    }
    fn falls<F: Number>(_: &Parameters<F>) -> bool {
        true
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        R::from_f64(p.rate) * cosine(step / p.other_steps.max(1), p.steps)
    }
}

/// The first `other_steps` steps of a cosine, again and again.
pub(super) struct RepeatedCosine;

impl Entry for RepeatedCosine {
    const NAME: &'static str = "Repeated";
    const FORMULA: &'static str = "f(s mod n)";
    const PYTORCH: &'static str = "CosineAnnealingWarmRestarts";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("restarts", Parameters { other_steps: 100, ..ORDINARY }),
        ("with the end", Parameters { other_steps: 101, ..ORDINARY }),
        ("cut off", ORDINARY),
        ("one step", Parameters { other_steps: 1, ..ORDINARY }),
        ("long", Parameters { steps: 1 << 31, other_steps: 1 << 31, ..ORDINARY }),
        ("longest", Parameters { other_steps: u32::MAX, ..ORDINARY }),
    ];

    type Built<F: Number> = Repeated<CosineDecay<F>>;

    fn new<F: Number>(p: &Parameters<F>) -> Self::Built<F> {
        CosineDecay::new(p.rate, p.steps).repeated(p.other_steps.max(1))
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<Self::Built<F>, Error> {
        Repeated::try_new(CosineDecay::try_new(p.rate, p.steps)?, p.other_steps.max(1))
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        multiples(p.other_steps.max(1))
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        [F::zero(), p.rate]
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        R::from_f64(p.rate) * cosine(step % p.other_steps.max(1), p.steps)
    }
}

/// The first `other_steps` steps of a cosine, forwards and backwards by turns.
pub(super) struct BouncedCosine;

impl Entry for BouncedCosine {
    const NAME: &'static str = "Bounced";
    const FORMULA: &'static str = "f(t), t rises from 0 to n and falls back";
    const PYTORCH: &'static str = "CosineAnnealingLR, CyclicLR";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("annealing", Parameters { other_steps: 100, ..ORDINARY }),
        ("cut off", ORDINARY),
        ("one step", Parameters { other_steps: 1, ..ORDINARY }),
        ("long", Parameters { steps: 1 << 31, other_steps: 1 << 31, ..ORDINARY }),
        ("longest", Parameters { steps: u32::MAX, other_steps: u32::MAX - 1, ..ORDINARY }),
    ];

    type Built<F: Number> = Bounced<CosineDecay<F>>;

    fn new<F: Number>(p: &Parameters<F>) -> Self::Built<F> {
        CosineDecay::new(p.rate, p.steps).bounced(p.other_steps.max(1))
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<Self::Built<F>, Error> {
        Bounced::try_new(CosineDecay::try_new(p.rate, p.steps)?, p.other_steps.max(1))
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        multiples(p.other_steps.max(1))
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        [F::zero(), p.rate]
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        let cycle = 2 * u64::from(p.other_steps.max(1));
        let elapsed = u64::from(step) % cycle;
        // The step that is not beyond the middle of the cycle, so it is a `u32`.
        R::from_f64(p.rate) * cosine(elapsed.min(cycle - elapsed) as u32, p.steps)
    }
}

/// A cosine with noise.
pub(super) struct JitteredCosine;

impl Entry for JitteredCosine {
    const NAME: &'static str = "Jittered";
    const FORMULA: &'static str = "f(s) · (1 + c·u), u uniform in [-1, 1)";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("ordinary", Parameters { rate: 0.09, steps: 500, fraction: 0.1, ..ORDINARY }),
        ("without", Parameters { fraction: 0.0, ..ORDINARY }),
        ("most", Parameters { fraction: 1.0, seed: u64::MAX, ..ORDINARY }),
        ("least", Parameters { fraction: 1e-9, seed: 1 << 32, ..ORDINARY }),
    ];
    /// In the unit of the highest draw: 4 for the cosine's error of 2, times a factor of up to 2;
    /// 1 of the grid of draws; 1 of the roundings of noise and factor; half a unit of its own.
    const ULPS: f64 = 6.5;

    type Built<F: Number> = Jittered<CosineDecay<F>, F>;

    fn new<F: Number>(p: &Parameters<F>) -> Self::Built<F> {
        CosineDecay::new(p.rate, p.steps).jittered(p.seed, p.fraction)
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<Self::Built<F>, Error> {
        valid(CosineDecay::try_new(p.rate, p.steps)?.jittered(p.seed, p.fraction))
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        [p.steps / 2, p.steps, 1 << 24, u32::MAX]
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        [F::zero(), p.rate * (F::one() + p.fraction)]
    }
    /// As for `RandomUniform`: the draw has the bits of `f64`.
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        let draw = fraction::<R>(threefry(p.seed, [step, 2]) >> 11, 1 << 53);
        let noise = R::from_f64(p.fraction) * (draw * number(2) - number(1));
        R::from_f64(p.rate) * cosine(step, p.steps) * (number::<R>(1) + noise)
    }
    /// The highest draw: the grid of draws is as coarse as that.
    fn unit<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        let highest = number::<R>(1) + R::from_f64(p.fraction);
        R::from_f64(p.rate) * cosine(step, p.steps) * highest
    }
}
