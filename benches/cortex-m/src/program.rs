//! One program: a row, built for a core, run by QEMU.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::flash::flash;
use crate::rows::{self, COST_INPUTS};

/// What one run may take.
const TIME_LIMIT: Duration = Duration::from_secs(120);

#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Core {
    pub name: &'static str,
    machine: &'static str,
    target: &'static str,
    flags: &'static [&'static str],
}

pub const CORES: [Core; 3] = [
    Core {
        name: "M0",
        machine: "microbit",
        target: "thumbv6m-none-eabi",
        flags: &["-mcpu=cortex-m0"],
    },
    Core {
        name: "M3",
        machine: "mps2-an385",
        target: "thumbv7m-none-eabi",
        flags: &["-mcpu=cortex-m3"],
    },
    Core {
        name: "M4F",
        machine: "mps2-an386",
        target: "thumbv7em-none-eabihf",
        flags: &["-mcpu=cortex-m4", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"],
    },
];

/// An optimisation level of both compilers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Level {
    pub name: &'static str,
    profile: &'static str,
}

pub const LEVELS: [Level; 2] =
    [Level { name: "-O2", profile: "release" }, Level { name: "-Os", profile: "small" }];

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    C,
    Default,
    Lean,
}

impl Side {
    pub const fn name(self) -> &'static str {
        match self {
            Self::C => "C",
            Self::Default => "default",
            Self::Lean => "lean",
        }
    }
}

/// What one program tells.
pub struct Figures {
    /// Instructions of a call, for each of the [`COST_INPUTS`].
    pub instructions: Vec<u32>,
    pub stack: u32,
    pub flash: u64,
    /// For each of the error inputs.
    pub results: Vec<f32>,
}

impl Figures {
    pub fn most(&self) -> u32 {
        self.instructions.iter().copied().max().unwrap_or(0)
    }

    pub fn mean(&self) -> f64 {
        let sum: f64 = self.instructions.iter().copied().map(f64::from).sum();
        sum / self.instructions.len() as f64
    }
}

/// Builds and runs the programs of one side for one core and level.
pub struct Bench {
    side: Side,
    core: Core,
    level: Level,
    work: PathBuf,
    /// Bytes of flash of the same program without a function.
    empty: u64,
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

impl Bench {
    pub fn new(side: Side, core: Core, level: Level) -> Result<Self, String> {
        let place = format!("{}-{}{}", side.name(), core.name, level.name);
        let work = root().join("target/programs").join(place);
        fs::create_dir_all(&work).map_err(|error| error.to_string())?;
        let write = |name: &str, text: String| {
            fs::write(work.join(name), text).map_err(|error| error.to_string())
        };
        write("inputs.h", rows::inputs_header())?;
        write("sine_table.h", rows::sine_table())?;
        let mut bench = Self { side, core, level, work, empty: 0 };
        // The harness is the same object for everybody, whatever the level.
        let plain = ["-O2", "-fno-tree-loop-distribute-patterns"];
        bench.compile("harness", "harness.o", &plain)?;
        bench.empty = flash(&bench.build("nothing", &[], true)?)?;
        Ok(bench)
    }

    /// The figures of a row; of its C with other flags, if there are any.
    pub fn measure(&self, row: &str, flags: &[&str], known: bool) -> Result<Figures, String> {
        let elf = self.build(row, flags, known)?;
        let words = self.run(&elf)?;
        let mut figures = parse(&words).ok_or_else(|| format!("{row}: not what was asked for"))?;
        figures.flash = flash(&elf)?.saturating_sub(self.empty);
        Ok(figures)
    }

    fn gcc(&self) -> Command {
        let mut gcc = Command::new("arm-none-eabi-gcc");
        gcc.current_dir(root().join("c")).arg("-mthumb").args(self.core.flags);
        gcc
    }

