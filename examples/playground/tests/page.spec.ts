import { expect, test } from '@playwright/test'

test('it runs', async ({ page }) => {
  await page.goto('/')
  await expect(page.locator('main')).toContainText('0.05')
})
