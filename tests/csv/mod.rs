//! Reads the CSV files of `tests/golden` and `benches/accuracy`: `#` starts a comment, a line
//! `set key=value ...` starts a set of parameters, and the lines after it are its rows.

#![allow(dead_code, reason = "not every program reads every kind of parameter")]

use std::collections::BTreeMap;
use std::str::FromStr;

/// One set of parameters and its rows.
#[derive(Debug)]
pub(crate) struct Set<'a> {
    pub(crate) parameters: BTreeMap<&'a str, &'a str>,
    pub(crate) rows: Vec<&'a str>,
}

/// Every set of a file, in order.
pub(crate) fn sets(text: &str) -> Vec<Set<'_>> {
    let mut sets = Vec::<Set<'_>>::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(parameters) = line.strip_prefix("set ") {
            let parameters = parameters.split(' ').map(|pair| {
                pair.split_once('=').unwrap_or_else(|| panic!("not key=value: {pair}"))
            });
            sets.push(Set { parameters: parameters.collect(), rows: vec![] });
        } else if let Some(set) = sets.last_mut() {
            set.rows.push(line);
        } else {
            panic!("a row before the first set: {line}");
        }
    }
    sets
}

impl<'a> Set<'a> {
    /// The parameter as it is written, if the set has it.
    pub(crate) fn text(&self, key: &str) -> Option<&'a str> {
        self.parameters.get(key).copied()
    }

    pub(crate) fn maybe<T: FromStr>(&self, key: &str) -> Option<T> {
        self.text(key).map(parse)
    }

    pub(crate) fn get<T: FromStr>(&self, key: &str) -> T {
        self.maybe(key).unwrap_or_else(|| panic!("no {key} in {:?}", self.parameters))
    }

    /// The elements of a list, which `;` separates; none where the set does not have it.
    pub(crate) fn list<T: FromStr>(&self, key: &str) -> Vec<T> {
        self.elements(key).map(parse).collect()
    }

    /// The elements `name:value` of a list.
    pub(crate) fn pairs(&self, key: &str) -> Vec<(&'a str, &'a str)> {
        let pair = |pair: &'a str| {
            pair.split_once(':').unwrap_or_else(|| panic!("not name:value: {pair}"))
        };
        self.elements(key).map(pair).collect()
    }

    fn elements(&self, key: &str) -> impl Iterator<Item = &'a str> {
        self.text(key).into_iter().flat_map(|list| list.split(';'))
    }
}

/// The `N` cells of a row.
pub(crate) fn cells<const N: usize>(row: &str) -> [&str; N] {
    let cells: Vec<&str> = row.split(',').collect();
    cells.try_into().unwrap_or_else(|_| panic!("not {N} cells: {row}"))
}

pub(crate) fn parse<T: FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("not a number: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_have_their_parameters_and_rows() {
        let sets = sets("# 0,0\nset a=1 b=2;3\n1,x\n2,y\nset a=4 c=d:5;e:6\n");
        assert_eq!(sets.len(), 2);
        assert_eq!((sets[0].get::<u32>("a"), sets[0].list::<u32>("b")), (1, vec![2, 3]));
        assert_eq!((sets[1].get::<u32>("a"), sets[1].list::<u32>("b")), (4, vec![]));
        assert_eq!((sets[1].maybe::<f32>("b"), sets[1].text("a")), (None, Some("4")));
        assert_eq!(sets[0].rows, ["1,x", "2,y"]);
        assert_eq!(
            (sets[1].pairs("c"), sets[1].pairs("b")),
            (vec![("d", "5"), ("e", "6")], vec![])
        );
        assert_eq!(cells("1,x"), ["1", "x"]);
        assert!(sets[1].rows.is_empty());
    }

    #[test]
    #[should_panic(expected = "not 3 cells")]
    fn a_row_has_as_many_cells_as_it_should() {
        let _ = cells::<3>("1,x");
    }

    #[test]
    #[should_panic(expected = "before the first set")]
    fn a_row_belongs_to_a_set() {
        let _ = sets("1,x\n");
    }
}
