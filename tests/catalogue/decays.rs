//! Schedules that Keras lacks, from one rate to another.

use microlr::{CosineAnnealing, Error, InversePowerDecay, Linear, WarmupStableDecay};

use super::schedules::{cosine, fraction, multiples, number, times};
use super::{ALPHA, CYCLE, Entry, Number, ORDINARY, Parameters, Real, STAIRCASE};

/// `from + (to - from) · weight`, in the order in which nothing cancels: `remaining` is 1 - weight.
fn between<R: Real>(from: f64, to: f64, weight: R, remaining: R) -> R {
    times(R::from_f64(from), remaining) + times(R::from_f64(to), weight)
}

fn lower_and_higher<F: Number>(p: &Parameters<F>) -> [F; 2] {
    [p.rate.min(p.other_rate), p.rate.max(p.other_rate)]
}

/// Instances of a schedule from one rate to another.
const TWO_RATES: &[(&str, Parameters<f64>)] = &[
    ("down", Parameters { steps: 500, ..ORDINARY }),
    ("up", Parameters { rate: 0.0, other_rate: 0.1, ..ORDINARY }),
    ("one step", Parameters { steps: 1, ..ORDINARY }),
    ("equal", Parameters { other_rate: 0.1, steps: 7, ..ORDINARY }),
    ("longest", Parameters { rate: 1.0, other_rate: 0.0, steps: u32::MAX, ..ORDINARY }),
    ("wide", Parameters { rate: 1e-30, other_rate: 1e30, steps: 1000, ..ORDINARY }),
];

pub(super) struct Line;

impl Entry for Line {
    const NAME: &'static str = "Linear";
    const FORMULA: &'static str = "a + (b - a) · s/n";
    const PYTORCH: &'static str = "LinearLR";
    const OPTAX: &'static str = "linear_schedule";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = TWO_RATES;

    type Built<F: Number> = Linear<F>;

    fn new<F: Number>(p: &Parameters<F>) -> Linear<F> {
        Linear::new(p.rate, p.other_rate, p.steps)
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<Linear<F>, Error> {
        Linear::try_new(p.rate, p.other_rate, p.steps)
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        [0, p.steps / 2, p.steps, u32::MAX]
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        lower_and_higher(p)
    }
    fn falls<F: Number>(p: &Parameters<F>) -> bool {
        p.rate >= p.other_rate
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        let elapsed = step.min(p.steps);
        let part = |steps: u32| fraction(steps.into(), p.steps.into());
        between(p.rate, p.other_rate, part(elapsed), part(p.steps - elapsed))
    }
}

pub(super) struct Annealing;

impl Entry for Annealing {
    const NAME: &'static str = "CosineAnnealing";
    const FORMULA: &'static str = "b + (a - b) · ½(1 + cos(π · s/n))";
    const PYTORCH: &'static str = "CosineAnnealingLR";
    const OPTAX: &'static str = "cosine_decay_schedule";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = TWO_RATES;

    type Built<F: Number> = CosineAnnealing<F>;

    fn new<F: Number>(p: &Parameters<F>) -> CosineAnnealing<F> {
        CosineAnnealing::new(p.rate, p.other_rate, p.steps)
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<CosineAnnealing<F>, Error> {
        CosineAnnealing::try_new(p.rate, p.other_rate, p.steps)
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        [0, p.steps / 2, p.steps, u32::MAX]
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        lower_and_higher(p)
    }
    fn falls<F: Number>(p: &Parameters<F>) -> bool {
        p.rate >= p.other_rate
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        let elapsed = step.min(p.steps);
        let rising = cosine(p.steps - elapsed, p.steps);
        between(p.rate, p.other_rate, rising, cosine(elapsed, p.steps))
    }
}

pub(super) struct InversePower;

impl Entry for InversePower {
    const NAME: &'static str = "InversePowerDecay";
    const FORMULA: &'static str = "lr₀ · (1 + s/d)^-p";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("square root", Parameters { power: 0.5, steps: 10, ..ORDINARY }),
        ("fourth root", Parameters { power: 0.25, steps: 1, ..ORDINARY }),
        ("square", ORDINARY),
        ("longest", Parameters { rate: 1.0, power: 1.0, steps: u32::MAX, ..ORDINARY }),
        ("steep", Parameters { power: 20.0, steps: 1, ..ORDINARY }),
        ("flat", Parameters { power: 1e-6, steps: 1, ..ORDINARY }),
        ("zero", Parameters { rate: 0.0, ..ORDINARY }),
    ];

