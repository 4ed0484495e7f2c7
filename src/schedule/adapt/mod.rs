//! Schedules made of schedules, one adaptor a file, and the iterator over one.

mod delayed;
mod rates;
mod scaled;
mod then;

pub use delayed::Delayed;
pub use rates::Rates;
pub use scaled::Scaled;
pub use then::Then;
