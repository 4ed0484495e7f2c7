//! Human-readable formats: the object that Keras writes.
//!
//! The fields are first kept in a small store, since the name of the class may come last. Then the
//! class takes those it knows, and what remains is unknown.

use core::fmt;
use core::marker::PhantomData;

use heapless::{String, Vec};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess,
    Unexpected, Visitor,
};
use serde::ser::{Serialize, SerializeMap};
use serde::{Deserialize, Deserializer, Serializer};

use super::field::Value;
use super::{Classes, Field, KERAS, Refused, Sink, Source, name};
use crate::error::Error;

/// More fields than any class has.
const FIELDS: usize = 12;

struct Map<M>(M);

impl<M: SerializeMap> Sink for Map<M> {
    type Error = M::Error;

    fn put(&mut self, name: &'static str, value: &impl Serialize) -> Result<(), M::Error> {
        self.0.serialize_entry(name, value)
    }
}

struct Config<'a, C, A, B>(&'a C, PhantomData<(A, B)>);

impl<A, B, C: Classes<A, B>> Serialize for Config<'_, C, A, B> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = Map(to.serialize_map(None)?);
        self.0.write_fields(&mut map)?;
        map.0.end()
    }
}

pub(super) fn write<A, B, C: Classes<A, B>, S: Serializer>(
    value: &C,
    to: S,
) -> Result<S::Ok, S::Error> {
    if let Some(number) = value.number() {
        return number.serialize(to);
    }
    let class = name::<A, B, C>(value.class());
    let keras = KERAS.contains(&class);
    let mut map = to.serialize_map(Some(4))?;
    map.serialize_entry("module", if keras { "keras.optimizers.schedules" } else { "microlr" })?;
    map.serialize_entry("class_name", class)?;
    map.serialize_entry("config", &Config(value, PhantomData))?;
    if keras {
        map.serialize_entry("registered_name", &None::<&str>)?;
    } else {
        map.serialize_entry("registered_name", &format_args!("microlr>{class}"))?;
    }
    map.end()
}

/// The beginning of a name. It is longer than any that is known, so a name that was cut is unknown.
#[derive(PartialEq)]
struct Name(String<32>);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_str<E>(self, text: &str) -> Result<Name, E> {
                let mut name = String::new();
                let _full = text.chars().try_for_each(|letter| name.push(letter));
                Ok(Name(name))
            }
        }

        from.deserialize_str(Text)
    }
}

/// The key of the object in which serde_json puts a number, with its feature `arbitrary_precision`.
const NUMBER: &str = "$serde_json::private::Number";

/// The value of that key: a string.
struct Number(Value);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Digits;

        impl Visitor<'_> for Digits {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_str<E>(self, text: &str) -> Result<Number, E> {
                let float = || text.parse().map_or(Value::Other, Value::Float);
                Ok(Number(text.parse().map_or_else(|_| float(), Value::Integer)))
            }
        }

        from.deserialize_str(Digits)
    }
}

/// A list of at most `N + 1` elements.
struct List<const N: usize> {
    first: Option<Value>,
    after: Vec<Value, N>,
    overflows: bool,
}

impl<const N: usize> List<N> {
    const EMPTY: Self = Self { first: None, after: Vec::new(), overflows: false };

    fn push(&mut self, value: Value) {
        if self.first.is_none() {
            self.first = Some(value);
        } else {
            self.overflows |= self.after.push(value).is_err();
        }
    }
}

/// Reads a value, whose elements go to the list if it is one.
struct Seed<'a, const N: usize>(Option<&'a mut List<N>>, usize);

