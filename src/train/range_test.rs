use core::num::NonZeroU32;

use super::report::Report;
use crate::error::{self, Error};
use crate::float::Float;
use crate::schedule::ExponentialDecay;

/// The loss may grow to this many times the lowest one.
const DIVERGED: u32 = 4;
/// Falls in the first steps / `SKIPPED` steps are ignored: the mean has few values there.
const SKIPPED: u32 = 10;

/// The learning-rate range test: finds a rate to start from, in one short run.
///
/// The rate grows from `low` to `high` by the same factor per step. The loss first falls, then
/// grows when the rate is too high.
///
/// ```text
/// lr(s) = low · (high/low)^(s/steps)
/// smoothed ← smoothed + (1 - β)/(1 - β^n) · (loss - smoothed)     at loss n = 1, 2, ...
///
/// lowest:     the rate with the lowest smoothed loss
/// steepest:   the rate before the largest fall of the smoothed loss in a step, after steps/10
/// suggestion: the smaller of lowest/10 and steepest
/// stop:       smoothed loss > 4 · the lowest one, a loss that is not finite, or step ≥ steps
/// ```
///
/// The smoothed loss is the mean of the losses so far, with the weights 1, β, β², ... from the last
/// one back. A constant loss is not rounded, so rounding does not look like a fall.
///
/// Steps are equally long on a logarithmic axis of the rate, so the largest fall in a step is the
/// steepest slope there.
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `low` | rate | finite, > 0 |
/// | `high` | rate | finite, above `low`, and so is `high/low` |
/// | `steps` | steps | ≥ 1; 100 or more are useful |
/// | `smoothing` (β) | fraction | in \[0, 1); 0.98 unless set, as in fastai; 0 is none |
///
/// Train a copy of the neuron, since its weights are of no use afterwards. The suggestion is a peak
/// for a schedule. It is only a start, since losses of few samples are noisy.
///
/// ```
/// use microlr::{CosineDecay, LogisticNeuron, RangeTest, Sgd};
///
/// let (xs, ys) = ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 1.0]);
/// let mut test = RangeTest::new(0.001_f32, 1000.0, 200).smoothing(0.9);
/// let (mut neuron, mut sgd) = (LogisticNeuron::zeroed(), Sgd::new(test.schedule()));
/// while !test.observe(&sgd.step_batch(&mut neuron, &xs, &ys)?) {}
///
/// let rate = test.suggestion().unwrap_or(0.1);
/// assert!((0.1..10.0).contains(&rate));
/// let mut sgd = Sgd::new(CosineDecay::new(rate, 500));
/// # let mut neuron = LogisticNeuron::zeroed();
/// # sgd.step_batch(&mut neuron, &xs, &ys)?;
/// # Ok::<(), microlr::Error>(())
/// ```
///
/// Source: Smith, "Cyclical learning rates for training neural networks", 2017; fastai, `lr_find`
/// with its suggestions `minimum` and `steep`, and the `stop_div` of `LRFinder`. fastai leaves out
/// the first tenth for both suggestions and the last five losses too, and returns each by itself.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(bound = "F: Float"))]
pub struct RangeTest<F> {
    low: F,
    high: F,
    steps: NonZeroU32,
    smoothing: Option<F>,
    /// β^n after n losses.
    power: F,
    /// The rate of the last step, and the smoothed loss.
    last: Option<(F, F)>,
    /// A rate, and the smoothed loss there.
    lowest: Option<(F, F)>,
    /// A rate, and how far the smoothed loss fell in the step after it.
    steepest: Option<(F, F)>,
}

impl<F: Float> RangeTest<F> {
    /// A test from one rate to another; the rates are checked by [`validate`](Self::validate).
    ///
    /// # Panics
    ///
    /// If `steps` is 0, which in a `static` or `const` is a compile error:
    ///
    /// ```compile_fail,E0080
    /// # use microlr::RangeTest;
    /// static IMPOSSIBLE: RangeTest<f32> = RangeTest::new(0.001, 1.0, 0);
    /// ```
    ///
    /// ```
    /// use microlr::RangeTest;
    /// static START: RangeTest<f32> = RangeTest::new(0.001, 1.0, 100);
    /// assert_eq!(START.suggestion(), None);
    /// ```
    #[must_use]
    pub const fn new(low: F, high: F, steps: u32) -> Self {
        Self {
            low,
            high,
            steps: error::expect_steps(steps, "steps must be above 0"),
            smoothing: None,
            power: F::ONE,
            last: None,
            lowest: None,
            steepest: None,
        }
    }

