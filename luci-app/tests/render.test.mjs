// The pages, drawn from the daemon's golden answers in a real browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, widths } from '../../src/integration/browser/browser.mjs';
import { golden, open } from './runtime.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const overview = golden('luci/testdata/overview.json');
const down = golden('luci/testdata/overview-down.json');
const empty = { ...overview, status: golden('control/testdata/status-empty.json'), attention: { items: [], more: false }, queue: { items: [], more: false }, checkup: { report: null, seconds_ago: null, running: true } };
const well = { ...overview, warnings: [], checkup: { report: golden('doctor/testdata/well.json'), seconds_ago: 1, running: false } };
const hotspots = golden('luci/testdata/hotspots.json');

const hostile = '"><img src=x onerror="window.hit=1"><b>\u202e\x1b]0;x\x07\r\n%s%d</b>javascript:';

// spoil puts hostile text wherever a camera, a server or a person can put text.
function spoil(v, key) {
	if (Array.isArray(v))
		return v.map((x) => spoil(x, key));
	if (v && typeof v == 'object')
		return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, spoil(x, k)]));
	const meant = ['id', 'state', 'kind', 'type', 'path', 'code', 'by', 'received', 'time', 'now', 'tried', 'finished', 'taken', 'started', 'last_success'];
	return typeof v == 'string' && !meant.includes(key) ? hostile + v : v;
}

// draw renders an overview, as somebody who may do everything, or only look.
async function draw(page, o, may = true) {
	await page.evaluate(([o, may]) => {
		const f = new Proxy({}, { get: () => () => {} });
		show(load('view.snsbridge.status').renderOverview(o, {}, may ? f : null, f));
	}, [o, may]);
	return (await page.locator('#view').innerText()).replace(/\s+/g, ' ');
}

async function fits(page) {
	const over = await page.evaluate(() => Array.from(document.querySelectorAll('body, #view *')).filter((el) => el.scrollWidth > el.clientWidth + 1 && getComputedStyle(el).display != 'inline' && el.getBoundingClientRect().right > innerWidth).map((el) => el.outerHTML.slice(0, 200)));
	assert.deepEqual(over, [], 'wider than the screen');
}

