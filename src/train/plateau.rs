use crate::error::{self, Error};
use crate::float::Float;

/// Reduces the learning rate when a metric stops improving, as Keras and PyTorch do.
///
/// This is the configuration, which can be a `static`. What changes is a [`PlateauState`].
/// [`observe`](Self::observe) takes a metric and returns the factor for
/// [`Sgd::set_factor`](crate::Sgd::set_factor), so plateau and schedule work together.
///
/// ```text
/// improved = metric < best - threshold            min_delta of Keras, `abs` of PyTorch
/// improved = metric < best · (1 - threshold)      `rel` of PyTorch
///     maximize(): metric > best + threshold, metric > best · (1 + threshold)
///
/// improved: state.best ← metric, state.bad ← 0
/// otherwise, unless in a cooldown: state.bad ← state.bad + 1
/// after enough bad observations: state.factor ← max(state.factor · factor, floor),
///     state.bad ← 0, and a cooldown begins
/// ```
///
/// The two libraries count differently, and both are exact here:
///
/// | | [`keras`](Self::keras) | [`pytorch`](Self::pytorch) |
/// | --- | --- | --- |
/// | reduces at bad observation | `patience`, and at 1 for a patience of 0 | `patience + 1` |
/// | ignores after a reduction | `cooldown - 1` bad observations, at least 0 | `cooldown` |
/// | threshold unless set | 1e-4, absolute | 1e-4, relative |
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `factor` | fraction of the rate | in \[0, 1); 0.1 in both libraries unless set |
/// | `patience` | observations | any; 10 in both libraries unless set |
/// | `threshold` | metric, or fraction of the best one | finite, ≥ 0; a fraction is at most 1 |
/// | `cooldown` | observations | any; 0 unless set |
/// | `floor` | fraction of the schedule's rate | in \[0, 1\]; 0 unless set |
///
/// A metric exactly at the threshold is no improvement. NaN is a bad observation: no comparison
/// with it holds, here as in both libraries. Improvements count in a cooldown too. A relative
/// threshold is meant for metrics above 0.
///
/// # Where the libraries differ
///
/// - Both change a constant rate `r`, and their `min_lr` is a rate. Here it is the floor
///   `min_lr / r`. With a schedule the floor falls with the rate of the schedule.
/// - Keras reduces a rate if `rate > min_lr`, PyTorch if `rate - max(rate · factor, min_lr) > eps`,
///   where `eps` is 1e-8 unless set. This crate has no `eps`, so it reduces as Keras does and as
///   PyTorch with `eps=0`. In PyTorch a rate of about 1e-8 no longer falls, and here it does.
/// - Keras takes the first metric as the best one even if it is NaN, and then never sees an
///   improvement. Here, as in PyTorch, a first metric of NaN or infinity (for `maximize`, negative
///   infinity) is a bad observation.
/// - Keras compares in `f32`, PyTorch in `f64`, this crate in `F`.
///
/// ```
/// use microlr::{CosineDecay, LogisticNeuron, PlateauState, ReduceLrOnPlateau, Sgd};
///
/// static DECAY: CosineDecay<f32> = CosineDecay::new(0.5, 1000);
/// static PLATEAU: ReduceLrOnPlateau<f32> = ReduceLrOnPlateau::keras(0.5, 3);
///
/// let mut neuron = LogisticNeuron::zeroed();
/// let mut sgd = Sgd::new(&DECAY);
/// let mut state = PlateauState::new();
/// // Two labels for one sample: the loss stays at ln 2.
/// let mut factors = [0.0; 8];
/// for factor in &mut factors {
///     let loss = sgd.step_batch(&mut neuron, &[[0.0]; 2], &[0.0, 1.0])?.loss;
///     sgd.set_factor(PLATEAU.observe(&mut state, loss));
///     *factor = sgd.factor();
/// }
/// // The first observation is the best one, and the third after it reduces the rate.
/// assert_eq!(factors, [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25]);
/// # Ok::<(), microlr::Error>(())
/// ```
///
/// PyTorch's rule reduces one observation later:
///
/// ```
/// use microlr::{PlateauState, ReduceLrOnPlateau};
/// let observe = |plateau: ReduceLrOnPlateau<f64>| {
///     let mut state = PlateauState::new();
///     [1.0, 1.0, 1.0, 1.0, 1.0].map(|metric| plateau.observe(&mut state, metric))
/// };
/// assert_eq!(observe(ReduceLrOnPlateau::keras(0.5, 3)), [1.0, 1.0, 1.0, 0.5, 0.5]);
/// assert_eq!(observe(ReduceLrOnPlateau::pytorch(0.5, 3)), [1.0, 1.0, 1.0, 1.0, 0.5]);
/// ```
///
/// Source: Keras, `keras.callbacks.ReduceLROnPlateau`; PyTorch,
/// `torch.optim.lr_scheduler.ReduceLROnPlateau`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ReduceLrOnPlateau<F> {
    factor: F,
    patience: u32,
    /// Counts as PyTorch does, not as Keras.
    pytorch: bool,
    maximize: bool,
    relative: bool,
    threshold: Option<F>,
    cooldown: u32,
    floor: F,
}

