use heapless::String;
use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};

use crate::float::Float;

/// The beginning of a string. No known name is as long as the capacity, so a name that was cut is
/// not taken for a known one.
pub(crate) type Name = String<32>;

/// A value of a human-readable format.
#[derive(Debug, PartialEq)]
pub(crate) enum Value {
    Integer(u64),
    Float(f64),
    Flag(bool),
    Null,
    Text(Name),
    /// The list with this index.
    List(usize),
    /// A value that no field has.
    Other,
}

impl Value {
    /// The number, if it is an integer from 0 to 2^64 - 1.
    fn integer(&self) -> Option<u64> {
        const END: f64 = 18446744073709551616.0;
        match *self {
            Self::Integer(n) => Some(n),
            Self::Float(x) if (0.0..END).contains(&x) && (x as u64) as f64 == x => Some(x as u64),
            _ => None,
        }
    }
}

/// A type that a field can have.
pub(crate) trait Field: DeserializeOwned {
    /// The end of the sentence "the field must be".
    const KIND: &'static str;
    fn from_value(value: &Value) -> Option<Self>;
}

impl<F: Float> Field for F {
    const KIND: &'static str = "a number";

    fn from_value(value: &Value) -> Option<F> {
        match *value {
            Value::Integer(n) => F::from(n),
            Value::Float(x) => F::from(x),
            _ => None,
        }
    }
}

impl Field for u32 {
    const KIND: &'static str = "an integer from 0 to 4294967295";

    fn from_value(value: &Value) -> Option<u32> {
        u32::try_from(value.integer()?).ok()
    }
}

impl Field for u64 {
    const KIND: &'static str = "an integer from 0 to 18446744073709551615";

    fn from_value(value: &Value) -> Option<u64> {
        value.integer()
    }
}

impl Field for bool {
    const KIND: &'static str = "true or false";

    fn from_value(value: &Value) -> Option<bool> {
        if let Value::Flag(flag) = *value { Some(flag) } else { None }
    }
}

impl Field for Name {
    const KIND: &'static str = "a string";

    fn from_value(value: &Value) -> Option<Name> {
        if let Value::Text(text) = value { Some(text.clone()) } else { None }
    }
}

/// `null` is `None`.
impl<T: Field> Field for Option<T> {
    const KIND: &'static str = T::KIND;

    fn from_value(value: &Value) -> Option<Option<T>> {
        if *value == Value::Null { Some(None) } else { T::from_value(value).map(Some) }
    }
}

/// Writes what an iterator returns as a list.
pub(crate) struct Each<I>(pub(crate) I);

impl<I: Iterator<Item: Serialize> + Clone> Serialize for Each<I> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.clone())
    }
}
