// From the state to the picture. Every change goes through `update`.

import { html, nothing, render } from 'lit-html'
import init, { Curve } from '../wasm/pkg/microlr_playground.js'
import { PRESETS } from './classes.ts'
import { editor, problem, type Problem } from './editor.ts'
import { shortest } from './equivalents/simplified.ts'
import { outputs } from './output.ts'
import { plot, type Data } from './plot.ts'
import { address, json, LAST, parse, read, stepOf, type Schedule, type State } from './state.ts'
import './style.css'

/** A range of up to this many steps is drawn with all of them. */
const MOST = 10_001
/** Steps of a longer range: about two per pixel of a wide window. */
const SAMPLED = 4000

const NONE = new Uint32Array()
const NO_RATES = new Float32Array()

const STALE = 'The picture and the lines are those of the last valid schedule.'

type Key = 'a' | 'b'

/** A schedule as it was last valid, with what is drawn of it. */
interface Shown {
  schedule: Schedule
  curve: Curve
  steps: Uint32Array
  rates: Float32Array
  losses: Float32Array
  stride: number
}

await init()

const shown: Partial<Record<Key, Shown>> = {}
const problems: Record<Key, Problem | null> = { a: null, b: null }
/** A sentence about a file or an address that could not be read. */
let refused: Partial<Record<Key, string>> = {}
let copied = ''
/** Writes the address when the changes pause. */
let timer: ReturnType<typeof setTimeout> | undefined
/** The animation frame in which the losses will be drawn. */
let frame = 0
/** The last step of the range before it was zoomed. */
let unzoomed: number | null = null
const [firstPreset] = Object.values(PRESETS)[0]!
let state = preset(firstPreset!)

/** The state that shows a preset. */
function preset([, steps, schedule]: [string, number, Schedule]): State {
  return { a: read(json(schedule)), b: null, from: 0, to: steps, step: 0, log: false }
}

function keys(): Key[] {
  return state.b ? ['a', 'b'] : ['a']
}

/** The state that the address holds, or the first preset. */
function load() {
  clearTimeout(timer)
  refused = {}
  try {
    state = parse(location.hash) ?? preset(firstPreset!)
  } catch (error) {
    refused = { a: `The address holds no valid schedule: ${(error as Error).message}` }
    state = preset(firstPreset!)
  }
  draw(true)
}

function update(change: Partial<State>) {
  const window = (change.from ?? state.from) !== state.from || (change.to ?? state.to) !== state.to
  state = { ...state, ...change }
  state.step = Math.min(Math.max(state.step, state.from), state.to)
  refused = {}
  draw(window || 'b' in change)
  remember()
}

/** Writes the last valid state into the address. Browsers limit how often a page may do so. */
function remember() {
  clearTimeout(timer)
  timer = setTimeout(() => {
    const b = state.b && (shown.b?.schedule ?? null)
    history.replaceState(null, '', address({ ...state, a: shown.a!.schedule, b }))
  }, 200)
}

/** Computes what changed, and draws it. The losses follow in the next frame, since 3000
 *  updates take about half of one. */
function draw(window: boolean) {
  performance.mark('change')
  for (const key of keys()) compute(key, window)
  if (!state.b) delete shown.b
  const drawn = keys().flatMap((key) => shown[key] ?? [])
  const [first, second] = drawn
  const steps = second ? union(first!.steps, second.steps) : first!.steps
  const values = second ? drawn.map((it) => it.curve.rates(steps)) : [first!.rates]
  rates.draw([steps, ...values], state.from, state.to, state.log)
  show()
  performance.measure('draw', 'change')
  cancelAnimationFrame(frame)
  frame = requestAnimationFrame(train)
}

/** Computes and draws the losses. */
function train() {
  performance.mark('train')
  const drawn = keys().flatMap((key) => shown[key] ?? [])
  for (const it of drawn) if (it.losses === NO_RATES) it.losses = it.curve.losses(state.to)
  losses.draw(lossData(drawn), state.from, state.to, false)
  show()
  performance.measure('loss', 'train')
  const root = document.documentElement
  root.dataset.drawn = String(Number(root.dataset.drawn ?? 0) + 1)
}

