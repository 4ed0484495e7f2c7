//! The tables of README.md and docs/coming-from.md: the schedules, and the equivalents row by row.
//!
//! `MICROLR_BLESS=1 cargo test --test equivalents` writes the table of the schedules.
//!
//! `tests/equivalents/values` has the rates of the real packages for the expression in Python of
//! every row; `tests/equivalents/make.py` writes them. The expression in Rust is in this file.
//! A row with a bare name in place of an expression has no rates.

#[path = "catalogue/mod.rs"]
mod catalogue;
mod tables;

use std::collections::BTreeMap;
use std::{env, fs};

use catalogue::{Entry, Visitor};
use microlr::{
    CosineAnnealing, CosineDecay, CosineDecayRestarts, Cyclic, ExponentialDecay, Float,
    Interpolated, InversePowerDecay, InverseTimeDecay, Linear, OneCycle, PiecewiseConstantDecay,
    PolynomialDecay, Schedule, WarmupStableDecay, from_fn,
};

/// The largest difference in units of the peak: for packages that compute in `f32`, for PyTorch's
/// recursions in `f64`, which drift, and for formulas in `f64`, which round a cosine's angle.
const SINGLE: f64 = 5e-7;
const RECURSIVE: f64 = 2e-13;
const DOUBLE: f64 = 3e-15;

/// The type of the rates, as the documents call it.
type F = f64;

/// A row of the tables.
struct Row {
    /// The steps at which something changes.
    edges: &'static [u32],
    /// The expression in Rust as the document has it, and its value.
    ours: &'static str,
    schedule: Box<dyn Schedule<Rate = F>>,
    /// The steps at which the rates differ, as the row's last cell says.
    differs: fn(u32) -> bool,
}

macro_rules! rows {
    ($([$($edge:literal),*] $ours:expr, $differs:expr;)*) => {
        vec![$(Row {
            edges: &[$($edge),*],
            ours: stringify!($ours),
            schedule: Box::new($ours),
            differs: $differs,
        }),*]
    };
}

/// `LambdaLR`'s function; `make.py` has the same.
fn factor(step: u32) -> F {
    0.99_f64.powf(f64::from(step))
}

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const NEVER: fn(u32) -> bool = |_| false;
const PACKAGES: [&str; 8] =
    ["keras", "pytorch", "optax", "timm", "transformers", "scikit-learn", "burn", "recipes"];

