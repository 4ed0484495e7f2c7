//! Faulty sensors: a detector that learns from raw samples stays valid, and is accurate again after
//! good samples.
//!
//! `PROPTEST_CASES` sets the number of hostile streams, 300 unless set. The run of 10^8 samples
//! takes 10 seconds: `cargo test --test hostile -- --ignored`.

use std::env;

use microlr::{Confusion, Error, Guard, GuardCounts, LogisticNeuron, Sgd, Standardizer};
use proptest::prelude::*;

/// SplitMix64 of Steele, Lea and Flood, 2014: cheap, so that a run of 10^8 updates is short.
#[derive(Clone, Copy)]
struct Random(u64);

impl Random {
    fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, n: u64) -> u64 {
        ((self.word() >> 32) * n) >> 32
    }

    /// In [-1, 1).
    fn noise(&mut self) -> f32 {
        ((self.word() >> 40) as i32 - (1 << 23)) as f32 / (1 << 23) as f32
    }

    /// A vibration in g, which rises in an alarm, and a pressure in hPa.
    fn sample(&mut self, one_alarm_in: u64) -> ([f32; 2], bool) {
        let alarm = self.below(one_alarm_in) == 0;
        let level = if alarm { 0.55 } else { 0.3 };
        ([level + 0.1 * self.noise(), 1013.0 + 5.0 * self.noise()], alarm)
    }
}

/// The plausible values of this machine: narrower than the sensors' ranges.
const GUARD: Guard<f32, 2> = Guard::new([0.0, 950.0], [1.0, 1080.0]).stuck_after([20, 20]);

#[derive(Debug, Clone, Copy)]
struct Detector {
    guard: Option<Guard<f32, 2>>,
    standardizer: Standardizer<f32, 2>,
    neuron: LogisticNeuron<f32, 2>,
    sgd: Sgd<f32>,
}

impl Detector {
    const fn new(guard: Option<Guard<f32, 2>>, standardizer: Standardizer<f32, 2>) -> Self {
        Self { guard, standardizer, neuron: LogisticNeuron::zeroed(), sgd: Sgd::new(0.1) }
    }

    const fn guarded() -> Self {
        Self::new(Some(GUARD), Standardizer::new().clamp(6.0))
    }

    fn learn(&mut self, raw: &[f32; 2], label: bool) -> Result<(), Error> {
        let x = self.guard.as_mut().map_or(Ok(*raw), |guard| guard.check(raw))?;
        self.standardizer.observe(&x)?;
        let x = self.standardizer.transform(&x);
        self.sgd.step(&mut self.neuron, &x, f32::from(u8::from(label))).map(drop)
    }

    fn learn_good(&mut self, random: &mut Random, samples: u32) {
        for _ in 0..samples {
            let (x, label) = random.sample(5);
            self.learn(&x, label).unwrap();
        }
    }

    /// The balanced accuracy on 1000 other samples.
    fn balanced_accuracy(&self) -> f32 {
        let (mut random, mut confusion) = (Random(1 << 40), Confusion::new(0.5));
        for _ in 0..1000 {
            let (x, label) = random.sample(5);
            let prediction = self.neuron.predict(&self.standardizer.transform(&x));
            confusion.observe(prediction, label).unwrap();
        }
        confusion.balanced_accuracy()
    }

    fn assert_valid(&self) {
        let LogisticNeuron { weights: [a, b], bias } = self.neuron;
        // After good samples alone the largest of them is 9.7.
        assert!([a, b, bias].iter().all(|number| number.abs() < 20.0), "{:?}", self.neuron);
        assert_eq!(self.standardizer.validate(), Ok(()));
        let counts = self.guard.unwrap().counts;
        assert_eq!(counts.accepted, self.sgd.iterations());
        assert_eq!(counts.accepted, self.standardizer.moments().count);
    }
}

/// A detector after 20 000 good samples, and the source of more.
fn converged(mut detector: Detector) -> (Detector, Random) {
    let mut random = Random(1);
    detector.learn_good(&mut random, 20_000);
    (detector, random)
}

/// The faults of a sensor. Some of them stay inside of the plausible range.
#[derive(Debug, Clone, Copy)]
enum Fault {
    None,
    NotANumber,
    Infinite,
    NegativeInfinite,
    Largest,
    Lowest,
    Subnormal,
    AllOnes,
    Huge,
    SignFlip,
    /// The first sample of the fault, again and again.
    Stuck,
    /// Any bits.
    Bits,
    /// Any plausible value.
    Noise,
    /// A pressure that rises by up to 50 hPa.
    Drift,
    /// Every second label is wrong.
    LabelNoise,
    WrongLabels,
}

const FAULTS: [Fault; 16] = [
    Fault::None,
    Fault::NotANumber,
    Fault::Infinite,
    Fault::NegativeInfinite,
    Fault::Largest,
    Fault::Lowest,
    Fault::Subnormal,
    Fault::AllOnes,
    Fault::Huge,
    Fault::SignFlip,
    Fault::Stuck,
    Fault::Bits,
    Fault::Noise,
    Fault::Drift,
    Fault::LabelNoise,
    Fault::WrongLabels,
];

