//! Reads the defmt stream of a training run, shows its progress, and draws the run at the end.
//!
//! ```sh
//! (cd examples/qemu && cargo run --release --bin log) | cargo run --example watch -- \
//!     examples/qemu/target/thumbv7m-none-eabi/release/log --svg run.svg
//! ```
//!
//! It reads raw bytes from the standard input: from QEMU, or from a probe. The first argument is
//! the ELF file, which has the texts. It takes the first `Report`, `EwMean` or `Confusion` of a
//! message, as defmt prints it: `Report { step: 0, lr: 0.5, loss: 0.69, prediction: 0.5 }`. Other
//! messages are ignored.
//!
//! The standard error shows the last report, the standard output a summary. A malformed stream is
//! an error with the exit status 1; the reports before the error are still drawn.

use std::io::{Read, Write};
use std::process::ExitCode;
use std::{env, fs, io};

use chart::{Panel, Point, chart};
use defmt_decoder::{DecodeError, Encoding, Table};
use microlr::{Confusion, Report};

mod chart;

const USAGE: &str = "usage: watch firmware.elf [--svg file] <stream";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (elf, svg) = match &arguments[..] {
        [elf] => (elf, None),
        [elf, option, svg] if option == "--svg" => (elf, Some(svg)),
        _ => return Err(USAGE.into()),
    };
    let image = fs::read(elf).map_err(|error| format!("{elf}: {error}"))?;
    let mut run = Run::default();
    let read = run.read(&image, io::stdin().lock(), |Report { step, lr, loss, .. }| {
        eprint!("\rstep {step:<10} rate {lr:<12.6} loss {loss:<12.6}");
        let _ = io::stderr().flush();
    });
    if let Some(last) = run.reports.last() {
        eprintln!();
        println!("{} reports up to step {}, loss {}", run.reports.len(), last.step, last.loss);
        if let Some(svg) = svg {
            fs::write(svg, run.picture()).map_err(|error| format!("{svg}: {error}"))?;
            println!("{svg}");
        }
    }
    read?;
    if run.reports.is_empty() { Err("the stream has no report".into()) } else { Ok(()) }
}

/// The logged reports and metrics. A metric has the step of the report before it.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Run {
    pub(crate) reports: Vec<Report<f64>>,
    pub(crate) means: Vec<(u32, f64)>,
    pub(crate) confusions: Vec<(u32, Confusion<f64>)>,
}

impl Run {
    /// Reads a stream to its end, and shows each report when it arrives.
    pub(crate) fn read(
        &mut self,
        elf: &[u8],
        mut stream: impl Read,
        mut show: impl FnMut(&Report<f64>),
    ) -> Result<(), String> {
        let table = Table::parse(elf)
            .map_err(|error| format!("the ELF file is not readable: {error}"))?
            .ok_or("the ELF file has no defmt texts")?;
        let mut decoder = table.new_stream_decoder();
        let (mut buffer, mut last) = ([0; 4096], 0);
        loop {
            let length = stream.read(&mut buffer).map_err(|error| error.to_string())?;
            let Some(&end) = buffer[..length].last() else { break };
            last = end;
            decoder.received(&buffer[..length]);
            loop {
                match decoder.decode() {
                    Ok(frame) => {
                        let before = self.reports.len();
                        self.take(&frame.display_message().to_string())?;
                        self.reports[before..].iter().for_each(&mut show);
                    }
                    Err(DecodeError::UnexpectedEof) => break,
                    Err(DecodeError::Malformed) => return Err(self.malformed("has a bad frame")),
                }
            }
        }
        // In this encoding a frame ends with a 0.
        if matches!(table.encoding(), Encoding::Rzcobs) && last != 0 {
            return Err(self.malformed("ends within a frame"));
        }
        Ok(())
    }

    fn malformed(&self, what: &str) -> String {
        let reports = self.reports.len();
        format!("the stream {what} after {reports} reports: is it from this ELF file?")
    }

    /// Adds the report or the metric in a message.
    fn take(&mut self, message: &str) -> Result<(), String> {
        let step = self.reports.last().map_or(0, |report| report.step);
        if let Some(fields) = Fields::of("Report", message) {
            let (lr, loss) = (fields.get("lr")?, fields.get("loss")?);
            let prediction = fields.get("prediction")?;
            self.reports.push(Report { step: fields.get("step")?, lr, loss, prediction });
        } else if let Some(fields) = Fields::of("EwMean", message) {
            // Before the first value the mean is `None`.
            if fields.text("value")? != "None" {
                self.means.push((step, fields.get("value")?));
            }
        } else if let Some(fields) = Fields::of("Confusion", message) {
            let confusion = Confusion {
                threshold: fields.get("threshold")?,
                true_positives: fields.get("true_positives")?,
                false_positives: fields.get("false_positives")?,
                true_negatives: fields.get("true_negatives")?,
                false_negatives: fields.get("false_negatives")?,
            };
            self.confusions.push((step, confusion));
        }
        Ok(())
    }

    fn picture(&self) -> String {
        let reports = |figure: fn(&Report<f64>) -> f64| -> Vec<Point> {
            self.reports.iter().map(|report| (f64::from(report.step), figure(report))).collect()
        };
        let metric = |figure: fn(&Confusion<f64>) -> f64| -> Vec<Point> {
            self.confusions.iter().map(|(step, counts)| ((*step).into(), figure(counts))).collect()
        };
        let panel = |title, lines| Panel { title, log: [false; 2], lines };
        let mut losses = vec![("loss", reports(|report| report.loss))];
        if !self.means.is_empty() {
            let means = self.means.iter().map(|(step, mean)| (f64::from(*step), *mean));
            losses.push(("EwMean", means.collect()));
        }
        let mut panels = vec![
            panel("Learning rate over the step", vec![("rate", reports(|report| report.lr))]),
            panel("Loss", losses),
        ];
        if !self.confusions.is_empty() {
            let lines = vec![
                ("accuracy", metric(Confusion::accuracy)),
                ("precision", metric(Confusion::precision)),
                ("recall", metric(Confusion::recall)),
            ];
            panels.push(panel("Metrics", lines));
        }
        chart("A training run", &panels)
    }
}

/// The fields of a value in a message: the text between the braces of `Name { key: value, ... }`.
struct Fields<'a> {
    name: &'a str,
    fields: &'a str,
}

impl<'a> Fields<'a> {
    fn of(name: &'a str, message: &'a str) -> Option<Self> {
        let begin = format!("{name} {{");
        // `EwMean` must not match `OtherEwMean`.
        let own = |(at, _): &(usize, _)| !message[..*at].ends_with(|c: char| c.is_alphanumeric());
        let (at, _) = message.match_indices(&begin).find(own)?;
        let fields = &message[at + begin.len()..];
        Some(Self { name, fields: &fields[..fields.find('}')?] })
    }

    fn text(&self, key: &str) -> Result<&'a str, String> {
        let Self { name, fields } = self;
        (fields.split(','))
            .filter_map(|field| field.trim().split_once(": "))
            .find_map(|(found, value)| (found == key).then_some(value))
            .ok_or_else(|| format!("a {name} has no {key}: {{{fields}}}"))
    }

    /// A number, also in `Some`.
    fn get<T: std::str::FromStr>(&self, key: &str) -> Result<T, String> {
        let text = self.text(key)?;
        let number = text.strip_prefix("Some(").and_then(|text| text.strip_suffix(')'));
        (number.unwrap_or(text).parse())
            .map_err(|_| format!("{key} of a {} is no number: {text}", self.name))
    }
}