impl<'de, const N: usize> DeserializeSeed<'de> for Seed<'_, N> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de, const N: usize> Visitor<'de> for Seed<'_, N> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_u64<E>(self, n: u64) -> Result<Value, E> {
        Ok(Value::Integer(n))
    }

    fn visit_i64<E>(self, n: i64) -> Result<Value, E> {
        Ok(u64::try_from(n).map_or(Value::Float(n as f64), Value::Integer))
    }

    fn visit_f64<E>(self, x: f64) -> Result<Value, E> {
        Ok(Value::Float(x))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Flag(flag))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_str<E>(self, _: &str) -> Result<Value, E> {
        Ok(Value::Text)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut elements: S) -> Result<Value, S::Error> {
        let Some(list) = self.0 else {
            while elements.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Value::Other);
        };
        while let Some(element) = elements.next_element_seed(Seed::<N>(None, 0))? {
            list.push(element);
        }
        Ok(Value::List(self.1))
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Value, M::Error> {
        let mut value = Value::Other;
        while let Some(key) = map.next_key::<Name>()? {
            if key.0 == NUMBER {
                value = map.next_value::<Number>()?.0;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(value)
    }
}

/// A field and what is wrong with it, kept until the class is known.
type Fault = (Name, &'static str);

const REPEATED: &str = "is given twice";
const UNKNOWN: &str = "is an unknown field";

/// What a config holds.
struct Store<A, B, const N: usize> {
    /// A field that was taken has no value.
    fields: Vec<(Name, Option<Value>), FIELDS>,
    lists: [List<N>; 2],
    inner: &'static [&'static str],
    first: Option<A>,
    second: Option<B>,
    fault: Option<Fault>,
}

impl<A, B, const N: usize> Store<A, B, N> {
    fn new(inner: &'static [&'static str]) -> Self {
        let lists = [List::EMPTY; 2];
        Self { fields: Vec::new(), lists, inner, first: None, second: None, fault: None }
    }

    fn take(&mut self, name: &'static str) -> Result<Option<Value>, Refused> {
        let mut found = self.fields.iter_mut().filter(|(key, _)| key.0 == name);
        let value = found.next().and_then(|(_, value)| value.take());
        if found.next().is_some() { Err(Refused::Repeated(name)) } else { Ok(value) }
    }

    fn missing(&self, inner: usize) -> Refused {
        Refused::Missing(self.inner.get(inner).copied().unwrap_or_default())
    }
}

impl<A, B, const N: usize> Source<A, B> for Store<A, B, N> {
    fn find<T: Field>(&mut self, name: &'static str) -> Result<Option<T>, Refused> {
        let kind = Refused::Kind(name, T::KIND);
        self.take(name)?.map(|value| T::from_value(value).ok_or(kind)).transpose()
    }

    fn each<T: Field>(
        &mut self,
        name: &'static str,
        push: &mut impl FnMut(T) -> Result<(), Error>,
    ) -> Result<(), Refused> {
        let value = self.take(name)?.ok_or(Refused::Missing(name))?;
        let list = if let Value::List(index) = value { self.lists.get(index) } else { None };
        let list = list.ok_or(Refused::Kind(name, "a list"))?;
        for &element in list.first.iter().chain(&list.after) {
            push(T::from_value(element).ok_or(Refused::Element(name, T::KIND))?)?;
        }
        if list.overflows { Err(Error::TooMany(name).into()) } else { Ok(()) }
    }

    fn first(&mut self) -> Result<A, Refused> {
        self.first.take().ok_or(self.missing(0))
    }

    fn second(&mut self) -> Result<B, Refused> {
        self.second.take().ok_or(self.missing(1))
    }
}

impl<'de, A, B, const N: usize> DeserializeSeed<'de> for Store<A, B, N>
where
    A: DeserializeOwned,
    B: DeserializeOwned,
{
    type Value = Self;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de, A, B, const N: usize> Visitor<'de> for Store<A, B, N>
where
    A: DeserializeOwned,
    B: DeserializeOwned,
{
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the fields of a schedule")
    }

    fn visit_map<M: MapAccess<'de>>(mut self, mut map: M) -> Result<Self, M::Error> {
        let mut lists = 0;
        while let Some(key) = map.next_key::<Name>()? {
            let fault = match self.inner.iter().position(|name| key.0 == *name) {
                Some(0) => self.first.replace(map.next_value()?).map(|_| (key, REPEATED)),
                Some(_) => self.second.replace(map.next_value()?).map(|_| (key, REPEATED)),
                None => {
                    let value = map.next_value_seed(Seed(self.lists.get_mut(lists), lists))?;
                    lists += usize::from(matches!(value, Value::List(_)));
                    let kept = self.fields.push((key, Some(value)));
                    kept.err().map(|(key, _)| (key, "is one field too many"))
                }
            };
            self.fault = self.fault.or(fault);
        }
        Ok(self)
    }
}

