use microlr::{
    CosineDecay, CosineDecayRestarts, Error, ExponentialDecay, FromFn, InverseTimeDecay,
    PiecewiseConstantDecay, PolynomialDecay, RandomUniform, from_fn,
};

use super::{
    ALPHA, CYCLE, Entry, M_MUL, Number, ORDINARY, POWER, Parameters, Real, STAIRCASE, T_MUL, WARMUP,
};

pub(super) struct Exponential;

impl Entry for Exponential {
    const NAME: &'static str = "ExponentialDecay";
    const FORMULA: &'static str = "lr₀ · r^(s/d)";
    const KERAS: &'static str = "ExponentialDecay";
    const PYTORCH: &'static str = "ExponentialLR, StepLR";
    const OPTAX: &'static str = "exponential_decay";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("quickstart", Parameters { steps: 5, factor: 0.95, options: STAIRCASE, ..ORDINARY }),
        ("smooth", Parameters { steps: 1000, factor: 0.96, ..ORDINARY }),
        ("rising", Parameters { rate: 1e-6, steps: 100_000, factor: 10.0, ..ORDINARY }),
        ("slow", Parameters { rate: 0.5, steps: u32::MAX, factor: 0.01, ..ORDINARY }),
        ("near 1", Parameters { steps: 1, factor: 0.999_999_94, ..ORDINARY }),
        ("underflow", Parameters { rate: 1e30, steps: 3, factor: 1e-9, ..ORDINARY }),
        ("overflow", Parameters { steps: 7, factor: 1.5, options: STAIRCASE, ..ORDINARY }),
        ("zero", Parameters { rate: 0.0, steps: 1, factor: 2.0, ..ORDINARY }),
    ];

    type Built<F: Number> = ExponentialDecay<F>;

    fn new<F: Number>(p: &Parameters<F>) -> ExponentialDecay<F> {
        ExponentialDecay::new(p.rate, p.steps, p.factor)
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<ExponentialDecay<F>, Error> {
        ExponentialDecay::try_new(p.rate, p.steps, p.factor)
    }
    fn options<F: Number>(decay: ExponentialDecay<F>, p: &Parameters<F>) -> ExponentialDecay<F> {
        if p.has(STAIRCASE) { decay.staircase() } else { decay }
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        multiples(p.steps)
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        if p.factor <= F::one() { [F::zero(), p.rate] } else { [p.rate, F::infinity()] }
    }
    fn falls<F: Number>(p: &Parameters<F>) -> bool {
        p.factor <= F::one()
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        // By halves, since the power may underflow where the rate does not.
        let root = R::from_f64(p.factor).powf(progress::<R>(p, step) / number(2));
        times(times(R::from_f64(p.rate), root.clone()), root)
    }
}

/// Three boundaries that `steps` and `other_steps` place, and the values `rate`, `other_rate`,
/// `factor`, `fraction`.
pub(super) struct Piecewise;

impl Piecewise {
    fn boundaries<F>(p: &Parameters<F>) -> [u32; 3] {
        let first = p.steps.min(u32::MAX - 2);
        let distance = p.other_steps.clamp(1, (u32::MAX - first) / 2);
        [first, first + distance, first + 2 * distance]
    }
    fn values<F: Copy>(p: &Parameters<F>) -> [F; 4] {
        [p.rate, p.other_rate, p.factor, p.fraction]
    }
}

impl Entry for Piecewise {
    const NAME: &'static str = "PiecewiseConstantDecay";
    const FORMULA: &'static str = "vᵢ for bᵢ₋₁ < s ≤ bᵢ";
    const KERAS: &'static str = "PiecewiseConstantDecay";
    const PYTORCH: &'static str = "MultiStepLR";
    const OPTAX: &'static str = "piecewise_constant_schedule";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("quickstart", Parameters { steps: 125, other_steps: 125, ..PIECES }),
        ("first steps", Parameters { steps: 1, other_steps: 1, ..PIECES }),
        ("beyond 2^24", Parameters { steps: 1 << 24, other_steps: 1 << 30, ..PIECES }),
        ("last steps", Parameters { steps: u32::MAX, ..PIECES }),
        ("rising", Parameters { rate: 0.0, other_rate: 1e-30, factor: 1e30, ..PIECES }),
    ];

    type Built<F: Number> = PiecewiseConstantDecay<F, 3>;

    fn new<F: Number>(p: &Parameters<F>) -> PiecewiseConstantDecay<F, 3> {
        PiecewiseConstantDecay::new(Self::boundaries(p), Self::values(p))
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<PiecewiseConstantDecay<F, 3>, Error> {
        PiecewiseConstantDecay::try_new(Self::boundaries(p), Self::values(p))
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        let [a, b, c] = Self::boundaries(p);
        [a, b, c, u32::MAX]
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        let [a, b, c, d] = Self::values(p);
        [a.min(b).min(c).min(d), a.max(b).max(c).max(d)]
    }
    fn falls<F: Number>(p: &Parameters<F>) -> bool {
        p.rate >= p.other_rate && p.other_rate >= p.factor && p.factor >= p.fraction
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        let [a, b, c] = Self::boundaries(p);
        R::from_f64(match step {
            _ if step <= a => p.rate,
            _ if step <= b => p.other_rate,
            _ if step <= c => p.factor,
            _ => p.fraction,
        })
    }
}

