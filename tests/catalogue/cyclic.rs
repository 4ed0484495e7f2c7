//! Rates that rise and fall, curves through points, and the constructors of other schedules.

use microlr::{CosineDecayRestarts, Cyclic, Error, Interpolated, OneCycle, PiecewiseConstantDecay};

use super::schedules::{floored, fraction, multiples, number, times, wave};
use super::{ALPHA, Entry, M_MUL, Number, ORDINARY, Parameters, Real};

/// Straight lines, where a cosine is the alternative.
pub(crate) const LINEAR: u8 = super::STAIRCASE;
pub(crate) const COSINE: u8 = super::STAIRCASE;
pub(crate) const THREE_PHASE: u8 = super::CYCLE;
pub(crate) const DIV_FACTOR: u8 = super::POWER;
pub(crate) const FINAL_DIV_FACTOR: u8 = super::T_MUL;
/// The second of two numbers of steps is set.
pub(crate) const STEPS: u8 = super::WARMUP;
pub(crate) const TRIANGULAR2: u8 = super::CYCLE;
pub(crate) const EXP_RANGE: u8 = super::M_MUL;

/// The rate after `elapsed` of `steps` from one rate to another, without a difference of them.
fn between<R: Real>(cosine: bool, [from, to]: [R; 2], elapsed: u32, steps: u32) -> R {
    let elapsed = elapsed.min(steps);
    let [elapsed, remaining] =
        [elapsed, steps - elapsed].map(|part| fraction::<R>(part.into(), steps.max(1).into()));
    let [elapsed, remaining] =
        if cosine { [wave(elapsed), wave(remaining)] } else { [elapsed, remaining] };
    times(from, remaining) + times(to, elapsed)
}

/// The peak is `rate`, `div_factor` is `growth`, and `final_div_factor` is `power`.
pub(super) struct Cycle;

impl Cycle {
    /// The steps at which a phase ends.
    fn edges<F>(p: &Parameters<F>) -> [u32; 3] {
        let most = if p.has(THREE_PHASE) { p.steps / 2 } else { p.steps };
        let default = (u64::from(p.steps) * 3 / 10) as u32;
        let peak = if p.has(STEPS) { p.other_steps.min(most) } else { default };
        [peak, if p.has(THREE_PHASE) { 2 * peak } else { peak }, p.steps]
    }
    fn factors(p: &Parameters<f64>) -> [f64; 2] {
        let div_factor = if p.has(DIV_FACTOR) { p.growth } else { 25.0 };
        [div_factor, if p.has(FINAL_DIV_FACTOR) { p.power } else { 1e4 }]
    }
}

