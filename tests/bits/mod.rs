//! Digests over the bits of every schedule and of whole training runs: what `tests/qemu.rs` computes on the host and
//! `examples/qemu/src/bin/bits.rs` on the chip, from this one text.
//!
//! A NaN counts as one value: its sign and payload are the platform's, not the crate's.

use core::hash::Hasher;

use fnv::FnvHasher;
use microlr::{
    CosineDecay, CosineDecayRestarts, Error, ExponentialDecay, Float, InverseTimeDecay,
    LogisticNeuron, PiecewiseConstantDecay, PolynomialDecay, RandomUniform, Schedule, Sgd, from_fn,
};

/// A number with bits to compare.
pub(crate) trait Bits: Float + Schedule<Rate = Self> {
    const NAME: &'static str;
    /// 14 of these lead from the largest number to below the smallest normal one.
    const STRIDE: f64;
    fn bits(self) -> u64;
    fn from_f64(value: f64) -> Self;
}

impl Bits for f32 {
    const NAME: &'static str = "f32";
    const STRIDE: f64 = f64::from_bits((1023 - 21) << 52);
    fn bits(self) -> u64 {
        self.to_bits().into()
    }
    fn from_f64(value: f64) -> Self {
        value as f32
    }
}

impl Bits for f64 {
    const NAME: &'static str = "f64";
    const STRIDE: f64 = f64::from_bits((1023 - 168) << 52);
    fn bits(self) -> u64 {
        self.to_bits()
    }
    fn from_f64(value: f64) -> Self {
        value
    }
}

/// FNV-1a over everything that is added, the least significant byte of each first.
struct Digest(FnvHasher);

impl Digest {
    fn new() -> Self {
        Self(FnvHasher::default())
    }

    fn add<F: Bits>(&mut self, value: F) {
        let bits = if value.is_nan() { u64::MAX } else { value.bits() };
        self.0.write(&bits.to_le_bytes());
    }

    fn add_error(&mut self, error: Error) {
        let (kind, parameter) = match error {
            Error::OutsideUnitInterval(parameter) => (0, parameter),
            Error::NotFinite(parameter) => (1, parameter),
            Error::Overflow(parameter) => (2, parameter),
            _ => (3, ""),
        };
        self.0.write(&[kind]);
        self.0.write(parameter.as_bytes());
    }

    /// The rates at both sides of every multiple of `edge`, at both ends of every format, at the last steps,
    /// and at steps of every magnitude.
    fn add_rates<F: Bits>(&mut self, schedule: &impl Schedule<Rate = F>, edge: u32) {
        for multiple in 0..8 {
            let step = edge.saturating_mul(multiple);
            for step in [step.saturating_sub(1), step, step.saturating_add(1)] {
                self.add(schedule.lr(step));
            }
        }
        for step in [1 << 24, 1 << 31, u32::MAX - 1, 10_000, 1_000_000_000] {
            for step in [step - 1, step, step + 1] {
                self.add(schedule.lr(step));
            }
        }
        let mut step = 0x9e37_79b9_u32;
        for shift in 0..32 {
            step = step.wrapping_mul(0x0019_660d).wrapping_add(0x3c6e_f35f); // Knuth's and Lewis' constants
            self.add(schedule.lr(step >> shift));
        }
    }
}

