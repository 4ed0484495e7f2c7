//! microlr beside plain C, on Cortex-M under QEMU.
//!
//! ```sh
//! cargo run --release                     # everything, as markdown
//! cargo run --release -- --write FILE     # ... and into FILE, between its markers; a new one if there is none
//! cargo run --release -- --check FILE     # fails where a figure of ours is worse than FILE has it
//! cargo run --release -- --cores M4F --levels=-O2 --rows exponential,cosine --sides C,lean \
//!     --parameters known
//! ```
//!
//! It needs `arm-none-eabi-gcc` with newlib, and `qemu-system-arm`: Debian `apt install gcc-arm-none-eabi
//! libnewlib-arm-none-eabi qemu-system-arm`.

// One text for the benches and the tests.
#[path = "../../../tests/flash/mod.rs"]
mod flash;
mod program;
mod rows;
mod tables;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;
use std::{env, fs, thread};

use program::{Bench, CORES, Core, Figures, LEVELS, Level, Side};
use rows::{ROWS, Row};

/// What was measured where.
pub struct Record {
    side: Side,
    core: Core,
    level: Level,
    /// Whether the compiler saw the parameters.
    known: bool,
    label: &'static str,
    figures: Figures,
}

/// What to measure.
struct Plan {
    sides: Vec<Side>,
    cores: Vec<Core>,
    levels: Vec<Level>,
    rows: Vec<&'static Row>,
    /// Whether the compiler sees the parameters: which of the two ways.
    known: Vec<bool>,
    check: Option<PathBuf>,
    write: Option<PathBuf>,
}

impl Plan {
    fn parse(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut plan = Self {
            sides: vec![Side::C, Side::Default, Side::Lean],
            cores: CORES.into(),
            levels: LEVELS.into(),
            rows: ROWS.iter().collect(),
            known: vec![true, false],
            check: None,
            write: None,
        };
        let mut arguments = arguments
            .flat_map(|argument| argument.split('=').map(str::to_owned).collect::<Vec<_>>());
        let mut partial = false;
        while let Some(option) = arguments.next() {
            let value = arguments.next().ok_or(format!("{option} takes a value"))?;
            let named = |name: &str| value.split(',').any(|word| word == name);
            match option.as_str() {
                "--sides" => plan.sides.retain(|side| named(side.name())),
                "--cores" => plan.cores.retain(|core| named(core.name)),
                "--levels" => plan.levels.retain(|level| named(level.name)),
                "--rows" => plan.rows.retain(|row| named(row.name)),
                "--parameters" => {
                    plan.known.retain(|&known| named(if known { "known" } else { "unknown" }));
                }
                "--check" => plan.check = Some(value.into()),
                "--write" => plan.write = Some(value.into()),
                _ => return Err(format!("no such option: {option}")),
            }
            partial |= !matches!(option.as_str(), "--check" | "--write");
        }
        if partial && (plan.check.is_some() || plan.write.is_some()) {
            return Err("--check and --write take everything".into());
        }
        Ok(plan)
    }

    /// All rows of one side on one core at one level.
    fn measure(&self, side: Side, core: Core, level: Level) -> (Vec<Record>, Vec<String>) {
        let (mut records, mut errors) = (Vec::new(), Vec::new());
        let begin = Instant::now();
        let what = format!("{} {} {}", side.name(), core.name, level.name);
        match Bench::new(side, core, level) {
            Err(error) => errors.push(format!("{what}: {error}")),
            Ok(bench) => {
                for &known in &self.known {
                    // The size of a neuron is a type, so there is nothing to hide from the compiler.
                    let rows = self.rows.iter().filter(|row| known || row.kind.is_schedule());
                    for (label, name, flags) in rows.flat_map(|row| versions(row, side)) {
                        match bench.measure(name, flags, known) {
                            Ok(figures) => {
                                records.push(Record { side, core, level, known, label, figures });
                            }
                            Err(error) => errors.push(format!("{what}, {label}: {error}")),
                        }
                    }
                }
            }
        }
        eprintln!("{what}: {:.0} s", begin.elapsed().as_secs_f64());
        (records, errors)
    }
}

/// The row itself and, in C, its variants: label, name and flags.
fn versions(
    row: &'static Row,
    side: Side,
) -> Vec<(&'static str, &'static str, &'static [&'static str])> {
    let mut versions: Vec<(_, _, &[_])> = vec![(row.label, row.name, &[])];
    if side == Side::C {
        versions.extend(row.variants.iter().map(|other| (other.label, other.name, other.flags)));
    }
    versions
}

fn run() -> Result<(), String> {
    let plan = Plan::parse(env::args().skip(1))?;
    let mut jobs = Vec::new();
    for &core in &plan.cores {
        for &level in &plan.levels {
            jobs.extend(plan.sides.iter().map(|&side| (side, core, level)));
        }
    }
    let (jobs, results) = (Mutex::new(jobs), Mutex::new((Vec::new(), Vec::new())));
    let next = || jobs.lock().ok()?.pop();
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some((side, core, level)) = next() {
                    let (records, errors) = plan.measure(side, core, level);
                    if let Ok(mut results) = results.lock() {
                        results.0.extend(records);
                        results.1.extend(errors);
                    }
                }
            });
        }
    });
    let (records, errors) = results.into_inner().map_err(|error| error.to_string())?;

    let sections = tables::sections(&plan.cores, &plan.levels, &records);
    print!("{}", tables::document(&sections));
    if !errors.is_empty() {
        return Err(errors.join("\n"));
    }
    if let Some(file) = plan.check {
        let text = fs::read_to_string(&file).map_err(|error| error.to_string())?;
        let worse = tables::worse(&text, &sections)?;
        if !worse.is_empty() {
            return Err(format!("worse than {}:\n{}", file.display(), worse.join("\n")));
        }
    }
    if let Some(file) = plan.write {
        let text = if file.exists() {
            let text = fs::read_to_string(&file).map_err(|error| error.to_string())?;
            tables::replaced(&text, &sections)?
        } else {
            tables::document(&sections)
        };
        fs::write(&file, text).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
