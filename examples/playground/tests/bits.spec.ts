// The values under the pointer are those of the library, bit for bit.

import { expect } from '@playwright/test'
import { bitsOf, field, open, ORACLE, test } from './playground.ts'

const PARTS = 2

// A small window is drawn faster.
test.use({ viewport: { width: 500, height: 600 } })

for (let part = 0; part < PARTS; part++) {
  test(`bits of every schedule of the catalogue, part ${part + 1} of ${PARTS}`, async ({
    page,
  }) => {
    const instances = ORACLE.filter((_, index) => index % PARTS === part)
    for (const [index, { name, instance, json, edges, bits, edge_bits }] of instances.entries()) {
      const where = `${name}, ${instance}`
      await open(page, { a: json, to: 500 })
      const plot = (await page.locator('#rates .u-over').boundingBox())!
      for (const fraction of [(index % 9) / 10, 1]) {
        const x = Math.min(plot.width * fraction, plot.width - 1)
        await page.mouse.move(plot.x + x, plot.y + plot.height / 2)
        const step = Number(await field(page.locator('#controls'), 'Step').inputValue())
        // The pointer is at a pixel, which is more than a step.
        expect(Math.abs(step - (500 * x) / plot.width), where).toBeLessThan(1 + 500 / plot.width)
        expect(await bitsOf(page), `${where}, step ${step}`).toBe(bits[step])
      }
      await page.mouse.move(0, 0)
      const edge = index % 4
      await open(page, { a: json, to: 2 ** 32 - 1, step: edges[edge]! })
      expect(await bitsOf(page), `${where}, step ${edges[edge]}`).toBe(edge_bits[edge])
    }
  })
}