impl Entry for Cycle {
    const NAME: &'static str = "OneCycle";
    const FORMULA: &'static str = "from max/div up to max, down to max/(div · final)";
    const PYTORCH: &'static str = "OneCycleLR";
    const OPTAX: &'static str = "cosine_onecycle_schedule";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("common", Parameters { steps: 500, ..ORDINARY }),
        ("linear", Parameters { steps: 500, options: LINEAR, ..ORDINARY }),
        ("three phases", Parameters { steps: 500, options: THREE_PHASE, ..ORDINARY }),
        (
            "factors",
            Parameters {
                growth: 3.0,
                power: 7.0,
                steps: 41,
                options: THREE_PHASE | DIV_FACTOR | FINAL_DIV_FACTOR | STEPS,
                ..ORDINARY
            },
        ),
        (
            "rising end",
            Parameters {
                growth: 10.0,
                power: 0.11,
                options: DIV_FACTOR | FINAL_DIV_FACTOR | THREE_PHASE,
                ..ORDINARY
            },
        ),
        (
            "flat",
            Parameters {
                growth: 1.0,
                power: 1.0,
                options: DIV_FACTOR | FINAL_DIV_FACTOR,
                ..ORDINARY
            },
        ),
        (
            "far apart",
            Parameters {
                rate: 1e30,
                growth: 1e20,
                power: 1e30,
                options: DIV_FACTOR | FINAL_DIV_FACTOR | LINEAR,
                ..ORDINARY
            },
        ),
        ("at once", Parameters { other_steps: 0, options: STEPS, ..ORDINARY }),
        ("only up", Parameters { other_steps: 100, options: STEPS, ..ORDINARY }),
        ("beyond 2^24", Parameters { steps: (1 << 24) + 1, options: THREE_PHASE, ..ORDINARY }),
        ("longest", Parameters { steps: u32::MAX, ..ORDINARY }),
        ("one step", Parameters { steps: 1, ..ORDINARY }),
        ("zero", Parameters { rate: 0.0, ..ORDINARY }),
    ];

    type Built<F: Number> = OneCycle<F>;

    fn new<F: Number>(p: &Parameters<F>) -> OneCycle<F> {
        OneCycle::new(p.rate, p.steps)
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<OneCycle<F>, Error> {
        OneCycle::try_new(p.rate, p.steps)
    }
    fn options<F: Number>(mut cycle: OneCycle<F>, p: &Parameters<F>) -> OneCycle<F> {
        if p.has(STEPS) {
            cycle = cycle.warmup_steps(Self::edges(p)[0]);
        }
        if p.has(DIV_FACTOR) {
            cycle = cycle.div_factor(p.growth);
        }
        if p.has(FINAL_DIV_FACTOR) {
            cycle = cycle.final_div_factor(p.power);
        }
        if p.has(THREE_PHASE) {
            cycle = cycle.three_phase();
        }
        if p.has(LINEAR) { cycle.linear() } else { cycle }
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        let [peak, last_phase, end] = Self::edges(p);
        [peak, last_phase, end, u32::MAX]
    }
    /// A quotient may be rounded in another way here.
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        let [div_factor, final_div_factor] = Self::factors(&p.to());
        let lowest = p.rate.to_f64() / div_factor / final_div_factor.max(1.0);
        [F::from_f64(lowest * (1.0 - F::epsilon().to_f64())), p.rate]
    }
    fn ordered<F: Number>(p: Parameters<F>) -> Parameters<F> {
        let growth = p.growth.max(F::one());
        // Somewhat more than the lowest valid factor, whatever the rounding.
        let lowest = (F::one() + F::epsilon()) / if p.has(DIV_FACTOR) { growth } else { F::one() };
        Parameters { growth, power: p.power.max(lowest), ..p }
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        let [div_factor, final_div_factor] = Self::factors(p).map(R::from_f64);
        let max = R::from_f64(p.rate);
        let initial = max.clone() / div_factor;
        let end = initial.clone() / final_div_factor;
        let [peak, last_phase, total] = Self::edges(p);
        let phase = |rates, start, end| between(!p.has(LINEAR), rates, step - start, end - start);
        if step < peak {
            phase([initial, max], 0, peak)
        } else if step < last_phase {
            phase([max, initial], peak, last_phase)
        } else if step < total {
            phase([if p.has(THREE_PHASE) { initial } else { max }, end], last_phase, total)
        } else {
            end
        }
    }
}

/// From `rate` to `other_rate` in `steps`, and back in `other_steps`; gamma is `factor`.
pub(super) struct Triangles;

impl Triangles {
    fn down<F>(p: &Parameters<F>) -> u32 {
        if p.has(STEPS) { p.other_steps } else { p.steps }
    }
}

