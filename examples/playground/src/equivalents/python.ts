// Python as text, and what the libraries have in common.

import type { Schedule } from '../state.ts'

/** The fields of a schedule. The library has checked their types. */
export type Fields = Record<string, any>

/** A float. Keras takes the type of its rates from the first one. */
export const real = (value: number) => (Number.isInteger(value) ? value.toFixed(1) : String(value))
export const reals = (values: number[]) => array(values.map(real))
export const array = (items: (string | number)[]) => `[${items.join(', ')}]`

/** A call without the arguments that are empty. */
export const call = (name: string, ...given: (string | number)[]) =>
  `${name}(${given.filter((argument) => argument !== '').join(', ')})`
/** An argument with a name, or nothing at its default. */
export const option = (name: string, value: number, standard: number) =>
  value === standard ? '' : `${name}=${real(value)}`
export const flag = (name: string, set: boolean) => (set ? `${name}=True` : '')

/** The factors of a `OneCycle`. PyTorch and Optax have the same names and defaults. */
export const factors = (c: Fields) => [
  option('div_factor', c.div_factor ?? 25, 25),
  option('final_div_factor', c.final_div_factor ?? 1e4, 1e4),
]

/** Half a cosine. Its end is a fraction of its first rate, and a rate; both are empty for 0. */
export function cosine({ class_name, config }: Schedule) {
  const c: Fields = config
  if (class_name === 'CosineDecay') {
    const [rate, alpha] = [c.initial_learning_rate, c.alpha === 0 ? '' : real(c.alpha)]
    return { rate, steps: c.decay_steps, alpha, floor: alpha && `${alpha} * ${real(rate)}` }
  }
  if (class_name !== 'CosineAnnealing' || c.from === 0) return undefined
  const floor = c.to === 0 ? '' : real(c.to)
  return { rate: c.from, steps: c.steps, alpha: floor && `${floor} / ${real(c.from)}`, floor }
}

/** How a polynomial differs near its end in Keras and Optax. */
export function ending(power: number, end: number): string {
  if (!Number.isInteger(power)) {
    return 'Compiled by JAX, 1 - s/d may miss 0 at the end, and the rate is then inexact or NaN.'
  }
  const negative = 'Compiled by JAX, the rate may be slightly below 0 at the end.'
  return power === 1 && end === 0 ? negative : ''
}
