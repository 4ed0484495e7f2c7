#[cfg(feature = "serde")]
use core::iter;

use heapless::Vec;

use crate::error::{self, Error};
#[cfg(feature = "serde")]
use crate::exchange::{Class, Each, Refused, Sink, Source, exchanged};
use crate::float::Float;
use crate::schedule::{Schedule, increasing, valid};

/// Piecewise constant decay: one value after another, changing after given steps.
///
/// ```text
/// lr(s) = values[0]       for                     s <= boundaries[0]
/// lr(s) = values[i]       for boundaries[i - 1] < s <= boundaries[i]
/// lr(s) = values[last]    for  boundaries[last] < s
/// ```
///
/// A boundary belongs to the piece before it, as in Keras. In PyTorch's `MultiStepLR` and Optax'
/// `piecewise_constant_schedule` it belongs to the piece after it, which begins one step earlier:
/// that is [`multi_step`](Self::multi_step).
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `boundaries` | steps | strictly increasing, at most `N`; none means a constant |
/// | `values` | rates | each finite and ≥ 0; one more than boundaries |
///
/// `N` is the capacity in boundaries; nothing is allocated. `lr` takes at most `N` comparisons.
///
/// The type is `Clone` but not `Copy`, since `heapless::Vec` is not. Share it as a `static`, or
/// pass `&schedule`, which is a schedule too.
///
/// ```
/// use microlr::{PiecewiseConstantDecay, Schedule};
///
/// static STEPS: PiecewiseConstantDecay<f32, 2> =
///     PiecewiseConstantDecay::new([100, 200], [0.1, 0.05, 0.01]);
/// assert_eq!([STEPS.lr(0), STEPS.lr(100), STEPS.lr(101)], [0.1, 0.1, 0.05]);
/// assert_eq!([STEPS.lr(200), STEPS.lr(201), STEPS.lr(u32::MAX)], [0.05, 0.01, 0.01]);
/// ```
///
/// Source: Keras, `keras.optimizers.schedules.PiecewiseConstantDecay`.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PiecewiseConstantDecay<F, const N: usize> {
    boundaries: Vec<u32, N>,
    /// The value before the first change.
    first: F,
    /// The values after the first change, or their factor.
    after: After<F, N>,
}

/// What follows the first value.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum After<F, const N: usize> {
    /// One value for each boundary, which belongs to the piece before it.
    Values(Vec<F, N>),
    /// A factor at each boundary, which belongs to the piece after it.
    Factor(F),
}

impl<F: Float, const N: usize> PiecewiseConstantDecay<F, N> {
    /// `N` boundaries and the `N + 1` values around them; the values are checked by
    /// [`Schedule::validate`].
    ///
    /// A number of values that does not fit does not compile:
    ///
    /// ```compile_fail,E0080
    /// # use microlr::PiecewiseConstantDecay;
    /// PiecewiseConstantDecay::<f32, 2>::new([100, 200], [0.1, 0.05]);
    /// ```
    ///
    /// # Panics
    ///
    /// If the boundaries do not increase strictly, which in a `static` or `const` is a compile
    /// error:
    ///
    /// ```compile_fail,E0080
    /// # use microlr::PiecewiseConstantDecay;
    /// static UNSORTED: PiecewiseConstantDecay<f32, 2> =
    ///     PiecewiseConstantDecay::new([200, 100], [0.1, 0.05, 0.01]);
    /// ```
    ///
    /// A tenth of the rate after step 100, and no boundary at all:
    ///
    /// ```
    /// use microlr::{PiecewiseConstantDecay, Schedule};
    /// static TWO: PiecewiseConstantDecay<f32, 1> =
    ///     PiecewiseConstantDecay::new([100], [0.1, 0.01]);
    /// assert_eq!([TWO.lr(100), TWO.lr(101)], [0.1, 0.01]);
    /// static ONE: PiecewiseConstantDecay<f32, 0> = PiecewiseConstantDecay::new([], [0.1]);
    /// assert_eq!([ONE.lr(0), ONE.lr(u32::MAX)], [0.1, 0.1]);
    /// ```
    #[must_use]
    pub const fn new<const V: usize>(boundaries: [u32; N], values: [F; V]) -> Self {
        const { assert!(V == N + 1, "values must be one more than boundaries") };
        assert!(increasing(&boundaries), "boundaries must increase strictly");
        // Both always match: there is one value more than boundaries.
        let Some((first, after)) = values.split_first() else { unreachable!() };
        let Some(after) = after.first_chunk::<N>() else { unreachable!() };
        Self {
            boundaries: Vec::from_array(boundaries),
            first: *first,
            after: After::Values(Vec::from_array(*after)),
        }
    }

