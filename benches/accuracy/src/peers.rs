//! What others make of the same formulas: the formulas as they are written, and recorded values.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::number::{self, Real};
use crate::oracle;
use crate::schedules;
use crate::sets::Spec;
use crate::tally::Tally;

/// Keras' formula in the arithmetic of `F`, with the functions of the platform; none for adaptors.
pub fn naive<F: Real>(spec: &Spec<F>, step: u32) -> Option<F> {
    let one = F::one();
    let two = one + one;
    let wave = |fraction: F| (one + (F::nearest(std::f64::consts::PI) * fraction).cos()) / two;
    let rate = match *spec {
        Spec::Exponential { initial, decay_steps, decay_rate, staircase } => {
            let p = F::from_step(step) / F::from_step(decay_steps);
            initial * decay_rate.powf(if staircase { p.floor() } else { p })
        }
        Spec::InverseTime { initial, decay_steps, decay_rate, staircase } => {
            let p = F::from_step(step) / F::from_step(decay_steps);
            initial / (one + decay_rate * if staircase { p.floor() } else { p })
        }
        Spec::Piecewise { ref boundaries, ref values } => {
            let passed = boundaries.iter().filter(|&&b| F::from_step(b) < F::from_step(step));
            values[passed.count()]
        }
        Spec::Polynomial { initial, decay_steps, end, power, cycle } => {
            let (mut s, mut d) = (F::from_step(step), F::from_step(decay_steps));
            if cycle {
                d = d * if step == 0 { one } else { (s / d).ceil() };
            } else {
                s = s.min(d);
            }
            (initial - end) * (one - s / d).powf(power.unwrap_or(one)) + end
        }
        Spec::Cosine { initial, decay_steps, alpha, warmup } => {
            let alpha = alpha.unwrap_or(F::zero());
            let (mut s, mut peak) = (F::from_step(step), initial);
            if let Some((target, steps)) = warmup {
                let steps = F::from_step(steps);
                if s < steps {
                    return Some(s / steps * (target - initial) + initial);
                }
                (s, peak) = (s - steps, target);
            }
            let d = F::from_step(decay_steps);
            peak * ((one - alpha) * wave(s.min(d) / d) + alpha)
        }
        Spec::Restarts { initial, first, t_mul, m_mul, alpha } => {
            let alpha = alpha.unwrap_or(F::zero());
            let t_mul = t_mul.unwrap_or(two);
            let firsts = F::from_step(step) / F::from_step(first);
            let (index, fraction) = if t_mul == one {
                (firsts.floor(), firsts - firsts.floor())
            } else {
                let index = ((one - firsts * (one - t_mul)).ln() / t_mul.ln()).floor();
                let start = (one - t_mul.powf(index)) / (one - t_mul);
                (index, (firsts - start) / t_mul.powf(index))
            };
            let height = m_mul.unwrap_or(one).powf(index);
            initial * ((one - alpha) * height * wave(fraction) + alpha)
        }
        Spec::Then { .. } | Spec::Scaled { .. } | Spec::Delayed { .. } => return None,
    };
    Some(rate)
}

/// The tables of the repository: from Keras in `f32` for all six, from the others in `f64`.
const KERAS: [(&str, &str); 6] = [
    ("exponential", include_str!("../../../tests/golden/exponential.csv")),
    ("piecewise", include_str!("../../../tests/golden/piecewise.csv")),
    ("polynomial", include_str!("../../../tests/golden/polynomial.csv")),
    ("inverse_time", include_str!("../../../tests/golden/inverse_time.csv")),
    ("cosine", include_str!("../../../tests/golden/cosine.csv")),
    ("cosine_restarts", include_str!("../../../tests/golden/cosine_restarts.csv")),
];
const OTHERS: [(&str, &str); 2] =
    [("PyTorch", include_str!("../peers/torch.csv")), ("burn", include_str!("../peers/burn.csv"))];

