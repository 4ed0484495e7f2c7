// The costs are those of the document, and every schedule but a constant has a row.

import { readFileSync } from 'node:fs'
import { expect } from '@playwright/test'
import { copied, open, ORACLE, test } from './playground.ts'

const DOCUMENT = readFileSync(new URL('../../../docs/cortex-m.md', import.meta.url), 'utf8')

test('costs are those of docs/cortex-m.md', async ({ page }) => {
  const rows = new Set<string>()
  for (const [index, { name, json }] of ORACLE.entries()) {
    if (index > 0 && ORACLE[index - 1]!.name === name && index % 3 > 0) continue
    await open(page, { a: json })
    const classes = (await copied(page, 'JSON')).match(/"class_name"/g) ?? []
    const cells = await page.locator('tbody tr').evaluateAll((lines) => {
      return lines.map((line) => [...line.children].map((cell) => cell.textContent!.trim()))
    })
    expect(cells.length, json).toBe(classes.length)
    for (const [row, ...figures] of cells) {
      // | row | M0: instructions | stack | flash | M4F: instructions | stack | flash |
      const line = DOCUMENT.split('\n').find((line) => line.startsWith(`| ${row} |`))
      const [, , i0, , f0, i4, , f4] = line!.split('|').map((cell) => cell.trim())
      expect(figures, row).toEqual([i0, `${f0} B`, i4, `${f4} B`])
      rows.add(row!)
    }
  }
  expect(rows.size).toBeGreaterThan(25)
})
