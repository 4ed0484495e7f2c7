//! The neuron and its training.

mod gradient;
mod history;
mod neuron;
mod plateau;
mod report;
mod rules;
mod sample;
mod sgd;

pub use gradient::Gradient;
pub use history::History;
pub use neuron::LogisticNeuron;
pub use plateau::{PlateauState, ReduceLrOnPlateau};
pub use report::Report;
pub use rules::{Average, ClipNorm, ClipValue, L2, Momentum, Update, UpdateRule, WeightDecay};
pub use sgd::Sgd;
