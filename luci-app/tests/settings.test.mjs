// The settings, drawn in a real browser, filled in and saved.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { launch, widths } from '../../src/integration/browser/browser.mjs';
import { forms } from './form.mjs';
import { golden, open, root } from './runtime.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

// shipped is the settings file of the package with all that it has in force.
function shipped() {
	const sections = [];
	for (const line of fs.readFileSync(path.join(root, '../src/config/options.uci'), 'utf8').split('\n')) {
		const [, word, name, , value] = /^\s*#?\s*#?(config|option|list) (\w+)( '([^']*)')?/.exec(line) ?? [];
		const s = sections.at(-1);
		if (word == 'config')
			sections.push({ '.type': name, '.name': value ?? 'cfg' + sections.length });
		else if (word == 'list')
			s[name] = [...s[name] ?? [], value];
		else if (word)
			s[name] = value;
	}
	return sections;
}

const secret = '0123456789abcdef-token'; // as it is in the settings of who did not log in by the page

// start opens the settings as LuCI does.
async function start(config, width = 1100, overview = golden('luci/testdata/overview.json'), devices = []) {
	const page = await open(browser, width);
	await page.evaluate(forms, config);
	await page.evaluate(async (all) => {
		Object.assign(answers, all);
		const view = load('view.snsbridge.settings');
		show(await view.render(await view.load()));
		asked.length = 0;
	}, { models: { models: golden('camera/testdata/models.json'), devices }, overview });
	return page;
}

const field = (page, option) => page.locator(`[data-option="${option}"]`);
const section = (page, name) => page.evaluate((n) => config.find((s) => s['.name'] == n), name);

// save presses the button of LuCI, and returns what it says if it refuses.
async function save(page) {
	await page.evaluate(() => { window.saved = null; return map.save().catch(() => {}); });
	if (await page.evaluate(() => window.saved))
		return '';
	const said = (await page.locator('#modal p').allInnerTexts()).join(' ');
	await page.evaluate(() => stubs.ui.hideModal());
	return said;
}

// type fills in a field as somebody does who then leaves it.
async function type(page, option, text) {
	await field(page, option).fill(text);
	await field(page, option).blur();
}

for (const width of widths) {
	test(`the settings at ${width} pixels show what the file says, and save what they show`, async () => {
		const config = shipped();
		const page = await start(config, width);
		const text = (await page.locator('#view').innerText()).replace(/\s+/g, ' ');
		for (const want of ['Tick your cameras', 'Mirrorless', 'NX300 (2013)', 'Sends videos only by its Facebook and YouTube.', 'refuses addresses that begin with 192.168', 'The router has a token of this account.', 'Goes to Mastodon, pub'])
			assert.ok(text.includes(want), `"${want}" is missing in: ${text}`);
		for (const s of config)
			for (const [name, value] of Object.entries(s).filter(([k]) => !k.startsWith('.') && `${s['.type']}.${k}` != 'mastodon.token')) {
				const shown = name == 'model'
					? await page.locator('[data-option="cameras.model"] input:checked').evaluateAll((all) => all.map((i) => i.value))
					: await page.evaluate(([id, o]) => map.options().find(([x, i]) => i == id && x.option == o)?.[0].formvalue(id), [s['.name'], name]);
				assert.deepEqual([].concat(shown), [].concat(value), `${s['.type']}.${name}`);
			}
		const wide = await page.evaluate(() => Array.from(document.querySelectorAll('.snsbridge-tick')).filter((el) => el.getBoundingClientRect().right > innerWidth).length);
		assert.equal(wide, 0, 'wider than the screen');
		const before = await page.evaluate(() => structuredClone(config));
		// Of the three that a rule can lead to it has but one.
		before.filter((s) => s['.type'] == 'rule').forEach((s) => { delete s.command; delete s.folder; });
		assert.equal(await save(page), '');
		for (const s of before)
			for (const [name, value] of Object.entries(s))
				assert.deepEqual([].concat((await section(page, s['.name']))[name] ?? '0'), [].concat(value), `${s['.type']}.${name} after saving`);
		await page.close();
	});
}

