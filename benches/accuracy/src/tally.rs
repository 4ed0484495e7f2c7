//! The largest errors, and the table of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Row and column.
type Key = (&'static str, &'static str);

const COLUMNS: [&str; 5] = ["f32", "Keras f32", "f64", "PyTorch f64", "burn f64"];
/// Those of this crate.
pub const OURS: [&str; 2] = ["f32", "f64"];

#[derive(Debug, Default)]
struct Figure {
    points: u64,
    ulps: f64,
    /// Of the largest error.
    place: String,
}

/// Everything that was measured.
#[derive(Debug, Default)]
pub struct Tally {
    /// In the order of the rows.
    figures: Vec<(Key, Figure)>,
    /// What is violated: the number of points, and the first of them.
    violations: BTreeMap<(Key, &'static str), (u64, String)>,
}

impl Tally {
    fn figure(&mut self, key: Key) -> &mut Figure {
        let place = self.figures.iter().position(|(other, _)| *other == key);
        let place = place.unwrap_or_else(|| {
            self.figures.push((key, Figure::default()));
            self.figures.len() - 1
        });
        &mut self.figures[place].1
    }

    /// Counts `points`, and their largest error, which is at `place`.
    pub fn count(
        &mut self,
        key: Key,
        points: u64,
        bound: f64,
        ulps: f64,
        place: impl FnOnce() -> String,
    ) {
        let figure = self.figure(key);
        figure.points += points;
        if ulps > figure.ulps {
            (figure.ulps, figure.place) = (ulps, place());
            if ulps > bound {
                let place = format!("{ulps:.2} at {}", figure.place);
                self.violate(key, "above the bound", place);
            }
        }
    }

    pub fn violate(&mut self, key: Key, what: &'static str, place: String) {
        self.violations.entry((key, what)).or_insert((0, place)).0 += 1;
    }

    /// Both together; of equal errors, the place of `self` remains.
    pub fn merge(&mut self, other: Self) {
        for (key, figure) in other.figures {
            self.count(key, figure.points, f64::INFINITY, figure.ulps, || figure.place);
        }
        for (key, (points, place)) in other.violations {
            self.violations.entry(key).or_insert((0, place)).0 += points;
        }
    }

    pub fn markdown(&self) -> String {
        let mut table = format!("| ulp | {} | points |\n", COLUMNS.join(" | "));
        let _ = writeln!(table, "| --- |{}", " ---: |".repeat(COLUMNS.len() + 1));
        let mut rows: Vec<&str> = self.figures.iter().map(|((row, _), _)| *row).collect();
        rows.sort_by_key(|row| self.figures.iter().position(|((other, _), _)| other == row));
        rows.dedup();
        for row in rows {
            let _ = write!(table, "| {row} |");
            let mut points = 0;
            for column in COLUMNS {
                let mut figures = self.figures.iter().filter(|(key, _)| *key == (row, column));
                let Some((_, figure)) = figures.next() else {
                    table.push_str(" |");
                    continue;
                };
                let _ = write!(table, " {} |", cell(figure.ulps));
                if OURS.contains(&column) {
                    points += figure.points;
                }
            }
            let _ = writeln!(table, " {points} |");
        }
        table
    }

    /// Where the largest errors are.
    pub fn places(&self) -> String {
        let mut text = String::new();
        for ((row, column), Figure { ulps, place, .. }) in &self.figures {
            if !place.is_empty() {
                let _ = writeln!(text, "{row}, {column}, {ulps:.3}: {place}");
            }
        }
        text
    }

    /// What is violated.
    pub fn failures(&self) -> Vec<String> {
        let describe =
            |(((row, column), what), (points, place)): (&(Key, &str), &(u64, String))| {
                format!("{row}, {column}: {what}: {points} points, {place}")
            };
        self.violations.iter().map(describe).collect()
    }
}

/// Units in the last place, rounded up, so that it is a bound.
fn cell(ulps: f64) -> String {
    match ulps {
        _ if ulps.is_infinite() => "∞".to_owned(),
        _ if ulps >= 1e5 => format!("{ulps:.0e}"),
        _ => format!("{:.2}", (ulps * 100.0).ceil() / 100.0),
    }
}