/// The parameters of a `set` line.
#[derive(Default)]
struct Parameters<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Parameters<'a> {
    fn parse(line: &'a str) -> Self {
        Self(line.split(' ').filter_map(|pair| pair.split_once('=')).collect())
    }

    fn maybe<T: FromStr>(&self, key: &str) -> Option<T> {
        self.0.get(key).and_then(|text| text.parse().ok())
    }

    fn get<T: FromStr>(&self, key: &str) -> T {
        self.maybe(key).unwrap_or_else(|| panic!("no {key} in {:?}", self.0))
    }

    fn list<T: FromStr>(&self, key: &str) -> Vec<T> {
        self.0[key].split(';').filter_map(|text| text.parse().ok()).collect()
    }

    fn spec<F: Real>(&self, schedule: &str) -> Spec<F> {
        match schedule {
            "piecewise" => {
                let (boundaries, values) = (self.list("boundaries"), self.list("values"));
                return Spec::Piecewise { boundaries, values };
            }
            "cosine_restarts" => {
                return Spec::Restarts {
                    initial: self.get("initial_learning_rate"),
                    first: self.get("first_decay_steps"),
                    t_mul: self.maybe("t_mul"),
                    m_mul: self.maybe("m_mul"),
                    alpha: self.maybe("alpha"),
                };
            }
            _ => {}
        }
        let initial = self.get("initial_learning_rate");
        let decay_steps = self.get("decay_steps");
        let staircase = self.maybe("staircase").unwrap_or(false);
        match schedule {
            "exponential" => {
                let decay_rate = self.get("decay_rate");
                Spec::Exponential { initial, decay_steps, decay_rate, staircase }
            }
            "inverse_time" => {
                let decay_rate = self.get("decay_rate");
                Spec::InverseTime { initial, decay_steps, decay_rate, staircase }
            }
            "polynomial" => Spec::Polynomial {
                initial,
                decay_steps,
                end: self.get("end_learning_rate"),
                power: self.maybe("power").filter(|&power| power != F::one()),
                cycle: self.maybe("cycle").unwrap_or(false),
            },
            "cosine" => {
                let warmup = self.maybe("warmup_target").zip(self.maybe("warmup_steps"));
                Spec::Cosine { initial, decay_steps, alpha: self.maybe("alpha"), warmup }
            }
            name => panic!("no schedule is called {name}"),
        }
    }
}

/// The rows of a table, each with the parameters above it.
fn rows(table: &str) -> impl Iterator<Item = (&str, Vec<&str>)> {
    let mut set = "";
    table.lines().filter(|line| !line.starts_with('#')).filter_map(move |line| {
        match line.strip_prefix("set ") {
            Some(parameters) => {
                set = parameters;
                None
            }
            None => Some((set, line.split(',').collect())),
        }
    })
}

fn parse<T: FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("not a number: {text}"))
}

/// Measures a row: this crate, and the recorded `value` of a peer.
fn compare<F: Real>(tally: &mut Tally, spec: &Spec<F>, step: u32, peer: &'static str, value: F) {
    let exact = schedules::measure(tally, spec, step);
    let error = number::distance(value, &exact.value, &exact.scale);
    if !error.subnormal {
        tally.peer((spec.row(), F::NAME), peer, error.ulps);
    }
}

/// Fails where the oracle is not the value that another program wrote down to 20 digits.
fn check_oracle<F: Real>(spec: &Spec<F>, step: u32, recorded: &str) {
    let exact = oracle::exact(spec, step);
    let recorded = rug::Float::parse(recorded).map(|digits| rug::Float::with_val(192, digits));
    let recorded = recorded.unwrap_or_else(|_| panic!("not a number in {spec:?} {step}"));
    let error = rug::Float::with_val(64, &exact.value - &recorded).abs();
    assert!(error <= exact.scale.clone().abs() * 1e-19, "{spec:?} {step}: {}", exact.value);
}

/// Every recorded value of every peer.
pub fn run() -> Tally {
    let mut tally = Tally::default();
    for (schedule, table) in KERAS {
        for (set, cells) in rows(table) {
            let [step, keras, exact32, exact64] = cells[..] else { panic!("not a row: {cells:?}") };
            let (step, parameters) = (parse(step), Parameters::parse(set));
            let (narrow, wide) =
                (parameters.spec::<f32>(schedule), parameters.spec::<f64>(schedule));
            check_oracle(&narrow, step, exact32);
            check_oracle(&wide, step, exact64);
            compare(&mut tally, &narrow, step, "Keras", parse(keras));
            schedules::measure(&mut tally, &wide, step);
        }
    }
    for (peer, table) in OTHERS {
        for (set, cells) in rows(table) {
            let [step, value] = cells[..] else { panic!("not a row: {cells:?}") };
            let parameters = Parameters::parse(set);
            let spec = parameters.spec::<f64>(parameters.0["schedule"]);
            compare(&mut tally, &spec, parse(step), peer, parse(value));
        }
    }
    tally
}