function compute(key: Key, window: boolean) {
  const schedule = state[key]!
  const before = shown[key]
  if (before?.schedule !== schedule) {
    problems[key] = problem(schedule)
    if (problems[key] === null) {
      const curve = new Curve(json(schedule))
      shown[key] = { schedule, curve, steps: NONE, rates: NO_RATES, losses: NO_RATES, stride: 1 }
      before?.curve.free()
    }
  }
  const now = shown[key]
  if (now && (now !== before || window)) {
    const most = state.to - state.from < MOST ? MOST : SAMPLED
    now.steps = now.curve.steps(state.from, state.to, most)
    now.rates = now.curve.rates(now.steps)
    now.losses = NO_RATES
    now.stride = now.curve.stride(state.to)
  }
}

/** The steps of both, in rising order. */
function union(a: Uint32Array, b: Uint32Array): Uint32Array {
  return Uint32Array.from(new Set([...a, ...b])).sort()
}

function lossData(drawn: Shown[]): Data {
  const stride = drawn[0]!.stride // it follows from the last step, so both have the same
  const first = Math.floor(state.from / stride)
  const count = Math.floor(state.to / stride) - first + 1
  const steps = Uint32Array.from({ length: count }, (_, index) => (first + index) * stride)
  // A run that was refused has fewer losses; NaN is a gap.
  const part = (losses: Float32Array) =>
    Float32Array.from(steps, (_, index) => losses[first + index] ?? NaN)
  return [steps, ...drawn.map((it) => part(it.losses))]
}

function move(step: number) {
  if (step === state.step || step < state.from || step > state.to) return
  state = { ...state, step }
  show()
  remember()
}

function zoom(from: number, to: number) {
  unzoomed ??= state.to
  update({ from: Math.max(from, 0), to: Math.min(Math.max(to, from + 1), LAST) })
}

function unzoom() {
  const to = unzoomed ?? state.to
  unzoomed = null
  update({ from: 0, to })
}

/** `0.05 = 0x3d4ccccd` */
function readout(rate: number): string {
  const bits = new Uint32Array(Float32Array.of(rate).buffer)[0]!
  return `${shortest(rate)} = 0x${bits.toString(16).padStart(8, '0')}`
}

/** The picture in words. */
function summary(key: Key): string {
  const { steps, rates: values, losses, stride } = shown[key]!
  const at = (index: number) => `${shortest(values[index]!)} at step ${steps[index]}`
  const extreme = (better: (a: number, b: number) => boolean) =>
    values.reduce((best, rate, index) => (better(rate, values[best]!) ? index : best), 0)
  const low = extreme((a, b) => a < b)
  const high = extreme((a, b) => a > b)
  const hidden = state.log && values.some((rate) => rate <= 0) ? ' Rates of 0 are not drawn.' : ''
  const updates = losses.length
  const refused = losses !== NO_RATES && updates < Math.floor(state.to / stride) + 1
  const spaced = stride > 1 ? ` One of every ${stride} steps is an update.` : ''
  const end = refused ? ` Update ${updates} is refused, since a weight would overflow.` : ''
  const loss =
    updates > 0
      ? `The loss at step ${(updates - 1) * stride} is ${losses[updates - 1]!.toPrecision(3)}.`
      : ''
  const ends = `${at(0)}, ${at(values.length - 1)}`
  const extremes = `lowest ${at(low)}, highest ${at(high)}`
  return `Schedule ${key.toUpperCase()}: ${ends}; ${extremes}.${hidden} ${loss}${spaced}${end}`
}

function copy(text: string) {
  void navigator.clipboard.writeText(text).then(() => {
    copied = text
    show()
    setTimeout(() => {
      copied = ''
      show()
    }, 2000)
  })
}

/** A file of Keras, or JSON of this page. What cannot be read changes nothing. */
function paste(key: Key, text: string): boolean {
  try {
    update({ [key]: read(text) })
    return true
  } catch (error) {
    refused = { [key]: (error as Error).message }
    show()
    return false
  }
}

