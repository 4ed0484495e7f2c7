use crate::arithmetic::Fraction;
use crate::error::{self, Error};
use crate::float::Float;

/// Confusion counts at a threshold, and the metrics that follow from them.
///
/// ```text
/// accuracy           (tp + tn) / (tp + tn + fp + fn)
/// precision          tp / (tp + fp)
/// recall             tp / (tp + fn)
/// specificity        tn / (tn + fp)
/// balanced accuracy  ½ · (recall + specificity)
/// F1                 2·tp / (2·tp + fp + fn)
/// ```
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `threshold` | probability | in [0, 1]; ½ in most libraries |
///
/// A prediction is positive if it is above the threshold, as in Keras. A quotient 0/0 is 0.
/// Balanced accuracy omits a class without samples.
///
/// The counts stop together at `u32::MAX` samples, so the metrics then keep their values.
///
/// With few positives accuracy says little: a detector that never fires has an accuracy of 0.95 if
/// 5 % of the samples are positive. Its balanced accuracy is 0.5 and its recall 0. If they stay
/// there, the features may need scaling.
///
/// # Test, then train
///
/// The prediction of a [`Report`](crate::Report) is from before the update. So every sample tests
/// the neuron first and trains it afterwards (prequential evaluation, as in River), with no second
/// prediction. A sample that `step` refuses is not counted:
///
/// ```
/// use microlr::{Confusion, Error, LogisticNeuron, Sgd};
///
/// fn learn(
///     neuron: &mut LogisticNeuron<f32, 1>,
///     sgd: &mut Sgd<f32>,
///     confusion: &mut Confusion<f32>,
///     (x, label): (f32, bool),
/// ) -> Result<(), Error> {
///     let report = sgd.step(neuron, &[x], if label { 1.0 } else { 0.0 })?;
///     confusion.observe(report.prediction, label)
/// }
///
/// let (mut neuron, mut sgd) = (LogisticNeuron::zeroed(), Sgd::new(0.5_f32));
/// let mut confusion = Confusion::new(0.5);
/// for sample in [(1.0, true), (-1.0, false), (2.0, true), (-2.0, false)] {
///     learn(&mut neuron, &mut sgd, &mut confusion, sample)?;
/// }
/// // The untrained neuron predicts ½, which is not above ½: a false negative.
/// assert_eq!((confusion.false_negatives, confusion.accuracy()), (1, 0.75));
/// let refused = learn(&mut neuron, &mut sgd, &mut confusion, (f32::NAN, true));
/// assert_eq!(refused, Err(Error::Feature { sample: 0, feature: 0 }));
/// assert_eq!(confusion.samples(), 4);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: scikit-learn, `confusion_matrix`, `accuracy_score`, `balanced_accuracy_score`,
/// `precision_score`, `recall_score` and `f1_score` with their default `zero_division`; River,
/// `metrics`. Without any sample scikit-learn raises an error, and River returns 0 as here.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(bound = "F: Float"))]
pub struct Confusion<F> {
    /// A prediction above it is positive.
    pub threshold: F,
    /// Label true, prediction positive.
    pub true_positives: u32,
    /// Label false, prediction positive: a false alarm.
    pub false_positives: u32,
    /// Label false, prediction negative.
    pub true_negatives: u32,
    /// Label true, prediction negative: a miss.
    pub false_negatives: u32,
}

impl<F: Float> Confusion<F> {
    /// No sample yet. To continue with stored counts, set the fields, which are public.
    ///
    /// ```
    /// use microlr::Confusion;
    /// static START: Confusion<f32> = Confusion::new(0.5);
    /// let stored = Confusion { true_positives: 3, false_negatives: 1, ..START };
    /// assert_eq!((START.recall(), stored.recall()), (0.0, 0.75));
    /// ```
    #[must_use]
    pub const fn new(threshold: F) -> Self {
        Self {
            threshold,
            true_positives: 0,
            false_positives: 0,
            true_negatives: 0,
            false_negatives: 0,
        }
    }

    /// Checks a threshold that arrives at run time.
    ///
    /// # Errors
    ///
    /// The threshold is not in [0, 1].
    ///
    /// ```
    /// use microlr::{Confusion, Error};
    /// assert!(Confusion::try_new(1.0_f32).is_ok());
    /// assert_eq!(Confusion::try_new(1.5), Err(Error::OutsideUnitInterval("threshold")));
    /// assert_eq!(Confusion::try_new(f32::NAN), Err(Error::NotFinite("threshold")));
    /// ```
    pub fn try_new(threshold: F) -> Result<Self, Error> {
        error::unit_interval("threshold", threshold)?;
        Ok(Self::new(threshold))
    }

