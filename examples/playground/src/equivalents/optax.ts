// Lines for Optax. Any function of the step is a schedule there.

import type { Equivalent } from '../equivalents.ts'
import { inside, type Schedule } from '../state.ts'
import { array, call, cosine, ending, factors, flag, real, type Fields } from './python.ts'
import { pieces } from './simplified.ts'

interface Callable extends Equivalent {
  /** The rate at a step, which is a name or an expression in brackets. */
  at: (step: string) => string
}

const STAIRS = 'Compiled, Optax multiplies by 1/d, and some stairs begin a step late.'
const INCLUDED = "Optax' decay_steps includes the warm-up."

/** A function of Optax. */
function named(name: string, given: (string | number)[], difference = ''): Callable {
  const line = call(`optax.${name}`, ...given)
  return { line, difference, at: (step) => line + (step.startsWith('(') ? step : `(${step})`) }
}

/** A formula with functions inside. */
function formula(inner: Callable[], at: (step: string) => string): Callable {
  return { line: `lambda step: ${at('step')}`, difference: differences(inner), at }
}

const differences = (inner: Callable[]) =>
  [...new Set(inner.map((it) => it.difference))].filter((sentence) => sentence).join(' ')

/** Optax counts in 32 bits with a sign. The digits of an `f32` are always less. */
const countable = ({ line }: Callable) =>
  (line.match(/\d+/g) ?? []).every((digits) => Number(digits) < 2 ** 31)

export function optax(schedule: Schedule): Callable | undefined {
  const found = callable(schedule)
  return found && countable(found) ? found : undefined
}

function callable(schedule: Schedule): Callable | undefined {
  const { schedule: after, steps, from }: Fields = schedule.config
  const half = schedule.class_name === 'WarmedUp' && cosine(after)
  if (half) {
    const given = [real(from), real(half.rate), steps, steps + half.steps, half.floor]
    return named('warmup_cosine_decay_schedule', given, INCLUDED)
  }
  const parts = pieces(schedule)
  const joined = parts.flatMap(([, piece]) => single(piece) ?? [])
  if (joined.length < parts.length) return undefined
  if (joined.length === 1) return joined[0]
  const lines = joined.map(({ line }) => line)
  const starts = parts.slice(1).map(([start]) => start)
  return named('join_schedules', [array(lines), array(starts)], differences(joined))
}

/** The function of one piece. */
function single(schedule: Schedule): Callable | undefined {
  const { class_name, config } = schedule
  const c: Fields = config
  const rate = real(c.initial_learning_rate)
  const inner: Callable[] = inside(schedule).flatMap(([, it]) => callable(it) ?? [])
  if (inner.length < inside(schedule).length) return undefined
  const [f, g] = inner as [Callable, Callable]
  switch (class_name) {
    case 'Constant': {
      const rate = real(c.learning_rate)
      return { ...named('constant_schedule', [rate]), at: () => rate }
    }
    case 'ExponentialDecay': {
      const given = [rate, c.decay_steps, real(c.decay_rate), flag('staircase', c.staircase)]
      return named('exponential_decay', given, c.staircase ? STAIRS : '')
    }
    case 'MultiStep': {
      const changes = c.milestones.map((step: number) => `${step}: ${real(c.gamma)}`)
      return named('piecewise_constant_schedule', [rate, `{${changes.join(', ')}}`])
    }
    case 'PolynomialDecay': {
      if (c.cycle) return undefined
      const given = [rate, real(c.end_learning_rate), real(c.power), c.decay_steps]
      return named('polynomial_schedule', given, ending(c.power, c.end_learning_rate))
    }
    case 'Linear':
      return named('linear_schedule', [real(c.from), real(c.to), c.steps], ending(1, c.to))
    case 'InverseTimeDecay': {
      const per = c.staircase ? '//' : '/'
      return formula([], (step) => {
        return `${rate} / (1 + ${real(c.decay_rate)} * (${step} ${per} ${c.decay_steps}))`
      })
    }
    case 'InversePowerDecay':
      return formula([], (step) => {
        return `${rate} * (1 + ${step} / ${c.decay_steps}) ** -${real(c.power)}`
      })
    case 'OneMinusSqrt': {
      const [from, to] = [real(c.from), real(c.to)]
      return formula([], (step) => {
        const time = `jax.numpy.minimum(${step} / ${c.steps}, 1)`
        return `(${to} + (${from} - ${to}) * (1 - jax.numpy.sqrt(${time})))`
      })
    }
    case 'CosineDecay':
    case 'CosineAnnealing': {
      const half = cosine(schedule)
      if (half) return named('cosine_decay_schedule', [real(half.rate), half.steps, half.alpha])
      const { at } = named('cosine_decay_schedule', [real(c.to), c.steps])
      return formula([], (step) => `(${real(c.to)} - ${at(step)})`)
    }
    case 'CosineDecayRestarts': {
      if (c.t_mul !== 1 || c.m_mul !== 1) return undefined
      const given = [rate, c.first_decay_steps, c.alpha === 0 ? '' : real(c.alpha)]
      const { at } = named('cosine_decay_schedule', given)
      return formula([], (step) => at(`(${step} % ${c.first_decay_steps})`))
    }
    case 'OneCycle': {
      const { total_steps: total, warmup_steps: warm, linear, max_lr } = c
      const edges = linear ? [warm, 2 * warm] : [warm]
      // Optax truncates the product of a fraction and the total, and its edges must differ.
      const usable = edges.every((edge) => {
        return 0 < edge && edge < total && Math.trunc((edge / total) * total) === edge
      })
      if (!usable || linear !== c.three_phase) return undefined
      const given = [total, real(max_lr), ...edges.map((edge) => `${edge} / ${total}`)]
      return named(`${linear ? 'linear' : 'cosine'}_onecycle_schedule`, [...given, ...factors(c)])
    }
    case 'Cyclic': {
      const { step_size_up: up, step_size_down: down, exp_range: gamma } = c
      if (down === 0) return undefined
      return formula([], (step) => {
        const t = `${step} % ${up + down}`
        const triangle = `jax.numpy.minimum(${t} / ${up}, (${up + down} - ${t}) / ${down})`
        const falling = gamma === null ? '' : ` * ${real(gamma)} ** ${step}`
        const scale = c.triangular2 ? ` * 0.5 ** (${step} // ${up + down})` : falling
        const base = real(c.base_lr)
        return `(${base} + (${real(c.max_lr)} - ${base}) * ${triangle}${scale})`
      })
    }
    case 'Switched':
      return formula(inner, (step) => {
        return `jax.numpy.where(${step} < ${c.at}, ${f.at(step)}, ${g.at(step)})`
      })
    case 'Scaled':
      return formula(inner, (step) => `${real(c.factor)} * ${f.at(step)}`)
    case 'Plus':
      return formula(inner, (step) => `(${f.at(step)} + ${g.at(step)})`)
    case 'Times':
      return formula(inner, (step) => `${f.at(step)} * ${g.at(step)}`)
    case 'Bounded':
      return formula(inner, (step) => {
        return `jax.numpy.clip(${f.at(step)}, ${real(c.min)}, ${real(c.max)})`
      })
    case 'PerEpoch':
      return formula(inner, (step) => f.at(`(${step} // ${c.batches})`))
    case 'Repeated':
      return formula(inner, (step) => f.at(`(${step} % ${c.period})`))
    case 'Bounced':
      return formula(inner, (step) => {
        return f.at(`(${c.period} - abs(${c.period} - ${step} % ${2 * c.period}))`)
      })
    default:
      return undefined
  }
}
