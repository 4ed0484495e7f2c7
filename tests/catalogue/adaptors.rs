use microlr::{
    CosineDecay, Delayed, Error, ExponentialDecay, PolynomialDecay, Scaled, Schedule, Then,
};

use super::schedules::{cosine, floored};
use super::{ALPHA, Entry, Number, ORDINARY, Parameters, Real, schedules};

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
