//! Random parameters and steps. A seed always gives the same ones.

use crate::catalogue::{Entry, Number, Parameters};

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// Uniform in [0, 1).
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in its logarithm.
    pub fn logarithmic(&mut self, low: f64, high: f64) -> f64 {
        (low.ln() + self.uniform() * (high.ln() - low.ln())).exp()
    }

    pub fn one_of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.bits() as usize % values.len()]
    }

    fn chance(&mut self, one_in: u64) -> bool {
        self.bits().is_multiple_of(one_in)
    }

    fn length(&mut self) -> u32 {
        match self.bits() % 4 {
            0 => self.one_of(&[1, u32::MAX, u32::MAX - 1, (1 << 24) + 1, 1 << 31]),
            1 => self.one_of(&[5, 10, 41, 100, 500, 1000, 100_000]),
            _ => self.logarithmic(1.0, f64::from(u32::MAX)) as u32,
        }
    }
}

/// A class of parameters: what the rates may be, and the other numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Class {
    /// As learning rates have them.
    Ordinary,
    /// Anything positive and finite.
    Beyond,
}

impl Class {
    pub fn parameters<F: Number>(self, random: &mut Random) -> Parameters<F> {
        let wide = match self {
            Self::Ordinary => Parameters {
                rate: ordinary_rate(random),
                other_rate: ordinary_rate(random),
                factor: ordinary_factor(random),
                growth: match random.bits() % 3 {
                    0 => random.one_of(&[1.0, 1.5, 2.0, 3.0, 10.0]),
                    _ => 1.01 + random.logarithmic(1e-4, 20.0),
                },
                power: match random.bits() % 3 {
                    0 => random.one_of(&[0.5, 0.9, 1.0, 2.0, 3.0]),
                    _ => random.logarithmic(0.01, 20.0),
                },
                ..lengths(random)
            },
            Self::Beyond => Parameters {
                rate: positive::<F>(random),
                other_rate: positive::<F>(random),
                factor: positive::<F>(random),
                growth: (1.01 + positive::<F>(random)).min(2048.0),
                power: random.logarithmic(1e-30, 1e30),
                ..lengths(random)
            },
        };
        wide.to()
    }
}

fn lengths(random: &mut Random) -> Parameters<f64> {
    Parameters {
        rate: 0.0,
        other_rate: 0.0,
        factor: 0.0,
        growth: 0.0,
        power: 0.0,
        fraction: match random.bits() % 4 {
            0 => random.one_of(&[0.0, 1.0, 0.1, 0.01, 1.0 - f64::from(f32::EPSILON)]),
            1 => random.logarithmic(1e-12, 1.0),
            _ => random.uniform(),
        },
        steps: random.length(),
        other_steps: if random.chance(16) { 0 } else { random.length() },
        more_steps: if random.chance(16) { 0 } else { random.length() },
        seed: random.bits(),
        options: random.bits() as u8,
    }
}

fn ordinary_rate(random: &mut Random) -> f64 {
    match random.bits() % 4 {
        0 => random.one_of(&[0.0, 1e-12, 1.0, 1e6, 1.0 + f64::from(f32::EPSILON)]),
        1 => random.one_of(&[0.1, 0.3, 0.01, 0.001, 3e-4]),
        _ => random.logarithmic(1e-12, 1e6),
    }
}

/// Of a decay rate or a height: as people write them, or next to 1.
fn ordinary_factor(random: &mut Random) -> f64 {
    match random.bits() % 4 {
        0 => random.one_of(&[0.5, 0.9, 0.95, 0.96, 0.99, 0.999, 0.0, 1.0, 2.0]),
        1 => 1.0 - random.logarithmic(1e-9, 0.9),
        2 => 1.0 + random.logarithmic(1e-9, 1.0),
        _ => random.logarithmic(0.01, 10.0),
    }
}

fn positive<F: Number>(random: &mut Random) -> f64 {
    let [smallest, largest] = [F::min_positive_value(), F::max_value()].map(Number::to_f64);
    let epsilon = F::epsilon().to_f64();
    match random.bits() % 8 {
        0 => 1.0 + random.one_of(&[-epsilon, -epsilon / 2.0, epsilon, 2.0 * epsilon]),
        1 => random.logarithmic(smallest, smallest * 1e8),
        2 => random.logarithmic(largest / 1e8, largest),
        3 => smallest * random.uniform().max(epsilon), // subnormal
        4 => random.one_of(&[0.0, smallest, largest, largest / 2.0]),
        5 => random.logarithmic(1e-6, 10.0),
        _ => random.logarithmic(smallest, largest),
    }
}

/// A step beside an edge, before it, or anywhere.
pub fn step<E: Entry, F: Number>(p: &Parameters<F>, random: &mut Random) -> u32 {
    let edges = E::edges(p);
    let edge = random.one_of(&edges);
    match random.bits() % 6 {
        0 | 1 => edge.saturating_add_signed(random.one_of(&[-2, -1, 0, 1, 2])),
        2 => (random.uniform() * f64::from(edge)) as u32,
        3 => random.bits() as u32,
        _ => random.length(),
    }
}
