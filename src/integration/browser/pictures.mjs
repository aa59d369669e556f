// Takes the pictures of the README from the running product: make pictures.
import fs from 'node:fs';
import path from 'node:path';
import { launch } from './browser.mjs';
import { album, Bridge, until } from './bridge.mjs';
import { open } from '../../../luci-app/tests/runtime.mjs';
import { startMastodon } from './mastodon.mjs';

const most = 60_000; // bytes of a picture
const folder = path.join(import.meta.dirname, 'pictures');
const pin = '271828';

// luci draws the status page of LuCI, as its tests do, from what the bridge says.
async function luci() {
	const page = await open(browser, 764);
	await page.setViewportSize({ width: 764, height: 546 });
	const checkup = await until(async () => {
		const c = await bridge.ask('/doctor?address=');
		return c.report && c;
	});
	const queue = await bridge.ask('/queue');
	const attention = await bridge.ask('/queue?state=attention');
	const thumbnails = {};
	for (const it of queue.items) {
		for (const [n, jpeg] of Object.entries((await bridge.ask(`/items/${it.id}/thumbnails`)).thumbnails)) {
			thumbnails[`${it.id}/${n}`] = jpeg;
		}
	}
	const overview = { enabled: true, address: '', wrong: [], warnings: [], bridge: null, status: await bridge.ask('/status'), attention, queue, checkup };
	await page.evaluate(([o, thumbnails]) => {
		const may = new Proxy({}, { get: () => () => {} });
		show(load('view.snsbridge.status').renderOverview(o, load('snsbridge.photos').urls(thumbnails), may));
	}, [overview, thumbnails]);
	return page;
}

const server = await startMastodon();
const bridge = await Bridge.start(`PAGE_PIN = "${pin}"`, 'RECIPIENTS = ["*@example.org"]', 'MAIL_SERVER = "127.0.0.1"', 'MAIL_PORT = 9',
	...server.settings('"keep@example.org" = "store"', '"me@example.org" = "email"'));
const browser = await launch();
try {
	const photos = await album();
	const photo = n => path.join(photos, `SAM_47${n}.JPG`);
	await bridge.send('--email', 'keep@example.org', photo(12), photo(13));
	await bridge.send('--email', 'me@example.org', '--text', 'Good night!', photo(14));
	await bridge.send('--site', 'facebook', '--text', 'A walk around the lake', photo(15), photo(17));
	await bridge.send('--email', 'keep@example.org', photo(11), photo(18));
	await until(async () => (await bridge.call('status')).queue.draft === 1);
	await until(async () => (await bridge.call('queue', '--state', 'waiting')).items.some(it => it.jobs[0].error));

	const context = await browser.newContext({ viewport: { width: 360, height: 640 }, locale: 'en-GB', colorScheme: 'light' });
	const page = await context.newPage();
	await page.goto(bridge.url);
	await page.fill('#pin', pin);
	await page.click('#pin-button');
	const save = async (name, page) => {
		await page.waitForFunction(() => [...document.images].every(img => img.complete));
		const file = path.join(folder, name + '.jpg');
		fs.writeFileSync(file, await page.screenshot({ type: 'jpeg', quality: name === 'luci' ? 52 : 82 }));
		const { size } = fs.statSync(file);
		console.log(`${file}  ${size} bytes`);
		if (size > most) {
			throw new Error(`${name} has ${size} bytes, want at most ${most}`);
		}
	};
	const take = async (name, hash, ready) => {
		await page.evaluate(h => { location.hash = h; }, hash);
		await page.waitForSelector(ready);
		await save(name, page);
	};
	fs.mkdirSync(folder, { recursive: true });
	await page.waitForSelector('.tile');
	await take('photos', '#photos', '.tile');
	const [draft] = (await bridge.call('queue', '--state', 'draft')).items;
	await page.evaluate(id => { location.hash = '#edit/' + id; }, draft.id);
	await page.locator('.picture textarea').first().fill('A lake in a green forest; the hills are mirrored in it');
	await take('draft', '#edit/' + draft.id, '.picture');
	await take('queue', '#queue', '.card');
	await save('luci', await luci());
} finally {
	await browser.close();
	await bridge.stop();
	await server.stop();
}
