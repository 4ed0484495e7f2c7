//! What `from_keras` prints for each file in `keras/`.

use microlr::*;

pub(crate) static COSINE: CosineDecay<f32> = CosineDecay::new(0.1, 500);

pub(crate) static COSINE_WARMUP: CosineDecay<f32> =
    CosineDecay::new(0.0, 400).alpha(0.1).warmup(0.1, 50);

pub(crate) static EXPONENTIAL: ExponentialDecay<f32> = ExponentialDecay::new(0.1, 1000, 0.96);

pub(crate) static EXPONENTIAL_STAIRCASE: ExponentialDecay<f32> =
    ExponentialDecay::new(0.1, 5, 0.95).staircase();

pub(crate) static INVERSE_TIME: InverseTimeDecay<f32> = InverseTimeDecay::new(0.1, 50, 0.5);

pub(crate) static INVERSE_TIME_STAIRCASE: InverseTimeDecay<f32> =
    InverseTimeDecay::new(0.1, 50, 0.1).staircase();

pub(crate) static NAMED: CosineDecay<f32> = CosineDecay::new(0.1, 500);

pub(crate) static PIECEWISE: PiecewiseConstantDecay<f32, 3> =
    PiecewiseConstantDecay::new([125, 250, 375], [0.1, 0.075, 0.05, 0.025]);

pub(crate) static PIECEWISE_INTEGERS: PiecewiseConstantDecay<f32, 2> =
    PiecewiseConstantDecay::new([10, 50], [2.0, 1.0, 0.5]);

pub(crate) static POLYNOMIAL: PolynomialDecay<f32> = PolynomialDecay::new(0.1, 100, 0.0001);

pub(crate) static POLYNOMIAL_CYCLE: PolynomialDecay<f32> =
    PolynomialDecay::new(0.1, 100, 0.001).power(2.0).cycle();

pub(crate) static RESTARTS: CosineDecayRestarts<f32> = CosineDecayRestarts::new(0.1, 10);

pub(crate) static RESTARTS_OPTIONS: CosineDecayRestarts<f32> =
    CosineDecayRestarts::new(0.1, 10).t_mul(1.5).m_mul(0.9).alpha(0.1);

pub(crate) static ADAM: CosineDecay<f32> = CosineDecay::new(0.0, 400).alpha(0.1).warmup(0.1, 50);

pub(crate) static SGD: PolynomialDecay<f32> =
    PolynomialDecay::new(0.1, 100, 0.001).power(2.0).cycle();

pub(crate) static SGD_CONSTANT: f32 = 0.05;

/// Each file, and its schedule.
#[rustfmt::skip]
pub(crate) static ALL: &[(&str, &(dyn Schedule<Rate = f32> + Sync))] = &[
    ("cosine", &COSINE),
    ("cosine_warmup", &COSINE_WARMUP),
    ("exponential", &EXPONENTIAL),
    ("exponential_staircase", &EXPONENTIAL_STAIRCASE),
    ("inverse_time", &INVERSE_TIME),
    ("inverse_time_staircase", &INVERSE_TIME_STAIRCASE),
    ("named", &NAMED),
    ("piecewise", &PIECEWISE),
    ("piecewise_integers", &PIECEWISE_INTEGERS),
    ("polynomial", &POLYNOMIAL),
    ("polynomial_cycle", &POLYNOMIAL_CYCLE),
    ("restarts", &RESTARTS),
    ("restarts_options", &RESTARTS_OPTIONS),
    ("adam", &ADAM),
    ("sgd", &SGD),
    ("sgd_constant", &SGD_CONSTANT),
];
