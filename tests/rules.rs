//! Updates with clipping, decay, momentum and averaging: every row of `golden/rules.csv`.
//!
//! `tests/golden/README.md` describes the table and how it was generated.

mod csv;

use std::cell::Cell;
use std::str::FromStr;

use csv::{Set, cells, parse, sets};
use microlr::{
    Average, ClipNorm, ClipValue, Float, L2, LogisticNeuron, Momentum, Sgd, UpdateRule,
    WeightDecay, from_fn,
};

const RULES: &str = include_str!("golden/rules.csv");
/// The tolerance for 32 bits, of numbers up to 1 and relative to larger ones.
const NARROW: f64 = 1e-6;

/// Trains with `rules` and compares what `learnt` finds after every update.
fn follow<F: Float + FromStr + Into<f64>, R: UpdateRule<F, 3>>(
    set: &Set<'_>,
    tolerance: f64,
    rules: R,
    learnt: impl Fn(&R, &LogisticNeuron<F, 3>) -> LogisticNeuron<F, 3>,
) {
    let rate = Cell::new(F::zero());
    let mut neuron = LogisticNeuron::zeroed();
    let mut sgd = Sgd::new(from_fn(|_| rate.get())).with(rules);
    for (index, row) in set.rows.iter().enumerate() {
        let [lr, a, b, c, y, theirs @ ..] = cells::<9>(row).map(parse::<F>);
        rate.set(lr);
        sgd.step(&mut neuron, &[a, b, c], y).unwrap();
        let ours = learnt(sgd.rules(), &neuron);
        for (ours, theirs) in ours.weights.into_iter().chain([ours.bias]).zip(theirs) {
            let error = (ours.into() - theirs.into()).abs() / theirs.into().abs().max(1.0);
            let name = &set.parameters;
            assert!(error <= tolerance, "{name:?}, {index}: {ours:?} for {theirs:?}, {error:e}");
        }
    }
}

/// As `follow`, for rules whose result is the neuron itself.
fn follow_neuron<F: Float + FromStr + Into<f64>>(
    set: &Set<'_>,
    tolerance: f64,
    rules: impl UpdateRule<F, 3>,
) {
    follow(set, tolerance, rules, |_, neuron| *neuron);
}

fn follow_all<F: Float + FromStr + Into<f64>>(tolerance: f64) {
    let number = |text: &str| parse::<F>(text);
    for set in &sets(RULES) {
        // Keras computes in 32 bits.
        let tolerance = if set.text("library") == Some("keras") { NARROW } else { tolerance };
        let rules = set.pairs("rules");
        let momentum = |name: &str, coefficient| match name {
            "momentum" => Momentum::new(number(coefficient)),
            "nesterov" => Momentum::new(number(coefficient)).nesterov(),
            "keras" => Momentum::new(number(coefficient)).keras(),
            "keras_nesterov" => Momentum::new(number(coefficient)).keras().nesterov(),
            _ => panic!("no momentum: {name}"),
        };
        match rules[..] {
            [("l2", a)] => follow_neuron(set, tolerance, L2(number(a))),
            [("clip_value", a)] => follow_neuron(set, tolerance, ClipValue(number(a))),
            [("clip_norm", a)] => follow_neuron(set, tolerance, ClipNorm(number(a))),
            [("average", updates)] => {
                let average = Average::<F, 3>::new().after(parse(updates));
                follow(set, tolerance, average, |average, neuron| {
                    // scikit-learn shows the neuron itself before there is an average.
                    let none = average.neuron() == &LogisticNeuron::zeroed();
                    if none { *neuron } else { *average.neuron() }
                });
            }
            [(m, a)] => follow_neuron(set, tolerance, momentum(m, a)),
            [("l2", a), (m, b)] => follow_neuron(set, tolerance, (L2(number(a)), momentum(m, b))),
            [("clip_norm", a), (m, b)] => {
                follow_neuron(set, tolerance, (ClipNorm(number(a)), momentum(m, b)))
            }
            [(m, a), ("weight_decay", b)] => {
                follow_neuron(set, tolerance, (momentum(m, a), WeightDecay(number(b))))
            }
            [(m, a), ("clip_value", b)] => {
                follow_neuron(set, tolerance, (momentum(m, a), ClipValue(number(b))))
            }
            [("clip_norm", a), ("l2", b), (m, c)] => {
                follow_neuron(set, tolerance, (ClipNorm(number(a)), L2(number(b)), momentum(m, c)))
            }
            _ => panic!("no such rules: {rules:?}"),
        }
    }
}

#[test]
fn rules_follow_keras_pytorch_optax_and_scikit_learn() {
    assert_eq!(sets(RULES).len(), 16);
    follow_all::<f32>(NARROW);
    follow_all::<f64>(1e-14);
}

/// A plain `f32` average no longer changes after a few million updates.
#[test]
fn an_average_of_millions_of_updates_is_accurate() {
    let mut average = Average::<f32, 0>::new();
    let (mut exact, mut plain) = (0.0, 0.0);
    const UPDATES: u32 = 30_000_000;
    for index in 0..UPDATES {
        let bias = if index < UPDATES / 2 { 1.0 } else { 1.0 + (index % 2) as f32 / 16.0 };
        average.observe(&LogisticNeuron::new([], bias)).unwrap();
        exact += f64::from(bias);
        plain += (bias - plain) / (index + 1) as f32;
    }
    let exact = exact / f64::from(UPDATES);
    let error = |average: f32| (f64::from(average) / exact - 1.0).abs();
    assert!(error(average.neuron().bias) < 1e-7, "{:e}", error(average.neuron().bias));
    assert!(error(plain) > 1e-3, "{:e}", error(plain));
}
