// The costs are those of the document, and every schedule but a constant has a row.

import { readFileSync } from 'node:fs'
import { expect, type Page } from '@playwright/test'
import { copied, open, ORACLE, test } from './playground.ts'

const DOCUMENT = readFileSync(new URL('../../../docs/cortex-m.md', import.meta.url), 'utf8')

/** The texts of the page's table: the name of a row, and its figures. */
async function shown(page: Page, json: string): Promise<string[][]> {
  await open(page, { a: json })
  return page.locator('tbody tr').evaluateAll((lines) => {
    return lines.map((line) => [...line.children].map((cell) => cell.textContent!.trim()))
  })
}

test('costs are those of docs/cortex-m.md', async ({ page }) => {
  const rows = new Set<string>()
  for (const [index, { name, json }] of ORACLE.entries()) {
    if (index > 0 && ORACLE[index - 1]!.name === name && index % 3 > 0) continue
    const cells = await shown(page, json)
    const classes = (await copied(page, 'JSON')).match(/"class_name"/g) ?? []
    expect(cells.length, json).toBe(classes.length)
    for (const [row, ...figures] of cells) {
      // | row | M0: instructions | stack | flash | M4F: instructions | stack | flash |
      const named = row!.replace('warm-up, stable, decay,', 'the same,')
      const line = DOCUMENT.split('\n').find((line) => line.startsWith(`| ${named} |`))
      const [, , i0, , f0, i4, , f4] = line!.split('|').map((cell) => cell.trim())
      expect(figures, row).toEqual([i0, `${f0} B`, i4, `${f4} B`])
      rows.add(row!)
    }
  }
  expect(rows.size).toBeGreaterThan(25)
})

const rate = '"initial_learning_rate": 0.1'
/** Name and fields of a schedule, and its row. */
const NEAREST: [string, string, string][] = [
  ['ExponentialDecay', `${rate}, "decay_steps": 5, "decay_rate": 0.5`, 'exponential'],
  [
    'ExponentialDecay',
    `${rate}, "decay_steps": 5, "decay_rate": 0.5, "staircase": true`,
    'exponential, staircase',
  ],
  ['CosineDecay', `${rate}, "decay_steps": 100`, 'cosine, 500 steps'],
  ['CosineDecay', `${rate}, "decay_steps": 100000000`, 'cosine, 4·10⁹ steps'],
  ['CosineDecay', `${rate}, "decay_steps": 100, "alpha": 0.1`, 'cosine, alpha and warm-up'],
  ['CosineDecayRestarts', `${rate}, "first_decay_steps": 10`, 'restarts, t_mul 2'],
  ['CosineDecayRestarts', `${rate}, "first_decay_steps": 10, "t_mul": 3`, 'restarts, t_mul 1.5'],
  ['InversePowerDecay', `${rate}, "decay_steps": 10, "power": 0.5`, 'inverse power 0.5'],
  [
    'WarmupStableDecay',
    '"peak": 1, "warmup_steps": 1, "stable_steps": 1, "decay_steps": 9, "one_minus_sqrt": true',
    'warm-up, stable, decay, 1 - √u',
  ],
  ['Linear', '"from": 0, "to": 1, "steps": 9', 'linear'],
]

test('the row is the nearest one', async ({ page }) => {
  for (const [name, fields, row] of NEAREST) {
    const schedule = `{"class_name": "${name}", "config": {${fields}}}`
    const adaptor = `{"class_name": "Delayed", "config": {"schedule": ${schedule}, "steps": 5}}`
    const names = (await shown(page, adaptor)).map(([first]) => first)
    expect(names).toEqual(['exponential, delayed', row])
  }
  expect(await shown(page, '0.1')).toEqual([])
})