    /// Checks values that arrive at run time, and returns an error instead of panicking.
    ///
    /// # Errors
    ///
    /// A parameter is invalid.
    ///
    /// ```
    /// use microlr::{Error, RangeTest};
    /// assert!(RangeTest::try_new(0.001, 0.0011, 1).is_ok());
    /// assert_eq!(RangeTest::try_new(0.001, 0.001, 1), Err(Error::AboveUpper("low")));
    /// assert_eq!(RangeTest::try_new(0.001, 1.0, 0), Err(Error::NotPositive("steps")));
    /// ```
    pub fn try_new(low: F, high: F, steps: u32) -> Result<Self, Error> {
        error::steps("steps", steps)?;
        let test = Self::new(low, high, steps);
        test.validate()?;
        Ok(test)
    }

    /// The weight β of the losses before the current one. With 0 the loss is not smoothed.
    ///
    /// ```
    /// use microlr::{RangeTest, Report};
    /// let observe = |mut test: RangeTest<f32>| {
    ///     [(0, 4.0), (1, 1.0)].map(|(step, loss)| {
    ///         test.observe(&Report { step, lr: 0.1, loss, prediction: 0.5 });
    ///         test.loss()
    ///     })
    /// };
    /// let test = RangeTest::new(0.001, 1.0, 10);
    /// assert_eq!(observe(test.smoothing(0.0)), [Some(4.0), Some(1.0)]);
    /// assert_eq!(observe(test.smoothing(0.5)), [Some(4.0), Some(2.0)]); // (½·½·4 + ½·1) / (1 - ¼)
    /// ```
    #[must_use]
    pub const fn smoothing(mut self, smoothing: F) -> Self {
        self.smoothing = Some(smoothing);
        self
    }

    /// Returns the first invalid parameter.
    ///
    /// # Errors
    ///
    /// A parameter is outside of its interval.
    ///
    /// ```
    /// use microlr::{Error, RangeTest};
    /// let test = RangeTest::new(0.001_f32, 1.0, 100);
    /// assert_eq!(test.validate(), Ok(()));
    /// assert_eq!(test.smoothing(0.0).validate(), Ok(()));
    /// assert_eq!(test.smoothing(1.0).validate(), Err(Error::AboveUpper("smoothing")));
    /// assert_eq!(RangeTest::new(0.0, 1.0, 9).validate(), Err(Error::NotPositive("low")));
    /// ```
    pub fn validate(&self) -> Result<(), Error> {
        error::positive("low", self.low)?;
        error::finite("high", self.high)?;
        if self.low >= self.high {
            return Err(Error::AboveUpper("low"));
        }
        error::finite("high", self.high / self.low).map_err(|_| Error::Overflow("high"))?;
        error::non_negative("smoothing", self.beta())?;
        if self.beta() < F::ONE { Ok(()) } else { Err(Error::AboveUpper("smoothing")) }
    }

    /// The schedule of the test: `low` at step 0, and `high` at step `steps`, to the rounding of
    /// the factor `high/low`. Give it to a new [`Sgd`](crate::Sgd), which begins at step 0.
    ///
    /// ```
    /// use microlr::{RangeTest, Schedule};
    /// let schedule = RangeTest::new(0.25_f32, 4.0, 4).schedule();
    /// assert_eq!([0, 1, 2, 3, 4].map(|step| schedule.lr(step)), [0.25, 0.5, 1.0, 2.0, 4.0]);
    /// ```
    #[must_use]
    pub fn schedule(&self) -> ExponentialDecay<F> {
        ExponentialDecay::new(self.low, self.steps.get(), self.high / self.low)
    }