for (const width of widths) {
	test(`the status at ${width} pixels`, async () => {
		const page = await open(browser, width);
		const text = await draw(page, overview);
		for (const want of [
			'Cameras that ask for gld.samsungosp.com are led to [203.0.113.7], and should be led to 127.0.0.1. Restart the bridge',
			'Targets: E-mail: The server refuses the login. Check user name and password.',
			'smtp.example.org: 535 no', // its own words
			'Three views draft', 'It waits for you to describe the pictures.',
			'NX300 (192.168.8.213), 5 minutes ago: logged in to facebook',
			'192.168.8.214, 3 hours ago: checked the hotspot at www.msn.com',
			'00:16:6c:65:43:21, a minute ago: wanted to send an e-mail. It was refused: the device 00:16:6c:65:43:21 is not among your cameras. Allow',
			'is sending SAM_0042.JPG 4.1 MB / 9.4 MB',
			'Mails today: 12 of at most 200', 'Mails are sent from me@example.org: the mail server refuses the cameras\' senders.', 'http://camera.lan/', 'Show the PIN',
			'It is damaged: the file 01-SAM_0005.JPG is missing',
		])
			assert.ok(text.includes(want), `"${want}" is missing in: ${text}`);
		assert.deepEqual(await page.locator('.snsbridge-link').allInnerTexts(), ['✔ Camera', '✖ Names', '✔ Address', '! Bridge', '✔ Storage', '✔ Uplink', '✖ Targets']
			.map((s) => s.replace(' ', '\n')));
		await fits(page);
		await page.close();
	});

	test(`hostile texts at ${width} pixels are texts`, async () => {
		const page = await open(browser, width);
		const reports = [spoil(overview), { ...spoil(down), enabled: true }, spoil(down)];
		for (const o of reports) {
			const text = await draw(page, o);
			assert.ok(text.includes('<img src=x onerror="window.hit=1">'), text.slice(0, 300));
			await fits(page);
			assert.equal(await page.locator('#view img, #view b').count(), 0);
			assert.deepEqual(await page.locator('#view a').evaluateAll((list) => list.map((a) => a.protocol).filter((p) => !/^https?:$/.test(p))), []);
		}
		await page.evaluate((h) => show(load('view.snsbridge.hotspot').renderHotspots(h)), spoil(hotspots));
		await page.evaluate(([o, models]) => {
			const node = load('snsbridge.edit').form(o.queue.items[1], {}, ['store', o.status.targets[0].name]);
			node.append(load('snsbridge.form.ticks').create([], [{ title: 'x', choices: models }], {}).render());
			node.append(load('view.snsbridge.log').renderLines([{ time: '', level: 'info', text: o.warnings[0] || models[0].label }], { level: 'info', text: '' }));
			load('snsbridge.bridge').complain(Object.assign(new Error(models[0].label), { remedy: models[0].label, raw: models[0].label }));
			document.querySelector('#view').append(node);
		}, [spoil(overview), [{ value: hostile, label: hostile, remark: hostile }]]);
		assert.equal(await page.locator('img, b').count(), 0);
		assert.equal(await page.evaluate(() => window.hit), undefined);
		await page.close();
	});

	test(`help for the hotspot and the log at ${width} pixels`, async () => {
		const page = await open(browser, width);
		const text = async (fn, arg) => {
			await page.evaluate(fn, arg);
			await fits(page);
			return (await page.locator('#view').innerText()).replace(/\s+/g, ' ');
		};
		const report = await text((h) => show(load('view.snsbridge.hotspot').renderHotspots(h)), hotspots);
		for (const want of ['Travel <b>: Some cameras may not join it.', 'Encryption: It offers WPA3 beside WPA2', 'Guests: Cameras cannot join it.', 'It wants WPA3', 'It is not at 2.4 GHz'])
			assert.ok(report.includes(want), `"${want}" is missing in: ${report}`);
		const lines = [{ time: 'Sat', level: 'info', text: 'one' }, { time: 'Sun', level: 'error', text: 'TWO ' + 'x'.repeat(900) }];
		const log = (filter) => text(([l, f]) => show(load('view.snsbridge.log').renderLines(l, f)), [lines, filter]);
		assert.match(await log({ level: 'info', text: '' }), /^Sun error TWO x+ Sat one$/);
		assert.match(await log({ level: 'warning', text: 'two' }), /^Sun error TWO/);
		assert.equal(await log({ level: 'warning', text: 'one' }), 'No line is like that.');
		assert.equal(await text(() => show(load('view.snsbridge.log').renderLines([], {}))), 'The log has no lines of this service.');
		await page.close();
	});
}

test('every state has its words', async () => {
	const page = await open(browser, 1100);
	assert.match(await draw(page, empty), /No camera has come since the start.*Nothing has come yet.*None since the start/);
	assert.equal(await page.locator('.snsbridge-link-busy').count(), 6, 'the doctor is still looking');
	assert.match(await draw(page, down), /Bridge: The settings are wrong, so nothing runs. Correct them under Settings: .*option colour/);
	assert.match(await draw(page, { ...down, wrong: [] }), /snsbridge is switched off/);
	assert.match(await draw(page, { ...down, wrong: [], enabled: true }), /The bridge does not run. Restart it./);
	const taken = { id: 'daemon', title: 'Bridge', state: 'failed', code: 'port-taken', params: { port: '18732' }, detail: 'x', remedy: 'y', then: [] };
	assert.match(await draw(page, { ...down, wrong: [], enabled: true, checkup: { report: { state: 'failed', checks: [taken] }, seconds_ago: 0, running: false } }),
		/Bridge: The bridge does not run: another program uses port 18732/);
	const text = await draw(page, well);
	assert.match(text, /All is well/);
	assert.equal(await page.locator('.snsbridge-link-failed, .snsbridge-link-warning').count(), 0);
	await page.close();
});

