//! Where a step lies among cycles that grow by a factor, by logarithms.

use core::num::NonZeroU32;
use core::ops::Range;

use super::{Fixed, half_to_the, high, log2_of_step, minus_log2, minus_log2_coarse, reciprocal};

/// What the factor may be above 1: not next to 0, where the share that is left is the difference of two like numbers, and so that the
/// factor may have a fraction.
const GAINS: Range<f32> = 0.2..8_388_608.0;

/// Nearer to a restart than this, in units of 2^-32, the logarithms do not tell on which side a step lies: several times what they are
/// off.
const UNCERTAIN: u64 = 1 << 8;

/// How much too large log2(t) is on average, in units of 2^-48, since what is subtracted in it has its last digits cut off.
const EXCESS: u64 = 1 << 14;

/// The cycle of `step` and the share of it that is left, if logarithms tell the two.
///
/// Cycle n begins where y = 1 + step · (t - 1)/first reaches tⁿ, so n is the whole part of log(y) / log(t). Where y is short of
/// the next power by a factor of 2^g, (1 - 2^-g) · t/(t - 1) of the cycle is left.
#[inline(always)]
pub(super) fn cycle(step: u32, first: NonZeroU32, t: f32) -> Option<(u32, Fixed)> {
    let gain = t - 1.0;
    if !GAINS.contains(&gain) {
        return None;
    }
    let (t, gain) = (Fixed::positive(t)?, Fixed::positive(gain)?);
    // y · first, exactly: of the 24 bits of the gain at most 26 places lie behind the point.
    let places = -8 - gain.exponent;
    let reach =
        (u64::from(first.get()) << places) + u64::from(step) * u64::from(gain.mantissa >> 8);
    let Fixed { mantissa, exponent } = Fixed::leading(reach);
    // In units of 2^-34.
    let log2_of_reach = (i64::from(exponent + 32 - places) << 34) - minus_log2_coarse(mantissa);
    let passed = (log2_of_reach - log2_of_step(first, minus_log2_coarse)) as u64;
    // In units of 2^-48, since there are many of them.
    let cycle = (((t.exponent + 32) as u64) << 48) - (minus_log2(t.mantissa) >> 14) - EXCESS;

    // passed / 2^8 · 2^22 / cycle
    let divisor = Fixed::leading(cycle);
    let index = high((passed >> 8) as u32, reciprocal(divisor.mantissa)) >> (divisor.exponent + 9);
    // From here on in units of 2^-32.
    let (cycles_before, cycle) = ((cycle * u64::from(index)) >> 16, cycle >> 16);
    let inside = (passed >> 2).wrapping_sub(cycles_before);
    // Also where the index is one off, which it is next to a restart only.
    if inside.wrapping_sub(UNCERTAIN) >= cycle - 2 * UNCERTAIN {
        return None;
    }
    let whole = ((cycle - inside) >> 32) as u32;
    // Of 32 bits, lest the compiler should multiply by more of them.
    let part = (cycle as u32).wrapping_sub(inside as u32);
    let fraction = !(half_to_the(part) >> (whole & 31));
    let scale = high(t.mantissa, reciprocal(gain.mantissa));
    // Not 0, however near the end is.
    let left = high(scale, fraction) | 1;
    let zeros = left.leading_zeros() & 31;
    let exponent = t.exponent - gain.exponent - 31 - zeros as i32;
    Some((index, Fixed { mantissa: left << zeros, exponent }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extended::Extended;
    use crate::threefry::{Stream, word};

    /// Any step, and cycles of any length and growth. Every fourth is late and among many cycles, where the error is largest.
    fn trial(index: u32) -> (u32, NonZeroU32, f32) {
        let [a, b] = [Stream::Weights, Stream::LearningRate].map(|stream| word(17, stream, index));
        let shorter = |word: u64| (word >> 32) as u32 >> (word & 31);
        let (step, first, doublings) = match index & 3 {
            0 => (u32::MAX - shorter(b), (a & 3) as u32, 1.0),
            1 => (shorter(b), shorter(a), 25.0),
            _ => (shorter(b), shorter(a), 3.0),
        };
        let t = 1.0 + 0.2 * 2_f32.powf((a >> 8 & 0xffff) as f32 / 65536.0 * doublings);
        (step, NonZeroU32::MIN.saturating_add(first), t)
    }

    #[test]
    fn what_is_left_of_a_cycle_against_f64() {
        let (mut worst, mut told, mut trials) = (0.0_f64, 0, 0);
        for (step, first, t) in (0..400_000).map(trial) {
            if step <= first.get() {
                continue;
            }
            trials += 1;
            let Some((index, left)) = cycle(step, first, t) else { continue };
            told += 1;
            let gain = f64::from(t) - 1.0;
            let y = 1.0 + f64::from(step) * gain / f64::from(first.get());
            let power = libm::exp(f64::from(index) * libm::log1p(gain));
            let exact = (f64::from(t) - y / power) / gain;
            worst = worst.max((left.wide() - exact).abs());
        }
        // In half units of the last place of a peak.
        assert!(worst * 2f64.powi(24) < 0.6, "{worst:e}");
        assert!(told > trials / 100 * 99, "{told} of {trials}");
    }

    #[test]
    fn a_step_next_to_a_restart_is_not_told() {
        // Cycles of 1000, 1500, 2250 steps; then restarts so late that steps are close beside them.
        let thousand = NonZeroU32::new(1000).unwrap();
        for (step, told) in
            [(2499, true), (2500, false), (2501, true), (4749, true), (4750, false), (4751, true)]
        {
            assert_eq!(cycle(step, thousand, 1.5).is_some(), told, "{step}");
        }
        let late = 2 * 1_000_000_000 + 500_000_000;
        let billion = NonZeroU32::new(1_000_000_000).unwrap();
        for (step, told) in [(late - 1, false), (late + 1, false), (late + 1000, true)] {
            assert_eq!(cycle(step, billion, 1.5).is_some(), told, "{step}");
        }
    }

    #[test]
    fn factors_out_of_reach_are_not_tried() {
        let first = NonZeroU32::MIN;
        for (t, told) in
            [(1.199_999_9, false), (1.2, true), (8_388_607.5, true), (8_388_609.0, false)]
        {
            assert_eq!(cycle(3, first, t).is_some(), told, "{t}");
        }
    }
}
