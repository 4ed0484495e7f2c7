// The lines for Keras, PyTorch and Optax are those that the real packages were checked with.
//
// A case is a line of equivalents/cases.txt. To add one, append its `schedule`, and as `different`
// the first step at which PyTorch has another rate, if there is one. Then this command writes
// lines and rates of the built page, and equivalents/make.py compares the two:
//
//     MICROLR_BLESS=1 npx playwright test equivalents -g packages

import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from '@playwright/test'
import { equivalents, type Equivalents } from '../src/equivalents.ts'
import { read } from '../src/state.ts'
import { Curve, initSync } from '../wasm/pkg/microlr_playground.js'
import { copied, open, ORACLE } from './playground.ts'

const MODULE = new URL('../wasm/pkg/microlr_playground_bg.wasm', import.meta.url)
const FILE = new URL('./equivalents/cases.txt', import.meta.url)

interface Case {
  schedule: object
  different?: number
  /** Line and sentence. */
  keras?: string[]
  pytorch?: string[]
  optax?: string[]
  steps?: number[]
  rates?: number[]
}

initSync({ module: readFileSync(MODULE) })
const lines = readFileSync(FILE, 'utf8').trim().split('\n')
const cases = lines.map((line): Case => JSON.parse(line))

/** What the page writes today. */
function written({ schedule, different }: Case): Case {
  const json = JSON.stringify(schedule)
  const found: Equivalents = equivalents(read(json))
  const curve = new Curve(json)
  const sampled = curve.steps(0, 130, 8) // with both sides of every edge
  return {
    schedule,
    ...(different ? { different } : {}),
    ...Object.fromEntries(
      Object.entries(found).map(([library, it]) => [library, [it.line, it.difference]]),
    ),
    steps: [...sampled],
    // 1e-7 of a rate is a tenth of what may differ.
    rates: [...curve.rates(sampled)].map((rate) => Number(rate.toPrecision(8))),
  }
}

test('each line is one that was checked with the packages', () => {
  if (process.env.MICROLR_BLESS === '1') {
    writeFileSync(FILE, cases.map((it) => `${JSON.stringify(written(it))}\n`).join(''))
    return
  }
  for (const it of cases) expect(written(it)).toEqual(it)
})

/** The classes without a line for a library. A plain composition of others may have one. */
const WITHOUT: Record<string, string[]> = {
  keras: [
    ...['Bounced', 'Bounded', 'Cyclic', 'Delayed', 'Interpolated', 'Jittered', 'OneCycle'],
    ...['CosineDecayRestartsWithin', 'PerEpoch', 'Plus', 'RandomUniform', 'Repeated', 'Scaled'],
    ...['Switched', 'Times'],
  ],
  pytorch: ['Bounded', 'Jittered', 'Plus', 'RandomUniform', 'Scaled', 'Switched', 'Times'],
  optax: ['Jittered', 'RandomUniform'],
}

test('no class is left out', () => {
  const named = (json: string) => [...json.matchAll(/"class_name": ?"(\w+)"/g)].map(([, it]) => it!)
  const classes = new Set(ORACLE.flatMap(({ json }) => named(json)))
  classes.delete('Sequence') // it is read as several Then
  for (const [library, without] of Object.entries(WITHOUT)) {
    const found = cases.filter((it) => library in it)
    const outside = new Set(found.map(({ schedule }) => named(JSON.stringify(schedule))[0]!))
    expect([...classes].filter((name) => !outside.has(name)).sort(), library).toEqual(
      without.sort(),
    )
  }
})

test('every schedule of the catalogue has lines without gaps', () => {
  for (const { json } of ORACLE) {
    for (const { line } of Object.values(equivalents(read(json)))) {
      expect(line).not.toMatch(/undefined|NaN|Infinity|null|object/)
    }
  }
})

test('the page writes the lines', async ({ page }) => {
  for (const { schedule, keras, pytorch, optax } of cases.filter((_, index) => index % 16 === 2)) {
    await open(page, { a: JSON.stringify(schedule) })
    for (const [name, text] of Object.entries({ Keras: keras, PyTorch: pytorch, Optax: optax })) {
      const button = page.getByRole('button', { name: `Copy ${name}` })
      await expect(button).toHaveCount(text ? 1 : 0)
      if (text) expect(await copied(page, name)).toBe(text[0])
    }
  }
})
