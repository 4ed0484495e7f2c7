use crate::arithmetic::{kahan, slices};
use crate::error::{self, Error};
use crate::float::Float;

/// Mean and variance of each of `N` features: the state of a
/// [`Standardizer`](crate::Standardizer).
///
/// Every field is public: to save the moments is to copy them. A standardizer that resumes from all
/// five continues bit for bit. The low parts are 0 for moments that come from elsewhere.
///
/// | field | unit | valid |
/// | --- | --- | --- |
/// | `count` | samples | any |
/// | `mean`, `mean_low` | the feature's | finite |
/// | `variance`, `variance_low` | the square of the feature's | finite, `variance` ≥ 0 |
///
/// ```
/// use microlr::Moments;
/// // `n_samples_seen_`, `mean_` and `var_` of scikit-learn's `StandardScaler`.
/// static SHIPPED: Moments<f32, 2> = Moments::new(1000, [1013.0, 0.5], [25.0, 0.0625]);
/// assert_eq!(SHIPPED.standard_deviation(), [5.0, 0.25]);
/// assert_eq!(SHIPPED.mean_low, [0.0, 0.0]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(bound = "F: Float"))]
pub struct Moments<F, const N: usize> {
    /// How many samples the moments summarise. It stops at `u32::MAX`.
    pub count: u32,
    /// The mean of each feature, rounded.
    #[cfg_attr(feature = "serde", serde(with = "crate::exchange::array"))]
    pub mean: [F; N],
    /// What `mean` loses to rounding: the mean is the sum of both.
    #[cfg_attr(feature = "serde", serde(with = "crate::exchange::array"))]
    pub mean_low: [F; N],
    /// The population variance of each feature, rounded.
    #[cfg_attr(feature = "serde", serde(with = "crate::exchange::array"))]
    pub variance: [F; N],
    /// What `variance` loses to rounding.
    #[cfg_attr(feature = "serde", serde(with = "crate::exchange::array"))]
    pub variance_low: [F; N],
}

impl<F: Float, const N: usize> Moments<F, N> {
    /// Known means and variances, as if `count` samples had been observed.
    ///
    /// The next sample has the weight 1/(count + 1). So moments with a small `count` adapt quickly,
    /// and with a `count` of 0 the first sample replaces them.
    ///
    /// ```
    /// use microlr::{Moments, Standardizer};
    /// let mean_after_one_more = |count| {
    ///     let mut standardizer = Standardizer::from_moments(Moments::new(count, [1.0], [0.25]));
    ///     assert_eq!(standardizer.observe(&[2.0]), Ok(()));
    ///     standardizer.moments().mean
    /// };
    /// assert_eq!([0, 1, 3].map(mean_after_one_more), [[2.0], [1.5], [1.25]]);
    /// ```
    #[must_use]
    pub const fn new(count: u32, mean: [F; N], variance: [F; N]) -> Self {
        Self { count, mean, mean_low: [F::ZERO; N], variance, variance_low: [F::ZERO; N] }
    }

    /// The square root of each variance.
    ///
    /// ```
    /// use microlr::Moments;
    /// assert_eq!(Moments::new(9, [0.5, 0.5], [6.25, 0.0]).standard_deviation(), [2.5, 0.0]);
    /// ```
    #[must_use]
    pub fn standard_deviation(&self) -> [F; N] {
        self.variance.map(F::sqrt)
    }

    /// How far the scales of the features are apart: the largest root mean square over the smallest
    /// standard deviation.
    ///
    /// ```text
    /// spread = max(1, √(mean² + variance) of each feature) / min(1, σ of each feature)
    /// ```
    ///
    /// The 1 is the input of the bias. A feature with a variance of 0 is left out of the minimum: a
    /// neuron learns nothing from it.
    ///
    /// It is about 1 for features that a [`Standardizer`](crate::Standardizer) has transformed.
    /// Above 30, scale the features: this is a rule of thumb. The number of updates that gradient
    /// descent needs grows with the condition number of the Hessian. For an untrained neuron, the
    /// square of the spread is a lower bound of that number. In `tests/hostile.rs` the raw features
    /// of a vibration detector, from 1e-3 to 1013, have a spread above 1e6: the detector has a
    /// recall of 0, and no update returns an error.
    ///
    /// In `f32` it is infinite if a mean or a standard deviation is above 1.8e19.
    ///
    /// ```
    /// use microlr::Moments;
    /// let spread = |mean, variance| Moments::new(1000, mean, variance).spread();
    /// assert_eq!(spread([0.0_f32, 0.0], [1.0, 1.0]), 1.0);
    /// assert_eq!(spread([3.0, 0.0], [16.0, 0.0625]), 20.0); // 5 over 0.25
    /// assert_eq!(spread([3.0, 0.0], [16.0, 0.0]), 5.0); // a constant is left out
    /// assert!(spread([1013.0, 1e-3], [25.0, 1e-6]) > 1e6);
    /// ```
    ///
    /// Source: LeCun, Bottou, Orr and Müller, "Efficient BackProp", 1998, section 5.
    #[must_use]
    pub fn spread(&self) -> F {
        let (mut largest, mut smallest) = (F::ONE, F::ONE);
        for (&mean, &variance) in self.mean.iter().zip(&self.variance) {
            largest = largest.max((mean * mean + variance).sqrt());
            if variance > F::ZERO {
                smallest = smallest.min(variance.sqrt());
            }
        }
        largest / smallest
    }