const PIECES: Parameters<f64> =
    Parameters { other_rate: 0.075, factor: 0.05, fraction: 0.025, ..ORDINARY };

pub(super) struct Polynomial;

impl Polynomial {
    /// The last step of the cycle that `step` belongs to.
    fn end(p: &Parameters<f64>, step: u32) -> u64 {
        let (step, length) = (u64::from(step), u64::from(p.steps));
        if p.has(CYCLE) { length * step.div_ceil(length).max(1) } else { length }
    }
}

impl Entry for Polynomial {
    const NAME: &'static str = "PolynomialDecay";
    const FORMULA: &'static str = "(lr₀ - end) · (1 - s/d)^p + end";
    const KERAS: &'static str = "PolynomialDecay";
    const PYTORCH: &'static str = "PolynomialLR, LinearLR";
    const OPTAX: &'static str = "polynomial_schedule";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("quickstart", Parameters { options: CYCLE, ..ORDINARY }),
        ("linear", Parameters { steps: 500, other_rate: 0.0, ..ORDINARY }),
        ("squared", Parameters { steps: 500, options: POWER, ..ORDINARY }),
        ("root", Parameters { power: 0.5, options: POWER | CYCLE, ..ORDINARY }),
        ("rising", Parameters { rate: 0.001, other_rate: 0.1, steps: 41, ..ORDINARY }),
        ("power 20", Parameters { power: 20.0, steps: 7, options: POWER, ..ORDINARY }),
        ("power 0.01", Parameters { power: 0.01, options: POWER | CYCLE, ..ORDINARY }),
        ("far apart", Parameters { rate: 1e30, other_rate: 1e-30, options: CYCLE, ..ORDINARY }),
        ("long", Parameters { rate: 1.0, other_rate: 0.999, steps: u32::MAX, ..ORDINARY }),
        ("beyond 2^24", Parameters { steps: (1 << 24) + 1, options: POWER | CYCLE, ..ORDINARY }),
        ("one step", Parameters { steps: 1, options: CYCLE, ..ORDINARY }),
    ];

    type Built<F: Number> = PolynomialDecay<F>;

    fn new<F: Number>(p: &Parameters<F>) -> PolynomialDecay<F> {
        PolynomialDecay::new(p.rate, p.steps, p.other_rate)
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<PolynomialDecay<F>, Error> {
        PolynomialDecay::try_new(p.rate, p.steps, p.other_rate)
    }
    fn options<F: Number>(mut decay: PolynomialDecay<F>, p: &Parameters<F>) -> PolynomialDecay<F> {
        if p.has(POWER) {
            decay = decay.power(p.power);
        }
        if p.has(CYCLE) { decay.cycle() } else { decay }
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        multiples(p.steps)
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        [p.rate.min(p.other_rate), p.rate.max(p.other_rate)]
    }
    fn falls<F: Number>(p: &Parameters<F>) -> bool {
        !p.has(CYCLE) && p.rate >= p.other_rate
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        let end = Self::end(p, step);
        let remaining = end.saturating_sub(step.into());
        let power = R::from_f64(if p.has(POWER) { p.power } else { 1.0 });
        let of_start = fraction::<R>(remaining, end).powf(power.clone());
        let elapsed = end - remaining;
        let of_end = if elapsed < remaining {
            // The difference would cancel.
            number::<R>(0) - (power * (number::<R>(0) - fraction(elapsed, end)).ln_1p()).exp_m1()
        } else {
            number::<R>(1) - of_start.clone()
        };
        R::from_f64(p.rate) * of_start + R::from_f64(p.other_rate) * of_end
    }
}

pub(super) struct InverseTime;

