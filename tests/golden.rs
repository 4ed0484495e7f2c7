//! Every row of the reference tables: the exact value of the formula, and what real Keras says.
//!
//! `tests/golden/README.md` tells what the tables hold and how they were made.

use std::collections::BTreeMap;
use std::str::FromStr;

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

/// The rows that follow one `set` line, and the parameters on it.
struct Set<'a> {
    name: &'a str,
    parameters: BTreeMap<&'a str, &'a str>,
    rows: Vec<&'a str>,
}

fn sets<'a>(name: &'a str, table: &'a str) -> Vec<Set<'a>> {
    let mut sets = Vec::<Set<'_>>::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        if let Some(parameters) = line.strip_prefix("set ") {
            let parameters =
                parameters.split(' ').map(|pair| pair.split_once('=').unwrap()).collect();
            sets.push(Set { name, parameters, rows: vec![] });
        } else {
            sets.last_mut().unwrap().rows.push(line);
        }
    }
    sets
}

fn all_sets() -> impl Iterator<Item = Set<'static>> {
    TABLES.into_iter().flat_map(|(name, table)| sets(name, table))
}

fn parse<T: FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("not a number: {text}"))
}

impl Set<'_> {
    fn get<T: FromStr>(&self, key: &str) -> T {
        parse(self.parameters[key])
    }

    fn list<T: FromStr>(&self, key: &str) -> Vec<T> {
        self.parameters[key].split(';').map(parse).collect()
    }

    /// The schedule with its parameters rounded to `F`.
    fn schedule<F: Float + FromStr + 'static>(&self) -> Box<dyn Schedule<Rate = F>> {
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
                let (boundaries, values) = (self.list("boundaries"), self.list("values"));
                let decay = PiecewiseConstantDecay::<F, 8>::try_from_slices(&boundaries, &values);
                Box::new(decay.unwrap())
            }
            "polynomial" => {
                let end = self.get("end_learning_rate");
                let decay = PolynomialDecay::try_new(initial(), steps(), end).unwrap();
                // Linear decay has two forms here, with and without a power of 1.
                let power = self.get("power");
                let decay = if power == F::one() { decay } else { decay.power(power) };
                Box::new(if self.get("cycle") { decay.cycle() } else { decay })
            }
            "cosine" => {
                let mut decay = CosineDecay::try_new(initial(), steps()).unwrap();
                decay = decay.alpha(self.get("alpha"));
                if self.parameters.contains_key("warmup_target") {
                    decay = decay.warmup(self.get("warmup_target"), self.get("warmup_steps"));
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

    /// Restarts that fall between two steps: next to one, no fixed precision holds a relative bound.
    fn restarts_between_steps(&self) -> bool {
        self.name == "cosine_restarts" && self.get::<f64>("t_mul").fract() != 0.0
    }

    /// The largest rate of the schedule, for those that have cosines.
    fn peak(&self) -> f64 {
        let peak = self.parameters.get("warmup_target");
        parse(peak.unwrap_or(&self.parameters["initial_learning_rate"]))
    }
}

/// step, keras, exact for `f32` parameters, exact for `f64` parameters
fn cells(row: &str) -> (u32, f64, f64, f64) {
    let cells: Vec<&str> = row.split(',').collect();
    let [step, keras, exact32, exact64] = cells[..] else { panic!("not a row: {row}") };
    (parse(step), parse(keras), parse(exact32), parse(exact64))
}

/// The distance between `x` and the next larger `f32`.
fn ulp32(x: f64) -> f64 {
    let x = (x as f32).min(f32::MAX);
    f64::from(x.next_up()) - f64::from(x)
}

#[test]
fn the_tables_are_whole() {
    let sets: Vec<Set<'_>> = all_sets().collect();
    assert!(sets.len() >= 30, "{} parameter sets", sets.len());
    assert!(sets.iter().all(|set| set.rows.len() > 100));
    for (name, _) in TABLES {
        let notebook = sets.iter().find(|set| set.name == name).unwrap();
        assert!((0..=500).eq(notebook.rows[..501].iter().map(|row| cells(row).0)), "{name}");
    }
}

/// The largest relative error in `f64`, once every row has been held to 1e-13.
#[test]
fn f64_is_exact_to_thirteen_digits() {
    let mut worst = 0_f64;
    for set in all_sets() {
        let schedule = set.schedule::<f64>();
        for row in &set.rows {
            let (step, _, _, exact) = cells(row);
            let lr = schedule.lr(step);
            let scale = if set.restarts_between_steps() { set.peak() } else { exact };
            // Below the normal numbers there are no thirteen digits, and of infinity none.
            if lr == exact || scale < f64::MIN_POSITIVE {
                assert!((lr - exact).abs() <= f64::MIN_POSITIVE || lr == exact);
                continue;
            }
            let error = (lr - exact).abs() / scale;
            assert!(error <= 1e-13, "{} {:?}, row {row}: {lr:e}", set.name, set.parameters);
            worst = worst.max(error);
        }
    }
    quoted_in_the_readme(&[format!("`f64`: at most {worst:.1e} of the exact value")]);
}

/// The largest error in `f32`, once every row has been held to 8 units in the last place.
#[test]
fn f32_is_exact_to_the_last_places() {
    let (mut worst, mut worst_of_peak, mut rows) = (0_f64, 0_f64, 0);
    for set in all_sets() {
        let schedule = set.schedule::<f32>();
        for row in &set.rows {
            rows += 1;
            let (step, _, exact, _) = cells(row);
            let lr = schedule.lr(step);
            if exact > f64::from(f32::MAX) {
                assert_eq!(lr, f32::INFINITY, "{} {:?}, row {row}", set.name, set.parameters);
                continue;
            }
            let between = set.restarts_between_steps();
            let scale = if between { set.peak() } else { exact };
            let error = (f64::from(lr) - exact).abs() / ulp32(scale);
            assert!(error <= 8.0, "{} {:?}, row {row}: {lr:e}", set.name, set.parameters);
            let worst = if between { &mut worst_of_peak } else { &mut worst };
            *worst = worst.max(error);
        }
    }
    let figures = if cfg!(feature = "lean") {
        [
            format!("with `lean`: at most {worst:.2}"),
            format!("restarts between steps with `lean`: {worst_of_peak:.2} units of the peak"),
        ]
    } else {
        [
            format!(
                "{rows} rows of reference values, `f32`: at most {worst:.2} units in the last place"
            ),
            format!("restarts between steps: {worst_of_peak:.2} units of the peak"),
        ]
    };
    quoted_in_the_readme(&figures);
}

/// Prints figures and holds the README to them: each build, with and without `lean`, to its own.
fn quoted_in_the_readme(figures: &[String]) {
    figures.iter().for_each(|figure| println!("{figure}"));
    let readme = include_str!("../README.md").split_whitespace().collect::<Vec<_>>().join(" ");
    for figure in figures {
        assert!(readme.contains(figure), "README.md does not say: {figure}");
    }
}

#[test]
fn ends_restarts_and_boundaries_are_the_configured_rates() {
    let mut exact_rows = 0;
    for set in all_sets() {
        let (narrow, wide) = (set.schedule::<f32>(), set.schedule::<f64>());
        let configured: Vec<&str> = ["initial_learning_rate", "end_learning_rate", "warmup_target"]
            .iter()
            .filter_map(|key| set.parameters.get(key).copied())
            .chain(set.parameters.get("values").into_iter().flat_map(|list| list.split(';')))
            .chain(["0.0"])
            .collect();
        for row in &set.rows {
            let (step, _, exact32, exact64) = cells(row);
            for &rate in &configured {
                // The tables have 20 digits, enough to tell a stored number from its neighbours.
                if parse::<f64>(rate) == exact64 && f64::from(parse::<f32>(rate)) == exact32 {
                    assert_eq!(narrow.lr(step), parse::<f32>(rate), "{} row {row}", set.name);
                    assert_eq!(wide.lr(step), parse::<f64>(rate), "{} row {row}", set.name);
                    exact_rows += 1;
                }
            }
        }
    }
    assert!(exact_rows > 1000, "{exact_rows}");
}

/// Where Keras' own arithmetic, all in `f32`, departs from its formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Defect {
    /// A step or a length that `f32` cannot hold.
    Counting,
    /// Subnormal numbers become 0.
    Underflow,
    /// `1 + cos` near the foot: an error of the size of the peak's last place.
    FootOfTheCosine,
    /// The step in units of the first cycle is rounded; its fraction keeps what bits are left.
    ManyCycles,
    /// A logarithm, rounded, takes the last step of a cycle for the first of the next.
    RestartIndex,
    /// `1 - s/d` near the end, where few bits of it are left.
    EndOfThePolynomial,
}

