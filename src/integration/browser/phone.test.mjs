// The phone page in a real browser, before the real program.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import * as espree from 'espree';
import { launch, widths } from './browser.mjs';
import { album, Bridge, until } from './bridge.mjs';
import { startMastodon } from './mastodon.mjs';

const pin = '271828';
const patience = 300_000; // ms, for what takes a moment on an idle machine

let browser, server, bridge, page, photos;
const faults = []; // what the browser had to complain about

before(async () => {
	browser = await launch('--host-resolver-rules=MAP * 127.0.0.1');
	server = await startMastodon({ alt: 1200 });
	photos = await album();
	bridge = await Bridge.start(`PAGE_PIN = "${pin}"`, 'MAIL_SERVER = "127.0.0.1"', 'MAIL_PORT = 9', ...server.settings('youtube = "mastodon.down"', '"keep@example.org" = "store"', '"away@example.org" = "email"', '"post@example.org" = "mastodon.photog"'),
		'[MASTODON.down]', 'BASE_URL = "http://127.0.0.1:9"', 'TOKEN = "a-token-of-more-than-24-letters"');
});

after(async () => {
	await browser.close();
	await bridge.stop();
	await server.stop();
});

// open makes a browser of its own, in which nobody has typed the PIN.
async function open(options = {}) {
	const context = await browser.newContext({ viewport: { width: 360, height: 640 }, locale: 'en-GB', ...options });
	context.setDefaultTimeout(patience);
	const p = await context.newPage();
	p.on('pageerror', e => faults.push(String(e)));
	p.on('dialog', d => faults.push('a dialog: ' + d.message()));
	p.on('console', m => m.type() === 'error' && !/Failed to load resource|blocked by CORS/.test(m.text()) && faults.push(m.text()));
	return p;
}

async function enter(p, digits = pin) {
	await p.fill('#pin', digits);
	await p.click('#pin-button');
}

beforeEach(async () => {
	page = await open();
	await page.goto(bridge.url);
	await enter(page);
	await page.waitForSelector('#main h1');
});

afterEach(async () => {
	await page.context().close();
	assert.deepEqual(faults.splice(0), []);
});

const photo = n => path.join(photos, `SAM_47${n}.JPG`);
const tile = name => page.locator('.tile', { hasText: name });
const go = (tab, p = page) => p.evaluate(hash => { location.hash = hash; }, '#' + tab);
// remove deletes an item. One that is being delivered is refused: then again.
const remove = id => until(() => bridge.call('delete', '--yes', id).catch(e => {
	if (!/being delivered/.test(e.stderr)) {
		throw e;
	}
}));
const queue = async state => (await bridge.call('queue', '--limit', '200', ...state ? ['--state', state] : [])).items;

test('the script is one that a phone of five years ago understands', () => {
	const parse = file => espree.parse(fs.readFileSync(path.join(import.meta.dirname, '../../gallery/page', file), 'utf8'), { ecmaVersion: 2017, sourceType: 'module' });
	const { body } = parse('page.js');
	parse('why.js');
	// And one that says everything in both languages.
	const words = body.find(s => s.declarations && s.declarations[0].id.name === 'words').declarations[0].init.properties;
	const names = of => of.properties.flatMap(p => [p.key.name || p.key.value, ...p.value.properties ? names(p.value) : []]);
	assert.deepEqual(words.map(w => w.key.name), ['en', 'de']);
	assert.deepEqual(names(words[0].value), names(words[1].value));
});

