//! The rates that the page must show: for each instance of the catalogue a line of JSON with the
//! bits of the first 501 steps, and of the edges.

#[path = "../../tests/instances/mod.rs"]
mod instances;

fn main() {
    for instance in instances::instances() {
        let bits = |step| format!("{:08x}", instance.schedule.lr(step).to_bits());
        let line = serde_json::json!({
            "name": instance.name,
            "instance": instance.instance,
            "json": instance.json,
            "edges": instance.edges,
            "bits": (0..=500).map(bits).collect::<Vec<_>>(),
            "edge_bits": instance.edges.map(bits),
        });
        println!("{line}");
    }
}
