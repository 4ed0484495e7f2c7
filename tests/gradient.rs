//! Gradients of mini-batches, and weighted samples: what does not depend on the order or the number
//! of samples, and every row of `golden/weights.csv`.
//!
//! `tests/golden/README.md` describes the table and how it was generated.

mod csv;

use std::str::FromStr;

use csv::{cells, parse, sets};
use microlr::{
    Error, Float, Gradient, LogisticNeuron, RandomUniform, Report, Schedule, Sgd, from_fn,
};

const WEIGHTS: &str = include_str!("golden/weights.csv");
/// The tolerance for 32 bits.
const NARROW: f64 = 4e-6;
/// The constant rate of every set.
const RATE: &str = "0.5";

type Sample<F> = ([F; 3], F, F);

/// Trains with a batch; the mean loss if the library has it.
fn train<F: Float>(
    library: &str,
    sgd: &mut Sgd<impl Schedule<Rate = F>>,
    neuron: &mut LogisticNeuron<F, 3>,
    batch: &[Sample<F>],
) -> Result<Option<F>, Error> {
    // scikit-learn makes an update for each sample; for one sample it is the same.
    if library == "scikit-learn" || batch.len() == 1 {
        let mut loss = None;
        for (x, y, weight) in batch {
            loss = Some(sgd.step_weighted(neuron, x, *y, *weight)?.loss);
        }
        return Ok(loss.filter(|_| batch.len() == 1));
    }
    let mut gradient = Gradient::new();
    for (x, y, weight) in batch {
        gradient.add_weighted(neuron, x, *y, *weight)?;
    }
    Ok(Some(sgd.apply(neuron, &gradient)?.loss))
}

/// Every loss, weight and bias is within the tolerance; they are up to about 8.
fn follow<F: Float + FromStr + Into<f64>>(tolerance: f64) {
    for set in sets(WEIGHTS) {
        let library = set.text("library").unwrap();
        // Keras computes in 32 bits.
        let tolerance = if library == "keras" { NARROW } else { tolerance };
        let mut neuron = LogisticNeuron::<F, 3>::zeroed();
        let mut sgd = Sgd::new(from_fn(|_| parse::<F>(RATE)));
        let mut batch = Vec::<Sample<F>>::new();
        for row in &set.rows {
            let Some(after) = row.strip_prefix("after ") else {
                let [a, b, c, y, weight] = cells(row).map(parse);
                batch.push(([a, b, c], y, weight));
                continue;
            };
            let loss = train(library, &mut sgd, &mut neuron, &batch).unwrap();
            let [theirs_of_loss, learnt @ ..] = cells::<5>(after).map(parse::<f64>);
            let ours = neuron.weights.into_iter().chain([neuron.bias]).zip(learnt);
            for (ours, theirs) in ours.chain(loss.map(|loss| (loss, theirs_of_loss))) {
                let error = (ours.into() - theirs).abs();
                assert!(
                    error <= tolerance,
                    "{library}: {ours:?} for {theirs}, an error of {error:e}"
                );
            }
            batch.clear();
        }
        assert!(batch.is_empty());
    }
}

#[test]
fn weighted_updates_follow_keras_pytorch_and_scikit_learn() {
    follow::<f32>(NARROW);
    follow::<f64>(1e-14);
}

fn bits<const N: usize>(neuron: &LogisticNeuron<f32, N>) -> ([u32; N], u32) {
    (neuron.weights.map(f32::to_bits), neuron.bias.to_bits())
}

/// A sample of a pseudorandom stream.
fn sample(index: u32) -> ([f32; 3], f32) {
    let word = |place: u32| RandomUniform::new(-4.0, 4.0, 5).lr(index.wrapping_mul(4) + place);
    ([word(0), word(1), word(2)], f32::from(u8::from(word(3) > 0.0)))
}

