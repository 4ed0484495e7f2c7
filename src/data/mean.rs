use crate::arithmetic::two_sum::add_to_pair;
use crate::error::{self, Error};
use crate::float::Float;

/// The mean of a stream: of a loss, or of any other figure.
///
/// ```text
/// mean = (x[1] + ... + x[n]) / n
/// ```
///
/// The sum is compensated: a second number holds what rounding took from it. A plain sum of 10^7
/// values of 0.1 has an error of 9 % in `f32`, and it soon stops growing. Here the error is one or
/// two units in the last place, also after 10^9 values. After `u32::MAX` values the mean no longer
/// changes.
///
/// The mean of nothing is NaN, so that it is not taken for a loss of 0.
///
/// ```
/// use microlr::{LogisticNeuron, Mean, Sgd};
///
/// let (mut neuron, mut sgd) = (LogisticNeuron::zeroed(), Sgd::new(0.5_f32));
/// let mut loss = Mean::new();
/// for (x, y) in [(1.0, 1.0), (-1.0, 0.0), (1.0, 1.0), (-1.0, 0.0)] {
///     // The loss is from before the update: the sample tests, then trains.
///     loss.observe(sgd.step(&mut neuron, &[x], y)?.loss)?;
/// }
/// assert!(loss.mean() < 0.6); // it began with ln 2 = 0.693
/// # Ok::<(), microlr::Error>(())
/// ```
///
/// Source: Knuth, "The Art of Computer Programming", volume 2, 4.2.2 (the exact rounding error of a
/// sum). Equivalents: River, `stats.Mean`; scikit-learn, `log_loss` for the mean of the
/// losses.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(bound = "F: Float"))]
pub struct Mean<F> {
    /// The rounded sum.
    pub sum: F,
    /// What rounding took from the sum.
    pub compensation: F,
    /// The number of values.
    pub count: u32,
}

impl<F: Float> Mean<F> {
    /// No value yet. To continue a stored mean, set the fields, which are public.
    ///
    /// ```
    /// use microlr::Mean;
    /// static START: Mean<f32> = Mean::new();
    /// assert_eq!(START.count, 0);
    /// let stored = Mean { sum: 3.0, count: 2, ..START };
    /// assert_eq!(stored.mean(), 1.5);
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self { sum: F::ZERO, compensation: F::ZERO, count: 0 }
    }

    /// Adds a value.
    ///
    /// # Errors
    ///
    /// The value is NaN or infinite, or the sum would be; nothing changes then.
    ///
    /// ```
    /// use microlr::{Error, Mean};
    /// let mut mean = Mean::new();
    /// assert_eq!([mean.observe(1.0_f32), mean.observe(2.0)], [Ok(()); 2]);
    /// assert_eq!(mean.observe(f32::NAN), Err(Error::NotFinite("value")));
    /// assert_eq!((mean.mean(), mean.count), (1.5, 2));
    ///
    /// assert_eq!(mean.observe(f32::MAX), Ok(()));
    /// assert_eq!(mean.observe(f32::MAX), Err(Error::Overflow("value")));
    /// assert_eq!(mean.count, 3);
    /// ```
    pub fn observe(&mut self, value: F) -> Result<(), Error> {
        let (sum, compensation) = add_to_pair((self.sum, self.compensation), value);
        // The compensation of an infinite sum is NaN.
        if !compensation.has_finite_bits() {
            return error::finite("value", value).and(Err(Error::Overflow("value")));
        }
        if self.count < u32::MAX {
            *self = Self { sum, compensation, count: self.count.saturating_add(1) };
        }
        Ok(())
    }

    /// The mean; NaN if there is no value.
    ///
    /// ```
    /// use microlr::Mean;
    /// let mut mean = Mean::<f32>::new();
    /// assert!(mean.mean().is_nan());
    /// mean.observe(0.75)?;
    /// assert_eq!(mean.mean(), 0.75);
    /// # Ok::<(), microlr::Error>(())
    /// ```
    #[must_use]
    pub fn mean(&self) -> F {
        if self.count == 0 {
            return F::nan();
        }
        (self.sum + self.compensation) / F::from_step(self.count)
    }
}

