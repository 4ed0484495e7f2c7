use super::moments::Moments;
use crate::error::{self, Error};
use crate::float::Float;

/// Scales features to a mean of 0 and a standard deviation of 1, and learns both from the stream.
///
/// ```text
/// observe:    n ← n + 1
///             d = x - mean                        with clamp: at most k·σ, at least -k·σ
///             mean ← mean + d/n
///             σ² ← σ² + ((1 - 1/n)·d² - σ²)/n     population variance
/// transform:  z = (x - mean)/σ                    with clamp: in [-k, k]; 0 where σ is 0
/// ```
///
/// A neuron learns nothing from features of very different scales, and one glitch can ruin its
/// weights. Observe each sample, then train and predict with what [`transform`](Self::transform)
/// returns.
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `moments` | | see [`Moments`]; no samples unless given |
/// | `clamp` | standard deviations | above 1, and 6 is usual; not clamped unless set |
///
/// The work per sample has an upper bound. Mean and variance are each kept as a pair of numbers
/// (Kahan's summation), so that small changes are not lost. In `f32`, after 10 million samples with
/// an offset of up to 50 000 standard deviations, the mean has an error of 2e-8 standard deviations
/// and the variance a relative error of 4e-8; a variance without pairs has one of 2e-2. A test
/// checks it. The price is 7 additions per sample and feature. The state is `4·N` numbers and a
/// counter, which stops at `u32::MAX`. In `f32`, standard deviations from 1e-16 to 1e18 are
/// accurate.
///
/// All samples have the same weight, so after many samples a drift is followed slowly. To follow it
/// faster, continue with a smaller count:
/// `Standardizer::from_moments(Moments { count: 100, ..*standardizer.moments() })`.
///
/// # Errors
///
/// | input of `observe` | error |
/// | --- | --- |
/// | a feature NaN or infinite | `Feature { sample: 0, feature }` |
/// | a squared distance from the mean that overflows | `Overflow("variance")` |
///
/// Nothing changes then, in any feature. In `f32` a square overflows from 1.8e19 on. `transform`
/// returns NaN for a feature that is NaN or infinite, so that the update refuses it.
///
/// # Glitches
///
/// With `clamp` a glitch counts as `k` standard deviations, both where the moments are learnt and
/// where a sample is transformed. If the feature really moves, the moments follow it. While σ is 0,
/// which it is before the second sample, nothing is clamped. To be safe from the first sample on,
/// begin with known moments.
///
/// A value that is rare and far from the others is no glitch to the neuron if it announces the
/// alarm. If a feature is 1 in a fraction p of the samples and otherwise 0, its 1 is
/// √((1 - p)/p) standard deviations away from the mean: choose `k` above that.
///
/// ```
/// use microlr::{LogisticNeuron, Moments, Sgd, Standardizer};
///
/// // Pressure in hPa and vibration in g, from the bench. They count as 100 samples.
/// static BENCH: Standardizer<f32, 2> =
///     Standardizer::from_moments(Moments::new(100, [1013.0, 0.25], [25.0, 0.015625])).clamp(6.0);
///
/// assert_eq!(BENCH.transform(&[1018.0, 0.5]), [1.0, 2.0]);
/// assert_eq!(BENCH.transform(&[1013.0, 65535.0]), [0.0, 6.0]);
///
/// let mut standardizer = BENCH;
/// let mut neuron = LogisticNeuron::zeroed();
/// let mut sgd = Sgd::new(0.1_f32);
/// let sample = [1018.0, 0.5];
/// standardizer.observe(&sample)?;
/// sgd.step(&mut neuron, &standardizer.transform(&sample), 1.0)?;
/// # Ok::<(), microlr::Error>(())
/// ```
///
/// Source: Welford, "Note on a method for calculating corrected sums of squares and products",
/// 1962; scikit-learn, `StandardScaler` with `partial_fit`; River, `preprocessing.StandardScaler`.
/// A feature that has been constant maps to 0 whatever its next value is, as in River. scikit-learn
/// takes its standard deviation for 1. That includes every feature after the first sample.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(bound = "F: Float"))]
pub struct Standardizer<F, const N: usize> {
    moments: Moments<F, N>,
    clamp: Option<F>,
    frozen: bool,
}

