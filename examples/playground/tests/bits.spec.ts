// The values under the pointer are those of the library, bit for bit.

import { expect } from '@playwright/test'
import { bitsOf, field, open, ORACLE, test, type } from './playground.ts'

const PARTS = 4

for (let part = 0; part < PARTS; part++) {
  test(`bits of every schedule of the catalogue, part ${part + 1} of ${PARTS}`, async ({ page }) => {
    test.setTimeout(120_000)
    const instances = ORACLE.filter((_, index) => index % PARTS === part)
    for (const [index, { name, instance, json, edges, bits, edge_bits }] of instances.entries()) {
      const where = `${name}, ${instance}`
      await open(page, { a: json, to: 500 })
      const plot = (await page.locator('#rates .u-over').boundingBox())!
      for (const fraction of [0, 0.25, 0.5, 0.75, 1]) {
        // Another position for each instance.
        const x = Math.min(plot.width * fraction + (index % 7), plot.width - 1)
        await page.mouse.move(plot.x + x, plot.y + plot.height / 2)
        const step = Number(await field(page.locator('#controls'), 'Step').inputValue())
        expect(Math.abs(step - (500 * x) / plot.width), where).toBeLessThan(1)
        expect(await bitsOf(page), `${where}, step ${step}`).toBe(bits[step])
      }
      await page.mouse.move(0, 0)
      await open(page, { a: json, to: 2 ** 32 - 1 })
      for (const [edge, step] of edges.entries()) {
        await type(field(page.locator('#controls'), 'Step'), String(step))
        expect(await bitsOf(page), `${where}, step ${step}`).toBe(edge_bits[edge])
      }
    }
  })
}
