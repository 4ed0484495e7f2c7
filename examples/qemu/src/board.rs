//! The board of `detector` and `background`: a NOR flash, a reset, and a supply that fails.
//!
//! The machines of QEMU have no flash controller. So the cells of the flash are in RAM, in the
//! section `.uninit`, which the startup code does not touch. A reset of the machine keeps the RAM.

use core::sync::atomic::{AtomicU8, AtomicU32, Ordering::Relaxed};

use cortex_m::peripheral::SCB;
use cortex_m_semihosting::debug;
use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashErrorKind, ReadNorFlash, check_erase, check_read, check_write,
};

/// Bytes that are erased at once.
const SECTOR: usize = 1024;
const SIZE: usize = 2 * SECTOR;
/// The value of `STARTED` after the first start.
const YES: u32 = 0x6d6c_7221;

// `used` keeps the compiler from relying on these initial values, which are never loaded.
#[used]
#[unsafe(link_section = ".uninit.cells")]
static CELLS: [AtomicU8; SIZE] = [const { AtomicU8::new(0) }; SIZE];
#[used]
#[unsafe(link_section = ".uninit.started")]
static STARTED: AtomicU32 = AtomicU32::new(0);
#[used]
#[unsafe(link_section = ".uninit.starts")]
static STARTS: AtomicU32 = AtomicU32::new(0);
#[used]
#[unsafe(link_section = ".uninit.run")]
static RUN: AtomicU32 = AtomicU32::new(0);

/// A flash that writes 4 bytes and erases 1 KB at once.
#[derive(Debug)]
pub struct Flash {
    /// How many bytes can still be erased or written before the power fails.
    supply: u32,
}

/// A run of an experiment. It begins with an empty flash.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// What the run shows.
    pub name: &'static str,
    /// The machine is reset after this number of samples.
    pub samples: u32,
    /// The power fails before this number of bytes has been erased or written.
    pub bytes: Option<u32>,
}

/// Runs, one after another, with resets and power cuts.
#[derive(Debug, Clone, Copy)]
pub struct Experiment {
    runs: &'static [Run],
    /// The number of this run.
    pub number: usize,
    /// This run.
    pub run: Run,
    /// How often the machine has started in this run.
    pub starts: u32,
    samples: u32,
}

impl Experiment {
    /// To call once after each start of the machine.
    pub fn start(runs: &'static [Run]) -> Self {
        if STARTED.load(Relaxed) != YES {
            STARTED.store(YES, Relaxed);
            begin(0);
        }
        let (number, starts) = (RUN.load(Relaxed), STARTS.load(Relaxed) + 1);
        STARTS.store(starts, Relaxed);
        let number = number as usize;
        Self { runs, number, run: runs[number], starts, samples: 0 }
    }

    /// The flash. After each start the power fails at a different byte.
    pub fn flash(&self) -> Flash {
        Flash { supply: self.run.bytes.map_or(u32::MAX, |bytes| self.starts * 97 % bytes) }
    }

    /// To call after each sample: resets the machine if it is time.
    pub fn after_sample(&mut self) {
        self.samples += 1;
        if self.samples == self.run.samples {
            SCB::sys_reset()
        }
    }

    /// Begins the next run, or ends QEMU.
    pub fn next(self) -> ! {
        if self.number + 1 == self.runs.len() {
            end(debug::EXIT_SUCCESS)
        }
        begin(self.number as u32 + 1);
        SCB::sys_reset()
    }
}

/// Ends QEMU.
pub fn end(status: debug::ExitStatus) -> ! {
    loop {
        debug::exit(status);
    }
}

/// Erases the flash for a run.
fn begin(run: u32) {
    RUN.store(run, Relaxed);
    STARTS.store(0, Relaxed);
    CELLS.iter().for_each(|cell| cell.store(0xff, Relaxed));
}

/// Changes a cell of the flash. If the power fails here, only every other bit changes.
fn change(cell: &AtomicU8, to: u8, supply: &mut u32) {
    let Some(left) = supply.checked_sub(1) else {
        let from = cell.load(Relaxed);
        cell.store(from ^ ((from ^ to) & 0x55), Relaxed);
        SCB::sys_reset()
    };
    *supply = left;
    cell.store(to, Relaxed);
}

impl ErrorType for Flash {
    type Error = NorFlashErrorKind;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), NorFlashErrorKind> {
        check_read(self, offset, bytes.len())?;
        for (byte, cell) in bytes.iter_mut().zip(&CELLS[offset as usize..]) {
            *byte = cell.load(Relaxed);
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        SIZE
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = SECTOR;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), NorFlashErrorKind> {
        check_erase(self, from, to)?;
        for cell in &CELLS[from as usize..to as usize] {
            change(cell, 0xff, &mut self.supply);
        }
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), NorFlashErrorKind> {
        check_write(self, offset, bytes.len())?;
        for (cell, &byte) in CELLS[offset as usize..].iter().zip(bytes) {
            if cell.load(Relaxed) != 0xff {
                return Err(NorFlashErrorKind::Other); // it has not been erased
            }
            change(cell, byte, &mut self.supply);
        }
        Ok(())
    }
}
