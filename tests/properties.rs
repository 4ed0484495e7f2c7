//! What must hold for every schedule, every parameter and every step.
//!
//! `PROPTEST_CASES` sets the number of cases for each property, 4000 unless set.

use std::env;
use std::fmt::Debug;

use microlr::{
    CosineDecay, CosineDecayRestarts, Error, ExponentialDecay, Float, InverseTimeDecay,
    LogisticNeuron, PiecewiseConstantDecay, PolynomialDecay, RandomUniform, Schedule, Sgd,
};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

/// A schedule as plain numbers, of which the same one is built in `f32` and in `f64`.
#[derive(Debug, Clone)]
enum Spec {
    Exponential { lr: f32, d: u32, rate: f32, staircase: bool },
    InverseTime { lr: f32, d: u32, rate: f32, staircase: bool },
    Polynomial { lr: f32, d: u32, end: f32, power: Option<f32>, cycle: bool },
    Cosine { lr: f32, d: u32, alpha: Option<f32>, warmup: Option<(f32, u32)> },
    Restarts { lr: f32, d: u32, t: Option<f32>, m: Option<f32>, alpha: Option<f32> },
    Piecewise { boundaries: Vec<u32>, values: Vec<f32> },
    Random { lower: f32, upper: f32, seed: u64 },
}

const CAPACITY: usize = 4;

fn to<F: Float>(x: f32) -> F {
    F::from(x).unwrap()
}

impl Spec {
    /// The schedule, whether its numbers make sense or not.
    fn build<F: Float>(&self) -> Box<dyn Schedule<Rate = F>> {
        match *self {
            Self::Exponential { lr, d, rate, staircase } => {
                let schedule = ExponentialDecay::new(to::<F>(lr), d, to(rate));
                Box::new(if staircase { schedule.staircase() } else { schedule })
            }
            Self::InverseTime { lr, d, rate, staircase } => {
                let schedule = InverseTimeDecay::new(to::<F>(lr), d, to(rate));
                Box::new(if staircase { schedule.staircase() } else { schedule })
            }
            Self::Polynomial { lr, d, end, power, cycle } => {
                let mut schedule = PolynomialDecay::new(to::<F>(lr), d, to(end));
                if let Some(power) = power {
                    schedule = schedule.power(to(power));
                }
                Box::new(if cycle { schedule.cycle() } else { schedule })
            }
            Self::Cosine { lr, d, alpha, warmup } => {
                let mut schedule = CosineDecay::new(to::<F>(lr), d);
                if let Some(alpha) = alpha {
                    schedule = schedule.alpha(to(alpha));
                }
                if let Some((target, steps)) = warmup {
                    schedule = schedule.warmup(to(target), steps);
                }
                Box::new(schedule)
            }
            Self::Restarts { lr, d, t, m, alpha } => {
                let mut schedule = CosineDecayRestarts::new(to::<F>(lr), d);
                if let Some(t) = t {
                    schedule = schedule.t_mul(to(t));
                }
                if let Some(m) = m {
                    schedule = schedule.m_mul(to(m));
                }
                if let Some(alpha) = alpha {
                    schedule = schedule.alpha(to(alpha));
                }
                Box::new(schedule)
            }
            Self::Piecewise { ref boundaries, ref values } => {
                let values: Vec<F> = values.iter().map(|&value| to(value)).collect();
                match PiecewiseConstantDecay::<F, CAPACITY>::try_from_slices(boundaries, &values) {
                    Ok(schedule) => Box::new(schedule),
                    Err(error) => Box::new(Refused(to(f32::NAN), error)),
                }
            }
            Self::Random { lower, upper, seed } => {
                Box::new(RandomUniform::new(to::<F>(lower), to(upper), seed))
            }
        }
    }