test('a wrong PIN is told, and guessing is slowed', async () => {
	const p = await open();
	await p.goto(bridge.url);
	assert.equal(await p.locator('#main h1').count(), 0);
	const answered = () => p.waitForResponse(r => r.url().endsWith('/login'));
	for (let n = 1; n < 5; n++) {
		const [r] = await Promise.all([answered(), enter(p, '00000' + n)]);
		assert.equal(r.status(), 403);
		await p.waitForFunction(() => document.querySelector('#pin-error').textContent === 'This is not the PIN.');
	}
	// Not even the right one is looked at after the fifth. What the page shows
	// meanwhile is kept by an observer: the wait is over when it is over.
	await p.evaluate(() => {
		window.shown = [];
		new MutationObserver(() => shown.push([document.querySelector('#pin-error').textContent, document.querySelector('#pin-button').disabled]))
			.observe(document.querySelector('#pin-error'), { childList: true, characterData: true, subtree: true });
	});
	const begin = Date.now();
	const [fifth] = await Promise.all([answered(), enter(p, '000005')]);
	assert.equal(fifth.status(), 429);
	const { wait } = (await fifth.json()).error;
	const early = await p.request.post(bridge.url + 'phone/api/login', { data: { pin } });
	// A machine that was too slow to ask in time learns nothing here.
	assert.ok(early.status() === 429 || Date.now() - begin >= wait * 1000, `${early.status()} within ${wait} s`);
	await p.waitForFunction(() => shown.some(([text, disabled]) => disabled && /^Too many wrong PINs/.test(text)));
	await p.waitForFunction(() => !document.querySelector('#pin-button').disabled);
	await enter(p);
	await p.waitForSelector('#main h1');
	// The next browser is in already, without the PIN: it is the same session.
	await p.reload();
	await p.waitForSelector('#main h1');
	await p.click('[aria-label="Log out"]');
	await p.waitForSelector('#login:not([hidden])');
	await p.reload();
	await p.waitForSelector('#login:not([hidden])');
	assert.equal(await p.locator('.tile').count(), 0);
	await p.context().close();
});

test('a photo appears while one looks, with how much of it has come', async () => {
	const link = await bridge.link(1_000_000);
	const sent = bridge.send('--to', link.address, '--email', 'keep@example.org', photo(11), photo(12));
	const arriving = page.locator('.arriving');
	const said = await page.waitForFunction(() => {
		const e = document.querySelector('.arriving');
		return e && e.querySelector('progress').value > 500_000 && e.textContent;
	});
	link.open();
	assert.match(await said.jsonValue(), /sends SAM_471[12]\.JPG.* MB of 9\.2 MB/);
	await sent;
	await tile('SAM_4711.JPG').waitFor();
	await arriving.waitFor({ state: 'detached' });
	assert.match(await page.textContent('#say'), /2 photos from NX300 arrived/);
	const text = await tile('SAM_4712.JPG').textContent();
	assert.match(text, /SAM_4712\.JPG21 Nov.*NX300 · 4\.9 MB/);
	await page.waitForFunction(() => /✓|Photo folder/.test(document.querySelector('.tile').textContent) && document.querySelector('.tile .went.done'));
	// The thumbnail is the photo's own, not the photo.
	const size = await tile('SAM_4711.JPG').locator('img').evaluate(async img => { await img.decode(); return [img.naturalWidth, img.naturalHeight]; });
	assert.deepEqual(size, [160, 120]);
});

test('a photo fills the screen, is turned, and can be saved and deleted', async () => {
	await bridge.send('--email', 'keep@example.org', photo(16), photo(13));
	await tile('SAM_4716.JPG').click();
	const large = page.locator('.stage img:not(.blur)');
	assert.deepEqual(await large.evaluate(async img => { await img.decode(); return [img.naturalWidth, img.naturalHeight]; }), [800, 1200], 'turned by the camera');
	await page.waitForSelector('.about .jobs .done');
	assert.match(await page.textContent('.about'), /NX300.*7\.7 MB.*Photo folder/);
	const [download] = await Promise.all([page.waitForEvent('download'), page.click('[aria-label="Download"]')]);
	assert.equal(download.suggestedFilename(), 'SAM_4716.JPG');
	assert.ok(fs.readFileSync(await download.path()).equals(fs.readFileSync(photo(16))));
	await page.keyboard.press('ArrowRight');
	await page.waitForFunction(() => document.querySelector('.viewer h2').textContent === 'SAM_4713.JPG');
	const count = (await queue()).length;
	await page.click('.viewer [aria-label="Delete"]');
	await page.waitForSelector('#question:not([hidden])');
	assert.match(await page.textContent('#question'), /Delete SAM_4713\.JPG.*copy in the photo folder stays/);
	await page.click('#question >> text=Cancel');
	assert.equal((await queue()).find(it => it.files.some(f => f.name === 'SAM_4713.JPG')).files.length, 2);
	await page.click('.viewer [aria-label="Delete"]');
	await page.click('#question .danger');
	await tile('SAM_4713.JPG').waitFor({ state: 'detached' });
	const items = await queue();
	assert.equal(items.length, count, 'the other photo of the e-mail stays');
	assert.ok(!items.some(it => it.files.some(f => f.name === 'SAM_4713.JPG')));
	await until(() => fs.existsSync(path.join(bridge.photos, '2026-11-21', 'SAM_4713.JPG')));
});

