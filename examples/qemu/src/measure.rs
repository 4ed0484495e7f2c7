//! Instructions by SysTick, stack by paint.

use core::hint::black_box;
use core::{arch, ptr};

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m::register::msp;

/// Counts instructions with SysTick, for a QEMU under `-icount shift=0`.
#[derive(Debug)]
pub struct Counter {
    /// Ticks for `CALIBRATION` instructions.
    ticks: u64,
}

/// Instructions of the loop that measures how many a tick is.
const CALIBRATION: u64 = 2_000_000;

/// Calls for one figure: a tick is 40 to 63 instructions, so an error of one is far below a half.
const CALLS: u64 = 256;

impl Counter {
    /// Starts the timer.
    #[must_use]
    pub fn new(mut timer: SYST) -> Self {
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(0x00ff_ffff);
        timer.clear_current();
        timer.enable_counter();
        let ticks = ticks(|| {
            // SAFETY: counts a register down; two instructions a round.
            unsafe {
                let n = CALIBRATION as u32 / 2;
                arch::asm!("2:", "subs {n}, #1", "bne 2b", n = inout(reg) n => _);
            }
        });
        Self { ticks }
    }

    /// Instructions of one call of `function`, without those of the call itself.
    pub fn instructions(&self, mut function: impl FnMut()) -> u32 {
        let per_call = |ticks: u64| (ticks * CALIBRATION * 2 / self.ticks + CALLS) / (CALLS * 2);
        let empty = ticks(|| (0..CALLS).for_each(|_| call(&mut || {})));
        let total = ticks(|| (0..CALLS).for_each(|_| call(&mut function)));
        per_call(total.saturating_sub(empty)) as u32
    }
}

fn ticks(work: impl FnOnce()) -> u64 {
    let before = SYST::get_current();
    work();
    u64::from(before.wrapping_sub(SYST::get_current()) & 0x00ff_ffff)
}

/// The loop around it stays the same, whatever is called.
#[inline(never)]
fn call(function: &mut impl FnMut()) {
    function();
    black_box(());
}

/// The most bytes of stack that `function` uses below its caller.
#[inline(never)]
pub fn high_water(function: &mut dyn FnMut()) -> usize {
    /// What is painted and searched: more than any of them needs.
    const BYTES: usize = 4096;
    const PAINT: u32 = 0x57ac_4ba5;
    // All that this function itself keeps lies above the stack pointer, and the loops call nothing.
    let top = msp::read() as usize;
    let mut address = top - BYTES;
    while address < top {
        // SAFETY: below the stack pointer and above the data, so nobody's.
        unsafe { ptr::write_volatile(address as *mut u32, PAINT) };
        address += 4;
    }
    function();
    let mut address = top - BYTES;
    // SAFETY: the words that the loop before has written.
    while address < top && unsafe { ptr::read_volatile(address as *const u32) } == PAINT {
        address += 4;
    }
    top - address
}
