use super::neuron::LogisticNeuron;
use crate::error::{self, Error};
use crate::float::Float;

/// Stops a run that no longer improves, and keeps the best neuron, as Keras does.
///
/// This is the configuration, which can be a `static`. What changes is a [`Best`].
///
/// ```text
/// improved = metric + min_delta < best          maximize(): metric - min_delta > best
///
/// improved: best.metric ← metric, best.neuron ← neuron, best.bad ← 0
/// otherwise: best.bad ← best.bad + 1
/// stop = best.bad ≥ patience, or ≥ 1 if patience is 0
/// ```
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `patience` | observations | any; 0 in Keras unless set |
/// | `min_delta` | metric | finite, ≥ 0; 0 unless set |
/// | `start_from` | observations | any; 0 unless set |
///
/// A metric that is better by exactly `min_delta` is no improvement. NaN is a bad observation and
/// never the best one, since no comparison with it holds.
///
/// The loss of a [`Report`](crate::Report) is from before the update, so it is not that of the
/// neuron after it. Compute the metric from the neuron, and from samples that do not train it.
///
/// # Where Keras differs
///
/// - Keras takes the first metric as the best one even if it is NaN, and then never sees an
///   improvement. Here a first metric of NaN or infinity (for `maximize`, negative infinity) is a
///   bad observation, as in [`ReduceLrOnPlateau`](crate::ReduceLrOnPlateau).
/// - `restore_best_weights` is `neuron = best.neuron`.
/// - There is no `baseline`. It stops a run that does not reach a value within `patience`, which is
///   a comparison with `best.metric`.
/// - Keras computes in `f64`, this crate in `F`.
///
/// ```
/// use microlr::{Best, EarlyStopping, LogisticNeuron, Sgd};
///
/// static STOPPING: EarlyStopping<f32> = EarlyStopping::new(3).min_delta(0.001);
///
/// let (mut neuron, mut sgd) = (LogisticNeuron::zeroed(), Sgd::new(4.0_f32));
/// let mut best = Best::new(neuron);
/// loop {
///     sgd.step_batch(&mut neuron, &[[1.0], [2.0], [3.0]], &[0.0, 1.0, 1.0])?;
///     let validation = neuron.loss(&[1.4], 0.0); // of a sample that it has not seen
///     if STOPPING.observe(&mut best, validation, &neuron) {
///         break;
///     }
/// }
/// assert!(best.neuron.loss(&[1.4], 0.0) < neuron.loss(&[1.4], 0.0));
/// neuron = best.neuron; // `restore_best_weights`
/// assert_eq!(best.metric, Some(neuron.loss(&[1.4], 0.0)));
/// # Ok::<(), microlr::Error>(())
/// ```
///
/// Source: Keras, `keras.callbacks.EarlyStopping`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct EarlyStopping<F> {
    patience: u32,
    min_delta: F,
    maximize: bool,
    start_from: u32,
}

/// What an [`EarlyStopping`] remembers: the best metric and its neuron.
///
/// The fields are public. Store them with the weights, and a resumed run continues bit for bit.
/// Store them after the stop too: then [`has_stopped`](EarlyStopping::has_stopped) says so after a
/// reboot.
///
/// ```
/// use microlr::{Best, EarlyStopping, LogisticNeuron};
/// static STOPPING: EarlyStopping<f32> = EarlyStopping::new(2);
///
/// let mut best = Best::new(LogisticNeuron::zeroed());
/// let good = LogisticNeuron::new([1.0], 0.0);
/// STOPPING.observe(&mut best, 0.25, &good);
/// STOPPING.observe(&mut best, 0.5, &LogisticNeuron::new([2.0], 0.0));
/// let Best { metric, neuron, bad, ignored } = best;
/// assert_eq!((metric, neuron, bad, ignored), (Some(0.25), good, 1, 0));
/// // ... power fails ...
/// let mut resumed = Best { metric, neuron, bad, ignored };
/// assert!(STOPPING.observe(&mut resumed, 0.5, &good));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(bound = "F: Float"))]
pub struct Best<F, const N: usize> {
    /// The best metric, once there is one.
    pub metric: Option<F>,
    /// The neuron with that metric; until then the one of [`new`](Self::new).
    pub neuron: LogisticNeuron<F, N>,
    /// Bad observations since the last improvement.
    pub bad: u32,
    /// Observations that [`start_from`](EarlyStopping::start_from) ignored.
    pub ignored: u32,
}

