//! A number that counts what is done with it, to show that the work of an update is constant.

use core::cmp::Ordering;
use core::num::{FpCategory, NonZeroU32, NonZeroU64};
use core::ops::{Add, Div, Mul, Neg, Rem, Sub};
use std::cell::Cell;

use num_traits::{Num, NumCast, One, ToPrimitive, Zero};

use crate::double::Double;
use crate::extended::{Place, Share};
use crate::float::{Float, Kernel};
use crate::neuron::{self, Odds};

std::thread_local! {
    static OPERATIONS: Cell<u32> = const { Cell::new(0) };
}

/// An `f64` that counts every operation, comparison and function call of its thread.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counted(pub(crate) f64);

/// What `work` returns, and how many operations on [`Counted`] it took.
pub(crate) fn count<T>(work: impl FnOnce() -> T) -> (T, u32) {
    OPERATIONS.set(0);
    let result = work();
    (result, OPERATIONS.get())
}

fn counted<T>(result: T) -> T {
    OPERATIONS.set(OPERATIONS.get() + 1);
    result
}

fn unwrapped(Double { hi, lo }: Double<Counted>) -> Double<f64> {
    Double { hi: hi.0, lo: lo.0 }
}

fn wrapped(Double { hi, lo }: Double<f64>) -> Double<Counted> {
    counted(Double { hi: Counted(hi), lo: Counted(lo) })
}

impl Float for Counted {
    fn from_step(step: u32) -> Self {
        counted(Self(step.into()))
    }
}

impl Kernel for Counted {
    type Extended = Double<Self>;

    fn odds(logit: Self) -> Odds<Self> {
        neuron::odds(logit)
    }
    fn libm_exp(x: Self) -> Self {
        counted(Self(f64::libm_exp(x.0)))
    }
    fn libm_exp_m1(x: Self) -> Self {
        counted(Self(f64::libm_exp_m1(x.0)))
    }
    fn libm_ln(x: Self) -> Self {
        counted(Self(f64::libm_ln(x.0)))
    }
    fn libm_ln_1p(x: Self) -> Self {
        counted(Self(f64::libm_ln_1p(x.0)))
    }
    fn libm_pow(base: Self, exponent: Self) -> Self {
        counted(Self(f64::libm_pow(base.0, exponent.0)))
    }
    fn libm_sqrt(x: Self) -> Self {
        counted(Self(f64::libm_sqrt(x.0)))
    }
    fn exact_step(n: u32) -> Double<Self> {
        wrapped(f64::exact_step(n))
    }
    fn ratio(numerator: u64, denominator: NonZeroU64) -> Double<Self> {
        wrapped(f64::ratio(numerator, denominator))
    }
    fn between(low: Self, high: Self, share: Share) -> Double<Self> {
        wrapped(f64::between(low.0, high.0, share))
    }
    fn sin_squared_quarter_turn(u: Double<Self>) -> Double<Self> {
        wrapped(f64::sin_squared_quarter_turn(unwrapped(u)))
    }
    fn times_far_power(
        start: Double<Self>,
        scale: Self,
        base: Self,
        steps: u32,
        per: NonZeroU32,
    ) -> Double<Self> {
        wrapped(f64::times_far_power(unwrapped(start), scale.0, base.0, steps, per))
    }
    fn times_far_power_of_rest(start: Double<Self>, place: Place, power: Self) -> Double<Self> {
        wrapped(f64::times_far_power_of_rest(unwrapped(start), place, power.0))
    }
    const MOST_POWER: i32 = f64::MOST_POWER;
    fn times_one_minus_power_of_rest(
        height: Double<Self>,
        place: Place,
        power: Self,
    ) -> Double<Self> {
        wrapped(f64::times_one_minus_power_of_rest(unwrapped(height), place, power.0))
    }
    fn split(self) -> (Self, i32) {
        let (significand, exponent) = self.0.split();
        counted((Self(significand), exponent))
    }
    fn times_power_of_two(self, exponent: i32) -> Self {
        counted(Self(self.0.times_power_of_two(exponent)))
    }
    fn has_room(self) -> bool {
        counted(self.0.has_room())
    }
    fn nearest_u64(n: u64) -> Self {
        counted(Self(f64::nearest_u64(n)))
    }
    fn saturating_u64(self) -> u64 {
        counted(self.0.saturating_u64())
    }
    fn lies_between_zero_and(self, limit: Self) -> bool {
        counted(self.0.lies_between_zero_and(limit.0))
    }
    fn dot(a: &[Self], b: &[Self]) -> Self {
        a.iter().zip(b).fold(Self(0.0), |sum, (&a, &b)| sum + a * b)
    }
    fn logit_and_extent(weights: &[Self], x: &[Self], bias: Self) -> (Self, Self) {
        let numbers = weights.iter().chain(x);
        let extent = numbers.fold(bias * bias, |sum, &number| sum + number * number);
        (Self::dot(weights, x) + bias, extent)
    }
    fn surely_stays_finite(extent: Self, scale: Self) -> bool {
        counted(f64::surely_stays_finite(extent.0, scale.0))
    }
    fn stays_finite(weights: &[Self], scale: Self, direction: &[Self]) -> bool {
        weights.iter().zip(direction).fold(true, |all, (&weight, &direction)| {
            all & counted((weight - scale * direction).0.is_finite())
        })
    }
    fn descend(weights: &mut [Self], scale: Self, direction: &[Self]) {
        for (weight, &direction) in weights.iter_mut().zip(direction) {
            *weight = *weight - scale * direction;
        }
    }
    fn power_of_two(exponent: i32) -> Self {
        counted(Self(f64::power_of_two(exponent)))
    }
    fn head(self) -> Self {
        counted(Self(self.0.head()))
    }
    fn below(self) -> Self {
        counted(Self(self.0.below()))
    }
    fn unit(word: u64) -> Self {
        counted(Self(f64::unit(word)))
    }
}

