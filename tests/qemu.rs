//! The firmware of `examples/qemu` under QEMU: one test for each program and board.
//!
//! | variable | effect |
//! | --- | --- |
//! | `MICROLR_REQUIRE_QEMU=1` | a test that cannot run fails; else it is ignored |
//! | `MICROLR_BLESS=1` | writes `examples/qemu/expected/` and the tables of the documents anew |

mod bits;
mod flash;
#[allow(unused_imports, reason = "without a harness its tests are not compiled")]
mod tables;
#[allow(dead_code, reason = "only its reader is used")]
#[path = "../examples/watch.rs"]
mod watch;

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
use microlr::{Confusion, CosineDecay, EwMean, LogisticNeuron, Sgd};

/// How long a program may run on the host.
const TIME_LIMIT: Duration = Duration::from_secs(300);
/// A report of changes marks figures that grew by more than this fraction.
const GROWTH: f64 = 0.02;

/// The bytes of flash that `docs/in-the-field.md` states for `detector`.
const MOST_FLASH: u64 = 90 * 1024;

/// The whole update of one sample, a row of `cost`.
const UPDATE: &str = "update, N = 6, warmed cosine";
/// Six schedules in an enum, a row of `cost`.
const CHOSEN: &str = "one of six, parsed from bytes";
/// The cosine of the update by itself, a row of `cost`.
const COSINE: &str = "cosine, alpha and warm-up";
/// A composed schedule in a static, and the same by hand: rows of `cost`.
const COMPOSED: &str = "the same, composed with then";
const BY_HAND: &str = "the same, by hand";
/// An exponential and a cosine, in integers and with libm: rows of `cost`.
const EXPONENTIAL: [&str; 2] = ["exponential", "exponential, with libm's powf"];
const SHORT_COSINE: [&str; 2] = ["cosine, 500 steps", "cosine, 500 steps, with libm's cosf"];

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
/// Programs that hold every schedule in both types do not fit in a microbit's flash. They are
/// linked for 4 MB, and the code for an M0 runs on a Cortex-M3.
const LARGE: [&str; 2] = ["bits", "no_panic"];
const LARGE_M0: Board = board("M0", "mps2-an385", "thumbv6m-none-eabi");
/// The board of the RTIC application.
const LM3S6965EVB: Board = board("M3", "lm3s6965evb", "thumbv7m-none-eabi");

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for board in BOARDS {
        for program in ["quickstart", "shared", "chosen", "exchange"] {
            trials.push(trial(program, board, compare_text));
        }
        trials.push(trial("wdbc", board, wdbc));
        trials.push(trial("log", board, log));
        trials.push(trial("detector", board, detector));
        trials.push(trial("cost", board, cost));
    }
    for board in [LARGE_M0, BOARDS[1], BOARDS[2], BOARDS[3], BOARDS[4]] {
        trials.push(trial("bits", board, same_bits));
    }
    trials.push(trial("watch", BOARDS[1], watched));
    trials.push(trial("background", LM3S6965EVB, background));
    for board in [LARGE_M0, BOARDS[2]] {
        trials.push(trial("no_panic", board, no_panic));
        trials.push(trial("twin", board, twin));
    }
    trials.push(trial_on("tables::all".into(), missing(&BOARDS), tables));
    libtest_mimic::run(&arguments, trials).exit();
}

