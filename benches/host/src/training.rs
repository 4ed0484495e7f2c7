//! The notebook's training: three inputs, their OR, all eight rows at once, 500 updates.

use burn::backend::{Autodiff, NdArray};
use burn::lr_scheduler::LrScheduler;
use burn::lr_scheduler::step::StepLrSchedulerConfig;
use burn::module::Param;
use burn::nn::loss::BinaryCrossEntropyLossConfig;
use burn::nn::{Linear, LinearConfig};
use burn::optim::{GradientsParams, Optimizer, SgdConfig};
use burn::tensor::{ElementConversion, Int, Tensor};
use microlr::{ExponentialDecay, Float, LogisticNeuron, Sgd};

use crate::{Cell, Row, Table};

const SAMPLES: usize = 8;

/// Rows `000` to `111` in counting order, and whether any of the three is 1.
fn samples<T: From<f32>>() -> ([[T; 3]; SAMPLES], [T; SAMPLES]) {
    let bit = |set: bool| T::from(u8::from(set).into());
    let xs = std::array::from_fn(|row| [4, 2, 1].map(|mask| bit(row & mask != 0)));
    (xs, std::array::from_fn(|row| bit(row != 0)))
}

fn microlr<F: Float + From<f32> + Into<f64>>(
    initial_learning_rate: F,
    decay_rate: F,
) -> Option<Cell> {
    let (xs, ys) = samples::<F>();
    let schedule = ExponentialDecay::new(initial_learning_rate, 5, decay_rate).staircase();
    Some(Box::new(move |losses| {
        let mut neuron = LogisticNeuron::<F, 3>::zeroed();
        let mut sgd = Sgd::new(&schedule);
        for loss in losses {
            let report = sgd.step_batch(&mut neuron, &xs, &ys);
            *loss = report.map_or(f64::NAN, |report| report.loss.into());
        }
    }))
}

/// What one writes without a library: no check, but the same numbers.
fn by_hand() -> Option<Cell> {
    let (xs, ys) = samples::<f64>();
    Some(Box::new(move |losses| {
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
    }))
}

type Engine = Autodiff<NdArray<f32>>;

fn burn() -> Option<Cell> {
    let device = Default::default();
    let (xs, ys) = samples::<f32>();
    let xs = Tensor::<Engine, 2>::from_floats(xs, &device);
    let ys = Tensor::<Engine, 2, Int>::from_ints(ys.map(|y| [y as i32]), &device);
    let cross_entropy = BinaryCrossEntropyLossConfig::new().with_logits(true).init(&device);
    Some(Box::new(move |losses| {
        let mut neuron: Linear<Engine> = LinearConfig::new(3, 1).init(&device);
        neuron.weight = Param::from_tensor(Tensor::zeros([3, 1], &device));
        neuron.bias = Some(Param::from_tensor(Tensor::zeros([1], &device)));
        let mut sgd = SgdConfig::new().init();
        let stairs = StepLrSchedulerConfig::new(0.1, 5).with_gamma(0.95).init();
        let mut schedule = stairs.unwrap_or_else(|error| panic!("burn: {error}"));
        for loss in losses {
            let entropy = cross_entropy.forward(neuron.forward(xs.clone()), ys.clone());
            *loss = entropy.clone().into_scalar().elem();
            let gradients = GradientsParams::from_grads(entropy.backward(), &neuron);
            neuron = sgd.step(schedule.step(), neuron, gradients);
        }
    }))
}

pub(crate) fn table() -> Table {
    Table {
        head: &["an update", "burn, f32", "by hand, f64", "f64", "f32"],
        peers: 2,
        rows: vec![Row {
            name: "OR of three inputs, batch of 8",
            cells: vec![burn(), by_hand(), microlr(0.1_f64, 0.95), microlr(0.1_f32, 0.95)],
        }],
    }
}
