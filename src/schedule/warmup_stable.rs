use crate::error::{self, Error};
#[cfg(feature = "serde")]
use crate::exchange::{Class, Refused, Sink, Source, exchanged};
use crate::float::Float;
use crate::schedule::curve::Curve;
use crate::schedule::{Schedule, valid};

/// Warm-up, stable phase and decay: a line from 0 up to the peak, the peak, and a way down to a
/// floor.
///
/// ```text
/// lr(s) = peak · s/warmup_steps               for s < warmup_steps
/// lr(s) = peak                                for the next stable_steps
/// lr(s) = floor + (peak - floor) · c(u)       from then on
///
/// u = min(t/decay_steps, 1)      t counts from 0 where the decay begins
///
/// c(u) = 1 - u                 unless set
/// c(u) = ½(1 + cos(π·u))       with cosine()
/// c(u) = 1 - √u                with one_minus_sqrt()
/// ```
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `peak` | rate | finite, ≥ 0 |
/// | `warmup_steps`, `stable_steps`, `decay_steps` | steps | any; a phase of 0 steps is left out |
/// | `floor` | rate | finite, ≥ 0, at most `peak`; 0 unless set |
///
/// ```
/// use microlr::{Schedule, WarmupStableDecay};
///
/// static WSD: WarmupStableDecay<f32> = WarmupStableDecay::new(0.5, 4, 10, 4).floor(0.25);
/// assert_eq!([WSD.lr(0), WSD.lr(3), WSD.lr(4)], [0.0, 0.375, 0.5]);
/// assert_eq!([WSD.lr(14), WSD.lr(15), WSD.lr(17)], [0.5, 0.4375, 0.3125]);
/// assert_eq!([WSD.lr(18), WSD.lr(19)], [0.25, 0.25]);
/// ```
///
/// Source: Hu et al., "MiniCPM: Unveiling the Potential of Small Language Models", 2024 (WSD);
/// Hägele et al., "Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations", 2024
/// (1 - √u); transformers, `get_wsd_schedule`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct WarmupStableDecay<F> {
    peak: F,
    warmup_steps: u32,
    stable_steps: u32,
    decay_steps: u32,
    floor: F,
    curve: Curve,
}

impl<F: Float> WarmupStableDecay<F> {
    /// The three phases, with a straight line down to 0; the peak is checked by
    /// [`Schedule::validate`].
    ///
    /// ```
    /// use microlr::{Schedule, WarmupStableDecay};
    /// static WSD: WarmupStableDecay<f32> = WarmupStableDecay::new(0.5, 0, 10, 2);
    /// assert_eq!([WSD.lr(0), WSD.lr(10)], [0.5, 0.5]);
    /// assert_eq!([WSD.lr(11), WSD.lr(12), WSD.lr(13)], [0.25, 0.0, 0.0]);
    /// ```
    #[must_use]
    pub const fn new(peak: F, warmup_steps: u32, stable_steps: u32, decay_steps: u32) -> Self {
        let curve = Curve::Linear;
        Self { peak, warmup_steps, stable_steps, decay_steps, floor: F::ZERO, curve }
    }

    /// Checks values that arrive at run time.
    ///
    /// # Errors
    ///
    /// The peak is invalid.
    ///
    /// ```
    /// use microlr::{Error, Schedule, WarmupStableDecay};
    /// let wsd = WarmupStableDecay::try_new(0.1, 10, 100, 50)?;
    /// assert_eq!(wsd.floor(0.1).validate(), Ok(())); // options are checked by `validate`
    /// assert_eq!(wsd.floor(0.11).validate(), Err(Error::AboveUpper("floor")));
    /// assert_eq!(WarmupStableDecay::try_new(-0.1, 1, 1, 1), Err(Error::Negative("peak")));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn try_new(
        peak: F,
        warmup_steps: u32,
        stable_steps: u32,
        decay_steps: u32,
    ) -> Result<Self, Error> {
        valid(Self::new(peak, warmup_steps, stable_steps, decay_steps))
    }

    /// Sets the rate at the end of the decay and after it.
    ///
    /// ```
    /// use microlr::{Schedule, WarmupStableDecay};
    /// let wsd = WarmupStableDecay::new(0.5_f32, 0, 0, 2).floor(0.25);
    /// assert_eq!([wsd.lr(0), wsd.lr(1), wsd.lr(2), wsd.lr(3)], [0.5, 0.375, 0.25, 0.25]);
    /// ```
    #[must_use]
    pub const fn floor(mut self, floor: F) -> Self {
        self.floor = floor;
        self
    }

    /// Decays along half a period of a cosine.
    ///
    /// ```
    /// use microlr::{Schedule, WarmupStableDecay};
    /// let wsd = WarmupStableDecay::new(0.5_f64, 0, 0, 100).cosine();
    /// assert_eq!([wsd.lr(0), wsd.lr(50), wsd.lr(100), wsd.lr(101)], [0.5, 0.25, 0.0, 0.0]);
    /// assert!(wsd.lr(25) > 0.375 && wsd.lr(75) < 0.125); // the values of the line
    /// ```
    #[must_use]
    pub const fn cosine(mut self) -> Self {
        self.curve = Curve::Cosine;
        self
    }

    /// Decays as 1 - √u: fast first.
    ///
    /// ```
    /// use microlr::{Schedule, WarmupStableDecay};
    /// let wsd = WarmupStableDecay::new(0.5_f64, 0, 0, 100).one_minus_sqrt();
    /// assert_eq!([wsd.lr(0), wsd.lr(25), wsd.lr(100), wsd.lr(101)], [0.5, 0.25, 0.0, 0.0]);
    /// assert!(wsd.lr(1) < 0.4501 && wsd.lr(99) > 0.0);
    /// ```
    #[must_use]
    pub const fn one_minus_sqrt(mut self) -> Self {
        self.curve = Curve::OneMinusSqrt;
        self
    }
}

