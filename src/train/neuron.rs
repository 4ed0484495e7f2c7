use crate::arithmetic::slices;
use crate::arithmetic::threefry::{self, Stream};
use crate::float::Float;

/// One logistic neuron: a linear function of `N` features, squashed into a probability.
///
/// ```text
/// z = bias + weights[0]·x[0] + ... + weights[N-1]·x[N-1]      logit
/// p = 1 / (1 + e^-z)                                          predict
/// L = -y·ln p - (1 - y)·ln(1 - p)                             loss
/// ```
///
/// Its state is `weights` and `bias`, which are public: to save the neuron is to copy them.
/// [`Sgd`](crate::Sgd) trains it.
///
/// ```
/// use microlr::LogisticNeuron;
///
/// let or = LogisticNeuron::new([20.0_f32, 20.0, 20.0], -10.0);
/// assert_eq!(or.logit(&[0.0, 1.0, 0.0]), 10.0);
/// assert!(or.predict(&[0.0, 1.0, 0.0]) > 0.999);
/// assert!(or.predict(&[0.0, 0.0, 0.0]) < 0.001);
/// ```
///
/// # Features need scaling
///
/// From features of very different scales a neuron can fail to learn, and no error says so. In
/// `tests/hostile.rs` a detector of rare alarms has features from 1e-3 to 1013: it never raises an
/// alarm, and its accuracy is 0.95. Scale raw features with a
/// [`Standardizer`](crate::Standardizer) if their [`spread`](crate::Moments::spread) is above 30.
///
/// Source: Keras, `Dense(1, activation="sigmoid")` with `binary_crossentropy`; scikit-learn,
/// `LogisticRegression`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(bound = "F: Float"))]
pub struct LogisticNeuron<F, const N: usize> {
    /// One for each feature.
    #[cfg_attr(feature = "serde", serde(with = "crate::exchange::array"))]
    pub weights: [F; N],
    /// The logit where every feature is 0.
    pub bias: F,
}

impl<F: Float, const N: usize> LogisticNeuron<F, N> {
    /// A neuron with saved weights.
    ///
    /// ```
    /// use microlr::LogisticNeuron;
    /// static SHIPPED: LogisticNeuron<f32, 2> = LogisticNeuron::new([0.5, -0.25], 1.0);
    /// let neuron = SHIPPED; // a copy in RAM, to be trained further
    /// assert_eq!([neuron.logit(&[0.0, 0.0]), neuron.logit(&[2.0, 8.0])], [1.0, 0.0]);
    /// ```
    #[must_use]
    pub const fn new(weights: [F; N], bias: F) -> Self {
        Self { weights, bias }
    }

    /// An untrained neuron: every weight and the bias is 0, every prediction 1/2. [`Default`] is
    /// the same.
    ///
    /// For one neuron this start is as good as a random one.
    ///
    /// ```
    /// use microlr::LogisticNeuron;
    /// static UNTRAINED: LogisticNeuron<f32, 3> = LogisticNeuron::zeroed();
    /// assert_eq!(UNTRAINED.predict(&[1.0, 2.0, 3.0]), 0.5);
    /// ```
    #[must_use]
    pub const fn zeroed() -> Self {
        Self::new([F::ZERO; N], F::ZERO)
    }

    /// Weights drawn from [-√(6/(N + 1)), √(6/(N + 1))) and a bias of 0, as Keras starts a `Dense`
    /// layer of one unit. The same seed gives the same weights on every target.
    ///
    /// ```
    /// use microlr::LogisticNeuron;
    /// let neuron = LogisticNeuron::<f64, 5>::glorot_uniform(42); // √(6/6) = 1
    /// assert!(neuron.weights.iter().all(|weight| (-1.0..1.0).contains(weight)));
    /// assert_eq!(neuron.bias, 0.0);
    /// assert_ne!(neuron, LogisticNeuron::glorot_uniform(43));
    /// ```
    ///
    /// Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
    /// networks", 2010; Keras, `GlorotUniform`. The generator is this crate's, so the weights are
    /// not those of Keras for the same seed.
    #[must_use]
    pub fn glorot_uniform(seed: u64) -> Self {
        let units = F::from_step((N as u32).saturating_add(1));
        let limit = (F::from_step(6) / units).sqrt();
        let mut neuron = Self::zeroed();
        for (index, weight) in (0..).zip(&mut neuron.weights) {
            let unit = F::unit(threefry::word(seed, Stream::Weights, index));
            *weight = limit * (unit + unit - F::ONE);
        }
        neuron
    }