    type Built<F: Number> = InversePowerDecay<F>;

    fn new<F: Number>(p: &Parameters<F>) -> InversePowerDecay<F> {
        InversePowerDecay::new(p.rate, p.steps, p.power)
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<InversePowerDecay<F>, Error> {
        InversePowerDecay::try_new(p.rate, p.steps, p.power)
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        multiples(p.steps)
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        [F::zero(), p.rate]
    }
    fn falls<F: Number>(_: &Parameters<F>) -> bool {
        true
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        let (steps, elapsed) = (u64::from(p.steps), u64::from(step));
        let inverse = fraction::<R>(steps, steps + elapsed);
        times(R::from_f64(p.rate), inverse.powf(R::from_f64(p.power)))
    }
}

/// `rate` is the floor, `other_rate` the peak.
pub(super) struct WarmupStable;

const RISING: Parameters<f64> = Parameters { rate: 0.001, other_rate: 0.1, ..ORDINARY };
const FLOOR: u8 = ALPHA;
const COSINE: u8 = STAIRCASE;
const ONE_MINUS_SQRT: u8 = CYCLE;

impl Entry for WarmupStable {
    const NAME: &'static str = "WarmupStableDecay";
    const FORMULA: &'static str = "a line up to the peak, the peak, a way down to the floor";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("line", Parameters { other_steps: 50, more_steps: 250, steps: 200, ..RISING }),
        ("cosine", Parameters { options: COSINE | FLOOR, ..RISING }),
        ("1 - sqrt", Parameters { options: ONE_MINUS_SQRT, steps: 1000, ..RISING }),
        ("floor", Parameters { options: ONE_MINUS_SQRT | FLOOR, ..RISING }),
        ("at once", Parameters { other_steps: 0, more_steps: 0, ..RISING }),
        ("longest", Parameters { other_steps: u32::MAX, more_steps: u32::MAX, ..RISING }),
        ("long decay", Parameters { steps: u32::MAX, options: ONE_MINUS_SQRT, ..RISING }),
        ("flat", Parameters { rate: 0.1, options: FLOOR, ..RISING }),
    ];

    type Built<F: Number> = WarmupStableDecay<F>;

    fn new<F: Number>(p: &Parameters<F>) -> WarmupStableDecay<F> {
        WarmupStableDecay::new(p.other_rate, p.other_steps, p.more_steps, p.steps)
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<WarmupStableDecay<F>, Error> {
        WarmupStableDecay::try_new(p.other_rate, p.other_steps, p.more_steps, p.steps)
    }
    fn options<F: Number>(
        mut schedule: WarmupStableDecay<F>,
        p: &Parameters<F>,
    ) -> WarmupStableDecay<F> {
        if p.has(FLOOR) {
            schedule = schedule.floor(p.rate);
        }
        if p.has(ONE_MINUS_SQRT) {
            schedule.one_minus_sqrt()
        } else if p.has(COSINE) {
            schedule.cosine()
        } else {
            schedule
        }
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        let stable_end = p.other_steps.saturating_add(p.more_steps);
        let end = stable_end.saturating_add(p.steps);
        [0, p.other_steps, stable_end, end]
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        [F::zero(), p.other_rate]
    }
    fn ordered<F: Number>(p: Parameters<F>) -> Parameters<F> {
        let [rate, other_rate] = lower_and_higher(&p);
        Parameters { rate, other_rate, ..p }
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        let peak = R::from_f64(p.other_rate);
        let Some(step) = step.checked_sub(p.other_steps) else {
            return times(peak, fraction(step.into(), p.other_steps.into()));
        };
        let Some(step) = step.checked_sub(p.more_steps) else { return peak };
        let elapsed = step.min(p.steps);
        let (u, remaining) = (
            fraction::<R>(elapsed.into(), p.steps.into()),
            fraction::<R>((p.steps - elapsed).into(), p.steps.into()),
        );
        let root = u.clone().powf(R::from_f64(0.5));
        let (fallen, above) = if p.has(ONE_MINUS_SQRT) {
            (root.clone(), remaining / (number::<R>(1) + root))
        } else if p.has(COSINE) {
            (cosine(p.steps - elapsed, p.steps), cosine(elapsed, p.steps))
        } else {
            (u, remaining)
        };
        let floor = if p.has(FLOOR) { p.rate } else { 0.0 };
        between(p.other_rate, floor, fallen, above)
    }
}
