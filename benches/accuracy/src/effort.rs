//! How much a run measures. What the quick one measures, the full one measures as well.

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Effort {
    Quick,
    Full,
}

impl Effort {
    fn choose<T>(self, quick: T, full: T) -> T {
        if self == Self::Quick { quick } else { full }
    }

    /// From one step of a typical set to the next.
    pub fn stride(self) -> usize {
        self.choose(5, 1)
    }

    /// Edges of a typical set at its start, at its end and in between.
    pub fn edges(self) -> u32 {
        self.choose(16, 400)
    }

    /// Thousands of random points, times four.
    pub fn chunks(self) -> u64 {
        self.choose(120, 800)
    }

    /// From one `f32` logit to the next: a prime, or all.
    pub fn logit_stride(self) -> u64 {
        self.choose(503, 1)
    }

    /// Random `f64` logits, in thousands.
    pub fn logits(self) -> u64 {
        self.choose(100, 3000)
    }

    /// Random factors of the restarts.
    pub fn factors(self) -> usize {
        self.choose(20, 200)
    }

    /// Restarts at the start and at the end of the range, and in between, where there are billions.
    pub fn restarts(self) -> u32 {
        self.choose(5000, 100_000)
    }
}
