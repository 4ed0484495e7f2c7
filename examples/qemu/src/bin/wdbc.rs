//! Wisconsin breast cancer on the chip: 456 raw rows of 30 features in flash, standardised on the
//! chip, 50 epochs.
//!
//! `cargo run --release --bin wdbc`. The figures of scikit-learn are in src/wdbc.rs.

#![no_std]
#![no_main]

use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use microlr::{Confusion, CosineDecay, Error, LogisticNeuron, Mean, Sgd, Standardizer};
use microlr_qemu::wdbc::{
    CONFUSION, EPOCHS, FEATURES, INITIAL_RATE, TEST_LOSS, TEST_X, TEST_Y, TRAIN_LOSS, TRAIN_X,
    TRAIN_Y,
};
use panic_semihosting as _;

/// One decay over all the steps of all the epochs.
static DECAY: CosineDecay<f32> = CosineDecay::new(INITIAL_RATE, EPOCHS * TRAIN_X.len() as u32);

/// Features are standardised at each use, since RAM has no room for a second table.
struct Model {
    standardizer: Standardizer<f32, FEATURES>,
    neuron: LogisticNeuron<f32, FEATURES>,
}

impl Model {
    /// The mean cross-entropy of `xs`, and their confusion.
    fn score(&self, xs: &[[f32; FEATURES]], ys: &[f32]) -> Result<(f32, Confusion<f32>), Error> {
        let (mut loss, mut confusion) = (Mean::new(), Confusion::new(0.5));
        for (x, &y) in xs.iter().zip(ys) {
            let x = self.standardizer.transform(x);
            loss.observe(self.neuron.loss(&x, y))?;
            confusion.observe(self.neuron.predict(&x), y == 1.0)?;
        }
        Ok((loss.mean(), confusion))
    }
}

fn learn() -> Result<(), Error> {
    let mut model = Model { standardizer: Standardizer::new(), neuron: LogisticNeuron::zeroed() };
    for x in &TRAIN_X {
        model.standardizer.observe(x)?;
    }
    model.standardizer.freeze();
    let mut sgd = Sgd::new(&DECAY);
    for epoch in 1..=EPOCHS {
        let rate = sgd.lr();
        for (x, &y) in TRAIN_X.iter().zip(&TRAIN_Y) {
            sgd.step(&mut model.neuron, &model.standardizer.transform(x), y)?;
        }
        if epoch % 5 == 0 {
            let (loss, _) = model.score(&TRAIN_X, &TRAIN_Y)?;
            hprintln!("epoch {:2}: rate {:.4}, train loss {:.4}", epoch, rate, loss);
        }
    }
    let (train_loss, _) = model.score(&TRAIN_X, &TRAIN_Y)?;
    let (test_loss, test) = model.score(&TEST_X, &TEST_Y)?;
    let counts =
        [test.true_negatives, test.false_positives, test.false_negatives, test.true_positives];
    hprintln!("              train loss  test loss  test tn, fp, fn, tp");
    hprintln!("this          {:.5}     {:.5}    {:?}", train_loss, test_loss, counts);
    hprintln!("scikit-learn  {:.5}     {:.5}    {:?}", TRAIN_LOSS, TEST_LOSS, CONFUSION);
    Ok(())
}

#[entry]
fn main() -> ! {
    microlr_qemu::exit(learn())
}
