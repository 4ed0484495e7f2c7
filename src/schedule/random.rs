use crate::arithmetic::threefry::{self, Stream};
use crate::error::{self, Error};
#[cfg(feature = "serde")]
use crate::exchange::{Class, Refused, Sink, Source, exchanged};
use crate::float::Float;
use crate::schedule::{Schedule, valid};

/// A rate drawn anew for every step, uniformly between two bounds.
///
/// ```text
/// lr(s) = lower + (upper - lower) · u(seed, s)      u uniform in [0, 1)
/// ```
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `lower` | rate | finite, ≥ 0 |
/// | `upper` | rate | finite, ≥ `lower`; where they are equal the rate is constant |
/// | `seed` | | any |
///
/// The rate lies in [`lower`, `upper`). It depends on seed and step alone. The generator is
/// counter-based, which allows random access to any step, so a resumed run continues with the same
/// rates. The bits are the same on every target. It is not for cryptography.
///
/// ```
/// use microlr::{RandomUniform, Schedule};
///
/// static NOISE: RandomUniform<f32> = RandomUniform::new(0.001, 0.1, 42);
/// assert!(NOISE.iter().take(500).all(|lr| (0.001..0.1).contains(&lr)));
/// assert_eq!(NOISE.lr(7), NOISE.lr(7));
/// assert_ne!(NOISE.lr(7), NOISE.lr(8));
/// assert_ne!(NOISE.lr(7), RandomUniform::new(0.001, 0.1, 43).lr(7));
/// ```
///
/// Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011
/// (Threefry-2x32 with 20 rounds, keyed by the seed; the step is the counter). Equivalent: a custom
/// `LearningRateSchedule` in Keras.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RandomUniform<F> {
    lower: F,
    upper: F,
    seed: u64,
}

impl<F: Float> RandomUniform<F> {
    /// Rates in [`lower`, `upper`), checked by [`Schedule::validate`].
    ///
    /// ```
    /// use microlr::{Error, RandomUniform, Schedule};
    /// let noise = RandomUniform::new(0.25_f32, 0.5, 42);
    /// assert!(noise.iter().take(1000).all(|lr| (0.25..0.5).contains(&lr)));
    /// assert_eq!(RandomUniform::new(0.25, 0.25, 42).lr(0), 0.25);
    /// assert_eq!(RandomUniform::new(0.5, 0.25, 42).validate(), Err(Error::AboveUpper("lower")));
    /// ```
    #[must_use]
    pub const fn new(lower: F, upper: F, seed: u64) -> Self {
        Self { lower, upper, seed }
    }

    /// Checks values that arrive at run time, and returns an error instead of panicking.
    ///
    /// # Errors
    ///
    /// A parameter is invalid.
    ///
    /// ```
    /// use microlr::{Error, RandomUniform};
    /// assert!(RandomUniform::try_new(0.1, 0.1, 0).is_ok());
    /// assert_eq!(RandomUniform::try_new(0.2, 0.1, 0), Err(Error::AboveUpper("lower")));
    /// ```
    pub fn try_new(lower: F, upper: F, seed: u64) -> Result<Self, Error> {
        valid(Self::new(lower, upper, seed))
    }
}

impl<F: Float> Schedule for RandomUniform<F> {
    type Rate = F;

    fn lr(&self, step: u32) -> F {
        let unit = F::unit(threefry::word(self.seed, Stream::LearningRate, step));
        let lr = self.lower + (self.upper - self.lower) * unit;
        // Rounding may lift the largest draws to the upper bound, which is excluded.
        if lr >= self.upper { self.lower } else { lr }
    }

    fn validate(&self) -> Result<(), Error> {
        error::non_negative("lower", self.lower)?;
        error::non_negative("upper", self.upper)?;
        if self.lower <= self.upper { Ok(()) } else { Err(Error::AboveUpper("lower")) }
    }
}

#[cfg(feature = "serde")]
impl<F: Float> Class for RandomUniform<F> {
    const NAMES: &'static [&'static str] = &["RandomUniform"];

    fn read(from: &mut impl Source) -> Result<Self, Refused> {
        Ok(Self::try_new(from.get("lower")?, from.get("upper")?, from.get("seed")?)?)
    }

    fn write<S: Sink>(&self, to: &mut S) -> Result<(), S::Error> {
        to.put("lower", &self.lower)?;
        to.put("upper", &self.upper)?;
        to.put("seed", &self.seed)
    }
}

#[cfg(feature = "serde")]
exchanged!([F: Float] RandomUniform<F>, 0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_fill_the_interval_evenly() {
        const BINS: usize = 16;
        const DRAWS: u32 = 16_000;
        let uniform = RandomUniform::new(0.0_f64, 1.0, 1);
        let mut counts = [0_u32; BINS];
        for lr in uniform.iter().take(DRAWS as usize) {
            counts[(lr * BINS as f64) as usize] += 1;
        }
        // Chi-squared with 15 degrees of freedom is above 37.7 once in a thousand.
        let expected = f64::from(DRAWS) / BINS as f64;
        let chi_squared: f64 =
            counts.iter().map(|&n| (f64::from(n) - expected).powi(2) / expected).sum();
        assert!(chi_squared < 37.7, "{counts:?}");
    }

    #[test]
    fn the_upper_bound_is_never_drawn() {
        let lower = 1.0_f32;
        let upper = 1.0 + 2.0 * f32::EPSILON;
        let narrow = RandomUniform::new(lower, upper, 0);
        assert!(narrow.iter().take(1000).all(|lr| lower <= lr && lr < upper));
        let empty = RandomUniform::new(0.1_f32, 0.1, 0);
        assert!(empty.iter().take(100).all(|lr| lr == 0.1));
    }

    #[test]
    fn validate_names_the_parameter() {
        for (lower, upper, error) in [
            (-0.1, 0.1, Error::Negative("lower")),
            (f32::NAN, 0.1, Error::NotFinite("lower")),
            (0.0, f32::INFINITY, Error::NotFinite("upper")),
            (0.2, 0.1, Error::AboveUpper("lower")),
        ] {
            assert_eq!(RandomUniform::try_new(lower, upper, 0), Err(error));
        }
    }
}
