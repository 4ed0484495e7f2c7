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

use std::process::ExitCode;
use std::{env, fs};

use microlr::{AnySchedule, Schedule};
use serde_json::Value;

/// At most 64 boundaries.
type Any = AnySchedule<f32, 64>;

const USAGE: &str = "usage: from_keras schedule.json [--steps n] [--rates 0,1,500] [--svg file]";

/// The name of a setter, the fields that it takes, and the default of the first.
type Setter = (&'static str, &'static [&'static str], &'static str);
/// For each class its constructor, the fields that this takes, and the options.
const CLASSES: [(&str, &str, &[&str], &[Setter]); 16] = [
    (
        "ExponentialDecay",
        "ExponentialDecay::new",
        &["initial_learning_rate", "decay_steps", "decay_rate"],
        &[STAIRCASE],
    ),
    ("PiecewiseConstantDecay", "PiecewiseConstantDecay::new", &["boundaries", "values"], &[]),
    (
        "MultiStep",
        "PiecewiseConstantDecay::multi_step",
        &["initial_learning_rate", "milestones", "gamma"],
        &[],
    ),
    (
        "PolynomialDecay",
        "PolynomialDecay::new",
        &["initial_learning_rate", "decay_steps", "end_learning_rate"],
        &[("power", &["power"], "1.0"), ("cycle", &["cycle"], "false")],
    ),
    (
        "InverseTimeDecay",
        "InverseTimeDecay::new",
        &["initial_learning_rate", "decay_steps", "decay_rate"],
        &[STAIRCASE],
    ),
    (
        "CosineDecay",
        "CosineDecay::new",
        &["initial_learning_rate", "decay_steps"],
        &[ALPHA, ("warmup", &["warmup_target", "warmup_steps"], "null")],
    ),
    (
        "CosineDecayRestarts",
        "CosineDecayRestarts::new",
        &["initial_learning_rate", "first_decay_steps"],
        &[("t_mul", &["t_mul"], "2.0"), M_MUL, ALPHA],
    ),
    (
        "CosineDecayRestartsWithin",
        "CosineDecayRestarts::within",
        &["initial_learning_rate", "steps", "cycles"],
        &[M_MUL, ALPHA],
    ),
    ("Linear", "Linear::new", &["from", "to", "steps"], &[]),
    ("CosineAnnealing", "CosineAnnealing::new", &["from", "to", "steps"], &[]),
    (
        "OneCycle",
        "OneCycle::new",
        &["max_lr", "total_steps"],
        &[
            ("warmup_steps", &["warmup_steps"], ""),
            ("div_factor", &["div_factor"], "null"),
            ("final_div_factor", &["final_div_factor"], "null"),
            ("linear", &["linear"], "false"),
            ("three_phase", &["three_phase"], "false"),
        ],
    ),
    (
        "Cyclic",
        "Cyclic::new",
        &["base_lr", "max_lr", "step_size_up"],
        &[
            ("step_size_down", &["step_size_down"], ""),
            ("triangular2", &["triangular2"], "false"),
            ("exp_range", &["exp_range"], "null"),
        ],
    ),
    (
        "InversePowerDecay",
        "InversePowerDecay::new",
        &["initial_learning_rate", "decay_steps", "power"],
        &[],
    ),
    (
        "WarmupStableDecay",
        "WarmupStableDecay::new",
        &["peak", "warmup_steps", "stable_steps", "decay_steps"],
        &[
            ("floor", &["floor"], "0.0"),
            ("cosine", &["cosine"], "false"),
            ("one_minus_sqrt", &["one_minus_sqrt"], "false"),
        ],
    ),
    ("Interpolated", "Interpolated::new", &["steps", "rates"], &[("cosine", &["cosine"], "false")]),
    ("RandomUniform", "RandomUniform::new", &["lower", "upper", "seed"], &[]),
];
const M_MUL: Setter = ("m_mul", &["m_mul"], "1.0");
const STAIRCASE: Setter = ("staircase", &["staircase"], "false");
const ALPHA: Setter = ("alpha", &["alpha"], "0.0");

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
        capacity(&object(&schedule)?).unwrap_or(0),
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

/// The object that the schedule is written as. Its numbers have the digits of an `f32`.
fn object(schedule: &Any) -> Result<Value, String> {
    let text = serde_json::to_string(schedule).map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

/// The length of the list of steps, if there is one.
fn capacity(object: &Value) -> Option<usize> {
    let lists =
        ["boundaries", "milestones", "steps"].map(|field| object["config"][field].as_array());
    lists.into_iter().flatten().map(Vec::len).next()
}

/// `static SCHEDULE: ... = ...;`
pub(crate) fn declaration(schedule: &Any) -> Result<String, String> {
    let object = object(schedule)?;
    let Some(name) = object["class_name"].as_str() else {
        return Ok(format!("static SCHEDULE: f32 = {:?};", schedule.lr(0)));
    };
    let unknown = || format!("{name} has no line in CLASSES");
    let (_, constructor, arguments, setters) =
        CLASSES.iter().find(|(class, ..)| *class == name).ok_or_else(unknown)?;
    let list = |fields: &[&str]| {
        fields.iter().map(|field| spaced(&object["config"][field])).collect::<Vec<_>>().join(", ")
    };
    let mut value = format!("{constructor}({})", list(arguments));
    for (setter, fields, default) in *setters {
        let given = list(fields);
        if given == "true" {
            value += &format!(".{setter}()");
        } else if spaced(&object["config"][fields[0]]) != *default {
            value += &format!(".{setter}({given})");
        }
    }
    let (class, _) = constructor.split_once(':').unwrap_or_default();
    let parameters = match capacity(&object) {
        None => "f32".to_string(),
        Some(capacity) => format!("f32, {capacity}"),
    };
    Ok(format!("static SCHEDULE: {class}<{parameters}> = {value};"))
}

/// The value with a space after each comma.
fn spaced(value: &Value) -> String {
    value.to_string().replace(',', ", ")
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
