//! Every row of the reference tables: the exact value of the formula, and the value of real Keras.
//!
//! `tests/golden/README.md` describes the tables and how they were generated.

mod csv;
// For its tests: the programs that use it have none.
mod tables;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::str::FromStr;

use csv::{cells, parse};
use microlr::{
    CosineDecay, CosineDecayRestarts, ExponentialDecay, Float, InverseTimeDecay, LogisticNeuron,
    PiecewiseConstantDecay, PolynomialDecay, Schedule, Sgd,
};

const TABLES: [(&str, &str); 6] = [
    ("exponential", include_str!("golden/exponential.csv")),
    ("piecewise", include_str!("golden/piecewise.csv")),
    ("polynomial", include_str!("golden/polynomial.csv")),
    ("inverse_time", include_str!("golden/inverse_time.csv")),
    ("cosine", include_str!("golden/cosine.csv")),
    ("cosine_restarts", include_str!("golden/cosine_restarts.csv")),
];
const TRAINING: &str = include_str!("golden/training.csv");

/// The largest step up to which Keras, which counts in `f32`, can tell one step from the next.
const KERAS_COUNTS_TO: u32 = 1 << 24;

/// A set of parameters of one schedule.
struct Set {
    name: &'static str,
    csv: csv::Set<'static>,
}

fn all_sets() -> impl Iterator<Item = Set> {
    let of_table = |(name, table)| csv::sets(table).into_iter().map(move |csv| Set { name, csv });
    TABLES.into_iter().flat_map(of_table)
}

impl Set {
    fn get<T: FromStr>(&self, key: &str) -> T {
        self.csv.get(key)
    }

    fn rows(&self) -> impl Iterator<Item = Row> {
        self.csv.rows.iter().map(|&text| {
            let [step, keras, exact32, exact64] = cells(text);
            let [keras, exact32, exact64] = [keras, exact32, exact64].map(parse);
            Row { text, step: parse(step), keras, exact32, exact64 }
        })
    }

    /// The schedule with its parameters rounded to `F`.
    fn schedule<F: Float + FromStr>(&self) -> Box<dyn Schedule<Rate = F>> {
        let initial = || self.get::<F>("initial_learning_rate");
        let steps = || self.get::<u32>("decay_steps");
        match self.name {
            "exponential" => {
                let decay = ExponentialDecay::try_new(initial(), steps(), self.get("decay_rate"));
                let decay = decay.unwrap();
                Box::new(if self.get("staircase") { decay.staircase() } else { decay })
            }
            "inverse_time" => {
                let decay = InverseTimeDecay::try_new(initial(), steps(), self.get("decay_rate"));
                let decay = decay.unwrap();
                Box::new(if self.get("staircase") { decay.staircase() } else { decay })
            }
            "piecewise" => {
                let (boundaries, values) = (self.csv.list("boundaries"), self.csv.list("values"));
                let decay = PiecewiseConstantDecay::<F, 8>::try_from_slices(&boundaries, &values);
                Box::new(decay.unwrap())
            }
            "polynomial" => {
                let end = self.get("end_learning_rate");
                let decay = PolynomialDecay::try_new(initial(), steps(), end).unwrap();
                // A power of 1 is the linear decay, which has code of its own.
                let power = self.get("power");
                let decay = if power == F::one() { decay } else { decay.power(power) };
                Box::new(if self.get("cycle") { decay.cycle() } else { decay })
            }
            "cosine" => {
                let mut decay = CosineDecay::try_new(initial(), steps()).unwrap();
                decay = decay.alpha(self.get("alpha"));
                if let Some(target) = self.csv.maybe("warmup_target") {
                    decay = decay.warmup(target, self.get("warmup_steps"));
                }
                Box::new(decay)
            }
            "cosine_restarts" => Box::new(
                CosineDecayRestarts::try_new(initial(), self.get("first_decay_steps"))
                    .unwrap()
                    .t_mul(self.get("t_mul"))
                    .m_mul(self.get("m_mul"))
                    .alpha(self.get("alpha")),
            ),
            name => panic!("no schedule is called {name}"),
        }
    }

    /// Whether restarts fall between two steps. Next to one, no relative error can be bounded.
    fn restarts_between_steps(&self) -> bool {
        self.name == "cosine_restarts" && self.get::<f64>("t_mul").fract() != 0.0
    }

    /// The largest rate of the schedule, for those that have cosines.
    fn peak(&self) -> f64 {
        let target = self.csv.maybe("warmup_target");
        target.unwrap_or_else(|| self.get("initial_learning_rate"))
    }

    fn describe(&self, row: &Row) -> String {
        format!("{} {:?}, row {}", self.name, self.csv.parameters, row.text)
    }
}

struct Row {
    text: &'static str,
    step: u32,
    keras: f64,
    exact32: f64,
    exact64: f64,
}

