// What a schedule costs on a chip: rows of the table in docs/cortex-m.md, which firmware measured.

import { inside, type Schedule } from './state.ts'

export interface Cost {
  class_name: string
  /** The name of the row, which says what was measured. */
  row: string
  m0: { instructions: string; flash: string }
  m4f: { instructions: string; flash: string }
}

/** The table as text; vite.config.ts reads it. */
declare const COST_TABLE: string

const ROWS = new Map<string, Cost>()
for (const line of COST_TABLE.trim().split('\n').slice(2)) {
  const [row, i0, , f0, i4, , f4] = line
    .split('|')
    .slice(1)
    .map((cell) => cell.trim()) as string[]
  ROWS.set(row!, {
    class_name: '',
    row: row!,
    m0: { instructions: i0!, flash: f0! },
    m4f: { instructions: i4!, flash: f4! },
  })
}

/** The row whose options are nearest, or none for a constant. */
export function row({ class_name, config }: Schedule): string | undefined {
  switch (class_name) {
    case 'ExponentialDecay':
      return config.staircase ? 'exponential, staircase' : 'exponential'
    case 'PiecewiseConstantDecay':
      return 'piecewise constant, 3 boundaries'
    case 'MultiStep':
      return 'multi-step, 3 milestones'
    case 'PolynomialDecay':
      if (config.power === 1) return 'polynomial, linear, cycle'
      return config.power === 0.5 ? 'polynomial, power 0.5, cycle' : 'polynomial, power 1.7'
    case 'InverseTimeDecay':
      return 'inverse time'
    case 'CosineDecay':
      return config.alpha || config.warmup_steps ? 'cosine, alpha and warm-up' : 'cosine, 500 steps'
    case 'CosineDecayRestarts':
      if (config.t_mul === 1) return 'restarts, t_mul 1, m_mul 0.999'
      if (config.t_mul !== 2)
        return (config.t_mul as number) < 1.125
          ? 'restarts, t_mul 1.01, m_mul 0.9'
          : 'restarts, t_mul 1.5'
      return config.m_mul === 1 ? 'restarts, t_mul 2' : 'restarts, t_mul 2, m_mul 0.9'
    case 'InversePowerDecay':
      return config.power === 0.5 ? 'inverse power 0.5' : 'inverse power 0.25'
    case 'WarmupStableDecay':
      return config.one_minus_sqrt ? 'the same, 1 - √u' : 'warm-up, stable, decay'
    case 'Cyclic':
      return config.triangular2 ? 'cyclic, triangular2' : 'cyclic'
    default:
      return OTHERS[class_name]
  }
}

const OTHERS: Record<string, string> = {
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

/** The costs of the schedule and of those inside, each in the order from outside to inside. */
export function costs(schedule: Schedule): Cost[] {
  const cost = ROWS.get(row(schedule) ?? '')
  const own = cost ? [{ ...cost, class_name: schedule.class_name }] : []
  return [...own, ...inside(schedule).flatMap(([, inner]) => costs(inner))]
}
