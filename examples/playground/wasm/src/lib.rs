//! What the page calls: a schedule from JSON, its rates, and what is written for the firmware.

#[path = "../../../declaration/mod.rs"]
mod declaration;
mod edges;
mod node;

use declaration::{capacity, declaration, object, type_of};
use microlr::{LogisticNeuron, Schedule, Sgd, from_fn};
use node::Node;
use serde_json::Value;
use wasm_bindgen::prelude::wasm_bindgen;

/// At most this many updates are made for the picture of the loss.
const UPDATES: u32 = 3000;

/// A schedule, with adaptors around it.
#[wasm_bindgen]
pub struct Curve {
    schedule: Node,
    /// What it is written as.
    object: Value,
}

#[wasm_bindgen]
impl Curve {
    /// From the library's JSON, or from a file of Keras; the optimizer may be around the schedule.
    /// The error is a sentence.
    #[wasm_bindgen(constructor)]
    pub fn new(json: &str) -> Result<Curve, String> {
        let read = || -> serde_json::Result<Node> {
            let mut value: Value = serde_json::from_str(json)?;
            if value["class_name"] != "Constant"
                && let Some(inside) = value.pointer_mut("/config/learning_rate")
            {
                value = inside.take();
            }
            serde_json::from_value(value)
        };
        let schedule = read().map_err(|error| error.to_string())?;
        Ok(Self { object: object(&schedule)?, schedule })
    }

    /// The schedule as Keras writes it, with every option.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(&self.schedule).unwrap_or_default()
    }

    pub fn lr(&self, step: u32) -> f32 {
        self.schedule.lr(step)
    }

    /// About `most` steps from `from` to `to`, among them both sides of every edge.
    pub fn steps(&self, from: u32, to: u32, most: u32) -> Vec<u32> {
        edges::sample(&self.object, from, to, most)
    }

    pub fn rates(&self, steps: &[u32]) -> Vec<f32> {
        steps.iter().map(|step| self.schedule.lr(*step)).collect()
    }

    /// The loss of the three-input gate's neuron. Update k takes the rate of step k · `stride`.
    pub fn losses(&self, last: u32) -> Vec<f32> {
        let stride = self.stride(last);
        let xs: [[f32; 3]; 8] =
            core::array::from_fn(|row| core::array::from_fn(|bit| (row >> bit & 1) as f32));
        let ys: [f32; 8] = core::array::from_fn(|row| if row > 0 { 1.0 } else { 0.0 });
        let mut neuron = LogisticNeuron::zeroed();
        let mut sgd = Sgd::new(from_fn(|update: u32| self.schedule.lr(update * stride)));
        (0..=last / stride)
            .map_while(|_| sgd.step_batch(&mut neuron, &xs, &ys).ok())
            .map(|report| report.loss)
            .collect()
    }

    /// The distance of two steps whose rates the neuron takes.
    pub fn stride(&self, last: u32) -> u32 {
        last / UPDATES + 1
    }

    /// postcard's bytes.
    pub fn bytes(&self) -> Vec<u8> {
        postcard::to_allocvec(&self.schedule).unwrap_or_default()
    }

    /// The type of which these are the bytes: `WarmedUp<AnySchedule<f32, 0>, f32>`.
    pub fn received(&self) -> String {
        let capacity = capacity(&self.object);
        type_of(&self.object, &|_| format!("AnySchedule<f32, {capacity}>"))
    }

    /// `static SCHEDULE: ... = ...;`
    pub fn declaration(&self) -> Result<String, String> {
        declaration(&self.schedule)
    }
}