    /// z: the logarithm of the odds that the label is 1. The sum begins with `weights[0]` and ends
    /// with the bias.
    ///
    /// ```
    /// use microlr::LogisticNeuron;
    /// let neuron = LogisticNeuron::new([0.5, -1.0], 0.25);
    /// assert_eq!(neuron.logit(&[2.0, 1.0]), 0.25);
    /// ```
    #[must_use]
    pub fn logit(&self, x: &[F; N]) -> F {
        slices::dot(&self.weights, x) + self.bias
    }

    /// p: the probability that the label is 1. In [0, 1], and NaN only where the logit is.
    ///
    /// ```
    /// use microlr::LogisticNeuron;
    /// let neuron = LogisticNeuron::new([1.0_f32], 0.0);
    /// assert_eq!(neuron.predict(&[0.0]), 0.5);
    /// assert_eq!([neuron.predict(&[-1e4]), neuron.predict(&[1e4])], [0.0, 1.0]);
    /// ```
    #[must_use]
    pub fn predict(&self, x: &[F; N]) -> F {
        F::logit(self.logit(x)).probability()
    }

    /// L: the binary cross-entropy for a label in [0, 1], in nats.
    ///
    /// It is computed from the logit, not from the probability, so it is accurate in the tails too
    /// and finite for every finite logit.
    ///
    /// ```
    /// use microlr::LogisticNeuron;
    /// let neuron = LogisticNeuron::new([1.0_f32], 0.0);
    /// assert_eq!(neuron.loss(&[0.0], 1.0), core::f32::consts::LN_2);
    /// assert_eq!([neuron.loss(&[1e4], 0.0), neuron.loss(&[1e4], 1.0)], [1e4, 0.0]);
    /// assert!((neuron.loss(&[10.0], 1.0) / 4.539_889_9e-5 - 1.0).abs() < 1e-6);
    /// ```
    #[must_use]
    pub fn loss(&self, x: &[F; N], y: F) -> F {
        F::logit(self.logit(x)).cross_entropy(y)
    }
}

impl<F: Float, const N: usize> LogisticNeuron<F, N> {
    /// Multiplies weights and bias.
    pub(super) fn scale(&mut self, factor: F) {
        for weight in &mut self.weights {
            *weight = *weight * factor;
        }
        self.bias = self.bias * factor;
    }

    /// The name of the first field that is NaN or infinite.
    #[inline]
    pub(super) fn not_finite(&self) -> Option<&'static str> {
        if slices::first_not_finite(&self.weights).is_some() {
            Some("weights")
        } else if !self.bias.has_finite_bits() {
            Some("bias")
        } else {
            None
        }
    }
}

impl<F: Float, const N: usize> Default for LogisticNeuron<F, N> {
    fn default() -> Self {
        Self::zeroed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glorot_weights_fill_their_interval() {
        let neuron = LogisticNeuron::<f32, 599>::glorot_uniform(0); // √(6/600) = 0.1
        let sum: f32 = neuron.weights.iter().sum();
        let (low, high) = neuron
            .weights
            .iter()
            .fold((0_f32, 0_f32), |(low, high), &weight| (low.min(weight), high.max(weight)));
        assert!((-0.1..-0.095).contains(&low) && high < 0.1 && high > 0.095, "{low} {high}");
        // Standard deviation of the mean: 0.1/√3/√599 = 0.00236.
        assert!((sum / 599.0).abs() < 4.0 * 0.00236);
    }
}
