use crate::arithmetic::slices;
use crate::error::{self, Error};
use crate::float::Float;

/// Checks raw samples before anything else uses them: it rejects and counts what a broken sensor
/// sends.
///
/// The checks of a sample, in this order. The first one that fails decides:
///
/// ```text
/// 1. x is NaN or infinite                       rejected
/// 2. x is the same for more than n samples      rejected, for each feature with n > 0
/// 3. x < low or x > high                        rejected; with clamp: replaced by low or high
/// ```
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `low` | the feature's | finite, ≤ `high` |
/// | `high` | the feature's | finite |
/// | `clamp` | | off unless set |
/// | `stuck_after` | samples | any; 0, which is off, unless set |
///
/// Choose the range of plausible values, at most the range in the data sheet of the sensor. For a
/// feature without a range, use `f32::MIN` and `f32::MAX`. A value that is wrong and inside of the
/// range passes, so narrow ranges protect more. A [`Standardizer`](crate::Standardizer) with a
/// clamp limits what such a value can do.
///
/// [`counts`](Self#structfield.counts) says how many samples passed or failed each check. Save it
/// to continue the counts after a reboot. The runs of equal values then start again. With the
/// feature `serde` the guard itself can be saved, and the runs continue.
///
/// # Errors
///
/// | input of `check` | error |
/// | --- | --- |
/// | a feature NaN or infinite | `Feature { sample: 0, feature }` |
/// | a feature that is stuck | `Stuck { feature }` |
/// | a feature outside of its range, without clamp | `OutOfRange { feature }` |
///
/// `feature` is the first one that fails the check. A rejected sample changes the counts and the
/// runs of equal values. A sample with NaN or infinity changes the counts only.
///
/// ```
/// use microlr::{Error, Guard, GuardCounts};
///
/// // A vibration in g, and a pressure in hPa.
/// static GUARD: Guard<f32, 2> = Guard::new([0.0, 300.0], [16.0, 1100.0]);
///
/// let mut guard = GUARD;
/// assert_eq!(guard.check(&[0.3, 1013.0]), Ok([0.3, 1013.0]));
/// assert_eq!(guard.check(&[65535.0, 1013.0]), Err(Error::OutOfRange { feature: 0 }));
/// assert_eq!(guard.check(&[0.3, f32::NAN]), Err(Error::Feature { sample: 0, feature: 1 }));
/// let counts = GuardCounts { accepted: 1, not_finite: 1, stuck: 0, out_of_range: 1 };
/// assert_eq!(guard.counts, counts);
/// ```
///
/// Source: Zahumenský, "Guidelines on quality control procedures for data from automatic weather
/// stations", World Meteorological Organization, 2004: the plausible value check and the
/// persistence test. With `clamp`, NumPy's `clip`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(bound = "F: Float"))]
pub struct Guard<F, const N: usize> {
    #[cfg_attr(feature = "serde", serde(with = "crate::exchange::array"))]
    low: [F; N],
    #[cfg_attr(feature = "serde", serde(with = "crate::exchange::array"))]
    high: [F; N],
    clamp: bool,
    #[cfg_attr(feature = "serde", serde(with = "crate::exchange::array"))]
    stuck_after: [u32; N],
    /// The last value of each feature, and for how many samples it has been the same.
    #[cfg_attr(feature = "serde", serde(with = "crate::exchange::array"))]
    last: [F; N],
    #[cfg_attr(feature = "serde", serde(with = "crate::exchange::array"))]
    run: [u32; N],
    /// How many samples passed or failed each check.
    pub counts: GuardCounts,
}

/// How many samples passed or failed each check of a [`Guard`].
///
/// A sample is counted once. Each count stops at `u32::MAX`.
///
/// ```
/// use microlr::{Guard, GuardCounts};
/// let saved = GuardCounts { accepted: 1000, not_finite: 2, stuck: 0, out_of_range: 1 };
/// // ... power fails ...
/// let mut guard = Guard::new([0.0_f32], [16.0]);
/// guard.counts = saved;
/// assert!(guard.check(&[0.3]).is_ok());
/// assert_eq!(guard.counts.accepted, 1001);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GuardCounts {
    /// Samples that passed every check.
    pub accepted: u32,
    /// Samples rejected because a feature was NaN or infinite.
    pub not_finite: u32,
    /// Samples rejected because a feature was stuck.
    pub stuck: u32,
    /// Samples with a feature outside of its range: rejected, or with `clamp` clamped.
    pub out_of_range: u32,
}

