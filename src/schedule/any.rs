#[cfg(feature = "serde")]
use serde::Serialize;

use crate::error::{self, Error};
#[cfg(feature = "serde")]
use crate::exchange::{Class, Classes, Field, Refused, Sink, Source, Value, exchanged};
use crate::float::Float;
use crate::schedule::{
    CosineDecay, CosineDecayRestarts, ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay,
    PolynomialDecay, RandomUniform, Schedule,
};

/// One of the schedules of this crate, chosen at run time.
///
/// `N` is the capacity of a [`PiecewiseConstantDecay`].
///
/// ```
/// use microlr::{AnySchedule, ExponentialDecay, Schedule};
///
/// let mut schedule: AnySchedule<f32, 8> = AnySchedule::Constant(0.25);
/// assert_eq!(schedule.lr(1), 0.25);
/// schedule = ExponentialDecay::new(0.5, 1, 0.25).into();
/// assert_eq!([schedule.lr(0), schedule.lr(1)], [0.5, 0.125]);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum AnySchedule<F: Float, const N: usize> {
    /// The same rate at every step.
    Constant(F),
    /// See [`ExponentialDecay`].
    ExponentialDecay(ExponentialDecay<F>),
    /// See [`PiecewiseConstantDecay`].
    PiecewiseConstantDecay(PiecewiseConstantDecay<F, N>),
    /// See [`PolynomialDecay`].
    PolynomialDecay(PolynomialDecay<F>),
    /// See [`InverseTimeDecay`].
    InverseTimeDecay(InverseTimeDecay<F>),
    /// See [`CosineDecay`].
    CosineDecay(CosineDecay<F>),
    /// See [`CosineDecayRestarts`].
    CosineDecayRestarts(CosineDecayRestarts<F>),
    /// See [`RandomUniform`].
    RandomUniform(RandomUniform<F>),
}

impl<F: Float, const N: usize> From<ExponentialDecay<F>> for AnySchedule<F, N> {
    fn from(schedule: ExponentialDecay<F>) -> Self {
        Self::ExponentialDecay(schedule)
    }
}

impl<F: Float, const N: usize> From<PiecewiseConstantDecay<F, N>> for AnySchedule<F, N> {
    fn from(schedule: PiecewiseConstantDecay<F, N>) -> Self {
        Self::PiecewiseConstantDecay(schedule)
    }
}

impl<F: Float, const N: usize> From<PolynomialDecay<F>> for AnySchedule<F, N> {
    fn from(schedule: PolynomialDecay<F>) -> Self {
        Self::PolynomialDecay(schedule)
    }
}

impl<F: Float, const N: usize> From<InverseTimeDecay<F>> for AnySchedule<F, N> {
    fn from(schedule: InverseTimeDecay<F>) -> Self {
        Self::InverseTimeDecay(schedule)
    }
}

impl<F: Float, const N: usize> From<CosineDecay<F>> for AnySchedule<F, N> {
    fn from(schedule: CosineDecay<F>) -> Self {
        Self::CosineDecay(schedule)
    }
}

impl<F: Float, const N: usize> From<CosineDecayRestarts<F>> for AnySchedule<F, N> {
    fn from(schedule: CosineDecayRestarts<F>) -> Self {
        Self::CosineDecayRestarts(schedule)
    }
}

impl<F: Float, const N: usize> From<RandomUniform<F>> for AnySchedule<F, N> {
    fn from(schedule: RandomUniform<F>) -> Self {
        Self::RandomUniform(schedule)
    }
}

impl<F: Float, const N: usize> Schedule for AnySchedule<F, N> {
    type Rate = F;

    fn lr(&self, step: u32) -> F {
        match self {
            Self::Constant(rate) => *rate,
            Self::ExponentialDecay(schedule) => schedule.lr(step),
            Self::PiecewiseConstantDecay(schedule) => schedule.lr(step),
            Self::PolynomialDecay(schedule) => schedule.lr(step),
            Self::InverseTimeDecay(schedule) => schedule.lr(step),
            Self::CosineDecay(schedule) => schedule.lr(step),
            Self::CosineDecayRestarts(schedule) => schedule.lr(step),
            Self::RandomUniform(schedule) => schedule.lr(step),
        }
    }

    fn validate(&self) -> Result<(), Error> {
        match self {
            Self::Constant(rate) => error::non_negative("learning_rate", *rate),
            Self::ExponentialDecay(schedule) => schedule.validate(),
            Self::PiecewiseConstantDecay(schedule) => schedule.validate(),
            Self::PolynomialDecay(schedule) => schedule.validate(),
            Self::InverseTimeDecay(schedule) => schedule.validate(),
            Self::CosineDecay(schedule) => schedule.validate(),
            Self::CosineDecayRestarts(schedule) => schedule.validate(),
            Self::RandomUniform(schedule) => schedule.validate(),
        }
    }
}

/// A constant is a plain number in a human-readable format.
#[cfg(feature = "serde")]
impl<F: Float, const N: usize> Classes for AnySchedule<F, N> {
    const NAMES: &'static [&'static str] = &[
        "Constant",
        "ExponentialDecay",
        "PiecewiseConstantDecay",
        "PolynomialDecay",
        "InverseTimeDecay",
        "CosineDecay",
        "CosineDecayRestarts",
        "RandomUniform",
    ];

    fn class(&self) -> usize {
        match self {
            Self::Constant(_) => 0,
            Self::ExponentialDecay(_) => 1,
            Self::PiecewiseConstantDecay(_) => 2,
            Self::PolynomialDecay(_) => 3,
            Self::InverseTimeDecay(_) => 4,
            Self::CosineDecay(_) => 5,
            Self::CosineDecayRestarts(_) => 6,
            Self::RandomUniform(_) => 7,
        }
    }

    fn read_class(class: usize, from: &mut impl Source) -> Result<Self, Refused> {
        Ok(match class {
            0 => Self::Constant(from.get("learning_rate")?),
            1 => ExponentialDecay::read(from)?.into(),
            2 => PiecewiseConstantDecay::read(from)?.into(),
            3 => PolynomialDecay::read(from)?.into(),
            4 => InverseTimeDecay::read(from)?.into(),
            5 => CosineDecay::read(from)?.into(),
            6 => CosineDecayRestarts::read(from)?.into(),
            _ => RandomUniform::read(from)?.into(),
        })
    }

    fn write_fields<S: Sink>(&self, to: &mut S) -> Result<(), S::Error> {
        match self {
            Self::Constant(rate) => to.put("learning_rate", rate),
            Self::ExponentialDecay(schedule) => schedule.write(to),
            Self::PiecewiseConstantDecay(schedule) => schedule.write(to),
            Self::PolynomialDecay(schedule) => schedule.write(to),
            Self::InverseTimeDecay(schedule) => schedule.write(to),
            Self::CosineDecay(schedule) => schedule.write(to),
            Self::CosineDecayRestarts(schedule) => schedule.write(to),
            Self::RandomUniform(schedule) => schedule.write(to),
        }
    }

    fn from_number(number: Value) -> Option<Self> {
        F::from_value(number).map(Self::Constant)
    }

    fn number(&self) -> Option<impl Serialize> {
        if let Self::Constant(rate) = self { Some(*rate) } else { None }
    }
}

#[cfg(feature = "serde")]
exchanged!([F: Float, const N: usize] AnySchedule<F, N>, N);
