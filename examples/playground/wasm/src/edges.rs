//! The steps to draw of a long range. Schedules have no getters, so the edges come from the fields
//! of the object that a schedule is written as.

use serde_json::Value;

/// About `most` evenly spaced steps of a range, with both ends, and three steps at every edge. All
/// steps if there are at most `most`.
pub fn sample(schedule: &Value, from: u32, to: u32, most: u32) -> Vec<u32> {
    let stride = to.saturating_sub(from) / most.max(1) + 1;
    let mut steps: Vec<u32> = (from..=to).step_by(stride as usize).collect();
    if stride > 1 {
        let range = Range { from: from.into(), to: to.into(), most: most.into() };
        let near = edges(schedule, range).into_iter().filter_map(|edge| u32::try_from(edge).ok());
        steps.extend(near.flat_map(|e| [e.saturating_sub(1), e, e.saturating_add(1)]));
        steps.push(to);
        steps.retain(|step| (from..=to).contains(step));
        steps.sort_unstable();
        steps.dedup();
    }
    steps
}

/// Steps of which about `most` can be drawn.
#[derive(Clone, Copy)]
struct Range {
    from: u64,
    to: u64,
    most: u64,
}

impl Range {
    /// The starts of the cycles in the range: all, or about `most` that are evenly spaced.
    fn cycles(self, length: u64) -> impl Iterator<Item = u64> {
        let length = length.max(1);
        let (first, last) = (self.from / length, self.to / length);
        let stride = (last - first) / self.most.max(1) + 1;
        (first..=last).step_by(stride as usize).map(move |cycle| cycle * length)
    }

    /// The range of one cycle, with its part of the steps.
    fn cycle(self, length: u64) -> Self {
        let cycles = (self.to - self.from) / length.max(1) + 1;
        Self { from: 0, to: length, most: (self.most / cycles).max(8) }
    }

    /// The edges in the range, or about `most` of them.
    fn thinned(self, mut edges: Vec<u64>) -> Vec<u64> {
        edges.sort_unstable();
        edges.dedup();
        edges.retain(|edge| (self.from..=self.to + 1).contains(&edge.saturating_add(1)));
        let stride = edges.len() / self.most.max(1) as usize + 1;
        edges.into_iter().step_by(stride).collect()
    }

    /// The same range, counted from `start`.
    fn since(self, start: u64) -> Self {
        let [from, to] = [self.from, self.to].map(|step| step.saturating_sub(start));
        Self { from, to, most: self.most }
    }
}

/// The steps at which the formula changes. A jump is between an edge and the step before or after
/// it.
fn edges(schedule: &Value, range: Range) -> Vec<u64> {
    let config = &schedule["config"];
    let number = |field: &str| config[field].as_u64().unwrap_or(0);
    let list = |field: &str| config[field].as_array().into_iter().flatten();
    let steps = |field: &str| list(field).filter_map(Value::as_u64).collect();
    let inner = |field: &str, range| edges(&config[field], range);
    let later = |field: &str, start: u64| {
        inner(field, range.since(start)).into_iter().map(move |edge| edge.saturating_add(start))
    };
    let all = match schedule["class_name"].as_str().unwrap_or_default() {
        "ExponentialDecay" | "InverseTimeDecay" if config["staircase"] == true => {
            range.cycles(number("decay_steps")).collect()
        }
        "PiecewiseConstantDecay" => steps("boundaries"),
        "MultiStep" => steps("milestones"),
        "Interpolated" => steps("steps"),
        "PolynomialDecay" if config["cycle"] == true => {
            range.cycles(number("decay_steps")).collect()
        }
        "PolynomialDecay" => vec![number("decay_steps")],
        "CosineDecay" => {
            let warm = number("warmup_steps");
            vec![warm, warm + number("decay_steps")]
        }
        "CosineDecayRestarts" => {
            let growth = config["t_mul"].as_f64().unwrap_or(1.0);
            restarts(number("first_decay_steps"), growth, range)
        }
        "CosineDecayRestartsWithin" => {
            let (steps, cycles) = (number("steps").max(1), number("cycles").max(1));
            let [from, to] = [range.from, range.to].map(|step| step.min(steps) * cycles / steps);
            let ends = Range { from, to: to + 1, ..range }.cycles(1);
            ends.map(|cycle| (cycle * steps).div_ceil(cycles)).collect()
        }
        "Linear" | "CosineAnnealing" => vec![number("steps")],
        "OneCycle" => {
            let warm = number("warmup_steps");
            vec![warm, 2 * warm, number("total_steps")]
        }
        "Cyclic" => {
            let up = number("step_size_up");
            let length = up + number("step_size_down");
            range.cycles(length).flat_map(|start| [start, start + up]).collect()
        }
        "WarmupStableDecay" => {
            let warm = number("warmup_steps");
            let stable = warm + number("stable_steps");
            vec![warm, stable, stable + number("decay_steps")]
        }
        "Bounded" | "Jittered" | "Scaled" => inner("schedule", range),
        "Delayed" => later("schedule", number("steps")).collect(),
        "WarmedUp" => {
            let warm = number("steps");
            later("schedule", warm).chain([warm]).collect()
        }
        "Plus" | "Times" => [inner("first", range), inner("second", range)].concat(),
        "Then" => {
            let at = number("at");
            let first = inner("first", Range { to: range.to.min(at), ..range });
            let first = first.into_iter().filter(|edge| *edge < at);
            first.chain(later("next", at)).chain([at]).collect()
        }
        "Switched" => [inner("first", range), inner("next", range), vec![number("at")]].concat(),
        "PerEpoch" => {
            let batches = number("batches").max(1);
            let epochs = Range { from: range.from / batches, to: range.to / batches, ..range };
            let inside = inner("schedule", epochs)
                .into_iter()
                .flat_map(|edge| [edge, edge.saturating_add(1)]);
            inside.map(|edge| edge.saturating_mul(batches)).chain(range.cycles(batches)).collect()
        }
        "Repeated" => {
            let period = number("period");
            let inside = inner("schedule", range.cycle(period));
            let inside: Vec<_> = inside.into_iter().filter(|edge| *edge < period).collect();
            let cycle = |start| inside.iter().map(move |edge| start + edge).chain([start]);
            range.cycles(period).flat_map(cycle).collect()
        }
        "Bounced" => {
            let (period, length) = (number("period"), 2 * number("period"));
            let inside = inner("schedule", range.cycle(length));
            let inside: Vec<_> = inside.into_iter().filter(|edge| *edge < period).collect();
            let there_and_back = |edge: &u64| [*edge, length - edge];
            let cycle = |start| {
                let inside = inside.iter().flat_map(there_and_back);
                inside.chain([0, period]).map(move |edge| start + edge)
            };
            range.cycles(length).flat_map(cycle).collect()
        }
        _ => Vec::new(),
    };
    range.thinned(all)
}

/// The starts of cycles that grow by a factor.
fn restarts(first: u64, growth: f64, range: Range) -> Vec<u64> {
    if growth <= 1.0 {
        return range.cycles(first).collect();
    }
    let (mut starts, mut start, mut length) = (Vec::new(), 0.0, first as f64);
    while start <= range.to as f64 {
        starts.push(f64::ceil(start) as u64);
        start += length;
        length *= growth;
    }
    starts
}