impl Entry for InverseTime {
    const NAME: &'static str = "InverseTimeDecay";
    const FORMULA: &'static str = "lr₀ / (1 + r · s/d)";
    const KERAS: &'static str = "InverseTimeDecay";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("quickstart", Parameters { steps: 50, factor: 0.1, options: STAIRCASE, ..ORDINARY }),
        ("smooth", Parameters { steps: 50, factor: 0.5, ..ORDINARY }),
        ("slow", Parameters { rate: 0.7, steps: u32::MAX, factor: 3.0, ..ORDINARY }),
        ("constant", Parameters { factor: 0.0, ..ORDINARY }),
        ("steep", Parameters { rate: 1e30, steps: 1, factor: 1e30, ..ORDINARY }),
        ("gentle", Parameters { rate: 1e-12, steps: 7, factor: 1e-9, ..ORDINARY }),
    ];

    type Built<F: Number> = InverseTimeDecay<F>;

    fn new<F: Number>(p: &Parameters<F>) -> InverseTimeDecay<F> {
        InverseTimeDecay::new(p.rate, p.steps, p.factor)
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<InverseTimeDecay<F>, Error> {
        InverseTimeDecay::try_new(p.rate, p.steps, p.factor)
    }
    fn options<F: Number>(decay: InverseTimeDecay<F>, p: &Parameters<F>) -> InverseTimeDecay<F> {
        if p.has(STAIRCASE) { decay.staircase() } else { decay }
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        multiples(p.steps)
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        [F::zero(), p.rate]
    }
    fn falls<F: Number>(_: &Parameters<F>) -> bool {
        true
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        R::from_f64(p.rate) / (number::<R>(1) + R::from_f64(p.factor) * progress(p, step))
    }
}

pub(super) struct Cosine;

impl Entry for Cosine {
    const NAME: &'static str = "CosineDecay";
    const FORMULA: &'static str = "lr₀ · ½(1 + cos(π · s/d))";
    const KERAS: &'static str = "CosineDecay";
    const PYTORCH: &'static str = "CosineAnnealingLR";
    const OPTAX: &'static str = "cosine_decay_schedule";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("quickstart", Parameters { steps: 500, ..ORDINARY }),
        ("floor", Parameters { steps: 500, fraction: 0.1, options: ALPHA, ..ORDINARY }),
        (
            "warm-up",
            Parameters {
                rate: 0.0,
                other_rate: 0.1,
                steps: 450,
                other_steps: 50,
                options: ALPHA | WARMUP,
                ..ORDINARY
            },
        ),
        ("cool-down", Parameters { rate: 0.3, other_rate: 0.01, options: WARMUP, ..ORDINARY }),
        ("no warm-up", Parameters { other_steps: 0, options: WARMUP, ..ORDINARY }),
        ("one step", Parameters { steps: 1, ..ORDINARY }),
        ("long", Parameters { steps: 100_000, fraction: 1e-9, options: ALPHA, ..ORDINARY }),
        ("beyond 2^24", Parameters { steps: (1 << 24) + 1, ..ORDINARY }),
        ("longest", Parameters { steps: u32::MAX, fraction: 1.0, options: ALPHA, ..ORDINARY }),
        ("late", Parameters { other_steps: u32::MAX, options: WARMUP, ..ORDINARY }),
    ];

    type Built<F: Number> = CosineDecay<F>;

    fn new<F: Number>(p: &Parameters<F>) -> CosineDecay<F> {
        CosineDecay::new(p.rate, p.steps)
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<CosineDecay<F>, Error> {
        CosineDecay::try_new(p.rate, p.steps)
    }
    fn options<F: Number>(mut decay: CosineDecay<F>, p: &Parameters<F>) -> CosineDecay<F> {
        if p.has(ALPHA) {
            decay = decay.alpha(p.fraction);
        }
        if p.has(WARMUP) { decay.warmup(p.other_rate, p.other_steps) } else { decay }
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        let start = if p.has(WARMUP) { p.other_steps } else { 0 };
        [start, start.saturating_add(p.steps / 2), start.saturating_add(p.steps), u32::MAX]
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        let alpha = if p.has(ALPHA) { p.fraction } else { F::zero() };
        match p.has(WARMUP) {
            // Without a step of warm-up the decay begins at the target.
            true if p.other_steps == 0 => [p.other_rate * alpha, p.other_rate],
            true => [p.rate.min(p.other_rate * alpha), p.rate.max(p.other_rate)],
            false => [p.rate * alpha, p.rate],
        }
    }
    fn falls<F: Number>(p: &Parameters<F>) -> bool {
        !p.has(WARMUP) || p.other_steps == 0 || p.rate >= p.other_rate
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        let (rate, target) = (R::from_f64(p.rate), R::from_f64(p.other_rate));
        if !p.has(WARMUP) {
            return rate * floored(p, cosine(step, p.steps));
        }
        let start = p.other_steps;
        match step.checked_sub(start) {
            Some(step) => target * floored(p, cosine(step, p.steps)),
            None => {
                let [elapsed, remaining] =
                    [step, start - step].map(|steps| fraction::<R>(steps.into(), start.into()));
                rate * remaining + target * elapsed
            }
        }
    }
}

