//! The board of `detector` and `background`: a NOR flash, resets, and a supply that fails.
//!
//! The boards that QEMU emulates have no flash controller. So the cells are in the part of the RAM
//! that a reset of the machine does not change.

use core::cell::UnsafeCell;

use cortex_m::peripheral::SCB;
use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashErrorKind, ReadNorFlash, check_erase, check_read, check_write,
};

/// Bytes that are erased at once.
const SECTOR: usize = 1024;
const SIZE: usize = 2 * SECTOR;
/// What `mark` holds once the memory is in use.
const MARK: u32 = 0x6d6c_7221;

/// What survives a reset.
#[repr(C)]
struct Memory {
    mark: u32,
    cells: [u8; SIZE],
    kept: Kept,
}

/// What survives a reset beside the flash: the course of an experiment.
#[derive(Debug, Clone, Copy, Default)]
pub struct Kept {
    /// How often the machine has started.
    pub boots: u32,
    /// The number of the run.
    pub run: u32,
    /// The digest of the first run.
    pub digest: u64,
}

struct Shared(UnsafeCell<Memory>);
// SAFETY: only `Board` uses the memory, and there is one board; see `Board::take`.
unsafe impl Sync for Shared {}

/// The startup code neither zeroes this section nor writes to it.
#[unsafe(link_section = ".uninit.board")]
static MEMORY: Shared = Shared(UnsafeCell::new(todo!()));
