//! Draws the learning rate of every schedule over 500 steps, and an overview, as SVG.
//!
//! `cargo run --example gallery [folder]`, by default into `target/gallery`.

use std::error::Error;
use std::ops::Range;
use std::path::PathBuf;
use std::{env, fs};

use microlr::{
    CosineDecay, CosineDecayRestarts, ExponentialDecay, History, InverseTimeDecay, LogisticNeuron,
    PiecewiseConstantDecay, PolynomialDecay, RandomUniform, Schedule, Sgd,
};
use plotters::coord::Shift;
use plotters::coord::types::{RangedCoordf32, RangedCoordu32};
use plotters::prelude::*;

const STEPS: usize = 500;
const FONT: &str = "sans-serif";
const INK: RGBColor = RGBColor(51, 51, 51);
const GRID: RGBColor = RGBColor(225, 225, 225);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Chart<'a> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<RangedCoordu32, RangedCoordf32>>;
type Outcome = Result<(), Box<dyn Error>>;

struct Entry {
    file: &'static str,
    title: &'static str,
    legend: &'static str,
    colour: RGBColor,
    schedule: Box<dyn Schedule<Rate = f32>>,
}

fn main() -> Outcome {
    let folder =
        env::args_os().nth(1).map_or_else(|| PathBuf::from("target/gallery"), PathBuf::from);
    fs::create_dir_all(&folder)?;
    let entries = entries();
    for entry in &entries {
        let path = folder.join(entry.file).with_extension("svg");
        let root = SVGBackend::new(&path, (800, 400)).into_drawing_area();
        root.fill(&WHITE)?;
        draw_rate(&root, entry)?;
        root.present()?;
        println!("{}", path.display());
    }
    let path = folder.join("schedules.svg");
    let root = SVGBackend::new(&path, (1000, 1120)).into_drawing_area();
    root.fill(&WHITE)?;
    let panels = root.split_evenly((4, 2));
    for (panel, entry) in panels.iter().zip(&entries) {
        draw_rate(panel, entry)?;
    }
    draw_losses(&panels[entries.len()], &entries)?;
    root.present()?;
    println!("{}", path.display());
    Ok(())
}

/// The schedules of the lesson that the quickstart follows, one colour each (Okabe and Ito's palette).
fn entries() -> Vec<Entry> {
    fn entry(
        file: &'static str,
        title: &'static str,
        legend: &'static str,
        (red, green, blue): (u8, u8, u8),
        schedule: impl Schedule<Rate = f32> + 'static,
    ) -> Entry {
        Entry {
            file,
            title,
            legend,
            colour: RGBColor(red, green, blue),
            schedule: Box::new(schedule),
        }
    }
    vec![
        entry(
            "exponential",
            "ExponentialDecay",
            "0.1, ×0.95 every 5 steps, staircase",
            (0, 114, 178),
            ExponentialDecay::new(0.1, 5, 0.95).staircase(),
        ),
        entry(
            "piecewise",
            "PiecewiseConstantDecay",
            "0.1, 0.075, 0.05, 0.025; changes after 125, 250, 375",
            (213, 94, 0),
            PiecewiseConstantDecay::new([125, 250, 375], [0.1, 0.075, 0.05, 0.025]),
        ),
        entry(
            "polynomial",
            "PolynomialDecay",
            "0.1 to 0.001 in 100 steps, linear, cycle",
            (0, 158, 115),
            PolynomialDecay::new(0.1, 100, 0.001).cycle(),
        ),
        entry(
            "inverse_time",
            "InverseTimeDecay",
            "0.1 / (1 + 0.1·⌊s/50⌋), staircase",
            (204, 121, 167),
            InverseTimeDecay::new(0.1, 50, 0.1).staircase(),
        ),
        entry(
            "cosine",
            "CosineDecay",
            "0.1 to 0 in 500 steps",
            (86, 180, 233),
            CosineDecay::new(0.1, STEPS as u32),
        ),
        entry(
            "cosine_restarts",
            "CosineDecayRestarts",
            "0.1, first cycle of 10 steps, t_mul 2, m_mul 0.9",
            (230, 159, 0),
            CosineDecayRestarts::new(0.1, 10).t_mul(2.0).m_mul(0.9),
        ),
        entry(
            "random",
            "RandomUniform",
            "between 0.001 and 0.1",
            (120, 120, 120),
            RandomUniform::new(0.001, 0.1, 42),
        ),
    ]
}

fn draw_rate(area: &Area<'_>, entry: &Entry) -> Outcome {
    // The space above 0.1 is for the legend.
    let mut chart = axes(area, entry.title, "learning rate", 0.0..0.125)?;
    let style = entry.colour.stroke_width(2);
    let rates = (0..STEPS as u32).map(|step| (step, entry.schedule.lr(step)));
    chart
        .draw_series(LineSeries::new(rates, style))?
        .label(entry.legend)
        .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], style));
    legend(&mut chart)
}

/// What the rates did to a neuron: its loss on the three-input OR gate, full batch, from a zero start.
fn draw_losses(area: &Area<'_>, entries: &[Entry]) -> Outcome {
    let mut chart = axes(area, "Training loss under each", "cross-entropy (nats)", 0.1..0.7)?;
    for entry in entries {
        let style = entry.colour.stroke_width(2);
        let history = train(&*entry.schedule)?;
        let losses = history.iter().map(|report| (report.step, report.loss));
        chart
            .draw_series(LineSeries::new(losses, style))?
            .label(entry.title)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], style));
    }
    legend(&mut chart)
}

fn axes<'a>(
    area: &Area<'a>,
    title: &str,
    y_desc: &str,
    y_range: Range<f32>,
) -> Result<Chart<'a>, Box<dyn Error>> {
    let text = |size| (FONT, size).into_font().color(&INK);
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .caption(title, text(20))
        .x_label_area_size(40)
        .y_label_area_size(58)
        .build_cartesian_2d(0..STEPS as u32, y_range)?;
    chart
        .configure_mesh()
        .x_desc("step (batches)")
        .y_desc(y_desc)
        .x_labels(6)
        .y_labels(6)
        .y_label_formatter(&|y| format!("{y:.2}"))
        .axis_desc_style(text(14))
        .label_style(text(13))
        .axis_style(INK)
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .draw()?;
    Ok(chart)
}

fn legend(chart: &mut Chart<'_>) -> Outcome {
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .margin(4)
        .label_font((FONT, 12).into_font().color(&INK))
        .draw()?;
    Ok(())
}

fn train(schedule: &dyn Schedule<Rate = f32>) -> Result<History<f32, STEPS>, microlr::Error> {
    let bit = |row: u8, shift: u8| f32::from(row >> shift & 1);
    let xs = core::array::from_fn::<_, 8, _>(|row| [2, 1, 0].map(|shift| bit(row as u8, shift)));
    let ys = xs.map(|x| x.into_iter().fold(0.0, f32::max));
    Sgd::new(schedule).train(&mut LogisticNeuron::zeroed(), &xs, &ys)
}
