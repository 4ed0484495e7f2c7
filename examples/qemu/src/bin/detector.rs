//! A vibration detector that learns from raw samples and survives resets and power cuts.
//!
//! It makes three runs: without an interruption, with a reset every 500 samples, and with power
//! cuts in the middle of a save. All of them end with the same bits.
//!
//! `cargo run --release --bin detector | defmt-print -e target/thumbv7m-none-eabi/release/detector`

#![no_std]
#![no_main]

use cortex_m_rt::entry;
use cortex_m_semihosting::debug;
use defmt_semihosting as _;
use embedded_storage::nor_flash::NorFlashErrorKind;
use microlr::store::{Checkpoint, Slots, StoreError};
use microlr::{
    AnySchedule, ClipNorm, Confusion, Error, EwMean, Guard, LogisticNeuron, Sgd, Standardizer,
};
use microlr_qemu::board::{self, Experiment, Run};
use microlr_qemu::vibration::{N, PLAUSIBLE, sample};
use panic_semihosting as _;
use serde::{Deserialize, Serialize};

static RUNS: [Run; 3] = [
    Run { name: "uninterrupted", samples: u32::MAX, bytes: None },
    Run { name: "a reset every 500 samples", samples: 500, bytes: None },
    Run { name: "power cuts in a save", samples: u32::MAX, bytes: Some(4096) },
];

/// The rate is chosen on a computer: `cargo run --example from_keras` printed this message.
static MESSAGE: [u8; 12] = [5, 205, 204, 204, 61, 244, 3, 0, 0, 128, 63, 0];
/// One sample of 20 has a fault.
const FAULT_WEIGHT: f32 = 10.0;
const SAMPLES: u32 = 6000;
const SAVE_EVERY: u32 = 40;
/// To change with the types of `Device`.
const LAYOUT: u16 = 1;

type Device = Checkpoint<AnySchedule<f32, 0>, ClipNorm<f32>, Data, N>;

#[derive(Serialize, Deserialize, defmt::Format)]
struct Data {
    /// The index of the next sample.
    index: u32,
    guard: Guard<f32, N>,
    standardizer: Standardizer<f32, N>,
    confusion: Confusion<f32>,
    loss: EwMean<f32>,
}

fn first_start() -> Result<Device, Error> {
    let schedule = postcard::from_bytes(&MESSAGE).map_err(|_| Error::Damaged)?;
    let [low, high] = PLAUSIBLE;
    let data = Data {
        index: 0,
        guard: Guard::new(low, high).stuck_after([8; N]),
        standardizer: Standardizer::new().clamp(6.0),
        confusion: Confusion::new(0.5),
        loss: EwMean::new(0.01),
    };
    let sgd = Sgd::new(schedule).with(ClipNorm(26.0)); // the weight · √(N + 1)
    Ok(Device::new(LogisticNeuron::zeroed(), sgd, data))
}

/// Takes a sample: predicts, counts, learns.
fn learn(Device { neuron, sgd, data }: &mut Device) -> Result<(), Error> {
    let (raw, is_fault) = sample(data.index);
    data.index += 1;
    let Ok(x) = data.guard.check(&raw) else { return Ok(()) }; // the guard has counted it
    data.standardizer.observe(&x)?;
    let (label, weight) = if is_fault { (1.0, FAULT_WEIGHT) } else { (0.0, 1.0) };
    let report = sgd.step_weighted(neuron, &data.standardizer.transform(&x), label, weight)?;
    data.confusion.observe(report.prediction, is_fault)?; // from before the update
    data.loss.observe(report.loss)
}

/// Resumes, and learns until the last sample.
fn detect(experiment: &mut Experiment) -> Result<(), StoreError<NorFlashErrorKind>> {
    let mut slots = Slots::<_, { Device::MAX_LEN }>::new(experiment.flash(), 0, LAYOUT);
    let mut device = match slots.load() {
        Ok(Some(device)) => device,
        Ok(None) | Err(StoreError::Checkpoint(_)) => first_start()?, // or other firmware
        Err(error) => return Err(error),
    };
    while device.data.index < SAMPLES {
        learn(&mut device)?;
        let Data { index, confusion, loss, .. } = &device.data;
        if index.is_multiple_of(SAVE_EVERY) {
            slots.save(&device)?;
        }
        if index.is_multiple_of(1000) {
            defmt::info!("{}: {}, {}", index, loss, confusion);
        }
        experiment.after_sample(); // may reset the machine
    }
    let (name, starts) = (experiment.run.name, experiment.starts);
    let accuracy = device.data.confusion.balanced_accuracy();
    defmt::info!("{}: balanced accuracy {}, {} starts, {}", name, accuracy, starts, device);
    Ok(())
}

#[entry]
fn main() -> ! {
    let mut experiment = Experiment::start(&RUNS);
    match detect(&mut experiment) {
        Ok(()) => experiment.next(),
        Err(error) => defmt::error!("{}", error),
    }
    board::end(debug::EXIT_FAILURE)
}

defmt::timestamp!("");
