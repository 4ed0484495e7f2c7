//! The sigmoid of a logit, its cross-entropy and its residual.

use num_traits::float::FloatCore;

/// A logit and its functions, in a form in which nothing overflows and nothing cancels.
#[derive(Debug, Clone, Copy)]
pub struct Logit<F> {
    pub(super) z: F,
    /// The probability of the likelier label, 1 / (1 + e^-|z|), in [1/2, 1].
    pub(super) likelier: F,
    /// The probability of the other label, e^-|z| / (1 + e^-|z|).
    pub(super) unlikelier: F,
    /// ln(1 + e^-|z|): the cross-entropy of the likelier label.
    pub(super) log1p: F,
}

impl<F: FloatCore> Logit<F> {
    /// σ(z) = 1 / (1 + e^-z).
    #[inline]
    pub(crate) fn probability(self) -> F {
        if self.z >= F::zero() {
            self.likelier
        } else if self.z < F::zero() {
            self.unlikelier
        } else {
            self.z // NaN
        }
    }

    /// max(z, 0) - z·y + ln(1 + e^-|z|), with the first two added before they can cancel.
    #[inline]
    pub(crate) fn cross_entropy(self, y: F) -> F {
        let mistaken = if self.z >= F::zero() { F::one() - y } else { y };
        self.z.abs() * mistaken + self.log1p
    }

    /// σ(z) - y, the derivative of the cross-entropy by the logit, as (1 - y)·σ(z) - y·σ(-z): exact
    /// also where σ(z) rounds to the label.
    #[inline]
    pub(crate) fn residual(self, y: F) -> F {
        let other = F::one() - y;
        if self.z >= F::zero() {
            other * self.likelier - y * self.unlikelier
        } else {
            other * self.unlikelier - y * self.likelier
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::arithmetic::Arithmetic;

    const LOGITS: [f32; 13] =
        [-1e38, -1e4, -100.0, -20.0, -1.0, -1e-3, 0.0, 1e-3, 1.0, 20.0, 100.0, 1e4, 1e38];

    fn ulp(x: f64) -> f64 {
        let x = x.abs() as f32;
        f64::from(f32::from_bits(x.to_bits() + 1)) - f64::from(x)
    }

    #[test]
    fn f32_agrees_with_f64_in_both_tails() {
        for z in LOGITS {
            let wide = f64::logit(f64::from(z));
            let narrow = f32::logit(z);
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
        let logit = f32::logit(20.0_f32);
        assert_eq!(logit.probability(), 1.0);
        assert!((logit.residual(1.0) / -2.061_153_6e-9 - 1.0).abs() < 1e-6);
    }
}
