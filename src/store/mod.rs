//! Checkpoints that survive a power cut: the feature `store`.
//!
//! A [`Checkpoint`] is all that a device needs to resume, and [`Slots`] keeps the newest one in NOR
//! flash. The format is [postcard](https://docs.rs/postcard) in a frame with a CRC-32.
//!
//! # What interrupts may share
//!
//! Every type of this crate is `Send` and `Sync` if its type parameters are, and none has interior
//! mutability. So:
//!
//! - A schedule, a `ReduceLrOnPlateau` and every other configuration can be a `static`, which all
//!   tasks and interrupts read at any time.
//! - What an update changes (neuron, `Sgd`, standardizer, metrics) has one owner, the task that
//!   trains. Samples reach it through a queue, such as `heapless::spsc`.
//! - To predict in an interrupt, publish a copy of the neuron after an update: in a critical
//!   section, in an RTIC resource, or in a `critical_section::Mutex<Cell<..>>`. The lock lasts as
//!   long as it takes to copy `4·N + 4` bytes in `f32`. The update itself needs no lock.
//! - Save outside of interrupts: an erase takes milliseconds, and on many chips no code runs from
//!   the flash during an erase.

mod checkpoint;
mod frame;
mod slots;

pub use checkpoint::Checkpoint;
pub use slots::{Slots, StoreError};