pub(super) struct CosineRestarts;

impl CosineRestarts {
    /// The height of a cycle and the fraction of it that remains at `step`.
    fn cycle<R: Real>(p: &Parameters<f64>, step: u32) -> (R, R) {
        let t_mul = if p.has(T_MUL) { p.growth } else { 2.0 };
        let (mut index, mut start, mut length) = (0, number::<R>(0), number::<R>(p.steps.into()));
        if t_mul == 1.0 {
            index = u64::from(step / p.steps);
            start = number(u64::from(step - step % p.steps));
        } else {
            while start.clone() + length.clone() <= number(step.into()) {
                start = start + length.clone();
                length = length * R::from_f64(t_mul);
                index += 1;
            }
        }
        let m_mul = R::from_f64(if p.has(M_MUL) { p.factor } else { 1.0 });
        let remaining = length.clone() - (number::<R>(step.into()) - start);
        (m_mul.powf(number(index)), remaining / length)
    }
}

impl Entry for CosineRestarts {
    const NAME: &'static str = "CosineDecayRestarts";
    const FORMULA: &'static str = "lr₀ · mⁱ · ½(1 + cos(π · t/dᵢ))";
    const KERAS: &'static str = "CosineDecayRestarts";
    const PYTORCH: &'static str = "CosineAnnealingWarmRestarts";
    const OPTAX: &'static str = "sgdr_schedule";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("quickstart", Parameters { growth: 2.0, options: T_MUL | M_MUL, ..RESTARTS }),
        ("doubling", Parameters { options: ALPHA, ..RESTARTS }),
        ("equal", Parameters { growth: 1.0, options: T_MUL | M_MUL | ALPHA, ..RESTARTS }),
        ("growing", Parameters { options: T_MUL | M_MUL, ..RESTARTS }),
        ("slowly growing", Parameters { growth: 1.01, options: T_MUL | ALPHA, ..RESTARTS }),
        ("tripling", Parameters { growth: 3.0, steps: 1, options: T_MUL, ..RESTARTS }),
        ("tenth", Parameters { growth: 1.1, steps: 1000, options: T_MUL | M_MUL, ..RESTARTS }),
        ("rising", Parameters { factor: 1.5, options: M_MUL | ALPHA, ..RESTARTS }),
        (
            "high floor",
            Parameters {
                factor: 1.339_423,
                growth: 2.5,
                fraction: 0.974_528_97,
                steps: 24_959,
                options: T_MUL | M_MUL | ALPHA,
                ..RESTARTS
            },
        ),
        // Three units of the smallest f32, of which floor and height are two each.
        (
            "smallest rate",
            Parameters {
                rate: 4.2e-45,
                factor: 0.999_999_94,
                growth: 1.0,
                fraction: 0.5,
                steps: 1,
                options: T_MUL | M_MUL | ALPHA,
                ..RESTARTS
            },
        ),
        ("one cycle", Parameters { growth: 2048.0, steps: 1 << 21, options: T_MUL, ..RESTARTS }),
        ("longest", Parameters { steps: u32::MAX, options: M_MUL, ..RESTARTS }),
        ("underflow", Parameters { factor: 1e-30, options: M_MUL, ..RESTARTS }),
        (
            "one step",
            Parameters {
                growth: 1.0,
                factor: 0.999_999,
                steps: 1,
                options: T_MUL | M_MUL,
                ..RESTARTS
            },
        ),
    ];

    type Built<F: Number> = CosineDecayRestarts<F>;

    fn new<F: Number>(p: &Parameters<F>) -> CosineDecayRestarts<F> {
        CosineDecayRestarts::new(p.rate, p.steps)
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<CosineDecayRestarts<F>, Error> {
        CosineDecayRestarts::try_new(p.rate, p.steps)
    }
    fn options<F: Number>(
        mut restarts: CosineDecayRestarts<F>,
        p: &Parameters<F>,
    ) -> CosineDecayRestarts<F> {
        if p.has(T_MUL) {
            restarts = restarts.t_mul(p.growth);
        }
        if p.has(M_MUL) {
            restarts = restarts.m_mul(p.factor);
        }
        if p.has(ALPHA) { restarts.alpha(p.fraction) } else { restarts }
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        let t_mul = if p.has(T_MUL) { p.growth.to_f64() } else { 2.0 };
        let (mut start, mut length) = (0.0, f64::from(p.steps));
        [(); 4].map(|()| {
            start += length;
            length *= t_mul;
            start as u32
        })
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        let floor = if p.has(ALPHA) { p.rate * p.fraction } else { F::zero() };
        let grows = p.has(M_MUL) && p.factor > F::one();
        [floor, if grows { F::infinity() } else { p.rate }]
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        let (height, remaining) = Self::cycle::<R>(p, step);
        times(R::from_f64(p.rate), floored(p, times(wave(remaining), height)))
    }
    /// Next to a restart between two steps no relative error can be bounded: there it is the peak.
    fn unit<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        if !p.has(T_MUL) || p.growth == f64::from(p.growth as u32) {
            return Self::exact(p, step);
        }
        times(R::from_f64(p.rate), floored(p, Self::cycle::<R>(p, step).0))
    }
}

