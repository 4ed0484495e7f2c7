//! Header and checksum around a checkpoint, which show whether it is intact.
//!
//! ```text
//! magic 4 | version 2 | layout 2 | sequence 4 | length 4 | payload | CRC-32 of all before it 4
//! ```
//!
//! Numbers are little-endian.

use crc::{CRC_32_ISO_HDLC, Crc, NoTable};

const MAGIC: [u8; 4] = *b"mlr!";
pub(super) const VERSION: u16 = 1;
/// Bytes before and after the payload.
pub(super) const HEADER: usize = 16;
pub(super) const CHECKSUM: usize = 4;
/// Without a table: it takes 1 KB, and the flash takes most of the time of a save.
static CRC: Crc<u32, NoTable> = Crc::<u32, NoTable>::new(&CRC_32_ISO_HDLC);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    pub(super) version: u16,
    pub(super) layout: u16,
    pub(super) sequence: u32,
    pub(super) payload: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Reads the frame at the beginning of `bytes`; `None` if it is not intact.
    pub(super) fn open(bytes: &'a [u8]) -> Option<Self> {
        let (magic, after) = bytes.split_first_chunk()?;
        let (version, after) = after.split_first_chunk()?;
        let (layout, after) = after.split_first_chunk()?;
        let (sequence, after) = after.split_first_chunk()?;
        let (length, after) = after.split_first_chunk()?;
        let length = u32::from_le_bytes(*length) as usize;
        let (payload, after) = after.split_at_checked(length)?;
        let checksum = u32::from_le_bytes(*after.first_chunk()?);
        let covered = bytes.get(..bytes.len().checked_sub(after.len())?)?;
        let whole = *magic == MAGIC && CRC.checksum(covered) == checksum;
        whole.then_some(Self {
            version: u16::from_le_bytes(*version),
            layout: u16::from_le_bytes(*layout),
            sequence: u32::from_le_bytes(*sequence),
            payload,
        })
    }

    /// Writes header and checksum around a payload of `length` bytes, which is already in its
    /// place. Returns the bytes of the frame; `None` if the buffer is too short.
    pub(super) fn seal(
        layout: u16,
        sequence: u32,
        length: usize,
        buffer: &mut [u8],
    ) -> Option<&[u8]> {
        let header = buffer.first_chunk_mut::<HEADER>()?;
        let (magic, after) = header.split_first_chunk_mut()?;
        *magic = MAGIC;
        let (version, after) = after.split_first_chunk_mut()?;
        *version = VERSION.to_le_bytes();
        let (of_layout, after) = after.split_first_chunk_mut()?;
        *of_layout = layout.to_le_bytes();
        let (of_sequence, after) = after.split_first_chunk_mut()?;
        *of_sequence = sequence.to_le_bytes();
        *after.first_chunk_mut()? = (length as u32).to_le_bytes();
        let (covered, after) = buffer.split_at_mut_checked(HEADER.checked_add(length)?)?;
        *after.first_chunk_mut()? = CRC.checksum(covered).to_le_bytes();
        buffer.get(..HEADER.checked_add(length)?.checked_add(CHECKSUM)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_zip_and_ethernet() {
        assert_eq!(CRC.checksum(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn a_frame_comes_back_and_needs_every_byte() {
        let mut buffer = [7; 30];
        let bytes = Frame::seal(5, 9, 6, &mut buffer).unwrap();
        assert_eq!(bytes.len(), 26);
        let frame = Frame { version: VERSION, layout: 5, sequence: 9, payload: &[7; 6] };
        assert_eq!(Frame::open(bytes), Some(frame));
        for length in 0..26 {
            assert_eq!(Frame::open(&bytes[..length]), None);
        }
        assert_eq!(Frame::open(&buffer), Some(frame));
        assert_eq!(Frame::seal(5, 9, 11, &mut buffer), None);
        assert_eq!(Frame::seal(5, 9, usize::MAX, &mut buffer), None);
        assert_eq!(Frame::open(&[0xff; 30]), None);
    }
}
