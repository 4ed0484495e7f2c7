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

/** `schedule` has every option, as `read` returns it. */
export function equivalents(schedule: Schedule): Equivalents {
  const simple = simplified(schedule)
  const found = Object.entries({ keras, pytorch, optax }).flatMap(([name, library]) => {
    const it = library(simple)
    return it ? [[name, { line: it.line, difference: it.difference }] as const] : []
  })
  return Object.fromEntries(found)
}
