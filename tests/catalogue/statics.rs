//! The schedules whose cost is measured, and their rows in the tables.

#![allow(dead_code, reason = "no program uses everything")]

use microlr::{
    Bounced, Bounded, CosineAnnealing, CosineDecay, CosineDecayRestarts, Cyclic, Delayed,
    ExponentialDecay, Interpolated, InversePowerDecay, InverseTimeDecay, Jittered, Linear,
    OneCycle, PerEpoch, PiecewiseConstantDecay, Plus, PolynomialDecay, RandomUniform, Repeated,
    Scaled, Schedule, Sequence, Switched, Then, Times, WarmedUp, WarmupStableDecay,
};

pub(crate) static EXPONENTIAL: ExponentialDecay<f32> = ExponentialDecay::new(0.1, 1000, 0.95);
pub(crate) static STAIRCASE: ExponentialDecay<f32> = EXPONENTIAL.staircase();
pub(crate) static PIECEWISE: PiecewiseConstantDecay<f32, 3> =
    PiecewiseConstantDecay::new([125, 250, 100_000], [0.1, 0.075, 0.05, 0.025]);
pub(crate) static LINEAR: PolynomialDecay<f32> = PolynomialDecay::new(0.1, 1000, 0.001).cycle();
pub(crate) static ROOT: PolynomialDecay<f32> = LINEAR.power(0.5);
pub(crate) static POWER: PolynomialDecay<f32> = PolynomialDecay::new(0.1, 1000, 0.001).power(1.7);
pub(crate) static INVERSE_TIME: InverseTimeDecay<f32> = InverseTimeDecay::new(0.1, 50, 0.1);
pub(crate) static COSINE: CosineDecay<f32> = CosineDecay::new(0.1, 500);
pub(crate) static LONG_COSINE: CosineDecay<f32> = CosineDecay::new(0.1, 4_000_000_000);
pub(crate) static WARMED: CosineDecay<f32> = LONG_COSINE.alpha(0.01).warmup(0.2, 100);
pub(crate) static RESTARTS: CosineDecayRestarts<f32> = CosineDecayRestarts::new(0.1, 10);
pub(crate) static FALLING: CosineDecayRestarts<f32> = RESTARTS.m_mul(0.9);
pub(crate) static EQUAL: CosineDecayRestarts<f32> = RESTARTS.t_mul(1.0).m_mul(0.999);
pub(crate) static SLOWER: CosineDecayRestarts<f32> = RESTARTS.t_mul(1.5);
pub(crate) static SLOWEST: CosineDecayRestarts<f32> = RESTARTS.t_mul(1.01).m_mul(0.9);
pub(crate) static WITHIN: CosineDecayRestarts<f32> = CosineDecayRestarts::within(0.1, 1000, 3);
pub(crate) static MULTI_STEP: PiecewiseConstantDecay<f32, 3> =
    PiecewiseConstantDecay::multi_step(0.1, [125, 250, 100_000], 0.5);
pub(crate) static LINE: Linear<f32> = Linear::new(0.1, 0.001, 1000);
pub(crate) static ANNEALING: CosineAnnealing<f32> = CosineAnnealing::new(0.1, 0.001, 1000);
pub(crate) static ONE_CYCLE: OneCycle<f32> = OneCycle::new(0.1, 1000);
pub(crate) static CYCLIC: Cyclic<f32> = Cyclic::new(0.001, 0.1, 1000);
pub(crate) static HALVED: Cyclic<f32> = CYCLIC.triangular2();
pub(crate) static INVERSE_ROOT: InversePowerDecay<f32> = InversePowerDecay::new(0.1, 1000, 0.5);
pub(crate) static INVERSE_POWER: InversePowerDecay<f32> = InversePowerDecay::new(0.1, 1000, 0.25);
pub(crate) static STABLE: WarmupStableDecay<f32> = WarmupStableDecay::new(0.1, 100, 300, 600);
pub(crate) static ONE_MINUS_SQRT: WarmupStableDecay<f32> = STABLE.one_minus_sqrt();
pub(crate) static POINTS: Interpolated<f32, 4> =
    Interpolated::new([0, 100, 400, 1000], [0.0, 0.1, 0.1, 0.0]);
/// The rates of `STABLE`, composed.
pub(crate) static COMPOSED: Then<Linear<f32>, Then<f32, Linear<f32>>> =
    Then::new(Linear::new(0.0, 0.1, 100), 100, Then::new(0.1, 300, Linear::new(0.1, 0.0, 600)));
pub(crate) static WARMED_UP: WarmedUp<ExponentialDecay<f32>, f32> = WarmedUp::new(EXPONENTIAL, 100);
pub(crate) static SWITCHED: Switched<f32, ExponentialDecay<f32>> =
    Switched::new(0.01, 100, EXPONENTIAL);
pub(crate) static DELAYED: Delayed<ExponentialDecay<f32>> = Delayed::new(EXPONENTIAL, 100);
pub(crate) static SCALED: Scaled<ExponentialDecay<f32>, f32> = Scaled::new(EXPONENTIAL, 0.3);
pub(crate) static BOUNDED: Bounded<ExponentialDecay<f32>, f32> =
    Bounded::new(EXPONENTIAL, 0.01, 0.09);