    /// How far the rate in `f32` may be from `wide`, the rate in `f64`, in units in the last place: 4 below the
    /// normal numbers, where a second part is lost.
    fn ulps(wide: f64) -> f64 {
        if wide != 0.0 && wide < f64::from(f32::MIN_POSITIVE) { 4.0 } else { 2.0 }
    }

    /// Steps next to which something happens.
    fn edges(&self) -> Vec<u32> {
        let (mut edges, length) = match *self {
            Self::Exponential { d, .. } | Self::InverseTime { d, .. } => (vec![], d),
            Self::Polynomial { d, .. } | Self::Restarts { d, .. } => (vec![], d),
            Self::Cosine { d, warmup, .. } => {
                let start = warmup.map_or(0, |(_, steps)| steps);
                (vec![start, start.saturating_add(d)], d)
            }
            Self::Piecewise { ref boundaries, .. } => (boundaries.clone(), u32::MAX),
            Self::Random { .. } => (vec![], u32::MAX),
        };
        edges.extend([0, length, length.saturating_mul(3), u32::MAX / length * length, 1 << 24]);
        edges
            .into_iter()
            .flat_map(|edge| [edge.saturating_sub(1), edge, edge.saturating_add(1)])
            .collect()
    }
}

/// What stands in for a schedule that could not be made.
struct Refused<F>(F, Error);

impl<F: Float> Schedule for Refused<F> {
    type Rate = F;

    fn lr(&self, _step: u32) -> F {
        self.0
    }

    fn validate(&self) -> Result<(), Error> {
        Err(self.1)
    }
}

/// Any number at all: NaN, infinities, subnormals, both zeros.
fn hostile() -> impl Strategy<Value = f32> {
    prop_oneof![
        any::<u32>().prop_map(f32::from_bits),
        prop::sample::select(vec![
            0.0,
            -0.0,
            0.5,
            1.0,
            2.0,
            1.0 + f32::EPSILON,
            1.0 - f32::EPSILON / 2.0,
            1e-45,
            f32::MIN_POSITIVE,
            f32::MAX,
            f32::MIN,
            f32::NAN,
            f32::INFINITY,
            f32::NEG_INFINITY,
        ]),
    ]
}

/// A length from 1 to `u32::MAX`, all magnitudes alike.
fn length() -> impl Strategy<Value = u32> {
    (any::<u32>(), 0..32_u32).prop_map(|(bits, shift)| (bits >> shift).max(1))
}

/// A length, or none.
fn any_length() -> impl Strategy<Value = u32> {
    prop_oneof![4 => length(), 1 => Just(0)]
}

fn step() -> impl Strategy<Value = u32> {
    prop_oneof![(any::<u32>(), 0..32_u32).prop_map(|(bits, shift)| bits >> shift), Just(u32::MAX)]
}

fn hostile_spec() -> impl Strategy<Value = Spec> {
    use Spec::*;
    let x = hostile;
    prop_oneof![
        (x(), length(), x(), any::<bool>()).prop_map(|(lr, d, rate, staircase)| Exponential {
            lr,
            d,
            rate,
            staircase
        }),
        (x(), length(), x(), any::<bool>()).prop_map(|(lr, d, rate, staircase)| InverseTime {
            lr,
            d,
            rate,
            staircase
        }),
        (x(), length(), x(), of(x()), any::<bool>())
            .prop_map(|(lr, d, end, power, cycle)| Polynomial { lr, d, end, power, cycle }),
        (x(), length(), of(x()), of((x(), any::<u32>())))
            .prop_map(|(lr, d, alpha, warmup)| Cosine { lr, d, alpha, warmup }),
        (x(), length(), of(x()), of(x()), of(x())).prop_map(|(lr, d, t, m, alpha)| Restarts {
            lr,
            d,
            t,
            m,
            alpha
        }),
        (vec(any::<u32>(), 0..6), vec(x(), 0..7))
            .prop_map(|(boundaries, values)| Piecewise { boundaries, values }),
        (x(), x(), any::<u64>()).prop_map(|(lower, upper, seed)| Random { lower, upper, seed }),
    ]
}

