use super::gradient::Gradient;
use super::history::History;
use super::neuron::LogisticNeuron;
use super::report::Report;
use super::rules::{Update, UpdateRule};
use super::sample::{check_label, logit_of, weighted, why_not_finite};
use crate::arithmetic::{Arithmetic, slices};
use crate::error::{self, Error};
use crate::float::Float;
use crate::schedule::Schedule;

/// Stochastic gradient descent: a schedule, a counter, a factor of the rate, and rules of the
/// update.
///
/// ```text
/// g = (σ(z) - y) · x            the gradient of the cross-entropy; the bias has x = 1
/// w ← w - factor · lr(iterations) · mean of g over the batch, or weight · g
/// iterations ← iterations + 1
/// ```
///
/// The rules `R` change `g`: clipping, L2, momentum and others; see
/// [`UpdateRule`](crate::UpdateRule). There is none unless [`with`](Self::with) sets it.
///
/// Every update is a transaction: invalid input returns a specific error and changes nothing:
/// neither the neuron, nor the counter, nor the state of a rule.
///
/// | input | error |
/// | --- | --- |
/// | no sample in the batch | `Empty("xs")`, `Empty("gradient")` |
/// | not as many labels as samples | `LengthMismatch { name: "ys", .. }` |
/// | a learning rate or a factor NaN or infinite | `NotFinite("learning_rate")` |
/// | a learning rate or a factor below 0 | `Negative("learning_rate")` |
/// | a label outside [0, 1], or NaN | `Label { sample }` |
/// | a feature NaN or infinite | `Feature { sample, feature }` |
/// | a weight of a sample NaN or infinite | `NotFinite("weight")` |
/// | a weight of a sample below 0 | `Negative("weight")` |
/// | a neuron NaN or infinite | `NotFinite("weights")`, `NotFinite("bias")` |
/// | a logit that overflows | `Logit { sample }` |
/// | a weighted loss that overflows | `Overflow("loss")` |
/// | a weight or bias that would become infinite | `Overflow("weights")`, `Overflow("bias")` |
/// | a velocity or average that would | `Overflow("velocity")`, `Overflow("average")` |
/// | a norm that overflows in [`ClipNorm`](crate::ClipNorm) | `Overflow("gradient")` |
///
/// The counter stops at `u32::MAX`; the rate then stays that of the last step.
///
/// The factor is 1 unless [`set_factor`](Self::set_factor) sets it; every rate is then bit for bit
/// that of the schedule.
///
/// # Resuming
///
/// After a reboot, restore the neuron's weights and bias and one `u32`, the factor if it is not 1,
/// and the rules that have a state. The run continues bit for bit as if it had not stopped:
///
/// ```
/// use microlr::{ExponentialDecay, LogisticNeuron, Sgd};
///
/// static DECAY: ExponentialDecay<f32> = ExponentialDecay::new(0.1, 5, 0.95);
/// # let mut neuron = LogisticNeuron::<f32, 2>::zeroed();
/// # let mut sgd = Sgd::new(&DECAY);
/// # sgd.set_factor(0.5);
/// sgd.step(&mut neuron, &[0.5, 1.0], 1.0)?;
/// let (weights, bias) = (neuron.weights, neuron.bias);
/// let (iterations, factor) = (sgd.iterations(), sgd.factor());
/// // ... power fails ...
/// let mut resumed_neuron = LogisticNeuron::new(weights, bias);
/// let mut resumed = Sgd::resume(&DECAY, iterations);
/// resumed.set_factor(factor);
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
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Sgd<S: Schedule, R = ()> {
    schedule: S,
    iterations: u32,
    factor: S::Rate,
    rules: R,
}

impl<S: Schedule> Sgd<S> {
    /// A trainer at step 0. A plain number is a schedule too: `Sgd::new(0.1_f32)`.
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

