#[cfg(feature = "serde")]
use serde::Serialize;

use crate::error::{self, Error};
#[cfg(feature = "serde")]
use crate::exchange::{Class, Field, Refused, Sink, Source, Value, exchanged};
use crate::float::Float;
use crate::schedule::{
    CosineAnnealing, CosineDecay, CosineDecayRestarts, Cyclic, ExponentialDecay, Interpolated,
    InversePowerDecay, InverseTimeDecay, Linear, OneCycle, PiecewiseConstantDecay, PolynomialDecay,
    RandomUniform, Schedule, WarmupStableDecay,
};

/// Any schedule of this crate, chosen at run time, without an allocator and without `dyn`.
///
/// `N` is the capacity of a [`PiecewiseConstantDecay`] in boundaries, and of an [`Interpolated`] in
/// points. The variant computes the rate, so the bits are those of its type. A firmware with this
/// type links every schedule; `docs/cortex-m.md` has its flash.
///
/// ```
/// use microlr::{AnySchedule, ExponentialDecay, Schedule};
///
/// let mut schedule: AnySchedule<f32, 8> = AnySchedule::Constant(0.25);
/// assert_eq!(schedule.lr(1), 0.25);
/// schedule = ExponentialDecay::new(0.5, 1, 0.25).into();
/// assert_eq!([schedule.lr(0), schedule.lr(1)], [0.5, 0.125]);
/// ```
///
/// Adaptors are not variants. [`Sequence`](crate::Sequence) puts several of these schedules one
/// after another, and an adaptor can hold one: `AnySchedule<f32, 8>` in a
/// [`WarmedUp`](crate::WarmedUp) is any schedule after a warm-up.
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
    /// See [`Linear`].
    Linear(Linear<F>),
    /// See [`CosineAnnealing`].
    CosineAnnealing(CosineAnnealing<F>),
    /// See [`OneCycle`].
    OneCycle(OneCycle<F>),
    /// See [`Cyclic`].
    Cyclic(Cyclic<F>),
    /// See [`InversePowerDecay`].
    InversePowerDecay(InversePowerDecay<F>),
    /// See [`WarmupStableDecay`].
    WarmupStableDecay(WarmupStableDecay<F>),
    /// See [`Interpolated`].
    Interpolated(Interpolated<F, N>),
    /// See [`RandomUniform`].
    RandomUniform(RandomUniform<F>),
}

/// Converts each schedule to its variant.
macro_rules! from {
    ($($schedule:ident<$($parameter:ident),*>)*) => {$(
        impl<F: Float, const N: usize> From<$schedule<$($parameter),*>> for AnySchedule<F, N> {
            fn from(schedule: $schedule<$($parameter),*>) -> Self {
                Self::$schedule(schedule)
            }
        }
    )*};
}

from! {
    ExponentialDecay<F>
    PiecewiseConstantDecay<F, N>
    PolynomialDecay<F>
    InverseTimeDecay<F>
    CosineDecay<F>
    CosineDecayRestarts<F>
    Linear<F>
    CosineAnnealing<F>
    OneCycle<F>
    Cyclic<F>
    InversePowerDecay<F>
    WarmupStableDecay<F>
    Interpolated<F, N>
    RandomUniform<F>
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
            Self::Linear(schedule) => schedule.lr(step),
            Self::CosineAnnealing(schedule) => schedule.lr(step),
            Self::OneCycle(schedule) => schedule.lr(step),
            Self::Cyclic(schedule) => schedule.lr(step),
            Self::InversePowerDecay(schedule) => schedule.lr(step),
            Self::WarmupStableDecay(schedule) => schedule.lr(step),
            Self::Interpolated(schedule) => schedule.lr(step),
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
            Self::Linear(schedule) => schedule.validate(),
            Self::CosineAnnealing(schedule) => schedule.validate(),
            Self::OneCycle(schedule) => schedule.validate(),
            Self::Cyclic(schedule) => schedule.validate(),
            Self::InversePowerDecay(schedule) => schedule.validate(),
            Self::WarmupStableDecay(schedule) => schedule.validate(),
            Self::Interpolated(schedule) => schedule.validate(),
            Self::RandomUniform(schedule) => schedule.validate(),
        }
    }
}