impl<F: Float, const N: usize> Standardizer<F, N> {
    /// A standardizer that has observed nothing. [`Default`] is the same.
    ///
    /// ```
    /// use microlr::Standardizer;
    /// let mut standardizer = Standardizer::<f32, 1>::new();
    /// for x in [1.0, 3.0] {
    ///     assert_eq!(standardizer.transform(&[5.0]), [0.0]); // no deviation is known
    ///     standardizer.observe(&[x])?;
    /// }
    /// assert_eq!(standardizer.transform(&[5.0]), [3.0]); // mean 2, standard deviation 1
    /// # Ok::<(), microlr::Error>(())
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self::from_moments(Moments::new(0, [F::ZERO; N], [F::ZERO; N]))
    }

    /// A standardizer with known or saved moments. It continues from there.
    ///
    /// ```
    /// use microlr::{Moments, Standardizer};
    /// let mut standardizer = Standardizer::<f32, 1>::new();
    /// standardizer.observe(&[0.1])?;
    /// let saved: Moments<f32, 1> = *standardizer.moments();
    /// // ... power fails ...
    /// let mut resumed = Standardizer::from_moments(saved);
    /// standardizer.observe(&[0.7])?;
    /// resumed.observe(&[0.7])?;
    /// assert_eq!(resumed, standardizer);
    /// # Ok::<(), microlr::Error>(())
    /// ```
    #[must_use]
    pub const fn from_moments(moments: Moments<F, N>) -> Self {
        Self { moments, clamp: None, frozen: false }
    }

    /// Clamps to `k` standard deviations, where a sample is observed and where it is transformed.
    ///
    /// ```
    /// use microlr::{Moments, Standardizer};
    /// let mut standardizer = Standardizer::from_moments(Moments::new(1, [0.0], [1.0])).clamp(3.0);
    /// let transformed = [-1e30, 2.9, 3.0, 3.1].map(|x| standardizer.transform(&[x]));
    /// assert_eq!(transformed, [[-3.0], [2.9], [3.0], [3.0]]);
    /// standardizer.observe(&[1e30])?; // counts as 3
    /// assert_eq!((standardizer.moments().mean, standardizer.moments().variance), ([1.5], [2.75]));
    /// # Ok::<(), microlr::Error>(())
    /// ```
    #[must_use]
    pub const fn clamp(mut self, k: F) -> Self {
        self.clamp = Some(k);
        self
    }

    /// Returns the first invalid parameter.
    ///
    /// # Errors
    ///
    /// A parameter is outside of its interval.
    ///
    /// ```
    /// use microlr::{Error, Standardizer};
    /// let standardizer = Standardizer::<f64, 1>::new();
    /// assert_eq!(standardizer.validate(), Ok(()));
    /// assert_eq!(standardizer.clamp(1.1).validate(), Ok(()));
    /// assert_eq!(standardizer.clamp(1.0).validate(), Err(Error::TooSmall("clamp")));
    /// ```
    pub fn validate(&self) -> Result<(), Error> {
        self.moments.validate()?;
        let Some(k) = self.clamp else { return Ok(()) };
        error::finite("clamp", k)?;
        // At 1 or below no sample could raise the deviation, and it would fall to 0.
        if k > F::ONE { Ok(()) } else { Err(Error::TooSmall("clamp")) }
    }

    /// Number of samples, means and variances. Save them to resume.
    ///
    /// ```
    /// use microlr::Standardizer;
    /// let mut standardizer = Standardizer::<f32, 2>::new();
    /// for x in [[1.0, 7.0], [3.0, 7.0]] {
    ///     standardizer.observe(&x)?;
    /// }
    /// let moments = standardizer.moments();
    /// assert_eq!((moments.count, moments.mean, moments.variance), (2, [2.0, 7.0], [1.0, 0.0]));
    /// # Ok::<(), microlr::Error>(())
    /// ```
    #[must_use]
    pub const fn moments(&self) -> &Moments<F, N> {
        &self.moments
    }

    /// Includes a sample in mean and variance. It takes no effect while frozen.
    ///
    /// # Errors
    ///
    /// See the [type](Standardizer). Nothing changes then.
    ///
    /// ```
    /// use microlr::{Error, Standardizer};
    /// let mut standardizer = Standardizer::<f32, 2>::new();
    /// assert_eq!(standardizer.observe(&[1.8e19, 0.0]), Ok(()));
    /// let before = standardizer;
    /// assert_eq!(standardizer.observe(&[-1.8e19, 0.0]), Err(Error::Overflow("variance")));
    /// let refused = standardizer.observe(&[0.0, f32::NAN]);
    /// assert_eq!(refused, Err(Error::Feature { sample: 0, feature: 1 }));
    /// assert_eq!(standardizer, before);
    /// ```
    pub fn observe(&mut self, x: &[F; N]) -> Result<(), Error> {
        let mut moments = self.moments;
        moments.include(x, |distance, variance| match self.clamp {
            // A comparison of squares: only a glitch needs the slow square root.
            Some(k) if variance > F::ZERO && distance * distance > k * k * variance => {
                bounded(distance, k * variance.sqrt())
            }
            _ => distance,
        })?;
        if !self.frozen {
            self.moments = moments;
        }
        Ok(())
    }

    /// The distance of each feature from its mean, in standard deviations. It never panics.
    ///
    /// ```
    /// use microlr::{Moments, Standardizer};
    /// let standardizer = Standardizer::from_moments(Moments::new(9, [1.0, 7.0], [0.25, 0.0]));
    /// assert_eq!(standardizer.transform(&[0.5, 7.0]), [-1.0, 0.0]);
    /// assert_eq!(standardizer.transform(&[2.0, 9.0]), [2.0, 0.0]); // a constant feature is 0
    /// assert!(standardizer.transform(&[f32::INFINITY, 7.0])[0].is_nan());
    /// ```
    #[must_use]
    pub fn transform(&self, x: &[F; N]) -> [F; N] {
        let Moments { mean, mean_low, variance, .. } = &self.moments;
        let mut transformed = *x;
        let means = mean.iter().zip(mean_low);
        for ((x, (&mean, &mean_low)), &variance) in transformed.iter_mut().zip(means).zip(variance)
        {
            *x = if !x.has_finite_bits() {
                F::nan()
            } else if variance > F::ZERO {
                let z = ((*x - mean) - mean_low) / variance.sqrt();
                self.clamp.map_or(z, |k| bounded(z, k))
            } else {
                F::ZERO
            };
        }
        transformed
    }

    /// Keeps the moments as they are: [`observe`](Self::observe) only checks.
    ///
    /// ```
    /// use microlr::Standardizer;
    /// let mut standardizer = Standardizer::<f32, 1>::new();
    /// standardizer.freeze();
    /// standardizer.observe(&[2.0])?;
    /// assert_eq!((standardizer.is_frozen(), standardizer.moments().count), (true, 0));
    /// assert!(standardizer.observe(&[f32::NAN]).is_err());
    /// standardizer.unfreeze();
    /// standardizer.observe(&[2.0])?;
    /// assert_eq!((standardizer.is_frozen(), standardizer.moments().count), (false, 1));
    /// # Ok::<(), microlr::Error>(())
    /// ```
    pub const fn freeze(&mut self) {
        self.frozen = true;
    }

    /// Lets the moments follow the samples again, from where they are.
    ///
    /// ```
    /// use microlr::Standardizer;
    /// let mut standardizer = Standardizer::<f32, 1>::new();
    /// standardizer.freeze();
    /// standardizer.unfreeze();
    /// assert_eq!(standardizer, Standardizer::new());
    /// ```
    pub const fn unfreeze(&mut self) {
        self.frozen = false;
    }

    /// Whether the moments are kept as they are.
    ///
    /// ```
    /// use microlr::Standardizer;
    /// let mut standardizer = Standardizer::<f32, 1>::new();
    /// assert!(!standardizer.is_frozen());
    /// standardizer.freeze();
    /// assert!(standardizer.is_frozen());
    /// ```
    #[must_use]
    pub const fn is_frozen(&self) -> bool {
        self.frozen
    }
}

