//! Schedules in JSON, as Keras writes them, and in postcard: `exchange/keras` holds what Keras
//! wrote, `exchange/microlr` what this crate writes. `exchange/make.py` makes the former and checks
//! the latter with Keras. `MICROLR_BLESS=1` writes the files of this crate anew.

mod catalogue;
#[path = "exchange/check.rs"]
mod check;
#[path = "../examples/from_keras.rs"]
#[allow(dead_code, reason = "the test calls what `main` calls")]
mod from_keras;
mod statics {
    use microlr::*;
    include!("exchange/statics.in");
}

use std::any::Any;
use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::{env, fs};

use catalogue::{Entry, Number, Visitor, visit};
use check::{Chosen, Warm, check};
use microlr::{
    AnySchedule, Bounced, Bounded, CosineAnnealing, CosineDecay, CosineDecayRestarts, Cyclic,
    Delayed, ExponentialDecay, FromFn, Interpolated, InversePowerDecay, InverseTimeDecay, Jittered,
    Linear, OneCycle, PerEpoch, PiecewiseConstantDecay, Plus, PolynomialDecay, RandomUniform,
    Repeated, Scaled, Schedule, Sequence, Switched, Then, Times, WarmedUp, WarmupStableDecay,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

const STEPS: [u32; 12] = [0, 1, 9, 10, 11, 49, 50, 125, 126, 499, 500, 501];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exchange")
}

fn json(path: impl AsRef<Path>) -> String {
    let path = folder().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files of a folder in the order of their names.
fn files(name: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder().join(name)).expect(name);
    let mut files: Vec<_> = entries.map(|entry| entry.expect(name).path()).collect();
    files.retain(|path| path.is_file());
    files.sort();
    files
}

/// Compares with the committed file, or writes it when blessing.
fn compare(path: &str, found: &str) {
    if env::var_os("MICROLR_BLESS").is_some_and(|value| value == "1") {
        fs::write(folder().join(path), found).expect(path);
    }
    assert_eq!(json(path), found, "{path}: MICROLR_BLESS=1 writes it anew");
}

#[test]
fn files_of_keras_give_its_rates() {
    let mut rows = 0;
    for line in json("keras/rates.txt").lines() {
        let [name, step, rate] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let schedule: Chosen =
            serde_json::from_str(&json(format!("keras/{name}.json"))).expect(name);
        let (rate, lr): (f32, _) =
            (rate.parse().expect(line), schedule.lr(step.parse().expect(line)));
        // Keras cancels where a rate ends, so the error is counted in units of the first rate.
        let unit = (0..1000).step_by(10).map(|step| schedule.lr(step)).fold(0.0, f32::max);
        assert!((rate - lr).abs() <= 1e-6 * unit, "{line}, and here {lr}");
        rows += 1;
    }
    assert_eq!(rows, 13 * 16);
}

#[test]
fn files_of_keras_are_what_they_say() {
    let read = |name: &str| {
        serde_json::from_str::<Chosen>(&json(format!("keras/{name}.json"))).expect(name)
    };
    assert_eq!(read("exponential"), ExponentialDecay::new(0.1, 1000, 0.96).into());
    assert_eq!(
        read("exponential_staircase"),
        ExponentialDecay::new(0.1, 5, 0.95).staircase().into()
    );
    let three =
        PiecewiseConstantDecay::try_from_slices(&[125, 250, 375], &[0.1, 0.075, 0.05, 0.025]);
    assert_eq!(read("piecewise"), three.expect("valid").into());
    assert_eq!(read("polynomial"), PolynomialDecay::new(0.1, 100, 1e-4).into());
    assert_eq!(
        read("polynomial_cycle"),
        PolynomialDecay::new(0.1, 100, 0.001).power(2.0).cycle().into()
    );
    assert_eq!(read("inverse_time"), InverseTimeDecay::new(0.1, 50, 0.5).into());
    assert_eq!(read("cosine"), CosineDecay::new(0.1, 500).into());
    assert_eq!(read("cosine_warmup"), CosineDecay::new(0.0, 400).alpha(0.1).warmup(0.1, 50).into());
    assert_eq!(read("restarts"), CosineDecayRestarts::new(0.1, 10).into());
    let restarts = CosineDecayRestarts::new(0.1, 10).t_mul(1.5).m_mul(0.9).alpha(0.1);
    assert_eq!(read("restarts_options"), restarts.into());
}

