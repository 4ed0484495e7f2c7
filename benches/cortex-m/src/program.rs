//! One program: a row, built for a core, run by QEMU.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::flash::flash;
use crate::rows::{self, Row};
use crate::steps::STEPS;

#[derive(PartialEq)]
pub struct Core {
    pub name: &'static str,
    machine: &'static str,
    target: &'static str,
    flags: &'static str,
}

#[rustfmt::skip]
pub const CORES: [Core; 3] = [
    Core { name: "M4F", machine: "mps2-an386", target: "thumbv7em-none-eabihf",
        flags: "-mthumb -mcpu=cortex-m4 -mfloat-abi=hard -mfpu=fpv4-sp-d16" },
    Core { name: "M3", machine: "mps2-an385", target: "thumbv7m-none-eabi",
        flags: "-mthumb -mcpu=cortex-m3" },
    Core { name: "M0", machine: "microbit", target: "thumbv6m-none-eabi",
        flags: "-mthumb -mcpu=cortex-m0" },
];

/// How both compilers build.
#[derive(PartialEq)]
pub struct Build {
    /// Of the table, behind the core's name.
    pub marker: &'static str,
    /// Begins with GCC's flag.
    pub title: &'static str,
    profile: &'static str,
    /// The compilers do not see the parameters of a schedule.
    pub hidden: bool,
}

const fn build(marker: &'static str, title: &'static str, profile: &'static str) -> Build {
    Build { marker, title, profile, hidden: false }
}

pub const BUILDS: [Build; 3] = [
    build("o2", "-O2", "release"),
    build("os", "-Os", "small"),
    Build { hidden: true, ..build("hidden", "-O2, parameters hidden", "release") },
];

#[derive(Clone, Copy, PartialEq)]
pub enum Side {
    C,
    Microlr,
}

/// What a program prints, and its size.
pub struct Figures {
    /// Instructions per call, for each of the [`STEPS`].
    pub instructions: Vec<u32>,
    pub stack: u32,
    pub flash: u64,
    /// For each of [`rows::error_inputs`].
    pub results: Vec<f32>,
}

/// Builds and runs the programs of one side.
pub struct Bench {
    side: Side,
    core: &'static Core,
    build: &'static Build,
    work: PathBuf,
    /// Bytes of flash of the program whose function does nothing.
    empty: u64,
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

impl Bench {
    pub fn new(side: Side, core: &'static Core, build: &'static Build) -> Result<Self, String> {
        let place = format!("{}-{}-{}", core.name, build.marker, side as u8);
        let work = root().join("target/programs").join(place);
        fs::create_dir_all(&work).map_err(|error| error.to_string())?;
        for (name, text) in [("inputs.h", rows::inputs()), ("sine_table.h", rows::sine_table())] {
            fs::write(work.join(name), text).map_err(|error| error.to_string())?;
        }
        let mut bench = Self { side, core, build, work, empty: 0 };
        // The same object for both sides and every build.
        bench.compile("harness", "-O2", "-fno-tree-loop-distribute-patterns")?;
        bench.empty = flash(&bench.link(&rows::NOTHING)?)?;
        Ok(bench)
    }

    pub fn measure(&self, row: &Row) -> Result<Figures, String> {
        let elf = self.link(row)?;
        let mut figures = parse(&self.run(&elf)?).ok_or("not the output of the harness")?;
        figures.flash = flash(&elf)?.saturating_sub(self.empty);
        Ok(figures)
    }

    fn gcc(&self) -> Command {
        let mut gcc = Command::new("arm-none-eabi-gcc");
        gcc.current_dir(root().join("c")).args(self.core.flags.split(' '));
        gcc
    }

    fn compile(&self, source: &str, level: &str, flags: &str) -> Result<(), String> {
        // The GNU dialect is the default; it fuses a product and a sum where the core can.
        let mut gcc = self.gcc();
        gcc.args(["-std=gnu11", "-c", level])
            .args(["-Wall", "-Wextra", "-Werror", "-Wdouble-promotion", "-Wno-unused"])
            .args(["-ffunction-sections", "-fdata-sections"])
            .args(flags.split(' '))
            .arg("-I")
            .arg(&self.work)
            .arg(format!("{source}.c"))
            .arg("-o")
            .arg(self.work.join(source).with_extension("o"));
        succeed(&mut gcc)
    }