impl<F: Float, const N: usize> Guard<F, N> {
    /// A guard for features that lie between `low` and `high`, both included. It does not check
    /// the ranges; [`try_new`](Self::try_new) and [`validate`](Self::validate) do.
    ///
    /// ```
    /// use microlr::{Error, Guard};
    /// let mut guard = Guard::new([-40.0_f32], [85.0]);
    /// assert_eq!([guard.check(&[-40.0]), guard.check(&[85.0])], [Ok([-40.0]), Ok([85.0])]);
    /// assert_eq!(guard.check(&[-40.1]), Err(Error::OutOfRange { feature: 0 }));
    /// assert_eq!(guard.check(&[85.1]), Err(Error::OutOfRange { feature: 0 }));
    /// ```
    #[must_use]
    pub const fn new(low: [F; N], high: [F; N]) -> Self {
        Self {
            low,
            high,
            clamp: false,
            stuck_after: [0; N],
            last: [F::ZERO; N],
            run: [0; N],
            counts: GuardCounts { accepted: 0, not_finite: 0, stuck: 0, out_of_range: 0 },
        }
    }

    /// Checks ranges that arrive at run time.
    ///
    /// # Errors
    ///
    /// A bound is NaN or infinite, or a feature has a `low` above its `high`.
    ///
    /// ```
    /// use microlr::{Error, Guard};
    /// assert!(Guard::try_new([-40.0_f32, 5.0], [85.0, 5.0]).is_ok());
    /// assert_eq!(Guard::try_new([-40.0, 5.1], [85.0, 5.0]), Err(Error::AboveUpper("low")));
    /// assert_eq!(Guard::try_new([f32::NAN], [85.0]), Err(Error::NotFinite("low")));
    /// assert_eq!(Guard::try_new([0.0], [f32::INFINITY]), Err(Error::NotFinite("high")));
    /// ```
    pub fn try_new(low: [F; N], high: [F; N]) -> Result<Self, Error> {
        let guard = Self::new(low, high);
        guard.validate()?;
        Ok(guard)
    }

    /// Replaces a value outside of its range by the nearer bound, and accepts the sample. NaN and
    /// infinity are rejected as before.
    ///
    /// Use it for sensors that saturate. A glitch says nothing about the true value, so reject it.
    ///
    /// ```
    /// use microlr::Guard;
    /// let mut guard = Guard::new([-40.0_f32, 0.0], [85.0, 1.0]).clamp();
    /// assert_eq!(guard.check(&[-40.1, 0.5]), Ok([-40.0, 0.5]));
    /// assert_eq!(guard.check(&[20.0, 65535.0]), Ok([20.0, 1.0]));
    /// assert_eq!((guard.counts.accepted, guard.counts.out_of_range), (0, 2));
    /// assert!(guard.check(&[f32::INFINITY, 0.5]).is_err());
    /// ```
    #[must_use]
    pub const fn clamp(mut self) -> Self {
        self.clamp = true;
        self
    }

    /// Accepts the same value of a feature for at most `samples` samples in a row, and rejects
    /// every further one. 0 is off, for a feature that may be constant.
    ///
    /// Choose it well above the longest run of a good sensor. If 8 values are equally likely and
    /// independent, a run of 20 begins about once in 10^17 samples.
    ///
    /// ```
    /// use microlr::{Error, Guard};
    /// let mut guard = Guard::new([0.0_f32; 2], [1.0; 2]).stuck_after([3, 0]);
    /// for _ in 0..3 {
    ///     assert_eq!(guard.check(&[0.25, 1.0]), Ok([0.25, 1.0]));
    /// }
    /// assert_eq!(guard.check(&[0.25, 1.0]), Err(Error::Stuck { feature: 0 }));
    /// assert_eq!(guard.counts.stuck, 1);
    /// assert_eq!(guard.check(&[0.5, 1.0]), Ok([0.5, 1.0])); // it moves again
    /// ```
    #[must_use]
    pub const fn stuck_after(mut self, samples: [u32; N]) -> Self {
        self.stuck_after = samples;
        self
    }

    /// Returns the first invalid parameter.
    ///
    /// # Errors
    ///
    /// A parameter is outside of its interval.
    ///
    /// ```
    /// use microlr::{Error, Guard};
    /// assert_eq!(Guard::new([0.0_f32], [0.0]).validate(), Ok(()));
    /// assert_eq!(Guard::new([0.1_f32], [0.0]).validate(), Err(Error::AboveUpper("low")));
    /// ```
    pub fn validate(&self) -> Result<(), Error> {
        for (&low, &high) in self.low.iter().zip(&self.high) {
            error::finite("low", low)?;
            error::finite("high", high)?;
            if low > high {
                return Err(Error::AboveUpper("low"));
            }
        }
        Ok(())
    }

