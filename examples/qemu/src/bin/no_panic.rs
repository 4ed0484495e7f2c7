//! The proof that nothing a running device calls can panic.
//!
//! The panic handler calls a function that does not exist, so this program links only if the
//! optimiser has removed every path to a panic. With the feature `twin` one deliberate index is
//! added, and it must not link.
//!
//! There is no allocator either: a path that allocates would not link.

#![no_std]
#![no_main]

use core::hint::black_box;
use core::panic::PanicInfo;

use catalogue::{Entry, Number, ORDINARY, Parameters, Visitor};
use cortex_m_rt::entry;
use cortex_m_semihosting::debug;
use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashErrorKind, ReadNorFlash};
use microlr::store::{Checkpoint, Slots};
use microlr::{
    AnySchedule, AucHistogram, Average, Best, ClipNorm, ClipValue, Confusion, CosineDecay,
    EarlyStopping, Error, EwMean, Float, Gradient, Guard, History, L2, LogisticNeuron, Mean,
    Moments, Momentum, Permutation, PiecewiseConstantDecay, PlateauState, RangeTest,
    ReduceLrOnPlateau, Schedule, Sequence, Sgd, Standardizer, ThinnedHistory, UpdateRule,
    WeightDecay,
};
use microlr_qemu as _;

#[path = "../../../../tests/catalogue/mod.rs"]
mod catalogue;

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn a_panic_is_reachable() -> !;
    }
    // SAFETY: never called; if it can be reached, the program does not link.
    unsafe { a_panic_is_reachable() }
}

/// Uses a value, so that it has to be computed.
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

/// Every schedule of the catalogue, adaptors included: by itself, behind a reference, and adapted.
struct Schedules {
    parameters: Parameters<f64>,
    step: u32,
    result: Result<(), Error>,
}

impl Schedules {
    fn check<E: Entry, F: Number>(&self) -> Result<(), Error> {
        let parameters = E::ordered(self.parameters.to::<F>());
        let built = E::build(&parameters)?;
        schedule(&built, self.step)?;
        schedule(&(&built).scaled(parameters.factor), self.step)?;
        schedule(&(&built).delayed(parameters.steps).then(parameters.steps, &built), self.step)
    }
}

impl Visitor for Schedules {
    fn visit<E: Entry>(&mut self) {
        self.result =
            self.result.and_then(|()| self.check::<E, f32>()).and_then(|()| self.check::<E, f64>());
    }
}

fn pieces<F: Float>(rates: &[F], boundaries: &[u32], step: u32) -> Result<(), Error> {
    schedule(&PiecewiseConstantDecay::<F, 5>::try_from_slices(boundaries, rates)?, step)
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
    sgd.train_into(&mut history, &mut neuron, xs, ys)?;
    seen(history.first());
    seen(history.iter().map(|report| report.loss).fold(F::zero(), |sum, loss| sum + loss));
    seen(sgd.step_batch(&mut neuron, xs, ys)?);
    seen(sgd.train::<8, N>(&mut neuron, xs, ys)?);
    let mut resumed = Sgd::resume(schedule, iterations);
    seen(resumed.lr());
    resumed.set_iterations(iterations / 2);
    seen(resumed.step_batch(&mut neuron, xs, ys)?);
    let mut state = PlateauState::new();
    let [keras, pytorch] = [ReduceLrOnPlateau::keras, ReduceLrOnPlateau::pytorch]
        .map(|new| new(resumed.lr(), iterations).cooldown(iterations).floor(resumed.lr()));
    for plateau in [black_box(keras), black_box(pytorch.maximize().relative(resumed.lr()))] {
        plateau.validate()?;
        resumed.set_factor(plateau.observe(&mut state, black_box(resumed.lr())));
    }
    resumed.set_schedule(schedule);
    let mut gradient = Gradient::new();
    for (x, &y) in xs.iter().zip(ys) {
        gradient.add(&neuron, x, y)?;
        gradient.add_weighted(&neuron, x, y, y)?;
        seen(resumed.step_weighted(&mut neuron, x, y, y)?);
    }
    seen((resumed.apply(&mut neuron, &gradient)?, gradient.count()));
    gradient.clear();
    seen(resumed.step_batch(&mut neuron, xs, ys)?);
    seen((resumed.iterations(), resumed.factor(), neuron));
    watched(&mut neuron, xs, ys, iterations)
}

