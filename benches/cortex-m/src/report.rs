//! The figures as tables in Markdown, and their comparison with those of a document.

use std::fmt::Write as _;

use crate::Record;
use crate::program::{self, BUILDS, CORES, Side};
use crate::rows::{self, ROWS, Row};
use crate::run::Measured;

/// Up to here an `f32` counts every step.
const COUNTABLE: u32 = 1 << 24;

pub fn name(side: Side) -> &'static str {
    match side {
        Side::C => "C",
        Side::Microlr => "microlr",
    }
}

pub fn measured(records: &[Record]) -> Result<Measured, String> {
    let mut tables = vec![("versions".into(), program::versions())];
    for core in &CORES {
        for build in &BUILDS {
            let here = records.iter().filter(|r| r.core == core && r.build == build);
            let name = format!("{}-{}", core.name.to_lowercase(), build.marker);
            tables.push((name, costs(&here.collect::<Vec<_>>())));
        }
    }
    tables.push(("error".into(), errors(records)));
    Ok(Measured { tables, failures: different_bits(records) })
}

/// A table with a row for each of [`ROWS`] that has a figure.
fn table(
    headings: &str,
    records: &[&Record],
    cells: impl Fn(&Row, &[&Record]) -> Vec<Option<String>>,
) -> String {
    let columns = headings.matches(" | ").count();
    let mut text = format!("{headings}\n| ---{} |\n", " | ---:".repeat(columns));
    for row in ROWS {
        let mut records = records.to_vec();
        records.retain(|record| record.row.c == row.c);
        if !records.is_empty() {
            let cells = cells(row, &records).into_iter().map(Option::unwrap_or_default);
            let cells: Vec<String> = cells.collect();
            let _ = writeln!(text, "| {} | {} |", row.label(), cells.join(" | "));
        }
    }
    text
}

fn costs(records: &[&Record]) -> String {
    let headings = "| mean / most | C: instructions | microlr | C: flash | microlr: flash | \
                    C: stack | microlr: stack |";
    table(headings, records, |_, records| {
        let of = |side| records.iter().find(|record| record.side == side).map(|r| &r.figures);
        let (c, ours) = (of(Side::C), of(Side::Microlr));
        let figures = [c, ours];
        let instructions = figures.map(|figures| {
            let counts = &figures?.instructions;
            let sum: f64 = counts.iter().copied().map(f64::from).sum();
            Some(format!("{:.0} / {}", sum / counts.len() as f64, counts.iter().max()?))
        });
        let flash = figures.map(|figures| Some(figures?.flash.to_string()));
        let stack = figures.map(|figures| Some(figures?.stack.to_string()));
        [instructions, flash, stack].concat()
    })
}

/// The largest errors on all cores and in all builds.
fn errors(records: &[Record]) -> String {
    let inputs = rows::error_inputs();
    let all: Vec<&Record> = records.iter().collect();
    table("| ulp | C up to step 2²⁴ | C | microlr |", &all, |row, records| {
        let worst = |side: Side, limit: u32| {
            let of_side = records.iter().filter(|record| record.side == side);
            let errors = of_side.flat_map(|record| {
                let results = inputs.iter().zip(&record.figures.results);
                results.filter(|(input, _)| **input <= limit).map(|(i, r)| row.ulps(*r, *i))
            });
            // A NaN, which `max` ignores, is the worst of all.
            errors.reduce(|a, b| if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) })
        };
        let ulps = [(Side::C, COUNTABLE), (Side::C, u32::MAX), (Side::Microlr, u32::MAX)];
        ulps.map(|(side, limit)| worst(side, limit).map(ulp)).to_vec()
    })
}

fn ulp(error: f64) -> String {
    match error {
        _ if error >= 1e5 => format!("{error:.0e}"),
        _ if error >= 100.0 => format!("{error:.0}"),
        _ => format!("{error:.2}"),
    }
}

/// The rows of microlr whose results are other bits on another core or in another build.
fn different_bits(records: &[Record]) -> Vec<String> {
    let mut differing = Vec::new();
    for row in ROWS {
        let ours = records.iter().filter(|r| r.side == Side::Microlr && r.row.c == row.c);
        let bits = |record: &Record| record.figures.results.iter().map(|x| x.to_bits()).collect();
        let mut bits: Vec<Vec<u32>> = ours.map(bits).collect();
        bits.dedup();
        if bits.len() > 1 {
            differing.push(format!("{}: not the same bits everywhere", row.label()));
        }
    }
    differing
}