test('the photo folder is looked through, day by day', async () => {
	await bridge.send('--email', 'keep@example.org', photo(14));
	await until(() => fs.existsSync(path.join(bridge.photos, '2026-11-21', 'SAM_4714.JPG')));
	await page.click('[aria-label="Photo folder"]');
	await tile('2026-11-21').click();
	await tile('SAM_4714.JPG').click();
	await page.locator('.stage img:not(.blur)').evaluate(img => img.decode());
	await page.click('.viewer [aria-label="Delete"]');
	assert.match(await page.textContent('#question'), /from the photo folder for good/);
	await page.click('#question .danger');
	await tile('SAM_4714.JPG').waitFor({ state: 'detached' });
	assert.ok(!fs.existsSync(path.join(bridge.photos, '2026-11-21', 'SAM_4714.JPG')));
});

test('a draft is completed and posted', async () => {
	await bridge.send('--site', 'facebook', '--text', 'Three views', photo(15), photo(16), photo(17));
	const [item] = await until(async () => { const all = await queue('draft'); return all.length && all; });
	await go('drafts');
	await page.click('.card >> text=Edit');
	const pictures = page.locator('.picture');
	await page.waitForFunction(() => [...document.querySelectorAll('.picture .count')].map(e => e.textContent).join() === '0 / 1200,0 / 1200,0 / 1200');
	const text = page.locator('textarea').first();
	assert.equal(await text.inputValue(), 'Three views');
	await text.fill('Two views, and two more lines\nof text');
	await pictures.nth(0).locator('textarea').fill('A lake in a green forest');
	// It is not complete: it stays, and says why.
	await page.click('text=Post now');
	await page.waitForFunction(() => /2 pictures have no description/.test(document.querySelector('#toast').textContent));
	assert.equal(server.posts.length, 0);
	// The last one is to be the first, and the middle one is thrown away.
	await pictures.nth(2).locator('[aria-label^="Move up"]').click();
	await pictures.nth(1).locator('[aria-label^="Move up"]').click();
	await pictures.nth(2).locator('[aria-label^="Delete"]').click();
	await page.click('#question .danger');
	await page.waitForFunction(() => document.querySelectorAll('.picture').length === 2);
	// What was typed outlives the page.
	await pictures.nth(0).locator('textarea').fill('Hills in the fog');
	await page.reload();
	await page.waitForFunction(() => document.querySelectorAll('.picture').length === 2);
	assert.equal(await pictures.nth(0).locator('textarea').inputValue(), 'Hills in the fog');
	// A description that is too long is not sent.
	await pictures.nth(0).locator('textarea').fill('x'.repeat(1201));
	await page.click('text=Post now');
	await page.waitForFunction(() => /longer than the server takes/.test(document.querySelector('#toast').textContent));
	await pictures.nth(0).locator('textarea').fill('Hills in the fog');
	await page.selectOption('select >> nth=0', 'private');
	await page.selectOption('select >> nth=1', 'de');
	await page.locator('label', { hasText: 'Content warning' }).locator('input').fill('Heights');
	await page.click('text=Post now');
	await page.waitForFunction(() => document.querySelector('.note') && document.querySelector('.note').textContent === 'Sent.');
	assert.equal(await page.getAttribute('.jobs a', 'href'), 'https://photog.example/@me/1');
	const [post] = server.posts;
	assert.deepEqual(post.media.map(x => x.alt), ['Hills in the fog', 'A lake in a green forest']);
	assert.match(post.text, /^Two views, and two more lines\nof text\n/);
	assert.deepEqual([post.visibility, post.language, post.warning], ['private', 'de', 'Heights']);
	assert.equal((await bridge.call('show', item.id)).files.length, 2);
	assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), []);
});