    /// A trainer that resumes after `iterations` updates, with a factor of 1.
    ///
    /// ```
    /// use microlr::{PolynomialDecay, Sgd};
    /// let decay = PolynomialDecay::new(0.5_f32, 4, 0.0);
    /// assert_eq!([Sgd::resume(decay, 3).lr(), Sgd::resume(decay, 4).lr()], [0.125, 0.0]);
    /// ```
    #[must_use]
    pub const fn resume(schedule: S, iterations: u32) -> Self {
        Self { schedule, iterations, factor: S::Rate::ONE, rules: () }
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
}

impl<S: Schedule + Clone, R> Sgd<&S, R> {
    /// Replaces the reference to the schedule by a copy, as a checkpoint of the feature `store`
    /// needs it.
    ///
    /// ```
    /// use microlr::{ExponentialDecay, Sgd};
    /// static DECAY: ExponentialDecay<f32> = ExponentialDecay::new(0.5, 1, 0.5);
    /// let owned: Sgd<ExponentialDecay<f32>> = Sgd::resume(&DECAY, 2).cloned();
    /// assert_eq!((owned.schedule(), owned.iterations()), (&DECAY, 2));
    /// ```
    #[must_use]
    pub fn cloned(self) -> Sgd<S, R> {
        let schedule = self.schedule.clone();
        self.with_schedule(schedule)
    }
}

impl<S: Schedule, R> Sgd<S, R> {
    /// A trainer at step 0 with rules, for a `static`. Elsewhere [`with`](Self::with) is shorter.
    ///
    /// ```
    /// use microlr::{CosineDecay, Momentum, Sgd};
    /// static DECAY: CosineDecay<f32> = CosineDecay::new(0.5, 500);
    /// static START: Sgd<&CosineDecay<f32>, Momentum<f32, 6>> =
    ///     Sgd::with_rules(&DECAY, Momentum::new(0.9));
    /// assert_eq!(START, Sgd::new(&DECAY).with(Momentum::new(0.9)));
    /// ```
    #[must_use]
    pub const fn with_rules(schedule: S, rules: R) -> Self {
        Self { schedule, iterations: 0, factor: S::Rate::ONE, rules }
    }

    /// Replaces the rules of the update, and their state: momentum, clipping and others. A new
    /// `Sgd` has none. A tuple applies its rules in their order; see
    /// [`UpdateRule`](crate::UpdateRule).
    ///
    /// ```
    /// use microlr::{ClipNorm, CosineDecay, L2, LogisticNeuron, Momentum, Sgd};
    /// static DECAY: CosineDecay<f32> = CosineDecay::new(0.5, 500);
    ///
    /// let mut neuron = LogisticNeuron::<f32, 1>::zeroed();
    /// let mut sgd = Sgd::new(&DECAY).with((ClipNorm(1.0), L2(1e-4), Momentum::new(0.5)));
    /// sgd.step(&mut neuron, &[1.0], 1.0)?;
    /// assert_eq!(neuron, LogisticNeuron::new([0.25], 0.25));
    /// # Ok::<(), microlr::Error>(())
    /// ```
    #[must_use]
    pub fn with<T>(self, rules: T) -> Sgd<S, T> {
        let Self { schedule, iterations, factor, .. } = self;
        Sgd { schedule, iterations, factor, rules }
    }

    /// The rules with their state.
    ///
    /// ```
    /// use microlr::{LogisticNeuron, Momentum, Sgd};
    /// let mut neuron = LogisticNeuron::<f32, 1>::zeroed();
    /// let mut sgd = Sgd::new(0.5_f32).with(Momentum::new(0.9));
    /// sgd.step(&mut neuron, &[2.0], 0.0)?;
    /// assert_eq!(sgd.rules().velocity, LogisticNeuron::new([1.0], 0.5));
    /// # Ok::<(), microlr::Error>(())
    /// ```
    #[must_use]
    pub const fn rules(&self) -> &R {
        &self.rules
    }

    /// Continues under another schedule, at the same step, with the same factor and rules.
    ///
    /// ```
    /// use microlr::{ExponentialDecay, Sgd};
    /// static DECAY: ExponentialDecay<f32> = ExponentialDecay::new(0.5, 1, 0.5);
    /// let sgd = Sgd::resume(0.1_f32, 2).with_schedule(&DECAY);
    /// assert_eq!((sgd.iterations(), sgd.lr()), (2, 0.125));
    /// ```
    #[must_use]
    pub fn with_schedule<T: Schedule<Rate = S::Rate>>(self, schedule: T) -> Sgd<T, R> {
        let Self { iterations, factor, rules, .. } = self;
        Sgd { schedule, iterations, factor, rules }
    }