    /// Returns the first invalid field.
    ///
    /// # Errors
    ///
    /// A field is outside of its interval.
    ///
    /// ```
    /// use microlr::{Error, Moments};
    /// assert_eq!(Moments::new(9, [0.5], [0.0]).validate(), Ok(()));
    /// assert_eq!(Moments::new(9, [0.5], [-0.1]).validate(), Err(Error::Negative("variance")));
    /// assert_eq!(Moments::new(9, [f32::NAN], [0.0]).validate(), Err(Error::NotFinite("mean")));
    /// ```
    pub fn validate(&self) -> Result<(), Error> {
        for (&mean, &low) in self.mean.iter().zip(&self.mean_low) {
            error::finite("mean", mean)?;
            error::finite("mean_low", low)?;
        }
        for (&variance, &low) in self.variance.iter().zip(&self.variance_low) {
            error::non_negative("variance", variance)?;
            error::finite("variance_low", low)?;
        }
        Ok(())
    }

    /// Includes one more sample. `clamped` may change its distance from the mean, given the
    /// variance. After an error the moments are invalid.
    pub(super) fn include(&mut self, x: &[F; N], clamped: impl Fn(F, F) -> F) -> Result<(), Error> {
        if let Some(feature) = slices::first_not_finite(x) {
            return Err(Error::Feature { sample: 0, feature: feature as u32 });
        }
        self.count = self.count.saturating_add(1);
        let weight = F::ONE / F::from_step(self.count);
        let means = self.mean.iter_mut().zip(&mut self.mean_low);
        let variances = self.variance.iter_mut().zip(&mut self.variance_low);
        for ((&x, (mean, mean_low)), (variance, variance_low)) in x.iter().zip(means).zip(variances)
        {
            let distance = clamped((x - *mean) - *mean_low, *variance);
            // In this order a square that overflows shows at the first sample too, as ∞ · 0.
            let square = distance * distance * (F::ONE - weight);
            let change = weight * (square - *variance);
            kahan::add(mean, mean_low, weight * distance);
            kahan::add(variance, variance_low, change);
            if !variance.has_finite_bits() {
                return Err(Error::Overflow("variance"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_squared_spread_is_a_lower_bound_of_the_condition_number() {
        for mean in [0.0, 1e-6, 0.5, 1.0, 7.0, 1013.0] {
            for deviation in [1e-6, 0.01, 0.5, 1.0, 3.0, 1000.0] {
                let variance: f64 = deviation * deviation;
                // The eigenvalues of the second moments of one feature and the bias,
                // [[mean² + variance, mean], [mean, 1]]. Their product is the variance.
                let half_trace = (mean * mean + variance + 1.0) / 2.0;
                let root = ((half_trace - 1.0) * (half_trace - 1.0) + mean * mean).sqrt();
                let largest = half_trace + root;
                let condition = largest * largest / variance;
                let spread = Moments::new(9, [mean], [variance]).spread();
                assert!(spread >= 1.0, "{mean} {deviation}");
                let ratio = spread * spread / condition;
                assert!(ratio < 1.0 + 1e-9, "{mean} {deviation}: {ratio}");
                // Without an offset it is the condition number.
                assert!(mean > 0.0 || ratio > 1.0 - 1e-9, "{mean} {deviation}: {ratio}");
            }
        }
    }

    #[test]
    fn the_spread_has_no_nan() {
        let spread = |mean, variance| Moments::<f32, 2>::new(9, mean, variance).spread();
        assert_eq!(spread([0.0; 2], [0.0; 2]), 1.0);
        assert_eq!(spread([0.0, 3.0], [0.0, 16.0]), 5.0); // the other feature is always 0
        assert!((spread([1e18, 0.0], [1e36, 1.0]) / 2_f32.sqrt() / 1e18 - 1.0).abs() < 1e-6);
        assert_eq!(spread([-3e19, 0.0], [1.0, 1e-45]), f32::INFINITY);
        assert_eq!(spread([f32::MAX; 2], [f32::MAX; 2]), f32::INFINITY);
        assert!(spread([0.0; 2], [1e-45, 1.0]) > 1e22);
    }
}
