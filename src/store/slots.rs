use core::fmt;

use embedded_storage::nor_flash::NorFlash;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::checkpoint::Checkpoint;
use super::frame::Frame;
use crate::error::Error;
use crate::schedule::Schedule;
use crate::train::UpdateRule;

/// Two slots for a [`Checkpoint`] in NOR flash. A power cut leaves the previous or the new one.
///
/// ```text
/// save: find the newer slot; erase the other one; write the checkpoint with the next number
/// load: the newer of the slots that are intact
/// ```
///
/// If a power cut interrupts a write or an erase, the slot is torn. Its checksum shows that. The
/// other slot is untouched until the new checkpoint has been read back. A slot that the driver
/// cannot read counts as torn too. Where such a read raises an interrupt, as in flash with error
/// correction, its handler must return.
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `LEN` | bytes | at least [`Checkpoint::MAX_LEN`], a multiple of `READ_SIZE` and `WRITE_SIZE` |
/// | `offset` | bytes from the beginning of the flash | a multiple of its erase size |
/// | `layout` | | a number that your firmware chooses; see [`Checkpoint`] |
///
/// An invalid `LEN` is a compile error. Each slot takes `LEN` bytes, rounded up to the erase size.
/// A `&mut` to the driver serves as the flash too. A save has a buffer of `LEN` bytes on the stack.
/// A load has the buffer and copies of the checkpoint, so allow for three times `LEN`.
///
/// Each slot is erased by every second save. Flash of 10 000 erase cycles lasts 20 000 saves: one
/// every hour for 2.3 years. A save takes one erase and one write; the data sheet has both times.
/// For example, with 85 ms per erase and 41 µs per word of 4 bytes, 200 bytes take 87 ms.
///
/// ```no_run
/// use microlr::store::{Checkpoint, Slots, StoreError};
/// use microlr::{ExponentialDecay, LogisticNeuron, Sgd, Standardizer};
/// # use embedded_storage::nor_flash::NorFlash;
///
/// static DECAY: ExponentialDecay<f32> = ExponentialDecay::new(0.1, 1000, 0.5);
/// type Model = Checkpoint<ExponentialDecay<f32>, (), Standardizer<f32, 6>, 6>;
///
/// # fn device<Flash: NorFlash>(flash: Flash) -> Result<(), StoreError<Flash::Error>> {
/// let mut slots = Slots::<_, { Model::MAX_LEN }>::new(flash, 0x3e000, 1);
/// let saved: Option<Model> = slots.load()?;
/// let (mut neuron, mut sgd, mut standardizer) = match saved {
///     Some(checkpoint) => checkpoint.resume(&DECAY)?,
///     None => (LogisticNeuron::zeroed(), Sgd::new(&DECAY), Standardizer::new().clamp(6.0)),
/// };
/// # let x = [0.0; 6];
/// standardizer.observe(&x)?;
/// sgd.step(&mut neuron, &standardizer.transform(&x), 1.0)?;
/// slots.save(&Checkpoint::new(neuron, sgd.cloned(), standardizer))?;
/// # Ok(())
/// # }
/// ```
///
/// After new firmware with another layout is installed, `load` returns `Layout` until the first
/// `save`. Match `Err(StoreError::Checkpoint(_))` and start from zero. With `?` alone the firmware
/// fails at each start.
///
/// An alternative for async executors, or for many values, is the crate `sequential-storage`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Slots<Flash, const LEN: usize> {
    flash: Flash,
    offset: u32,
    layout: u16,
}

/// Why a checkpoint was not saved or loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum StoreError<E> {
    /// The driver of the flash has returned an error.
    Flash(E),
    /// The new checkpoint cannot be read back. The previous one is still there.
    NotWritten,
    /// The checkpoint is refused; the error says why.
    Checkpoint(Error),
}

impl<E> From<Error> for StoreError<E> {
    fn from(error: Error) -> Self {
        Self::Checkpoint(error)
    }
}

