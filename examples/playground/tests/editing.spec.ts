// The form: every invalid parameter shows its sentence, and schedules are composed by hand.

import { expect } from '@playwright/test'
import {
  bitsOf,
  copied,
  cosine,
  COSINE,
  drawn,
  field,
  open,
  pixels,
  region,
  test,
  type,
} from './playground.ts'

const INTEGER = 'must be an integer from 0 to 4294967295'
const NEGATIVE = 'must not be negative'
const POSITIVE = 'must be above 0'
const UNIT = 'must lie in [0, 1]'
const UPPER = 'must not be above its upper bound'
const SMALL = 'is below its smallest valid value'
const ORDER = 'must increase strictly'

/** For each class the texts that are invalid, field by field, and how the sentence goes on. */
const INVALID: Record<string, [field: string, text: string, end: string][]> = {
  Constant: [
    ['learning_rate', '-0.1', NEGATIVE],
    ['learning_rate', '', 'must be a number'],
  ],
  ExponentialDecay: [
    ['initial_learning_rate', '-1', NEGATIVE],
    ['initial_learning_rate', 'fast', 'must be a number'],
    ['initial_learning_rate', '1e999', 'must be a number'],
    ['initial_learning_rate', '1e39', 'must be finite'],
    ['decay_steps', '0', POSITIVE],
    ['decay_steps', '1.5', INTEGER],
    ['decay_steps', '-1', INTEGER],
    ['decay_steps', '4294967296', INTEGER],
    ['decay_rate', '0', POSITIVE],
  ],
  PiecewiseConstantDecay: [
    ['boundaries', '125, 125, 375', ORDER],
    ['boundaries', '125, x, 375', INTEGER],
    ['values', '0.1, 0.05', 'must have 4 elements'],
    ['values', '0.1, 0.05, -1, 0', NEGATIVE],
  ],
  PolynomialDecay: [
    ['initial_learning_rate', '-1', NEGATIVE],
    ['decay_steps', '0', POSITIVE],
    ['end_learning_rate', '-1', NEGATIVE],
    ['power', '0', POSITIVE],
  ],
  InverseTimeDecay: [
    ['initial_learning_rate', '-1', NEGATIVE],
    ['decay_steps', '0', POSITIVE],
    ['decay_rate', '-1', NEGATIVE],
  ],
  CosineDecay: [
    ['initial_learning_rate', '-1', NEGATIVE],
    ['decay_steps', '0', POSITIVE],
    ['alpha', '1.5', UNIT],
    ['warmup_target', '-1', NEGATIVE],
    ['warmup_steps', '-1', INTEGER],
  ],
  CosineDecayRestarts: [
    ['initial_learning_rate', '-1', NEGATIVE],
    ['first_decay_steps', '0', POSITIVE],
    ['t_mul', '1.001', SMALL],
    ['t_mul', '2049', UPPER],
    ['m_mul', '0', POSITIVE],
    ['alpha', '-0.1', UNIT],
  ],
  CosineDecayRestartsWithin: [
    ['initial_learning_rate', '-1', NEGATIVE],
    ['steps', '0', POSITIVE],
    ['cycles', '0', POSITIVE],
    ['cycles', '501', UPPER],
    ['m_mul', '0', POSITIVE],
    ['alpha', '2', UNIT],
  ],
  Linear: [
    ['from', '-1', NEGATIVE],
    ['to', '-1', NEGATIVE],
    ['steps', '0', POSITIVE],
  ],
  CosineAnnealing: [
    ['from', '-1', NEGATIVE],
    ['to', '-1', NEGATIVE],
    ['steps', '0', POSITIVE],
  ],
  OneCycle: [
    ['max_lr', '-1', NEGATIVE],
    ['total_steps', '0', POSITIVE],
    ['warmup_steps', '501', UPPER],
    ['div_factor', '0.5', SMALL],
    ['final_div_factor', '0', POSITIVE],
  ],
  Cyclic: [
    ['base_lr', '0.2', UPPER],
    ['max_lr', '-1', NEGATIVE],
    ['step_size_up', '0', POSITIVE],
    ['step_size_down', '-1', INTEGER],
    ['exp_range', '0', POSITIVE],
  ],
  InversePowerDecay: [
    ['initial_learning_rate', '-1', NEGATIVE],
    ['decay_steps', '0', POSITIVE],
    ['power', '0', POSITIVE],
  ],
  WarmupStableDecay: [
    ['peak', '-1', NEGATIVE],
    ['warmup_steps', 'x', INTEGER],
    ['stable_steps', '-1', INTEGER],
    ['decay_steps', '0.5', INTEGER],
    ['floor', '0.2', UPPER],
  ],
  Interpolated: [
    ['steps', '0, 50, 50, 500', ORDER],
    ['rates', '0.1', 'must have 4 elements'],
    ['rates', '0, 0.1, -1, 0', NEGATIVE],
  ],
  MultiStep: [
    ['initial_learning_rate', '-1', NEGATIVE],
    ['milestones', '3, 2', ORDER],
    ['gamma', '0', POSITIVE],
  ],
  RandomUniform: [
    ['lower', '0.2', UPPER],
    ['upper', '-1', NEGATIVE],
    ['seed', '-1', 'must be an integer from 0 to 18446744073709551615'],
  ],
  WarmedUp: [
    ['steps', '-1', INTEGER],
    ['from', '-1', NEGATIVE],
  ],
  Then: [['at', '-1', INTEGER]],
  Switched: [['at', '0.5', INTEGER]],
  Bounded: [
    ['min', '0.2', UPPER],
    ['max', '-1', NEGATIVE],
  ],
  Repeated: [['period', '0', POSITIVE]],
  Bounced: [['period', '0', POSITIVE]],
  Delayed: [['steps', '-1', INTEGER]],
  Scaled: [['factor', '-1', NEGATIVE]],
  PerEpoch: [['batches', '0', POSITIVE]],
  Jittered: [
    ['seed', 'x', 'must be an integer from 0 to 18446744073709551615'],
    ['amount', '2', UNIT],
  ],
}
const ADAPTORS = [
  'WarmedUp',
  'Then',
  'Switched',
  'Bounded',
  'Repeated',
  'Bounced',
  'Delayed',
  'Scaled',
  'Plus',
  'Times',
  'PerEpoch',
  'Jittered',
]

