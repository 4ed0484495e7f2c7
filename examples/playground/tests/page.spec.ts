// The page as a whole: address, presets, keyboard, accessibility, any host, every width.

import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import { AxeBuilder } from '@axe-core/playwright'
import { expect } from '@playwright/test'
import {
  bitsOf,
  copied,
  cosine,
  COSINE,
  drawn,
  field,
  open,
  ORACLE,
  pixels,
  region,
  test,
} from './playground.ts'

const DIST = new URL('../dist/', import.meta.url)
const TWO = { a: COSINE, b: cosine(200), from: 10, to: 450, step: 123, log: 1 }

test('the address restores the state', async ({ page, context }) => {
  await open(page, TWO)
  await drawn(page, () => field(region(page, 'B'), 'decay_steps').fill('300'))
  await expect(page).toHaveURL(/decay_steps%22%3A300/)
  const state = async (page: Parameters<typeof pixels>[0]) => [
    page.url(),
    await pixels(page),
    await page
      .locator('input')
      .evaluateAll((inputs) => inputs.map((it) => (it as HTMLInputElement).value)),
    await bitsOf(page, 'a'),
    await bitsOf(page, 'b'),
    await page.getByLabel('Logarithmic axis').isChecked(),
  ]
  const before = await state(page)
  await page.reload()
  await page.waitForFunction(() => document.documentElement.dataset.drawn)
  expect(await state(page)).toEqual(before)
  const other = await context.newPage()
  await other.goto(page.url())
  await other.waitForFunction(() => document.documentElement.dataset.drawn)
  expect(await state(other)).toEqual(before)
})

test('an invalid parameter does not get into the address', async ({ page }) => {
  await open(page, { a: COSINE })
  await drawn(page, () => field(region(page), 'alpha').fill('0.5'))
  await drawn(page, () => field(region(page), 'decay_steps').fill('0'))
  await expect(page).toHaveURL(/alpha%22%3A0.5/)
  await page.reload()
  await expect(field(region(page), 'decay_steps')).toHaveValue('400')
})

test('an address that cannot be read shows the first preset, and says why', async ({ page }) => {
  await open(page, { a: cosine(0) })
  await expect(page.getByRole('alert')).toContainText('CosineDecay: `decay_steps` must be above 0')
  await expect(region(page).getByLabel('Schedule', { exact: true })).toHaveValue('ExponentialDecay')
})

test('presets: all are drawn, and the first seven are those of the catalogue', async ({ page }) => {
  await open(page)
  const options = page.getByLabel('Preset').locator('option:not([value=""])')
  const names = await options.allInnerTexts()
  expect(names).toHaveLength(17)
  for (const [index, name] of names.entries()) {
    await drawn(page, () => page.getByLabel('Preset').selectOption(name))
    await expect(page.locator('.error')).toHaveCount(0)
    if (index < 7) {
      const json = JSON.parse(await copied(page, 'JSON'))
      const same = ORACLE.filter(({ instance, json: text }) => {
        return (
          instance === 'quickstart' && JSON.stringify(JSON.parse(text)) === JSON.stringify(json)
        )
      })
      expect(same, name).not.toHaveLength(0)
    }
  }
})

test('everything works from the keyboard', async ({ page }) => {
  await open(page)
  const focused = () =>
    page.evaluate(
      () =>
        (document.activeElement as HTMLElement).id ||
        document.activeElement!.getAttribute('aria-label'),
    )
  const tab = async (to: string, key = 'Tab') => {
    for (let presses = 0; presses < 80; presses++) {
      if ((await focused()) === to) return
      await page.keyboard.press(key)
    }
    throw new Error(`${to} is not reached`)
  }
  await tab('step')
  await page.keyboard.press('Control+A')
  await page.keyboard.type('250')
  await tab('Step, slider')
  expect(await bitsOf(page)).toBe(
    ORACLE.find(({ instance }) => instance === 'quickstart')!.bits[250],
  )
  await page.keyboard.press('ArrowRight')
  await expect(field(page.locator('#controls'), 'Step')).toHaveValue('251')
  await tab('a-preset')
  await page.keyboard.type('Cosine with')
  await expect(region(page).getByLabel('Schedule', { exact: true })).toHaveValue(
    'CosineDecayRestarts',
  )
  await tab('a-first_decay_steps')
  await page.keyboard.press('Control+A')
  await page.keyboard.type('20')
  await tab('first_decay_steps, slider')
  await page.keyboard.press('ArrowRight')
  await tab('Copy Rust')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('status')).toHaveText('Copied')
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(
    /CosineDecayRestarts::new\(0\.1, 2[01]\)\.m_mul\(0\.9\);$/,
  )
})