impl<E: fmt::Debug> fmt::Display for StoreError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flash(error) => write!(f, "the flash failed: {error:?}"),
            Self::NotWritten => write!(f, "the checkpoint cannot be read back"),
            Self::Checkpoint(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for StoreError<E> {}

/// The number of a slot, 0 or 1, and the sequence number of its checkpoint.
type Place = (u32, u32);

impl<Flash: NorFlash, const LEN: usize> Slots<Flash, LEN> {
    /// How much of the flash a slot takes.
    const SIZE: u32 = LEN.next_multiple_of(Flash::ERASE_SIZE) as u32;

    /// Two slots from `offset` on. Nothing is read or written yet.
    #[must_use]
    pub const fn new(flash: Flash, offset: u32, layout: u16) -> Self {
        const {
            let whole =
                LEN.is_multiple_of(Flash::READ_SIZE) && LEN.is_multiple_of(Flash::WRITE_SIZE);
            assert!(whole, "`LEN` must be a multiple of what the flash reads and writes at once");
        }
        Self { flash, offset, layout }
    }

    /// Gives the flash back.
    pub fn release(self) -> Flash {
        self.flash
    }

    /// The newest checkpoint; `None` if there is none, or none that is intact.
    ///
    /// # Errors
    ///
    /// Those of the flash, if no slot is intact; [`clear`](Self::clear) erases both. Those of
    /// [`Checkpoint::from_bytes`] for the newest intact slot: `Damaged` then means other types with
    /// the same layout, or an invalid schedule.
    #[expect(clippy::type_complexity, reason = "a checkpoint, none, or an error")]
    pub fn load<S, R, D, const N: usize>(
        &mut self,
    ) -> Result<Option<Checkpoint<S, R, D, N>>, StoreError<Flash::Error>>
    where
        S: Schedule + DeserializeOwned,
        R: DeserializeOwned + UpdateRule<S::Rate, N>,
        D: DeserializeOwned,
    {
        const { assert!(Checkpoint::<S, R, D, N>::MAX_LEN <= LEN, "`LEN` is too small") };
        let mut buffer = [0; LEN];
        let Some((slot, _)) = self.newest(&mut buffer)? else { return Ok(None) };
        self.read(slot, &mut buffer)?;
        Ok(Some(Checkpoint::from_bytes(self.layout, &buffer)?))
    }

    /// Saves a checkpoint in the slot that does not hold the newest one.
    ///
    /// # Errors
    ///
    /// Those of the flash, `NotWritten`, those of [`Checkpoint::to_bytes`], and those of
    /// [`Sgd::validate`](crate::Sgd::validate), since `load` would refuse the checkpoint. The
    /// previous checkpoint is still there then.
    pub fn save<S, R, D, const N: usize>(
        &mut self,
        checkpoint: &Checkpoint<S, R, D, N>,
    ) -> Result<(), StoreError<Flash::Error>>
    where
        S: Schedule + Serialize,
        R: Serialize + UpdateRule<S::Rate, N>,
        D: Serialize,
    {
        const { assert!(Checkpoint::<S, R, D, N>::MAX_LEN <= LEN, "`LEN` is too small") };
        checkpoint.sgd.validate(&checkpoint.neuron)?;
        let mut buffer = [0; LEN];
        let place = match self.newest(&mut buffer)? {
            Some((slot, sequence)) => (slot ^ 1, sequence.wrapping_add(1)),
            None => (0, 0),
        };
        let length = checkpoint.numbered(self.layout, place.1, &mut buffer)?.len();
        let bytes = buffer.get(..length.next_multiple_of(Flash::WRITE_SIZE)).unwrap_or(&buffer);
        let begin = self.address(place.0);
        let end = begin.saturating_add(Self::SIZE);
        self.flash.erase(begin, end).map_err(StoreError::Flash)?;
        self.flash.write(begin, bytes).map_err(StoreError::Flash)?;
        match self.newest(&mut buffer)? {
            Some(newest) if newest == place => Ok(()),
            _ => Err(StoreError::NotWritten),
        }
    }

    /// Erases both slots: the next [`load`](Self::load) finds none.
    ///
    /// # Errors
    ///
    /// Those of the flash.
    pub fn clear(&mut self) -> Result<(), StoreError<Flash::Error>> {
        let end = self.address(1).saturating_add(Self::SIZE);
        self.flash.erase(self.offset, end).map_err(StoreError::Flash)
    }

    fn address(&self, slot: u32) -> u32 {
        self.offset.saturating_add(slot.saturating_mul(Self::SIZE))
    }

    fn read(&mut self, slot: u32, buffer: &mut [u8; LEN]) -> Result<(), StoreError<Flash::Error>> {
        self.flash.read(self.address(slot), buffer).map_err(StoreError::Flash)
    }

    /// Where the newest checkpoint is. Sequence numbers wrap around, so their distance is compared.
    fn newest(
        &mut self,
        buffer: &mut [u8; LEN],
    ) -> Result<Option<Place>, StoreError<Flash::Error>> {
        let mut newest: Option<Place> = None;
        let mut failed = None;
        for slot in 0..2 {
            // Flash with error correction may refuse to read what a power cut has torn.
            if let Err(error) = self.read(slot, buffer) {
                failed = Some(error);
                continue;
            }
            let Some(Frame { sequence, .. }) = Frame::open(buffer) else { continue };
            if newest.is_none_or(|(_, other)| sequence.wrapping_sub(other) as i32 > 0) {
                newest = Some((slot, sequence));
            }
        }
        match (newest, failed) {
            (None, Some(error)) => Err(error),
            _ => Ok(newest),
        }
    }
}