    /// Takes the report of a step, and returns whether to stop. It never panics.
    ///
    /// ```
    /// use microlr::{RangeTest, Report};
    /// let start = RangeTest::new(0.001_f32, 1.0, 10).smoothing(0.0);
    /// let observe = |step, loss| {
    ///     let mut test = start;
    ///     test.observe(&Report { step: 0, lr: 0.001, loss: 0.25, prediction: 0.5 });
    ///     test.observe(&Report { step, lr: 0.002, loss, prediction: 0.5 })
    /// };
    /// assert_eq!([observe(1, 1.0), observe(1, 1.0001)], [false, true]);
    /// assert_eq!([observe(9, 0.25), observe(10, 0.25)], [false, true]);
    /// assert!(observe(1, f32::INFINITY));
    /// ```
    pub fn observe(&mut self, report: &Report<F>) -> bool {
        let power = self.power * self.beta();
        let weight = (F::ONE - self.beta()) / (F::ONE - power);
        let before = self.loss().unwrap_or(F::ZERO);
        let loss = before + weight * (report.loss - before);
        if !loss.is_finite() {
            return true;
        }
        if let Some((rate, before)) = self.last {
            let largest = self.steepest.map_or(F::ZERO, |(_, fall)| fall);
            if report.step > self.steps.get() / SKIPPED && before - loss > largest {
                self.steepest = Some((rate, before - loss));
            }
        }
        let here = (report.lr, loss);
        let (rate, lowest) = self.lowest.filter(|(_, lowest)| *lowest <= loss).unwrap_or(here);
        (self.power, self.last, self.lowest) = (power, Some(here), Some((rate, lowest)));
        loss > lowest * F::from_step(DIVERGED) || report.step >= self.steps.get()
    }

    /// The smoothed loss after the last report; `None` before the first one.
    ///
    /// ```
    /// use microlr::{RangeTest, Report};
    /// let mut test = RangeTest::new(0.001_f32, 1.0, 10).smoothing(0.5);
    /// assert_eq!(test.loss(), None);
    /// test.observe(&Report { step: 0, lr: 0.001, loss: 0.75, prediction: 0.5 });
    /// assert_eq!(test.loss(), Some(0.75));
    /// ```
    #[must_use]
    pub fn loss(&self) -> Option<F> {
        self.last.map(|(_, loss)| loss)
    }

    /// The rate with the lowest smoothed loss; the first one of equals.
    ///
    /// ```
    /// use microlr::{RangeTest, Report};
    /// let mut test = RangeTest::new(0.25_f32, 4.0, 4).smoothing(0.0);
    /// for (step, lr, loss) in [(0, 0.25, 0.7), (1, 0.5, 0.5), (2, 1.0, 0.2), (3, 2.0, 0.6)] {
    ///     test.observe(&Report { step, lr, loss, prediction: 0.5 });
    /// }
    /// assert_eq!(test.lowest(), Some(1.0));
    /// ```
    #[must_use]
    pub fn lowest(&self) -> Option<F> {
        self.lowest.map(|(rate, _)| rate)
    }

    /// The rate before the largest fall of the smoothed loss in a step; `None` if it never fell
    /// after the first tenth of the steps.
    ///
    /// ```
    /// use microlr::{RangeTest, Report};
    /// let mut test = RangeTest::new(0.25_f32, 4.0, 4).smoothing(0.0);
    /// for (step, lr, loss) in [(0, 0.25, 0.7), (1, 0.5, 0.5), (2, 1.0, 0.2), (3, 2.0, 0.6)] {
    ///     test.observe(&Report { step, lr, loss, prediction: 0.5 });
    /// }
    /// assert_eq!(test.steepest(), Some(0.5)); // by 0.3, to the loss of the next rate
    /// ```
    #[must_use]
    pub fn steepest(&self) -> Option<F> {
        self.steepest.map(|(rate, _)| rate)
    }

    /// The rate to start from: the smaller of [`lowest`](Self::lowest)/10 and
    /// [`steepest`](Self::steepest). `None` if the loss never fell, so that there is nothing to
    /// suggest.
    ///
    /// ```
    /// use microlr::{RangeTest, Report};
    /// let mut test = RangeTest::new(0.5_f32, 40.0, 4).smoothing(0.0);
    /// for (step, lr, loss) in [(0, 0.5, 0.7), (1, 2.0, 0.5), (2, 10.0, 0.2), (3, 20.0, 0.6)] {
    ///     test.observe(&Report { step, lr, loss, prediction: 0.5 });
    /// }
    /// assert_eq!((test.lowest(), test.steepest()), (Some(10.0), Some(2.0)));
    /// assert_eq!(test.suggestion(), Some(1.0));
    /// ```
    #[must_use]
    pub fn suggestion(&self) -> Option<F> {
        let below_lowest = self.lowest()? / F::from_step(10);
        Some(below_lowest.min(self.steepest()?))
    }