    /// Checks values that were read or restored: schedule, factor, rules and `neuron`.
    ///
    /// # Errors
    ///
    /// The first of them that is invalid.
    ///
    /// ```
    /// use microlr::{Error, LogisticNeuron, Momentum, Sgd};
    /// let neuron = LogisticNeuron::<f32, 1>::zeroed();
    /// let sgd = Sgd::new(0.1_f32);
    /// assert_eq!(sgd.with(Momentum::new(0.9)).validate(&neuron), Ok(()));
    /// assert_eq!(
    ///     sgd.with(Momentum::new(1.1)).validate(&neuron),
    ///     Err(Error::OutsideUnitInterval("momentum"))
    /// );
    /// assert_eq!(
    ///     sgd.validate(&LogisticNeuron::new([f32::NAN], 0.0)),
    ///     Err(Error::NotFinite("weights"))
    /// );
    /// ```
    pub fn validate<const N: usize>(&self, neuron: &LogisticNeuron<S::Rate, N>) -> Result<(), Error>
    where
        R: UpdateRule<S::Rate, N>,
    {
        self.schedule.validate()?;
        error::non_negative("learning_rate", self.factor)?;
        self.rules.validate()?;
        neuron.not_finite().map_or(Ok(()), |name| Err(Error::NotFinite(name)))
    }

    /// The number of updates, which is the next step. Save it to resume the run.
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

    /// Moves to another step: back to 0 to restart the schedule.
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

    /// Replaces the schedule. The counter and the factor stay, so the new schedule continues at the
    /// step of the old one.
    ///
    /// ```
    /// use microlr::{PolynomialDecay, Sgd};
    /// let mut sgd = Sgd::resume(PolynomialDecay::new(0.5_f32, 4, 0.0), 3);
    /// assert_eq!(sgd.lr(), 0.125);
    /// sgd.set_schedule(PolynomialDecay::new(1.0, 4, 0.0));
    /// assert_eq!((sgd.iterations(), sgd.lr()), (3, 0.25));
    /// sgd.set_iterations(0); // begins the new schedule
    /// assert_eq!(sgd.lr(), 1.0);
    /// ```
    pub fn set_schedule(&mut self, schedule: S) {
        self.schedule = schedule;
    }

    /// The factor by which every rate of the schedule is multiplied; 1 unless set. Save it to
    /// resume the run.
    ///
    /// ```
    /// use microlr::Sgd;
    /// assert_eq!(Sgd::new(0.5_f32).factor(), 1.0);
    /// ```
    #[must_use]
    pub const fn factor(&self) -> S::Rate {
        self.factor
    }

    /// Multiplies every rate of the schedule by `factor` from the next update on, in place of the
    /// factor before: 1 is the schedule itself. [`ReduceLrOnPlateau`](crate::ReduceLrOnPlateau)
    /// computes one from a metric.
    ///
    /// With a factor that is NaN, infinite or negative the next update returns the error of a
    /// learning rate, and nothing changes.
    ///
    /// ```
    /// use microlr::{Error, LogisticNeuron, Sgd};
    /// let mut neuron = LogisticNeuron::<f32, 1>::zeroed();
    /// let mut sgd = Sgd::new(0.5_f32);
    /// sgd.set_factor(0.25);
    /// assert_eq!(sgd.lr(), 0.125);
    /// assert_eq!(sgd.step(&mut neuron, &[1.0], 1.0)?.lr, 0.125);
    ///
    /// sgd.set_factor(-0.25);
    /// let refused = sgd.step(&mut neuron, &[1.0], 1.0);
    /// assert_eq!((refused, sgd.iterations()), (Err(Error::Negative("learning_rate")), 1));
    /// sgd.set_factor(1.0);
    /// assert_eq!(sgd.lr(), 0.5);
    /// # Ok::<(), Error>(())
    /// ```
    pub const fn set_factor(&mut self, factor: S::Rate) {
        self.factor = factor;
    }

    /// The learning rate of the next update, the factor included.
    ///
    /// ```
    /// use microlr::{ExponentialDecay, Sgd};
    /// let sgd = Sgd::resume(ExponentialDecay::new(0.5_f32, 1, 0.5), 2);
    /// assert_eq!(sgd.lr(), 0.125);
    /// ```
    #[must_use]
    pub fn lr(&self) -> S::Rate {
        self.schedule.lr(self.iterations) * self.factor
    }

