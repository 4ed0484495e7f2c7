//! The rate of every schedule, and of burn's where it has the same one.

use std::hint::black_box;

use burn::lr_scheduler::LrScheduler;
use burn::lr_scheduler::composed::ComposedLrSchedulerConfig;
use burn::lr_scheduler::constant::ConstantLr;
use burn::lr_scheduler::cosine::CosineAnnealingLrSchedulerConfig;
use burn::lr_scheduler::exponential::ExponentialLrSchedulerConfig;
use burn::lr_scheduler::linear::LinearLrSchedulerConfig;
use burn::lr_scheduler::noam::NoamLrSchedulerConfig;
use burn::lr_scheduler::step::StepLrSchedulerConfig;
use microlr::{
    CosineDecay, CosineDecayRestarts, ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay,
    PolynomialDecay, RandomUniform, Schedule, from_fn,
};

use crate::{Cell, Row, STEPS, Table};

const DECAY_STEPS: u32 = STEPS as u32;
const WARMUP_STEPS: u32 = 100;

// In each of these the schedule is hidden from the optimiser before every call: in a training run other
// work lies between two rates, and nothing of one is left over for the next.

fn burn<S: LrScheduler + 'static>(mut scheduler: S) -> Option<Cell> {
    let initial = scheduler.clone();
    Some(Box::new(move |rates| {
        scheduler.clone_from(&initial);
        for rate in rates {
            *rate = black_box(&mut scheduler).step();
        }
    }))
}

fn lr<S: Schedule<Rate: Into<f64>> + 'static>(schedule: S) -> Option<Cell> {
    Some(Box::new(move |rates| {
        for (step, rate) in (0..).zip(rates) {
            *rate = black_box(&schedule).lr(step).into();
        }
    }))
}

fn iter<S: Schedule<Rate = f64> + 'static>(schedule: S) -> Option<Cell> {
    Some(Box::new(move |rates| {
        let mut steps = schedule.iter();
        for rate in rates {
            *rate = black_box(&mut steps).next().unwrap_or(f64::NAN);
        }
    }))
}

/// A row: burn's scheduler, then the schedule for f64 twice and for f32; `F` is the type of the moment.
macro_rules! row {
    ($name:literal, $peer:expr, $schedule:expr) => {
        Row {
            name: $name,
            cells: vec![
                $peer,
                {
                    type F = f64;
                    lr($schedule)
                },
                {
                    type F = f64;
                    iter($schedule)
                },
                {
                    type F = f32;
                    lr($schedule)
                },
            ],
        }
    };
}

fn scheduler<T>(valid: Result<T, String>) -> T {
    valid.unwrap_or_else(|error| panic!("burn: {error}"))
}

pub(crate) fn table() -> Table {
    let exponential = |gamma| scheduler(ExponentialLrSchedulerConfig::new(0.1, gamma).init());
    let linear = LinearLrSchedulerConfig::new(0.1, 0.001, STEPS);
    let cosine = CosineAnnealingLrSchedulerConfig::new(0.1, STEPS);
    let stairs = StepLrSchedulerConfig::new(0.1, 5).with_gamma(0.95);
    let noam =
        NoamLrSchedulerConfig::new(1.0).with_warmup_steps(WARMUP_STEPS as usize).with_model_size(1);
    let product = ComposedLrSchedulerConfig::new()
        .linear(linear.clone())
        .cosine(CosineAnnealingLrSchedulerConfig::new(1.0, STEPS));
    let rows = vec![
        row!("constant", burn(ConstantLr::new(0.1)), 0.1 as F),
        row!(
            "piecewise constant, 3 boundaries",
            None,
            PiecewiseConstantDecay::<F, 3>::new([125, 250, 375], [0.1, 0.075, 0.05, 0.025])
        ),
        row!(
            "linear",
            burn(scheduler(linear.init())),
            PolynomialDecay::<F>::new(0.1, DECAY_STEPS, 0.001)
        ),
        row!("linear, cycle", None, PolynomialDecay::<F>::new(0.1, 100, 0.001).cycle()),
        row!("polynomial, power 2.5", None, {
            PolynomialDecay::<F>::new(0.1, DECAY_STEPS, 0.001).power(2.5)
        }),
        row!(
            "exponential, d = 1",
            burn(exponential(0.99)),
            ExponentialDecay::<F>::new(0.1, 1, 0.99)
        ),
        row!(
            "exponential, d = 5",
            burn(exponential(0.95_f64.powf(0.2))),
            ExponentialDecay::<F>::new(0.1, 5, 0.95)
        ),
        row!(
            "exponential, staircase",
            burn(scheduler(stairs.init())),
            ExponentialDecay::<F>::new(0.1, 5, 0.95).staircase()
        ),
        row!("inverse time", None, InverseTimeDecay::<F>::new(0.1, 50, 0.1)),
        row!("inverse time, staircase", None, {
            InverseTimeDecay::<F>::new(0.1, 50, 0.1).staircase()
        }),
        row!("cosine", burn(scheduler(cosine.init())), CosineDecay::<F>::new(0.1, DECAY_STEPS)),
        row!(
            "cosine, floor",
            burn(scheduler(cosine.clone().with_min_lr(0.01).init())),
            CosineDecay::<F>::new(0.1, DECAY_STEPS).alpha(0.1)
        ),
        row!("cosine, warm-up", None, CosineDecay::<F>::new(0.0, 400).warmup(0.1, WARMUP_STEPS)),
        row!(
            "cosine restarts, t_mul 2, m_mul 0.9",
            None,
            CosineDecayRestarts::<F>::new(0.1, 10).m_mul(0.9)
        ),
        row!("cosine restarts, t_mul 1", None, {
            CosineDecayRestarts::<F>::new(0.1, 10).t_mul(1.0)
        }),
        row!("cosine restarts, t_mul 1.5", None, {
            CosineDecayRestarts::<F>::new(0.1, 10).t_mul(1.5)
        }),
        row!("random uniform", None, RandomUniform::<F>::new(0.001, 0.1, 42)),
        row!("Noam", burn(scheduler(noam.init())), {
            const PEAK: F = 0.1; // 1/√WARMUP_STEPS
            PolynomialDecay::new(PEAK / WARMUP_STEPS as F, WARMUP_STEPS - 1, PEAK)
                .then(WARMUP_STEPS - 1, from_fn(|step| 1.0 / ((step + WARMUP_STEPS) as F).sqrt()))
        }),
        row!("linear times cosine", burn(scheduler(product.init())), {
            let line = PolynomialDecay::<F>::new(0.1, DECAY_STEPS, 0.001);
            let wave = CosineDecay::<F>::new(1.0, DECAY_STEPS);
            from_fn(move |step| line.lr(step) * wave.lr(step))
        }),
    ];
    Table {
        head: &["a rate", "burn, f64", "`lr`, f64", "`iter`, f64", "`lr`, f32"],
        peers: 1,
        rows,
    }
}
