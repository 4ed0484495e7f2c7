// The lines of Keras, PyTorch and Optax that give the same rates. Without an exact equivalent there
// is no line.

import { Curve } from '../wasm/pkg/microlr_playground.js'
import { inside, json, type Schedule } from './state.ts'

export interface Equivalent {
  line: string
  /** How the rates differ, in a sentence; empty where they do not. */
  difference: string
}

export interface Equivalents {
  keras?: Equivalent
  pytorch?: Equivalent
  optax?: Equivalent
}

/** `schedule` has every option, as `read` returns it. */
export function equivalents(schedule: Schedule): Equivalents {
  const torch = pytorch(schedule)
  const found: Equivalents = {}
  const [k, o] = [keras(schedule), optax(schedule)]
  if (k) found.keras = { ...k, line: `keras.optimizers.schedules.${k.line}` }
  if (torch) {
    const [only, ...more] = torch.parts
    const line = more.length
      ? `SequentialLR(optimizer, ${array(torch.parts)}, ${array(torch.milestones)})`
      : only!
    const optimizer = `optimizer = torch.optim.SGD(parameters, lr=${real(torch.rate)})`
    const names = [...new Set(line.match(/[A-Z]\w+(?=\(optimizer)/g))].sort()
    const imported = `from torch.optim.lr_scheduler import ${names.join(', ')}`
    const lines = line === CONSTANT ? [optimizer] : [imported, optimizer, `scheduler = ${line}`]
    found.pytorch = { line: lines.join('\n'), difference: torch.difference }
  }
  if (o) found.optax = o
  return found
}

type Config = ReturnType<typeof fields>

/** The fields by kind, so that each is used as what it is. */
function fields({ config }: Schedule) {
  return {
    number: (name: string) => config[name] as number,
    real: (name: string) => real(config[name] as number),
    list: (name: string) => config[name] as number[],
    is: (name: string) => config[name] === true,
    inner: (name: string) => config[name] as unknown as Schedule,
  }
}

/** A float of Python: Keras takes the type of its rates from the first one. */
const real = (value: number) => (Number.isInteger(value) ? value.toFixed(1) : String(value))
/** The arguments in brackets, without those that are empty. */
const call = (name: string, ...given: (string | number)[]) =>
  `${name}(${given.filter((it) => it !== '').join(', ')})`
/** An argument with a name, or nothing at its default. */
const option = (name: string, value: number, standard: number) =>
  value === standard ? '' : `${name}=${real(value)}`
const flag = (name: string, set: boolean) => (set ? `${name}=True` : '')
const same = (line: string, difference = ''): Equivalent => ({ line, difference })

/** The sentences of several, each once. */
const sentences = (...all: { difference: string }[]) =>
  [...new Set(all.map((it) => it.difference).filter((it) => it))].join(' ')

// Keras

const STAIRS =
  'Keras computes the step in 32-bit floats, so some stairs beyond step 2^24 begin late.'
const SMALL =
  'Near the end Keras subtracts nearly equal numbers, so its small rates are less accurate.'
const LATE = 'Keras finds a restart by a logarithm, sometimes a step late.'
const BOUNDARY = 'A boundary there belongs to the value before it.'

function keras(schedule: Schedule): Equivalent | undefined {
  const c = fields(schedule)
  const rate = c.real('initial_learning_rate')
  switch (schedule.class_name) {
    case 'ExponentialDecay':
    case 'InverseTimeDecay': {
      const stairs = c.is('staircase')
      const given = [rate, c.number('decay_steps'), c.real('decay_rate'), flag('staircase', stairs)]
      return same(call(schedule.class_name, ...given), stairs ? STAIRS : '')
    }
    case 'PiecewiseConstantDecay':
      return same(
        call(
          'PiecewiseConstantDecay',
          array(c.list('boundaries')),
          array(c.list('values').map(real)),
        ),
      )
    case 'MultiStep': {
      const [steps, gamma] = [c.list('milestones'), c.real('gamma')]
      const values = `[${rate} * ${gamma}**i for i in range(${steps.length + 1})]`
      return same(
        call('PiecewiseConstantDecay', `[m - 1 for m in ${array(steps)}]`, values),
        BOUNDARY,
      )
    }
    case 'PolynomialDecay': {
      const options = [option('power', c.number('power'), 1), flag('cycle', c.is('cycle'))]
      return same(
        call(
          'PolynomialDecay',
          rate,
          c.number('decay_steps'),
          c.real('end_learning_rate'),
          ...options,
        ),
      )
    }
    case 'Linear':
      return same(call('PolynomialDecay', c.real('from'), c.number('steps'), c.real('to')))
    case 'InversePowerDecay':
      return c.number('power') === 1
        ? same(call('InverseTimeDecay', rate, c.number('decay_steps'), '1.0'))
        : undefined
    case 'CosineDecay': {
      const warm = warmup(c)
      const options = warm ? [`warmup_target=${real(warm.peak)}`, `warmup_steps=${warm.steps}`] : []
      return same(
        call(
          'CosineDecay',
          rate,
          c.number('decay_steps'),
          option('alpha', c.number('alpha'), 0),
          ...options,
        ),
        SMALL,
      )
    }
    case 'CosineAnnealing': {
      const [from, to] = [c.number('from'), c.number('to')]
      const alpha = to === 0 ? '' : `alpha=${real(to)} / ${real(from)}`
      return from > 0
        ? same(call('CosineDecay', real(from), c.number('steps'), alpha), SMALL)
        : undefined
    }
    case 'CosineDecayRestarts': {
      const options = [option('t_mul', c.number('t_mul'), 2), option('m_mul', c.number('m_mul'), 1)]
      return same(
        call(
          'CosineDecayRestarts',
          rate,
          c.number('first_decay_steps'),
          ...options,
          option('alpha', c.number('alpha'), 0),
        ),
        LATE,
      )
    }
    case 'WarmedUp': {
      const [inner, steps] = [c.inner('schedule'), c.number('steps')]
      const cosine = fields(inner)
      if (
        inner.class_name !== 'CosineDecay' ||
        warmup(cosine) ||
        c.is('without_zero') ||
        steps === 0
      )
        return undefined
      const peak = cosine.real('initial_learning_rate')
      const options = [
        option('alpha', cosine.number('alpha'), 0),
        `warmup_target=${peak}`,
        `warmup_steps=${steps}`,
      ]
      return same(
        call('CosineDecay', c.real('from'), cosine.number('decay_steps'), ...options),
        SMALL,
      )
    }
    default:
      return undefined
  }
}

const array = (numbers: (number | string)[]) => `[${numbers.join(', ')}]`

/** The warm-up of a CosineDecay. */
function warmup(c: Config): { peak: number; steps: number } | null {
  const [peak, steps] = [c.number('warmup_target') as number | null, c.number('warmup_steps')]
  return peak === null || steps === 0 ? null : { peak, steps }
}

// PyTorch. `rate` is that of the optimizer, which a scheduler multiplies.

interface Scheduler {
  rate: number
  /** One scheduler, or several, each from its milestone on. */
  parts: string[]
  milestones: number[]
  difference: string
}

const CONSTANT = 'LambdaLR(optimizer, lambda step: 1.0)'
const RISES = 'PyTorch rises again after the last step of the cosine.'

function pytorch(schedule: Schedule): Scheduler | undefined {
  const c = fields(schedule)
  const rate = c.number('initial_learning_rate')
  const scheduler = (rate: number, name: string, given: (string | number)[], difference = '') =>
    rate > 0
      ? { rate, parts: [call(name, 'optimizer', ...given)], milestones: [], difference }
      : undefined
  switch (schedule.class_name) {
    case 'Constant':
      return { rate: c.number('learning_rate'), parts: [CONSTANT], milestones: [], difference: '' }
    case 'ExponentialDecay': {
      const [steps, factor] = [c.number('decay_steps'), c.number('decay_rate')]
      if (c.is('staircase')) return scheduler(rate, 'StepLR', [steps, factor])
      return scheduler(rate, 'ExponentialLR', [
        steps === 1 ? factor : `${factor} ** (1 / ${steps})`,
      ])
    }
    case 'MultiStep':
      return scheduler(rate, 'MultiStepLR', [array(c.list('milestones')), c.number('gamma')])
    case 'PolynomialDecay': {
      const plain = c.number('end_learning_rate') === 0 && !c.is('cycle')
      return plain
        ? scheduler(rate, 'PolynomialLR', [c.number('decay_steps'), c.number('power')])
        : undefined
    }
    case 'InverseTimeDecay': {
      const time = `step ${c.is('staircase') ? '//' : '/'} ${c.number('decay_steps')}`
      return scheduler(rate, 'LambdaLR', [
        `lambda step: 1 / (1 + ${c.number('decay_rate')} * (${time}))`,
      ])
    }
    case 'InversePowerDecay':
      return scheduler(rate, 'LambdaLR', [
        `lambda step: (1 + step / ${c.number('decay_steps')}) ** -${c.number('power')}`,
      ])
    case 'Linear': {
      const [from, to] = [c.number('from'), c.number('to')]
      const rate = Math.max(from, to)
      const part = (value: number) => (value === rate ? '1.0' : `${value} / ${rate}`)
      return from > 0
        ? scheduler(rate, 'LinearLR', [part(from), part(to), c.number('steps')])
        : undefined
    }
    case 'CosineDecay': {
      const [warm, steps, alpha] = [warmup(c), c.number('decay_steps'), c.number('alpha')]
      const peak = warm?.peak ?? rate
      const cosine = scheduler(
        peak,
        'CosineAnnealingLR',
        [steps, alpha === 0 ? '' : `${alpha} * ${peak}`],
        RISES,
      )
      return warm && cosine ? warmed(cosine, rate, warm.steps, false) : cosine
    }
    case 'CosineAnnealing': {
      const [from, to] = [c.number('from'), c.number('to')]
      return from >= to
        ? scheduler(from, 'CosineAnnealingLR', [c.number('steps'), to || ''], RISES)
        : undefined
    }
    case 'CosineDecayRestarts': {
      const [growth, alpha] = [c.number('t_mul'), c.number('alpha')]
      if (!Number.isInteger(growth) || c.number('m_mul') !== 1) return undefined
      const options = [growth, alpha === 0 ? '' : `${alpha} * ${rate}`]
      return scheduler(rate, 'CosineAnnealingWarmRestarts', [
        c.number('first_decay_steps'),
        ...options,
      ])
    }
    case 'OneCycle': {
      const total = c.number('total_steps') + 1
      const options = [
        `pct_start=${c.number('warmup_steps') + 1} / ${total}`,
        option('div_factor', c.number('div_factor') ?? 25, 25),
        option('final_div_factor', c.number('final_div_factor') ?? 1e4, 1e4),
        c.is('linear') ? "anneal_strategy='linear'" : '',
        flag('three_phase', c.is('three_phase')),
        'cycle_momentum=False',
      ]
      return scheduler(
        c.number('max_lr'),
        'OneCycleLR',
        [c.number('max_lr'), total, ...options],
        `At step ${total} PyTorch goes beyond the end, and later it raises an error.`,
      )
    }
    case 'Cyclic': {
      const [up, down] = [c.number('step_size_up'), c.number('step_size_down')]
      const gamma = c.number('exp_range') as number | null
      if (c.is('triangular2') && gamma !== null) return undefined
      const mode = c.is('triangular2')
        ? "mode='triangular2'"
        : gamma === null
          ? ''
          : `mode='exp_range', gamma=${gamma}`
      const given = [
        c.number('base_lr'),
        c.number('max_lr'),
        up,
        down === up ? '' : down,
        mode,
        'cycle_momentum=False',
      ]
      return scheduler(c.number('max_lr'), 'CyclicLR', given)
    }
    case 'WarmedUp': {
      const scheduler = pytorch(c.inner('schedule'))
      const whole =
        scheduler && new Curve(json(c.inner('schedule'))).lr(0) === Math.fround(scheduler.rate)
      return whole
        ? warmed(scheduler, c.number('from'), c.number('steps'), c.is('without_zero'))
        : undefined
    }
    case 'Then': {
      const [first, next, at] = [
        pytorch(c.inner('first')),
        pytorch(c.inner('next')),
        c.number('at'),
      ]
      const whole =
        first && next && first.rate === next.rate && at > Math.max(0, ...first.milestones)
      return whole ? joined(first, next, at) : undefined
    }
    default:
      return undefined
  }
}

const joined = (first: Omit<Scheduler, 'rate'>, next: Scheduler, at: number): Scheduler => ({
  rate: next.rate,
  difference: sentences(first, next),
  parts: [...first.parts, ...next.parts],
  milestones: [...first.milestones, at, ...next.milestones.map((step) => at + step)],
})

/** After a line to the rate of the optimizer. LinearLR cannot begin at 0. */
function warmed(
  scheduler: Scheduler,
  from: number,
  steps: number,
  withoutZero: boolean,
): Scheduler | undefined {
  if (steps === 0) return scheduler
  if (from > scheduler.rate || (withoutZero && from > 0)) return undefined
  const elapsed = withoutZero ? '(step + 1)' : 'step'
  const line =
    from > 0
      ? `LinearLR(optimizer, ${from} / ${scheduler.rate}, 1.0, ${steps})`
      : `LambdaLR(optimizer, lambda step: ${elapsed} / ${steps})`
  return joined({ parts: [line], milestones: [], difference: '' }, scheduler, steps)
}

// Optax, where any function of the step is a schedule.

const COMPILED =
  'Compiled, Optax multiplies by the inverse of the steps, so some stairs begin a step late.'
const FIRST = 'A boundary there is the first step of the next value.'

function optax(schedule: Schedule): Equivalent | undefined {
  const c = fields(schedule)
  const rate = c.real('initial_learning_rate')
  const inner = Object.fromEntries(inside(schedule).map(([name, inner]) => [name, optax(inner)]))
  /** A function of schedules inside, which must have lines. */
  const composed = (names: string[], line: (...lines: string[]) => string) => {
    const found = names.map((name) => inner[name])
    const known = found.flatMap((it) => it ?? [])
    if (known.length < names.length) return undefined
    return same(line(...known.map((it) => it.line)), sentences(...known))
  }
  const decay = (from: string, steps: number, alpha: number | string) =>
    call('optax.cosine_decay_schedule', from, steps, alpha || '')
  switch (schedule.class_name) {
    case 'Constant':
      return same(call('optax.constant_schedule', c.real('learning_rate')))
    case 'ExponentialDecay': {
      const stairs = c.is('staircase')
      const given = [rate, c.number('decay_steps'), c.real('decay_rate'), flag('staircase', stairs)]
      return same(call('optax.exponential_decay', ...given), stairs ? COMPILED : '')
    }
    case 'PiecewiseConstantDecay': {
      const values = array(c.list('values').map(real))
      const pieces = `[optax.constant_schedule(value) for value in ${values}]`
      return same(
        call('optax.join_schedules', pieces, `[b + 1 for b in ${array(c.list('boundaries'))}]`),
        FIRST,
      )
    }
    case 'MultiStep': {
      const factors = c.list('milestones').map((step) => `${step}: ${c.real('gamma')}`)
      return same(call('optax.piecewise_constant_schedule', rate, `{${factors.join(', ')}}`))
    }
    case 'PolynomialDecay': {
      const given = [rate, c.real('end_learning_rate'), c.real('power'), c.number('decay_steps')]
      return c.is('cycle') ? undefined : same(call('optax.polynomial_schedule', ...given))
    }
    case 'InverseTimeDecay': {
      const time = `step ${c.is('staircase') ? '//' : '/'} ${c.number('decay_steps')}`
      return same(`lambda step: ${rate} / (1 + ${c.real('decay_rate')} * (${time}))`)
    }
    case 'InversePowerDecay':
      return same(
        `lambda step: ${rate} * (1 + step / ${c.number('decay_steps')}) ** -${c.real('power')}`,
      )
    case 'CosineDecay': {
      const [warm, steps, alpha] = [warmup(c), c.number('decay_steps'), c.number('alpha')]
      if (!warm) return same(decay(rate, steps, alpha))
      const end = alpha === 0 ? '' : `end_value=${alpha} * ${real(warm.peak)}`
      const given = [rate, real(warm.peak), warm.steps, warm.steps + steps, end]
      return same(
        call('optax.warmup_cosine_decay_schedule', ...given),
        'Its decay_steps include the warm-up.',
      )
    }
    case 'CosineDecayRestarts': {
      const [length, plain] = [
        c.number('first_decay_steps'),
        c.number('t_mul') === 1 && c.number('m_mul') === 1,
      ]
      return plain
        ? same(`lambda step: ${decay(rate, length, c.number('alpha'))}(step % ${length})`)
        : undefined
    }
    case 'Linear':
      return same(call('optax.linear_schedule', c.real('from'), c.real('to'), c.number('steps')))
    case 'CosineAnnealing': {
      const [from, to] = [c.number('from'), c.number('to')]
      return from > 0
        ? same(decay(real(from), c.number('steps'), to && `${to} / ${from}`))
        : undefined
    }
    case 'OneCycle': {
      const [total, warm] = [c.number('total_steps'), c.number('warmup_steps')]
      const lines = c.is('linear') && c.is('three_phase')
      // Optax truncates the product of the fraction and the total.
      const exact = [warm, 2 * warm].every((steps) => Math.trunc((steps / total) * total) === steps)
      if (!exact || c.is('linear') !== c.is('three_phase')) return undefined
      const parts = lines
        ? [`${warm} / ${total}`, `${2 * warm} / ${total}`]
        : [`${warm} / ${total}`]
      const factors = [c.number('div_factor') ?? 25, c.number('final_div_factor') ?? 1e4]
      return same(
        call(
          `optax.${lines ? 'linear' : 'cosine'}_onecycle_schedule`,
          total,
          c.real('max_lr'),
          ...parts,
          ...factors.map(real),
        ),
      )
    }
    case 'WarmupStableDecay': {
      const [peak, floor, decaySteps] = [
        c.number('peak'),
        c.number('floor'),
        c.number('decay_steps'),
      ]
      const [warm, stable] = [c.number('warmup_steps'), c.number('stable_steps')]
      if (c.is('one_minus_sqrt') || warm === 0 || stable === 0 || decaySteps === 0 || peak === 0)
        return undefined
      const last = c.is('cosine')
        ? decay(real(peak), decaySteps, floor && `${floor} / ${peak}`)
        : call('optax.linear_schedule', real(peak), real(floor), decaySteps)
      const pieces = [
        call('optax.linear_schedule', '0.0', real(peak), warm),
        call('optax.constant_schedule', real(peak)),
        last,
      ]
      return same(
        call('optax.join_schedules', `[${pieces.join(', ')}]`, array([warm, warm + stable])),
      )
    }
    case 'Interpolated': {
      const [steps, rates] = [c.list('steps'), c.list('rates')]
      if (steps[0] !== 0 || rates.slice(0, -1).includes(0)) return undefined
      const factors = steps
        .slice(1)
        .map((step, index) => `${step}: ${rates[index + 1]} / ${rates[index]}`)
      const kind = c.is('cosine') ? "'cosine'" : "'linear'"
      return same(
        call(
          'optax.piecewise_interpolate_schedule',
          kind,
          real(rates[0]!),
          `{${factors.join(', ')}}`,
        ),
      )
    }
    case 'WarmedUp': {
      const steps = c.number('steps')
      if (steps === 0) return inner.schedule
      const first = shortest(new Curve(json(c.inner('schedule'))).lr(0))
      const line = call('optax.linear_schedule', c.real('from'), real(first), steps)
      const warm = c.is('without_zero') ? `lambda step: ${line}(step + 1)` : line
      return composed(['schedule'], (f) =>
        call('optax.join_schedules', `[${warm}, ${f}]`, array([steps])),
      )
    }
    case 'Then':
      return composed(['first', 'next'], (f, g) =>
        call('optax.join_schedules', `[${f}, ${g}]`, array([c.number('at')])),
      )
    case 'Switched':
      return composed(
        ['first', 'next'],
        (f, g) => `lambda step: jax.numpy.where(step < ${c.number('at')}, ${of(f)}, ${of(g)})`,
      )
    case 'Delayed':
      return composed(
        ['schedule'],
        (f) => `lambda step: ${of(f, `jax.numpy.maximum(step - ${c.number('steps')}, 0)`)}`,
      )
    case 'Scaled':
      return composed(['schedule'], (f) => `lambda step: ${c.real('factor')} * ${of(f)}`)
    case 'Plus':
      return composed(['first', 'second'], (f, g) => `lambda step: ${of(f)} + ${of(g)}`)
    case 'Times':
      return composed(['first', 'second'], (f, g) => `lambda step: ${of(f)} * ${of(g)}`)
    case 'Bounded':
      return composed(
        ['schedule'],
        (f) => `lambda step: jax.numpy.clip(${of(f)}, ${c.real('min')}, ${c.real('max')})`,
      )
    case 'PerEpoch':
      return composed(
        ['schedule'],
        (f) => `lambda step: ${of(f, `step // ${c.number('batches')}`)}`,
      )
    case 'Repeated':
      return composed(['schedule'], (f) => `lambda step: ${of(f, `step % ${c.number('period')}`)}`)
    case 'Bounced': {
      const period = c.number('period')
      return composed(
        ['schedule'],
        (f) => `lambda step: ${of(f, `${period} - abs(${period} - step % ${2 * period})`)}`,
      )
    }
    default:
      return undefined
  }
}

/** A call of a function, which may be a lambda. */
const of = (f: string, step = 'step') =>
  f.startsWith('lambda') ? `(${f})(${step})` : `${f}(${step})`

/** The shortest decimal that is this `f32`. */
export function shortest(rate: number): number {
  const digits = [1, 2, 3, 4, 5, 6, 7, 8].find(
    (digits) => Math.fround(Number(rate.toPrecision(digits))) === rate,
  )
  return digits ? Number(rate.toPrecision(digits)) : Number(rate.toPrecision(9))
}
