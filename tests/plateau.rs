//! Every row of `golden/plateau.csv`: the rate of real Keras or real PyTorch after each metric.
//!
//! `tests/golden/README.md` describes the table and how it was generated.

mod csv;

use std::str::FromStr;

use csv::{Set, cells, parse, sets};
use microlr::{Float, PlateauState, ReduceLrOnPlateau, Sgd, from_fn};

const TABLE: &str = include_str!("golden/plateau.csv");
/// The constant rate of every set.
const RATE: &str = "0.5";

/// The configuration of a set. A floor is a fraction of the rate, and `min_lr` is a rate.
fn plateau<F: Float + FromStr>(set: &Set<'_>) -> ReduceLrOnPlateau<F> {
    let (factor, patience) = (set.get("factor"), set.get("patience"));
    let mut plateau = match set.get::<String>("library").as_str() {
        "keras" => ReduceLrOnPlateau::keras(factor, patience),
        "pytorch" => ReduceLrOnPlateau::pytorch(factor, patience),
        library => panic!("no library is called {library}"),
    };
    if let Some(threshold) = set.maybe("threshold") {
        let relative = is_pytorch(set) && set.text("threshold_mode") != Some("abs");
        plateau = if relative { plateau.relative(threshold) } else { plateau.absolute(threshold) };
    }
    if set.text("mode") == Some("max") {
        plateau = plateau.maximize();
    }
    if let Some(min_lr) = set.maybe::<F>("min_lr") {
        plateau = plateau.floor(min_lr / parse(RATE));
    }
    let plateau = plateau.cooldown(set.maybe("cooldown").unwrap_or(0));
    assert_eq!(plateau.validate(), Ok(()));
    plateau
}

fn is_pytorch(set: &Set<'_>) -> bool {
    set.text("library") == Some("pytorch")
}

/// The metrics of a set, and the rates after them.
fn rows<F: FromStr>(set: &Set<'_>) -> Vec<(F, f64)> {
    set.rows.iter().map(|row| cells(row)).map(|[metric, lr]| (parse(metric), parse(lr))).collect()
}

/// Our rates after the metrics of a set, from this state on.
fn rates<F: Float + FromStr + Into<f64>>(set: &Set<'_>, mut state: PlateauState<F>) -> Vec<f64> {
    let (plateau, mut sgd) = (plateau::<F>(set), Sgd::new(from_fn(|_| parse::<F>(RATE))));
    let rate = |(metric, _)| {
        sgd.set_factor(plateau.observe(&mut state, metric));
        sgd.lr().into()
    };
    rows::<F>(set).into_iter().map(rate).collect()
}

/// Keras takes the first metric for the best one, even if it is NaN.
fn keras_begins_with_nan(set: &Set<'_>) -> bool {
    !is_pytorch(set) && rows::<f64>(set)[0].0.is_nan()
}

/// The number of rows where PyTorch ignores a reduction that is too small for `eps`.
fn check<F: Float + FromStr + Into<f64>>(set: &Set<'_>) -> usize {
    // A best metric of NaN is a state that Keras has. Then the first observation is not bad.
    let state = if keras_begins_with_nan(set) {
        PlateauState { best: Some(F::nan()), cooldown: 1, ..PlateauState::new() }
    } else {
        PlateauState::new()
    };
    // Keras keeps its rate in 32 bits.
    let unit: f64 = if is_pytorch(set) { F::epsilon().into() } else { f32::EPSILON.into() };
    let (factor, eps) = (set.get::<f64>("factor"), set.maybe("eps").unwrap_or(1e-8));
    let (mut ours_before, mut before, mut reductions, mut ignored) = (0.5, 0.5, 0, 0);
    for (row, (ours, (_, theirs))) in
        rates::<F>(set, state).into_iter().zip(rows::<F>(set)).enumerate()
    {
        let what = format!("{:?}, row {row}: {ours:e} and {theirs:e}", set.parameters);
        if is_pytorch(set) && before * (1.0 - factor) <= eps {
            assert!(theirs == before && ours <= theirs, "{what}");
            ignored += usize::from(ours < ours_before);
        } else {
            assert_eq!(ours < ours_before, theirs < before, "{what}");
            reductions += u32::from(theirs < before);
            // Each multiplication is rounded, and so is the factor.
            let tolerance = f64::from(reductions) * unit * theirs;
            assert!((ours - theirs).abs() <= tolerance, "{what}");
        }
        (ours_before, before) = (ours, theirs);
    }
    assert!(reductions >= 3, "{:?}: {reductions} reductions", set.parameters);
    ignored
}

#[test]
fn every_row_is_that_of_the_library() {
    let sets = sets(TABLE);
    assert_eq!(sets.len(), 22);
    assert!(sets.iter().all(|set| set.rows.len() == 40));
    for check in [check::<f32>, check::<f64>] {
        let ignored: usize = sets.iter().map(check).sum();
        assert!(ignored > 0, "no reduction is too small for PyTorch");
    }
}

/// The first row that differs: ours counts NaN as bad, and Keras as the best metric.
#[test]
fn a_first_metric_of_nan_differs_from_keras() {
    let mut differing = vec![];
    for set in sets(TABLE).into_iter().filter(keras_begins_with_nan) {
        let (rows, ours) = (rows::<f64>(&set), rates::<f64>(&set, PlateauState::new()));
        let row = ours.iter().zip(&rows).position(|(ours, (_, theirs))| ours != theirs);
        differing.extend(row.map(|row| (row, ours[row], rows[row].1)));
    }
    assert_eq!(differing, [(3, 0.5, 0.25)]);
}
