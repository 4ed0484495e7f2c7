//! Reads a schedule that Keras wrote, and prints it for firmware: a picture of its rates, a
//! `static`, and the bytes that postcard makes of it.
//!
//! ```text
//! cargo run --example from_keras -- schedule.json [--steps n] [--rates 0,1,500] [--svg file]
//! ```
//!
//! In Python the file is `json.dump(keras.optimizers.schedules.serialize(schedule), file)`. The
//! config of an optimizer, with the schedule inside, works too. `--rates` prints the rates of these
//! steps, one per line, and nothing else. `--svg` draws the picture into a file. Unless `--steps`
//! is given, picture and sparkline show twice the steps that the schedule names, or 20 times as
//! many if it has no end.

mod declaration;

use std::process::ExitCode;
use std::{env, fs};

pub(crate) use declaration::declaration;
use declaration::{capacity, object};
use microlr::{AnySchedule, Schedule};
use serde_json::Value;

/// At most 64 boundaries.
type Any = AnySchedule<f32, 64>;

const USAGE: &str = "usage: from_keras schedule.json [--steps n] [--rates 0,1,500] [--svg file]";

fn main() -> ExitCode {
    match run(&env::args().skip(1).collect::<Vec<_>>()) {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

/// What the program prints, or what is wrong.
pub(crate) fn run(arguments: &[String]) -> Result<String, String> {
    let (mut file, mut steps, mut rates, mut svg) = (None, None, None, None);
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let option = match argument.as_str() {
            "--steps" => &mut steps,
            "--rates" => &mut rates,
            "--svg" => &mut svg,
            _ if argument.starts_with('-') || file.is_some() => return Err(USAGE.into()),
            _ => {
                file = Some(argument);
                continue;
            }
        };
        *option = Some(arguments.next().ok_or(USAGE)?);
    }
    let file = file.ok_or(USAGE)?;
    let number = |text: &str| {
        text.trim()
            .parse::<u32>()
            .map_err(|_| format!("{text} is no step: a step is from 0 to 2^32 - 1"))
    };
    let text = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let schedule = parse(&text).map_err(|error| format!("{file}: {error}"))?;
    let steps = match steps {
        Some(steps) => number(steps)?.max(1),
        None => shown_steps(&schedule)?.max(1),
    };
    if let Some(svg) = svg {
        fs::write(svg, picture(&schedule, steps)).map_err(|error| format!("{svg}: {error}"))?;
    }
    if let Some(rates) = rates {
        return rates
            .split(',')
            .map(|step| Ok(format!("{}\n", schedule.lr(number(step)?))))
            .collect();
    }
    let bytes = postcard::to_stdvec(&schedule).map_err(|error| error.to_string())?;
    Ok(format!(
        "steps 0 to {}, rates {} to {}:\n{}\n\n{}\n\n\
         // postcard::from_bytes::<AnySchedule<f32, {}>>(&BYTES)\n\
         static BYTES: [u8; {}] = {bytes:?};\n",
        steps - 1,
        schedule.lr(0),
        schedule.lr(steps - 1),
        sparkline(&schedule, steps),
        declaration(&schedule)?,
        capacity(&object(&schedule)?),
        bytes.len(),
    ))
}

/// The schedule in a file, or inside of the optimizer in a file.
pub(crate) fn parse(text: &str) -> Result<Any, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    match value.pointer("/config/learning_rate") {
        // From the text again, since an error of text has a line and a column.
        None => serde_json::from_str(text),
        Some(inside) => serde_json::from_str(&inside.to_string()),
    }
    .map_err(|error| error.to_string())
}

/// A multiple of the sum of the numbers of steps, or of the last boundary.
fn shown_steps(schedule: &Any) -> Result<u32, String> {
    let object = object(schedule)?;
    let steps = object["config"].as_object().into_iter().flatten().filter_map(|(field, value)| {
        let value = value.as_array().and_then(|list| list.last()).unwrap_or(value);
        let counts = field.contains("step") || field == "boundaries" || field == "milestones";
        value.as_u64().filter(|_| counts)
    });
    let endless = ["decay_rate", "first_decay_steps", "step_size_up"];
    let endless = endless.iter().any(|field| object["config"].get(field).is_some());
    let multiple = if endless { 20 } else { 2 };
    Ok(u32::try_from(steps.sum::<u64>() * multiple).unwrap_or(u32::MAX))
}

/// The rates at `count` steps from 0 to the last one.
fn samples(schedule: &Any, steps: u32, count: u32) -> Vec<f32> {
    let step = |i: u32| u64::from(steps - 1) * u64::from(i) / u64::from(count - 1);
    (0..count).map(|i| schedule.lr(step(i) as u32)).collect()
}

/// The largest rate that can be drawn, and not 0.
fn top(rates: &[f32]) -> f32 {
    rates.iter().copied().filter(|rate| rate.is_finite()).fold(f32::MIN_POSITIVE, f32::max)
}

fn sparkline(schedule: &Any, steps: u32) -> String {
    const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let rates = samples(schedule, steps, 60);
    let top = top(&rates);
    rates.iter().map(|rate| BARS[(rate / top * 8.0).round().clamp(0.0, 8.0) as usize]).collect()
}

fn picture(schedule: &Any, steps: u32) -> String {
    let rates = samples(schedule, steps, 601);
    let top = top(&rates);
    let height = |rate: &f32| 190.0 - 170.0 * f64::from(rate / top).clamp(0.0, 1.0);
    let point = |(x, rate): (usize, &f32)| format!("{},{:.1}", 70 + x, height(rate));
    let points: Vec<_> = rates.iter().enumerate().map(point).collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 700 220\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"700\" height=\"220\" fill=\"white\"/>\n\
         <path d=\"M70 20V190H670\" fill=\"none\" stroke=\"gray\"/>\n\
         <polyline points=\"{}\" fill=\"none\" stroke=\"#0072b2\" stroke-width=\"1.8\"/>\n\
         <g text-anchor=\"end\"><text x=\"64\" y=\"24\">{top}</text>\
         <text x=\"64\" y=\"194\">0</text>\
         <text x=\"670\" y=\"208\">step {}</text></g>\n</svg>\n",
        points.join(" "),
        steps - 1,
    )
}
