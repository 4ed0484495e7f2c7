//! How schedules are written and read with serde. There is no allocator, and a JSON object may have
//! its keys in any order.
//!
//! A schedule describes itself once, as a `Class`. A human-readable format gets the object that
//! Keras writes (`named.rs`), any other format the values alone, in their order (`positional.rs`).

pub(crate) mod array;
mod class;
mod exchanged;
mod field;
mod named;
mod positional;

pub(crate) use class::{Class, Refused, Sink, Source};
pub(crate) use exchanged::{exchanged, read, write};
pub(crate) use field::{Each, Field, Value};
