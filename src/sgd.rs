use crate::error::{self, Error};
use crate::float::{Float, Kernel};
use crate::history::History;
use crate::neuron::LogisticNeuron;
use crate::schedule::Schedule;

/// Stochastic gradient descent: a schedule and a counter.
///
/// ```text
/// g = (σ(z) - y) · x            the gradient of the cross-entropy; the bias has x = 1
/// w ← w - lr(iterations) · mean of g over the batch
/// iterations ← iterations + 1
/// ```
///
/// Every update is a transaction. Where one of these is wrong, the method returns its own error, and
/// neuron and counter are bit for bit what they were:
///
/// | what | error |
/// | --- | --- |
/// | no sample in the batch | `Empty("xs")` |
/// | not as many labels as samples | `LengthMismatch("ys")` |
/// | a label outside [0, 1], or NaN | `OutsideUnitInterval("y")` |
/// | a feature NaN or infinite | `NotFinite("x")` |
/// | the neuron NaN or infinite | `NotFinite("weights")`, `NotFinite("bias")` |
/// | a logit too large to hold | `Overflow("logit")` |
/// | a learning rate below 0 | `Negative("learning_rate")` |
/// | a learning rate NaN or infinite | `NotFinite("learning_rate")` |
/// | a weight or bias that would become infinite | `Overflow("weights")`, `Overflow("bias")` |
///
/// The counter stops at `u32::MAX`; from then on the rate stays that of the last step.
///
/// # Resuming
///
/// After a reboot, restore the neuron's weights and bias and one `u32`. The run goes on bit for bit as
/// if it had not stopped:
///
/// ```
/// use microlr::{ExponentialDecay, LogisticNeuron, Sgd};
///
/// static DECAY: ExponentialDecay<f32> = ExponentialDecay::new(0.1, 5, 0.95);
/// # let mut neuron = LogisticNeuron::<f32, 2>::zeroed();
/// # let mut sgd = Sgd::new(&DECAY);
/// sgd.step(&mut neuron, &[0.5, 1.0], 1.0)?;
/// let (weights, bias, iterations) = (neuron.weights, neuron.bias, sgd.iterations());
/// // ... power fails ...
/// let mut resumed_neuron = LogisticNeuron::new(weights, bias);
/// let mut resumed = Sgd::resume(&DECAY, iterations);
///
/// let report = resumed.step(&mut resumed_neuron, &[1.0, 0.0], 0.0)?;
/// assert_eq!(report.step, 1);
/// assert_eq!(report, sgd.step(&mut neuron, &[1.0, 0.0], 0.0)?);
/// assert_eq!(resumed_neuron, neuron);
/// # Ok::<(), microlr::Error>(())
/// ```
///
/// Source: Keras, `SGD(learning_rate=schedule)` without momentum; its `iterations` is the counter.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Sgd<S> {
    schedule: S,
    iterations: u32,
}

/// What one update did. Every figure but `step` is from before the update.
///
/// ```
/// use microlr::{LogisticNeuron, Report, Sgd};
/// let mut neuron = LogisticNeuron::<f32, 1>::zeroed(); // predicts 1/2, so the loss is ln 2
/// let report = Sgd::new(0.25_f32).step(&mut neuron, &[1.0], 1.0)?;
/// assert_eq!(report, Report { step: 0, lr: 0.25, loss: 2f32.ln(), prediction: 0.5 });
/// assert!(neuron.predict(&[1.0]) > report.prediction); // after the update
/// # Ok::<(), microlr::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Report<F> {
    /// The step whose rate was used, counted from 0.
    pub step: u32,
    /// The learning rate that was used.
    pub lr: F,
    /// The cross-entropy in nats; of a batch, the mean.
    pub loss: F,
    /// The predicted probability; of a batch, the mean.
    pub prediction: F,
}

impl<S: Schedule> Sgd<S> {
    /// A trainer that begins at step 0. A plain number is a schedule too: `Sgd::new(0.1_f32)`.
    ///
    /// ```
    /// use microlr::{CosineDecay, Sgd};
    /// static DECAY: CosineDecay<f32> = CosineDecay::new(0.5, 500);
    /// let sgd = Sgd::new(&DECAY);
    /// assert_eq!((sgd.iterations(), sgd.lr()), (0, 0.5));
    /// ```
    #[must_use]
    pub const fn new(schedule: S) -> Self {
        Self::resume(schedule, 0)
    }