test('that the clock holds up e-mails and posts is told while something waits for it', async () => {
	const page = await open(browser, 360);
	const told = /Clock: No time server has set the router's clock yet: e-mails and posts wait for that, a few minutes at most\. Connect the router to the Internet\./;
	const status = (unset, state, code) => ({ ...well, status: { ...well.status, clock_unsynchronised: unset,
		targets: well.status.targets.map((t) => t.name == 'email' ? { ...t, state, last_error: { ...t.last_error, code } } : t) } });
	assert.match(await draw(page, status(true, 'failing', 'clock-wait')), told);
	assert.doesNotMatch(await draw(page, status(true, 'failing', 'network')), told);
	assert.doesNotMatch(await draw(page, status(true, 'ok', 'clock-wait')), told);
	assert.doesNotMatch(await draw(page, status(false, 'failing', 'clock-wait')), told);
	await page.close();
});

test('warnings about settings are in the words of the page', async () => {
	const page = await open(browser, 360);
	const text = await draw(page, { ...overview, warnings: [
		'every device on this network may mail to every address; name your cameras in list mac or list sender, or your addressees in list recipient',
		'mastodon.pub: there is no option base_url, and option token: the first line of x: its posts will wait; run snsbridge mastodon-login',
		'mastodon.pub: the user snsbridge cannot read /etc/x.token: its posts will wait; run chown snsbridge /etc/x.token',
		'the memory stick at /mnt/sda1 is left out: permission denied',
		'one that nobody <b>knows</b>'
	] });
	for (const want of [
		'Settings: Every device in the cameras\' Wi-Fi may mail to every address. Under Settings, say which',
		'Settings: Mastodon, pub: nobody is logged in, so its posts wait. Log in under Settings, Mastodon.',
		'Mastodon, pub: the bridge cannot read the file with the token, so its posts wait: /etc/x.token Log in again',
		'The memory stick at /mnt/sda1 cannot be used. Format it with ext4, or mount it so that everybody may write. permission denied',
		'Settings: one that nobody <b>knows</b>'
	])
		assert.ok(text.includes(want), `"${want}" is missing in: ${text}`);
	await fits(page);
	await page.close();
});

test('what needs a person comes first, however much came later', async () => {
	const page = await open(browser, 360);
	const [draft] = overview.queue.items.filter((it) => it.state == 'draft');
	const mail = { ...overview.queue.items.find((it) => it.state == 'done'), title: 'A mail', files: [] };
	const later = Array.from({ length: 20 }, (_, n) => ({ ...mail, id: `0001${n + 10}-0000` }));
	const first = { ...overview, attention: { items: [draft], more: true }, queue: { items: later, more: true } };
	await start(page, { overview: first, thumbnails: { thumbnails: {} }, queue: { items: [{ ...draft, id: '000002-0000', title: 'An older draft' }, mail], more: false } });
	const shown = async () => (await page.locator('.snsbridge-photo').allInnerTexts()).map((s) => s.split('\n').find((l) => /Three views|A mail|An older draft/.test(l)).split(' draft')[0].split(' delivered')[0]);
	assert.deepEqual((await shown()).slice(0, 2), ['Three views', 'A mail']);
	await page.locator('[data-key=needs]').click();
	await page.waitForFunction(() => !document.querySelector('[data-key=needs]'));
	assert.deepEqual((await shown()).slice(0, 3), ['Three views', 'An older', 'A mail']);
	await page.locator('[data-key=older]').click();
	await page.waitForFunction(() => !document.querySelector('[data-key=older]'));
	assert.equal((await shown()).filter((s) => s == 'An older').length, 1, 'shown twice');
	assert.deepEqual((await page.evaluate(() => asked)).filter((a) => a[0] == 'queue'), [['queue', draft.id, 'attention'], ['queue', later.at(-1).id, '']]);
	await fits(page);
	await page.close();
});

