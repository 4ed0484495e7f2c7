//! Samples on their way to the neuron.

mod moments;
mod standardizer;

pub use moments::Moments;
pub use standardizer::Standardizer;
