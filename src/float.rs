//! The two number types.

use core::fmt::Debug;

use num_traits::float::FloatCore;

use crate::arithmetic::Arithmetic;

#[cfg(all(target_arch = "x86", not(target_feature = "sse2")))]
compile_error!(
    "microlr needs SSE2 on x86: without it the compiler computes in 80 bits, and results differ \
     from those of every other target. Use the target i686, or `-C target-feature=+sse2`."
);

/// The floating-point type of a learning rate, a weight or a feature: `f32` or `f64`.
///
/// num-traits' `FloatCore`, a defined conversion from a step, and the functions that a schedule
/// needs, from libm: the same bits on every target, in `no_std` too. The trait is sealed: the
/// accuracy that the crate documents is known for these two types only.
///
/// ```
/// use microlr::{Float, Schedule, from_fn};
///
/// /// 1/√(s + 1), in either type.
/// fn inverse_sqrt<F: Float>(step: u32) -> F {
///     F::from_step(step.saturating_add(1)).sqrt().recip()
/// }
///
/// assert_eq!(from_fn(inverse_sqrt::<f32>).lr(3), 0.5);
/// assert_eq!(from_fn(inverse_sqrt::<f64>).lr(15), 0.25);
/// ```
///
/// In a crate with `std`, `x.exp()` of an `f32` or `f64` is the standard library's function, whose
/// bits depend on the platform. Write `Float::exp(x)` there. In generic code and in `no_std`,
/// `x.exp()` is this one.
pub trait Float:
    FloatCore + Debug + Default + Send + Sync + 'static + Arithmetic + Exchange + Logged
{
    /// `step` as a floating-point number, rounded to the nearest.
    ///
    /// `f64` holds every `u32`; `f32` holds every integer up to 2^24 and rounds above that, so step
    /// arithmetic (differences, quotients, remainders) belongs before the conversion.
    ///
    /// ```
    /// use microlr::Float;
    /// assert_eq!(f32::from_step(16_777_216), 16_777_216.0);
    /// assert_eq!(f32::from_step(16_777_217), 16_777_216.0); // no such f32
    /// assert_eq!(f64::from_step(16_777_217), 16_777_217.0);
    /// ```
    #[must_use]
    fn from_step(step: u32) -> Self;

    /// e^`self`.
    ///
    /// ```
    /// assert_eq!(microlr::Float::exp(0.0_f64), 1.0);
    /// assert!((microlr::Float::exp(1.0_f64) / core::f64::consts::E - 1.0).abs() <= f64::EPSILON);
    /// ```
    #[must_use]
    fn exp(self) -> Self;

    /// The natural logarithm; -∞ at 0, NaN below.
    ///
    /// ```
    /// assert_eq!(microlr::Float::ln(2.0_f64), core::f64::consts::LN_2);
    /// ```
    #[must_use]
    fn ln(self) -> Self;

    /// `self` to the power of `exponent`.
    ///
    /// ```
    /// assert_eq!(microlr::Float::powf(2.0_f32, -3.0), 0.125);
    /// ```
    #[must_use]
    fn powf(self, exponent: Self) -> Self;

    /// The square root; NaN below 0.
    ///
    /// ```
    /// assert_eq!(microlr::Float::sqrt(6.25_f32), 2.5);
    /// ```
    #[must_use]
    fn sqrt(self) -> Self;

    /// The sine of `self` in radians.
    ///
    /// ```
    /// assert_eq!(microlr::Float::sin(core::f64::consts::FRAC_PI_2), 1.0);
    /// ```
    #[must_use]
    fn sin(self) -> Self;

    /// The cosine of `self` in radians.
    ///
    /// ```
    /// assert_eq!(microlr::Float::cos(core::f64::consts::PI), -1.0);
    /// ```
    #[must_use]
    fn cos(self) -> Self;
}

/// With the feature `serde` a number can be written and read.
#[cfg(feature = "serde")]
pub trait Exchange: serde::Serialize + serde::de::DeserializeOwned {}
#[cfg(not(feature = "serde"))]
pub trait Exchange {}
impl Exchange for f32 {}
impl Exchange for f64 {}

/// With the feature `defmt` every `Float` can be logged, so generic code needs no further bound.
#[cfg(feature = "defmt")]
pub trait Logged: defmt::Format {}
#[cfg(not(feature = "defmt"))]
pub trait Logged {}
impl Logged for f32 {}
impl Logged for f64 {}

/// Implements `Float` with these functions of libm.
macro_rules! float {
    (
        $float:ident, sqrt() = $sqrt:ident,
        $($name:ident($($argument:ident)?) = $function:ident),*
    ) => {
        impl Float for $float {
            fn from_step(step: u32) -> Self {
                step as $float
            }
            // Inlined, an unrolled loop over features would contain one copy per feature.
            #[inline(never)]
            fn sqrt(self) -> Self {
                libm::$sqrt(self)
            }
            $(fn $name(self $(, $argument: Self)?) -> Self {
                libm::$function(self $(, $argument)?)
            })*
        }
    };
}

float!(f32, sqrt() = sqrtf, exp() = expf, ln() = logf, powf(y) = powf, sin() = sinf, cos() = cosf);
float!(f64, sqrt() = sqrt, exp() = exp, ln() = log, powf(y) = pow, sin() = sin, cos() = cos);