test('the way to the photo page is on top; nothing to send is nothing to press for', async () => {
	const page = await open(browser, 360);
	await draw(page, overview);
	assert.deepEqual((await page.locator('h3').allInnerTexts()).slice(0, 2), ['Page for phones', 'Needs you']);
	const look = () => page.locator('[data-key=retry]').getAttribute('class');
	assert.match(await look(), /button-action/);
	await draw(page, empty);
	assert.match(await look(), /button-neutral/);
	await page.close();
});

test('the room is told in photos, and a full storage at the top', async () => {
	const page = await open(browser, 360);
	assert.match(await draw(page, overview), /Room for about 12 photos \(61.0 MB\) in/);
	const full = { code: 'full', message: 'x', hint: 'y' };
	assert.match(await draw(page, { ...overview, status: { ...overview.status, storage: { ...overview.status.storage, trouble: full } } }), /^The storage is full: cameras are refused/);
	await fits(page);
	await page.close();
});

test('a camera that was refused because of its sender is shown, and allowed', async () => {
	const page = await open(browser, 360);
	await start(page, { overview, thumbnails: { thumbnails: {} } });
	assert.match(await page.locator('#view').innerText(), /NX300, an hour ago: wanted to send an e-mail. It was refused: the sender me@example.org is not among those who may send/);
	await page.locator('[data-key="allow sender me@example.org"]').click();
	await page.waitForFunction(() => asked.some((a) => a[0] == 'apply'));
	assert.deepEqual(await page.evaluate(() => asked.find((a) => a[0] == 'set')), ['set', 'snsbridge', 'cameras', 'sender', ['x@example.org', 'me@example.org']]);
	await page.close();
});

test('a recipient that was refused is one, and goes to the recipients; what cannot be allowed has no button', async () => {
	const page = await open(browser, 360);
	const refused = (allow) => ({ ...overview, status: { ...overview.status, refused: [{ ...overview.status.refused[0], allow }] } });
	for (const list of ['mac', 'sender']) {
		assert.match(await draw(page, refused({ list, value: '' })), /It was refused: the settings do not allow it/);
		assert.equal(await page.locator('[data-key^=allow]').count(), 0);
	}
	await start(page, { overview: refused({ list: 'recipient', value: 'you@example.org' }), thumbnails: { thumbnails: {} } });
	assert.match(await page.locator('#view').innerText(), /It was refused: you@example.org is not among those who may be mailed/);
	await page.locator('[data-key="allow recipient you@example.org"]').click();
	await page.waitForFunction(() => asked.some((a) => a[0] == 'apply'));
	assert.deepEqual((await page.evaluate(() => asked.find((a) => a[0] == 'set'))).slice(2, 4), ['smarthost', 'recipient']);
	await page.close();
});

test('who may only look has nothing to press', async () => {
	const page = await open(browser, 360);
	for (const o of [overview, down, empty]) {
		await draw(page, o, false);
		assert.equal(await page.locator('#view button, #view input, #view textarea').count(), 0);
	}
	await page.close();
});

// start opens the page as LuCI does, with answers for what it asks.
async function start(page, answers, mayWrite = true) {
	await page.evaluate(async ([answers, mayWrite]) => {
		Object.assign(window, { answers, mayWrite });
		const view = load('view.snsbridge.status');
		show(view.render(await view.load()));
		await polled();
	}, [answers, mayWrite]);
}

