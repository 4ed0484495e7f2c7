use super::{Update, UpdateRule};
use crate::arithmetic::slices;
use crate::error::{self, Error};
use crate::float::Float;
use crate::train::neuron::LogisticNeuron;

/// Momentum: the update follows a velocity, which adds up past gradients.
///
/// ```text
/// v ← μ · v + g               the gradient becomes v
///                             with nesterov: g + μ · v
/// keras: g ← scale · g first, and the scale becomes 1
/// ```
///
/// PyTorch multiplies the velocity by the rate of the current update. Keras multiplies each
/// gradient by the rate of its own update and adds it to the velocity. With a constant rate both
/// are equal, except for rounding. When a schedule drops the rate, PyTorch's neuron slows down at
/// once, and Keras' neuron over about 1/(1 - μ) updates.
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `μ` | fraction | in \[0, 1\]; 0.9 is usual, and 1 never forgets |
///
/// While the gradient stays the same, the neuron moves about 1/(1 - μ) times as far per update as
/// without momentum. So multiply the rate by 1 - μ.
///
/// ```
/// use microlr::{LogisticNeuron, Momentum, Sgd};
///
/// let run = |rule| {
///     // The rate is 1, then 0.5. The label is the prediction in the second update, so that the
///     // gradient is 0, and only the velocity moves the neuron.
///     let schedule = microlr::from_fn(|step| if step == 0 { 1.0_f32 } else { 0.5 });
///     let mut neuron = LogisticNeuron::<f32, 1>::zeroed();
///     let mut sgd = Sgd::new(schedule).with(rule);
///     let mut weights = [0.0; 2];
///     for (weight, x) in weights.iter_mut().zip([2.0, 0.0]) {
///         let y = if x == 0.0 { neuron.predict(&[x]) } else { 1.0 };
///         sgd.step(&mut neuron, &[x], y)?;
///         *weight = neuron.weights[0];
///     }
///     Ok::<_, microlr::Error>(weights)
/// };
/// let momentum = Momentum::new(0.5);
/// assert_eq!(run(momentum)?, [1.0, 1.25]); // + 0.5 · 0.5
/// assert_eq!(run(momentum.keras())?, [1.0, 1.5]); // + 0.5
/// assert_eq!(run(momentum.nesterov())?, [1.5, 1.625]); // 1 + 0.5, + 0.5 · 0.25
/// # Ok::<(), microlr::Error>(())
/// ```
///
/// Source: PyTorch, `SGD(momentum, nesterov)`; Keras, `SGD(momentum, nesterov)`; Optax,
/// `optax.trace`. PyTorch's `dampening` is 0 here.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(bound = "F: Float"))]
pub struct Momentum<F, const N: usize> {
    /// The state; with `keras` in units of the neuron, otherwise of its gradient.
    pub velocity: LogisticNeuron<F, N>,
    coefficient: F,
    nesterov: bool,
    keras: bool,
}

impl<F: Float, const N: usize> Momentum<F, N> {
    /// Momentum with the coefficient μ and a velocity of 0.
    ///
    /// ```
    /// use microlr::{LogisticNeuron, Momentum};
    /// static MOMENTUM: Momentum<f32, 2> = Momentum::new(0.9);
    /// assert_eq!(MOMENTUM.velocity, LogisticNeuron::zeroed());
    /// ```
    #[must_use]
    pub const fn new(coefficient: F) -> Self {
        let velocity = LogisticNeuron::zeroed();
        Self { velocity, coefficient, nesterov: false, keras: false }
    }

    /// Nesterov's momentum, which looks one update ahead along the velocity. See the
    /// [type](Momentum).
    #[must_use]
    pub const fn nesterov(mut self) -> Self {
        self.nesterov = true;
        self
    }

    /// Multiplies gradients by the rate before they are added, as Keras does. See the
    /// [type](Momentum).
    #[must_use]
    pub const fn keras(mut self) -> Self {
        self.keras = true;
        self
    }
}

impl<F: Float, const N: usize> UpdateRule<F, N> for Momentum<F, N> {
    fn update(&mut self, update: &mut Update<F, N>) -> Result<(), Error> {
        if self.keras {
            update.gradient.scale(update.scale);
            update.scale = F::ONE;
        }
        let (coefficient, velocity) = (self.coefficient, &mut self.velocity);
        let gradient = &mut update.gradient;
        for (velocity, &gradient) in velocity.weights.iter_mut().zip(&gradient.weights) {
            *velocity = F::plus_product(gradient, coefficient, *velocity);
        }
        velocity.bias = gradient.bias + coefficient * velocity.bias;
        if self.nesterov {
            slices::axpy(coefficient, &velocity.weights, &mut gradient.weights);
            gradient.bias = gradient.bias + coefficient * velocity.bias;
        } else {
            *gradient = *velocity;
        }
        match self.velocity.not_finite() {
            None => Ok(()),
            Some(_) => Err(Error::Overflow("velocity")),
        }
    }

    fn validate(&self) -> Result<(), Error> {
        error::unit_interval("momentum", self.coefficient)?;
        match self.velocity.not_finite() {
            None => Ok(()),
            Some(_) => Err(Error::NotFinite("velocity")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ClipValue, Sgd};

    #[test]
    fn a_velocity_that_overflows_refuses_the_update() {
        let mut neuron = LogisticNeuron::zeroed();
        let mut sgd = Sgd::new(1e-38_f32).with((Momentum::new(1.0), ClipValue(1.0)));
        assert!(sgd.step(&mut neuron, &[f32::MAX], 0.0).is_ok());
        let mut other = LogisticNeuron::zeroed();
        assert!(sgd.step(&mut other, &[f32::MAX], 0.0).is_ok());
        let before = sgd;
        let refused = sgd.step(&mut LogisticNeuron::zeroed(), &[f32::MAX], 0.0);
        assert_eq!((refused, sgd), (Err(Error::Overflow("velocity")), before));
    }

    #[test]
    fn coefficient_and_velocity_are_validated() {
        for (coefficient, valid) in [(0.0, true), (1.0, true), (1.1, false), (f32::NAN, false)] {
            assert_eq!(Momentum::<f32, 1>::new(coefficient).validate().is_ok(), valid);
        }
        let mut momentum = Momentum::<f32, 1>::new(0.9);
        momentum.velocity.bias = f32::INFINITY;
        assert_eq!(momentum.validate(), Err(Error::NotFinite("velocity")));
    }
}
