// Lines for PyTorch. A scheduler multiplies the rate of the optimizer.

import type { Equivalent } from '../equivalents.ts'
import type { Schedule } from '../state.ts'
import { array, call, cosine, factors, flag, real, type Fields } from './python.ts'
import { pieces } from './simplified.ts'

interface Scheduler {
  /** The rate of the optimizer. */
  rate: number
  /** The scheduler, or how it is written for an optimizer with a higher rate. */
  line: string | ((rate: number) => string)
  /** It changes the optimizer, so it cannot be one of several. */
  alone?: boolean
  /** The last step with the same rate, if there is one, and what happens then. */
  until?: number
  difference?: (step: number) => string
}

/** A rate as a factor of another one. */
const part = (value: number, rate: number) => {
  if (value === rate) return '1.0'
  return value === 0 ? '0.0' : `${real(value)} / ${real(rate)}`
}
const lambda = (factor: string) => `LambdaLR(optimizer, lambda step: ${factor})`
const scheduler = (rate: number, name: string, ...given: (string | number)[]): Scheduler => {
  return { rate, line: call(name, 'optimizer', ...given) }
}

/** The scheduler of one piece. */
function single({ class_name, config }: Schedule): Scheduler | undefined {
  const c: Fields = config
  const rate: number = c.initial_learning_rate
  switch (class_name) {
    case 'Constant':
      return { rate: c.learning_rate, line: (rate) => lambda(part(c.learning_rate, rate)) }
    case 'ExponentialDecay': {
      const [factor, steps] = [real(c.decay_rate), c.decay_steps]
      if (c.staircase) return scheduler(rate, 'StepLR', steps, factor)
      return scheduler(rate, 'ExponentialLR', steps === 1 ? factor : `${factor} ** (1 / ${steps})`)
    }
    case 'MultiStep':
      return scheduler(rate, 'MultiStepLR', array(c.milestones), real(c.gamma))
    case 'PolynomialDecay': {
      const { decay_steps: steps, end_learning_rate: to, power } = c
      if (c.cycle) return undefined
      if (to === 0) return scheduler(rate, 'PolynomialLR', steps, real(power))
      return power === 1
        ? single({ class_name: 'Linear', config: { from: rate, to, steps } })
        : undefined
    }
    case 'InverseTimeDecay': {
      const time = `step ${c.staircase ? '//' : '/'} ${c.decay_steps}`
      return { rate, line: lambda(`1 / (1 + ${real(c.decay_rate)} * (${time}))`) }
    }
    case 'InversePowerDecay':
      return { rate, line: lambda(`(1 + step / ${c.decay_steps}) ** -${real(c.power)}`) }
    case 'OneMinusSqrt': {
      const [fall, end] = [`(1 - min(step / ${c.steps}, 1) ** 0.5)`, part(c.to, c.from)]
      return { rate: c.from, line: lambda(`${end} + (1 - ${end}) * ${fall}`) }
    }
    case 'Linear': {
      const line = (rate: number) => {
        const [from, to] = [part(c.from, rate), part(c.to, rate)]
        if (c.from > 0) return call('LinearLR', 'optimizer', from, to, c.steps)
        // LinearLR cannot begin at 0.
        return lambda(`min(step / ${c.steps}, 1)${to === '1.0' ? '' : ` * ${to}`}`)
      }
      return { rate: Math.max(c.from, c.to), line }
    }
    case 'CosineDecayRestarts': {
      if (!Number.isInteger(c.t_mul) || c.m_mul !== 1) return undefined
      const floor = c.alpha === 0 ? '' : `${real(c.alpha)} * ${real(rate)}`
      const name = 'CosineAnnealingWarmRestarts'
      return scheduler(rate, name, c.first_decay_steps, c.t_mul, floor)
    }
    case 'Repeated': {
      const half = cosine(c.schedule)
      if (!half || half.steps !== c.period) return undefined
      return scheduler(half.rate, 'CosineAnnealingWarmRestarts', half.steps, 1, half.floor)
    }
    case 'Bounced': {
      const half = cosine(c.schedule)
      if (!half || half.steps !== c.period) return undefined
      return scheduler(half.rate, 'CosineAnnealingLR', half.steps, half.floor)
    }
    case 'OneCycle': {
      const { max_lr: max, warmup_steps: warm, total_steps: last, three_phase } = c
      // PyTorch divides by the length of each phase.
      if (warm === 0 || warm * (three_phase ? 2 : 1) === last) return undefined
      const start = `pct_start=${warm + 1} / ${last + 1}`
      const kind = c.linear ? "anneal_strategy='linear'" : ''
      const options = [kind, flag('three_phase', three_phase), 'cycle_momentum=False']
      const given = [real(max), last + 1, start, ...factors(c), ...options]
      const difference = (step: number) =>
        `At step ${step + 1} PyTorch goes beyond the end, and later it raises an error.`
      const one = scheduler(max, 'OneCycleLR', ...given)
      return { ...one, alone: true, until: last, difference }
    }
    case 'Cyclic': {
      const { step_size_up: up, step_size_down: down, exp_range: gamma } = c
      const falling = gamma === null ? '' : `mode='exp_range', gamma=${real(gamma)}`
      const mode = c.triangular2 ? "mode='triangular2'" : falling
      const options = [down === up ? '' : down, mode, 'cycle_momentum=False']
      const given = [real(c.base_lr), real(c.max_lr), up, ...options]
      return { ...scheduler(c.max_lr, 'CyclicLR', ...given), alone: true }
    }
    default: {
      const half = cosine({ class_name, config })
      if (!half) return undefined
      const annealing = scheduler(half.rate, 'CosineAnnealingLR', half.steps, half.floor)
      const difference = (step: number) => `PyTorch rises again after step ${step}.`
      return { ...annealing, until: half.steps, difference }
    }
  }
}