    fn compile(&self, source: &str, object: &str, flags: &[&str]) -> Result<(), String> {
        let mut gcc = self.gcc();
        // The GNU dialect is the default, and lets the compiler fuse a product and a sum where the core can.
        gcc.args(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-Wdouble-promotion"])
            .args(["-ffunction-sections", "-fdata-sections", "-c"])
            .args(flags)
            .arg("-I")
            .arg(&self.work)
            .arg(format!("{source}.c"))
            .arg("-o")
            .arg(self.work.join(object));
        succeed(&mut gcc)
    }

    fn build(&self, row: &str, flags: &[&str], known: bool) -> Result<PathBuf, String> {
        let elf = self.work.join("row.elf");
        let mut link = self.gcc();
        link.args(["-nostartfiles", "-T", "link.ld", "-Wl,--gc-sections", "-Wl,-z,noexecstack"]);
        link.arg(self.work.join("harness.o"));
        if self.side == Side::C {
            let row = format!("-DROW={row}");
            let mut flags = [&[self.level.name, row.as_str()], flags].concat();
            let sources: &[&str] = if known {
                flags.push("-DKNOWN"); // which includes the others
                &["row"]
            } else {
                &["row", "schedules", "neuron"]
            };
            for source in sources {
                let object = format!("{source}.o");
                self.compile(source, &object, &flags)?;
                link.arg(self.work.join(object));
            }
            link.args(["--specs=nano.specs", "-lm"]);
        } else {
            link.arg(self.library(row, known)?).arg("-nostdlib");
        }
        succeed(link.arg("-o").arg(&elf))?;
        Ok(elf)
    }

    /// The row as a static library of Rust, without the settings of the cargo that runs this.
    fn library(&self, row: &str, known: bool) -> Result<PathBuf, String> {
        let features = if self.side == Side::Lean { "lean" } else { "" };
        let mut cargo = Command::new("cargo");
        cargo
            .current_dir(root().join("firmware"))
            .args(["build", "--quiet", "--target", self.core.target, "--features", features])
            .args(["--profile", self.level.profile, "--target-dir"])
            .arg(&self.work)
            .env("ROW", row)
            .env("PARAMETERS", if known { "known" } else { "unknown" });
        for variable in ["RUSTUP_TOOLCHAIN", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"] {
            cargo.env_remove(variable);
        }
        succeed(&mut cargo)?;
        let folder = self.work.join(self.core.target).join(self.level.profile);
        Ok(folder.join("libmicrolr_rows.a"))
    }

    /// The words that the program prints.
    fn run(&self, elf: &Path) -> Result<Vec<u32>, String> {
        let printed = self.work.join("printed.txt");
        let output = File::create(&printed).map_err(|error| error.to_string())?;
        let mut qemu = Command::new("qemu-system-arm")
            .args(["-machine", self.core.machine, "-icount", "shift=0,sleep=off", "-nographic"])
            .args(["-monitor", "none", "-serial", "none"])
            .args(["-semihosting-config", "enable=on,target=native", "-kernel"])
            .arg(elf)
            .stdin(Stdio::null())
            .stdout(output.try_clone().map_err(|error| error.to_string())?)
            .stderr(output)
            .spawn()
            .map_err(|error| format!("qemu-system-arm: {error}"))?;
        let begin = Instant::now();
        let status = loop {
            match qemu.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if begin.elapsed() < TIME_LIMIT => {
                    thread::sleep(Duration::from_millis(5));
                }
                _ => {
                    let _ = qemu.kill();
                    let _ = qemu.wait();
                    return Err(format!("still running after {TIME_LIMIT:?}"));
                }
            }
        };
        let text = fs::read_to_string(&printed).map_err(|error| error.to_string())?;
        let words: Result<_, _> = text.lines().map(|line| u32::from_str_radix(line, 16)).collect();
        match words {
            Ok(words) if status.success() => Ok(words),
            _ => Err(format!("{status}: {}", text.lines().last().unwrap_or(""))),
        }
    }
}

/// The order in which `c/harness.c` prints.
fn parse(words: &[u32]) -> Option<Figures> {
    /// As there.
    const CALIBRATION: f64 = 2e6;
    const CALLS: f64 = 256.0;
    let (&calibration, words) = words.split_first()?;
    let (costs, bits) = words.split_at_checked(3 * COST_INPUTS.len())?;
    let per_tick = CALIBRATION / f64::from(calibration);
    let count = |cost: &[u32]| {
        let ticks = cost[1].saturating_sub(cost[0]);
        (f64::from(ticks) * per_tick / CALLS).round() as u32
    };
    if bits.len() != rows::error_inputs().len() {
        return None;
    }
    Some(Figures {
        instructions: costs.chunks(3).map(count).collect(),
        stack: costs.chunks(3).map(|cost| cost[2]).max()?,
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
        let output = Command::new(program)
            .current_dir(root().join("firmware"))
            .env_remove("RUSTUP_TOOLCHAIN")
            .args(arguments)
            .stdin(Stdio::null())
            .output();
        output.map_or_else(|_| "-".into(), |output| String::from_utf8_lossy(&output.stdout).into())
    };
    let first = |text: String| text.lines().next().unwrap_or("-").trim().to_owned();
    let macros = ask("arm-none-eabi-gcc", &["-E", "-dM", "-include", "newlib.h", "-xc", "-"]);
    let newlib = macros.lines().find_map(|line| line.strip_prefix("#define _NEWLIB_VERSION "));
    format!(
        "{}; newlib {}; {}; {}\n",
        first(ask("arm-none-eabi-gcc", &["--version"])),
        newlib.unwrap_or("-").trim_matches('"'),
        first(ask("rustc", &["--version"])),
        first(ask("qemu-system-arm", &["--version"])),
    )
}
