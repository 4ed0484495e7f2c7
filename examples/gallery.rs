//! Draws the rates of every schedule and of some options, and the losses of a training run.
//!
//! `cargo run --example gallery [folder]` writes `schedules.svg`, by default into `target/gallery`.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use catalogue::{Entry, Visitor};
use chart::{COLOURS, Svg};
use microlr::{
    CosineDecay, ExponentialDecay, History, LogisticNeuron, PolynomialDecay, Schedule, Sgd,
};

#[path = "../tests/catalogue/mod.rs"]
mod catalogue;
mod chart;

const STEPS: usize = 500;
const COLUMNS: usize = 3;
fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args_os().nth(1).map_or("target/gallery".into(), PathBuf::from);
    let path = folder.join("schedules.svg");
    let mut samples = Samples::default();
    catalogue::visit(&mut samples);
    fs::create_dir_all(&folder)?;
    fs::write(&path, picture(&samples.0))?;
    println!("{}", path.display());
    Ok(())
}

#[derive(Default)]
struct Samples(Vec<Sample>);

struct Sample {
    name: &'static str,
    rates: Vec<f32>,
    /// Only for the schedules of quickstart.rs: their rates have about the same size.
    losses: Option<Vec<f32>>,
}

impl Visitor for Samples {
    fn visit<E: Entry>(&mut self) {
        let (instance, parameters) = E::INSTANCES[0];
        let schedule = E::build::<f32>(&parameters.to()).expect("valid parameters");
        let losses = (instance == "quickstart").then(|| losses(&schedule).expect("finite losses"));
        self.0.push(Sample { name: E::NAME, rates: rates(schedule), losses });
    }
}

fn rates(schedule: impl Schedule<Rate = f32>) -> Vec<f32> {
    schedule.iter().take(STEPS).collect()
}

/// A neuron learns OR of three inputs, from zero, all eight rows at every step.
fn losses(schedule: impl Schedule<Rate = f32>) -> Result<Vec<f32>, microlr::Error> {
    let rows = [0_u8, 1, 2, 3, 4, 5, 6, 7];
    let xs = rows.map(|row| [4, 2, 1].map(|bit| f32::from(u8::from(row & bit != 0))));
    let ys = rows.map(|row| f32::from(u8::from(row != 0)));
    let mut neuron = LogisticNeuron::zeroed();
    let history: History<f32, STEPS> = Sgd::new(schedule).train(&mut neuron, &xs, &ys)?;
    Ok(history.iter().map(|report| report.loss).collect())
}

fn picture(samples: &[Sample]) -> String {
    let exponential = ExponentialDecay::new(0.1, 100, 0.5);
    let polynomial = PolynomialDecay::new(0.1, 500, 0.001);
    let cosine = CosineDecay::new(0.1, 400);
    let warm = CosineDecay::new(0.0, 400).warmup(0.1, 100);
    let titles =
        ["ExponentialDecay::staircase", "PolynomialDecay::power", "CosineDecay::alpha, warmup"];
    // The title, the label, the step and the rate at which the label begins.
    let options = [
        (0, "smooth", 25, 0.025, rates(exponential)),
        (0, "staircase", 210, 0.055, rates(exponential.staircase())),
        (1, "power 2", 20, 0.03, rates(polynomial.power(2.0))),
        (1, "1", 245, 0.033, rates(polynomial)),
        (1, "0.5", 345, 0.08, rates(polynomial.power(0.5))),
        (2, "plain", 120, 0.03, rates(cosine)),
        (2, "alpha 0.2", 360, 0.03, rates(cosine.alpha(0.2))),
        (2, "warmup", 270, 0.08, rates(warm)),
    ];

    let panels = samples.len() + titles.len();
    let losses_top = 96.0 + 100.0 * panels.div_ceil(COLUMNS) as f64;
    let height = losses_top + 240.0;
    let mut svg = Svg::new("The rates of every schedule and the losses under some", height);
    svg.text((8.0, 18.0), "heading", &format!("Learning rate over {STEPS} steps"));
    for (i, sample) in samples.iter().enumerate() {
        // A constructor goes without its type.
        let (_, title) = sample.name.split_once("::").unwrap_or(("", sample.name));
        let axes = svg.rate_axes(i, panels, title);
        svg.rates(&axes, &sample.rates, i);
    }
    let axes = [0, 1, 2].map(|i| svg.rate_axes(samples.len() + i, panels, titles[i]));
    for (i, (panel, label, step, rate, rates)) in options.iter().enumerate() {
        let axes = &axes[*panel];
        svg.rates(axes, rates, i);
        svg.text((axes.x(*step), axes.y(*rate)), "", label);
    }
    svg.text((8.0, losses_top - 16.0), "heading", "Training loss (logarithmic)");
    svg.losses(samples, losses_top);
    svg.end()
}

