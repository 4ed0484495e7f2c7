use super::{Update, UpdateRule};
use crate::error::{self, Error};
use crate::float::Float;
use crate::train::neuron::LogisticNeuron;

/// Limits every component of the gradient, the bias included.
///
/// ```text
/// g[i] ← min(max(g[i], -limit), limit)
/// ```
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `limit` | gradient | finite, > 0 |
///
/// ```
/// use microlr::{ClipValue, LogisticNeuron, Sgd};
/// let mut neuron = LogisticNeuron::zeroed();
/// // The gradient is (-3, 0.75, -0.5).
/// Sgd::new(1.0_f32).with(ClipValue(0.75)).step(&mut neuron, &[6.0, -1.5], 1.0)?;
/// assert_eq!(neuron, LogisticNeuron::new([0.75, -0.75], 0.5));
/// # Ok::<(), microlr::Error>(())
/// ```
///
/// Source: PyTorch, `torch.nn.utils.clip_grad_value_`; Keras, `clipvalue`; Optax, `optax.clip`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(bound = "F: Float"))]
pub struct ClipValue<F>(pub F);

impl<F: Float, const N: usize> UpdateRule<F, N> for ClipValue<F> {
    fn update(&mut self, update: &mut Update<F, N>) -> Result<(), Error> {
        let limit = self.0;
        let clip = |component: &mut F| {
            if *component > limit {
                *component = limit;
            } else if *component < -limit {
                *component = -limit;
            }
        };
        update.gradient.weights.iter_mut().for_each(clip);
        clip(&mut update.gradient.bias);
        Ok(())
    }

    fn validate(&self) -> Result<(), Error> {
        error::positive("clip_value", self.0)
    }
}

/// Limits the Euclidean norm of the gradient, the bias included. Its direction stays.
///
/// ```text
/// g ← g · min(1, limit/|g|)
/// ```
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `limit` | gradient | finite, > 0 |
///
/// PyTorch divides by |g| + 1e-6. If a square overflows, the norm is computed again from scaled
/// components, so large gradients are clipped too. If |g| itself overflows, the update is refused
/// with `Overflow("gradient")`.
///
/// ```
/// use microlr::{ClipNorm, LogisticNeuron, Sgd};
/// // The gradient of this sample is (-2, -4, -0.5), and its norm is 4.5.
/// let step = |limit| {
///     let mut neuron = LogisticNeuron::zeroed();
///     Sgd::new(1.0_f32).with(ClipNorm(limit)).step(&mut neuron, &[4.0, 8.0], 1.0).map(|_| neuron)
/// };
/// assert_eq!(step(4.5)?, LogisticNeuron::new([2.0, 4.0], 0.5));
/// assert_eq!(step(1.125)?, LogisticNeuron::new([0.5, 1.0], 0.125));
/// # Ok::<(), microlr::Error>(())
/// ```
///
/// The weight of a sample is part of the gradient, as in PyTorch and Keras. So a limit for samples
/// of weight 1 is too small for larger weights: it cancels them. For `N` standardised features and
/// a largest weight c, the limit c · √(N + 1) rarely clips an ordinary sample:
///
/// ```
/// use microlr::{ClipNorm, LogisticNeuron, Sgd};
/// // The gradient of this sample is (-0.375, -0.5) times the weight.
/// let step = |limit, weight| {
///     let mut neuron = LogisticNeuron::zeroed();
///     let mut sgd = Sgd::new(1.0_f32).with(ClipNorm(limit));
///     sgd.step_weighted(&mut neuron, &[0.75], 1.0, weight).map(|_| neuron)
/// };
/// assert_eq!(step(0.625, 1.0)?, LogisticNeuron::new([0.375], 0.5));
/// assert_eq!(step(0.625, 8.0)?, LogisticNeuron::new([0.375], 0.5)); // the weight is lost
/// assert_eq!(step(5.0, 8.0)?, LogisticNeuron::new([3.0], 4.0));
/// # Ok::<(), microlr::Error>(())
/// ```
///
/// Source: Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks",
/// 2013; PyTorch, `torch.nn.utils.clip_grad_norm_`; Keras, `global_clipnorm`; Optax,
/// `optax.clip_by_global_norm`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(bound = "F: Float"))]
pub struct ClipNorm<F>(pub F);

impl<F: Float, const N: usize> UpdateRule<F, N> for ClipNorm<F> {
    fn update(&mut self, update: &mut Update<F, N>) -> Result<(), Error> {
        let norm = norm(&update.gradient);
        if !norm.has_finite_bits() {
            return Err(Error::Overflow("gradient"));
        }
        if norm > self.0 {
            update.gradient.scale(self.0 / norm);
        }
        Ok(())
    }

    fn validate(&self) -> Result<(), Error> {
        error::positive("clip_norm", self.0)
    }
}

fn norm<F: Float, const N: usize>(gradient: &LogisticNeuron<F, N>) -> F {
    let squares = |scale: F| {
        let square = |x: F| (x * scale) * (x * scale);
        gradient.weights.iter().fold(square(gradient.bias), |sum, &x| sum + square(x))
    };
    let sum = squares(F::ONE);
    if sum.has_finite_bits() {
        return sum.sqrt();
    }
    let largest = gradient.weights.iter().fold(gradient.bias.abs(), |most, x| most.max(x.abs()));
    largest * squares(F::ONE / largest).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_norm_of_the_largest_numbers_is_finite() {
        let norm = |weights, bias| norm(&LogisticNeuron::<f32, 2>::new(weights, bias));
        assert_eq!(norm([3.0, -4.0], 12.0), 13.0);
        assert_eq!(norm([3e30, -4e30], 0.0), 5e30);
        assert_eq!(norm([0.0, 0.0], -1e38), 1e38);
        assert_eq!(norm([0.0, 0.0], 0.0), 0.0);
    }

    #[test]
    fn the_largest_gradients_are_clipped_to_the_limit() {
        let mut neuron = LogisticNeuron::zeroed();
        let mut sgd = crate::Sgd::new(1.0_f32).with(ClipNorm(0.5));
        assert!(sgd.step(&mut neuron, &[1e38, 0.0], 0.0).is_ok());
        assert_eq!(neuron.weights, [-0.5, 0.0]);
    }

    #[test]
    fn a_norm_that_overflows_refuses_the_update() {
        let start = LogisticNeuron::new([0.0, 0.0], -100.0);
        let mut sgd = crate::Sgd::new(1.0_f32).with(ClipNorm(0.5));
        for (x, weight) in [([3e38; 2], 1.0), ([1e20, 0.0], 1e30)] {
            let mut neuron = start;
            let refused = sgd.step_weighted(&mut neuron, &x, 1.0, weight);
            assert_eq!((refused, neuron), (Err(Error::Overflow("gradient")), start));
        }
        let mut neuron = start;
        assert!(sgd.step(&mut neuron, &[2e38; 2], 1.0).is_ok());
        assert!(neuron.weights[0] > 0.353 && neuron.weights[0] < 0.354, "{neuron:?}");
    }

    #[test]
    fn limits_are_validated() {
        for (limit, valid) in [(f32::MIN_POSITIVE, true), (0.0, false), (f32::NAN, false)] {
            assert_eq!(UpdateRule::<f32, 1>::validate(&ClipNorm(limit)).is_ok(), valid);
            assert_eq!(UpdateRule::<f32, 1>::validate(&ClipValue(limit)).is_ok(), valid);
        }
    }
}
