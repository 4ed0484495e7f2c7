//! Rates and updates computed by burn.

use std::hint::black_box;

use burn::backend::{Autodiff, NdArray};
use burn::lr_scheduler::LrScheduler;
use burn::lr_scheduler::constant::ConstantLr;
use burn::lr_scheduler::cosine::CosineAnnealingLrSchedulerConfig;
use burn::lr_scheduler::exponential::ExponentialLrSchedulerConfig;
use burn::lr_scheduler::linear::LinearLrSchedulerConfig;
use burn::lr_scheduler::noam::NoamLrSchedulerConfig;
use burn::lr_scheduler::step::StepLrSchedulerConfig;
use burn::module::Param;
use burn::nn::loss::BinaryCrossEntropyLossConfig;
use burn::nn::{Linear, LinearConfig};
use burn::optim::{GradientsParams, Optimizer, SgdConfig};
use burn::tensor::{ElementConversion, Int, Tensor};

use crate::{Cell, STEPS, cells};

/// Prints `benches/accuracy/recorded/burn.csv`: the rate of every 41st step, and of those next to
/// the first and the last.
pub(crate) fn print_rates() {
    println!("# burn 0.21.0, f64; made in benches/host by: cargo run --release -- --rates");
    println!("# step,rate");
    for initial in [0.1, 0.3] {
        for gamma in [0.95, 0.99, 0.999] {
            let decay = ExponentialLrSchedulerConfig::new(initial, gamma).init();
            print(format!("exponential {initial} decay_rate={gamma} decay_steps=1"), decay, 2000);
        }
        for steps in [41, 100, 500, 1000] {
            let line = LinearLrSchedulerConfig::new(initial, 0.0, steps).init();
            print(
                format!("polynomial {initial} decay_steps={steps} end_learning_rate=0"),
                line,
                steps,
            );
            let cosine = CosineAnnealingLrSchedulerConfig::new(initial, steps).init();
            print(format!("cosine {initial} decay_steps={steps}"), cosine, steps);
        }
    }
}

fn print(parameters: String, scheduler: Result<impl LrScheduler, String>, last: usize) {
    println!("set schedule={}", parameters.replacen(' ', " initial_learning_rate=", 1));
    let mut scheduler = scheduler.unwrap_or_else(|error| panic!("burn: {error}"));
    for step in 0..=last {
        let rate = scheduler.step();
        if step % 41 == 0 || step.min(last - step) < 5 {
            println!("{step},{rate:?}");
        }
    }
}

/// The scheduler with the rates of an instance of the catalogue, if burn has one.
pub(crate) fn schedule(instance: &str) -> Option<Cell> {
    let cosine = CosineAnnealingLrSchedulerConfig::new(0.1, STEPS);
    match instance {
        "f32, quickstart" => Some(rates(Ok(ConstantLr::new(0.1)))),
        "ExponentialDecay, quickstart" => {
            Some(rates(StepLrSchedulerConfig::new(0.1, 5).with_gamma(0.95).init()))
        }
        "ExponentialDecay, smooth" => {
            Some(rates(ExponentialLrSchedulerConfig::new(0.1, 0.96_f64.powf(1e-3)).init()))
        }
        "PolynomialDecay, linear" => {
            Some(rates(LinearLrSchedulerConfig::new(0.1, 0.0, STEPS).init()))
        }
        "CosineDecay, quickstart" => Some(rates(cosine.init())),
        "CosineDecay, floor" => Some(rates(cosine.with_min_lr(0.01).init())),
        "FromFn, inverse root" => {
            let noam = NoamLrSchedulerConfig::new(1.0).with_warmup_steps(1).with_model_size(1);
            Some(rates(noam.init()))
        }
        _ => None,
    }
}

fn rates<S: LrScheduler + 'static>(scheduler: Result<S, String>) -> Cell {
    let initial = scheduler.unwrap_or_else(|error| panic!("burn: {error}"));
    let mut scheduler = initial.clone();
    Box::new(move |rates| {
        scheduler.clone_from(&initial);
        for rate in rates {
            *rate = black_box(&mut scheduler).step();
        }
    })
}

type Engine = Autodiff<NdArray<f32>>;

pub(crate) fn training() -> Option<Cell> {
    let device = Default::default();
    let (xs, ys) = cells::samples::<f32>();
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
