//! `Standardizer` beside scikit-learn's and River's, and among glitches.
//!
//! `tests/golden/README.md` describes the table and how it was generated.

mod csv;

use std::str::FromStr;

use csv::{cells, parse, sets};
use microlr::{Error, Float, LogisticNeuron, Moments, RandomUniform, Schedule, Sgd, Standardizer};

const TABLE: &str = include_str!("golden/standardizer.csv");

/// The largest errors: of the mean in standard deviations, of the variance relative to it, and of a
/// transformed value relative to it, or absolute below 1.
fn errors<F: Float + FromStr + Into<f64>>() -> [f64; 3] {
    let mut worst = [0.0_f64; 3];
    for set in sets(TABLE) {
        let mut standardizer = Standardizer::<F, 1>::new();
        let mut rows = set.rows.iter().map(|row| cells::<5>(row)).peekable();
        let mut count = 0;
        while let Some([x, mean, variance, scikit, river]) = rows.next() {
            standardizer.observe(&[parse(x)]).unwrap();
            let moments = standardizer.moments();
            count += 1;
            assert_eq!(moments.count, count);
            let ours = moments.mean[0].into() + moments.mean_low[0].into();
            let (ours_variance, deviation) =
                (moments.variance[0].into(), parse::<f64>(variance).sqrt());
            if deviation == 0.0 {
                assert_eq!((ours, ours_variance), (parse(mean), 0.0), "{set:?}");
            } else {
                worst[0] = worst[0].max((ours - parse::<f64>(mean)).abs() / deviation);
                worst[1] = worst[1].max((ours_variance / parse::<f64>(variance) - 1.0).abs());
            }
            let Some([next, ..]) = rows.peek() else { break };
            let [z] = standardizer.transform(&[parse(next)]);
            let (z, scikit, river): (f64, f64, f64) = (z.into(), parse(scikit), parse(river));
            if deviation == 0.0 {
                // scikit-learn takes the deviation for 1.
                assert_eq!((z, river), (0.0, 0.0), "{set:?}");
                assert_eq!(scikit, parse::<f64>(next) - parse::<f64>(mean), "{set:?}");
            } else {
                for theirs in [scikit, river] {
                    worst[2] = worst[2].max((z - theirs).abs() / theirs.abs().max(1.0));
                }
            }
        }
        assert_eq!(count, 60);
    }
    worst
}

#[test]
fn every_prefix_is_that_of_scikit_learn_and_river() {
    assert_eq!(sets(TABLE).len(), 14);
    let [narrow, wide] = [errors::<f32>(), errors::<f64>()];
    assert!(narrow.iter().all(|&error| error < 5e-7), "{narrow:?}");
    // That is their own error, where the offset is 1e5 standard deviations.
    assert!(wide.iter().all(|&error| error < 1e-10), "{wide:?}");
}

/// A vibration that is usually 0.3 and rises in an alarm, and a feature of another scale.
fn sample(index: u32) -> ([f32; 2], f32) {
    let noise = RandomUniform::new(-1.0_f32, 1.0, 5);
    let [a, b, c] = [0, 1, 2].map(|k| noise.lr(3 * index + k));
    let alarm = c > 0.8;
    ([0.3 + 0.1 * a + if alarm { 0.25 } else { 0.0 }, 1013.0 + 5.0 * b], f32::from(u8::from(alarm)))
}

#[derive(Clone, Copy)]
struct Detector {
    standardizer: Standardizer<f32, 2>,
    neuron: LogisticNeuron<f32, 2>,
    sgd: Sgd<f32>,
}

impl Detector {
    fn learn(&mut self, x: &[f32; 2], y: f32) -> Result<(), Error> {
        self.standardizer.observe(x)?;
        self.sgd.step(&mut self.neuron, &self.standardizer.transform(x), y).map(drop)
    }

