//! Every schedule once: what it is called, how it is built from plain numbers, where it changes,
//! and its formula. Tests, examples, benches and firmware walk this list.
//!
//! To add a schedule, write its `Entry` and one line in [`visit`].

#![allow(dead_code, reason = "no program uses everything")]

mod adaptors;
mod cyclic;
mod decays;
#[cfg(not(target_os = "none"))]
mod host;
mod run_time;
pub(crate) mod schedules;

use core::ops::{Add, Div, Mul, RangeInclusive, Sub};

use microlr::{Error, Float, Schedule};

/// The learning rates that occur, besides 0.
pub(crate) const RATES: RangeInclusive<f64> = 1e-12..=1e6;

/// Calls `visitor` for each schedule, in the order of the documents.
pub(crate) fn visit(visitor: &mut impl Visitor) {
    visitor.visit::<schedules::Exponential>();
    visitor.visit::<schedules::Piecewise>();
    visitor.visit::<schedules::Polynomial>();
    visitor.visit::<schedules::InverseTime>();
    visitor.visit::<schedules::Cosine>();
    visitor.visit::<schedules::CosineRestarts>();
    visitor.visit::<decays::Line>();
    visitor.visit::<decays::Annealing>();
    visitor.visit::<decays::InversePower>();
    visitor.visit::<decays::WarmupStable>();
    visitor.visit::<cyclic::Cycle>();
    visitor.visit::<cyclic::Triangles>();
    visitor.visit::<cyclic::Points>();
    visitor.visit::<cyclic::MultiStep>();
    visitor.visit::<cyclic::Within>();
    visitor.visit::<schedules::Random>();
    visitor.visit::<schedules::Constant>();
    visitor.visit::<schedules::Function>();
    visitor.visit::<adaptors::ThenCosine>();
    visitor.visit::<adaptors::ScaledCosine>();
    visitor.visit::<adaptors::DelayedExponential>();
    visitor.visit::<adaptors::SwitchedExponential>();
    visitor.visit::<adaptors::BoundedCosine>();
    visitor.visit::<adaptors::PlusInverseTime>();
    visitor.visit::<adaptors::TimesCosine>();
    visitor.visit::<adaptors::WarmedUpCosine>();
    visitor.visit::<adaptors::CosinePerEpoch>();
    visitor.visit::<adaptors::RepeatedCosine>();
    visitor.visit::<adaptors::BouncedCosine>();
    visitor.visit::<adaptors::JitteredCosine>();
    visitor.visit::<run_time::Any>();
    visitor.visit::<run_time::Pieces>();
}

/// What is done with each entry.
pub(crate) trait Visitor {
    fn visit<E: Entry>(&mut self);
}

/// One schedule.
pub(crate) trait Entry {
    /// The name of the type, as it is typed, and of the constructor where another entry has the
    /// type's `new`.
    const NAME: &'static str;
    const FORMULA: &'static str;
    /// The equivalents in other libraries; empty where there is none.
    const KERAS: &'static str = "";
    const PYTORCH: &'static str = "";
    const OPTAX: &'static str = "";
    /// Parameters with a name each: the quick start's first, then ordinary ones, then hostile ones.
    /// All of them are valid.
    const INSTANCES: &'static [(&'static str, Parameters<f64>)];
    /// The bound on the error in `f32`, in units in the last place of [`unit`](Self::unit).
    const ULPS: f64 = 2.0;

    type Built<F: Number>: Schedule<Rate = F> + Clone + 'static;

    /// By `new`, with nothing checked but what `new` asserts.
    fn new<F: Number>(p: &Parameters<F>) -> Self::Built<F>;
    /// By `try_new`.
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<Self::Built<F>, Error>;
    /// With the options that `p` sets.
    fn options<F: Number>(built: Self::Built<F>, _: &Parameters<F>) -> Self::Built<F> {
        built
    }

    /// The steps at which something changes.
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4];
    /// The lowest and the highest rate that the formula gives for valid parameters.
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2];
    /// Whether no rate is above the one before it.
    fn falls<F: Number>(_: &Parameters<F>) -> bool {
        false
    }
    /// Numbers of ordinary size, put in the order that the schedule accepts.
    fn ordered<F: Number>(p: Parameters<F>) -> Parameters<F> {
        p
    }

    /// The formula. For parameters in `f32` they are widened first.
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R;
    /// The number in whose unit in the last place an error is counted.
    fn unit<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        Self::exact(p, step)
    }

    /// The schedule, unless `try_new` refuses it; the options are left to `validate`.
    fn build<F: Number>(p: &Parameters<F>) -> Result<Self::Built<F>, Error> {
        Ok(Self::options(Self::try_new(p)?, p))
    }
    /// The schedule, whatever the numbers are.
    fn unchecked<F: Number>(p: &Parameters<F>) -> Self::Built<F> {
        Self::options(Self::new(p), p)
    }
}

