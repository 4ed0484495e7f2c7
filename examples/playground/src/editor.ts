// The form of a schedule: a group of fields, and groups in it for the schedules inside of adaptors.

import { html, nothing, type TemplateResult } from 'lit-html'
import { ref } from 'lit-html/directives/ref.js'
import { Curve } from '../wasm/pkg/microlr_playground.js'
import { ADAPTORS, SCHEDULES } from './classes.ts'
import { inside, isSchedule, json, read, type Schedule, type Value } from './state.ts'

/** What is wrong with which field. Without a field it is the schedule as a whole. */
export interface Problem {
  schedule: Schedule
  field: string | undefined
  sentence: string
}

/** The first problem; that of a schedule inside comes before that of its adaptor. */
export function problem(schedule: Schedule): Problem | null {
  for (const [, inner] of inside(schedule)) {
    const found = problem(inner)
    if (found) return found
  }
  try {
    new Curve(json(schedule)).free()
    return null
  } catch (error) {
    const sentence = String(error).replace(/^\w+: /, '')
    const field = /`(\w+)`/.exec(sentence)?.[1]
    // The option `exp_range` of Cyclic takes a gamma, and the library names that.
    const renamed = field === 'gamma' && 'exp_range' in schedule.config ? 'exp_range' : field
    return { schedule, field: renamed, sentence }
  }
}

/** A schedule of this class with every option. Fields that `old` has too keep their values. */
function started(class_name: string, old: Schedule): Schedule {
  const first = inside(old)[0]?.[1] ?? old
  // `first` may be invalid, so it takes its place after reading.
  const config = ADAPTORS[class_name]?.(SCHEDULES[0]!)
  const start = config
    ? { class_name, config }
    : SCHEDULES.find((it) => it.class_name === class_name)!
  const fresh = read(json(start))
  const kept = Object.entries(fresh.config).map(([field, value]): [string, Value] => {
    if (isSchedule(value)) return [field, field === inside(fresh)[0]![0] ? first : value]
    const same =
      typeof old.config[field] === typeof value &&
      Array.isArray(old.config[field]) === Array.isArray(value)
    return [field, same && !isSchedule(old.config[field]) ? old.config[field]! : value]
  })
  return { class_name, config: Object.fromEntries(kept) }
}

/** The form. `change` is called with the schedule that takes this one's place. */
export function editor(
  schedule: Schedule,
  id: string,
  legend: string,
  found: Problem | null,
  change: (schedule: Schedule) => void,
): TemplateResult {
  const { class_name, config } = schedule
  const adaptor = class_name in ADAPTORS
  const classes = adaptor ? Object.keys(ADAPTORS) : SCHEDULES.map((it) => it.class_name)
  const mine = found?.schedule === schedule ? found : null
  const set = (field: string, value: Value) =>
    change({ class_name, config: { ...config, [field]: value } })
  const general = mine?.field && mine.field in config ? null : mine?.sentence
  const choose = (event: Event) => {
    change(started((event.target as HTMLSelectElement).value, schedule))
  }
  const unwrap = () => change(inside(schedule)[0]![1])
  const wrap = (event: Event) => {
    const select = event.target as HTMLSelectElement
    change(started(select.value, { class_name: '', config: { schedule } }))
    select.value = ''
  }
  const field = ([name, value]: [string, Value]) =>
    isSchedule(value)
      ? editor(value, `${id}-${name}`, name, found, (inner) => set(name, inner))
      : input(name, value, `${id}-${name}`, mine?.field === name ? mine.sentence : null, (value) =>
          set(name, value),
        )
  return html`<fieldset>
    <legend>${legend}</legend>
    <div class="field">
      <label for=${`${id}-class`}>Schedule</label>
      <select id=${`${id}-class`} .value=${class_name} @change=${choose}>
        ${classes.map((name) => html`<option ?selected=${name === class_name}>${name}</option>`)}
      </select>
      ${adaptor ? html`<button type="button" @click=${unwrap}>Remove adaptor</button>` : nothing}
    </div>
    ${general ? html`<p class="error" role="alert">${general}</p>` : nothing}
    ${Object.entries(config)
      .filter(([, value]) => !isSchedule(value))
      .map(field)}
    ${Object.entries(config)
      .filter(([, value]) => isSchedule(value))
      .map(field)}
    <div class="field">
      <label for=${`${id}-adaptor`}>Adaptor</label>
      <select id=${`${id}-adaptor`} @change=${wrap}>
        <option value="">add one</option>
        ${Object.keys(ADAPTORS).map((name) => html`<option>${name}</option>`)}
      </select>
    </div>
  </fieldset>`
}

