//! Trains a logistic neuron under every schedule and prints what it learnt.
//!
//! `cargo run --example quickstart`
//!
//! The task is a three-input gate, learnt from all eight rows at every step. The lesson that it comes
//! from calls it AND; its labels say OR, and labels are what a neuron learns.

use microlr::{
    CosineDecay, CosineDecayRestarts, Error, ExponentialDecay, InverseTimeDecay, LogisticNeuron,
    PiecewiseConstantDecay, PolynomialDecay, RandomUniform, Schedule, Sgd,
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

// Schedules are configuration: in firmware, a `static` like these lies in flash.
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
        ("exponential", &EXPONENTIAL),
        ("piecewise", &PIECEWISE),
        ("polynomial", &POLYNOMIAL),
        ("inverse time", &INVERSE_TIME),
        ("cosine", &COSINE),
        ("restarts", &RESTARTS),
        ("random", &RANDOM),
        ("constant 0.5", &0.5_f32), // a number is a schedule
    ];
    println!(
        "A neuron learns a gate of three inputs: {STEPS} steps on all 8 rows. The lesson that"
    );
    println!("it comes from calls the gate AND, but its labels are those of OR.\n");
    println!("              learning rate at step                     loss         rows");
    println!("                   0     125     126     250     499    first   last  right");
    for (name, schedule) in schedules {
        let mut neuron = LogisticNeuron::zeroed();
        let history = Sgd::new(schedule).train::<STEPS, 3>(&mut neuron, &XS, &YS)?;
        print!("{name:12}");
        for step in [0, 125, 126, 250, 499] {
            let lr = history[step].lr;
            if lr < 1e-4 { print!(" {lr:7.1e}") } else { print!(" {lr:7.5}") }
        }
        let right = XS.iter().zip(YS).filter(|(x, y)| (neuron.predict(x) > 0.5) == (*y > 0.5));
        println!(" {:8.5} {:6.4} {:3}/8", history[0].loss, history[499].loss, right.count());
    }

    println!("\nThe rate over the {STEPS} steps:\n");
    for (name, schedule) in schedules {
        println!("{name:12} {}", sparkline(schedule));
    }

    println!("\nWhat the neuron has learnt under the cosine:\n");
    let mut neuron = LogisticNeuron::zeroed();
    Sgd::new(&COSINE).train::<STEPS, 3>(&mut neuron, &XS, &YS)?;
    for (x, y) in XS.iter().zip(YS) {
        println!("  {x:?} -> {:.4}   label {y}", neuron.predict(x));
    }
    println!("\nOnly 000 says 0, so the other rows push the bias up first. To bring it down");
    println!("again takes more than {STEPS} steps at rates up to 0.1: hence 7/8, and 8/8 at 0.5.");
    Ok(())
}

/// The rate as a row of bars, each the mean of ten steps; a full one is 0.1 or more.
fn sparkline(schedule: &dyn Schedule<Rate = f32>) -> String {
    const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let rates: Vec<f32> = (&schedule).iter().take(STEPS).collect();
    let mean = |rates: &[f32]| rates.iter().sum::<f32>() / rates.len() as f32;
    rates.chunks(10).map(|rates| BARS[(mean(rates) * 80.0).round().min(8.0) as usize]).collect()
}
