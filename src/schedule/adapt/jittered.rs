use crate::arithmetic::threefry::{self, Stream};
use crate::error::{self, Error};
#[cfg(feature = "serde")]
use crate::exchange::{Class, Refused, Sink, Source, exchanged};
use crate::float::Float;
#[cfg(feature = "serde")]
use crate::schedule::Inner;
use crate::schedule::Schedule;

/// A schedule with noise that is proportional to the rate.
///
/// ```text
/// lr(s) = schedule(s) · (1 + amount · u(seed, s))      u uniform in [-1, 1)
/// ```
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `seed` | | any |
/// | `amount` | fraction of the rate | in \[0, 1\]; 0 is no noise |
///
/// The noise depends on seed and step alone, so a resumed run continues with the same rates. No
/// rate is below 0. The generator is that of [`RandomUniform`](crate::RandomUniform), with other
/// draws for the same seed. Two jittered schedules with one seed have the same noise.
///
/// ```
/// use microlr::{Error, Jittered, Schedule};
/// let noisy: Jittered<f32, f32> = 0.5.jittered(42, 0.25);
/// assert!(noisy.iter().take(500).all(|lr| (0.375..=0.625).contains(&lr)));
/// assert_eq!(noisy.lr(7), noisy.lr(7));
/// assert_ne!(noisy.lr(7), noisy.lr(8));
/// assert_ne!(noisy.lr(7), 0.5_f32.jittered(43, 0.25).lr(7));
/// assert_eq!(0.5.jittered(42, 1.1).validate(), Err(Error::OutsideUnitInterval("amount")));
/// ```
///
/// Equivalent: the noise of timm's schedulers with `noise_type="uniform"`, where `amount` is
/// `noise_pct`. The draws differ, and there is no truncated normal distribution, which is timm's
/// default. [`Switched`](crate::Switched) limits the noise to some steps, as timm's
/// `noise_range_t` does.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Jittered<S, F> {
    schedule: S,
    seed: u64,
    amount: F,
}

impl<S, F> Jittered<S, F> {
    /// `schedule` times a factor from 1 - `amount` to 1 + `amount`, drawn anew for every step.
    ///
    /// ```
    /// use microlr::{CosineDecay, Jittered, Schedule};
    /// static NOISY: Jittered<CosineDecay<f32>, f32> =
    ///     Jittered::new(CosineDecay::new(0.5, 100), 42, 0.1);
    /// assert!((0.45..=0.55).contains(&NOISY.lr(0)));
    /// assert!(NOISY.lr(99) > 0.0);
    /// assert_eq!(NOISY.lr(100), 0.0);
    /// ```
    #[must_use]
    pub const fn new(schedule: S, seed: u64, amount: F) -> Self {
        Self { schedule, seed, amount }
    }
}

impl<F: Float, S: Schedule<Rate = F>> Schedule for Jittered<S, F> {
    type Rate = F;

    #[inline(always)]
    fn lr(&self, step: u32) -> F {
        let unit = F::unit(threefry::word(self.seed, Stream::Jitter, step));
        let noise = self.amount * (unit + unit - F::ONE); // the sum and the difference are exact
        self.schedule.lr(step) * (F::ONE + noise)
    }

    fn validate(&self) -> Result<(), Error> {
        self.schedule.validate()?;
        error::unit_interval("amount", self.amount)
    }
}

#[cfg(feature = "serde")]
impl<F: Float, S: Inner> Class<S> for Jittered<S, F> {
    const NAMES: &'static [&'static str] = &["Jittered"];
    const INNER: &'static [&'static str] = &["schedule"];

    fn read(from: &mut impl Source<S>) -> Result<Self, Refused> {
        Ok(Self::new(from.first()?, from.get("seed")?, from.get("amount")?))
    }

    fn write<T: Sink>(&self, to: &mut T) -> Result<(), T::Error> {
        to.put("schedule", &self.schedule)?;
        to.put("seed", &self.seed)?;
        to.put("amount", &self.amount)
    }
}

#[cfg(feature = "serde")]
exchanged!([F: Float, S: Inner<Rate = F>] Jittered<S, F>, 0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_fills_its_interval() {
        const DRAWS: usize = 16_000;
        let rates: std::vec::Vec<f64> = 1.0.jittered(1, 0.5).iter().take(DRAWS).collect();
        let mean = rates.iter().sum::<f64>() / DRAWS as f64;
        let variance = rates.iter().map(|lr| (lr - 1.0).powi(2)).sum::<f64>() / DRAWS as f64;
        let (low, high) =
            rates.iter().fold((1.0_f64, 1.0_f64), |(low, high), &lr| (low.min(lr), high.max(lr)));
        // A uniform distribution of width 1 has a variance of 1/12.
        assert!((mean - 1.0).abs() < 0.01 && (variance * 12.0 - 1.0).abs() < 0.03);
        assert!((0.5..0.501).contains(&low) && (1.499..1.5).contains(&high), "{low} {high}");
    }

    #[test]
    fn no_amount_is_no_noise() {
        assert!(0.1_f32.jittered(7, 0.0).iter().take(100).all(|lr| lr == 0.1));
        assert!(0.1_f32.jittered(7, 1.0).iter().take(100_000).all(|lr| (0.0..=0.2).contains(&lr)));
    }
}