    /// A rate that is multiplied by `gamma` at each of `N` milestones:
    ///
    /// ```text
    /// lr(s) = initial_learning_rate · gamma^i    where i milestones are <= s
    /// ```
    ///
    /// | parameter | unit | valid |
    /// | --- | --- | --- |
    /// | `initial_learning_rate` | rate | finite, ≥ 0 |
    /// | `milestones` | steps | strictly increasing, at most `N` |
    /// | `gamma` | factor per milestone | finite, > 0 |
    ///
    /// A milestone belongs to the piece after it, where a boundary belongs to the piece before it.
    /// A milestone of 0 changes the rate of step 0. The rates are checked by
    /// [`Schedule::validate`].
    ///
    /// ```
    /// use microlr::{PiecewiseConstantDecay, Schedule};
    /// static STEPS: PiecewiseConstantDecay<f32, 2> =
    ///     PiecewiseConstantDecay::multi_step(0.5, [30, 60], 0.5);
    /// assert_eq!([STEPS.lr(0), STEPS.lr(29), STEPS.lr(30)], [0.5, 0.5, 0.25]);
    /// assert_eq!([STEPS.lr(59), STEPS.lr(60), STEPS.lr(u32::MAX)], [0.25, 0.125, 0.125]);
    /// static AT_ONCE: PiecewiseConstantDecay<f32, 1> =
    ///     PiecewiseConstantDecay::multi_step(0.5, [0], 0.5);
    /// assert_eq!([AT_ONCE.lr(0), AT_ONCE.lr(1)], [0.25, 0.25]);
    /// ```
    ///
    /// # Panics
    ///
    /// If the milestones do not increase strictly, which in a `static` or `const` is a compile
    /// error:
    ///
    /// ```compile_fail,E0080
    /// # use microlr::PiecewiseConstantDecay;
    /// static UNSORTED: PiecewiseConstantDecay<f32, 2> =
    ///     PiecewiseConstantDecay::multi_step(0.1, [60, 30], 0.5);
    /// ```
    ///
    /// Source: PyTorch, `MultiStepLR`, and Optax, `piecewise_constant_schedule` with equal scales.
    /// Both multiply the rate at each milestone, and so does this. In `f64` the error grows by up
    /// to a unit in the last place per milestone. In `f32` the products before the last have more
    /// bits, and the error is within 2 units for up to 200 milestones.
    #[must_use]
    pub const fn multi_step(initial_learning_rate: F, milestones: [u32; N], gamma: F) -> Self {
        assert!(increasing(&milestones), "milestones must increase strictly");
        Self {
            boundaries: Vec::from_array(milestones),
            first: initial_learning_rate,
            after: After::Factor(gamma),
        }
    }

