//! The table in Markdown, and the comparison with the one that is committed.

use std::fmt::Write;

use crate::tally::{DEMANDS, Figure, Tally, Worst};

const HEADER: &str = "\
| schedule | f32 | naive f32 | Keras f32 | f64 | naive f64 | PyTorch f64 | burn f64 | subnormal | points |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
";
/// The columns of this crate, which may not get worse.
const OURS: [usize; 2] = [1, 4];

/// Units in the last place, rounded up: what stands there holds.
fn cell(ulps: f64) -> String {
    match ulps {
        _ if ulps.is_infinite() => "∞".to_owned(),
        _ if ulps >= 1e5 => format!("{ulps:.0e}"),
        _ => format!("{:.2}", (ulps * 100.0).ceil() / 100.0),
    }
}

fn peer(figure: &Figure, name: &str) -> String {
    figure.peers.get(name).map_or(String::new(), |&ulps| cell(ulps))
}

/// Table, and the worst places below it.
pub fn markdown(tally: &Tally) -> String {
    let mut table = HEADER.to_owned();
    let mut places = String::new();
    let empty = Figure::default();
    for (row, demand) in DEMANDS {
        let figure = |kind| tally.figures.get(&(row, kind)).unwrap_or(&empty);
        let (narrow, wide) = (figure("f32"), figure("f64"));
        let columns = [
            format!("{row} (≤ {})", cell(demand)),
            cell(narrow.worst.ulps),
            peer(narrow, "naive"),
            peer(narrow, "Keras"),
            cell(wide.worst.ulps),
            peer(wide, "naive"),
            peer(wide, "PyTorch"),
            peer(wide, "burn"),
            format!("{}, {}", cell(narrow.subnormal.ulps), cell(wide.subnormal.ulps)),
            (narrow.points + wide.points).to_string(),
        ];
        let _ = writeln!(table, "| {} |", columns.join(" | "));
        for (kind, Worst { ulps, place }) in [("f32", &narrow.worst), ("f64", &wide.worst)] {
            if *ulps > 0.0 {
                let _ = writeln!(places, "- {row}, {kind}, {}: {place}", cell(*ulps));
            }
        }
    }
    format!("{table}\n{places}")
}

fn marker() -> &'static str {
    if cfg!(feature = "lean") { "<!-- accuracy-lean -->" } else { "<!-- accuracy-default -->" }
}

/// What stands between the markers of this feature, and around them.
fn split(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once(marker())?;
    let (inside, after) = rest.split_once("<!-- end -->")?;
    Some((before, inside, after))
}

/// `text` with the new table between the markers.
pub fn replaced(text: &str, table: &str) -> Option<String> {
    let (before, _, after) = split(text)?;
    Some(format!("{before}{}\n{table}<!-- end -->{after}", marker()))
}

fn number(cell: &str) -> Option<f64> {
    if cell == "∞" { Some(f64::INFINITY) } else { cell.parse().ok() }
}

/// The rows of a table, by cells.
fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    let rows = table.lines().filter(|line| line.starts_with("| "));
    rows.skip(2).map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
}

/// Every figure of this crate in `table` that is worse than the one committed in `text`.
pub fn worse(text: &str, table: &str) -> Vec<String> {
    let Some((_, committed, _)) = split(text) else { return vec![format!("no {}", marker())] };
    let mut complaints = vec![];
    for new in rows(table) {
        let Some(old) = rows(committed).find(|old| old[0] == new[0]) else {
            complaints.push(format!("{}: not in the committed table", new[0]));
            continue;
        };
        for column in OURS {
            if number(old[column]).is_none_or(|old| number(new[column]) > Some(old)) {
                complaints.push(format!("{}: {} was {}", new[0], new[column], old[column]));
            }
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "| schedule | f32 | n | k | f64 |\n| --- | --- | --- | --- | --- |\n\
                         | a (≤ 2.00) | 1.00 | 9 | 9 | ∞ |\n";

    #[test]
    fn what_is_written_is_found_again_and_only_worse_figures_complain() {
        let page = format!("before\n{}\n<!-- end -->\nafter\n", marker());
        let page = replaced(&page, TABLE).unwrap();
        assert!(page.starts_with("before\n") && page.ends_with("<!-- end -->\nafter\n"));
        assert!(worse(&page, TABLE).is_empty());
        assert!(worse(&page, &TABLE.replace("1.00", "0.99").replace("| 9 |", "| 99 |")).is_empty());
        assert_eq!(worse(&page, &TABLE.replace("1.00", "1.01")).len(), 1);
        assert_eq!(worse(&page, &TABLE.replace("a (", "b (")).len(), 1);
        assert_eq!(replaced("no markers", TABLE), None);
    }

    #[test]
    fn cells_are_rounded_up() {
        assert_eq!([0.0, 1.001, 2.0, f64::INFINITY].map(cell), ["0.00", "1.01", "2.00", "∞"]);
    }
}