/// A number between the two, both included.
fn within(low: f32, high: f32) -> impl Strategy<Value = f32> {
    const PARTS: u32 = 1 << 24;
    (0..=PARTS).prop_map(move |part| low + (high - low) * (part as f32 / PARTS as f32))
}

/// A learning rate: 0, or of any magnitude from 1e-20 to 10.
fn rate() -> impl Strategy<Value = f32> {
    prop_oneof![9 => within(-20.0, 1.0).prop_map(|x| 10f32.powf(x)), 1 => Just(0.0)]
}

/// A number in [0, 1], both ends included.
fn share() -> impl Strategy<Value = f32> {
    prop_oneof![within(0.0, 1.0), Just(0.0), Just(1.0)]
}

/// Parameters that are accepted, the common and the extreme.
fn valid_spec() -> impl Strategy<Value = Spec> {
    use Spec::*;
    let decay = || prop_oneof![within(1e-3, 1.5), Just(1.0), Just(1.0 - f32::EPSILON / 2.0)];
    let boundaries = prop::collection::btree_set(any::<u32>(), 0..=CAPACITY);
    prop_oneof![
        (rate(), length(), decay(), any::<bool>())
            .prop_map(|(lr, d, rate, staircase)| Exponential { lr, d, rate, staircase }),
        (rate(), length(), within(0.0, 100.0), any::<bool>())
            .prop_map(|(lr, d, rate, staircase)| InverseTime { lr, d, rate, staircase }),
        (rate(), length(), rate(), of(within(0.01, 20.0)), any::<bool>())
            .prop_map(|(lr, d, end, power, cycle)| Polynomial { lr, d, end, power, cycle }),
        (rate(), length(), of(share()), of((rate(), length())))
            .prop_map(|(lr, d, alpha, warmup)| Cosine { lr, d, alpha, warmup }),
        (rate(), length(), of(1..20_u8), of(within(0.1, 1.1)), of(share()))
            .prop_map(|(lr, d, t, m, alpha)| Restarts { lr, d, t: t.map(f32::from), m, alpha }),
        (boundaries, vec(rate(), CAPACITY + 1)).prop_map(|(boundaries, mut values)| {
            values.truncate(boundaries.len() + 1);
            Piecewise { boundaries: boundaries.into_iter().collect(), values }
        }),
        (rate(), rate(), any::<u64>()).prop_map(|(a, b, seed)| Random {
            lower: a.min(b),
            upper: a.max(b),
            seed
        }),
    ]
}

/// The distance between `x` and the next larger `f32`.
fn ulp(x: f64) -> f64 {
    let x = (x.abs() as f32).min(f32::MAX);
    f64::from(x.next_up()) - f64::from(x)
}

fn assert_close(narrow: f32, wide: f64, ulps: f64, what: &dyn Debug) {
    if wide.abs() > f64::from(f32::MAX) {
        assert!(narrow == f32::INFINITY || narrow == f32::MAX, "{narrow:e} for {wide:e}: {what:?}");
        return;
    }
    let error = (f64::from(narrow) - wide).abs() / ulp(wide);
    assert!(error <= ulps, "{narrow:e} for {wide:e}, off by {error} ulp: {what:?}");
}

fn config() -> ProptestConfig {
    let asked = env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let cases = asked.unwrap_or(4000);
    ProptestConfig { cases, failure_persistence: None, ..Default::default() }
}

