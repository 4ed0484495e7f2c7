//! The public trait, implemented from outside the crate.

use microlr::{
    CosineDecay, Delayed, Error, Float, History, LogisticNeuron, Scaled, Schedule, Sgd, Then,
    from_fn,
};

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
        self.scale * step.sqrt().recip().min(step / (warmup * warmup.sqrt()))
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

/// Each function that a schedule can use without the standard library, in either type.
fn functions<F: Float>(step: u32) -> [F; 6] {
    let x = F::from_step(step);
    [x.exp(), x.ln(), x.powf(x.recip()), x.sqrt(), x.sin(), x.cos()]
}

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
fn float_has_the_functions_of_a_schedule() {
    // To 200 bits, and rounded; libm may have an error of a unit in the last place.
    let exact = [
        20.085_536_923_187_668,
        1.098_612_288_668_109_8,
        1.442_249_570_307_408_3,
        1.732_050_807_568_877_2,
        0.141_120_008_059_867_2,
        -0.989_992_496_600_445_4,
    ];
    let all = functions::<f32>(3).into_iter().zip(functions::<f64>(3)).zip(exact);
    for ((narrow, wide), exact) in all {
        let exact: f64 = exact;
        let ulp = f64::from((exact as f32).abs().next_up() - (exact as f32).abs());
        assert!((f64::from(narrow) - exact).abs() <= ulp, "{narrow}, not {exact}");
        assert!((wide - exact).abs() <= exact.abs() * f64::EPSILON, "{wide}, not {exact}");
    }
}

#[test]
fn it_composes_with_the_adaptors() {
    let schedule = NOAM.scaled(2.0).then(64, CosineDecay::new(0.25, 100).delayed(4));
    assert_eq!([schedule.lr(15), schedule.lr(63)], [0.5, 0.25]);
    assert_eq!([schedule.lr(64), schedule.lr(68), schedule.lr(118)], [0.25, 0.25, 0.125]);
    assert!(NOAM.iter().skip(15).step_by(48).take(2).eq([0.25, 0.125]));
}

/// Half of [`NOAM`] for 64 steps, and then a cosine that begins after 4 more.
static COMPOSED: Then<Scaled<Noam<f32>, f32>, Delayed<CosineDecay<f32>>> =
    Then::new(Scaled::new(NOAM, 0.5), 64, Delayed::new(CosineDecay::new(0.25, 100), 4));
/// A trainer whose schedule is chosen elsewhere.
static TRAINER: Sgd<&(dyn Schedule<Rate = f32> + Sync)> = Sgd::new(&COMPOSED);

#[test]
fn it_composes_in_a_static() {
    let rates = [15, 63, 64, 68, 118, 168].map(|step| COMPOSED.lr(step));
    assert_eq!(rates, [0.125, 0.0625, 0.25, 0.25, 0.125, 0.0]);
    let provided = NOAM.scaled(0.5).then(64, CosineDecay::new(0.25, 100).delayed(4));
    assert!(provided.iter().take(200).eq(COMPOSED.iter().take(200)));
    let mut sgd = TRAINER;
    assert_eq!(sgd.lr(), COMPOSED.lr(0));
    sgd.set_iterations(68);
    assert_eq!(sgd.lr(), 0.25);
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
        let history: History<f32, 200> = Sgd::new(schedule)
            .train(&mut neuron, &xs, &[0.0, 1.0, 1.0, 1.0])
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
    for (rate, error) in [
        (f32::NAN, Error::NotFinite("learning_rate")),
        (f32::INFINITY, Error::NotFinite("learning_rate")),
        (-0.1, Error::Negative("learning_rate")),
    ] {
        let broken = from_fn(|step| if step == 2 { rate } else { 0.1 });
        let (mut neuron, mut sgd) = (LogisticNeuron::<f32, 1>::zeroed(), Sgd::new(broken));
        assert!(sgd.step(&mut neuron, &[1.0], 1.0).is_ok());
        assert!(sgd.step(&mut neuron, &[1.0], 1.0).is_ok());
        let before = neuron;
        assert_eq!(sgd.step(&mut neuron, &[1.0], 1.0), Err(error));
        assert_eq!(sgd.step_batch(&mut neuron, &[[1.0]], &[1.0]), Err(error));
        assert_eq!((neuron, sgd.iterations()), (before, 2));
    }
}
