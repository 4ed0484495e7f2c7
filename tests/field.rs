//! The table of `docs/in-the-field.md`: what each part of the detector's chain is good for.
//!
//! `MICROLR_BLESS=1 cargo test --test field` writes the table.

use std::fmt::Write as _;
use std::{env, fs};

use microlr::{
    ClipNorm, Confusion, Error, Guard, InverseTimeDecay, LogisticNeuron, Sgd, Standardizer,
};
use vibration::{N, PLAUSIBLE, sample};

#[path = "field/vibration.rs"]
pub mod vibration;

const DOCUMENT: &str = "docs/in-the-field.md";
/// The table is between these lines.
const BEGIN: &str = "<!-- parts -->\n";
const END: &str = "<!-- end -->\n";

/// The parts of the chain, and whether they are there.
#[derive(Clone, Copy)]
struct Chain {
    guard: bool,
    standardizer: bool,
    clamp: bool,
    fault_weight: f32,
}

const WHOLE: Chain = Chain { guard: true, standardizer: true, clamp: true, fault_weight: 10.0 };

/// The counts of the last 1000 of 6000 samples, with the parameters of `detector`.
fn last_counts(chain: Chain) -> Confusion<f64> {
    let [low, high] = PLAUSIBLE;
    let mut guard = Guard::new(low, high).stuck_after([8; N]);
    let mut standardizer = Standardizer::new();
    if chain.clamp {
        standardizer = standardizer.clamp(6.0);
    }
    let mut neuron = LogisticNeuron::zeroed();
    let schedule = InverseTimeDecay::new(0.1, 500, 1.0);
    let mut sgd = Sgd::new(schedule).with(ClipNorm(26.0));
    let mut confusion = Confusion::new(0.5);
    for index in 0..6000 {
        let (raw, is_fault) = sample(index);
        let mut learn = || -> Result<f32, Error> {
            let x = if chain.guard { guard.check(&raw)? } else { raw };
            standardizer.observe(&x)?;
            let x = if chain.standardizer { standardizer.transform(&x) } else { x };
            let (label, weight) = if is_fault { (1.0, chain.fault_weight) } else { (0.0, 1.0) };
            Ok(sgd.step_weighted(&mut neuron, &x, label, weight)?.prediction)
        };
        if let (Ok(prediction), true) = (learn(), index >= 5000) {
            confusion.observe(f64::from(prediction), is_fault).expect("a probability");
        }
    }
    confusion
}

#[test]
fn the_table_of_the_parts() {
    let mut table = String::from(
        "| chain | balanced accuracy | recall | precision |\n| --- | --- | --- | --- |\n",
    );
    let mut row = |name, chain| {
        let counts = last_counts(chain);
        let figures = [counts.balanced_accuracy(), counts.recall(), counts.precision()];
        let [balanced, recall, precision] = figures.map(|figure| format!("{figure:.2}"));
        let _ = writeln!(table, "| {name} | {balanced} | {recall} | {precision} |");
        counts.balanced_accuracy()
    };
    let whole = row("the whole chain", WHOLE);
    let raw = row("without the standardizer", Chain { standardizer: false, ..WHOLE });
    let unclamped = row("without guard and clamp", Chain { guard: false, clamp: false, ..WHOLE });
    let equal = row("without class weights", Chain { fault_weight: 1.0, ..WHOLE });
    assert!(whole >= 0.95 && raw < 0.55 && unclamped < whole && equal < whole, "{table}");

    let document = fs::read_to_string(DOCUMENT).expect("the document");
    let (before, rest) = document.split_once(BEGIN).expect("the beginning of the table");
    let (found, after) = rest.split_once(END).expect("the end of the table");
    if env::var_os("MICROLR_BLESS").is_some_and(|value| value == "1") {
        fs::write(DOCUMENT, format!("{before}{BEGIN}{table}{END}{after}")).expect("written");
    } else {
        assert_eq!(found, table);
    }
}
