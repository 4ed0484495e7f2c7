//! The functions whose cost is measured, and their inputs. `cost` calls all, `alone` links one.

use core::hint::black_box;

use microlr::{
    AnySchedule, CosineDecay, Error, Float, Linear, LogisticNeuron, Moments, Momentum, Report,
    Schedule, Sgd, Standardizer,
};

use crate::chosen::{Chosen, RECORDS};
use crate::statics::ROWS;

/// A function under measurement; the number is a step.
#[derive(Debug, Clone, Copy)]
pub enum Function {
    /// The rate at a step.
    Rate(fn(u32) -> f32),
    /// What works on a `Bench`.
    Training(fn(&mut Bench, u32) -> f32),
    /// A function that changes `Parts`.
    Part(fn(&mut Parts, u32) -> f32),
}

/// A neuron and a sample.
#[derive(Debug)]
struct Case<const N: usize> {
    neuron: LogisticNeuron<f32, N>,
    x: [f32; N],
}

impl<const N: usize> Case<N> {
    /// The first `N` of 64 features.
    const SAMPLES: [[f32; N]; 8] = {
        let mut samples = [[0.0; N]; 8];
        let mut word = 1_u32;
        let mut index = 0;
        while index < 512 {
            word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if index % 64 < N {
                samples[index / 64][index % 64] = (word >> 8) as f32 / 8_388_608.0 - 1.0;
            }
            index += 1;
        }
        samples
    };

    const fn new(sample: usize) -> Self {
        Self { neuron: LogisticNeuron::new([0.1; N], 0.2), x: Self::SAMPLES[sample] }
    }
}

static LABELS: [f32; 8] = [0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0];

/// What training works on.
#[derive(Debug)]
pub struct Bench {
    sgd: Sgd<f32>,
    case3: Case<3>,
    case6: Case<6>,
    case16: Case<16>,
    case64: Case<64>,
    y: f32,
    record: &'static [u8],
}

impl Bench {
    /// At a step, which chooses the sample and, by itself, the label.
    #[must_use]
    pub const fn new(step: u32) -> Self {
        let sample = step as usize % 8;
        Self {
            sgd: Sgd::resume(0.01, step),
            case3: Case::new(sample),
            case6: Case::new(sample),
            case16: Case::new(sample),
            case64: Case::new(sample),
            y: LABELS[step as usize / 8 % 8],
            record: RECORDS[4],
        }
    }
}

/// The state of the functions with rules and of the standardizer.
#[derive(Debug)]
pub struct Parts {
    sgd: Sgd<f32, Momentum<f32, 6>>,
    standardizer: Standardizer<f32, 6>,
    case: Case<6>,
    y: f32,
}

impl Parts {
    /// As [`Bench::new`]. The variances are above 0, so that a clamp needs a square root.
    #[must_use]
    pub fn new(step: u32) -> Self {
        let Bench { case6: case, y, .. } = Bench::new(step);
        let moments = Moments::new(1000, [0.0; 6], [0.3; 6]);
        let standardizer = Standardizer::from_moments(moments).clamp(3.0);
        Self { sgd: Sgd::resume(0.01, step).with(Momentum::new(0.9)), standardizer, case, y }
    }
}

/// The data of the batches, which are no part of what a function costs.
#[must_use]
pub fn data() -> [&'static [f32]; 4] {
    [
        Case::<3>::SAMPLES.as_flattened(),
        Case::<16>::SAMPLES.as_flattened(),
        Case::<64>::SAMPLES.as_flattened(),
        &LABELS,
    ]
}

/// The schedule of a whole update.
static WARMED: CosineDecay<f32> = CosineDecay::new(0.0, 1000).warmup(0.1, 100);

/// A line, which the compiler does not know.
static ANY: AnySchedule<f32, 8> = AnySchedule::Linear(Linear::new(0.1, 0.001, 1000));

fn loss(report: Result<Report<f32>, Error>) -> f32 {
    report.map_or(f32::NAN, |report| report.loss)
}

macro_rules! training {
    ($case:ident, predict) => {
        Function::Training(|bench, _| bench.$case.neuron.predict(&bench.$case.x))
    };
    ($case:ident, step) => {
        Function::Training(|Bench { sgd, $case: Case { neuron, x }, y, .. }, _| {
            loss(sgd.step(neuron, x, *y))
        })
    };
    ($case:ident, step_batch, $n:literal) => {
        Function::Training(|Bench { sgd, $case: Case { neuron, .. }, .. }, _| {
            loss(sgd.step_batch(neuron, &Case::<$n>::SAMPLES, &LABELS))
        })
    };
}

/// Beside the rates of the catalogue: two with the functions of libm, and what works on a `Bench`.
const OTHERS: [(&str, Function); 16] = [
    (
        "exponential, with libm's powf",
        Function::Rate(|step| 0.1 * Float::powf(0.95, f32::from_step(step) / 1000.0)),
    ),
    (
        "cosine, 500 steps, with libm's cosf",
        Function::Rate(|step| {
            let turn = f32::from_step(step.min(500)) / 500.0;
            0.05 * (1.0 + Float::cos(core::f32::consts::PI * turn))
        }),
    ),
    ("predict, N = 3", training!(case3, predict)),
    ("predict, N = 16", training!(case16, predict)),
    ("predict, N = 64", training!(case64, predict)),
    ("step, N = 3", training!(case3, step)),
    ("step, N = 16", training!(case16, step)),
    ("step, N = 64", training!(case64, step)),
    ("step_batch of 8, N = 3", training!(case3, step_batch, 3)),
    ("step_batch of 8, N = 16", training!(case16, step_batch, 16)),
    ("step_batch of 8, N = 64", training!(case64, step_batch, 64)),
    (
        "update, N = 6, warmed cosine",
        Function::Training(|Bench { case6: Case { neuron, x }, y, .. }, step| {
            loss(Sgd::resume(&WARMED, step).step(neuron, x, *y))
        }),
    ),
    (
        "step with momentum, N = 6",
        Function::Part(|Parts { sgd, case: Case { neuron, x }, y, .. }, _| {
            loss(sgd.step(neuron, x, *y))
        }),
    ),
    (
        "standardizer, N = 6",
        Function::Part(|Parts { standardizer, case: Case { x, .. }, .. }, _| {
            let observed = standardizer.observe(x);
            observed.map_or(f32::NAN, |()| standardizer.transform(x).iter().sum())
        }),
    ),
    ("any schedule, behind a reference", Function::Rate(|step| black_box(&ANY).lr(step))),
    (
        "one of six, parsed from bytes",
        Function::Training(|bench, step| {
            Chosen::parse(bench.record).map_or(f32::NAN, |chosen| chosen.lr(step))
        }),
    ),
];

/// How many functions there are.
pub const COUNT: usize = ROWS.len() + OTHERS.len();

/// A function, and the label of its row in the tables.
#[must_use]
pub const fn function(index: usize) -> (&'static str, Function) {
    if index < ROWS.len() {
        (ROWS[index].label, Function::Rate(ROWS[index].lr))
    } else {
        OTHERS[index - ROWS.len()]
    }
}
