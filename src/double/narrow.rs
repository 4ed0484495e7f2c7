//! What `Double<f32>` has of its own: where libm has nothing for it, or leaves the range, it borrows the 32 bits of [`Fixed`],
//! since a core without a double-precision unit takes many times as long for `f64`.

use core::num::{NonZeroU32, NonZeroU64};

use super::Double;
use crate::extended::{self, Extended, Place, Share};
use crate::fixed::{Fixed, high, reciprocal};
use crate::float::Kernel;

/// `n`, exactly.
#[inline]
pub(crate) fn from_step(n: u32) -> Double<f32> {
    Double::ordered_sum((n & !LAST) as f32, (n & LAST) as f32)
}

/// Of 32 bits the last 8, for which an `f32` has no room.
const LAST: u32 = (1 << 8) - 1;

/// See [`Kernel::MOST_POWER`].
pub(crate) const MOST_POWER: i32 = 14;

/// [`Extended::ratio`], to 2^-45 of it, from two digits of 32 bits.
#[inline]
pub(crate) fn ratio(numerator: u64, denominator: NonZeroU64) -> Double<f32> {
    let (up, down) = (numerator.leading_zeros(), denominator.leading_zeros());
    let dividend = numerator.wrapping_shl(up);
    let divisor = denominator.get() << down;
    let (high_divisor, low_divisor) = ((divisor >> 32) as u32, divisor as u32);
    let one_over = reciprocal(high_divisor);
    // In units of 2^-31; the remainder is some units of the divisor's upper half.
    let digit = high((dividend >> 32) as u32, one_over);
    let product = u64::from(digit) * u64::from(high_divisor) + u64::from(high(digit, low_divisor));
    let remainder = (dividend >> 1).wrapping_sub(product) as i64;
    let rest =
        (remainder >> 32) * i64::from(one_over) + i64::from(high(remainder as u32, one_over));
    // In units of 2^-62.
    let quotient = (u64::from(digit) << 31).wrapping_add_signed(rest);
    let unit = f32::power_of_two(down as i32 - up as i32 - 30);
    let leading = ((quotient >> 32) as u32 & !LAST) as f32;
    let last = (quotient >> 8) as u32 as f32;
    Double::ordered_sum(leading * unit, last * (unit * f32::power_of_two(-24)))
}

/// [`Extended::between`].
#[inline(always)]
pub(crate) fn between(low: f32, high: f32, share: Share) -> Double<f32> {
    extended::between(low, high, Double::share(share))
}

/// [`Extended::sin_squared_quarter_turn`].
pub(crate) fn sin_squared_quarter_turn(u: Double<f32>) -> Double<f32> {
    /// Below it the square of the angle is 2^-32 larger than that of its sine at the most.
    const SMALL: f32 = 1.0 / (1 << 16) as f32;
    const QUARTER_TURN: Double<f32> =
        Double { hi: core::f32::consts::FRAC_PI_2, lo: -4.371_139e-8 };
    if u.hi < SMALL {
        let angle = u.roomy_product(QUARTER_TURN);
        return angle.roomy_product(angle);
    }
    Fixed::from(u).sin_squared_quarter_turn().into()
}

/// [`Extended::times_power`] wherever its factors lie.
#[cold]
#[inline(never)]
pub(crate) fn times_far_power(
    start: Double<f32>,
    scale: f32,
    base: f32,
    steps: u32,
    per: NonZeroU32,
) -> Double<f32> {
    Fixed::from(start).times_power(scale, base, steps, per).into()
}

/// [`Extended::times_power_of_rest`] likewise.
#[cold]
#[inline(never)]
pub(crate) fn times_far_power_of_rest(start: Double<f32>, place: Place, power: f32) -> Double<f32> {
    Fixed::from(start).times_power_of_rest(place, power).into()
}

/// [`Extended::times_one_minus_power_of_rest`].
pub(crate) fn times_one_minus_power_of_rest(
    height: Double<f32>,
    place: Place,
    power: f32,
) -> Double<f32> {
    Fixed::from(height).times_one_minus_power_of_rest(place, power).into()
}
