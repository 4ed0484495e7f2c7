//! The run of `quickstart`, logged with defmt: every tenth report; the texts stay on the host.
//!
//! `cargo run --release --bin log | defmt-print -e target/thumbv7m-none-eabi/release/log`

#![no_std]
#![no_main]

use cortex_m_rt::entry;
use cortex_m_semihosting::debug;
use defmt_semihosting as _;
use microlr::{CosineDecay, LogisticNeuron, Sgd};
use microlr_qemu::gate::{INPUTS, LABELS};
use panic_semihosting as _;

static DECAY: CosineDecay<f32> = CosineDecay::new(0.5, 500);

#[entry]
fn main() -> ! {
    let mut neuron = LogisticNeuron::zeroed();
    let mut sgd = Sgd::new(&DECAY);
    defmt::info!("{}", sgd);
    let status = loop {
        match sgd.step_batch(&mut neuron, &INPUTS, &LABELS) {
            Ok(report) if report.step % 10 == 0 => defmt::info!("{}", report),
            Ok(report) if report.step == 499 => break debug::EXIT_SUCCESS,
            Ok(_) => {}
            Err(error) => {
                defmt::error!("{}", error);
                break debug::EXIT_FAILURE;
            }
        }
    };
    defmt::info!("{}", neuron);
    // An error is a frame as well.
    if let Err(error) = sgd.step(&mut neuron, &[0.0, f32::NAN, 0.0], 0.0) {
        defmt::warn!("{}", error);
    }
    loop {
        debug::exit(status);
    }
}

defmt::timestamp!("");
