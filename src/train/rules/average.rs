use super::{Update, UpdateRule};
use crate::arithmetic::kahan;
use crate::error::Error;
use crate::float::Float;
use crate::train::neuron::LogisticNeuron;

/// Averages the neurons of all updates, as Polyak and Ruppert do. Training itself does not change.
///
/// ```text
/// n ← n + 1
/// average ← average + (neuron - average)/n        after each update
/// ```
///
/// With a constant rate the neuron moves around the best one forever, and the average converges.
/// Predict with [`neuron`](Self::neuron) and train the other.
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `after` | updates without an average | any; 0 unless set |
///
/// The average is kept as pairs of numbers (Kahan's summation), so it stays accurate after millions
/// of updates. It takes `2·N + 2` numbers. Its count stops at `u32::MAX`. It averages the neuron
/// after all rules, whatever its place among them.
///
/// ```
/// use microlr::{Average, LogisticNeuron, Sgd};
///
/// let mut neuron = LogisticNeuron::zeroed();
/// let mut sgd = Sgd::new(1.0_f32).with(Average::new().after(1));
/// sgd.step(&mut neuron, &[1.0], 0.0)?; // the average begins after this update
/// assert_eq!(sgd.rules().neuron(), &LogisticNeuron::zeroed());
/// sgd.step(&mut neuron, &[0.0], 1.0)?;
/// assert_eq!(sgd.rules().neuron(), &neuron);
/// let second = neuron.bias;
/// sgd.step(&mut neuron, &[0.0], 1.0)?;
/// assert_eq!(sgd.rules().neuron().bias, (second + neuron.bias) / 2.0);
/// # Ok::<(), microlr::Error>(())
/// ```
///
/// Source: Polyak, Juditsky, "Acceleration of stochastic approximation by averaging", 1992;
/// scikit-learn, `average` of `SGDClassifier` (`average=n` is `after(n - 1)`); PyTorch,
/// `torch.optim.swa_utils.AveragedModel`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(bound = "F: Float"))]
pub struct Average<F, const N: usize> {
    mean: LogisticNeuron<F, N>,
    /// What `mean` loses to rounding.
    low: LogisticNeuron<F, N>,
    updates: u32,
    after: u32,
}

impl<F: Float, const N: usize> Average<F, N> {
    /// No update yet. [`Default`] is the same.
    ///
    /// ```
    /// use microlr::{Average, LogisticNeuron};
    /// static AVERAGE: Average<f32, 2> = Average::new();
    /// assert_eq!(AVERAGE.neuron(), &LogisticNeuron::zeroed());
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        let zero = LogisticNeuron::zeroed();
        Self { mean: zero, low: zero, updates: 0, after: 0 }
    }

    /// Leaves out the first `updates`, in which the neuron is still far from the best one.
    #[must_use]
    pub const fn after(mut self, updates: u32) -> Self {
        self.after = updates;
        self
    }

    /// The average; zero before there is one.
    ///
    /// ```
    /// use microlr::{Average, LogisticNeuron, Sgd};
    /// let mut neuron = LogisticNeuron::<f32, 1>::zeroed();
    /// let mut sgd = Sgd::new(0.5_f32).with(Average::new());
    /// sgd.step(&mut neuron, &[1.0], 1.0)?;
    /// assert_eq!(sgd.rules().neuron(), &neuron);
    /// # Ok::<(), microlr::Error>(())
    /// ```
    #[must_use]
    pub const fn neuron(&self) -> &LogisticNeuron<F, N> {
        &self.mean
    }
}

impl<F: Float, const N: usize> Default for Average<F, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<F: Float, const N: usize> UpdateRule<F, N> for Average<F, N> {
    fn update(&mut self, _: &mut Update<F, N>) -> Result<(), Error> {
        Ok(())
    }

    fn observe(&mut self, neuron: &LogisticNeuron<F, N>) -> Result<(), Error> {
        self.updates = self.updates.saturating_add(1);
        let Some(count @ 1..) = self.updates.checked_sub(self.after) else { return Ok(()) };
        let weight = F::ONE / F::from_step(count);
        let add = |mean: &mut F, low: &mut F, x: F| {
            kahan::add(mean, low, weight * ((x - *mean) - *low));
        };
        let means = self.mean.weights.iter_mut().zip(&mut self.low.weights);
        means.zip(&neuron.weights).for_each(|((mean, low), &weight)| add(mean, low, weight));
        add(&mut self.mean.bias, &mut self.low.bias, neuron.bias);
        match self.mean.not_finite() {
            None => Ok(()),
            Some(_) => Err(Error::Overflow("average")),
        }
    }

    fn validate(&self) -> Result<(), Error> {
        match self.mean.not_finite().or(self.low.not_finite()) {
            None => Ok(()),
            Some(_) => Err(Error::NotFinite("average")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn neuron(bias: f32) -> LogisticNeuron<f32, 1> {
        LogisticNeuron::new([0.5], bias)
    }

    #[test]
    fn an_average_that_overflows_is_an_error() {
        let mut average = Average::new();
        assert_eq!(average.observe(&neuron(f32::MAX)), Ok(()));
        assert_eq!(average.observe(&neuron(f32::MAX)), Ok(()));
        assert_eq!(average.neuron(), &neuron(f32::MAX));
        // The difference of the two is infinite.
        assert_eq!(average.observe(&neuron(-f32::MAX)), Err(Error::Overflow("average")));
    }

    #[test]
    fn the_average_and_its_low_part_are_validated() {
        let valid = Average::<f32, 1>::new();
        assert_eq!(valid.validate(), Ok(()));
        for invalid in [
            Average { mean: neuron(f32::NAN), ..valid },
            Average { low: neuron(f32::INFINITY), ..valid },
        ] {
            assert_eq!(invalid.validate(), Err(Error::NotFinite("average")));
        }
    }

    #[test]
    fn the_count_stops_at_its_end() {
        let mut average = Average { updates: u32::MAX - 1, ..Average::new() };
        for _ in 0..2 {
            assert_eq!(average.observe(&neuron(1.0)), Ok(()));
            assert_eq!(average.updates, u32::MAX);
        }
    }
}
