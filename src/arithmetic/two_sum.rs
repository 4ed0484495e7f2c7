//! Sums that keep what a rounding loses, as a pair of numbers: the rounded sum and its error.

use super::Arithmetic;

/// The rounded sum of `a` and `b`, and its exact error (Knuth).
#[inline(always)]
fn two_sum<F: Arithmetic>(a: F, b: F) -> (F, F) {
    let sum = a + b;
    let b_in_sum = sum - a;
    (sum, (a - (sum - b_in_sum)) + (b - b_in_sum))
}

/// The same, exact if `|a| ≥ |b|` (Dekker).
#[inline(always)]
fn fast_two_sum<F: Arithmetic>(a: F, b: F) -> (F, F) {
    let sum = a + b;
    (sum, b - (sum - a))
}

/// Adds `x` to a pair. The first number remains the rounded value of the whole pair, so the second
/// stays small. By itself it would stop growing too, as a long sum in `f32` does.
#[inline(always)]
pub(crate) fn add_to_pair<F: Arithmetic>((high, low): (F, F), x: F) -> (F, F) {
    let (sum, error) = two_sum(high, x);
    fast_two_sum(sum, low + error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_of_a_sum_is_exact() {
        let tiny = 2_f32.powi(-40);
        for (a, b) in [(1.0, tiny), (tiny, 1.0), (1.0, -tiny), (-tiny, 1.0), (3.0, 4.0)] {
            let (sum, error) = two_sum(a, b);
            assert_eq!(f64::from(sum) + f64::from(error), f64::from(a) + f64::from(b));
        }
        assert_eq!(fast_two_sum(1.0, tiny), (1.0, tiny));
    }

    #[test]
    fn a_pair_keeps_what_a_number_loses() {
        let mut pair = (1.0_f32, 0.0);
        let mut number = 1.0_f32;
        for _ in 0..1 << 20 {
            pair = add_to_pair(pair, 2_f32.powi(-25));
            number += 2_f32.powi(-25);
        }
        assert_eq!((pair, number), ((1.0 + 2_f32.powi(-5), 0.0), 1.0));
    }
}
