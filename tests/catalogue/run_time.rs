//! What is chosen and put together at run time.

use microlr::{AnySchedule, Error, Schedule, Sequence};

use super::decays::Annealing;
use super::schedules::Exponential;
use super::{Entry, Number, ORDINARY, Parameters, Real, STAIRCASE};

/// An exponential or a cosine, which the seed chooses.
pub(super) struct Any;

impl Any {
    fn is_exponential<F>(p: &Parameters<F>) -> bool {
        p.seed.is_multiple_of(2)
    }
}

impl Entry for Any {
    const NAME: &'static str = "AnySchedule";
    const FORMULA: &'static str = "that of the chosen schedule";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("exponential", ORDINARY),
        ("staircase", Parameters { options: STAIRCASE, ..ORDINARY }),
        ("cosine", Parameters { seed: 1, ..ORDINARY }),
    ];

    type Built<F: Number> = AnySchedule<F, 8>;

    fn new<F: Number>(p: &Parameters<F>) -> AnySchedule<F, 8> {
        if Self::is_exponential(p) {
            Exponential::unchecked(p).into()
        } else {
            Annealing::new(p).into()
        }
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<AnySchedule<F, 8>, Error> {
        Ok(if Self::is_exponential(p) {
            Exponential::build(p)?.into()
        } else {
            Annealing::try_new(p)?.into()
        })
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        if Self::is_exponential(p) { Exponential::edges(p) } else { Annealing::edges(p) }
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        if Self::is_exponential(p) { Exponential::bounds(p) } else { Annealing::bounds(p) }
    }
    fn falls<F: Number>(p: &Parameters<F>) -> bool {
        if Self::is_exponential(p) { Exponential::falls(p) } else { Annealing::falls(p) }
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        if Self::is_exponential(p) {
            Exponential::exact(p, step)
        } else {
            Annealing::exact(p, step)
        }
    }
}

/// A cosine, and from `other_steps` on a constant.
pub(super) struct Pieces;

/// The constant.
const LATER: f64 = 0.0625;

impl Pieces {
    fn start<F>(p: &Parameters<F>) -> u32 {
        p.other_steps.max(1)
    }
    fn with_second<F: Number>(
        first: AnySchedule<F, 8>,
        p: &Parameters<F>,
    ) -> Result<Sequence<AnySchedule<F, 8>, 4>, Error> {
        let mut sequence = Sequence::new(first);
        sequence.push(Self::start(p), AnySchedule::Constant(F::from_f64(LATER)))?;
        Ok(sequence)
    }
}

impl Entry for Pieces {
    const NAME: &'static str = "Sequence";
    const FORMULA: &'static str = "fᵢ(s - nᵢ) for nᵢ ≤ s < nᵢ₊₁";
    const PYTORCH: &'static str = "SequentialLR";
    const OPTAX: &'static str = "join_schedules";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("ordinary", Parameters { steps: 250, other_steps: 200, ..ORDINARY }),
        ("complete", Parameters { other_steps: 100, ..ORDINARY }),
        ("late", Parameters { other_steps: u32::MAX, ..ORDINARY }),
    ];

    type Built<F: Number> = Sequence<AnySchedule<F, 8>, 4>;

    fn new<F: Number>(p: &Parameters<F>) -> Self::Built<F> {
        let first: AnySchedule<F, 8> = Annealing::new(p).into();
        Self::with_second(first.clone(), p).unwrap_or(Sequence::new(first))
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<Self::Built<F>, Error> {
        let sequence = Self::with_second(Annealing::try_new(p)?.into(), p)?;
        sequence.validate()?;
        Ok(sequence)
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        [0, p.steps, Self::start(p), u32::MAX]
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        let [low, high] = Annealing::bounds(p);
        let later = F::from_f64(LATER);
        [low.min(later), high.max(later)]
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        if step < Self::start(p) { Annealing::exact(p, step) } else { R::from_f64(LATER) }
    }
}
