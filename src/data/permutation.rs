use core::num::NonZeroU32;

use crate::arithmetic::threefry::{self, Stream};
use crate::error::{self, Error};

/// With 8 rounds every order of a few elements is about equally frequent.
const ROUNDS: u32 = 8;

/// A seeded permutation of `0..n` in constant memory: the order in which an epoch visits the
/// samples.
///
/// | parameter | unit | valid |
/// | --- | --- | --- |
/// | `n` | elements | > 0 |
/// | `seed` | | any; another seed for each epoch |
///
/// Each index below `n` occurs once. The order depends on `n` and seed alone and is the same on
/// every target. An index needs no other, so a resumed run continues in the same order. It is not
/// for cryptography.
///
/// ```
/// use microlr::{LogisticNeuron, Permutation, Sgd};
///
/// let samples = [([-2.0_f32], 0.0), ([-1.0], 0.0), ([1.0], 1.0), ([2.0], 1.0)];
/// let (mut neuron, mut sgd) = (LogisticNeuron::zeroed(), Sgd::new(0.5_f32));
/// for epoch in 0..100 {
///     for index in Permutation::new(4, epoch).iter() {
///         let (x, y) = samples[index as usize];
///         sgd.step(&mut neuron, &x, y)?;
///     }
/// }
/// assert!(neuron.predict(&[-1.0]) < 0.1 && neuron.predict(&[1.0]) > 0.9);
/// # Ok::<(), microlr::Error>(())
/// ```
///
/// # Time
///
/// A Feistel network permutes `0..m`, where `m` is the smallest power of 4 that is at least `n` and
/// at least 4. An index at or above `n` is permuted again (cycle walking) until it is below `n`.
/// The walks of different indices share no element. So all `n` indices together take at most
/// `m` ≤ 4·n evaluations of the network, each with 8 evaluations of Threefry. One index takes fewer
/// than 4 evaluations on average, more than k with a probability below (3/4)^k, and never more than
/// m - n + 1.
///
/// Source: Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002 (cycle-walking
/// cipher); Luby and Rackoff, "How to construct pseudorandom permutations from pseudorandom
/// functions", 1988 (Feistel network); Salmon et al., 2011 (Threefry-2x32, the round function).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Permutation {
    n: NonZeroU32,
    seed: u64,
}

impl Permutation {
    /// A permutation of `0..n`.
    ///
    /// # Panics
    ///
    /// If `n` is 0. In a `static` it does not compile then.
    ///
    /// ```
    /// use microlr::Permutation;
    /// static ORDER: Permutation = Permutation::new(5, 0);
    /// assert!(ORDER.iter().eq([1, 2, 0, 4, 3]));
    /// assert!(Permutation::new(5, 1).iter().ne(ORDER.iter()));
    /// assert!(Permutation::new(1, 0).iter().eq([0]));
    /// ```
    #[must_use]
    pub const fn new(n: u32, seed: u64) -> Self {
        Self { n: error::expect_steps(n, "`n` must be above 0"), seed }
    }

    /// A permutation of a number that arrives at run time.
    ///
    /// # Errors
    ///
    /// `n` is 0.
    ///
    /// ```
    /// use microlr::{Error, Permutation};
    /// assert!(Permutation::try_new(1, 0).is_ok());
    /// assert_eq!(Permutation::try_new(0, 0), Err(Error::NotPositive("n")));
    /// ```
    pub fn try_new(n: u32, seed: u64) -> Result<Self, Error> {
        let n = NonZeroU32::new(n).ok_or(Error::NotPositive("n"))?;
        Ok(Self { n, seed })
    }

    /// The element in place `i`, which counts modulo `n`: the sample of step `i`.
    ///
    /// ```
    /// use microlr::Permutation;
    /// let order = Permutation::new(1000, 7);
    /// assert!((0..1000).all(|i| order.get(i) < 1000));
    /// assert_eq!([order.get(1000), order.get(1999)], [order.get(0), order.get(999)]);
    /// ```
    #[must_use]
    pub fn get(&self, i: u32) -> u32 {
        // A permutation returns to where it began, and `i % n` is below `n`, so the loop ends.
        let mut index = self.feistel(i % self.n);
        while index >= self.n.get() {
            index = self.feistel(index);
        }
        index
    }

    /// The `n` elements in order.
    ///
    /// ```
    /// use microlr::Permutation;
    /// let order = Permutation::new(1000, 7);
    /// assert_eq!(order.iter().len(), 1000);
    /// assert_eq!(order.iter().nth(999), Some(order.get(999)));
    /// assert_eq!(order.iter().map(u64::from).sum::<u64>(), 999 * 1000 / 2);
    /// ```
    pub fn iter(&self) -> impl ExactSizeIterator<Item = u32> + DoubleEndedIterator + Clone + use<> {
        let permutation = *self;
        (0..self.n.get()).map(move |i| permutation.get(i))
    }

