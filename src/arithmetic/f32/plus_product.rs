//! `sum + a · b` for a core without an FPU: the bits of a product and a sum, each rounded, in one
//! function that unpacks each number only once.

const SIGN: u32 = 1 << 31;
/// Bits of the stored significand, below the exponent.
const FRACTION_BITS: u32 = f32::MANTISSA_DIGITS - 1;
const BIAS: u32 = f32::MAX_EXP.unsigned_abs() - 1;

/// `sum + a * b`.
#[inline(always)]
pub(super) fn plus_product(sum: f32, a: f32, b: f32) -> f32 {
    let (a_bits, b_bits) = (a.to_bits(), b.to_bits());
    product(a_bits, b_bits)
        .and_then(|product| sum_of(sum.to_bits(), product))
        .map_or_else(|| by_the_compiler(sum, a, b), f32::from_bits)
}

/// Where a number is 0, subnormal, infinite or NaN, or the result might be.
#[cold]
#[inline(never)]
fn by_the_compiler(sum: f32, a: f32, b: f32) -> f32 {
    sum + a * b
}

#[inline(always)]
fn exponent(bits: u32) -> u32 {
    bits >> FRACTION_BITS & 0xff
}

#[inline(always)]
fn is_normal(exponent: u32) -> bool {
    exponent.wrapping_sub(1) < 254
}

/// The significand, its top bit at the top.
#[inline(always)]
fn significand(bits: u32) -> u32 {
    bits << 8 | SIGN
}

/// The number without its sign, rounded to the nearest. The lowest bit of the significand is set if
/// a truncated bit was. `None` where the result might not be a normal number.
#[inline(always)]
pub(super) fn rounded(significand: u32, exponent: u32) -> Option<u32> {
    // Round half to even: slightly less than half a unit is added to the truncated bits, or half
    // where the last bit is odd. The carry may reach the exponent, and so does the top bit.
    let (kept, truncated) = (significand >> 8, significand & 0xff);
    let up = (truncated + 0x7f + (kept & 1)) >> 8;
    let below = exponent.wrapping_sub(1);
    (below < 253).then(|| (below << FRACTION_BITS) + kept + up)
}

#[inline(always)]
fn product(a: u32, b: u32) -> Option<u32> {
    let (a_exponent, b_exponent) = (exponent(a), exponent(b));
    if !(is_normal(a_exponent) && is_normal(b_exponent)) {
        return None;
    }
    let product = u64::from(significand(a)) * u64::from(significand(b));
    let (high, low) = ((product >> 32) as u32, product as u32);
    let exponent = (a_exponent + b_exponent).wrapping_sub(BIAS);
    let magnitude = if high & SIGN == 0 {
        rounded(high << 1 | low >> 31 | u32::from(low << 1 != 0), exponent)
    } else {
        rounded(high | u32::from(low != 0), exponent.wrapping_add(1))
    };
    magnitude.map(|magnitude| magnitude | (a ^ b) & SIGN)
}

#[inline(always)]
fn sum_of(a: u32, b: u32) -> Option<u32> {
    let (large, small) = if a << 1 >= b << 1 { (a, b) } else { (b, a) };
    if !(is_normal(exponent(large)) && is_normal(exponent(small))) {
        return None;
    }
    let distance = exponent(large) - exponent(small);
    if distance > 26 {
        return Some(large);
    }
    // Half of each, so that the sum fits. Of the bits that are shifted out it matters only whether
    // one is set.
    let (base, other) = (significand(large) >> 1, significand(small) >> 1);
    let lost = other & !(u32::MAX << distance);
    let aligned = other >> distance | u32::from(lost != 0);
    let sum = if (a ^ b) & SIGN == 0 { base + aligned } else { base - aligned };
    if sum == 0 {
        // The sign of the 0 is that of the compiler's addition.
        return None;
    }
    let shift = sum.leading_zeros();
    let exponent = (exponent(large) + 1).wrapping_sub(shift);
    rounded(sum << shift, exponent).map(|magnitude| magnitude | large & SIGN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::threefry::{Stream, word};

    fn check(sum: f32, a: f32, b: f32) {
        let (soft, hard) = (plus_product(sum, a, b), sum + a * b);
        let same = soft.to_bits() == hard.to_bits() || soft.is_nan() && hard.is_nan();
        assert!(same, "{sum:e} + {a:e} · {b:e}: {soft:e}, not {hard:e}");
    }

    /// Any bit patterns, and short significands, whose products and sums are ties.
    fn numbers(seed: u64) -> impl Iterator<Item = f32> {
        (0..).map(move |index| {
            let word = word(seed, Stream::Weights, index);
            let (bits, choice) = ((word >> 32) as u32, word as u32);
            // Similar exponents, except for an eighth of the numbers.
            let near =
                (bits & !(0xff << FRACTION_BITS)) | (BIAS - 16 + (choice >> 27)) << FRACTION_BITS;
            f32::from_bits(match choice & 7 {
                0 => bits,
                1..=3 => near & (u32::MAX << (choice >> 8 & 31)),
                _ => near,
            })
        })
    }

    fn sweep(cases: usize) {
        for ((sum, a), b) in numbers(1).zip(numbers(2)).zip(numbers(3)).take(cases) {
            check(sum, a, b);
            // Almost complete cancellation.
            let product = a * b;
            for ulps in [0, 1, 2, u32::MAX, 1 << 23] {
                check(-f32::from_bits(product.to_bits().wrapping_add(ulps)), a, b);
            }
            // A sum of which it, or the product, is lost or decides a tie.
            for distance in -28..=28 {
                check(
                    f32::from_bits(
                        (sum.to_bits() & !(0xff << FRACTION_BITS))
                            | product.to_bits() & 0xff << FRACTION_BITS,
                    ) * f32::from_bits(((127 + distance) as u32) << FRACTION_BITS),
                    a,
                    b,
                );
            }
        }
    }

    #[test]
    fn bits_are_those_of_a_product_and_a_sum() {
        sweep(100_000);
        let edges = [0.0, 1e-45, f32::MIN_POSITIVE, 1.0, f32::MAX, f32::INFINITY, f32::NAN];
        let edges = edges.map(|edge| [edge, -edge]).concat();
        for &sum in &edges {
            for &a in &edges {
                edges.iter().for_each(|&b| check(sum, a, b));
            }
        }
    }
}
