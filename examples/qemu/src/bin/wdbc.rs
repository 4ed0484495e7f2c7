//! Wisconsin breast cancer on the chip: 456 rows of 30 features in flash, 50 epochs.
//!
//! `cargo run --release --bin wdbc`. The figures of scikit-learn are in src/wdbc.rs.

#![no_std]
#![no_main]

use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use microlr::{CosineDecay, Error, LogisticNeuron, Sgd};
use microlr_qemu::wdbc::{
    CONFUSION, EPOCHS, FEATURES, INITIAL_RATE, TEST_LOSS, TEST_X, TEST_Y, TRAIN_LOSS, TRAIN_X,
    TRAIN_Y,
};
use panic_semihosting as _;

/// One decay over all the steps of all the epochs.
static DECAY: CosineDecay<f32> = CosineDecay::new(INITIAL_RATE, EPOCHS * TRAIN_X.len() as u32);

/// The mean cross-entropy over `xs`.
fn mean_loss(neuron: &LogisticNeuron<f32, FEATURES>, xs: &[[f32; FEATURES]], ys: &[f32]) -> f32 {
    let total: f32 = xs.iter().zip(ys).map(|(x, &y)| neuron.loss(x, y)).sum();
    total / xs.len() as f32
}

/// True negatives, false positives, false negatives, true positives.
fn confusion(neuron: &LogisticNeuron<f32, FEATURES>) -> [u32; 4] {
    let mut counts = [0; 4];
    for (x, &y) in TEST_X.iter().zip(&TEST_Y) {
        let predicted = neuron.predict(x) > 0.5;
        counts[usize::from(y == 1.0) * 2 + usize::from(predicted)] += 1;
    }
    counts
}

fn learn() -> Result<(), Error> {
    let mut neuron = LogisticNeuron::zeroed();
    let mut sgd = Sgd::new(&DECAY);
    for epoch in 1..=EPOCHS {
        let rate = sgd.lr();
        for (x, &y) in TRAIN_X.iter().zip(&TRAIN_Y) {
            sgd.step(&mut neuron, x, y)?;
        }
        if epoch % 5 == 0 {
            let loss = mean_loss(&neuron, &TRAIN_X, &TRAIN_Y);
            hprintln!("epoch {:2}: rate {:.4}, train loss {:.4}", epoch, rate, loss);
        }
    }
    let losses = [mean_loss(&neuron, &TRAIN_X, &TRAIN_Y), mean_loss(&neuron, &TEST_X, &TEST_Y)];
    hprintln!("              train loss  test loss  test tn, fp, fn, tp");
    hprintln!("this          {:.5}     {:.5}    {:?}", losses[0], losses[1], confusion(&neuron));
    hprintln!("scikit-learn  {:.5}     {:.5}    {:?}", TRAIN_LOSS, TEST_LOSS, CONFUSION);
    Ok(())
}

#[entry]
fn main() -> ! {
    microlr_qemu::exit(learn())
}
