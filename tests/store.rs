//! Checkpoints: a flipped bit or a truncation is refused. A power cut at any byte leaves the
//! previous or the new checkpoint, and from it the run ends with the same bits as without a cut.

use std::fmt::Debug;

use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash, check_erase, check_read,
    check_write,
};
use microlr::store::{Checkpoint, Slots, StoreError};
use microlr::{
    AnySchedule, AucHistogram, Average, Best, ClipNorm, ClipValue, Confusion, CosineDecay, Error,
    EwMean, ExponentialDecay, Gradient, GuardCounts, L2, Linear, LogisticNeuron, Mean, Moments,
    Momentum, Permutation, PiecewiseConstantDecay, PlateauState, RandomUniform, RangeTest,
    ReduceLrOnPlateau, Schedule, Sequence, Sgd, Standardizer, Then, UpdateRule, WarmedUp,
    WeightDecay,
};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

type Chosen = AnySchedule<f32, 4>;
type Rules = (ClipNorm<f32>, L2<f32>, Momentum<f32, 3>, Average<f32, 3>);
type Data = (Standardizer<f32, 3>, PlateauState<f32>, EwMean<f32>, Confusion<f32>);
type Model = Checkpoint<Chosen, Rules, Data, 3>;

static PLATEAU: ReduceLrOnPlateau<f32> = ReduceLrOnPlateau::keras(0.5, 20);

fn fresh() -> Model {
    let schedule: Chosen = ExponentialDecay::new(0.5, 100, 0.75).into();
    let rules = (ClipNorm(1.0), L2(1e-3), Momentum::new(0.5), Average::new());
    let standardizer = Standardizer::new().clamp(6.0);
    let data = (standardizer, PlateauState::new(), EwMean::new(0.1), Confusion::new(0.5));
    Checkpoint::new(LogisticNeuron::zeroed(), Sgd::new(schedule).with(rules), data)
}

/// One sample of a stream: it depends on the number of updates alone.
fn learn(model: &mut Model) {
    let noise = RandomUniform::new(-1.0_f32, 1.0, 3);
    let index = model.sgd.iterations() * 3;
    let x = [0, 1, 2].map(|feature| 20.0 + 5.0 * noise.lr(index + feature));
    let label = x[0] + x[1] > 41.0;
    let (standardizer, plateau, loss, confusion) = &mut model.data;
    standardizer.observe(&x).unwrap();
    let z = standardizer.transform(&x);
    let report = model.sgd.step(&mut model.neuron, &z, f32::from(u8::from(label))).unwrap();
    loss.observe(report.loss).unwrap();
    confusion.observe(report.prediction, label).unwrap();
    model.sgd.set_factor(PLATEAU.observe(plateau, loss.mean()));
}

fn learnt(updates: u32) -> Model {
    let mut model = fresh();
    (0..updates).for_each(|_| learn(&mut model));
    model
}

/// The bytes of a model: two models with the same bytes continue with the same bits.
fn bits<S, R, D, const N: usize>(model: &Checkpoint<S, R, D, N>) -> Vec<u8>
where
    S: Schedule + Serialize,
    R: Serialize,
    D: Serialize,
{
    let mut buffer = [0; 4096];
    model.to_bytes(0, &mut buffer).unwrap().to_vec()
}

