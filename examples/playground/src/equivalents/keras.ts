// Lines for Keras. It has no functions for several schedules one after another.

import type { Equivalent } from '../equivalents.ts'
import type { Schedule } from '../state.ts'
import { array, call, cosine, ending, flag, option, real, reals, type Fields } from './python.ts'

const STAIRS =
  'Keras computes the step in 32-bit floats, so stairs may begin late: compiled by JAX, ' +
  'and beyond step 2^24.'
const SMALL = 'Near the end Keras subtracts nearly equal numbers, so small rates are less accurate.'
const LATE = 'Keras finds a restart by a logarithm, sometimes a step late.'

function same(name: string, given: (string | number)[], difference = ''): Equivalent {
  return { line: call(`keras.optimizers.schedules.${name}`, ...given), difference }
}

export function keras({ class_name, config }: Schedule): Equivalent | undefined {
  const c: Fields = config
  const rate = real(c.initial_learning_rate)
  switch (class_name) {
    case 'Constant':
      return { line: `keras.optimizers.SGD(${real(c.learning_rate)})`, difference: '' }
    case 'ExponentialDecay':
    case 'InverseTimeDecay': {
      const given = [rate, c.decay_steps, real(c.decay_rate), flag('staircase', c.staircase)]
      return same(class_name, given, c.staircase ? STAIRS : '')
    }
    case 'InversePowerDecay':
      return c.power === 1 ? same('InverseTimeDecay', [rate, c.decay_steps, '1.0']) : undefined
    case 'PiecewiseConstantDecay':
      return same(class_name, [array(c.boundaries), reals(c.values)])
    case 'MultiStep': {
      const boundaries = c.milestones.map((step: number) => step - 1)
      const values = `[${rate} * ${real(c.gamma)}**i for i in range(${boundaries.length + 1})]`
      return same('PiecewiseConstantDecay', [array(boundaries), values])
    }
    case 'PolynomialDecay': {
      const options = [option('power', c.power, 1), flag('cycle', c.cycle)]
      const given = [rate, c.decay_steps, real(c.end_learning_rate), ...options]
      return same(class_name, given, ending(c.power, c.end_learning_rate))
    }
    case 'Linear':
      return same('PolynomialDecay', [real(c.from), c.steps, real(c.to)], ending(1, c.to))
    case 'CosineDecayRestarts': {
      const options = [option('t_mul', c.t_mul, 2), option('m_mul', c.m_mul, 1)]
      const given = [rate, c.first_decay_steps, ...options, option('alpha', c.alpha, 0)]
      return same(class_name, given, c.t_mul === 1 ? '' : LATE)
    }
    case 'CosineDecay':
    case 'CosineAnnealing':
    case 'WarmedUp': {
      const warm = class_name === 'WarmedUp'
      const half = cosine(warm ? c.schedule : { class_name, config })
      if (!half) return undefined
      const peak = real(half.rate)
      const warmup = warm ? [`warmup_target=${peak}`, `warmup_steps=${c.steps}`] : []
      const alpha = half.alpha && `alpha=${half.alpha}`
      const given = [warm ? real(c.from) : peak, half.steps, alpha, ...warmup]
      return same('CosineDecay', given, half.alpha === '' ? SMALL : '')
    }
    default:
      return undefined
  }
}
