//! What a rate and an update cost on the host, beside burn: instructions, counted by Valgrind.
//!
//! ```sh
//! cargo run --release                     # the tables
//! cargo run --release -- --check FILE     # fails if a count of microlr is above that in FILE
//! cargo run --release -- --write FILE     # writes the tables between their markers in FILE
//! ```

#[cfg(feature = "burn")]
mod burn;
#[path = "../../../tests/catalogue/mod.rs"]
mod catalogue;
mod cells;
#[path = "../../run.rs"]
mod run;

use std::error::Error;
use std::fmt::Write as _;
use std::hint::black_box;
use std::process::Command;
use std::{env, fs};

use run::Measured;

/// The length of the training in examples/quickstart.rs: each cell computes this many rates or
/// updates.
const STEPS: usize = 500;
/// What a count may grow by.
const TOLERANCE: f64 = 1.02;
/// How far apart the results in a row may be, in `f32` as well.
const AGREEMENT: f64 = 1e-5;
/// The columns of this crate.
const OURS: [&str; 2] = ["f64", "f32"];

/// Computes the rates, or the losses, of all steps.
type Cell = Box<dyn FnMut(&mut [f64; STEPS])>;

/// A name, and a cell for each column that has something to measure.
type Row = (String, Vec<Option<Cell>>);

/// Only instructions in this function and below are counted.
#[inline(never)]
fn measured(cell: &mut Cell, results: &mut [f64; STEPS]) {
    cell(results);
    black_box(results); // without it the call would be a jump, and Valgrind would see no return
}

/// Computes every cell once, in order: what Valgrind watches.
fn run_all() -> Result<(), String> {
    for (name, cells) in cells::tables().iter_mut().flat_map(|(_, rows)| rows) {
        let mut expected = None;
        for cell in cells.iter_mut().flatten() {
            let mut results = [0.0; STEPS];
            measured(cell, &mut results);
            let expected = expected.get_or_insert(results);
            let near = |i: &usize| (results[*i] - expected[*i]).abs() <= AGREEMENT;
            if let Some(step) = (0..STEPS).find(|i| !near(i)) {
                let [a, b] = [results[step], expected[step]];
                return Err(format!("{name}: {a} and {b} in step {step}"));
            }
        }
    }
    Ok(())
}

/// The instructions of every cell, in the order of [`run_all`].
fn count() -> Result<Vec<f64>, Box<dyn Error>> {
    let folder = env::temp_dir().join(format!("microlr-host-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--collect-atstart=no"])
        .args(["--toggle-collect=host::measured", "--dump-after=host::measured"])
        .arg(format!("--callgrind-out-file={}", folder.join("out").display()))
        .arg(env::current_exe()?)
        .arg("--run")
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let mut counts = Vec::new();
    while let Ok(dump) = fs::read_to_string(folder.join(format!("out.{}", counts.len() + 1))) {
        let total = dump.lines().find_map(|line| line.strip_prefix("totals: "));
        counts.push(total.ok_or("a dump without totals")?.trim().parse()?);
    }
    fs::remove_dir_all(folder)?;
    Ok(counts)
}

/// Both tables: instructions per rate, and per update.
fn markdown() -> Result<String, Box<dyn Error>> {
    let counts = count()?;
    let mut counts = counts.iter();
    let mut text = String::new();
    for (head, rows) in cells::tables() {
        let columns = head.matches(" | ").count();
        writeln!(text, "{head}\n| --- |{}", " ---: |".repeat(columns))?;
        for (name, cells) in rows {
            write!(text, "| {name} |")?;
            for cell in cells {
                match cell.and_then(|_| counts.next()) {
                    Some(count) => write!(text, " {:.0} |", count / STEPS as f64)?,
                    None => text.push_str(" |"),
                }
            }
            writeln!(text)?;
        }
        writeln!(text)?;
    }
    match counts.next() {
        Some(_) => Err("more counts than cells".into()),
        None => Ok(text),
    }
}

fn main() -> Result<(), String> {
    if env::args().nth(1).is_some_and(|argument| argument == "--run") {
        return run_all();
    }
    #[cfg(feature = "burn")]
    if env::args().nth(1).is_some_and(|argument| argument == "--rates") {
        burn::print_rates();
        return Ok(());
    }
    if cfg!(not(feature = "burn")) && env::args().any(|argument| argument == "--write") {
        return Err("--write needs burn".into());
    }
    let measure = |_| {
        let table = markdown().map_err(|error| error.to_string())?;
        Ok(Measured { tables: vec![("host".into(), table)], failures: vec![] })
    };
    run::run(measure, |heading, count| OURS.contains(&heading).then_some(count * TOLERANCE))
}