/** The loss of a neuron with three inputs before this update, by the textbook. */
function lossAt(update: number, rate: (step: number) => number): number {
  const rows = [...Array(8).keys()].map((row) => [row & 1, (row >> 1) & 1, row >> 2, 1])
  const weights = [0, 0, 0, 0]
  const predict = (x: number[]) =>
    1 / (1 + Math.exp(-x.reduce((sum, it, index) => sum + it * weights[index]!, 0)))
  for (let step = 0; step < update; step++) {
    const errors = rows.map((x, row) => predict(x) - Math.min(row, 1))
    for (const index of weights.keys()) {
      const gradient = rows.reduce((sum, x, row) => sum + errors[row]! * x[index]!, 0) / 8
      weights[index]! -= rate(step) * gradient
    }
  }
  return rows.reduce((sum, x, row) => sum - Math.log(row ? predict(x) : 1 - predict(x)), 0) / 8
}

test('the picture is described in words', async ({ page }) => {
  await open(page, { a: cosine(500), to: 600 })
  const loss = lossAt(
    600,
    (step) => 0.05 * (1 + Math.cos((Math.PI * Math.min(step, 500)) / 500)),
  ).toPrecision(3)
  const words =
    'Schedule A: 0.1 at step 0, 0 at step 600; lowest 0 at step 500, highest 0.1 at step 0. ' +
    `The loss at step 600 is ${loss}.`
  await expect(page.getByRole('img').first()).toHaveAccessibleName(words)
  await expect(page.getByRole('figure', { name: 'Learning rate' })).toBeVisible()
  await expect(page.getByRole('figure', { name: 'Training loss' })).toBeVisible()
  await open(page, { a: cosine(500), to: 20_000 })
  await expect(page.locator('#summary')).toContainText('One of every 7 steps is an update.')
  await open(page, {
    a: JSON.stringify({
      class_name: 'ExponentialDecay',
      config: { initial_learning_rate: 1, decay_steps: 1, decay_rate: 2 },
    }),
  })
  await expect(page.locator('#summary')).toContainText('is refused')
})

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [360, 1440]) {
    test(`${width} px, ${colorScheme}: accessible, and a picture of it`, async ({ page }, info) => {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 900 })
      for (const state of [{}, TWO]) {
        await open(page, state)
        if ('b' in state) await drawn(page, () => field(region(page), 'decay_steps').fill('0'))
        const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
        const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze()
        const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`)
        expect(found).toEqual([])
        const name = `${width}-${colorScheme}-${'b' in state ? 'two' : 'one'}.png`
        const path = `${info.project.outputDir}/pictures/${name}`
        await page.screenshot({ path, fullPage: true })
        // With grid, labels and curves, a canvas has many colours.
        const colors = await page.evaluate(() => {
          const canvas = document.querySelector('canvas')!
          const data = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data
          return new Set(new Uint32Array(data.buffer)).size
        })
        expect(colors).toBeGreaterThan(10)
      }
    })
  }
}

test('nothing is cut off from 360 px to 4K', async ({ page }) => {
  await open(page, TWO)
  for (const width of [360, 480, 768, 1024, 1440, 1920, 3840]) {
    await page.setViewportSize({ width, height: width / 2 })
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth)
    await expect.poll(wide, `${width} px`).toBeLessThanOrEqual(width)
    const card = (await page.locator('.plots').boundingBox())!
    const plot = (await page.locator('#rates canvas').boundingBox())!
    expect(plot.x + plot.width, `${width} px`).toBeLessThanOrEqual(card.x + card.width)
  }
})

test('any folder of any static host serves it', async ({ page }) => {
  const types: Record<string, string> = {
    html: 'text/html',
    js: 'text/javascript',
    css: 'text/css',
    wasm: 'application/wasm',
  }
  const server = createServer((request, response) => {
    const path = request.url!.replace(/^\/deep\/folder\//, '').split('?')[0] || 'index.html'
    readFile(new URL(path, DIST)).then(
      (file) => response.setHeader('Content-Type', types[path.split('.').at(-1)!]!).end(file),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((ready) => server.listen(4175, 'localhost', ready))
  const requests: string[] = []
  const other = await page.context().newPage()
  other.on('request', (request) => requests.push(request.url()))
  await other.goto('http://localhost:4175/deep/folder/')
  await other.waitForFunction(() => document.documentElement.dataset.drawn)
  server.close()
  const foreign = (url: string) =>
    !url.startsWith('http://localhost:4175/deep/folder/') && !url.startsWith('data:')
  expect(requests.filter(foreign)).toEqual([])
  expect(requests.length).toBeGreaterThan(3)
})

test('the development server serves it', async ({ page }) => {
  const other = await page.context().newPage()
  await other.goto('http://localhost:4174/')
  await other.waitForFunction(() => document.documentElement.dataset.drawn)
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('microlr playground')
})