struct Object<A, B, C, const N: usize>(PhantomData<(A, B, C)>);

pub(super) fn read<'de, A, B, C, D, const N: usize>(from: D) -> Result<C, D::Error>
where
    A: DeserializeOwned,
    B: DeserializeOwned,
    C: Classes<A, B>,
    D: Deserializer<'de>,
{
    from.deserialize_any(Object::<A, B, C, N>(PhantomData))
}

impl<'de, A, B, C, const N: usize> Visitor<'de> for Object<A, B, C, N>
where
    A: DeserializeOwned,
    B: DeserializeOwned,
    C: Classes<A, B>,
{
    type Value = C;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a schedule")
    }

    fn visit_u64<E: de::Error>(self, n: u64) -> Result<C, E> {
        let unexpected = || E::invalid_type(Unexpected::Unsigned(n), &self);
        C::from_number(Value::Integer(n)).ok_or_else(unexpected)
    }

    fn visit_i64<E: de::Error>(self, n: i64) -> Result<C, E> {
        self.visit_f64(n as f64)
    }

    fn visit_f64<E: de::Error>(self, x: f64) -> Result<C, E> {
        let unexpected = || E::invalid_type(Unexpected::Float(x), &self);
        C::from_number(Value::Float(x)).ok_or_else(unexpected)
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<C, M::Error> {
        let (mut class, mut config) = (None, None);
        let (mut seen, mut fault) = (Vec::<Name, 5>::new(), None);
        while let Some(key) = map.next_key::<Name>()? {
            let mut problem = seen.contains(&key).then_some(REPEATED);
            match key.0.as_str() {
                "class_name" => class = Some(map.next_value::<Name>()?.0),
                "config" => config = Some(map.next_value_seed(Store::<A, B, N>::new(C::INNER))?),
                "module" | "registered_name" | "name" => {
                    match map.next_value_seed(Seed::<0>(None, 0))? {
                        Value::Text | Value::Null => {}
                        _ => problem = Some("must be a string or null"),
                    }
                }
                NUMBER => {
                    let number = C::from_number(map.next_value::<Number>()?.0);
                    return number.ok_or_else(|| M::Error::custom("a number is no schedule"));
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    problem = Some(UNKNOWN);
                }
            }
            match problem {
                Some(problem) => fault = fault.or(Some((key, problem))),
                // There is room for the five names that are known.
                None => drop(seen.push(key)),
            }
        }
        let class = class.ok_or_else(|| M::Error::custom("`class_name` is missing"))?;
        let Some(index) = C::NAMES.iter().position(|name| class == *name) else {
            return Err(match C::NAMES {
                [expected] => M::Error::custom(format_args!("{expected}: the class is `{class}`")),
                _ => M::Error::custom(format_args!("unknown class `{class}`")),
            });
        };
        let refused = |refused| M::Error::custom(format_args!("{class}: {refused}"));
        let mut config = config.ok_or_else(|| refused(Refused::Missing("config")))?;
        if let Some((field, problem)) = fault.or(config.fault.take()) {
            return Err(M::Error::custom(format_args!("{class}: `{}` {problem}", field.0)));
        }
        let schedule = C::read_class(index, &mut config).map_err(refused)?;
        match config.take("name").map_err(refused)? {
            None | Some(Value::Text | Value::Null) => {}
            Some(_) => return Err(refused(Refused::Kind("name", "a string or null"))),
        }
        match config.fields.iter().find(|(_, value)| value.is_some()) {
            None => Ok(schedule),
            Some((field, _)) => {
                Err(M::Error::custom(format_args!("{class}: `{}` {UNKNOWN}", field.0)))
            }
        }
    }
}
