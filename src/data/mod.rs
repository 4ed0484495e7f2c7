//! What a trainer needs besides the update: checks and scaling of features, metrics, and the order
//! of the samples.

mod auc;
mod confusion;
mod guard;
mod mean;
mod moments;
mod permutation;
mod standardizer;

pub use auc::AucHistogram;
pub use confusion::Confusion;
pub use guard::{Guard, GuardCounts};
pub use mean::{EwMean, Mean};
pub use moments::Moments;
pub use permutation::Permutation;
pub use standardizer::Standardizer;