test('without an uplink a post is queued, and goes elsewhere if one wants', async () => {
	await bridge.send('--site', 'youtube', '--text', 'Dunes', photo(13));
	const [item] = await until(async () => { const all = await queue('draft'); return all.length && all; });
	await go('edit/' + item.id);
	await page.locator('.picture textarea').fill('Dunes under a blue sky');
	await page.click('text=Post now');
	await page.waitForFunction(() => document.querySelector('.note') && /as soon as there is an uplink/.test(document.querySelector('.note').textContent));
	await go('queue');
	const card = page.locator('.card', { hasText: 'Dunes' });
	await card.waitFor();
	// It is tried again by itself: how often by now depends on the machine.
	const tried = text => /tried once/.test(text) ? 1 : Number((/tried (\d+) times/.exec(text) || [])[1]);
	const text = await until(async () => { const all = await card.textContent(); return tried(all) && all; });
	assert.match(text, /Mastodon down · .*The server cannot be reached/);
	await card.locator('text=Try now').click();
	await until(async () => tried(await card.textContent()) > tried(text));
	await card.locator('text=Edit').click();
	await page.selectOption('select >> nth=2', 'store');
	// While it is tried, it cannot be changed: then again.
	const note = page.locator('.note');
	await until(async () => {
		await page.click('text=Send now', { timeout: 1000 }).catch(() => {});
		return await note.count() && await note.textContent() === 'Sent.';
	});
	await until(() => fs.readdirSync(path.join(bridge.photos, '2026-11-21')).some(f => f.startsWith('SAM_4713')));
	await go('queue');
	await page.waitForFunction(() => /Nothing waits/.test(document.querySelector('#main').textContent));
});

test('what needs a person is on top of the queue, however much came later', async t => {
	const own = await Bridge.start(`PAGE_PIN = "${pin}"`, 'MAIL_SERVER = "127.0.0.1"', 'MAIL_PORT = 9');
	t.after(() => own.stop());
	await own.send('--email', 'away@example.org', '--size', '20000');
	await own.kill();
	const items = path.join(own.spool, 'items');
	const [id] = fs.readdirSync(items);
	const record = JSON.parse(fs.readFileSync(path.join(items, id, 'item.json'), 'utf8'));
	for (let n = 0; n < 30; n++) { // as the program writes them
		const copy = { ...record, id: `${String(n + 100).padStart(6, '0')}-0000`, text: 'It waits' };
		fs.cpSync(path.join(items, id), path.join(items, copy.id), { recursive: true });
		fs.writeFileSync(path.join(items, copy.id, 'item.json'), JSON.stringify(copy));
	}
	record.text = 'It failed';
	record.jobs = record.jobs.map(j => ({ ...j, state: 'failed', attempts: 1, code: 'recipient', error: 'x' }));
	fs.writeFileSync(path.join(items, id, 'item.json'), JSON.stringify(record));
	await own.launch();
	await until(async () => (await own.call('status')).queue.items === 31);
	const p = await open();
	await p.goto(own.url);
	await enter(p);
	await p.waitForSelector('#main h1');
	await go('queue', p);
	await p.waitForSelector('.card');
	assert.equal(await p.locator('.card h2').first().textContent(), 'It failed');
	await p.context().close();
});

test('a draft can be completed beside what only waits', async () => {
	await bridge.send('--email', 'away@example.org,post@example.org', '--title', 'Harbour', photo(14));
	const [item] = await until(async () => { const all = await queue('draft'); return all.length && all; });
	assert.deepEqual((await bridge.call('show', item.id)).jobs.map(j => [j.target, j.state]), [['email', 'waiting'], ['mastodon.photog', 'draft']]);
	const posts = server.posts.length;
	await go('edit/' + item.id);
	await page.locator('.picture textarea').fill('Boats in a harbour');
	await page.click('text=Post now');
	await until(() => server.posts.length > posts);
	assert.deepEqual(server.posts[posts].media.map(x => x.alt), ['Boats in a harbour']);
	await remove(item.id);
});

test('a draft is kept, and discarded after a question', async () => {
	await bridge.send('--site', 'facebook', '--text', 'To be thrown away', photo(18));
	const [item] = await until(async () => { const all = await queue('draft'); return all.length && all; });
	await go('edit/' + item.id);
	await page.locator('.picture textarea').fill('The last light');
	await page.click('text=Keep');
	await page.waitForFunction(() => location.hash === '#drafts' && document.querySelector('.card'));
	assert.deepEqual((await bridge.call('show', item.id)).jobs.map(j => [j.state, j.code]), [['draft', 'held']]);
	await page.click('text=Discard');
	await page.click('#question .danger');
	await page.waitForFunction(() => /No drafts/.test(document.querySelector('#main').textContent));
	assert.equal((await queue('draft')).length, 0);
});