    /// A trainer that has done `iterations` updates before.
    ///
    /// ```
    /// use microlr::{PolynomialDecay, Sgd};
    /// let decay = PolynomialDecay::new(0.5_f32, 4, 0.0);
    /// assert_eq!([Sgd::resume(decay, 3).lr(), Sgd::resume(decay, 4).lr()], [0.125, 0.0]);
    /// ```
    #[must_use]
    pub const fn resume(schedule: S, iterations: u32) -> Self {
        Self { schedule, iterations }
    }

    /// A trainer for a schedule that arrived at run time.
    ///
    /// # Errors
    ///
    /// What the schedule's [`validate`](Schedule::validate) returns.
    ///
    /// ```
    /// use microlr::{Error, Sgd};
    /// assert!(Sgd::try_new(0.0_f32).is_ok());
    /// assert_eq!(Sgd::try_new(-0.1_f32), Err(Error::Negative("learning_rate")));
    /// ```
    pub fn try_new(schedule: S) -> Result<Self, Error> {
        schedule.validate()?;
        Ok(Self::new(schedule))
    }

    /// The number of updates done, which is the step that comes next. Save it to resume the run.
    ///
    /// ```
    /// use microlr::{LogisticNeuron, Sgd};
    /// let mut neuron = LogisticNeuron::<f32, 1>::zeroed();
    /// let mut sgd = Sgd::new(0.1_f32);
    /// assert!(sgd.step(&mut neuron, &[1.0], 1.0).is_ok());
    /// assert_eq!(sgd.iterations(), 1);
    /// assert!(sgd.step(&mut neuron, &[f32::NAN], 1.0).is_err()); // no update
    /// assert_eq!(sgd.iterations(), 1);
    /// ```
    #[must_use]
    pub const fn iterations(&self) -> u32 {
        self.iterations
    }

    /// Moves to another step: back to 0 to start the schedule anew.
    ///
    /// ```
    /// use microlr::{PolynomialDecay, Sgd};
    /// let mut sgd = Sgd::resume(PolynomialDecay::new(0.5_f32, 4, 0.0), 4);
    /// assert_eq!(sgd.lr(), 0.0);
    /// sgd.set_iterations(0);
    /// assert_eq!(sgd.lr(), 0.5);
    /// ```
    pub const fn set_iterations(&mut self, iterations: u32) {
        self.iterations = iterations;
    }

    /// The schedule.
    ///
    /// ```
    /// use microlr::{PolynomialDecay, Schedule, Sgd};
    /// let sgd = Sgd::new(PolynomialDecay::new(0.5_f32, 4, 0.0));
    /// assert_eq!(sgd.schedule().lr(3), 0.125); // a look ahead: the trainer stays
    /// assert_eq!(sgd.lr(), 0.5); // at step 0
    /// ```
    #[must_use]
    pub const fn schedule(&self) -> &S {
        &self.schedule
    }

    /// The learning rate of the update that comes next.
    ///
    /// ```
    /// use microlr::{ExponentialDecay, Sgd};
    /// let sgd = Sgd::resume(ExponentialDecay::new(0.5_f32, 1, 0.5), 2);
    /// assert_eq!(sgd.lr(), 0.125);
    /// ```
    #[must_use]
    pub fn lr(&self) -> S::Rate {
        self.schedule.lr(self.iterations)
    }