pub(crate) static PLUS: Plus<ExponentialDecay<f32>, f32> = Plus::new(EXPONENTIAL, 0.01);
pub(crate) static TIMES: Times<ExponentialDecay<f32>, Linear<f32>> = Times::new(EXPONENTIAL, LINE);
pub(crate) static PER_EPOCH: PerEpoch<ExponentialDecay<f32>> = PerEpoch::new(EXPONENTIAL, 57);
pub(crate) static REPEATED: Repeated<ExponentialDecay<f32>> = Repeated::new(EXPONENTIAL, 1000);
pub(crate) static BOUNCED: Bounced<ExponentialDecay<f32>> = Bounced::new(EXPONENTIAL, 1000);
pub(crate) static SEQUENCE: Sequence<ExponentialDecay<f32>, 4> = Sequence::new(EXPONENTIAL);
pub(crate) static JITTERED: Jittered<f32, f32> = Jittered::new(0.1, 42, 0.25);
pub(crate) static RANDOM: RandomUniform<f32> = RandomUniform::new(0.001, 0.1, 42);

/// A measured schedule.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    /// A word, for file names and environment variables.
    pub(crate) name: &'static str,
    /// The label of its row in the tables.
    pub(crate) label: &'static str,
    pub(crate) lr: fn(u32) -> f32,
}

const fn row(name: &'static str, label: &'static str, lr: fn(u32) -> f32) -> Row {
    Row { name, label, lr }
}

/// The rates of `STABLE`, by hand.
fn by_hand(step: u32) -> f32 {
    static UP: Linear<f32> = Linear::new(0.0, 0.1, 100);
    static DOWN: Linear<f32> = Linear::new(0.1, 0.0, 600);
    match step {
        0..100 => UP.lr(step),
        100..400 => 0.1,
        400.. => DOWN.lr(step - 400),
    }
}

pub(crate) const ROWS: [Row; 42] = [
    row("exponential", "exponential", |step| EXPONENTIAL.lr(step)),
    row("staircase", "exponential, staircase", |step| STAIRCASE.lr(step)),
    row("piecewise", "piecewise constant, 3 boundaries", |step| PIECEWISE.lr(step)),
    row("linear", "polynomial, linear, cycle", |step| LINEAR.lr(step)),
    row("root", "polynomial, power 0.5, cycle", |step| ROOT.lr(step)),
    row("power", "polynomial, power 1.7", |step| POWER.lr(step)),
    row("inverse_time", "inverse time", |step| INVERSE_TIME.lr(step)),
    row("cosine", "cosine, 500 steps", |step| COSINE.lr(step)),
    row("long_cosine", "cosine, 4·10⁹ steps", |step| LONG_COSINE.lr(step)),
    row("warmed", "cosine, alpha and warm-up", |step| WARMED.lr(step)),
    row("restarts", "restarts, t_mul 2", |step| RESTARTS.lr(step)),
    row("falling", "restarts, t_mul 2, m_mul 0.9", |step| FALLING.lr(step)),
    row("equal", "restarts, t_mul 1, m_mul 0.999", |step| EQUAL.lr(step)),
    row("slower", "restarts, t_mul 1.5", |step| SLOWER.lr(step)),
    row("slowest", "restarts, t_mul 1.01, m_mul 0.9", |step| SLOWEST.lr(step)),
    row("within", "restarts, 3 cycles in 1000 steps", |step| WITHIN.lr(step)),
    row("multi_step", "multi-step, 3 milestones", |step| MULTI_STEP.lr(step)),
    row("line", "linear", |step| LINE.lr(step)),
    row("annealing", "cosine annealing", |step| ANNEALING.lr(step)),
    row("one_cycle", "one cycle", |step| ONE_CYCLE.lr(step)),
    row("cyclic", "cyclic", |step| CYCLIC.lr(step)),
    row("halved", "cyclic, triangular2", |step| HALVED.lr(step)),
    row("inverse_root", "inverse power 0.5", |step| INVERSE_ROOT.lr(step)),
    row("inverse_power", "inverse power 0.25", |step| INVERSE_POWER.lr(step)),
    row("stable", "warm-up, stable, decay", |step| STABLE.lr(step)),
    row("one_minus_sqrt", "the same, 1 - √u", |step| ONE_MINUS_SQRT.lr(step)),
    row("composed", "the same, composed with then", |step| COMPOSED.lr(step)),
    row("by_hand", "the same, by hand", by_hand),
    row("points", "interpolated, 4 points", |step| POINTS.lr(step)),
    row("warmed_up", "exponential, warmed up", |step| WARMED_UP.lr(step)),
    row("switched", "constant, then exponential", |step| SWITCHED.lr(step)),
    row("delayed", "exponential, delayed", |step| DELAYED.lr(step)),
    row("scaled", "exponential, scaled", |step| SCALED.lr(step)),
    row("bounded", "exponential, bounded", |step| BOUNDED.lr(step)),
    row("plus", "exponential plus constant", |step| PLUS.lr(step)),
    row("times", "exponential times linear", |step| TIMES.lr(step)),
    row("per_epoch", "exponential, per epoch", |step| PER_EPOCH.lr(step)),
    row("repeated", "exponential, repeated", |step| REPEATED.lr(step)),
    row("bounced", "exponential, bounced", |step| BOUNCED.lr(step)),
    row("sequence", "sequence of an exponential", |step| SEQUENCE.lr(step)),
    row("jittered", "constant, jittered", |step| JITTERED.lr(step)),
    row("random", "random uniform", |step| RANDOM.lr(step)),
];
