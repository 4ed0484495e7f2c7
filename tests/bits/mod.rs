//! Digests over the bits of every schedule and of whole training runs. The same text runs on the
//! host and on the chip.
//!
//! A NaN counts as one value: its sign and payload are the platform's, not the crate's.

#[path = "../catalogue/mod.rs"]
pub(crate) mod catalogue;

use core::fmt::{self, Write};
use core::hash::Hasher;
use core::marker::PhantomData;

use catalogue::{Entry, Number, ORDINARY, Parameters, Visitor, visit};
use fnv::FnvHasher;
use microlr::{
    AucHistogram, Average, Best, ClipNorm, ClipValue, Confusion, CosineDecay, CosineDecayRestarts,
    EarlyStopping, Error, EwMean, Gradient, Guard, L2, LogisticNeuron, Mean, Moments, Momentum,
    Permutation, PiecewiseConstantDecay, PolynomialDecay, RandomUniform, RangeTest, Schedule, Sgd,
    Standardizer, ThinnedHistory, UpdateRule, WeightDecay,
};

/// FNV-1a over everything that is added, the least significant byte of each first.
struct Digest(FnvHasher);

impl Digest {
    fn new() -> Self {
        Self(FnvHasher::default())
    }

    fn add<F: Number>(&mut self, value: F) {
        let bits = if value.is_nan() { u64::MAX } else { value.bits() };
        self.0.write(&bits.to_le_bytes());
    }

    fn add_neuron<F: Number, const N: usize>(&mut self, neuron: &LogisticNeuron<F, N>) {
        neuron.weights.iter().for_each(|&weight| self.add(weight));
        self.add(neuron.bias);
    }

    /// What the error says.
    fn add_error(&mut self, error: Error) {
        let _ = write!(self, "{error}");
    }

    /// The rates at both sides of every edge and of the first multiples of `steps`, at the ends of
    /// the formats, and at steps of every magnitude.
    #[inline(never)]
    fn add_rates<F: Number>(
        &mut self,
        schedule: &dyn Schedule<Rate = F>,
        edges: [u32; 4],
        steps: u32,
    ) {
        let multiples = (0..8).map(|multiple| steps.saturating_mul(multiple));
        let ends = [10_000, 1 << 24, 1_000_000_000, 1 << 31, u32::MAX];
        for step in edges.into_iter().chain(multiples).chain(ends) {
            self.add_beside(schedule, step);
        }
        let mut step = 0x9e37_79b9_u32;
        for shift in 0..32 {
            // The constants of Knuth and Lewis.
            step = step.wrapping_mul(0x0019_660d).wrapping_add(0x3c6e_f35f);
            self.add(schedule.lr(step >> shift));
        }
    }

    /// Fewer of them: for the many schedules whose numbers no validation would accept.
    #[inline(never)]
    fn add_few_rates<F: Number>(&mut self, schedule: &dyn Schedule<Rate = F>, edges: [u32; 4]) {
        for step in edges.into_iter().chain([1, 5, 1 << 24, u32::MAX]) {
            self.add_beside(schedule, step);
        }
    }

    fn add_beside<F: Number>(&mut self, schedule: &dyn Schedule<Rate = F>, step: u32) {
        for step in [step.saturating_sub(1), step, step.saturating_add(1)] {
            self.add(schedule.lr(step));
        }
    }
}

