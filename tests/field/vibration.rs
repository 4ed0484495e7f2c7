//! The samples of `detector`: the vibration of a machine with a bearing that fails now and then.
//!
//! | feature | unit | usual | with a fault | plausible |
//! | --- | --- | --- | --- | --- |
//! | acceleration, root mean square | g | 0.3 | 0.38 | 0 to 16 |
//! | acceleration, peak | g | 1 | 1.4 | 0 to 16 |
//! | kurtosis of the acceleration | | 3 | 3.8 | 1 to 50 |
//! | displacement | m | 0.001 | 0.00124 | 0 to 0.1 |
//! | temperature | °C | 20 to 60 | the same | -40 to 125 |
//! | pressure of the air | hPa | 1013 | the same | 300 to 1100 |
//!
//! A fault is present in 5 % of the samples. One sample of 200 is a glitch: NaN, the 65535 of a
//! broken bus, 1e30, or a plausible peak. In each 2000 samples the temperature is stuck for 60.

use microlr::{RandomUniform, Schedule};

/// The number of features.
pub const N: usize = 6;
/// The lowest and the highest plausible value of each feature.
pub const PLAUSIBLE: [[f32; N]; 2] =
    [[0.0, 0.0, 1.0, 0.0, -40.0, 300.0], [16.0, 16.0, 50.0, 0.1, 125.0, 1100.0]];

/// Uniform noise with the same bits on every machine and random access to any index.
static NOISE: RandomUniform<f32> = RandomUniform::new(0.0, 1.0, 14);

/// The raw features of a sample, and whether a fault is present. After a reset the same index gives
/// the same sample.
pub fn sample(index: u32) -> ([f32; N], bool) {
    // From 0 to 1; eight of them for each sample.
    let uniform = |number: u32, index: u32| NOISE.lr(index.wrapping_mul(16).wrapping_add(number));
    // From -1 to 1, more often near 0.
    let noise = |number| uniform(number, index) - uniform(number + 6, index);
    let is_fault = uniform(12, index) < 0.05;
    let fault = if is_fault { 1.0 } else { 0.0 };
    let stuck_since = index - index % 2000;
    let temperature = uniform(4, if index - stuck_since < 60 { stuck_since } else { index });
    let mut x = [
        0.3 + 0.1 * noise(0) + 0.08 * fault,
        1.0 + 0.5 * noise(1) + 0.4 * fault,
        3.0 + noise(2) + 0.8 * fault,
        0.001 + 0.0003 * noise(3) + 0.00024 * fault,
        20.0 + 40.0 * temperature,
        1013.0 + 20.0 * noise(5),
    ];
    let glitch = uniform(13, index);
    if glitch < 0.005 {
        let values = [f32::NAN, 65535.0, 1e30, 15.0];
        x[index as usize % 2] = values[(glitch * 800.0) as usize % 4];
    }
    (x, is_fault)
}