    /// One update from one sample: features `x` and a label `y` in [0, 1].
    ///
    /// The work is bounded, so it fits in a control loop under a watchdog. It is the same for every sample and every step,
    /// but for numbers so large (in `f32`, from 2^60 on) that the update might overflow: then every one of them is looked at
    /// once more.
    ///
    /// # Errors
    ///
    /// See the [type](Sgd); nothing is changed then.
    ///
    /// ```
    /// use microlr::{Error, LogisticNeuron, Sgd};
    ///
    /// let mut neuron = LogisticNeuron::<f32, 2>::zeroed();
    /// let mut sgd = Sgd::new(0.5_f32);
    /// let report = sgd.step(&mut neuron, &[1.0, 2.0], 1.0)?;
    /// assert_eq!((report.step, report.lr, report.prediction), (0, 0.5, 0.5));
    /// assert_eq!(neuron, LogisticNeuron::new([0.25, 0.5], 0.25));
    ///
    /// let refused = sgd.step(&mut neuron, &[1.0, f32::NAN], 1.0);
    /// assert_eq!(refused, Err(Error::NotFinite("x")));
    /// assert_eq!(neuron, LogisticNeuron::new([0.25, 0.5], 0.25));
    /// assert_eq!(sgd.iterations(), 1);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn step<const N: usize>(
        &mut self,
        neuron: &mut LogisticNeuron<S::Rate, N>,
        x: &[S::Rate; N],
        y: S::Rate,
    ) -> Result<Report<S::Rate>, Error> {
        let lr = self.lr();
        error::non_negative("learning_rate", lr)?;
        check_label(y)?;
        let (logit, extent) = Kernel::logit_and_extent(&neuron.weights, x, neuron.bias);
        let odds = <S::Rate as Kernel>::odds(logit);
        let scale = lr * odds.residual(y);
        if !Kernel::surely_stays_finite(extent, scale) {
            check_step(neuron, x, logit, scale)?;
        }
        descend(neuron, scale, x, scale);
        Ok(self.done(lr, odds.cross_entropy(y), odds.probability()))
    }

    /// One update from a mini-batch: the mean of its gradients, as Keras applies it.
    ///
    /// # Errors
    ///
    /// See the [type](Sgd); nothing is changed then.
    ///
    /// ```
    /// use microlr::{LogisticNeuron, Sgd};
    ///
    /// let mut neuron = LogisticNeuron::<f32, 1>::zeroed();
    /// let mut sgd = Sgd::new(0.5_f32);
    /// sgd.step_batch(&mut neuron, &[[4.0], [0.0]], &[1.0, 0.0])?;
    /// assert_eq!(neuron, LogisticNeuron::new([0.5], 0.0));
    /// # Ok::<(), microlr::Error>(())
    /// ```
    pub fn step_batch<const N: usize>(
        &mut self,
        neuron: &mut LogisticNeuron<S::Rate, N>,
        xs: &[[S::Rate; N]],
        ys: &[S::Rate],
    ) -> Result<Report<S::Rate>, Error> {
        if xs.is_empty() {
            return Err(Error::Empty("xs"));
        }
        if xs.len() != ys.len() {
            return Err(Error::LengthMismatch("ys"));
        }
        let lr = self.lr();
        error::non_negative("learning_rate", lr)?;
        let (change, [loss, prediction]) = mean(neuron, lr, xs, ys)?;
        let one = Float::from_step(1);
        check_descent(neuron, one, &change.weights, change.bias)?;
        descend(neuron, one, &change.weights, change.bias);
        Ok(self.done(lr, loss, prediction))
    }

    /// Counts an update and reports it.
    fn done(&mut self, lr: S::Rate, loss: S::Rate, prediction: S::Rate) -> Report<S::Rate> {
        let report = Report { step: self.iterations, lr, loss, prediction };
        self.iterations = self.iterations.saturating_add(1);
        report
    }

    /// `STEPS` updates, each from the whole batch, and their reports.
    ///
    /// The number of steps is part of the type and with it the size of the history:
    /// `STEPS` times one [`Report`].
    ///
    /// # Errors
    ///
    /// See the [type](Sgd). The run is one transaction: if any of its updates fails, neuron and counter
    /// are what they were before the first.
    ///
    /// ```
    /// use microlr::{LogisticNeuron, Sgd};
    ///
    /// let mut neuron = LogisticNeuron::<f32, 1>::zeroed();
    /// let mut sgd = Sgd::new(0.5_f32);
    /// let history = sgd.train::<100, 1>(&mut neuron, &[[-1.0], [1.0]], &[0.0, 1.0])?;
    /// assert_eq!(history.len(), 100);
    /// assert!(history[99].loss < history[0].loss);
    /// assert_eq!(sgd.iterations(), 100);
    /// # Ok::<(), microlr::Error>(())
    /// ```
    pub fn train<const STEPS: usize, const N: usize>(
        &mut self,
        neuron: &mut LogisticNeuron<S::Rate, N>,
        xs: &[[S::Rate; N]],
        ys: &[S::Rate],
    ) -> Result<History<S::Rate, STEPS>, Error> {
        let before = (*neuron, self.iterations);
        let mut history = History::new();
        for _ in 0..STEPS {
            let step = self.step_batch(neuron, xs, ys).and_then(|report| history.push(report));
            if let Err(error) = step {
                (*neuron, self.iterations) = before;
                return Err(error);
            }
        }
        Ok(history)
    }
}