/// What a [`ReduceLrOnPlateau`] remembers from one metric to the next.
///
/// The fields are public. Store them with the weights, and a resumed run continues bit for bit.
///
/// ```
/// use microlr::{PlateauState, ReduceLrOnPlateau, Sgd};
/// static PLATEAU: ReduceLrOnPlateau<f32> = ReduceLrOnPlateau::pytorch(0.5, 1);
///
/// let mut state = PlateauState::new();
/// PLATEAU.observe(&mut state, 0.75);
/// PLATEAU.observe(&mut state, 0.75);
/// let PlateauState { best, bad, cooldown, factor } = state;
/// assert_eq!((best, bad, cooldown, factor), (Some(0.75), 1, 0, 1.0));
/// // ... power fails ...
/// let mut resumed = PlateauState { best, bad, cooldown, factor };
/// let mut sgd = Sgd::resume(0.5_f32, 2);
/// sgd.set_factor(resumed.factor);
/// sgd.set_factor(PLATEAU.observe(&mut resumed, 0.75));
/// assert_eq!(sgd.lr(), 0.25);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(bound = "F: Float"))]
pub struct PlateauState<F> {
    /// The best metric, once there is one.
    pub best: Option<F>,
    /// Bad observations since the last improvement or reduction.
    pub bad: u32,
    /// Observations that a cooldown still ignores.
    pub cooldown: u32,
    /// The factor of the rate: 1 before the first reduction.
    pub factor: F,
}

impl<F: Float> PlateauState<F> {
    /// The state before the first metric. [`Default`] is the same.
    ///
    /// ```
    /// use microlr::PlateauState;
    /// static START: PlateauState<f32> = PlateauState::new();
    /// assert_eq!(START, PlateauState { best: None, bad: 0, cooldown: 0, factor: 1.0 });
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self { best: None, bad: 0, cooldown: 0, factor: F::ONE }
    }
}

impl<F: Float> Default for PlateauState<F> {
    fn default() -> Self {
        Self::new()
    }
}

impl<F: Float> ReduceLrOnPlateau<F> {
    /// Counts as Keras does. Its defaults are a factor of 0.1 and a patience of 10.
    ///
    /// ```
    /// use microlr::{PlateauState, ReduceLrOnPlateau};
    /// static PLATEAU: ReduceLrOnPlateau<f32> = ReduceLrOnPlateau::keras(0.5, 2);
    /// let mut state = PlateauState::new();
    /// let factors = [0.75, 0.75, 0.75, 0.75].map(|loss| PLATEAU.observe(&mut state, loss));
    /// assert_eq!(factors, [1.0, 1.0, 0.5, 0.5]);
    /// ```
    #[must_use]
    pub const fn keras(factor: F, patience: u32) -> Self {
        Self {
            factor,
            patience,
            pytorch: false,
            maximize: false,
            relative: false,
            threshold: None,
            cooldown: 0,
            floor: F::ZERO,
        }
    }

