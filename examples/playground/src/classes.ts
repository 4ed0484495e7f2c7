// Every class with parameters to start from, and the presets.

import type { Schedule, Value } from './state.ts'

const make = (class_name: string, config: Record<string, Value>): Schedule => ({
  class_name,
  config,
})
const constant = (learning_rate: number) => make('Constant', { learning_rate })
const rate = { initial_learning_rate: 0.1 }
const halving = make('ExponentialDecay', {
  initial_learning_rate: 1,
  decay_steps: 100,
  decay_rate: 0.5,
})

export const SCHEDULES: Schedule[] = [
  constant(0.1),
  make('ExponentialDecay', { ...rate, decay_steps: 100, decay_rate: 0.5 }),
  make('PiecewiseConstantDecay', {
    boundaries: [125, 250, 375],
    values: [0.1, 0.075, 0.05, 0.025],
  }),
  make('PolynomialDecay', { ...rate, decay_steps: 500, end_learning_rate: 0.001, power: 2 }),
  make('InverseTimeDecay', { ...rate, decay_steps: 50, decay_rate: 0.5 }),
  make('CosineDecay', { ...rate, decay_steps: 500 }),
  make('CosineDecayRestarts', { ...rate, first_decay_steps: 50 }),
  make('Linear', { from: 0.1, to: 0.001, steps: 500 }),
  make('CosineAnnealing', { from: 0.1, to: 0.001, steps: 500 }),
  make('OneCycle', { max_lr: 0.1, total_steps: 500 }),
  make('Cyclic', { base_lr: 0.001, max_lr: 0.1, step_size_up: 50 }),
  make('InversePowerDecay', { ...rate, decay_steps: 50, power: 0.5 }),
  make('WarmupStableDecay', { peak: 0.1, warmup_steps: 50, stable_steps: 300, decay_steps: 150 }),
  make('Interpolated', { steps: [0, 50, 250, 500], rates: [0, 0.1, 0.05, 0.001] }),
  make('MultiStep', { ...rate, milestones: [125, 250, 375], gamma: 0.5 }),
  make('CosineDecayRestartsWithin', { ...rate, steps: 500, cycles: 3 }),
  make('RandomUniform', { lower: 0.001, upper: 0.1, seed: 42 }),
]

/** Each takes the schedule around which it is put. */
export const ADAPTORS: Record<string, (schedule: Schedule) => Record<string, Value>> = {
  WarmedUp: (schedule) => ({ schedule, steps: 50 }),
  Then: (first) => ({ first, at: 250, next: constant(0.01) }),
  Switched: (first) => ({ first, at: 250, next: constant(0.01) }),
  Bounded: (schedule) => ({ schedule, min: 0.01, max: 0.1 }),
  Repeated: (schedule) => ({ schedule, period: 100 }),
  Bounced: (schedule) => ({ schedule, period: 100 }),
  Delayed: (schedule) => ({ schedule, steps: 50 }),
  Scaled: (schedule) => ({ schedule, factor: 0.5 }),
  Plus: (first) => ({ first, second: constant(0.01) }),
  Times: (first) => ({ first, second: halving }),
  PerEpoch: (schedule) => ({ schedule, batches: 10 }),
  Jittered: (schedule) => ({ schedule, seed: 42, amount: 0.1 }),
}

/** A name, the steps to show, and the schedule. */
export const PRESETS: Record<string, [string, number, Schedule][]> = {
  "The notebook's seven": [
    [
      'Exponential, staircase',
      500,
      make('ExponentialDecay', { ...rate, decay_steps: 5, decay_rate: 0.95, staircase: true }),
    ],
    [
      'Piecewise constant',
      500,
      make('PiecewiseConstantDecay', {
        boundaries: [125, 250, 375],
        values: [0.1, 0.075, 0.05, 0.025],
      }),
    ],
    [
      'Polynomial, cycle',
      500,
      make('PolynomialDecay', { ...rate, decay_steps: 100, end_learning_rate: 0.001, cycle: true }),
    ],
    [
      'Inverse time, staircase',
      500,
      make('InverseTimeDecay', { ...rate, decay_steps: 50, decay_rate: 0.1, staircase: true }),
    ],
    ['Cosine', 500, make('CosineDecay', { ...rate, decay_steps: 500 })],
    [
      'Cosine with restarts',
      500,
      make('CosineDecayRestarts', { ...rate, first_decay_steps: 10, t_mul: 2, m_mul: 0.9 }),
    ],
    ['Random', 500, make('RandomUniform', { lower: 0.001, upper: 0.1, seed: 42 })],
  ],
  'Recipes of the README': [
    [
      'Warm-up from 0, cosine',
      1000,
      make('CosineDecay', {
        initial_learning_rate: 0,
        decay_steps: 900,
        warmup_target: 0.1,
        warmup_steps: 100,
      }),
    ],
    [
      'Warm-up without step 0, cosine',
      1000,
      make('CosineDecay', {
        initial_learning_rate: 0.001,
        decay_steps: 900,
        warmup_target: 0.1,
        warmup_steps: 99,
      }),
    ],
    [
      'Cosine down to a floor',
      1200,
      make('CosineAnnealing', { from: 0.5, to: 0.125, steps: 1000 }),
    ],
    [
      'Cosine cut at a floor',
      1200,
      make('Bounded', {
        schedule: make('CosineDecay', { initial_learning_rate: 0.5, decay_steps: 1000 }),
        min: 0.125,
        max: 0.5,
      }),
    ],
    [
      'Warm-up, stable, decay',
      1300,
      make('WarmupStableDecay', {
        peak: 0.1,
        warmup_steps: 100,
        stable_steps: 900,
        decay_steps: 200,
        floor: 0.001,
      }),
    ],
    [
      'The same, composed',
      1300,
      make('WarmedUp', {
        schedule: make('Then', {
          first: constant(0.1),
          at: 900,
          next: make('Linear', { from: 0.1, to: 0.001, steps: 200 }),
        }),
        steps: 100,
      }),
    ],
    [
      'One cycle, cosines',
      1000,
      make('OneCycle', { max_lr: 0.5, total_steps: 1000, div_factor: 4, final_div_factor: 32 }),
    ],
    [
      'One cycle, lines',
      1000,
      make('OneCycle', {
        max_lr: 0.5,
        total_steps: 1000,
        div_factor: 4,
        final_div_factor: 32,
        linear: true,
      }),
    ],
    ['1/√s', 1000, make('InversePowerDecay', { ...rate, decay_steps: 1, power: 0.5 })],
    [
      'A rate per epoch',
      2850,
      make('PerEpoch', {
        schedule: make('CosineDecay', { initial_learning_rate: 0.5, decay_steps: 50 }),
        batches: 57,
      }),
    ],
  ],
}