    /// The learning rate of the next update. Two negative numbers make no valid one.
    fn checked_lr(&self) -> Result<S::Rate, Error> {
        let lr = self.lr();
        error::non_negative("learning_rate", lr)?;
        error::non_negative("learning_rate", self.factor)?;
        Ok(lr)
    }

    /// One update from one sample: features `x` and a label `y` in [0, 1].
    ///
    /// The work has an upper bound, so it fits in a control loop with a watchdog.
    ///
    /// # Errors
    ///
    /// See the [type](Sgd). Neuron and counter then do not change.
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
    /// assert_eq!(refused, Err(Error::Feature { sample: 0, feature: 1 }));
    /// assert_eq!(neuron, LogisticNeuron::new([0.25, 0.5], 0.25));
    /// assert_eq!(sgd.iterations(), 1);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn step<const N: usize>(
        &mut self,
        neuron: &mut LogisticNeuron<S::Rate, N>,
        x: &[S::Rate; N],
        y: S::Rate,
    ) -> Result<Report<S::Rate>, Error>
    where
        R: UpdateRule<S::Rate, N>,
    {
        self.step_by(neuron, x, y, S::Rate::ONE)
    }

    /// One update from one sample whose loss is multiplied by `weight`: the weight of its class or
    /// its own. The gradient and the loss of the report are `weight` times those of
    /// [`step`](Self::step).
    ///
    /// Without rules it is `step` with `weight` times the rate. A weight of 0 then leaves the
    /// neuron as it is, and counts as an update. With momentum or decay the neuron still changes.
    /// A rule sees `weight` times the gradient, so the limit of a [`ClipNorm`](crate::ClipNorm)
    /// must fit the weight.
    ///
    /// # Errors
    ///
    /// See the [type](Sgd). Neuron and counter then do not change.
    ///
    /// ```
    /// use microlr::{Error, LogisticNeuron, Sgd};
    ///
    /// let mut neuron = LogisticNeuron::<f32, 1>::zeroed();
    /// let mut sgd = Sgd::new(0.5_f32);
    /// sgd.step_weighted(&mut neuron, &[2.0], 1.0, 0.0)?;
    /// assert_eq!((neuron, sgd.iterations()), (LogisticNeuron::zeroed(), 1));
    /// sgd.step_weighted(&mut neuron, &[2.0], 1.0, 10.0)?;
    /// assert_eq!(neuron, LogisticNeuron::new([5.0], 2.5)); // 0.5 · 10 · ½ · 2
    ///
    /// let refused = sgd.step_weighted(&mut neuron, &[2.0], 1.0, -10.0);
    /// assert_eq!(refused, Err(Error::Negative("weight")));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// Source: scikit-learn, `sample_weight` and `class_weight` of `SGDClassifier`.
    pub fn step_weighted<const N: usize>(
        &mut self,
        neuron: &mut LogisticNeuron<S::Rate, N>,
        x: &[S::Rate; N],
        y: S::Rate,
        weight: S::Rate,
    ) -> Result<Report<S::Rate>, Error>
    where
        R: UpdateRule<S::Rate, N>,
    {
        self.step_by(neuron, x, y, weight)
    }

    /// A weight of 1 is known to the compiler, and costs nothing.
    #[inline(always)]
    fn step_by<const N: usize>(
        &mut self,
        neuron: &mut LogisticNeuron<S::Rate, N>,
        x: &[S::Rate; N],
        y: S::Rate,
        weight: S::Rate,
    ) -> Result<Report<S::Rate>, Error>
    where
        R: UpdateRule<S::Rate, N>,
    {
        let lr = self.checked_lr()?;
        check_label(y, 0)?;
        let (dot, bound) = slices::dot_and_bound(&neuron.weights, x);
        let logit = logit_of(dot + neuron.bias).ok_or_else(|| why_not_finite(neuron, x, 0))?;
        let (slope, loss) = weighted(logit, y, weight)?;
        let scale = lr * slope;
        if !R::NONE {
            let mut gradient = LogisticNeuron::new(*x, S::Rate::ONE);
            gradient.scale(slope);
            self.apply_rules(neuron, gradient, lr)?;
        } else if is_negligible(scale, bound) {
            slices::axpy(-scale, x, &mut neuron.weights);
            neuron.bias = neuron.bias - scale;
        } else {
            *neuron = descended(neuron, scale, x, scale)?;
        }
        Ok(self.done(lr, loss, logit.probability()))
    }

