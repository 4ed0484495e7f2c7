import { readFileSync } from 'node:fs'
import { defineConfig } from 'vite'

// The page needs one table of the document.
const document = readFileSync(new URL('../../docs/cortex-m.md', import.meta.url), 'utf8')
const table = document.split('<!-- cost -->')[1]!.split('<!-- end -->')[0]!

export default defineConfig({
  base: './', // any folder of any static host
  build: { target: 'es2022' },
  define: { COST_TABLE: JSON.stringify(table) },
})