/** How the rates differ, if they do before the next scheduler starts. */
function sentence(schedulers: Scheduler[], starts: number[]): string {
  const found = schedulers.flatMap(({ until = Infinity, difference }, index) => {
    const [last, end] = [starts[index]! + until, starts[index + 1] ?? Infinity]
    return difference && last < end - 1 ? [difference(last)] : []
  })
  return found[0] ?? ''
}

export function pytorch(schedule: Schedule): Equivalent | undefined {
  const c: Fields = schedule.config
  if (schedule.class_name === 'PerEpoch') {
    const inner = pytorch(c.schedule)
    const epochs = `Call scheduler.step() once per epoch of ${c.batches} updates.`
    return inner && { line: inner.line, difference: `${epochs} ${inner.difference}`.trim() }
  }
  const parts = pieces(schedule)
  const starts = parts.map(([start]) => start)
  const schedulers = parts.flatMap(([, piece]) => single(piece) ?? [])
  const rate = Math.max(...schedulers.map((it) => it.rate))
  const usable = schedulers.every(({ line, rate: own, alone }) => {
    return (typeof line === 'function' || own === rate) && !(alone && parts.length > 1)
  })
  if (schedulers.length < parts.length || !usable) return undefined
  const optimizer = `optimizer = torch.optim.SGD(parameters, lr=${real(rate)})`
  const constant = parts.length === 1 && parts[0]![1].class_name === 'Constant'
  if (constant) return { line: optimizer, difference: '' }
  if (rate === 0) return undefined
  const lines = schedulers.map(({ line }) => (typeof line === 'function' ? line(rate) : line))
  const joined = `SequentialLR(optimizer, ${array(lines)}, ${array(starts.slice(1))})`
  const line = lines.length > 1 ? joined : lines[0]!
  const names = [...new Set(line.match(/\w+(?=\(optimizer)/g))].sort()
  const imported = `from torch.optim.lr_scheduler import ${names.join(', ')}`
  const text = `${imported}\n${optimizer}\nscheduler = ${line}`
  return { line: text, difference: sentence(schedulers, starts) }
}
