//! Prints the rates of burn's schedulers at the steps of the command line, as `values/burn.txt`.

use burn_0_21::lr_scheduler::LrScheduler;
use burn_optim::lr_scheduler::LrSchedulerConfig::{Exponential, Linear};
use burn_optim::lr_scheduler::composed::{ComposedLrSchedulerConfig, SchedulerReduction};
use burn_optim::lr_scheduler::constant::ConstantLr;
use burn_optim::lr_scheduler::cosine::CosineAnnealingLrSchedulerConfig;
use burn_optim::lr_scheduler::exponential::ExponentialLrSchedulerConfig;
use burn_optim::lr_scheduler::linear::LinearLrSchedulerConfig;
use burn_optim::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use burn_optim::lr_scheduler::noam::NoamLrSchedulerConfig;
use burn_optim::lr_scheduler::sequential::SequentialLrSchedulerConfig;
use burn_optim::lr_scheduler::step::StepLrSchedulerConfig;

fn print(expression: &str, steps: &[usize], mut rate: impl FnMut() -> f64) {
    println!("{}", expression.split_whitespace().collect::<Vec<_>>().join(" "));
    let last = steps.last().map_or(0, |last| *last);
    for step in 0..=last {
        let rate = rate();
        if steps.contains(&step) {
            println!("{step} {rate:?}");
        }
    }
    println!();
}

macro_rules! rows {
    ($steps:expr; $($config:expr;)*) => {
        $({
            let mut scheduler = $config.init()?;
            print(stringify!($config), $steps, || scheduler.step().base());
        })*
    };
}

fn main() -> Result<(), String> {
    let steps: Result<Vec<usize>, _> = std::env::args().skip(1).map(|step| step.parse()).collect();
    let steps = &steps.map_err(|error| error.to_string())?;

    let mut constant = ModuleLrScheduler::new(ConstantLr::new(0.1));
    print("ConstantLr::new(0.1)", steps, || constant.step().base());
    rows! { steps;
        LinearLrSchedulerConfig::new(0.01, 0.1, 30);
        CosineAnnealingLrSchedulerConfig::new(0.1, 30).with_min_lr(0.001);
    }
    let config = burn_0_21::lr_scheduler::cosine::CosineAnnealingLrSchedulerConfig::new(0.1, 30)
        .with_min_lr(0.001);
    let mut restarting = config.init()?;
    let expression = "burn_0_21::CosineAnnealingLrSchedulerConfig::new(0.1, 30).with_min_lr(0.001)";
    print(expression, steps, || restarting.step());
    rows! { steps;
        ExponentialLrSchedulerConfig::new(0.1, 0.99);
        StepLrSchedulerConfig::new(0.1, 30).with_gamma(0.5);
        NoamLrSchedulerConfig::new(5.0).with_warmup_steps(25).with_model_size(100);
        ComposedLrSchedulerConfig::new()
            .linear(LinearLrSchedulerConfig::new(0.01, 0.1, 30))
            .exponential(ExponentialLrSchedulerConfig::new(1.0, 0.99));
        ComposedLrSchedulerConfig::new()
            .linear(LinearLrSchedulerConfig::new(0.1, 0.01, 30))
            .cosine(CosineAnnealingLrSchedulerConfig::new(0.1, 60))
            .with_reduction(SchedulerReduction::Sum);
        ComposedLrSchedulerConfig::new()
            .linear(LinearLrSchedulerConfig::new(0.1, 0.01, 30))
            .exponential(ExponentialLrSchedulerConfig::new(0.1, 0.99))
            .with_reduction(SchedulerReduction::Avg);
        SequentialLrSchedulerConfig::new(
            vec![
                Linear(LinearLrSchedulerConfig::new(0.01, 0.1, 10)),
                Exponential(ExponentialLrSchedulerConfig::new(0.1, 0.9))
            ],
            vec![10]
        );
    }
    Ok(())
}