const RESTARTS: Parameters<f64> = Parameters { steps: 10, ..ORDINARY };

pub(super) struct Random;

impl Entry for Random {
    const NAME: &'static str = "RandomUniform";
    const FORMULA: &'static str = "uniform in [a, b)";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("quickstart", Parameters { rate: 0.001, other_rate: 0.1, ..ORDINARY }),
        ("from 0", Parameters { rate: 0.0, other_rate: 0.1, seed: u64::MAX, ..ORDINARY }),
        ("narrow", Parameters { rate: 1.0, other_rate: 1.000_000_2, seed: 0, ..ORDINARY }),
        ("equal", Parameters { rate: 0.1, other_rate: 0.1, ..ORDINARY }),
        ("wide", Parameters { rate: 1e-30, other_rate: 1e30, seed: 1 << 32, ..ORDINARY }),
    ];

    /// One of the grid of fractions, and three roundings.
    const ULPS: f64 = 2.5;

    type Built<F: Number> = RandomUniform<F>;

    fn new<F: Number>(p: &Parameters<F>) -> RandomUniform<F> {
        RandomUniform::new(p.rate, p.other_rate, p.seed)
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<RandomUniform<F>, Error> {
        RandomUniform::try_new(p.rate, p.other_rate, p.seed)
    }
    fn edges<F: Number>(_: &Parameters<F>) -> [u32; 4] {
        [0, 1 << 16, 1 << 24, u32::MAX]
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        [p.rate, p.other_rate]
    }
    fn ordered<F: Number>(p: Parameters<F>) -> Parameters<F> {
        let [rate, other_rate] = [p.rate.min(p.other_rate), p.rate.max(p.other_rate)];
        Parameters { rate, other_rate, ..p }
    }
    /// The word of Threefry for this seed and step as a fraction, and the interpolation.
    ///
    /// A fraction has as many random bits as the type of the rate; this one has those of `f64`.
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        let word = threefry(p.seed, [step, 0]) >> 11;
        let (a, b) = (R::from_f64(p.rate), R::from_f64(p.other_rate));
        a.clone() + (b - a) * fraction(word, 1 << 53)
    }
    /// The grid of fractions is as coarse as the upper bound.
    fn unit<R: Real>(p: &Parameters<f64>, _: u32) -> R {
        R::from_f64(p.other_rate)
    }
}

/// Threefry-2x32 with 20 rounds, from the paper: the word for a key and a counter.
pub(crate) fn threefry(key: u64, counter: [u32; 2]) -> u64 {
    let [k0, k1] = [key as u32, (key >> 32) as u32];
    let keys = [k0, k1, 0x1bd1_1bda ^ k0 ^ k1];
    let [mut a, mut b] = [counter[0].wrapping_add(k0), counter[1].wrapping_add(k1)];
    for round in 0..20 {
        a = a.wrapping_add(b);
        b = b.rotate_left([13, 15, 26, 6, 17, 29, 16, 24][round % 8]) ^ a;
        if round % 4 == 3 {
            let group = round / 4 + 1;
            a = a.wrapping_add(keys[group % 3]);
            b = b.wrapping_add(keys[(group + 1) % 3]).wrapping_add(group as u32);
        }
    }
    u64::from(a) << 32 | u64::from(b)
}

