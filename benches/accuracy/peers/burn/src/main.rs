//! Writes what burn's schedulers say in f64: `cargo run --release > ../burn.csv`.

use burn_optim::lr_scheduler::cosine::CosineAnnealingLrSchedulerConfig;
use burn_optim::lr_scheduler::exponential::ExponentialLrSchedulerConfig;
use burn_optim::lr_scheduler::linear::LinearLrSchedulerConfig;
use burn_optim::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;

/// One parameter set: the rate of every 41st step, and of those next to the first and the last.
fn print(parameters: &str, schedule: Result<ModuleLrScheduler, String>, last: u32) {
    let mut schedule = schedule.expect("a valid schedule");
    println!("set {parameters}");
    for step in 0..=last {
        let rate = schedule.step().base();
        if step % 41 == 0 || step.min(last - step) < 5 {
            println!("{step},{rate:?}");
        }
    }
}

fn main() {
    println!("# burn-optim 0.22.1, made by burn/; f64\n# step,rate");
    for initial in [0.1, 0.3] {
        for gamma in [0.95, 0.99, 0.999] {
            let decay = ExponentialLrSchedulerConfig::new(initial, gamma).init();
            let parameters = format!(
                "schedule=exponential initial_learning_rate={initial} decay_rate={gamma} decay_steps=1"
            );
            print(&parameters, decay, 2000);
        }
        for steps in [41, 100, 500, 1000] {
            let length = format!("initial_learning_rate={initial} decay_steps={steps}");
            let line = LinearLrSchedulerConfig::new(initial, 0.0, steps as usize).init();
            print(&format!("schedule=polynomial {length} end_learning_rate=0"), line, steps);
            let cosine = CosineAnnealingLrSchedulerConfig::new(initial, steps as usize).init();
            print(&format!("schedule=cosine {length}"), cosine, steps);
        }
    }
}
