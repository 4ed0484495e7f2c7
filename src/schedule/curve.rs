use crate::arithmetic::{Fraction, lerp};
use crate::float::Float;

/// The shape of the way from one rate to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) enum Curve {
    /// A straight line.
    Linear,
    /// Half a period of a cosine.
    Cosine,
    /// After the fraction t of the steps, 1 - √t of the way remains. Only for rates that fall.
    OneMinusSqrt,
}

impl Curve {
    /// The rate after `elapsed` of the `steps` from one rate to the other: exactly `from` at 0, and
    /// exactly `to` at the end and after it.
    #[inline(always)]
    pub(super) fn between<F: Float>(self, from: F, to: F, elapsed: u32, steps: u32) -> F {
        if elapsed >= steps {
            return to;
        }
        if elapsed == 0 {
            return from;
        }
        // The weight vanishes at the lower rate, so that small rates stay accurate.
        let (low, high, time) =
            if from <= to { (from, to, elapsed) } else { (to, from, steps - elapsed) };
        let time = F::fraction(Fraction::new(time, steps));
        let weight = match self {
            Self::Linear => time,
            Self::Cosine => F::sin_squared(time),
            Self::OneMinusSqrt => {
                // 1 - √t = (1 - t) / (1 + √t)
                let root = F::power_of(Fraction::new(elapsed, steps), F::HALF, false);
                time / (F::ONE.widen() + root)
            }
        };
        lerp(low, high, weight)
    }
}
