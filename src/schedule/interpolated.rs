use heapless::Vec;

use crate::error::{self, Error};
#[cfg(feature = "serde")]
use crate::exchange::{Class, Refused, Sink, Source, exchanged};
use crate::float::Float;
use crate::schedule::curve::Curve;
use crate::schedule::{Schedule, increasing, valid};

/// A curve through given points.
///
/// ```text
/// lr(s) = rates[0]                                    for               s <= steps[0]
/// lr(s) = rates[i] + (rates[i + 1] - rates[i]) · u    for steps[i]   <= s <= steps[i + 1]
/// lr(s) = rates[last]                                 for steps[last] <= s
///
/// u = (s - steps[i]) / (steps[i + 1] - steps[i])
/// ```
///
/// With `cosine()`, ½(1 - cos(π·u)) takes the place of u.
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `steps` | steps | strictly increasing, at least one, at most `N` |
/// | `rates` | rates | each finite and ≥ 0; as many as steps |
///
/// `N` is the capacity in points; nothing is allocated. `lr` takes at most `N` comparisons. The
/// type is `Clone` but not `Copy`, since `heapless::Vec` is not.
///
/// ```
/// use microlr::{Interpolated, Schedule};
///
/// static POINTS: Interpolated<f32, 3> = Interpolated::new([2, 6, 8], [0.0, 0.5, 0.25]);
/// assert_eq!([POINTS.lr(0), POINTS.lr(2), POINTS.lr(3)], [0.0, 0.0, 0.125]);
/// assert_eq!([POINTS.lr(5), POINTS.lr(6), POINTS.lr(7)], [0.375, 0.5, 0.375]);
/// assert_eq!([POINTS.lr(8), POINTS.lr(9), POINTS.lr(u32::MAX)], [0.25, 0.25, 0.25]);
/// ```
///
/// Source: Optax, `piecewise_interpolate_schedule`, with factors instead of rates. Its first point
/// is at step 0.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Interpolated<F, const N: usize> {
    steps: Vec<u32, N>,
    rates: Vec<F, N>,
    curve: Curve,
}

impl<F: Float, const N: usize> Interpolated<F, N> {
    /// Straight lines through `N` points; the rates are checked by [`Schedule::validate`].
    ///
    /// No point at all does not compile:
    ///
    /// ```compile_fail,E0080
    /// # use microlr::Interpolated;
    /// Interpolated::<f32, 0>::new([], []);
    /// ```
    ///
    /// # Panics
    ///
    /// If the steps do not increase strictly, which in a `static` or `const` is a compile error:
    ///
    /// ```compile_fail,E0080
    /// # use microlr::Interpolated;
    /// static UNSORTED: Interpolated<f32, 2> = Interpolated::new([200, 100], [0.1, 0.05]);
    /// ```
    ///
    /// A line, and a single point:
    ///
    /// ```
    /// use microlr::{Interpolated, Schedule};
    /// static LINE: Interpolated<f32, 2> = Interpolated::new([0, 4], [0.5, 0.25]);
    /// assert_eq!([LINE.lr(0), LINE.lr(3), LINE.lr(4), LINE.lr(5)], [0.5, 0.3125, 0.25, 0.25]);
    /// static POINT: Interpolated<f32, 1> = Interpolated::new([100], [0.1]);
    /// assert_eq!([POINT.lr(0), POINT.lr(100), POINT.lr(u32::MAX)], [0.1, 0.1, 0.1]);
    /// ```
    #[must_use]
    pub const fn new(steps: [u32; N], rates: [F; N]) -> Self {
        const { assert!(N > 0, "there must be a point") };
        assert!(increasing(&steps), "steps must increase strictly");
        let steps = Vec::from_array(steps);
        Self { steps, rates: Vec::from_array(rates), curve: Curve::Linear }
    }

