//! `./ci.sh msrv` checks it with the compiler that the crate's `rust-version` names.

#![no_std]

use microlr::{CosineDecay, Error, LogisticNeuron, Report, Sgd};

static DECAY: CosineDecay<f32> = CosineDecay::new(0.1, 1000);

/// One update of a neuron at a step that was saved before.
pub fn update(
    neuron: &mut LogisticNeuron<f32, 3>,
    step: u32,
    x: &[f32; 3],
    y: f32,
) -> Result<Report<f32>, Error> {
    Sgd::resume(&DECAY, step).step(neuron, x, y)
}