/// A range test, early stopping and a thinned history, over single updates.
fn watched<F: Float, const N: usize>(
    neuron: &mut LogisticNeuron<F, N>,
    xs: &[[F; N]],
    ys: &[F],
    steps: u32,
) -> Result<(), Error> {
    let high = F::from_step(steps);
    let mut test = RangeTest::try_new(high.recip(), high, steps)?.smoothing(high.recip());
    test.validate()?;
    let mut sgd = Sgd::try_new(test.schedule())?;
    let mut history = ThinnedHistory::<F, 4>::new();
    let mut best = Best::new(*neuron);
    let stopping = EarlyStopping::new(steps).min_delta(high.recip()).start_from(steps);
    stopping.validate()?;
    for stopping in [black_box(stopping), black_box(stopping.maximize())] {
        for (x, &y) in xs.iter().zip(ys) {
            let report = sgd.step(neuron, x, y)?;
            history.push(report);
            seen((test.observe(&report), stopping.observe(&mut best, report.loss, neuron)));
        }
    }
    seen((test.loss(), test.lowest(), test.steepest(), test.suggestion()));
    seen((history.iter().count(), history.last().copied(), history.every()));
    history.clear();
    seen((history, best));
    Ok(())
}

fn ruled<F: Float, const N: usize>(
    rules: impl UpdateRule<F, N>,
    xs: &[[F; N]],
    ys: &[F],
) -> Result<(), Error> {
    let mut neuron = LogisticNeuron::zeroed();
    let mut sgd = Sgd::new(CosineDecay::new(black_box(F::one()), 500)).with(rules);
    sgd.validate(&neuron)?;
    for (x, &y) in xs.iter().zip(ys) {
        seen(sgd.step(&mut neuron, x, y)?);
        seen(sgd.step_weighted(&mut neuron, x, y, y)?);
    }
    seen(sgd.step_batch(&mut neuron, xs, ys)?);
    seen((sgd.train::<4, N>(&mut neuron, xs, ys)?, sgd.rules().clone(), neuron));
    Ok(())
}

/// Every rule, by itself and in a chain.
fn rules<F: Float, const N: usize>(number: F, xs: &[[F; N]], ys: &[F]) -> Result<(), Error> {
    let momentum = Momentum::new(number);
    let average = Average::new().after(black_box(1));
    ruled(ClipValue(number), xs, ys)?;
    ruled(ClipNorm(number), xs, ys)?;
    ruled(L2(number), xs, ys)?;
    ruled(black_box(momentum.keras().nesterov()), xs, ys)?;
    ruled(WeightDecay(number), xs, ys)?;
    ruled(average, xs, ys)?;
    let clips = (ClipValue(number), ClipNorm(number));
    ruled((clips, L2(number), momentum, WeightDecay(number), average), xs, ys)
}

fn metrics<F: Float>(values: [F; 2], bins: [[u32; 2]; 3], label: bool) -> Result<(), Error> {
    let [value, other] = values;
    let mut confusion = Confusion { true_negatives: bins[0][1], ..Confusion::try_new(value)? };
    let mut histogram = AucHistogram::from_bins(bins)?;
    let (mut mean, mut ew_mean) = (Mean::new(), EwMean::try_new(value)?);
    for value in [value, other] {
        confusion.observe(value, label)?;
        histogram.observe(value, !label)?;
        mean.observe(value)?;
        ew_mean.observe(value)?;
    }
    seen([confusion.accuracy(), confusion.balanced_accuracy(), confusion.f1()]);
    seen([confusion.precision(), confusion.recall(), confusion.specificity()]);
    seen([histogram.auc(), mean.mean(), ew_mean.mean()]);
    seen((confusion, *histogram.bins(), mean, ew_mean));
    Ok(())
}

fn order(n: u32, i: u32, seed: u64) -> Result<(), Error> {
    let order = Permutation::try_new(n, seed)?;
    seen((order.get(i), order.iter().len()));
    order.iter().rev().for_each(seen);
    Ok(())
}

fn standardizer<F: Float, const N: usize>(xs: &[[F; N]], count: u32) -> Result<(), Error> {
    let [mean, variance] = black_box([[F::one(); N]; 2]);
    let known = Standardizer::from_moments(Moments::new(count, mean, variance));
    for mut standardizer in
        [black_box(Standardizer::new()), black_box(known.clamp(F::from_step(count)))]
    {
        for x in xs {
            standardizer.observe(x)?;
            seen(standardizer.transform(x));
        }
        seen(standardizer.validate());
        standardizer.freeze();
        seen(standardizer.is_frozen());
        standardizer.unfreeze();
        seen((standardizer.moments().standard_deviation(), standardizer));
        seen(standardizer.moments().spread());
    }
    Ok(())
}