impl Entry for Triangles {
    const NAME: &'static str = "Cyclic";
    const FORMULA: &'static str = "triangles between base and max";
    const PYTORCH: &'static str = "CyclicLR";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("common", Parameters { steps: 50, ..WAVES }),
        ("triangular2", Parameters { steps: 50, options: TRIANGULAR2, ..WAVES }),
        ("exp_range", Parameters { factor: 0.994, steps: 50, options: EXP_RANGE, ..WAVES }),
        ("slow fall", Parameters { steps: 7, other_steps: 30, options: STEPS, ..WAVES }),
        ("sawtooth", Parameters { other_steps: 0, options: STEPS | TRIANGULAR2, ..WAVES }),
        ("from 0", Parameters { rate: 0.0, steps: 3, options: TRIANGULAR2, ..WAVES }),
        (
            "near 1",
            Parameters {
                rate: 0.0,
                factor: 0.999_999_94,
                steps: 1_000_003,
                options: EXP_RANGE,
                ..WAVES
            },
        ),
        ("underflow", Parameters { rate: 0.0, factor: 1e-9, options: EXP_RANGE, ..WAVES }),
        ("gamma 1", Parameters { factor: 1.0, steps: 1, options: EXP_RANGE, ..WAVES }),
        ("flat", Parameters { rate: 0.1, factor: 0.5, options: EXP_RANGE, ..WAVES }),
        ("far apart", Parameters { rate: 1e-30, other_rate: 1e30, ..WAVES }),
        (
            "beyond u32",
            Parameters { steps: 1 << 31, other_steps: u32::MAX, options: STEPS, ..WAVES },
        ),
        ("longest", Parameters { steps: u32::MAX, options: TRIANGULAR2, ..WAVES }),
        ("one step", Parameters { steps: 1, ..WAVES }),
    ];

    type Built<F: Number> = Cyclic<F>;

    fn new<F: Number>(p: &Parameters<F>) -> Cyclic<F> {
        Cyclic::new(p.rate, p.other_rate, p.steps)
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<Cyclic<F>, Error> {
        Cyclic::try_new(p.rate, p.other_rate, p.steps)
    }
    fn options<F: Number>(mut waves: Cyclic<F>, p: &Parameters<F>) -> Cyclic<F> {
        if p.has(STEPS) {
            waves = waves.step_size_down(p.other_steps);
        }
        if p.has(TRIANGULAR2) {
            waves = waves.triangular2();
        }
        if p.has(EXP_RANGE) { waves.exp_range(p.factor) } else { waves }
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        let period = p.steps.saturating_add(Self::down(p));
        let [_, second, _, last] = multiples(period);
        [p.steps, period, second, last]
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        [p.rate, p.other_rate]
    }
    fn ordered<F: Number>(p: Parameters<F>) -> Parameters<F> {
        // The peak stays, so that it does not depend on the base.
        let rate = if p.rate > p.other_rate { p.other_rate * p.fraction } else { p.rate };
        Parameters { rate, factor: p.factor.min(F::one()), ..p }
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        let (up, period) = (u64::from(p.steps), u64::from(p.steps) + u64::from(Self::down(p)));
        let (cycle, elapsed) = (u64::from(step) / period, u64::from(step) % period);
        let height = if elapsed < up {
            fraction::<R>(elapsed, up)
        } else {
            fraction(period - elapsed, period - up)
        };
        let (factor, exponent) = match p {
            _ if p.has(EXP_RANGE) => (p.factor, step.into()),
            _ if p.has(TRIANGULAR2) => (0.5, cycle),
            _ => (1.0, 0),
        };
        let height = times(height, R::from_f64(factor).powf(number(exponent)));
        let [base, max] = [p.rate, p.other_rate].map(R::from_f64);
        times(base, number::<R>(1) - height.clone()) + times(max, height)
    }
}

const WAVES: Parameters<f64> = Parameters { rate: 0.001, other_rate: 0.1, ..ORDINARY };

/// Three steps that `steps` and `other_steps` place.
fn places<F>(p: &Parameters<F>) -> [u32; 3] {
    let first = p.steps.min(u32::MAX - 2);
    let distance = p.other_steps.clamp(1, (u32::MAX - first) / 2);
    [first, first + distance, first + 2 * distance]
}

/// Points at three steps, with the rates `rate`, `other_rate`, `factor`.
pub(super) struct Points;

impl Points {
    fn rates<F: Copy>(p: &Parameters<F>) -> [F; 3] {
        [p.rate, p.other_rate, p.factor]
    }
}

