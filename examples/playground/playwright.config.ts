import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: 'tests',
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  timeout: 120_000,
  use: {
    baseURL: 'http://localhost:4173',
    permissions: ['clipboard-read', 'clipboard-write'],
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox'], // which root in a container needs
    },
  },
  projects: [
    { name: 'page', testIgnore: 'speed.spec.ts' },
    // After the others, so that nothing disturbs it.
    { name: 'speed', testMatch: 'speed.spec.ts', dependencies: ['page'], fullyParallel: false },
  ],
  webServer: [
    { command: 'npx vite preview --strictPort --port 4173', url: 'http://localhost:4173' },
    { command: 'npx vite --strictPort --port 4174', url: 'http://localhost:4174' },
  ],
})
