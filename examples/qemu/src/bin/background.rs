//! Learning in the background of a control loop: an RTIC application on the lm3s6965evb.
//!
//! | priority | task | does |
//! | --- | --- | --- |
//! | 2 | `watch` | predicts with the weights that were published last |
//! | 1 | `sample`, the timer's interrupt | checks a sample and puts it into a queue, or counts it |
//! | 0 | `idle` | takes samples out, makes an update with each, publishes the weights, saves |
//!
//! It makes three runs. In the first two the timer fires slowly enough for the training, and no
//! sample is lost. A reset every 500 samples then changes no bit of the result. In the third run it
//! fires too fast: samples are lost, and the training continues with the others.
//!
//! `cargo run --release --bin background`

#![no_std]
#![no_main]

use panic_semihosting as _;

#[cfg(board = "lm3s6965evb")]
#[rtic::app(device = lm3s6965)]
mod app {
    use cortex_m::peripheral::SYST;
    use cortex_m::peripheral::syst::SystClkSource;
    use cortex_m::{asm, interrupt};
    use cortex_m_semihosting::hprintln;
    use embedded_storage::nor_flash::NorFlashErrorKind;
    use heapless::spsc::{Consumer, Producer, Queue};
    use lm3s6965::Interrupt;
    use microlr::store::{Checkpoint, Slots, StoreError};
    use microlr::{Confusion, Guard, InverseTimeDecay, LogisticNeuron, Sgd, Standardizer};
    use microlr_qemu::board::{Experiment, Flash, Run};
    use microlr_qemu::vibration::{self, N, PLAUSIBLE};

    static RUNS: [Run; 3] = [
        Run { name: "uninterrupted", samples: u32::MAX, bytes: None },
        Run { name: "a reset every 500 samples", samples: 500, bytes: None },
        Run { name: "too fast", samples: u32::MAX, bytes: None },
    ];
    /// Ticks of the timer from one sample to the next, in each run.
    const PERIODS: [u32; 3] = [500, 500, 150];
    const SAMPLES: u32 = 3000;
    const SAVE_EVERY: u32 = 40;
    /// A queue of 16 holds 15.
    const QUEUE: usize = 16;

    type Neuron = LogisticNeuron<f32, N>;
    type Scaler = Standardizer<f32, N>;
    /// The last part is the index of the next sample.
    type Device = Checkpoint<InverseTimeDecay<f32>, (), (Scaler, Confusion<f32>, u32), N>;
    type Store = Slots<Flash, { Device::MAX_LEN }>;
    /// The index of the next sample, the features, and whether a fault is present.
    type Sample = (u32, [f32; N], bool);

    /// What happened since the last start.
    #[derive(Debug, Default, Clone, Copy)]
    pub struct Tally {
        queued: u32,
        lost: u32,
        watched: u32,
        alarms: u32,
    }

    #[shared]
    struct Shared {
        published: (Scaler, Neuron),
        latest: [f32; N],
        over: bool,
        tally: Tally,
    }

    #[local]
    struct Local {
        producer: Producer<'static, Sample>,
        consumer: Consumer<'static, Sample>,
        guard: Guard<f32, N>,
        /// The index of the next sample.
        next: u32,
        timer: SYST,
        experiment: Experiment,
        store: Store,
        device: Device,
    }

    fn first_start() -> Device {
        let data = (Scaler::new().clamp(6.0), Confusion::new(0.5), 0);
        Device::new(Neuron::zeroed(), Sgd::new(InverseTimeDecay::new(0.1, 500, 1.0)), data)
    }

    #[init(local = [queue: Queue<Sample, QUEUE> = Queue::new()])]
    fn init(context: init::Context) -> (Shared, Local) {
        let experiment = Experiment::start(&RUNS);
        let mut store = Store::new(experiment.flash(), 0, 1);
        let device = match store.load() {
            Ok(saved) => saved.unwrap_or_else(first_start),
            Err(error) => microlr_qemu::exit(Err(error)),
        };
        let (producer, consumer) = context.local.queue.split();
        let mut timer = context.core.SYST;
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(PERIODS[experiment.number] - 1);
        timer.clear_current();
        timer.enable_interrupt();
        timer.enable_counter();
        let [low, high] = PLAUSIBLE;
        let (guard, next) = (Guard::new(low, high), device.data.2);
        let published = (device.data.0, device.neuron);
        (
            Shared { published, latest: [0.0; N], over: false, tally: Tally::default() },
            Local { producer, consumer, guard, next, timer, experiment, store, device },
        )
    }

