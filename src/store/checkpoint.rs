use serde::Serialize;
use serde::de::DeserializeOwned;

use super::frame::{CHECKSUM, Frame, HEADER, VERSION};
use crate::error::Error;
use crate::schedule::Schedule;
use crate::train::{LogisticNeuron, Sgd, UpdateRule};

/// All that a device needs to resume: the neuron, the optimiser with its schedule, and `data`.
///
/// `data` is whatever else must survive: a `Standardizer`, a `PlateauState`, metrics, a tuple of
/// them, or `()`. A run that resumes from a checkpoint continues bit for bit.
///
/// ```text
/// magic 4 | version 2 | layout 2 | sequence 4 | length 4 | postcard | CRC-32 4      bytes
/// ```
///
/// A function cannot be stored. For a schedule that contains one, save `sgd.with_schedule(0.0)` and
/// resume with `checkpoint.sgd.with_schedule(&schedule)`.
///
/// The `layout` is a number that your firmware chooses. Change it whenever a type in the checkpoint
/// changes, so that an old checkpoint is refused and not misread.
///
/// | bytes | error |
/// | --- | --- |
/// | damaged, truncated, of other types, or with an invalid schedule | `Damaged` |
/// | of another version of this format | `Version { found }` |
/// | of another layout | `Layout { found }` |
/// | an invalid factor, rule or neuron | that of [`Sgd::validate`] |
///
/// The checksum misses about one of 2^32 random changes. In a checkpoint of up to 11 KB it finds
/// every change of up to three bits outside of the field `length`.
///
/// ```
/// use microlr::store::Checkpoint;
/// use microlr::{Error, ExponentialDecay, LogisticNeuron, Momentum, Sgd, Standardizer};
///
/// static DECAY: ExponentialDecay<f32> = ExponentialDecay::new(0.5, 1, 0.5);
/// type Model = Checkpoint<ExponentialDecay<f32>, Momentum<f32, 2>, Standardizer<f32, 2>, 2>;
///
/// let mut neuron = LogisticNeuron::zeroed();
/// let mut sgd = Sgd::new(&DECAY).with(Momentum::new(0.9));
/// sgd.step(&mut neuron, &[0.5, 1.0], 1.0)?;
/// let model: Model = Checkpoint::new(neuron, sgd.cloned(), Standardizer::new());
///
/// let mut buffer = [0; Model::MAX_LEN];
/// let bytes = model.to_bytes(1, &mut buffer)?;
/// assert_eq!(Model::from_bytes(1, bytes), Ok(model));
/// assert_eq!(Model::from_bytes(2, bytes), Err(Error::Layout { found: 1 }));
/// assert_eq!(Model::from_bytes(1, &bytes[1..]), Err(Error::Damaged));
///
/// let (neuron, sgd, standardizer) = model.resume(&DECAY)?;
/// assert_eq!((sgd.iterations(), sgd.lr()), (1, 0.25));
/// # let _ = (neuron, standardizer);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Checkpoint<S: Schedule, R, D, const N: usize> {
    /// The neuron.
    pub neuron: LogisticNeuron<S::Rate, N>,
    /// The optimiser: schedule, counter, factor, and rules with their state.
    pub sgd: Sgd<S, R>,
    /// Whatever else must survive.
    pub data: D,
}

impl<S: Schedule, R, D, const N: usize> Checkpoint<S, R, D, N> {
    /// The length of a buffer that is long enough: twice the size in memory, with header and
    /// checksum, rounded up to a multiple of 64.
    ///
    /// postcard writes a `u16` in at most 3 bytes, and a larger integer in at most 5/4 of its size.
    /// It puts one byte in front of an option, which doubles an `Option<bool>`. Only `data` with
    /// options inside of options, or with arrays of zero-sized types, may need more.
    /// [`to_bytes`](Self::to_bytes) then returns an error.
    pub const MAX_LEN: usize = (HEADER + 2 * size_of::<Self>() + CHECKSUM).next_multiple_of(64);

    /// A checkpoint of these values. For a schedule in a `static`, call [`Sgd::cloned`] first.
    #[must_use]
    pub const fn new(neuron: LogisticNeuron<S::Rate, N>, sgd: Sgd<S, R>, data: D) -> Self {
        Self { neuron, sgd, data }
    }