    /// Counts as PyTorch does, with a relative threshold unless set. Its defaults are a factor of
    /// 0.1 and a patience of 10.
    ///
    /// ```
    /// use microlr::{PlateauState, ReduceLrOnPlateau};
    /// static PLATEAU: ReduceLrOnPlateau<f32> = ReduceLrOnPlateau::pytorch(0.5, 2);
    /// let mut state = PlateauState::new();
    /// let factors = [0.75, 0.75, 0.75, 0.75].map(|loss| PLATEAU.observe(&mut state, loss));
    /// assert_eq!(factors, [1.0, 1.0, 1.0, 0.5]);
    /// ```
    #[must_use]
    pub const fn pytorch(factor: F, patience: u32) -> Self {
        let keras = Self::keras(factor, patience);
        Self { pytorch: true, relative: true, ..keras }
    }

    /// For a metric that grows, such as an accuracy: `mode="max"` in both libraries.
    ///
    /// ```
    /// use microlr::{PlateauState, ReduceLrOnPlateau};
    /// let plateau = ReduceLrOnPlateau::keras(0.5_f32, 1).maximize();
    /// let mut state = PlateauState::new();
    /// let factors = [0.5, 0.75, 0.75, 0.5].map(|accuracy| plateau.observe(&mut state, accuracy));
    /// assert_eq!(factors, [1.0, 1.0, 0.5, 0.25]);
    /// ```
    #[must_use]
    pub const fn maximize(mut self) -> Self {
        self.maximize = true;
        self
    }

    /// An improvement is a difference from the best metric of more than `threshold`: `min_delta` in
    /// Keras, `threshold_mode="abs"` in PyTorch.
    ///
    /// ```
    /// use microlr::{PlateauState, ReduceLrOnPlateau};
    /// let plateau = ReduceLrOnPlateau::keras(0.5_f32, 1).absolute(0.25);
    /// let observe = |metric| {
    ///     let mut state = PlateauState { best: Some(2.0), ..PlateauState::new() };
    ///     plateau.observe(&mut state, metric)
    /// };
    /// assert_eq!([observe(1.75), observe(1.7499)], [0.5, 1.0]);
    /// ```
    #[must_use]
    pub const fn absolute(mut self, threshold: F) -> Self {
        (self.relative, self.threshold) = (false, Some(threshold));
        self
    }

    /// An improvement is a difference from the best metric of more than `threshold` times that
    /// metric: `threshold_mode="rel"` in PyTorch.
    ///
    /// ```
    /// use microlr::{PlateauState, ReduceLrOnPlateau};
    /// let plateau = ReduceLrOnPlateau::keras(0.5_f32, 1).relative(0.25);
    /// let observe = |metric| {
    ///     let mut state = PlateauState { best: Some(2.0), ..PlateauState::new() };
    ///     plateau.observe(&mut state, metric)
    /// };
    /// assert_eq!([observe(1.5), observe(1.4999)], [0.5, 1.0]);
    /// ```
    #[must_use]
    pub const fn relative(mut self, threshold: F) -> Self {
        (self.relative, self.threshold) = (true, Some(threshold));
        self
    }