impl<F: Float, const N: usize> Best<F, N> {
    /// The state before the first metric. It holds this neuron until there is a better one.
    ///
    /// ```
    /// use microlr::{Best, LogisticNeuron};
    /// static START: Best<f32, 2> = Best::new(LogisticNeuron::zeroed());
    /// assert_eq!((START.metric, START.bad, START.ignored), (None, 0, 0));
    /// ```
    #[must_use]
    pub const fn new(neuron: LogisticNeuron<F, N>) -> Self {
        Self { metric: None, neuron, bad: 0, ignored: 0 }
    }
}

impl<F: Float> EarlyStopping<F> {
    /// Stops after `patience` bad observations in a row. As in Keras, a patience of 0 is the same
    /// as 1.
    ///
    /// ```
    /// use microlr::{Best, EarlyStopping, LogisticNeuron};
    /// static STOPPING: EarlyStopping<f32> = EarlyStopping::new(2);
    /// let neuron = LogisticNeuron::<f32, 1>::zeroed();
    /// let mut best = Best::new(neuron);
    /// let stop = [0.75, 0.75, 0.5, 0.5, 0.5]
    ///     .map(|loss| STOPPING.observe(&mut best, loss, &neuron));
    /// assert_eq!(stop, [false, false, false, false, true]);
    /// ```
    #[must_use]
    pub const fn new(patience: u32) -> Self {
        Self { patience, min_delta: F::ZERO, maximize: false, start_from: 0 }
    }

    /// An improvement is a difference from the best metric of more than `min_delta`.
    ///
    /// ```
    /// use microlr::{Best, EarlyStopping, LogisticNeuron};
    /// let stopping = EarlyStopping::new(1).min_delta(0.25_f32);
    /// let neuron = LogisticNeuron::<f32, 1>::zeroed();
    /// let observe = |metric| {
    ///     let mut best = Best { metric: Some(2.0), ..Best::new(neuron) };
    ///     stopping.observe(&mut best, metric, &neuron)
    /// };
    /// assert_eq!([observe(1.75), observe(1.7499)], [true, false]);
    /// ```
    #[must_use]
    pub const fn min_delta(mut self, min_delta: F) -> Self {
        self.min_delta = min_delta;
        self
    }

    /// For a metric that grows, such as an accuracy: `mode="max"` in Keras.
    ///
    /// ```
    /// use microlr::{Best, EarlyStopping, LogisticNeuron};
    /// let stopping = EarlyStopping::new(1).maximize();
    /// let neuron = LogisticNeuron::<f32, 1>::zeroed();
    /// let mut best = Best::new(neuron);
    /// let stop =
    ///     [0.5, 0.75, 0.75].map(|accuracy| stopping.observe(&mut best, accuracy, &neuron));
    /// assert_eq!(stop, [false, false, true]);
    /// ```
    #[must_use]
    pub const fn maximize(mut self) -> Self {
        self.maximize = true;
        self
    }

    /// Ignores this many observations at the beginning: `start_from_epoch` in Keras.
    ///
    /// ```
    /// use microlr::{Best, EarlyStopping, LogisticNeuron};
    /// let stopping = EarlyStopping::new(1).start_from(2);
    /// let neuron = LogisticNeuron::<f32, 1>::zeroed();
    /// let mut best = Best::new(neuron);
    /// let stop = [0.5, 0.5, 0.75, 0.75].map(|loss| stopping.observe(&mut best, loss, &neuron));
    /// assert_eq!(stop, [false, false, false, true]);
    /// assert_eq!(best.metric, Some(0.75));
    /// ```
    #[must_use]
    pub const fn start_from(mut self, observations: u32) -> Self {
        self.start_from = observations;
        self
    }

    /// Returns the first invalid parameter.
    ///
    /// # Errors
    ///
    /// `min_delta` is negative, NaN or infinite.
    ///
    /// ```
    /// use microlr::{EarlyStopping, Error};
    /// let stopping = EarlyStopping::new(10);
    /// assert_eq!(stopping.min_delta(0.0_f32).validate(), Ok(()));
    /// assert_eq!(stopping.min_delta(-0.1).validate(), Err(Error::Negative("min_delta")));
    /// ```
    pub fn validate(&self) -> Result<(), Error> {
        error::non_negative("min_delta", self.min_delta)
    }