test('a file without sections gets them, and a wrong one says so', async () => {
	const page = await start([], 360, { ...golden('luci/testdata/overview-down.json'), enabled: true });
	assert.deepEqual((await page.evaluate(() => config)).map((s) => `${s['.type']} ${s['.name']}`), ['snsbridge main', 'cameras cameras', 'phone phone', 'storage storage', 'smarthost smarthost']);
	assert.match(await page.locator('.alert-message').first().innerText(), /The settings in force are wrong\..*option colour/s);
	await page.close();
});

test('cameras are found by any of their names, and ticked', async () => {
	const page = await start([{ '.type': 'cameras', '.name': 'cameras', model: ['cl65', 'nx300', 'no such'] }]);
	assert.deepEqual(await page.locator('[data-option="cameras.model"] input:checked').evaluateAll((all) => all.map((i) => i.value).sort()), ['NX300', 'ST1000']);
	await page.locator('.snsbridge-tick', { hasText: 'NX1 (2014)' }).click();
	await page.locator('.snsbridge-tick', { hasText: 'NX300 (2013)' }).click();
	assert.equal(await save(page), '');
	assert.deepEqual((await section(page, 'cameras')).model.sort(), ['NX1', 'ST1000']);
	await page.close();
});

test('one sees what is ticked, and what is chosen', async () => {
	for (const width of widths) {
		const page = await start(shipped(), width);
		const tick = page.locator('.snsbridge-tick', { hasText: 'NX1 (2014)' }).locator('input');
		await tick.scrollIntoViewIfNeeded();
		const clip = await tick.boundingBox();
		const look = async (checked) => {
			await tick.evaluate((el, checked) => { el.checked = checked; }, checked);
			return page.screenshot({ clip });
		};
		assert.ok(!(await look(false)).equals(await look(true)), `a tick is not to be seen at ${width}`);
		const cut = await page.evaluate(() => Array.from(document.querySelectorAll('#view select')).filter((el) => {
			const { width } = el.getBoundingClientRect();
			Object.assign(el.style, { width: 'auto', maxWidth: 'none' });
			return el.getBoundingClientRect().width > width + 1;
		}).map((el) => el.selectedOptions[0].text));
		assert.deepEqual(cut, [], `cut off at ${width}`);
		await page.evaluate(() => show(E('div', { 'class': 'cbi-value-field' }, [E('div', { 'class': 'cbi-dropdown' }, [map.options().find(([o]) => o.option == 'path')[0].vallist[0]])])));
		assert.equal(await page.locator('.cbi-dropdown').evaluate((el) => el.scrollWidth > el.clientWidth), false, `the place for photos is cut off at ${width}`);
		await page.close();
	}
});

test('a provider fills in the mail server; without a server there is nothing to fill in', async () => {
	const page = await start([]);
	for (const name of ['encryption', 'port', 'username', 'password', 'from'])
		assert.equal(await field(page, `smarthost.${name}`).isVisible(), false, name);
	await field(page, 'smarthost._provider').selectOption('gmail');
	assert.match(await page.locator('#modal').innerText(), /Gmail: Needs an app password/);
	await page.locator('#modal button').click();
	await type(page, 'smarthost.password', 'abcd');
	assert.equal(await field(page, 'smarthost.password').getAttribute('type'), 'password');
	assert.equal(await save(page), '');
	const { server, encryption, port, password, _provider } = await section(page, 'smarthost');
	assert.deepEqual([server, encryption, port, password, _provider], ['smtp.gmail.com', 'starttls', '587', 'abcd', undefined]);
	await type(page, 'smarthost.server', '');
	assert.equal(await save(page), '');
	assert.deepEqual(await section(page, 'smarthost'), { '.type': 'smarthost', '.name': 'smarthost' });
	await page.close();
});

