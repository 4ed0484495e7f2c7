// What is copied: the line of firmware, equivalents, JSON, bytes; and what the schedule costs.

import { html, type TemplateResult } from 'lit-html'
import type { Curve } from '../wasm/pkg/microlr_playground.js'
import { costs } from './costs.ts'
import { equivalents } from './equivalents.ts'
import { read } from './state.ts'

const MEASURED =
  'The nearest rows of docs/cortex-m.md, for their own parameters. An adaptor is measured with ' +
  'the schedule that its row names. Schedules share routines, so together they take less flash.'

interface Output {
  name: string
  text: string
  note: string
}

/** Each with the name that its button says. */
function texts(curve: Curve): Output[] {
  const { keras, pytorch, optax } = equivalents(read(curve.json()))
  const bytes = curve.bytes()
  const found = (name: string, it?: { line: string; difference: string }) =>
    it ? [{ name, text: it.line, note: it.difference || 'The rates are the same.' }] : []
  const array = `static BYTES: [u8; ${bytes.length}] = [${[...bytes].join(', ')}];`
  return [
    {
      name: 'Rust',
      text: curve.declaration(),
      note: 'For the firmware: the schedule is placed in flash.',
    },
    ...found('Keras', keras),
    ...found('PyTorch', pytorch),
    ...found('Optax', optax),
    {
      name: 'JSON',
      text: curve.json(),
      note: 'As Keras writes it. Keras itself reads its own six classes.',
    },
    {
      name: 'array',
      text: `// postcard::from_bytes::<${curve.received()}>(&BYTES)\n${array}`,
      note: 'The schedule as bytes, which firmware can receive at run time.',
    },
    {
      name: 'hex',
      text: [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
      note: 'The same bytes.',
    },
  ]
}

/** `copied` is the text that was copied last. */
export function outputs(
  curve: Curve,
  copied: string,
  copy: (text: string) => void,
): TemplateResult {
  const rows = costs(read(curve.json()))
  return html`${texts(curve).map(
      ({ name, text, note }) =>
        html`<section class="output" data-output=${name}>
          <div class="head">
            <h3>${name}</h3>
            <button type="button" aria-label=${`Copy ${name}`} @click=${() => copy(text)}>
              ${copied === text ? 'Copied' : 'Copy'}
            </button>
          </div>
          <pre tabindex="0" aria-label=${`${name}, text`}>${text}</pre>
          <p class="note">${note}</p>
        </section>`,
    )}
    <section class="output">
      <h3>Cost per rate</h3>
      <div class="scroll" tabindex="0" role="group" aria-label="Cost per rate">
        <table>
          <thead>
            <tr>
              <th rowspan="2">Measured</th>
              <th colspan="2">Cortex-M0</th>
              <th colspan="2">Cortex-M4F</th>
            </tr>
            <tr>
              <th>instructions</th>
              <th>flash</th>
              <th>instructions</th>
              <th>flash</th>
            </tr>
          </thead>
          <tbody>
            ${rows.map(
              ({ row, m0, m4f }) =>
                html`<tr>
                  <th scope="row">${row}</th>
                  <td>${m0.instructions}</td>
                  <td>${m0.flash} B</td>
                  <td>${m4f.instructions}</td>
                  <td>${m4f.flash} B</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
      <p class="note">${rows.length ? MEASURED : 'A constant costs nothing.'}</p>
    </section>`
}