    /// Takes a metric and the neuron that has it, and returns whether to stop. It never panics.
    ///
    /// ```
    /// use microlr::{Best, EarlyStopping, LogisticNeuron};
    /// let stopping = EarlyStopping::new(2);
    /// let mut best = Best::new(LogisticNeuron::zeroed());
    /// let stop = [1.0, 0.5, f32::NAN, 0.75].map(|metric| {
    ///     stopping.observe(&mut best, metric, &LogisticNeuron::new([metric], 0.0))
    /// });
    /// assert_eq!(stop, [false, false, false, true]);
    /// assert_eq!((best.metric, best.neuron.weights), (Some(0.5), [0.5]));
    /// ```
    pub fn observe<const N: usize>(
        &self,
        best: &mut Best<F, N>,
        metric: F,
        neuron: &LogisticNeuron<F, N>,
    ) -> bool {
        if best.ignored < self.start_from {
            best.ignored = best.ignored.saturating_add(1);
            return false;
        }
        if self.is_better(metric, best.metric) {
            (best.metric, best.neuron, best.bad) = (Some(metric), *neuron, 0);
        } else {
            best.bad = best.bad.saturating_add(1);
        }
        self.has_stopped(best)
    }

    /// Whether the run has stopped. After a reboot this needs no further metric.
    ///
    /// ```
    /// use microlr::{Best, EarlyStopping, LogisticNeuron};
    /// let stopping = EarlyStopping::<f32>::new(2);
    /// let best = Best::new(LogisticNeuron::<f32, 1>::zeroed());
    /// assert!(!stopping.has_stopped(&Best { bad: 1, ..best }));
    /// assert!(stopping.has_stopped(&Best { bad: 2, ..best }));
    /// ```
    #[must_use]
    pub fn has_stopped<const N: usize>(&self, best: &Best<F, N>) -> bool {
        best.bad >= self.patience.max(1)
    }

    fn is_better(&self, metric: F, best: Option<F>) -> bool {
        if self.maximize {
            metric - self.min_delta > best.unwrap_or(F::neg_infinity())
        } else {
            metric + self.min_delta < best.unwrap_or(F::infinity())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metric_at_the_threshold_is_no_improvement() {
        let neuron = LogisticNeuron::<f32, 1>::zeroed();
        for min_delta in [0.0_f32, 0.25] {
            let stopping = EarlyStopping::new(0).min_delta(min_delta);
            let (low, high) = (2.0 - min_delta, 2.0 + min_delta);
            for (stopping, metric, stop) in [
                (stopping, low, true),
                (stopping, low.next_down(), false),
                (stopping, f32::NAN, true),
                (stopping.maximize(), high, true),
                (stopping.maximize(), high.next_up().next_up(), false),
                (stopping.maximize(), f32::NAN, true),
            ] {
                let mut best = Best { metric: Some(2.0), ..Best::new(neuron) };
                assert_eq!(stopping.observe(&mut best, metric, &neuron), stop, "{metric}");
            }
        }
    }

    #[test]
    fn a_first_metric_of_nan_or_infinity_is_never_the_best() {
        let (first, good) = (LogisticNeuron::new([1.0_f32], 0.0), LogisticNeuron::zeroed());
        for (stopping, bad) in [
            (EarlyStopping::new(2), f32::NAN),
            (EarlyStopping::new(2), f32::INFINITY),
            (EarlyStopping::new(2).maximize(), f32::NAN),
            (EarlyStopping::new(2).maximize(), f32::NEG_INFINITY),
        ] {
            let mut best = Best::new(first);
            assert!(!stopping.observe(&mut best, bad, &good));
            assert_eq!((best.metric, best.neuron, best.bad), (None, first, 1));
            assert!(!stopping.observe(&mut best, 1.0, &good));
            assert_eq!((best.metric, best.neuron, best.bad), (Some(1.0), good, 0));
        }
    }

    #[test]
    fn counts_stop_at_their_end() {
        let neuron = LogisticNeuron::<f32, 1>::zeroed();
        let full = Best { metric: Some(0.0), bad: u32::MAX, ..Best::new(neuron) };
        let mut best = full;
        assert!(EarlyStopping::new(u32::MAX).observe(&mut best, 1.0, &neuron));
        assert_eq!(best, full);
        let mut late = Best { ignored: u32::MAX - 1, ..Best::new(neuron) };
        let stopping = EarlyStopping::new(1).start_from(u32::MAX);
        assert!(!stopping.observe(&mut late, f32::NAN, &neuron));
        assert!(stopping.observe(&mut late, f32::NAN, &neuron));
    }

    #[test]
    fn validate_names_the_parameter() {
        for (min_delta, error) in [
            (f32::NAN, Error::NotFinite("min_delta")),
            (f32::INFINITY, Error::NotFinite("min_delta")),
            (-f32::MIN_POSITIVE, Error::Negative("min_delta")),
        ] {
            assert_eq!(EarlyStopping::new(3).min_delta(min_delta).validate(), Err(error));
        }
        assert_eq!(EarlyStopping::new(3).min_delta(f32::MAX).validate(), Ok(()));
    }
}