test('a provider never keeps the server of another; a server is named as for the login', async () => {
	const page = await start([{ '.type': 'mastodon', '.name': 'pub' }]);
	const server = () => field(page, 'smarthost.server').inputValue();
	for (const other of ['outlook', '']) {
		await field(page, 'smarthost._provider').selectOption('gmail');
		assert.equal(await server(), 'smtp.gmail.com');
		await field(page, 'smarthost._provider').selectOption(other);
		assert.equal(await server(), '', other);
	}
	await type(page, 'smarthost.server', 'smtp.own.example');
	await field(page, 'smarthost._provider').selectOption('gmail');
	await type(page, 'smarthost.server', 'smtp.own.example');
	await field(page, 'smarthost._provider').selectOption('');
	assert.equal(await server(), 'smtp.own.example', 'typed by hand');
	await type(page, 'pub.base_url', 'mastodon.social');
	assert.equal(await save(page), '');
	assert.equal((await section(page, 'pub')).base_url, 'https://mastodon.social');
	await page.close();
});

test('known devices are offered when the bridge has seen none since its start', async () => {
	const overview = golden('luci/testdata/overview.json');
	const seen = overview.status.cameras[0].mac;
	const page = await start([], 1100, overview, [{ mac: seen, client: '192.168.8.213', name: 'NX300' }, { mac: '00:16:6c:00:00:09', client: '192.168.8.9', name: 'NX-mini' }]);
	const offered = await page.evaluate(() => map.sections.find((s) => s.type == 'cameras').options.find((o) => o.option == 'mac').keylist);
	assert.equal(offered.filter((m) => m == seen).length, 1, 'each once');
	assert.ok(offered.includes('00:16:6c:00:00:09'), offered.join());
	await page.close();
});

test('a user name that is an address becomes the sender, unless there is one', async () => {
	const page = await start([{ '.type': 'smarthost', '.name': 'smarthost', server: 'smtp.example.org' }]);
	const from = () => field(page, 'smarthost.from').inputValue();
	await type(page, 'smarthost.username', 'me');
	assert.equal(await from(), '');
	await type(page, 'smarthost.username', 'me@example.org');
	assert.equal(await from(), 'me@example.org');
	await type(page, 'smarthost.username', 'you@example.org');
	assert.equal(await from(), 'me@example.org', 'what is there stays');
	assert.equal(await save(page), '');
	assert.equal((await section(page, 'smarthost')).from, 'me@example.org');
	await page.close();
});

test('a dialog promises no attempt that nobody makes', async () => {
	const page = await start([]);
	const said = await page.evaluate(() => ['network', 'busy', 'server', 'processing', 'tempfail'].map((c) => load('snsbridge.words').refusal({ code: 'mail-' + c, message: 'x', hint: 'y' }).remedy));
	assert.ok(said.every((s) => s && !/tried again/.test(s)), said.join());
	await page.close();
});

test('a test mail is sent where somebody says, and a refusal comes in words', async () => {
	const page = await start([{ '.type': 'smarthost', '.name': 'smarthost', server: 'smtp.example.org', username: 'me', from: 'me@example.org' }], 360);
	const modal = page.locator('#modal');
	await field(page, 'smarthost._test').click();
	assert.equal(await modal.locator('input').inputValue(), 'me@example.org');
	await modal.locator('input').fill('you@example.org');
	await page.evaluate(() => { answers.mail_test = { error: { code: 'mail-recipient', message: 'you@example.org: 550 5.1.1 no <b>such</b> user', hint: 'x' } }; });
	await modal.getByRole('button', { name: 'Send' }).click();
	await modal.locator('.error').waitFor();
	assert.deepEqual((await modal.locator('.error').innerText()).split('\n'), ['A recipient was not accepted. Check the address, then try again.', 'you@example.org: 550 5.1.1 no <b>such</b> user']);
	await page.evaluate(() => { answers.mail_test = { to: 'you@example.org', reply: '250 queued as 1' }; });
	await modal.getByRole('button', { name: 'Send' }).click();
	await modal.locator('.success').waitFor();
	assert.match(await modal.locator('.success').innerText(), /The server has taken the mail to you@example.org.*250 queued as 1/s);
	assert.equal(await modal.locator('.error').count(), 0);
	assert.deepEqual(await page.evaluate(() => asked), [['mail_test', 'you@example.org'], ['mail_test', 'you@example.org']]);
	await modal.getByRole('button', { name: 'Close' }).click();
	assert.equal(await modal.count(), 0);
	await page.close();
});