    /// Counts a predicted probability and its label.
    ///
    /// # Errors
    ///
    /// The prediction is not in [0, 1]; nothing is counted then.
    ///
    /// ```
    /// use microlr::{Confusion, Error};
    /// let mut confusion = Confusion::new(0.5_f32);
    /// confusion.observe(0.5, true)?; // not above the threshold
    /// confusion.observe(0.500_001, true)?;
    /// assert_eq!((confusion.false_negatives, confusion.true_positives), (1, 1));
    /// let refused = confusion.observe(f32::NAN, true);
    /// assert_eq!(refused, Err(Error::NotFinite("prediction")));
    /// assert_eq!(confusion.samples(), 2);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn observe(&mut self, prediction: F, label: bool) -> Result<(), Error> {
        error::unit_interval("prediction", prediction)?;
        if self.samples() < u32::MAX {
            let count = match (label, prediction > self.threshold) {
                (true, true) => &mut self.true_positives,
                (false, true) => &mut self.false_positives,
                (false, false) => &mut self.true_negatives,
                (true, false) => &mut self.false_negatives,
            };
            *count = count.saturating_add(1);
        }
        Ok(())
    }

    /// The number of samples counted.
    ///
    /// ```
    /// use microlr::Confusion;
    /// let counted = Confusion { true_negatives: 95, false_negatives: 5, ..Confusion::new(0.5) };
    /// assert_eq!(counted.samples(), 100);
    /// ```
    #[must_use]
    pub const fn samples(&self) -> u32 {
        self.true_positives
            .saturating_add(self.false_positives)
            .saturating_add(self.true_negatives)
            .saturating_add(self.false_negatives)
    }

    /// The fraction of samples that were predicted correctly.
    ///
    /// ```
    /// use microlr::Confusion;
    /// let silent = Confusion { true_negatives: 95, false_negatives: 5, ..Confusion::new(0.5) };
    /// assert_eq!((silent.accuracy(), silent.balanced_accuracy()), (0.95, 0.5));
    /// ```
    #[must_use]
    pub fn accuracy(&self) -> F {
        quotient(
            [self.true_positives, self.true_negatives],
            [self.false_positives, self.false_negatives],
        )
    }

    /// The mean of recall and specificity. It does not depend on how rare a class is: a constant
    /// prediction has ½. If one class has no sample, it is the other class's.
    ///
    /// ```
    /// use microlr::Confusion;
    /// let one_class = Confusion { true_negatives: 3, false_positives: 1, ..Confusion::new(0.5) };
    /// assert_eq!(one_class.balanced_accuracy(), 0.75);
    /// let both = Confusion { true_positives: 1, false_negatives: 3, ..one_class };
    /// assert_eq!(both.balanced_accuracy(), 0.5);
    /// ```
    #[must_use]
    pub fn balanced_accuracy(&self) -> F {
        if self.true_positives == 0 && self.false_negatives == 0 {
            self.specificity()
        } else if self.true_negatives == 0 && self.false_positives == 0 {
            self.recall()
        } else {
            (self.recall() + self.specificity()) / F::from_step(2)
        }
    }

    /// The fraction of positive predictions that are correct.
    ///
    /// ```
    /// use microlr::Confusion;
    /// let silent = Confusion { true_negatives: 95, false_negatives: 5, ..Confusion::new(0.5) };
    /// assert_eq!(silent.precision(), 0.0); // 0/0
    /// let once = Confusion { true_positives: 1, false_positives: 3, ..silent };
    /// assert_eq!(once.precision(), 0.25);
    /// ```
    #[must_use]
    pub fn precision(&self) -> F {
        quotient([self.true_positives], [self.false_positives])
    }

    /// The fraction of positive labels that were found: the sensitivity.
    ///
    /// ```
    /// use microlr::Confusion;
    /// let counted = Confusion { true_positives: 3, false_negatives: 1, ..Confusion::new(0.5) };
    /// assert_eq!((counted.recall(), Confusion::new(0.5).recall()), (0.75, 0.0)); // 0/0 is 0
    /// ```
    #[must_use]
    pub fn recall(&self) -> F {
        quotient([self.true_positives], [self.false_negatives])
    }

    /// The fraction of negative labels that raised no alarm: the recall of the negative class.
    ///
    /// ```
    /// use microlr::Confusion;
    /// let counted = Confusion { true_negatives: 3, false_positives: 1, ..Confusion::new(0.5) };
    /// assert_eq!((counted.specificity(), Confusion::new(0.5).specificity()), (0.75, 0.0));
    /// ```
    #[must_use]
    pub fn specificity(&self) -> F {
        quotient([self.true_negatives], [self.false_positives])
    }

    /// The harmonic mean of precision and recall.
    ///
    /// ```
    /// use microlr::Confusion;
    /// let counted = Confusion { true_positives: 1, false_negatives: 2, ..Confusion::new(0.5) };
    /// assert_eq!((counted.f1(), Confusion::new(0.5).f1()), (0.5, 0.0)); // 0/0 is 0
    /// ```
    #[must_use]
    pub fn f1(&self) -> F {
        let found = self.true_positives;
        quotient([found, found], [self.false_positives, self.false_negatives])
    }
}

