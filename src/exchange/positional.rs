//! Binary formats: the class if there are several, and the values in their order.

use core::convert::Infallible;
use core::fmt;
use core::marker::PhantomData;

use serde::de::{DeserializeOwned as Owned, DeserializeSeed, Error as _, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeTuple};
use serde::{Deserializer, Serializer};

use crate::error::Error;
use crate::exchange::class::{Class, Refused, Sink, Source};
use crate::exchange::field::Field;

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

pub(super) fn write<A, B, C: Class<A, B>, S: Serializer>(
    value: &C,
    to: S,
) -> Result<S::Ok, S::Error> {
    let several = C::NAMES.len() > 1;
    let mut count = Count(several.into());
    let Ok(()) = value.write(&mut count);
    let mut tuple = Tuple(to.serialize_tuple(count.0)?);
    if several {
        let class = C::NAMES.iter().position(|name| *name == value.class());
        tuple.put("class", &(class.unwrap_or_default() as u8))?;
    }
    value.write(&mut tuple)?;
    tuple.0.end()
}

pub(super) fn read<'de, A: Owned, B: Owned, C: Class<A, B>, D: Deserializer<'de>>(
    from: D,
) -> Result<C, D::Error> {
    from.deserialize_tuple(MOST, Reader(PhantomData))
}

struct Reader<A, B, C>(PhantomData<(A, B, C)>);

impl<'de, A: Owned, B: Owned, C: Class<A, B>> Visitor<'de> for Reader<A, B, C> {
    type Value = C;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the values of a schedule")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut values: S) -> Result<C, S::Error> {
        let several = C::NAMES.len() > 1;
        let index = if several { values.next_element::<u8>()? } else { Some(0) };
        let class = index.and_then(|index| C::NAMES.get(usize::from(index)));
        let class = *class.ok_or_else(|| S::Error::custom("unknown class"))?;
        let mut values = Values { class, values, failed: None };
        C::read(&mut values).map_err(|refused| {
            let custom = |()| S::Error::custom(format_args!("{class}: {refused}"));
            values.failed.unwrap_or_else(|| custom(()))
        })
    }
}

struct Values<S, E> {
    class: &'static str,
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
}

impl<'de, A: Owned, B: Owned, S: SeqAccess<'de>> Source<A, B> for Values<S, S::Error> {
    fn class(&self) -> &'static str {
        self.class
    }

    fn find<T: Field>(&mut self, _: &'static str) -> Result<Option<T>, Refused> {
        self.next(PhantomData)
    }

    fn each<T: Field>(
        &mut self,
        name: &'static str,
        push: &mut impl FnMut(T) -> Result<(), Error>,
    ) -> Result<(), Refused> {
        let list = self.next(List(push, PhantomData))?;
        list.ok_or(Refused::Missing(name))?.map_err(Refused::Invalid)
    }

    fn first(&mut self) -> Result<A, Refused> {
        self.next(PhantomData)?.ok_or(Refused::Missing("first schedule"))
    }

    fn second(&mut self) -> Result<B, Refused> {
        self.next(PhantomData)?.ok_or(Refused::Missing("second schedule"))
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