    /// Continues under a schedule in a `static`, which must be the one that was saved.
    ///
    /// # Errors
    ///
    /// `OtherSchedule` if it differs from the saved one. To change the schedule on purpose, use
    /// `checkpoint.sgd.with_schedule(&other)`.
    ///
    /// ```
    /// use microlr::store::Checkpoint;
    /// use microlr::{Error, ExponentialDecay, LogisticNeuron, Sgd};
    /// static OLD: ExponentialDecay<f32> = ExponentialDecay::new(0.5, 100, 0.5);
    /// static NEW: ExponentialDecay<f32> = ExponentialDecay::new(0.5, 200, 0.5);
    /// let checkpoint = Checkpoint::new(LogisticNeuron::<_, 1>::zeroed(), Sgd::new(OLD), ());
    /// assert!(checkpoint.resume(&OLD).is_ok());
    /// assert_eq!(checkpoint.resume(&NEW), Err(Error::OtherSchedule));
    /// let sgd = checkpoint.sgd.with_schedule(&NEW);
    /// assert_eq!(sgd.schedule(), &&NEW);
    /// ```
    #[expect(clippy::type_complexity, reason = "the three fields")]
    pub fn resume(self, schedule: &S) -> Result<(LogisticNeuron<S::Rate, N>, Sgd<&S, R>, D), Error>
    where
        S: PartialEq,
    {
        if self.sgd.schedule() != schedule {
            return Err(Error::OtherSchedule);
        }
        Ok((self.neuron, self.sgd.with_schedule(schedule), self.data))
    }
}

impl<S, R, D, const N: usize> Checkpoint<S, R, D, N>
where
    S: Schedule + Serialize,
    R: Serialize,
    D: Serialize,
{
    /// Writes the checkpoint to the beginning of `buffer` and returns its bytes.
    ///
    /// # Errors
    ///
    /// `TooMany("checkpoint")` if the buffer is too short.
    ///
    /// ```
    /// use microlr::store::Checkpoint;
    /// use microlr::{Error, LogisticNeuron, Sgd};
    /// let checkpoint = Checkpoint::new(LogisticNeuron::<f32, 1>::zeroed(), Sgd::new(0.5_f32), ());
    /// let mut buffer = [0; 37]; // 20 bytes and 17 of the numbers
    /// assert_eq!(checkpoint.to_bytes(1, &mut buffer)?.len(), 37);
    /// let refused = checkpoint.to_bytes(1, &mut buffer[1..]);
    /// assert_eq!(refused, Err(Error::TooMany("checkpoint")));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn to_bytes<'a>(&self, layout: u16, buffer: &'a mut [u8]) -> Result<&'a [u8], Error> {
        self.numbered(layout, 0, buffer)
    }

    /// As `to_bytes`, for the save with the number `sequence`.
    pub(super) fn numbered<'a>(
        &self,
        layout: u16,
        sequence: u32,
        buffer: &'a mut [u8],
    ) -> Result<&'a [u8], Error> {
        const TOO_MANY: Error = Error::TooMany("checkpoint");
        let payload = buffer.get_mut(HEADER..).ok_or(TOO_MANY)?;
        let length = postcard::to_slice(self, payload).map_err(|_| TOO_MANY)?.len();
        Frame::seal(layout, sequence, length, buffer).ok_or(TOO_MANY)
    }
}

impl<S, R, D, const N: usize> Checkpoint<S, R, D, N>
where
    S: Schedule + DeserializeOwned,
    R: DeserializeOwned + UpdateRule<S::Rate, N>,
    D: DeserializeOwned,
{
    /// Reads a checkpoint from the beginning of `bytes`. Bytes after it are ignored.
    ///
    /// # Errors
    ///
    /// See the [type](Checkpoint). Everything is checked before anything is returned, except for
    /// `data`: call its own `validate`.
    ///
    /// ```
    /// use microlr::store::Checkpoint;
    /// use microlr::{Error, LogisticNeuron, Sgd};
    /// let checkpoint = Checkpoint::new(LogisticNeuron::<f32, 1>::zeroed(), Sgd::new(0.5_f32), 7);
    /// let mut buffer = [0; 64];
    /// checkpoint.to_bytes(1, &mut buffer)?;
    /// assert_eq!(Checkpoint::from_bytes(1, &buffer), Ok(checkpoint));
    /// buffer[20] ^= 1;
    /// assert_eq!(Checkpoint::<f32, (), i32, 1>::from_bytes(1, &buffer), Err(Error::Damaged));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn from_bytes(layout: u16, bytes: &[u8]) -> Result<Self, Error> {
        let frame = Frame::open(bytes).ok_or(Error::Damaged)?;
        if frame.version != VERSION {
            return Err(Error::Version { found: frame.version });
        }
        if frame.layout != layout {
            return Err(Error::Layout { found: frame.layout });
        }
        let checkpoint = match postcard::take_from_bytes::<Self>(frame.payload) {
            Ok((checkpoint, [])) => checkpoint,
            _ => return Err(Error::Damaged),
        };
        checkpoint.sgd.validate(&checkpoint.neuron)?;
        Ok(checkpoint)
    }
}
