//! Schedules through postcard and back, without an allocator: chosen at run time, and composed.
//!
//! `cargo run --release --bin exchange`

#![no_std]
#![no_main]

use core::fmt::Debug;

use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use microlr::{
    AnySchedule, CosineDecay, CosineDecayRestarts, ExponentialDecay, PiecewiseConstantDecay,
    PolynomialDecay, Schedule, Then,
};
use panic_semihosting as _;
use postcard::{Error, from_bytes, to_slice};
use serde::Serialize;
use serde::de::DeserializeOwned;

type Chosen = AnySchedule<f32, 3>;
type Warm = Then<PolynomialDecay<f32>, CosineDecay<f32>>;

static STEPS: PiecewiseConstantDecay<f32, 3> =
    PiecewiseConstantDecay::new([125, 250, 375], [0.1, 0.075, 0.05, 0.025]);
static WARM: Warm = Then::new(PolynomialDecay::new(0.0, 10, 0.5), 10, CosineDecay::new(0.5, 100));
/// What `cargo run --example from_keras -- tests/exchange/keras/exponential_staircase.json` prints.
static BYTES: [u8; 11] = [1, 205, 204, 204, 61, 5, 51, 51, 115, 63, 1];

/// Writes the schedule, reads it back, and prints what both give.
fn show<S>(name: &str, schedule: &S) -> Result<(), Error>
where
    S: Schedule<Rate = f32> + Serialize + DeserializeOwned + PartialEq + Debug,
{
    let mut buffer = [0; 64];
    let bytes = to_slice(schedule, &mut buffer)?;
    let read: S = from_bytes(bytes)?;
    let [a, b] = [5, 60].map(|step| read.lr(step));
    hprintln!("{}: {:?}, equal {}, rates {:.6}, {:.6}", name, bytes, read == *schedule, a, b);
    let truncated = bytes.split_last().map(|(_, bytes)| from_bytes::<S>(bytes).is_err());
    hprintln!("{}: truncated, refused {:?}", name, truncated);
    Ok(())
}

fn exchange() -> Result<(), Error> {
    show("exponential", &from_bytes::<Chosen>(&BYTES)?)?;
    show("piecewise", &Chosen::from(STEPS.clone()))?;
    show("restarts", &Chosen::from(CosineDecayRestarts::new(0.1, 10).m_mul(0.9)))?;
    show("constant", &Chosen::Constant(0.1))?;
    show("warm-up", &WARM)?;
    show("typed", &ExponentialDecay::new(0.1, 5, 0.95))?;
    hprintln!("no steps: {:?}", from_bytes::<Chosen>(&[1, 0, 0, 0, 0, 0, 0, 0, 128, 63, 0]).err());
    hprintln!("unknown class: {:?}", from_bytes::<Chosen>(&[255; 9]).err());
    Ok(())
}

#[entry]
fn main() -> ! {
    microlr_qemu::exit(exchange())
}
