// What is copied is the schedule: it compiles for a chip, and has the library's bits.

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { expect, type Page } from '@playwright/test'
import { bitsOf, copied, open, ORACLE, test } from './playground.ts'

const CRATE = new URL('./statics/', import.meta.url).pathname

/** What the buttons put into the clipboard. Events of a script are faster than real clicks. */
async function pressed(page: Page, names: string[]): Promise<string[]> {
  return page.evaluate(async (names) => {
    const texts: string[] = []
    for (const name of names) {
      document.querySelector<HTMLElement>(`[aria-label="Copy ${name}"]`)!.click()
      texts.push(await navigator.clipboard.readText())
    }
    return texts
  }, names)
}

test('every static line and every array compiles for a chip, with the same bits', async ({
  page,
}) => {
  test.setTimeout(300_000)
  const cases: string[] = []
  for (const [index, { json, edges, bits, edge_bits }] of ORACLE.entries()) {
    await open(page, { a: json })
    const [rust, array, code] = await pressed(page, ['Rust', 'array', 'hex'])
    const bytes = /\[([\d, ]*)\];/.exec(array!)![1]!.split(', ').map(Number)
    const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')
    expect(code).toBe(hex)
    const received = /from_bytes::<(.*)>\(/.exec(array!)![1]
    const steps = [0, 1, 9, 10, 11, 99, 100, 101, 125, 126, 250, 499, 500].map(
      (step) => `(${step}, 0x${bits[step]})`,
    )
    const rates = [...steps, ...edges.map((step, edge) => `(${step}, 0x${edge_bits[edge]})`)]
    cases.push(`#[allow(unused_imports)]
mod case_${index} {
    use microlr::*;
    pub ${rust}
    pub ${array!.split('\n')[1]}
    #[test]
    fn has_the_rates() {
        let rates = [${rates.join(', ')}];
        crate::check(&SCHEDULE, &rates);
        crate::check(&postcard::from_bytes::<${received}>(&BYTES).unwrap(), &rates);
    }
}`)
  }
  writeFileSync(`${CRATE}generated.rs`, cases.join('\n'))
  const cargo = (...words: string[]) =>
    execFileSync('cargo', words, { cwd: CRATE, encoding: 'utf8' })
  cargo('check', '--quiet', '--target', 'thumbv6m-none-eabi')
  expect(cargo('test', '--quiet')).toContain(`${ORACLE.length} passed; 0 failed`)
})

test('the JSON is read back', async ({ page }) => {
  for (const { json, bits } of ORACLE.filter((_, index) => index % 20 === 0)) {
    await open(page, { a: json })
    const text = await copied(page, 'JSON')
    await open(page)
    await page.getByLabel("Paste Keras' JSON").fill(text)
    expect(await bitsOf(page)).toBe(bits[0])
    expect(await copied(page, 'JSON')).toBe(text)
  }
})
