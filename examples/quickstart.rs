//! Prints the rates of every schedule, and what a logistic neuron learns under each.
//!
//! `cargo run --example quickstart`

use microlr::{
    CosineDecay, CosineDecayRestarts, Error, ExponentialDecay, History, InverseTimeDecay,
    LogisticNeuron, PiecewiseConstantDecay, PolynomialDecay, RandomUniform, Schedule, Sgd,
};

const STEPS: usize = 500;
const XS: [[f32; 3]; 8] = [
    [0.0, 0.0, 0.0],
    [0.0, 0.0, 1.0],
    [0.0, 1.0, 0.0],
    [0.0, 1.0, 1.0],
    [1.0, 0.0, 0.0],
    [1.0, 0.0, 1.0],
    [1.0, 1.0, 0.0],
    [1.0, 1.0, 1.0],
];
const YS: [f32; 8] = [0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0];

// Schedules are configuration: in firmware, a `static` like these is placed in flash.
static EXPONENTIAL: ExponentialDecay<f32> = ExponentialDecay::new(0.1, 5, 0.95).staircase();
static PIECEWISE: PiecewiseConstantDecay<f32, 3> =
    PiecewiseConstantDecay::new([125, 250, 375], [0.1, 0.075, 0.05, 0.025]);
static POLYNOMIAL: PolynomialDecay<f32> = PolynomialDecay::new(0.1, 100, 0.001).cycle();
static INVERSE_TIME: InverseTimeDecay<f32> = InverseTimeDecay::new(0.1, 50, 0.1).staircase();
static COSINE: CosineDecay<f32> = CosineDecay::new(0.1, STEPS as u32);
static RESTARTS: CosineDecayRestarts<f32> = CosineDecayRestarts::new(0.1, 10).t_mul(2.0).m_mul(0.9);
static RANDOM: RandomUniform<f32> = RandomUniform::new(0.001, 0.1, 42);

fn main() -> Result<(), Error> {
    let schedules: [(&str, &dyn Schedule<Rate = f32>); 8] = [
        ("ExponentialDecay", &EXPONENTIAL),
        ("PiecewiseConstantDecay", &PIECEWISE),
        ("PolynomialDecay", &POLYNOMIAL),
        ("InverseTimeDecay", &INVERSE_TIME),
        ("CosineDecay", &COSINE),
        ("CosineDecayRestarts", &RESTARTS),
        ("RandomUniform", &RANDOM),
        ("0.5_f32", &0.5_f32), // a number is a constant schedule
    ];
    println!("For each schedule: the learning rate at five steps, the training loss of a");
    println!("logistic neuron after {STEPS} updates, and how many of its 8 rows it gets right.\n");
    println!("                                learning rate at step              loss  rows");
    println!("                             0     125     126     250     499          right");
    for (name, schedule) in schedules {
        let mut neuron = LogisticNeuron::zeroed();
        let history: History<f32, STEPS> = Sgd::new(schedule).train(&mut neuron, &XS, &YS)?;
        print!("{name:22}");
        for step in [0, 125, 126, 250, 499] {
            let lr = history[step].lr;
            if lr < 1e-4 { print!(" {lr:7.1e}") } else { print!(" {lr:7.5}") }
        }
        let right = XS.iter().zip(YS).filter(|(x, y)| (neuron.predict(x) > 0.5) == (*y > 0.5));
        println!("  {:7.5}   {}/8", history[STEPS - 1].loss, right.count());
    }

    println!("\nThe rates over the {STEPS} steps, a full bar for 0.1 or more:\n");
    for (name, schedule) in schedules {
        println!("{name:22} {}", sparkline(schedule));
    }

    println!("\nThe predictions after the updates with CosineDecay:\n");
    let mut neuron = LogisticNeuron::zeroed();
    let _: History<f32, STEPS> = Sgd::new(&COSINE).train(&mut neuron, &XS, &YS)?;
    for (x, y) in XS.iter().zip(YS) {
        println!("  {x:?} -> {:.4}   label {y}", neuron.predict(x));
    }
    println!("\nThe labels are OR of the inputs: only the first row is 0, and the others push");
    println!("the bias up first. At rates up to 0.1, {STEPS} updates are too few to bring it down");
    println!("again, so 7 of 8 rows are right. At a rate of 0.5 all of them are.");
    Ok(())
}

/// The rate as a row of bars, each the mean of ten steps.
fn sparkline(schedule: &dyn Schedule<Rate = f32>) -> String {
    const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let rates: Vec<f32> = (&schedule).iter().take(STEPS).collect();
    let mean = |rates: &[f32]| rates.iter().sum::<f32>() / rates.len() as f32;
    rates.chunks(10).map(|rates| BARS[(mean(rates) * 80.0).round().min(8.0) as usize]).collect()
}