    /// One update from a mini-batch: the mean of its gradients, as Keras applies it.
    ///
    /// It is a [`Gradient`] of every sample and [`apply`](Self::apply), bit for bit.
    ///
    /// # Errors
    ///
    /// See the [type](Sgd). The whole batch is then refused: neuron and counter do not change.
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
    ) -> Result<Report<S::Rate>, Error>
    where
        R: UpdateRule<S::Rate, N>,
    {
        if xs.is_empty() {
            return Err(Error::Empty("xs"));
        }
        if xs.len() != ys.len() {
            return Err(Error::LengthMismatch { name: "ys", expected: xs.len() as u32 });
        }
        let lr = self.checked_lr()?;
        let mut gradient = Gradient::new();
        for (x, &y) in xs.iter().zip(ys) {
            gradient.add(neuron, x, y)?;
        }
        self.descend(neuron, &gradient, lr)
    }

    /// One update from a gradient: of a mini-batch that arrived sample by sample, or of weighted
    /// samples. The gradient does not change; [`clear`](Gradient::clear) it for the next batch.
    ///
    /// # Errors
    ///
    /// `Empty("gradient")` if it has no sample, and those of the rate and the result; see the
    /// [type](Sgd). Neuron and counter then do not change.
    ///
    /// ```
    /// use microlr::{Gradient, LogisticNeuron, Sgd};
    ///
    /// let mut neuron = LogisticNeuron::<f32, 1>::zeroed();
    /// let mut sgd = Sgd::new(0.5_f32);
    /// let mut gradient = Gradient::new();
    /// gradient.add(&neuron, &[4.0], 1.0)?;
    /// gradient.add(&neuron, &[0.0], 0.0)?;
    /// let report = sgd.apply(&mut neuron, &gradient)?;
    /// assert_eq!((report.step, report.prediction), (0, 0.5));
    /// assert_eq!(neuron, LogisticNeuron::new([0.5], 0.0));
    /// # Ok::<(), microlr::Error>(())
    /// ```
    pub fn apply<const N: usize>(
        &mut self,
        neuron: &mut LogisticNeuron<S::Rate, N>,
        gradient: &Gradient<S::Rate, N>,
    ) -> Result<Report<S::Rate>, Error>
    where
        R: UpdateRule<S::Rate, N>,
    {
        let lr = self.checked_lr()?;
        self.descend(neuron, gradient, lr)
    }

    fn descend<const N: usize>(
        &mut self,
        neuron: &mut LogisticNeuron<S::Rate, N>,
        gradient: &Gradient<S::Rate, N>,
        lr: S::Rate,
    ) -> Result<Report<S::Rate>, Error>
    where
        R: UpdateRule<S::Rate, N>,
    {
        let (mean, loss, prediction) = gradient.means()?;
        self.apply_rules(neuron, mean, lr)?;
        Ok(self.done(lr, loss, prediction))
    }

    /// Applies the rules to a gradient, and the result to the neuron. On an error neither changes.
    fn apply_rules<const N: usize>(
        &mut self,
        neuron: &mut LogisticNeuron<S::Rate, N>,
        gradient: LogisticNeuron<S::Rate, N>,
        lr: S::Rate,
    ) -> Result<(), Error>
    where
        R: UpdateRule<S::Rate, N>,
    {
        let mut rules = self.rules.clone();
        let mut update = Update { lr, neuron: *neuron, gradient, scale: lr };
        rules.update(&mut update)?;
        let Update { neuron: decayed, gradient, scale, .. } = update;
        let next = descended(&decayed, scale, &gradient.weights, scale * gradient.bias)?;
        rules.observe(&next)?;
        (*neuron, self.rules) = (next, rules);
        Ok(())
    }

    /// Counts an update and reports it.
    fn done(&mut self, lr: S::Rate, loss: S::Rate, prediction: S::Rate) -> Report<S::Rate> {
        let report = Report { step: self.iterations, lr, loss, prediction };
        self.iterations = self.iterations.saturating_add(1);
        report
    }

    /// `STEPS` updates, each from the whole batch, and their reports.
    ///
    /// The number of steps is part of the type of the history. If that type is written, no other
    /// annotation is needed: `let history: History<f32, 100> = sgd.train(..)?`.
    ///
    /// The history takes 16 bytes per step in `f32` and 32 in `f64`. It is returned by value, so
    /// the compiler may keep more than one copy of it on the stack. On a microcontroller prefer
    /// [`train_into`](Self::train_into) with a history in a `static`.
    ///
    /// # Errors
    ///
    /// See the [type](Sgd). The run is one transaction: if any of its updates fails, neuron and
    /// counter are what they were before the first.
    ///
    /// ```
    /// use microlr::{History, LogisticNeuron, Sgd};
    ///
    /// let mut neuron = LogisticNeuron::<f32, 1>::zeroed();
    /// let mut sgd = Sgd::new(0.5_f32);
    /// let history: History<f32, 100> = sgd.train(&mut neuron, &[[-1.0], [1.0]], &[0.0, 1.0])?;
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
    ) -> Result<History<S::Rate, STEPS>, Error>
    where
        R: UpdateRule<S::Rate, N>,
    {
        let mut history = History::new();
        self.train_into(&mut history, neuron, xs, ys)?;
        Ok(history)
    }

    /// As many updates as `history` has room for, each from the whole batch. Their reports are
    /// appended.
    ///
    /// # Errors
    ///
    /// As [`train`](Self::train); the history does not change either.
    ///
    /// ```
    /// use microlr::{History, LogisticNeuron, Sgd};
    ///
    /// let mut history = History::<f32, 100>::new(); // in firmware: in a `static`
    /// let mut neuron = LogisticNeuron::<f32, 1>::zeroed();
    /// let mut sgd = Sgd::new(0.5_f32);
    /// sgd.train_into(&mut history, &mut neuron, &[[-1.0], [1.0]], &[0.0, 1.0])?;
    /// assert_eq!((history.len(), sgd.iterations()), (100, 100));
    /// sgd.train_into(&mut history, &mut neuron, &[[-1.0], [1.0]], &[0.0, 1.0])?;
    /// assert_eq!(sgd.iterations(), 100); // the history is full
    /// # Ok::<(), microlr::Error>(())
    /// ```
    pub fn train_into<const STEPS: usize, const N: usize>(
        &mut self,
        history: &mut History<S::Rate, STEPS>,
        neuron: &mut LogisticNeuron<S::Rate, N>,
        xs: &[[S::Rate; N]],
        ys: &[S::Rate],
    ) -> Result<(), Error>
    where
        R: UpdateRule<S::Rate, N>,
    {
        let before = (*neuron, self.iterations, self.rules.clone());
        let length = history.len();
        for _ in length..STEPS {
            let step = self.step_batch(neuron, xs, ys).and_then(|report| history.push(report));
            if let Err(error) = step {
                (*neuron, self.iterations, self.rules) = before;
                history.truncate(length);
                return Err(error);
            }
        }
        Ok(())
    }
}