    /// [`multi_step`](Self::multi_step) for values that arrive at run time, with at most `N`
    /// milestones. Never panics.
    ///
    /// # Errors
    ///
    /// [`TooMany`](Error::TooMany) above the capacity, [`NotIncreasing`](Error::NotIncreasing) for
    /// milestones unsorted or repeated, and an error for an invalid rate or factor.
    ///
    /// ```
    /// use microlr::{Error, PiecewiseConstantDecay, Schedule};
    /// let parse = PiecewiseConstantDecay::<f32, 8>::try_multi_step;
    /// let steps = parse(0.5, &[30, 60], 0.5)?;
    /// assert_eq!([steps.lr(29), steps.lr(30), steps.lr(60)], [0.5, 0.25, 0.125]);
    /// assert_eq!(parse(0.5, &[30, 30], 0.5), Err(Error::NotIncreasing("milestones")));
    /// assert_eq!(parse(0.5, &[30, 60], 0.0), Err(Error::NotPositive("gamma")));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn try_multi_step(
        initial_learning_rate: F,
        milestones: &[u32],
        gamma: F,
    ) -> Result<Self, Error> {
        valid(Self {
            boundaries: Vec::from_slice(milestones).map_err(|_| Error::TooMany("milestones"))?,
            first: initial_learning_rate,
            after: After::Factor(gamma),
        })
    }

    /// Takes slices that arrive at run time, with at most `N` boundaries. Never panics.
    ///
    /// # Errors
    ///
    /// [`TooMany`](Error::TooMany) above the capacity, [`LengthMismatch`](Error::LengthMismatch)
    /// where `values` is not one longer than `boundaries`,
    /// [`NotIncreasing`](Error::NotIncreasing) for boundaries unsorted or repeated, and
    /// [`NotFinite`](Error::NotFinite) or [`Negative`](Error::Negative) for a value.
    ///
    /// ```
    /// use microlr::{Error, PiecewiseConstantDecay, Schedule};
    ///
    /// let parse = PiecewiseConstantDecay::<f32, 8>::try_from_slices;
    /// let steps = parse(&[100, 200], &[0.1, 0.05, 0.01])?;
    /// assert_eq!([steps.lr(200), steps.lr(201)], [0.05, 0.01]);
    ///
    /// let mismatch = Error::LengthMismatch { name: "values", expected: 2 };
    /// assert_eq!(parse(&[100], &[0.1]), Err(mismatch));
    /// assert_eq!(parse(&[100; 9], &[0.1; 10]), Err(Error::TooMany("boundaries")));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn try_from_slices(boundaries: &[u32], values: &[F]) -> Result<Self, Error> {
        let (first, after) = values.split_first().ok_or(mismatch(boundaries))?;
        if after.len() != boundaries.len() {
            return Err(mismatch(boundaries));
        }
        let too_many = Error::TooMany("boundaries");
        valid(Self {
            boundaries: Vec::from_slice(boundaries).map_err(|_| too_many)?,
            first: *first,
            after: After::Values(Vec::from_slice(after).map_err(|_| too_many)?),
        })
    }

    /// [`new`](Self::new) for arrays that arrive at run time. Never panics.
    ///
    /// # Errors
    ///
    /// As [`try_from_slices`](Self::try_from_slices).
    ///
    /// ```
    /// use microlr::{Error, PiecewiseConstantDecay};
    /// let repeated = PiecewiseConstantDecay::try_new([100, 100], [0.1, 0.05, 0.01]);
    /// assert_eq!(repeated, Err(Error::NotIncreasing("boundaries")));
    /// ```
    pub fn try_new<const V: usize>(boundaries: [u32; N], values: [F; V]) -> Result<Self, Error> {
        Self::try_from_slices(&boundaries, &values)
    }
}

impl<F: Float, const N: usize> PiecewiseConstantDecay<F, N> {
    /// The first rate times `gamma` for each milestone up to `step`. It is never inlined, so a
    /// program that does not know the kind of its schedule stays small.
    #[inline(never)]
    fn multiplied(&self, step: u32, gamma: F) -> F {
        // The exponent of a factor that is not valid would overflow after 2047 milestones.
        if error::positive("gamma", gamma).is_err() {
            return F::nan();
        }
        // A product of widened numbers may not be normalised; a sum with 0 is.
        let product = |lr, _| F::ZERO.widen() + lr * gamma.widen();
        let changes = self.boundaries.iter().take_while(|&&milestone| milestone <= step);
        F::narrow(changes.fold(self.first.widen(), product))
    }
}

/// The error where the values are not one more than these boundaries.
fn mismatch(boundaries: &[u32]) -> Error {
    let expected = (boundaries.len() as u32).saturating_add(1);
    Error::LengthMismatch { name: "values", expected }
}

impl<F: Float, const N: usize> Schedule for PiecewiseConstantDecay<F, N> {
    type Rate = F;