/// Reads what was written, refuses every bit flip and every truncation, and fits in `MAX_LEN`.
fn survives<S, R, D, const N: usize>(model: Checkpoint<S, R, D, N>)
where
    S: Schedule + Serialize + DeserializeOwned + PartialEq + Debug,
    R: UpdateRule<S::Rate, N> + Serialize + DeserializeOwned + PartialEq + Debug,
    D: Serialize + DeserializeOwned + PartialEq + Debug,
{
    let mut bytes = bits(&model);
    assert!(bytes.len() <= Checkpoint::<S, R, D, N>::MAX_LEN, "{}", bytes.len());
    let read = |layout, bytes: &[u8]| Checkpoint::<S, R, D, N>::from_bytes(layout, bytes);
    assert_eq!(read(1, &bytes), Err(Error::Layout { found: 0 }));
    for length in 0..bytes.len() {
        assert_eq!(read(0, &bytes[..length]), Err(Error::Damaged), "{length}");
    }
    for bit in 0..8 * bytes.len() {
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(read(0, &bytes), Err(Error::Damaged), "{bit}");
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    assert_eq!(bits(&read(0, &bytes).unwrap()), bytes);
    assert_eq!(read(0, &bytes), Ok(model));
}

#[test]
fn every_flipped_bit_and_every_truncation_is_refused() {
    survives(fresh());
    survives(learnt(100));
    // Every kind of schedule, rule and state, with numbers that take the most bytes.
    let composed = WarmedUp::new(Then::new(0.5, u32::MAX, Linear::new(0.5, 0.1, u32::MAX)), 100);
    let mut sgd = Sgd::resume(composed, u32::MAX);
    sgd.set_factor(f64::MAX);
    let neuron = LogisticNeuron::new([f64::MIN; 5], 1e-320);
    survives(Checkpoint::new(neuron, sgd.with(Momentum::new(0.9).keras()), ()));
    let lists = PiecewiseConstantDecay::<f32, 4>::try_from_slices(&[u32::MAX; 1], &[0.5, 0.25]);
    let neuron = LogisticNeuron::new([f32::MIN_POSITIVE; 40], -0.0);
    let mut mean = Mean::new();
    mean.observe(0.7_f32).unwrap();
    let counts = GuardCounts { accepted: u32::MAX, stuck: 1, ..GuardCounts::default() };
    let histogram = AucHistogram::<16>::from_bins([[u32::MAX / 32; 2]; 16]).unwrap();
    let data = (histogram, mean, u64::MAX, counts);
    survives(Checkpoint::new(neuron, Sgd::new(lists.unwrap()), data));
    let mut sequence = Sequence::<Chosen, 3>::new(Linear::new(0.0, 0.5, 10).into());
    sequence.push(10, CosineDecay::new(0.5, 90).into()).unwrap();
    survives(Checkpoint::new(LogisticNeuron::new([], 0.5), Sgd::new(sequence), [0_u8; 0]));
    let neuron = LogisticNeuron::new([0.1_f64; 33], 0.2);
    let mut gradient = Gradient::new();
    gradient.add(&neuron, &[0.3; 33], 1.0).unwrap();
    let mut rules = (ClipValue(0.5), WeightDecay(1e-3), Momentum::new(0.9).nesterov());
    let mut sgd = Sgd::new(0.5).with(rules);
    let mut trained = neuron;
    let report = sgd.apply(&mut trained, &gradient).unwrap();
    rules = *sgd.rules();
    assert_ne!(rules.2, Momentum::new(0.9).nesterov());
    let mut range = RangeTest::new(1e-6, 1.0, u32::MAX);
    range.observe(&report);
    let moments = Moments::new(u32::MAX, [0.7; 33], [f64::MAX; 33]);
    let data = (gradient, moments, Best::new(neuron), range, Permutation::new(1797, u64::MAX));
    survives(Checkpoint::new(trained, sgd, data));
}

#[test]
fn an_intact_but_invalid_checkpoint_is_refused() {
    let read = |model: &Model| Model::from_bytes(0, &bits(model)).unwrap_err();
    let mut model = fresh();
    model.neuron.weights[1] = f32::NAN;
    assert_eq!(read(&model), Error::NotFinite("weights"));
    let mut model = fresh();
    model.sgd.set_factor(-1.0);
    assert_eq!(read(&model), Error::Negative("learning_rate"));
    let mut model = fresh();
    model.sgd = model.sgd.with((ClipNorm(0.0), L2(0.0), Momentum::new(0.5), Average::new()));
    assert_eq!(read(&model), Error::NotPositive("clip_norm"));
    // An invalid schedule cannot be read at all.
    let model = Checkpoint::new(fresh().neuron, Sgd::new(Chosen::Constant(-0.5)), ());
    let refused = Checkpoint::<Chosen, (), (), 3>::from_bytes(0, &bits(&model));
    assert_eq!(refused, Err(Error::Damaged));
    // Of other types: too few bytes, or too many.
    let bytes = bits(&fresh());
    assert_eq!(Checkpoint::<Chosen, Rules, (), 3>::from_bytes(0, &bytes), Err(Error::Damaged));
    let bytes = bits(&model);
    assert_eq!(Checkpoint::<Chosen, (), Data, 3>::from_bytes(0, &bytes), Err(Error::Damaged));
}

#[test]
fn a_buffer_that_is_too_short_is_refused() {
    let length = bits(&fresh()).len();
    for short in 0..length {
        let refused = fresh().to_bytes(0, &mut vec![0; short]).map(<[u8]>::len);
        assert_eq!(refused, Err(Error::TooMany("checkpoint")));
    }
    assert_eq!(fresh().to_bytes(0, &mut vec![0; length]).map(<[u8]>::len), Ok(length));
}

/// `store/version-1.bin` was written by version 1 of the format. A later version must read it, or
/// return an error with its version.
#[test]
fn a_checkpoint_of_the_first_version_is_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/store/version-1.bin");
    if std::env::var_os("MICROLR_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(path, bits(&learnt(100))).unwrap();
    }
    let bytes = std::fs::read(path).unwrap();
    assert_eq!(Model::from_bytes(0, &bytes), Ok(learnt(100)));
    // The same file from a later version of this crate.
    let mut later = bytes[..bytes.len() - 4].to_vec();
    later[4] = 2;
    later.extend(checksum(&later));
    assert_eq!(Model::from_bytes(0, &later), Err(Error::Version { found: 2 }));
}

