//! Every row of `golden/metrics.csv` and `golden/permutation.csv`: the metrics of scikit-learn, the
//! means of River, and the order of an independent program.
//!
//! `tests/golden/README.md` describes the tables and how they were generated.

mod csv;

use std::str::FromStr;

use csv::{Set, cells, parse, sets};
use microlr::{AucHistogram, Confusion, EwMean, Float, Mean, Permutation};

const METRICS: &str = include_str!("golden/metrics.csv");
const PERMUTATION: &str = include_str!("golden/permutation.csv");

/// A prediction, its label, its loss, and River's exponentially weighted mean after it.
struct Sample<F> {
    prediction: F,
    label: bool,
    loss: F,
    ew_mean: f64,
}

fn samples<F: FromStr>(set: &Set<'_>) -> Vec<Sample<F>> {
    let sample = |[prediction, label, loss, ew_mean]: [&str; 4]| Sample {
        prediction: parse(prediction),
        label: parse::<u8>(label) == 1,
        loss: parse(loss),
        ew_mean: parse(ew_mean),
    };
    set.rows.iter().map(|row| sample(cells(row))).collect()
}

fn auc<F: Float, const BINS: usize>(samples: &[Sample<F>]) -> F {
    let mut histogram = AucHistogram::<BINS>::new();
    for sample in samples {
        assert_eq!(histogram.observe(sample.prediction, sample.label), Ok(()));
    }
    assert_eq!(AucHistogram::from_bins(*histogram.bins()), Ok(histogram));
    histogram.auc()
}

fn check<F: Float + FromStr + Into<f64>>(set: &Set<'_>, auc_key: &str) {
    // scikit-learn and River compute in 64 bits, with roundings of their own.
    let tolerance = 1.5 * F::epsilon().into();
    let close = |ours: f64, theirs: f64, tolerance: f64, what: &str| {
        let same = ours == theirs || (ours.is_nan() && theirs.is_nan());
        let error = (ours - theirs).abs();
        assert!(same || error <= tolerance, "{what} of {:?}: {ours}", set.parameters);
    };
    // Written as f32, so every type reads the same numbers.
    let samples: Vec<Sample<f32>> = samples(set);
    let samples: Vec<Sample<F>> = samples
        .iter()
        .map(|&Sample { prediction, label, loss, ew_mean }| {
            let [prediction, loss] = [prediction, loss].map(|x| F::from(x).unwrap());
            Sample { prediction, label, loss, ew_mean }
        })
        .collect();

    let mut confusion = Confusion::<F>::new(set.get("threshold"));
    let (mut mean, mut ew_mean) = (Mean::new(), EwMean::<F>::new(set.get("alpha")));
    for (row, sample) in samples.iter().enumerate() {
        assert_eq!(confusion.observe(sample.prediction, sample.label), Ok(()));
        assert_eq!([mean.observe(sample.loss), ew_mean.observe(sample.loss)], [Ok(()); 2]);
        // Roundings add up to what the mean remembers of them.
        let roundings = (1.0 / ew_mean.alpha.into()).min(row as f64 + 1.0);
        let allowed = 2.0 * tolerance * roundings * sample.ew_mean;
        close(ew_mean.mean().into(), sample.ew_mean, allowed, "weighted mean");
    }
    let Confusion { true_positives, false_positives, true_negatives, false_negatives, .. } =
        confusion;
    let counts = [true_negatives, false_positives, false_negatives, true_positives];
    assert_eq!(counts, ["tn", "fp", "fn", "tp"].map(|key| set.get(key)), "{:?}", set.parameters);

    let auc = match set.get("bins") {
        2 => auc::<F, 2>(&samples),
        10 => auc::<F, 10>(&samples),
        64 => auc::<F, 64>(&samples),
        1000 => auc::<F, 1000>(&samples),
        bins => panic!("no histogram of {bins} bins"),
    };
    for (ours, key) in [
        (confusion.accuracy(), "accuracy"),
        (confusion.balanced_accuracy(), "balanced_accuracy"),
        (confusion.precision(), "precision"),
        (confusion.recall(), "recall"),
        (confusion.f1(), "f1"),
    ] {
        close(ours.into(), set.get(key), 0.5 * F::epsilon().into(), key);
    }
    close(auc.into(), set.get(auc_key), tolerance, auc_key);
    let theirs = set.get("mean");
    close(mean.mean().into(), theirs, (tolerance + 1e-14) * theirs, "mean");
}

#[test]
fn every_metric_is_that_of_scikit_learn_or_river() {
    let sets = sets(METRICS);
    assert_eq!(sets.len(), 15);
    for set in &sets {
        check::<f32>(set, "auc32");
        check::<f64>(set, "auc64");
    }
    // The rounding of a bin matters somewhere, and both classes are missing somewhere.
    assert!(sets.iter().any(|set| set.text("auc32") != set.text("auc64")));
    assert!(sets.iter().filter(|set| set.text("auc32") == Some("nan")).count() >= 2);
}

#[test]
fn every_order_is_that_of_the_independent_program() {
    let sets = sets(PERMUTATION);
    assert_eq!(sets.len(), 40);
    for set in &sets {
        let order = Permutation::new(set.get("n"), set.get("seed"));
        for [place, element] in set.rows.iter().map(|row| cells(row)) {
            assert_eq!(order.get(parse(place)), parse::<u32>(element), "{:?}", set.parameters);
        }
    }
}
