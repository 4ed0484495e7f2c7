use core::num::NonZeroU32;

use crate::arithmetic::Fraction;

/// The elapsed steps in units of `decay_steps`: p of the exponential and the inverse time decay.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Progress {
    decay_steps: NonZeroU32,
    staircase: bool,
}

impl Progress {
    pub(super) const fn smooth(decay_steps: NonZeroU32) -> Self {
        Self { decay_steps, staircase: false }
    }

    pub(super) const fn staircase(mut self) -> Self {
        self.staircase = true;
        self
    }

    #[inline(always)]
    pub(super) fn at(self, step: u32) -> Fraction {
        if self.staircase {
            Fraction::new(step / self.decay_steps, 1)
        } else {
            Fraction::new(step, self.decay_steps.get())
        }
    }
}