/// A label is a probability.
#[inline]
fn check_label<F: Float>(y: F) -> Result<(), Error> {
    if y.lies_between_zero_and(F::one()) { Ok(()) } else { Err(Error::OutsideUnitInterval("y")) }
}

/// What the mean of the gradients takes off the neuron, and the mean loss and prediction.
fn mean<F: Float, const N: usize>(
    neuron: &LogisticNeuron<F, N>,
    lr: F,
    xs: &[[F; N]],
    ys: &[F],
) -> Result<(LogisticNeuron<F, N>, [F; 2]), Error> {
    let samples = F::nearest_u64(xs.len() as u64);
    let share = lr / samples;
    let mut change = LogisticNeuron::zeroed();
    let (mut loss, mut prediction) = (F::zero(), F::zero());
    for (x, &y) in xs.iter().zip(ys) {
        check_label(y)?;
        let logit = neuron.logit(x);
        if !logit.is_finite() {
            return Err(why_not_finite(neuron, x));
        }
        let odds = F::odds(logit);
        let scale = share * odds.residual(y);
        // Overflows show when the mean is taken off the weights.
        F::descend(&mut change.weights, -scale, x);
        change.bias = change.bias + scale;
        loss = loss + odds.cross_entropy(y) / samples;
        prediction = prediction + odds.probability() / samples;
    }
    Ok((change, [loss, prediction]))
}

/// Takes `scale · direction` off the weights and `of_bias` off the bias.
#[inline]
fn descend<F: Float, const N: usize>(
    neuron: &mut LogisticNeuron<F, N>,
    scale: F,
    direction: &[F; N],
    of_bias: F,
) {
    F::descend(&mut neuron.weights, scale, direction);
    neuron.bias = neuron.bias - of_bias;
}

/// An error where `descend` would make a weight or the bias infinite.
fn check_descent<F: Float, const N: usize>(
    neuron: &LogisticNeuron<F, N>,
    scale: F,
    direction: &[F; N],
    of_bias: F,
) -> Result<(), Error> {
    if !F::stays_finite(&neuron.weights, scale, direction) {
        Err(Error::Overflow("weights"))
    } else if !(neuron.bias - of_bias).is_finite() {
        Err(Error::Overflow("bias"))
    } else {
        Ok(())
    }
}

/// What is wrong with a step, if anything; looks at every number.
#[cold]
#[inline(never)]
fn check_step<F: Float, const N: usize>(
    neuron: &LogisticNeuron<F, N>,
    x: &[F; N],
    logit: F,
    scale: F,
) -> Result<(), Error> {
    if !logit.is_finite() {
        return Err(why_not_finite(neuron, x));
    }
    check_descent(neuron, scale, x, scale)
}

