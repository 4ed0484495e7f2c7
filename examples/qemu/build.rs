//! Chooses the memory of the board, and says what is missing to run the programs.

use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

fn main() {
    let target = env::var("TARGET").expect("cargo sets TARGET");
    let board = match target.as_str() {
        "thumbv6m-none-eabi" => "microbit",
        "thumbv7m-none-eabi" => "lm3s6965evb",
        "thumbv7em-none-eabihf" => "mps2-an386",
        "thumbv8m.main-none-eabihf" => "mps2-an505",
        other => panic!("no board for the target {other}; see .cargo/config.toml"),
    };
    println!("cargo:rustc-check-cfg=cfg(board, values(any()))");
    println!("cargo:rustc-cfg=board=\"{board}\"");
    let memory = format!("memory/{board}.x");
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let mut script = fs::read_to_string(&memory).expect("the memory of a board");
    // For programs that are larger than a small chip. The mps2 boards have 4 MB.
    if let Ok(flash) = env::var("MICROLR_FLASH") {
        script = script.replace("256K", &flash);
    }
    fs::write(Path::new(&out).join("memory.x"), script).expect("memory.x is written");
    println!("cargo:rerun-if-env-changed=MICROLR_FLASH");
    println!("cargo:rustc-link-search={out}");
    println!("cargo:rustc-link-arg-bins=--nmagic");
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
    for program in ["log", "detector"] {
        println!("cargo:rustc-link-arg-bin={program}=-Tdefmt.x");
    }
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={memory}");

    let qemu = Command::new("qemu-system-arm").arg("--version").stdout(Stdio::null()).status();
    if qemu.is_err() {
        println!(
            "cargo:warning=to run this, install QEMU for Arm. Debian: apt install qemu-system-arm;"
        );
        println!("cargo:warning=Fedora: dnf install qemu-system-arm; macOS: brew install qemu");
        println!("cargo:rerun-if-changed=looks again for QEMU at the next build");
    }
}
