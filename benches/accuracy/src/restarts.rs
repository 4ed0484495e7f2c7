//! The cycle that a step lies in, at every restart: against the recursion of the lengths, exactly.
//!
//! The index is private, so the whole rate is compared: a cycle that is wrong puts a foot where a
//! peak belongs, or the other way round, and peaks that fall from cycle to cycle tell one from the next.

use microlr::{CosineDecayRestarts, Schedule};
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;
use rug::ops::Pow;
use rug::{Float, Integer};

use crate::effort::Effort;
use crate::number::{self, Real};
use crate::oracle::{Cycle, wave};
use crate::schedules::merged;
use crate::tally::Tally;

const ROW: &str = "restart index";
const FIRSTS: [u32; 7] = [1, 2, 3, 7, 10, 1000, 1_000_000];
const FACTORS: [f64; 8] = [1.01, 1.1, 1.25, 1.5, 2.0, 2.5, 3.0, 10.0];
const PRECISION: u32 = 192;

/// A cycle by the recursion: `t_mul` is `significand / 2^exponent`, so that in cycle n all numbers
/// are integers in units of 2^(-n·exponent).
#[derive(Clone)]
struct Recursion {
    significand: Integer,
    exponent: u32,
    index: u32,
    start: Integer,
    length: Integer,
}

impl Recursion {
    fn new(first: u32, t_mul: f64) -> Self {
        // An f64 that is at least 1 has at most 52 bits behind the point.
        let zeros = Integer::from_f64(t_mul * 2f64.powi(52)).unwrap_or_default().find_one(0);
        let exponent = 52 - zeros.unwrap_or(52).min(52);
        let significand = Integer::from_f64(t_mul * 2f64.powi(exponent as i32)).unwrap_or_default();
        Self { significand, exponent, index: 0, start: Integer::new(), length: first.into() }
    }

    fn next(&self) -> Self {
        let mut next = self.clone();
        next.start = (next.start + &self.length) << self.exponent;
        next.length *= &self.significand;
        next.index += 1;
        next
    }

    fn units(&self, step: u32) -> Integer {
        Integer::from(step) << (self.index * self.exponent)
    }

    /// The last step at or before the start.
    fn first_step(&self) -> Integer {
        Integer::from(&self.start >> (self.index * self.exponent))
    }

    /// The share that is left at `step`, if it lies in this cycle.
    fn left(&self, step: u32) -> Option<Float> {
        let passed = self.units(step) - &self.start;
        let inside = passed >= 0 && passed < self.length;
        let left = Float::with_val(PRECISION, &self.length - passed);
        inside.then(|| left / Float::with_val(PRECISION, &self.length))
    }
}

/// A schedule whose peaks fall as far as they can over all its cycles, so that each is its own.
struct Trial<F> {
    first: u32,
    t_mul: F,
    m_mul: F,
}

impl<F: Real> Trial<F> {
    fn new(first: u32, t_mul: F) -> Self {
        let cycles = Cycle::of(u32::MAX, first, t_mul.into()).index + 1;
        let m_mul = F::nearest((-40.0 / f64::from(cycles)).exp());
        Self { first, t_mul, m_mul: m_mul.max(F::nearest(0.5)).min(F::one().up(-1)) }
    }

    fn measure(&self, tally: &mut Tally, step: u32, index: u32, left: Float) {
        let schedule = CosineDecayRestarts::new(F::one(), self.first).t_mul(self.t_mul);
        let whole = self.t_mul == self.t_mul.floor();
        let at_peak = left == 1;
        let peak = Float::with_val(PRECISION, self.m_mul.into()).pow(index);
        let computed = schedule.m_mul(self.m_mul).lr(step);
        let exact = Float::with_val(PRECISION, &peak * wave(left));
        let error = number::distance(computed, &exact, &peak);
        let Self { first, t_mul, m_mul } = self;
        let place = || {
            let exact = exact.to_string_radix(10, Some(20));
            format!(
                "step {step}, in cycle {index} of first_decay_steps {first}, t_mul {t_mul:?}, m_mul \
                 {m_mul:?}: {computed:e}, exactly {exact}"
            )
        };
        let class = || {
            let kind = if whole { "whole" } else { "fractional" };
            format!("{ROW}, {kind} t_mul")
        };
        tally.count((ROW, F::NAME), error, class, place);
        if whole && at_peak && schedule.lr(step) != F::one() {
            tally.violate(format!("{}: peak not exact", class()), F::NAME, error.ulps, place);
        }
    }

    /// Every restart up to `u32::MAX`, and the steps beside it.
    fn every_restart(&self) -> Tally {
        let mut tally = Tally::default();
        let mut cycle = Recursion::new(self.first, self.t_mul.into());
        while let Some(start) = cycle.first_step().to_u32() {
            let next = cycle.next();
            let end = next.first_step().to_u32().unwrap_or(u32::MAX);
            // The steps of this cycle that are next to one of its ends.
            let mut steps: Vec<u32> = (start..=start.saturating_add(2)).collect();
            steps.extend(end.saturating_sub(2)..=end);
            steps.sort_unstable();
            steps.dedup();
            for step in steps {
                if let Some(left) = cycle.left(step) {
                    self.measure(&mut tally, step, cycle.index, left);
                }
            }
            cycle = next;
        }
        tally
    }

    /// Cycles of one length: the first, the last and some between them.
    fn equal_cycles(&self, most: u32) -> Tally {
        let mut tally = Tally::default();
        let mut rng = Pcg64Mcg::seed_from_u64(self.first.into());
        let last = u32::MAX / self.first;
        let most = most.min(last);
        let between: Vec<u32> = (0..most).map(|_| rng.random_range(0..=last)).collect();
        for index in (0..most).chain(last - most..=last).chain(between) {
            let start = index * self.first;
            for step in start.saturating_sub(1)..=start.saturating_add(1) {
                let passed = step % self.first;
                let left = Float::with_val(PRECISION, self.first - passed) / self.first;
                self.measure(&mut tally, step, step / self.first, left);
            }
        }
        tally
    }
}

pub fn run<F: Real>(effort: Effort) -> Tally {
    let mut rng = Pcg64Mcg::seed_from_u64(2016);
    // Most of them small, where the cycles are many.
    let random = (0..effort.factors()).map(|_| 1.02 + 9.0 * rng.random::<f64>().powi(3));
    let factors: Vec<f64> = FACTORS.into_iter().chain(random).collect();
    let fractional = factors.into_par_iter().flat_map_iter(|t_mul| {
        FIRSTS.into_iter().map(move |first| Trial::new(first, F::nearest(t_mul)).every_restart())
    });
    let equal = FIRSTS
        .into_par_iter()
        .map(|first| Trial::new(first, F::one()).equal_cycles(effort.restarts()));
    merged(fractional.chain(equal).collect())
}