test('a login to Mastodon takes a code, and the token stays on the router', async () => {
	const page = await start([{ '.type': 'mastodon', '.name': 'pub', token: secret, base_url: 'https://old.example' }, { '.type': 'mastodon', '.name': 'new' }], 360);
	const modal = page.locator('#modal');
	const clean = async () => {
		const fields = await page.locator('input, textarea').evaluateAll((all) => all.map((i) => i.value).join());
		assert.ok(!(await page.content() + fields).includes(secret), 'the token is in the page');
	};
	assert.match(await page.locator('[data-section=mastodon]').innerText(), /The router has a token of this account.*Not logged in yet: posts wait/s);
	await clean();
	await field(page, 'pub._login').click();
	assert.equal(await modal.locator('input').inputValue(), 'https://old.example');
	await modal.locator('input').fill('social.example');
	await page.evaluate(() => { answers.mastodon_begin = { error: { code: 'server', message: 'x <b>', hint: 'y' } }; });
	await modal.getByRole('button', { name: 'Go on' }).click();
	await modal.locator('text=This is not a server address that can be used.').waitFor();
	await page.evaluate(() => { answers.mastodon_begin = { server: 'https://social.example', address: 'https://social.example/oauth/authorize?x=1', handle: 'HANDLE' }; });
	await modal.getByRole('button', { name: 'Go on' }).click();
	await modal.locator('a').waitFor();
	assert.equal(await modal.locator('a').getAttribute('href'), 'https://social.example/oauth/authorize?x=1');
	assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Code');
	await modal.getByLabel('Code').fill(' wrong ');
	await page.evaluate(() => { answers.mastodon_finish = { error: { code: 'login-code', message: 'social.example answered 400: <b>', hint: 'y' } }; });
	await modal.getByRole('button', { name: 'Log in' }).click();
	await modal.locator('text=The server refuses the code.').waitFor();
	await modal.getByLabel('Code').fill('right');
	await page.evaluate(() => { answers.mastodon_finish = { server: 'https://social.example', account: '@me@social.example', token: '/etc/snsbridge/pub.token' }; });
	await modal.getByRole('button', { name: 'Log in' }).click();
	await modal.waitFor({ state: 'detached' });
	await page.locator('text=Logged in as @me@social.example. Save and apply the settings.').waitFor();
	await page.waitForFunction(() => saved);
	assert.deepEqual(await page.evaluate(() => asked), [['mastodon_begin', 'social.example'], ['mastodon_begin', 'social.example'], ['mastodon_finish', 'HANDLE', 'wrong', 'pub'], ['mastodon_finish', 'HANDLE', 'right', 'pub']]);
	// The rule that the dialog offered: without one nothing would be posted.
	const [rule] = await page.evaluate(() => config.filter((s) => s['.type'] == 'rule'));
	assert.deepEqual([rule.action, rule.account, rule.match.includes('facebook')], ['mastodon', 'pub', true]);
	const { token, base_url } = await section(page, 'pub');
	assert.deepEqual([token, base_url], ['/etc/snsbridge/pub.token', 'https://social.example']);
	assert.equal((await section(page, 'new')).token, undefined);
	assert.equal(await save(page), '');
	assert.equal((await section(page, 'pub')).token, '/etc/snsbridge/pub.token', 'saving again');
	await clean();
	await page.close();
});