    /// Takes slices that arrive at run time, with at most `N` points. Never panics.
    ///
    /// # Errors
    ///
    /// [`Empty`](Error::Empty) without a point, [`TooMany`](Error::TooMany) above the capacity,
    /// [`LengthMismatch`](Error::LengthMismatch) where there are not as many rates as steps,
    /// [`NotIncreasing`](Error::NotIncreasing) for steps unsorted or repeated, and
    /// [`NotFinite`](Error::NotFinite) or [`Negative`](Error::Negative) for a rate.
    ///
    /// ```
    /// use microlr::{Error, Interpolated, Schedule};
    ///
    /// let parse = Interpolated::<f32, 8>::try_from_slices;
    /// let line = parse(&[100, 200], &[0.5, 0.25])?;
    /// assert_eq!([line.lr(100), line.lr(150), line.lr(200)], [0.5, 0.375, 0.25]);
    ///
    /// let mismatch = Error::LengthMismatch { name: "rates", expected: 2 };
    /// assert_eq!(parse(&[100, 200], &[0.1]), Err(mismatch));
    /// assert_eq!(parse(&[], &[]), Err(Error::Empty("steps")));
    /// assert_eq!(parse(&[100; 9], &[0.1; 9]), Err(Error::TooMany("steps")));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn try_from_slices(steps: &[u32], rates: &[F]) -> Result<Self, Error> {
        if rates.len() != steps.len() {
            return Err(Error::LengthMismatch { name: "rates", expected: steps.len() as u32 });
        }
        let too_many = Error::TooMany("steps");
        valid(Self {
            steps: Vec::from_slice(steps).map_err(|_| too_many)?,
            rates: Vec::from_slice(rates).map_err(|_| too_many)?,
            curve: Curve::Linear,
        })
    }

    /// [`new`](Self::new) for arrays that arrive at run time. Never panics.
    ///
    /// # Errors
    ///
    /// As [`try_from_slices`](Self::try_from_slices).
    ///
    /// ```
    /// use microlr::{Error, Interpolated};
    /// let repeated = Interpolated::try_new([100, 100], [0.1, 0.05]);
    /// assert_eq!(repeated, Err(Error::NotIncreasing("steps")));
    /// ```
    pub fn try_new(steps: [u32; N], rates: [F; N]) -> Result<Self, Error> {
        Self::try_from_slices(&steps, &rates)
    }

    /// Goes from point to point along half a period of a cosine.
    ///
    /// ```
    /// use microlr::{Interpolated, Schedule};
    /// let cosine = Interpolated::new([0, 100, 200], [0.0_f64, 0.5, 0.25]).cosine();
    /// assert_eq!([cosine.lr(0), cosine.lr(50), cosine.lr(100)], [0.0, 0.25, 0.5]);
    /// assert!(cosine.lr(25) < 0.125 && cosine.lr(75) > 0.375); // the values of the line
    /// assert_eq!([cosine.lr(150), cosine.lr(200), cosine.lr(201)], [0.375, 0.25, 0.25]);
    /// ```
    #[must_use]
    pub const fn cosine(mut self) -> Self {
        self.curve = Curve::Cosine;
        self
    }
}

impl<F: Float, const N: usize> Schedule for Interpolated<F, N> {
    type Rate = F;

    #[inline]
    fn lr(&self, step: u32) -> F {
        // Before the first point, both ends of the way have its rate.
        let (mut start, mut from) = (0, self.rates.first().copied().unwrap_or(F::nan()));
        for (&end, &to) in self.steps.iter().zip(&self.rates) {
            if let (true, Some(elapsed)) = (step < end, step.checked_sub(start)) {
                return self.curve.between(from, to, elapsed, end.saturating_sub(start));
            }
            (start, from) = (end, to);
        }
        from
    }

    fn validate(&self) -> Result<(), Error> {
        if self.steps.is_empty() {
            return Err(Error::Empty("steps"));
        }
        if !increasing(&self.steps) {
            return Err(Error::NotIncreasing("steps"));
        }
        self.rates.iter().try_for_each(|&rate| error::non_negative("rates", rate))
    }
}