impl Set<'_> {
    fn known_defect(&self, step: u32, keras: f64, exact: f64) -> Option<Defect> {
        let length = ["decay_steps", "first_decay_steps"]
            .iter()
            .find_map(|key| self.parameters.get(key))
            .map_or(1, |steps| parse::<u32>(steps));
        if step.max(length) >= KERAS_COUNTS_TO {
            return Some(Defect::Counting);
        }
        if exact < f64::from(f32::MIN_POSITIVE) {
            return Some(Defect::Underflow);
        }
        match self.name {
            "cosine" | "cosine_restarts" => {
                let periods = f64::from(step) / f64::from(length);
                if (keras - exact).abs() <= 4.0 * ulp32(self.peak()) {
                    Some(Defect::FootOfTheCosine)
                } else if self.name == "cosine_restarts" && exact < 1e-9 * self.peak() {
                    Some(Defect::RestartIndex)
                } else if self.name == "cosine_restarts" && periods > 90.0 {
                    Some(Defect::ManyCycles)
                } else {
                    None
                }
            }
            "polynomial" => {
                let cycles = if self.get("cycle") { step.div_ceil(length).max(1) } else { 1 };
                let end = f64::from(length) * f64::from(cycles);
                let left = 1.0 - f64::from(step) / end;
                (left < 1e-3).then_some(Defect::EndOfThePolynomial)
            }
            _ => None,
        }
    }
}

