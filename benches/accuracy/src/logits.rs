//! The neuron: probability and loss of every `f32` logit, and of random `f64` ones.

use microlr::LogisticNeuron;
use rayon::prelude::*;

use crate::catalogue::{Number, Real};
use crate::exact::{Exact, ulps, ulps32};
use crate::random::Random;
use crate::tally::Tally;

/// Labels between 0 and 1; the logits take turns.
const BETWEEN: [f32; 4] = [0.5, 0.125, 0.3, 0.9375];
const BOUND: f64 = 2.0;
const BOUND64: f64 = 8.0;

/// The largest error of one function: units, logit, label, computed and exact value.
type Worst = (f64, f32, f32, f32, f64);

/// Some `f32` logits. An evaluation in `f64` is exact enough, to 2^-29 units.
fn narrow(patterns: impl Iterator<Item = u32>) -> Tally {
    let mut worst: [Worst; 2] = Default::default();
    let mut points = [0, 0];
    let mut tally = Tally::default();
    let mut count = |row: usize, computed: f32, exact: f64, z: f32, y: f32| {
        points[row] += 1;
        if exact >= f64::from(f32::MIN_POSITIVE) {
            let ulps = ulps32(computed, exact);
            if ulps > worst[row].0 {
                worst[row] = (ulps, z, y, computed, exact);
            }
        } else if !(0.0..=f32::MIN_POSITIVE).contains(&computed) {
            worst[row] = (f64::INFINITY, z, y, computed, exact);
        }
    };
    for pattern in patterns {
        let z = f32::from_bits(pattern);
        if !z.is_finite() {
            continue;
        }
        let neuron = LogisticNeuron::new([z], 0.0);
        let wide = f64::from(z);
        let against = (-wide.abs()).exp();
        let probability = if z < 0.0 { against } else { 1.0 } / (1.0 + against);
        count(0, neuron.predict(&[1.0]), probability, z, 1.0);
        let logarithm = against.ln_1p();
        for y in [0.0, 1.0, BETWEEN[pattern as usize % BETWEEN.len()]] {
            let fraction = if z < 0.0 { f64::from(y) } else { 1.0 - f64::from(y) };
            count(1, neuron.loss(&[1.0], y), wide.abs() * fraction + logarithm, z, y);
        }
    }
    for ((row, points), (ulps, z, y, computed, exact)) in
        ["predict", "loss"].into_iter().zip(points).zip(worst)
    {
        tally.count((row, "f32"), points, BOUND, ulps, || {
            format!("logit {z:?}, label {y:?}: {computed:?}, exactly {exact:?}")
        });
    }
    tally
}

/// A thousand random `f64` logits.
fn wide(seed: u64) -> Tally {
    let mut tally = Tally::default();
    let mut random = Random(seed);
    for _ in 0..1000 {
        let size = match random.bits() % 3 {
            0 => 750.0 * random.uniform(),
            1 => f64::from_bits(random.bits() >> 1),
            _ => random.logarithmic(1e-17, 1e3),
        };
        let z = if random.bits().is_multiple_of(2) { size } else { -size };
        if !z.is_finite() {
            continue;
        }
        let neuron = LogisticNeuron::new([z], 0.0);
        let number = Exact::from_f64;
        let against = Exact(number(-z.abs()).0.exp());
        let probability = if z < 0.0 { against.clone() } else { number(1.0) };
        let probability = probability / (number(1.0) + against.clone());
        count(&mut tally, "predict", neuron.predict(&[1.0]), probability, z, 1.0);
        let logarithm = against.ln_1p();
        for y in [0.0, 1.0, random.one_of(&BETWEEN).into()] {
            let fraction = if z < 0.0 { number(y) } else { number(1.0) - number(y) };
            let exact = number(z.abs()) * fraction + logarithm.clone();
            count(&mut tally, "loss", neuron.loss(&[1.0], y), exact, z, y);
        }
    }
    tally
}

fn count(tally: &mut Tally, row: &'static str, computed: f64, exact: Exact, z: f64, y: f64) {
    let place = || format!("logit {z:?}, label {y:?}: {computed:?}, exactly {}", exact.digits());
    if exact.is_normal::<f64>() {
        tally.count((row, f64::NAME), 1, BOUND64, ulps(computed, &exact, &exact), place);
    } else if !(0.0..=f64::MIN_POSITIVE).contains(&computed) {
        tally.violate((row, f64::NAME), "NaN or not tiny", place());
    }
}

/// Every `stride`-th `f32` logit, and `thousands` of `f64` logits.
pub fn run(stride: u64, thousands: u64) -> Tally {
    const CHUNK: u64 = 1 << 20;
    let chunks = (1_u64 << 32).div_ceil(CHUNK * stride);
    let narrow = (0..chunks).into_par_iter().map(|chunk| {
        let patterns = (chunk * CHUNK..(chunk + 1) * CHUNK).map(|n| n * stride);
        narrow(patterns.map_while(|pattern| u32::try_from(pattern).ok()))
    });
    let mut all = Tally::default();
    let tallies: Vec<Tally> = narrow.chain((0..thousands).into_par_iter().map(wide)).collect();
    tallies.into_iter().for_each(|tally| all.merge(tally));
    all
}