fn trial(
    program: &'static str,
    board: Board,
    test: fn(&'static str, Board) -> Result<(), Failed>,
) -> Trial {
    let name = format!("{program}::{}", board.core);
    trial_on(name, missing(&[board]), move || test(program, board))
}

/// A test that is ignored, or fails, if something is missing.
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

/// What a test on `boards` needs and does not find, with the line that installs it.
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

/// A tool of the toolchain that the firmware pins, without the settings of the cargo that runs
/// this test.
fn tool(name: &str) -> Command {
    let mut command = Command::new(name);
    command.current_dir(firmware());
    for variable in ["RUSTUP_TOOLCHAIN", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_TARGET_DIR"]
    {
        command.env_remove(variable);
    }
    command
}

/// The command that builds a program for a board.
fn cargo(program: &str, board: Board) -> Command {
    let mut cargo = tool("cargo");
    cargo.args(["build", "--quiet", "--release", "--target", board.target, "--bin", program]);
    cargo.env_remove("MICROLR_ALONE").env_remove("MICROLR_FLASH");
    if LARGE.contains(&program) {
        cargo.env("MICROLR_FLASH", "4M").args(["--target-dir", "target/large"]);
    }
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
    let folder = if LARGE.contains(&program) { "target/large" } else { "target" };
    firmware().join(folder).join(board.target).join("release").join(program)
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

/// Compares the file with `found`, or writes it when blessing.
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

/// The same output on every board, with the figures of scikit-learn: the losses to 1e-3, the
/// confusion exactly.
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

/// The frames, decoded by the library that `defmt-print` uses.
fn decoded(program: &str, board: Board) -> Result<String, String> {
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
            Err(DecodeError::UnexpectedEof) => return Ok(lines),
            Err(DecodeError::Malformed) => return Err("a malformed frame".into()),
        }
    }
}

fn log(program: &'static str, board: Board) -> Result<(), Failed> {
    compare(&expected(&format!("{program}.txt")), &decoded(program, board)?)
}

/// Runs with resets and power cuts end with the bits of the run without them, and the balanced
/// accuracy is at least 0.95.
fn detector(program: &'static str, board: Board) -> Result<(), Failed> {
    let output = decoded(program, board)?;
    let ends: Vec<_> = output.lines().filter_map(|line| line.split_once(" starts, ")).collect();
    if ends.len() != 3 || ends.iter().any(|(_, state)| *state != ends[0].1) {
        return Err(format!("the runs end in different states:\n{output}").into());
    }
    for (line, _) in &ends {
        let balanced = line.split_once("balanced accuracy ").ok_or("no balanced accuracy")?.1;
        let balanced: f32 = balanced.split_once(',').ok_or("no number of starts")?.0.parse()?;
        if balanced < 0.95 {
            return Err(format!("a balanced accuracy below 0.95: {line}").into());
        }
    }
    let starts = ends[2].0.rsplit(' ').next().unwrap_or_default();
    let document = fs::read_to_string(root().join("docs/in-the-field.md"));
    if !document.is_ok_and(|text| text.contains(&format!("After {starts} starts"))) {
        return Err(format!("docs/in-the-field.md: {starts} starts").into());
    }
    let flash = flash(&built(program, board))?;
    if flash > MOST_FLASH {
        return Err(format!("{flash} bytes of flash").into());
    }
    compare(&expected(&format!("{program}.txt")), &output)
}

/// The run with resets ends with the bits of the run without them.
fn background(program: &'static str, board: Board) -> Result<(), Failed> {
    let output = text(program, board)?;
    let states: Vec<_> = output.lines().filter(|line| line.starts_with("none lost")).collect();
    match states[..] {
        [uninterrupted, reset] if uninterrupted == reset => {
            compare(&expected(&format!("{program}.txt")), &output)
        }
        _ => Err(format!("the runs end in different states:\n{output}").into()),
    }
}

/// The example `watch` reads the figures of a run on the host from the frames of `log`, and refuses
/// a damaged stream.
fn watched(_: &'static str, board: Board) -> Result<(), Failed> {
    let elf = build("log", board)?;
    let mut stream = run(&elf, board)?;
    let image = fs::read(&elf).map_err(|error| error.to_string())?;
    let read = |stream: &[u8]| {
        let (mut run, mut shown) = (watch::Run::default(), 0);
        run.read(&image, stream, |_| shown += 1).map(|()| (run, shown))
    };
    let (run, shown) = read(&stream)?;
    let reports = (run.reports.iter())
        .map(|r| (r.step, [r.lr as f32, r.loss as f32, r.prediction as f32]))
        .collect();
    let means = run.means.iter().map(|(step, mean)| (*step, *mean as f32)).collect();
    let (found, host): (Logged, _) = ((reports, means, run.confusions), logged());
    if found != host || shown != host.0.len() {
        return Err(format!("{shown} shown, {found:?} is not {host:?}").into());
    }
    let cut = read(&stream[..stream.len() - 2]);
    stream.splice(500..500, [1, 2, 3, 0]);
    match (cut, read(&stream)) {
        (Err(cut), Err(bad)) if cut.contains("within a frame") && bad.contains("bad frame") => {
            Ok(())
        }
        damaged => Err(format!("damaged streams: {damaged:?}").into()),
    }
}

/// Step and figures of the reports that `log` logs, its means of the loss, and its counts.
type Logged = (Vec<(u32, [f32; 3])>, Vec<(u32, f32)>, Vec<(u32, Confusion<f64>)>);

/// The run of `log` on the host.
fn logged() -> Logged {
    let rows = [0_u8, 1, 2, 3, 4, 5, 6, 7];
    let xs = rows.map(|row| [4, 2, 1].map(|bit| f32::from(u8::from(row & bit != 0))));
    let ys = rows.map(|row| f32::from(u8::from(row != 0)));
    let mut neuron = LogisticNeuron::zeroed();
    let (mut sgd, mut mean) = (Sgd::new(CosineDecay::new(0.5_f32, 500)), EwMean::new(0.05));
    let mut logged = Logged::default();
    for step in 0..500 {
        let report = sgd.step_batch(&mut neuron, &xs, &ys).expect("valid samples");
        mean.observe(report.loss).expect("a finite loss");
        if step % 10 == 0 {
            logged.0.push((step, [report.lr, report.loss, report.prediction]));
        }
        if step % 100 == 0 {
            let mut confusion = Confusion::new(0.5);
            for (x, y) in xs.iter().zip(ys) {
                let prediction = f64::from(neuron.predict(x));
                confusion.observe(prediction, y > 0.5).expect("a probability");
            }
            logged.1.push((step, mean.mean()));
            logged.2.push((step, confusion));
        }
    }
    logged
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

/// The program links, which it does only if nothing in it can panic, and ends with success.
fn no_panic(program: &'static str, board: Board) -> Result<(), Failed> {
    run(&build(program, board)?, board)?;
    Ok(())
}

/// The proof can fail: with one deliberate index the program does not link.
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

/// The instructions that a step beyond 10⁴ may cost more than those up to it.
fn far_margin(Cost { name, near, .. }: &Cost) -> u32 {
    match name.as_str() {
        // The cycles are counted one by one: 15 up to step 10⁴ and 47 in all.
        "restarts, t_mul 1.5" => near * 32 / 15,
        // Eight at once, then one by one: 241 are 37 rounds at most, 1535 are 198.
        "restarts, t_mul 1.01, m_mul 0.9" => near * 161 / 37,
        // Division and floating point in software take longer for some numbers than for others.
        _ => 150,
    }
}

fn cost(_: &'static str, board: Board) -> Result<(), Failed> {
    let output = cost_of(board)?;
    compare(&expected(&format!("cost-{}.txt", board.machine)), &output)?;
    let costs = costs(&output)?;
    for cost in &costs {
        let Cost { name, near, most, .. } = cost;
        if most - near > far_margin(cost) {
            return Err(format!("{name}: {most} instructions far away, {near} near").into());
        }
    }
    let [composed, by_hand] = [find(&costs, COMPOSED)?, find(&costs, BY_HAND)?];
    if composed.most > by_hand.most * 21 / 20 {
        return Err(format!("{COMPOSED}: {}, by hand {}", composed.most, by_hand.most).into());
    }
    Ok(constant_work(&costs, board)?)
}

/// Checks that an update costs the same for all samples, labels and steps, and that its cost is
/// linear in the number of features.
fn constant_work(costs: &[Cost], board: Board) -> Result<(), String> {
    let step = |features| find(costs, &format!("step, N = {features}"));
    let [few, some, many] = [step(3)?, step(16)?, step(64)?];
    // In software, floating point takes longer for some numbers than for others, mostly in the loss
    // of a label between 0 and 1. Features add next to nothing to that.
    let bound = if board.target.ends_with("hf") { 8 } else { few.least / 6 };
    for Cost { name, least, most, .. } in [few, some, many] {
        if most - least > bound {
            return Err(format!("{name}: {least} to {most} instructions"));
        }
    }
    let slope = |from: &Cost, to: &Cost, features| f64::from(to.most - from.most) / features;
    let (before, after) = (slope(few, some, 13.0), slope(some, many, 48.0));
    if (after / before - 1.0).abs() > 0.25 {
        return Err(format!("a feature takes {before} instructions up to 16, then {after}"));
    }
    Ok(())
}

/// A row of `cost`.
struct Cost {
    name: String,
    /// Instructions: the least, the most at steps up to 10⁴, the most.
    least: u32,
    near: u32,
    most: u32,
    stack: u32,
    /// What the function adds to a program without it; measured by `flash_alone`.
    flash: u32,
}

/// The rows that `cost` prints.
fn costs(output: &str) -> Result<Vec<Cost>, String> {
    let row = |line: &str| {
        let cells = tables::cells(line);
        let (&name, numbers) = cells.split_first()?;
        let numbers: Option<Vec<u32>> = numbers.iter().map(|cell| cell.parse().ok()).collect();
        let [least, near, most, stack] = numbers?.try_into().ok()?;
        Some(Cost { name: name.into(), least, near, most, stack, flash: 0 })
    };
    output.lines().skip(1).map(|line| row(line).ok_or(format!("no row: {line}"))).collect()
}

fn find<'a>(costs: &'a [Cost], name: &str) -> Result<&'a Cost, String> {
    costs.iter().find(|cost| cost.name == name).ok_or(format!("no row {name}"))
}

