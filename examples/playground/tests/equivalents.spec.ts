// The lines for Keras, PyTorch and Optax are those that the real packages were checked with.
//
// `MICROLR_BLESS=1 npx playwright test equivalents` writes lines and rates into
// equivalents/cases.txt, and equivalents/make.py compares them with the packages.

import { readFileSync, writeFileSync } from 'node:fs'
import { expect, type Page } from '@playwright/test'
import { bitsOf, open, ORACLE, test } from './playground.ts'

const FILE = new URL('./equivalents/cases.txt', import.meta.url)

interface Case {
  schedule: object
  steps: number[]
  /** The last step that is compared with a line that differs. */
  until?: number
  bits?: string[]
  lines?: Record<string, string[]>
}

/** Line and sentence for each library. */
async function linesOf(page: Page): Promise<Record<string, string[]>> {
  return page.evaluate(() => {
    const found: Record<string, string[]> = {}
    for (const name of ['Keras', 'PyTorch', 'Optax']) {
      const output = document.querySelector(`[data-output=${name}]`)
      if (!output) continue
      const note = output.querySelector('.note')!.textContent!
      found[name] = [
        output.querySelector('pre')!.textContent!,
        note === 'The rates are the same.' ? '' : note,
      ]
    }
    return found
  })
}

test('lines are those that were checked with the packages', async ({ page }) => {
  const cases = readFileSync(FILE, 'utf8')
    .trim()
    .split('\n')
    .map((line): Case => JSON.parse(line))
  for (const it of cases) {
    await open(page, { a: JSON.stringify(it.schedule) })
    const lines = await linesOf(page)
    if (process.env.MICROLR_BLESS === '1') {
      it.lines = lines
      const bits: string[] = []
      for (const step of it.bits ? [] : it.steps) {
        await open(page, { a: JSON.stringify(it.schedule), step })
        bits.push(await bitsOf(page))
      }
      it.bits ??= bits
    }
    expect(lines, JSON.stringify(it.schedule)).toEqual(it.lines)
  }
  if (process.env.MICROLR_BLESS === '1')
    writeFileSync(FILE, cases.map((it) => `${JSON.stringify(it)}\n`).join(''))
  const classes = (text: string) =>
    [...text.matchAll(/"class_name":"(\w+)"/g)].map((match) => match[1])
  const known = new Set(cases.flatMap((it) => classes(JSON.stringify(it.schedule))))
  const all = new Set(ORACLE.flatMap(({ json }) => classes(json)))
  all.delete('Sequence') // it is read as several Then
  expect([...all].filter((name) => !known.has(name))).toEqual([])
})
