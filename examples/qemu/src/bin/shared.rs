//! A trainer in a `static`, shared by an interrupt and the main program.
//!
//! Each interrupt of the timer makes one update. The main program sleeps, and replaces the schedule
//! after 401 updates by one of another type, which `&dyn Schedule` allows. `+ Sync` makes the
//! reference `Send`, as the `Mutex` requires.
//!
//! `cargo run --release --bin shared`

#![no_std]
#![no_main]

use core::cell::RefCell;

use cortex_m::asm;
use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::{entry, exception};
use cortex_m_semihosting::hprintln;
use critical_section::Mutex;
use microlr::{CosineDecay, Error, LogisticNeuron, Report, Schedule, Sgd};
use microlr_qemu::gate::{INPUTS, LABELS};
use panic_semihosting as _;

/// A schedule of any type.
type AnySchedule = &'static (dyn Schedule<Rate = f32> + Sync);

struct Trainer {
    sgd: Sgd<AnySchedule>,
    neuron: LogisticNeuron<f32, 3>,
    /// What the last update returned.
    last: Result<Option<Report<f32>>, Error>,
}

static CONSTANT: f32 = 0.5;
static DECAY: CosineDecay<f32> = CosineDecay::new(0.5, 1000);

static TRAINER: Mutex<RefCell<Trainer>> = Mutex::new(RefCell::new(Trainer {
    sgd: Sgd::new(&CONSTANT),
    neuron: LogisticNeuron::zeroed(),
    last: Ok(None),
}));

/// Runs `work` while no interrupt can.
fn with_trainer<T>(work: impl FnOnce(&mut Trainer) -> T) -> T {
    critical_section::with(|section| work(&mut TRAINER.borrow_ref_mut(section)))
}

#[exception]
fn SysTick() {
    with_trainer(|Trainer { sgd, neuron, last }| {
        if last.is_ok() {
            let sample = sgd.iterations() as usize % INPUTS.len();
            *last = sgd.step(neuron, &INPUTS[sample], LABELS[sample]).map(Some);
        }
    });
}

/// Sleeps until `iterations` updates are done; prints the last one.
fn wait(iterations: u32) -> Result<(), Error> {
    loop {
        match with_trainer(|trainer| trainer.last)? {
            Some(report) if report.step + 1 >= iterations => {
                hprintln!("update {}: rate {:.4}, loss {:.4}", report.step, report.lr, report.loss);
                return Ok(());
            }
            _ => asm::wfi(),
        }
    }
}

fn learn(mut timer: SYST) -> Result<(), Error> {
    DECAY.validate()?;
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(100_000 - 1);
    timer.clear_current();
    timer.enable_interrupt();
    timer.enable_counter();
    wait(401)?;
    with_trainer(|trainer| trainer.sgd = Sgd::resume(&DECAY, trainer.sgd.iterations()));
    wait(801)?;
    timer.disable_counter();
    let neuron = with_trainer(|trainer| trainer.neuron);
    for x in &INPUTS {
        hprintln!("{:?} -> {:.3}", x, neuron.predict(x));
    }
    Ok(())
}

#[entry]
fn main() -> ! {
    microlr_qemu::exit(match cortex_m::Peripherals::take() {
        Some(peripherals) => learn(peripherals.SYST),
        None => unreachable!("taken once"),
    })
}
