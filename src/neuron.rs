use crate::float::Float;
use crate::threefry::{self, Stream};

/// One logistic neuron: a linear function of `N` features, squashed into a probability.
///
/// ```text
/// z = bias + weights[0]·x[0] + ... + weights[N-1]·x[N-1]      logit
/// p = 1 / (1 + e^-z)                                          predict
/// L = -y·ln p - (1 - y)·ln(1 - p)                             loss
/// ```
///
/// What it has learnt is `weights` and `bias`, which are public: to save the neuron is to copy
/// them out. [`Sgd`](crate::Sgd) trains it.
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
/// Source: Keras, `Dense(1, activation="sigmoid")` with `binary_crossentropy`; scikit-learn,
/// `LogisticRegression`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LogisticNeuron<F, const N: usize> {
    /// One for each feature.
    pub weights: [F; N],
    /// The logit where every feature is 0.
    pub bias: F,
}

impl<F: Float, const N: usize> LogisticNeuron<F, N> {
    /// A neuron that has learnt `weights` and `bias` before.
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

    /// A neuron that knows nothing: every weight and the bias 0, every prediction 1/2.
    ///
    /// For one neuron this start is as good as a random one.
    ///
    /// ```
    /// use microlr::LogisticNeuron;
    /// assert_eq!(LogisticNeuron::<f32, 3>::zeroed().predict(&[1.0, 2.0, 3.0]), 0.5);
    /// ```
    #[must_use]
    pub fn zeroed() -> Self {
        Self::new([F::zero(); N], F::zero())
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
    /// networks", 2010; Keras, `GlorotUniform`. The generator is this crate's, so the weights are not
    /// those of Keras for the same seed.
    #[must_use]
    pub fn glorot_uniform(seed: u64) -> Self {
        let units = F::nearest_u64(N as u64) + F::one();
        let limit = F::libm_sqrt(F::nearest_u64(6) / units);
        let mut neuron = Self::zeroed();
        for (index, weight) in (0..).zip(&mut neuron.weights) {
            let unit = F::unit(threefry::word(seed, Stream::Weights, index));
            *weight = limit * (unit + unit - F::one());
        }
        neuron
    }

    /// z: the logarithm of the odds that the label is 1. Added up from `weights[0]` on, the bias last.
    ///
    /// ```
    /// use microlr::LogisticNeuron;
    /// let neuron = LogisticNeuron::new([0.5, -1.0], 0.25);
    /// assert_eq!(neuron.logit(&[2.0, 1.0]), 0.25);
    /// ```
    #[must_use]
    pub fn logit(&self, x: &[F; N]) -> F {
        F::dot(&self.weights, x) + self.bias
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
        F::odds(self.logit(x)).probability()
    }

    /// L: the binary cross-entropy for a label in [0, 1], in nats.
    ///
    /// It is taken from the logit, not from the probability, so it is exact in the tails too and
    /// finite for every finite logit.
    ///
    /// ```
    /// use microlr::LogisticNeuron;
    /// let neuron = LogisticNeuron::new([1.0_f32], 0.0);
    /// assert_eq!(neuron.loss(&[0.0], 1.0), 2f32.ln());
    /// assert_eq!([neuron.loss(&[1e4], 0.0), neuron.loss(&[1e4], 1.0)], [1e4, 0.0]);
    /// assert!((neuron.loss(&[10.0], 1.0) / 4.539_889_9e-5 - 1.0).abs() < 1e-6);
    /// ```
    #[must_use]
    pub fn loss(&self, x: &[F; N], y: F) -> F {
        F::odds(self.logit(x)).cross_entropy(y)
    }
}

/// What a logit says, in a form in which nothing overflows and nothing cancels.
#[derive(Debug, Clone, Copy)]
pub struct Odds<F> {
    pub(crate) logit: F,
    /// The probability of the likelier label, 1 / (1 + e^-|z|), in [1/2, 1].
    pub(crate) more: F,
    /// The probability of the other label, e^-|z| / (1 + e^-|z|).
    pub(crate) less: F,
    /// The loss of the likelier label, ln(1 + e^-|z|).
    pub(crate) surprise: F,
}

/// The odds of a logit by the functions of libm.
pub(crate) fn odds<F: Float>(logit: F) -> Odds<F> {
    let against = F::libm_exp(-logit.abs());
    let sum = F::one() + against;
    // What the sum has lost counts where the logit is large.
    let lost = (F::one() - sum) + against;
    let more = F::one() / sum;
    let less = against / sum;
    let less = less - less * (lost / sum);
    Odds { logit, more, less, surprise: F::libm_ln_1p(against) }
}

impl<F: Float> Odds<F> {
    /// σ(z) = 1 / (1 + e^-z).
    #[inline]
    pub(crate) fn probability(self) -> F {
        if self.logit >= F::zero() {
            self.more
        } else if self.logit < F::zero() {
            self.less
        } else {
            self.logit // NaN
        }
    }

    /// max(z, 0) - z·y + ln(1 + e^-|z|), with the first two added before they can cancel.
    #[inline]
    pub(crate) fn cross_entropy(self, y: F) -> F {
        let other = F::one() - y;
        let share = if self.logit >= F::zero() { other } else { y };
        self.logit.abs() * share + self.surprise
    }

    /// σ(z) - y, the derivative of the cross-entropy by the logit, as (1 - y)·σ(z) - y·σ(-z): exact
    /// also where σ(z) rounds to the label.
    #[inline]
    pub(crate) fn residual(self, y: F) -> F {
        let other = F::one() - y;
        if self.logit >= F::zero() {
            other * self.more - y * self.less
        } else {
            other * self.less - y * self.more
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::float::Kernel;

    const LOGITS: [f32; 13] =
        [-1e38, -1e4, -100.0, -20.0, -1.0, -1e-3, 0.0, 1e-3, 1.0, 20.0, 100.0, 1e4, 1e38];

    fn ulp(x: f64) -> f64 {
        let x = x.abs() as f32;
        f64::from(f32::from_bits(x.to_bits() + 1)) - f64::from(x)
    }

    #[test]
    fn f32_agrees_with_f64_in_both_tails() {
        for z in LOGITS {
            let wide = f64::odds(f64::from(z));
            let narrow = f32::odds(z);
            let p = wide.probability();
            assert!((f64::from(narrow.probability()) - p).abs() <= 2.0 * ulp(p), "σ({z})");
            for y in [0.0_f32, 0.25, 1.0] {
                let exact = wide.cross_entropy(f64::from(y));
                let loss = narrow.cross_entropy(y);
                assert!(loss.is_finite() && loss >= 0.0);
                assert!((f64::from(loss) - exact).abs() <= 2.0 * ulp(exact), "L({z}, {y})");
            }
            for y in [0.0_f32, 1.0] {
                let exact = wide.residual(f64::from(y));
                let error = (f64::from(narrow.residual(y)) - exact).abs();
                assert!(error <= 2.0 * ulp(exact), "residual({z}, {y})");
            }
        }
    }

    #[test]
    fn the_residual_of_a_near_certainty_is_not_lost() {
        // 1 - σ(20) = 2.061e-9; σ(20) itself rounds to 1 in f32.
        let odds = f32::odds(20.0_f32);
        assert_eq!(odds.probability(), 1.0);
        assert!((odds.residual(1.0) / -2.061_153_6e-9 - 1.0).abs() < 1e-6);
    }

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