impl Entry for Points {
    const NAME: &'static str = "Interpolated";
    const FORMULA: &'static str = "lines or cosines through points (sᵢ, vᵢ)";
    const OPTAX: &'static str = "piecewise_interpolate_schedule";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("common", Parameters { rate: 0.01, steps: 125, other_steps: 125, ..POINTS }),
        ("cosine", Parameters { steps: 30, other_steps: 41, options: COSINE, ..POINTS }),
        ("first steps", Parameters { steps: 1, other_steps: 1, ..POINTS }),
        ("beyond 2^24", Parameters { steps: 1 << 24, other_steps: 1 << 30, ..POINTS }),
        ("last steps", Parameters { steps: u32::MAX, options: COSINE, ..POINTS }),
        (
            "far apart",
            Parameters { rate: 0.0, other_rate: 1e30, factor: 1e-30, options: COSINE, ..POINTS },
        ),
    ];

    type Built<F: Number> = Interpolated<F, 3>;

    fn new<F: Number>(p: &Parameters<F>) -> Interpolated<F, 3> {
        Interpolated::new(places(p), Self::rates(p))
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<Interpolated<F, 3>, Error> {
        Interpolated::try_new(places(p), Self::rates(p))
    }
    fn options<F: Number>(points: Interpolated<F, 3>, p: &Parameters<F>) -> Interpolated<F, 3> {
        if p.has(COSINE) { points.cosine() } else { points }
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        let [a, b, c] = places(p);
        [a, b, c, u32::MAX]
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        let [a, b, c] = Self::rates(p);
        [a.min(b).min(c), a.max(b).max(c)]
    }
    fn falls<F: Number>(p: &Parameters<F>) -> bool {
        p.rate >= p.other_rate && p.other_rate >= p.factor
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        let ([a, b, c], [first, middle, last]) = (Self::rates(p).map(R::from_f64), places(p));
        if step <= first {
            a
        } else if step <= middle {
            between(p.has(COSINE), [a, b], step - first, middle - first)
        } else {
            between(p.has(COSINE), [b, c], step - middle, last - middle)
        }
    }
}

const POINTS: Parameters<f64> = Parameters { other_rate: 0.1, factor: 0.025, ..ORDINARY };

/// Milestones at three steps; gamma is `factor`.
pub(super) struct MultiStep;

impl Entry for MultiStep {
    const NAME: &'static str = "PiecewiseConstantDecay::multi_step";
    const FORMULA: &'static str = "lr₀ · gammaⁱ after i milestones";
    const PYTORCH: &'static str = "MultiStepLR";
    const OPTAX: &'static str = "piecewise_constant_schedule";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("common", Parameters { factor: 0.5, steps: 125, other_steps: 125, ..ORDINARY }),
        ("first steps", Parameters { steps: 1, other_steps: 1, ..ORDINARY }),
        ("last steps", Parameters { factor: 1.5, steps: u32::MAX, ..ORDINARY }),
        ("underflow", Parameters { factor: 1e-30, steps: 1 << 24, ..ORDINARY }),
        ("zero", Parameters { rate: 0.0, ..ORDINARY }),
    ];

    type Built<F: Number> = PiecewiseConstantDecay<F, 3>;

    fn new<F: Number>(p: &Parameters<F>) -> PiecewiseConstantDecay<F, 3> {
        PiecewiseConstantDecay::multi_step(p.rate, places(p), p.factor)
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<PiecewiseConstantDecay<F, 3>, Error> {
        PiecewiseConstantDecay::try_multi_step(p.rate, &places(p), p.factor)
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        let [a, b, c] = places(p);
        [a, b, c, u32::MAX]
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        if p.factor <= F::one() { [F::zero(), p.rate] } else { [p.rate, F::infinity()] }
    }
    fn falls<F: Number>(p: &Parameters<F>) -> bool {
        p.factor <= F::one()
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        let changes = places(p).into_iter().filter(|&milestone| milestone <= step);
        changes.fold(R::from_f64(p.rate), |rate, _| times(rate, R::from_f64(p.factor)))
    }
}

