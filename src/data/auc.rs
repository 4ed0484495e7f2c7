use crate::arithmetic::Fraction;
use crate::error::{self, Error};
use crate::float::Float;

/// The area under the ROC curve, in fixed memory: a histogram of the predictions of each class.
///
/// ```text
/// bin = ⌊p · BINS⌋, and the last bin for p = 1
/// AUC = (pairs in order + ½ · pairs in one bin) / pairs
/// ```
///
/// A pair is a positive and a negative sample. It is in order if the positive one is in the higher
/// bin. So the AUC is the probability that a positive sample gets the higher prediction. It is ½
/// for predictions without information, and it needs no threshold.
///
/// It is exactly the AUC of the binned predictions. That of the predictions themselves differs by
/// at most half of the fraction of pairs in one bin. `AucHistogram<64>` takes 516 bytes.
///
/// The counts stop together at `u32::MAX` samples, so the AUC then keeps its value. Without samples
/// of both classes it is NaN.
///
/// ```
/// use microlr::AucHistogram;
///
/// let mut histogram = AucHistogram::<4>::new();
/// for (prediction, label) in [(0.1_f32, false), (0.4, false), (0.35, true), (0.8, true)] {
///     histogram.observe(prediction, label)?;
/// }
/// // 0.4 and 0.35 share the bin from 0.25 to 0.5; the other three pairs are in order.
/// assert_eq!(histogram.auc::<f32>(), 3.5 / 4.0);
/// # Ok::<(), microlr::Error>(())
/// ```
///
/// Source: Hanley and McNeil, "The meaning and use of the area under a receiver operating
/// characteristic (ROC) curve", 1982. Equivalents: scikit-learn, `roc_auc_score` of the binned
/// predictions; River, `metrics.ROCAUC(n_thresholds)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AucHistogram<const BINS: usize> {
    /// The negative and the positive samples of each bin.
    #[cfg_attr(feature = "serde", serde(with = "crate::exchange::array"))]
    bins: [[u32; 2]; BINS],
    /// The sum of all counts.
    samples: u32,
}

impl<const BINS: usize> AucHistogram<BINS> {
    /// No sample yet. No bin at all does not compile.
    ///
    /// ```
    /// use microlr::AucHistogram;
    /// static START: AucHistogram<64> = AucHistogram::new();
    /// assert!(START.auc::<f32>().is_nan());
    /// assert_eq!(size_of_val(&START), 516);
    /// ```
    ///
    /// ```compile_fail
    /// let none = microlr::AucHistogram::<0>::new();
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        const { assert!(BINS > 0, "`BINS` must be above 0") };
        Self { bins: [[0; 2]; BINS], samples: 0 }
    }

    /// A histogram with stored [`bins`](Self::bins).
    ///
    /// # Errors
    ///
    /// They hold more than `u32::MAX` samples.
    ///
    /// ```
    /// use microlr::{AucHistogram, Error};
    /// let stored = AucHistogram::from_bins([[3, 1], [1, 3]])?; // 9 pairs in order, 6 in one bin
    /// assert_eq!(stored.auc::<f32>(), 0.75);
    /// assert!(AucHistogram::from_bins([[u32::MAX, 0]]).is_ok());
    /// assert_eq!(AucHistogram::from_bins([[u32::MAX, 1]]), Err(Error::Overflow("bins")));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn from_bins(bins: [[u32; 2]; BINS]) -> Result<Self, Error> {
        let add = |sum: u32, &count: &u32| sum.checked_add(count);
        let samples = bins.as_flattened().iter().try_fold(0, add);
        Ok(Self { bins, samples: samples.ok_or(Error::Overflow("bins"))? })
    }

    /// The number of negative and of positive samples in each bin, for storing or drawing them.
    ///
    /// ```
    /// use microlr::AucHistogram;
    /// let mut histogram = AucHistogram::<2>::new();
    /// histogram.observe(0.75_f32, true)?;
    /// assert_eq!(histogram.bins(), &[[0, 0], [0, 1]]);
    /// # Ok::<(), microlr::Error>(())
    /// ```
    #[must_use]
    pub const fn bins(&self) -> &[[u32; 2]; BINS] {
        &self.bins
    }

    /// Counts a predicted probability and its label.
    ///
    /// # Errors
    ///
    /// The prediction is not in [0, 1]; nothing is counted then.
    ///
    /// ```
    /// use microlr::{AucHistogram, Error};
    /// let mut histogram = AucHistogram::<2>::new();
    /// for prediction in [0.0, 0.499_999, 0.5, 1.0_f32] {
    ///     histogram.observe(prediction, false)?;
    /// }
    /// assert_eq!(histogram.bins(), &[[2, 0], [2, 0]]);
    /// let refused = histogram.observe(1.5_f32, true);
    /// assert_eq!(refused, Err(Error::OutsideUnitInterval("prediction")));
    /// assert_eq!(histogram.bins(), &[[2, 0], [2, 0]]);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn observe<F: Float>(&mut self, prediction: F, label: bool) -> Result<(), Error> {
        error::unit_interval("prediction", prediction)?;
        let bin = (prediction * F::from_step(BINS as u32)).to_usize().unwrap_or(0);
        let bin = self.bins.get_mut(bin.min(BINS.saturating_sub(1)));
        if let Some([negatives, positives]) = bin
            && self.samples < u32::MAX
        {
            let count = if label { positives } else { negatives };
            *count = count.saturating_add(1);
            self.samples = self.samples.saturating_add(1);
        }
        Ok(())
    }

    /// The area under the curve, in [0, 1]; NaN if a class has no sample. The work is proportional
    /// to the number of bins.
    ///
    /// ```
    /// use microlr::AucHistogram;
    /// let mut histogram = AucHistogram::<8>::new();
    /// histogram.observe(0.9_f32, true)?;
    /// assert!(histogram.auc::<f32>().is_nan());
    /// histogram.observe(0.95_f32, false)?;
    /// assert_eq!(histogram.auc::<f32>(), 0.5); // in one bin
    /// histogram.observe(0.1_f32, false)?;
    /// assert_eq!(histogram.auc::<f32>(), 0.75);
    /// # Ok::<(), microlr::Error>(())
    /// ```
    #[must_use]
    pub fn auc<F: Float>(&self) -> F {
        // Two for a pair in order, one for a pair in one bin. At most `u32::MAX` samples have fewer
        // than 2^62 pairs.
        let (mut score, mut negatives, mut positives) = (0, 0, 0);
        for counts in &self.bins {
            let [negative, positive] = counts.map(u64::from);
            score += positive * (2 * negatives + negative);
            negatives += negative;
            positives += positive;
        }
        match 2 * negatives * positives {
            0 => F::nan(),
            denominator => Fraction { numerator: score, denominator }.nearest(),
        }
    }
}

