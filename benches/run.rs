//! What the benches have in common: their options, and the tables of a document.

use std::{env, fs};

#[path = "../tests/tables/mod.rs"]
mod tables;

/// What a bench measured.
pub(crate) struct Measured {
    /// Each with the name in its marker; empty if it was not measured.
    pub(crate) tables: Vec<(String, String)>,
    /// What is wrong, whatever the document says.
    pub(crate) failures: Vec<String>,
}

/// Prints the tables, and by the options of the command line: `--quick` measures a part, `--check
/// FILE` fails if a number is worse than in FILE, `--write FILE` writes the tables to FILE.
///
/// The argument of `measure` is true for a quick run. `allowed` returns what a number in the column
/// of this heading may become, or nothing if it does not matter.
pub(crate) fn run(
    measure: impl FnOnce(bool) -> Result<Measured, String>,
    allowed: impl Fn(&str, f64) -> Option<f64>,
) -> Result<(), String> {
    let (mut quick, mut check, mut write) = (false, None, None);
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => quick = true,
            "--check" => check = Some(arguments.next().ok_or("--check needs a file")?),
            "--write" => write = Some(arguments.next().ok_or("--write needs a file")?),
            other => return Err(format!("{other}: not --quick, --check or --write")),
        }
    }
    let read = |file| fs::read_to_string(file).map_err(|error| format!("{file}: {error}"));
    let Measured { tables, mut failures } = measure(quick)?;
    tables.iter().for_each(|(name, table)| println!("{name}\n\n{table}"));
    if let Some(file) = &check {
        let text = read(file)?;
        for (name, table) in &tables {
            let worse = worse(tables::parts(&text, name)?[1], table, &allowed);
            failures.extend(worse.into_iter().map(|cell| format!("worse: {name}, {cell}")));
        }
    }
    if let Some(file) = &write {
        let mut text = read(file)?;
        for (name, table) in &tables {
            text = tables::replaced(&text, name, table)?;
        }
        fs::write(file, text).map_err(|error| format!("{file}: {error}"))?;
    }
    failures.iter().for_each(|failure| eprintln!("{failure}"));
    if failures.is_empty() { Ok(()) } else { Err(format!("{} failures", failures.len())) }
}

/// The cells of `table` with a number above what those of `committed` allow.
fn worse(committed: &str, table: &str, allowed: impl Fn(&str, f64) -> Option<f64>) -> Vec<String> {
    let mut worse = vec![];
    let mut headings = vec![];
    let mut lines = table.lines().peekable();
    while let Some(line) = lines.next() {
        let new = tables::cells(line);
        if lines.next_if(|line| line.starts_with("| ---")).is_some() {
            headings = new;
            continue;
        }
        let mut rows = committed.lines().map(tables::cells);
        let old = rows.find(|old| old[0] == new[0]).unwrap_or_default();
        for (place, heading) in headings.iter().enumerate().take(new.len()).skip(1) {
            let before = old.get(place).map(|cell| numbers(cell)).unwrap_or_default();
            let after = numbers(new[place]);
            let matters = allowed(heading, 0.0).is_some() && !after.is_empty();
            let fine = |(new, old): (&f64, &f64)| allowed(heading, *old).is_some_and(|x| *new <= x);
            if matters && !(before.len() == after.len() && after.iter().zip(&before).all(fine)) {
                let before = old.get(place).unwrap_or(&"missing");
                worse.push(format!("{}, {heading}: {}, was {before}", new[0], new[place]));
            }
        }
    }
    worse
}

/// The numbers of a cell, "9 / 20" for example.
fn numbers(cell: &str) -> Vec<f64> {
    let words = cell.split(" / ").map(|word| word.replace('∞', "inf"));
    words.filter_map(|word| word.parse().ok()).collect()
}

#[test]
fn only_what_matters_can_be_worse() {
    let table = |row: &str| format!("| a | C | ours | ours: flash |\n| --- | --- |\n{row}\n");
    let committed = table("| cosine | 9 | 10 / 20 | 40 |");
    let allowed = |heading: &str, old| match heading {
        "ours" => Some(old),
        "ours: flash" => Some(old + 16.0),
        _ => None,
    };
    let worse = |row| worse(&committed, &table(row), allowed).len();
    assert_eq!(worse("| cosine | 9 | 10 / 20 | 40 |"), 0);
    assert_eq!(worse("| cosine | 99 | 9 / 20 | 56 |"), 0);
    assert_eq!(worse("| cosine | | | 40 |"), 0); // not measured
    assert_eq!(worse("| cosine | | 9 / 21 | 57 |"), 2);
    assert_eq!(worse("| cosine | | ∞ / 20 | NaN |"), 2);
    assert_eq!(worse("| sine | | 10 / 20 | 40 |"), 2); // no such row
}
