//! A neuron learns a gate of three inputs on the chip: OR, full batch, 500 steps.
//!
//! `cargo run --release`

#![no_std]
#![no_main]

use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use microlr::{CosineDecay, Error, LogisticNeuron, Schedule, Sgd};
use microlr_qemu::gate::{INPUTS, LABELS};
use panic_semihosting as _;

/// In flash: from 0.5 to 0 over the run. A length of 0 would not compile.
static DECAY: CosineDecay<f32> = CosineDecay::new(0.5, 500);

fn learn() -> Result<(), Error> {
    DECAY.validate()?;
    let mut neuron = LogisticNeuron::zeroed();
    let mut sgd = Sgd::new(&DECAY);
    for _ in 0..500 {
        let report = sgd.step_batch(&mut neuron, &INPUTS, &LABELS)?;
        if report.step % 100 == 0 || report.step == 499 {
            hprintln!("step {:3}: rate {:.6}, loss {:.4}", report.step, report.lr, report.loss);
        }
    }
    for x in &INPUTS {
        hprintln!("{:?} -> {:.3}", x, neuron.predict(x));
    }
    Ok(())
}

#[entry]
fn main() -> ! {
    microlr_qemu::exit(learn())
}
