use super::neuron::LogisticNeuron;
use super::sample::{check_label, logit_of, weighted, why_not_finite};
use crate::arithmetic::two_sum::add_to_pair;
use crate::error::Error;
use crate::float::Float;

/// The mean gradient of a mini-batch that arrives sample by sample, without a buffer.
///
/// ```text
/// g = (1/count) · Σ weight · (σ(z) - y) · x       the bias has x = 1
/// ```
///
/// [`add`](Self::add) takes a sample, and [`Sgd::apply`](crate::Sgd::apply) makes one update from
/// all of them. Between the two the neuron must not change: every sample counts for the neuron that
/// it was added with.
///
/// The mean is over the number of samples, as in Keras and in PyTorch's `BCELoss`, not over the sum
/// of their weights. So one sample with a weight gives the update of
/// [`step_weighted`](crate::Sgd::step_weighted), and a weight of 0 counts as a sample.
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `x` | feature | finite |
/// | `y` | probability | in \[0, 1\] |
/// | `weight` | factor of the loss | finite, ≥ 0; 1 in `add` |
///
/// A refused sample is not counted, and the others stay. The error names it by the number of
/// samples before it.
///
/// Each sum has twice the bits of `F`: in `f32` the measured error of a mean of equal samples is at
/// most 5e-7, up to `u32::MAX` of them. No sum overflows, since its unit grows with the number of
/// samples. So gradients that cancel are accepted in every order, however large.
///
/// ```
/// use microlr::{Error, Gradient, LogisticNeuron, Sgd};
///
/// let mut neuron = LogisticNeuron::<f32, 1>::zeroed();
/// let mut sgd = Sgd::new(0.5_f32);
/// let mut gradient = Gradient::new();
/// gradient.add(&neuron, &[4.0], 1.0)?;
/// let refused = gradient.add(&neuron, &[f32::NAN], 1.0);
/// assert_eq!(refused, Err(Error::Feature { sample: 1, feature: 0 }));
/// gradient.add(&neuron, &[0.0], 0.0)?;
/// assert_eq!(gradient.count(), 2);
///
/// // (½ · 4 + ½ · 0) / 2 = 1
/// let report = sgd.apply(&mut neuron, &gradient)?;
/// assert_eq!((report.step, neuron), (0, LogisticNeuron::new([0.5], 0.0)));
/// gradient.clear();
/// # Ok::<(), Error>(())
/// ```
///
/// It takes `2·N + 8` numbers. Source: Keras, `SGD(gradient_accumulation_steps=n)`; PyTorch,
/// `backward` without `zero_grad`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(bound = "F: Float"))]
pub struct Gradient<F, const N: usize> {
    // Each sum is a pair: the rounded sum, and its error.
    #[cfg_attr(feature = "serde", serde(with = "crate::exchange::array"))]
    weights: [(F, F); N],
    bias: (F, F),
    loss: (F, F),
    prediction: (F, F),
    /// What every term is multiplied by: 1/2, 1/4 and so on, at most `1 / (2 · count)`. So no sum
    /// exceeds half of the largest number.
    unit: F,
    count: u32,
}

