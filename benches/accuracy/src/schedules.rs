//! The schedules and adaptors, over typical and hostile parameter sets.

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;
use rug::Float;

use crate::effort::Effort;
use crate::number::{self, Real};
use crate::oracle::{self, Exact};
use crate::peers;
use crate::sets::{self, Spec};
use crate::tally::Tally;

/// Steps of every typical set that are measured one by one.
const STEPS: u32 = 1100;

/// Where in the range a result lies, if next to an end of it.
fn band<F: Real>(exact: &Float) -> &'static str {
    let [lowest, highest] = F::EXPONENTS;
    match exact.get_exp() {
        Some(exponent) if exponent <= lowest + F::DIGITS => ", next to underflow",
        Some(exponent) if exponent >= highest => ", next to overflow",
        _ => "",
    }
}

/// The row of the table that a point belongs to.
fn row<F: Real>(spec: &Spec<F>, step: u32) -> &'static str {
    let [lowest, highest] = F::EXPONENTS;
    let Spec::Scaled { inner, .. } = spec else { return spec.row() };
    let rate = oracle::exact(inner, step).value;
    // MPFR's exponents are one larger; 0 has none and is no trouble.
    match rate.get_exp().map(|exponent| exponent - 1) {
        _ if !rate.is_finite() => "scaled, out of range",
        Some(exponent) if !(lowest..=highest).contains(&exponent) => "scaled, out of range",
        Some(exponent) if exponent <= lowest + F::DIGITS => "scaled, next to underflow",
        _ => spec.row(),
    }
}

/// Measures one point; returns the exact rate for peers to be compared with.
pub fn measure<F: Real>(tally: &mut Tally, spec: &Spec<F>, step: u32) -> Exact {
    let computed = spec.lr(step);
    let exact = oracle::exact(spec, step);
    let Exact { value, scale } = &exact;
    let error = number::distance(computed, value, scale);
    let place = || {
        let exact = value.to_string_radix(10, Some(20));
        format!("step {step} of {spec:?}: {computed:e}, exactly {exact}")
    };
    let class = || spec.class(step) + band::<F>(value);
    tally.count((row(spec, step), F::NAME), error, class, place);
    if error.ulps > 0.0 && spec.is_end(step) && F::nearest(value.to_f64()).into() == *value {
        tally.violate(format!("{}: end not exact", class()), F::NAME, error.ulps, place);
    }
    exact
}

/// Every step of the typical sets, and the steps around their edges.
fn typical<F: Real>(effort: Effort) -> Tally {
    let measure_set = |spec: Spec<F>| {
        let mut tally = Tally::default();
        let edges = spec.edges(effort.edges()).into_iter();
        let around = edges.flat_map(|edge| edge.saturating_sub(1)..=edge.saturating_add(1));
        for step in (0..=STEPS).step_by(effort.stride()).chain(around) {
            let exact = measure(&mut tally, &spec, step);
            if let Some(naive) = peers::naive(&spec, step).filter(|_| step <= STEPS) {
                let error = number::distance(naive, &exact.value, &exact.scale);
                if !error.subnormal {
                    tally.peer((spec.row(), F::NAME), "naive", error.ulps);
                }
            }
        }
        tally
    };
    merged(sets::typical().into_par_iter().map(measure_set).collect())
}

/// Random sets, a few random steps of each.
fn hostile<F: Real>(effort: Effort) -> Tally {
    const SETS: u32 = 500;
    const STEPS: u32 = 8;
    let measure_chunk = |chunk: u64| {
        let mut tally = Tally::default();
        let mut rng = Pcg64Mcg::seed_from_u64(chunk);
        for _ in 0..SETS {
            let spec = sets::random::<F>(&mut rng);
            for _ in 0..STEPS {
                let step = sets::random_step(&spec, &mut rng);
                measure(&mut tally, &spec, step);
            }
        }
        tally
    };
    merged((0..effort.chunks()).into_par_iter().map(measure_chunk).collect())
}

pub fn merged(tallies: Vec<Tally>) -> Tally {
    let mut all = Tally::default();
    tallies.into_iter().for_each(|tally| all.merge(tally));
    all
}

pub fn run<F: Real>(effort: Effort) -> Tally {
    merged(vec![typical::<F>(effort), hostile::<F>(effort)])
}
