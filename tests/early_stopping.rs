//! Every row of `golden/early_stopping.csv`: what real Keras does after each metric.
//!
//! `tests/golden/README.md` describes the table and how it was generated.

mod csv;

use std::str::FromStr;

use csv::{Set, cells, parse, sets};
use microlr::{Best, EarlyStopping, Float, LogisticNeuron};

const TABLE: &str = include_str!("golden/early_stopping.csv");

fn stopping<F: Float + FromStr>(set: &Set<'_>) -> EarlyStopping<F> {
    let stopping = EarlyStopping::new(set.get("patience"))
        .min_delta(set.get("min_delta"))
        .start_from(set.maybe("start_from_epoch").unwrap_or(0));
    assert_eq!(stopping.validate(), Ok(()));
    if set.text("mode") == Some("max") { stopping.maximize() } else { stopping }
}

/// Keras takes the first metric as the best one, even if it is NaN or infinite.
fn begins_without_a_number(set: &Set<'_>) -> bool {
    !parse::<f64>(cells::<3>(set.rows[0])[0]).is_finite()
}

/// The rows that differ in the decision or in the best neuron: the epoch, and both decisions.
fn differences<F: Float + FromStr>(set: &Set<'_>) -> Vec<(usize, bool, bool)> {
    let stopping = stopping::<F>(set);
    // The bias is the number of the epoch.
    let neuron = |epoch: usize| LogisticNeuron::new([F::zero()], F::from_step(epoch as u32));
    let mut best = Best::new(neuron(1000));
    let mut differing = vec![];
    for (epoch, row) in set.rows.iter().enumerate() {
        let [metric, stops, kept] = cells(row);
        let ours = stopping.observe(&mut best, parse(metric), &neuron(epoch));
        let theirs = stops == "1";
        // Before `start_from_epoch` Keras keeps nothing.
        let kept = neuron(if kept.is_empty() { 1000 } else { parse(kept) });
        if (ours, best.neuron) != (theirs, kept) {
            differing.push((epoch, ours, theirs));
        }
    }
    differing
}

#[test]
fn every_row_is_that_of_keras() {
    let sets = sets(TABLE);
    assert_eq!(sets.len(), 13);
    for set in sets.iter().filter(|set| !begins_without_a_number(set)) {
        assert!(set.rows.len() == 40 || set.rows.last().is_some_and(|row| row.contains(",1,")));
        let what = &set.parameters;
        assert_eq!(differences::<f32>(set), [], "{what:?}");
        assert_eq!(differences::<f64>(set), [], "{what:?}");
    }
}

/// A first metric of NaN or infinity is bad here, and the best one in Keras.
#[test]
fn a_first_metric_that_is_no_number_differs_from_keras() {
    let sets = sets(TABLE);
    let [nan, infinity] = [11, 12].map(|index| differences::<f64>(&sets[index]));
    // After NaN Keras sees no improvement and stops. After infinity only the first row differs.
    assert_eq!(nan, [(0, false, false), (1, false, false), (2, false, false), (3, false, true)]);
    assert_eq!(infinity, [(0, false, false)]);
}