    /// The smoothing that is set, or 0.98.
    fn beta(&self) -> F {
        self.smoothing.unwrap_or_else(|| F::from_step(49) / F::from_step(50))
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::schedule::Schedule;
    use crate::train::{LogisticNeuron, Sgd};

    const STEPS: u32 = 200;

    /// A loss that falls, grows, and has noise of 0.02.
    fn losses() -> Vec<f64> {
        let mut random = 1_u32;
        let mut noise = || {
            random = random.wrapping_mul(0x0019_660d).wrapping_add(0x3c6e_f35f);
            f64::from(random) / f64::from(u32::MAX) - 0.5
        };
        let curve = |i: u32| match i {
            0..80 => 0.7,
            80..140 => 0.7 - f64::from(i - 80) / 120.0,
            _ => 0.2 + f64::from(i - 140).powi(2) / 500.0,
        };
        (0..STEPS).map(|i| curve(i) + 0.04 * noise()).collect()
    }

    /// Not by the recursion: each smoothed loss is the weighted mean of all losses up to it.
    fn means(losses: &[f64], beta: f64) -> Vec<f64> {
        let mean = |n: usize| {
            let weights = (0..=n).map(|i| beta.powi((n - i) as i32));
            let sum: f64 = weights.clone().zip(losses).map(|(weight, loss)| weight * loss).sum();
            sum / weights.sum::<f64>()
        };
        (0..losses.len()).map(mean).collect()
    }

    fn check<F: Float + Into<f64>>(narrow: fn(f64) -> F, smoothing: Option<f64>) {
        let (low, high) = (1e-5, 10.0);
        let mut test = RangeTest::try_new(narrow(low), narrow(high), STEPS).unwrap();
        if let Some(beta) = smoothing {
            test = test.smoothing(narrow(beta));
        }
        let unit: f64 = F::epsilon().into();
        let losses = losses();
        let means = means(&losses, smoothing.unwrap_or(0.98));
        let rate = |step: usize| low * f64::powf(high / low, step as f64 / f64::from(STEPS));
        let schedule = test.schedule();
        assert_eq!(schedule.validate(), Ok(()));
        let mut stopped = None;
        for (step, &loss) in losses.iter().enumerate() {
            let lr = schedule.lr(step as u32);
            assert!((lr.into() / rate(step) - 1.0).abs() < 8.0 * unit);
            let report = Report { step: step as u32, lr, loss: narrow(loss), prediction: F::HALF };
            let stop = test.observe(&report);
            let smoothed: f64 = test.loss().unwrap().into();
            assert!((smoothed / means[step] - 1.0).abs() < 200.0 * unit, "{step}: {smoothed}");
            if stop {
                stopped = Some(step);
                break;
            }
        }
        let lowest = (0..STEPS as usize).min_by(|&a, &b| means[a].total_cmp(&means[b])).unwrap();
        let diverges = |step: &usize| {
            means[*step] > 4.0 * means[..*step].iter().copied().fold(f64::INFINITY, f64::min)
        };
        assert_eq!(stopped, (0..STEPS as usize).find(diverges));
        assert!(stopped.is_none_or(|step| step > lowest));
        let fall = |step: &usize| means[*step] - means[*step + 1];
        let end = stopped.unwrap_or(STEPS as usize - 1);
        let steepest = (20..end).max_by(|a, b| fall(a).total_cmp(&fall(b))).unwrap();
        let near = |found: Option<F>, exact: f64| {
            assert!((found.unwrap().into() / exact - 1.0).abs() < 8.0 * unit, "{found:?} {exact}");
        };
        near(test.lowest(), rate(lowest));
        near(test.steepest(), rate(steepest));
        near(test.suggestion(), f64::min(rate(lowest) / 10.0, rate(steepest)));
    }

    #[test]
    fn smoothed_losses_and_rates_are_those_of_the_definition() {
        for smoothing in [None, Some(0.0), Some(0.5), Some(0.9)] {
            check::<f32>(|x| x as f32, smoothing);
            check::<f64>(|x| x, smoothing);
        }
    }

    #[test]
    fn the_schedule_ends_at_the_highest_rate() {
        for (low, high) in [(1e-7_f32, 10.0), (0.001, 1.0), (0.003, 0.7), (1e-12, 1e6)] {
            for steps in [1, 3, 100, u32::MAX] {
                let test = RangeTest::try_new(low, high, steps).unwrap();
                assert_eq!(test.schedule().lr(0), low);
                assert!((test.schedule().lr(steps) / high - 1.0).abs() <= f32::EPSILON);
            }
        }
    }

    #[test]
    fn what_is_not_finite_stops_and_changes_nothing() {
        let mut test = RangeTest::new(0.001_f32, 1.0, 100);
        let report = Report { step: 0, lr: 0.001, loss: 0.5, prediction: 0.5 };
        assert!(!test.observe(&report));
        let before = test;
        for loss in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            assert!(test.observe(&Report { step: 1, loss, ..report }));
            assert_eq!(test, before);
        }
    }