    /// The fraction of other samples that it gets right.
    fn accuracy(&self) -> f64 {
        let right = |&index: &u32| {
            let (x, y) = sample(index);
            (self.neuron.predict(&self.standardizer.transform(&x)) > 0.5) == (y > 0.5)
        };
        (1_000_000..1_001_000).filter(right).count() as f64 / 1000.0
    }
}

/// How many good samples after a glitch the accuracy is that of a twin without it, to half a
/// percent. The glitch comes after `samples` good ones.
fn recovery(samples: u32, glitch: [f32; 2], label: f32, clamp: Option<f32>) -> u32 {
    let standardizer = Standardizer::new();
    let mut twin = Detector {
        standardizer: clamp.map_or(standardizer, |k| standardizer.clamp(k)),
        neuron: LogisticNeuron::zeroed(),
        sgd: Sgd::new(0.1),
    };
    for index in 0..samples {
        let (x, y) = sample(index);
        twin.learn(&x, y).unwrap();
    }
    let mut detector = twin;
    detector.learn(&glitch, label).unwrap();
    let mut good = 0;
    while detector.accuracy() < twin.accuracy() - 0.005 && good < 1000 {
        let (x, y) = sample(samples + good);
        twin.learn(&x, y).unwrap();
        detector.learn(&x, y).unwrap();
        good += 1;
    }
    good
}

#[test]
fn a_glitch_costs_few_samples_when_clamped() {
    for samples in [20_000, 100_000] {
        for glitch in [[65535.0, 1013.0], [-65535.0, 1013.0], [0.3, 65535.0], [1e30, -1e30]] {
            for label in [0.0, 1.0] {
                let cost = recovery(samples, glitch, label, Some(6.0));
                assert!(cost < 20, "{cost} samples after {samples}, {glitch:?}, {label}");
            }
        }
    }
    // Not recovered when the search ends.
    assert_eq!(recovery(20_000, [65535.0, 1013.0], 0.0, None), 1000);
}

#[test]
fn a_level_that_moves_is_followed_when_clamped() {
    // From 0 to 1000 standard deviations.
    let mut standardizer = Standardizer::<f32, 1>::new().clamp(3.0);
    let noise = RandomUniform::new(-1.7_f32, 1.7, 2);
    for step in 0..1000 {
        standardizer.observe(&[noise.lr(step)]).unwrap();
    }
    let [near] = standardizer.transform(&[1000.0]);
    assert_eq!(near, 3.0);
    let followed = (0..).position(|step| {
        standardizer.observe(&[1000.0 + noise.lr(step)]).unwrap();
        standardizer.transform(&[1000.0])[0] < 2.0
    });
    assert!(followed.is_some_and(|samples| samples < 5000), "{followed:?}");
}

#[test]
fn clamping_at_6_changes_no_ordinary_moment() {
    let (mut clamped, mut free) =
        (Standardizer::<f32, 2>::new().clamp(6.0), Standardizer::<f32, 2>::new());
    for index in 0..10_000 {
        let (x, _) = sample(index);
        clamped.observe(&x).unwrap();
        free.observe(&x).unwrap();
    }
    let [clamped, free] = [clamped, free].map(|it| it.moments().standard_deviation());
    for (clamped, free) in clamped.into_iter().zip(free) {
        assert!((clamped / free - 1.0).abs() < 1e-3, "{clamped} {free}");
    }
}

/// Numbers of every magnitude, NaN and infinity among them.
fn hostile(index: u32) -> f32 {
    let noise = RandomUniform::new(0.0_f64, 1.0, 9);
    match index % 7 {
        0 => 0.3,
        1 => [f32::NAN, f32::INFINITY, f32::MAX, f32::MIN, 1e30, -1e19, 1e-45]
            [index as usize / 7 % 7],
        _ => f32::from_bits((noise.lr(index) * 4294967296.0) as u32),
    }
}