fn checksum(bytes: &[u8]) -> [u8; 4] {
    crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(bytes).to_le_bytes()
}

#[test]
fn another_schedule_is_refused_unless_asked_for() {
    static OLD: CosineDecay<f32> = CosineDecay::new(0.5, 100);
    static NEW: CosineDecay<f32> = CosineDecay::new(0.5, 101);
    let mut neuron = LogisticNeuron::<f32, 1>::zeroed();
    let mut sgd = Sgd::new(&OLD).with(Momentum::new(0.9));
    sgd.step(&mut neuron, &[1.0], 1.0).unwrap();
    sgd.set_factor(0.5);
    let checkpoint = Checkpoint::new(neuron, sgd.cloned(), 7_u32);
    assert_eq!(checkpoint.resume(&NEW), Err(Error::OtherSchedule));
    assert_eq!(checkpoint.resume(&OLD), Ok((neuron, sgd, 7)));
    let changed = checkpoint.sgd.with_schedule(&NEW);
    assert_eq!((changed.iterations(), changed.factor(), changed.rules()), (1, 0.5, sgd.rules()));
    assert_eq!(changed.schedule(), &&NEW);
}

/// NOR flash in RAM, whose power can be cut. It panics where real flash would lose data.
#[derive(Debug, Clone)]
struct Simulated {
    cells: Vec<u8>,
    /// How many bytes can still be written or erased before the power is cut.
    power: usize,
    /// An address at which a read fails until an erase.
    unreadable: Option<u32>,
    /// Whether the flash has error correction: a read then fails where a write or an erase is torn.
    corrects: bool,
    /// An address whose cell is stuck at 0.
    stuck: Option<usize>,
}

const ERASE: usize = 256;
const WRITE: usize = 4;
/// Where the slots begin: not at 0.
const OFFSET: u32 = ERASE as u32;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    PowerCut,
    Unreadable,
    Address(NorFlashErrorKind),
}

