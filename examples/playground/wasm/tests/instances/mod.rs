//! Every instance of the catalogue, but functions: they are no data.

#[path = "../../../../../tests/catalogue/mod.rs"]
mod catalogue;

use std::any::Any;

use catalogue::{Entry, Visitor, visit};
use microlr::{
    AnySchedule, Bounced, Bounded, CosineAnnealing, CosineDecay, CosineDecayRestarts, Cyclic,
    Delayed, ExponentialDecay, FromFn, Interpolated, InversePowerDecay, InverseTimeDecay, Jittered,
    Linear, OneCycle, PerEpoch, PiecewiseConstantDecay, Plus, PolynomialDecay, RandomUniform,
    Repeated, Scaled, Schedule, Sequence, Switched, Then, Times, WarmedUp, WarmupStableDecay,
};

#[allow(dead_code, reason = "the tests need no names")]
/// The schedule is that of the library, not one that was read from the text.
pub struct Instance {
    pub name: &'static str,
    pub instance: &'static str,
    pub json: String,
    pub edges: [u32; 4],
    pub schedule: Box<dyn Schedule<Rate = f32>>,
}

/// What the library writes for a schedule of one of these types.
macro_rules! written {
    ($schedule:expr, $($type:ty),*) => {
        None$(.or_else(|| $schedule.downcast_ref::<$type>().map(serde_json::to_string)))*
    };
}

pub fn instances() -> Vec<Instance> {
    struct Collected(Vec<Instance>);
    impl Visitor for Collected {
        fn visit<E: Entry>(&mut self) {
            for (instance, parameters) in E::INSTANCES {
                let schedule = E::build::<f32>(&parameters.to()).expect(instance);
                let json = json(&schedule).unwrap_or_else(|| panic!("{} has no type", E::NAME));
                let edges = E::edges::<f32>(&parameters.to());
                let (name, schedule) = (E::NAME, Box::new(schedule));
                if !json.is_empty() {
                    self.0.push(Instance { name, instance, json, edges, schedule });
                }
            }
        }
    }
    let mut collected = Collected(Vec::new());
    visit(&mut collected);
    collected.0
}

/// Empty for a function.
fn json(schedule: &dyn Any) -> Option<String> {
    if schedule.is::<FromFn<fn(u32) -> f32>>() {
        return Some(String::new());
    }
    let written = written!(
        schedule,
        f32,
        ExponentialDecay<f32>,
        PiecewiseConstantDecay<f32, 3>,
        PolynomialDecay<f32>,
        InverseTimeDecay<f32>,
        CosineDecay<f32>,
        CosineDecayRestarts<f32>,
        Linear<f32>,
        CosineAnnealing<f32>,
        OneCycle<f32>,
        Cyclic<f32>,
        InversePowerDecay<f32>,
        WarmupStableDecay<f32>,
        Interpolated<f32, 3>,
        RandomUniform<f32>,
        Then<PolynomialDecay<f32>, CosineDecay<f32>>,
        Scaled<CosineDecay<f32>, f32>,
        Delayed<ExponentialDecay<f32>>,
        Switched<PolynomialDecay<f32>, ExponentialDecay<f32>>,
        Bounded<CosineDecay<f32>, f32>,
        Plus<CosineDecay<f32>, InverseTimeDecay<f32>>,
        Times<CosineDecay<f32>, PolynomialDecay<f32>>,
        WarmedUp<CosineDecay<f32>, f32>,
        PerEpoch<CosineDecay<f32>>,
        Repeated<CosineDecay<f32>>,
        Bounced<CosineDecay<f32>>,
        Jittered<CosineDecay<f32>, f32>,
        AnySchedule<f32, 8>,
        Sequence<AnySchedule<f32, 8>, 4>
    );
    written.map(|text| text.expect("a valid schedule"))
}
