//! The firmware of `examples/qemu` under QEMU: one trial for each program and board.
//!
//! Tested with the feature `lean`, the firmware is built with it too, and its costs have files and tables of their own.
//!
//! | variable | effect |
//! | --- | --- |
//! | `MICROLR_REQUIRE_QEMU=1` | a trial that cannot run fails; otherwise it is listed as ignored, with the reason |
//! | `MICROLR_BLESS=1` | writes `examples/qemu/expected/` and the tables of both READMEs anew |

mod bits;
mod flash;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use defmt_decoder::{DecodeError, Table};
use flash::{PADDING, flash};
use libtest_mimic::{Arguments, Failed, Trial};

/// What a trial may take of the host's time, its build not counted.
const TIME_LIMIT: Duration = Duration::from_secs(300);
/// What a figure may grow by unnoticed; anything more is named.
const GROWTH: f64 = 0.02;
/// Ends the names of files and tables that hold another thing in a build with `lean`.
const SUFFIX: &str = if cfg!(feature = "lean") { "-lean" } else { "" };

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Board {
    core: &'static str,
    machine: &'static str,
    target: &'static str,
}

const fn board(core: &'static str, machine: &'static str, target: &'static str) -> Board {
    Board { core, machine, target }
}

const BOARDS: [Board; 5] = [
    board("M0", "microbit", "thumbv6m-none-eabi"),
    board("M3", "mps2-an385", "thumbv7m-none-eabi"),
    board("M4F", "mps2-an386", "thumbv7em-none-eabihf"),
    board("M7", "mps2-an500", "thumbv7em-none-eabihf"),
    board("M33", "mps2-an505", "thumbv8m.main-none-eabihf"),
];
/// The board of the RTIC application.
const LM3S6965EVB: Board = board("M3", "lm3s6965evb", "thumbv7m-none-eabi");
/// A target for each set of figures: the M7 runs what the M4F runs.
const MEASURED: [Board; 4] = [BOARDS[0], BOARDS[1], BOARDS[2], BOARDS[4]];

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for board in BOARDS {
        trials.push(trial("quickstart", board, compare_text));
        trials.push(trial("wdbc", board, wdbc));
        trials.push(trial("log", board, log));
        trials.push(trial("bits", board, same_bits));
        trials.push(trial("cost", board, cost));
    }
    trials.push(trial("background", LM3S6965EVB, background));
    for board in [BOARDS[0], BOARDS[2]] {
        trials.push(trial("no_panic", board, no_panic));
        trials.push(trial("twin", board, twin));
    }
    trials.push(trial_on("tables::all".into(), missing(&MEASURED), tables));
    libtest_mimic::run(&arguments, trials).exit();
}

