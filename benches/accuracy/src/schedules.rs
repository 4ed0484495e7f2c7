//! Every schedule of the catalogue, at its instances and at random parameters.

use rayon::prelude::*;

use microlr::Schedule;

use crate::catalogue::{Entry, Number, Parameters, RATES, Visitor};
use crate::exact::{Exact, ulps};
use crate::random::{self, Class, Random};
use crate::tally::Tally;

/// The steps of an instance that are measured one by one.
const STEPS: u32 = 1100;
/// Random sets in a chunk, and steps of each.
const SETS: u32 = 250;
const STEPS_OF_SET: u32 = 8;

pub struct Schedules {
    /// Random chunks of each class.
    pub chunks: u64,
    /// The distance of the steps of an instance.
    pub stride: usize,
    pub tally: Tally,
}

impl Visitor for Schedules {
    fn visit<E: Entry>(&mut self) {
        let tallies = [self.of_type::<E, f32>(), self.of_type::<E, f64>()];
        tallies.into_iter().for_each(|tally| self.tally.merge(tally));
    }
}

impl Schedules {
    fn of_type<E: Entry, F: Number>(&self) -> Tally {
        let instances = E::INSTANCES.par_iter().map(|(_, p)| {
            let mut tally = Tally::default();
            let p = p.to::<F>();
            let class = if is_ordinary(&p) { Class::Ordinary } else { Class::Beyond };
            let edges = E::edges(&p).into_iter();
            let around = edges.flat_map(|edge| edge.saturating_sub(2)..=edge.saturating_add(2));
            let steps = (0..=STEPS).step_by(self.stride).chain(around);
            measure::<E, F>(&mut tally, &p, class, steps);
            tally
        });
        let random = (0..2 * self.chunks).into_par_iter().map(|chunk| {
            let mut tally = Tally::default();
            let class = if chunk % 2 == 0 { Class::Ordinary } else { Class::Beyond };
            let mut random = Random(chunk);
            for _ in 0..SETS {
                let mut p = class.parameters::<F>(&mut random);
                if class == Class::Ordinary {
                    p = E::ordered(p);
                }
                let steps: Vec<u32> =
                    (0..STEPS_OF_SET).map(|_| random::step::<E, F>(&p, &mut random)).collect();
                measure::<E, F>(&mut tally, &p, class, steps.into_iter());
            }
            tally
        });
        instances.chain(random).reduce(Tally::default, |mut a, b| {
            a.merge(b);
            a
        })
    }
}

/// Whether the accuracy for learning rates as they occur is promised.
fn is_ordinary<F: Number>(p: &Parameters<F>) -> bool {
    let ordinary = |x: F| x.to_f64() == 0.0 || RATES.contains(&x.to_f64());
    [p.rate, p.other_rate, p.factor].into_iter().all(ordinary) && p.power.to_f64() <= 20.0
}

fn measure<E: Entry, F: Number>(
    tally: &mut Tally,
    p: &Parameters<F>,
    class: Class,
    steps: impl Iterator<Item = u32>,
) {
    let Ok(schedule) = E::build(p) else { return };
    if schedule.validate().is_err() {
        return;
    }
    let wide = p.to::<f64>();
    let bound = if F::NAME == "f32" { E::ULPS } else { 4.0 * E::ULPS };
    let rates = [p.rate, p.other_rate];
    // A bound that is a product of parameters is rounded, as the rate is.
    let slack = |bound: F| if rates.contains(&bound) { F::zero() } else { F::epsilon() };
    let [low, high] = E::bounds(p);
    let (low, high) = (low * (F::one() - slack(low)), high * (F::one() + slack(high)));
    // A factor of 2 may turn another rate into a configured one, which is then rounded.
    let edges = if E::ULPS > 2.0 { vec![] } else { [&[0][..], &E::edges(p)].concat() };
    for step in steps {
        let computed = schedule.lr(step);
        let exact: Exact = E::exact(&wide, step);
        let normal = exact.is_normal::<F>();
        let place = || {
            let exact = exact.digits();
            format!("step {step} of {p:?}: {computed:?}, exactly {exact}")
        };
        let key = (E::NAME, F::NAME);
        if computed.is_nan() || normal && !computed.is_finite() {
            tally.violate(key, "NaN or infinite", place());
        } else if !(low <= computed && computed <= high) {
            tally.violate(key, "outside the configured rates", place());
        }
        let other = |rate: &F| exact.0 == Number::to_f64(*rate) && computed != *rate;
        if edges.contains(&step) && rates.iter().any(other) {
            tally.violate(key, "not exactly a configured rate", place());
        }
        if class == Class::Ordinary && normal && RATES.contains(&exact.0.to_f64()) {
            tally.count(key, 1, bound, ulps(computed, &exact, &E::unit(&wide, step)), place);
        }
    }
}
