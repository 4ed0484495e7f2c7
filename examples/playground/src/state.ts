// The state of the page, and the address that holds it.

import { Curve } from '../wasm/pkg/microlr_playground.js'

/** What the library reads and writes. Text in place of a number is invalid, as the library says. */
export interface Schedule {
  class_name: string
  config: Record<string, Value>
}
export type Value = number | boolean | string | null | Value[] | Schedule

export interface State {
  a: Schedule
  /** The second schedule, if two are compared. */
  b: Schedule | null
  from: number
  to: number
  step: number
  log: boolean
}

export const LAST = 2 ** 32 - 1

export function isSchedule(value: Value | undefined): value is Schedule {
  return typeof value === 'object' && value !== null && 'class_name' in value
}

/** The schedules inside of an adaptor, with their fields. */
export function inside(schedule: Schedule): [string, Schedule][] {
  return Object.entries(schedule.config).filter((entry): entry is [string, Schedule] =>
    isSchedule(entry[1]),
  )
}

/** JSON for the library. An integer that JavaScript would round, as a seed of 64 bits, is a text of
 *  digits in this page. */
export function json(schedule: Schedule): string {
  return unquoted(JSON.stringify(schedule))
}

const unquoted = (json: string) => json.replace(/"(\d{16,20})"/g, '$1')

/** The same schedule with every option, or an error whose text is a sentence. */
export function read(text: string): Schedule {
  try {
    const curve = new Curve(unquoted(text))
    return objects(JSON.parse(curve.json().replace(/: (\d{16,20})\b/g, ': "$1"')))
  } catch (sentence) {
    throw new Error(String(sentence))
  }
}

/** With an object in place of a plain number, so that every schedule has fields. */
function objects(value: Value): Schedule {
  if (!isSchedule(value)) return { class_name: 'Constant', config: { learning_rate: value } }
  const { class_name, config } = value
  const fields = Object.entries(config).map(([field, value]): [string, Value] => {
    const schedule = ['schedule', 'first', 'second', 'next'].includes(field)
    return [field, schedule ? objects(value) : value]
  })
  return { class_name, config: Object.fromEntries(fields) }
}

export function address(state: State): string {
  const { a, b, from, to, step, log } = state
  const parameters = new URLSearchParams({ a: JSON.stringify(a) })
  if (b) parameters.set('b', JSON.stringify(b))
  for (const [name, value] of Object.entries({ from, to, step }))
    parameters.set(name, String(value))
  if (log) parameters.set('log', '1')
  return `#${parameters}`
}

/** The state in the fragment of an address. A schedule that is not valid is an error. */
export function parse(fragment: string): State | null {
  const parameters = new URLSearchParams(fragment.replace(/^#/, ''))
  const [a, b] = [parameters.get('a'), parameters.get('b')]
  if (!a) return null
  const number = (name: string, otherwise: number) =>
    stepOf(parameters.get(name) ?? '') ?? otherwise
  const to = Math.max(number('to', 500), 1)
  const from = Math.min(number('from', 0), to - 1)
  const step = Math.min(Math.max(number('step', from), from), to)
  return { a: read(a), b: b ? read(b) : null, from, to, step, log: parameters.get('log') === '1' }
}

/** A step, or null. */
export function stepOf(text: string): number | null {
  return /^\d{1,10}$/.test(text.trim()) && Number(text) <= LAST ? Number(text) : null
}
