//! What a rate and an update cost on the host, beside burn.
//!
//! `cargo run --release` prints the tables: instructions a call, counted by Valgrind, so that they do not
//! depend on what else the machine is doing. `--time` prints nanoseconds instead, the best of many
//! rounds in which all cells take turns. `--write FILE` puts the tables between the marks in `FILE`, and
//! `--check FILE` fails where a figure of this crate is above the one there.

mod schedules;
mod training;

use std::fmt::Write as _;
use std::hint::black_box;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};
use std::{env, fs};

/// The length of the notebook's training; a cell is asked for this many rates or updates.
const STEPS: usize = 500;
const ROUNDS: usize = 400;
/// What a figure may grow by.
const TOLERANCE: f64 = 1.02;
/// How far the cells of a row may lie apart, in `f32` as well.
const AGREEMENT: f64 = 1e-5;
const BEGIN: &str = "<!-- host -->\n";
const END: &str = "<!-- end -->";

type Failure = Box<dyn std::error::Error>;

/// One way to come by the rates, or the losses, of all steps.
type Cell = Box<dyn FnMut(&mut [f64; STEPS])>;

struct Table {
    /// The names of the columns; the first says what a figure is for.
    head: &'static [&'static str],
    /// How many of the cells, from the left, are not of this crate.
    peers: usize,
    rows: Vec<Row>,
}

struct Row {
    name: &'static str,
    /// `None` where there is nothing to compare with.
    cells: Vec<Option<Cell>>,
}

/// The functions whose instructions are counted run from here, and nothing else does.
#[inline(never)]
fn measured(cell: &mut Cell, results: &mut [f64; STEPS]) {
    cell(results);
    black_box(results); // a call in last place would be a jump, from which Valgrind sees no return
}

fn tables() -> Vec<Table> {
    vec![schedules::table(), training::table()]
}

/// Every cell once, in order: what Valgrind watches.
fn run_all() -> Result<(), Failure> {
    for Row { name, cells } in tables().iter_mut().flat_map(|table| &mut table.rows) {
        let mut expected = None;
        for cell in cells.iter_mut().flatten() {
            let mut results = [0.0; STEPS];
            measured(cell, &mut results);
            let expected = expected.get_or_insert(results);
            if let Some(step) = (0..STEPS).find(|&i| apart(results[i], expected[i])) {
                let [a, b] = [results[step], expected[step]];
                return Err(format!("{name}: {a} and {b} in step {step}").into());
            }
        }
    }
    Ok(())
}

fn apart(a: f64, b: f64) -> bool {
    (a - b).abs().partial_cmp(&AGREEMENT).is_none_or(|order| order.is_gt())
}

/// The instructions of every cell in the order of [`run_all`], for all steps.
fn count() -> Result<Vec<f64>, Failure> {
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

/// The nanoseconds of every cell in the order of [`run_all`], for all steps.
fn time() -> Vec<f64> {
    let mut tables = tables();
    let rows = tables.iter_mut().flat_map(|table| &mut table.rows);
    let mut cells: Vec<_> = rows.flat_map(|row| row.cells.iter_mut().flatten()).collect();
    let mut best = vec![Duration::MAX; cells.len()];
    for _ in 0..ROUNDS {
        for (cell, best) in cells.iter_mut().zip(&mut best) {
            let start = Instant::now();
            measured(cell, &mut [0.0; STEPS]);
            *best = start.elapsed().min(*best);
        }
    }
    best.into_iter().map(|best| best.as_nanos() as f64).collect()
}

/// Both tables, with `figures` in `unit` for all steps in the order of [`run_all`].
fn markdown(unit: &str, figures: &[f64]) -> Result<String, Failure> {
    let mut figures = figures.iter();
    let mut text = String::new();
    for table in tables() {
        writeln!(text, "\n| {unit} {} |", table.head.join(" | "))?;
        writeln!(text, "| --- |{}", " ---: |".repeat(table.head.len() - 1))?;
        for row in table.rows {
            write!(text, "| {} |", row.name)?;
            for cell in row.cells {
                match cell {
                    Some(_) => {
                        let figure = figures.next().ok_or("fewer figures than cells")?;
                        write!(text, " {:.0} |", figure / STEPS as f64)?;
                    }
                    None => write!(text, " |")?,
                }
            }
            writeln!(text)?;
        }
    }
    if figures.next().is_some() {
        return Err("more figures than cells".into());
    }
    Ok(text.trim_start().to_owned())
}

/// What stands before, between and after the marks.
fn split(text: &str) -> Result<[&str; 3], Failure> {
    let (before, rest) = text.split_once(BEGIN).ok_or("no mark where the tables begin")?;
    let (tables, after) = rest.split_once(END).ok_or("no mark where the tables end")?;
    Ok([before, tables, after])
}

/// The rows of all tables: the name, and the figures where there are any.
fn rows(markdown: &str) -> impl Iterator<Item = (&str, Vec<Option<f64>>)> {
    markdown.lines().filter_map(|line| {
        let mut cells = line.strip_prefix('|')?.strip_suffix('|')?.split('|').map(str::trim);
        Some((cells.next()?, cells.map(|cell| cell.parse().ok()).collect()))
    })
}

/// Whether no figure of this crate is worse than in `committed`; says where one is.
fn check(committed: &str, counted: &str) -> bool {
    let names = |markdown| rows(markdown).map(|(name, _)| name).collect::<Vec<_>>();
    if names(committed) != names(counted) {
        eprintln!("the rows are others");
        return false;
    }
    let mut fine = true;
    let peers = tables().into_iter().flat_map(|table| {
        // The head and the line below it have no figures.
        std::iter::repeat_n(table.peers, table.rows.len() + 2)
    });
    for (((name, old), (_, new)), peers) in rows(committed).zip(rows(counted)).zip(peers) {
        for (old, new) in old.into_iter().zip(new).skip(peers) {
            if let (Some(old), Some(new)) = (old, new)
                && new > old * TOLERANCE
            {
                eprintln!("{name}: {new} instructions, and {old} before");
                fine = false;
            }
        }
    }
    fine
}

fn main() -> Result<ExitCode, Failure> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let mut fine = true;
    match arguments[..] {
        [] => print!("{}", markdown("instructions", &count()?)?),
        ["--run"] => run_all()?,
        ["--time"] => print!("{}", markdown("nanoseconds", &time())?),
        ["--write", file] => {
            let text = fs::read_to_string(file)?;
            let [before, _, after] = split(&text)?;
            let tables = markdown("instructions", &count()?)?;
            fs::write(file, [before, BEGIN, &tables, END, after].concat())?;
        }
        ["--check", file] => {
            let text = fs::read_to_string(file)?;
            let [_, committed, _] = split(&text)?;
            fine = check(committed, &markdown("instructions", &count()?)?);
        }
        _ => return Err("host [--time | --write FILE | --check FILE]".into()),
    }
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
