/// What one update did. Every figure but `step` is from before the update.
///
/// ```
/// use microlr::{LogisticNeuron, Report, Sgd};
/// let mut neuron = LogisticNeuron::<f32, 1>::zeroed(); // predicts 1/2, so the loss is ln 2
/// let report = Sgd::new(0.25_f32).step(&mut neuron, &[1.0], 1.0)?;
/// let loss = core::f32::consts::LN_2;
/// assert_eq!(report, Report { step: 0, lr: 0.25, loss, prediction: 0.5 });
/// assert!(neuron.predict(&[1.0]) > report.prediction); // after the update
/// # Ok::<(), microlr::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Report<F> {
    /// The step whose rate was used, counted from 0.
    pub step: u32,
    /// The learning rate that was used.
    pub lr: F,
    /// The cross-entropy in nats; of a batch, the mean.
    pub loss: F,
    /// The predicted probability; of a batch, the mean.
    pub prediction: F,
}
