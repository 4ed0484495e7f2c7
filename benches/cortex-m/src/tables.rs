//! The figures as markdown tables, what is demanded of them, and how a file of them is checked and renewed.

use std::fmt::Write as _;

use crate::Record;
use crate::flash::PADDING;
use crate::program::{self, Core, Figures, Level, Side};
use crate::rows::{self, Kind, ROWS, Row};

/// A table, by the name of its markers in a file.
pub struct Section {
    name: String,
    title: String,
    table: String,
}

const SIDES: [Side; 3] = [Side::C, Side::Default, Side::Lean];
/// Up to here a `f32` counts every step.
const COUNTABLE: u32 = 1 << 24;

/// Every table; the first are what it is about.
pub fn sections(cores: &[Core], levels: &[Level], records: &[Record]) -> Vec<Section> {
    let mut sections = vec![
        section("versions", "Versions", program::versions()),
        section("demands", "Demands on lean", demands(cores, levels, records, true)),
        section(
            "demands-parameters-unknown",
            "For information: the same, parameters unknown",
            demands(cores, levels, records, false),
        ),
    ];
    for known in [true, false] {
        for core in cores.iter().rev() {
            for level in levels {
                let here = |record: &&Record| {
                    record.core == *core && record.level == *level && record.known == known
                };
                let records: Vec<&Record> = records.iter().filter(here).collect();
                if records.is_empty() {
                    continue;
                }
                let hidden = if known { "" } else { ", parameters unknown" };
                let name = format!("{}{}{hidden}", core.name, level.name);
                let title = format!("{}, {}{hidden}", core.name, level.name);
                sections.push(section(
                    &name.to_lowercase().replace(", ", "-").replace(' ', "-"),
                    &title,
                    costs(&records),
                ));
            }
        }
    }
    sections.push(section("error", "Largest error, in ulp", errors(records) + &bits(records)));
    sections
}

fn section(name: &str, title: &str, table: String) -> Section {
    Section { name: name.into(), title: title.into(), table }
}

/// Labels in the order of the rows, each followed by its variants.
fn labels() -> impl Iterator<Item = (&'static Row, &'static str)> {
    ROWS.iter().flat_map(|row| {
        let variants = row.variants.iter().map(move |variant| (row, variant.label));
        std::iter::once((row, row.label)).chain(variants)
    })
}

/// A table of a row for each label that has any figure; `-` where one is missing, nothing where none can be.
fn table(
    headings: &[String],
    records: &[&Record],
    cells: impl Fn(&Row, &[&Record]) -> Vec<Option<String>>,
) -> String {
    let mut text = format!("| {} |\n| ---{} |\n", headings.join(" | "), {
        " | ---:".repeat(headings.len() - 1)
    });
    for (row, label) in labels() {
        let records: Vec<&Record> =
            records.iter().copied().filter(|record| record.label == label).collect();
        if records.is_empty() {
            continue;
        }
        let variant = label != row.label;
        let cells: Vec<String> = cells(row, &records)
            .into_iter()
            .map(|cell| cell.unwrap_or_else(|| if variant { "" } else { "-" }.into()))
            .collect();
        let _ = writeln!(text, "| {label} | {} |", cells.join(" | "));
    }
    text
}

fn costs(records: &[&Record]) -> String {
    let mut headings = vec!["mean / most".to_owned()];
    for what in ["instructions: ", "flash: ", "stack: "] {
        headings.extend(
            SIDES.iter().enumerate().map(|(place, side)| {
                format!("{}{}", if place == 0 { what } else { "" }, side.name())
            }),
        );
    }
    table(&headings, records, |_, records| {
        let figure = |show: fn(&Figures) -> String| {
            SIDES.map(|side| {
                let record = records.iter().find(|record| record.side == side)?;
                Some(show(&record.figures))
            })
        };
        [
            figure(|figures| format!("{:.0} / {}", figures.mean(), figures.most())),
            figure(|figures| figures.flash.to_string()),
            figure(|figures| figures.stack.to_string()),
        ]
        .concat()
    })
}

/// The worst of all cores and levels, which for ours are the same bits.
fn errors(records: &[Record]) -> String {
    let headings = ["function", "C up to step 2²⁴", "C", "default", "lean"].map(str::to_owned);
    let inputs = rows::error_inputs();
    let all: Vec<&Record> = records.iter().collect();
    table(&headings, &all, |row, records| {
        let worst = |side: Side, limit: u32| {
            let of_side: Vec<_> = records.iter().filter(|record| record.side == side).collect();
            let errors = of_side.iter().flat_map(|record| {
                let results = inputs.iter().zip(&record.figures.results);
                results
                    .filter(|(input, _)| **input <= limit)
                    .map(|(&input, &result)| rows::ulps(row.kind, result, (row.exact)(input)))
            });
            // NaN, which `max` would pass over, is the worst of all.
            let worst = errors.fold(0.0, |worst: f64, error| {
                if worst.is_nan() || error.is_nan() { f64::NAN } else { worst.max(error) }
            });
            (!of_side.is_empty()).then(|| ulp(worst))
        };
        vec![
            worst(Side::C, COUNTABLE),
            worst(Side::C, u32::MAX),
            worst(Side::Default, u32::MAX),
            worst(Side::Lean, u32::MAX),
        ]
    })
}

