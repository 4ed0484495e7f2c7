#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

#[cfg(test)]
extern crate std;

#[cfg(test)]
mod counted;
mod double;
mod error;
mod extended;
mod fixed;
mod float;
mod history;
mod neuron;
pub mod schedule;
mod sgd;
mod soft;
mod threefry;

pub use error::Error;
pub use float::Float;
pub use history::History;
pub use neuron::LogisticNeuron;
pub use schedule::{
    CosineDecay, CosineDecayRestarts, Delayed, ExponentialDecay, FromFn, InverseTimeDecay,
    PiecewiseConstantDecay, PolynomialDecay, RandomUniform, Scaled, Schedule, Steps, Then, from_fn,
};
pub use sgd::{Report, Sgd};