/// The schedules whose files Keras reads.
fn ours() -> Vec<(&'static str, Chosen)> {
    let two = PiecewiseConstantDecay::try_from_slices(&[10, 50], &[0.5, 0.1, 1e-7]);
    vec![
        ("exponential", ExponentialDecay::new(0.1, 100, 0.5).into()),
        ("exponential_staircase", ExponentialDecay::new(0.1, 5, 0.95).staircase().into()),
        ("piecewise", two.expect("valid").into()),
        ("polynomial", PolynomialDecay::new(0.1, 100, 0.0).into()),
        ("polynomial_options", PolynomialDecay::new(0.1, 100, 0.001).power(2.0).cycle().into()),
        ("inverse_time", InverseTimeDecay::new(0.1, 50, 0.5).staircase().into()),
        ("cosine", CosineDecay::new(0.1, 500).into()),
        ("cosine_options", CosineDecay::new(0.0, 450).alpha(0.01).warmup(0.1, 50).into()),
        ("restarts", CosineDecayRestarts::new(0.1, 10).into()),
        (
            "restarts_options",
            CosineDecayRestarts::new(0.1, 10).t_mul(1.0).m_mul(0.9).alpha(0.5).into(),
        ),
    ]
}

/// Those that Keras lacks.
fn beside_keras() -> Vec<(&'static str, Chosen)> {
    let multi_step = PiecewiseConstantDecay::try_multi_step(0.5, &[10, 50], 0.1);
    let points = Interpolated::try_from_slices(&[0, 10, 500], &[0.0, 0.5, 0.25]);
    let one_cycle = OneCycle::new(0.1, 500).div_factor(10.0).final_div_factor(100.0);
    let stable = WarmupStableDecay::new(0.1, 50, 300, 150);
    vec![
        ("multi_step", multi_step.expect("valid").into()),
        ("within", CosineDecayRestarts::within(0.1, 500, 3).m_mul(0.5).into()),
        ("linear", Linear::new(0.1, 0.001, 500).into()),
        ("annealing", CosineAnnealing::new(0.1, 0.001, 500).into()),
        ("one_cycle", OneCycle::new(0.1, 500).into()),
        ("one_cycle_options", one_cycle.warmup_steps(100).linear().three_phase().into()),
        ("cyclic", Cyclic::new(0.001, 0.1, 50).step_size_down(100).into()),
        ("triangular2", Cyclic::new(0.001, 0.1, 50).triangular2().into()),
        ("exp_range", Cyclic::new(0.001, 0.1, 50).exp_range(0.999).into()),
        ("inverse_power", InversePowerDecay::new(0.1, 50, 0.5).into()),
        ("stable", stable.into()),
        ("stable_cosine", stable.floor(0.001).cosine().into()),
        ("stable_root", stable.floor(0.001).one_minus_sqrt().into()),
        ("interpolated", points.clone().expect("valid").into()),
        ("interpolated_cosine", points.expect("valid").cosine().into()),
        ("random", RandomUniform::new(0.001, 0.1, 42).into()),
    ]
}

#[test]
fn files_for_keras_are_those_it_was_checked_with() {
    let mut rates = String::new();
    for (name, schedule) in ours() {
        let mut text = serde_json::to_string_pretty(&schedule).expect(name);
        text.push('\n');
        compare(&format!("microlr/{name}.json"), &text);
        for step in STEPS {
            rates += &format!("{name} {step} {}\n", schedule.lr(step));
        }
    }
    compare("microlr/rates.txt", &rates);
}

