// What a schedule costs on a chip: rows of the table in docs/cortex-m.md, which firmware measured.

import { inside, type Schedule } from './state.ts'

export interface Cost {
  /** The name of the row, which says what was measured. */
  row: string
  m0: { instructions: string; flash: string }
  m4f: { instructions: string; flash: string }
}

/** The table as text; vite.config.ts reads it. */
declare const COST_TABLE: string

const ROWS = new Map<string, Cost>()
let previous = ''
for (const line of COST_TABLE.trim().split('\n').slice(2)) {
  const [name, i0, , f0, i4, , f4] = line
    .split('|')
    .slice(1)
    .map((cell) => cell.trim()) as string[]
  if (!name!.startsWith('the same')) previous = name!
  const row = name!.replace(/^the same/, previous)
  const m0 = { instructions: i0!, flash: f0! }
  ROWS.set(row, { row, m0, m4f: { instructions: i4!, flash: f4! } })
}

/** The row whose options are nearest. A constant has none. */
function rowOf({ class_name, config }: Schedule): string | undefined {
  switch (class_name) {
    case 'ExponentialDecay':
      return config.staircase ? 'exponential, staircase' : 'exponential'
    case 'PolynomialDecay':
      if (config.power === 1) return 'polynomial, linear, cycle'
      return config.power === 0.5 ? 'polynomial, power 0.5, cycle' : 'polynomial, power 1.7'
    case 'CosineDecay':
      if (config.alpha || config.warmup_steps) return 'cosine, alpha and warm-up'
      return Number(config.decay_steps) < 1e6 ? 'cosine, 500 steps' : 'cosine, 4·10⁹ steps'
    case 'CosineDecayRestarts':
      if (config.t_mul === 1) return 'restarts, t_mul 1, m_mul 0.999'
      if (config.t_mul === 2) return `restarts, t_mul 2${config.m_mul === 1 ? '' : ', m_mul 0.9'}`
      return Number(config.t_mul) < 1.1 ? 'restarts, t_mul 1.01, m_mul 0.9' : 'restarts, t_mul 1.5'
    case 'InversePowerDecay':
      return config.power === 0.5 ? 'inverse power 0.5' : 'inverse power 0.25'
    case 'WarmupStableDecay':
      return `warm-up, stable, decay${config.one_minus_sqrt ? ', 1 - √u' : ''}`
    case 'Cyclic':
      return config.triangular2 ? 'cyclic, triangular2' : 'cyclic'
    default:
      return OTHERS[class_name]
  }
}

const OTHERS: Record<string, string> = {
  PiecewiseConstantDecay: 'piecewise constant, 3 boundaries',
  MultiStep: 'multi-step, 3 milestones',
  InverseTimeDecay: 'inverse time',
  CosineDecayRestartsWithin: 'restarts, 3 cycles in 1000 steps',
  Linear: 'linear',
  CosineAnnealing: 'cosine annealing',
  OneCycle: 'one cycle',
  Interpolated: 'interpolated, 4 points',
  RandomUniform: 'random uniform',
  WarmedUp: 'exponential, warmed up',
  Then: 'constant, then exponential',
  Switched: 'constant, then exponential',
  Delayed: 'exponential, delayed',
  Scaled: 'exponential, scaled',
  Bounded: 'exponential, bounded',
  Plus: 'exponential plus constant',
  Times: 'exponential times linear',
  PerEpoch: 'exponential, per epoch',
  Repeated: 'exponential, repeated',
  Bounced: 'exponential, bounced',
  Jittered: 'constant, jittered',
}

/** The costs of the schedule and of those inside, from outside to inside. */
export function costs(schedule: Schedule): Cost[] {
  const own = ROWS.get(rowOf(schedule) ?? '')
  return [...(own ? [own] : []), ...inside(schedule).flatMap(([, inner]) => costs(inner))]
}
