//! Learning in the background of a control loop: an RTIC application on the lm3s6965evb.
//!
//! | priority | task | does |
//! | --- | --- | --- |
//! | 2 | `watch` | predicts with the weights that were published last |
//! | 1 | `sample`, the timer's interrupt | puts a sample into a queue, or counts it as lost |
//! | 0 | `idle` | takes samples out, makes an update with each, publishes the weights |
//!
//! First the timer fires slowly enough for the training, and no sample is lost. Then it fires too
//! fast: samples are lost, and the training continues with the others.
//!
//! `cargo run --release --bin background`

#![no_std]
#![no_main]

use panic_semihosting as _;

#[cfg(board = "lm3s6965evb")]
#[rtic::app(device = lm3s6965)]
mod app {
    use core::array;

    use cortex_m::peripheral::SYST;
    use cortex_m::peripheral::syst::SystClkSource;
    use cortex_m::{asm, interrupt};
    use cortex_m_semihosting::hprintln;
    use heapless::spsc::{Consumer, Producer, Queue};
    use lm3s6965::Interrupt;
    use microlr::{Error, ExponentialDecay, LogisticNeuron, RandomUniform, Schedule, Sgd};

    /// Ticks of the timer from one sample to the next, in each phase.
    const PERIODS: [u32; 2] = [500, 30];
    /// Samples in each phase.
    const SAMPLES: [u32; 2] = [2000, 1000];
    /// A queue of 16 holds 15.
    const QUEUE: usize = 16;

    static DECAY: ExponentialDecay<f32> = ExponentialDecay::new(0.5, 1000, 0.5);

    type Neuron = LogisticNeuron<f32, 3>;
    type Sample = ([f32; 3], f32);

    /// What happened in one phase.
    #[derive(Debug, Default, Clone, Copy)]
    pub struct Tally {
        queued: u32,
        lost: u32,
        watched: u32,
        right: u32,
    }

    #[shared]
    struct Shared {
        published: Neuron,
        /// The last sample, and the phase it was taken in.
        latest: (Sample, usize),
        /// Which of `PERIODS` is on; past them when the timer has stopped.
        phase: usize,
        tallies: [Tally; 2],
    }

    #[local]
    struct Local {
        producer: Producer<'static, Sample>,
        consumer: Consumer<'static, Sample>,
        sensor: Sensor,
        timer: SYST,
    }

    /// Three readings at a time, and whether they belonged to a fault.
    pub struct Sensor {
        noise: RandomUniform<f32>,
        reading: u32,
    }

    impl Sensor {
        fn read(&mut self) -> Sample {
            let x = array::from_fn(|_| {
                self.reading = self.reading.wrapping_add(1);
                self.noise.lr(self.reading)
            });
            let [a, b, c] = x;
            (x, if 2.0 * a - b + 0.5 * c > 0.25 { 1.0 } else { 0.0 })
        }
    }

    #[init(local = [queue: Queue<Sample, QUEUE> = Queue::new()])]
    fn init(context: init::Context) -> (Shared, Local) {
        let (producer, consumer) = context.local.queue.split();
        let mut timer = context.core.SYST;
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(PERIODS[0] - 1);
        timer.clear_current();
        timer.enable_interrupt();
        timer.enable_counter();
        let sensor = Sensor { noise: RandomUniform::new(-1.0, 1.0, 0), reading: 0 };
        let (published, latest) = (Neuron::zeroed(), (([0.0; 3], 0.0), 0));
        (
            Shared { published, latest, phase: 0, tallies: [Tally::default(); 2] },
            Local { producer, consumer, sensor, timer },
        )
    }

    #[task(
        binds = SysTick,
        priority = 1,
        local = [producer, sensor, timer],
        shared = [latest, phase, tallies],
    )]
    fn sample(context: sample::Context) {
        let sample::LocalResources { producer, sensor, timer, .. } = context.local;
        let sample::SharedResources { latest, phase, tallies, .. } = context.shared;
        let sample = sensor.read();
        let queued = producer.enqueue(sample).is_ok();
        (latest, phase, tallies).lock(|latest, phase, tallies| {
            *latest = (sample, *phase);
            let Some(tally) = tallies.get_mut(*phase) else { return };
            if queued {
                tally.queued += 1
            } else {
                tally.lost += 1
            }
            if tally.queued + tally.lost < SAMPLES[*phase] {
                return;
            }
            *phase += 1;
            match PERIODS.get(*phase) {
                Some(period) => {
                    timer.set_reload(period - 1);
                    timer.clear_current();
                }
                None => timer.disable_counter(),
            }
        });
        rtic::pend(Interrupt::GPIOA);
    }

    /// What the device is for; it never waits for the training.
    #[task(binds = GPIOA, priority = 2, shared = [published, latest, tallies])]
    fn watch(context: watch::Context) {
        let watch::SharedResources { published, latest, tallies, .. } = context.shared;
        (published, latest, tallies).lock(|published, ((x, y), phase), tallies| {
            let fault = published.predict(x) > 0.5;
            if let Some(tally) = tallies.get_mut(*phase) {
                tally.watched += 1;
                tally.right += u32::from(fault == (*y == 1.0));
            }
        });
    }

    #[idle(local = [consumer], shared = [published, phase, tallies])]
    fn idle(mut context: idle::Context) -> ! {
        let mut neuron = Neuron::zeroed();
        let mut sgd = Sgd::new(&DECAY);
        let result = loop {
            let over = context.shared.phase.lock(|phase| *phase == SAMPLES.len());
            match context.local.consumer.dequeue() {
                Some((x, y)) => {
                    if let Err(error) = sgd.step(&mut neuron, &x, y) {
                        break Err::<(), Error>(error);
                    }
                    context.shared.published.lock(|published| *published = neuron);
                }
                None if over => break Ok(()),
                // A sample that arrives after the check stays pending and ends the sleep.
                None => interrupt::free(|_| {
                    if !context.local.consumer.ready() {
                        asm::wfi();
                    }
                }),
            }
        };
        let tallies = context.shared.tallies.lock(|tallies| *tallies);
        for (tally, period) in tallies.iter().zip(PERIODS) {
            hprintln!("a sample every {} ticks: {:?}", period, tally);
        }
        hprintln!("trained {}: {:?}", sgd.iterations(), neuron);
        microlr_qemu::exit(result)
    }
}

#[cfg(not(board = "lm3s6965evb"))]
#[cortex_m_rt::entry]
fn main() -> ! {
    microlr_qemu::exit(Err("this one is for the lm3s6965evb: --target thumbv7m-none-eabi"))
}
