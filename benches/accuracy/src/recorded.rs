//! The recorded values of Keras, PyTorch and burn.

use crate::catalogue::{self, Entry, Number, Parameters, Visitor};
use crate::csv::{self, Set};
use crate::exact::{Exact, ulps};
use crate::tally::Tally;

/// The name of a schedule in the files, that of its type, and Keras' values. The pieces of a
/// constant are missing: they are exact, and the catalogue has always three.
const SCHEDULES: [(&str, &str, &str); 5] = [
    ("exponential", "ExponentialDecay", include_str!("../../../tests/golden/exponential.csv")),
    ("polynomial", "PolynomialDecay", include_str!("../../../tests/golden/polynomial.csv")),
    ("inverse_time", "InverseTimeDecay", include_str!("../../../tests/golden/inverse_time.csv")),
    ("cosine", "CosineDecay", include_str!("../../../tests/golden/cosine.csv")),
    (
        "cosine_restarts",
        "CosineDecayRestarts",
        include_str!("../../../tests/golden/cosine_restarts.csv"),
    ),
];
const OTHERS: [(&str, &str); 2] = [
    ("PyTorch f64", include_str!("../recorded/torch.csv")),
    ("burn f64", include_str!("../recorded/burn.csv")),
];

/// The rows of one set, of the schedule called `name`.
struct Recorded<'a> {
    column: &'static str,
    name: &'a str,
    set: &'a Set<'a>,
    tally: &'a mut Tally,
}

impl Visitor for Recorded<'_> {
    fn visit<E: Entry>(&mut self) {
        if E::NAME != self.name {
            return;
        }
        let wide = parameters(self.set);
        let narrow = wide.to::<f32>().to::<f64>();
        for row in &self.set.rows {
            if self.column == "Keras f32" {
                let [step, keras, exact32, exact64] = csv::cells(row);
                check::<E>(&narrow, csv::parse(step), exact32);
                check::<E>(&wide, csv::parse(step), exact64);
                self.compare::<E, f32>(&narrow, step, csv::parse(keras));
            } else {
                let [step, value] = csv::cells(row);
                self.compare::<E, f64>(&wide, step, csv::parse(value));
            }
        }
    }
}

impl Recorded<'_> {
    fn compare<E: Entry, F: Number>(&mut self, p: &Parameters<f64>, step: &str, value: F) {
        let step = csv::parse(step);
        let (exact, unit): (Exact, Exact) = (E::exact(p, step), E::unit(p, step));
        if exact.is_normal::<F>() {
            let ulps = ulps(value, &exact, &unit);
            self.tally.count((E::NAME, self.column), 1, f64::INFINITY, ulps, String::new);
        }
    }
}

/// Fails if the catalogue's formula is not the value that another program computed to 20 digits.
fn check<E: Entry>(p: &Parameters<f64>, step: u32, recorded: &str) {
    let (exact, unit): (Exact, Exact) = (E::exact(p, step), E::unit(p, step));
    let error = (exact.0.clone() - Exact::parse(recorded).0).abs();
    assert!(error <= unit.0 * 1e-19, "{} {p:?}, {step}: {}", E::NAME, exact.digits());
}

fn parameters(set: &Set<'_>) -> Parameters<f64> {
    let either = |a, b, default| set.maybe(a).or(set.maybe(b)).unwrap_or(default);
    let options = [
        ("staircase", catalogue::STAIRCASE),
        ("cycle", catalogue::CYCLE),
        ("power", catalogue::POWER),
        ("alpha", catalogue::ALPHA),
        ("warmup_target", catalogue::WARMUP),
        ("t_mul", catalogue::T_MUL),
        ("m_mul", catalogue::M_MUL),
    ];
    let set_options = options
        .iter()
        .filter(|(key, _)| set.text(key).is_some_and(|text| !text.eq_ignore_ascii_case("false")));
    Parameters {
        rate: set.get("initial_learning_rate"),
        other_rate: either("end_learning_rate", "warmup_target", 0.0),
        factor: either("decay_rate", "m_mul", 1.0),
        growth: set.maybe("t_mul").unwrap_or(2.0),
        power: set.maybe("power").unwrap_or(1.0),
        fraction: set.maybe("alpha").unwrap_or(0.0),
        steps: set.maybe("decay_steps").unwrap_or_else(|| set.get("first_decay_steps")),
        other_steps: set.maybe("warmup_steps").unwrap_or(0),
        more_steps: 0,
        seed: 0,
        options: set_options.map(|(_, option)| option).sum(),
    }
}

pub fn run(tally: &mut Tally) {
    let mut visit = |column, name, set: &Set<'_>| {
        catalogue::visit(&mut Recorded { column, name, set, tally });
    };
    for (_, name, text) in SCHEDULES {
        csv::sets(text).iter().for_each(|set| visit("Keras f32", name, set));
    }
    for (column, text) in OTHERS {
        for set in csv::sets(text) {
            let schedule = set.text("schedule");
            let known = SCHEDULES.iter().find(|(file, ..)| Some(*file) == schedule);
            visit(column, known.unwrap_or_else(|| panic!("{schedule:?}?")).1, &set);
        }
    }
}