/// Plain numbers from which every entry builds its schedule; an entry takes those it needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Parameters<F> {
    pub(crate) rate: F,
    pub(crate) other_rate: F,
    pub(crate) factor: F,
    /// `t_mul`
    pub(crate) growth: F,
    pub(crate) power: F,
    /// In [0, 1].
    pub(crate) fraction: F,
    /// At least 1.
    pub(crate) steps: u32,
    pub(crate) other_steps: u32,
    pub(crate) more_steps: u32,
    pub(crate) seed: u64,
    /// Which options are set: a sum of the constants below.
    pub(crate) options: u8,
}

pub(crate) const STAIRCASE: u8 = 1;
pub(crate) const CYCLE: u8 = 2;
pub(crate) const POWER: u8 = 4;
pub(crate) const ALPHA: u8 = 8;
pub(crate) const WARMUP: u8 = 16;
pub(crate) const T_MUL: u8 = 32;
pub(crate) const M_MUL: u8 = 64;

/// What an instance does not name.
pub(crate) const ORDINARY: Parameters<f64> = Parameters {
    rate: 0.1,
    other_rate: 0.001,
    factor: 0.9,
    growth: 1.5,
    power: 2.0,
    fraction: 0.01,
    steps: 100,
    other_steps: 10,
    more_steps: 30,
    seed: 42,
    options: 0,
};

impl<F> Parameters<F> {
    pub(crate) const fn has(&self, option: u8) -> bool {
        self.options & option != 0
    }
}

impl<F: Number> Parameters<F> {
    /// The same numbers in another type, rounded to the nearest.
    pub(crate) fn to<G: Number>(&self) -> Parameters<G> {
        let to = |x: F| G::from_f64(x.to_f64());
        Parameters {
            rate: to(self.rate),
            other_rate: to(self.other_rate),
            factor: to(self.factor),
            growth: to(self.growth),
            power: to(self.power),
            fraction: to(self.fraction),
            steps: self.steps,
            other_steps: self.other_steps,
            more_steps: self.more_steps,
            seed: self.seed,
            options: self.options,
        }
    }
}

/// `f32` or `f64`, with what the catalogue needs beyond `Float`.
pub(crate) trait Number: Float + Schedule<Rate = Self> {
    const NAME: &'static str;
    /// The nearest number of this type.
    fn from_f64(x: f64) -> Self;
    fn to_f64(self) -> f64;
    fn bits(self) -> u64;
}

impl Number for f32 {
    const NAME: &'static str = "f32";
    fn from_f64(x: f64) -> Self {
        x as f32
    }
    fn to_f64(self) -> f64 {
        self.into()
    }
    fn bits(self) -> u64 {
        self.to_bits().into()
    }
}

impl Number for f64 {
    const NAME: &'static str = "f64";
    fn from_f64(x: f64) -> Self {
        x
    }
    fn to_f64(self) -> f64 {
        self
    }
    fn bits(self) -> u64 {
        self.to_bits()
    }
}

/// The arithmetic that the formulas are written in.
pub(crate) trait Real:
    Clone
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
{
    /// Exactly `x`.
    fn from_f64(x: f64) -> Self;
    /// Exactly `n`, for an `n` up to 2^53.
    fn from_u64(n: u64) -> Self;
    /// A power of a number of at least 0.
    fn powf(self, exponent: Self) -> Self;
    fn exp_m1(self) -> Self;
    fn ln_1p(self) -> Self;
    fn sin(self) -> Self;
    fn pi() -> Self;
}
