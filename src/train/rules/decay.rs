use super::{Update, UpdateRule};
use crate::arithmetic::slices;
use crate::error::{self, Error};
use crate::float::Float;

/// Adds the gradient of the penalty `λ/2 · |w|²` on the weights. The bias has none.
///
/// ```text
/// g ← g + λ · w
/// ```
///
/// Before [`Momentum`](crate::Momentum) the penalty is part of the velocity. To shrink the weights
/// apart from the velocity, use [`WeightDecay`].
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `λ` | | finite, ≥ 0 |
///
/// ```
/// use microlr::{L2, LogisticNeuron, Sgd};
/// let mut neuron = LogisticNeuron::new([2.0], 1.0);
/// // The logit is 2 · -0.5 + 1 = 0, so without the penalty the gradient is (0.25, -0.5).
/// Sgd::new(0.5_f32).with(L2(0.25)).step(&mut neuron, &[-0.5], 1.0)?;
/// assert_eq!(neuron, LogisticNeuron::new([1.625], 1.25)); // 2 - 0.5 · (0.25 + 0.25 · 2)
/// # Ok::<(), microlr::Error>(())
/// ```
///
/// Source: scikit-learn, `penalty="l2"` with `alpha`; PyTorch, `weight_decay` of `SGD`, which
/// includes the bias unless it has a group of its own; Keras, `kernel_regularizer=L2(λ/2)`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(bound = "F: Float"))]
pub struct L2<F>(pub F);

impl<F: Float, const N: usize> UpdateRule<F, N> for L2<F> {
    fn update(&mut self, update: &mut Update<F, N>) -> Result<(), Error> {
        slices::axpy(self.0, &update.neuron.weights, &mut update.gradient.weights);
        Ok(())
    }

    fn validate(&self) -> Result<(), Error> {
        error::non_negative("l2", self.0)
    }
}

/// Shrinks the weights by a fraction of the rate, apart from the gradient. The bias stays.
///
/// ```text
/// w ← w - lr · λ · w
/// ```
///
/// Put it after [`L2`], which reads the weights. Its place among the other rules makes no
/// difference.
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `λ` | 1/rate | finite, ≥ 0; above 1/lr a weight changes its sign |
///
/// ```
/// use microlr::{LogisticNeuron, Momentum, Sgd, WeightDecay};
/// let mut neuron = LogisticNeuron::new([2.0], 1.0);
/// let mut sgd = Sgd::new(0.5_f32).with((Momentum::new(0.5), WeightDecay(0.25)));
/// sgd.step(&mut neuron, &[-0.5], 1.0)?;
/// assert_eq!(neuron, LogisticNeuron::new([1.625], 1.25)); // 2 - 0.5 · 0.25 · 2 - 0.5 · 0.25
/// // The velocity has the gradient alone.
/// assert_eq!(sgd.rules().0.velocity, LogisticNeuron::new([0.25], -0.5));
/// # Ok::<(), microlr::Error>(())
/// ```
///
/// Source: Loshchilov, Hutter, "Decoupled Weight Decay Regularization", 2019; Keras,
/// `weight_decay` of `SGD`; Optax, `optax.add_decayed_weights` after `optax.trace`. Both include
/// the bias unless `exclude_from_weight_decay` or a `mask` leaves it out.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(bound = "F: Float"))]
pub struct WeightDecay<F>(pub F);

impl<F: Float, const N: usize> UpdateRule<F, N> for WeightDecay<F> {
    fn update(&mut self, update: &mut Update<F, N>) -> Result<(), Error> {
        let fraction = update.lr * self.0;
        for weight in &mut update.neuron.weights {
            *weight = *weight - fraction * *weight;
        }
        Ok(())
    }

    fn validate(&self) -> Result<(), Error> {
        error::non_negative("weight_decay", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_are_validated() {
        for (factor, valid) in [(0.0, true), (-f32::MIN_POSITIVE, false), (f32::NAN, false)] {
            assert_eq!(UpdateRule::<f32, 1>::validate(&L2(factor)).is_ok(), valid);
            assert_eq!(UpdateRule::<f32, 1>::validate(&WeightDecay(factor)).is_ok(), valid);
        }
    }
}
