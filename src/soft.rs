//! `sum + a · b` in `f32` for a core without an FPU: the bits of a product and a sum, each rounded once, in one function that
//! takes the numbers apart only once.

const SIGN: u32 = 1 << 31;
/// Where the exponent begins.
const PLACES: u32 = f32::MANTISSA_DIGITS - 1;
const BIAS: u32 = f32::MAX_EXP.unsigned_abs() - 1;

/// `sum + a * b`.
#[inline(always)]
pub(crate) fn plus_product(sum: f32, a: f32, b: f32) -> f32 {
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
    bits >> PLACES & 0xff
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

/// The number without its sign, rounded to the nearest. All bits of the significand that are cut off already are in its
/// lowest one. `None` where the result might not be a normal number.
#[inline(always)]
fn rounded(significand: u32, exponent: u32) -> Option<u32> {
    // A little less than half a unit is added to what is cut off, or half where the last bit is odd; the carry is what is
    // rounded up. It may go on into the exponent, and so does the top bit of the significand.
    let (kept, cut_off) = (significand >> 8, significand & 0xff);
    let up = (cut_off + 0x7f + (kept & 1)) >> 8;
    let below = exponent.wrapping_sub(1);
    (below < 253).then(|| (below << PLACES) + kept + up)
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
    // With room for a carry above. Of what is shifted out below it matters only whether it is 0.
    let (base, other) = (significand(large) >> 1, significand(small) >> 1);
    let lost = other & !(u32::MAX << distance);
    let aligned = other >> distance | u32::from(lost != 0);
    let sum = if (a ^ b) & SIGN == 0 { base + aligned } else { base - aligned };
    if sum == 0 {
        // Which 0 it is, the compiler knows.
        return None;
    }
    let shift = sum.leading_zeros();
    let exponent = (exponent(large) + 1).wrapping_sub(shift);
    rounded(sum << shift, exponent).map(|magnitude| magnitude | large & SIGN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threefry::{Stream, word};

    fn check(sum: f32, a: f32, b: f32) {
        let (soft, hard) = (plus_product(sum, a, b), sum + a * b);
        let same = soft.to_bits() == hard.to_bits() || soft.is_nan() && hard.is_nan();
        assert!(same, "{sum:e} + {a:e} · {b:e}: {soft:e}, not {hard:e}");
    }

    /// Any bit patterns, and short significands, whose products and sums fall in the middle between two numbers.
    fn numbers(seed: u64) -> impl Iterator<Item = f32> {
        (0..).map(move |index| {
            let word = word(seed, Stream::Weights, index);
            let (bits, choice) = ((word >> 32) as u32, word as u32);
            // Exponents next to each other, but for an eighth.
            let near = (bits & !(0xff << PLACES)) | (BIAS - 16 + (choice >> 27)) << PLACES;
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
            // What all but cancels.
            let product = a * b;
            for ulps in [0, 1, 2, u32::MAX, 1 << 23] {
                check(-f32::from_bits(product.to_bits().wrapping_add(ulps)), a, b);
            }
            // A sum so far off that it, or the product, is lost or decides a tie.
            for distance in -28..=28 {
                check(
                    f32::from_bits(
                        (sum.to_bits() & !(0xff << PLACES)) | product.to_bits() & 0xff << PLACES,
                    ) * f32::from_bits(((127 + distance) as u32) << PLACES),
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
