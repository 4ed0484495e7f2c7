//! The tables of README.md: the schedules, and "Coming from Keras, PyTorch, Optax" row by row.
//!
//! `MICROLR_BLESS=1 cargo test --test equivalents` writes the table of the schedules.
//!
//! `tests/equivalents/values.txt` has the rates of the real packages for the first cell of every
//! row; `tests/equivalents/make.py` writes it. The second cell of a row is an expression in this
//! file.

#[path = "catalogue/mod.rs"]
mod catalogue;
mod tables;

use std::collections::BTreeMap;
use std::{env, fs};

use catalogue::{Entry, Visitor};
use microlr::{
    CosineDecay, CosineDecayRestarts, ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay,
    PolynomialDecay, Schedule, from_fn,
};

/// The packages compute in `f32` in places, and PyTorch in a recursion that drifts.
const TOLERANCE: f64 = 1e-6;
/// The peak of every schedule here: an error near the end of a cosine is measured in it.
const PEAK: f64 = 0.1;

/// A row of the tables.
struct Row {
    /// The package and the expression in Python.
    theirs: &'static str,
    /// The expression in Rust as README.md has it, and its value.
    ours: &'static str,
    schedule: Box<dyn Schedule<Rate = f64>>,
    /// The first step from which the rates differ, as the row's last cell says.
    differs_from: u32,
}

macro_rules! rows {
    ($($theirs:literal => $ours:expr, $differs_from:expr;)*) => {
        vec![$(Row {
            theirs: $theirs,
            ours: stringify!($ours),
            schedule: Box::new($ours),
            differs_from: $differs_from,
        }),*]
    };
}

/// `LambdaLR`'s function; `make.py` has the same.
fn factor(step: u32) -> f64 {
    0.99_f64.powf(f64::from(step))
}

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
const NEVER: u32 = u32::MAX;

fn rows() -> Vec<Row> {
    rows! {
        "keras ExponentialDecay(0.1, 30, 0.5)" =>
            ExponentialDecay::new(0.1, 30, 0.5), NEVER;
        "keras ExponentialDecay(0.1, 30, 0.5, staircase=True)" =>
            ExponentialDecay::new(0.1, 30, 0.5).staircase(), NEVER;
        "keras PiecewiseConstantDecay([30, 60], [0.1, 0.05, 0.025])" =>
            PiecewiseConstantDecay::new([30, 60], [0.1, 0.05, 0.025]), NEVER;
        "keras PolynomialDecay(0.1, 100)" =>
            PolynomialDecay::new(0.1, 100, 0.0001), NEVER;
        "keras PolynomialDecay(0.1, 50, 0.01, power=2.0, cycle=True)" =>
            PolynomialDecay::new(0.1, 50, 0.01).power(2.0).cycle(), NEVER;
        "keras InverseTimeDecay(0.1, 50, 0.5)" =>
            InverseTimeDecay::new(0.1, 50, 0.5), NEVER;
        "keras CosineDecay(0.0, 90, 0.01, warmup_target=0.1, warmup_steps=10)" =>
            CosineDecay::new(0.0, 90).warmup(0.1, 10).alpha(0.01), NEVER;
        "keras CosineDecayRestarts(0.1, 10, m_mul=0.5)" =>
            CosineDecayRestarts::new(0.1, 10).m_mul(0.5), NEVER;

        "pytorch ExponentialLR(opt, 0.99)" =>
            ExponentialDecay::new(0.1, 1, 0.99), NEVER;
        "pytorch StepLR(opt, 30, 0.1)" =>
            ExponentialDecay::new(0.1, 30, 0.1).staircase(), NEVER;
        "pytorch MultiStepLR(opt, [30, 60], 0.5)" =>
            PiecewiseConstantDecay::new([29, 59], [0.1, 0.05, 0.025]), NEVER;
        "pytorch ConstantLR(opt, 0.5, 5)" =>
            PiecewiseConstantDecay::new([4], [0.05, 0.1]), NEVER;
        "pytorch LinearLR(opt, 0.1, 1.0, 30)" =>
            PolynomialDecay::new(0.01, 30, 0.1), NEVER;
        "pytorch PolynomialLR(opt, 100, 2.0)" =>
            PolynomialDecay::new(0.1, 100, 0.0).power(2.0), NEVER;
        "pytorch CosineAnnealingLR(opt, 100, 0.001)" =>
            CosineDecay::new(0.1, 100).alpha(0.01), 101;
        "pytorch CosineAnnealingWarmRestarts(opt, 10)" =>
            CosineDecayRestarts::new(0.1, 10).t_mul(1.0), NEVER;
        "pytorch OneCycleLR(opt, 0.1, 100, anneal_strategy=\"linear\")" =>
            PolynomialDecay::new(0.004, 29, 0.1).then(29, PolynomialDecay::new(0.1, 70, 4e-7)), 100;
        "pytorch LambdaLR(opt, factor)" =>
            from_fn(factor).scaled(0.1), NEVER;
        "pytorch SequentialLR(opt, [LinearLR(opt, 0.1, 1.0, 10), ExponentialLR(opt, 0.9)], [10])" =>
            PolynomialDecay::new(0.01, 10, 0.1).then(10, ExponentialDecay::new(0.1, 1, 0.9)), NEVER;

        "optax constant_schedule(0.1)" =>
            0.1, NEVER;
        "optax exponential_decay(0.1, 30, 0.5, 10, staircase=True)" =>
            ExponentialDecay::new(0.1, 30, 0.5).staircase().delayed(10), NEVER;
        "optax linear_schedule(0.1, 0.001, 100)" =>
            PolynomialDecay::new(0.1, 100, 0.001), NEVER;
        "optax polynomial_schedule(0.1, 0.001, 2.0, 100)" =>
            PolynomialDecay::new(0.1, 100, 0.001).power(2.0), NEVER;
        "optax piecewise_constant_schedule(0.1, {30: 0.5, 60: 0.5})" =>
            PiecewiseConstantDecay::new([29, 59], [0.1, 0.05, 0.025]), NEVER;
        "optax cosine_decay_schedule(0.1, 100, 0.01)" =>
            CosineDecay::new(0.1, 100).alpha(0.01), NEVER;
        "optax warmup_cosine_decay_schedule(0.0, 0.1, 10, 100, 0.001)" =>
            CosineDecay::new(0.0, 90).warmup(0.1, 10).alpha(0.01), NEVER;
        "optax warmup_constant_schedule(0.0, 0.1, 10)" =>
            PolynomialDecay::new(0.0, 10, 0.1), NEVER;
        "optax sgdr_schedule(cycles)" =>
            CosineDecayRestarts::new(0.1, 10).then(30, 0.0), NEVER;
        "optax join_schedules([linear_schedule(0.0, 0.1, 10), \
            exponential_decay(0.1, 1, 0.9)], [10])" =>
            PolynomialDecay::new(0.0, 10, 0.1).then(10, ExponentialDecay::new(0.1, 1, 0.9)), NEVER;
    }
}

