//! Charts in SVG: panels with axes and lines, for the other examples.

#![allow(dead_code, reason = "not every example draws panels")]

/// Okabe and Ito's colours with a contrast of at least 3 on white and on GitHub's dark page, and
/// the colour of the text.
pub(crate) const COLOURS: [&str; 5] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "currentColor"];
/// `--main-color` is rustdoc's colour of text, where the picture is part of a page.
const STYLE: &str = "<style>
.schedules { color: var(--main-color, #1f2328); fill: currentColor; font: 12px sans-serif }
@media (prefers-color-scheme: dark) { .schedules { color: var(--main-color, #f0f6fc) } }
.schedules { max-width: 100%; height: auto }
.schedules .heading { font-size: 14px; font-weight: bold }
.schedules .name { font: bold 12px monospace }
.schedules .middle { text-anchor: middle }
.schedules .end { text-anchor: end }
.schedules path { fill: none; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round }
.schedules .dashed { stroke-dasharray: 5 4 }
.schedules .dots { stroke-width: 2.2 }
.schedules .grid { stroke-width: 0.5; opacity: 0.4 }
</style>";

pub(crate) type Point = (f64, f64);

/// A panel: its title, whether its axes are logarithmic, and lines with their names. A linear axis
/// of y begins at 0.
pub(crate) struct Panel<'a> {
    pub(crate) title: &'a str,
    pub(crate) log: [bool; 2],
    pub(crate) lines: Vec<(&'a str, Vec<Point>)>,
}

/// Panels below each other.
pub(crate) fn chart(label: &str, panels: &[Panel<'_>]) -> String {
    let height = |panels: usize| 220.0 * panels as f64;
    let mut svg = Svg::new(label, height(panels.len()));
    for (i, panel) in panels.iter().enumerate() {
        svg.panel(height(i), panel);
    }
    svg.end()
}

pub(crate) struct Svg(pub(crate) String);

impl Svg {
    pub(crate) fn new(label: &str, height: f64) -> Self {
        Self(format!(
            "<svg class=\"schedules\" xmlns=\"http://www.w3.org/2000/svg\" \
             width=\"700\" viewBox=\"0 0 700 {height}\" role=\"img\" aria-label=\"{label}\">\n\
             {STYLE}\n"
        ))
    }

    pub(crate) fn end(self) -> String {
        self.0 + "</svg>\n"
    }

    fn panel(&mut self, top: f64, panel: &Panel<'_>) {
        let scale = |log: bool, value: f64| if log { value.log10() } else { value };
        let [log_x, log_y] = panel.log;
        let scaled = |(x, y): &Point| (scale(log_x, *x), scale(log_y, *y));
        // The logarithm of 0 is infinite, and such points are not drawn.
        let lines: Vec<(&str, Vec<Point>)> = (panel.lines.iter())
            .map(|(name, points)| (*name, points.iter().map(scaled).filter(is_finite).collect()))
            .collect();
        let points = || lines.iter().flat_map(|(_, points)| points);
        let xs = range(points().map(|point| point.0));
        let zero = (!log_y).then_some(0.0);
        let ys = range(points().map(|point| point.1).chain(zero));

        let (left, right, top, bottom) = (60.0, 680.0, top + 30.0, top + 190.0);
        let x = |value: f64| left + (right - left) * (value - xs.0) / (xs.1 - xs.0);
        let y = |value: f64| bottom + (top - bottom) * (value - ys.0) / (ys.1 - ys.0);
        let mut grid = String::new();
        for (value, label) in ticks(ys, log_y) {
            grid += &format!("M{left:.1} {:.1}H{right:.1}", y(value));
            self.text((left - 7.0, y(value) + 4.0), "end", &label);
        }
        for (value, label) in ticks(xs, log_x) {
            grid += &format!("M{:.1} {top:.1}V{bottom:.1}", x(value));
            self.text((x(value), bottom + 16.0), "middle", &label);
        }
        self.path("grid", COLOURS.len() - 1, &grid);
        self.text((8.0, top - 12.0), "heading", panel.title);
        for (i, (name, points)) in lines.iter().enumerate() {
            let begin = right - 130.0 * (lines.len() - i) as f64;
            self.path("", i, &format!("M{begin:.1} {:.1}h16", top - 16.0));
            self.text((begin + 22.0, top - 12.0), "", name);
            let points: Vec<_> = points.iter().map(|point| (x(point.0), y(point.1))).collect();
            if !points.is_empty() {
                self.line("", i, &points);
            }
        }
    }

    pub(crate) fn text(&mut self, (x, y): Point, class: &str, text: &str) {
        self.0 += &format!("<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{text}</text>\n");
    }

    pub(crate) fn path(&mut self, class: &str, i: usize, path: &str) {
        let colour = COLOURS[i % COLOURS.len()];
        self.0 += &format!("<path class=\"{class}\" stroke=\"{colour}\" d=\"{path}\"/>\n");
    }

    pub(crate) fn line(&mut self, class: &str, i: usize, points: &[Point]) {
        let points: Vec<_> =
            thinned(points).iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
        self.path(class, i, &format!("M{}", points.join(" ")));
    }
}

fn is_finite((x, y): &Point) -> bool {
    x.is_finite() && y.is_finite()
}

/// The smallest and the largest value, never equal.
fn range(values: impl Iterator<Item = f64>) -> Point {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    if low < high {
        (low, high)
    } else if low == high {
        (low, low + 1.0)
    } else {
        (0.0, 1.0)
    }
}

/// The positions and labels of the grid lines: a few round numbers.
fn ticks((low, high): Point, log: bool) -> Vec<(f64, String)> {
    let factors = [1.0, 2.0, 5.0];
    let values: Vec<f64> = if log {
        let factors = if high - low < 2.0 { &factors[..] } else { &factors[..1] };
        (low.floor() as i32..=high.ceil() as i32)
            .flat_map(|decade| factors.iter().map(move |factor| factor * 10_f64.powi(decade)))
            .collect()
    } else {
        let power = 10_f64.powf((high - low).log10().floor());
        let steps = [0.1, 0.2, 0.5, 1.0, 2.0].map(|factor| factor * power);
        let step = steps.into_iter().find(|step| (high - low) / step <= 5.0).unwrap_or(power);
        ((low / step).ceil() as i64..=(high / step) as i64).map(|i| i as f64 * step).collect()
    };
    let place = |value: f64| if log { value.log10() } else { value };
    (values.into_iter())
        .filter(|value| (low..=high).contains(&place(*value)))
        .map(|value| (place(value), label(value)))
        .collect()
}

fn label(value: f64) -> String {
    if value == 0.0 || (1e-3..1e6).contains(&value.abs()) {
        ((value * 1e6).round() / 1e6).to_string()
    } else {
        format!("{value:.0e}")
    }
}

/// The algorithm of Douglas and Peucker: few points that keep the line within a quarter of a pixel.
fn thinned(points: &[Point]) -> Vec<Point> {
    let (Some(&a), Some(&b)) = (points.first(), points.last()) else { return Vec::new() };
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let distance = |p: &Point| ((p.0 - a.0) * dy - (p.1 - a.1) * dx).abs() / dx.hypot(dy);
    let farthest = (1..points.len() - 1)
        .max_by(|&i, &j| distance(&points[i]).total_cmp(&distance(&points[j])));
    match farthest {
        Some(i) if distance(&points[i]) > 0.25 => {
            let mut line = thinned(&points[..=i]);
            line.pop();
            line.extend(thinned(&points[i..]));
            line
        }
        _ => vec![a, b],
    }
}
