//! The sigmoid and its logarithm.

use super::{Fixed, high, reciprocal};
use crate::extended::Extended;
use crate::neuron::Odds;

/// (1 - ln(1 + a) / a) / a in units of 2^-32, as a polynomial in a with alternating signs; ln(1 + a) / a to 2^-27.5 of it.
const LN_1P: [u32; 9] = [
    0x7fff_f4b8,
    0x5553_7be3,
    0x3fe4_dc2b,
    0x326b_9403,
    0x274f_5026,
    0x1b57_9be3,
    0x0ec3_18b1,
    0x052c_2089,
    0x00d9_7aaf,
];

/// ln(1 + a) / a in units of 2^-32, for `a`/2^32.
#[inline(always)]
fn ln_1p_over(a: u32) -> u32 {
    let [b, c, d, e, f, g, h, i, j] = LN_1P;
    let minus = |c: u32, sum| c.wrapping_sub(high(sum, a));
    let tail = minus(f, minus(g, minus(h, minus(i, j))));
    !high(a, minus(b, minus(c, minus(d, minus(e, tail)))))
}

/// The odds of a logit; see [`Odds`].
#[inline(always)]
pub(crate) fn odds(logit: f32) -> Odds<f32> {
    /// log2(e) in units of 2^-31.
    const LOG2_E: u32 = 0xb8aa_3b29;
    /// From here on nothing is left of e^-|z|.
    const LARGE: u32 = 104_f32.to_bits();
    // |z| · log2(e), with 32 bits behind the point; NaN counts as large.
    let bits = (logit.to_bits() & (u32::MAX >> 1)).min(LARGE);
    let shift = (157 - (bits >> 23)).min(63);
    let y = (u64::from(bits << 8 | 1 << 31) * u64::from(LOG2_E)) >> shift;
    let halvings = (y >> 32) as u32;
    let against = Fixed::power_of_half(halvings as i32, y as u32);
    let unlikely = against.mantissa.checked_shr(halvings).unwrap_or(0);
    // 1/(1 + a)
    let more = reciprocal(1 << 31 | unlikely >> 1);
    let less = high(against.mantissa, more);
    // Two powers of two: the first product is exact, and the second is where it is not subnormal.
    let unit = Fixed::scale(32 - halvings as i32);
    let times_against = |mantissa: u32| mantissa as f32 * unit * Fixed::scale(-64);
    Odds {
        logit,
        more: Fixed { mantissa: more, exponent: -32 }.value(),
        less: times_against(less),
        surprise: times_against(high(against.mantissa, ln_1p_over(unlikely))),
    }
}
