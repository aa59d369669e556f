// Five thousand photos on the bridge: the page is of use at once, and neither it
// nor the program grows with them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { launch } from './browser.mjs';
import { album, Bridge, until } from './bridge.mjs';

const many = 5000, each = 5;
const peak = 16 << 10, quiet = 12 << 10; // KiB, for a router with 64 MB
const atOnce = 200; // photos that are asked for until the first are seen

// remember puts delivered e-mails of five photos into the spool, as the program
// writes them. It is one photo, under many names.
async function remember(bridge) {
	const whole = fs.readFileSync(path.join(await album(), 'SAM_4711.JPG'));
	const bytes = Buffer.concat([whole.subarray(0, 20_000), Buffer.from([0xff, 0xd9])]); // with its thumbnail
	const file = path.join(bridge.dir, 'photo');
	fs.writeFileSync(file, bytes);
	const start = Date.now();
	for (let n = 1; n <= many / each; n++) {
		const id = String(n).padStart(6, '0') + '-0000';
		const dir = path.join(bridge.spool, 'items', id);
		fs.mkdirSync(dir, { recursive: true });
		const time = new Date(start - (many / each - n) * 300_000).toISOString().replace(/\.\d+/, '');
		const files = [];
		for (let k = 1; k <= each; k++) {
			const name = `SAM_${(n - 1) * each + k}.JPG`;
			files.push({ name, path: `0${k}-${name}`, type: 'image/jpeg', size: bytes.length, taken: time });
			fs.linkSync(file, path.join(dir, files[k - 1].path));
		}
		fs.writeFileSync(path.join(dir, 'item.json'), JSON.stringify({
			id, kind: 'email', received: time, model: 'NX300', sender: 'Camera@samsungcamera.com', files,
			jobs: [{ target: 'store', state: 'done', attempts: 1, result: '2026-11-21', tried: time, finished: time }],
		}));
	}
	fs.writeFileSync(path.join(bridge.spool, 'seq'), many + 1 + '\n');
}

// first tells, in the browser, whether a photo is the first that is shown.
const first = name => {
	const e = document.querySelector('.tile .name');
	return scrollY === 0 && e && e.textContent === name;
};

// look looks at them all, and returns what memory that took the program.
async function look(t) {
	const bridge = await Bridge.start('PAGE_PIN = "271828"', 'KEEP_DONE = "30 days"');
	const browser = await launch();
	try {
		await bridge.kill();
		await remember(bridge);
		await bridge.launch();
		await until(async () => (await bridge.call('status')).queue.items === many / each);
		const context = await browser.newContext({ viewport: { width: 360, height: 640 } });
		context.setDefaultTimeout(300_000);
		const page = await context.newPage();
		let asked = 0;
		page.on('request', r => { asked += /\/phone\/(thumb|file)\//.test(r.url()) ? 1 : 0; });
		await page.goto(bridge.url);
		await page.fill('#pin', '271828');
		await page.click('#pin-button');
		await page.waitForFunction(() => [...document.querySelectorAll('.tile img')].slice(0, 4).filter(img => img.complete && img.naturalWidth).length === 4);
		t.diagnostic(`the first photos are seen after ${asked} were asked for`);
		assert.ok(asked < atOnce, `${asked} photos were asked for until the first were seen`);

		// To the end, as fast as it comes; then back to the top.
		let most = 0, rounds = 0;
		const count = async () => {
			const n = await page.evaluate(() => document.querySelectorAll('.tile').length);
			most = Math.max(most, n);
			return n;
		};
		await until(async () => {
			await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
			await count();
			rounds++;
			return page.evaluate(() => [...document.querySelectorAll('.tile .name')].some(e => e.textContent === 'SAM_1.JPG'));
		}, 1_800_000);
		const height = await page.evaluate(() => document.documentElement.scrollHeight);
		t.diagnostic(`the end after ${rounds} rounds; at most ${most} of ${many} photos have elements`);
		assert.ok(most < 700, `${most} photos have elements`);
		await page.evaluate(() => scrollTo(0, 0));
		await page.waitForFunction(() => [...document.querySelectorAll('.tile .name')].some(e => e.textContent === 'SAM_4996.JPG'));
		await count();
		await page.evaluate(h => scrollTo(0, h / 2), height);
		await page.waitForFunction(() => {
			const seen = [...document.querySelectorAll('.tile')].filter(e => { const b = e.getBoundingClientRect(); return b.bottom > 0 && b.top < innerHeight; });
			return seen.length >= 4 && seen.every(e => /SAM_2[2-7]\d\d/.test(e.textContent));
		});
		await page.evaluate(() => scrollTo(0, 0));
		await page.waitForFunction(first, 'SAM_4996.JPG');

		// A photo that comes now is on top.
		await bridge.send('--email', 'keep@example.org', '--size', '200000');
		await page.waitForFunction(first, 'SAM_0001.JPG');
		const shown = bridge.memory();
		await context.close();
		const then = await until(() => { const m = bridge.memory(); return m.resident <= quiet && m; }, 120_000).catch(() => bridge.memory());
		t.diagnostic(`memory: at most ${shown.peak} KiB, ${shown.resident} while it was shown, then ${then.resident}, of which ${then.anonymous} anonymous`);
		return then;
	} finally {
		await browser.close();
		await bridge.stop();
	}
}

// How much memory the program takes depends by some hundred KiB on when its
// collector gets its turn beside a browser, which no router has to bear. So it
// may try three times; if it needs more than its budget, it does so each time.
test(many + ' photos', async t => {
	for (let tries = 1; ; tries++) {
		const used = await look(t);
		if (used.peak <= peak && used.resident <= quiet || tries === 3) {
			assert.ok(used.peak <= peak, `at most ${used.peak} KiB, want ${peak}`);
			assert.ok(used.resident <= quiet, `once quiet ${used.resident} KiB, want ${quiet}`);
			return;
		}
	}
});
