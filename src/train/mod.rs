//! The neuron and its training.

mod early_stopping;
mod gradient;
mod history;
mod neuron;
mod plateau;
mod range_test;
mod report;
mod rules;
mod sample;
mod sgd;
mod thinned;

pub use early_stopping::{Best, EarlyStopping};
pub use gradient::Gradient;
pub use history::History;
pub use neuron::LogisticNeuron;
pub use plateau::{PlateauState, ReduceLrOnPlateau};
pub use range_test::RangeTest;
pub use report::Report;
pub use rules::{Average, ClipNorm, ClipValue, L2, Momentum, Update, UpdateRule, WeightDecay};
pub use sgd::Sgd;
pub use thinned::ThinnedHistory;
