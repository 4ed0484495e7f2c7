//! The largest errors, and the demands that they are held to.

use std::collections::BTreeMap;

use crate::number::Distance;

/// The rows of the table, and the most units in the last place that each may be off.
pub const DEMANDS: [(&str, f64); 16] = [
    ("exponential", 2.0),
    ("piecewise constant", 0.0),
    ("polynomial, linear", 1.5),
    ("polynomial, power", 2.0),
    ("inverse time", 1.5),
    ("cosine", 2.0),
    ("restarts, whole t_mul", 2.0),
    // Of the peak of the cycle: next to a restart between two steps no relative error can be held.
    ("restarts, fractional t_mul", 2.0),
    ("restart index", 2.0), // of the peak as well: a wrong cycle is off by millions of units
    ("then", 2.0),
    ("scaled", 2.0),
    // Of a rate that has a full significand, but whose rest has none: it is rounded, and then the product.
    ("scaled, next to underflow", 4.5),
    // Of a rate that is subnormal or too large, of which the factor finds little or nothing left.
    ("scaled, out of range", f64::INFINITY),
    ("delayed", 2.0),
    ("predict", 2.0),
    ("loss", 2.0),
];

fn demand(row: &str) -> f64 {
    DEMANDS.iter().find(|(name, _)| *name == row).map_or(0.0, |(_, demand)| *demand)
}

/// A largest error and its place.
#[derive(Debug, Clone, Default)]
pub struct Worst {
    pub ulps: f64,
    pub place: String,
}

impl Worst {
    fn raise(&mut self, ulps: f64, place: impl FnOnce() -> String) {
        if ulps > self.ulps {
            *self = Self { ulps, place: place() };
        }
    }
}

/// Points that miss their demand in one way.
#[derive(Debug, Clone, Default)]
pub struct Class {
    pub points: u64,
    pub worst: Worst,
}

/// One row for one type.
#[derive(Debug, Clone, Default)]
pub struct Figure {
    pub points: u64,
    pub worst: Worst,
    /// In units of the smallest subnormal.
    pub subnormal: Worst,
    pub peers: BTreeMap<&'static str, f64>,
}

/// Everything that was measured.
#[derive(Debug, Default)]
pub struct Tally {
    pub figures: BTreeMap<(&'static str, &'static str), Figure>,
    pub violations: BTreeMap<(String, &'static str), Class>,
}

impl Tally {
    /// Counts a point and its error; `class` and `place` are told only where they are needed.
    pub fn count(
        &mut self,
        key: (&'static str, &'static str),
        error: Distance,
        class: impl FnOnce() -> String,
        place: impl Fn() -> String,
    ) {
        let figure = self.figures.entry(key).or_default();
        figure.points += 1;
        if error.subnormal {
            return figure.subnormal.raise(error.ulps, place);
        }
        figure.worst.raise(error.ulps, &place);
        if error.ulps > demand(key.0) {
            self.violate(class(), key.1, error.ulps, place);
        }
    }

    pub fn violate(
        &mut self,
        class: String,
        kind: &'static str,
        ulps: f64,
        place: impl FnOnce() -> String,
    ) {
        let class = self.violations.entry((class, kind)).or_default();
        class.points += 1;
        class.worst.raise(ulps, place);
    }

    /// The error of somebody else's value.
    pub fn peer(&mut self, key: (&'static str, &'static str), peer: &'static str, ulps: f64) {
        let worst = self.figures.entry(key).or_default().peers.entry(peer).or_default();
        *worst = worst.max(ulps);
    }

    /// Both together; of equal errors, the place of `self` stays.
    pub fn merge(&mut self, other: Self) {
        for (key, figure) in other.figures {
            let mine = self.figures.entry(key).or_default();
            mine.points += figure.points;
            mine.worst.raise(figure.worst.ulps, || figure.worst.place);
            mine.subnormal.raise(figure.subnormal.ulps, || figure.subnormal.place);
            for (peer, ulps) in figure.peers {
                let worst = mine.peers.entry(peer).or_default();
                *worst = worst.max(ulps);
            }
        }
        for (key, class) in other.violations {
            let mine = self.violations.entry(key).or_default();
            mine.points += class.points;
            mine.worst.raise(class.worst.ulps, || class.worst.place);
        }
    }
}
