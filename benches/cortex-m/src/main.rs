//! microlr beside plain C, on Cortex-M under QEMU.
//!
//! ```sh
//! cargo run --release                     # everything, as Markdown
//! cargo run --release -- --write FILE     # ... and into FILE, between its markers
//! cargo run --release -- --quick          # microlr's on two cores
//! cargo run --release -- --check FILE     # fails if a figure of microlr is worse than in FILE
//! ```
//!
//! It needs `arm-none-eabi-gcc` with newlib, and `qemu-system-arm`: Debian `apt install
//! gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm`.

#[path = "../../../tests/flash/mod.rs"]
mod flash;
mod program;
mod report;
mod rows;
#[path = "../../run.rs"]
mod run;
#[path = "../../../tests/catalogue/statics.rs"]
mod statics;
#[path = "../../../tests/catalogue/steps.rs"]
mod steps;

use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use program::{BUILDS, Bench, Build, CORES, Core, Figures, Side};
use rows::{ROWS, Row};

/// The figures of one row.
pub struct Record {
    side: Side,
    core: &'static Core,
    build: &'static Build,
    row: &'static Row,
    figures: Figures,
}

/// All rows of one side on one core.
fn measure((side, core, build): Job) -> Result<Vec<Record>, String> {
    let begin = Instant::now();
    let what = format!("{}, {}, {}", report::name(side), core.name, build.title);
    let bench = Bench::new(side, core, build).map_err(|error| format!("{what}: {error}"))?;
    let rows = ROWS.iter().filter(|row| side == Side::C || row.variant.is_empty());
    // The size of a neuron is a type, so nothing can be hidden from the compiler.
    let rows = rows.filter(|row| !build.hidden || row.is_schedule());
    let records = rows.map(|row| match bench.measure(row) {
        Ok(figures) => Ok(Record { side, core, build, row, figures }),
        Err(error) => Err(format!("{what}, {}: {error}", row.label())),
    });
    let records = records.collect();
    eprintln!("{what}: {:.0} s", begin.elapsed().as_secs_f64());
    records
}

type Job = (Side, &'static Core, &'static Build);

/// Every job; or for a quick run the figures that can become worse, on the cores that differ most.
fn jobs(quick: bool) -> Vec<Job> {
    let builds = CORES.iter().flat_map(|core| BUILDS.iter().map(move |build| (core, build)));
    let sides = |(core, build)| [Side::C, Side::Microlr].map(|side| (side, core, build));
    let mut jobs: Vec<Job> = builds.flat_map(sides).collect();
    jobs.retain(|(side, core, build)| {
        !quick || *side == Side::Microlr && core.name != "M3" && !build.hidden
    });
    jobs
}

fn measure_all(jobs: Vec<Job>) -> Result<Vec<Record>, String> {
    let jobs = Mutex::new(jobs.into_iter());
    let next = || jobs.lock().ok()?.next();
    let worker = || {
        let mut records = Vec::new();
        while let Some(job) = next() {
            records.extend(measure(job)?);
        }
        Ok::<_, String>(records)
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        let mut records = Vec::new();
        for worker in workers {
            records.extend(worker.join().map_err(|_| "a thread panicked")??);
        }
        Ok(records)
    })
}

fn main() -> Result<(), String> {
    let measure = |quick| report::measured(&measure_all(jobs(quick))?);
    run::run(measure, |heading, figure| {
        let slack = if heading.contains("flash") { flash::PADDING.into() } else { 0.0 };
        heading.starts_with("microlr").then_some(figure + slack)
    })
}
