use core::num::NonZeroU32;

use crate::arithmetic::Fraction;

/// The elapsed steps in units of `decay_steps`: p of the exponential and the inverse time decay.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Progress {
    pub(super) decay_steps: NonZeroU32,
    pub(super) staircase: bool,
}

impl Progress {
    #[inline(always)]
    pub(super) fn at(self, step: u32) -> Fraction {
        if self.staircase {
            Fraction::new(step / self.decay_steps, 1)
        } else {
            Fraction::new(step, self.decay_steps.get())
        }
    }
}