/// Where a panel is, and the values at its lower and upper edge.
struct Axes {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
    low: f64,
    high: f64,
}

impl Axes {
    fn x(&self, step: usize) -> f64 {
        self.left + self.width * step as f64 / STEPS as f64
    }

    fn y(&self, value: f64) -> f64 {
        self.top + self.height * (self.high - value) / (self.high - self.low)
    }
}

impl Svg {
    fn rate_axes(&mut self, i: usize, panels: usize, title: &str) -> Axes {
        let (column, row) = ((i % COLUMNS) as f64, (i / COLUMNS) as f64);
        let (left, top) = (46.0 + 222.0 * column, 52.0 + 100.0 * row);
        let axes = Axes { left, top, width: 202.0, height: 70.0, low: 0.0, high: 0.105 };
        self.text((left, top - 6.0), "name", title);
        let ticks = [0.0, 0.05, 0.1].map(|rate| (rate, rate));
        self.grid(&axes, &ticks, column == 0.0, i + COLUMNS >= panels);
        axes
    }

    fn rates(&mut self, axes: &Axes, rates: &[f32], i: usize) {
        let turns = rates.windows(3).filter(|r| (r[1] > r[0]) != (r[2] > r[1])).count();
        // What is above the panel is not drawn.
        let points = (0..).zip(rates).map(|(step, rate)| (step, axes.y(f64::from(*rate))));
        let points = points.filter(|(_, y)| *y >= axes.top);
        if turns > STEPS / 2 {
            // Lines of no length, of which only the round caps are seen.
            let dots: String =
                points.map(|(step, y)| format!("M{:.1} {y:.1}h0", axes.x(step))).collect();
            self.path("dots", i, &dots);
        } else {
            // A rate holds for its whole step, so a jump is vertical.
            let corners = points.flat_map(|(step, y)| [(axes.x(step), y), (axes.x(step + 1), y)]);
            self.line("", i, &corners.collect::<Vec<_>>());
        }
    }

    /// The losses, and names in the order in which the lines end, at equal distances.
    fn losses(&mut self, samples: &[Sample], top: f64) {
        let (low, high) = (0.14_f64.ln(), 0.72_f64.ln());
        let axes = Axes { left: 46.0, top, width: 460.0, height: 215.0, low, high };
        self.grid(&axes, &[0.2, 0.3, 0.4, 0.5, 0.7].map(|loss: f64| (loss.ln(), loss)), true, true);
        let mut ends = Vec::new();
        for (i, sample) in samples.iter().enumerate() {
            let Some(losses) = &sample.losses else { continue };
            let point = |(step, loss): (usize, &f32)| (axes.x(step), axes.y(f64::from(*loss).ln()));
            let points: Vec<_> = losses.iter().enumerate().map(point).collect();
            self.line(if i < COLOURS.len() { "" } else { "dashed" }, i, &points);
            ends.push((i, points[STEPS - 1]));
        }
        ends.sort_by(|(_, a), (_, b)| a.1.total_cmp(&b.1));
        let count = ends.len() as f64;
        let mut y = ends.iter().map(|(_, end)| end.1).sum::<f64>() / count - 7.5 * (count + 1.0);
        for (i, (x, end)) in ends {
            y += 15.0;
            self.line("", i, &[(x, end), (x + 16.0, y), (x + 22.0, y)]);
            self.text((x + 26.0, y + 4.0), "", samples[i].name);
        }
    }

    fn grid(&mut self, axes: &Axes, ticks: &[(f64, f64)], y_labels: bool, x_labels: bool) {
        let (right, bottom) = (axes.left + axes.width, axes.top + axes.height);
        let mut path = String::new();
        for (value, label) in ticks {
            let y = axes.y(*value);
            path += &format!("M{:.1} {y:.1}H{right:.1}", axes.left);
            if y_labels {
                self.text((axes.left - 7.0, y + 4.0), "end", &label.to_string());
            }
        }
        for step in (0..=STEPS).step_by(100) {
            let x = axes.x(step);
            path += &format!("M{x:.1} {:.1}V{bottom:.1}", axes.top);
            if x_labels && step < STEPS {
                self.text((x, bottom + 16.0), "middle", &step.to_string());
            }
        }
        if x_labels {
            self.text((right, bottom + 16.0), "end", "step");
        }
        self.path("grid", COLOURS.len() - 1, &path);
    }
}