/// Whether `scale` and its product with a number up to `bound` are so small that they make no
/// finite number infinite: less than half a unit in the last place of the largest one.
#[inline]
fn is_negligible<F: Float>(scale: F, bound: F) -> bool {
    let limit = F::max_value() * F::epsilon() * F::epsilon();
    scale.abs() * bound < limit
}

/// The weights minus `scale · direction`, the bias minus `of_bias`; an error if one of them is then
/// infinite.
#[inline(never)]
fn descended<F: Float, const N: usize>(
    neuron: &LogisticNeuron<F, N>,
    scale: F,
    direction: &[F; N],
    of_bias: F,
) -> Result<LogisticNeuron<F, N>, Error> {
    let mut next = LogisticNeuron::new(neuron.weights, neuron.bias - of_bias);
    slices::axpy(-scale, direction, &mut next.weights);
    match next.not_finite() {
        None => Ok(next),
        Some(name) => Err(Error::Overflow(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::from_fn;
    use crate::train::rules::{Average, ClipValue, L2, Momentum};

    fn bits<const N: usize>(neuron: &LogisticNeuron<f32, N>) -> ([u32; N], u32) {
        (neuron.weights.map(f32::to_bits), neuron.bias.to_bits())
    }

    /// A neuron whose weights a careless update would change: a negative zero, a subnormal.
    fn neuron() -> LogisticNeuron<f32, 3> {
        LogisticNeuron::new([-0.0, 1e-40, 0.3], -0.1)
    }

    #[test]
    fn an_update_of_a_unit_of_the_largest_number_is_refused() {
        // The bias makes the logit negative, so the update raises the weight.
        let start = LogisticNeuron::new([f32::MAX, 0.0], -3e38);
        for x in [[0.5, 0.0], [0.5, 1e10]] {
            let mut neuron = start;
            let refused = Sgd::new(2.5e31_f32).step(&mut neuron, &x, 1.0);
            assert_eq!((refused, neuron), (Err(Error::Overflow("weights")), start));
        }
        let mut neuron = start;
        assert!(Sgd::new(1e31_f32).step(&mut neuron, &[0.5, 0.0], 1.0).is_ok());
        assert_eq!(neuron.weights, start.weights);
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

    /// Calls with `xs` and `ys` on a copy of `start`; the error, once nothing has been seen to
    /// change.
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
                let single = Error::Feature { sample: 0, feature: place as u32 };
                assert_eq!(refusal(0.1, neuron(), &[x], &[1.0]), single);
                // As the last of a batch, after good samples have been summed up.
                let batch = refusal(0.1, neuron(), &[good, good, x], &[1.0; 3]);
                assert_eq!(batch, Error::Feature { sample: 2, feature: place as u32 });
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

        for y in [-f32::MIN_POSITIVE, 1.0 + f32::EPSILON, f32::NAN, f32::INFINITY] {
            assert_eq!(refusal(0.1, neuron(), &[good], &[y]), Error::Label { sample: 0 });
            let second = refusal(0.1, neuron(), &[good, good], &[0.0, y]);
            assert_eq!(second, Error::Label { sample: 1 });
        }
        let negative = refusal(-f32::MIN_POSITIVE, neuron(), &[good], &[1.0]);
        assert_eq!(negative, Error::Negative("learning_rate"));
        assert_eq!(refusal(0.1, neuron(), &[], &[]), Error::Empty("xs"));
        let mismatch = |expected| Error::LengthMismatch { name: "ys", expected };
        assert_eq!(refusal(0.1, neuron(), &[good], &[]), mismatch(1));
        assert_eq!(refusal(0.1, neuron(), &[good], &[1.0, 1.0]), mismatch(1));
        assert_eq!(refusal(0.1, neuron(), &[good, good], &[1.0]), mismatch(2));
    }

    #[test]
    fn an_overflow_is_refused_and_changes_nothing() {
        let max = f32::MAX;
        let heavy = LogisticNeuron::new([max, 0.0, 0.0], 0.0);
        assert_eq!(refusal(0.1, heavy, &[[2.0, 0.0, 0.0]], &[1.0]), Error::Logit { sample: 0 });
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
    fn a_refused_update_changes_no_rule() {
        let schedule = from_fn(|step| if step < 9 { 0.1_f32 } else { f32::NAN });
        let mut neuron = neuron();
        let mut sgd = Sgd::resume(schedule, 5).with((Momentum::new(0.5), Average::new()));
        sgd.step(&mut neuron, &[1.0; 3], 1.0).unwrap();
        let (before, rules) = (neuron, *sgd.rules());
        let unchanged = |error: Error, sgd: &Sgd<_, _>, neuron: LogisticNeuron<f32, 3>| {
            assert_eq!((neuron, *sgd.rules(), sgd.iterations()), (before, rules, 6), "{error}");
        };
        let error = sgd.step(&mut neuron, &[1.0, f32::NAN, 1.0], 1.0).unwrap_err();
        unchanged(error, &sgd, neuron);
        let error = sgd.step(&mut neuron, &[1.0; 3], 1.5).unwrap_err();
        unchanged(error, &sgd, neuron);
        let error = sgd.train::<4, 3>(&mut neuron, &[[1.0; 3]], &[1.0]).unwrap_err();
        unchanged(error, &sgd, neuron);
    }

    #[test]
    fn rules_that_do_nothing_change_nothing() {
        let (xs, ys) = ([[1.0, 2.0, -0.5], [-0.5, 0.25, 3.0]], [1.0, 0.0]);
        let (mut plain, mut ruled) = (neuron(), neuron());
        let mut sgd = Sgd::new(0.3_f32);
        let mut with_rules = sgd.with((ClipValue(f32::MAX), L2(0.0), Momentum::new(0.0)));
        for _ in 0..20 {
            let report = sgd.step_batch(&mut plain, &xs, &ys);
            assert_eq!(with_rules.step_batch(&mut ruled, &xs, &ys), report);
            assert_eq!(plain, ruled);
        }
        // A sample is multiplied by slope and rate in another order.
        assert!(sgd.step(&mut plain, &xs[0], 0.5).is_ok());
        assert!(with_rules.step(&mut ruled, &xs[0], 0.5).is_ok());
        for (plain, ruled) in plain.weights.iter().zip(ruled.weights) {
            assert!((plain - ruled).abs() <= f32::EPSILON * plain.abs(), "{plain} {ruled}");
        }
    }

    #[test]
    fn a_factor_of_one_changes_no_bit() {
        for rate in [0.0, -0.0, 1e-45, f32::MIN_POSITIVE, 0.1, f32::MAX] {
            assert_eq!(Sgd::new(rate).lr().to_bits(), rate.to_bits());
        }
    }

    #[test]
    fn an_invalid_factor_is_refused_whatever_the_rate() {
        for (factor, error) in [
            (f32::NAN, Error::NotFinite("learning_rate")),
            (f32::INFINITY, Error::NotFinite("learning_rate")),
            (-f32::INFINITY, Error::NotFinite("learning_rate")),
            (-1.0, Error::Negative("learning_rate")),
            (-f32::MIN_POSITIVE, Error::Negative("learning_rate")),
        ] {
            for rate in [0.0_f32, 0.1] {
                let (mut neuron, mut sgd) = (neuron(), Sgd::resume(rate, 7));
                let before = bits(&neuron);
                sgd.set_factor(factor);
                let x = [1.0; 3];
                assert_eq!(sgd.step(&mut neuron, &x, 1.0), Err(error), "{rate} {factor}");
                assert_eq!(sgd.step_batch(&mut neuron, &[x], &[1.0]), Err(error));
                assert_eq!(sgd.train::<2, 3>(&mut neuron, &[x], &[1.0]), Err(error));
                assert_eq!((bits(&neuron), sgd.iterations()), (before, 7));
                sgd.set_factor(1.0);
                assert!(sgd.step(&mut neuron, &x, 1.0).is_ok());
            }
        }
        // The product of two negative numbers is no valid rate.
        let mut sgd = Sgd::new(-0.5_f32);
        sgd.set_factor(-0.5);
        let refused = sgd.step(&mut neuron(), &[1.0; 3], 1.0);
        assert_eq!(refused, Err(Error::Negative("learning_rate")));
    }

    #[test]
    fn another_schedule_keeps_counter_and_factor() {
        let mut sgd = Sgd::resume(0.5_f32, 3);
        sgd.set_factor(0.25);
        sgd.set_schedule(0.25);
        assert_eq!((sgd.iterations(), sgd.factor(), sgd.lr()), (3, 0.25, 0.0625));
        let mut resumed = Sgd::resume(0.25_f32, 3);
        assert_ne!(resumed, sgd);
        resumed.set_factor(0.25);
        assert_eq!(resumed, sgd);
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

    #[test]
    fn large_numbers_that_do_not_overflow_are_accepted() {
        // 2^100 · 2^-100 - 1 is a logit like any other.
        let (large, small) = (2f32.powi(100), 2f32.powi(-100));
        let mut neuron = LogisticNeuron::new([large], -1.0);
        let report = Sgd::new(0.5_f32).step(&mut neuron, &[small], 1.0).unwrap();
        assert_eq!((report.prediction, neuron), (0.5, LogisticNeuron::new([large], -0.75)));
    }
}
