//! A detector of vibration that learns from raw samples and survives resets and power cuts.
//!
//! It makes three runs: without an interruption, with a reset every 500 samples, and with power
//! cuts in the middle of a save. All of them end with the same bits.
//!
//! `cargo run --release --bin detector | defmt-print -e target/thumbv7m-none-eabi/release/detector`

#![no_std]
#![no_main]

use cortex_m::peripheral::SCB;
use cortex_m_rt::entry;
use cortex_m_semihosting::debug;
use defmt_semihosting as _;
use embedded_storage::nor_flash::NorFlashErrorKind;
use microlr::store::{Checkpoint, Slots, StoreError};
use microlr::{
    AnySchedule, ClipNorm, Confusion, Error, EwMean, Guard, LogisticNeuron, Sgd, Standardizer,
};
use microlr_qemu::board::{Experiment, Flash};
use microlr_qemu::vibration::{N, PLAUSIBLE, sample};
use panic_semihosting as _;
use serde::{Deserialize, Serialize};

/// The rate is chosen on a computer: `cargo run --example from_keras` printed this message.
static MESSAGE: [u8; 12] = [5, 205, 204, 204, 61, 244, 3, 0, 0, 128, 63, 0];
/// One sample of 20 has a fault.
const FAULT_WEIGHT: f32 = 10.0;
const SAMPLES: u32 = 6000;
const SAVE_EVERY: u32 = 50;
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
    Ok(Device::new(LogisticNeuron::zeroed(), Sgd::new(schedule).with(ClipNorm(10.0)), data))
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

/// Resumes, and learns until the last sample. It returns after `samples`, for a reset.
fn detect(flash: Flash, samples: u32) -> Result<Option<Device>, StoreError<NorFlashErrorKind>> {
    let mut slots = Slots::<_, { Device::MAX_LEN }>::new(flash, 0, LAYOUT);
    let mut device = match slots.load()? {
        Some(device) => device,
        None => first_start()?,
    };
    for _ in 0..samples {
        learn(&mut device)?;
        let Data { index, confusion, loss, .. } = &device.data;
        if index.is_multiple_of(SAVE_EVERY) {
            slots.save(&device)?;
        }
        if index.is_multiple_of(1000) {
            let [balanced, recall] = [confusion.balanced_accuracy(), confusion.recall()];
            defmt::info!("{}: loss {}, balanced {}, recall {}", index, loss.mean(), balanced, recall);
        }
        if *index == SAMPLES {
            return Ok(Some(device));
        }
    }
    Ok(None)
}

#[entry]
fn main() -> ! {
    let experiment = Experiment::start();
    let (name, samples, supply) = match experiment.run {
        0 => ("uninterrupted", u32::MAX, u32::MAX),
        1 => ("a reset every 500 samples", 500, u32::MAX),
        // Three saves at the most, or an erase and a part of a write at the least.
        2 => ("power cuts in a save", u32::MAX, experiment.boots * 97 % 4096),
        _ => loop {
            debug::exit(debug::EXIT_SUCCESS);
        },
    };
    match detect(Flash { supply }, samples) {
        Ok(None) => SCB::sys_reset(),
        Ok(Some(device)) => {
            defmt::info!("{}: {} starts, {}", name, experiment.boots, device);
            experiment.next()
        }
        Err(error) => loop {
            defmt::error!("{}", error);
            debug::exit(debug::EXIT_FAILURE);
        },
    }
}

defmt::timestamp!("");