impl NorFlashError for Fault {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

impl From<NorFlashErrorKind> for Fault {
    fn from(kind: NorFlashErrorKind) -> Self {
        Self::Address(kind)
    }
}

impl Simulated {
    /// With a block before and after the slots, which must not be erased.
    fn new() -> Self {
        let size = 2 * ERASE + 2 * Model::MAX_LEN.next_multiple_of(ERASE);
        let cells = vec![0xa5; size];
        Self { cells, power: usize::MAX, unreadable: None, corrects: false, stuck: None }
    }

    /// How many of `length` bytes the power suffices for, and an error if it is fewer than all.
    fn draw(&mut self, length: usize) -> (usize, Result<(), Fault>) {
        let done = length.min(self.power);
        self.power -= done;
        (done, if done == length { Ok(()) } else { Err(Fault::PowerCut) })
    }
}

impl ErrorType for Simulated {
    type Error = Fault;
}

impl ReadNorFlash for Simulated {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Fault> {
        check_read(self, offset, bytes.len())?;
        let end = offset + bytes.len() as u32;
        if self.unreadable.is_some_and(|address| (offset..end).contains(&address)) {
            return Err(Fault::Unreadable);
        }
        bytes.copy_from_slice(&self.cells[offset as usize..][..bytes.len()]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.cells.len()
    }
}

impl NorFlash for Simulated {
    const WRITE_SIZE: usize = WRITE;
    const ERASE_SIZE: usize = ERASE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Fault> {
        check_erase(self, from, to)?;
        assert!(from >= OFFSET && (to as usize) <= self.cells.len() - ERASE, "outside the slots");
        for page in (from as usize..to as usize).step_by(ERASE) {
            let (done, result) = self.draw(ERASE);
            if result.is_err() && self.corrects {
                self.unreadable = Some(page as u32);
            }
            let page = &mut self.cells[page..][..ERASE];
            // An erase acts on all cells of a page at once, so a torn one leaves a mixture of bits.
            for (index, cell) in page.iter_mut().enumerate() {
                *cell |= match done {
                    0 => 0,
                    ERASE => 0xff,
                    _ => (done as u8) ^ (index as u8) << 1,
                };
            }
            result?;
        }
        self.unreadable = self.unreadable.filter(|address| !(from..to).contains(address));
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Fault> {
        check_write(self, offset, bytes.len())?;
        let (done, result) = self.draw(bytes.len());
        for (cell, byte) in self.cells[offset as usize..].iter_mut().zip(&bytes[..done]) {
            assert_eq!(*cell, 0xff, "written twice");
            *cell = *byte;
        }
        if let (Err(_), Some(byte)) = (result, bytes.get(done)) {
            // Some bits of the torn byte are written.
            self.cells[offset as usize + done] = byte | 0x5a;
            if self.corrects {
                self.unreadable = Some(offset + done as u32);
            }
        }
        if let Some(address) = self.stuck {
            self.cells[address] = 0;
        }
        result
    }
}

type Flash = Slots<Simulated, { Model::MAX_LEN }>;
/// Where the second slot begins.
const SECOND: u32 = OFFSET + Model::MAX_LEN.next_multiple_of(ERASE) as u32;

fn slots(flash: Simulated) -> Flash {
    Slots::new(flash, OFFSET, 1)
}

/// Runs to `updates` with a save after every 10, resuming from flash at the start.
fn run(flash: Simulated, updates: u32) -> (Simulated, Result<Model, StoreError<Fault>>) {
    let mut slots = slots(flash);
    let mut resumed = || {
        let mut model = slots.load()?.unwrap_or_else(fresh);
        while model.sgd.iterations() < updates {
            learn(&mut model);
            if model.sgd.iterations() % 10 == 0 {
                slots.save(&model)?;
            }
        }
        Ok(model)
    };
    let result = resumed();
    (slots.release(), result)
}

#[test]
fn a_power_cut_at_any_byte_leaves_a_checkpoint_and_the_run_ends_alike() {
    cuts(Simulated::new());
}

#[test]
fn a_power_cut_that_leaves_an_unreadable_word_leaves_a_checkpoint_too() {
    cuts(Simulated { corrects: true, ..Simulated::new() });
}

fn cuts(blank: Simulated) {
    const UPDATES: u32 = 40;
    let whole = bits(&learnt(UPDATES));
    let (flash, result) = run(blank.clone(), UPDATES);
    assert_eq!(bits(&result.unwrap()), whole);
    let power = blank.power - flash.power;
    let mut resumed_at = std::collections::BTreeSet::new();
    for cut in 0..power {
        let flash = Simulated { power: cut, ..blank.clone() };
        let (mut flash, result) = run(flash, UPDATES);
        assert_eq!(result.unwrap_err(), StoreError::Flash(Fault::PowerCut));
        flash.power = usize::MAX;
        let mut slots = slots(flash);
        let found = slots.load::<Chosen, Rules, Data, 3>().unwrap_or_else(|error| {
            // The first save is torn: there is nothing to lose.
            assert_eq!(error, StoreError::Flash(Fault::Unreadable));
            assert!(resumed_at.iter().all(|at| *at == 0), "{cut}");
            slots.clear().unwrap();
            None
        });
        let at = found.map_or(0, |model| {
            let updates = model.sgd.iterations();
            assert_eq!(bits(&model), bits(&learnt(updates)), "{cut}");
            updates
        });
        resumed_at.insert(at);
        let (_, result) = run(slots.release(), UPDATES);
        assert_eq!(bits(&result.unwrap()), whole, "{cut}");
    }
    // At 40 only the padding of the last write is missing, so the slot is intact if it is readable.
    let all = [0, 10, 20, 30, 40];
    assert!(resumed_at.iter().eq(if blank.corrects { &all[..4] } else { &all }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Cuts at random bytes, also in the first save after a cut.
    #[test]
    fn many_power_cuts_change_nothing(cuts in prop::collection::vec(0_usize..4000, 1..40)) {
        const UPDATES: u32 = 200;
        let mut flash = Simulated::new();
        let mut saved = 0;
        for cut in cuts {
            flash.power = cut;
            (flash, _) = run(flash, UPDATES);
            flash.power = usize::MAX;
            let found = slots(flash.clone()).load::<Chosen, Rules, Data, 3>().unwrap();
            let updates = found.map_or(0, |model| model.sgd.iterations());
            prop_assert!(updates >= saved, "{updates} after {saved}");
            saved = updates;
        }
        let (_, result) = run(flash, UPDATES);
        prop_assert_eq!(bits(&result.unwrap()), bits(&learnt(UPDATES)));
    }
}

#[test]
fn the_newest_checkpoint_is_loaded_and_clear_removes_both() {
    let mut slots = slots(Simulated::new());
    assert_eq!(slots.load::<Chosen, Rules, Data, 3>(), Ok(None));
    for updates in [10, 5, 20] {
        slots.save(&learnt(updates)).unwrap();
        assert_eq!(slots.load(), Ok(Some(learnt(updates))));
    }
    let mut flash = slots.release();
    let other = Slots::<_, { Model::MAX_LEN }>::new(flash.clone(), OFFSET, 2)
        .load::<Chosen, Rules, Data, 3>();
    assert_eq!(other, Err(StoreError::Checkpoint(Error::Layout { found: 1 })));
    // If the newest checkpoint is damaged, the previous one is loaded.
    let newest = OFFSET as usize + 100;
    flash.cells[newest] ^= 1;
    let mut slots = self::slots(flash);
    assert_eq!(slots.load(), Ok(Some(learnt(5))));
    slots.clear().unwrap();
    assert_eq!(slots.load::<Chosen, Rules, Data, 3>(), Ok(None));
}

#[test]
fn the_number_of_the_save_wraps_around() {
    let mut slots = slots(Simulated::new());
    slots.save(&learnt(10)).unwrap();
    let mut flash = slots.release();
    // The sequence number of the first slot becomes the largest `u32`.
    let mut buffer = [0; Model::MAX_LEN];
    let length = learnt(10).to_bytes(1, &mut buffer).unwrap().len();
    let slot = &mut flash.cells[OFFSET as usize..][..length];
    slot[8..12].fill(0xff);
    let end = length - 4;
    let sum = checksum(&slot[..end]);
    slot[end..].copy_from_slice(&sum);
    let mut slots = self::slots(flash);
    assert_eq!(slots.load(), Ok(Some(learnt(10))));
    for updates in [20, 5, 30] {
        slots.save(&learnt(updates)).unwrap();
        assert_eq!(slots.load(), Ok(Some(learnt(updates))));
    }
}

#[test]
fn a_slot_that_cannot_be_read_does_not_hide_the_other_one() {
    let unreadable = StoreError::Flash(Fault::Unreadable);
    let mut slots = slots(Simulated::new());
    slots.save(&learnt(10)).unwrap();
    slots.save(&learnt(20)).unwrap();
    for (address, left, saved) in [(OFFSET, 20, 30), (OFFSET, 20, 40), (SECOND, 40, 50)] {
        let mut flash = slots.release();
        flash.unreadable = Some(address + 8);
        slots = self::slots(flash);
        assert_eq!(slots.load(), Ok(Some(learnt(left))), "{saved}");
        // The erase of the next save repairs it.
        slots.save(&learnt(saved)).unwrap();
        assert_eq!(slots.load(), Ok(Some(learnt(saved))));
    }
    // If the other slot is damaged, a read that fails once must not lose the newest checkpoint.
    let mut flash = slots.release();
    flash.cells[OFFSET as usize] ^= 1;
    flash.unreadable = Some(SECOND);
    let mut slots = self::slots(flash);
    assert_eq!(slots.load::<Chosen, Rules, Data, 3>(), Err(unreadable));
    assert_eq!(slots.save(&learnt(60)), Err(unreadable));
    let mut flash = slots.release();
    flash.unreadable = None;
    let mut slots = self::slots(flash.clone());
    assert_eq!(slots.load(), Ok(Some(learnt(50))));
    flash.unreadable = Some(SECOND);
    let mut slots = self::slots(flash);
    slots.clear().unwrap();
    assert_eq!(slots.load::<Chosen, Rules, Data, 3>(), Ok(None));
}

#[test]
fn a_checkpoint_that_could_not_be_loaded_is_not_saved() {
    let mut slots = slots(Simulated::new());
    slots.save(&learnt(10)).unwrap();
    let mut model = learnt(20);
    model.neuron.bias = f32::NAN;
    let refused = Err(StoreError::Checkpoint(Error::NotFinite("bias")));
    // Two saves of an invalid checkpoint would replace both slots.
    assert_eq!([slots.save(&model), slots.save(&model)], [refused; 2]);
    assert_eq!(slots.load(), Ok(Some(learnt(10))));
    let mut model = learnt(20);
    model.sgd.set_schedule(Chosen::Constant(-0.5));
    let refused = Err(StoreError::Checkpoint(Error::Negative("learning_rate")));
    assert_eq!(slots.save(&model), refused);
}

#[test]
fn flash_that_does_not_keep_what_is_written_is_reported() {
    let stuck = Some(SECOND as usize + 20);
    let mut slots = slots(Simulated { stuck, ..Simulated::new() });
    slots.save(&learnt(5)).unwrap();
    assert_eq!(slots.save(&learnt(6)), Err(StoreError::NotWritten));
    assert_eq!(slots.load(), Ok(Some(learnt(5))));
}
