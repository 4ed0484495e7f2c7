use serde::de::{DeserializeOwned as Owned, Error as _};
use serde::ser::Error as _;
use serde::{Deserializer, Serializer};

use crate::error::Error;
use crate::exchange::class::Class;
use crate::exchange::{named, positional};

pub(crate) fn write<A, B, C: Class<A, B>, S: Serializer>(
    value: &C,
    to: S,
    check: fn(&C) -> Result<(), Error>,
) -> Result<S::Ok, S::Error> {
    if !to.is_human_readable() {
        return positional::write(value, to);
    }
    // JSON has no NaN, and the `null` in its place would be an option that is not set.
    check(value).map_err(|error| S::Error::custom(format_args!("{}: {error}", value.class())))?;
    named::write(value, to)
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
                let check = <Self as Schedule>::validate;
                $crate::exchange::write(self, to, check)
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