#[cfg(feature = "serde")]
impl<F: Float, const N: usize> Class for Interpolated<F, N> {
    const NAMES: &'static [&'static str] = &["Interpolated"];

    fn read(from: &mut impl Source) -> Result<Self, Refused> {
        let (steps, rates): (Vec<_, N>, Vec<_, N>) = (from.list("steps")?, from.list("rates")?);
        let schedule = Self::try_from_slices(&steps, &rates)?;
        Ok(if from.get_or("cosine", false)? { schedule.cosine() } else { schedule })
    }

    fn write<S: Sink>(&self, to: &mut S) -> Result<(), S::Error> {
        to.put("steps", &self.steps)?;
        to.put("rates", &self.rates)?;
        to.put("cosine", &(self.curve == Curve::Cosine))
    }
}

#[cfg(feature = "serde")]
exchanged!([F: Float, const N: usize] Interpolated<F, N>, N);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_is_exact() {
        let steps = [0, 1, 10, 1 << 24, u32::MAX];
        // 0.2 + (0.88 - 0.2) is less than 0.88.
        let rates = [0.88_f64, 0.2, 0.88, 0.2, 1e-30];
        let line = Interpolated::new(steps, rates);
        assert_eq!(steps.map(|step| line.lr(step)), rates);
        assert_eq!(steps.map(|step| line.clone().cosine().lr(step)), rates);
        let rates = rates.map(|rate| rate as f32);
        let line = Interpolated::new(steps, rates);
        assert_eq!(steps.map(|step| line.lr(step)), rates);
        assert_eq!(steps.map(|step| line.clone().cosine().lr(step)), rates);
    }

    #[test]
    fn before_the_first_point_the_rate_is_its_rate() {
        for rate in [0.0, 1e-45, 0.1, 0.88, f32::MAX] {
            let line = Interpolated::new([u32::MAX - 1, u32::MAX], [rate, 0.5]);
            for step in [0, 1, 1 << 24, u32::MAX - 2, u32::MAX - 1] {
                assert_eq!([line.lr(step), line.clone().cosine().lr(step)], [rate; 2]);
            }
        }
    }

    #[test]
    fn the_capacity_may_be_larger_than_what_is_used() {
        let full = Interpolated::<f64, 3>::new([1, 4, 9], [0.0, 0.5, 0.25]);
        let roomy = Interpolated::<f64, 9>::try_from_slices(&[1, 4, 9], &[0.0, 0.5, 0.25]);
        assert!(full.iter().take(12).eq(roomy.unwrap().iter().take(12)));
    }

    #[test]
    fn errors_name_the_parameter() {
        let parse = Interpolated::<f32, 2>::try_from_slices;
        let mismatch = |expected| Err(Error::LengthMismatch { name: "rates", expected });
        assert_eq!(parse(&[], &[0.1]), mismatch(0));
        assert_eq!(parse(&[1], &[]), mismatch(1));
        assert_eq!(parse(&[], &[]), Err(Error::Empty("steps")));
        assert_eq!(parse(&[1, 2, 3], &[0.1; 3]), Err(Error::TooMany("steps")));
        assert_eq!(parse(&[2, 1], &[0.1; 2]), Err(Error::NotIncreasing("steps")));
        assert_eq!(parse(&[2, 2], &[0.1; 2]), Err(Error::NotIncreasing("steps")));
        assert_eq!(parse(&[1, 2], &[0.1, f32::NAN]), Err(Error::NotFinite("rates")));
        assert_eq!(parse(&[1, 2], &[-0.1, 0.1]), Err(Error::Negative("rates")));
        assert!(parse(&[1, 2], &[0.1; 2]).is_ok());
        let none = Interpolated::<f32, 0>::try_new([], []);
        assert_eq!(none, Err(Error::Empty("steps")));
    }
}
