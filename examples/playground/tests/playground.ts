// What the tests share: the page as a person uses it, and the library's rates.

import { readFileSync } from 'node:fs'
import { expect, test as base, type Locator, type Page } from '@playwright/test'

/** A line of `npm run oracle`: an instance of the catalogue, with its bits on the host. */
export interface Instance {
  name: string
  instance: string
  json: string
  edges: number[]
  bits: string[]
  edge_bits: string[]
}

const file = new URL('../wasm/target/oracle.txt', import.meta.url)
export const ORACLE = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line): Instance => JSON.parse(line))

/** Every test fails on an error or a warning of the page, and on a request to another host. */
export const test = base.extend<{ quiet: void }>({
  quiet: [
    async ({ page, baseURL }, use) => {
      const faults: string[] = []
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) faults.push(message.text())
      })
      page.on('pageerror', (error) => faults.push(String(error)))
      page.on('request', (request) => {
        const local = request.url().startsWith(baseURL!) || request.url().startsWith('data:')
        if (!local) faults.push(request.url())
      })
      await use()
      expect(faults).toEqual([])
    },
    { auto: true },
  ],
})

export const COSINE = cosine(400)

export function cosine(decay_steps: number): string {
  return JSON.stringify({
    class_name: 'CosineDecay',
    config: { initial_learning_rate: 0.1, decay_steps },
  })
}

let count = 0

/** Opens the page, or only changes the fragment, and waits until it is drawn. */
export async function open(page: Page, state: Record<string, string | number> = {}) {
  // With the count no fragment is the one before, which would be no change.
  const entries = Object.entries({ ...state, count: count++ })
  const fragment = String(new URLSearchParams(entries.map(([key, value]) => [key, String(value)])))
  if (page.url() === 'about:blank') await page.goto(`/#${fragment}`)
  else await drawn(page, () => page.evaluate((hash) => void (location.hash = hash), fragment))
  await expect(page.locator('html')).toHaveAttribute('data-drawn')
}

/** Does something, and waits until the losses are drawn after it. */
export async function drawn(page: Page, action: () => Promise<unknown>) {
  const before = await page.evaluate(() => document.documentElement.dataset.drawn)
  await action()
  await page.waitForFunction((before) => document.documentElement.dataset.drawn !== before, before)
}

export const region = (page: Page, name = 'A') =>
  page.getByRole('region', { name: `Schedule ${name}` })
export const field = (within: Locator, name: string) =>
  within.getByRole('textbox', { name, exact: true })
export const bitsOf = async (page: Page, key = 'a') =>
  (await page.locator(`[data-readout=${key}]`).innerText()).split('0x')[1]!

/** Types a text and leaves the field. */
export async function type(input: Locator, text: string) {
  await input.fill(text)
  await input.press('Tab')
}

/** What the button puts into the clipboard. */
export async function copied(page: Page, name: string): Promise<string> {
  await page.getByRole('button', { name: `Copy ${name}`, exact: true }).click()
  return page.evaluate(() => navigator.clipboard.readText())
}

/** The pixels of both plots. */
export async function pixels(page: Page): Promise<string> {
  return page.evaluate(() =>
    [...document.querySelectorAll('canvas')].map((it) => it.toDataURL()).join(),
  )
}