impl<F: Float, const N: usize> Default for Standardizer<F, N> {
    fn default() -> Self {
        Self::new()
    }
}

/// `value`, at most `limit` and at least `-limit`.
fn bounded<F: Float>(value: F, limit: F) -> F {
    if value > limit {
        limit
    } else if value < -limit {
        -limit
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::threefry::{Stream, word};

    /// Random integers, roughly normal: mean 0 and standard deviation 296.
    fn noise(index: u64) -> i64 {
        let word = word(1, Stream::Weights, index as u32);
        [0, 16, 32, 48].iter().map(|shift| (word >> shift & 511) as i64 - 255).sum()
    }

    /// Mean and variance of integers, by exact sums.
    #[derive(Default)]
    struct Exact {
        count: i128,
        sum: i128,
        squares: i128,
    }

    impl Exact {
        fn add(&mut self, x: i64) {
            self.count += 1;
            self.sum += i128::from(x);
            self.squares += i128::from(x) * i128::from(x);
        }

        fn mean(&self) -> f64 {
            self.sum as f64 / self.count as f64
        }

        fn variance(&self) -> f64 {
            let numerator = self.count * self.squares - self.sum * self.sum;
            numerator as f64 / (self.count * self.count) as f64
        }
    }

    /// Welford's method without pairs.
    #[derive(Default)]
    struct Plain {
        count: u32,
        mean: f32,
        squares: f32,
    }

    impl Plain {
        fn add(&mut self, x: f32) {
            self.count += 1;
            let distance = x - self.mean;
            self.mean += distance / self.count as f32;
            self.squares += distance * (x - self.mean);
        }
    }

    /// Errors of `f32` after many samples: of the mean in standard deviations, and of the variance
    /// relative to it. First those of a standardizer, then those of plain code.
    fn errors(samples: u32, value: impl Fn(u32) -> i64) -> [[f64; 2]; 2] {
        let mut standardizer = Standardizer::<f32, 1>::new();
        let (mut exact, mut plain) = (Exact::default(), Plain::default());
        for index in 0..samples {
            let x = value(index);
            assert!(x.abs() < 1 << 24, "not an f32");
            standardizer.observe(&[x as f32]).unwrap();
            plain.add(x as f32);
            exact.add(x);
        }
        let error = |mean: f64, variance: f64| {
            let deviation = exact.variance().sqrt();
            [(mean - exact.mean()).abs() / deviation, (variance / exact.variance() - 1.0).abs()]
        };
        let moments = standardizer.moments();
        let mean = f64::from(moments.mean[0]) + f64::from(moments.mean_low[0]);
        let variance = f64::from(moments.variance[0]);
        let plain_variance = f64::from(plain.squares) / f64::from(samples);
        [error(mean, variance), error(plain.mean.into(), plain_variance)]
    }

    #[test]
    fn ten_million_samples_of_any_offset_are_accurate_in_f32() {
        const SAMPLES: u32 = 10_000_000;
        let offset = |offset: i64| errors(SAMPLES, move |index| offset + noise(index.into()));
        let all = [
            offset(0),
            offset(300_000),
            offset(-16_000_000),
            // A level that moves by 30 standard deviations.
            errors(SAMPLES, |index| i64::from(index / 1000) + noise(index.into())),
            // An alarm in one of 1000 samples.
            errors(SAMPLES, |index| if index % 1000 == 0 { 10_000 } else { noise(index.into()) }),
        ];
        for [[mean, variance], _] in all {
            assert!(mean < 2e-8 && variance < 4e-8, "{mean:e} {variance:e}");
        }
        let worst_plain = all.iter().map(|[_, [_, variance]]| *variance).fold(0.0, f64::max);
        assert!(worst_plain > 0.01, "{worst_plain}");
    }
}