fn trial(
    program: &'static str,
    board: Board,
    test: fn(&'static str, Board) -> Result<(), Failed>,
) -> Trial {
    let name = format!("{program}::{}", board.machine);
    trial_on(name, missing(&[board]), move || test(program, board))
}

/// A trial that is ignored, or fails, where something is missing.
fn trial_on(
    name: String,
    missing: Option<String>,
    test: impl FnOnce() -> Result<(), Failed> + Send + 'static,
) -> Trial {
    match missing {
        None => Trial::test(name, test),
        Some(reason) if env::var_os("MICROLR_REQUIRE_QEMU").is_some_and(|value| value == "1") => {
            Trial::test(name, move || Err(reason.into()))
        }
        Some(reason) => {
            let again = reason.clone();
            Trial::test(name, move || Err(again.into())).with_kind(reason).with_ignored_flag(true)
        }
    }
}

/// What stands in the way of a trial on `boards`, with the line that installs it.
fn missing(boards: &[Board]) -> Option<String> {
    static QEMU: LazyLock<bool> = LazyLock::new(|| {
        Command::new("qemu-system-arm").arg("--version").stdout(Stdio::null()).status().is_ok()
    });
    static TARGETS: LazyLock<Mutex<BTreeMap<&str, bool>>> = LazyLock::new(Mutex::default);
    if !firmware().join("Cargo.toml").exists() {
        return Some("no examples/qemu here: clone the repository".into());
    }
    if !*QEMU {
        return Some("no qemu-system-arm: apt install qemu-system-arm".into());
    }
    let mut targets = TARGETS.lock().ok()?;
    let mut installed = |target| {
        *targets.entry(target).or_insert_with(|| {
            let query =
                tool("rustc").args(["--print", "target-libdir", "--target", target]).output();
            query.is_ok_and(|output| {
                Path::new(String::from_utf8_lossy(&output.stdout).trim()).exists()
            })
        })
    };
    let board = boards.iter().find(|board| !installed(board.target))?;
    Some(format!("no {}: in examples/qemu: rustup toolchain install", board.target))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn firmware() -> PathBuf {
    root().join("examples/qemu")
}

fn blessing() -> bool {
    env::var_os("MICROLR_BLESS").is_some_and(|value| value == "1")
}

/// A tool of the toolchain that the firmware pins, without the settings of the cargo that runs this test.
fn tool(name: &str) -> Command {
    let mut command = Command::new(name);
    command.current_dir(firmware());
    for variable in ["RUSTUP_TOOLCHAIN", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_TARGET_DIR"]
    {
        command.env_remove(variable);
    }
    command
}

/// The command that builds a program for a board, with the library as this test has it.
fn cargo(program: &str, board: Board) -> Command {
    let mut cargo = tool("cargo");
    cargo.args(["build", "--quiet", "--release", "--target", board.target, "--bin", program]);
    if cfg!(feature = "lean") {
        cargo.args(["--features", "lean"]);
    }
    cargo.env_remove("MICROLR_ALONE");
    cargo
}

fn succeed(cargo: &mut Command) -> Result<(), String> {
    let output = cargo.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}

fn built(program: &str, board: Board) -> PathBuf {
    firmware().join("target").join(board.target).join("release").join(program)
}

fn build(program: &str, board: Board) -> Result<PathBuf, String> {
    succeed(&mut cargo(program, board))?;
    Ok(built(program, board))
}

/// What the program writes until it ends QEMU.
fn run(elf: &Path, board: Board) -> Result<Vec<u8>, String> {
    let mut child = Command::new("qemu-system-arm")
        .args(["-machine", board.machine, "-icount", "shift=0,sleep=off", "-nographic"])
        .args(["-monitor", "none", "-serial", "none"])
        .args(["-semihosting-config", "enable=on,target=native", "-kernel"])
        .arg(elf)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let reader = |mut pipe: Box<dyn Read + Send>| {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            pipe.read_to_end(&mut bytes).map(|_| bytes)
        })
    };
    let (Some(output), Some(errors)) = (child.stdout.take(), child.stderr.take()) else {
        return Err("QEMU has no pipes".into());
    };
    let (output, errors) = (reader(Box::new(output)), reader(Box::new(errors)));
    let begin = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if begin.elapsed() < TIME_LIMIT => thread::sleep(Duration::from_millis(10)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("still running after {TIME_LIMIT:?}"));
            }
        }
    };
    let collect = |pipe: thread::JoinHandle<std::io::Result<Vec<u8>>>| match pipe.join() {
        Ok(Ok(bytes)) => bytes,
        _ => Vec::new(),
    };
    let (output, errors) = (collect(output), collect(errors));
    if status.success() {
        return Ok(output);
    }
    let [output, errors] =
        [output, errors].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Err(format!("{status}\n{output}{errors}"))
}