    /// The sample to use: `x`, with `clamp` moved into the ranges.
    ///
    /// The work has an upper bound, and it never panics.
    ///
    /// # Errors
    ///
    /// See the [type](Guard). Do not use the sample then.
    ///
    /// ```
    /// use microlr::{Error, Guard, LogisticNeuron, Sgd};
    ///
    /// static GUARD: Guard<f32, 1> = Guard::new([0.0], [16.0]);
    ///
    /// fn learn(
    ///     guard: &mut Guard<f32, 1>,
    ///     sgd: &mut Sgd<f32>,
    ///     neuron: &mut LogisticNeuron<f32, 1>,
    ///     raw: [f32; 1],
    /// ) -> Result<(), Error> {
    ///     let x = guard.check(&raw)?;
    ///     sgd.step(neuron, &x, 1.0)?;
    ///     Ok(())
    /// }
    ///
    /// let (mut guard, mut sgd) = (GUARD, Sgd::new(0.5));
    /// let mut neuron = LogisticNeuron::zeroed();
    /// assert_eq!(learn(&mut guard, &mut sgd, &mut neuron, [16.0]), Ok(()));
    /// let refused = learn(&mut guard, &mut sgd, &mut neuron, [16.1]);
    /// assert_eq!(refused, Err(Error::OutOfRange { feature: 0 }));
    /// assert_eq!((neuron.weights, neuron.bias), ([4.0], 0.25)); // one update
    /// ```
    pub fn check(&mut self, x: &[F; N]) -> Result<[F; N], Error> {
        if let Some(feature) = slices::first_not_finite(x) {
            increment(&mut self.counts.not_finite);
            return Err(Error::Feature { sample: 0, feature: feature as u32 });
        }
        if let Some(feature) = self.first_stuck(x) {
            increment(&mut self.counts.stuck);
            return Err(Error::Stuck { feature });
        }
        let (inside, outside) = self.within_range(x);
        let Some(feature) = outside else {
            increment(&mut self.counts.accepted);
            return Ok(inside);
        };
        increment(&mut self.counts.out_of_range);
        if self.clamp { Ok(inside) } else { Err(Error::OutOfRange { feature }) }
    }

    /// Includes a sample in the runs of equal values. Returns the first feature whose run is too
    /// long.
    fn first_stuck(&mut self, x: &[F; N]) -> Option<u32> {
        let mut stuck = None;
        let runs = self.last.iter_mut().zip(&mut self.run).zip(&self.stuck_after);
        for ((feature, &x), ((last, run), &most)) in (0..).zip(x).zip(runs) {
            *run = if x == *last { run.saturating_add(1) } else { 1 };
            *last = x;
            if most > 0 && *run > most {
                stuck = stuck.or(Some(feature));
            }
        }
        stuck
    }

    /// The sample moved into the ranges, and the first feature that moved.
    fn within_range(&self, x: &[F; N]) -> ([F; N], Option<u32>) {
        let (mut inside, mut outside) = (*x, None);
        let ranges = self.low.iter().zip(&self.high);
        for ((feature, x), (&low, &high)) in (0..).zip(&mut inside).zip(ranges) {
            let bound = if *x < low {
                low
            } else if *x > high {
                high
            } else {
                continue;
            };
            *x = bound;
            outside = outside.or(Some(feature));
        }
        (inside, outside)
    }
}

