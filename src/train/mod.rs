//! The neuron and its training.

mod history;
mod neuron;
mod plateau;
mod report;
mod sgd;

pub use history::History;
pub use neuron::LogisticNeuron;
pub use plateau::{PlateauState, ReduceLrOnPlateau};
pub use report::Report;
pub use sgd::Sgd;
