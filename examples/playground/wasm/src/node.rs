//! A schedule in adaptors in adaptors, whose shape is known at run time only.

use microlr::{
    AnySchedule, Bounced, Bounded, Delayed, Error, Jittered, PerEpoch, Plus, Repeated, Scaled,
    Schedule, Sequence, Switched, Then, Times, WarmedUp,
};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// The capacity of lists, and of a `Sequence` in pieces.
const CAPACITY: usize = 64;

macro_rules! node {
    ($($adaptor:ident<$($parameter:ty),*>)*) => {
        /// Any schedule, or an adaptor that holds nodes.
        pub enum Node {
            Any(Box<AnySchedule<f32, CAPACITY>>),
            $($adaptor(Box<$adaptor<$($parameter),*>>),)*
        }

        impl Schedule for Node {
            type Rate = f32;

            fn lr(&self, step: u32) -> f32 {
                match self {
                    Self::Any(schedule) => schedule.lr(step),
                    $(Self::$adaptor(schedule) => schedule.lr(step),)*
                }
            }

            fn validate(&self) -> Result<(), Error> {
                match self {
                    Self::Any(schedule) => schedule.validate(),
                    $(Self::$adaptor(schedule) => schedule.validate(),)*
                }
            }
        }

        impl Serialize for Node {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                match self {
                    Self::Any(schedule) => schedule.serialize(to),
                    $(Self::$adaptor(schedule) => schedule.serialize(to),)*
                }
            }
        }

        /// Reads a `Value`, since its class decides on the type.
        fn read(value: Value) -> serde_json::Result<Node> {
            match value["class_name"].as_str() {
                $(Some(stringify!($adaptor)) => {
                    serde_json::from_value(value).map(Box::new).map(Node::$adaptor)
                })*
                Some("Sequence") => read(nested(value)?),
                _ => serde_json::from_value(value).map(Box::new).map(Node::Any),
            }
        }
    };
}

node! {
    Bounced<Node>
    Bounded<Node, f32>
    Delayed<Node>
    Jittered<Node, f32>
    PerEpoch<Node>
    Plus<Node, Node>
    Repeated<Node>
    Scaled<Node, f32>
    Switched<Node, Node>
    Then<Node, Node>
    Times<Node, Node>
    WarmedUp<Node, f32>
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read(Value::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// A sequence as `first.then(a, second.then(b - a, third))`, which has the same rates and can be
/// in a `static`.
fn nested(sequence: Value) -> serde_json::Result<Value> {
    let _checked: Sequence<Node, CAPACITY> = serde_json::from_value(sequence.clone())?;
    let pieces = sequence["config"]["pieces"].as_array().into_iter().flatten().rev();
    let nested = pieces.fold(None, |after: Option<(u64, Value)>, piece| {
        let start = piece[0].as_u64().unwrap_or_default();
        let value = match after {
            None => piece[1].clone(),
            Some((end, next)) => serde_json::json!({
                "class_name": "Then",
                "config": { "first": piece[1], "at": end - start, "next": next },
            }),
        };
        Some((start, value))
    });
    Ok(nested.map_or(Value::Null, |(_, value)| value))
}
