//! Human-readable formats: the object that Keras writes.
//!
//! The fields are first kept in a small store, since the name of the class may come last. Then the
//! class takes those it knows, and what remains is unknown.

use core::fmt;
use core::marker::PhantomData;

use heapless::Vec;
use serde::de::{self, DeserializeOwned as Owned, DeserializeSeed, Error as _, IgnoredAny};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap};
use serde::{Deserialize, Deserializer, Serializer};

use crate::error::Error;
use crate::exchange::class::{Class, Refused, Sink, Source};
use crate::exchange::field::{Field, Name, Value};

/// The classes that Keras has. All others are in the module `microlr`.
const KERAS: [&str; 6] = [
    "ExponentialDecay",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "InverseTimeDecay",
    "CosineDecay",
    "CosineDecayRestarts",
];
/// More fields than any class has.
const FIELDS: usize = 12;
/// The key of the object in which serde_json puts a number, with its feature `arbitrary_precision`.
const NUMBER: &str = "$serde_json::private::Number";

struct Map<M>(M);

impl<M: SerializeMap> Sink for Map<M> {
    type Error = M::Error;

    fn put(&mut self, name: &'static str, value: &impl Serialize) -> Result<(), M::Error> {
        self.0.serialize_entry(name, value)
    }
}

struct Config<'a, C, A, B>(&'a C, PhantomData<(A, B)>);

impl<A, B, C: Class<A, B>> Serialize for Config<'_, C, A, B> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = Map(to.serialize_map(None)?);
        self.0.write(&mut map)?;
        map.0.end()
    }
}

pub(super) fn write<A, B, C: Class<A, B>, S: Serializer>(
    value: &C,
    to: S,
) -> Result<S::Ok, S::Error> {
    if let Some(number) = value.number() {
        return number.serialize(to);
    }
    let class = value.class();
    let keras = KERAS.contains(&class);
    let mut map = to.serialize_map(Some(4))?;
    map.serialize_entry("module", if keras { "keras.optimizers.schedules" } else { "microlr" })?;
    map.serialize_entry("class_name", class)?;
    map.serialize_entry("config", &Config(value, PhantomData))?;
    if keras {
        map.serialize_entry("registered_name", &())?;
    } else {
        map.serialize_entry("registered_name", &format_args!("microlr>{class}"))?;
    }
    map.end()
}

/// Reads a string and converts it.
struct Text<T>(fn(&str) -> T);

impl<'de, T> DeserializeSeed<'de> for Text<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<T, D::Error> {
        from.deserialize_str(self)
    }
}

impl<T> Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok((self.0)(text))
    }
}

/// The name, cut to its capacity.
fn name(text: &str) -> Name {
    let mut name = Name::new();
    let _cut = text.chars().try_for_each(|letter| name.push(letter));
    name
}

fn number(text: &str) -> Value {
    let float = |_| text.parse().map_or(Value::Other, Value::Float);
    text.parse().map_or_else(float, Value::Integer)
}

/// A list of at most `N + 1` elements.
struct List<const N: usize> {
    first: Option<Value>,
    after: Vec<Value, N>,
    overflows: bool,
}

/// Reads a value. If it is a list, its elements go to the list with this index.
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

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(name(text)))
    }

    fn visit_seq<S: SeqAccess<'de>>(mut self, mut elements: S) -> Result<Value, S::Error> {
        while let Some(element) = elements.next_element_seed(Seed::<N>(None, 0))? {
            match &mut self.0 {
                Some(list) if list.first.is_none() => list.first = Some(element),
                Some(list) => list.overflows |= list.after.push(element).is_err(),
                None => {}
            }
        }
        Ok(if self.0.is_some() { Value::List(self.1) } else { Value::Other })
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Value, M::Error> {
        let mut value = Value::Other;
        while let Some(key) = map.next_key_seed(Text(name))? {
            if key == NUMBER {
                value = map.next_value_seed(Text(number))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(value)
    }
}

/// The fields of an object, of which those in `inner` hold an `A` and a `B`.
struct Store<A, B, const FIELDS: usize, const N: usize> {
    class: &'static str,
    /// A field that was taken has no value.
    fields: Vec<(Name, Option<Value>), FIELDS>,
    lists: [List<N>; 2],
    inner: &'static [&'static str],
    first: Option<A>,
    second: Option<B>,
    fault: Option<Refused>,
}

impl<A, B, const FIELDS: usize, const N: usize> Store<A, B, FIELDS, N> {
    fn new(inner: &'static [&'static str]) -> Self {
        let lists = [(); 2].map(|()| List { first: None, after: Vec::new(), overflows: false });
        Self { class: "", fields: Vec::new(), lists, inner, first: None, second: None, fault: None }
    }

    fn take(&mut self, name: &'static str) -> Result<Option<Value>, Refused> {
        let mut found = self.fields.iter_mut().filter(|(key, _)| key == name);
        let value = found.next().and_then(|(_, value)| value.take());
        if found.next().is_some() { Err(Refused::Repeated(name)) } else { Ok(value) }
    }

    fn missing(&self, inner: usize) -> Refused {
        Refused::Missing(self.inner.get(inner).copied().unwrap_or_default())
    }

    /// Returns an error if a field remains. A name may remain; it is ignored.
    fn end(mut self) -> Result<(), Refused> {
        self.find::<Option<Name>>("name")?;
        let unknown = |(key, value): (Name, Option<Value>)| value.map(|_| Refused::Unknown(key));
        let mut unknown = self.fields.into_iter().filter_map(unknown);
        unknown.next().map_or(Ok(()), Err)
    }
}

