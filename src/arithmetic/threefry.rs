//! Threefry-2x32, a counter-based random number generator: a keyed bijection from counters to
//! random words, which allows random access to any value.
//!
//! It adds, rotates and xors 32-bit words only, which suits a Cortex-M0 with no long
//! multiplication. Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
//! 1, 2, 3", SC11, 2011; 20 rounds as there and in JAX.

/// The constant of the key schedule.
const PARITY: u32 = 0x1bd1_1bda;
/// The rotations of two groups of four rounds; they alternate.
const ROTATIONS: [[u32; 4]; 2] = [[13, 15, 26, 6], [17, 29, 16, 24]];

/// Independent sequences for one seed: what the words are used for is the counter's upper half.
#[derive(Debug, Clone, Copy)]
#[repr(u32)]
pub(crate) enum Stream {
    /// The learning rates of `RandomUniform`.
    LearningRate = 0,
    /// The starting weights of a neuron.
    Weights = 1,
    /// The noise of `Jittered`.
    Jitter = 2,
    /// The round functions of `Permutation`.
    Permutation = 3,
}

/// 64 random bits: word number `index` of `stream` under `seed`.
pub(crate) fn word(seed: u64, stream: Stream, index: u32) -> u64 {
    let key = [seed as u32, (seed >> 32) as u32];
    let [first, second] = threefry2x32_20(key, [index, stream as u32]);
    u64::from(first) << 32 | u64::from(second)
}

fn threefry2x32_20(key: [u32; 2], counter: [u32; 2]) -> [u32; 2] {
    let [mut k0, mut k1] = key;
    let mut k2 = PARITY ^ k0 ^ k1;
    let [even, odd] = ROTATIONS;
    let mut x0 = counter[0].wrapping_add(k0);
    let mut x1 = counter[1].wrapping_add(k1);
    for (group, rotations) in [even, odd, even, odd, even].into_iter().enumerate() {
        for rotation in rotations {
            x0 = x0.wrapping_add(x1);
            x1 = x1.rotate_left(rotation) ^ x0;
        }
        (k0, k1, k2) = (k1, k2, k0);
        x0 = x0.wrapping_add(k0);
        x1 = x1.wrapping_add(k1).wrapping_add(group as u32 + 1);
    }
    [x0, x1]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers that the authors publish with their Random123 library.
    #[test]
    fn known_answers() {
        assert_eq!(threefry2x32_20([0; 2], [0; 2]), [0x6b20_0159, 0x99ba_4efe]);
        assert_eq!(threefry2x32_20([u32::MAX; 2], [u32::MAX; 2]), [0x1cb9_96fc, 0xbb00_2be7]);
        assert_eq!(
            threefry2x32_20([0x1319_8a2e, 0x0370_7344], [0x243f_6a88, 0x85a3_08d3]),
            [0xc492_3a9c, 0x483d_f7a0]
        );
    }
}