/// Steps and rates of each expression; a rate is `None` where the package returns an error.
fn values() -> BTreeMap<&'static str, Vec<(u32, Option<f64>)>> {
    let rate = |line: &'static str| {
        let (step, rate) = line.split_once(' ').unwrap();
        let rate = if rate == "none" { None } else { Some(rate.parse().unwrap()) };
        (step.parse().unwrap(), rate)
    };
    let set = |set: &'static str| {
        let (expression, rates) = set.split_once('\n').unwrap();
        (expression, rates.lines().map(rate).collect())
    };
    include_str!("equivalents/values.txt").split("\n\n").map(set).collect()
}

#[test]
fn the_rates_are_those_of_the_real_packages() {
    let values = values();
    let rows = rows();
    assert_eq!(rows.len(), values.len());
    for Row { theirs, schedule, differs_from, .. } in rows {
        let rates = values.get(theirs).unwrap_or_else(|| panic!("no values for {theirs}"));
        assert!(rates.len() > 40, "{theirs}");
        for &(step, rate) in rates {
            let ours = schedule.lr(step);
            let error = rate.map(|rate| (ours - rate).abs() / PEAK);
            let same = error.is_some_and(|error| error <= TOLERANCE);
            assert_eq!(same, step < differs_from, "{theirs}, step {step}: {ours} for {rate:?}");
        }
    }
}

/// The tables of README.md have these rows and no others.
#[test]
fn the_readme_has_the_same_rows() {
    let packed = |text: &str| text.split_whitespace().collect::<String>();
    let readme = fs::read_to_string(README).unwrap();
    let mut listed = Vec::new();
    for package in ["keras", "pytorch", "optax"] {
        let [_, table, _] = tables::parts(&readme, package).unwrap();
        for line in table.lines().skip(2) {
            let [theirs, ours, difference] = tables::cells(line)[..] else {
                panic!("not three cells: {line}");
            };
            let code = |cell: &str| packed(cell.trim_matches('`'));
            assert!(!difference.is_empty(), "{line}");
            listed.push((packed(package) + &code(theirs), code(ours)));
        }
    }
    let tested: Vec<_> = rows().iter().map(|row| (packed(row.theirs), packed(row.ours))).collect();
    assert_eq!(listed, tested);
}

/// A row for each schedule of the catalogue.
struct Schedules(String);

impl Visitor for Schedules {
    fn visit<E: Entry>(&mut self) {
        // "a callable" is no code.
        let keras = if E::KERAS.contains(' ') || E::KERAS.is_empty() {
            E::KERAS.to_owned()
        } else {
            format!("`{}`", E::KERAS)
        };
        let row = format!("| `{}` | {} | {keras} |\n", E::NAME, E::FORMULA);
        self.0 += &row.replace("|  |", "| |");
    }
}

#[test]
fn the_table_of_schedules_is_that_of_the_catalogue() {
    let head = "| schedule | rate at step s | Keras |\n| --- | --- | --- |\n";
    let mut schedules = Schedules(head.to_owned());
    catalogue::visit(&mut schedules);
    let readme = fs::read_to_string(README).unwrap();
    let [_, table, _] = tables::parts(&readme, "schedules").unwrap();
    if table != schedules.0 && env::var_os("MICROLR_BLESS").is_some_and(|value| value == "1") {
        fs::write(README, tables::replaced(&readme, "schedules", &schedules.0).unwrap()).unwrap();
        return;
    }
    assert_eq!(table, schedules.0);
}