/// Whether the results of ours are the same bits wherever they are computed.
fn bits(records: &[Record]) -> String {
    let mut text = String::new();
    for side in [Side::Default, Side::Lean] {
        if !records.iter().any(|record| record.side == side) {
            continue;
        }
        let differ = |label: &&str| {
            let mut all = records.iter().filter(|r| r.side == side && r.label == *label);
            let bits = |record: &Record| -> Vec<u32> {
                record.figures.results.iter().map(|result| result.to_bits()).collect()
            };
            let first = all.next().map(bits);
            all.any(|record| Some(bits(record)) != first)
        };
        let differing: Vec<&str> = ROWS.iter().map(|row| row.label).filter(differ).collect();
        let _ = if differing.is_empty() {
            writeln!(text, "\n{}: the same bits on every core and at every level.", side.name())
        } else {
            writeln!(text, "\n{}: **not the same bits** for {}.", side.name(), differing.join("; "))
        };
    }
    text
}

fn ulp(error: f64) -> String {
    if error.is_nan() || error < 100.0 {
        format!("{error:.2}")
    } else if error < 1e5 {
        format!("{error:.0}")
    } else {
        format!("{error:.0e}")
    }
}

/// What `lean` is held to.
struct Demand {
    text: &'static str,
    cores: &'static [&'static str],
    rows: fn(&Row) -> bool,
    figure: fn(&Figures) -> f64,
    limit: Limit,
}

enum Limit {
    OfC(f64),
    At(f64),
}

const ALL: &[&str] = &["M0", "M3", "M4F"];
const SMALL: &[&str] = &["M0", "M3"];

fn halved_on_m4f(row: &Row) -> bool {
    row.kind.is_schedule() && row.kind != Kind::OtherSchedule
}

fn halved(row: &Row) -> bool {
    matches!(row.kind, Kind::Exponential | Kind::Cosine)
}

fn most(figures: &Figures) -> f64 {
    f64::from(figures.most())
}

fn flash(figures: &Figures) -> f64 {
    figures.flash as f64
}

#[rustfmt::skip]
const DEMANDS: &[Demand] = &[
    Demand { text: "instructions: half of C's for exponential, cosine, restarts, fractional power", cores: &["M4F"],
        rows: halved_on_m4f, figure: most, limit: Limit::OfC(0.5) },
    Demand { text: "instructions: C's for every other row", cores: &["M4F"],
        rows: |row| !halved_on_m4f(row), figure: most, limit: Limit::OfC(1.0) },
    Demand { text: "instructions: half of C's for exponential, cosine", cores: SMALL,
        rows: halved, figure: most, limit: Limit::OfC(0.5) },
    Demand { text: "instructions: C's for every row", cores: SMALL,
        rows: |_| true, figure: most, limit: Limit::OfC(1.0) },
    Demand { text: "instructions: C's for step", cores: ALL,
        rows: |row| row.kind == Kind::Step, figure: most, limit: Limit::OfC(1.0) },
    Demand { text: "instructions: 64 for every rate but restarts'", cores: &["M4F"],
        rows: |row| row.kind.is_schedule() && !row.kind.has_restarts(), figure: most, limit: Limit::At(64.0) },
    Demand { text: "instructions: 128 for restarts", cores: &["M4F"],
        rows: |row| row.kind.has_restarts(), figure: most, limit: Limit::At(128.0) },
    Demand { text: "flash: half of C's for exponential, cosine", cores: ALL,
        rows: halved, figure: flash, limit: Limit::OfC(0.5) },
    Demand { text: "flash: C's for every row", cores: ALL,
        rows: |_| true, figure: flash, limit: Limit::OfC(1.0) },
];

fn demands(cores: &[Core], levels: &[Level], records: &[Record], known: bool) -> String {
    let mut text = format!(
        "| lean takes at most | core | {} |\n| --- | --- |{}\n",
        levels.iter().map(|level| level.name).collect::<Vec<_>>().join(" | "),
        " --- |".repeat(levels.len()),
    );
    for demand in DEMANDS {
        for core in cores.iter().filter(|core| demand.cores.contains(&core.name)) {
            let cells: Vec<String> =
                levels.iter().map(|level| verdict(demand, *core, *level, records, known)).collect();
            let _ = writeln!(text, "| {} | {} | {} |", demand.text, core.name, cells.join(" | "));
        }
    }
    text
}