pub(super) struct Constant;

impl Entry for Constant {
    const NAME: &'static str = "f32";
    const FORMULA: &'static str = "lr₀";
    const KERAS: &'static str = "a number";
    const OPTAX: &'static str = "constant_schedule";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("quickstart", ORDINARY),
        ("zero", Parameters { rate: 0.0, ..ORDINARY }),
        ("tiny", Parameters { rate: 1e-30, ..ORDINARY }),
    ];

    type Built<F: Number> = F;

    fn new<F: Number>(p: &Parameters<F>) -> F {
        p.rate
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<F, Error> {
        p.rate.validate()?;
        Ok(p.rate)
    }
    fn edges<F: Number>(_: &Parameters<F>) -> [u32; 4] {
        [0, 1 << 16, 1 << 24, u32::MAX]
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        [p.rate, p.rate]
    }
    fn falls<F: Number>(_: &Parameters<F>) -> bool {
        true
    }
    fn exact<R: Real>(p: &Parameters<f64>, _: u32) -> R {
        R::from_f64(p.rate)
    }
}

/// The inverse square root, as an example of a function.
pub(super) struct Function;

fn inverse_sqrt<F: Number>(step: u32) -> F {
    F::from_step(step.saturating_add(1)).sqrt().recip()
}

impl Entry for Function {
    const NAME: &'static str = "FromFn";
    const FORMULA: &'static str = "any function of s";
    const KERAS: &'static str = "a callable";
    const PYTORCH: &'static str = "LambdaLR";
    const OPTAX: &'static str = "a callable";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[("inverse root", ORDINARY)];

    type Built<F: Number> = FromFn<fn(u32) -> F>;

    fn new<F: Number>(_: &Parameters<F>) -> FromFn<fn(u32) -> F> {
        from_fn(inverse_sqrt::<F>)
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<FromFn<fn(u32) -> F>, Error> {
        Ok(Self::new(p))
    }
    fn edges<F: Number>(_: &Parameters<F>) -> [u32; 4] {
        [0, 1 << 16, 1 << 24, u32::MAX]
    }
    fn bounds<F: Number>(_: &Parameters<F>) -> [F; 2] {
        [F::zero(), F::one()]
    }
    fn falls<F: Number>(_: &Parameters<F>) -> bool {
        true
    }
    fn exact<R: Real>(_: &Parameters<f64>, step: u32) -> R {
        number::<R>(u64::from(step.saturating_add(1))).powf(R::from_f64(-0.5))
    }
}

/// Multiples of a number of steps: the first ones and the last.
pub(super) fn multiples(steps: u32) -> [u32; 4] {
    let last = u32::MAX / steps.max(1) * steps;
    [steps, steps.saturating_mul(2), steps.saturating_mul(3), last]
}

pub(super) fn number<R: Real>(n: u64) -> R {
    R::from_u64(n)
}

pub(super) fn fraction<R: Real>(numerator: u64, denominator: u64) -> R {
    R::from_u64(numerator) / R::from_u64(denominator)
}

/// The product; 0 times a power beyond the range of the arithmetic is 0.
pub(super) fn times<R: Real>(a: R, b: R) -> R {
    if a == number(0) || b == number(0) { number(0) } else { a * b }
}

/// s/d of the exponential and the inverse time.
fn progress<R: Real>(p: &Parameters<f64>, step: u32) -> R {
    if p.has(STAIRCASE) {
        number((step / p.steps).into())
    } else {
        fraction(step.into(), p.steps.into())
    }
}

/// ½(1 + cos(π·(1 - u))) = sin²(π/2·u), without cancellation near 0.
pub(super) fn wave<R: Real>(remaining: R) -> R {
    if remaining == number(1) {
        return remaining;
    }
    let sine = (R::pi() * remaining / number(2)).sin();
    sine.clone() * sine
}

/// The wave at a step of a decay, which is 0 after its end.
pub(super) fn cosine<R: Real>(step: u32, steps: u32) -> R {
    wave(fraction(steps.saturating_sub(step).into(), steps.into()))
}

/// (1 - alpha)·wave + alpha
pub(super) fn floored<R: Real>(p: &Parameters<f64>, wave: R) -> R {
    let alpha = R::from_f64(if p.has(ALPHA) { p.fraction } else { 0.0 });
    times(number::<R>(1) - alpha.clone(), wave) + alpha
}
