//! The proof that nothing a running device calls can panic.
//!
//! The panic handler calls a function that exists nowhere, so this program links only if the optimiser has shown every
//! path to a panic to be dead. With the feature `twin` one deliberate index joins in, and it must not link.
//!
//! There is no allocator either: a path that allocates would not link.

#![no_std]
#![no_main]

use core::hint::black_box;
use core::panic::PanicInfo;

use cortex_m_rt::entry;
use cortex_m_semihosting::debug;
use microlr::{
    CosineDecay, CosineDecayRestarts, Error, ExponentialDecay, Float, History, InverseTimeDecay,
    LogisticNeuron, PiecewiseConstantDecay, PolynomialDecay, RandomUniform, Schedule, Sgd, from_fn,
};
use microlr_qemu as _;

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn a_panic_is_reachable() -> !;
    }
    // SAFETY: never called; where this is reachable, the program does not link.
    unsafe { a_panic_is_reachable() }
}

/// Whatever was computed is used.
fn seen<T>(value: T) {
    black_box(value);
}

fn schedule<F: Float>(schedule: &impl Schedule<Rate = F>, step: u32) -> Result<(), Error> {
    schedule.validate()?;
    let shared: &dyn Schedule<Rate = F> = schedule;
    let rates = [
        Some(schedule.lr(step)),
        schedule.iter().nth(step as usize),
        Some(black_box(shared).lr(step)),
    ];
    seen(schedule.iter().size_hint());
    let finite = rates.into_iter().flatten().filter(|rate| rate.is_finite()).count();
    if finite == rates.len() { Ok(()) } else { Err(Error::NotFinite("rate")) }
}

fn every_schedule<F: Float>(rate: F, other: F, steps: u32, step: u32) -> Result<(), Error> {
    let exponential = ExponentialDecay::try_new(rate, steps, other)?;
    schedule(&exponential, step)?;
    schedule(&exponential.staircase(), step)?;
    let inverse = InverseTimeDecay::try_new(rate, steps, other)?;
    schedule(&inverse, step)?;
    schedule(&inverse.staircase(), step)?;
    let polynomial = PolynomialDecay::try_new(rate, steps, other)?;
    schedule(&polynomial, step)?;
    schedule(&polynomial.cycle(), step)?;
    schedule(&polynomial.power(other), step)?;
    schedule(&polynomial.power(other).cycle(), step)?;
    let cosine = CosineDecay::try_new(rate, steps)?;
    schedule(&cosine, step)?;
    schedule(&cosine.alpha(other), step)?;
    schedule(&cosine.warmup(other, step), steps)?;
    let restarts = CosineDecayRestarts::try_new(rate, steps)?;
    schedule(&restarts, step)?;
    schedule(&restarts.t_mul(F::one() + other).m_mul(rate).alpha(other), step)?;
    let pieces =
        PiecewiseConstantDecay::<F, 3>::try_new([9, step, steps], [rate, other, rate, other])?;
    schedule(&pieces, step)?;
    let slices = PiecewiseConstantDecay::<F, 5>::try_from_slices(
        black_box(&[step, steps]),
        black_box(&[rate, other, rate]),
    )?;
    schedule(&slices, step)?;
    schedule(&RandomUniform::try_new(rate, other, u64::from(steps))?, step)?;
    schedule(&from_fn(|step| F::from_step(step)), step)?;
    schedule(&exponential.then(steps, cosine), step)?;
    schedule(&cosine.delayed(steps), step)?;
    schedule(&restarts.scaled(other), step)?;
    schedule(&&restarts, step)
}

fn training<F: Float, const N: usize, S: Schedule<Rate = F> + Copy>(
    schedule: S,
    xs: &[[F; N]],
    ys: &[F],
    iterations: u32,
) -> Result<(), Error> {
    let mut neuron = LogisticNeuron::<F, N>::glorot_uniform(u64::from(iterations));
    let mut sgd = Sgd::try_new(schedule)?;
    let mut history = History::<F, 4>::new();
    for (x, &y) in xs.iter().zip(ys) {
        seen(neuron.logit(x));
        seen(neuron.predict(x));
        seen(neuron.loss(x, y));
        history.push(sgd.step(&mut neuron, x, y)?)?;
    }
    seen(history.first());
    seen(history.iter().map(|report| report.loss).fold(F::zero(), |sum, loss| sum + loss));
    seen(sgd.step_batch(&mut neuron, xs, ys)?);
    seen(sgd.train::<8, N>(&mut neuron, xs, ys)?);
    let mut resumed = Sgd::resume(schedule, iterations);
    seen(resumed.lr());
    resumed.set_iterations(iterations / 2);
    seen(resumed.step_batch(&mut neuron, xs, ys)?);
    seen((resumed.iterations(), neuron));
    Ok(())
}

fn everything<F: Float + Schedule<Rate = F>>(
    numbers: &[F],
    steps: u32,
    step: u32,
) -> Result<(), Error> {
    let (Some(&rate), Some(&other)) = (numbers.first(), numbers.last()) else {
        return Err(Error::Empty("numbers"));
    };
    schedule(&rate, step)?;
    every_schedule(rate, other, steps, step)?;
    let samples = [[rate, other, rate], [other, rate, other]];
    let labels = [rate, other];
    training(rate, black_box(&samples[..]), black_box(&labels[..]), step)?;
    training(CosineDecay::try_new(other, steps)?, &[[other; 16]; 2], numbers, step)
}

#[entry]
fn main() -> ! {
    let (steps, step) = black_box((500, 125));
    // Every parameter is valid, so both run to their ends; the one that does not is the status.
    let result = everything(black_box(&[0.1_f32, 0.5]), steps, step)
        .and_then(|()| everything(black_box(&[0.1_f64, 0.5]), steps, step));
    #[cfg(feature = "twin")]
    seen([1, 2, 3][step as usize]);
    loop {
        debug::exit(if result.is_ok() { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    }
}