/// The distance between `x` and the next larger `f32`.
fn ulp32(x: f64) -> f64 {
    let x = (x as f32).min(f32::MAX);
    f64::from(x.next_up()) - f64::from(x)
}

#[test]
fn the_tables_are_complete() {
    let sets: Vec<Set> = all_sets().collect();
    assert!(sets.len() >= 30, "{} parameter sets", sets.len());
    assert!(sets.iter().all(|set| set.csv.rows.len() > 100));
    for (name, _) in TABLES {
        let first = sets.iter().find(|set| set.name == name).unwrap();
        assert!((0..=500).eq(first.rows().take(501).map(|row| row.step)), "{name}");
    }
}

/// Every row within 1e-13 of the exact value, and the largest error as the documents quote it.
#[test]
fn f64_is_exact_to_thirteen_digits() {
    let mut worst = 0_f64;
    for set in all_sets() {
        let schedule = set.schedule::<f64>();
        for row in set.rows() {
            let (lr, exact) = (schedule.lr(row.step), row.exact64);
            let scale = if set.restarts_between_steps() { set.peak() } else { exact };
            // Subnormal numbers do not have thirteen digits, and infinity has none.
            if lr == exact || scale < f64::MIN_POSITIVE {
                assert!(lr == exact || (lr - exact).abs() <= f64::MIN_POSITIVE);
                continue;
            }
            let error = (lr - exact).abs() / scale;
            assert!(error <= 1e-13, "{}: {lr:e}", set.describe(&row));
            worst = worst.max(error);
        }
    }
    quoted(&[format!("f64: at most {worst:.1e} of the exact value")]);
}

/// Every row within 2 units in the last place, and the largest error as the documents quote it.
#[test]
fn f32_is_exact_to_two_units_in_the_last_place() {
    let (mut worst, mut worst_of_peak, mut rows) = (0_f64, 0_f64, 0);
    for set in all_sets() {
        let schedule = set.schedule::<f32>();
        for row in set.rows() {
            rows += 1;
            let (lr, exact) = (schedule.lr(row.step), row.exact32);
            if exact > f64::from(f32::MAX) {
                assert_eq!(lr, f32::INFINITY, "{}", set.describe(&row));
                continue;
            }
            let between = set.restarts_between_steps();
            let scale = if between { set.peak() } else { exact };
            let error = (f64::from(lr) - exact).abs() / ulp32(scale);
            assert!(error <= 2.0, "{}: {lr:e} has an error of {error} ulp", set.describe(&row));
            let worst = if between { &mut worst_of_peak } else { &mut worst };
            *worst = worst.max(error);
        }
    }
    quoted(&[
        format!("{rows} rows of reference values, f32: at most {worst:.2} units in the last place"),
        format!("restarts between steps: at most {worst_of_peak:.2} units of the peak"),
    ]);
}