    #[task(
        binds = SysTick,
        priority = 1,
        local = [producer, guard, next, timer],
        shared = [latest, over, tally],
    )]
    fn sample(context: sample::Context) {
        let sample::LocalResources { producer, guard, next, timer, .. } = context.local;
        let sample::SharedResources { mut over, latest, tally, .. } = context.shared;
        let (raw, is_fault) = vibration::sample(*next);
        *next += 1;
        if *next == SAMPLES {
            timer.disable_counter();
            over.lock(|over| *over = true);
        }
        let Ok(x) = guard.check(&raw) else { return };
        let queued = producer.enqueue((*next, x, is_fault)).is_ok();
        (latest, tally).lock(|latest, tally| {
            *latest = x;
            if queued { tally.queued += 1 } else { tally.lost += 1 }
        });
        rtic::pend(Interrupt::GPIOA);
    }

    /// What the device is for; it never waits for the training.
    #[task(binds = GPIOA, priority = 2, shared = [published, latest, tally])]
    fn watch(context: watch::Context) {
        let watch::SharedResources { published, latest, tally, .. } = context.shared;
        (published, latest, tally).lock(|(scaler, neuron), latest, tally| {
            tally.watched += 1;
            tally.alarms += u32::from(neuron.predict(&scaler.transform(latest)) > 0.5);
        });
    }

    /// One update; now and then a save. One sample of 20 has a fault.
    fn learn(
        device: &mut Device,
        (next, x, is_fault): Sample,
        store: &mut Store,
    ) -> Result<(), StoreError<NorFlashErrorKind>> {
        let Device { neuron, sgd, data: (scaler, confusion, index) } = device;
        *index = next;
        scaler.observe(&x)?;
        let (label, weight) = if is_fault { (1.0, 10.0) } else { (0.0, 1.0) };
        let report = sgd.step_weighted(neuron, &scaler.transform(&x), label, weight)?;
        confusion.observe(report.prediction, is_fault)?;
        if sgd.iterations().is_multiple_of(SAVE_EVERY) { store.save(device) } else { Ok(()) }
    }

    #[idle(local = [consumer, experiment, store, device], shared = [published, over, tally])]
    fn idle(mut context: idle::Context) -> ! {
        let idle::LocalResources { consumer, experiment, store, device, .. } = context.local;
        loop {
            let over = context.shared.over.lock(|over| *over);
            match consumer.dequeue() {
                Some(sample) => {
                    let learned = learn(device, sample, store);
                    if learned.is_err() {
                        microlr_qemu::exit(learned);
                    }
                    let published = (device.data.0, device.neuron);
                    context.shared.published.lock(|shared| *shared = published);
                    experiment.after_sample();
                }
                None if over => break,
                // A sample that arrives after the check stays pending and ends the sleep.
                None => interrupt::free(|_| {
                    if !consumer.ready() {
                        asm::wfi();
                    }
                }),
            }
        }
        let tally = context.shared.tally.lock(|tally| *tally);
        hprintln!("{}: {} starts", experiment.run.name, experiment.starts);
        // How many are lost depends on the time of an update, and so do the weights then.
        let Tally { queued, lost, watched, alarms } = tally;
        hprintln!("{} of {} samples watched, some alarms: {}", watched, queued + lost, alarms > 0);
        match lost {
            0 => hprintln!("none lost: {:?}, {:?}", device.data.1, device.neuron),
            _ => hprintln!("some lost, the others trained: {}", queued == device.sgd.iterations()),
        }
        experiment.next()
    }
}

#[cfg(not(board = "lm3s6965evb"))]
#[cortex_m_rt::entry]
fn main() -> ! {
    microlr_qemu::exit(Err("this one is for the lm3s6965evb: --target thumbv7m-none-eabi"))
}