    #[test]
    fn a_loss_that_never_falls_suggests_nothing() {
        let mut test = RangeTest::new(0.001_f32, 1.0, 100);
        let (mut neuron, mut sgd) = (LogisticNeuron::zeroed(), Sgd::new(test.schedule()));
        // Two labels for one sample: the loss stays at ln 2.
        let mut stop = false;
        while !stop {
            stop = test.observe(&sgd.step_batch(&mut neuron, &[[0.0]; 2], &[0.0, 1.0]).unwrap());
        }
        assert_eq!(sgd.iterations(), 101); // the last one at the highest rate
        assert_eq!(test.suggestion(), None);
    }

    /// The losses of a test of 20 steps, from a rate of 1, which grows by 1 per step.
    fn observed(losses: &[f32]) -> RangeTest<f32> {
        let mut test = RangeTest::new(1.0, 21.0, 20).smoothing(0.0);
        for (step, &loss) in (0..).zip(losses) {
            let lr = f32::from_step(step + 1);
            assert!(!test.observe(&Report { step, lr, loss, prediction: 0.5 }));
        }
        test
    }

    #[test]
    fn the_first_tenth_has_no_steepest_fall() {
        // The rate before the fall is at step 1, and then at step 2.
        assert_eq!(observed(&[1.0, 1.0, 0.5]).steepest(), None);
        assert_eq!(observed(&[1.0, 1.0, 1.0, 0.5]).steepest(), Some(3.0));
    }

    #[test]
    fn the_first_of_equals_counts() {
        let test = observed(&[1.0, 1.0, 1.0, 0.75, 0.5, 0.5, 0.75, 0.5]);
        assert_eq!((test.lowest(), test.steepest()), (Some(5.0), Some(3.0)));
    }

    #[test]
    fn validate_names_the_parameter() {
        for (low, high, error) in [
            (f32::NAN, 1.0, Error::NotFinite("low")),
            (-1.0, 1.0, Error::NotPositive("low")),
            (0.1, f32::INFINITY, Error::NotFinite("high")),
            (0.1, f32::NAN, Error::NotFinite("high")),
            (0.1, -0.1, Error::AboveUpper("low")),
            (1e-38, 1e38, Error::Overflow("high")),
        ] {
            assert_eq!(RangeTest::try_new(low, high, 9), Err(error), "{low} {high}");
        }
        let test = RangeTest::new(0.1_f32, 1.0, 9);
        for (smoothing, error) in [
            (f32::NAN, Error::NotFinite("smoothing")),
            (-0.1, Error::Negative("smoothing")),
            (1.0, Error::AboveUpper("smoothing")),
        ] {
            assert_eq!(test.smoothing(smoothing).validate(), Err(error));
        }
        assert_eq!(test.smoothing(1.0 - f32::EPSILON / 2.0).validate(), Ok(()));
    }
}