/// The fraction of `good` in `good` and `bad`, or 0 if there are none.
fn quotient<F: Float, const N: usize>(good: [u32; N], bad: [u32; N]) -> F {
    // A few `u32` do not overflow a `u64`.
    let [good, bad] = [good, bad].map(|counts| counts.into_iter().map(u64::from).sum::<u64>());
    Fraction { numerator: good, denominator: (good + bad).max(1) }.nearest()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sample_has_one_count() {
        for (prediction, label, [tp, fp, tn, fn_]) in [
            (0.75, true, [1, 0, 0, 0]),
            (0.75, false, [0, 1, 0, 0]),
            (0.25, false, [0, 0, 1, 0]),
            (0.25, true, [0, 0, 0, 1]),
        ] {
            let mut confusion = Confusion::new(0.5_f64);
            assert_eq!(confusion.observe(prediction, label), Ok(()));
            let Confusion {
                threshold,
                true_positives,
                false_positives,
                true_negatives,
                false_negatives,
            } = confusion;
            assert_eq!(threshold, 0.5);
            assert_eq!(
                [true_positives, false_positives, true_negatives, false_negatives],
                [tp, fp, tn, fn_]
            );
        }
    }

    #[test]
    fn what_is_no_probability_is_refused() {
        let mut confusion = Confusion::new(0.5_f32);
        for (bad, error) in [
            (f32::NAN, Error::NotFinite("prediction")),
            (f32::INFINITY, Error::NotFinite("prediction")),
            (-f32::MIN_POSITIVE, Error::OutsideUnitInterval("prediction")),
            (1.0 + f32::EPSILON, Error::OutsideUnitInterval("prediction")),
        ] {
            assert_eq!(confusion.observe(bad, true), Err(error));
            assert_eq!(confusion, Confusion::new(0.5));
        }
        assert_eq!([confusion.observe(0.0, true), confusion.observe(1.0, true)], [Ok(()); 2]);
    }

    #[test]
    fn counts_stop_together_and_metrics_then_stay() {
        let mut confusion = Confusion {
            true_positives: u32::MAX / 4,
            true_negatives: u32::MAX / 2,
            false_negatives: u32::MAX / 4,
            ..Confusion::new(0.5_f64)
        };
        while confusion.samples() < u32::MAX {
            assert_eq!(confusion.observe(0.75, false), Ok(()));
        }
        let full = confusion;
        assert_eq!(full.false_positives, 2);
        for (prediction, label) in [(0.25, true), (0.75, true), (0.25, false), (0.75, false)] {
            assert_eq!(confusion.observe(prediction, label), Ok(()));
        }
        assert_eq!(confusion, full);
        assert!((full.recall() - 0.5).abs() < 1e-15 && (full.specificity() - 1.0).abs() < 1e-8);
    }

    /// Whatever a memory holds: the fields are public.
    #[test]
    fn metrics_are_fractions_for_every_count() {
        let counts = [0, 1, 2, 3, 1 << 24, u32::MAX - 1, u32::MAX];
        for tp in counts {
            for fp in counts {
                for tn in counts {
                    for fn_ in counts {
                        let confusion = Confusion {
                            threshold: 0.5_f32,
                            true_positives: tp,
                            false_positives: fp,
                            true_negatives: tn,
                            false_negatives: fn_,
                        };
                        let exact = |good: u64, bad: u64| {
                            if good == 0 { 0.0 } else { good as f64 / (good + bad) as f64 }
                        };
                        let [tp, fp, tn, fn_] = [tp, fp, tn, fn_].map(u64::from);
                        for (metric, exact) in [
                            (confusion.accuracy(), exact(tp + tn, fp + fn_)),
                            (confusion.precision(), exact(tp, fp)),
                            (confusion.recall(), exact(tp, fn_)),
                            (confusion.specificity(), exact(tn, fp)),
                            (confusion.f1(), exact(2 * tp, fp + fn_)),
                        ] {
                            let error = (f64::from(metric) - exact).abs();
                            assert!(
                                error <= exact * 0.52 * f64::from(f32::EPSILON),
                                "{metric:e} for {exact:e}"
                            );
                        }
                        assert!((0.0..=1.0).contains(&confusion.balanced_accuracy()));
                    }
                }
            }
        }
    }
}