for (const part of [0, 1, 2]) {
  test(`each invalid parameter shows its sentence, part ${part + 1} of 3`, async ({ page }) => {
    for (const [name, rows] of Object.entries(INVALID).filter((_, index) => index % 3 === part)) {
      await open(page, { a: '0.5' })
      const group = region(page).getByRole('group', { name: 'Schedule A' })
      const select = ADAPTORS.includes(name) ? 'Adaptor' : 'Schedule'
      if (name !== 'Constant')
        await drawn(page, () =>
          group.getByLabel(select, { exact: true }).first().selectOption(name),
        )
      const before = [await copied(page, 'JSON'), await bitsOf(page), await pixels(page)]
      for (const [label, text, end] of rows) {
        const input = field(group, label).first()
        const valid = await input.inputValue()
        await drawn(page, () => input.fill(text))
        await expect(input, `${name}, ${label}: ${text}`).toHaveAttribute('aria-invalid', 'true')
        const sentence = page.locator(`[id="${await input.getAttribute('aria-describedby')}"]`)
        await expect(sentence, `${name}, ${label}: ${text}`).toContainText(end)
        expect(await copied(page, 'JSON')).toBe(before[0])
        await drawn(page, () => input.fill(valid))
        await expect(input).toHaveAttribute('aria-invalid', 'false')
      }
      expect([await copied(page, 'JSON'), await bitsOf(page), await pixels(page)], name).toEqual(
        before,
      )
    }
  })
}

test('the last valid picture stays while a parameter is invalid', async ({ page }) => {
  await open(page, { a: COSINE, step: 100 })
  const before = [await pixels(page), await bitsOf(page), await copied(page, 'Rust')]
  await drawn(page, () => field(region(page), 'decay_steps').fill('0'))
  expect([await pixels(page), await bitsOf(page), await copied(page, 'Rust')]).toEqual(before)
  await expect(region(page)).toContainText('those of the last valid schedule')
  await drawn(page, () => field(region(page), 'decay_steps').fill('200'))
  expect(await bitsOf(page)).not.toBe(before[1])
})

test('every class can be chosen, and every adaptor be put around it and taken away', async ({
  page,
}) => {
  await open(page, { a: COSINE })
  const group = region(page).getByRole('group', { name: 'Schedule A' })
  const choose = (label: string, name: string) =>
    drawn(page, () => group.getByLabel(label, { exact: true }).first().selectOption(name))
  for (const name of Object.keys(INVALID).filter((name) => !ADAPTORS.includes(name))) {
    await choose('Schedule', name)
    await expect(page.locator('.error')).toHaveCount(0)
  }
  const before = await copied(page, 'JSON')
  for (const name of ADAPTORS) {
    // The outer group's own list is the last one.
    await drawn(page, () => group.getByLabel('Adaptor', { exact: true }).last().selectOption(name))
    await expect(page.locator('.error'), name).toHaveCount(0)
    expect(await copied(page, 'Rust')).toContain(`${name}::new(`)
    await drawn(page, () =>
      region(page).getByRole('button', { name: 'Remove adaptor' }).first().click(),
    )
    expect(await copied(page, 'JSON')).toBe(before)
  }
})