/// Which input made the logit infinite or NaN.
#[cold]
fn why_not_finite<F: Float, const N: usize>(neuron: &LogisticNeuron<F, N>, x: &[F; N]) -> Error {
    // A value less 0 times itself is finite where the value is: no second loop is compiled.
    let all_finite = |values: &[F]| F::stays_finite(values, F::zero(), values);
    if !all_finite(x) {
        Error::NotFinite("x")
    } else if !all_finite(&neuron.weights) {
        Error::NotFinite("weights")
    } else if !neuron.bias.is_finite() {
        Error::NotFinite("bias")
    } else {
        Error::Overflow("logit")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counted::{Counted, count};
    use crate::schedule::from_fn;

    fn bits<const N: usize>(neuron: &LogisticNeuron<f32, N>) -> ([u32; N], u32) {
        (neuron.weights.map(f32::to_bits), neuron.bias.to_bits())
    }

    /// A neuron whose weights a careless update would change: a negative zero, a subnormal.
    fn neuron() -> LogisticNeuron<f32, 3> {
        LogisticNeuron::new([-0.0, 1e-40, 0.3], -0.1)
    }

    #[test]
    fn a_step_is_the_gradient_of_the_loss() {
        // By central differences in f64.
        let start = LogisticNeuron::new([0.3_f64, -0.2], 0.1);
        let (x, y, h) = ([1.5, -0.5], 0.25, 1e-6);
        let mut stepped = start;
        let report = Sgd::new(1.0).step(&mut stepped, &x, y).unwrap();
        assert_eq!(report.loss, start.loss(&x, y));
        assert_eq!(report.prediction, start.predict(&x));
        let slope = |nudge: fn(&mut LogisticNeuron<f64, 2>, f64)| {
            let (mut above, mut below) = (start, start);
            nudge(&mut above, h);
            nudge(&mut below, -h);
            (above.loss(&x, y) - below.loss(&x, y)) / (2.0 * h)
        };
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} is not {b}");
        close(start.weights[0] - stepped.weights[0], slope(|neuron, h| neuron.weights[0] += h));
        close(start.weights[1] - stepped.weights[1], slope(|neuron, h| neuron.weights[1] += h));
        close(start.bias - stepped.bias, slope(|neuron, h| neuron.bias += h));
    }

    #[test]
    fn a_batch_applies_and_reports_the_mean() {
        let (xs, ys) = ([[1.0_f64, 2.0], [-0.5, 0.25], [0.0, -1.0]], [1.0, 0.0, 0.5]);
        let start = LogisticNeuron::new([0.1, -0.2], 0.05);
        let mut batch = start;
        let report = Sgd::new(0.3).step_batch(&mut batch, &xs, &ys).unwrap();
        let (mut change, mut loss, mut prediction) = ([0.0; 3], 0.0, 0.0);
        for (x, y) in xs.iter().zip(ys) {
            let mut single = start;
            let report = Sgd::new(0.3).step(&mut single, x, y).unwrap();
            change[0] += (single.weights[0] - start.weights[0]) / 3.0;
            change[1] += (single.weights[1] - start.weights[1]) / 3.0;
            change[2] += (single.bias - start.bias) / 3.0;
            loss += report.loss / 3.0;
            prediction += report.prediction / 3.0;
        }
        for (a, b) in [
            (batch.weights[0], start.weights[0] + change[0]),
            (batch.weights[1], start.weights[1] + change[1]),
            (batch.bias, start.bias + change[2]),
            (report.loss, loss),
            (report.prediction, prediction),
        ] {
            assert!(f64::abs(a - b) < 1e-15, "{a} is not {b}");
        }
    }

    /// Calls with `xs` and `ys` on a copy of `start`; the error, once nothing has been seen to change.
    fn refusal(lr: f32, start: LogisticNeuron<f32, 3>, xs: &[[f32; 3]], ys: &[f32]) -> Error {
        const ITERATIONS: u32 = 7;
        let mut neuron = start;
        let mut sgd = Sgd::resume(lr, ITERATIONS);
        let error = sgd.step_batch(&mut neuron, xs, ys).unwrap_err();
        assert_eq!(bits(&neuron), bits(&start), "{error}");
        assert_eq!(sgd.iterations(), ITERATIONS, "{error}");
        let trained = sgd.train::<2, 3>(&mut neuron, xs, ys);
        assert_eq!(trained, Err(error));
        assert_eq!(bits(&neuron), bits(&start), "{error}");
        assert_eq!(sgd.iterations(), ITERATIONS, "{error}");
        if let ([x], [y]) = (xs, ys) {
            assert_eq!(sgd.step(&mut neuron, x, *y), Err(error));
            assert_eq!(bits(&neuron), bits(&start), "{error}");
            assert_eq!(sgd.iterations(), ITERATIONS, "{error}");
        }
        error
    }

    #[test]
    fn what_is_wrong_is_refused_and_changes_nothing() {
        let good = [0.5, -1.0, 2.0];
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for place in 0..3 {
                let mut x = good;
                x[place] = bad;
                assert_eq!(refusal(0.1, neuron(), &[x], &[1.0]), Error::NotFinite("x"));
                // As the last of a batch, after good samples have been summed up.
                let batch = refusal(0.1, neuron(), &[good, good, x], &[1.0; 3]);
                assert_eq!(batch, Error::NotFinite("x"));
                let mut broken = neuron();
                broken.weights[place] = bad;
                let error = refusal(0.1, broken, &[good], &[1.0]);
                assert_eq!(error, Error::NotFinite("weights"));
            }
            let mut broken = neuron();
            broken.bias = bad;
            assert_eq!(refusal(0.1, broken, &[good], &[1.0]), Error::NotFinite("bias"));
            let error = refusal(bad, neuron(), &[good], &[1.0]);
            assert_eq!(error, Error::NotFinite("learning_rate"));
        }
        let outside = Error::OutsideUnitInterval("y");
        for y in [-f32::MIN_POSITIVE, 1.0 + f32::EPSILON, f32::NAN, f32::INFINITY] {
            assert_eq!(refusal(0.1, neuron(), &[good], &[y]), outside);
            assert_eq!(refusal(0.1, neuron(), &[good, good], &[0.0, y]), outside);
        }
        let negative = refusal(-f32::MIN_POSITIVE, neuron(), &[good], &[1.0]);
        assert_eq!(negative, Error::Negative("learning_rate"));
        assert_eq!(refusal(0.1, neuron(), &[], &[]), Error::Empty("xs"));
        let mismatch = Error::LengthMismatch("ys");
        assert_eq!(refusal(0.1, neuron(), &[good], &[]), mismatch);
        assert_eq!(refusal(0.1, neuron(), &[good], &[1.0, 1.0]), mismatch);
        assert_eq!(refusal(0.1, neuron(), &[good, good], &[1.0]), mismatch);
    }

    #[test]
    fn an_overflow_is_refused_and_changes_nothing() {
        let max = f32::MAX;
        let heavy = LogisticNeuron::new([max, 0.0, 0.0], 0.0);
        assert_eq!(refusal(0.1, heavy, &[[2.0, 0.0, 0.0]], &[1.0]), Error::Overflow("logit"));
        for place in 0..3 {
            let mut x = [0.0; 3];
            x[place] = -1e5;
            let error = refusal(max, LogisticNeuron::zeroed(), &[x], &[0.0]);
            assert_eq!(error, Error::Overflow("weights"));
        }
        let torn = LogisticNeuron::new([-1.6e38, 0.0, 0.0], 1.5e38);
        assert_eq!(refusal(max, torn, &[[1.0, 0.0, 0.0]], &[1.0]), Error::Overflow("bias"));
    }

    #[test]
    fn a_run_that_fails_half_way_leaves_no_trace() {
        let schedule = from_fn(|step| if step < 9 { 0.1_f32 } else { f32::NAN });
        let mut neuron = neuron();
        let before = bits(&neuron);
        let mut sgd = Sgd::resume(&schedule, 7);
        let trained = sgd.train::<3, 3>(&mut neuron, &[[1.0; 3]], &[1.0]);
        assert_eq!(trained, Err(Error::NotFinite("learning_rate")));
        assert_eq!((bits(&neuron), sgd.iterations()), (before, 7));
        assert_eq!(sgd.train::<2, 3>(&mut neuron, &[[1.0; 3]], &[1.0]).unwrap().len(), 2);
    }

    #[test]
    fn the_counter_saturates_and_the_rate_stays() {
        let schedule = from_fn(|step| f32::from_step(step) / 1e12);
        let mut sgd = Sgd::resume(schedule, u32::MAX - 1);
        let mut neuron = neuron();
        let mut step = || sgd.step(&mut neuron, &[1.0, 0.0, 0.0], 1.0).unwrap();
        assert_eq!([step().step, step().step, step().step], [u32::MAX - 1, u32::MAX, u32::MAX]);
        assert_eq!(sgd.iterations(), u32::MAX);
    }

    #[test]
    fn a_huge_logit_trains_without_nan() {
        for z in [-1e4_f32, 1e4] {
            for y in [0.0, 0.5, 1.0] {
                let mut neuron = LogisticNeuron::new([1.0_f32], 0.0);
                let report = Sgd::new(0.1_f32).step(&mut neuron, &[z], y).unwrap();
                let exact = if z > 0.0 { 1e4 * (1.0 - y) } else { 1e4 * y };
                assert_eq!((report.loss, report.prediction), (exact, f32::from(u8::from(z > 0.0))));
                assert!(neuron.weights[0].is_finite() && neuron.bias.is_finite());
            }
        }
    }

    #[test]
    fn the_number_of_steps_is_the_capacity_of_the_history() {
        fn run<const STEPS: usize>() {
            let mut neuron = neuron();
            let mut sgd = Sgd::new(0.1_f32);
            let mut history = sgd.train::<STEPS, 3>(&mut neuron, &[[1.0; 3]], &[1.0]).unwrap();
            assert_eq!(history.len(), STEPS);
            assert!(history.iter().map(|report| report.step).eq(0..STEPS as u32));
            assert_eq!(sgd.iterations(), STEPS as u32);
            let extra = Report { step: 0, lr: 0.0, loss: 0.0, prediction: 0.0 };
            assert_eq!(history.push(extra), Err(Error::TooMany("history")));
            assert!(size_of_val(&history) <= STEPS * size_of::<Report<f32>>() + size_of::<usize>());
        }
        run::<0>();
        run::<1>();
        run::<500>();
    }

    #[test]
    fn a_constant_rate_is_the_plain_number() {
        let mut neuron = neuron();
        let history = Sgd::new(0.1_f32).train::<50, 3>(&mut neuron, &[[1.0; 3]], &[1.0]).unwrap();
        assert!(history.iter().all(|report| report.lr == 0.1));
    }

    /// The operations of one step, on a neuron and with a sample made from `seed`.
    fn work<const N: usize>(seed: u64, bias: f64, y: f64, iterations: u32) -> u32 {
        let weights = LogisticNeuron::<f64, N>::glorot_uniform(seed).weights;
        let x = LogisticNeuron::<f64, N>::glorot_uniform(!seed).weights;
        let mut neuron = LogisticNeuron::new(weights.map(Counted), Counted(bias));
        let mut sgd = Sgd::resume(from_fn(|_| Counted(0.1)), iterations);
        let (report, operations) = count(|| sgd.step(&mut neuron, &x.map(Counted), Counted(y)));
        assert!(report.is_ok());
        operations
    }

    #[test]
    fn the_work_of_a_step_depends_on_the_number_of_features_alone() {
        for seed in 0..16 {
            for bias in [9.0, 100.0, 1000.0] {
                for y in [0.0, 1e-300, 0.5, 1.0] {
                    for iterations in [0, 1, 1_000_000, u32::MAX] {
                        let [three, sixteen, more] = [
                            work::<3>(seed, bias, y, iterations),
                            work::<16>(seed, bias, y, iterations),
                            work::<29>(seed, bias, y, iterations),
                        ];
                        assert_eq!(
                            [three, sixteen],
                            [work::<3>(0, 9.0, 0.0, 0), work::<16>(0, 9.0, 0.0, 0)]
                        );
                        assert_eq!(more - sixteen, sixteen - three); // linear in N
                        // One comparison finds out that a logit is not below 0, and two that it is.
                        assert_eq!(work::<3>(seed, -bias, y, iterations), three + 1);
                    }
                }
            }
        }
    }

    #[test]
    fn numbers_that_might_overflow_are_looked_at_once_more_and_accepted() {
        let [three, sixteen] = [work::<3>(0, 9.0, 0.0, 0), work::<16>(0, 9.0, 0.0, 0)];
        for bias in [1e200, 1e300] {
            for y in [0.0, 0.5, 1.0] {
                let work = [
                    work::<3>(1, bias, y, 0),
                    work::<16>(1, bias, y, 0),
                    work::<29>(1, bias, y, 0),
                ];
                assert_eq!(work[2] - work[1], work[1] - work[0]); // linear in N
                assert!(work[0] > three && work[1] > sixteen && work[1] < 2 * sixteen, "{work:?}");
            }
        }
        // 2^100 · 2^-100 - 1 is a logit like any other.
        let (large, small) = (2f32.powi(100), 2f32.powi(-100));
        let mut neuron = LogisticNeuron::new([large], -1.0);
        let report = Sgd::new(0.5_f32).step(&mut neuron, &[small], 1.0).unwrap();
        assert_eq!((report.prediction, neuron), (0.5, LogisticNeuron::new([large], -0.75)));
    }
}