#[test]
fn a_batch_is_its_samples_one_by_one() {
    let samples: Vec<_> = (0..100).map(sample).collect();
    let (xs, ys): (Vec<_>, Vec<_>) = samples.into_iter().unzip();
    let (mut streamed, mut gradient) = (LogisticNeuron::glorot_uniform(3), Gradient::new());
    let (mut batched, mut sgd_of_batch) = (streamed, Sgd::new(0.5_f32));
    let mut sgd = sgd_of_batch;
    for length in 1..=100 {
        let (xs, ys) = (&xs[..length], &ys[..length]);
        gradient.clear();
        for (x, y) in xs.iter().zip(ys) {
            gradient.add(&streamed, x, *y).unwrap();
        }
        assert_eq!(gradient.count() as usize, length);
        let report = sgd.apply(&mut streamed, &gradient);
        assert_eq!(sgd_of_batch.step_batch(&mut batched, xs, ys), report);
        assert_eq!(bits(&streamed), bits(&batched));
    }
}

/// A plain sum of 10^6 terms in f32 has an error of 0.9 %, and stalls at 2^24 of them.
#[test]
fn equal_samples_are_one_sample_whatever_their_number() {
    let neuron = LogisticNeuron::<f32, 1>::zeroed();
    let mut gradient = Gradient::new();
    for count in 1..=1_u32 << 25 {
        gradient.add(&neuron, &[0.7], 0.2).unwrap();
        if !count.is_power_of_two() && count % 1_000_000 > 0 {
            continue;
        }
        let mut updated = neuron;
        let report = Sgd::new(1.0_f32).apply(&mut updated, &gradient).unwrap();
        let close = |mean: f32, exact: f64| {
            let error = (f64::from(mean) / exact - 1.0).abs();
            assert!(error <= 1.5 * f64::from(f32::EPSILON), "{mean} for {exact}, {count} samples");
        };
        let (y, x) = (f64::from(0.2_f32), f64::from(0.7_f32));
        close(updated.weights[0], (y - 0.5) * x);
        close(updated.bias, y - 0.5);
        close(report.loss, 2_f64.ln());
        close(report.prediction, 0.5);
    }
}

#[test]
fn large_gradients_that_cancel_are_accepted_in_every_order() {
    // The residuals are 1/2 and -1/2, so x with label 0 cancels x with label 1.
    let start = LogisticNeuron::<f32, 2>::zeroed();
    let large = [f32::MAX, -f32::MAX];
    let train = |samples: [([f32; 2], f32); 9]| {
        let mut neuron = start;
        let (xs, ys) = (samples.map(|(x, _)| x), samples.map(|(_, y)| y));
        Sgd::new(9.0_f32).step_batch(&mut neuron, &xs, &ys).map(|_| neuron)
    };
    let (up, down, small) = ((large, 1.0), (large, 0.0), ([1.0, 0.5], 1.0));
    let expected = Ok(LogisticNeuron::new([0.5, 0.25], 0.5));
    for samples in [
        [up, up, up, up, down, down, down, down, small],
        [down, down, down, down, up, up, up, up, small],
        [up, down, up, down, up, down, up, down, small],
    ] {
        assert_eq!(train(samples), expected);
    }
    // What does not cancel overflows in the update.
    assert_eq!(train([up; 9]), Err(Error::Overflow("weights")));
}