impl<F: Float> Default for Mean<F> {
    fn default() -> Self {
        Self::new()
    }
}

/// An exponentially weighted mean: of the loss, it follows how good the neuron is now.
///
/// ```text
/// mean = x[1]                               first value
/// mean ← (1 - alpha) · mean + alpha · x     each value after it
/// ```
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `alpha` | fraction | in [0, 1]; with 0 the first value stays, with 1 the last one counts |
///
/// It remembers about the last `1/alpha` values. In `f32` it is exact to about `3e-8/alpha` of
/// itself, so `alpha` below 1e-5 is of little use there.
///
/// The mean of nothing is NaN, so that it is not taken for a loss of 0.
///
/// ```
/// use microlr::{EwMean, LogisticNeuron, Sgd};
///
/// let (mut neuron, mut sgd) = (LogisticNeuron::zeroed(), Sgd::new(0.5_f32));
/// let mut loss = EwMean::new(0.05);
/// for _ in 0..200 {
///     loss.observe(sgd.step(&mut neuron, &[1.0], 1.0)?.loss)?;
/// }
/// assert!(loss.mean() < 0.02);
/// // The machine changes, and the mean shows it.
/// for _ in 0..5 {
///     loss.observe(sgd.step(&mut neuron, &[1.0], 0.0)?.loss)?;
/// }
/// assert!(loss.mean() > 0.5);
/// # Ok::<(), microlr::Error>(())
/// ```
///
/// Source: Finch, "Incremental calculation of weighted mean and variance", 2009. Equivalents:
/// River, `stats.EWMean(fading_factor)`; pandas, `ewm(alpha, adjust=False).mean()`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(bound = "F: Float"))]
pub struct EwMean<F> {
    /// The weight of a new value.
    pub alpha: F,
    /// The mean, once there is a value.
    pub value: Option<F>,
}

impl<F: Float> EwMean<F> {
    /// No value yet. To continue a stored mean, set the field `value`, which is public.
    ///
    /// ```
    /// use microlr::EwMean;
    /// static START: EwMean<f32> = EwMean::new(0.25);
    /// let mut resumed = EwMean { value: Some(1.0), ..START };
    /// resumed.observe(3.0)?;
    /// assert_eq!(resumed.mean(), 1.5);
    /// # Ok::<(), microlr::Error>(())
    /// ```
    #[must_use]
    pub const fn new(alpha: F) -> Self {
        Self { alpha, value: None }
    }

    /// Checks a weight that arrives at run time.
    ///
    /// # Errors
    ///
    /// The weight is not in [0, 1].
    ///
    /// ```
    /// use microlr::{Error, EwMean};
    /// assert!(EwMean::try_new(1.0_f32).is_ok());
    /// assert_eq!(EwMean::try_new(1.5_f32), Err(Error::OutsideUnitInterval("alpha")));
    /// ```
    pub fn try_new(alpha: F) -> Result<Self, Error> {
        error::unit_interval("alpha", alpha)?;
        Ok(Self::new(alpha))
    }

    /// Adds a value.
    ///
    /// # Errors
    ///
    /// The value is NaN or infinite, or the mean would be; nothing changes then.
    ///
    /// ```
    /// use microlr::{Error, EwMean};
    /// let mut mean = EwMean::new(0.5_f32);
    /// assert_eq!([1.0, 3.0, 5.0].map(|value| mean.observe(value)), [Ok(()); 3]);
    /// assert_eq!(mean.mean(), 3.5); // after 1, 2
    /// assert_eq!(mean.observe(f32::INFINITY), Err(Error::NotFinite("value")));
    /// assert_eq!(mean.mean(), 3.5);
    /// ```
    pub fn observe(&mut self, value: F) -> Result<(), Error> {
        error::finite("value", value)?;
        let mean = match self.value {
            None => value,
            Some(mean) => (F::ONE - self.alpha) * mean + self.alpha * value,
        };
        error::finite("value", mean).map_err(|_| Error::Overflow("value"))?;
        self.value = Some(mean);
        Ok(())
    }