impl Fault {
    /// The sample of a broken sensor, `index` samples after the fault began.
    fn sample(
        self,
        random: &mut Random,
        first: ([f32; 2], bool),
        feature: usize,
        index: u32,
    ) -> ([f32; 2], bool) {
        let (mut x, mut label) = random.sample(5);
        let value = &mut x[feature];
        match self {
            Self::None => {}
            Self::NotANumber => *value = f32::NAN,
            Self::Infinite => *value = f32::INFINITY,
            Self::NegativeInfinite => *value = f32::NEG_INFINITY,
            Self::Largest => *value = f32::MAX,
            Self::Lowest => *value = f32::MIN,
            Self::Subnormal => *value = f32::from_bits(random.below(1 << 23) as u32),
            Self::AllOnes => *value = 65535.0,
            Self::Huge => *value = 1e30 * random.noise(),
            Self::SignFlip => *value = -*value,
            Self::Stuck => (x, label) = first,
            Self::Bits => *value = f32::from_bits(random.word() as u32),
            Self::Noise => x = [random.noise().abs(), 1015.0 + 65.0 * random.noise()],
            Self::Drift => x[1] += index.min(500) as f32 / 10.0,
            Self::LabelNoise => label ^= index.is_multiple_of(2),
            Self::WrongLabels => label = !label,
        }
        (x, label)
    }
}

fn faults() -> impl Strategy<Value = Vec<(Fault, usize, u32)>> {
    let fault = prop::sample::select(&FAULTS[..]);
    prop::collection::vec((fault, 0..2_usize, 1..500_u32), 1..12)
}

