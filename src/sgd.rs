use core::slice;

use crate::error::{self, Error};
use crate::float::Float;
use crate::history::History;
use crate::neuron::{LogisticNeuron, Odds};
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
    #[must_use]
    pub const fn new(schedule: S) -> Self {
        Self::resume(schedule, 0)
    }

    /// A trainer that has done `iterations` updates before.
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
    #[must_use]
    pub const fn iterations(&self) -> u32 {
        self.iterations
    }

    /// Moves to another step: back to 0 to start the schedule anew.
    pub const fn set_iterations(&mut self, iterations: u32) {
        self.iterations = iterations;
    }

    /// The schedule.
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
    /// The work is the same for every sample and every step, so it fits in a control loop under a
    /// watchdog.
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
        self.step_batch(neuron, slice::from_ref(x), slice::from_ref(&y))
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
        let lr = self.lr();
        let (updated, [loss, prediction]) = descend(neuron, lr, xs, ys)?;
        let report = Report { step: self.iterations, lr, loss, prediction };
        *neuron = updated;
        self.iterations = self.iterations.saturating_add(1);
        Ok(report)
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

/// The neuron after one step down the mean gradient, and the mean loss and prediction before it.
fn descend<F: Float, const N: usize>(
    neuron: &LogisticNeuron<F, N>,
    lr: F,
    xs: &[[F; N]],
    ys: &[F],
) -> Result<(LogisticNeuron<F, N>, [F; 2]), Error> {
    if xs.is_empty() {
        return Err(Error::Empty("xs"));
    }
    if xs.len() != ys.len() {
        return Err(Error::LengthMismatch("ys"));
    }
    error::non_negative("learning_rate", lr)?;

    let samples = F::nearest_u64(xs.len() as u64);
    let share = lr / samples;
    let mut change = LogisticNeuron::<F, N>::zeroed();
    let (mut loss, mut prediction) = (F::zero(), F::zero());
    for (x, &y) in xs.iter().zip(ys) {
        if !(y >= F::zero() && y <= F::one()) {
            return Err(Error::OutsideUnitInterval("y"));
        }
        let logit = neuron.logit(x);
        if !logit.is_finite() {
            return Err(why_not_finite(neuron, x));
        }
        let odds = Odds::new(logit);
        let scale = share * odds.residual(y);
        for (change, &x) in change.weights.iter_mut().zip(x) {
            *change = *change + scale * x;
        }
        change.bias = change.bias + scale;
        loss = loss + odds.cross_entropy(y) / samples;
        prediction = prediction + odds.probability() / samples;
    }

    let mut updated = *neuron;
    for (weight, &change) in updated.weights.iter_mut().zip(&change.weights) {
        *weight = *weight - change;
    }
    updated.bias = updated.bias - change.bias;
    if !all_finite(&updated.weights) {
        return Err(Error::Overflow("weights"));
    }
    if !updated.bias.is_finite() {
        return Err(Error::Overflow("bias"));
    }
    Ok((updated, [loss, prediction]))
}

fn all_finite<F: Float>(values: &[F]) -> bool {
    values.iter().all(|value| value.is_finite())
}

/// Which of the finite-looking inputs made the logit infinite or NaN.
#[cold]
fn why_not_finite<F: Float, const N: usize>(neuron: &LogisticNeuron<F, N>, x: &[F; N]) -> Error {
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