/// A constant is a plain number in a human-readable format.
#[cfg(feature = "serde")]
impl<F: Float, const N: usize> Class for AnySchedule<F, N> {
    const NAMES: &'static [&'static str] = &[
        "Constant",
        "ExponentialDecay",
        "PiecewiseConstantDecay",
        "MultiStep",
        "PolynomialDecay",
        "InverseTimeDecay",
        "CosineDecay",
        "CosineDecayRestarts",
        "CosineDecayRestartsWithin",
        "Linear",
        "CosineAnnealing",
        "OneCycle",
        "Cyclic",
        "InversePowerDecay",
        "WarmupStableDecay",
        "Interpolated",
        "RandomUniform",
    ];

    fn class(&self) -> &'static str {
        match self {
            Self::Constant(_) => "Constant",
            Self::ExponentialDecay(_) => "ExponentialDecay",
            Self::PiecewiseConstantDecay(schedule) => schedule.class(),
            Self::PolynomialDecay(_) => "PolynomialDecay",
            Self::InverseTimeDecay(_) => "InverseTimeDecay",
            Self::CosineDecay(_) => "CosineDecay",
            Self::CosineDecayRestarts(schedule) => schedule.class(),
            Self::Linear(_) => "Linear",
            Self::CosineAnnealing(_) => "CosineAnnealing",
            Self::OneCycle(_) => "OneCycle",
            Self::Cyclic(_) => "Cyclic",
            Self::InversePowerDecay(_) => "InversePowerDecay",
            Self::WarmupStableDecay(_) => "WarmupStableDecay",
            Self::Interpolated(_) => "Interpolated",
            Self::RandomUniform(_) => "RandomUniform",
        }
    }

    fn read(from: &mut impl Source) -> Result<Self, Refused> {
        Ok(match from.class() {
            "Constant" => Self::Constant(from.get("learning_rate")?),
            "ExponentialDecay" => ExponentialDecay::read(from)?.into(),
            "PiecewiseConstantDecay" | "MultiStep" => PiecewiseConstantDecay::read(from)?.into(),
            "PolynomialDecay" => PolynomialDecay::read(from)?.into(),
            "InverseTimeDecay" => InverseTimeDecay::read(from)?.into(),
            "CosineDecay" => CosineDecay::read(from)?.into(),
            "CosineDecayRestarts" | "CosineDecayRestartsWithin" => {
                CosineDecayRestarts::read(from)?.into()
            }
            "Linear" => Linear::read(from)?.into(),
            "CosineAnnealing" => CosineAnnealing::read(from)?.into(),
            "OneCycle" => OneCycle::read(from)?.into(),
            "Cyclic" => Cyclic::read(from)?.into(),
            "InversePowerDecay" => InversePowerDecay::read(from)?.into(),
            "WarmupStableDecay" => WarmupStableDecay::read(from)?.into(),
            "Interpolated" => Interpolated::read(from)?.into(),
            "RandomUniform" => RandomUniform::read(from)?.into(),
            _ => return Err(Refused::Format), // in `NAMES`, and not here
        })
    }

    fn write<S: Sink>(&self, to: &mut S) -> Result<(), S::Error> {
        match self {
            Self::Constant(rate) => to.put("learning_rate", rate),
            Self::ExponentialDecay(schedule) => schedule.write(to),
            Self::PiecewiseConstantDecay(schedule) => schedule.write(to),
            Self::PolynomialDecay(schedule) => schedule.write(to),
            Self::InverseTimeDecay(schedule) => schedule.write(to),
            Self::CosineDecay(schedule) => schedule.write(to),
            Self::CosineDecayRestarts(schedule) => schedule.write(to),
            Self::Linear(schedule) => schedule.write(to),
            Self::CosineAnnealing(schedule) => schedule.write(to),
            Self::OneCycle(schedule) => schedule.write(to),
            Self::Cyclic(schedule) => schedule.write(to),
            Self::InversePowerDecay(schedule) => schedule.write(to),
            Self::WarmupStableDecay(schedule) => schedule.write(to),
            Self::Interpolated(schedule) => schedule.write(to),
            Self::RandomUniform(schedule) => schedule.write(to),
        }
    }

    fn from_number(number: &Value) -> Option<Self> {
        F::from_value(number).map(Self::Constant)
    }

    fn number(&self) -> Option<impl Serialize> {
        if let Self::Constant(rate) = self { Some(*rate) } else { None }
    }
}

#[cfg(feature = "serde")]
exchanged!([F: Float, const N: usize] AnySchedule<F, N>, N);
