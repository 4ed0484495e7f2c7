//! The functions whose cost is measured, and their inputs: one text for `cost`, which calls them all, and for
//! `alone`, which links one.

use microlr::{
    CosineDecay, CosineDecayRestarts, ExponentialDecay, InverseTimeDecay, LogisticNeuron,
    PiecewiseConstantDecay, PolynomialDecay, RandomUniform, Schedule, Sgd,
};

/// What the functions work on.
#[derive(Debug)]
pub struct Bench {
    sgd: Sgd<f32>,
    neuron3: LogisticNeuron<f32, 3>,
    neuron16: LogisticNeuron<f32, 16>,
    neuron64: LogisticNeuron<f32, 64>,
}

impl Bench {
    /// The same start for everyone.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            sgd: Sgd::new(0.01),
            neuron3: LogisticNeuron::new([0.1; 3], 0.2),
            neuron16: LogisticNeuron::new([0.1; 16], 0.2),
            neuron64: LogisticNeuron::new([0.1; 64], 0.2),
        }
    }
}

impl Default for Bench {
    fn default() -> Self {
        Self::new()
    }
}

/// A function under measurement; the number is a step, or which sample to use.
pub type Function = fn(&mut Bench, u32) -> f32;

static EXPONENTIAL: ExponentialDecay<f32> = ExponentialDecay::new(0.1, 1000, 0.95);
static STAIRCASE: ExponentialDecay<f32> = EXPONENTIAL.staircase();
static PIECEWISE: PiecewiseConstantDecay<f32, 3> =
    PiecewiseConstantDecay::new([125, 250, 100_000], [0.1, 0.075, 0.05, 0.025]);
static LINEAR: PolynomialDecay<f32> = PolynomialDecay::new(0.1, 1000, 0.001).cycle();
static ROOT: PolynomialDecay<f32> = LINEAR.power(0.5);
static INVERSE_TIME: InverseTimeDecay<f32> = InverseTimeDecay::new(0.1, 50, 0.1);
static COSINE: CosineDecay<f32> = CosineDecay::new(0.1, 4_000_000_000);
static WARMED: CosineDecay<f32> = COSINE.alpha(0.01).warmup(0.2, 100);
static RESTARTS: CosineDecayRestarts<f32> = CosineDecayRestarts::new(0.1, 10);
static EQUAL: CosineDecayRestarts<f32> = RESTARTS.t_mul(1.0).m_mul(0.999);
static SLOWER: CosineDecayRestarts<f32> = RESTARTS.t_mul(1.01).m_mul(0.9);
static RANDOM: RandomUniform<f32> = RandomUniform::new(0.001, 0.1, 42);

/// Samples with 64 features each, of which the smaller neurons see the first.
static SAMPLES: [[f32; 64]; 8] = {
    let mut samples = [[0.0; 64]; 8];
    let mut word = 1_u32;
    let mut index = 0;
    while index < 512 {
        word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        samples[index / 64][index % 64] = (word >> 8) as f32 / 8_388_608.0 - 1.0;
        index += 1;
    }
    samples
};
static LABELS: [f32; 8] = [0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0];

/// The first `N` features of every sample.
const fn narrow<const N: usize>() -> [[f32; N]; 8] {
    let mut samples = [[0.0; N]; 8];
    let mut index = 0;
    while index < 8 * N {
        samples[index / N][index % N] = SAMPLES[index / N][index % N];
        index += 1;
    }
    samples
}
static SAMPLES3: [[f32; 3]; 8] = narrow();
static SAMPLES16: [[f32; 16]; 8] = narrow();

/// The data, which are no part of what a function costs.
#[must_use]
pub fn data() -> [&'static [f32]; 4] {
    [SAMPLES.as_flattened(), SAMPLES3.as_flattened(), SAMPLES16.as_flattened(), &LABELS]
}

macro_rules! neuron {
    ($neuron:ident, $samples:ident, predict) => {
        |bench, sample| bench.$neuron.predict(&$samples[sample as usize % 8])
    };
    ($neuron:ident, $samples:ident, step) => {
        |bench, sample| {
            let index = sample as usize % 8;
            let report = bench.sgd.step(&mut bench.$neuron, &$samples[index], LABELS[index]);
            report.map_or(f32::NAN, |report| report.loss)
        }
    };
    ($neuron:ident, $samples:ident, step_batch) => {
        |bench, _| {
            let report = bench.sgd.step_batch(&mut bench.$neuron, &$samples, &LABELS);
            report.map_or(f32::NAN, |report| report.loss)
        }
    };
}

/// How many of the functions are schedules: the first ones.
pub const SCHEDULES: usize = 12;

/// Every function, by the name that the tables have for it.
pub const FUNCTIONS: [(&str, Function); 21] = [
    ("exponential", |_, step| EXPONENTIAL.lr(step)),
    ("exponential, staircase", |_, step| STAIRCASE.lr(step)),
    ("piecewise constant, 3 boundaries", |_, step| PIECEWISE.lr(step)),
    ("polynomial, linear, cycle", |_, step| LINEAR.lr(step)),
    ("polynomial, power 0.5, cycle", |_, step| ROOT.lr(step)),
    ("inverse time", |_, step| INVERSE_TIME.lr(step)),
    ("cosine", |_, step| COSINE.lr(step)),
    ("cosine, alpha and warm-up", |_, step| WARMED.lr(step)),
    ("restarts, t_mul 2", |_, step| RESTARTS.lr(step)),
    ("restarts, t_mul 1, m_mul 0.999", |_, step| EQUAL.lr(step)),
    ("restarts, t_mul 1.01, m_mul 0.9", |_, step| SLOWER.lr(step)),
    ("random uniform", |_, step| RANDOM.lr(step)),
    ("predict, N = 3", neuron!(neuron3, SAMPLES3, predict)),
    ("predict, N = 16", neuron!(neuron16, SAMPLES16, predict)),
    ("predict, N = 64", neuron!(neuron64, SAMPLES, predict)),
    ("step, N = 3", neuron!(neuron3, SAMPLES3, step)),
    ("step, N = 16", neuron!(neuron16, SAMPLES16, step)),
    ("step, N = 64", neuron!(neuron64, SAMPLES, step)),
    ("step_batch of 8, N = 3", neuron!(neuron3, SAMPLES3, step_batch)),
    ("step_batch of 8, N = 16", neuron!(neuron16, SAMPLES16, step_batch)),
    ("step_batch of 8, N = 64", neuron!(neuron64, SAMPLES, step_batch)),
];
