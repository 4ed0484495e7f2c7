//! Schedules that arrive as bytes: the records of `microlr_qemu::chosen`, and rates of each.
//!
//! `cargo run --release --bin chosen`

#![no_std]
#![no_main]

use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use microlr::Schedule;
use microlr_qemu::chosen::{Chosen, RECORDS, Refused};
use panic_semihosting as _;

fn show() -> Result<(), Refused> {
    for record in RECORDS {
        let chosen = Chosen::parse(record)?;
        let [a, b, c] = [0, 130, 499].map(|step| chosen.lr(step));
        hprintln!("tag {}: rates {:.6}, {:.6}, {:.6}", record[0], a, b, c);
    }
    for refused in [&[][..], b"\x06", b"\x04\xff\xff\xff\xff", &[0; 14], &[5; 22]] {
        hprintln!("{:?}: {:?}", refused, Chosen::parse(refused).map(|_| ()));
    }
    Ok(())
}

#[entry]
fn main() -> ! {
    microlr_qemu::exit(show())
}
