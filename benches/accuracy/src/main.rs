//! The errors of microlr and of other libraries, in units in the last place.
//!
//! ```sh
//! cargo run --release                     # every point
//! cargo run --release -- --quick          # a part of the points
//! cargo run --release -- --check FILE     # fails if a figure is worse than in FILE
//! cargo run --release -- --write FILE     # writes the table between its markers in FILE
//! ```

#[path = "../../../tests/catalogue/mod.rs"]
mod catalogue;
#[path = "../../../tests/csv/mod.rs"]
mod csv;
mod exact;
mod logits;
mod random;
mod recorded;
mod restarts;
#[path = "../../run.rs"]
mod run;
mod schedules;
mod tally;

use std::time::Instant;

use run::Measured;
use schedules::Schedules;
use tally::Tally;

/// What the quick run measures, the full run measures as well.
fn measure_all(quick: bool) -> Tally {
    let choose = |quick_run, full_run| if quick { quick_run } else { full_run };
    let begin = Instant::now();
    let lap = |what: &str| eprintln!("{what}: {:.0} s", begin.elapsed().as_secs_f32());
    let stride = choose(7, 1) as usize;
    let mut schedules = Schedules { chunks: choose(40, 400), stride, tally: Tally::default() };
    catalogue::visit(&mut schedules);
    let mut tally = schedules.tally;
    lap("schedules");
    recorded::run(&mut tally);
    let (random, most) = (choose(5, 200) as usize, choose(1000, 20_000) as u32);
    tally.merge(restarts::run::<f32>(random, most));
    tally.merge(restarts::run::<f64>(random, most));
    lap("restarts");
    tally.merge(logits::run(choose(503, 1), choose(50, 2000)));
    lap("logits");
    tally
}

fn main() -> Result<(), String> {
    let measure = |quick| {
        let tally = measure_all(quick);
        println!("{}", tally.places());
        let tables = vec![("accuracy".into(), tally.markdown())];
        Ok(Measured { tables, failures: tally.failures() })
    };
    // An error of this crate may not grow.
    run::run(measure, |heading, ulps| tally::OURS.contains(&heading).then_some(ulps))
}