test('what cannot be right is refused, and is not saved', async () => {
	const page = await start(shipped());
	for (const [option, bad, said, good] of [
		['smarthost.recipient', '*@example.org\nnobody', 'Who may be mailed: Write an address, or *@example.org', '*@example.org\nme@example.org'],
		['pub.base_url', 'mastodon', 'Server: Write the name of the server, such as mastodon.social', 'https://mastodon.social'],
		['pub.base_url', 'http://mastodon.social', 'Server: Write the name of the server, such as mastodon.social', 'http://127.0.0.1:3000'],
		['pub.language', 'English', 'Language of posts: Two letters, such as en.', 'de'],
		['storage.path', 'sda1', 'Where photos are kept: Write a folder that begins with /', '/mnt/sda1'],
		['storage.max_file', 'much', 'Largest file: Write a number and a unit, such as 1 GiB', '2 GiB'],
		['storage.reserve', '-1', 'Room that stays free: Write a number and a unit, such as 16 MiB', '1MB'],
		['storage.keep_done', '7 moons', 'Delivered photos stay in the list for: Write a number and a unit, such as 7 d', '2 weeks'],
		['phone.pin', '123', 'PIN: 4 to 12 digits', '1234'],
		['main.address', '192.168.8.99', 'Address for cameras: Old cameras refuse addresses that begin with 192.168', '10.1.2.3'],
		['log.timeout', '1 day', 'Ends it after: Write a number and a unit, such as 5 min', '90 s'],
	]) {
		await type(page, option, bad);
		assert.equal(await save(page), said, `${option} = ${bad}`);
		await type(page, option, good);
		assert.equal(await save(page), '', `${option} = ${good}`);
		const [id, name] = option.split('.');
		assert.deepEqual([].concat((await section(page, id))[name]).join('\n'), good);
	}
	await page.close();
});

test('accounts and rules are added, and find each other', async () => {
	const page = await start(shipped());
	const add = async (name) => {
		await page.getByRole('textbox', { name: 'Add account' }).fill(name);
		await page.getByRole('button', { name: 'Add account' }).click();
	};
	for (const name of ['pub', 'log', 'x'.repeat(33)]) {
		await add(name);
		await page.locator('text=Choose another name').first().waitFor();
		assert.equal(await page.evaluate((n) => config.filter((s) => s['.name'] == n && s['.type'] == 'mastodon').length, name), name == 'pub' ? 1 : 0);
	}
	await add('cats');
	await field(page, 'cats.base_url').waitFor();
	await page.getByRole('button', { name: 'Add rule' }).click();
	const rule = await page.waitForFunction(() => config.filter((s) => s['.type'] == 'rule')[1]?.['.name']).then((h) => h.jsonValue());
	await field(page, `${rule}.match`).waitFor();
	await type(page, `${rule}.match`, 'flickr');
	assert.equal(await field(page, `${rule}.account`).isVisible(), false);
	await field(page, `${rule}.action`).selectOption('mastodon');
	assert.deepEqual(await field(page, `${rule}.account`).locator('option').allInnerTexts(), ['pub', 'cats']);
	await field(page, `${rule}.account`).selectOption('cats');
	assert.equal(await save(page), '');
	const { match, action, account } = await section(page, rule);
	assert.deepEqual([match, action, account], [['flickr'], 'mastodon', 'cats']);
	assert.match(await page.locator('[data-section=rule]').innerText(), /flickr.*Goes to Mastodon, cats/s);
	await field(page, `${rule}.action`).selectOption('store');
	await type(page, `${rule}.folder`, '../etc');
	assert.equal(await save(page), 'Folder: Use letters and digits.');
	await page.close();
});