fn guard<F: Float, const N: usize>(xs: &[[F; N]], samples: u32) -> Result<(), Error> {
    let [low, high] = black_box([[F::zero(); N], [F::one(); N]]);
    let guard = Guard::try_new(low, high)?.stuck_after([samples; N]);
    for mut guard in [black_box(guard), black_box(guard.clamp())] {
        for x in xs {
            seen(guard.check(x)?);
        }
        seen((guard.validate(), guard.counts, guard));
    }
    Ok(())
}

/// NOR flash in RAM, without the checks of a real driver.
#[derive(Debug)]
struct Ram([u8; 2048]);

impl Ram {
    fn place(&mut self, begin: u32, length: usize) -> Result<&mut [u8], NorFlashErrorKind> {
        let (_, place) = self.0.split_at_mut_checked(begin as usize).unwrap_or_default();
        place.get_mut(..length).ok_or(NorFlashErrorKind::OutOfBounds)
    }
}

impl ErrorType for Ram {
    type Error = NorFlashErrorKind;
}

impl ReadNorFlash for Ram {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), NorFlashErrorKind> {
        let cells = self.place(offset, bytes.len())?;
        bytes.iter_mut().zip(cells).for_each(|(byte, cell)| *byte = *cell);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.0.len()
    }
}

impl NorFlash for Ram {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = 512;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), NorFlashErrorKind> {
        self.place(from, to.saturating_sub(from) as usize)?.fill(0xff);
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), NorFlashErrorKind> {
        let cells = self.place(offset, bytes.len())?;
        cells.iter_mut().zip(bytes).for_each(|(cell, byte)| *cell &= byte);
        Ok(())
    }
}

/// Saves and loads a checkpoint, in flash with any content.
fn store<F: Float>(rates: [F; 2], content: u8) -> Result<(), Error> {
    type Model<F> = Checkpoint<CosineDecay<F>, (), Standardizer<F, 3>, 3>;
    let decay = CosineDecay::try_new(rates[0], 100)?;
    let mut slots = Slots::<_, 512>::new(Ram([content; 2048]), 512, 1);
    let sgd = Sgd::new(&decay).cloned();
    let model: Model<F> = Checkpoint::new(LogisticNeuron::zeroed(), sgd, Standardizer::new());
    seen(slots.save(&model));
    let loaded: Result<Option<Model<F>>, _> = black_box(&mut slots).load();
    match loaded {
        Ok(Some(loaded)) => seen(loaded.resume(&decay)),
        other => seen(other),
    }
    seen(slots.clear());
    seen(slots.release().capacity());
    Ok(())
}

fn everything<F: Number>(rates: [F; 2], steps: u32, step: u32) -> Result<(), Error> {
    let [rate, other] = rates;
    metrics(rates, black_box([[1, 2]; 3]), black_box(true))?;
    order(steps, step, u64::from(steps))?;
    pieces(black_box(&[rate, other, rate]), black_box(&[step, steps]), step)?;
    let samples = [[rate, other, rate], [other, rate, other]];
    standardizer(black_box(&samples[..]), steps)?;
    store(rates, black_box(0xa5))?;
    guard(black_box(&samples[..]), steps)?;
    training(rate, black_box(&samples[..]), black_box(&rates[..]), step)?;
    rules(rate, black_box(&samples[..]), black_box(&rates[..]))?;
    training(CosineDecay::try_new(other, steps)?, &[[other; 16]; 2], &rates, step)
}

#[entry]
fn main() -> ! {
    // Every parameter is valid, so all of it runs to its end.
    let (steps, step) = black_box((500, 125));
    let parameters = black_box(Parameters { options: u8::MAX, ..ORDINARY });
    let mut schedules = Schedules { parameters, step, result: Ok(()) };
    catalogue::visit(&mut schedules);
    let result = schedules
        .result
        .and_then(|()| everything(black_box([0.1_f32, 0.5]), steps, step))
        .and_then(|()| everything(black_box([0.1_f64, 0.5]), steps, step));
    // Input that is malformed, as far as the compiler knows.
    let bytes = black_box(&[1_u8, 0, 0][..]);
    seen(postcard::from_bytes::<AnySchedule<f32, 8>>(bytes).is_ok());
    seen(postcard::from_bytes::<Sequence<AnySchedule<f64, 8>, 4>>(bytes).is_ok());
    #[cfg(feature = "twin")]
    seen([1, 2, 3][step as usize]);
    loop {
        debug::exit(if result.is_ok() { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    }
}
