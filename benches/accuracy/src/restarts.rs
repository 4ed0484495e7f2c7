//! The cycle of a step, at every restart: against the exact recursion of the lengths.
//!
//! The index of a cycle is private, so the rate is compared. A wrong cycle turns an end into a
//! peak, or the reverse, and peaks that fall from cycle to cycle distinguish one from the next.

use microlr::{CosineDecayRestarts, Schedule};
use rayon::prelude::*;
use rug::{Float, Integer};

use crate::catalogue::{Number, Real};
use crate::exact::{Exact, ulps};
use crate::random::Random;
use crate::tally::Tally;

const ROW: &str = "restart index";
const FIRSTS: [u32; 7] = [1, 2, 3, 7, 10, 1000, 1_000_000];
const FACTORS: [f64; 8] = [1.01, 1.1, 1.25, 1.5, 2.0, 2.5, 3.0, 10.0];

/// A cycle by the recursion: `t_mul` is `significand / 2^exponent`, so in cycle n all numbers are
/// integers in units of 2^(-n·exponent).
#[derive(Clone)]
struct Cycle {
    significand: Integer,
    exponent: u32,
    index: u32,
    start: Integer,
    length: Integer,
}

impl Cycle {
    fn first(length: u32, t_mul: f64) -> Self {
        // An f64 that is at least 1 has at most 52 fraction bits.
        let scaled = Integer::from_f64(t_mul * 2f64.powi(52)).unwrap_or_default();
        let zeros = scaled.find_one(0).unwrap_or(0).min(52);
        let (significand, exponent) = (scaled >> zeros, 52 - zeros);
        Self { significand, exponent, index: 0, start: Integer::new(), length: length.into() }
    }

    fn next(&self) -> Self {
        let mut next = self.clone();
        next.start = (next.start + &self.length) << self.exponent;
        next.length *= &self.significand;
        next.index += 1;
        next
    }

    /// The last step that is not after the start.
    fn first_step(&self) -> Option<u32> {
        Integer::from(&self.start >> (self.index * self.exponent)).to_u32()
    }

    /// The fraction that remains at `step`, if the step is in this cycle.
    fn remaining(&self, step: u32) -> Option<Exact> {
        let elapsed = (Integer::from(step) << (self.index * self.exponent)) - &self.start;
        let inside = elapsed >= 0 && elapsed < self.length;
        let number = |n: Integer| Exact(Float::with_val(192, n));
        inside.then(|| number(&self.length - elapsed) / number(self.length.clone()))
    }
}

/// A schedule whose peaks fall as far as they can over all its cycles.
struct Restarts<F> {
    first: u32,
    t_mul: F,
    m_mul: F,
}

impl<F: Number> Restarts<F> {
    fn new(first: u32, t_mul: f64) -> Self {
        let growth = t_mul - 1.0;
        let firsts = f64::from(u32::MAX) / f64::from(first);
        let cycles = if growth == 0.0 { firsts } else { (firsts * growth).ln_1p() / t_mul.ln() };
        let m_mul = (-40.0 / (cycles + 1.0)).exp().max(0.5);
        let below_1 = F::one() - F::epsilon();
        Self { first, t_mul: F::from_f64(t_mul), m_mul: F::from_f64(m_mul).min(below_1) }
    }

    fn measure(&self, tally: &mut Tally, step: u32, index: u32, remaining: Exact) {
        let Self { first, t_mul, m_mul } = *self;
        let schedule = CosineDecayRestarts::new(F::one(), first).t_mul(t_mul);
        let computed = schedule.m_mul(m_mul).lr(step);
        let peak = Exact::from_f64(m_mul.to_f64()).powf(Exact::from_u64(index.into()));
        let at_restart = remaining == Exact::from_f64(1.0);
        let sine = (Exact::pi() / Exact::from_f64(2.0) * remaining).sin();
        let exact = if at_restart { peak.clone() } else { peak.clone() * sine.clone() * sine };
        let place = || {
            format!(
                "step {step}, in cycle {index}, of {schedule:?}, m_mul {m_mul:?}: {computed:?}, \
                 exactly {}",
                exact.digits()
            )
        };
        if exact.is_normal::<F>() {
            let bound = if F::NAME == "f32" { 2.0 } else { 8.0 };
            tally.count((ROW, F::NAME), 1, bound, ulps(computed, &exact, &peak), place);
        }
        if at_restart && schedule.lr(step) != F::one() {
            tally.violate((ROW, F::NAME), "a restart is not the configured rate", place());
        }
    }

    /// Every restart up to `u32::MAX`, and the steps beside it.
    fn every_restart(&self) -> Tally {
        let mut tally = Tally::default();
        let mut cycle = Cycle::first(self.first, self.t_mul.to_f64());
        while let Some(start) = cycle.first_step() {
            let next = cycle.next();
            let end = next.first_step().unwrap_or(u32::MAX);
            let mut steps: Vec<u32> = (start..=start.saturating_add(2)).collect();
            steps.extend(end.saturating_sub(2)..=end);
            steps.sort_unstable();
            steps.dedup();
            for step in steps {
                if let Some(remaining) = cycle.remaining(step) {
                    self.measure(&mut tally, step, cycle.index, remaining);
                }
            }
            cycle = next;
        }
        tally
    }

    /// Cycles of one length: the first, the last and random ones between them.
    fn equal_cycles(&self, most: u32) -> Tally {
        let mut tally = Tally::default();
        let mut random = Random(self.first.into());
        let last = u32::MAX / self.first;
        let most = most.min(last);
        let between = (0..most).map(|_| (random.uniform() * f64::from(last)) as u32);
        for index in (0..most).chain(last - most..=last).chain(between) {
            let start = index * self.first;
            for step in start.saturating_sub(1)..=start.saturating_add(1) {
                let number = |n: u32| Exact::from_u64(n.into());
                let remaining = number(self.first - step % self.first) / number(self.first);
                self.measure(&mut tally, step, step / self.first, remaining);
            }
        }
        tally
    }
}

/// For some factors and `random` ones, and for `most` cycles of one length from either end.
pub fn run<F: Number>(random: usize, most: u32) -> Tally {
    let mut generator = Random(2016);
    // Most of the factors are small, where the cycles are many.
    let random = (0..random).map(|_| 1.02 + 9.0 * generator.uniform().powi(3));
    let factors: Vec<f64> = FACTORS.into_iter().chain(random).collect();
    let growing = factors.into_par_iter().flat_map_iter(|t_mul| {
        FIRSTS.into_iter().map(move |first| Restarts::<F>::new(first, t_mul).every_restart())
    });
    let equal = FIRSTS.into_par_iter();
    let equal = equal.map(|first| Restarts::<F>::new(first, 1.0).equal_cycles(most));
    let mut all = Tally::default();
    let tallies: Vec<Tally> = growing.chain(equal).collect();
    tallies.into_iter().for_each(|tally| all.merge(tally));
    all
}
