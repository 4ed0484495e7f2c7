//! Prints a digest of the bits of everything that the crate computes, family by family.
//! `./ci.sh digests` compares the lines of several builds.

#[path = "../../../bits/mod.rs"]
mod bits;

fn emit(float: &str, family: &str, digest: u64) {
    println!("{float} {family:12} {digest:016x}");
}

fn main() {
    bits::digests::<f32>(emit);
    bits::digests::<f64>(emit);
}
