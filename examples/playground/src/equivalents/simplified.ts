// A schedule with fewer classes and options, so that each library needs fewer lines.

import { Curve } from '../../wasm/pkg/microlr_playground.js'
import { inside, json, type Schedule, type Value } from '../state.ts'
import type { Fields } from './python.ts'

const make = (class_name: string, config: Record<string, Value>): Schedule => {
  return { class_name, config }
}
const constant = (learning_rate: number) => make('Constant', { learning_rate })
/** From one rate to another. */
const way = (name: string, from: number, to: number, steps: number) =>
  from === to || steps === 0 ? constant(to) : make(name, { from, to, steps })
const then = (first: Schedule, at: number, next: Schedule) =>
  at === 0 ? next : make('Then', { first, at, next })
/** A warm-up to the first rate of the schedule. */
const warmed = (schedule: Schedule, first: number, steps: number, from: number) =>
  steps === 0 ? schedule : make('WarmedUp', { schedule, first, steps, from })

/** The shortest decimal that is this `f32`. */
export function shortest(rate: number): number {
  const digits = [1, 2, 3, 4, 5, 6, 7, 8].find(
    (digits) => Math.fround(Number(rate.toPrecision(digits))) === rate,
  )
  return Number(rate.toPrecision(digits ?? 9))
}
const firstRate = (schedule: Schedule) => shortest(new Curve(json(schedule)).lr(0))

/** The same rates. A `CosineDecay` has no warm-up then, and a `WarmedUp` knows its `first` rate. */
export function simplified(schedule: Schedule): Schedule {
  const c: Fields = schedule.config
  const inner: Record<string, Schedule> = {}
  for (const [name, it] of inside(schedule)) inner[name] = simplified(it)
  switch (schedule.class_name) {
    case 'PiecewiseConstantDecay':
      return c.boundaries.length > 0 ? schedule : constant(c.values[0])
    case 'MultiStep':
      return c.milestones.length > 0 ? schedule : constant(c.initial_learning_rate)
    case 'CosineDecay': {
      if (c.warmup_target === null) return schedule
      const peak = { initial_learning_rate: c.warmup_target, warmup_target: null }
      const decay = make('CosineDecay', { ...c, ...peak })
      return warmed(decay, c.warmup_target, c.warmup_steps, c.initial_learning_rate)
    }
    case 'CosineDecayRestartsWithin': {
      const first_decay_steps = c.steps / c.cycles
      if (!Number.isInteger(first_decay_steps)) return schedule
      const restarts = make('CosineDecayRestarts', { ...c, first_decay_steps, t_mul: 1 })
      const floor = shortest(Math.fround(c.alpha * c.initial_learning_rate))
      return then(restarts, c.steps, constant(floor))
    }
    case 'WarmupStableDecay': {
      const curve = c.cosine ? 'CosineAnnealing' : c.one_minus_sqrt ? 'OneMinusSqrt' : 'Linear'
      const decay = way(curve, c.peak, c.floor, c.decay_steps)
      return warmed(then(constant(c.peak), c.stable_steps, decay), c.peak, c.warmup_steps, 0)
    }
    case 'WarmedUp': {
      const first = firstRate(c.schedule)
      if (!c.without_zero) return warmed(inner.schedule!, first, c.steps, c.from)
      // The line begins at its second rate and ends a step earlier.
      const second = shortest(Math.fround(c.from + (first - c.from) / c.steps))
      return then(way('Linear', second, first, c.steps - 1), c.steps, inner.schedule!)
    }
    case 'Delayed':
      return then(constant(firstRate(c.schedule)), c.steps, inner.schedule!)
    case 'Then':
      return then(inner.first!, c.at, inner.next!)
    case 'PerEpoch':
      if (inner.schedule!.class_name === 'Constant') return inner.schedule!
    // falls through
    default:
      return make(schedule.class_name, { ...c, ...inner })
  }
}

/** What comes one after another, each with its first step. */
export function pieces({ class_name, config }: Schedule): [number, Schedule][] {
  const c: Fields = config
  const from = (start: number, next: Schedule) =>
    pieces(next).map(([step, piece]): [number, Schedule] => [start + step, piece])
  switch (class_name) {
    case 'PiecewiseConstantDecay':
      return c.values.map((value: number, index: number) => {
        return [index === 0 ? 0 : c.boundaries[index - 1] + 1, constant(value)]
      })
    case 'Interpolated': {
      const name = c.cosine ? 'CosineAnnealing' : 'Linear'
      const curves: [number, Schedule][] = c.steps.slice(1).map((end: number, index: number) => {
        const start = c.steps[index]
        return [start, way(name, c.rates[index], c.rates[index + 1], end - start)]
      })
      // The first rate is also that of the steps before the first point.
      const points = curves.length > 0 && c.steps[0] === 0
      return points ? curves : [[0, constant(c.rates[0])], ...curves]
    }
    case 'WarmedUp':
      return [[0, way('Linear', c.from, c.first, c.steps)], ...from(c.steps, c.schedule)]
    case 'Then':
      return [...from(0, c.first).filter(([start]) => start < c.at), ...from(c.at, c.next)]
    default:
      return [[0, { class_name, config }]]
  }
}