#[test]
fn a_refused_sample_leaves_the_others() {
    let mut neuron = LogisticNeuron::new([-0.0_f32, 1e-40, 0.3], -0.1);
    let good = [0.5, -1.0, 2.0];
    let huge = [f32::MAX, 0.0, 0.0];
    let mut gradient = Gradient::new();
    gradient.add_weighted(&neuron, &good, 1.0, 3.0).unwrap();
    gradient.add_weighted(&neuron, &good, 0.0, f32::MAX / 4.0).unwrap();
    let before = gradient;
    for (x, y, weight, error) in [
        ([0.5, f32::NAN, 2.0], 1.0, 1.0, Error::Feature { sample: 2, feature: 1 }),
        ([0.5, 0.0, f32::INFINITY], 1.0, 0.0, Error::Feature { sample: 2, feature: 2 }),
        (good, 1.5, 1.0, Error::Label { sample: 2 }),
        (good, f32::NAN, 0.0, Error::Label { sample: 2 }),
        (good, 1.0, f32::NAN, Error::NotFinite("weight")),
        (good, 1.0, f32::INFINITY, Error::NotFinite("weight")),
        (good, 1.0, -f32::MIN_POSITIVE, Error::Negative("weight")),
        (huge, 1.0, 4.0, Error::Overflow("gradient")),
    ] {
        assert_eq!(gradient.add_weighted(&neuron, &x, y, weight), Err(error));
        assert_eq!(gradient, before);
    }
    let heavy = LogisticNeuron::new([f32::MAX / 2.0, 0.0, 0.0], 0.0);
    let refused = gradient.add_weighted(&heavy, &[1.0, 0.0, 0.0], 0.0, 3.0);
    assert_eq!((refused, gradient), (Err(Error::Overflow("loss")), before));
    let logit = gradient.add(&heavy, &[3.0, 0.0, 0.0], 0.0);
    assert_eq!((logit, gradient), (Err(Error::Logit { sample: 2 }), before));
    // The largest features and losses.
    assert_eq!(gradient.add_weighted(&neuron, &[f32::MAX, f32::MIN, 0.0], 1.0, 1.0), Ok(()));
    assert_eq!(gradient.add(&heavy, &[2.0, 0.0, 0.0], 0.0), Ok(()));
    assert_eq!(gradient.count(), 4);

    let start = bits(&neuron);
    let mut sgd = Sgd::resume(0.5_f32, 7);
    for (lr, gradient, error) in [
        (0.5, Gradient::new(), Error::Empty("gradient")),
        (f32::NAN, before, Error::NotFinite("learning_rate")),
        (-0.5, before, Error::Negative("learning_rate")),
        (9.0, before, Error::Overflow("weights")),
    ] {
        sgd.set_schedule(lr);
        assert_eq!(sgd.apply(&mut neuron, &gradient), Err(error));
        assert_eq!((bits(&neuron), sgd.iterations()), (start, 7));
    }
}

#[test]
fn a_weighted_step_is_a_weighted_rate() {
    let start = LogisticNeuron::new([0.3_f32, -0.7, 0.1], 0.05);
    for index in 0..100 {
        let (x, y) = sample(index);
        let (mut weighted, mut plain, mut double) = (start, start, start);
        let of_double = Sgd::new(1.0_f32).step(&mut double, &x, y).unwrap();
        let report = Sgd::new(0.5_f32).step_weighted(&mut weighted, &x, y, 2.0).unwrap();
        assert_eq!(bits(&weighted), bits(&double));
        assert_eq!(report, Report { lr: 0.5, loss: of_double.loss * 2.0, ..of_double });
        let report = Sgd::new(0.5_f32).step(&mut plain, &x, y).unwrap();
        weighted = start;
        assert_eq!(Sgd::new(0.5_f32).step_weighted(&mut weighted, &x, y, 1.0), Ok(report));
        assert_eq!(bits(&weighted), bits(&plain));
        // A weight of 0 changes nothing but the counter.
        let mut sgd = Sgd::new(0.5_f32);
        let report = sgd.step_weighted(&mut weighted, &x, y, 0.0).unwrap();
        assert_eq!((report.loss, sgd.iterations(), weighted), (0.0, 1, plain));
    }
}

#[test]
fn a_wrong_weight_is_refused_and_changes_nothing() {
    for (weights, x, weight, error) in [
        ([0.0; 2], [1.0, 0.0], f32::NAN, Error::NotFinite("weight")),
        ([0.0; 2], [1.0, 0.0], f32::INFINITY, Error::NotFinite("weight")),
        ([0.0; 2], [1.0, 0.0], -f32::MIN_POSITIVE, Error::Negative("weight")),
        ([0.0; 2], [1.0, f32::NAN], 0.0, Error::Feature { sample: 0, feature: 1 }),
        ([0.0; 2], [f32::MAX, 0.0], 4.0, Error::Overflow("weights")),
        ([1.0, 0.0], [f32::MAX, 0.0], 2.0, Error::Overflow("loss")),
    ] {
        let start = LogisticNeuron::new(weights, 0.0);
        let (mut neuron, mut sgd) = (start, Sgd::resume(1.0_f32, 7));
        assert_eq!(sgd.step_weighted(&mut neuron, &x, 0.0, weight), Err(error));
        assert_eq!((bits(&neuron), sgd.iterations()), (bits(&start), 7), "{error:?}");
    }
}