    /// Ignores bad observations after a reduction: PyTorch `cooldown` of them, and Keras one less.
    ///
    /// ```
    /// use microlr::{PlateauState, ReduceLrOnPlateau};
    /// let observe = |plateau: ReduceLrOnPlateau<f32>| {
    ///     let mut state = PlateauState::new();
    ///     [1.0; 6].map(|metric| plateau.observe(&mut state, metric))
    /// };
    /// // Both reduce at the second observation. Keras ignores the third.
    /// let keras = ReduceLrOnPlateau::keras(0.5, 1).cooldown(2);
    /// assert_eq!(observe(keras), [1.0, 0.5, 0.5, 0.25, 0.25, 0.125]);
    /// // PyTorch ignores the third and the fourth.
    /// let pytorch = ReduceLrOnPlateau::pytorch(0.5, 0).cooldown(2);
    /// assert_eq!(observe(pytorch), [1.0, 0.5, 0.5, 0.5, 0.25, 0.25]);
    /// ```
    #[must_use]
    pub const fn cooldown(mut self, cooldown: u32) -> Self {
        self.cooldown = cooldown;
        self
    }

    /// Keeps the factor at or above `floor`. For a constant rate `r`, `min_lr` of Keras and PyTorch
    /// is the floor `min_lr / r`.
    ///
    /// ```
    /// use microlr::{PlateauState, ReduceLrOnPlateau};
    /// let plateau = ReduceLrOnPlateau::keras(0.5_f32, 1).floor(0.375);
    /// let mut state = PlateauState::new();
    /// let factors = [1.0, 1.0, 1.0, 1.0].map(|metric| plateau.observe(&mut state, metric));
    /// assert_eq!(factors, [1.0, 0.5, 0.375, 0.375]);
    /// ```
    #[must_use]
    pub const fn floor(mut self, floor: F) -> Self {
        self.floor = floor;
        self
    }

    /// Returns the first invalid parameter.
    ///
    /// # Errors
    ///
    /// A parameter is outside of its interval.
    ///
    /// ```
    /// use microlr::{Error, ReduceLrOnPlateau};
    /// let plateau = ReduceLrOnPlateau::keras(0.1_f32, 10);
    /// assert_eq!(plateau.validate(), Ok(()));
    /// assert_eq!(plateau.floor(1.0).validate(), Ok(()));
    /// assert_eq!(plateau.floor(1.1).validate(), Err(Error::OutsideUnitInterval("floor")));
    /// let constant = ReduceLrOnPlateau::keras(1.0_f32, 10);
    /// assert_eq!(constant.validate(), Err(Error::AboveUpper("factor")));
    /// ```
    pub fn validate(&self) -> Result<(), Error> {
        error::non_negative("factor", self.factor)?;
        if self.factor >= F::ONE {
            return Err(Error::AboveUpper("factor"));
        }
        let check = if self.relative { error::unit_interval } else { error::non_negative };
        check("threshold", self.threshold())?;
        error::unit_interval("floor", self.floor)
    }

    /// Takes a metric, and returns the factor of the rate: 1, `factor`, `factor²`, ..., not below
    /// the floor. It never panics.
    ///
    /// ```
    /// use microlr::{PlateauState, ReduceLrOnPlateau};
    /// let plateau = ReduceLrOnPlateau::keras(0.5_f32, 2);
    /// let mut state = PlateauState::new();
    /// let metrics = [1.0, 1.0, 0.9, 0.9, f32::NAN, 0.9, 0.9];
    /// let factors = metrics.map(|metric| plateau.observe(&mut state, metric));
    /// assert_eq!(factors, [1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.25]);
    /// assert_eq!(state.best, Some(0.9));
    /// ```
    pub fn observe(&self, state: &mut PlateauState<F>, metric: F) -> F {
        let (enough, ignored) = if self.pytorch {
            (self.patience.saturating_add(1), self.cooldown)
        } else {
            (self.patience.max(1), self.cooldown.saturating_sub(1))
        };
        let cooling = state.cooldown > 0;
        state.cooldown = state.cooldown.saturating_sub(1);
        if self.is_better(metric, state.best) {
            (state.best, state.bad) = (Some(metric), 0);
        } else if !cooling {
            state.bad = state.bad.saturating_add(1);
        }
        if state.bad >= enough {
            let reduced = state.factor * self.factor;
            let reduced = if reduced < self.floor { self.floor } else { reduced };
            // A floor above the factor does not raise it, and NaN does not replace it.
            if reduced < state.factor {
                state.factor = reduced;
            }
            (state.bad, state.cooldown) = (0, ignored);
        }
        state.factor
    }

