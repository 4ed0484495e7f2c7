//! Real data, learnt as PyTorch, scikit-learn and River do it: every row of `proof/reference.csv`.
//!
//! `tests/proof/README.md` describes the protocol and how the files were made.

mod csv;

use std::str::FromStr;

use csv::{Set, parse, sets};
use microlr::{
    Average, ClipNorm, ClipValue, Confusion, CosineDecay, Error, Float, Gradient, L2,
    LogisticNeuron, Mean, Momentum, Permutation, Report, Schedule, Sgd, Standardizer, UpdateRule,
};

const REFERENCE: &str = include_str!("proof/reference.csv");
const BREAST_CANCER: &str = include_str!("proof/breast_cancer.csv");
const IRIS: &str = include_str!("proof/iris.csv");
const DIGITS: &str = include_str!("proof/digits.csv");

/// A constant rate is a schedule too.
trait Number: Float + FromStr + Into<f64> + Schedule<Rate = Self> {}
impl Number for f32 {}
impl Number for f64 {}

#[derive(Debug, Clone, Copy)]
struct Sample<F, const N: usize> {
    x: [F; N],
    label: bool,
}

impl<F: Number, const N: usize> Sample<F, N> {
    fn y(&self) -> F {
        if self.label { F::ONE } else { F::ZERO }
    }
}

/// The class and the cells after it, of every row.
fn rows(table: &str) -> impl Iterator<Item = (u32, &str)> {
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| row.split_once(',').unwrap()).map(|(class, cells)| (parse(class), cells))
}

/// One class against the others.
fn features<F: Number, const N: usize>(table: &str, positive: u32) -> Vec<Sample<F, N>> {
    let sample = |(class, cells): (u32, &str)| {
        let x: Vec<F> = cells.split(',').map(parse).collect();
        Sample { x: x.try_into().unwrap(), label: class == positive }
    };
    rows(table).map(sample).collect()
}

/// One digit against the others of the task.
fn digits<F: Number>(positive: u32, of_task: impl Fn(u32) -> bool) -> Vec<Sample<F, 64>> {
    let sample = |(digit, pixels): (u32, &str)| {
        let x: Vec<F> = pixels.chars().map(|c| F::from_step(c.to_digit(17).unwrap())).collect();
        Sample { x: x.try_into().unwrap(), label: digit == positive }
    };
    rows(DIGITS).filter(|&(digit, _)| of_task(digit)).map(sample).collect()
}

/// Losses and norm, and the counts tn, fp, fn, tp.
type Figures = (Vec<f64>, [u32; 4]);

/// Loss and confusion of the samples of a run.
struct Score<F> {
    loss: Mean<F>,
    confusion: Confusion<F>,
}

impl<F: Number> Score<F> {
    fn new() -> Self {
        Self { loss: Mean::new(), confusion: Confusion::new(F::HALF) }
    }

    fn observe<const N: usize>(&mut self, neuron: &LogisticNeuron<F, N>, sample: &Sample<F, N>) {
        self.loss.observe(neuron.loss(&sample.x, sample.y())).unwrap();
        self.confusion.observe(neuron.predict(&sample.x), sample.label).unwrap();
    }

    fn of<const N: usize>(neuron: &LogisticNeuron<F, N>, samples: &[Sample<F, N>]) -> Self {
        let mut score = Self::new();
        samples.iter().for_each(|sample| score.observe(neuron, sample));
        score
    }

    fn counts(&self) -> [u32; 4] {
        let Confusion { true_negatives, false_positives, false_negatives, true_positives, .. } =
            self.confusion;
        [true_negatives, false_positives, false_negatives, true_positives]
    }
}

fn norm<F: Number, const N: usize>(neuron: &LogisticNeuron<F, N>) -> f64 {
    neuron.weights.iter().map(|&weight| weight.into().powi(2)).sum::<f64>().sqrt()
}

/// One update with the method that a user would call.
fn update<F: Number, S: Schedule<Rate = F>, R: UpdateRule<F, N>, const N: usize>(
    sgd: &mut Sgd<S, R>,
    neuron: &mut LogisticNeuron<F, N>,
    batch: &[Sample<F, N>],
    class_weights: [F; 2],
) -> Result<Report<F>, Error> {
    let weight = |sample: &Sample<F, N>| class_weights[usize::from(sample.label)];
    match (batch, class_weights == [F::ONE; 2]) {
        ([sample], true) => sgd.step(neuron, &sample.x, sample.y()),
        ([sample], false) => sgd.step_weighted(neuron, &sample.x, sample.y(), weight(sample)),
        (_, true) => {
            let (xs, ys): (Vec<_>, Vec<_>) = batch.iter().map(|s| (s.x, s.y())).unzip();
            sgd.step_batch(neuron, &xs, &ys)
        }
        (_, false) => {
            let mut gradient = Gradient::new();
            for sample in batch {
                gradient.add_weighted(neuron, &sample.x, sample.y(), weight(sample))?;
            }
            sgd.apply(neuron, &gradient)
        }
    }
}