test('the page asks once, draws what changed, and keeps the focus', async () => {
	const page = await open(browser, 1100);
	const pixel = '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwSExIQEw8QEBD/yQALCAABAAEBAREA/8wABgAQEAX/2gAIAQEAAD8A0s8g/9k=';
	const thumbnails = Object.fromEntries(overview.queue.items.flatMap((it) => it.files.map((f) => [it.id + '/' + f.number, f.type == 'image/jpeg' ? pixel : null])));
	await start(page, { overview, thumbnails: { thumbnails } });
	assert.deepEqual(await page.evaluate(() => asked.map((a) => a[0])), ['overview', 'overview', 'thumbnails']);
	assert.ok(await page.locator('.snsbridge-thumb img').count() > 3);
	assert.match(await page.locator('.snsbridge-thumb img').first().getAttribute('src'), /^data:image\/jpeg;base64,/);
	await page.evaluate(() => { asked.length = 0; document.querySelector('[data-key="restart"]').focus(); document.querySelector('#view').mark = document.querySelector('.snsbridge-chain'); });
	await page.evaluate(() => polled());
	assert.deepEqual(await page.evaluate(() => asked.map((a) => a[0])), ['overview'], 'thumbnails are asked for once');
	assert.ok(await page.evaluate(() => document.querySelector('#view').mark.isConnected), 'nothing changed, and it was drawn anew');
	await page.evaluate(async () => { answers.overview = { ...answers.overview, warnings: ['another'] }; await polled(); });
	assert.match(await page.locator('#view').innerText(), /another/);
	assert.equal(await page.evaluate(() => document.activeElement.getAttribute('data-key')), 'restart');
	await page.evaluate(async () => { Object.defineProperty(document, 'hidden', { value: true }); asked.length = 0; await polled(); });
	assert.deepEqual(await page.evaluate(() => asked), [], 'a hidden page asks');
	await page.close();
});

test('a draft is completed, an item deleted after a question', async () => {
	const page = await open(browser, 360);
	const item = golden('control/testdata/item.json');
	await start(page, { overview, thumbnails: { thumbnails: {} }, item, edit: { ...item, state: 'waiting' }, delete: { removed: 'x' } });
	await page.evaluate(() => { asked.length = 0; });
	await page.locator('[data-key="edit 000003-0003"]').press('Enter'); // by keyboard
	await page.locator('[data-field="alt 2"]').fill('A river <b>');
	await page.locator('[data-field="remove 1"]').check();
	await page.locator('[data-field="target mastodon.pub"]').selectOption('store');
	await page.locator('[data-field="visibility"]').selectOption('private');
	await page.locator('#modal button', { hasText: /^Send$/ }).click();
	await page.locator('#modal').waitFor({ state: 'detached' });
	assert.deepEqual((await page.evaluate(() => asked)).slice(0, 2), [['item', '000003-0003'], ['edit', '000003-0003', {
		visibility: 'private', alts: { 1: 'A mountain', 2: 'A river <b>' }, targets: { 'mastodon.pub': 'store' }, remove: [1]
	}]]);
	await page.evaluate(() => { answers.edit = { error: { code: 'request', message: 'no language <b>', hint: 'en' } }; });
	await page.locator('[data-key="edit 000003-0003"]').click();
	await page.locator('#modal button', { hasText: /^Save$/ }).click();
	await page.locator('#modal [role=alert]', { hasText: 'no language <b>' }).waitFor();
	assert.equal(await page.evaluate(() => asked.pop()[2].still), true);
	await page.locator('#modal button', { hasText: 'Cancel' }).click();
	await page.evaluate(() => { asked.length = 0; });
	await page.locator('[data-key="delete 000003-0003"]').click();
	await page.locator('#modal button', { hasText: 'Cancel' }).click();
	assert.deepEqual(await page.evaluate(() => asked), []);
	await page.locator('[data-key="delete 000003-0003"]').click();
	await page.locator('#modal button', { hasText: 'Delete' }).click();
	await page.waitForFunction(() => asked.length);
	assert.deepEqual(await page.evaluate(() => asked[0]), ['delete', '000003-0003']);
	await page.close();
});

test('an error of the router is shown, and the page goes on', async () => {
	const page = await open(browser, 360);
	await start(page, { overview: { error: { code: 'failed-login', message: '535 <b>', hint: '' } } });
	assert.match(await page.locator('#view').innerText(), /The server refuses the login.*535 <b>/s);
	await page.evaluate(async (o) => { Object.assign(answers, { overview: o, thumbnails: { thumbnails: {} }, retry: { error: { code: 'busy', message: 'x', hint: 'y' } } }); await polled(); }, overview);
	await page.locator('[data-key="retry 000004-0004"]').click();
	await page.locator('text=It is being delivered right now.').waitFor();
	await page.close();
});
