// Files that real Keras wrote are drawn, pasted or dropped, with Keras' rates.

import { readdirSync, readFileSync } from 'node:fs'
import { expect } from '@playwright/test'
import { bitsOf, copied, field, open, region, test, type } from './playground.ts'

const FOLDER = new URL('../../../tests/exchange/keras/', import.meta.url)
const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith('.json'))
const RATES = readFileSync(new URL('rates.txt', FOLDER), 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split(' '))
const text = (name: string) => readFileSync(new URL(name, FOLDER), 'utf8')
const rate = (bits: string) => new Float32Array(Uint32Array.of(parseInt(bits, 16)).buffer)[0]!

test('files of Keras are pasted', async ({ page }) => {
  await open(page)
  for (const name of NAMES) {
    await open(page, { to: 2 ** 32 - 1 })
    await page.getByLabel("Paste Keras' JSON").fill(text(name))
    await expect(page.getByRole('alert')).toHaveCount(0)
    const rows = RATES.filter(([schedule]) => `${schedule}.json` === name)
    expect(rows.length, name).toBeGreaterThan(9)
    // Keras computes in 32 bits, so the error is counted in units of the peak.
    const peak = Math.max(...rows.map(([, , rate]) => Number(rate)))
    for (const [, step, exact] of rows.filter((_, index) => index % 3 === 1)) {
      await type(field(page.locator('#controls'), 'Step'), step!)
      const error = Math.abs(rate(await bitsOf(page)) - Number(exact))
      expect(error, `${name}, step ${step}`).toBeLessThanOrEqual(1e-6 * peak)
    }
  }
})

test('a file is dropped, and the optimizer may be around the schedule', async ({ page }) => {
  await open(page)
  const optimizer = JSON.stringify({
    class_name: 'Adam',
    config: { learning_rate: JSON.parse(text('cosine.json')) },
  })
  const files = await page.evaluateHandle((text) => {
    const data = new DataTransfer()
    data.items.add(new File([text], 'optimizer.json'))
    return data
  }, optimizer)
  await region(page).dispatchEvent('drop', { dataTransfer: files })
  await expect(region(page).getByLabel('Schedule', { exact: true })).toHaveValue('CosineDecay')
  expect(await copied(page, 'Rust')).toBe(
    'static SCHEDULE: CosineDecay<f32> = CosineDecay::new(0.1, 500);',
  )
})

test('a file that cannot be read changes nothing', async ({ page }) => {
  await open(page)
  const before = [page.url(), await copied(page, 'JSON')]
  for (const [text, sentence] of [
    ['{"class_name": ', 'EOF while parsing a value at line 1 column 15'],
    ['{"class_name": "Adam"}', 'unknown class `Adam`'],
    [
      '{"class_name": "CosineDecay", "config": {"initial_learning_rate": 0.1, "decay_steps": 0}}',
      'CosineDecay: `decay_steps` must be above 0',
    ],
  ]) {
    await page.getByLabel("Paste Keras' JSON").fill(text!)
    await expect(page.getByRole('alert')).toHaveText(sentence!)
    expect([page.url(), await copied(page, 'JSON')]).toEqual(before)
  }
})

test('a seed of 64 bits stays what it is', async ({ page }) => {
  await open(page)
  const config = '{"lower": 0.1, "upper": 0.2, "seed": 18446744073709551615}'
  await page
    .getByLabel("Paste Keras' JSON")
    .fill(`{"class_name": "RandomUniform", "config": ${config}}`)
  await expect(field(region(page), 'seed')).toHaveValue('18446744073709551615')
  await expect(page).toHaveURL(/18446744073709551615/)
  await page.reload()
  expect(await copied(page, 'Rust')).toContain('RandomUniform::new(0.1, 0.2, 18446744073709551615)')
  await type(field(region(page), 'seed'), '18446744073709551614')
  expect(await copied(page, 'Rust')).toContain('18446744073709551614')
})