/// Calls `emit` with a name and a digest for each family of schedules and for the training, in type `F`.
pub(crate) fn digests<F: Bits>(mut emit: impl FnMut(&'static str, &'static str, u64)) {
    let f = F::from_f64;
    let next_to_one = [F::one() - F::epsilon(), F::one() + F::epsilon()];
    let mut family = |name, add: &dyn Fn(&mut Digest)| {
        let mut digest = Digest::new();
        add(&mut digest);
        emit(F::NAME, name, digest.0.finish());
    };

    family("exponential", &|digest| {
        for (rate, steps, factor) in [
            (f(0.1), 5, f(0.95)),
            (f(0.1), 1, next_to_one[0]),
            (f(1e-30), 7, next_to_one[1]),
            (f(1e30), 3, f(1e-9)),
            (f(0.5), u32::MAX, f(0.01)),
            (f(0.0), 1, f(2.0)),
            (f(-0.1), 10, f(0.5)),
            (f(0.1), 10, f(-0.5)),
        ] {
            let schedule = ExponentialDecay::new(rate, steps, factor);
            digest.add_rates(&schedule, steps);
            digest.add_rates(&schedule.staircase(), steps);
        }
    });
    family("piecewise", &|digest| {
        let values = [f(0.1), f(0.075), f(0.05), f(0.025)];
        digest.add_rates(&PiecewiseConstantDecay::<F, 3>::new([125, 250, 375], values), 125);
        let far = [0, 1 << 24, u32::MAX - 1];
        digest.add_rates(&PiecewiseConstantDecay::<F, 3>::new(far, values), 1 << 24);
    });
    family("polynomial", &|digest| {
        for (first, steps, last) in [
            (f(0.1), 100, f(0.001)),
            (f(0.001), 41, f(0.1)),
            (f(1e30), 1, f(0.0)),
            (f(1.0), u32::MAX, f(0.999)),
            (f(0.3), (1 << 24) + 1, f(1e-30)),
        ] {
            let line = PolynomialDecay::new(first, steps, last);
            digest.add_rates(&line, steps);
            digest.add_rates(&line.cycle(), steps);
            for power in [0.01, 0.5, 2.0, 20.0, -1.0, f64::NAN] {
                digest.add_rates(&line.power(f(power)), steps);
                digest.add_rates(&line.power(f(power)).cycle(), steps);
            }
        }
    });
    family("inverse time", &|digest| {
        for (rate, steps, growth) in [
            (f(0.1), 50, f(0.1)),
            (f(1e30), 1, f(1e30)),
            (f(0.7), u32::MAX, f(3.0)),
            (f(0.1), 7, f(-0.5)),
        ] {
            let schedule = InverseTimeDecay::new(rate, steps, growth);
            digest.add_rates(&schedule, steps);
            digest.add_rates(&schedule.staircase(), steps);
        }
    });
    family("cosine", &|digest| {
        for steps in [1, 2, 500, 100_000, (1 << 24) + 1, u32::MAX] {
            let cosine = CosineDecay::new(f(0.1), steps);
            digest.add_rates(&cosine, steps);
            digest.add_rates(&cosine.alpha(f(0.25)), steps);
            digest.add_rates(&cosine.alpha(f(7.0)).warmup(f(0.3), steps / 3), steps / 3);
            digest.add_rates(&cosine.warmup(f(0.01), 7), 7);
        }
    });
    family("restarts", &|digest| {
        for first in [1, 10, 1000, u32::MAX] {
            let restarts = CosineDecayRestarts::new(f(0.1), first);
            digest.add_rates(&restarts, first);
            for t_mul in [1.0, 1.01, 1.1, 1.5, 2.0, 3.0, 1e6, 1e30, 0.5, f64::NAN] {
                let restarts = restarts.t_mul(f(t_mul));
                digest.add_rates(&restarts.alpha(f(0.01)), first);
                for m_mul in [0.9, 1.5, 1e-30, 1e30] {
                    digest.add_rates(&restarts.m_mul(f(m_mul)), first);
                }
            }
            digest.add_rates(&restarts.t_mul(next_to_one[1]).m_mul(next_to_one[0]), first);
        }
    });
    family("random", &|digest| {
        for seed in [0, 42, u64::MAX] {
            digest.add_rates(&RandomUniform::new(f(0.001), f(0.1), seed), 125);
            digest.add_rates(&RandomUniform::new(F::one(), next_to_one[1], seed), 125);
        }
    });
    family("unvalidated", &|digest| {
        // What no validation would let pass, and what only an f64 can hold: in f32 that is infinite or 0.
        let hostile = [
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
        for a in hostile {
            for b in hostile {
                let exponential = ExponentialDecay::new(a, 7, b);
                digest.add_rates(&exponential, 7);
                digest.add_rates(&exponential.staircase(), 7);
                let inverse = InverseTimeDecay::new(a, 7, b);
                digest.add_rates(&inverse, 7);
                digest.add_rates(&inverse.staircase(), 7);
                let line = PolynomialDecay::new(a, 41, b);
                digest.add_rates(&line.cycle(), 41);
                digest.add_rates(&line.power(f(0.5)), 41);
                digest.add_rates(&PolynomialDecay::new(a, 41, f(0.1)).power(b), 41);
                let cosine = CosineDecay::new(a, 41);
                digest.add_rates(&cosine.alpha(b), 41);
                digest.add_rates(&cosine.warmup(b, 9).alpha(f(0.5)), 9);
                let restarts = CosineDecayRestarts::new(a, 10);
                digest.add_rates(&restarts.t_mul(b), 10);
                digest.add_rates(&restarts.m_mul(b), 10);
                digest.add_rates(&restarts.t_mul(f(1.5)).m_mul(f(0.9)).alpha(b), 10);
                // Also with a lower bound above the upper one.
                digest.add_rates(&RandomUniform::new(a, b, 1), 1);
                digest.add_rates(&a.scaled(b), 1);
                let neuron = LogisticNeuron::new([a], b);
                digest.add(neuron.predict(&[F::one()]));
                digest.add(neuron.loss(&[F::one()], f(0.25)));
            }
            digest.add_rates(&a, 1);
            digest.add_rates(&PiecewiseConstantDecay::<F, 1>::new([10], [a, f(0.1)]), 10);
        }
    });
    family("adaptors", &|digest| {
        let warmed =
            PolynomialDecay::new(f(0.0), 100, f(0.1)).then(1000, CosineDecay::new(f(0.1), 9000));
        digest.add_rates(&warmed, 1000);
        digest.add_rates(&warmed.scaled(f(0.3)).delayed(7), 1007);
        digest.add_rates(&f(0.1), 1);
        digest.add_rates(&from_fn(|step| F::from_step(step).sqrt()), 1);
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
    });
    family("training", &|digest| {
        let decay = CosineDecayRestarts::new(f(0.7), 50).t_mul(f(1.5)).m_mul(f(0.9));
        let outcome = train::<F, 3>(digest, decay).and(train::<F, 17>(digest, f(0.3)));
        digest.add(F::from_step(outcome.is_ok().into()));
    });
    family("magnitudes", &|digest| steps_of_all_magnitudes::<F>(digest));
}

/// Single steps of a neuron of two, where weights, features and rates are of any magnitude: what overflows, and
/// what only just does not.
fn steps_of_all_magnitudes<F: Bits>(digest: &mut Digest) {
    let mut magnitudes = [F::max_value(); 14];
    for index in 1..magnitudes.len() {
        magnitudes[index] = magnitudes[index - 1] * F::from_f64(F::STRIDE);
    }
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
fn train<F: Bits, const N: usize>(
    digest: &mut Digest,
    schedule: impl Schedule<Rate = F>,
) -> Result<(), Error> {
    let mut neuron = LogisticNeuron::<F, N>::glorot_uniform(1);
    let mut sgd = Sgd::new(schedule);
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
    for weight in neuron.weights {
        digest.add(weight);
    }
    digest.add(neuron.bias);
    Ok(())
}