/// The rows that `cost` prints on a board, with flash.
fn all_costs(board: Board) -> Result<Vec<Cost>, String> {
    let mut costs = costs(&cost_of(board)?)?;
    let without = flash_alone(board, None)?;
    for (index, cost) in costs.iter_mut().enumerate() {
        cost.flash = (flash_alone(board, Some(index))? - without) as u32;
    }
    Ok(costs)
}

/// The flash of a program with one function, or with none. Each core has a folder of its own, so
/// that all are built at the same time.
fn flash_alone(board: Board, index: Option<usize>) -> Result<u64, String> {
    let folder = format!("target/alone-{}", board.core);
    let mut cargo = cargo("alone", board);
    cargo.args(["--target-dir", &folder]);
    if let Some(index) = index {
        cargo.env("MICROLR_ALONE", index.to_string());
    }
    succeed(&mut cargo)?;
    flash(&firmware().join(folder).join(board.target).join("release/alone"))
}

/// Checks the limits, and the tables of the documents.
fn tables() -> Result<(), Failed> {
    let [m4f, m7] = [cost_of(BOARDS[2])?, cost_of(BOARDS[3])?];
    if m4f != m7 {
        return Err(format!("M4F (-) and M7 (+) run the same code:\n{}", changes(&m4f, &m7)).into());
    }
    let [m0, m3, m4f, m33] = thread::scope(|scope| {
        let measure = |index: usize| scope.spawn(move || all_costs(BOARDS[index]));
        let join = |thread: thread::ScopedJoinHandle<'_, _>| thread.join();
        [0, 1, 2, 4].map(measure).map(join).map(|costs| costs.unwrap_or(Err("a panic".into())))
    });
    let [m0, m3, m4f, m33] = [m0?, m3?, m4f?, m33?];
    let [readme, document] = ["README.md", "docs/cortex-m.md"].map(|path| root().join(path));
    section(&readme, "figures", &figures([&m0, &m4f])?)?;
    compare_with_libm(&readme, [&m0, &m3])?;
    section(&document, "cost", &cost_table(["M0", "M4F"], [&m0, &m4f]))?;
    section(&document, "cost-others", &cost_table(["M3", "M33"], [&m3, &m33]))?;
    let mut broken = String::new();
    for (name, core, costs, instructions, flash) in [
        (UPDATE, "M0", &m0, 6500, 4300),
        (UPDATE, "M4F", &m4f, 335, 3000),
        (CHOSEN, "M0", &m0, u32::MAX, 16_500),
        (CHOSEN, "M4F", &m4f, u32::MAX, 14_000),
    ] {
        let cost = find(costs, name)?;
        if cost.most > instructions || cost.flash > flash {
            let Cost { most, flash: bytes, .. } = cost;
            let _ = writeln!(broken, "{name}, {core}: {most} instructions, {bytes} bytes of flash");
        }
    }
    if broken.is_empty() { Ok(()) } else { Err(format!("above a limit:\n{broken}").into()) }
}

