//! Binary formats: the class if there are several, and the values in their order.

use core::convert::Infallible;
use core::fmt;
use core::marker::PhantomData;

use serde::de::{DeserializeOwned, DeserializeSeed, Error as _, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeTuple};
use serde::{Deserializer, Serializer};

use super::{Classes, Field, Refused, Sink, Source, name};
use crate::error::Error;

/// More values than any class has. A reader takes as many as it needs.
const MOST: usize = 16;

struct Count(usize);

impl Sink for Count {
    type Error = Infallible;

    fn put(&mut self, _: &'static str, _: &impl Serialize) -> Result<(), Infallible> {
        self.0 += 1;
        Ok(())
    }
}

struct Tuple<T>(T);

impl<T: SerializeTuple> Sink for Tuple<T> {
    type Error = T::Error;

    fn put(&mut self, _: &'static str, value: &impl Serialize) -> Result<(), T::Error> {
        self.0.serialize_element(value)
    }
}

pub(super) fn write<A, B, C: Classes<A, B>, S: Serializer>(
    value: &C,
    to: S,
) -> Result<S::Ok, S::Error> {
    let several = C::NAMES.len() > 1;
    let mut count = Count(several.into());
    let Ok(()) = value.write_fields(&mut count);
    let mut tuple = to.serialize_tuple(count.0)?;
    if several {
        tuple.serialize_element(&(value.class() as u8))?;
    }
    let mut tuple = Tuple(tuple);
    value.write_fields(&mut tuple)?;
    tuple.0.end()
}

struct Values<S, E> {
    values: S,
    failed: Option<E>,
}

impl<'de, S: SeqAccess<'de>> Values<S, S::Error> {
    fn next<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Refused> {
        self.values.next_element_seed(seed).map_err(|error| {
            self.failed = Some(error);
            Refused::Format
        })
    }

    fn inner<T: DeserializeOwned>(&mut self) -> Result<T, Refused> {
        self.next(PhantomData)?.ok_or(Refused::Missing("schedule"))
    }
}

impl<'de, A, B, S> Source<A, B> for Values<S, S::Error>
where
    A: DeserializeOwned,
    B: DeserializeOwned,
    S: SeqAccess<'de>,
{
    fn find<T: Field>(&mut self, _: &'static str) -> Result<Option<T>, Refused> {
        self.next(PhantomData)
    }

    fn each<T: Field>(
        &mut self,
        name: &'static str,
        push: &mut impl FnMut(T) -> Result<(), Error>,
    ) -> Result<(), Refused> {
        self.next(List(push, PhantomData))?.ok_or(Refused::Missing(name))?.map_err(Refused::Invalid)
    }

    fn first(&mut self) -> Result<A, Refused> {
        self.inner()
    }

    fn second(&mut self) -> Result<B, Refused> {
        self.inner()
    }
}

struct List<'a, P, T>(&'a mut P, PhantomData<T>);

impl<'de, T: Field, P: FnMut(T) -> Result<(), Error>> DeserializeSeed<'de> for List<'_, P, T> {
    type Value = Result<(), Error>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de, T: Field, P: FnMut(T) -> Result<(), Error>> Visitor<'de> for List<'_, P, T> {
    type Value = Result<(), Error>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut elements: S) -> Result<Self::Value, S::Error> {
        while let Some(element) = elements.next_element()? {
            // The first error ends the list, however long it claims to be.
            if let Err(error) = (self.0)(element) {
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }
}

struct Reader<A, B, C>(PhantomData<(A, B, C)>);

pub(super) fn read<'de, A, B, C, D>(from: D) -> Result<C, D::Error>
where
    A: DeserializeOwned,
    B: DeserializeOwned,
    C: Classes<A, B>,
    D: Deserializer<'de>,
{
    from.deserialize_tuple(MOST, Reader(PhantomData))
}

impl<'de, A, B, C> Visitor<'de> for Reader<A, B, C>
where
    A: DeserializeOwned,
    B: DeserializeOwned,
    C: Classes<A, B>,
{
    type Value = C;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the values of a schedule")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut values: S) -> Result<C, S::Error> {
        let class = if C::NAMES.len() > 1 {
            let class = values.next_element::<u8>()?.map_or(usize::MAX, usize::from);
            C::NAMES.get(class).ok_or_else(|| S::Error::custom("unknown class"))?;
            class
        } else {
            0
        };
        let mut values = Values { values, failed: None };
        C::read_class(class, &mut values).map_err(|refused| {
            let described =
                |()| S::Error::custom(format_args!("{}: {refused}", name::<A, B, C>(class)));
            values.failed.take().unwrap_or_else(|| described(()))
        })
    }
}