/// Through JSON and postcard and back, in its own type.
fn round_trip<S>(schedule: &S) -> bool
where
    S: Schedule + Serialize + DeserializeOwned + PartialEq + Debug,
{
    let text = serde_json::to_string(schedule).expect("finite");
    assert_eq!(&serde_json::from_str::<S>(&text).expect(&text), schedule, "{text}");
    let value: serde_json::Value = serde_json::from_str(&text).expect(&text);
    assert_eq!(&serde_json::from_value::<S>(value).expect(&text), schedule, "{text}");
    let bytes = postcard::to_stdvec(schedule).expect("no limit");
    let (read, rest) = postcard::take_from_bytes::<S>(&bytes).expect(&text);
    assert_eq!((&read, rest), (schedule, &[][..]), "{bytes:?}");
    true
}

/// And as one of all schedules.
fn round_trips<S, F, const N: usize>(schedule: &S) -> bool
where
    S: Schedule<Rate = F> + Serialize + DeserializeOwned + PartialEq + Debug + Clone,
    F: Number,
    AnySchedule<F, N>: From<S>,
{
    let any = AnySchedule::from(schedule.clone());
    let text = serde_json::to_string(schedule).expect("finite");
    assert_eq!(serde_json::to_string(&any).expect("finite"), text);
    round_trip(&any) && round_trip(schedule)
}

fn leaf<S, F, const N: usize>(any: &dyn Any) -> bool
where
    S: Schedule<Rate = F> + Serialize + DeserializeOwned + PartialEq + Debug + Clone + 'static,
    F: Number,
    AnySchedule<F, N>: From<S>,
{
    any.downcast_ref::<S>().is_some_and(round_trips)
}

fn composed<S>(any: &dyn Any) -> bool
where
    S: Schedule + Serialize + DeserializeOwned + PartialEq + Debug + 'static,
{
    any.downcast_ref::<S>().is_some_and(round_trip)
}

#[test]
fn every_schedule_of_the_catalogue_comes_back() {
    struct RoundTrips;
    impl RoundTrips {
        fn of<E: Entry, F: Number>() {
            for (instance, parameters) in E::INSTANCES {
                let built = E::build::<F>(&parameters.to()).expect(instance);
                let any: &dyn Any = &built;
                // One line for each type. A function is not data.
                let known = any.is::<FromFn<fn(u32) -> F>>()
                    || any.is::<F>()
                    || leaf::<ExponentialDecay<F>, F, 0>(any)
                    || leaf::<PiecewiseConstantDecay<F, 3>, F, 3>(any)
                    || leaf::<PolynomialDecay<F>, F, 0>(any)
                    || leaf::<InverseTimeDecay<F>, F, 0>(any)
                    || leaf::<CosineDecay<F>, F, 0>(any)
                    || leaf::<CosineDecayRestarts<F>, F, 0>(any)
                    || leaf::<Linear<F>, F, 0>(any)
                    || leaf::<CosineAnnealing<F>, F, 0>(any)
                    || leaf::<OneCycle<F>, F, 0>(any)
                    || leaf::<Cyclic<F>, F, 0>(any)
                    || leaf::<InversePowerDecay<F>, F, 0>(any)
                    || leaf::<WarmupStableDecay<F>, F, 0>(any)
                    || leaf::<Interpolated<F, 3>, F, 3>(any)
                    || leaf::<RandomUniform<F>, F, 0>(any)
                    || composed::<Then<PolynomialDecay<F>, CosineDecay<F>>>(any)
                    || composed::<Scaled<CosineDecay<F>, F>>(any)
                    || composed::<Delayed<ExponentialDecay<F>>>(any)
                    || composed::<Switched<PolynomialDecay<F>, ExponentialDecay<F>>>(any)
                    || composed::<Bounded<CosineDecay<F>, F>>(any)
                    || composed::<Plus<CosineDecay<F>, InverseTimeDecay<F>>>(any)
                    || composed::<Times<CosineDecay<F>, PolynomialDecay<F>>>(any)
                    || composed::<WarmedUp<CosineDecay<F>, F>>(any)
                    || composed::<PerEpoch<CosineDecay<F>>>(any)
                    || composed::<Repeated<CosineDecay<F>>>(any)
                    || composed::<Bounced<CosineDecay<F>>>(any)
                    || composed::<Jittered<CosineDecay<F>, F>>(any)
                    || composed::<AnySchedule<F, 8>>(any)
                    || composed::<Sequence<AnySchedule<F, 8>, 4>>(any);
                assert!(known, "{} has no line here", E::NAME);
            }
        }
    }
    impl Visitor for RoundTrips {
        fn visit<E: Entry>(&mut self) {
            Self::of::<E, f32>();
            Self::of::<E, f64>();
        }
    }
    visit(&mut RoundTrips);
}