/// What every `try_new` says.
fn constructed<F: Float + Schedule<Rate = F>>(
    a: f32,
    b: f32,
    steps: u32,
    seed: u64,
    boundaries: [u32; 3],
) -> [Result<(), Error>; 9] {
    let (a, b) = (to::<F>(a), to::<F>(b));
    let pieces = PiecewiseConstantDecay::try_new(boundaries, [a, b, a, b]);
    let slices = PiecewiseConstantDecay::<F, 3>::try_from_slices(&boundaries, &[b, a, b, a]);
    [
        ExponentialDecay::try_new(a, steps, b).map(drop),
        InverseTimeDecay::try_new(a, steps, b).map(drop),
        PolynomialDecay::try_new(a, steps, b).map(drop),
        CosineDecay::try_new(a, steps).map(drop),
        CosineDecayRestarts::try_new(a, steps).map(drop),
        RandomUniform::try_new(a, b, seed).map(drop),
        pieces.map(drop),
        slices.map(drop),
        Sgd::try_new(a).map(drop),
    ]
}

/// The same, by the tables of the documentation.
fn refusals(a: f32, b: f32, steps: u32, boundaries: [u32; 3]) -> [Result<(), Error>; 9] {
    type Rule = fn(f32) -> bool;
    let check = |name, value: f32, rule: Rule, error: fn(&'static str) -> Error| match value {
        _ if !value.is_finite() => Err(Error::NotFinite(name)),
        _ if !rule(value) => Err(error(name)),
        _ => Ok(()),
    };
    let not_negative = |name, value| check(name, value, |x| x >= 0.0, Error::Negative);
    let positive = |name, value| check(name, value, |x| x > 0.0, Error::NotPositive);
    let some = |name| if steps == 0 { Err(Error::NotPositive(name)) } else { Ok(()) };
    let initial = not_negative("initial_learning_rate", a);
    let sorted = boundaries[0] < boundaries[1] && boundaries[1] < boundaries[2];
    let sorted = if sorted { Ok(()) } else { Err(Error::NotIncreasing("boundaries")) };
    let values = |x, y| sorted.and(not_negative("values", x)).and(not_negative("values", y));
    let ordered = if a <= b { Ok(()) } else { Err(Error::AboveUpper("lower")) };
    [
        some("decay_steps").and(initial).and(positive("decay_rate", b)),
        some("decay_steps").and(initial).and(not_negative("decay_rate", b)),
        some("decay_steps").and(initial).and(not_negative("end_learning_rate", b)),
        some("decay_steps").and(initial),
        some("first_decay_steps").and(initial),
        not_negative("lower", a).and(not_negative("upper", b)).and(ordered),
        values(a, b),
        values(b, a),
        not_negative("learning_rate", a),
    ]
}

/// Where a parameter that counts is NaN there is no rate that looks like one.
fn nan_stays_nan<F: Float>() {
    let (nan, half) = (F::nan(), to::<F>(0.5));
    let schedules: [&dyn Schedule<Rate = F>; 17] = [
        &ExponentialDecay::new(nan, 10, half),
        &ExponentialDecay::new(half, 10, nan),
        &ExponentialDecay::new(half, 2, nan).staircase(),
        &InverseTimeDecay::new(nan, 10, half),
        &InverseTimeDecay::new(half, 10, nan),
        &PolynomialDecay::new(nan, 10, half),
        &PolynomialDecay::new(half, 10, nan),
        &PolynomialDecay::new(half, 10, F::zero()).power(nan),
        &PolynomialDecay::new(F::zero(), 10, half).power(nan),
        &PolynomialDecay::new(half, 10, F::zero()).power(nan).cycle(),
        &CosineDecay::new(nan, 10),
        &CosineDecay::new(half, 10).alpha(nan),
        &CosineDecayRestarts::new(nan, 2),
        &CosineDecayRestarts::new(half, 2).t_mul(nan),
        &CosineDecayRestarts::new(half, 2).m_mul(nan),
        &CosineDecayRestarts::new(half, 2).alpha(nan),
        &CosineDecayRestarts::new(half, 2).m_mul(half).alpha(nan),
    ];
    for (index, schedule) in schedules.into_iter().enumerate() {
        for step in [5, 9] {
            let lr = schedule.lr(step);
            assert!(lr.is_nan(), "number {index}, step {step}: {lr:?}");
        }
    }
}

