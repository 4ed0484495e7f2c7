//! The line of firmware for a schedule: `static SCHEDULE: ... = ...;`.

use serde::Serialize;
use serde_json::Value;

/// The name of a setter, the fields that it takes, and the default of the first.
type Setter = (&'static str, &'static [&'static str], &'static str);
/// A class, its constructor, the fields that this takes, and the options.
type Class = (&'static str, &'static str, &'static [&'static str], &'static [Setter]);
const CLASSES: [Class; 28] = [
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
    ("Bounced", "Bounced::new", &["schedule", "period"], &[]),
    ("Bounded", "Bounded::new", &["schedule", "min", "max"], &[]),
    ("Delayed", "Delayed::new", &["schedule", "steps"], &[]),
    ("Jittered", "Jittered::new", &["schedule", "seed", "amount"], &[]),
    ("PerEpoch", "PerEpoch::new", &["schedule", "batches"], &[]),
    ("Plus", "Plus::new", &["first", "second"], &[]),
    ("Repeated", "Repeated::new", &["schedule", "period"], &[]),
    ("Scaled", "Scaled::new", &["schedule", "factor"], &[]),
    ("Switched", "Switched::new", &["first", "at", "next"], &[]),
    ("Then", "Then::new", &["first", "at", "next"], &[]),
    ("Times", "Times::new", &["first", "second"], &[]),
    (
        "WarmedUp",
        "WarmedUp::new",
        &["schedule", "steps"],
        &[("from", &["from"], "0.0"), ("without_zero", &["without_zero"], "false")],
    ),
];
const M_MUL: Setter = ("m_mul", &["m_mul"], "1.0");
const STAIRCASE: Setter = ("staircase", &["staircase"], "false");
const ALPHA: Setter = ("alpha", &["alpha"], "0.0");

/// The fields that hold the schedules inside of an adaptor.
const INNER: [&str; 4] = ["schedule", "first", "second", "next"];
/// The adaptors that hold a number of the rate's type.
const WITH_NUMBERS: [&str; 4] = ["Bounded", "Jittered", "Scaled", "WarmedUp"];

/// `static SCHEDULE: ... = ...;`
pub(crate) fn declaration(schedule: &impl Serialize) -> Result<String, String> {
    let object = object(schedule)?;
    let leaf = |leaf: &Value| match (class(leaf), capacity(leaf)) {
        (None, _) => "f32".into(),
        (Some((_, constructor, ..)), 0) => format!("{}<f32>", name(constructor)),
        (Some((_, constructor, ..)), n) => format!("{}<f32, {n}>", name(constructor)),
    };
    Ok(format!("static SCHEDULE: {} = {};", type_of(&object, &leaf), value_of(&object)?))
}

/// The object that the schedule is written as. Its numbers have the digits of an `f32`.
pub(crate) fn object(schedule: &impl Serialize) -> Result<Value, String> {
    let text = serde_json::to_string(schedule).map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

/// The length of the longest list of steps, in schedules inside too; 0 without a list.
pub(crate) fn capacity(object: &Value) -> usize {
    let length = |field: &str| object["config"][field].as_array().map_or(0, Vec::len);
    let own = ["boundaries", "milestones", "steps"].map(length).into_iter();
    own.chain(inner(object).map(capacity)).max().unwrap_or(0)
}

/// The type of the schedule. `leaf` has the type of a schedule that is no adaptor.
pub(crate) fn type_of(object: &Value, leaf: &impl Fn(&Value) -> String) -> String {
    let mut parameters: Vec<_> = inner(object).map(|inner| type_of(inner, leaf)).collect();
    let name = object["class_name"].as_str().unwrap_or_default();
    if parameters.is_empty() {
        return leaf(object);
    }
    if WITH_NUMBERS.contains(&name) {
        parameters.push("f32".into());
    }
    format!("{name}<{}>", parameters.join(", "))
}

fn class(object: &Value) -> Option<&'static Class> {
    CLASSES.iter().find(|(class, ..)| object["class_name"] == *class)
}

/// The type that the constructor belongs to.
fn name(constructor: &str) -> &str {
    constructor.split(':').next().unwrap_or_default()
}

/// The schedules inside of an adaptor.
fn inner(object: &Value) -> impl Iterator<Item = &Value> {
    INNER.iter().filter_map(|field| object["config"].get(field))
}

/// A call of the constructor and of the setters whose options are not at the default.
fn value_of(object: &Value) -> Result<String, String> {
    let Value::Object(_) = object else { return Ok(spaced(object)) };
    let unknown = || format!("{} has no line in CLASSES", object["class_name"]);
    let (_, constructor, arguments, setters) = class(object).ok_or_else(unknown)?;
    let list = |fields: &[&str]| {
        let values = fields.iter().map(|field| value_of(&object["config"][field]));
        values.collect::<Result<Vec<_>, _>>().map(|values| values.join(", "))
    };
    let mut value = format!("{constructor}({})", list(arguments)?);
    for (setter, fields, default) in *setters {
        let given = list(fields)?;
        if given == "true" {
            value += &format!(".{setter}()");
        } else if spaced(&object["config"][fields[0]]) != *default {
            value += &format!(".{setter}({given})");
        }
    }
    Ok(value)
}

/// The value with a space after each comma.
fn spaced(value: &Value) -> String {
    value.to_string().replace(',', ", ")
}
