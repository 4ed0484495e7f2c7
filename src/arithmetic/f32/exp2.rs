//! Powers of a half.

use super::unpacked::{Unpacked, mul_hi};

/// (1 - 2^-f) / f in Q0.32, as a polynomial in f with alternating signs; the relative error of 2^-f
/// is 2^-28.2.
const EXP2: [u32; 6] =
    [0xb172_17f8, 0x3d7f_6dcf, 0x0e34_f91b, 0x0274_5ea3, 0x0054_07d5, 0x0007_4c7d];

/// More halvings, or doublings, than an `f32` can have.
pub(super) const MANY: i32 = 1 << 10;

/// (1 - 2^-f) / f, for `f` and the result in Q0.32.
#[inline(always)]
fn slope(f: u32) -> u32 {
    let [a, b, c, d, e, g] = EXP2;
    let minus = |c: u32, sum| c.wrapping_sub(mul_hi(sum, f));
    minus(a, minus(b, minus(c, minus(d, minus(e, g)))))
}

/// 2^-f, for `f` and the result in Q0.32; a unit below 1 for 0.
#[inline(always)]
fn half_to_the(f: u32) -> u32 {
    !mul_hi(f, slope(f))
}

/// How often 1 is halved, in Q32.32; a negative number of halvings is doublings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Halvings {
    pub(super) whole: i32,
    pub(super) part: u32,
}

impl Halvings {
    /// `n · 2^exponent` halvings.
    #[inline(always)]
    pub(super) fn new(n: u64, exponent: i32) -> Self {
        let shift = exponent + 32;
        let q32 = if shift <= 0 {
            n.checked_shr(shift.unsigned_abs()).unwrap_or(0)
        } else if shift.unsigned_abs() + 22 < n.leading_zeros() {
            n << shift
        } else {
            u64::MAX
        };
        Self { whole: (q32 >> 32).min(MANY as u64) as i32, part: q32 as u32 }
    }

    /// 1, halved so often.
    #[inline(always)]
    pub(super) fn power(self) -> Unpacked {
        Unpacked { significand: half_to_the(self.part), exponent: -32 - self.whole }
    }
}

/// 1 - 2^-y for y = `n · 2^exponent`.
#[inline(always)]
pub(super) fn one_minus_power(n: u64, exponent: i32) -> Unpacked {
    let y = Unpacked::from_u64(n);
    let y = Unpacked { exponent: y.exponent + exponent, ..y };
    if y.exponent <= -32 {
        // (1 - 2^-y) / y · y: nothing cancels.
        return Unpacked { significand: slope(y.to_q32()), exponent: -32 } * y;
    }
    let Halvings { whole, part } = Halvings::new(n, exponent);
    let power = half_to_the(part).checked_shr(whole.unsigned_abs()).unwrap_or(0);
    Unpacked { significand: !power, exponent: -32 }
}