/// In JSON a NaN would be `null`, which is an option that is not set.
#[test]
fn an_invalid_schedule_is_not_written() {
    let cycle = Chosen::from(OneCycle::new(0.1, 100).div_factor(f32::NAN));
    let error = serde_json::to_string(&cycle).expect_err("not finite").to_string();
    assert_eq!(error, "OneCycle: `div_factor` must be finite");
    let waves = Chosen::from(Cyclic::new(0.1, 0.2, 4).exp_range(f32::INFINITY));
    assert!(serde_json::to_string(&waves.delayed(1)).is_err());
    assert!(serde_json::to_string(&CosineDecay::new(0.1, 100).warmup(f64::NAN, 5)).is_err());
}

#[test]
fn an_adaptor_holds_schedules_chosen_at_run_time() {
    let warm: Warm = Chosen::from(PolynomialDecay::new(0.0, 10, 0.5))
        .then(10, Chosen::Constant(0.5).scaled(0.1).delayed(3));
    assert!(round_trip(&warm));
    let text = serde_json::to_string(&warm).expect("finite");
    assert!(text.contains(r#""schedule":0.5,"factor":0.1"#), "{text}");
    assert!(text.contains(r#""registered_name":"microlr>Then""#), "{text}");
}

/// What is wrong with a text that is read as one of all schedules, without line and column.
fn error<S: DeserializeOwned + Debug>(text: &str) -> String {
    let error = serde_json::from_str::<S>(text).expect_err(text).to_string();
    error.split(" at line").next().expect("a split has a first part").to_string()
}

#[test]
fn keys_may_have_any_order_and_options_may_be_absent() {
    let read = |text: &str| serde_json::from_str::<Chosen>(text).expect(text);
    let last = r#"{"config": {"decay_steps": 1e3, "initial_learning_rate": 1}, "name": null,
        "class_name": "PolynomialDecay"}"#;
    assert_eq!(read(last), PolynomialDecay::new(1.0, 1000, 1e-4).into());
    let first = r#"{"registered_name": "x", "class_name": "ExponentialDecay", "module": null,
        "config": {"name": "x", "staircase": false, "decay_rate": 2, "decay_steps": 1000.0,
        "initial_learning_rate": 0.1}}"#;
    assert_eq!(read(first), ExponentialDecay::new(0.1, 1000, 2.0).into());
    let ignored = r#"{"class_name": "CosineDecay", "config": {"initial_learning_rate": 0.1,
        "decay_steps": 4294967295, "warmup_steps": 5, "warmup_target": null}}"#;
    assert_eq!(read(ignored), CosineDecay::new(0.1, u32::MAX).into());
    let target = r#"{"class_name": "CosineDecay", "config": {"initial_learning_rate": 0.1,
        "decay_steps": 9, "warmup_target": 1}}"#;
    assert_eq!(read(target), CosineDecay::new(0.1, 9).warmup(1.0, 0).into());
    assert_eq!(read("0.25"), Chosen::Constant(0.25));
    assert_eq!(read("1"), Chosen::Constant(1.0));
    let object = r#"{"class_name": "Constant", "config": {"learning_rate": 0.25}}"#;
    assert_eq!(read(object), Chosen::Constant(0.25));
}

