//! What a trainer needs besides the update: metrics, and the order of the samples.

mod auc;
mod confusion;
mod mean;
mod permutation;

pub use auc::AucHistogram;
pub use confusion::Confusion;
pub use mean::{EwMean, Mean};
pub use permutation::Permutation;