    /// A permutation of `0..m`. A round changes one half of the bits by a function of the other, so
    /// it is invertible.
    fn feistel(&self, x: u32) -> u32 {
        let bits = u32::BITS - (self.n.get() - 1).leading_zeros();
        let half = bits.div_ceil(2).max(1);
        let mask = (1 << half) - 1;
        let (mut left, mut right) = (x >> half, x & mask);
        for round in 0..ROUNDS {
            let word = threefry::word(self.seed, Stream::Permutation, round << 16 | right);
            (left, right) = (right, left ^ (word as u32 & mask));
        }
        left << half | right
    }
}

#[cfg(test)]
mod tests {
    use std::vec;
    use std::vec::Vec;

    use super::*;

    fn check(n: u32, seed: u64) {
        let mut seen = vec![false; n as usize];
        for element in Permutation::new(n, seed).iter() {
            assert!(!core::mem::replace(&mut seen[element as usize], true), "{element} of {n}");
        }
        assert!(seen.into_iter().all(|seen| seen), "{n}");
    }

    #[test]
    fn every_element_occurs_once() {
        for n in 1..=1100 {
            check(n, u64::from(n) << 40);
        }
        for n in [4095, 4096, 4097, 65_535, 65_536, 65_537, 100_000] {
            check(n, 3);
        }
    }

    /// The inverse of the network, of as many bits as `n` needs.
    fn inverse(permutation: &Permutation, x: u32) -> u32 {
        let half = (1..=16).find(|half| 1_u64 << (2 * half) >= permutation.n.get().into()).unwrap();
        let mask = (1 << half) - 1;
        let (mut left, mut right) = (x >> half, x & mask);
        for round in (0..ROUNDS).rev() {
            let word = threefry::word(permutation.seed, Stream::Permutation, round << 16 | left);
            (left, right) = (right ^ (word as u32 & mask), left);
        }
        left << half | right
    }

    /// For an `n` that is too large to visit all of it: the inverse walks back.
    #[test]
    fn a_large_permutation_has_an_inverse() {
        for n in [u32::MAX, u32::MAX - 1, (1 << 31) + 1, 1 << 30, (1 << 30) + 1, 12_345_678] {
            let permutation = Permutation::new(n, u64::from(n) << 20);
            let samples = (0..2000).map(|i| i * (n / 2000)).chain([n - 1]);
            for i in samples {
                let element = permutation.get(i);
                assert!(element < n);
                let mut back = inverse(&permutation, element);
                while back >= n {
                    back = inverse(&permutation, back);
                }
                assert_eq!(back, i, "{n}");
            }
        }
    }

    #[test]
    fn an_epoch_takes_at_most_four_evaluations_per_element() {
        for n in [1, 2, 3, 4, 5, 16, 17, 100, 257, 1025, 4096] {
            let permutation = Permutation::new(n, 11);
            let mut evaluations = 0;
            for i in 0..n {
                let (mut index, mut walk) = (permutation.feistel(i), 1);
                while index >= n {
                    (index, walk) = (permutation.feistel(index), walk + 1);
                }
                assert!(walk <= 3 * n + 1);
                evaluations += walk;
            }
            assert!(evaluations <= 4 * n, "{evaluations} for {n}");
        }
    }

    /// How often each of the 24 orders of 4 elements, and the 120 of 5, occurs over many seeds. The
    /// tolerances contain the noise and the bias of a small network.
    #[test]
    fn every_order_is_about_equally_frequent() {
        for (n, orders) in [(3, 6), (4, 24), (5, 120)] {
            let mut counts = std::collections::BTreeMap::<Vec<u32>, u32>::new();
            for seed in 0..orders * 2000 {
                let order = Permutation::new(n, seed).iter().collect();
                *counts.entry(order).or_default() += 1;
            }
            assert_eq!(counts.len() as u64, orders);
            let extremes = (counts.values().min().unwrap(), counts.values().max().unwrap());
            assert!(*extremes.0 > 1400 && *extremes.1 < 2600, "{n}: {extremes:?}");
        }
    }

    /// Chi-squared of the places of elements, for neighbouring seeds and a larger `n`.
    #[test]
    fn elements_are_in_every_place_equally_often() {
        const N: usize = 50;
        const SEEDS: u32 = 5000;
        let mut counts = vec![[0_u32; N]; N];
        for seed in 0..SEEDS {
            for (place, element) in Permutation::new(N as u32, seed.into()).iter().enumerate() {
                counts[place][element as usize] += 1;
            }
        }
        let expected = f64::from(SEEDS) / N as f64;
        let terms = counts.iter().flatten().map(|&n| (f64::from(n) - expected).powi(2) / expected);
        // With 49·49 degrees of freedom: a mean of 2401 and a standard deviation of 69.
        let chi_squared: f64 = terms.sum();
        assert!((2401.0 - 5.0 * 69.0..2401.0 + 5.0 * 69.0).contains(&chi_squared), "{chi_squared}");
    }

    #[test]
    fn both_halves_of_the_seed_and_every_bit_count() {
        let order = |seed| Permutation::new(1 << 20, seed).iter().take(8).collect::<Vec<u32>>();
        for bit in 0..64 {
            assert_ne!(order(0), order(1 << bit));
        }
    }
}
