//! Reads and writes the generated tables of a document: the text between `<!-- name -->` and
//! `<!-- end -->`.

#![allow(dead_code, reason = "not every program both checks and writes")]

/// The text before, between and after the markers of a table. The markers belong to none of them.
pub(crate) fn parts<'a>(text: &'a str, name: &str) -> Result<[&'a str; 3], String> {
    let (before, after) = text.split_once(&begin(name)).ok_or(format!("no table {name}"))?;
    let (inside, after) = after.split_once(END).ok_or(format!("table {name} has no end"))?;
    if inside.contains("<!-- ") {
        return Err(format!("table {name} ends inside another one"));
    }
    Ok([before, inside, after])
}

/// The document with `table` between the markers.
pub(crate) fn replaced(text: &str, name: &str, table: &str) -> Result<String, String> {
    let [before, _, after] = parts(text, name)?;
    Ok(format!("{before}{}{table}{END}{after}", begin(name)))
}

/// The cells of a row, without the spaces around them.
pub(crate) fn cells(row: &str) -> Vec<&str> {
    let row = row.trim();
    let row = row.strip_prefix('|').unwrap_or(row);
    row.strip_suffix('|').unwrap_or(row).split('|').map(str::trim).collect()
}

/// The text in one line, to look for a sentence wherever its lines break.
pub(crate) fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

const END: &str = "<!-- end -->";

fn begin(name: &str) -> String {
    format!("<!-- {name} -->\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "before\n<!-- a -->\n| 1 |\n<!-- end -->\nafter\n<!-- b -->\nno end\n";

    #[test]
    fn a_table_is_replaced_between_its_markers() {
        assert_eq!(parts(DOCUMENT, "a").map(|[_, inside, _]| inside), Ok("| 1 |\n"));
        let renewed = replaced(DOCUMENT, "a", "| 2 |\n");
        assert_eq!(renewed, Ok(DOCUMENT.replace('1', "2")));
        assert_eq!(replaced(DOCUMENT, "a", "| 1 |\n").as_deref(), Ok(DOCUMENT));
        assert!(replaced(DOCUMENT, "b", "").is_err());
        assert!(replaced(DOCUMENT, "c", "").is_err());
        let open = DOCUMENT.replacen("<!-- end -->", "", 1) + "<!-- c -->\n<!-- end -->";
        assert!(parts(&open, "a").is_err());
    }

    #[test]
    fn a_row_is_split_into_its_cells() {
        assert_eq!(cells("| a b | | 1 / 2 |\n"), ["a b", "", "1 / 2"]);
        assert_eq!(cells("||"), [""]);
    }
}
