//! What must hold for whatever was read. The fuzzers in tests/fuzz use it too.

use std::fmt::Debug;

use microlr::{AnySchedule, Delayed, Scaled, Schedule, Then};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) type Chosen = AnySchedule<f32, 8>;
pub(crate) type Warm = Then<Chosen, Delayed<Scaled<Chosen, f32>>>;

/// A schedule that was read is valid, has rates, and comes back from what it is written as.
pub(crate) fn check<S>(read: Option<S>)
where
    S: Schedule<Rate = f32> + Serialize + DeserializeOwned + PartialEq + Debug,
{
    let Some(schedule) = read else { return };
    assert_eq!(schedule.validate(), Ok(()));
    for step in [0, 1, 9, 10, 11, 100, 501, 1 << 24, u32::MAX] {
        schedule.lr(step);
    }
    let text = serde_json::to_string(&schedule).expect("finite");
    assert_eq!(serde_json::from_str::<S>(&text).expect(&text), schedule, "{text}");
    let bytes = postcard::to_stdvec(&schedule).expect("no limit");
    assert_eq!(postcard::from_bytes::<S>(&bytes).expect(&text), schedule, "{bytes:?}");
}