    fn link(&self, row: &Row) -> Result<PathBuf, String> {
        let mut link = self.gcc();
        link.args(["-nostartfiles", "-T", "link.ld", "-Wl,--gc-sections", "-Wl,-z,noexecstack"]);
        link.arg(self.work.join("harness.o"));
        if self.side == Side::C {
            let hidden = if self.build.hidden { " -DHIDDEN" } else { "" };
            self.compile("row", &self.build.title[..3], &format!("{}{hidden}", row.c))?;
            link.arg(self.work.join("row.o")).args(["--specs=nano.specs", "-lm"]);
        } else {
            link.arg(self.library(row.name)?).arg("-nostdlib");
        }
        let elf = self.work.join("row.elf");
        succeed(link.arg("-o").arg(&elf))?;
        Ok(elf)
    }

    /// The static library, built without the settings of the cargo that runs this program.
    fn library(&self, row: &str) -> Result<PathBuf, String> {
        let mut cargo = Command::new("cargo");
        cargo
            .current_dir(root().join("firmware"))
            .args(["build", "--quiet", "--target", self.core.target])
            .args(["--profile", self.build.profile, "--target-dir"])
            .arg(&self.work)
            .env("ROW", row)
            .env("HIDDEN", self.build.hidden.to_string());
        for variable in ["RUSTUP_TOOLCHAIN", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"] {
            cargo.env_remove(variable);
        }
        succeed(&mut cargo)?;
        let folder = self.work.join(self.core.target).join(self.build.profile);
        Ok(folder.join("libmicrolr_rows.a"))
    }

    /// The words that the program prints.
    fn run(&self, elf: &Path) -> Result<Vec<u32>, String> {
        let printed = self.work.join("printed.txt");
        let output = File::create(&printed).map_err(|error| error.to_string())?;
        // `timeout` ends a program that hangs.
        let status = Command::new("timeout")
            .args(["120", "qemu-system-arm", "-machine", self.core.machine])
            .args(["-icount", "shift=0,sleep=off", "-nographic", "-monitor", "none"])
            .args(["-serial", "none", "-semihosting-config", "enable=on,target=native", "-kernel"])
            .arg(elf)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(output)
            .status()
            .map_err(|error| format!("timeout: {error}"))?;
        let text = fs::read_to_string(&printed).map_err(|error| error.to_string())?;
        let words: Result<_, _> = text.lines().map(|line| u32::from_str_radix(line, 16)).collect();
        match words {
            Ok(words) if status.success() => Ok(words),
            _ => Err(format!("{status}: {}", text.lines().last().unwrap_or(""))),
        }
    }
}

/// Reads what `c/harness.c` prints, in its order.
fn parse(words: &[u32]) -> Option<Figures> {
    /// The constants of `c/harness.c`.
    const CALIBRATION: f64 = 2e6;
    const CALLS: f64 = 256.0;
    let (&calibration, words) = words.split_first()?;
    let (costs, bits) = words.split_at_checked(3 * STEPS.len())?;
    let per_tick = CALIBRATION / f64::from(calibration);
    let count = |cost: &[u32]| {
        let ticks = cost[1].saturating_sub(cost[0]);
        (f64::from(ticks) * per_tick / CALLS).round() as u32
    };
    (bits.len() == rows::error_inputs().len()).then(|| Figures {
        instructions: costs.chunks(3).map(count).collect(),
        stack: costs.chunks(3).map(|cost| cost[2]).max().unwrap_or(0),
        flash: 0,
        results: bits.iter().copied().map(f32::from_bits).collect(),
    })
}

fn succeed(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim()))
}

/// The versions that the figures depend on.
pub fn versions() -> String {
    let ask = |program: &str, arguments: &[&str]| -> String {
        let mut command = Command::new(program);
        command.current_dir(root().join("firmware")).env_remove("RUSTUP_TOOLCHAIN");
        let output = command.args(arguments).stdin(Stdio::null()).output();
        output.map_or_else(|_| "-".into(), |output| String::from_utf8_lossy(&output.stdout).into())
    };
    let version = |program| ask(program, &["--version"]).lines().next().unwrap_or("-").to_owned();
    let macros = ask("arm-none-eabi-gcc", &["-E", "-dM", "-include", "newlib.h", "-xc", "-"]);
    let newlib = macros.lines().find_map(|line| line.strip_prefix("#define _NEWLIB_VERSION "));
    format!(
        "{}; newlib {}; {}; {}\n",
        version("arm-none-eabi-gcc"),
        newlib.unwrap_or("-").trim_matches('"'),
        version("rustc"),
        version("qemu-system-arm"),
    )
}
