//! Sums that keep what a rounding loses, as a pair of numbers: the rounded sum and the remainder.

use super::Arithmetic;

/// Adds `x` to the pair. `sum` remains the rounded value of both.
///
/// If `|x|` is above `|sum|`, the remainder has an error of about the last place of `x`: no more
/// than the rounding of `x` itself.
///
/// Source: Kahan, "Further remarks on reducing truncation errors", 1965.
#[inline(always)]
pub(crate) fn add<F: Arithmetic>(sum: &mut F, remainder: &mut F, x: F) {
    let x = *remainder + x;
    let next = *sum + x;
    *remainder = x - (next - *sum);
    *sum = next;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_keeps_what_a_number_loses() {
        let (mut sum, mut remainder, mut number) = (1.0_f32, 0.0, 1.0_f32);
        for _ in 0..1 << 20 {
            add(&mut sum, &mut remainder, 2_f32.powi(-25));
            number += 2_f32.powi(-25);
        }
        assert_eq!((sum, remainder, number), (1.0 + 2_f32.powi(-5), 0.0, 1.0));
    }

    #[test]
    fn the_remainder_is_exact_or_negligible() {
        let tiny = 2_f32.powi(-40);
        for (first, x, error) in
            [(1.0, tiny, 0.0), (-1.0, tiny, 0.0), (3.0, 4.0, 0.0), (tiny, 1.0, 2_f64.powi(-24))]
        {
            let (mut sum, mut remainder) = (first, 0.0);
            add(&mut sum, &mut remainder, x);
            let exact = f64::from(first) + f64::from(x);
            assert!((f64::from(sum) + f64::from(remainder) - exact).abs() <= error, "{first} {x}");
        }
    }
}
