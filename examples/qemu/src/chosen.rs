//! A schedule that arrives as bytes: one of Keras' six, with all its options.
//!
//! A record is a tag and the parameters that follow it, in four bytes each, little-endian: rates,
//! factors and powers as `f32`, steps and switches as `u32`. [`Chosen::parse`] reads it.

use core::fmt;

use microlr::{
    CosineDecay, CosineDecayRestarts, Error, ExponentialDecay, InverseTimeDecay,
    PiecewiseConstantDecay, PolynomialDecay, Schedule,
};

/// A record of each tag, as Python's `struct.pack` writes them.
pub const RECORDS: [&[u8]; 6] = [
    // pack("<BfIfI", 0, 0.1, 5, 0.95, 1)
    b"\0\xcd\xcc\xcc\x3d\x05\0\0\0\x33\x33\x73\x3f\x01\0\0\0",
    // pack("<B3I4f", 1, 125, 250, 375, 0.1, 0.075, 0.05, 0.025)
    b"\x01\x7d\0\0\0\xfa\0\0\0\x77\x01\0\0\xcd\xcc\xcc\x3d\x9a\x99\x99\x3d\xcd\xcc\x4c\x3d\
      \xcd\xcc\xcc\x3c",
    // pack("<BfIffI", 2, 0.1, 100, 0.001, 1.0, 1)
    b"\x02\xcd\xcc\xcc\x3d\x64\0\0\0\x6f\x12\x83\x3a\0\0\x80\x3f\x01\0\0\0",
    // pack("<BfIfI", 3, 0.1, 50, 0.1, 1)
    b"\x03\xcd\xcc\xcc\x3d\x32\0\0\0\xcd\xcc\xcc\x3d\x01\0\0\0",
    // pack("<BfIffI", 4, 0.1, 400, 0.01, 0.2, 100)
    b"\x04\xcd\xcc\xcc\x3d\x90\x01\0\0\x0a\xd7\x23\x3c\xcd\xcc\x4c\x3e\x64\0\0\0",
    // pack("<BfIfff", 5, 0.1, 10, 1.5, 0.9, 0.01)
    b"\x05\xcd\xcc\xcc\x3d\x0a\0\0\0\0\0\xc0\x3f\x66\x66\x66\x3f\x0a\xd7\x23\x3c",
];

/// A schedule that is chosen at run time.
#[derive(Debug, Clone)]
pub enum Chosen {
    /// Tag 0: initial rate, decay steps, decay rate, staircase.
    Exponential(ExponentialDecay<f32>),
    /// Tag 1: three boundaries, four values.
    Piecewise(PiecewiseConstantDecay<f32, 3>),
    /// Tag 2: initial rate, decay steps, end rate, power, cycle.
    Polynomial(PolynomialDecay<f32>),
    /// Tag 3: initial rate, decay steps, decay rate, staircase.
    InverseTime(InverseTimeDecay<f32>),
    /// Tag 4: initial rate, decay steps, alpha, warm-up target, warm-up steps.
    Cosine(CosineDecay<f32>),
    /// Tag 5: initial rate, first decay steps, `t_mul`, `m_mul`, alpha.
    Restarts(CosineDecayRestarts<f32>),
}

/// Why a record is refused.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Refused {
    /// It has another length than its tag says, or an unknown tag.
    Malformed,
    /// One of its parameters is invalid.
    Invalid(Error),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("malformed record"),
            Self::Invalid(error) => error.fmt(f),
        }
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Invalid(error)
    }
}

impl Chosen {
    /// Reads a record and checks every parameter.
    ///
    /// # Errors
    ///
    /// The record is malformed, or a parameter is invalid.
    #[inline(never)]
    pub fn parse(record: &[u8]) -> Result<Self, Refused> {
        let (&tag, parameters) = record.split_first().ok_or(Refused::Malformed)?;
        let (parameters, []) = parameters.as_chunks() else { return Err(Refused::Malformed) };
        let mut words = [0; 7];
        for (word, &bytes) in words.iter_mut().zip(parameters) {
            *word = u32::from_le_bytes(bytes);
        }
        let float = f32::from_bits;
        let chosen = match (tag, words.get(..parameters.len()).unwrap_or(&[])) {
            (0, &[initial, steps, rate, staircase]) => {
                let decay = ExponentialDecay::try_new(float(initial), steps, float(rate))?;
                Self::Exponential(if staircase == 0 { decay } else { decay.staircase() })
            }
            (1, &[a, b, c, first, second, third, fourth]) => {
                let values = [first, second, third, fourth].map(float);
                Self::Piecewise(PiecewiseConstantDecay::try_new([a, b, c], values)?)
            }
            (2, &[initial, steps, end, power, cycle]) => {
                let decay = PolynomialDecay::try_new(float(initial), steps, float(end))?;
                let decay = decay.power(float(power));
                Self::Polynomial(if cycle == 0 { decay } else { decay.cycle() })
            }
            (3, &[initial, steps, rate, staircase]) => {
                let decay = InverseTimeDecay::try_new(float(initial), steps, float(rate))?;
                Self::InverseTime(if staircase == 0 { decay } else { decay.staircase() })
            }
            (4, &[initial, steps, alpha, target, warmup]) => {
                let decay = CosineDecay::try_new(float(initial), steps)?;
                Self::Cosine(decay.alpha(float(alpha)).warmup(float(target), warmup))
            }
            (5, &[initial, steps, t_mul, m_mul, alpha]) => {
                let decay = CosineDecayRestarts::try_new(float(initial), steps)?;
                Self::Restarts(decay.t_mul(float(t_mul)).m_mul(float(m_mul)).alpha(float(alpha)))
            }
            _ => return Err(Refused::Malformed),
        };
        chosen.validate()?;
        Ok(chosen)
    }
}

impl Schedule for Chosen {
    type Rate = f32;

    fn lr(&self, step: u32) -> f32 {
        match self {
            Self::Exponential(decay) => decay.lr(step),
            Self::Piecewise(decay) => decay.lr(step),
            Self::Polynomial(decay) => decay.lr(step),
            Self::InverseTime(decay) => decay.lr(step),
            Self::Cosine(decay) => decay.lr(step),
            Self::Restarts(decay) => decay.lr(step),
        }
    }

    fn validate(&self) -> Result<(), Error> {
        match self {
            Self::Exponential(decay) => decay.validate(),
            Self::Piecewise(decay) => decay.validate(),
            Self::Polynomial(decay) => decay.validate(),
            Self::InverseTime(decay) => decay.validate(),
            Self::Cosine(decay) => decay.validate(),
            Self::Restarts(decay) => decay.validate(),
        }
    }
}
