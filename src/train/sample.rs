//! What an update and a gradient check of a sample.

use super::neuron::LogisticNeuron;
use crate::arithmetic::logit::Logit;
use crate::arithmetic::slices;
use crate::error::{self, Error};
use crate::float::Float;

/// A label is a probability.
#[inline]
pub(super) fn check_label<F: Float>(y: F, sample: u32) -> Result<(), Error> {
    if y >= F::ZERO && y <= F::ONE { Ok(()) } else { Err(Error::Label { sample }) }
}

/// The functions of the logit `z`. It is finite only if every feature, every weight and the bias
/// is.
#[inline(always)]
pub(super) fn logit_of<F: Float>(z: F) -> Option<Logit<F>> {
    if z.has_finite_bits() { Some(F::logit(z)) } else { None }
}

/// Which input made the logit infinite or NaN.
#[cold]
#[inline(never)]
pub(super) fn why_not_finite<F: Float, const N: usize>(
    neuron: &LogisticNeuron<F, N>,
    x: &[F; N],
    sample: u32,
) -> Error {
    if let Some(feature) = slices::first_not_finite(x) {
        Error::Feature { sample, feature: feature as u32 }
    } else {
        neuron.not_finite().map_or(Error::Logit { sample }, Error::NotFinite)
    }
}

/// The derivative of the weighted loss by the logit, and that loss.
#[inline(always)]
pub(super) fn weighted<F: Float>(logit: Logit<F>, y: F, weight: F) -> Result<(F, F), Error> {
    error::non_negative("weight", weight)?;
    let loss = weight * logit.cross_entropy(y);
    // Up to a weight of 1, it is finite.
    if weight > F::ONE && !loss.has_finite_bits() {
        return Err(Error::Overflow("loss"));
    }
    Ok((weight * logit.residual(y), loss))
}