    /// The mean; NaN if there is no value.
    ///
    /// ```
    /// use microlr::EwMean;
    /// let mut mean = EwMean::new(0.5_f32);
    /// assert!(mean.mean().is_nan());
    /// mean.observe(0.75)?;
    /// assert_eq!(mean.mean(), 0.75);
    /// # Ok::<(), microlr::Error>(())
    /// ```
    #[must_use]
    pub fn mean(&self) -> F {
        self.value.unwrap_or(F::nan())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error of a compensated mean of `count` losses of about 0.1, in `f32`.
    fn error(count: u32) -> f64 {
        let (mut mean, mut exact, mut loss) = (Mean::new(), 0.0_f64, 1_u32);
        for _ in 0..count {
            loss = loss.wrapping_mul(0x0019_660d).wrapping_add(0x3c6e_f35f);
            let loss = loss as f32 * (0.2 / 4_294_967_296.0);
            assert_eq!(mean.observe(loss), Ok(()));
            exact += f64::from(loss);
        }
        (f64::from(mean.mean()) / (exact / f64::from(count)) - 1.0).abs()
    }

    #[test]
    fn ten_million_losses_are_averaged_within_a_rounding_or_two() {
        let error = error(10_000_000);
        assert!(error < 1.5 * f64::from(f32::EPSILON), "{error:e}");
    }

    #[test]
    #[ignore = "a minute"]
    fn a_billion_losses_are_averaged_within_a_rounding_or_two() {
        let error = error(1_000_000_000);
        assert!(error < 1.5 * f64::from(f32::EPSILON), "{error:e}");
    }

    /// A billion values, of which the first 970 million are one number. 0.1 is below half a unit in
    /// the last place of the sum, and in the end of the compensation too.
    #[test]
    fn values_far_below_the_sum_are_not_lost() {
        let mut mean = Mean { sum: 9.7e7_f32, compensation: 0.0, count: 970_000_000 };
        for _ in 0..30_000_000 {
            assert_eq!(mean.observe(0.1), Ok(()));
        }
        assert!((mean.mean() / 0.1 - 1.0).abs() <= f32::EPSILON, "{}", mean.mean());
    }

    #[test]
    fn terms_that_cancel_do_not_hide_the_others() {
        let mut mean = Mean::new();
        for value in [1e30_f32, 1.0, 2.0, -1e30] {
            assert_eq!(mean.observe(value), Ok(()));
        }
        assert_eq!(mean.mean(), 0.75);
    }

    #[test]
    fn the_count_stops_and_the_mean_stays() {
        let mut mean = Mean { sum: 1.0_f32, compensation: 0.0, count: u32::MAX - 1 };
        assert_eq!(mean.observe(1.0), Ok(()));
        let full = mean;
        assert_eq!((full.sum, full.count), (2.0, u32::MAX));
        assert_eq!(mean.observe(1.0), Ok(()));
        assert_eq!(mean, full);
    }

    #[test]
    fn what_is_refused_changes_nothing() {
        let (mut mean, mut ew_mean) = (Mean::new(), EwMean::new(0.5));
        for value in [-f64::MAX, 0.5] {
            assert_eq!([mean.observe(value), ew_mean.observe(value)], [Ok(()); 2]);
        }
        let before = (mean, ew_mean);
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(mean.observe(bad), Err(Error::NotFinite("value")));
            assert_eq!(ew_mean.observe(bad), Err(Error::NotFinite("value")));
        }
        assert_eq!(mean.observe(-f64::MAX), Err(Error::Overflow("value")));
        assert_eq!((mean, ew_mean), before);
        // A weight that no validation would accept.
        let mut invalid = EwMean { alpha: f64::NAN, value: Some(1.0) };
        assert_eq!(invalid.observe(1.0), Err(Error::Overflow("value")));
        assert_eq!(invalid.value, Some(1.0));
    }

    #[test]
    fn the_ends_of_the_weight() {
        for (alpha, last) in [(0.0_f32, 0.1), (1.0, 0.3)] {
            let mut mean = EwMean::new(alpha);
            assert_eq!([0.1, 1e30, 0.3].map(|value| mean.observe(value)), [Ok(()); 3]);
            assert_eq!(mean.mean(), last);
        }
    }
}