impl Write for Digest {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

/// Emits the digest of each schedule of the catalogue in the type `F`.
struct Schedules<F, Emit>(Emit, PhantomData<F>);

impl<F: Number, Emit: FnMut(&'static str, &'static str, u64)> Visitor for Schedules<F, Emit> {
    #[inline(never)]
    fn visit<E: Entry>(&mut self) {
        let mut digest = Digest::new();
        for (_, p) in E::INSTANCES {
            let p = p.to();
            digest.add_rates::<F>(&E::unchecked(&p), E::edges(&p), p.steps);
        }
        hostile(&mut |p| digest.add_few_rates::<F>(&E::unchecked(p), E::edges(p)));
        (self.0)(F::NAME, E::NAME, digest.0.finish());
    }
}

/// Parameters that no validation would accept, and some that it would.
#[inline(never)]
fn hostile<F: Number>(each: &mut dyn FnMut(&Parameters<F>)) {
    let f = F::from_f64;
    // What only an f64 can hold is infinite or 0 in f32.
    let numbers = [
        F::nan(),
        F::infinity(),
        F::neg_infinity(),
        f(-0.0),
        f(-0.1),
        f(1e300),
        f(1e-310),
        F::max_value(),
        F::min_positive_value(),
        F::min_positive_value() * f(0.375),
        f(0.3),
    ];
    let ordinary = Parameters { steps: 7, ..ORDINARY.to() };
    let mut options = 0_u8;
    for rate in numbers {
        for x in numbers {
            for p in [
                Parameters { rate, other_rate: x, factor: x, ..ordinary },
                Parameters { rate, growth: x, power: x, ..ordinary },
                Parameters { rate, fraction: x, other_rate: f(0.05), ..ordinary },
            ] {
                // Every combination of the seven options, with a stride that has no factor of 3.
                options = options.wrapping_add(43) % 128;
                each(&Parameters { options, ..p });
            }
        }
    }
}

/// Calls `emit` with a name and a digest for each schedule and for the training, in type `F`.
pub(crate) fn digests<F: Number>(mut emit: impl FnMut(&'static str, &'static str, u64)) {
    visit(&mut Schedules(&mut emit, PhantomData::<F>));

    let f = F::from_f64;
    let mut family = |name, add: &dyn Fn(&mut Digest)| {
        let mut digest = Digest::new();
        add(&mut digest);
        emit(F::NAME, name, digest.0.finish());
    };
    family("compositions", &|digest| {
        let line = PolynomialDecay::new(f(0.0), 100, f(0.1));
        let warmed = line.then(1000, CosineDecay::new(f(0.1), 9000));
        digest.add_rates(&warmed.scaled(f(0.3)).delayed(7), [7, 107, 1007, 10_007], 1000);
        // So many that they are searched by halving.
        let boundaries = [1, 2, 3, 10, 100, 1000, 10_000, 1 << 24, u32::MAX - 1];
        let values = boundaries.map(|boundary| F::from_step(boundary));
        let [a, b, c, d, e, g, h, i, j] = values;
        let many =
            PiecewiseConstantDecay::<F, 9>::new(boundaries, [a, b, c, d, e, g, h, i, j, f(0.5)]);
        digest.add_rates(&many, [10, 100, 1000, 1 << 24], 1);
    });
    family("neuron", &|digest| {
        let neuron = LogisticNeuron::<F, 16>::glorot_uniform(7);
        for step in 0..64 {
            let scale = f(0.25) * F::from_step(step) * F::from_step(step) * F::from_step(step);
            for x in [[scale; 16], [-scale; 16]] {
                digest.add(neuron.logit(&x));
                digest.add(neuron.predict(&x));
                digest.add(neuron.loss(&x, f(0.0)));
                digest.add(neuron.loss(&x, f(0.75)));
                digest.add(neuron.loss(&x, f(1.0)));
            }
        }
        // Weights and biases that are NaN, infinite, subnormal, or at the ends of the range.
        hostile(&mut |p: &Parameters<F>| {
            let neuron = LogisticNeuron::new([p.rate], p.factor);
            digest.add(neuron.predict(&[F::one()]));
            digest.add(neuron.loss(&[F::one()], f(0.25)));
        });
    });
    family("training", &|digest| {
        let decay = CosineDecayRestarts::new(f(0.7), 50).t_mul(f(1.5)).m_mul(f(0.9));
        let outcome = train::<F, 3>(digest, &mut Sgd::new(decay))
            .and(train::<F, 17>(digest, &mut Sgd::new(f(0.3))));
        digest.add(F::from_step(outcome.is_ok().into()));
    });
    family("rules", &|digest| {
        let (l2, decay, momentum) = (L2(f(0.01)), WeightDecay(f(0.1)), Momentum::new(f(0.9)));
        let average = Average::new().after(10);
        for momentum in
            [momentum, momentum.nesterov(), momentum.keras(), momentum.keras().nesterov()]
        {
            ruled(digest, momentum);
            ruled(digest, (ClipValue(f(0.5)), ClipNorm(f(0.7)), l2, momentum, decay, average));
        }
        ruled(digest, ClipValue(f(0.3)));
        ruled(digest, ClipNorm(f(0.3)));
        ruled(digest, l2);
        ruled(digest, decay);
        ruled(digest, average);
    });
    family("metrics", &|digest| metrics::<F>(digest));
    family("order", &|digest| {
        for (n, seed) in [(1, 0), (5, 1), (100, 2), (1 << 30, 3), (u32::MAX, u64::MAX)] {
            for element in Permutation::new(n, seed).iter().take(100) {
                // In two halves, which every type can hold.
                digest.add(F::from_step(element >> 16));
                digest.add(F::from_step(element & 0xffff));
            }
        }
    });
    family("gradient", &|digest| {
        let outcome = gradients::<F, 3>(digest).and(gradients::<F, 17>(digest));
        digest.add(F::from_step(outcome.is_ok().into()));
    });
    family("watching", &|digest| {
        let guard = Guard::new([f(-0.9); 2], [f(0.8); 2]);
        for guard in [guard, guard.clamp(), guard.stuck_after([1, 0])] {
            let outcome = watched::<F>(digest, guard);
            digest.add(F::from_step(outcome.is_ok().into()));
        }
    });
    family("magnitudes", &|digest| updates_of_all_magnitudes::<F>(digest));
    family("standardizer", &|digest| {
        for k in [f(0.5), f(3.0), F::infinity()] {
            standardize(digest, Standardizer::<F, 2>::new().clamp(k));
        }
        let [mean, variance] = [[f(1013.0), f(0.3)], [f(25.0), f(0.01)]];
        for count in [0, 1000, u32::MAX] {
            standardize(digest, Standardizer::from_moments(Moments::new(count, mean, variance)));
        }
    });
}

/// A range test on samples that a guard accepts, with early stopping and a thinned history.
fn watched<F: Number>(digest: &mut Digest, guard: Guard<F, 2>) -> Result<(), Error> {
    let f = F::from_f64;
    let noise = RandomUniform::new(f(-1.0), F::one(), 17);
    let (mut guard, mut neuron) = (guard, LogisticNeuron::zeroed());
    let mut test = RangeTest::new(f(1e-3), f(30.0), 300).smoothing(f(0.9));
    let mut sgd = Sgd::new(test.schedule());
    let (stopping, mut best) = (EarlyStopping::new(20).min_delta(f(1e-4)), Best::new(neuron));
    let mut history = ThinnedHistory::<F, 8>::new();
    for index in (0..700).step_by(2) {
        let x = [noise.lr(index), noise.lr(index + 1)];
        let label = if x[0] + x[1] > F::zero() { F::one() } else { F::zero() };
        let x = match guard.check(&x) {
            Ok(x) => x,
            Err(error) => {
                digest.add_error(error);
                continue;
            }
        };
        let report = sgd.step(&mut neuron, &x, label)?;
        history.push(report);
        let stops = [test.observe(&report), stopping.observe(&mut best, report.loss, &neuron)];
        stops.iter().for_each(|&stop| digest.add(F::from_step(stop.into())));
    }
    let found = [test.loss(), test.lowest(), test.steepest(), test.suggestion(), best.metric];
    found.iter().for_each(|value| digest.add(value.unwrap_or(F::nan())));
    best.neuron.weights.iter().for_each(|&weight| digest.add(weight));
    history.iter().for_each(|report| digest.add(report.loss));
    Ok(())
}

/// Samples of two scales, and then of any magnitude.
fn standardize<F: Number>(digest: &mut Digest, mut standardizer: Standardizer<F, 2>) {
    let noise = RandomUniform::new(F::zero(), F::one(), 11);
    let mut observe = |x: [F; 2]| {
        if let Err(error) = standardizer.observe(&x) {
            digest.add_error(error);
        }
        let Moments { count, mean, mean_low, variance, variance_low } = *standardizer.moments();
        digest.add(F::from_step(count));
        let transformed = standardizer.transform(&x);
        for [a, b] in [mean, mean_low, variance, variance_low, transformed] {
            digest.add(a);
            digest.add(b);
        }
    };
    for step in 0..500 {
        let x = noise.lr(step);
        observe([F::from_f64(1000.0) + F::from_f64(10.0) * x, F::from_f64(0.3) * x * x]);
    }
    hostile(&mut |p: &Parameters<F>| observe([p.rate, p.factor]));
}

/// Metrics of a stream that gets better, with predictions and losses that are refused among it.
fn metrics<F: Number>(digest: &mut Digest) {
    let noise = RandomUniform::new(F::zero(), F::one(), 5);
    let (mut confusion, mut histogram) =
        (Confusion::new(F::from_f64(0.5)), AucHistogram::<10>::new());
    let (mut mean, mut ew_mean) = (Mean::new(), EwMean::new(F::from_f64(0.1)));
    for step in 0..500 {
        let label = step % 3 == 0;
        let x = noise.lr(step) * F::from_step(1000 - step) / F::from_step(900);
        let prediction = if label { F::one() - x } else { x };
        let loss = F::one() / (F::one() - x);
        for result in [
            confusion.observe(prediction, label),
            histogram.observe(prediction, label),
            mean.observe(loss),
            ew_mean.observe(loss),
        ] {
            if let Err(error) = result {
                digest.add_error(error);
            }
        }
        for metric in [
            confusion.accuracy(),
            confusion.balanced_accuracy(),
            confusion.precision(),
            confusion.recall(),
            confusion.f1(),
            histogram.auc(),
            mean.mean(),
            ew_mean.mean(),
        ] {
            digest.add(metric);
        }
    }
}

/// Gradients of samples of every magnitude, weighted and refused ones among them, each applied to a
/// copy of the neuron.
fn gradients<F: Number, const N: usize>(digest: &mut Digest) -> Result<(), Error> {
    let f = F::from_f64;
    let neuron = LogisticNeuron::<F, N>::glorot_uniform(2);
    let noise = RandomUniform::new(F::zero(), f(2.0), 5);
    let mut gradient = Gradient::new();
    let mut magnitude = f(1e-30);
    for index in 0..300_u32 {
        magnitude = if index % 60 == 59 { f(1e-30) } else { magnitude * f(15.0) };
        let mut x = [magnitude; N];
        for (place, x) in (0..).zip(&mut x) {
            *x = *x * (noise.lr(index.wrapping_mul(64).wrapping_add(place)) - F::one());
        }
        let weight = noise.lr(index) * F::from_step(index % 5) - f(0.125);
        let y = F::from_step(index / 3 % 2);
        if let Err(error) = gradient.add_weighted(&neuron, &x, y, weight) {
            digest.add_error(error);
        }
        let mut updated = neuron;
        match Sgd::new(f(0.3)).apply(&mut updated, &gradient) {
            Ok(report) => digest.add(report.loss),
            Err(error) => digest.add_error(error),
        }
        digest.add_neuron(&updated);
    }
    let mut updated = neuron;
    let report = Sgd::new(f(0.3)).step_weighted(&mut updated, &[f(0.7); N], f(1.0), f(2.7))?;
    digest.add(report.loss);
    digest.add(updated.bias);
    Ok(())
}

/// A run with rules, and then updates of a neuron from 0 with features of any magnitude, of which
/// some are refused. The state of the rules is added as text, with all its fields.
fn ruled<F: Number>(digest: &mut Digest, rules: impl UpdateRule<F, 3> + fmt::Debug) {
    let decay = CosineDecayRestarts::new(F::from_f64(0.7), 50).t_mul(F::from_f64(1.5));
    let mut sgd = Sgd::new(decay).with(rules);
    let outcome = train(digest, &mut sgd);
    digest.add(F::from_step(outcome.is_ok().into()));
    for x in magnitudes() {
        let mut neuron = LogisticNeuron::zeroed();
        for y in [F::zero(), F::one(), -F::one()] {
            if let Err(error) = sgd.step(&mut neuron, &[x, -x * F::epsilon(), F::one()], y) {
                digest.add_error(error);
            }
            digest.add_neuron(&neuron);
        }
    }
    let _ = write!(digest, "{:?}", sgd.rules());
}

/// Magnitudes from the largest number to below the smallest normal one.
fn magnitudes<F: Number>() -> [F; 14] {
    let exponent = if F::NAME == <f32 as Number>::NAME { 21 } else { 168 };
    let stride = F::from_f64(f64::from_bits((1023 - exponent) << 52));
    let mut next = F::max_value();
    [(); 14].map(|()| {
        let magnitude = next;
        next = next * stride;
        magnitude
    })
}

/// Single updates of a neuron of two, where weights, features and rates are of any magnitude: those
/// that overflow, and those that only just do not.
fn updates_of_all_magnitudes<F: Number>(digest: &mut Digest) {
    let magnitudes = magnitudes::<F>();
    for weight in magnitudes {
        for x in magnitudes {
            for lr in magnitudes {
                let mut neuron = LogisticNeuron::new([weight, -x], weight);
                // A negative label is no label.
                for y in [F::zero(), F::one(), -F::one()] {
                    let report = Sgd::new(lr).step(&mut neuron, &[x, weight * F::epsilon()], y);
                    match report {
                        Ok(report) => digest.add(report.loss),
                        Err(error) => digest.add_error(error),
                    }
                    for value in [neuron.weights[0], neuron.weights[1], neuron.bias] {
                        digest.add(value);
                    }
                }
            }
        }
    }
}

/// One run by single samples and one by batches.
fn train<F: Number, const N: usize>(
    digest: &mut Digest,
    sgd: &mut Sgd<impl Schedule<Rate = F>, impl UpdateRule<F, N>>,
) -> Result<(), Error> {
    let mut neuron = LogisticNeuron::<F, N>::glorot_uniform(1);
    let noise = RandomUniform::new(F::zero(), F::from_f64(2.0), 3);
    let sample = |step: u32| {
        let mut x = [F::zero(); N];
        for (index, x) in (0..).zip(&mut x) {
            *x = noise.lr(step.wrapping_mul(64).wrapping_add(index)) - F::one();
        }
        let y = if x.iter().fold(F::zero(), |sum, &x| sum + x) > F::zero() {
            F::one()
        } else {
            F::zero()
        };
        (x, y)
    };
    for step in 0..200 {
        let (x, y) = sample(step);
        let report = sgd.step(&mut neuron, &x, y)?;
        for value in [report.lr, report.loss, report.prediction] {
            digest.add(value);
        }
    }
    let batch = [sample(1000), sample(1001), sample(1002), sample(1003), sample(1004)];
    for report in
        &sgd.train::<50, N>(&mut neuron, &batch.map(|(x, _)| x), &batch.map(|(_, y)| y))?
    {
        digest.add(report.loss);
    }
    digest.add_neuron(&neuron);
    Ok(())
}