    fn is_better(&self, metric: F, best: Option<F>) -> bool {
        let (worst, threshold) = if self.maximize {
            (F::neg_infinity(), self.threshold())
        } else {
            (F::infinity(), -self.threshold())
        };
        let best = best.unwrap_or(worst);
        let bound = if self.relative { best * (F::ONE + threshold) } else { best + threshold };
        if self.maximize { metric > bound } else { metric < bound }
    }

    /// The threshold that is set, or 1e-4.
    fn threshold(&self) -> F {
        self.threshold.unwrap_or_else(|| F::ONE / F::from_step(10_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::{CosineDecay, Schedule, from_fn};
    use crate::train::{LogisticNeuron, Sgd};

    /// The number of bad observations after an improvement until the rate is reduced.
    fn bad_until_reduced(plateau: ReduceLrOnPlateau<f32>) -> usize {
        let mut state = PlateauState { best: Some(1.0), ..PlateauState::new() };
        (1..100).find(|_| plateau.observe(&mut state, 1.0) < 1.0).unwrap()
    }

    #[test]
    fn pytorch_reduces_one_observation_later() {
        for (patience, keras) in [(0, 1), (1, 1), (2, 2), (10, 10)] {
            assert_eq!(bad_until_reduced(ReduceLrOnPlateau::keras(0.5, patience)), keras);
            let pytorch = ReduceLrOnPlateau::pytorch(0.5, patience);
            assert_eq!(bad_until_reduced(pytorch), patience as usize + 1);
        }
    }

    #[test]
    fn the_metric_at_the_threshold_is_no_improvement() {
        let keras = ReduceLrOnPlateau::keras(0.5_f32, 1);
        for (plateau, edge) in [
            (keras.absolute(0.25), 1.75_f32),
            (keras.absolute(0.25).maximize(), 2.25),
            (keras.relative(0.25), 1.5),
            (keras.relative(0.25).maximize(), 2.5),
            (keras.absolute(0.0), 2.0),
            (keras, 2.0 - 1e-4),
            (ReduceLrOnPlateau::pytorch(0.5, 0), 2.0 * (1.0 - 1e-4)),
        ] {
            let better = if plateau.maximize { edge.next_up() } else { edge.next_down() };
            for (metric, factor) in [(edge, 0.5), (better, 1.0), (f32::NAN, 0.5)] {
                let mut state = PlateauState { best: Some(2.0), ..PlateauState::new() };
                assert_eq!(plateau.observe(&mut state, metric), factor, "{plateau:?} {metric}");
            }
        }
    }

    #[test]
    fn an_improvement_in_a_cooldown_counts() {
        let plateau = ReduceLrOnPlateau::pytorch(0.5_f32, 0).cooldown(2);
        let mut state = PlateauState { best: Some(1.0), cooldown: 2, ..PlateauState::new() };
        assert_eq!([0.75, 0.875].map(|metric| plateau.observe(&mut state, metric)), [1.0, 1.0]);
        assert_eq!(state, PlateauState { best: Some(0.75), ..PlateauState::new() });
        assert_eq!(plateau.observe(&mut state, 0.875), 0.5);
        assert_eq!(state.cooldown, 2);
    }

    #[test]
    fn a_stored_state_continues_bit_for_bit() {
        static DECAY: CosineDecay<f32> = CosineDecay::new(0.1, 100);
        static PLATEAU: ReduceLrOnPlateau<f32> =
            ReduceLrOnPlateau::keras(0.3, 2).cooldown(2).floor(0.01);
        let (xs, ys) = ([[1.0], [1.0]], [0.0, 1.0]);
        let mut neuron = LogisticNeuron::new([0.5_f32], 0.0);
        let (mut sgd, mut state) = (Sgd::new(&DECAY), PlateauState::default());
        let step = |neuron: &mut _, sgd: &mut Sgd<_>, state: &mut _| {
            let report = sgd.step_batch(neuron, &xs, &ys).unwrap();
            // Nothing improves.
            sgd.set_factor(PLATEAU.observe(state, 1.0));
            report
        };
        for _ in 0..60 {
            let PlateauState { best, bad, cooldown, factor } = state;
            let mut resumed = Sgd::resume(&DECAY, sgd.iterations());
            resumed.set_factor(factor);
            let mut other = LogisticNeuron::new(neuron.weights, neuron.bias);
            let mut stored = PlateauState { best, bad, cooldown, factor };
            let report = step(&mut other, &mut resumed, &mut stored);
            assert_eq!(report, step(&mut neuron, &mut sgd, &mut state));
            assert_eq!((other, resumed, stored), (neuron, sgd, state));
        }
        assert_eq!(state.factor, 0.01);
        assert_eq!(sgd.lr(), DECAY.lr(60) * 0.01);
    }

    #[test]
    fn a_factor_never_rises_whatever_the_parameters() {
        let hostile = [f32::NAN, f32::INFINITY, -f32::INFINITY, -1.0, -0.0, 0.0, 1.0, 2.0];
        for factor in hostile {
            for parameter in hostile {
                let counts = u32::MAX;
                let plateau = ReduceLrOnPlateau::pytorch(factor, 0).relative(parameter);
                for plateau in [
                    plateau.floor(parameter).cooldown(counts),
                    plateau.maximize().floor(parameter),
                    ReduceLrOnPlateau::keras(factor, counts).absolute(parameter),
                ] {
                    for start in [0, counts] {
                        let mut state =
                            PlateauState { bad: start, cooldown: start, ..PlateauState::new() };
                        for metric in hostile {
                            let before = state.factor;
                            assert!(plateau.observe(&mut state, metric) <= before);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn validate_names_the_parameter() {
        let (keras, pytorch) =
            (ReduceLrOnPlateau::keras(0.1_f32, 0), ReduceLrOnPlateau::pytorch(0.1_f32, 0));
        for (plateau, error) in [
            (ReduceLrOnPlateau::keras(-0.1, 0), Error::Negative("factor")),
            (ReduceLrOnPlateau::keras(f32::NAN, 0), Error::NotFinite("factor")),
            (ReduceLrOnPlateau::keras(1.0, 0), Error::AboveUpper("factor")),
            (keras.absolute(-0.1), Error::Negative("threshold")),
            (pytorch.relative(1.1), Error::OutsideUnitInterval("threshold")),
            (keras.floor(-0.1), Error::OutsideUnitInterval("floor")),
        ] {
            assert_eq!(plateau.validate(), Err(error));
        }
        let below_one = ReduceLrOnPlateau::keras(1.0_f32.next_down(), u32::MAX);
        for plateau in
            [below_one, pytorch, keras.absolute(2.0), keras.relative(1.0), keras.floor(1.0)]
        {
            assert_eq!(plateau.validate(), Ok(()));
        }
    }

    #[test]
    fn a_schedule_and_a_factor_multiply() {
        let schedule = from_fn(|step| if step < 2 { 0.5_f32 } else { 0.25 });
        let plateau = ReduceLrOnPlateau::keras(0.5, 1);
        let (mut neuron, mut state) = (LogisticNeuron::<f32, 1>::zeroed(), PlateauState::new());
        let mut sgd = Sgd::new(schedule);
        let rates = [(); 4].map(|()| {
            let report = sgd.step(&mut neuron, &[0.0], 0.5).unwrap();
            sgd.set_factor(plateau.observe(&mut state, report.loss));
            report.lr
        });
        assert_eq!(rates, [0.5, 0.5, 0.125, 0.0625]);
    }
}