/// Whether a demand is met, and by how much the nearest row keeps or the worst rows break it.
fn verdict(demand: &Demand, core: Core, level: Level, records: &[Record], known: bool) -> String {
    let figures = |side: Side, row: &Row| {
        let here = |record: &&Record| {
            let place = (record.side, record.core, record.level, record.known, record.label);
            place == (side, core, level, known, row.label)
        };
        records.iter().find(here).map(|record| (demand.figure)(&record.figures))
    };
    let mut shares = Vec::new();
    for row in ROWS.iter().filter(|row| (demand.rows)(row)) {
        let (Some(ours), Some(c)) = (figures(Side::Lean, row), figures(Side::C, row)) else {
            continue;
        };
        let (limit, base) = match demand.limit {
            Limit::OfC(share) => (share * c, c),
            Limit::At(limit) => (limit, 1.0),
        };
        shares.push((ours / limit, ours / base, row.label));
    }
    shares.sort_by(|a, b| b.0.total_cmp(&a.0));
    let show = |&(_, ours, label): &(f64, f64, &str)| match demand.limit {
        Limit::OfC(_) => format!("{label} {ours:.2}"),
        Limit::At(_) => format!("{label} {ours}"),
    };
    let broken: Vec<String> =
        shares.iter().take_while(|(share, ..)| *share > 1.0).map(show).collect();
    match (broken.as_slice(), shares.first()) {
        (_, None) => "-".into(),
        ([], Some(worst)) => format!("met ({})", show(worst)),
        (broken, _) => format!("**not met**: {}", broken.join("; ")),
    }
}

/// All of it, with the markers by which it is found again.
pub fn document(sections: &[Section]) -> String {
    let mut text = String::new();
    for Section { name, title, table } in sections {
        let _ = write!(text, "### {title}\n\n<!-- {name} -->\n{table}<!-- end -->\n\n");
    }
    text
}

/// What stands before, between and after the markers of a section.
fn parts<'a>(text: &'a str, name: &str) -> Result<[&'a str; 3], String> {
    let parts = text.split_once(&format!("<!-- {name} -->\n")).and_then(|(before, rest)| {
        rest.split_once("<!-- end -->").map(|(inside, after)| [before, inside, after])
    });
    parts.ok_or_else(|| format!("no section {name}"))
}

/// The text with every table renewed.
pub fn replaced(text: &str, sections: &[Section]) -> Result<String, String> {
    sections.iter().try_fold(text.to_owned(), |text, Section { name, table, .. }| {
        let [before, _, after] = parts(&text, name)?;
        Ok(format!("{before}<!-- {name} -->\n{table}<!-- end -->{after}"))
    })
}

/// The figures of ours that are above those of the text.
pub fn worse(text: &str, sections: &[Section]) -> Result<Vec<String>, String> {
    let mut worse = Vec::new();
    for Section { name, table, .. } in sections {
        let [_, before, _] = parts(text, name)?;
        let headings = cells(table.lines().next().unwrap_or(""));
        let ours = |place: usize| {
            let heading = headings.get(place).unwrap_or(&"");
            heading.ends_with("default") || heading.ends_with("lean")
        };
        for line in table.lines() {
            let after = cells(line);
            let Some(old) = before.lines().map(cells).find(|old| old.first() == after.first())
            else {
                worse.push(format!("{name}: no row {line}"));
                continue;
            };
            for place in (0..after.len()).filter(|&place| ours(place)) {
                let (new, old) = (after[place], old.get(place).copied().unwrap_or(""));
                // The first heading of a group names the figure, the others only whose it is.
                let group = headings[..=place].iter().rev().find_map(|h| h.split_once(": "));
                let what = group.map_or("error", |(figure, _)| figure);
                let slack = if what == "flash" { f64::from(PADDING) } else { 0.0 };
                let above = |(new, old): (f64, f64)| new > old + slack || new.is_nan();
                if numbers(new).zip(numbers(old)).any(above) {
                    let (row, side) = (after[0], headings[place]);
                    worse.push(format!("{name}, {row}, {what}, {side}: {old}, now {new}"));
                }
            }
        }
    }
    Ok(worse)
}

fn cells(line: &str) -> Vec<&str> {
    line.trim_matches('|').split('|').map(str::trim).collect()
}

fn numbers(cell: &str) -> impl Iterator<Item = f64> {
    cell.split(" / ").filter_map(|word| word.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ours_can_be_worse() {
        let row = |cells: &str| {
            let table = format!("| at most | C | flash: default | lean |\n{cells}\n");
            vec![section("m0", "M0", table)]
        };
        let file = document(&row("| cosine | 9 | 10 / 20 | 0.50 |"));
        let worse = |cells| worse(&file, &row(cells)).map(|worse| worse.len());
        assert_eq!(worse("| cosine | 9 | 10 / 20 | 0.50 |"), Ok(0));
        assert_eq!(worse("| cosine | 99 | 9 / 20 | 0.49 |"), Ok(0));
        assert_eq!(worse("| cosine | 9 | 10 / 37 | 17 |"), Ok(2));
        assert_eq!(worse("| cosine | 9 | 10 / 36 | 0.51 |"), Ok(0)); // padding
        assert_eq!(worse("| sine | 9 | 10 / 20 | NaN |"), Ok(1)); // no such row
        assert!(super::worse("", &row("")).is_err());
    }

    #[test]
    fn a_file_is_renewed_between_its_markers() {
        let sections = |table: &str| vec![section("a", "A", format!("{table}\n"))];
        let file = format!("before\n{}after\n", document(&sections("| 1 |")));
        let renewed = replaced(&file, &sections("| 2 |"));
        assert_eq!(renewed, Ok(file.replace('1', "2")));
    }
}