/// Instructions, stack and flash of every function on two cores.
fn cost_table([left, right]: [&str; 2], costs: [&[Cost]; 2]) -> String {
    let mut table = format!(
        "| | {left}: instructions | stack | flash | {right}: instructions | stack | flash |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n"
    );
    for (left, right) in costs[0].iter().zip(costs[1]) {
        table += &format!("| {} |", left.name);
        for Cost { least, most, stack, flash, .. } in [left, right] {
            let range = if least == most { String::new() } else { format!("{least} to ") };
            table += &format!(" {range}{most} | {stack} | {flash} |");
        }
        table.push('\n');
    }
    table
}

/// Checks the sentence of the README about libm.
fn compare_with_libm(readme: &Path, [m0, m3]: [&[Cost]; 2]) -> Result<(), String> {
    let most = |costs, names: [&str; 2]| -> Result<[u32; 2], String> {
        let [ours, libm] = names.map(|name| find(costs, name));
        Ok([ours?.most, libm?.most])
    };
    let [power, cosine] = [most(m0, EXPONENTIAL)?, most(m0, SHORT_COSINE)?];
    let ratios = [power, cosine, most(m3, EXPONENTIAL)?, most(m3, SHORT_COSINE)?]
        .map(|[ours, libm]| libm / ours);
    let sentence = format!(
        "for a `static`, libm's take {} to {} times as many instructions on a core without an FPU. \
         On a Cortex-M0 an exponential takes at most {} instructions, and {} with libm's `powf`; a \
         cosine takes {}, and {} with `cosf`.",
        ratios.iter().min().unwrap_or(&0),
        ratios.iter().max().unwrap_or(&0),
        power[0],
        power[1],
        cosine[0],
        cosine[1],
    );
    let text = fs::read_to_string(readme).map_err(|error| error.to_string())?;
    if tables::unwrapped(&text).contains(&sentence) {
        Ok(())
    } else {
        Err(format!("README.md does not say: {sentence}"))
    }
}

