//! The Rust side of the page, on the host, for every instance of the catalogue.

mod instances;

use instances::instances;
use microlr_playground::Curve;

fn curve(json: &str) -> Curve {
    Curve::new(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

#[test]
fn a_curve_has_the_bits_of_the_library() {
    for instance in instances() {
        let curve = curve(&instance.json);
        let again = self::curve(&curve.json());
        for step in (0..=500).chain(instance.edges) {
            let bits = instance.schedule.lr(step).to_bits();
            assert_eq!(curve.lr(step).to_bits(), bits, "{} at {step}", instance.json);
            assert_eq!(again.lr(step).to_bits(), bits, "{} at {step}", curve.json());
        }
    }
}

/// The steps before a jump: a difference of more than a thousandth of the rate, and five times as
/// large as all others within ten steps.
fn jumps(curve: &Curve, from: u32, to: u32) -> Vec<u32> {
    let rates: Vec<_> = (from..=to).map(|step| curve.lr(step)).collect();
    let differences: Vec<_> = rates.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    let around = differences.windows(21).enumerate();
    let is_jump = |(index, near): &(usize, &[f32])| {
        let others = [&near[..10], &near[11..]].concat().into_iter().fold(0.0, f32::max);
        near[10] > 5.0 * others && near[10] > 1e-3 * rates[index + 10].max(rates[index + 11])
    };
    around.filter(is_jump).map(|(index, _)| from + 10 + index as u32).collect()
}

#[test]
fn a_sample_has_both_sides_of_every_jump() {
    const MOST: u32 = 400;
    let mut count = 0;
    for instance in instances() {
        let curve = curve(&instance.json);
        for edge in instance.edges {
            let from = edge.saturating_sub(700).min(u32::MAX - 4000);
            let to = from + 4000;
            let sample = curve.steps(from, to, MOST);
            assert!(sample.is_sorted_by(|a, b| a < b), "{}", instance.json);
            assert_eq!((sample.first(), sample.last()), (Some(&from), Some(&to)));
            assert!(sample.len() <= 4 * MOST as usize + 2, "{} steps", sample.len());
            for step in jumps(&curve, from, to) {
                let kept = |step| sample.binary_search(&step).is_ok();
                assert!(kept(step) && kept(step + 1), "{} jumps after {step}", instance.json);
                count += 1;
            }
        }
    }
    assert!(count > 500, "{count} jumps");
}

/// The longest range has all jumps at the edges, or as many as there is room for.
#[test]
fn a_long_sample_has_every_jump_or_is_full() {
    const MOST: u32 = 2000;
    let mut count = 0;
    for instance in instances() {
        let curve = curve(&instance.json);
        let sample = curve.steps(0, u32::MAX, MOST);
        assert!(sample.len() <= 4 * MOST as usize + 2, "{} steps", sample.len());
        let full = sample.len() > 2 * MOST as usize;
        for edge in instance.edges.into_iter().filter(|_| !full) {
            let from = edge.saturating_sub(15);
            for step in jumps(&curve, from, edge.saturating_add(15)) {
                let kept = |step| sample.binary_search(&step).is_ok();
                assert!(kept(step) && kept(step + 1), "{} jumps after {step}", instance.json);
                count += 1;
            }
        }
    }
    assert!(count > 50, "{count} jumps");
}

#[test]
fn hostile_shapes_take_bounded_work() {
    // Unoptimized code needs more stack than a test has.
    let work = std::thread::Builder::new().stack_size(1 << 26).spawn(hostile_shapes);
    work.expect("a thread").join().expect("no panic");
}

fn hostile_shapes() {
    let list: Vec<_> = (1..=64).map(|step| step * 3).collect();
    let leaf = format!(
        r#"{{"class_name": "Interpolated", "config": {{"steps": {list:?}, "rates": {list:?}}}}}"#
    );
    for (class, fields) in [
        ("Repeated", r#""period": 200"#),
        ("Bounced", r#""period": 1"#),
        ("PerEpoch", r#""batches": 4294967295"#),
        ("Delayed", r#""steps": 4294967295"#),
        ("WarmedUp", r#""steps": 4294967295"#),
    ] {
        let mut json = leaf.clone();
        for _ in 0..60 {
            let config = format!(r#"{{"schedule": {json}, {fields}}}"#);
            json = format!(r#"{{"class_name": "{class}", "config": {config}}}"#);
        }
        let curve = curve(&json);
        for to in [0, 1, 10_000, u32::MAX] {
            let sample = curve.steps(0, to, 2000);
            assert!(!sample.is_empty() && sample.len() <= 8002, "{class}: {}", sample.len());
        }
        assert!(curve.steps(5, 4, 2000).is_empty());
        assert!(!curve.declaration().expect("known classes").is_empty());
    }
    for text in ["[".repeat(100_000), r#"{"config": "#.repeat(100_000)] {
        let error = Curve::new(&text).err().unwrap_or_default();
        assert!(error.starts_with("recursion limit exceeded"), "{error}");
    }
}

#[test]
fn errors_are_sentences_of_the_library() {
    let error = |json: &str| Curve::new(json).err().unwrap_or_default();
    let inside = r#"{"class_name": "CosineDecay",
        "config": {"initial_learning_rate": 0.1, "decay_steps": 0}}"#;
    let outside = format!(r#"{{"class_name": "Adam", "config": {{"learning_rate": {inside}}}}}"#);
    let around =
        format!(r#"{{"class_name": "WarmedUp", "config": {{"schedule": {inside}, "steps": 5}}}}"#);
    for json in [inside, &outside, &around] {
        assert_eq!(error(json), "CosineDecay: `decay_steps` must be above 0");
    }
    assert_eq!(error("{"), "EOF while parsing an object at line 1 column 1");
    assert_eq!(error(r#"{"class_name": "Adam"}"#), "unknown class `Adam`");
    let constant = r#"{"class_name": "Constant", "config": {"learning_rate": "x"}}"#;
    assert_eq!(error(constant), "Constant: `learning_rate` must be a number");
}

#[test]
fn a_sequence_becomes_adaptors_that_can_be_in_a_static() {
    let sequence = curve(
        r#"{"class_name": "Sequence", "config": {"pieces": [[0, 0.5], [10, {
        "class_name": "Linear", "config": {"from": 0.5, "to": 0.25, "steps": 4}}], [12, 1]]}}"#,
    );
    assert_eq!(
        sequence.declaration().as_deref(),
        Ok("static SCHEDULE: Then<f32, Then<Linear<f32>, f32>> = \
            Then::new(0.5, 10, Then::new(Linear::new(0.5, 0.25, 4), 2, 1.0));")
    );
    assert_eq!([9, 10, 11, 12].map(|step| sequence.lr(step)), [0.5, 0.5, 0.4375, 1.0]);
    let any = "AnySchedule<f32, 0>";
    assert_eq!(sequence.received(), format!("Then<{any}, Then<{any}, {any}>>"));
}

#[test]
fn a_long_run_takes_evenly_spaced_rates() {
    let constant = curve("0.5");
    assert_eq!((constant.stride(2999), constant.losses(2999).len()), (1, 3000));
    assert_eq!((constant.stride(3000), constant.losses(3000).len()), (2, 1501));
    let longest = constant.losses(u32::MAX);
    assert_eq!((constant.stride(u32::MAX), longest.len()), (1_431_656, 3000));
    assert_eq!(longest, constant.losses(2999));
    // The neuron refuses an infinite rate.
    let rising = curve(
        r#"{"class_name": "ExponentialDecay", "config": {"decay_steps": 1,
        "initial_learning_rate": 1, "decay_rate": 2}}"#,
    );
    assert!(rising.losses(500).len() < 130);
}