impl<F: Float, const N: usize> Gradient<F, N> {
    /// No sample.
    ///
    /// ```
    /// use microlr::{Error, Gradient, LogisticNeuron, Sgd};
    /// let gradient = Gradient::<f32, 2>::new();
    /// let refused = Sgd::new(0.5_f32).apply(&mut LogisticNeuron::zeroed(), &gradient);
    /// assert_eq!((gradient.count(), refused), (0, Err(Error::Empty("gradient"))));
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        let zero = (F::ZERO, F::ZERO);
        let (weights, unit) = ([zero; N], F::ONE);
        Self { weights, bias: zero, loss: zero, prediction: zero, unit, count: 0 }
    }

    /// The number of samples.
    ///
    /// ```
    /// use microlr::{Gradient, LogisticNeuron};
    /// let mut gradient = Gradient::new();
    /// assert_eq!(gradient.add(&LogisticNeuron::zeroed(), &[1.0_f32, 2.0], 1.0), Ok(()));
    /// assert_eq!(gradient.count(), 1);
    /// ```
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Removes every sample.
    ///
    /// ```
    /// use microlr::{Gradient, LogisticNeuron};
    /// let mut gradient = Gradient::new();
    /// assert_eq!(gradient.add(&LogisticNeuron::zeroed(), &[1.0_f32, 2.0], 1.0), Ok(()));
    /// gradient.clear();
    /// assert_eq!(gradient, Gradient::new());
    /// ```
    pub const fn clear(&mut self) {
        *self = Self::new();
    }

    /// Adds the gradient of one sample: features `x` and a label `y` in [0, 1].
    ///
    /// # Errors
    ///
    /// Those of a sample in [`Sgd`](crate::Sgd), and [`TooMany`](Error::TooMany) after `u32::MAX`
    /// samples. Nothing changes then.
    ///
    /// ```
    /// use microlr::{Error, Gradient, LogisticNeuron};
    /// let (neuron, mut gradient) = (LogisticNeuron::zeroed(), Gradient::new());
    /// assert_eq!(gradient.add(&neuron, &[0.5_f32], 1.0), Ok(()));
    /// assert_eq!(gradient.add(&neuron, &[0.5], 1.5), Err(Error::Label { sample: 1 }));
    /// assert_eq!(gradient.count(), 1);
    /// ```
    pub fn add(&mut self, neuron: &LogisticNeuron<F, N>, x: &[F; N], y: F) -> Result<(), Error> {
        self.add_weighted(neuron, x, y, F::ONE)
    }

    /// Adds the gradient of one sample whose loss is multiplied by `weight`.
    ///
    /// # Errors
    ///
    /// As [`add`](Self::add); [`NotFinite`](Error::NotFinite) or [`Negative`](Error::Negative) for
    /// the weight, and `Overflow("loss")` or `Overflow("gradient")` if it makes one infinite.
    ///
    /// ```
    /// use microlr::{Error, Gradient, LogisticNeuron, Sgd};
    /// let mut neuron = LogisticNeuron::<f32, 1>::zeroed();
    /// let mut gradient = Gradient::new();
    /// gradient.add_weighted(&neuron, &[1.0], 1.0, 3.0)?;
    /// gradient.add_weighted(&neuron, &[1.0], 0.0, 0.0)?;
    /// let refused = gradient.add_weighted(&neuron, &[1.0], 0.0, -1.0);
    /// assert_eq!(refused, Err(Error::Negative("weight")));
    ///
    /// // (3 · ½ + 0 · ½) / 2
    /// Sgd::new(1.0_f32).apply(&mut neuron, &gradient)?;
    /// assert_eq!(neuron, LogisticNeuron::new([0.75], 0.75));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn add_weighted(
        &mut self,
        neuron: &LogisticNeuron<F, N>,
        x: &[F; N],
        y: F,
        weight: F,
    ) -> Result<(), Error> {
        check_label(y, self.count)?;
        let logit =
            logit_of(neuron.logit(x)).ok_or_else(|| why_not_finite(neuron, x, self.count))?;
        let (slope, loss) = weighted(logit, y, weight)?;
        // Up to a weight of 1, no term exceeds a feature.
        if weight > F::ONE && x.iter().any(|&x| !(slope * x).has_finite_bits()) {
            return Err(Error::Overflow("gradient"));
        }
        let count = self.count.checked_add(1).ok_or(Error::TooMany("gradient"))?;
        if self.count.count_ones() <= 1 {
            self.halve(); // at 0, 1, 2, 4, 8 and so on
        }
        self.count = count;
        let slope = slope * self.unit;
        add_product(slope, x, &mut self.weights);
        self.bias = add_to_pair(self.bias, slope);
        self.loss = add_to_pair(self.loss, loss * self.unit);
        self.prediction = add_to_pair(self.prediction, logit.probability() * self.unit);
        Ok(())
    }

    /// Halves the unit and, exactly, every sum.
    #[cold]
    #[inline(never)]
    fn halve(&mut self) {
        self.unit = self.unit * F::HALF;
        let others = [&mut self.bias, &mut self.loss, &mut self.prediction];
        for (high, low) in self.weights.iter_mut().chain(others) {
            (*high, *low) = (*high * F::HALF, *low * F::HALF);
        }
    }

    /// The mean gradient, the mean loss and the mean prediction.
    pub(super) fn means(&self) -> Result<(LogisticNeuron<F, N>, F, F), Error> {
        if self.count == 0 {
            return Err(Error::Empty("gradient"));
        }
        let count = F::from_step(self.count) * self.unit;
        let mean = |(sum, _): (F, F)| sum / count;
        let mut gradient = LogisticNeuron::new([F::ZERO; N], mean(self.bias));
        for (weight, &sum) in gradient.weights.iter_mut().zip(&self.weights) {
            *weight = mean(sum);
        }
        Ok((gradient, mean(self.loss), mean(self.prediction)))
    }
}

impl<F: Float, const N: usize> Default for Gradient<F, N> {
    fn default() -> Self {
        Self::new()
    }
}

/// `sums ← sums + scale · x`.
#[inline(never)]
fn add_product<F: Float, const N: usize>(scale: F, x: &[F; N], sums: &mut [(F, F); N]) {
    for (sum, &x) in sums.iter_mut().zip(x) {
        *sum = add_to_pair(*sum, scale * x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_gradient_refuses_and_keeps_what_it_has() {
        let (neuron, mut gradient) = (LogisticNeuron::<f32, 1>::zeroed(), Gradient::new());
        assert_eq!(gradient.add(&neuron, &[1.0], 1.0), Ok(()));
        gradient.count = u32::MAX - 1;
        assert_eq!(gradient.add(&neuron, &[1.0], 1.0), Ok(()));
        let before = gradient;
        assert_eq!(gradient.add(&neuron, &[1.0], 1.0), Err(Error::TooMany("gradient")));
        assert_eq!((gradient, gradient.count()), (before, u32::MAX));
    }

    #[test]
    fn the_unit_leaves_room_for_the_largest_terms() {
        let neuron = LogisticNeuron::<f32, 2>::new([0.0; 2], f32::MAX);
        let mut gradient = Gradient::default();
        for count in 1..=300_u16 {
            assert_eq!(gradient.add(&neuron, &[f32::MAX, -f32::MAX], 0.0), Ok(()));
            let room = gradient.unit * f32::from(count);
            assert!((0.25..=0.5).contains(&room), "{count}");
            let (mean, loss, prediction) = gradient.means().unwrap();
            for mean in [mean.weights[0], -mean.weights[1], loss] {
                assert!(mean >= f32::MAX * (1.0 - f32::EPSILON), "{mean} of {count}");
            }
            assert_eq!((mean.bias, prediction), (1.0, 1.0));
        }
    }
}
