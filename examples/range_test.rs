//! The learning-rate range test on a gate of three inputs, one sample at a time.
//!
//! `cargo run --example range_test [file]` prints the rates that it finds, and the loss after 500
//! updates from some of them. It draws the smoothed loss, by default into
//! `target/range_test.svg`.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use chart::{Panel, chart};
use microlr::{CosineDecay, LogisticNeuron, Permutation, RangeTest, Schedule, Sgd};

mod chart;

const ROWS: u32 = 8;

/// The output is 1 if an input is 1.
fn sample(row: u32) -> ([f32; 3], f32) {
    ([4, 2, 1].map(|bit| f32::from(u8::from(row & bit != 0))), f32::from(u8::from(row != 0)))
}

/// The rows in a random order, again and again.
fn rows() -> impl Iterator<Item = u32> {
    (0..).flat_map(|epoch| Permutation::new(ROWS, epoch).iter())
}

/// The mean loss over all rows after a number of updates.
fn trained(schedule: impl Schedule<Rate = f32>, updates: usize) -> Result<f32, microlr::Error> {
    let (mut neuron, mut sgd) = (LogisticNeuron::zeroed(), Sgd::new(schedule));
    for (x, y) in rows().map(sample).take(updates) {
        sgd.step(&mut neuron, &x, y)?;
    }
    let losses = (0..ROWS).map(sample).map(|(x, y)| neuron.loss(&x, y));
    Ok(losses.sum::<f32>() / ROWS as f32)
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args_os().nth(1).map_or("target/range_test.svg".into(), PathBuf::from);
    let mut test = RangeTest::new(1e-3_f32, 1e3, 400);
    let (mut neuron, mut sgd) = (LogisticNeuron::zeroed(), Sgd::new(test.schedule()));
    let (mut raw, mut smoothed) = (vec![], vec![]);
    for (x, y) in rows().map(sample) {
        let report = sgd.step(&mut neuron, &x, y)?;
        let stop = test.observe(&report);
        raw.push((f64::from(report.lr), f64::from(report.loss)));
        smoothed.extend(test.loss().map(|loss| (f64::from(report.lr), f64::from(loss))));
        if stop {
            break;
        }
    }
    let rate = test.suggestion().ok_or("the loss never fell")?;
    println!("stopped at step {}, rate {:.3}", raw.len() - 1, raw[raw.len() - 1].0);
    println!("lowest loss at rate {:.3}", test.lowest().unwrap_or(f32::NAN));
    println!("steepest fall at rate {:.3}", test.steepest().unwrap_or(f32::NAN));
    println!("suggestion: {rate:.3}");
    println!("\n500 updates, cosine from     mean loss");
    for peak in [rate / 100.0, rate / 10.0, rate, rate * 10.0] {
        println!("{peak:25.4} {:13.4}", trained(CosineDecay::new(peak, 500), 500)?);
    }
    // Losses above 2 would stretch the axis until the smoothed loss looks flat.
    let raw = raw.into_iter().filter(|(_, loss)| *loss < 2.0).collect();
    let lines = vec![("loss", raw), ("smoothed", smoothed)];
    let panel = Panel { title: "Loss over the learning rate", log: [true, false], lines };
    fs::write(&path, chart("A learning-rate range test", &[panel]))?;
    println!("\n{}", path.display());
    Ok(())
}
