use heapless::Vec;

use crate::error::Error;
#[cfg(feature = "serde")]
use crate::exchange::{Class, Refused, Sink, Source, exchanged};
use crate::float::Float;
#[cfg(feature = "serde")]
use crate::schedule::Inner;
use crate::schedule::Schedule;

/// Schedules one after another, put together at run time: up to `M` pieces of one type.
///
/// ```text
/// lr(s) = pieceᵢ(s - startᵢ)      for startᵢ <= s < startᵢ₊₁; start₀ = 0
/// ```
///
/// Each piece counts from 0, as after [`Schedule::then`]. With
/// [`AnySchedule`](crate::AnySchedule) as the type, the pieces may be of different kinds:
/// `Sequence<AnySchedule<f32, 8>, 4>` is any warm-up, hold and decay. `lr` takes at most `M`
/// comparisons.
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `starts` | steps | strictly increasing; the first piece starts at 0 |
/// | pieces | | 1 to `M`, each valid |
///
/// ```
/// use microlr::{Linear, Schedule, Sequence};
///
/// let mut sequence: Sequence<Linear<f32>, 2> = Sequence::new(Linear::new(0.0, 0.5, 4));
/// sequence.push(10, Linear::new(0.5, 0.25, 4))?;
/// assert_eq!([sequence.lr(3), sequence.lr(4), sequence.lr(9)], [0.375, 0.5, 0.5]);
/// assert_eq!([sequence.lr(10), sequence.lr(11), sequence.lr(14)], [0.5, 0.4375, 0.25]);
/// # Ok::<(), microlr::Error>(())
/// ```
///
/// Source: PyTorch, `SequentialLR`; Optax, `join_schedules`.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Sequence<S, const M: usize> {
    /// At least one: its start and the schedule.
    pieces: Vec<(u32, S), M>,
}

impl<S, const M: usize> Sequence<S, M> {
    /// One piece, from step 0 on.
    ///
    /// A capacity of 0 does not compile:
    ///
    /// ```compile_fail,E0080
    /// # use microlr::Sequence;
    /// Sequence::<f32, 0>::new(0.1);
    /// ```
    ///
    /// ```
    /// use microlr::{Linear, Schedule, Sequence};
    /// static DOWN: Sequence<Linear<f32>, 4> = Sequence::new(Linear::new(0.5, 0.0, 4));
    /// assert_eq!([DOWN.lr(0), DOWN.lr(3), DOWN.lr(4), DOWN.lr(5)], [0.5, 0.125, 0.0, 0.0]);
    /// ```
    #[must_use]
    pub const fn new(first: S) -> Self {
        const { assert!(M > 0, "a sequence has at least one piece") };
        Self { pieces: Vec::from_array([(0, first)]) }
    }
}

impl<S: Schedule, const M: usize> Sequence<S, M> {
    /// Adds a piece that starts at step `start`, above that of the piece before it.
    ///
    /// # Errors
    ///
    /// [`NotIncreasing`](Error::NotIncreasing) for the start, [`TooMany`](Error::TooMany) if there
    /// are `M` pieces already, and what the schedule's `validate` returns. The sequence is then as
    /// before.
    ///
    /// ```
    /// use microlr::{Error, Schedule, Sequence};
    /// let mut sequence: Sequence<f32, 2> = Sequence::new(0.5);
    /// assert_eq!(sequence.push(0, 0.25), Err(Error::NotIncreasing("starts")));
    /// assert_eq!(sequence.push(1, -0.25), Err(Error::Negative("learning_rate")));
    /// assert_eq!(sequence.push(1, 0.25), Ok(()));
    /// assert_eq!(sequence.push(2, 0.125), Err(Error::TooMany("pieces")));
    /// assert_eq!([sequence.lr(0), sequence.lr(1), sequence.lr(2)], [0.5, 0.25, 0.25]);
    /// ```
    pub fn push(&mut self, start: u32, schedule: S) -> Result<(), Error> {
        if self.pieces.last().is_some_and(|&(last, _)| start <= last) {
            return Err(Error::NotIncreasing("starts"));
        }
        schedule.validate()?;
        self.pieces.push((start, schedule)).map_err(|_| Error::TooMany("pieces"))
    }
}

impl<F: Float, S: Schedule<Rate = F>, const M: usize> Schedule for Sequence<S, M> {
    type Rate = F;

    #[inline]
    fn lr(&self, step: u32) -> F {
        // The first piece starts at 0, so there is one.
        let current = self.pieces.iter().rev().find(|&&(start, _)| start <= step);
        current.map_or(F::nan(), |(start, schedule)| schedule.lr(step - start))
    }

    fn validate(&self) -> Result<(), Error> {
        let starts_at_0 = self.pieces.first().is_some_and(|&(start, _)| start == 0);
        if !starts_at_0 || !self.pieces.is_sorted_by(|(a, _), (b, _)| a < b) {
            return Err(Error::NotIncreasing("starts"));
        }
        self.pieces.iter().try_for_each(|(_, schedule)| schedule.validate())
    }
}

#[cfg(feature = "serde")]
impl<S: Inner, const M: usize> Class<Vec<(u32, S), M>> for Sequence<S, M> {
    const NAMES: &'static [&'static str] = &["Sequence"];
    const INNER: &'static [&'static str] = &["pieces"];

    fn read(from: &mut impl Source<Vec<(u32, S), M>>) -> Result<Self, Refused> {
        Ok(Self { pieces: from.first()? })
    }

    fn write<T: Sink>(&self, to: &mut T) -> Result<(), T::Error> {
        to.put("pieces", &self.pieces)
    }
}

#[cfg(feature = "serde")]
exchanged!([S: Inner, const M: usize] Sequence<S, M>, 0);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::Linear;

    #[test]
    fn a_refused_piece_changes_nothing() {
        let mut sequence: Sequence<Linear<f32>, 2> = Sequence::new(Linear::new(0.0, 0.5, 4));
        let before = sequence.clone();
        assert!(sequence.push(0, Linear::new(0.5, 0.0, 4)).is_err());
        assert!(sequence.push(4, Linear::new(f32::NAN, 0.0, 4)).is_err());
        assert_eq!(sequence, before);
        assert_eq!(sequence.push(u32::MAX, Linear::new(0.5, 0.0, 4)), Ok(()));
        assert_eq!([sequence.lr(u32::MAX - 1), sequence.lr(u32::MAX)], [0.5, 0.5]);
    }

    #[test]
    fn validate_reaches_inside() {
        let invalid: Sequence<Linear<f32>, 1> = Sequence::new(Linear::new(0.1, -0.1, 4));
        assert_eq!(invalid.validate(), Err(Error::Negative("to")));
    }
}
