//! Schedules made of schedules, one adaptor per file, and the iterator over the rates of one.

mod bounced;
mod bounded;
mod delayed;
mod jittered;
mod per_epoch;
mod plus;
mod rates;
mod repeated;
mod scaled;
mod switched;
mod then;
mod times;
mod warmed_up;

pub use bounced::Bounced;
pub use bounded::Bounded;
pub use delayed::Delayed;
pub use jittered::Jittered;
pub use per_epoch::PerEpoch;
pub use plus::Plus;
pub use rates::Rates;
pub use repeated::Repeated;
pub use scaled::Scaled;
pub use switched::Switched;
pub use then::Then;
pub use times::Times;
pub use warmed_up::WarmedUp;