#[test]
fn a_hostile_stream_leaves_it_finite() {
    for (mut standardizer, limit) in
        [(Standardizer::<f32, 2>::new(), f32::INFINITY), (Standardizer::new().clamp(6.0), 6.0)]
    {
        let (mut refused, mut overflows) = (0, 0);
        for index in 0..1_000_000 {
            let x = [hostile(index), hostile(index.wrapping_mul(0x9e37_79b1) >> 3)];
            let before = standardizer;
            match standardizer.observe(&x) {
                Ok(()) => assert_eq!(standardizer.moments().count, before.moments().count + 1),
                Err(error) => {
                    let feature = x.iter().position(|x| !x.is_finite());
                    assert_eq!(
                        error,
                        match feature {
                            Some(feature) => Error::Feature { sample: 0, feature: feature as u32 },
                            None => Error::Overflow("variance"),
                        }
                    );
                    refused += u32::from(feature.is_some());
                    overflows += u32::from(feature.is_none());
                    assert_eq!(standardizer, before);
                }
            }
            assert_eq!(standardizer.validate(), Ok(()));
            for (x, z) in x.into_iter().zip(standardizer.transform(&x)) {
                assert_eq!(z.is_nan(), !x.is_finite());
                assert!(z.is_nan() || z.abs() <= limit);
            }
        }
        assert!(refused > 0 && overflows > 0);
    }
}

/// Its square would overflow in every later distance from the mean.
#[test]
fn an_absurd_first_sample_is_refused() {
    let mut standardizer = Standardizer::<f32, 1>::new().clamp(6.0);
    assert_eq!(standardizer.observe(&[1e30]), Err(Error::Overflow("variance")));
    for x in [1.0, 3.0] {
        assert_eq!(standardizer.observe(&[x]), Ok(()));
    }
    assert_eq!(standardizer.transform(&[1e30]), [6.0]);
    assert_eq!(standardizer.observe(&[1e30]), Ok(())); // 6 standard deviations of 1
    assert_eq!((standardizer.moments().count, standardizer.moments().mean), (3, [4.0]));
}

#[test]
fn the_scale_does_not_matter() {
    let moments = [0, -53, 59].map(|exponent| {
        let scale = 2_f32.powi(exponent);
        let mut standardizer = Standardizer::<f32, 1>::new();
        let noise = RandomUniform::new(-1.75_f32, 1.75, 3);
        for step in 0..100_000 {
            standardizer.observe(&[noise.lr(step) * scale]).unwrap();
        }
        let moments = standardizer.moments();
        [moments.mean[0] / scale, moments.variance[0] / scale / scale]
    });
    for [mean, variance] in moments {
        assert!((mean - moments[0][0]).abs() < 1e-7, "{moments:?}");
        assert!((variance / moments[0][1] - 1.0).abs() < 1e-6, "{moments:?}");
    }
}

#[test]
fn the_counter_saturates() {
    let moments = Moments::new(u32::MAX - 1, [0.0_f64], [1.0]);
    let mut standardizer = Standardizer::from_moments(moments);
    let mut means = [0.0; 3];
    for mean in &mut means {
        standardizer.observe(&[4294967295.0]).unwrap();
        *mean = standardizer.moments().mean[0];
    }
    assert_eq!(standardizer.moments().count, u32::MAX);
    assert!((means[2] - 3.0).abs() < 1e-8, "{means:?}");
}

#[test]
fn invalid_moments_do_no_harm() {
    let numbers = [f32::NAN, f32::INFINITY, f32::MAX, -1.0, 0.0, 1.0];
    for mean in numbers {
        for variance in numbers {
            for k in numbers {
                let moments = Moments::new(3, [mean], [variance]);
                let mut standardizer = Standardizer::from_moments(moments).clamp(k);
                let before = format!("{standardizer:?}");
                if standardizer.observe(&[0.5]).is_err() {
                    assert_eq!(format!("{standardizer:?}"), before);
                }
                let _ = standardizer.transform(&[0.5]);
            }
        }
    }
}
