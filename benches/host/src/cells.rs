//! The rows: every schedule of the catalogue, and the training of examples/quickstart.rs.

use std::hint::black_box;

use microlr::{ExponentialDecay, LogisticNeuron, Schedule, Sgd};

#[cfg(feature = "burn")]
use crate::burn;
use crate::catalogue::{self, Entry, Number, Visitor};
use crate::{Cell, Row};

/// The instances that are shown, and each schedule's first.
const INSTANCES: [&str; 8] =
    ["smooth", "linear", "squared", "root", "floor", "warm-up", "equal", "growing"];

#[cfg(not(feature = "burn"))]
mod burn {
    pub(super) fn schedule(_: &str) -> Option<crate::Cell> {
        None
    }
    pub(super) fn training() -> Option<crate::Cell> {
        None
    }
}

/// The heads of the tables and their rows.
pub(crate) fn tables() -> [(&'static str, Vec<Row>); 2] {
    let mut rates = Rates::default();
    catalogue::visit(&mut rates);
    let training =
        vec![burn::training(), Some(by_hand()), Some(training::<f64>()), Some(training::<f32>())];
    [
        ("| instructions per rate | burn f64 | f64 | f32 |", rates.0),
        (
            "| instructions per update | burn f32 | by hand, f64 | f64 | f32 |",
            vec![("OR of three inputs, batch of 8".into(), training)],
        ),
    ]
}

#[derive(Default)]
struct Rates(Vec<Row>);

impl Visitor for Rates {
    fn visit<E: Entry>(&mut self) {
        for (place, (instance, p)) in E::INSTANCES.iter().enumerate() {
            if place == 0 || INSTANCES.contains(instance) {
                let name = format!("{}, {instance}", E::NAME);
                let ours = [lr(E::unchecked(p)), lr(E::unchecked(&p.to::<f32>()))];
                let cells = [burn::schedule(&name)].into_iter().chain(ours.map(Some));
                self.0.push((name, cells.collect()));
            }
        }
    }
}

/// The schedule is hidden from the optimiser before every call: in a training other work lies
/// between two rates, and nothing of one is reused for the next.
fn lr<S: Schedule<Rate: Number> + 'static>(schedule: S) -> Cell {
    Box::new(move |rates| {
        for (step, rate) in (0..).zip(rates) {
            *rate = Number::to_f64(black_box(&schedule).lr(step));
        }
    })
}

const SAMPLES: usize = 8;

/// The rows `000` to `111` in counting order, and whether any of the three is 1.
pub(crate) fn samples<T: From<f32>>() -> ([[T; 3]; SAMPLES], [T; SAMPLES]) {
    let bit = |set: bool| T::from(u8::from(set).into());
    let xs = std::array::from_fn(|row| [4, 2, 1].map(|mask| bit(row & mask != 0)));
    (xs, std::array::from_fn(|row| bit(row != 0)))
}

fn training<F: Number + From<f32>>() -> Cell {
    let (xs, ys) = samples::<F>();
    let schedule = ExponentialDecay::new(F::from_f64(0.1), 5, F::from_f64(0.95)).staircase();
    Box::new(move |losses| {
        let mut neuron = LogisticNeuron::<F, 3>::zeroed();
        let mut sgd = Sgd::new(&schedule);
        for loss in losses {
            let report = sgd.step_batch(&mut neuron, &xs, &ys);
            *loss = report.map_or(f64::NAN, |report| Number::to_f64(report.loss));
        }
    })
}

/// What one writes without a library: the same numbers, without any check.
fn by_hand() -> Cell {
    let (xs, ys) = samples::<f64>();
    Box::new(move |losses| {
        let (mut weights, mut bias) = ([0.0; 3], 0.0);
        for (step, loss) in losses.iter_mut().enumerate() {
            let lr = 0.1 * 0.95_f64.powi(step as i32 / 5);
            let mut gradient = [0.0; 4];
            *loss = 0.0;
            for (x, y) in xs.iter().zip(&ys) {
                let logit = weights.iter().zip(x).map(|(w, x)| w * x).sum::<f64>() + bias;
                let against = (-logit.abs()).exp();
                let probability = if logit >= 0.0 { 1.0 } else { against } / (1.0 + against);
                for (gradient, x) in gradient.iter_mut().zip(x.iter().chain(&[1.0])) {
                    *gradient += (probability - y) * x;
                }
                *loss += logit.max(0.0) - logit * y + against.ln_1p();
            }
            *loss /= SAMPLES as f64;
            for (weight, gradient) in weights.iter_mut().chain([&mut bias]).zip(gradient) {
                *weight -= lr * gradient / SAMPLES as f64;
            }
        }
    })
}
