//! Rules that change an update between the gradient and the neuron.

mod average;
mod clip;
mod decay;
mod momentum;

pub use average::Average;
pub use clip::{ClipNorm, ClipValue};
pub use decay::{L2, WeightDecay};
pub use momentum::Momentum;

use super::neuron::LogisticNeuron;
use crate::error::Error;
use crate::float::Float;

/// One update on its way from the gradient to the neuron.
///
/// ```text
/// neuron ← neuron - scale · gradient      once every rule has been applied
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Update<F, const N: usize> {
    /// The learning rate of this update.
    pub lr: F,
    /// A copy of the neuron.
    pub neuron: LogisticNeuron<F, N>,
    /// The gradient of the loss, changed by the previous rules.
    pub gradient: LogisticNeuron<F, N>,
    /// The factor of the gradient: `lr`, or 1 once a rule has multiplied the gradient by it.
    pub scale: F,
}

/// A rule that changes an update: clipping, decay, momentum, averaging.
///
/// [`Sgd::with`](crate::Sgd::with) takes one rule, or a tuple of up to six, which are applied in
/// their order. The state of a rule is part of the optimiser. A refused update does not change it.
///
/// | rule | does |
/// | --- | --- |
/// | [`ClipValue`] | limits every component of the gradient |
/// | [`ClipNorm`] | limits the norm of the gradient |
/// | [`L2`] | adds the gradient of a penalty on the weights |
/// | [`Momentum`] | adds up past gradients, as PyTorch or Keras does, or Nesterov's |
/// | [`WeightDecay`] | shrinks the weights, whatever the gradient is |
/// | [`Average`] | averages the neurons of all updates |
///
/// PyTorch applies them in this order. In Keras a regularizer is part of the loss, so `L2` comes
/// before clipping. Before `Momentum`, `ClipNorm` limits the gradient; after it, the velocity. A
/// rule that is not in the chain takes neither flash nor RAM.
///
/// ```
/// use microlr::{Average, ClipNorm, L2, LogisticNeuron, Momentum, Sgd};
///
/// let mut neuron = LogisticNeuron::<f32, 1>::zeroed();
/// let rules = (ClipNorm(0.3125), L2(0.001), Momentum::new(0.5), Average::new());
/// let mut sgd = Sgd::new(1.0_f32).with(rules);
/// // The gradient is (-0.375, -0.5) with a norm of 0.625.
/// sgd.step(&mut neuron, &[0.75], 1.0)?;
/// assert_eq!(neuron, LogisticNeuron::new([0.1875], 0.25));
/// assert_eq!(sgd.rules().3.neuron(), &neuron);
/// # Ok::<(), microlr::Error>(())
/// ```
///
/// A rule of your own has one required method. This one is the sign of the gradient:
///
/// ```
/// use microlr::{Error, LogisticNeuron, Sgd, Update, UpdateRule};
///
/// #[derive(Clone)]
/// struct Sign;
///
/// impl<const N: usize> UpdateRule<f32, N> for Sign {
///     fn update(&mut self, update: &mut Update<f32, N>) -> Result<(), Error> {
///         update.gradient.weights = update.gradient.weights.map(f32::signum);
///         update.gradient.bias = update.gradient.bias.signum();
///         Ok(())
///     }
/// }
///
/// let mut neuron = LogisticNeuron::zeroed();
/// Sgd::new(0.25_f32).with(Sign).step(&mut neuron, &[0.001, -7.0], 1.0)?;
/// assert_eq!(neuron, LogisticNeuron::new([0.25, -0.25], 0.25));
/// # Ok::<(), Error>(())
/// ```
///
/// Source: Optax, `optax.chain`.
pub trait UpdateRule<F: Float, const N: usize>: Clone {
    /// Whether there is no rule: true for `()` only. An update then needs no copy of the neuron.
    const NONE: bool = false;

    /// Changes the update: its gradient, its scale or its neuron.
    ///
    /// # Errors
    ///
    /// A state that would become NaN or infinite. The error refuses the update.
    fn update(&mut self, update: &mut Update<F, N>) -> Result<(), Error>;

    /// Sees the neuron after the update.
    ///
    /// # Errors
    ///
    /// As [`update`](Self::update).
    fn observe(&mut self, _: &LogisticNeuron<F, N>) -> Result<(), Error> {
        Ok(())
    }

    /// Returns the first invalid parameter or state.
    ///
    /// # Errors
    ///
    /// A parameter is outside of its interval.
    fn validate(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// No rule: the gradient is unchanged.
impl<F: Float, const N: usize> UpdateRule<F, N> for () {
    const NONE: bool = true;

    fn update(&mut self, _: &mut Update<F, N>) -> Result<(), Error> {
        Ok(())
    }
}

/// A tuple applies its rules in their order.
macro_rules! in_order {
    ($($rule:ident),+) => {
        impl<F: Float, const N: usize, $($rule: UpdateRule<F, N>),+> UpdateRule<F, N>
            for ($($rule,)+)
        {
            #[allow(non_snake_case, reason = "a rule has the name of its type")]
            #[inline(always)]
            fn update(&mut self, update: &mut Update<F, N>) -> Result<(), Error> {
                let ($($rule,)+) = self;
                $($rule.update(update)?;)+
                Ok(())
            }

            #[allow(non_snake_case, reason = "a rule has the name of its type")]
            #[inline(always)]
            fn observe(&mut self, neuron: &LogisticNeuron<F, N>) -> Result<(), Error> {
                let ($($rule,)+) = self;
                $($rule.observe(neuron)?;)+
                Ok(())
            }

            #[allow(non_snake_case, reason = "a rule has the name of its type")]
            fn validate(&self) -> Result<(), Error> {
                let ($($rule,)+) = self;
                $($rule.validate()?;)+
                Ok(())
            }
        }
    };
}

in_order!(A);
in_order!(A, B);
in_order!(A, B, C);
in_order!(A, B, C, D);
in_order!(A, B, C, D, E);
in_order!(A, B, C, D, E, G);