    #[inline(always)]
    fn lr(&self, step: u32) -> F {
        let mut lr = self.first;
        match &self.after {
            After::Values(values) => {
                for (&boundary, &value) in self.boundaries.iter().zip(values) {
                    if step <= boundary {
                        break;
                    }
                    lr = value;
                }
            }
            &After::Factor(gamma) => lr = self.multiplied(step, gamma),
        }
        lr
    }

    fn validate(&self) -> Result<(), Error> {
        let (boundaries, first) = match self.after {
            After::Values(_) => ("boundaries", "values"),
            After::Factor(_) => ("milestones", "initial_learning_rate"),
        };
        if !increasing(&self.boundaries) {
            return Err(Error::NotIncreasing(boundaries));
        }
        error::non_negative(first, self.first)?;
        match &self.after {
            After::Values(values) => {
                values.iter().try_for_each(|&value| error::non_negative("values", value))
            }
            &After::Factor(gamma) => error::positive("gamma", gamma),
        }
    }
}

#[cfg(feature = "serde")]
const PIECEWISE: &str = "PiecewiseConstantDecay";
#[cfg(feature = "serde")]
const MULTI_STEP: &str = "MultiStep";

#[cfg(feature = "serde")]
impl<F: Float, const N: usize> Class for PiecewiseConstantDecay<F, N> {
    const NAMES: &'static [&'static str] = &[PIECEWISE, MULTI_STEP];

    fn class(&self) -> &'static str {
        match self.after {
            After::Values(_) => PIECEWISE,
            After::Factor(_) => MULTI_STEP,
        }
    }

    fn read(from: &mut impl Source) -> Result<Self, Refused> {
        if from.class() == MULTI_STEP {
            let first = from.get("initial_learning_rate")?;
            let milestones: Vec<_, N> = from.list("milestones")?;
            return Ok(Self::try_multi_step(first, &milestones, from.get("gamma")?)?);
        }
        let boundaries: Vec<_, N> = from.list("boundaries")?;
        let (mut first, mut after) = (None, Vec::new());
        from.each("values", &mut |value| match first {
            None => {
                first = Some(value);
                Ok(())
            }
            Some(_) => after.push(value).map_err(|_| Error::TooMany("values")),
        })?;
        match first {
            Some(first) if after.len() == boundaries.len() => {
                Ok(Self { boundaries, first, after: After::Values(after) })
            }
            _ => Err(mismatch(&boundaries).into()),
        }
    }

    fn write<S: Sink>(&self, to: &mut S) -> Result<(), S::Error> {
        match &self.after {
            After::Values(after) => {
                to.put("boundaries", &self.boundaries)?;
                to.put("values", &Each(iter::once(&self.first).chain(after)))
            }
            After::Factor(gamma) => {
                to.put("initial_learning_rate", &self.first)?;
                to.put("milestones", &self.boundaries)?;
                to.put("gamma", gamma)
            }
        }
    }
}