describe('other pages', () => {
	let evil;
	before(async () => {
		evil = http.createServer((req, res) => res.writeHead(200, { 'Content-Type': 'text/html' }).end('<!DOCTYPE html><title>evil</title>'));
		evil.listen(0, '127.0.0.1');
		await new Promise(r => evil.once('listening', r));
	});
	after(() => {
		evil.closeAllConnections();
		evil.close();
	});

	// One is on another site. The other is on this machine, where a browser adds
	// our cookie to what it asks for.
	for (const host of ['evil.example', '127.0.0.1']) {
		test('cannot use the browser of who is in: ' + host, async () => {
			await bridge.send('--email', 'keep@example.org', photo(11));
			const [item] = await queue();
			await page.goto(`http://${host}:${evil.address().port}/`);
			const seen = await page.evaluate(async ([url, thumb]) => {
				const results = [];
				for (const [method, path, body] of [
					['GET', 'phone/api/queue'], ['GET', 'phone/api/session'], ['POST', 'phone/api/targets/store/pause', '{"reason":"owned"}'],
					['POST', 'phone/api/login', '{"pin":"271828"}'], ['POST', 'phone/api/logout'],
				]) {
					for (const mode of ['cors', 'no-cors']) {
						const r = await fetch(url + path, { method, mode, credentials: 'include', body }).catch(() => null);
						results.push(r ? r.type : 'refused');
					}
				}
				const img = new Image();
				results.push(await new Promise(r => {
					img.onload = () => r('shown');
					img.onerror = () => r('not shown');
					img.src = url + thumb;
				}));
				const form = document.createElement('form');
				form.method = 'post';
				form.action = url + 'phone/api/targets/store/pause';
				document.body.append(form);
				form.submit();
				return results;
			}, [bridge.url, `phone/thumb/${item.id}/${item.files[0].path}`]);
			assert.deepEqual([...new Set(seen)].sort(), ['not shown', 'refused']);
			await page.waitForURL(bridge.url + '**');
			assert.match(await page.textContent('body'), /another page asked|PIN is needed/);
			const status = await bridge.call('status');
			assert.equal(status.targets.find(t => t.name === 'store').pause, null);
			await page.goto(bridge.url);
			await page.waitForSelector('#main h1'); // still in: nobody has logged us out
		});
	}

	test('cannot become this page by a name of theirs', async () => {
		const port = new URL(bridge.url).port;
		const p = await open();
		const rebound = await p.goto(`http://evil.example:${port}/`);
		assert.equal(rebound.status(), 421);
		assert.equal((await p.request.get(bridge.url + 'phone/api/queue', { headers: { Host: 'evil.example:' + port } })).status(), 421);
		assert.match(await p.textContent('body'), /does not answer to this name.*http:\/\/camera\.lan\//s);
		assert.equal((await p.goto(`http://camera.lan:${port}/`)).status(), 200);
		await enter(p);
		await p.waitForSelector('#main h1');
		await p.context().close();
	});
});

test('what cameras call things is text', async () => {
	const bad = '<img src=x onerror="document.title=\'owned\'">';
	const file = path.join(bridge.dir, '"><svg onload=alert(1)>.JPG');
	fs.writeFileSync(file, '<!DOCTYPE html><script>document.title="owned"</script>' + ' '.repeat(4096));
	await bridge.send('--email', 'keep@example.org', '--title', bad, '--text', bad + '\u202eevil', file);
	await bridge.send('--site', 'facebook', '--text', bad, photo(12));
	const [draft] = await until(async () => { const all = await queue('draft'); return all.length && all; });
	const evil = (await queue()).find(it => it.title === bad);
	await page.waitForFunction(() => [...document.querySelectorAll('.tile .name')].some(e => /svg onload/.test(e.textContent)));
	for (const view of ['photos', 'photo/' + evil.id + '/' + encodeURIComponent(evil.files[0].path), 'drafts', 'edit/' + draft.id, 'queue', 'folder', bad, '%', 'constructor', 'photo/../x']) {
		await go(view);
		await page.waitForTimeout(50);
		assert.equal(await page.locator('#main [onerror], #main [onload], .viewer [onload], main script').count(), 0, view);
		assert.notEqual(await page.title(), 'owned', view);
	}
	await go('drafts');
	assert.equal(await page.locator('.card h2').first().textContent(), bad);
	// A file that is no photo is saved, whatever it is called.
	const r = await page.request.get(bridge.url + `phone/file/${evil.id}/${encodeURIComponent(evil.files[0].path)}`);
	assert.equal(r.headers()['content-type'], 'application/octet-stream');
	assert.match(r.headers()['content-disposition'], /^attachment/);
	await remove(draft.id);
});

test('it fits a small phone and a desk, for fingers and for a screen reader', async () => {
	await bridge.send('--site', 'facebook', '--text', 'A very long word: ' + 'Donaudampfschifffahrt'.repeat(6), photo(15), photo(16));
	const [draft] = await until(async () => { const all = await queue('draft'); return all.length && all; });
	const german = await open({ locale: 'de-AT', colorScheme: 'dark' });
	await german.goto(bridge.url);
	await enter(german);
	await german.waitForSelector('.tile');
	assert.equal(await german.getAttribute('html', 'lang'), 'de');
	assert.equal(await german.textContent('#main h1'), 'Fotos');
	for (const width of widths) {
		await german.setViewportSize({ width, height: 700 });
		for (const view of ['photos', 'drafts', 'edit/' + draft.id, 'queue', 'folder', 'photo/' + draft.id + '/' + encodeURIComponent(draft.files[0].path)]) {
			await go(view, german);
			await german.waitForSelector(/^photo\//.test(view) ? '.viewer .about' : '#main h1');
			await german.waitForTimeout(100);
			const wrong = await german.evaluate(() => {
				const seen = e => e.offsetParent && getComputedStyle(e).visibility !== 'hidden';
				const name = e => (e.getAttribute('aria-label') || e.textContent || (e.labels && e.labels[0] && e.labels[0].textContent) || '').trim();
				const list = [];
				for (const e of document.querySelectorAll('button, a, input, select, textarea')) {
					const box = e.getBoundingClientRect();
					if (seen(e) && !name(e)) {
						list.push('no name: ' + e.outerHTML.slice(0, 80));
					}
					if (seen(e) && !e.closest('.jobs') && (box.height < 43.5 || box.width < 43.5)) {
						list.push('too small: ' + e.outerHTML.slice(0, 80) + ' ' + box.width + 'x' + box.height);
					}
				}
				for (const img of document.querySelectorAll('img:not([alt])')) {
					list.push('no alt: ' + img.outerHTML);
				}
				if (document.documentElement.scrollWidth > innerWidth) {
					list.push('wider than the screen: ' + document.documentElement.scrollWidth);
				}
				return list;
			});
			assert.deepEqual(wrong, [], view + ' at ' + width);
		}
	}
	await german.context().close();
	// With the keyboard alone: into a photo and out of it, to where one was.
	await go('photos');
	await page.waitForSelector('.tile');
	const key = await page.getAttribute('.tile >> nth=0', 'data-key');
	const first = page.locator(`.tile[data-key="${key}"]`);
	await first.focus();
	await bridge.send('--email', 'keep@example.org', photo(14)); // what arrives takes no focus away
	await page.waitForFunction(key => { // one of this name was there before
		const e = document.querySelector('.tile');
		return e.dataset.key !== key && /SAM_4714\.JPG/.test(e.textContent);
	}, key);
	assert.equal(await page.evaluate(() => document.activeElement.dataset.key), key);
	await page.keyboard.press('Enter');
	await page.waitForSelector('.viewer:not([hidden])');
	for (let n = 0; n < 12; n++) {
		await page.keyboard.press('Tab');
		assert.ok(await page.evaluate(() => document.querySelector('#viewer').contains(document.activeElement)));
	}
	await page.keyboard.press('Escape');
	await page.waitForSelector('.viewer', { state: 'hidden' });
	assert.ok(await first.evaluate(e => e === document.activeElement));
	await remove(draft.id);
});

test('a video is asked for in pieces', async () => {
	const file = path.join(bridge.dir, 'SAM_0009.MP4');
	const bytes = Buffer.alloc(3_000_000, 'video');
	bytes.write('\0\0\0\x18ftypmp42', 0, 'latin1');
	fs.writeFileSync(file, bytes);
	await bridge.send('--email', 'keep@example.org', file);
	await tile('SAM_0009.MP4').click();
	const src = await page.getAttribute('.stage video', 'src');
	const piece = await page.evaluate(async src => {
		const r = await fetch(src, { headers: { Range: 'bytes=2000000-2000099' } });
		return [r.status, (await r.arrayBuffer()).byteLength, r.headers.get('Content-Range')];
	}, src);
	assert.deepEqual(piece, [206, 100, 'bytes 2000000-2000099/3000000']);
});

test('when the bridge is away the page says so, and goes on by itself', async t => {
	const own = await Bridge.start(`PAGE_PIN = "${pin}"`);
	t.after(() => own.stop());
	const p = await open();
	await p.goto(own.url);
	await enter(p);
	await p.waitForSelector('.empty');
	fs.writeFileSync(own.file, fs.readFileSync(own.file, 'utf8').replace('127.0.0.1:0', own.address));
	await own.kill();
	await p.waitForSelector('#down:not([hidden])');
	await own.launch();
	await p.waitForSelector('#down', { state: 'hidden' }); // and still in, after a restart
	await own.send('--email', 'keep@example.org', photo(17));
	await p.locator('.tile', { hasText: 'SAM_4717.JPG' }).waitFor();
	await p.context().close();
});

test('that the storage is full is told until it is not', async t => {
	const own = await Bridge.start(`PAGE_PIN = "${pin}"`, 'RESERVE = "900000 GiB"');
	t.after(() => own.stop());
	const p = await open({ locale: 'de-DE' });
	await p.goto(own.url);
	await enter(p);
	await p.waitForSelector('#full:not([hidden])');
	assert.equal(await p.textContent('#full'), 'Der Speicher ist voll: Kameras werden abgewiesen. Lösche Fotos, oder nimm einen größeren Stick.');
	await assert.rejects(own.send('--email', 'keep@example.org', photo(17)), 'and it is true');
	fs.writeFileSync(own.file, fs.readFileSync(own.file, 'utf8').replace('127.0.0.1:0', own.address).replace('900000 GiB', '1 MiB'));
	await own.kill();
	await own.launch();
	await p.waitForSelector('#full', { state: 'hidden' });
	await p.context().close();
});

test('that the clock holds up e-mails and posts is told while something waits for it', async () => {
	const german = await open({ locale: 'de-DE' });
	for (const [p, told] of [
		[page, 'No time server has set the router’s clock yet: e-mails and posts wait for that, a few minutes at most. Connect the router to the Internet.'],
		[german, 'Noch hat kein Zeitserver die Uhr des Routers gestellt: E-Mails und Beiträge warten darauf, höchstens ein paar Minuten. Verbinde den Router mit dem Internet.'],
	]) {
		let waits = true;
		await p.route('**/phone/api/live*', async route => { // the clock of this machine is what it is
			const answer = await route.fetch({ headers: { ...route.request().headers(), 'if-none-match': '' } });
			const v = await answer.json();
			assert.equal(v.clock_wait, false);
			await route.fulfill({ json: { ...v, clock_wait: waits } });
		});
		await p.goto(bridge.url);
		if (p === german) {
			await enter(p);
		}
		await p.waitForSelector('#clock:not([hidden])');
		assert.equal(await p.textContent('#clock'), told);
		waits = false;
		await p.waitForSelector('#clock', { state: 'hidden' });
	}
	await german.context().close();
});

test('what was said gives way to what one does next', async () => {
	await bridge.send('--site', 'facebook', '--text', 'Nothing to see', photo(15));
	const [draft] = await until(async () => { const all = await queue('draft'); return all.length && all; });
	await go('edit/' + draft.id);
	await page.click('text=Post now');
	await page.waitForFunction(() => /no description/.test(document.querySelector('#toast').textContent));
	await page.evaluate(() => { document.querySelector('#toast').hidden = false; }); // as it is for 5 s
	await page.click('text=Discard');
	await page.waitForSelector('#question:not([hidden])');
	assert.ok(await page.locator('#toast').isHidden(), 'it would lie over the question');
	await page.click('#question .danger');
	await page.waitForFunction(() => document.querySelector('#toast').textContent === 'Deleted.');
	await until(async () => (await queue('draft')).length === 0);
});