impl<F: Float> Schedule for WarmupStableDecay<F> {
    type Rate = F;

    #[inline(always)]
    fn lr(&self, step: u32) -> F {
        let Some(step) = step.checked_sub(self.warmup_steps) else {
            return Curve::Linear.between(F::ZERO, self.peak, step, self.warmup_steps);
        };
        let Some(step) = step.checked_sub(self.stable_steps) else { return self.peak };
        self.curve.between(self.peak, self.floor, step, self.decay_steps)
    }

    fn validate(&self) -> Result<(), Error> {
        error::non_negative("peak", self.peak)?;
        error::non_negative("floor", self.floor)?;
        if self.floor > self.peak { Err(Error::AboveUpper("floor")) } else { Ok(()) }
    }
}

#[cfg(feature = "serde")]
impl<F: Float> Class for WarmupStableDecay<F> {
    const NAMES: &'static [&'static str] = &["WarmupStableDecay"];

    fn read(from: &mut impl Source) -> Result<Self, Refused> {
        let peak = from.get("peak")?;
        let [warmup, stable] = [from.get("warmup_steps")?, from.get("stable_steps")?];
        let mut schedule = Self::try_new(peak, warmup, stable, from.get("decay_steps")?)?;
        schedule.floor = from.get_or("floor", F::ZERO)?;
        if from.get_or("cosine", false)? {
            schedule.curve = Curve::Cosine;
        }
        if from.get_or("one_minus_sqrt", false)? {
            schedule.curve = Curve::OneMinusSqrt;
        }
        Ok(schedule)
    }

    fn write<S: Sink>(&self, to: &mut S) -> Result<(), S::Error> {
        to.put("peak", &self.peak)?;
        to.put("warmup_steps", &self.warmup_steps)?;
        to.put("stable_steps", &self.stable_steps)?;
        to.put("decay_steps", &self.decay_steps)?;
        to.put("floor", &self.floor)?;
        to.put("cosine", &(self.curve == Curve::Cosine))?;
        to.put("one_minus_sqrt", &(self.curve == Curve::OneMinusSqrt))
    }
}

#[cfg(feature = "serde")]
exchanged!([F: Float] WarmupStableDecay<F>, 0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phase_of_no_steps_is_left_out() {
        let jump = WarmupStableDecay::new(0.5_f32, 0, 10, 0).floor(0.1);
        assert_eq!([jump.lr(0), jump.lr(9), jump.lr(10)], [0.5, 0.5, 0.1]);
        let warm_up = WarmupStableDecay::new(0.5_f32, 2, 0, 0).floor(0.1);
        assert_eq!([warm_up.lr(0), warm_up.lr(1), warm_up.lr(2)], [0.0, 0.25, 0.1]);
    }

    #[test]
    fn phases_may_be_longer_than_u32_together() {
        let long = WarmupStableDecay::new(1.0_f32, u32::MAX, u32::MAX, u32::MAX);
        assert_eq!([long.lr(1), long.lr(u32::MAX)], [2f32.powi(-32), 1.0]);
    }

    /// 1 - √(t/d) cancels near the end; the exact value there is 1/(2d) + 1/(8d²) + ...
    #[test]
    fn one_minus_sqrt_is_accurate_near_its_end() {
        let steps = 1_000_000;
        let exact = 5.000_001_250_000_625e-7;
        let narrow = WarmupStableDecay::new(1.0_f32, 0, 0, steps).one_minus_sqrt().lr(steps - 1);
        assert!((f64::from(narrow) / exact - 1.0).abs() < f64::from(f32::EPSILON), "{narrow:e}");
        let wide = WarmupStableDecay::new(1.0_f64, 0, 0, steps).one_minus_sqrt().lr(steps - 1);
        assert!((wide / exact - 1.0).abs() < 4.0 * f64::EPSILON, "{wide:e}");
    }

    #[test]
    fn validate_names_the_parameter() {
        let wsd = WarmupStableDecay::new(0.1_f32, 1, 1, 1);
        assert_eq!(wsd.floor(-0.1).validate(), Err(Error::Negative("floor")));
        assert_eq!(wsd.floor(f32::NAN).validate(), Err(Error::NotFinite("floor")));
        let nan = WarmupStableDecay::new(f32::NAN, 1, 1, 1);
        assert_eq!(nan.validate(), Err(Error::NotFinite("peak")));
    }
}