fn config() -> ProptestConfig {
    let wanted = env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { cases: wanted.unwrap_or(300), failure_persistence: None, ..Default::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_detector_is_useful_again_after_every_hostile_stream(seed: u64, faults in faults()) {
        let mut random = Random(seed);
        let mut detector = Detector::guarded();
        detector.learn_good(&mut random, 2000);
        let mut samples = 2000;
        for (fault, feature, length) in faults {
            let first = random.sample(5);
            for index in 0..length {
                let (x, label) = fault.sample(&mut random, first, feature, index);
                let before = detector;
                if detector.learn(&x, label).is_err() {
                    prop_assert_eq!(detector.neuron, before.neuron);
                    prop_assert_eq!(detector.standardizer, before.standardizer);
                }
                detector.assert_valid();
            }
            samples += length;
        }
        let GuardCounts { accepted, not_finite, stuck, out_of_range } =
            detector.guard.unwrap().counts;
        prop_assert_eq!(accepted + not_finite + stuck + out_of_range, samples);
        detector.learn_good(&mut random, 4000);
        let accuracy = detector.balanced_accuracy();
        prop_assert!(accuracy > 0.98, "{}", accuracy);
    }
}

#[test]
#[ignore = "10^8 samples: cargo test --test hostile -- --ignored"]
fn a_hundred_million_hostile_samples() {
    let mut random = Random(7);
    let mut detector = Detector::guarded();
    detector.learn_good(&mut random, 2000);
    let mut samples = 0;
    while samples < 100_000_000 {
        let fault = FAULTS[random.below(FAULTS.len() as u64) as usize];
        let feature = random.below(2) as usize;
        let first = random.sample(5);
        for index in 0..1 + random.below(500) as u32 {
            let (x, label) = fault.sample(&mut random, first, feature, index);
            let _ = detector.learn(&x, label);
            samples += 1;
        }
        detector.assert_valid();
        for _ in 0..random.below(1000) {
            let (x, label) = random.sample(5);
            let _ = detector.learn(&x, label);
            samples += 1;
        }
    }
    detector.learn_good(&mut random, 4000);
    assert!(detector.balanced_accuracy() > 0.98, "{detector:?}");
}

/// For each detector: the weight of the vibration after the fault, and the balanced accuracy 50
/// good samples later. Before the fault the weight is 9.70, and the balanced accuracy is 1.
const TABLE: &str = "
fault                 label  no protection  clamp of 6     guard, clamp
once 65535 g          0      -4.45 0.500     9.10 1.000     9.70 1.000
once 1e30 g           0       9.70 1.000     9.10 1.000     9.70 1.000
once NaN              0       9.70 1.000     9.70 1.000     9.70 1.000
once infinity         0       9.70 1.000     9.70 1.000     9.70 1.000
once the sign         1       8.92 1.000     9.10 1.000     9.70 1.000
once a wrong label    0       9.48 1.000     9.48 1.000     9.48 1.000
65535 g, 10 times     0      -4.45 0.500     3.70 0.764     9.70 1.000
stuck for 100 samples 1       9.75 0.876     9.75 0.876     9.71 1.000
";

#[test]
fn a_fault_costs_a_guarded_detector_less_than_50_samples() {
    let plain = Standardizer::new();
    let detectors =
        [Detector::new(None, plain), Detector::new(None, plain.clamp(6.0)), Detector::guarded()];
    let mut table =
        String::from("\nfault                 label  no protection  clamp of 6     guard, clamp\n");
    for (fault, vibration, label, samples) in [
        ("once 65535 g", 65535.0, false, 1),
        ("once 1e30 g", 1e30, false, 1),
        ("once NaN", f32::NAN, false, 1),
        ("once infinity", f32::INFINITY, false, 1),
        ("once the sign", -0.55, true, 1),
        ("once a wrong label", 0.6, false, 1),
        ("65535 g, 10 times", 65535.0, false, 10),
        ("stuck for 100 samples", 0.35, true, 100),
    ] {
        let cells = detectors.map(|detector| {
            let (mut detector, mut random) = converged(detector);
            for _ in 0..samples {
                let _ = detector.learn(&[vibration, 1013.0], label);
            }
            let [weight, _] = detector.neuron.weights;
            detector.learn_good(&mut random, 50);
            format!("{weight:5.2} {:.3}", detector.balanced_accuracy())
        });
        let label = u8::from(label);
        table += format!("{fault:<21} {label}      {}", cells.join("    ")).trim_end();
        table.push('\n');
    }
    assert!(table == TABLE, "{table}");
}

#[test]
fn every_single_fault_costs_a_guarded_detector_less_than_50_samples() {
    let (converged, mut random) = converged(Detector::guarded());
    let before = converged.balanced_accuracy();
    for _ in 0..20 {
        for fault in FAULTS {
            for feature in 0..2 {
                let mut detector = converged;
                let first = random.sample(5);
                let (x, label) = fault.sample(&mut random, first, feature, 0);
                let _ = detector.learn(&x, label);
                detector.learn_good(&mut random, 50);
                let after = detector.balanced_accuracy();
                assert!(after >= before - 0.005, "{fault:?} {feature}: {after} after {before}");
            }
        }
    }
}

/// Without a clamp one glitch raises the standard deviation from 0.1 to 460. A guard without a
/// range accepts the glitch.
#[test]
fn without_a_clamp_or_a_range_one_glitch_costs_more_than_1000_samples() {
    let open = Guard::new([f32::MIN; 2], [f32::MAX; 2]);
    let plain = Standardizer::new();
    for (detector, recovers) in [
        (Detector::new(Some(open), plain), false),
        (Detector::new(Some(open), plain.clamp(6.0)), true),
        (Detector::new(Some(GUARD), plain), true),
    ] {
        let (mut detector, mut random) = converged(detector);
        let before = detector.balanced_accuracy();
        let _ = detector.learn(&[65535.0, 1013.0], false);
        detector.learn_good(&mut random, 1000);
        assert_eq!(detector.balanced_accuracy() >= before - 0.005, recovers);
    }
}

/// A vibration in g, a pressure in hPa and a current in A, and a rare alarm.
fn raw_sample(random: &mut Random) -> ([f32; 3], bool) {
    let ([vibration, pressure], alarm) = random.sample(20);
    ([vibration, pressure, 1e-3 + 5e-4 * random.noise()], alarm)
}

/// Accuracy and recall on later samples, and the spread of the neuron's features.
fn trained(prepare: impl Fn(&[f32; 3]) -> [f32; 3]) -> (f32, f32, f32) {
    let (mut neuron, mut sgd) = (LogisticNeuron::zeroed(), Sgd::new(0.1_f32));
    let (mut inputs, mut confusion) = (Standardizer::new(), Confusion::new(0.5));
    let mut random = Random(1);
    for _ in 0..20_000 {
        let (x, alarm) = raw_sample(&mut random);
        let x = prepare(&x);
        inputs.observe(&x).unwrap();
        sgd.step(&mut neuron, &x, f32::from(u8::from(alarm))).unwrap();
    }
    for _ in 0..10_000 {
        let (x, alarm) = raw_sample(&mut random);
        confusion.observe(neuron.predict(&prepare(&x)), alarm).unwrap();
    }
    (confusion.accuracy(), confusion.recall(), inputs.moments().spread())
}

#[test]
fn the_spread_warns_where_a_neuron_learns_nothing() {
    let mut standardizer = Standardizer::new();
    let mut random = Random(2);
    for _ in 0..1000 {
        standardizer.observe(&raw_sample(&mut random).0).unwrap();
    }
    let (accuracy, recall, spread) = trained(|x| *x);
    assert!(accuracy > 0.94 && recall == 0.0 && spread > 1e6, "{accuracy} {recall} {spread}");
    let (accuracy, recall, spread) = trained(|x| standardizer.transform(x));
    assert!(accuracy > 0.99 && recall > 0.99 && spread < 1.1, "{accuracy} {recall} {spread}");
}