impl<A, B, const FIELDS: usize, const N: usize> Source<A, B> for Store<A, B, FIELDS, N> {
    fn class(&self) -> &'static str {
        self.class
    }

    fn find<T: Field>(&mut self, name: &'static str) -> Result<Option<T>, Refused> {
        let kind = Refused::Kind(name, T::KIND);
        self.take(name)?.map(|value| T::from_value(&value).ok_or(kind)).transpose()
    }

    fn each<T: Field>(
        &mut self,
        name: &'static str,
        push: &mut impl FnMut(T) -> Result<(), Error>,
    ) -> Result<(), Refused> {
        let value = self.take(name)?.ok_or(Refused::Missing(name))?;
        let list = if let Value::List(index) = value { self.lists.get(index) } else { None };
        let list = list.ok_or(Refused::Kind(name, "a list"))?;
        for element in list.first.iter().chain(&list.after) {
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

impl<'de, A: Owned, B: Owned, const FIELDS: usize, const N: usize> Visitor<'de>
    for Store<A, B, FIELDS, N>
{
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the fields of a schedule")
    }

    fn visit_map<M: MapAccess<'de>>(mut self, mut map: M) -> Result<Self, M::Error> {
        let mut lists = 0;
        while let Some(key) = map.next_key_seed(Text(name))? {
            let fault = match self.inner.iter().enumerate().find(|(_, name)| key == **name) {
                Some((0, name)) => {
                    self.first.replace(map.next_value()?).map(|_| Refused::Repeated(name))
                }
                Some((_, name)) => {
                    self.second.replace(map.next_value()?).map(|_| Refused::Repeated(name))
                }
                None => {
                    let value = if key == NUMBER {
                        map.next_value_seed(Text(number))?
                    } else {
                        map.next_value_seed(Seed(self.lists.get_mut(lists), lists))?
                    };
                    lists += usize::from(matches!(value, Value::List(_)));
                    let surplus = self.fields.push((key, Some(value))).err();
                    surplus.map(|(key, _)| Refused::Unknown(key))
                }
            };
            self.fault = self.fault.or(fault);
        }
        Ok(self)
    }
}

/// The fields of a class.
struct Fields<A, B, C, const N: usize>(Store<A, B, FIELDS, N>, PhantomData<C>);

impl<'de, A: Owned, B: Owned, C: Class<A, B>, const N: usize> Deserialize<'de>
    for Fields<A, B, C, N>
{
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self(from.deserialize_map(Store::new(C::INNER))?, PhantomData))
    }
}

/// The object around them.
struct Object<A, B, C, const N: usize>(PhantomData<(A, B, C)>);

pub(super) fn read<
    'de,
    A: Owned,
    B: Owned,
    C: Class<A, B>,
    D: Deserializer<'de>,
    const N: usize,
>(
    from: D,
) -> Result<C, D::Error> {
    from.deserialize_any(Object::<A, B, C, N>(PhantomData))
}

impl<A: Owned, B: Owned, C: Class<A, B>, const N: usize> Object<A, B, C, N> {
    fn number<E: de::Error>(number: Value) -> Result<C, E> {
        C::from_number(&number).ok_or_else(|| E::custom("found a number, expected a schedule"))
    }

    fn read(
        mut object: Store<Fields<A, B, C, N>, (), 5, 0>,
        class: &'static str,
    ) -> Result<C, Refused> {
        for ignored in ["module", "registered_name"] {
            object.find::<Option<Name>>(ignored)?;
        }
        let mut fields = object.first()?.0;
        object.fault.take().or(fields.fault.take()).map_or(Ok(()), Err)?;
        object.end()?;
        fields.class = class;
        let schedule = C::read(&mut fields)?;
        fields.end()?;
        Ok(schedule)
    }
}

impl<'de, A: Owned, B: Owned, C: Class<A, B>, const N: usize> Visitor<'de> for Object<A, B, C, N> {
    type Value = C;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a schedule")
    }

    fn visit_u64<E: de::Error>(self, n: u64) -> Result<C, E> {
        Self::number(Value::Integer(n))
    }

    fn visit_i64<E: de::Error>(self, n: i64) -> Result<C, E> {
        Self::number(Value::Float(n as f64))
    }

    fn visit_f64<E: de::Error>(self, x: f64) -> Result<C, E> {
        Self::number(Value::Float(x))
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<C, M::Error> {
        let mut object = Store::new(&["config"]).visit_map(map)?;
        if let Ok(Some(number)) = object.take(NUMBER) {
            return Self::number(number);
        }
        let class: Name = object.get("class_name").map_err(M::Error::custom)?;
        let Some(known) = C::NAMES.iter().find(|name| class == **name) else {
            return Err(match C::NAMES {
                [expected] => M::Error::custom(format_args!("{expected}: the class is `{class}`")),
                _ => M::Error::custom(format_args!("unknown class `{class}`")),
            });
        };
        let custom = |refused| M::Error::custom(format_args!("{class}: {refused}"));
        Self::read(object, known).map_err(custom)
    }
}
