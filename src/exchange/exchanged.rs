use serde::de::{DeserializeOwned as Owned, Error as _};
use serde::{Deserializer, Serializer};

use crate::error::Error;
use crate::exchange::class::Class;
use crate::exchange::{named, positional};

pub(crate) fn write<A, B, C: Class<A, B>, S: Serializer>(
    value: &C,
    to: S,
) -> Result<S::Ok, S::Error> {
    if to.is_human_readable() { named::write(value, to) } else { positional::write(value, to) }
}

/// Reads lists of at most `N` elements, and one more. `check` is the schedule's `validate`.
pub(crate) fn read<
    'de,
    A: Owned,
    B: Owned,
    C: Class<A, B>,
    D: Deserializer<'de>,
    const N: usize,
>(
    from: D,
    check: fn(&C) -> Result<(), Error>,
) -> Result<C, D::Error> {
    let value = if from.is_human_readable() {
        named::read::<A, B, C, D, N>(from)?
    } else {
        positional::read(from)?
    };
    let class = value.class();
    check(&value).map_err(|error| D::Error::custom(format_args!("{class}: {error}")))?;
    Ok(value)
}

/// Implements serde's traits for a [`Class`]. The number is the capacity of its lists.
macro_rules! exchanged {
    ([$($generics:tt)*] $class:ty, $capacity:tt) => {
        impl<$($generics)*> serde::Serialize for $class {
            fn serialize<T: serde::Serializer>(&self, to: T) -> Result<T::Ok, T::Error> {
                $crate::exchange::write(self, to)
            }
        }

        impl<'de, $($generics)*> serde::Deserialize<'de> for $class {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let check = <Self as Schedule>::validate;
                $crate::exchange::read::<_, _, Self, D, $capacity>(from, check)
            }
        }
    };
}
pub(crate) use exchanged;