impl<const BINS: usize> Default for AucHistogram<BINS> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_auc_counts_pairs() {
        let bins = [[7, 0], [3, 1], [0, 0], [2, 2], [1, 4]];
        let mut halves = 0_u32;
        for (i, [_, positives]) in bins.iter().enumerate() {
            for (j, [negatives, _]) in bins.iter().enumerate() {
                let half = if i > j { 2 } else { u32::from(i == j) };
                halves += half * positives * negatives;
            }
        }
        let auc: f64 = AucHistogram::from_bins(bins).unwrap().auc();
        assert_eq!(auc, f64::from(halves) / (2.0 * 7.0 * 13.0));
        assert!(auc > 0.8 && auc < 0.9, "{auc}");
    }

    #[test]
    fn the_ends_of_the_scale() {
        let auc = |bins| AucHistogram::<2>::from_bins(bins).unwrap().auc::<f32>();
        assert_eq!(auc([[5, 0], [0, 7]]), 1.0);
        assert_eq!(auc([[0, 7], [5, 0]]), 0.0);
        assert_eq!(auc([[5, 7], [0, 0]]), 0.5);
        assert!(auc([[5, 0], [7, 0]]).is_nan() && auc([[0, 5], [0, 7]]).is_nan());
        // As many pairs as there can be.
        let half = u32::MAX / 2;
        assert_eq!(auc([[half, 0], [1, half]]), 1.0);
        assert_eq!(auc([[0, half], [half, 1]]), 0.5f32.powi(32)); // ½ / (half + 1)
    }

    #[test]
    fn the_counts_stop_together() {
        let mut histogram = AucHistogram::from_bins([[u32::MAX - 2, 1], [0, 0]]).unwrap();
        for _ in 0..3 {
            assert_eq!(histogram.observe(0.75_f64, true), Ok(()));
        }
        assert_eq!(histogram.bins(), &[[u32::MAX - 2, 1], [0, 1]]);
    }

    #[test]
    fn what_is_no_probability_is_refused() {
        let mut histogram = AucHistogram::<3>::new();
        for (bad, error) in [
            (f64::NAN, Error::NotFinite("prediction")),
            (-f64::MIN_POSITIVE, Error::OutsideUnitInterval("prediction")),
            (1.0 + f64::EPSILON, Error::OutsideUnitInterval("prediction")),
        ] {
            assert_eq!(histogram.observe(bad, true), Err(error));
        }
        assert_eq!(histogram, AucHistogram::default());
    }

    /// Every bin is an interval, and its lower end belongs to it.
    #[test]
    fn every_bin_has_its_predictions() {
        let mut histogram = AucHistogram::<7>::new();
        for index in 0..700 {
            // In the middle between two hundredths of a bin, so that no rounding matters.
            let prediction = (f64::from(index) + 0.5) / 700.0;
            assert_eq!(histogram.observe(prediction, index % 2 == 0), Ok(()));
        }
        assert_eq!(histogram.bins(), &[[50, 50]; 7]);
    }
}
