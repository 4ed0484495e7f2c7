//! How far microlr is from the exact values of the formulas, in units in the last place.
//!
//! `README.md` tells what is measured. `--quick` measures a part of it, `--check FILE` fails where a
//! figure is worse than in the table of FILE, `--write FILE` puts the table there.

mod effort;
mod logits;
mod number;
mod oracle;
mod peers;
mod restarts;
mod schedules;
mod sets;
mod table;
mod tally;

use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;
use std::{env, fs};

use effort::Effort;
use tally::Tally;

fn measure(effort: Effort) -> Tally {
    let mut all = Tally::default();
    let parts: [(&str, &dyn Fn() -> Tally); 6] = [
        ("peers", &peers::run),
        ("schedules, f32", &|| schedules::run::<f32>(effort)),
        ("schedules, f64", &|| schedules::run::<f64>(effort)),
        ("restarts, f32", &|| restarts::run::<f32>(effort)),
        ("restarts, f64", &|| restarts::run::<f64>(effort)),
        ("logits", &|| logits::run(effort)),
    ];
    for (name, part) in parts {
        let start = Instant::now();
        all.merge(part());
        eprintln!("{name}: {:.1} s", start.elapsed().as_secs_f32());
    }
    all
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let (mut effort, mut check, mut write) = (Effort::Full, None, None);
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => effort = Effort::Quick,
            "--check" => check = Some(arguments.next().ok_or("--check needs a file")?),
            "--write" => write = Some(arguments.next().ok_or("--write needs a file")?),
            other => return Err(format!("{other}: neither --quick, --check nor --write").into()),
        }
    }
    if write.is_some() && effort == Effort::Quick {
        return Err("only a full run may be written down".into());
    }
    // The other cores of a larger machine stay free.
    rayon::ThreadPoolBuilder::new().num_threads(2).build_global()?;

    let tally = measure(effort);
    let table = table::markdown(&tally);
    println!("{table}");
    for ((class, kind), violation) in &tally.violations {
        let (ulps, place) = (violation.worst.ulps, &violation.worst.place);
        println!("violation: {class}, {kind}, {} points, {ulps:.3} at {place}", violation.points);
    }
    let mut worse = vec![];
    if let Some(path) = check {
        worse = table::worse(&fs::read_to_string(path)?, &table);
        worse.iter().for_each(|complaint| println!("worse: {complaint}"));
    }
    if let Some(path) = write {
        let text = table::replaced(&fs::read_to_string(&path)?, &table).ok_or("no markers")?;
        fs::write(path, text)?;
    }
    Ok(ExitCode::from(u8::from(!tally.violations.is_empty() || !worse.is_empty())))
}
