import { defineConfig } from 'vite'

export default defineConfig({
  base: './', // any folder of any static host
  build: { target: 'es2022' },
})
