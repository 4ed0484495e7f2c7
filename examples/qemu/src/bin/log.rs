//! The run of `quickstart`, logged with defmt: every tenth report, and metrics at every hundredth
//! step. The texts stay on the host.
//!
//! `cargo run --release --bin log | defmt-print -e target/thumbv7m-none-eabi/release/log`
//!
//! The example `watch` of the library draws the run.

#![no_std]
#![no_main]

use cortex_m_rt::entry;
use cortex_m_semihosting::debug;
use defmt_semihosting as _;
use microlr::{
    Confusion, CosineDecay, Error, EwMean, Float, LogisticNeuron, Report, Schedule, Sgd,
};
use microlr_qemu::gate::{INPUTS, LABELS};
use panic_semihosting as _;

static DECAY: CosineDecay<f32> = CosineDecay::new(0.5, 500);

/// One update from all samples, whatever the schedule; every tenth report is logged.
fn update<S: Schedule, const N: usize>(
    sgd: &mut Sgd<S>,
    neuron: &mut LogisticNeuron<S::Rate, N>,
    xs: &[[S::Rate; N]],
    ys: &[S::Rate],
) -> Result<Report<S::Rate>, Error> {
    let report = sgd.step_batch(neuron, xs, ys)?;
    if report.step % 10 == 0 {
        defmt::info!("{}", report);
    }
    Ok(report)
}

/// Logs the mean of the loss, and the confusion of all samples.
fn log_metrics<F: Float, const N: usize>(
    loss: &EwMean<F>,
    neuron: &LogisticNeuron<F, N>,
    xs: &[[F; N]],
    ys: &[F],
) -> Result<(), Error> {
    let half = F::one() / F::from_step(2);
    let mut confusion = Confusion::new(half);
    for (x, y) in xs.iter().zip(ys) {
        confusion.observe(neuron.predict(x), *y > half)?;
    }
    defmt::info!("{}", loss);
    defmt::info!("{}", confusion);
    Ok(())
}

fn train<S: Schedule<Rate = f32>>(
    sgd: &mut Sgd<S>,
    neuron: &mut LogisticNeuron<f32, 3>,
) -> Result<(), Error> {
    let mut loss = EwMean::new(0.05);
    for _ in 0..500 {
        let report = update(sgd, neuron, &INPUTS, &LABELS)?;
        loss.observe(report.loss)?;
        if report.step % 100 == 0 {
            log_metrics(&loss, neuron, &INPUTS, &LABELS)?;
        }
    }
    Ok(())
}

#[entry]
fn main() -> ! {
    let mut neuron = LogisticNeuron::zeroed();
    let mut sgd = Sgd::new(&DECAY);
    defmt::info!("{}", sgd);
    let status = match train(&mut sgd, &mut neuron) {
        Ok(()) => debug::EXIT_SUCCESS,
        Err(error) => {
            defmt::error!("{}", error);
            debug::EXIT_FAILURE
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