/** One field: a text with a slider, a list as text, or a flag. */
function input(
  name: string,
  value: Value,
  id: string,
  error: string | null,
  set: (value: Value) => void,
) {
  const element = (event: Event) => event.target as HTMLInputElement
  if (typeof value === 'boolean') {
    return html`<div class="field flag">
      <input
        type="checkbox"
        id=${id}
        .checked=${value}
        @change=${(event: Event) => set(element(event).checked)}
      />
      <label for=${id}>${name}</label>
    </div>`
  }
  const list = Array.isArray(value)
  const parsed = list ? numbers : number
  // The text stays as it was typed while it means the same: 0.10 while the value is 0.1.
  const show = (input?: Element) => {
    if (!(input instanceof HTMLInputElement)) return
    const same = JSON.stringify(parsed(input.value)) === JSON.stringify(value)
    if (!same || input.dataset.id !== id)
      input.value = list ? value.join(', ') : String(value ?? '')
    input.dataset.id = id
  }
  const scale = RANGES.find(([names]) => names.test(name))?.[1] ?? FRACTION
  return html`<div class="field">
    <label for=${id}>${name}</label>
    <input
      type="text"
      inputmode=${list ? 'text' : 'decimal'}
      autocomplete="off"
      spellcheck="false"
      id=${id}
      aria-invalid=${error ? 'true' : 'false'}
      aria-describedby=${error ? `${id}-error` : nothing}
      ${ref(show)}
      @input=${(event: Event) => set(parsed(element(event).value))}
    />
    ${
      list
        ? nothing
        : html`<input
            type="range"
            min="0"
            max="1000"
            aria-label=${`${name}, slider`}
            aria-valuetext=${String(value ?? 'not set')}
            .value=${String(position(scale, Number(value)))}
            @input=${(event: Event) => set(at(scale, element(event).valueAsNumber))}
          />`
    }
    ${error ? html`<p class="error" id=${`${id}-error`}>${error}</p>` : nothing}
  </div>`
}

/** A number; `null` for no text, so an option that is not set; the text if it is no number, or an
 *  integer that JavaScript would round. */
function number(text: string): Value {
  if (text.trim() === '') return null
  const exact = Number.isSafeInteger(Number(text)) || !/^\d+$/.test(text)
  return Number.isFinite(Number(text)) && exact ? Number(text) : text
}

function numbers(text: string): Value[] {
  return text.trim() === '' ? [] : text.split(',').map(number)
}

/** What a slider covers. A logarithmic one has 0 at its left end. */
interface Scale {
  low: number
  high: number
  logarithmic: boolean
  integer: boolean
}

const FRACTION = { low: 0, high: 1, logarithmic: false, integer: false }
const RANGES: [RegExp, Scale][] = [
  [
    /steps|^step_|^at$|^period$|^batches$|^cycles$/,
    { low: 1, high: 2 ** 32 - 1, logarithmic: true, integer: true },
  ],
  [/^seed$/, { low: 0, high: 1000, logarithmic: false, integer: true }],
  [/^t_mul$/, { low: 1, high: 3, logarithmic: false, integer: false }],
  [/^m_mul$|^factor$|^decay_rate$/, { low: 0, high: 2, logarithmic: false, integer: false }],
  [/^power$/, { low: 0, high: 5, logarithmic: false, integer: false }],
  [/div_factor$/, { low: 1, high: 1e6, logarithmic: true, integer: false }],
  [
    /rate$|^from$|^to$|^peak$|^floor$|_lr$|^lower$|^upper$|^min$|^max$|_target$/,
    { low: 1e-6, high: 10, logarithmic: true, integer: false },
  ],
]

/** The position of a value on its slider, from 0 to 1000. */
function position({ low, high, logarithmic }: Scale, value: number): number {
  const part = logarithmic
    ? Math.log(value / low) / Math.log(high / low)
    : (value - low) / (high - low)
  return value > 0 ? Math.round(1000 * Math.min(Math.max(part, 0.001), 1)) : 0
}

/** The value at a position: three significant digits, and both ends. */
function at({ low, high, logarithmic, integer }: Scale, position: number): number {
  if (position === 0) return logarithmic ? 0 : low
  if (position === 1000) return high
  const part = position / 1000
  const value = Number(
    (logarithmic ? low * (high / low) ** part : low + (high - low) * part).toPrecision(3),
  )
  return integer ? Math.round(value) : value
}