macro_rules! operators {
    ($($operator:ident $method:ident),*) => {
        $(impl $operator for Counted {
            type Output = Self;
            fn $method(self, other: Self) -> Self {
                counted(Self(self.0.$method(other.0)))
            }
        })*
    };
}

operators!(Add add, Sub sub, Mul mul, Div div, Rem rem);

impl Neg for Counted {
    type Output = Self;
    fn neg(self) -> Self {
        counted(Self(-self.0))
    }
}

impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        counted(self.0 == other.0)
    }
}

impl PartialOrd for Counted {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        counted(self.0.partial_cmp(&other.0))
    }
}

impl Zero for Counted {
    fn zero() -> Self {
        Self(0.0)
    }
    fn is_zero(&self) -> bool {
        counted(self.0 == 0.0)
    }
}

impl One for Counted {
    fn one() -> Self {
        Self(1.0)
    }
}

impl Num for Counted {
    type FromStrRadixErr = <f64 as Num>::FromStrRadixErr;
    fn from_str_radix(digits: &str, radix: u32) -> Result<Self, Self::FromStrRadixErr> {
        f64::from_str_radix(digits, radix).map(Self)
    }
}

impl ToPrimitive for Counted {
    fn to_i64(&self) -> Option<i64> {
        self.0.to_i64()
    }
    fn to_u64(&self) -> Option<u64> {
        self.0.to_u64()
    }
}

impl NumCast for Counted {
    fn from<T: ToPrimitive>(number: T) -> Option<Self> {
        number.to_f64().map(Self)
    }
}

macro_rules! forward {
    (constants: $($constant:ident)*; tests: $($test:ident)*; unary: $($unary:ident)*;
     binary: $($binary:ident)*) => {
        impl num_traits::Float for Counted {
            $(fn $constant() -> Self {
                Self(<f64 as num_traits::Float>::$constant())
            })*
            $(fn $test(self) -> bool {
                counted(num_traits::Float::$test(self.0))
            })*
            $(fn $unary(self) -> Self {
                counted(Self(num_traits::Float::$unary(self.0)))
            })*
            $(fn $binary(self, other: Self) -> Self {
                counted(Self(num_traits::Float::$binary(self.0, other.0)))
            })*
            fn classify(self) -> FpCategory {
                counted(self.0.classify())
            }
            fn mul_add(self, a: Self, b: Self) -> Self {
                counted(Self(num_traits::Float::mul_add(self.0, a.0, b.0)))
            }
            fn powi(self, n: i32) -> Self {
                counted(Self(num_traits::Float::powi(self.0, n)))
            }
            fn sin_cos(self) -> (Self, Self) {
                (self.sin(), self.cos())
            }
            fn integer_decode(self) -> (u64, i16, i8) {
                counted(num_traits::Float::integer_decode(self.0))
            }
        }
    };
}

forward!(
    constants: nan infinity neg_infinity neg_zero min_value min_positive_value max_value epsilon;
    tests: is_nan is_infinite is_finite is_normal is_sign_positive is_sign_negative;
    unary: floor ceil round trunc fract abs signum recip sqrt exp exp2 ln log2 log10 cbrt sin cos tan
        asin acos atan exp_m1 ln_1p sinh cosh tanh asinh acosh atanh;
    binary: powf log max min abs_sub hypot atan2
);