fn text(program: &str, board: Board) -> Result<String, String> {
    let bytes = run(&build(program, board)?, board)?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

/// `found` is what the file holds; or becomes it, when blessing.
fn compare(path: &Path, found: &str) -> Result<(), Failed> {
    if blessing() {
        return fs::write(path, found).map_err(|error| error.to_string().into());
    }
    let expected =
        fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    if expected == found {
        return Ok(());
    }
    Err(format!("not what {} holds:\n{}", path.display(), changes(&expected, found)).into())
}

/// The lines that differ, and by how much their numbers grew.
fn changes(expected: &str, found: &str) -> String {
    let mut report = String::new();
    let mut lines = found.lines();
    for before in expected.lines() {
        let after = lines.next().unwrap_or("");
        if before == after {
            continue;
        }
        let numbers = |line: &str| -> Vec<f64> {
            line.split_whitespace()
                .filter_map(|word| word.parse::<u32>().ok())
                .map(f64::from)
                .collect()
        };
        let growth = numbers(before)
            .iter()
            .zip(numbers(after))
            .map(|(before, after)| after / before - 1.0)
            .fold(0.0, f64::max);
        let note = if growth > GROWTH {
            format!(" (grew by {:.1} %)", growth * 100.0)
        } else {
            String::new()
        };
        let _ = writeln!(report, "- {before}\n+ {after}{note}");
    }
    lines.for_each(|line| report += &format!("+ {line}\n"));
    report
}

fn expected(name: &str) -> PathBuf {
    firmware().join("expected").join(name)
}

/// The same output on every board: the numbers are the same bits.
fn compare_text(program: &'static str, board: Board) -> Result<(), Failed> {
    compare(&expected(&format!("{program}.txt")), &text(program, board)?)
}

/// The same, but that how much is lost depends on what a step costs.
fn background(program: &'static str, board: Board) -> Result<(), Failed> {
    compare(&expected(&format!("{program}{SUFFIX}.txt")), &text(program, board)?)
}

/// The output, and what it says against scikit-learn: the losses to 1e-3, the confusion exactly.
fn wdbc(program: &'static str, board: Board) -> Result<(), Failed> {
    let output = text(program, board)?;
    let row = |name: &str| -> Result<(Vec<f64>, String), String> {
        let line = output.lines().find(|line| line.starts_with(name)).ok_or("no such row")?;
        let (losses, counts) = line[name.len()..].split_once('[').ok_or("no counts")?;
        let losses: Result<Vec<f64>, _> = losses.split_whitespace().map(str::parse).collect();
        Ok((losses.map_err(|error| format!("{line}: {error}"))?, counts.into()))
    };
    let (ours, reference) = (row("this")?, row("scikit-learn")?);
    let near =
        ours.0.len() == 2 && ours.0.iter().zip(&reference.0).all(|(a, b)| (a - b).abs() <= 1e-3);
    if !near || ours.1 != reference.1 {
        return Err(format!("not as scikit-learn has it:\n{output}").into());
    }
    compare(&expected("wdbc.txt"), &output)
}

/// The frames, by the decoder that its users have.
fn log(program: &'static str, board: Board) -> Result<(), Failed> {
    let elf = build(program, board)?;
    let bytes = run(&elf, board)?;
    let image = fs::read(&elf).map_err(|error| error.to_string())?;
    let table = Table::parse(&image).map_err(|error| error.to_string())?.ok_or("no defmt table")?;
    let mut decoder = table.new_stream_decoder();
    decoder.received(&bytes);
    let mut lines = String::new();
    loop {
        match decoder.decode() {
            Ok(frame) => {
                let level = frame.level().map_or("", |level| level.as_str());
                let _ = writeln!(lines, "{level} {}", frame.display_message());
            }
            Err(DecodeError::UnexpectedEof) => break,
            Err(DecodeError::Malformed) => return Err("a malformed frame".into()),
        }
    }
    compare(&expected(&format!("log{SUFFIX}.txt")), &lines)
}

/// The digests that the chip prints are those that the host computes.
fn same_bits(program: &'static str, board: Board) -> Result<(), Failed> {
    static HOST: LazyLock<String> = LazyLock::new(|| {
        let mut lines = String::new();
        let mut emit = |float: &str, family: &str, digest: u64| {
            let _ = writeln!(lines, "{float} {family:12} {digest:016x}");
        };
        bits::digests::<f32>(&mut emit);
        bits::digests::<f64>(&mut emit);
        lines
    });
    let chip = text(program, board)?;
    if chip == *HOST {
        println!("{chip}");
        return Ok(());
    }
    Err(format!("host (-) and chip (+) differ:\n{}", changes(&HOST, &chip)).into())
}

/// It links, which it does only if nothing in it can panic; and it runs to its end.
fn no_panic(program: &'static str, board: Board) -> Result<(), Failed> {
    run(&build(program, board)?, board)?;
    Ok(())
}

/// The proof can fail: with one deliberate index it does not link.
fn twin(_: &'static str, board: Board) -> Result<(), Failed> {
    match succeed(cargo("no_panic", board).args(["--features", "twin"])) {
        Ok(()) => Err("a program with an index that may be out of bounds has linked".into()),
        Err(error) if error.contains("undefined symbol: a_panic_is_reachable") => Ok(()),
        Err(error) => Err(format!("it did not link, but for another reason:\n{error}").into()),
    }
}

/// What `cost` prints on a board, measured once.
fn cost_of(board: Board) -> Result<String, String> {
    static PRINTED: LazyLock<Mutex<BTreeMap<Board, Result<String, String>>>> =
        LazyLock::new(Mutex::default);
    let mut printed = PRINTED.lock().map_err(|error| error.to_string())?;
    printed.entry(board).or_insert_with(|| text("cost", board)).clone()
}

/// What a step beyond 10⁴ may cost more than the most of those before, as a share of it.
fn far_margin(name: &str) -> f64 {
    match name {
        // Far away the power underflows, and what libm made of it is made again in integers (with `lean`: a second
        // multiplication).
        "exponential" | "exponential, staircase" | "restarts, t_mul 1, m_mul 0.999" => 0.6,
        // The sum over the cycles takes a round for each bit of their number: 8 at 10⁴, 11 at the last step.
        "restarts, t_mul 1.01, m_mul 0.9" => 0.5,
        // Division and floating point in software take longer for some numbers than for others.
        _ => 0.15,
    }
}

fn cost(_: &'static str, board: Board) -> Result<(), Failed> {
    let output = cost_of(board)?;
    let costs = Costs::parse(&output)?;
    for (name, row) in &costs.rows {
        let (near, most) = (row[1], row[2]);
        if f64::from(most) > f64::from(near) * (1.0 + far_margin(name)) {
            return Err(format!("{name}: {most} instructions far away, {near} near").into());
        }
    }
    compare(&expected(&format!("cost-{}{SUFFIX}.txt", board.machine)), &output)
}

/// The numbers of `cost`.
struct Costs {
    /// Least instructions, most at near steps, most, and stack.
    rows: Vec<(String, Vec<u32>)>,
    /// Instructions at four steps.
    far: Vec<(String, Vec<u32>)>,
}

impl Costs {
    fn parse(output: &str) -> Result<Self, String> {
        let mut costs = Self { rows: Vec::new(), far: Vec::new() };
        let mut far = false;
        for line in output.lines() {
            let (name, numbers) =
                line.split_at_checked(32).ok_or_else(|| format!("no row: {line}"))?;
            let name = name.trim();
            if ["instructions a call", "at step"].contains(&name) {
                far = name == "at step";
                continue;
            }
            let numbers: Result<Vec<u32>, _> = numbers.split_whitespace().map(str::parse).collect();
            let numbers = numbers.map_err(|error| format!("{error}: {line}"))?;
            if numbers.len() != 4 {
                return Err(format!("not four numbers: {line}"));
            }
            let rows = if far { &mut costs.far } else { &mut costs.rows };
            rows.push((name.into(), numbers));
        }
        Ok(costs)
    }

    fn row(&self, name: &str) -> Result<&[u32], String> {
        let row = self.rows.iter().find(|(row, _)| row == name);
        row.map(|(_, numbers)| numbers.as_slice()).ok_or_else(|| format!("no row {name}"))
    }
}

/// What each of the first `functions` of the firmware's table adds to a program without it.
fn flash_alone(board: Board, functions: usize) -> Result<Vec<u64>, String> {
    let with = |index: usize| {
        succeed(cargo("alone", board).env("MICROLR_ALONE", index.to_string()))?;
        flash(&built("alone", board))
    };
    let without = flash(&build("alone", board)?)?;
    (0..functions).map(|index| Ok(with(index)? - without)).collect()
}

/// The tables of both READMEs are what `cost` and the linker say.
fn tables() -> Result<(), Failed> {
    let [m4f, m7] = [cost_of(BOARDS[2])?, cost_of(BOARDS[3])?];
    if m4f != m7 {
        return Err(format!("M4F (-) and M7 (+) run the same code:\n{}", changes(&m4f, &m7)).into());
    }
    let mut costs = Vec::new();
    let mut flashes = Vec::new();
    for board in MEASURED {
        let cost = Costs::parse(&cost_of(board)?)?;
        flashes.push(flash_alone(board, cost.rows.len())?);
        costs.push(cost);
    }
    let names: Vec<&String> = costs[0].rows.iter().map(|(name, _)| name).collect();

    let mut full = String::from(
        "| instructions a call | M0 | M3 | M4F, M7 | M33 |\n| --- | ---: | ---: | ---: | ---: |\n",
    );
    let mut memory = String::from(
        "| bytes | stack M0 | M3 | M4F, M7 | M33 | flash M0 | M3 | M4F, M7 | M33 |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    let mut far = String::from(
        "| instructions at step | M0: 10 | 10⁴ | 10⁹ | 2³² - 1 | M4F: 10 | 10⁴ | 10⁹ | 2³² - 1 |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    let mut short = String::from(
        "| at most | M0: instructions | flash | M4F: instructions | flash |\n\
         | --- | ---: | ---: | ---: | ---: |\n",
    );
    for (index, name) in names.into_iter().enumerate() {
        full += &format!("| {name} |");
        memory += &format!("| {name} |");
        for cost in &costs {
            let [least, _, most, stack] = *cost.row(name)? else {
                return Err("not four numbers".into());
            };
            full +=
                &if least == most { format!(" {most} |") } else { format!(" {least} to {most} |") };
            memory += &format!(" {stack} |");
        }
        for flash in &flashes {
            memory += &format!(" {} |", flash[index]);
        }
        short += &format!("| {name} |");
        for place in [0, 2] {
            short += &format!(" {} | {} |", costs[place].row(name)?[2], flashes[place][index]);
        }
        for table in [&mut full, &mut memory, &mut short] {
            table.push('\n');
        }
    }
    for (index, (name, m0)) in costs[0].far.iter().enumerate() {
        let counts: Vec<String> =
            m0.iter().chain(&costs[2].far[index].1).map(u32::to_string).collect();
        far += &format!("| {name} | {} |\n", counts.join(" | "));
    }
    let inside = firmware().join("README.md");
    for (name, table) in [("cost", &full), ("memory", &memory), ("far", &far)] {
        section(&inside, name, table)?;
    }
    section(&root().join("README.md"), "cost", &short)
}

/// Whether the tables are the same, those columns aside that tell of flash.
fn same_but_for_padding(before: &str, after: &str) -> bool {
    let headings = after.lines().next().unwrap_or("").split('|');
    let of_flash: Vec<bool> = headings
        .scan(false, |flash, heading| {
            // A heading without the name of a figure goes on with the one before it.
            *flash = heading.contains("flash")
                || *flash && !["instructions", "stack"].iter().any(|name| heading.contains(name));
            Some(*flash)
        })
        .collect();
    let same_line = |(before, after): (&str, &str)| {
        let cells = before.split('|').zip(after.split('|'));
        let near = |before: &str, after: &str| {
            let [before, after] = [before, after].map(|cell| cell.trim().parse::<u32>());
            matches!((before, after), (Ok(a), Ok(b)) if a.abs_diff(b) <= PADDING)
        };
        before.matches('|').count() == after.matches('|').count()
            && cells.zip(&of_flash).all(|((a, b), &flash)| a == b || flash && near(a, b))
    };
    before.lines().count() == after.lines().count()
        && before.lines().zip(after.lines()).all(same_line)
}

/// The text between `<!-- name -->`, or `<!-- name-lean -->`, and `<!-- end -->` of a file is `table`; or becomes it, when blessing.
fn section(path: &Path, name: &str, table: &str) -> Result<(), Failed> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let begin = format!("<!-- {name}{SUFFIX} -->\n");
    let parts = text.split_once(&begin).and_then(|(before, rest)| {
        rest.split_once("<!-- end -->").map(|(inside, after)| (before, inside, after))
    });
    let (before, inside, after) =
        parts.ok_or_else(|| format!("{}: no section {name}{SUFFIX}", path.display()))?;
    if inside == table || !blessing() && same_but_for_padding(inside, table) {
        return Ok(());
    }
    if blessing() {
        let text = format!("{before}{begin}{table}<!-- end -->{after}");
        return fs::write(path, text).map_err(|error| error.to_string().into());
    }
    Err(format!("{}, {name}{SUFFIX}:\n{}", path.display(), changes(inside, table)).into())
}
