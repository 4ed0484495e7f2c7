//! What must hold for every schedule, every parameter and every step.
//!
//! `PROPTEST_CASES` sets the number of cases for each property, 1000 unless set. In most properties
//! a case is one set of numbers, from which every schedule of the catalogue is built.

mod catalogue;

use std::collections::BTreeSet;
use std::env;
use std::fmt;

use catalogue::schedules::threefry;
use catalogue::{Entry, Number, Parameters, Visitor, visit};
use microlr::{
    CosineDecay, CosineDecayRestarts, Error, ExponentialDecay, History, InverseTimeDecay,
    LogisticNeuron, PiecewiseConstantDecay, PolynomialDecay, RandomUniform, Report, Schedule, Sgd,
    from_fn,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// A schedule of the catalogue in both types, and what its entry says of it.
struct Case {
    name: &'static str,
    p: Parameters<f32>,
    narrow: Box<dyn Schedule<Rate = f32>>,
    wide: Box<dyn Schedule<Rate = f64>>,
    /// What the constructor for values from outside says, without and with options.
    tried: Result<(), Error>,
    built: Result<(), Error>,
    exact: fn(&Parameters<f64>, u32) -> f64,
    unit: fn(&Parameters<f64>, u32) -> f64,
    ulps: f64,
    bounds: [f32; 2],
    falls: bool,
    edges: Vec<u32>,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.name, self.p)
    }
}

/// Every schedule for one set of numbers; `ordered` puts them in the order that each accepts.
fn cases(p: &Parameters<f32>, ordered: bool) -> Vec<Case> {
    struct Cases(Vec<Case>, Parameters<f32>, bool);
    impl Visitor for Cases {
        fn visit<E: Entry>(&mut self) {
            let p = if self.2 { E::ordered(self.1) } else { self.1 };
            self.0.push(case::<E>(p));
        }
    }
    let mut cases = Cases(vec![], *p, ordered);
    visit(&mut cases);
    cases.0
}

fn case<E: Entry>(p: Parameters<f32>) -> Case {
    let edges = E::edges(&p).into_iter().chain([0, p.steps, 1 << 24, u32::MAX]);
    Case {
        name: E::NAME,
        p,
        narrow: Box::new(E::unchecked(&p)),
        wide: Box::new(E::unchecked(&p.to::<f64>())),
        tried: E::try_new(&p).map(drop),
        built: E::build(&p).and_then(|schedule| schedule.validate()),
        exact: E::exact,
        unit: E::unit,
        ulps: E::ULPS,
        bounds: E::bounds(&p),
        falls: E::falls(&p),
        edges: edges
            .flat_map(|edge| [edge.saturating_sub(1), edge, edge.saturating_add(1)])
            .collect(),
    }
}

/// Every instance of every entry.
fn instances() -> Vec<Case> {
    struct Instances(Vec<Case>);
    impl Visitor for Instances {
        fn visit<E: Entry>(&mut self) {
            self.0.extend(E::INSTANCES.iter().map(|(_, p)| case::<E>(p.to())));
        }
    }
    let mut instances = Instances(vec![]);
    visit(&mut instances);
    instances.0
}

/// The distance between `x` and the next larger `f32`.
fn ulp(x: f64) -> f64 {
    let x = (x.abs() as f32).min(f32::MAX);
    f64::from(x.next_up()) - f64::from(x)
}

impl Case {
    /// Fails where the rates at `step` are too far from the formula.
    fn assert_close(&self, step: u32) {
        let p = self.p.to::<f64>();
        let (narrow, wide) = (self.narrow.lr(step), self.wide.lr(step));
        let near = |p: &Parameters<f64>| {
            let (exact, unit) = ((self.exact)(p, step), (self.unit)(p, step));
            (self.is_close(narrow, exact, unit) || self.is_wrapped(narrow, exact))
                && self.is_close_wide(wide, exact, unit)
        };
        // Where a restart is next to a step, the rounding of the sum of lengths in `exact` decides.
        let beside = [-1e-14, 1e-14].map(|nudge| Parameters { growth: p.growth + nudge, ..p });
        let exact = (self.exact)(&p, step);
        let between_steps = (self.unit)(&p, step) != exact && p.growth.fract() != 0.0;
        assert!(
            near(&p) || between_steps && beside.iter().any(near),
            "{narrow:e} and {wide:e} for {exact:e}, errors of {} ulp of f32 and {} of f64: \
             step {step}, {self:?}",
            (f64::from(narrow) - exact).abs() / ulp((self.unit)(&p, step)),
            (wide - exact).abs() / (self.unit)(&p, step) / f64::EPSILON,
        );
    }

    fn is_close(&self, narrow: f32, exact: f64, unit: f64) -> bool {
        if exact > f64::from(f32::MAX) {
            return narrow == f32::INFINITY || narrow == f32::MAX;
        }
        // Outside the rates that occur, the error of a power grows with the number of halvings or
        // doublings.
        let occurs = exact == 0.0 || catalogue::RATES.contains(&exact);
        let more = if occurs { 0.0 } else { exact.log2().abs() / 32.0 };
        (f64::from(narrow) - exact).abs() <= (self.ulps + more) * ulp(unit)
    }

    /// A random rate that rounding would lift to the upper bound is the lower one.
    fn is_wrapped(&self, narrow: f32, exact: f64) -> bool {
        let [low, high] = self.bounds;
        self.name == "RandomUniform" && narrow == low && exact > f64::from(high.next_down())
    }

    /// As far as `f64` can check `f64`: benches/accuracy has the exact figures.
    fn is_close_wide(&self, wide: f64, exact: f64, unit: f64) -> bool {
        let relative = if unit == exact { 1e-12 } else { 1e-9 };
        wide == exact || (wide - exact).abs() <= (relative * unit).max(f64::MIN_POSITIVE)
    }