/// The five figures of the README.
fn figures(costs: [&[Cost]; 2]) -> Result<String, String> {
    type Figure = fn(&Cost) -> u32;
    let figures: [(&str, &str, Figure); 5] = [
        ("rate of a cosine with warm-up and floor: instructions", COSINE, |cost| cost.most),
        ("update with 6 features, cosine and warm-up: instructions", UPDATE, |cost| cost.most),
        ("the same update: bytes of stack", UPDATE, |cost| cost.stack),
        ("the same update: bytes of flash", UPDATE, |cost| cost.flash),
        ("the six schedules of Keras, read from bytes: bytes of flash", CHOSEN, |cost| cost.flash),
    ];
    let mut table = String::from("| in f32, at most | M0 | M4F |\n| --- | ---: | ---: |\n");
    for (label, name, figure) in figures {
        let [m0, m4f] = [figure(find(costs[0], name)?), figure(find(costs[1], name)?)];
        table += &format!("| {label} | {m0} | {m4f} |\n");
    }
    Ok(table)
}

/// Whether two tables are equal, up to padding in figures of flash.
fn same_but_for_padding(before: &str, after: &str) -> bool {
    let [before, after] = [before, after].map(|table| table.lines().map(tables::cells).collect());
    let (before, after): (Vec<Vec<&str>>, Vec<Vec<&str>>) = (before, after);
    let is_flash =
        |row: usize, column: usize| after[0][column] == "flash" || after[row][0].contains("flash");
    let near = |a: &str, b: &str| {
        let [a, b] = [a, b].map(str::parse::<u32>);
        a.is_ok_and(|a| b.is_ok_and(|b| a.abs_diff(b) <= PADDING))
    };
    let same_row = |row: usize| {
        let cells = before[row].iter().zip(&after[row]).enumerate();
        before[row].len() == after[row].len()
            && cells
                .into_iter()
                .all(|(column, (a, b))| a == b || is_flash(row, column) && near(a, b))
    };
    before.len() == after.len() && (0..after.len()).all(same_row)
}

/// Compares a table of a document, or writes it when blessing.
fn section(path: &Path, name: &str, table: &str) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let [_, inside, _] =
        tables::parts(&text, name).map_err(|error| format!("{}: {error}", path.display()))?;
    if inside == table || !blessing() && same_but_for_padding(inside, table) {
        return Ok(());
    }
    if blessing() {
        let text = tables::replaced(&text, name, table)?;
        return fs::write(path, text).map_err(|error| error.to_string());
    }
    Err(format!("{}, {name}:\n{}", path.display(), changes(inside, table)))
}
