//! What the programs of this folder share: data, and how a program ends.

#![no_std]

pub mod board;
pub mod chosen;
pub mod functions;
pub mod gate;
pub mod measure;
#[path = "../../../tests/catalogue/statics.rs"]
mod statics;
#[path = "../../../tests/field/vibration.rs"]
pub mod vibration;
pub mod wdbc;

use core::fmt::Display;

use cortex_m_semihosting::{debug, hprintln};
#[cfg(board = "lm3s6965evb")]
use lm3s6965 as _; // its interrupt vectors, which `background` needs

/// Ends QEMU: with success, or with the error printed and a failure.
pub fn exit<E: Display>(result: Result<(), E>) -> ! {
    let status = match result {
        Ok(()) => debug::EXIT_SUCCESS,
        Err(error) => {
            hprintln!("error: {}", error);
            debug::EXIT_FAILURE
        }
    };
    loop {
        debug::exit(status);
    }
}