test('warm-up, hold, decay, floor and repeat are composed by hand', async ({ page }) => {
  await open(page, { a: '0.5' })
  const outer = region(page).getByRole('group', { name: 'Schedule A' })
  const adaptor = (name: string) =>
    drawn(page, () => outer.getByLabel('Adaptor', { exact: true }).last().selectOption(name))
  await adaptor('Then')
  const next = region(page).getByRole('group', { name: 'next' })
  await drawn(page, () => next.getByLabel('Schedule', { exact: true }).selectOption('Linear'))
  for (const [label, text] of [
    ['from', '0.5'],
    ['to', '0'],
    ['steps', '4'],
  ]) {
    await drawn(page, () => field(next, label!).fill(text!))
  }
  await drawn(page, () => field(outer, 'at').fill('2'))
  await adaptor('Bounded')
  await drawn(page, () => field(outer, 'max').fill('1'))
  await drawn(page, () => field(outer, 'min').fill('0.2'))
  await adaptor('Repeated')
  await drawn(page, () => field(outer, 'period').fill('8'))
  await adaptor('WarmedUp')
  await drawn(page, () => field(outer, 'steps').first().fill('2'))
  const rates = [
    0,
    0.25,
    0.5,
    0.5,
    0.5,
    0.375,
    0.25,
    Math.fround(0.2),
    Math.fround(0.2),
    Math.fround(0.2),
    0.5,
  ]
  for (const [step, rate] of rates.entries()) {
    await type(field(page.locator('#controls'), 'Step'), String(step))
    const bits = new Uint32Array(Float32Array.of(rate).buffer)[0]!.toString(16).padStart(8, '0')
    expect(await bitsOf(page), `step ${step}`).toBe(bits)
  }
  expect(await copied(page, 'Rust')).toBe(
    'static SCHEDULE: WarmedUp<Repeated<Bounded<Then<f32, Linear<f32>>, f32>>, f32> = ' +
      'WarmedUp::new(Repeated::new(Bounded::new(Then::new(0.5, 2, ' +
      'Linear::new(0.5, 0.0, 4)), 0.2, 1.0), 8), 2);',
  )
})

test('a slider changes the parameter, and dragging draws on the way', async ({ page }) => {
  await open(page, { a: COSINE })
  const slider = region(page).getByLabel('initial_learning_rate, slider')
  const box = (await slider.boundingBox())!
  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height / 2)
  await page.mouse.down()
  const middle = await bitsOf(page)
  await drawn(page, () =>
    page.mouse.move(box.x + box.width * 0.8, box.y + box.height / 2, { steps: 5 }),
  )
  await page.mouse.up()
  const rate = Number(await field(region(page), 'initial_learning_rate').inputValue())
  expect(rate).toBeGreaterThan(0.2)
  expect(rate).toBeLessThan(0.6)
  expect(await bitsOf(page)).not.toBe(middle)
})

test('two are compared, each with its own form', async ({ page }) => {
  await open(page, { a: COSINE, step: 100 })
  await drawn(page, () => page.getByLabel('Compare with a second schedule').check())
  expect(await bitsOf(page, 'b')).toBe(await bitsOf(page, 'a'))
  const alone = await pixels(page)
  await drawn(page, () => field(region(page, 'B'), 'decay_steps').fill('200'))
  expect(await bitsOf(page, 'b')).not.toBe(await bitsOf(page, 'a'))
  expect(await pixels(page)).not.toBe(alone)
  await drawn(page, () => page.getByLabel('Compare with a second schedule').uncheck())
  await expect(region(page, 'B')).toHaveCount(0)
})

test('the logarithmic axis, zoom by dragging, and all steps', async ({ page }) => {
  await open(page, { a: cosine(500), to: 500 })
  const before = await pixels(page)
  await drawn(page, () => page.getByLabel('Logarithmic axis').check())
  expect(await pixels(page)).not.toBe(before)
  await expect(page.locator('#summary')).toContainText('Rates of 0 are not drawn.')
  await drawn(page, () => page.getByLabel('Logarithmic axis').uncheck())
  expect(await pixels(page)).toBe(before)
  await page.locator('#rates').scrollIntoViewIfNeeded()
  const box = (await page.locator('#rates .u-over').boundingBox())!
  await page.mouse.move(box.x + box.width * 0.2, box.y + 50)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.4, box.y + 50, { steps: 4 })
  await drawn(page, () => page.mouse.up())
  const from = Number(await field(page.locator('#controls'), 'First step').inputValue())
  const to = Number(await field(page.locator('#controls'), 'Last step').inputValue())
  expect(Math.abs(from - 100) + Math.abs(to - 200)).toBeLessThan(6)
  await drawn(page, () => page.getByRole('button', { name: 'All steps' }).click())
  await page.mouse.move(0, 0)
  await type(field(page.locator('#controls'), 'Step'), '0')
  expect(await pixels(page)).toBe(before)
})