#[test]
fn seeds_are_integers_of_64_bits() {
    let read = |seed: &str| {
        let fields = format!(r#""lower": 0.1, "upper": 0.2, "seed": {seed}"#);
        let text = format!(r#"{{"class_name": "RandomUniform", "config": {{{fields}}}}}"#);
        serde_json::from_str::<RandomUniform<f32>>(&text)
    };
    for (text, seed) in [
        ("5e9", 5_000_000_000),
        ("18446744073709551615", u64::MAX),
        ("1.8446744073709550e19", u64::MAX - 2047),
    ] {
        assert_eq!(read(text).expect(text), RandomUniform::new(0.1, 0.2, seed), "{text}");
    }
    for text in ["-1", "0.5", "18446744073709551616", "1e300"] {
        assert!(read(text).is_err(), "{text}");
    }
}

#[test]
fn pieces_are_checked() {
    type Pieces = Sequence<f32, 2>;
    let text =
        |pieces: &str| format!(r#"{{"class_name": "Sequence", "config": {{"pieces": {pieces}}}}}"#);
    let read: Pieces = serde_json::from_str(&text("[[0, 0.1], [5, 0.2]]")).expect("valid");
    assert_eq!([read.lr(4), read.lr(5)], [0.1, 0.2]);
    let unsorted = "Sequence: `starts` must increase strictly";
    for (pieces, expected) in [
        ("[]", unsorted),
        ("[[1, 0.1]]", unsorted),
        ("[[0, 0.1], [0, 0.2]]", unsorted),
        ("[[0, 0.1], [1, -0.2]]", "Sequence: `learning_rate` must not be negative"),
    ] {
        assert_eq!(error::<Pieces>(&text(pieces)), expected);
    }
    assert!(serde_json::from_str::<Pieces>(&text("[[0, 1], [1, 1], [2, 1]]")).is_err());
}

#[test]
fn an_error_names_class_and_field() {
    let exponential = |fields: &str| {
        let text = format!(r#"{{"config": {{{fields}}}, "class_name": "ExponentialDecay"}}"#);
        assert_eq!(error::<Chosen>(&text), error::<ExponentialDecay<f32>>(&text));
        error::<Chosen>(&text)
    };
    let integer = "ExponentialDecay: `decay_steps` must be an integer from 0 to 4294967295";
    for (fields, expected) in [
        ("", "ExponentialDecay: `initial_learning_rate` is missing"),
        (r#""initial_learning_rate": 0.1"#, "ExponentialDecay: `decay_steps` is missing"),
        (
            r#""initial_learning_rate": "a""#,
            "ExponentialDecay: `initial_learning_rate` must be a number",
        ),
        (
            r#""initial_learning_rate": {}"#,
            "ExponentialDecay: `initial_learning_rate` must be a number",
        ),
        (
            r#""initial_learning_rate": [1]"#,
            "ExponentialDecay: `initial_learning_rate` must be a number",
        ),
        (r#""initial_learning_rate": 1, "decay_steps": 1000.5"#, integer),
        (r#""initial_learning_rate": 1, "decay_steps": -1"#, integer),
        (r#""initial_learning_rate": 1, "decay_steps": 4294967296"#, integer),
        (r#""initial_learning_rate": 1, "decay_steps": 4294967296.0"#, integer),
        (r#""initial_learning_rate": 1, "decay_steps": null"#, integer),
        (
            r#""initial_learning_rate": 1, "decay_steps": 0, "decay_rate": 1"#,
            "ExponentialDecay: `decay_steps` must be above 0",
        ),
        (
            r#""initial_learning_rate": 1e39, "decay_steps": 1, "decay_rate": 1"#,
            "ExponentialDecay: `initial_learning_rate` must be finite",
        ),
        (
            r#""initial_learning_rate": 1, "decay_steps": 1, "decay_rate": 1, "staircase": 1"#,
            "ExponentialDecay: `staircase` must be true or false",
        ),
        (
            r#""initial_learning_rate": 1, "decay_steps": 1, "decay_rate": 1, "alpha": 1"#,
            "ExponentialDecay: `alpha` is an unknown field",
        ),
        (
            r#""initial_learning_rate": 1, "decay_steps": 1, "decay_rate": 1, "decay_rate": 1"#,
            "ExponentialDecay: `decay_rate` is given twice",
        ),
        (
            r#""initial_learning_rate": 1, "decay_steps": 1, "decay_rate": 1, "name": 1"#,
            "ExponentialDecay: `name` must be a string",
        ),
        (
            r#""name": "", "initial_learning_rate": 1, "decay_steps": 1, "decay_rate": 1, "d": 1"#,
            "ExponentialDecay: `d` is an unknown field",
        ),
        (
            r#""name": "", "initial_learning_rate": 1, "decay_steps": 1, "decay_rate": 1,
                "name": """#,
            "ExponentialDecay: `name` is given twice",
        ),
        (
            r#""initial_learning_rate": 1, "decay_steps": 1, "decay_rate": 1,
                "a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"k":1,"l":1,"m":1"#,
            "ExponentialDecay: `j` is an unknown field",
        ),
    ] {
        assert_eq!(exponential(fields), expected, "{fields}");
    }
    for (text, expected) in [
        (r#"{"config": {}}"#, "`class_name` is missing"),
        (r#"{"class_name": "CosineDecay"}"#, "CosineDecay: `config` is missing"),
        (r#"{"class_name": "Cosine", "config": {}}"#, "unknown class `Cosine`"),
        (
            r#"{"class_name": "CosineDecay", "build": 1, "config": {}}"#,
            "CosineDecay: `build` is an unknown field",
        ),
        (
            r#"{"class_name": "CosineDecay", "module": 1, "config": {}}"#,
            "CosineDecay: `module` must be a string",
        ),
        (
            r#"{"name": "", "class_name": "CosineDecay", "name": "", "config": {}}"#,
            "CosineDecay: `name` is given twice",
        ),
        (
            r#"{"config": {"initial_learning_rate": 1, "decay_steps": 1, "alpha": 1.5},
                "class_name": "CosineDecay"}"#,
            "CosineDecay: `alpha` must lie in [0, 1]",
        ),
        (
            r#"{"config": {"boundaries": [1], "values": [1]},
                "class_name": "PiecewiseConstantDecay"}"#,
            "PiecewiseConstantDecay: `values` must have 2 elements",
        ),
        (
            r#"{"config": {"boundaries": [], "values": []},
                "class_name": "PiecewiseConstantDecay"}"#,
            "PiecewiseConstantDecay: `values` must have 1 elements",
        ),
        (
            r#"{"config": {"boundaries": [2, 1], "values": [1, 1, 1]},
                "class_name": "PiecewiseConstantDecay"}"#,
            "PiecewiseConstantDecay: `boundaries` must increase strictly",
        ),
        (
            r#"{"config": {"boundaries": 1, "values": [1]},
                "class_name": "PiecewiseConstantDecay"}"#,
            "PiecewiseConstantDecay: `boundaries` must be a list",
        ),
        (
            r#"{"config": {"boundaries": [1], "values": [1, [1]]},
                "class_name": "PiecewiseConstantDecay"}"#,
            "PiecewiseConstantDecay: each of `values` must be a number",
        ),
        (
            r#"{"config": {"boundaries": [1,2,3,4,5,6,7,8,9], "values": [1,1,1,1,1,1,1,1,1,1]},
                "class_name": "PiecewiseConstantDecay"}"#,
            "PiecewiseConstantDecay: `boundaries` has more elements than fit",
        ),
    ] {
        assert_eq!(error::<Chosen>(text), expected, "{text}");
    }
    assert!(error::<Chosen>("[]").contains("expected a schedule"));
    assert!(error::<Chosen>("").contains("EOF"));
    assert_eq!(
        error::<CosineDecay<f32>>(r#"{"class_name": "ExponentialDecay", "config": {}}"#),
        "CosineDecay: the class is `ExponentialDecay`",
    );
    let then = |config: &str| {
        error::<Then<Chosen, f32>>(&format!(r#"{{"config": {config}, "class_name": "Then"}}"#))
    };
    assert_eq!(then(r#"{"first": 1, "at": 1}"#), "Then: `next` is missing");
    assert_eq!(then(r#"{"next": 1, "at": 1}"#), "Then: `first` is missing");
    assert_eq!(then(r#"{"next": 1, "at": 1, "next": 1}"#), "Then: `next` is given twice");
    assert_eq!(
        then(r#"{"first": 1, "at": 1, "next": -1}"#),
        "Then: `learning_rate` must not be negative",
    );
    assert_eq!(
        then(r#"{"first": {"class_name": "CosineDecay", "config": {}}, "at": 1, "next": 1}"#),
        "CosineDecay: `initial_learning_rate` is missing",
    );
}

#[test]
fn bytes_are_checked_too() {
    let read = |bytes: &[u8]| postcard::from_bytes::<Chosen>(bytes);
    let decay = Chosen::from(ExponentialDecay::new(0.1, 1000, 0.96).staircase());
    let bytes = postcard::to_stdvec(&decay).expect("no limit");
    assert_eq!(bytes, [1, 205, 204, 204, 61, 232, 7, 143, 194, 117, 63, 1]);
    assert_eq!(read(&bytes).as_ref(), Ok(&decay));
    // An unknown class, no steps, a rate that is NaN, and a flag that is neither true nor false.
    for (at, byte) in [(0, 8), (0, 255), (4, 255), (11, 2)] {
        let mut wrong = bytes.clone();
        wrong[at] = byte;
        assert!(read(&wrong).is_err(), "{wrong:?}");
    }
    let mut none = bytes.clone();
    none.splice(5..7, [0]);
    assert!(read(&none).is_err());
    // A list that claims 2^32 - 1 elements.
    assert!(read(&[2, 255, 255, 255, 255, 15, 0]).is_err());
}

fn read_anything(bytes: &[u8]) {
    check(serde_json::from_slice::<Chosen>(bytes).ok());
    check(serde_json::from_slice::<Warm>(bytes).ok());
    check(postcard::from_bytes::<Chosen>(bytes).ok());
    check(postcard::from_bytes::<Warm>(bytes).ok());
}

#[test]
fn truncated_padded_and_random_input_never_panics() {
    let warm: Warm = Chosen::from(PolynomialDecay::new(0.0, 10, 0.5))
        .then(10, Chosen::from(CosineDecay::new(0.5, 100)).scaled(0.1).delayed(3));
    let mut inputs = vec![serde_json::to_vec(&warm).expect("finite")];
    inputs.push(postcard::to_stdvec(&warm).expect("no limit"));
    for (name, schedule) in ours() {
        inputs.push(postcard::to_stdvec(&schedule).expect(name));
    }
    for path in ["keras", "keras/optimizers", "microlr"].into_iter().flat_map(files) {
        inputs.push(fs::read(path).expect("a file"));
    }
    for input in inputs {
        for length in 0..=input.len() {
            read_anything(&input[..length]);
        }
        for byte in [0, b' ', b'}', b'1', 0xff] {
            read_anything(&[&input[..], &[byte]].concat());
        }
    }
}

/// What the fuzzers of `tests/fuzz` found worth keeping.
#[test]
fn the_corpus_of_the_fuzzers_never_panics() {
    let mut count = 0;
    for path in ["corpus/json", "corpus/postcard"].into_iter().flat_map(files) {
        read_anything(&fs::read(path).expect("a file"));
        count += 1;
    }
    assert!(count > 40, "{count} files");
}

/// The lines that the example prints compile: they are `exchange/statics.in`.
#[test]
fn the_example_prints_statics_that_compile() {
    let mut read = vec![];
    for path in ["keras", "keras/optimizers"].into_iter().flat_map(files) {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        if path.extension().is_some_and(|extension| extension == "json") {
            let schedule = from_keras::parse(&fs::read_to_string(&path).expect("a file"));
            read.push((name.clone(), schedule.expect(&name)));
        }
    }
    for (name, schedule) in beside_keras() {
        let text = serde_json::to_string(&schedule).expect(name);
        read.push((name.into(), from_keras::parse(&text).expect(&text)));
    }
    let mut text =
        String::from("// What `from_keras` prints: for the files in `keras/`, then others.\n");
    let mut all = String::new();
    for (name, schedule) in &read {
        let line = from_keras::declaration(schedule).expect(name);
        text += &format!("{}\n", line.replace("SCHEDULE", &name.to_uppercase()));
        all += &format!("    (\"{name}\", &{}),\n", name.to_uppercase());
    }
    text += "\n// Each name, and its schedule.\n\
        pub(crate) static ALL: &[(&str, &(dyn Schedule<Rate = f32> + Sync))] = &[\n";
    compare("statics.in", &(text + &all + "];\n"));
    assert_eq!(statics::ALL.len(), read.len());
    for ((name, schedule), (_, read)) in statics::ALL.iter().zip(read) {
        for step in STEPS {
            assert_eq!(schedule.lr(step).to_bits(), read.lr(step).to_bits(), "{name} {step}");
        }
    }
}

#[test]
fn the_example_prints_and_draws() {
    let run = |file: &str, more: &[&str]| {
        let file = folder().join(file).display().to_string();
        let arguments: Vec<_> =
            [file.as_str()].iter().chain(more).map(|argument| argument.to_string()).collect();
        from_keras::run(&arguments)
    };
    let text = run("keras/exponential_staircase.json", &["--steps", "500"]).expect("a schedule");
    assert_eq!(
        text,
        "steps 0 to 499, rates 0.1 to 0.00062321284:\n\
         ██▇▆▆▅▅▅▄▄▄▃▃▃▂▂▂▂▂▂▁▁▁▁▁▁▁▁▁▁▁▁▁                           \n\n\
         static SCHEDULE: ExponentialDecay<f32> = \
         ExponentialDecay::new(0.1, 5, 0.95).staircase();\n\n\
         // postcard::from_bytes::<AnySchedule<f32, 0>>(&BYTES)\n\
         static BYTES: [u8; 11] = [1, 205, 204, 204, 61, 5, 51, 51, 115, 63, 1];\n",
    );
    let rates = run("keras/optimizers/sgd.json", &["--rates", "0, 50,100"]);
    assert_eq!(rates.as_deref(), Ok("0.1\n0.02575\n0.001\n"));
    assert_eq!(
        run("keras/optimizers/sgd_constant.json", &["--rates", "7"]).as_deref(),
        Ok("0.05\n")
    );
    let svg = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cosine.svg").display().to_string();
    assert!(run("keras/cosine.json", &["--svg", &svg]).is_ok());
    let svg = fs::read_to_string(svg).expect("written");
    assert!(svg.starts_with("<svg") && svg.contains("70,20.0 ") && svg.contains("step 999"));
    let bad = run("keras/rates.txt", &[]).expect_err("no JSON");
    assert!(bad.contains("rates.txt: expected value at line 1"), "{bad}");
    assert!(run("keras/none.json", &[]).expect_err("no file").contains("none.json: "));
    assert!(
        run("keras/cosine.json", &["--rates", "1,-1"]).expect_err("no step").starts_with("-1 ")
    );
    assert!(run("keras/cosine.json", &["--rates"]).expect_err("no steps").starts_with("usage"));
}