#[test]
fn a_parameter_that_is_nan_gives_nan() {
    nan_stays_nan::<f32>();
    nan_stays_nan::<f64>();
}

#[test]
fn refusals_that_chance_finds_seldom() {
    let restarts = CosineDecayRestarts::try_new(0.1_f32, 0);
    assert_eq!(restarts, Err(Error::NotPositive("first_decay_steps")));
    assert_eq!(RandomUniform::try_new(0.1_f32, -0.1, 0), Err(Error::Negative("upper")));
    for end in [f32::NAN, f32::INFINITY] {
        let polynomial = PolynomialDecay::try_new(0.1, 10, end);
        assert_eq!(polynomial, Err(Error::NotFinite("end_learning_rate")));
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn nothing_panics(spec in hostile_spec(), steps in vec(step(), 8)) {
        let (narrow, wide) = (spec.build::<f32>(), spec.build::<f64>());
        for step in steps.into_iter().chain(spec.edges()) {
            let _ = (narrow.lr(step), wide.lr(step));
        }
        prop_assert_eq!(narrow.validate(), wide.validate());
    }

    #[test]
    fn what_validates_gives_rates_that_are_numbers_and_not_negative(
        spec in hostile_spec(), steps in vec(step(), 8),
    ) {
        let schedule = spec.build::<f32>();
        if schedule.validate().is_ok() {
            for step in steps.into_iter().chain(spec.edges()) {
                let lr = schedule.lr(step);
                prop_assert!(lr >= 0.0, "step {}: {}", step, lr);
            }
        }
    }

    #[test]
    fn try_new_names_the_first_parameter_that_is_wrong(
        a in hostile(), b in hostile(), steps in any_length(), seed in any::<u64>(),
        boundaries in prop::array::uniform3(step()),
    ) {
        let expected = refusals(a, b, steps, boundaries);
        prop_assert_eq!(constructed::<f32>(a, b, steps, seed, boundaries), expected);
        prop_assert_eq!(constructed::<f64>(a, b, steps, seed, boundaries), expected);
    }

    #[test]
    fn valid_parameters_are_accepted(spec in valid_spec()) {
        prop_assert_eq!(spec.build::<f32>().validate(), Ok(()));
        prop_assert_eq!(spec.build::<f64>().validate(), Ok(()));
    }

    #[test]
    fn f32_agrees_with_f64(spec in valid_spec(), steps in vec(step(), 16)) {
        // A random rate has as many random bits as its type; only its bounds are common.
        if matches!(spec, Spec::Random { .. }) {
            return Ok(());
        }
        let (narrow, wide) = (spec.build::<f32>(), spec.build::<f64>());
        for step in steps.into_iter().chain(spec.edges()) {
            let (narrow, wide) = (narrow.lr(step), wide.lr(step));
            assert_close(narrow, wide, Spec::ulps(wide), &(&spec, step));
        }
    }

    #[test]
    fn f32_agrees_with_f64_where_restarts_fall_between_steps(
        lr in rate(), d in length(), t in within(1.001, 10.0), steps in vec(step(), 16),
    ) {
        let spec = Spec::Restarts { lr, d, t: Some(t), m: None, alpha: None };
        let (narrow, wide) = (spec.build::<f32>(), spec.build::<f64>());
        for step in steps.into_iter().chain(spec.edges()) {
            let (narrow, wide) = (narrow.lr(step), wide.lr(step));
            let error = (f64::from(narrow) - wide).abs() / ulp(f64::from(lr));
            prop_assert!(error <= 2.0, "{:e} for {:e} of {:e}, step {}", narrow, wide, lr, step);
        }
    }

    #[test]
    fn rates_stay_within_what_the_formula_implies(spec in valid_spec(), steps in vec(step(), 16)) {
        let schedule = spec.build::<f32>();
        let (low, high) = match spec {
            Spec::Exponential { lr, rate, .. } if rate <= 1.0 => (0.0, lr),
            Spec::Exponential { lr, .. } => (lr, f32::INFINITY),
            Spec::InverseTime { lr, .. } => (0.0, lr),
            Spec::Polynomial { lr, end, .. } => (lr.min(end), lr.max(end)),
            Spec::Cosine { lr, alpha, warmup: None, .. } => (lr * alpha.unwrap_or(0.0), lr),
            Spec::Cosine { lr, alpha, warmup: Some((target, _)), .. } =>
                (lr.min(target * alpha.unwrap_or(0.0)), lr.max(target)),
            Spec::Restarts { lr, m, alpha, .. } if m.is_none_or(|m| m <= 1.0) =>
                (lr * alpha.unwrap_or(0.0), lr),
            Spec::Restarts { lr, alpha, .. } => (lr * alpha.unwrap_or(0.0), f32::INFINITY),
            Spec::Piecewise { ref values, .. } => values
                .iter()
                .fold((f32::INFINITY, 0.0_f32), |(low, high), &v| (low.min(v), high.max(v))),
            Spec::Random { lower, upper, .. } => (lower, upper),
        };
        for step in steps.into_iter().chain(spec.edges()) {
            let lr = schedule.lr(step);
            prop_assert!(low <= lr && lr <= high, "step {}: {:e} not in {:e}..{:e}", step, lr, low, high);
            if let Spec::Random { lower, upper, .. } = spec {
                prop_assert!(lr < upper || lower == upper);
            }
        }
    }

    #[test]
    fn rates_fall_where_the_formula_falls(spec in valid_spec(), mut steps in vec(step(), 16)) {
        let falls = match spec {
            Spec::Exponential { rate, .. } => rate <= 1.0,
            Spec::InverseTime { .. } | Spec::Cosine { warmup: None, .. } => true,
            Spec::Polynomial { lr, end, cycle, .. } => !cycle && lr >= end,
            _ => false,
        };
        if !falls {
            return Ok(());
        }
        let schedule = spec.build::<f32>();
        steps.extend(spec.edges());
        steps.sort_unstable();
        for pair in steps.windows(2) {
            let (before, after) = (schedule.lr(pair[0]), schedule.lr(pair[1]));
            // Two neighbours may each be rounded; more than 2 ulp would be a kink.
            prop_assert!(after <= before.next_up().next_up(), "{:e} then {:e} at {:?}", before, after, pair);
        }
    }

    #[test]
    fn a_staircase_jumps_at_every_multiple_and_nowhere_else(
        d in length(), multiple in step(), inverse in any::<bool>(),
    ) {
        let d = d.max(2);
        let spec = if inverse {
            Spec::InverseTime { lr: 1.0, d, rate: 0.5, staircase: true }
        } else {
            Spec::Exponential { lr: 1.0, d, rate: 0.5, staircase: true }
        };
        let schedule = spec.build::<f64>();
        let multiple = (multiple % (u32::MAX / d)).clamp(1, 1000);
        let edge = multiple * d;
        prop_assert!(schedule.lr(edge) < schedule.lr(edge - 1));
        prop_assert_eq!(schedule.lr(edge - 1), schedule.lr(edge - d));
        prop_assert_eq!(schedule.lr(edge), schedule.lr(edge.saturating_add(d - 1)));
    }

    #[test]
    fn a_boundary_belongs_to_the_piece_before_it(
        boundaries in prop::collection::btree_set(any::<u32>(), 0..=CAPACITY), steps in vec(step(), 8),
    ) {
        let boundaries: Vec<u32> = boundaries.into_iter().collect();
        let values: Vec<f32> = (0..=boundaries.len()).map(|piece| piece as f32).collect();
        let spec = Spec::Piecewise { boundaries: boundaries.clone(), values };
        let schedule = spec.build::<f32>();
        for step in steps.into_iter().chain(spec.edges()) {
            let passed = boundaries.iter().filter(|&&boundary| step > boundary).count();
            prop_assert_eq!(schedule.lr(step), passed as f32, "step {}", step);
        }
    }

    #[test]
    fn ends_and_restarts_are_exact(
        lr in rate(), end in rate(), alpha in share(), d in length(), power in within(0.01, 20.0),
        w in length(), t in 1..20_u8, cycles in 0..10_u32, beyond in step(),
    ) {
        let polynomial = PolynomialDecay::new(lr, d, end).power(power);
        prop_assert_eq!(polynomial.lr(0), lr);
        prop_assert_eq!(polynomial.lr(d), end);
        prop_assert_eq!(polynomial.lr(d.saturating_add(beyond)), end);
        if let Some(multiple) = d.checked_mul(cycles.max(1)) {
            prop_assert_eq!(polynomial.cycle().lr(multiple), end);
            if let (Some(next), true) = (multiple.checked_add(1), d > 1 && lr > 2.0 * end) {
                prop_assert!(polynomial.power(1.0).cycle().lr(next) > end);
            }
        }

        let cosine = CosineDecay::new(lr, d).alpha(alpha);
        prop_assert_eq!(cosine.lr(0), lr);
        prop_assert_eq!(cosine.lr(d), lr * alpha);
        prop_assert_eq!(cosine.lr(d.saturating_add(beyond)), lr * alpha);
        let warm = cosine.warmup(end, w);
        prop_assert_eq!(warm.lr(0), lr);
        prop_assert_eq!(warm.lr(w), end);
        if let Some(foot) = w.checked_add(d) {
            prop_assert_eq!(warm.lr(foot), end * alpha);
        }

        let restarts = CosineDecayRestarts::new(lr, d).t_mul(t.into()).alpha(alpha);
        let (mut start, mut length) = (0_u32, d);
        for _ in 0..cycles {
            prop_assert_eq!(restarts.lr(start), lr);
            let Some(next) = start.checked_add(length) else { break };
            let Some(longer) = length.checked_mul(t.into()) else { break };
            if length > 2 && lr > 0.0 && alpha < 1.0 {
                prop_assert!(restarts.lr(next - 1) < lr);
            }
            (start, length) = (next, longer);
        }
    }

    #[test]
    fn adaptors_are_what_they_say(
        a in valid_spec(), b in valid_spec(), at in step(), factor in rate(), steps in vec(step(), 8),
    ) {
        let (a, b) = (a.build::<f32>(), b.build::<f32>());
        let (a, b) = (&*a, &*b);
        for step in steps.into_iter().chain([0, at.saturating_sub(1), at, u32::MAX]) {
            let expected = if step < at { a.lr(step) } else { b.lr(step - at) };
            prop_assert_eq!(a.then(at, b).lr(step), expected);
            // A scaled rate is rounded once, so what it comes from lies between the neighbours of the rounded rate (with
            // `lean`, which rounds more coarsely, theirs); infinity times 0 is NaN.
            let (lr, scaled) = (a.lr(step), a.scaled(factor).lr(step));
            let (mut below, mut above) = (lr.next_down(), lr.next_up());
            if cfg!(feature = "lean") {
                (below, above) = (below.next_down(), above.next_up());
            }
            let outside = scaled < below * factor || scaled > above * factor;
            prop_assert!(!outside && scaled.is_nan() == (lr * factor).is_nan(), "{lr:e} {scaled:e}");
            prop_assert_eq!(lr.scaled(factor).lr(0).to_bits(), (lr * factor).to_bits());
            prop_assert_eq!(a.delayed(at).lr(step), a.lr(step.saturating_sub(at)));
            prop_assert_eq!((&a).iter().nth(step as usize), Some(a.lr(step)));
        }
    }

    #[test]
    fn a_resumed_run_equals_an_uninterrupted_one(
        spec in valid_spec(), seed in any::<u64>(), start in step(), cut in 0..40_usize,
        samples in vec((prop::array::uniform3(within(-10.0, 10.0)), within(0.0, 1.0)), 40),
    ) {
        let schedule = spec.build::<f32>();
        let mut neuron = LogisticNeuron::glorot_uniform(seed);
        let mut sgd = Sgd::resume(&*schedule, start);
        let mut interrupted = neuron;
        let mut interrupted_sgd = sgd;
        for (index, (x, y)) in samples.iter().enumerate() {
            if index == cut {
                let (weights, bias, step) =
                    (interrupted.weights, interrupted.bias, interrupted_sgd.iterations());
                interrupted = LogisticNeuron::new(weights, bias);
                interrupted_sgd = Sgd::resume(&*schedule, step);
            }
            let report = sgd.step(&mut neuron, x, *y);
            prop_assert_eq!(interrupted_sgd.step(&mut interrupted, x, *y), report);
        }
        prop_assert_eq!(bits(&neuron), bits(&interrupted));
        prop_assert_eq!(sgd.iterations(), interrupted_sgd.iterations());
    }

    #[test]
    fn an_update_leaves_finite_numbers_or_no_trace(
        lr in hostile(), weights in prop::array::uniform3(hostile()), bias in hostile(),
        xs in vec(prop::array::uniform3(hostile()), 0..4), ys in vec(hostile(), 0..4),
        tame in vec(share(), 4), use_tame in any::<bool>(),
    ) {
        let ys = if use_tame { tame[..xs.len()].to_vec() } else { ys };
        let start = LogisticNeuron::new(weights, bias);
        let mut neuron = start;
        let mut sgd = Sgd::new(lr);
        match sgd.step_batch(&mut neuron, &xs, &ys) {
            Ok(report) => {
                prop_assert!(neuron.weights.iter().all(|weight| weight.is_finite()));
                prop_assert!(neuron.bias.is_finite());
                prop_assert!((0.0..=1.0).contains(&report.prediction), "{:?}", report);
                prop_assert!(report.loss >= 0.0, "{:?}", report);
                prop_assert_eq!(sgd.iterations(), 1);
            }
            Err(_) => {
                prop_assert_eq!(bits(&neuron), bits(&start));
                prop_assert_eq!(sgd.iterations(), 0);
            }
        }
    }

    #[test]
    fn the_neuron_is_stable_for_every_logit(z in hostile(), y in share()) {
        if z.is_finite() {
            stable(z, y);
        }
    }
}

/// Predictions and losses of a logit against those in `f64`, and of its opposite.
fn stable(z: f32, y: f32) {
    let at = |z: f32| LogisticNeuron::new([z], 0.0_f32);
    let wide = LogisticNeuron::new([f64::from(z)], 0.0);
    assert_close(at(z).predict(&[1.0]), wide.predict(&[1.0]), 2.0, &z);
    assert_close(at(z).loss(&[1.0], y), wide.loss(&[1.0], f64::from(y)), 3.0, &(z, y));
    // σ(-z) = 1 - σ(z), and the loss of the opposite.
    let sum = at(z).predict(&[1.0]) + at(-z).predict(&[1.0]);
    assert!((sum - 1.0).abs() <= f32::EPSILON, "{z}");
    assert_eq!(at(z).loss(&[1.0], 1.0), at(-z).loss(&[1.0], 0.0), "{z}");
}

#[test]
fn the_neuron_is_stable_where_quotients_are_hardest_to_round() {
    for z in [-3.4463313, -2.0482645] {
        for y in [0.0, 0.25, 1.0] {
            stable(z, y);
            stable(-z, y);
        }
    }
}

fn bits<const N: usize>(neuron: &LogisticNeuron<f32, N>) -> ([u32; N], u32) {
    (neuron.weights.map(f32::to_bits), neuron.bias.to_bits())
}