/// The rows of a package that have rates, in the order of the document.
fn rows(package: &str) -> Vec<Row> {
    match package {
        "keras" => rows! {
            [] ExponentialDecay::new(0.1, 30, 0.5), NEVER;
            [30, 60] ExponentialDecay::new(0.1, 30, 0.5).staircase(), NEVER;
            [16_777_217] ExponentialDecay::new(0.1, 16777217, 0.5).staircase(), |s| s == 16_777_216;
            [30, 60] PiecewiseConstantDecay::new([30, 60], [0.1, 0.05, 0.025]), NEVER;
            [100] PolynomialDecay::new(0.1, 100, 0.0001), NEVER;
            [50, 100, 150] PolynomialDecay::new(0.1, 50, 0.01).power(2.0).cycle(), NEVER;
            [3] PolynomialDecay::new(0.1, 3, 0.0).power(0.5), |s| s >= 3;
            [50, 100, 150] InverseTimeDecay::new(0.1, 50, 0.5), NEVER;
            [10, 100] CosineDecay::new(0.0, 90).warmup(0.1, 10).alpha(0.01), NEVER;
            [] CosineDecay::new(0.1, 1000000), NEVER;
            [10, 30, 70, 150] CosineDecayRestarts::new(0.1, 10).m_mul(0.5), NEVER;
            [81_910] CosineDecayRestarts::new(0.1, 10), |s| s == 81_910;
            [] from_fn(factor).scaled(0.1), NEVER;
            [20, 60, 100] ExponentialDecay::new(0.1, 1, 0.9).per_epoch(20), NEVER;
        },
        "pytorch" => rows! {
            [] ExponentialDecay::new(0.1, 1, 0.99), NEVER;
            [30, 60, 90] ExponentialDecay::new(0.1, 30, 0.1).staircase(), NEVER;
            [30, 60] PiecewiseConstantDecay::multi_step(0.1, [30, 60], 0.5), NEVER;
            [5] 0.05_f64.then(5, 0.1), NEVER;
            [30] Linear::new(0.01, 0.1, 30), NEVER;
            [100] PolynomialDecay::new(0.1, 100, 0.0).power(2.0), NEVER;
            [100] CosineAnnealing::new(0.1, 0.001, 100), |s| s > 100;
            [50, 100, 150] CosineAnnealing::new(0.1, 0.001, 50).bounced(50), NEVER;
            [10, 20, 30] CosineDecayRestarts::new(0.1, 10).t_mul(1.0), NEVER;
            [10, 30, 70, 150] CosineDecayRestarts::new(0.1, 10).alpha(0.01), NEVER;
            [4, 13, 40, 121] CosineDecayRestarts::new(0.1, 1).t_mul(3.0), |s| s == 121;
            [10, 20, 30] Cyclic::new(0.01, 0.1, 10), NEVER;
            [30, 50, 80, 100] Cyclic::new(0.01, 0.1, 30).step_size_down(20).triangular2(), NEVER;
            [10, 20, 30] Cyclic::new(0.01, 0.1, 10).exp_range(0.99), NEVER;
            [29, 99] OneCycle::new(0.1, 99).warmup_steps(29), |s| s > 99;
            [39, 79] OneCycle::new(0.1, 79).warmup_steps(39).div_factor(10.0)
                .final_div_factor(100.0), |s| s > 79;
            [29, 99] OneCycle::new(0.1, 99).warmup_steps(29).linear(), |s| s > 99;
            [29, 58, 99] OneCycle::new(0.1, 99).warmup_steps(29).linear().three_phase(), |s| s > 99;
            [27, 94] OneCycle::new(0.1, 94).warmup_steps(27), |s| s > 0 && s != 94;
            [] from_fn(factor).scaled(0.1), NEVER;
            [] ExponentialDecay::new(0.1, 1, 0.99), NEVER;
            [10] Linear::new(0.01, 0.1, 10).then(10, ExponentialDecay::new(0.1, 1, 0.9)), NEVER;
            [10] Linear::new(0.1, 1.0, 10).times(ExponentialDecay::new(0.1, 1, 0.9)), NEVER;
        },
        "optax" => rows! {
            [] 0.1, NEVER;
            [40, 70, 100] ExponentialDecay::new(0.1, 30, 0.5).staircase().delayed(10), NEVER;
            [70] ExponentialDecay::new(0.1, 30, 0.5).bounded(0.02, 0.1), NEVER;
            [41] ExponentialDecay::new(0.1, 41, 0.5).staircase(), |s| s == 41 || s == 82;
            [100] Linear::new(0.1, 0.001, 100), NEVER;
            [10, 60] Linear::new(0.1, 0.001, 50).delayed(10), NEVER;
            [3] Linear::new(0.1, 0.0, 3), NEVER;
            [100] PolynomialDecay::new(0.1, 100, 0.001).power(2.0), NEVER;
            [30, 60] PiecewiseConstantDecay::multi_step(0.1, [30, 60], 0.5), NEVER;
            [30, 60] Interpolated::new([0, 30, 60], [0.1, 0.05, 0.01]), NEVER;
            [30, 60] Interpolated::new([0, 30, 60], [0.1, 0.05, 0.01]).cosine(), NEVER;
            [100] CosineDecay::new(0.1, 100).alpha(0.01), NEVER;
            [100] CosineAnnealing::new(0.1, 0.0, 100)
                .times(CosineAnnealing::new(1.0, 0.0, 100)), NEVER;
            [10] 0.1_f64.warmed_up(10), NEVER;
            [10, 100] CosineAnnealing::new(0.1, 0.001, 90).warmed_up(10), NEVER;
            [10] ExponentialDecay::new(0.1, 30, 0.5).warmed_up(10).from(0.01), NEVER;
            [10, 30] CosineDecayRestarts::new(0.1, 10).then(30, 0.0), NEVER;
            [30, 100] OneCycle::new(0.1, 100), NEVER;
            [30, 60, 100] OneCycle::new(0.1, 100).linear().three_phase(), NEVER;
            [30, 85, 100] Interpolated::new([0, 30, 85, 100], [0.004, 0.1, 0.004, 4e-7]), NEVER;
            [10] Linear::new(0.0, 0.1, 10).then(10, ExponentialDecay::new(0.1, 1, 0.9)), NEVER;
        },
        "timm" => rows! {
            [100] CosineAnnealing::new(0.1, 0.001, 100), NEVER;
            [10, 100] Linear::new(0.01, 0.1, 10)
                .switched(10, CosineAnnealing::new(0.1, 0.0, 100)), NEVER;
            [10, 100] CosineAnnealing::new(0.1, 0.001, 90).warmed_up(10), NEVER;
            [10, 30, 70] CosineDecayRestarts::new(0.1, 10).m_mul(0.5).then(70, 0.0), NEVER;
            [30, 60] CosineAnnealing::new(0.1, 0.001, 30).repeated(30).then(60, 0.001), NEVER;
            [4, 13, 40, 121] CosineDecayRestarts::new(0.1, 1).t_mul(3.0), |s| s == 121;
            [100] from_fn(|s| CosineAnnealing::new(0.1, 0.0, 10_000)
                .lr(s.saturating_mul(s))), NEVER;
            [100] from_fn(|s| 0.1 / (1.0 + F::exp(F::from_step(s) * 0.2 - 14.0)))
                .then(100, 0.0), NEVER;
            [100] PolynomialDecay::new(0.1, 100, 0.0).power(0.5), NEVER;
            [10, 60, 110] PolynomialDecay::new(0.1, 50, 0.001).power(2.0).repeated(50)
                .then(100, 0.001).warmed_up(10), NEVER;
            [10, 40, 70] ExponentialDecay::new(0.1, 30, 0.5).staircase().warmed_up(10)
                .from(0.01), NEVER;
            [12, 24] from_fn(|s| ExponentialDecay::new(0.1, 1, 0.97)
                .lr(s.saturating_mul(5) / 12)), NEVER;
            [29, 59] PiecewiseConstantDecay::multi_step(0.1, [29, 59], 0.5), NEVER;
            [10, 70, 100] WarmupStableDecay::new(0.1, 10, 60, 30).floor(0.001)
                .one_minus_sqrt(), NEVER;
            [10, 70, 100] WarmupStableDecay::new(0.1, 10, 60, 30).cosine(), NEVER;
            [10, 70, 100] InversePowerDecay::new(0.1, 10, 0.5)
                .times(Linear::new(1.0, 0.0, 30).delayed(60)).warmed_up(10), NEVER;
            [60, 90] 0.1_f64
                .then(60, from_fn(|s| (ExponentialDecay::new(0.1, 30, 0.1).lr(s) - 0.01) / 0.9))
                .then(90, 0.0), NEVER;
        },
        "transformers" => rows! {
            [] 0.1, NEVER;
            [10] 0.1_f64.warmed_up(10), NEVER;
            [10, 100] Linear::new(0.1, 0.0, 90).warmed_up(10), NEVER;
            [10, 100] CosineAnnealing::new(0.1, 0.0, 90).warmed_up(10), |s| s > 100 && s != 1000;
            [10, 40, 70] CosineAnnealing::new(0.1, 0.0, 30).bounced(30).warmed_up(10), NEVER;
            [10, 44, 77, 110] CosineDecayRestarts::within(0.1, 100, 3).then(100, 0.0)
                .warmed_up(10), NEVER;
            [10, 100] PolynomialDecay::new(0.1, 90, 0.001).power(2.0).warmed_up(10), NEVER;
            [10] InversePowerDecay::new(0.1, 10, 0.5).warmed_up(10), NEVER;
            [10] InversePowerDecay::new(0.1, 20, 0.5).warmed_up(10), NEVER;
            [10, 100] CosineAnnealing::new(0.1, 0.001, 90).bounced(90).warmed_up(10), NEVER;
            [9, 99] CosineAnnealing::new(0.1, 0.001, 90).bounced(90).warmed_up(9).from(0.01), NEVER;
            [10, 70, 100] WarmupStableDecay::new(0.1, 10, 60, 30).cosine(), NEVER;
            [10, 70, 100] WarmupStableDecay::new(0.1, 10, 60, 30), NEVER;
            [10, 70, 100] WarmupStableDecay::new(0.1, 10, 60, 30).one_minus_sqrt(), NEVER;
            [10, 70, 100] WarmupStableDecay::new(0.1, 0, 60, 30).floor(0.001).one_minus_sqrt()
                .warmed_up(10).from(0.001), NEVER;
            [10, 70, 100] CosineAnnealing::new(0.001, 0.1, 10)
                .then(70, CosineAnnealing::new(0.1, 0.001, 30)), NEVER;
        },
        "scikit-learn" => rows! {
            [] 0.1, NEVER;
            [] InverseTimeDecay::new(10.0, 1000, 1.0), NEVER;
            [] InversePowerDecay::new(0.1, 1, 0.25), NEVER;
        },
        "burn" => rows! {
            [] 0.1, NEVER;
            [30] Linear::new(0.01, 0.1, 30), NEVER;
            [30, 60] CosineAnnealing::new(0.1, 0.001, 30).bounced(30), NEVER;
            [30, 31, 61, 62] CosineAnnealing::new(0.1, 0.001, 30).repeated(31), NEVER;
            [] ExponentialDecay::new(0.1, 1, 0.99), NEVER;
            [30, 60, 90] ExponentialDecay::new(0.1, 30, 0.5).staircase(), NEVER;
            [24] InversePowerDecay::new(0.1, 25, 0.5).warmed_up(24).from(0.004), NEVER;
            [30] Linear::new(0.01, 0.1, 30).times(ExponentialDecay::new(1.0, 1, 0.99)), NEVER;
            [30, 60] Linear::new(0.1, 0.01, 30)
                .plus(CosineAnnealing::new(0.1, 0.0, 60).bounced(60)), NEVER;
            [30] Linear::new(0.1, 0.01, 30)
                .plus(ExponentialDecay::new(0.1, 1, 0.99)).scaled(0.5), NEVER;
            [10] Linear::new(0.01, 0.1, 10).then(10, ExponentialDecay::new(0.1, 1, 0.9)), NEVER;
        },
        "recipes" => rows! {
            [24] InversePowerDecay::new(0.1, 25, 0.5).warmed_up(24).from(0.004), NEVER;
            [10, 100] WarmupStableDecay::new(0.1, 10, 0, 90), NEVER;
            [10, 90] CosineAnnealing::new(0.1, 0.01, 80).warmed_up(10), NEVER;
            [10, 100] CosineAnnealing::new(0.1, 0.01, 90).warmed_up(10).from(0.1 / 11.0), NEVER;
            [9, 10] 0.1_f64.warmed_up(10).without_zero(), NEVER;
            [5, 30, 60, 80] Linear::new(0.0125, 0.1, 5)
                .switched(5, PiecewiseConstantDecay::multi_step(0.1, [30, 60, 80], 0.1)), NEVER;
            [5, 50, 80] PiecewiseConstantDecay::new([4, 49, 79], [0.01, 0.1, 0.01, 0.001]), NEVER;
            [20, 60, 100] ExponentialDecay::new(0.1, 2, 0.94).staircase().per_epoch(10), NEVER;
            [5, 17] from_fn(|s| ExponentialDecay::new(0.1, 1, 0.97).lr(s.saturating_mul(5) / 12))
                .warmed_up(5).from(0.001), NEVER;
            [] ExponentialDecay::new(0.1, 12, 0.8587340257), NEVER;
            [10, 30, 70, 150] CosineDecayRestarts::new(0.1, 10), NEVER;
            [34, 67, 100] CosineDecayRestarts::within(0.1, 100, 3).then(100, 0.0), NEVER;
            [10, 20, 30] Cyclic::new(0.01, 0.1, 10).triangular2(), NEVER;
            [45, 90, 100] OneCycle::new(0.1, 100).warmup_steps(45).linear().three_phase(), NEVER;
            [25, 100] OneCycle::new(0.1, 100).warmup_steps(25).final_div_factor(4000.0), NEVER;
            [10, 100] Linear::new(0.003125, 0.1, 10)
                .then(10, Linear::new(0.1, 0.003125, 90)), NEVER;
            [10, 70] 0.1_f64.then(60, ExponentialDecay::new(0.1, 10, 0.5)).warmed_up(10), NEVER;
            [10, 80, 100] WarmupStableDecay::new(0.1, 10, 70, 20).one_minus_sqrt(), NEVER;
            [10, 80, 100] InversePowerDecay::new(0.1, 10, 0.5)
                .times(Linear::new(1.0, 0.0, 20).delayed(70)).warmed_up(10), NEVER;
            [10, 80, 90] PiecewiseConstantDecay::multi_step(0.1, [70, 80], 0.316)
                .warmed_up(10), NEVER;
            [10, 50, 85, 99] CosineAnnealing::new(0.1, 0.01, 35).delayed(40).then(89, 0.003)
                .warmed_up(10), NEVER;
            [10] InversePowerDecay::new(0.1, 10, 0.5).delayed(10), NEVER;
            [] InversePowerDecay::new(0.1, 100, 0.75), NEVER;
            [100] PolynomialDecay::new(0.1, 100, 0.0).power(0.9), NEVER;
            [10, 100] CosineAnnealing::new(0.1, 1e-6, 90).warmed_up(10), NEVER;
            [5, 100] CosineAnnealing::new(0.1, 0.0, 95).bounced(95).warmed_up(5).from(0.001), NEVER;
            [30, 60, 90] ExponentialDecay::new(0.1, 3, 0.5).staircase().per_epoch(10), NEVER;
        },
        _ => panic!("no such package: {package}"),
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(format!("{ROOT}/{path}")).unwrap()
}

/// The last three cells of each row of a package: theirs, ours, difference.
fn cells(package: &str) -> Vec<[String; 3]> {
    let documents = ["README.md", "docs/coming-from.md"].map(read);
    let [_, table, _] =
        documents.iter().find_map(|text| tables::parts(text, package).ok()).unwrap();
    let row = |line: &str| {
        // A bar inside of a cell has a backslash in Markdown.
        let line = line.replace(r"\|", "\0");
        let cells = tables::cells(&line);
        let cells = cells.last_chunk::<3>().unwrap_or_else(|| panic!("not three cells: {line}"));
        cells.map(|cell| cell.replace('\0', "|"))
    };
    table.lines().skip(2).map(row).collect()
}

/// A cell without the marks of code.
fn code(cell: &str) -> &str {
    cell.trim_matches('`')
}

fn is_name(cell: &str) -> bool {
    code(cell).chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Step, rate and exact rate; a rate is `None` where the package returns an error.
type Values = BTreeMap<u32, (Option<f64>, Option<f64>)>;

/// The values of each expression.
fn values(package: &str) -> BTreeMap<String, Values> {
    let value = |line: &str| {
        let mut words = line.split(' ');
        let step = words.next().unwrap().parse().unwrap();
        let mut number = || words.next().filter(|word| *word != "none").map(parsed);
        (step, (number(), number()))
    };
    let set = |set: &str| {
        let (expression, values) = set.split_once('\n').unwrap();
        (expression.to_owned(), values.lines().map(value).collect())
    };
    let text = read(&format!("tests/equivalents/values/{package}.txt"));
    text.trim_end().split("\n\n").map(set).collect()
}

fn parsed(number: &str) -> f64 {
    number.trim().parse().unwrap_or_else(|_| panic!("not a number: {number}"))
}

#[test]
fn the_rates_are_those_of_the_real_packages() {
    for package in PACKAGES {
        let mut values = values(package);
        let mut cells = cells(package);
        cells.retain(|[theirs, ..]| !is_name(theirs));
        let rows = rows(package);
        assert_eq!((cells.len(), values.len()), (rows.len(), rows.len()), "{package}");
        for ([theirs, ours, difference], row) in cells.iter().zip(rows) {
            let packed = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(packed(code(ours)), packed(row.ours));
            let name = format!("{package}: {theirs}");
            let values = values.remove(code(theirs)).unwrap_or_else(|| panic!("no values, {name}"));
            compare(&name, &row, &values);
            named_steps(&name, &row, &values, difference);
        }
    }
}

/// Every value, and that there are values on both sides of each edge.
fn compare(name: &str, row: &Row, values: &Values) {
    let has = |mark| name.contains(mark);
    let tolerance = match () {
        () if has("keras") || has("jit(") || has("epochs(") => SINGLE,
        () if has("torch") => RECURSIVE,
        () => DOUBLE,
    };
    for &edge in row.edges {
        let around = edge - 1..=edge + 1;
        assert!(around.into_iter().all(|step| values.contains_key(&step)), "{name}: {edge}");
    }
    assert!(values.len() > 100 && values.contains_key(&0) && values.contains_key(&1000), "{name}");
    let peak = values.keys().map(|step| row.schedule.lr(*step)).fold(0.0, f64::max);
    for (&step, &(rate, _)) in values {
        let ours = row.schedule.lr(step);
        let same = rate.is_some_and(|rate| (ours - rate).abs() <= tolerance * peak);
        assert_eq!(same, !(row.differs)(step), "{name}, step {step}: {ours} for {rate:?}");
    }
}

/// What the last cell says: "step 121: 0 there, 0.1 here, exact 0.1".
fn named_steps(name: &str, row: &Row, values: &Values, difference: &str) {
    assert!(!difference.is_empty(), "{name}");
    let mut named = 0;
    for text in difference.split("step ").skip(1) {
        let Some((step, numbers)) = text.split_once(": ") else { continue };
        let Ok(step) = step.parse() else { continue };
        let number = |mark: &str| {
            let part = numbers.split([',', ';']).find(|part| part.contains(mark))?;
            Some(parsed(&part.replace(mark, "")))
        };
        let same = |printed: f64, value: f64| {
            (printed - value).abs() <= 2e-3 * value.abs() || printed.is_nan() && value.is_nan()
        };
        let (theirs, exact) = values[&step];
        let ours = row.schedule.lr(step);
        assert!(same(number(" there").unwrap(), theirs.unwrap()), "{name}, {step}: {theirs:?}");
        assert!(same(number(" here").unwrap(), ours), "{name}, {step}: {ours}");
        assert_eq!(number("exact ").is_some(), exact.is_some(), "{name}, {step}");
        if let (Some(printed), Some(exact)) = (number("exact "), exact) {
            assert!(same(printed, exact), "{name}, {step}: {exact}");
            assert!((ours - exact).abs() <= 1e-15 * exact, "{name}, {step}: {ours} for {exact}");
        }
        named += 1;
    }
    let differs = values.keys().any(|step| (row.differs)(*step));
    assert!(named > 0 || !differs, "{name}: no step is named");
}

/// Every schedule that a package has is in its table.
#[test]
fn no_schedule_is_forgotten() {
    for line in read("tests/equivalents/values/names.txt").lines() {
        let (package, name) = line.split_once(' ').unwrap();
        let listed = cells(package).iter().any(|[theirs, ..]| theirs.contains(name));
        assert!(listed, "{package} has {name}, and no document says what it is here");
    }
}

/// A row for each schedule of the catalogue.
struct Schedules(String);

impl Visitor for Schedules {
    fn visit<E: Entry>(&mut self) {
        // Adaptors have a table of their own.
        if include_str!("../src/schedule/adapt/mod.rs").contains(&format!("::{};", E::NAME)) {
            return;
        }
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
    let readme = read("README.md");
    let [_, table, _] = tables::parts(&readme, "schedules").unwrap();
    if table != schedules.0 && env::var_os("MICROLR_BLESS").is_some_and(|value| value == "1") {
        fs::write(
            format!("{ROOT}/README.md"),
            tables::replaced(&readme, "schedules", &schedules.0).unwrap(),
        )
        .unwrap();
        return;
    }
    assert_eq!(table, schedules.0);
}