#[cfg(feature = "serde")]
exchanged!([F: Float, const N: usize] PiecewiseConstantDecay<F, N>, N);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_belongs_to_the_piece_before_it() {
        let steps = PiecewiseConstantDecay::new(
            [0, 1, 1 << 24, u32::MAX - 1],
            [5.0_f32, 4.0, 3.0, 2.0, 1.0],
        );
        let expected = [
            (0, 5.0),
            (1, 4.0),
            (2, 3.0),
            (1 << 24, 3.0),
            ((1 << 24) + 1, 2.0),
            (u32::MAX - 1, 2.0),
            (u32::MAX, 1.0),
        ];
        for (step, lr) in expected {
            assert_eq!(steps.lr(step), lr, "step {step}");
        }
    }

    #[test]
    fn no_boundary_is_a_constant() {
        let constant = PiecewiseConstantDecay::<f32, 0>::new([], [0.1]);
        assert_eq!([constant.lr(0), constant.lr(u32::MAX)], [0.1, 0.1]);
        assert_eq!(PiecewiseConstantDecay::try_from_slices(&[], &[0.1]), Ok(constant));
    }

    #[test]
    fn the_capacity_may_be_larger_than_what_is_used() {
        let full = PiecewiseConstantDecay::<f64, 3>::new([1, 2, 3], [4.0, 3.0, 2.0, 1.0]);
        let roomy =
            PiecewiseConstantDecay::<f64, 9>::try_from_slices(&[1, 2, 3], &[4.0, 3.0, 2.0, 1.0]);
        let roomy = roomy.unwrap();
        for step in 0..6 {
            assert_eq!(full.lr(step), roomy.lr(step));
        }
    }

    #[test]
    fn errors_name_the_parameter() {
        let parse = PiecewiseConstantDecay::<f32, 2>::try_from_slices;
        let mismatch = |expected| Err(Error::LengthMismatch { name: "values", expected });
        assert_eq!(parse(&[], &[]), mismatch(1));
        assert_eq!(parse(&[1], &[0.1; 3]), mismatch(2));
        assert_eq!(parse(&[1, 2, 3], &[0.1; 4]), Err(Error::TooMany("boundaries")));
        assert_eq!(parse(&[2, 1], &[0.1; 3]), Err(Error::NotIncreasing("boundaries")));
        assert_eq!(parse(&[2, 2], &[0.1; 3]), Err(Error::NotIncreasing("boundaries")));
        assert_eq!(parse(&[1], &[f32::NAN, 0.1]), Err(Error::NotFinite("values")));
        assert_eq!(parse(&[1], &[0.1, -0.1]), Err(Error::Negative("values")));
        assert!(parse(&[1, 2], &[0.1; 3]).is_ok());
    }
    #[test]
    fn a_milestone_belongs_to_the_piece_after_it() {
        let milestones = [0, 1, 1 << 24, u32::MAX - 1, u32::MAX];
        let steps = PiecewiseConstantDecay::multi_step(1.0_f32, milestones, 0.5);
        let wide = PiecewiseConstantDecay::multi_step(1.0_f64, milestones, 0.5);
        for (step, halvings) in [
            (0, 1),
            (1, 2),
            (2, 2),
            ((1 << 24) - 1, 2),
            (1 << 24, 3),
            (u32::MAX - 2, 3),
            (u32::MAX - 1, 4),
            (u32::MAX, 5),
        ] {
            assert_eq!(steps.lr(step), 0.5_f32.powi(halvings), "step {step}");
            assert_eq!(wide.lr(step), 0.5_f64.powi(halvings), "step {step}");
        }
        let constant = PiecewiseConstantDecay::<f32, 0>::multi_step(0.1, [], 0.5);
        assert_eq!([constant.lr(0), constant.lr(u32::MAX)], [0.1, 0.1]);
    }

    #[test]
    fn no_factor_overflows_however_many_milestones_there_are() {
        let milestones: [u32; 4000] = core::array::from_fn(|index| index as u32);
        for gamma in [f32::NAN, f32::INFINITY, -0.5] {
            let steps = PiecewiseConstantDecay::multi_step(0.1, milestones, gamma);
            assert!(steps.lr(u32::MAX).is_nan(), "{gamma}");
        }
        for (gamma, last) in [(f32::MAX, f32::INFINITY), (1e-45, 0.0), (1.0, 0.1)] {
            let steps = PiecewiseConstantDecay::multi_step(0.1, milestones, gamma);
            assert_eq!(steps.lr(u32::MAX), last, "{gamma}");
        }
    }

    #[test]
    fn errors_of_milestones_name_the_parameter() {
        let parse = PiecewiseConstantDecay::<f32, 2>::try_multi_step;
        assert_eq!(parse(0.1, &[1, 2, 3], 0.5), Err(Error::TooMany("milestones")));
        assert_eq!(parse(0.1, &[2, 1], 0.5), Err(Error::NotIncreasing("milestones")));
        assert_eq!(parse(-0.1, &[1], 0.5), Err(Error::Negative("initial_learning_rate")));
        assert_eq!(parse(0.1, &[1], f32::INFINITY), Err(Error::NotFinite("gamma")));
        assert_eq!(parse(0.1, &[1], -0.5), Err(Error::NotPositive("gamma")));
        assert!(parse(0.0, &[0, 1], 2.0).is_ok() && parse(0.1, &[], 0.5).is_ok());
    }
}