#[test]
fn keras_agrees_but_for_its_known_defects() {
    let mut defects = BTreeMap::<Defect, usize>::new();
    let mut rows = 0;
    for set in all_sets() {
        let schedule = set.schedule::<f32>();
        for row in &set.rows {
            rows += 1;
            let (step, keras, exact, _) = cells(row);
            let lr = f64::from(schedule.lr(step));
            if lr == keras || (lr - keras).abs() <= 1e-5 * keras {
                continue;
            }
            let Some(defect) = set.known_defect(step, keras, exact) else {
                panic!("{} {:?}, row {row}: {lr:e}", set.name, set.parameters);
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

    let runs = sets("training", TRAINING);
    assert_eq!(runs.len(), TABLES.len());
    for run in runs {
        let name = run.parameters["schedule"];
        // The schedule is the notebook's: the first of its table.
        let notebook = all_sets().find(|set| set.name == name).unwrap();
        let schedule = notebook.schedule::<f32>();
        let start: [f32; 3] = run.list("weights").try_into().unwrap();
        let mut neuron = LogisticNeuron::new(start, run.get("bias"));
        let history = Sgd::new(&*schedule).train::<500, 3>(&mut neuron, &XS, &YS).unwrap();

        let (last, rows) = run.rows.split_last().unwrap();
        assert_eq!(rows.len(), history.len());
        for (row, report) in rows.iter().zip(&history) {
            let what = format!("{name}, row {row}");
            let [step, lr, loss] = row.split(',').collect::<Vec<_>>()[..] else { panic!("{what}") };
            assert_eq!(report.step, parse::<u32>(step), "{what}");
            close(report.loss, parse(loss), 1e-4, &what);
            let lr = parse::<f32>(lr);
            let foot =
                name.starts_with("cosine") && (report.lr - lr).abs() <= 4.0 * f32::EPSILON * 0.1;
            if !foot {
                close(report.lr, lr, 1e-5, &what);
            }
        }
        let learnt: Vec<f32> = last.strip_prefix("final ").unwrap().split(',').map(parse).collect();
        let ours = neuron.weights.iter().chain([&neuron.bias]);
        assert_eq!(learnt.len(), ours.clone().count());
        for (&ours, keras) in ours.zip(learnt) {
            close(ours, keras, 1e-4, name);
        }
    }
}
