// The lines of Keras, PyTorch and Optax that give the same rates. Where neither a function of the
// library nor a plain formula does, there is no line. tests/equivalents has the evidence.

import { keras } from './equivalents/keras.ts'
import { optax } from './equivalents/optax.ts'
import { pytorch } from './equivalents/pytorch.ts'
import { simplified } from './equivalents/simplified.ts'
import type { Schedule } from './state.ts'

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

/** JAX counts in 32 bits with a sign. The digits of an `f32` are always fewer. */
const countable = (line: string) =>
  (line.match(/\d+/g) ?? []).every((digits) => Number(digits) < 2 ** 31)

/** `schedule` has every option, as `read` returns it. */
export function equivalents(schedule: Schedule): Equivalents {
  const simple = simplified(schedule)
  const found = Object.entries({ keras, pytorch, optax }).flatMap(([name, library]) => {
    const it = library(simple)
    if (!it || (library !== pytorch && !countable(it.line))) return []
    return [[name, { line: it.line, difference: it.difference }] as const]
  })
  return Object.fromEntries(found)
}