/// Prints the figures, and fails where docs/accuracy.md does not have them word for word.
fn quoted(figures: &[String]) {
    figures.iter().for_each(|figure| println!("{figure}"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let Ok(document) = fs::read_to_string(root.join("docs/accuracy.md")) else {
        assert!(!root.join("benches").exists(), "only the package comes without the document");
        return;
    };
    let document = tables::unwrapped(&document).replace('`', "");
    for figure in figures {
        assert!(document.contains(figure), "docs/accuracy.md does not say: {figure}");
    }
}

#[test]
fn ends_restarts_and_boundaries_are_the_configured_rates() {
    let mut exact_rows = 0;
    for set in all_sets() {
        let (narrow, wide) = (set.schedule::<f32>(), set.schedule::<f64>());
        let configured = ["initial_learning_rate", "end_learning_rate", "warmup_target"];
        let configured = configured.iter().filter_map(|key| set.csv.text(key));
        let values = set.csv.text("values").into_iter().flat_map(|list| list.split(';'));
        let configured: Vec<&str> = configured.chain(values).chain(["0.0"]).collect();
        for row in set.rows() {
            for &rate in &configured {
                let (narrow_rate, wide_rate) = (parse::<f32>(rate), parse::<f64>(rate));
                // The tables have 20 digits, which distinguish a stored number from its neighbours.
                if wide_rate == row.exact64 && f64::from(narrow_rate) == row.exact32 {
                    assert_eq!(narrow.lr(row.step), narrow_rate, "{}", set.describe(&row));
                    assert_eq!(wide.lr(row.step), wide_rate, "{}", set.describe(&row));
                    exact_rows += 1;
                }
            }
        }
    }
    assert!(exact_rows > 1000, "{exact_rows}");
}

/// Where Keras' own arithmetic, all in `f32`, deviates from its formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Defect {
    /// A step or a length that `f32` cannot represent.
    Counting,
    /// Subnormal numbers become 0.
    Underflow,
    /// `1 + cos` near the end: an error as large as a unit in the last place of the peak.
    EndOfTheCosine,
    /// The step in units of the first cycle is rounded, and its fraction has few bits.
    ManyCycles,
    /// A rounded logarithm assigns the last step of a cycle to the next one.
    RestartIndex,
    /// `1 - s/d` near the end, where it has few bits.
    EndOfThePolynomial,
}

impl Set {
    fn known_defect(&self, row: &Row) -> Option<Defect> {
        let length = ["decay_steps", "first_decay_steps"];
        let length = length.iter().find_map(|key| self.csv.maybe::<u32>(key)).unwrap_or(1);
        if row.step.max(length) >= KERAS_COUNTS_TO {
            return Some(Defect::Counting);
        }
        if row.exact32 < f64::from(f32::MIN_POSITIVE) {
            return Some(Defect::Underflow);
        }
        match self.name {
            "cosine" | "cosine_restarts" => {
                let periods = f64::from(row.step) / f64::from(length);
                if (row.keras - row.exact32).abs() <= 4.0 * ulp32(self.peak()) {
                    Some(Defect::EndOfTheCosine)
                } else if self.name == "cosine_restarts" && row.exact32 < 1e-9 * self.peak() {
                    Some(Defect::RestartIndex)
                } else if self.name == "cosine_restarts" && periods > 90.0 {
                    Some(Defect::ManyCycles)
                } else {
                    None
                }
            }
            "polynomial" => {
                let cycles = if self.get("cycle") { row.step.div_ceil(length).max(1) } else { 1 };
                let end = f64::from(length) * f64::from(cycles);
                let remaining = 1.0 - f64::from(row.step) / end;
                (remaining < 1e-3).then_some(Defect::EndOfThePolynomial)
            }
            _ => None,
        }
    }
}

#[test]
fn keras_agrees_except_for_its_known_defects() {
    let mut defects = BTreeMap::<Defect, usize>::new();
    let mut rows = 0;
    for set in all_sets() {
        let schedule = set.schedule::<f32>();
        for row in set.rows() {
            rows += 1;
            let lr = f64::from(schedule.lr(row.step));
            if lr == row.keras || (lr - row.keras).abs() <= 1e-5 * row.keras {
                continue;
            }
            let Some(defect) = set.known_defect(&row) else {
                panic!("{}: {lr:e}", set.describe(&row));
            };
            *defects.entry(defect).or_default() += 1;
        }
    }
    println!("{defects:?} of {rows} rows");
    assert!(defects.values().sum::<usize>() * 50 < rows, "{defects:?} of {rows} rows");
}

#[test]
fn training_follows_keras() {
    const XS: [[f32; 3]; 8] = [
        [0.0, 0.0, 0.0],
        [0.0, 0.0, 1.0],
        [0.0, 1.0, 0.0],
        [0.0, 1.0, 1.0],
        [1.0, 0.0, 0.0],
        [1.0, 0.0, 1.0],
        [1.0, 1.0, 0.0],
        [1.0, 1.0, 1.0],
    ];
    const YS: [f32; 8] = [0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0];
    let close = |ours: f32, keras: f32, tolerance: f32, what: &str| {
        assert!((ours - keras).abs() <= tolerance * keras.abs(), "{what}: {ours} for {keras}");
    };

    let runs = csv::sets(TRAINING);
    assert_eq!(runs.len(), TABLES.len());
    for run in runs {
        let name = run.text("schedule").unwrap();
        // The schedule is that of quickstart.rs: the first of its table.
        let first = all_sets().find(|set| set.name == name).unwrap();
        let schedule = first.schedule::<f32>();
        let start: [f32; 3] = run.list("weights").try_into().unwrap();
        let mut neuron = LogisticNeuron::new(start, run.get("bias"));
        let history = Sgd::new(&*schedule).train::<500, 3>(&mut neuron, &XS, &YS).unwrap();

        let (last, rows) = run.rows.split_last().unwrap();
        assert_eq!(rows.len(), history.len());
        for (row, report) in rows.iter().zip(&history) {
            let what = format!("{name}, row {row}");
            let [step, lr, loss] = cells(row);
            assert_eq!(report.step, parse::<u32>(step), "{what}");
            close(report.loss, parse(loss), 1e-4, &what);
            let lr = parse::<f32>(lr);
            let end_of_the_cosine =
                name.starts_with("cosine") && (report.lr - lr).abs() <= 4.0 * f32::EPSILON * 0.1;
            if !end_of_the_cosine {
                close(report.lr, lr, 1e-5, &what);
            }
        }
        let learnt = last.strip_prefix("final ").map(cells::<4>).unwrap().map(parse::<f32>);
        let ours = neuron.weights.iter().chain([&neuron.bias]);
        for (&ours, keras) in ours.zip(learnt) {
            close(ours, keras, 1e-4, name);
        }
    }
}