/// Counts one more sample.
fn increment(count: &mut u32) {
    *count = count.saturating_add(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUARD: Guard<f32, 3> = Guard::new([-1.0; 3], [1.0; 3]);

    #[test]
    fn each_sample_has_one_count_and_the_first_check_decides() {
        let nan = f32::NAN;
        for (guard, x, expected, [accepted, not_finite, stuck, out_of_range]) in [
            (GUARD, [1.0, -1.0, 0.5], Ok([1.0, -1.0, 0.5]), [1, 0, 0, 0]),
            (GUARD, [2.0, nan, nan], Err(Error::Feature { sample: 0, feature: 1 }), [0, 1, 0, 0]),
            (GUARD, [0.0, 2.0, -2.0], Err(Error::OutOfRange { feature: 1 }), [0, 0, 0, 1]),
            (GUARD.clamp(), [0.0, 2.0, -2.0], Ok([0.0, 1.0, -1.0]), [0, 0, 0, 1]),
            // All three are one in a row at the first sample.
            (GUARD.stuck_after([1; 3]), [0.0; 3], Ok([0.0; 3]), [1, 0, 0, 0]),
        ] {
            let mut guard = guard;
            assert_eq!(guard.check(&x), expected);
            assert_eq!(guard.counts, GuardCounts { accepted, not_finite, stuck, out_of_range });
        }
        // Stuck outside of the range.
        for guard in [GUARD, GUARD.clamp()] {
            let mut guard = guard.stuck_after([0, 2, 2]);
            let x = [0.0, 2.0, 2.0];
            let first = guard.check(&x);
            assert_eq!(
                [guard.check(&x), guard.check(&x)],
                [first, Err(Error::Stuck { feature: 1 })]
            );
            let counts = GuardCounts { out_of_range: 2, stuck: 1, ..GuardCounts::default() };
            assert_eq!(guard.counts, counts);
        }
    }

    #[test]
    fn a_run_goes_on_in_rejected_samples_and_ends_with_another_value() {
        let mut guard = GUARD.stuck_after([0, 2, 0]);
        let mut check = |x| guard.check(&x).map(drop);
        let stuck = Err(Error::Stuck { feature: 1 });
        assert_eq!(check([0.0, 0.5, 0.0]), Ok(()));
        assert_eq!(check([9.0, 0.5, 0.0]), Err(Error::OutOfRange { feature: 0 }));
        assert_eq!(check([0.0, 0.5, 0.0]), stuck);
        assert!(check([0.0, f32::NAN, 0.0]).is_err());
        assert_eq!(check([0.0, 0.5, 0.0]), stuck); // NaN is no value in between
        assert_eq!(check([0.0, 0.25, 0.0]), Ok(()));
        assert_eq!(check([0.0, 0.5, 0.0]), Ok(()));
        // 0 and -0 are the same reading.
        assert_eq!([[0.0, 0.0, 0.0], [0.0, -0.0, 0.0]].map(&mut check), [Ok(()); 2]);
        assert_eq!(check([0.0, 0.0, 0.0]), stuck);
    }

    #[test]
    fn counts_and_runs_saturate() {
        let full = u32::MAX;
        let mut guard = GUARD.clamp().stuck_after([u32::MAX, 0, 0]);
        guard.counts =
            GuardCounts { accepted: full, not_finite: full, stuck: full, out_of_range: full };
        guard.run = [full - 1; 3];
        let before = guard.counts;
        assert_eq!(guard.check(&[0.0; 3]), Ok([0.0; 3]));
        assert_eq!(guard.check(&[0.0; 3]), Ok([0.0; 3])); // the run stays at u32::MAX
        assert_eq!(guard.check(&[9.0; 3]), Ok([1.0; 3]));
        assert!(guard.check(&[f32::NAN; 3]).is_err());
        let mut guard = guard.stuck_after([1; 3]);
        assert!(guard.check(&[9.0; 3]).is_err());
        assert_eq!(guard.counts, before);
    }

    #[test]
    fn the_whole_range_of_the_type_can_be_allowed() {
        let mut guard = Guard::try_new([f32::MIN], [f32::MAX]).unwrap();
        for x in [f32::MIN, f32::MAX, 1e-45, -0.0] {
            assert_eq!(guard.check(&[x]), Ok([x]));
        }
        assert!(guard.check(&[f32::NEG_INFINITY]).is_err());
        assert_eq!(guard.counts.accepted, 4);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_guard_that_is_read_continues_the_runs() {
        let mut guard = GUARD.stuck_after([2, 0, 0]).clamp();
        assert_eq!([guard.check(&[0.5; 3]), guard.check(&[0.5; 3])], [Ok([0.5; 3]); 2]);
        let bytes = postcard::to_stdvec(&guard).unwrap();
        let mut read: Guard<f32, 3> = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(read, guard);
        assert_eq!(read.check(&[0.5; 3]), Err(Error::Stuck { feature: 0 }));
    }

    /// The constructor checks no number.
    #[test]
    fn invalid_ranges_do_no_harm() {
        let numbers = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, -1.0, 0.0, 1.0];
        for low in numbers {
            for high in numbers {
                let mut guard = Guard::new([low], [high]);
                let valid = low.is_finite() && high.is_finite() && low <= high;
                assert_eq!(guard.validate().is_ok(), valid, "{low} {high}");
                let inside = !(low > 0.5 || high < 0.5);
                assert_eq!(guard.check(&[0.5]).is_ok(), inside, "{low} {high}");
                let _ = guard.clamp().check(&[0.5]);
            }
        }
    }
}
