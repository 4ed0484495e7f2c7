//! Every type may be moved to another task and shared by reference.

use microlr::store::{Checkpoint, Slots, StoreError};
use microlr::*;

fn shared<T: Send + Sync>() {}

/// Fails to compile if one of them is not.
#[test]
fn every_type_is_send_and_sync() {
    type Decay = CosineDecay<f32>;
    shared::<(ExponentialDecay<f32>, PolynomialDecay<f32>, InverseTimeDecay<f32>, Decay)>();
    shared::<(PiecewiseConstantDecay<f32, 4>, CosineDecayRestarts<f32>, RandomUniform<f32>)>();
    shared::<(Linear<f32>, CosineAnnealing<f32>, OneCycle<f32>, Cyclic<f32>, Interpolated<f32, 4>)>(
    );
    shared::<(InversePowerDecay<f32>, WarmupStableDecay<f32>, FromFn<fn(u32) -> f32>)>();
    shared::<(Then<Decay, Decay>, Switched<Decay, Decay>, Plus<Decay, Decay>, Times<Decay, Decay>)>(
    );
    shared::<(Delayed<Decay>, PerEpoch<Decay>, Repeated<Decay>, Bounced<Decay>)>();
    shared::<(Scaled<Decay, f32>, Bounded<Decay, f32>, WarmedUp<Decay, f32>, Jittered<Decay, f32>)>(
    );
    shared::<(AnySchedule<f32, 4>, Sequence<AnySchedule<f32, 4>, 4>, Rates<'_, Decay>)>();
    shared::<(LogisticNeuron<f32, 3>, Sgd<&Decay>, Gradient<f32, 3>, History<f32, 9>)>();
    shared::<(Report<f32>, ReduceLrOnPlateau<f32>, PlateauState<f32>, Error)>();
    shared::<(ClipValue<f32>, ClipNorm<f32>, L2<f32>, WeightDecay<f32>, Update<f32, 3>)>();
    shared::<(EarlyStopping<f32>, Best<f32, 3>, RangeTest<f32>, ThinnedHistory<f32, 9>)>();
    shared::<Sgd<&Decay, (Momentum<f32, 3>, Average<f32, 3>)>>();
    shared::<(Standardizer<f32, 3>, Moments<f32, 3>, Guard<f32, 3>, GuardCounts)>();
    shared::<(Confusion<f32>, AucHistogram<8>, Mean<f32>, EwMean<f32>, Permutation)>();
    shared::<(Checkpoint<Decay, (), (), 3>, Slots<(), 64>, StoreError<()>)>();
}
