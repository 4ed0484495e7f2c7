use core::fmt;

use heapless::Vec;
use serde::Serialize;

use crate::error::Error;
use crate::exchange::field::{Field, Name, Value};

/// A schedule as a class of Keras: its name, and how its fields are read and written. `A` and `B`
/// are the types of the schedules inside an adaptor.
pub(crate) trait Class<A = (), B = ()>: Sized {
    /// The name, or all names of an enum. A binary format writes the index in this list.
    const NAMES: &'static [&'static str];
    /// The fields that hold the schedules inside, at most two.
    const INNER: &'static [&'static str] = &[];

    /// The name of this value.
    fn class(&self) -> &'static str {
        Self::NAMES.first().copied().unwrap_or_default()
    }
    /// Reads a number that a human-readable format has in place of the object.
    fn from_number(_: &Value) -> Option<Self> {
        None
    }
    /// The number that a human-readable format gets in place of the object.
    fn number(&self) -> Option<impl Serialize> {
        None::<f64>
    }

    /// Reads the fields, in the order in which `write` writes them.
    fn read(from: &mut impl Source<A, B>) -> Result<Self, Refused>;
    fn write<S: Sink>(&self, to: &mut S) -> Result<(), S::Error>;
}

/// Where a class takes its fields from.
pub(crate) trait Source<A = (), B = ()> {
    /// The name of the class that is read.
    fn class(&self) -> &'static str;
    /// The field, or `None` if it was left out.
    fn find<T: Field>(&mut self, name: &'static str) -> Result<Option<T>, Refused>;
    /// Calls `push` with each element of a list.
    fn each<T: Field>(
        &mut self,
        name: &'static str,
        push: &mut impl FnMut(T) -> Result<(), Error>,
    ) -> Result<(), Refused>;
    /// The schedule inside, or the first of two.
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
    Unknown(Name),
    /// The field must be what the second string says.
    Kind(&'static str, &'static str),
    /// Each element of the list must be what the second string says.
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
            Self::Unknown(name) => write!(f, "`{name}` is an unknown field"),
            Self::Repeated(name) => write!(f, "`{name}` is given twice"),
            Self::Kind(name, kind) => write!(f, "`{name}` must be {kind}"),
            Self::Element(name, kind) => write!(f, "each of `{name}` must be {kind}"),
            Self::Format => f.write_str("the format is invalid"),
        }
    }
}
