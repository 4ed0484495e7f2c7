//! How schedules are written and read with serde. There is no allocator, and a JSON object may have
//! its keys in any order.
//!
//! A schedule describes itself once, as a [`Class`]. A human-readable format gets the object that
//! Keras writes (`named.rs`), any other format the values alone, in their order (`positional.rs`).

mod field;
mod named;
mod positional;

use core::fmt;

use heapless::Vec;
use serde::de::{DeserializeOwned, Error as _};
use serde::ser::Serialize;
use serde::{Deserializer, Serializer};

use crate::error::Error;
pub(crate) use field::{Each, Field, Value};

/// The classes that Keras has. The others carry the name of this crate.
const KERAS: [&str; 6] = [
    "ExponentialDecay",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "InverseTimeDecay",
    "CosineDecay",
    "CosineDecayRestarts",
];

/// A schedule as a class of Keras: its name, and how its fields are read and written. `A` and `B`
/// are the types of the schedules inside an adaptor.
pub(crate) trait Class<A = (), B = ()>: Sized {
    const NAME: &'static str;
    /// The fields that hold the schedules inside, at most two.
    const INNER: &'static [&'static str] = &[];

    /// Reads the fields, in the order in which `write` writes them.
    fn read(from: &mut impl Source<A, B>) -> Result<Self, Refused>;
    fn write<S: Sink>(&self, to: &mut S) -> Result<(), S::Error>;
}

/// One class, or several of which a value is one.
pub(crate) trait Classes<A = (), B = ()>: Sized {
    /// Their names. The place in this list stands for the class in a binary format.
    const NAMES: &'static [&'static str];
    const INNER: &'static [&'static str] = &[];

    /// A human-readable format may have a number in place of the object.
    fn from_number(_: Value) -> Option<Self> {
        None
    }
    fn number(&self) -> Option<impl Serialize> {
        None::<f64>
    }
    fn class(&self) -> usize;
    fn read_class(class: usize, from: &mut impl Source<A, B>) -> Result<Self, Refused>;
    fn write_fields<S: Sink>(&self, to: &mut S) -> Result<(), S::Error>;
}

impl<A, B, C: Class<A, B>> Classes<A, B> for C {
    const NAMES: &'static [&'static str] = &[C::NAME];
    const INNER: &'static [&'static str] = C::INNER;

    fn class(&self) -> usize {
        0
    }
    fn read_class(_: usize, from: &mut impl Source<A, B>) -> Result<Self, Refused> {
        C::read(from)
    }
    fn write_fields<S: Sink>(&self, to: &mut S) -> Result<(), S::Error> {
        C::write(self, to)
    }
}

/// Where a class takes its fields from.
pub(crate) trait Source<A = (), B = ()> {
    /// The field, or `None` if it was left out.
    fn find<T: Field>(&mut self, name: &'static str) -> Result<Option<T>, Refused>;
    /// Calls `push` with each element of a list.
    fn each<T: Field>(
        &mut self,
        name: &'static str,
        push: &mut impl FnMut(T) -> Result<(), Error>,
    ) -> Result<(), Refused>;
    /// The first schedule inside.
    fn first(&mut self) -> Result<A, Refused>;
    /// The second schedule inside.
    fn second(&mut self) -> Result<B, Refused>;

    fn get<T: Field>(&mut self, name: &'static str) -> Result<T, Refused> {
        self.find(name)?.ok_or(Refused::Missing(name))
    }
    fn get_or<T: Field>(&mut self, name: &'static str, default: T) -> Result<T, Refused> {
        Ok(self.find(name)?.unwrap_or(default))
    }
    /// An option: `None` at the default.
    fn option<T: Field + PartialEq>(
        &mut self,
        name: &'static str,
        default: T,
    ) -> Result<Option<T>, Refused> {
        Ok(self.find(name)?.filter(|value| *value != default))
    }
    fn list<T: Field, const N: usize>(&mut self, name: &'static str) -> Result<Vec<T, N>, Refused> {
        let mut list = Vec::new();
        self.each(name, &mut |value| list.push(value).map_err(|_| Error::TooMany(name)))?;
        Ok(list)
    }
}

/// Where a class puts its fields.
pub(crate) trait Sink {
    type Error;
    fn put(&mut self, name: &'static str, value: &impl Serialize) -> Result<(), Self::Error>;
}

/// Why a class could not be read. The name is that of the field.
#[derive(Debug)]
pub(crate) enum Refused {
    Invalid(Error),
    Missing(&'static str),
    Repeated(&'static str),
    /// Of another kind than the second string says.
    Kind(&'static str, &'static str),
    /// A list with an element of another kind.
    Element(&'static str, &'static str),
    /// The format has an error, which the source keeps.
    Format,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Invalid(error)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(error) => error.fmt(f),
            Self::Missing(name) => write!(f, "`{name}` is missing"),
            Self::Repeated(name) => write!(f, "`{name}` is given twice"),
            Self::Kind(name, kind) => write!(f, "`{name}` must be {kind}"),
            Self::Element(name, kind) => write!(f, "each of `{name}` must be {kind}"),
            Self::Format => f.write_str("the format is invalid"),
        }
    }
}

/// The name of a value's class.
fn name<A, B, C: Classes<A, B>>(class: usize) -> &'static str {
    C::NAMES.get(class).copied().unwrap_or_default()
}

pub(crate) fn write<A, B, C: Classes<A, B>, S: Serializer>(
    value: &C,
    to: S,
) -> Result<S::Ok, S::Error> {
    if to.is_human_readable() { named::write(value, to) } else { positional::write(value, to) }
}

/// Reads lists of at most `N` elements, and one more. `check` is the schedule's `validate`.
pub(crate) fn read<'de, A, B, C, D, const N: usize>(
    from: D,
    check: fn(&C) -> Result<(), Error>,
) -> Result<C, D::Error>
where
    A: DeserializeOwned,
    B: DeserializeOwned,
    C: Classes<A, B>,
    D: Deserializer<'de>,
{
    let value = if from.is_human_readable() {
        named::read::<A, B, C, D, N>(from)?
    } else {
        positional::read(from)?
    };
    let invalid =
        |error| D::Error::custom(format_args!("{}: {error}", name::<A, B, C>(value.class())));
    check(&value).map_err(invalid)?;
    Ok(value)
}

/// Implements serde's traits for a [`Class`]. The number is the capacity of its lists.
macro_rules! exchanged {
    ([$($generics:tt)*] $class:ty, $capacity:tt) => {
        impl<$($generics)*> serde::Serialize for $class {
            fn serialize<To: serde::Serializer>(&self, to: To) -> Result<To::Ok, To::Error> {
                $crate::exchange::write(self, to)
            }
        }

        impl<'de, $($generics)*> serde::Deserialize<'de> for $class {
            fn deserialize<From: serde::Deserializer<'de>>(from: From) -> Result<Self, From::Error> {
                let check = <Self as $crate::schedule::Schedule>::validate;
                $crate::exchange::read::<_, _, Self, From, $capacity>(from, check)
            }
        }
    };
}
pub(crate) use exchanged;
