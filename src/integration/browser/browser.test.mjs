// The browser itself: what the other tests take for granted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch } from './browser.mjs';

test('the browser runs scripts and measures text', async () => {
	const browser = await launch();
	try {
		const page = await browser.newPage({ viewport: { width: 360, height: 640 } });
		await page.setContent('<p>camera</p>');
		assert.equal(await page.evaluate(() => document.querySelector('p').textContent), 'camera');
		const box = await page.locator('p').boundingBox();
		assert.ok(box.width > 100 && box.height > 5, JSON.stringify(box)); // fonts are there
	} finally {
		await browser.close();
	}
});
