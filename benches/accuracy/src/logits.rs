//! The neuron: probability and loss of every `f32` logit, and of random `f64` ones.

use std::collections::BTreeMap;

use microlr::LogisticNeuron;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;
use rug::Float;

use crate::effort::Effort;
use crate::number::{self, Distance, Real};
use crate::oracle;
use crate::schedules::merged;
use crate::tally::{Class, Figure, Tally, Worst};

/// Exact in both types.
const LABELS: [f32; 5] = [0.0, 1.0, 0.5, 0.125, 0.9375];
const DEMAND: f64 = 2.0;

/// A value of the neuron and what it should be.
#[derive(Clone, Copy)]
struct Point {
    ulps: f64,
    computed: f32,
    exact: f64,
    z: f32,
    y: Option<f32>,
}

impl From<Point> for Worst {
    fn from(Point { ulps, computed, exact, z, y }: Point) -> Self {
        let label = y.map(|y| format!(", label {y:?}")).unwrap_or_default();
        Self { ulps, place: format!("logit {z:?}{label}: {computed:e}, exactly {exact:e}") }
    }
}

/// The largest errors of one function, without the cost of a tally: there are billions of points.
#[derive(Default)]
struct Largest {
    points: u64,
    beyond: u64,
    normal: Option<Point>,
    subnormal: Option<Point>,
}

impl Largest {
    fn count(&mut self, computed: f32, exact: f64, z: f32, y: Option<f32>) {
        let Distance { ulps, subnormal } = number::distance32(computed, exact);
        self.points += 1;
        self.beyond += u64::from(!subnormal && ulps > DEMAND);
        let worst = if subnormal { &mut self.subnormal } else { &mut self.normal };
        if worst.is_none_or(|worst| ulps > worst.ulps) {
            *worst = Some(Point { ulps, computed, exact, z, y });
        }
    }

    fn tally(self, row: &'static str) -> Tally {
        let worst = |point: Option<Point>| point.map(Worst::from).unwrap_or_default();
        let normal = worst(self.normal);
        let mut tally = Tally::default();
        if self.beyond > 0 {
            let class = Class { points: self.beyond, worst: normal.clone() };
            tally.violations.insert((row.to_owned(), f32::NAME), class);
        }
        let subnormal = worst(self.subnormal);
        let figure =
            Figure { points: self.points, worst: normal, subnormal, peers: BTreeMap::new() };
        tally.figures.insert((row, f32::NAME), figure);
        tally
    }
}

/// A share of the `f32` logits; a good evaluation in `f64` is exact enough, by 2^-29 units.
fn narrow(patterns: impl Iterator<Item = u32>) -> Tally {
    let (mut predict, mut loss) = (Largest::default(), Largest::default());
    for z in patterns.map(f32::from_bits).filter(|z| z.is_finite()) {
        let neuron = LogisticNeuron::new([z], 0.0);
        let wide = f64::from(z);
        let against = (-wide.abs()).exp();
        let share = if z < 0.0 { against } else { 1.0 };
        predict.count(neuron.predict(&[1.0]), share / (1.0 + against), z, None);
        let logarithm = against.ln_1p();
        for y in LABELS {
            let share = if z < 0.0 { f64::from(y) } else { 1.0 - f64::from(y) };
            let exact = wide.abs() * share + logarithm;
            loss.count(neuron.loss(&[1.0], y), exact, z, Some(y));
        }
    }
    merged(vec![predict.tally("predict"), loss.tally("loss")])
}

/// A thousand random `f64` logits.
fn wide(seed: u64) -> Tally {
    let mut tally = Tally::default();
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    for _ in 0..1000 {
        let size = match rng.random_range(0..4) {
            0 => rng.random_range(0.0..750.0),
            1 => f64::from_bits(rng.random::<u64>() >> 1),
            _ => rng.random_range(-40_f64..7.0).exp(),
        };
        let z = if rng.random() { size } else { -size };
        if !z.is_finite() {
            continue;
        }
        let neuron = LogisticNeuron::new([z], 0.0);
        let (probability, logarithm) = oracle::logit(z);
        count(&mut tally, "predict", neuron.predict(&[1.0]), &probability, &format!("logit {z:?}"));
        for y in LABELS.map(f64::from) {
            let exact = oracle::cross_entropy(z, y, &logarithm);
            let place = format!("logit {z:?}, label {y:?}");
            count(&mut tally, "loss", neuron.loss(&[1.0], y), &exact, &place);
        }
    }
    tally
}

fn count(tally: &mut Tally, row: &'static str, computed: f64, exact: &Float, place: &str) {
    let error = number::distance(computed, exact, exact);
    let place =
        || format!("{place}: {computed:e}, exactly {}", exact.to_string_radix(10, Some(20)));
    tally.count((row, f64::NAME), error, || row.to_owned(), place);
}

pub fn run(effort: Effort) -> Tally {
    const CHUNK: u64 = 1 << 20;
    let stride = effort.logit_stride();
    let chunks = (1_u64 << 32).div_ceil(CHUNK * stride);
    let narrow = (0..chunks).into_par_iter().map(|chunk| {
        let patterns = (chunk * CHUNK..(chunk + 1) * CHUNK).map(|n| n * stride);
        narrow(patterns.map_while(|pattern| u32::try_from(pattern).ok()))
    });
    let wide = (0..effort.logits()).into_par_iter().map(wide);
    merged(narrow.chain(wide).collect())
}