function step(id: string, label: string, value: number, set: (step: number) => void) {
  const change = (event: Event) => {
    const input = event.target as HTMLInputElement
    const step = stepOf(input.value)
    if (step === null) input.value = String(value)
    else set(step)
  }
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <input
      id=${id}
      type="text"
      inputmode="numeric"
      autocomplete="off"
      .value=${String(value)}
      @change=${change}
    />
  </div>`
}

function region(key: Key) {
  const name = `Schedule ${key.toUpperCase()}`
  const now = shown[key]
  const choose = (event: Event) => {
    const select = event.target as HTMLSelectElement
    const [, to, schedule] = Object.values(PRESETS).flat()[Number(select.value)]!
    select.value = ''
    unzoomed = null
    update({ [key]: read(json(schedule)), from: 0, to })
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    void event.dataTransfer?.files[0]?.text().then((text) => paste(key, text))
  }
  const pasted = (event: Event) => {
    const area = event.target as HTMLTextAreaElement
    if (area.value.trim() && paste(key, area.value)) area.value = ''
  }
  let index = 0
  return html`<section
    class="schedule"
    id=${key}
    aria-label=${name}
    @dragover=${(event: Event) => event.preventDefault()}
    @drop=${drop}
  >
    <h2 class=${key}>${name}</h2>
    <div class="field">
      <label for=${`${key}-preset`}>Preset</label>
      <select id=${`${key}-preset`} @change=${choose}>
        <option value="">choose one</option>
        ${Object.entries(PRESETS).map(
          ([group, presets]) =>
            html`<optgroup label=${group}>
              ${presets.map(([name]) => html`<option value=${index++}>${name}</option>`)}
            </optgroup>`,
        )}
      </select>
    </div>
    <div class="field">
      <label for=${`${key}-paste`}>Paste Keras' JSON</label>
      <textarea
        id=${`${key}-paste`}
        rows="1"
        placeholder="or drop the file here"
        @input=${pasted}
      ></textarea>
    </div>
    ${refused[key] ? html`<p class="error" role="alert">${refused[key]}</p>` : nothing}
    ${editor(state[key]!, key, name, problems[key], (schedule) => update({ [key]: schedule }))}
    ${problems[key] ? html`<p class="note">${STALE}</p>` : nothing}
    ${now ? outputs(now.curve, copied, copy) : nothing}
  </section>`
}

/** Writes everything that is not in the plots, and moves their line to the step. */
function show() {
  const { from, to, step: current } = state
  rates.mark(current)
  losses.mark(current)
  const first = (step: number) => {
    update({ from: Math.min(step, LAST - 1), to: Math.min(Math.max(to, step + 1), LAST) })
  }
  const last = (step: number) => {
    update({ to: Math.max(step, 1), from: Math.min(from, Math.max(step, 1) - 1) })
  }
  const compare = () => update({ b: state.b ? null : structuredClone(state.a) })
  const words = keys()
    .map((key) => (shown[key] ? summary(key) : ''))
    .join(' ')
  const line = (key: Key) => {
    const { curve, losses, stride } = shown[key]!
    const loss = current % stride === 0 ? losses[current / stride] : undefined
    return html`<p>
      <span class="name ${key}">${key.toUpperCase()}</span>
      <code data-readout=${key}>${readout(curve.lr(current))}</code>
      ${loss === undefined ? nothing : html`<span class="note">loss ${loss.toPrecision(4)}</span>`}
    </p>`
  }
  render(
    html`<div class="readouts">
        ${step('step', 'Step', current, (step) => move(Math.min(Math.max(step, from), to)))}
        <input
          type="range"
          aria-label="Step, slider"
          min=${from}
          max=${to}
          .value=${String(current)}
          @input=${(event: Event) => move((event.target as HTMLInputElement).valueAsNumber)}
        />
        ${keys().map((key) => (shown[key] ? line(key) : nothing))}
      </div>
      <p class="note" id="summary">${words}</p>
      <div class="controls">
        ${step('from', 'First step', from, first)} ${step('to', 'Last step', to, last)}
        <button type="button" @click=${unzoom} ?disabled=${from === 0 && unzoomed === null}>
          All steps
        </button>
        <label class="flag">
          <input
            type="checkbox"
            .checked=${state.log}
            @change=${(event: Event) => update({ log: (event.target as HTMLInputElement).checked })}
          />
          Logarithmic axis
        </label>
        <label class="flag">
          <input type="checkbox" .checked=${state.b !== null} @change=${compare} />
          Compare with a second schedule
        </label>
      </div>`,
    document.querySelector<HTMLElement>('#controls')!,
  )
  render(html`${keys().map(region)}`, document.querySelector<HTMLElement>('#schedules')!)
  document.querySelector('#copied')!.textContent = copied ? 'Copied' : ''
  for (const id of ['rates', 'losses'])
    document.querySelector(`#${id}`)!.setAttribute('aria-label', words)
}

const rates = plot(document.querySelector('#rates')!, move, zoom)
const losses = plot(document.querySelector('#losses')!, move, zoom)
addEventListener('hashchange', load)
load()
