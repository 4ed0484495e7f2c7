//! The loops of a neuron.
//!
//! The length is a part of the type, so that the compiler unrolls what is short. All code for
//! neurons of one length shares one copy of each loop.

use super::Arithmetic;

/// The sum of the products, from the first one on.
#[inline(never)]
pub(crate) fn dot<F: Arithmetic, const N: usize>(a: &[F; N], b: &[F; N]) -> F {
    // -0 is what changes no sum.
    a.iter().zip(b).fold(-F::ZERO, |sum, (&a, &b)| F::plus_product(sum, a, b))
}

/// The dot product, and an upper bound of 1, the input of the bias, and of every |b|.
#[inline(never)]
pub(crate) fn dot_and_bound<F: Arithmetic, const N: usize>(a: &[F; N], b: &[F; N]) -> (F, F) {
    a.iter().zip(b).fold((-F::ZERO, F::ONE), |(sum, bound), (&a, &b)| {
        (F::plus_product(sum, a, b), F::bound(bound, b))
    })
}

/// `y ← y + scale · x`.
#[inline(never)]
pub(crate) fn axpy<F: Arithmetic, const N: usize>(scale: F, x: &[F; N], y: &mut [F; N]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = F::plus_product(*y, scale, x);
    }
}

/// The index of the first number that is infinite or NaN.
#[inline(never)]
pub(crate) fn first_not_finite<F: Arithmetic>(x: &[F]) -> Option<usize> {
    x.iter().position(|x| !x.has_finite_bits())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_in_order_and_each_operation_is_rounded() {
        // 1e8 + 1 is 1e8 in f32, so the order shows.
        assert_eq!(dot(&[1e8_f32, 1.0, -1e8], &[1.0, 1.0, 1.0]), 0.0);
        assert_eq!(dot(&[1e8_f32, -1e8, 1.0], &[1.0, 1.0, 1.0]), 1.0);
        // (1 + ε)² is rounded before 1 is taken off: a fused operation would keep ε².
        let above = 1.0 + f32::EPSILON;
        assert_eq!(dot(&[-1.0, above], &[1.0, above]), 2.0 * f32::EPSILON);
        assert_eq!(dot::<f32, 0>(&[], &[]).to_bits(), (-0.0_f32).to_bits());
        assert_eq!(dot(&[3.0_f64, 4.0], &[0.5, 0.25]), 2.5);
    }

    #[test]
    fn axpy_adds_a_multiple() {
        let mut y = [1.0_f32, 2.0, 3.0];
        axpy(-0.5, &[2.0, 4.0, 0.0], &mut y);
        assert_eq!(y, [0.0, 0.0, 3.0]);
    }

    #[test]
    fn the_bound_is_not_below_any_magnitude() {
        for b in [[0.0_f32, -0.0, 0.0], [1.0, -8.0, 0.5], [f32::MAX, -1.0, f32::MIN]] {
            let a = [1.0, -2.0, 0.25];
            let (sum, bound) = dot_and_bound(&a, &b);
            assert_eq!(sum, dot(&a, &b));
            assert!(b.iter().all(|b| b.abs() <= bound), "{b:?}");
            assert!(bound >= 1.0 && bound <= 1.0 + b.iter().map(|b| b.abs()).sum::<f32>());
        }
    }

    #[test]
    fn the_first_number_that_is_not_finite_is_found() {
        for place in 0..3 {
            let mut x = [1.0_f32; 3];
            x[place] = f32::INFINITY;
            assert_eq!(first_not_finite(&x), Some(place));
        }
        assert_eq!(first_not_finite(&[f64::MAX, f64::NAN]), Some(1));
        assert_eq!(first_not_finite(&[f64::MAX, f64::MIN, 0.0, -0.0]), None);
    }
}
