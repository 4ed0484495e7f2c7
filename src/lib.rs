//! Learning-rate schedules and an SGD trainer for one logistic neuron, for firmware that keeps
//! learning in the field. `no_std`, no heap, no panic after construction, the same bits on the
//! laptop and on the chip.
//!
#![doc = include_str!("../docs/schedules.svg")]
//!
// A link to a picture breaks outside of the repository. So the picture is above, and an HTML
// comment hides the beginning of the README, which links to it, up to its first `-->`.
//! <!--
#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

#[cfg(test)]
extern crate std;

/// Makes the examples of `docs/in-the-field.md` documentation tests.
#[cfg(all(doctest, feature = "store"))]
#[doc = include_str!("../docs/in-the-field.md")]
mod in_the_field {}

mod arithmetic;
mod data;
mod error;
#[cfg(feature = "serde")]
mod exchange;
mod float;
pub mod schedule;
#[cfg(feature = "store")]
pub mod store;
mod train;

pub use data::{
    AucHistogram, Confusion, EwMean, Guard, GuardCounts, Mean, Moments, Permutation, Standardizer,
};
pub use error::Error;
pub use float::Float;
pub use schedule::*;
pub use train::{
    Average, Best, ClipNorm, ClipValue, EarlyStopping, Gradient, History, L2, LogisticNeuron,
    Momentum, PlateauState, RangeTest, ReduceLrOnPlateau, Report, Sgd, ThinnedHistory, Update,
    UpdateRule, WeightDecay,
};