/// Epochs with `rules` over the training rows.
fn train<F: Number, R: UpdateRule<F, N>, const N: usize>(
    set: &Set<'_>,
    rows: &[Sample<F, N>],
    rules: R,
) -> (LogisticNeuron<F, N>, R) {
    let (batch, epochs): (usize, u32) = (set.get("batch"), set.get("epochs"));
    let class_weights = set.list("class_weights").try_into().unwrap();
    let rate: F = set.get("rate");
    let cosine = CosineDecay::new(rate, epochs * rows.len().div_ceil(batch) as u32);
    let schedule: &dyn Schedule<Rate = F> = match set.get::<String>("schedule").as_str() {
        "cosine" => &cosine,
        "constant" => &rate,
        other => panic!("no such schedule: {other}"),
    };
    let mut neuron = LogisticNeuron::zeroed();
    let mut sgd = Sgd::new(schedule).with(rules);
    for epoch in 0..epochs {
        let shuffled = Permutation::new(rows.len() as u32, epoch.into());
        let order: Vec<_> = match set.get::<String>("order").as_str() {
            "rows" => rows.to_vec(),
            "shuffled" => shuffled.iter().map(|index| rows[index as usize]).collect(),
            other => panic!("no such order: {other}"),
        };
        for batch in order.chunks(batch) {
            update(&mut sgd, &mut neuron, batch, class_weights).unwrap();
        }
    }
    (neuron, sgd.rules().clone())
}

fn learnt<F: Number, const N: usize>(set: &Set<'_>, rows: &[Sample<F, N>]) -> LogisticNeuron<F, N> {
    let rules = set.pairs("rules");
    let nesterov = |coefficient| Momentum::new(parse(coefficient)).nesterov();
    match rules[..] {
        [] => train(set, rows, ()).0,
        [("momentum", a)] => train(set, rows, Momentum::new(parse(a))).0,
        [("nesterov", a)] => train(set, rows, nesterov(a)).0,
        [("l2", a)] => train(set, rows, L2(parse(a))).0,
        [("clip_value", a)] => train(set, rows, ClipValue(parse(a))).0,
        [("clip_norm", a)] => train(set, rows, ClipNorm(parse(a))).0,
        [("average", after)] => *train(set, rows, Average::new().after(parse(after))).1.neuron(),
        [("clip_norm", a), ("l2", b), ("nesterov", c)] => {
            train(set, rows, (ClipNorm(parse(a)), L2(parse(b)), nesterov(c))).0
        }
        _ => panic!("no such rules: {rules:?}"),
    }
}

/// Epochs over four of five rows, scaled by their moments, and a test with the fifth.
fn epochs<F: Number, const N: usize>(set: &Set<'_>, samples: &[Sample<F, N>]) -> Figures {
    let mut standardizer = Standardizer::new();
    for (_, sample) in samples.iter().enumerate().filter(|(index, _)| index % 5 != 4) {
        standardizer.observe(&sample.x).unwrap();
    }
    standardizer.freeze();
    let [mut training, mut test] = [vec![], vec![]];
    for (index, sample) in samples.iter().enumerate() {
        let rows = if index % 5 == 4 { &mut test } else { &mut training };
        rows.push(Sample { x: standardizer.transform(&sample.x), ..*sample });
    }
    let neuron = learnt(set, &training);
    let scores = [&training, &test].map(|rows| Score::of(&neuron, rows));
    let [training, test] = [0, 1].map(|of| scores[of].loss.mean().into());
    (vec![training, test, norm(&neuron)], scores[1].counts())
}

/// River's order: predict with the moments so far, include the sample in them, train.
fn prequential<F: Number, const N: usize>(set: &Set<'_>, samples: &[Sample<F, N>]) -> Figures {
    let mut standardizer = Standardizer::new();
    let (mut neuron, mut score) = (LogisticNeuron::zeroed(), Score::new());
    let mut sgd = Sgd::new(set.get::<F>("rate"));
    for sample in samples {
        score.observe(&neuron, &Sample { x: standardizer.transform(&sample.x), ..*sample });
        standardizer.observe(&sample.x).unwrap();
        sgd.step(&mut neuron, &standardizer.transform(&sample.x), sample.y()).unwrap();
    }
    (vec![score.loss.mean().into(), norm(&neuron)], score.counts())
}

fn run<F: Number, const N: usize>(set: &Set<'_>, samples: &[Sample<F, N>]) -> Figures {
    match set.text("library") {
        Some("river") => prequential(set, samples),
        _ => epochs(set, samples),
    }
}

/// The largest relative error of losses and norms.
fn largest_error<F: Number>() -> f64 {
    let mut largest = 0.0_f64;
    for set in &sets(REFERENCE) {
        let (ours, counts) = match set.get::<String>("data").as_str() {
            "breast_cancer" => run::<F, 30>(set, &features(BREAST_CANCER, 0)),
            "iris_setosa" => run::<F, 4>(set, &features(IRIS, 0)),
            "iris_versicolor" => run::<F, 4>(set, &features(IRIS, 1)),
            "iris_virginica" => run::<F, 4>(set, &features(IRIS, 2)),
            "digits_3_8" => run::<F, 64>(set, &digits(8, |digit| [3, 8].contains(&digit))),
            "digits_6" => run::<F, 64>(set, &digits(6, |_| true)),
            other => panic!("no such data: {other}"),
        };
        let row: Vec<&str> = set.rows[0].split(',').collect();
        let (theirs, their_counts) = row.split_at(ours.len());
        let their_counts: Vec<u32> = their_counts.iter().map(|count| parse(count)).collect();
        assert_eq!(counts[..], their_counts, "{:?}", set.parameters);
        for (ours, theirs) in ours.into_iter().zip(theirs) {
            largest = largest.max((ours / parse::<f64>(theirs) - 1.0).abs());
        }
    }
    largest
}

#[test]
fn real_data_is_learnt_as_pytorch_scikit_learn_and_river_do() {
    assert_eq!(sets(REFERENCE).len(), 72);
    let [narrow, wide] = [largest_error::<f32>(), largest_error::<f64>()];
    assert!(narrow < 2e-5, "{narrow:e}");
    assert!(wide < 1e-6, "{wide:e}");
}