    fn steps(&self, steps: &[u32]) -> Vec<u32> {
        steps.iter().chain(&self.edges).copied().collect()
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
fn fraction() -> impl Strategy<Value = f32> {
    prop_oneof![within(0.0, 1.0), Just(0.0), Just(1.0)]
}

/// A `t_mul` that is accepted, with a fraction or without.
fn growth() -> impl Strategy<Value = f32> {
    prop_oneof![
        (1..20_u8).prop_map(f32::from),
        within(1.01, 10.0),
        prop::sample::select(vec![1.25, 1.5, 2.5]),
    ]
}

/// A factor per step or per cycle.
fn factor() -> impl Strategy<Value = f32> {
    prop_oneof![
        4 => within(1e-3, 1.5),
        1 => within(1.0, 100.0),
        1 => Just(1.0),
        1 => Just(1.0 - f32::EPSILON / 2.0),
    ]
}

fn power() -> impl Strategy<Value = f32> {
    prop_oneof![4 => within(0.01, 20.0), 1 => prop::sample::select(vec![0.5, 1.0, 2.0])]
}

/// Parameters that are accepted, common and extreme.
fn valid() -> impl Strategy<Value = Parameters<f32>> {
    let numbers = (rate(), rate(), factor(), growth(), power(), fraction());
    (numbers, length(), any_length(), any::<u64>(), 0..128_u8).prop_map(parameters)
}

/// Parameters of any kind.
fn hostile_parameters() -> impl Strategy<Value = Parameters<f32>> {
    let x = hostile;
    let numbers = (x(), x(), x(), x(), x(), x());
    (numbers, length(), any::<u32>(), any::<u64>(), 0..128_u8).prop_map(parameters)
}

/// Parameters that are accepted and of any magnitude, up to the ends of the range.
fn extreme() -> impl Strategy<Value = Parameters<f32>> {
    let any_positive = (1..=f32::MAX.to_bits()).prop_map(f32::from_bits);
    let special =
        vec![f32::MAX, f32::MIN_POSITIVE, 1e-45, 1.0, 1.0 + f32::EPSILON, 1.0 - f32::EPSILON / 2.0];
    let x = prop_oneof![any_positive, prop::sample::select(special), rate(), factor()];
    let positive = x.prop_map(|x| x.max(1e-45)).boxed();
    let x = || positive.clone();
    let growth = prop_oneof![growth(), within(1.01, 2048.0)];
    let numbers = (x(), x(), x(), growth, x(), fraction());
    (numbers, length(), any_length(), any::<u64>(), 0..128_u8).prop_map(parameters)
}

type Numbers = (f32, f32, f32, f32, f32, f32);

fn parameters(
    ((rate, other_rate, factor, growth, power, fraction), steps, other_steps, seed, options): (
        Numbers,
        u32,
        u32,
        u64,
        u8,
    ),
) -> Parameters<f32> {
    Parameters {
        rate,
        other_rate,
        factor,
        growth,
        power,
        fraction,
        steps,
        other_steps,
        // Not longer than the others, for totals that fit.
        more_steps: steps / 3,
        seed,
        options,
    }
}

fn config() -> ProptestConfig {
    let wanted = env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let cases = wanted.unwrap_or(1000);
    ProptestConfig { cases, failure_persistence: None, ..Default::default() }
}

/// What every `try_new` says.
fn constructed<F: Number>(
    a: f32,
    b: f32,
    steps: u32,
    seed: u64,
    boundaries: [u32; 3],
) -> [Result<(), Error>; 9] {
    let (a, b) = (F::from_f64(a.into()), F::from_f64(b.into()));
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

/// What `try_new` must answer, by the tables of the documentation.
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

/// The names of the types that `src/schedule/mod.rs` exports, those aside that are no schedules.
fn public_schedules() -> BTreeSet<&'static str> {
    const OTHERS: [&str; 1] = ["Rates"];
    let text = include_str!("../src/schedule/mod.rs");
    let uses = text.split("\npub use ").skip(1).filter_map(|rest| rest.split(';').next());
    let words = uses.flat_map(|path| path.split(|c: char| !c.is_alphanumeric() && c != '_'));
    let types = words.filter(|word| word.starts_with(char::is_uppercase));
    types.filter(|name| !OTHERS.contains(name)).collect()
}

#[test]
fn every_public_schedule_is_in_the_catalogue() {
    let schedules = public_schedules();
    assert!(schedules.contains("CosineDecay") && schedules.contains("Then"), "{schedules:?}");
    let names: Vec<&str> =
        cases(&catalogue::ORDINARY.to(), true).iter().map(|case| case.name).collect();
    let catalogue: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(names.len(), catalogue.len(), "an entry is there twice");
    // A number is a schedule without a type of this crate, and a constructor is no type.
    let is_type = |name: &&str| *name != "f32" && !name.contains("::");
    let types: BTreeSet<&str> = catalogue.into_iter().filter(is_type).collect();
    assert_eq!(schedules, types, "public schedules (left) and tests/catalogue (right)");
    // What is chosen at run time and what a closure costs is measured in examples/qemu.
    let measured = include_str!("catalogue/statics.rs");
    let unmeasured = |name: &&&str| !measured.contains(&format!("{name}::"));
    let unmeasured: Vec<_> = schedules.iter().filter(unmeasured).collect();
    assert_eq!(unmeasured, [&"AnySchedule", &"FromFn"], "no cost in tests/catalogue/statics.rs");
}

#[test]
fn the_instances_are_valid_and_agree_with_their_formulas() {
    let cases = instances();
    assert!(cases.len() > 50);
    for case in cases {
        assert_eq!(case.built, Ok(()), "{case:?}");
        assert_eq!(case.wide.validate(), Ok(()), "{case:?}");
        let [low, high] = case.bounds;
        for step in (0..1000).chain(case.steps(&[10_000, 1_000_003, 3_141_592_653])) {
            let lr = case.narrow.lr(step);
            assert!(low <= lr && lr <= high, "{lr:e}: step {step}, {case:?}");
            assert!(lr < high || low == high || case.name != "RandomUniform", "{step}, {case:?}");
            case.assert_close(step);
        }
    }
}

/// Where a rate depends on a parameter that is NaN, it does not look like a number.
#[test]
fn a_parameter_that_is_nan_gives_nan() {
    type Change = fn(&mut Parameters<f32>, fn(f32) -> f32);
    const FIELDS: [Change; 6] = [
        |p, change| p.rate = change(p.rate),
        |p, change| p.other_rate = change(p.other_rate),
        |p, change| p.factor = change(p.factor),
        |p, change| p.growth = change(p.growth),
        |p, change| p.power = change(p.power),
        |p, change| p.fraction = change(p.fraction),
    ];
    let ordinary = Parameters {
        rate: 0.5,
        other_rate: 0.8,
        factor: 0.7,
        growth: 1.5,
        power: 2.0,
        fraction: 0.3,
        steps: 10,
        other_steps: 7,
        ..catalogue::ORDINARY.to()
    };
    let mut dependent = BTreeSet::new();
    for options in 0..128 {
        let clean = Parameters { options, ..ordinary };
        for (field, change) in FIELDS.into_iter().enumerate() {
            let [mut nan, mut other] = [clean; 2];
            change(&mut nan, |_| f32::NAN);
            change(&mut other, |x| x * 1.25);
            let (clean, other) = (cases(&clean, true), cases(&other, true));
            for ((nan, clean), other) in cases(&nan, false).iter().zip(clean).zip(other) {
                let exact = |case: &Case, step| (case.exact)(&case.p.to(), step);
                let mut depends = false;
                for step in 0..60 {
                    let depends_here = exact(&clean, step) != exact(&other, step);
                    depends |= depends_here;
                    let (narrow, wide) = (nan.narrow.lr(step), nan.wide.lr(step));
                    if depends_here || narrow.is_nan() {
                        assert!(narrow.is_nan(), "{narrow}: step {step}, {nan:?}");
                    } else {
                        assert_eq!(narrow, clean.narrow.lr(step), "step {step}, {nan:?}");
                    }
                    if depends_here || wide.is_nan() {
                        assert!(wide.is_nan(), "{wide}: step {step}, {nan:?}");
                    } else {
                        assert_eq!(wide, clean.wide.lr(step), "step {step}, {nan:?}");
                    }
                }
                let refused = matches!(nan.narrow.validate(), Err(Error::NotFinite(_)));
                assert_eq!(refused, depends, "{nan:?}: {:?}", nan.narrow.validate());
                assert_eq!(nan.narrow.validate(), nan.wide.validate(), "{nan:?}");
                if depends {
                    dependent.insert((nan.name, field));
                }
            }
        }
    }
    // Seven schedules and the constant have 21 such parameters, the adaptors' entries 25.
    assert!(dependent.len() >= 46, "{dependent:?}");
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
    fn nothing_panics(p in hostile_parameters(), steps in vec(step(), 8)) {
        for case in cases(&p, false) {
            for step in case.steps(&steps) {
                let _ = (case.narrow.lr(step), case.wide.lr(step));
            }
            prop_assert_eq!(case.narrow.validate(), case.wide.validate(), "{:?}", case);
        }
    }

    #[test]
    fn what_validates_gives_rates_that_are_numbers_and_not_negative(
        p in hostile_parameters(), steps in vec(step(), 8),
    ) {
        for case in cases(&p, false) {
            if case.narrow.validate().is_ok() {
                for step in case.steps(&steps) {
                    let (narrow, wide) = (case.narrow.lr(step), case.wide.lr(step));
                    prop_assert!(narrow >= 0.0, "step {}: {}, {:?}", step, narrow, case);
                    prop_assert!(wide >= 0.0, "step {}: {}, {:?}", step, wide, case);
                }
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
    fn try_new_checks_what_validate_checks(p in hostile_parameters()) {
        for case in cases(&Parameters { options: 0, ..p }, false) {
            let valid = case.narrow.validate();
            prop_assert_eq!(case.tried.is_ok(), valid.is_ok(), "{:?}: {:?}", case, case.tried);
            // An adaptor is checked in the order in which it is put together.
            if !["Then", "Scaled", "Delayed"].contains(&case.name) {
                prop_assert_eq!(case.tried, valid, "{:?}", case);
            }
        }
    }

    #[test]
    fn valid_parameters_are_accepted(p in valid()) {
        for case in cases(&p, true) {
            prop_assert_eq!(case.built, Ok(()), "{:?}", case);
            prop_assert_eq!(case.narrow.validate(), Ok(()), "{:?}", case);
            prop_assert_eq!(case.wide.validate(), Ok(()), "{:?}", case);
        }
    }

    #[test]
    fn rates_agree_with_the_formula(p in valid(), steps in vec(step(), 16)) {
        for case in cases(&p, true) {
            for step in case.steps(&steps) {
                case.assert_close(step);
            }
        }
    }

    #[test]
    fn rates_stay_within_what_the_formula_implies(p in valid(), steps in vec(step(), 16)) {
        for case in cases(&p, true) {
            let [low, high] = case.bounds;
            for step in case.steps(&steps) {
                let lr = case.narrow.lr(step);
                prop_assert!(
                    low <= lr && lr <= high,
                    "step {}: {:e} not in {:e}..{:e}, {:?}", step, lr, low, high, case
                );
                if case.name == "RandomUniform" {
                    prop_assert!(lr < high || low == high, "step {}: {}, {:?}", step, lr, case);
                }
            }
        }
    }

    #[test]
    fn extreme_rates_are_finite_where_the_formula_is(p in extreme(), steps in vec(step(), 16)) {
        for case in cases(&p, true) {
            prop_assert_eq!(case.built, Ok(()), "{:?}", case);
            let [low, high] = case.bounds;
            for step in case.steps(&steps) {
                let (lr, exact) = (case.narrow.lr(step), (case.exact)(&case.p.to(), step));
                let normal = f64::from(f32::MIN_POSITIVE)..=f64::from(f32::MAX);
                prop_assert!(
                    lr.is_finite() || !normal.contains(&exact),
                    "step {}: {:e} for {:e}, {:?}", step, lr, exact, case
                );
                prop_assert!(
                    low <= lr && lr <= high,
                    "step {}: {:e} not in {:e}..{:e}, {:?}", step, lr, low, high, case
                );
            }
        }
    }

    #[test]
    fn rates_fall_where_the_formula_falls(p in valid(), steps in vec(step(), 16)) {
        for case in cases(&p, true).iter().filter(|case| case.falls) {
            let mut steps = case.steps(&steps);
            steps.sort_unstable();
            for pair in steps.windows(2) {
                let (before, after) = (case.narrow.lr(pair[0]), case.narrow.lr(pair[1]));
                // Each of two neighbours may be rounded; more than 2 ulp would be a kink.
                prop_assert!(
                    after <= before.next_up().next_up(),
                    "{:e} then {:e} at {:?}, {:?}", before, after, pair, case
                );
            }
        }
    }

    #[test]
    fn a_staircase_jumps_at_every_multiple_and_nowhere_else(
        d in length(), multiple in step(), inverse in any::<bool>(),
    ) {
        let d = d.max(2);
        let schedule: Box<dyn Schedule<Rate = f64>> = if inverse {
            Box::new(InverseTimeDecay::new(1.0, d, 0.5).staircase())
        } else {
            Box::new(ExponentialDecay::new(1.0, d, 0.5).staircase())
        };
        let multiple = (multiple % (u32::MAX / d)).clamp(1, 1000);
        let edge = multiple * d;
        prop_assert!(schedule.lr(edge) < schedule.lr(edge - 1));
        prop_assert_eq!(schedule.lr(edge - 1), schedule.lr(edge - d));
        prop_assert_eq!(schedule.lr(edge), schedule.lr(edge.saturating_add(d - 1)));
    }

    #[test]
    fn a_boundary_belongs_to_the_piece_before_it(
        boundaries in prop::collection::btree_set(step(), 0..=16_usize), steps in vec(step(), 8),
    ) {
        let boundaries: Vec<u32> = boundaries.into_iter().collect();
        let values: Vec<f32> = (0..=boundaries.len()).map(|piece| piece as f32).collect();
        let few = &boundaries[..boundaries.len().min(4)];
        let small = PiecewiseConstantDecay::<_, 4>::try_from_slices(few, &values[..=few.len()]);
        let large = PiecewiseConstantDecay::<_, 16>::try_from_slices(&boundaries, &values);
        let (Ok(small), Ok(large)) = (small, large) else { panic!("{boundaries:?}") };
        let beside = |&b: &u32| [b.saturating_sub(1), b, b.saturating_add(1)];
        for step in boundaries.iter().flat_map(beside).chain(steps) {
            let before = |all: &[u32]| all.iter().filter(|&&b| b < step).count() as f32;
            prop_assert_eq!(small.lr(step), before(few), "step {}", step);
            prop_assert_eq!(large.lr(step), before(&boundaries), "step {}", step);
        }
    }

    #[test]
    fn ends_and_restarts_are_exact(
        lr in rate(), end in rate(), alpha in fraction(), d in length(),
        power in within(0.01, 20.0), w in any_length(), t in 1..20_u8, cycles in 0..10_u32,
        beyond in step(),
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
        prop_assert_eq!(warm.lr(0), if w == 0 { end } else { lr });
        prop_assert_eq!(warm.lr(w), end);
        if let Some(last) = w.checked_add(d) {
            prop_assert_eq!(warm.lr(last), end * alpha);
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

    /// Restarts of a fractional `t_mul` that fall on a step: sums of powers of 3/2, 5/4 and 5/2.
    #[test]
    fn a_fractional_restart_on_a_step_is_the_peak(
        lr in rate(), quotient in prop::sample::select(vec![(3_u64, 2_u64), (5, 4), (5, 2)]),
        odd in 1..50_u64, halvings in 1..20_u32,
    ) {
        let (numerator, denominator) = quotient;
        let t_mul = numerator as f32 / denominator as f32;
        let mut length = odd << halvings;
        let restarts = CosineDecayRestarts::new(lr, length as u32).t_mul(t_mul);
        let mut start = length;
        while let Ok(step) = u32::try_from(start) {
            prop_assert_eq!(restarts.lr(step), lr, "step {}, t_mul {}", step, t_mul);
            if length > 2 && lr > 0.0 {
                prop_assert!(restarts.lr(step - 1) < lr, "step {} - 1, t_mul {}", step, t_mul);
            }
            if length * numerator % denominator != 0 {
                break;
            }
            length = length * numerator / denominator;
            start += length;
        }
    }

    #[test]
    fn adaptors_are_what_they_say(
        a in valid(), b in valid(), which in any::<prop::sample::Index>(), at in step(),
        late in step(), factor in rate(), steps in vec(step(), 8),
    ) {
        let (a, b) = (cases(&a, true), cases(&b, true));
        let (a, b) = (&*a[which.index(a.len())].narrow, &*b[which.index(b.len())].narrow);
        let edges = [at, late, at.saturating_add(late), u32::MAX];
        let edges = edges.into_iter().flat_map(|e| [e.saturating_sub(1), e, e.saturating_add(1)]);
        let bits = f32::to_bits;
        for step in steps.into_iter().chain([0]).chain(edges) {
            let joined = |step| if step < at { a.lr(step) } else { b.lr(step - at) };
            prop_assert_eq!(bits(a.then(at, b).lr(step)), bits(joined(step)));
            prop_assert_eq!(bits(a.delayed(late).lr(step)), bits(a.lr(step.saturating_sub(late))));
            // A product is rounded once more than the rate.
            prop_assert_eq!(bits(a.scaled(factor).lr(step)), bits(a.lr(step) * factor));
            prop_assert_eq!((&a).iter().nth(step as usize).map(bits), Some(bits(a.lr(step))));

            let scaled = a.then(at, b).scaled(factor);
            prop_assert_eq!(bits(scaled.lr(step)), bits(joined(step) * factor));
            let delayed = joined(step.saturating_sub(late)) * factor;
            prop_assert_eq!(bits(scaled.delayed(late).lr(step)), bits(delayed));
            let parts = a.scaled(factor).delayed(late).then(at, b.scaled(factor).delayed(late));
            let local = if step < at { step } else { step - at };
            let part = if step < at { a } else { b };
            let expected = part.lr(local.saturating_sub(late)) * factor;
            prop_assert_eq!(bits(parts.lr(step)), bits(expected));
        }
    }

    #[test]
    fn adaptors_of_the_clock_and_of_the_rate_are_what_they_say(
        a in valid(), b in valid(), which in any::<prop::sample::Index>(), n in length(),
        low in rate(), high in rate(), from in rate(), seed in any::<u64>(),
        steps in vec(step(), 8),
    ) {
        let (a, b) = (cases(&a, true), cases(&b, true));
        let (a, b) = (&*a[which.index(a.len())].narrow, &*b[which.index(b.len())].narrow);
        let (low, high) = (low.min(high), low.max(high));
        let edges = [n, n.saturating_mul(2), n.saturating_mul(3), u32::MAX / n * n, u32::MAX];
        let edges = edges.into_iter().flat_map(|e| [e.saturating_sub(1), e, e.saturating_add(1)]);
        let bits = f32::to_bits;
        for step in steps.into_iter().chain([0]).chain(edges) {
            let (lr, other) = (a.lr(step), b.lr(step));
            let switched = if step < n { lr } else { other };
            prop_assert_eq!(bits(a.switched(n, b).lr(step)), bits(switched));
            prop_assert_eq!(bits(a.bounded(low, high).lr(step)), bits(lr.clamp(low, high)));
            prop_assert_eq!(bits(a.plus(b).lr(step)), bits(lr + other));
            prop_assert_eq!(bits(a.times(b).lr(step)), bits(lr * other));
            prop_assert_eq!(bits(a.per_epoch(n).lr(step)), bits(a.lr(step / n)));
            prop_assert_eq!(bits(a.repeated(n).lr(step)), bits(a.lr(step % n)));
            let (elapsed, cycle) = (u64::from(step) % (2 * u64::from(n)), 2 * u64::from(n));
            let elapsed = elapsed.min(cycle - elapsed) as u32;
            prop_assert_eq!(bits(a.bounced(n).lr(step)), bits(a.lr(elapsed)));

            let first = a.lr(0);
            let warm = a.warmed_up(n).from(from);
            let early = warm.without_zero();
            match step.checked_sub(n) {
                Some(step) => prop_assert_eq!(bits(warm.lr(n + step)), bits(a.lr(step))),
                None => {
                    prop_assert_eq!(bits(early.lr(step)), bits(warm.lr(step + 1)));
                    let lr = warm.lr(step);
                    prop_assert!(first.min(from) <= lr && lr <= first.max(from), "{}", lr);
                }
            }
            prop_assert_eq!(bits(warm.lr(0)), bits(from));
            prop_assert_eq!(bits(early.lr(n - 1)), bits(first));

            let noisy = a.jittered(seed, 0.25).lr(step);
            prop_assert!(lr * 0.75 <= noisy && noisy <= lr * 1.25, "{} for {}", noisy, lr);
            prop_assert_eq!(bits(a.jittered(seed, 0.0).lr(step)), bits(lr));
        }
    }

    #[test]
    fn a_resumed_run_equals_an_uninterrupted_one(
        p in valid(), which in any::<prop::sample::Index>(), seed in any::<u64>(), start in step(),
        cut in 0..40_usize,
        samples in vec((prop::array::uniform3(within(-10.0, 10.0)), within(0.0, 1.0)), 40),
    ) {
        let cases = cases(&p, true);
        let schedule = &*cases[which.index(cases.len())].narrow;
        let mut neuron = LogisticNeuron::glorot_uniform(seed);
        let mut sgd = Sgd::resume(schedule, start);
        let mut interrupted = neuron;
        let mut interrupted_sgd = sgd;
        for (index, (x, y)) in samples.iter().enumerate() {
            if index == cut {
                let (weights, bias, step) =
                    (interrupted.weights, interrupted.bias, interrupted_sgd.iterations());
                interrupted = LogisticNeuron::new(weights, bias);
                interrupted_sgd = Sgd::resume(schedule, step);
            }
            let before = sgd.iterations();
            let report = sgd.step(&mut neuron, x, *y);
            if let Ok(report) = report {
                prop_assert_eq!(report.step, before);
                prop_assert_eq!(report.lr.to_bits(), schedule.lr(before).to_bits());
                prop_assert_eq!(sgd.iterations(), before.saturating_add(1));
            }
            prop_assert_eq!(interrupted_sgd.step(&mut interrupted, x, *y), report);
        }
        prop_assert_eq!(bits(&neuron), bits(&interrupted));
        prop_assert_eq!(sgd.iterations(), interrupted_sgd.iterations());
    }

    #[test]
    fn an_update_leaves_finite_numbers_or_no_trace(
        lr in hostile(), weights in prop::array::uniform3(hostile()), bias in hostile(),
        xs in vec(prop::array::uniform3(hostile()), 0..4), ys in vec(hostile(), 0..4),
        tame in vec(fraction(), 4), tame_parts in 0..8_u8,
    ) {
        // Each part of the input is hostile or tame on its own.
        let is_tame = |part: u8| tame_parts >> part & 1 == 1;
        let ys = if is_tame(0) { tame[..xs.len()].to_vec() } else { ys };
        let lr = if is_tame(1) { tame[0] } else { lr };
        let weights = if is_tame(2) { [tame[0], tame[1], tame[2]] } else { weights };
        let bias = if is_tame(2) { tame[3] } else { bias };
        let start = LogisticNeuron::new(weights, bias);
        let refused = refused(&start, lr, &xs, &ys);
        let mut neuron = start;
        let mut sgd = Sgd::new(lr);
        let of_batch = sgd.step_batch(&mut neuron, &xs, &ys);
        match of_batch {
            Ok(report) => {
                prop_assert_eq!(refused, Ok(()));
                prop_assert!(neuron.weights.iter().all(|weight| weight.is_finite()));
                prop_assert!(neuron.bias.is_finite());
                prop_assert!((0.0..=1.0).contains(&report.prediction), "{:?}", report);
                prop_assert!(report.loss >= 0.0, "{:?}", report);
                prop_assert_eq!(sgd.iterations(), 1);
            }
            Err(error) => {
                let overflow = [Error::Overflow("weights"), Error::Overflow("bias")];
                prop_assert_eq!(refused.err().unwrap_or(error), error);
                prop_assert!(refused.is_err() || overflow.contains(&error), "{:?}", error);
                prop_assert_eq!(bits(&neuron), bits(&start));
                prop_assert_eq!(sgd.iterations(), 0);
            }
        }
        // A single sample is a batch of one, but for the order of the roundings.
        if let ([x], [y]) = (&xs[..], &ys[..]) {
            let (mut single, mut sgd_of_single) = (start, Sgd::new(lr));
            let report = sgd_of_single.step(&mut single, x, *y);
            prop_assert_eq!(sgd_of_single.iterations(), sgd.iterations());
            let (report, of_batch) = match (report, of_batch) {
                (Ok(report), Ok(of_batch)) => (report, of_batch),
                refused => {
                    prop_assert_eq!(refused.0, refused.1);
                    return Ok(());
                }
            };
            prop_assert_eq!((report.step, report.lr), (of_batch.step, of_batch.lr));
            // A subnormal number may lose its last bit.
            prop_assert!((report.loss - of_batch.loss).abs() <= f32::from_bits(1));
            prop_assert!((report.prediction - of_batch.prediction).abs() <= f32::from_bits(1));
            let inputs = x.iter().chain([&1.0]);
            let weights = start.weights.iter().chain([&start.bias]);
            let updated = single.weights.iter().chain([&single.bias]);
            let of_batch = neuron.weights.iter().chain([&neuron.bias]);
            for (((x, weight), single), batch) in inputs.zip(weights).zip(updated).zip(of_batch) {
                let [x, weight, single, batch] = [*x, *weight, *single, *batch].map(f64::from);
                let error = (single - batch).abs();
                // Of the change, of the result, and of numbers too small to have all bits.
                let bound = f64::from(f32::EPSILON) * ((single - weight).abs() + 2.0 * single.abs())
                    + f64::from(f32::from_bits(1)) * (1.0 + x.abs()) * (1.0 + f64::from(lr));
                prop_assert!(error <= bound, "{:e} {:e}", single, batch);
            }
        }
    }

    #[test]
    fn the_neuron_is_stable_for_every_logit(z in hostile(), y in fraction()) {
        if z.is_finite() {
            stable(z, y);
        }
    }
}

/// Why an update of these is refused, by the table of the documentation: everything but the
/// overflow of its result.
fn refused(
    neuron: &LogisticNeuron<f32, 3>,
    lr: f32,
    xs: &[[f32; 3]],
    ys: &[f32],
) -> Result<(), Error> {
    if xs.is_empty() {
        return Err(Error::Empty("xs"));
    }
    if xs.len() != ys.len() {
        return Err(Error::LengthMismatch { name: "ys", expected: xs.len() as u32 });
    }
    if !lr.is_finite() {
        return Err(Error::NotFinite("learning_rate"));
    }
    if lr < 0.0 {
        return Err(Error::Negative("learning_rate"));
    }
    for (sample, (x, y)) in (0..).zip(xs.iter().zip(ys)) {
        if !(0.0..=1.0).contains(y) {
            return Err(Error::Label { sample });
        }
        if let Some(feature) = x.iter().position(|x| !x.is_finite()) {
            return Err(Error::Feature { sample, feature: feature as u32 });
        }
        if neuron.weights.iter().any(|weight| !weight.is_finite()) {
            return Err(Error::NotFinite("weights"));
        }
        if !neuron.bias.is_finite() {
            return Err(Error::NotFinite("bias"));
        }
        let products = neuron.weights.iter().zip(x).map(|(weight, x)| weight * x);
        if !(products.sum::<f32>() + neuron.bias).is_finite() {
            return Err(Error::Logit { sample });
        }
    }
    Ok(())
}

fn assert_close(narrow: f32, wide: f64, ulps: f64, what: &dyn fmt::Debug) {
    let error = (f64::from(narrow) - wide).abs() / ulp(wide);
    assert!(error <= ulps, "{narrow:e} for {wide:e}, an error of {error} ulp: {what:?}");
}

/// The prediction and the loss of a logit against those in `f64`, and of its opposite.
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

#[test]
fn composed_adaptors_change_at_their_steps() {
    let line = PolynomialDecay::new(0.0_f32, 8, 0.5);
    let scaled = line.then(8, PolynomialDecay::new(0.5, 4, 0.25)).scaled(0.5);
    let rates = [0, 4, 7, 8, 9, 12, 13].map(|step| scaled.lr(step));
    assert_eq!(rates, [0.0, 0.125, 0.218_75, 0.25, 0.218_75, 0.125, 0.125]);
    let late = scaled.delayed(3);
    let rates = [0, 3, 7, 10, 11, 12, 15].map(|step| late.lr(step));
    assert_eq!(rates, [0.0, 0.0, 0.125, 0.218_75, 0.25, 0.218_75, 0.125]);

    let halving = ExponentialDecay::new(1.0_f32, 1, 0.5);
    let parts = halving.delayed(2).then(4, halving.scaled(3.0)).then(6, 0.125_f32);
    let rates = [0, 1, 2, 3, 4, 5, 6, u32::MAX].map(|step| parts.lr(step));
    assert_eq!(rates, [1.0, 1.0, 1.0, 0.5, 3.0, 1.5, 0.125, 0.125]);
    let inner = halving.then(2, halving.then(1, halving.scaled(0.0_f32)));
    assert_eq!([1, 2, 3, 4].map(|step| inner.lr(step)), [0.5, 1.0, 0.0, 0.0]);
}

/// The weights are the limit √(6/(N + 1)) times 2u - 1, where u is a word of the generator.
fn glorot<const N: usize>(seeds: std::ops::Range<u64>) {
    let [limit32, limit64] =
        [(6.0 / (N as f32 + 1.0)).sqrt().into(), (6.0 / (N as f64 + 1.0)).sqrt()];
    let mut largest = 0.0_f64;
    for seed in seeds {
        let narrow = LogisticNeuron::<f32, N>::glorot_uniform(seed);
        let wide = LogisticNeuron::<f64, N>::glorot_uniform(seed);
        assert_eq!((narrow.bias, wide.bias), (0.0, 0.0));
        for (index, (narrow, wide)) in narrow.weights.into_iter().zip(wide.weights).enumerate() {
            let word = threefry(seed, [index as u32, 1]);
            let [u32, u64] =
                [40, 11].map(|shift| (word >> shift) as f64 / (1_u64 << (64 - shift)) as f64);
            assert_eq!(narrow, (limit32 * (2.0 * u32 - 1.0)) as f32, "N = {N}, seed {seed}");
            assert_eq!(wide, limit64 * (2.0 * u64 - 1.0), "N = {N}, seed {seed}");
            assert!(wide.abs() <= limit64 && f64::from(narrow.abs()) <= limit32);
            largest = largest.max(wide.abs());
        }
    }
    // So near the limit that a smaller one would show.
    assert!(largest > 0.998 * limit64, "{largest} of {limit64}");
}

#[test]
fn glorot_weights_fill_their_interval_and_no_more() {
    glorot::<1>(0..5000);
    glorot::<2>(0..5000);
    glorot::<5>(0..5000);
    glorot::<23>(u64::MAX - 500..u64::MAX);
    // √(6/6) = 1, and the generator in another language.
    let neuron = LogisticNeuron::<f32, 5>::glorot_uniform(42);
    assert_eq!(
        neuron.weights,
        [0.802_663_45, 0.403_047_8, 0.844_014_05, 0.842_675_57, 0.407_537_82]
    );
}

/// Updates of a neuron whose logit is exactly 0: the residual of a label in eighths is exact.
#[test]
fn updates_are_bit_for_bit_what_the_formula_says() {
    const LABELS: [f32; 3] = [0.125, 1.0, 0.625];
    const RESIDUALS: [f32; 3] = [0.375, -0.5, -0.125];
    const XS: [[f32; 2]; 3] = [[1.1, -1.1], [0.7, -0.7], [-2.3, 2.3]];
    let mut other_groupings = [0; 3];
    for lr in (1..200).map(|n| n as f32 * 0.0137) {
        let start = LogisticNeuron::new([0.3_f32, 0.3], 0.0);
        for sample in 0..3 {
            let (mut neuron, mut sgd) = (start, Sgd::new(lr));
            let report = sgd.step(&mut neuron, &XS[sample], LABELS[sample]).unwrap();
            assert_eq!((report.step, report.lr, report.prediction), (0, lr, 0.5));
            let scale = lr * RESIDUALS[sample];
            assert_eq!(neuron.weights, XS[sample].map(|x| 0.3 - scale * x), "lr {lr}");
            assert_eq!(neuron.bias, -scale, "lr {lr}");
        }

        let (mut neuron, mut sgd) = (start, Sgd::new(lr));
        let report = sgd.step_batch(&mut neuron, &XS, &LABELS).unwrap();
        assert_eq!((report.step, report.lr), (0, lr));
        assert!((report.prediction - 0.5).abs() <= f32::EPSILON);
        assert!((report.loss - 2f32.ln()).abs() <= f32::EPSILON);
        // The sums are exact in `f64`, and rounded once.
        let sum = |n: usize| {
            let terms = XS.iter().zip(RESIDUALS).map(|(x, residual)| f64::from(x[n] * residual));
            terms.sum::<f64>() as f32
        };
        let change = |mean: fn(f32, f32) -> f32| {
            ([0, 1].map(|n| 0.3 - mean(lr, sum(n))), 0.0 - mean(lr, RESIDUALS.iter().sum()))
        };
        let updated = (neuron.weights, neuron.bias);
        assert_eq!(updated, change(|lr, sum| lr * (sum / 3.0)), "lr {lr}");
        let others: [fn(f32, f32) -> f32; 3] =
            [|lr, sum| lr * sum / 3.0, |lr, sum| lr / 3.0 * sum, |lr, sum| lr * (1.0 / 3.0) * sum];
        for (count, other) in other_groupings.iter_mut().zip(others) {
            *count += usize::from(updated != change(other));
        }
    }
    // The test sees the difference.
    assert!(other_groupings.iter().all(|&count| count > 10), "{other_groupings:?}");
}

#[test]
fn a_report_of_a_batch_has_the_means() {
    let mut neuron = LogisticNeuron::new([1.0_f64], 0.5);
    let (xs, ys) = ([[-2.0], [3.0], [0.25]], [0.0, 1.0, 0.25]);
    let sigmoid = |z: f64| 1.0 / (1.0 + (-z).exp());
    let loss = |z: f64, y: f64| (1.0 - y) * z + (-z).exp().ln_1p();
    let prediction = (sigmoid(-1.5) + sigmoid(3.5) + sigmoid(0.75)) / 3.0;
    let mean = (loss(-1.5, 0.0) + loss(3.5, 1.0) + loss(0.75, 0.25)) / 3.0;
    let report = Sgd::resume(0.5_f64, 7).step_batch(&mut neuron, &xs, &ys).unwrap();
    assert_eq!((report.step, report.lr), (7, 0.5));
    assert!((report.prediction - prediction).abs() < 1e-15, "{report:?}, not {prediction}");
    assert!((report.loss - mean).abs() < 1e-15, "{report:?}, not {mean}");
    let gradient = [sigmoid(-1.5), sigmoid(3.5) - 1.0, sigmoid(0.75) - 0.25];
    let of_weight: f64 = gradient.iter().zip(xs).map(|(g, [x])| g * x).sum::<f64>() / 3.0;
    let of_bias = gradient.iter().sum::<f64>() / 3.0;
    assert!((neuron.weights[0] - (1.0 - 0.5 * of_weight)).abs() < 1e-15, "{neuron:?}");
    assert!((neuron.bias - (0.5 - 0.5 * of_bias)).abs() < 1e-15, "{neuron:?}");
}

#[test]
fn the_counter_stops_at_the_last_step() {
    let mut neuron = LogisticNeuron::<f32, 1>::zeroed();
    let line = PolynomialDecay::new(0.0_f32, u32::MAX, 1.0);
    let mut sgd = Sgd::resume(line, u32::MAX - 1);
    for (step, iterations) in [(u32::MAX - 1, u32::MAX), (u32::MAX, u32::MAX), (u32::MAX, u32::MAX)]
    {
        let report = sgd.step(&mut neuron, &[1.0], 1.0).unwrap();
        assert_eq!((report.step, report.lr), (step, line.lr(step)));
        assert_eq!((sgd.iterations(), sgd.lr()), (iterations, line.lr(iterations)));
    }
    sgd.set_iterations(0);
    assert_eq!((sgd.iterations(), sgd.lr()), (0, 0.0));
    assert_eq!(sgd.schedule(), &line);
}

/// One input is wrong at a time, the sample and the feature in the middle of a batch.
#[test]
fn a_refused_update_names_its_input_and_changes_nothing() {
    type Batch = ([[f32; 3]; 4], [f32; 4], LogisticNeuron<f32, 3>);
    type Spoil = fn(&mut Batch);
    // With the largest rate, each weight would fall by four times the largest number, or 0.
    const OVERFLOWING: Batch = ([[8.0, 0.0, 0.0]; 4], [0.0; 4], LogisticNeuron::new([0.0; 3], 0.0));
    let batch: Batch = (
        [[0.5, -1.0, 2.0], [1.0, 0.0, -0.5], [0.25, 0.75, 1.5], [-2.0, 1.0, 0.0]],
        [0.0, 1.0, 0.25, 1.0],
        LogisticNeuron::new([-0.0, 1e-40, 0.3], -0.1),
    );
    let wrong: [(Spoil, Error); 10] = [
        (|batch| batch.0[2][1] = f32::NAN, Error::Feature { sample: 2, feature: 1 }),
        (|batch| batch.0[1][2] = f32::NEG_INFINITY, Error::Feature { sample: 1, feature: 2 }),
        (|batch| batch.1[3] = f32::NAN, Error::Label { sample: 3 }),
        (|batch| batch.1[2] = -f32::MIN_POSITIVE, Error::Label { sample: 2 }),
        (|batch| batch.1[1] = 1.0 + f32::EPSILON, Error::Label { sample: 1 }),
        (|batch| batch.2.weights[1] = f32::NAN, Error::NotFinite("weights")),
        (|batch| batch.2.weights[2] = f32::INFINITY, Error::NotFinite("weights")),
        (|batch| batch.2.bias = f32::NAN, Error::NotFinite("bias")),
        (
            |batch| {
                batch.2.weights[2] = 2.0;
                batch.0[3][2] = f32::MAX;
            },
            Error::Logit { sample: 3 },
        ),
        (|batch| *batch = OVERFLOWING, Error::Overflow("weights")),
    ];
    for (spoil, error) in wrong {
        let mut spoilt = batch;
        spoil(&mut spoilt);
        let (xs, ys, start) = spoilt;
        let lr = if matches!(error, Error::Overflow(_)) { f32::MAX } else { 0.5 };
        let (mut neuron, mut sgd) = (start, Sgd::resume(lr, 7));
        assert_eq!(sgd.step_batch(&mut neuron, &xs, &ys), Err(error));
        assert_eq!(sgd.train::<2, 3>(&mut neuron, &xs, &ys), Err(error));
        let mut history = History::<f32, 4>::new();
        assert_eq!(sgd.train_into(&mut history, &mut neuron, &xs, &ys), Err(error));
        assert_eq!((bits(&neuron), sgd.iterations()), (bits(&start), 7), "{error:?}");
        assert!(history.is_empty());
        // The sample alone, where it is one that is wrong.
        let (sample, single) = match error {
            Error::Feature { sample, feature } => (sample, Error::Feature { sample: 0, feature }),
            Error::Label { sample } => (sample, Error::Label { sample: 0 }),
            Error::Logit { sample } => (sample, Error::Logit { sample: 0 }),
            error => (0, error),
        };
        let sample = sample as usize;
        assert_eq!(sgd.step(&mut neuron, &xs[sample], ys[sample]), Err(single));
        assert_eq!((bits(&neuron), sgd.iterations()), (bits(&start), 7), "{error:?}");
    }
}

/// An overflow that only the product of the rate and a feature, each far from the limit, causes.
#[test]
fn a_feature_and_a_rate_may_overflow_together() {
    for (lr, x) in [(1e20, 1e30), (1e30, 1e20), (f32::MAX, 3.0)] {
        for place in 0..3 {
            let mut features = [1.0, -1.0, 0.5];
            features[place] = -x;
            let (mut neuron, mut sgd) = (LogisticNeuron::zeroed(), Sgd::new(lr));
            let refused = sgd.step(&mut neuron, &features, 1.0);
            assert_eq!(refused, Err(Error::Overflow("weights")), "lr {lr:e}, x {x:e}");
            assert_eq!((neuron, sgd.iterations()), (LogisticNeuron::zeroed(), 0));
        }
    }
    // The logit is 0, and the bias would fall below the lowest number.
    let start = LogisticNeuron::new([f32::MAX], -f32::MAX);
    let (mut neuron, mut sgd) = (start, Sgd::new(1e38_f32));
    let refused =
        [sgd.step(&mut neuron, &[1.0], 0.0), sgd.step_batch(&mut neuron, &[[1.0]], &[0.0])];
    assert_eq!(refused, [Err(Error::Overflow("bias")); 2]);
    assert_eq!((neuron, sgd.iterations()), (start, 0));
}

/// The rate is wrong at the third update only.
#[test]
fn a_run_that_fails_later_changes_nothing() {
    let schedule = from_fn(|step| if step == 9 { f32::NAN } else { 0.5 });
    let (xs, ys) = ([[1.0_f32], [-0.5]], [1.0, 0.0]);
    let start = LogisticNeuron::new([0.25], 0.5);
    let (mut neuron, mut sgd) = (start, Sgd::resume(schedule, 7));
    let mut history = History::<f32, 6>::new();
    history.push(Report { step: 6, lr: 0.5, loss: 1.0, prediction: 0.5 }).unwrap();
    let before = history.clone();
    let error = Err(Error::NotFinite("learning_rate"));
    assert_eq!(sgd.train_into(&mut history, &mut neuron, &xs, &ys), error);
    assert_eq!((neuron, sgd.iterations(), &history), (start, 7, &before));
    assert_eq!(sgd.train::<4, 1>(&mut neuron, &xs, &ys).map(drop), error);
    assert_eq!((neuron, sgd.iterations()), (start, 7));

    // With room for two, the wrong rate is not reached, and the reports follow the one before.
    let (mut short, mut single, mut sgd_of_single) = (History::<f32, 3>::new(), start, sgd);
    short.push(before[0]).unwrap();
    sgd.train_into(&mut short, &mut neuron, &xs, &ys).unwrap();
    let [a, b] = [(); 2].map(|()| sgd_of_single.step_batch(&mut single, &xs, &ys).unwrap());
    assert_eq!(short[..], [before[0], a, b]);
    assert_eq!((neuron, sgd.iterations()), (single, 9));
    // A full history has no room for an update.
    sgd.train_into(&mut short, &mut neuron, &xs, &ys).unwrap();
    assert_eq!((neuron, sgd.iterations(), short.len()), (single, 9, 3));
}

#[test]
fn the_rates_end_after_the_last_step() {
    let line = PolynomialDecay::new(0.0_f64, u32::MAX, 1.0);
    let mut rates = line.iter();
    assert_eq!(rates.nth(u32::MAX as usize - 1), Some(line.lr(u32::MAX - 1)));
    assert_eq!((rates.next(), rates.next()), (Some(1.0), None));
    assert_eq!(line.iter().nth(1 << 32), None);
    assert_eq!(line.iter().nth(usize::MAX), None);
}
