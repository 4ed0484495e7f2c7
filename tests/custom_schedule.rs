//! The public trait, implemented from outside the crate.

use microlr::{CosineDecay, Error, Float, LogisticNeuron, Schedule, Sgd, from_fn};

/// Noam: `scale · min((s + 1)^-½, (s + 1) · warmup^-1½)`, for either number type.
#[derive(Debug, Clone, Copy)]
struct Noam<F> {
    scale: F,
    warmup_steps: u32,
}

impl<F: Float> Schedule for Noam<F> {
    type Rate = F;

    fn lr(&self, step: u32) -> F {
        let step = F::from_step(step.saturating_add(1));
        let warmup = F::from_step(self.warmup_steps);
        self.scale * (F::one() / step.sqrt()).min(step / (warmup * warmup.sqrt()))
    }

    fn validate(&self) -> Result<(), Error> {
        match self.warmup_steps {
            0 => Err(Error::NotPositive("warmup_steps")),
            _ if !self.scale.is_finite() => Err(Error::NotFinite("scale")),
            _ if self.scale < F::zero() => Err(Error::Negative("scale")),
            _ => Ok(()),
        }
    }
}

const NOAM: Noam<f32> = Noam { scale: 1.0, warmup_steps: 16 };

/// A rate that depends on two schedules which are only known at run time.
struct Larger<'a> {
    first: &'a dyn Schedule<Rate = f32>,
    second: &'a dyn Schedule<Rate = f32>,
}

impl Schedule for Larger<'_> {
    type Rate = f32;

    fn lr(&self, step: u32) -> f32 {
        self.first.lr(step).max(self.second.lr(step))
    }
}

#[test]
fn it_gives_rates() {
    // Rises to (16)^-½ = 1/4 at the sixteenth step and falls from there.
    assert_eq!([NOAM.lr(0), NOAM.lr(7), NOAM.lr(15), NOAM.lr(63)], [0.015_625, 0.125, 0.25, 0.125]);
    assert!(NOAM.lr(14) < 0.25 && NOAM.lr(16) < 0.25);
    let wide = Noam { scale: 1.0_f64, warmup_steps: 16 };
    assert_eq!(wide.lr(63), 0.125);
}

#[test]
fn it_composes_with_the_adaptors() {
    let schedule = NOAM.scaled(2.0).then(64, CosineDecay::new(0.25, 100).delayed(4));
    assert_eq!([schedule.lr(15), schedule.lr(63)], [0.5, 0.25]);
    assert_eq!([schedule.lr(64), schedule.lr(68), schedule.lr(118)], [0.25, 0.25, 0.125]);
    assert!(NOAM.iter().skip(15).step_by(48).take(2).eq([0.25, 0.125]));
}

#[test]
fn its_validation_is_asked_through_every_wrapper() {
    let broken = Noam { scale: 1.0_f32, warmup_steps: 0 };
    let error = Err(Error::NotPositive("warmup_steps"));
    assert_eq!(<&Noam<f32> as Schedule>::validate(&&broken), error);
    assert_eq!((&broken as &dyn Schedule<Rate = f32>).validate(), error);
    assert_eq!(broken.then(5, 0.1_f32).validate(), error);
    assert_eq!(0.1_f32.then(5, broken).validate(), error);
    assert_eq!(broken.scaled(0.5).validate(), error);
    assert_eq!(broken.delayed(5).validate(), error);
    assert_eq!(NOAM.scaled(-1.0).validate(), Err(Error::Negative("factor")));
    assert_eq!(NOAM.scaled(f32::NAN).validate(), Err(Error::NotFinite("factor")));
    assert_eq!(
        Sgd::try_new(broken).map(|sgd| sgd.iterations()),
        Err(Error::NotPositive("warmup_steps"))
    );
    assert_eq!(NOAM.scaled(0.5).then(5, 0.1_f32).delayed(1).validate(), Ok(()));
}

#[test]
#[expect(clippy::needless_borrows_for_generic_args, reason = "the reference is what is tested")]
fn it_trains_by_value_by_reference_and_behind_a_trait_object() {
    fn trained(schedule: impl Schedule<Rate = f32>) -> LogisticNeuron<f32, 2> {
        let mut neuron = LogisticNeuron::zeroed();
        let xs = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]];
        let history = Sgd::new(schedule)
            .train::<200, 2>(&mut neuron, &xs, &[0.0, 1.0, 1.0, 1.0])
            .expect("a valid schedule and finite samples");
        assert!(history[199].loss < history[0].loss);
        neuron
    }
    let neuron = trained(NOAM);
    assert!(neuron.predict(&[1.0, 1.0]) > 0.9);
    assert_eq!(trained(&NOAM), neuron);
    assert_eq!(trained(&NOAM as &dyn Schedule<Rate = f32>), neuron);
    assert_eq!(trained(Larger { first: &NOAM, second: &0.0_f32 }), neuron);
    assert_eq!(trained(from_fn(|step| NOAM.lr(step))), neuron);
}

#[test]
fn a_rate_that_makes_no_sense_stops_the_trainer_and_not_the_program() {
    let broken = from_fn(|step| if step == 2 { f32::NAN } else { 0.1 });
    let (mut neuron, mut sgd) = (LogisticNeuron::<f32, 1>::zeroed(), Sgd::new(broken));
    assert!(sgd.step(&mut neuron, &[1.0], 1.0).is_ok());
    assert!(sgd.step(&mut neuron, &[1.0], 1.0).is_ok());
    let before = neuron;
    let refused = sgd.step(&mut neuron, &[1.0], 1.0);
    assert_eq!(refused, Err(Error::NotFinite("learning_rate")));
    assert_eq!((neuron, sgd.iterations()), (before, 2));
}