/// `more_steps` cycles in `steps`.
pub(super) struct Within;

impl Within {
    fn cycles<F>(p: &Parameters<F>) -> u32 {
        p.more_steps.min(p.steps).max(1) // `clamp` may panic
    }
}

impl Entry for Within {
    const NAME: &'static str = "CosineDecayRestarts::within";
    const FORMULA: &'static str = "n equal cycles in d steps, then the floor";
    const INSTANCES: &'static [(&'static str, Parameters<f64>)] = &[
        ("common", Parameters { steps: 500, more_steps: 3, ..ORDINARY }),
        ("one", Parameters { more_steps: 1, options: ALPHA, ..ORDINARY }),
        ("falling", Parameters { more_steps: 7, options: M_MUL | ALPHA, ..ORDINARY }),
        ("rising", Parameters { factor: 1.5, more_steps: 6, options: M_MUL, ..ORDINARY }),
        ("every step", Parameters { more_steps: 100, options: M_MUL, ..ORDINARY }),
        ("almost every step", Parameters { more_steps: 99, ..ORDINARY }),
        ("beyond 2^24", Parameters { steps: (1 << 24) + 1, more_steps: 3, ..ORDINARY }),
        ("longest", Parameters { steps: u32::MAX, more_steps: 1_000_003, ..ORDINARY }),
        (
            "most",
            Parameters {
                factor: 0.999_999,
                steps: u32::MAX,
                more_steps: u32::MAX - 1,
                options: M_MUL,
                ..ORDINARY
            },
        ),
        ("one step", Parameters { steps: 1, ..ORDINARY }),
    ];

    type Built<F: Number> = CosineDecayRestarts<F>;

    fn new<F: Number>(p: &Parameters<F>) -> CosineDecayRestarts<F> {
        CosineDecayRestarts::within(p.rate, p.steps, Self::cycles(p))
    }
    fn try_new<F: Number>(p: &Parameters<F>) -> Result<CosineDecayRestarts<F>, Error> {
        CosineDecayRestarts::try_within(p.rate, p.steps, Self::cycles(p))
    }
    fn options<F: Number>(
        mut restarts: CosineDecayRestarts<F>,
        p: &Parameters<F>,
    ) -> CosineDecayRestarts<F> {
        if p.has(M_MUL) {
            restarts = restarts.m_mul(p.factor);
        }
        if p.has(ALPHA) { restarts.alpha(p.fraction) } else { restarts }
    }
    fn edges<F: Number>(p: &Parameters<F>) -> [u32; 4] {
        let length = p.steps / Self::cycles(p);
        let [first, second, _, _] = multiples(length);
        [first, second, p.steps - length, p.steps]
    }
    fn bounds<F: Number>(p: &Parameters<F>) -> [F; 2] {
        let floor = if p.has(ALPHA) { p.rate * p.fraction } else { F::zero() };
        let grows = p.has(M_MUL) && p.factor > F::one();
        [floor, if grows { F::infinity() } else { p.rate }]
    }
    fn falls<F: Number>(p: &Parameters<F>) -> bool {
        Self::cycles(p) == 1
    }
    fn exact<R: Real>(p: &Parameters<f64>, step: u32) -> R {
        let (steps, cycles) = (u64::from(p.steps), u64::from(Self::cycles(p)));
        let rate = R::from_f64(p.rate);
        if u64::from(step) >= steps {
            return times(rate, floored(p, number(0)));
        }
        let elapsed = u64::from(step) * cycles;
        let m_mul = R::from_f64(if p.has(M_MUL) { p.factor } else { 1.0 });
        let height = m_mul.powf(number(elapsed / steps));
        let wave = wave(fraction::<R>(steps - elapsed % steps, steps));
        times(rate, floored(p, times(wave, height)))
    }
}
