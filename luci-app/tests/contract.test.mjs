// The pages and the program must agree: on what may be asked by whom, on
// settings, and on codes.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { files, golden, modules, root } from './runtime.mjs';

const project = path.resolve(root, '..');
const json = (file) => JSON.parse(fs.readFileSync(path.join(root, file), 'utf8'));
const acl = json('root/usr/share/rpcd/acl.d/luci-app-snsbridge.json');
const menu = json('root/usr/share/luci/menu.d/luci-app-snsbridge.json');
const sources = Object.values(modules).join('\n');
const all = (source, re) => Array.from(source.matchAll(re), (m) => m[1]);

// shape checks a value against a description: a type's name, [of all], {key: of each}, or {'*': of any key}.
function shape(v, want, at) {
	if (typeof want == 'function')
		return assert.ok(want(v), `${at}: ${JSON.stringify(v)}`);
	if (typeof want == 'string')
		return assert.equal(typeof v, want, at);
	if (Array.isArray(want)) {
		assert.ok(Array.isArray(v) && v.length, `${at} is no list`);
		return v.forEach((x, i) => shape(x, want[0], `${at}[${i}]`));
	}
	assert.ok(v && typeof v == 'object' && !Array.isArray(v), `${at} is no object`);
	for (const [k, x] of Object.entries(v)) {
		assert.ok(k in want || '*' in want, `${at}.${k} is not known`);
		shape(x, want[k] ?? want['*'], `${at}.${k}`);
	}
}

test('access list and menu have the shapes that rpcd and LuCI read', () => {
	const plain = (s) => typeof s == 'string' && !/[*?[\]]/.test(s); // no patterns: exact names
	const rights = { ubus: { '*': [plain] }, uci: { '*': [(s) => s == 'read' || s == 'write'] } };
	shape(acl, { '*': { description: 'string', read: rights, write: rights } }, 'acl');
	const view = (p) => fs.existsSync(path.join(root, `htdocs/luci-static/resources/view/${p}.js`));
	shape(menu, { '*': { title: 'string', order: 'number', depends: { acl: [(g) => g in acl], uci: { '*': 'boolean' } }, action: { type: (t) => t == 'view' || t == 'firstchild', path: view } } }, 'menu');
	assert.equal(Object.keys(menu).length - 1, files(path.join(root, 'htdocs/luci-static/resources/view'), '.js').length, 'views in the menu');
});

test('what pages ask the access list permits, and nothing more; the program answers it', () => {
	const declared = Object.fromEntries(Array.from(modules['snsbridge.bridge'].matchAll(/(\w+): declare\('(\w+)'(?:, \[ (.*?) \])?\)/g), (m) => [m[1], { method: m[2], params: all(m[3] || '', /'(\w+)'/g) }]));
	const list = golden('luci/testdata/list.json');
	const granted = Object.values(acl).flatMap((g) => [g.read, g.write]).flatMap((r) => r?.ubus?.['luci.snsbridge'] || []);
	const methods = Object.values(declared).map((d) => d.method);
	assert.deepEqual(granted.toSorted?.() ?? [...granted].sort(), [...methods].sort());
	assert.equal(new Set(granted).size, granted.length, 'granted twice');
	assert.deepEqual([...methods].sort(), Object.keys(list).sort(), 'what the program answers');
	for (const { method, params } of Object.values(declared))
		assert.deepEqual([...params].sort(), Object.keys(list[method]).sort(), method);
	const asked = new Set(all(sources, /(?:ask|act)\('(\w+)'/g));
	assert.deepEqual([...asked].sort(), Object.keys(declared).sort(), 'asked for by pages');
	for (const other of ['fs.', 'rpc.list', 'L.rpc', 'request.'])
		assert.ok(!sources.includes(other), `${other} would need rights of its own`);
});

test('reading rights change nothing', () => {
	const reads = acl['luci-app-snsbridge'].read.ubus['luci.snsbridge'];
	assert.deepEqual(reads, ['overview', 'queue', 'thumbnails', 'hotspots', 'log']);
	assert.equal(acl['luci-app-snsbridge-settings'].read, undefined, 'the settings hold passwords');
});

test('settings offer what the program reads, and all of it', () => {
	const known = new Set();
	let type = '';
	for (const line of fs.readFileSync(path.join(project, 'src/config/options.uci'), 'utf8').split('\n')) {
		const m = /^#?\s*#?(config|option|list) '?(\w+)/.exec(line);
		if (m?.[1] == 'config')
			type = m[2];
		else if (m)
			known.add(`${type}.${m[2]}`);
	}
	const offered = new Set();
	for (const [name, source] of Object.entries(modules).filter(([n]) => n.startsWith('snsbridge.form.')))
		for (const section of source.split(/(?=map\.section\()/).slice(1)) {
			const of = /'(\w+)'/.exec(section)[1];
			all(section, /s\.option\([\w.]+, '(\w+)'/g).filter((o) => !o.startsWith('_')).forEach((o) => offered.add(`${of}.${o}`));
			assert.ok(/\.(anonymous|addremove) =/.test(section), `${name}: ${of}`);
		}
	assert.deepEqual([...offered].sort(), [...known].sort());
});

test('every warning about settings has its words', () => {
	const go = files(path.join(project, 'src/config'), '.go').filter((f) => !f.endsWith('_test.go')).map((f) => fs.readFileSync(f, 'utf8')).join('\n');
	const options = Array.from(go.matchAll(/"(\w+)":\s*\{"([A-Z_]+)", (\w+)\}/g), ([, name, toml, kind]) => [toml, `${kind == 'list' ? 'list' : 'option'} ${name}`]);
	const uci = Object.fromEntries([...options, ['MAIL_USE_TLS', "option encryption 'starttls'"], ['MAIL_USE_SSL', "option encryption 'tls'"]]);
	const said = all(go, /(?:\.warn\(|fmt\.Sprintf\()"(.*?[^\\])"[,)]/g).filter((s) => /^the memory stick at %s is left out/.test(s) || go.includes(`.warn("${s}"`))
		.map((s) => s.replace(/%(\[\d\])?[vqs]/g, '%s').replace(/\b[A-Z_]{3,}\b/g, (w) => uci[w] ?? w))
		.filter((s) => !/^(%s: )?%s$/.test(s)) // another's words
		.filter((s) => !/working memory|dnsmasq|AdGuard|^who answers/.test(s)) // told by the doctor
		.filter((s) => !/from the Internet/.test(s)); // not of a router
	const table = all(modules['snsbridge.warnings'], /^\t'(.+?[^\\])':/gm).map((s) => s.replaceAll("\\'", "'"));
	assert.deepEqual(table.sort(), [...new Set(said)].sort());
});

test('every code of the program has its words, and no other', () => {
	const go = (dirs) => dirs.flatMap((d) => files(path.join(project, 'src', d), '.go')).filter((f) => !f.endsWith('_test.go')).map((f) => fs.readFileSync(f, 'utf8')).join('\n');
	const table = (name) => all(new RegExp(`const ${name} = \\{\\n([^]*?)\\n\\};`).exec(sources)[1], /^\t'([^']+)':/gm);
	const doctor = new Set(all(go(['doctor']), /\b(?:failed|warning|skipped)\("([\w-]+)"/g));
	all(go(['doctor']), /Skipped, "([\w-]+)"/g).forEach((c) => doctor.add(c));
	['down', 'denied', 'answer'].forEach((c) => doctor.add(`daemon-${c}`)); // failed("daemon-"+e.Code
	const prefixes = ['target-', 'daemon-'];
	assert.deepEqual([...doctor].filter((c) => !prefixes.includes(c)).sort(), table('findings').sort());
	// Of attempts the codes stand in many forms: each word that could be one.
	const jobs = go(['action', 'email', 'mastodon', 'shell', 'spool', 'store']) + go(['control']).match(/func \(s \*Server\) release[^]*?\n}/)[0] + fs.readFileSync(path.join(project, 'src/snsbridge/timely.go'), 'utf8');
	const forms = [/\bCode:\s+"([\w-]+)"/g, /Code(?:, \w+\.\w+)* = .*?"([\w-]+)"/g, /\b(?:account|refuse|never)\("([\w-]+)"/g, /Or\(e\.Code, "([\w-]+)"\)/g, /"(held)"/g];
	const codes = new Set(forms.flatMap((re) => all(jobs, re)));
	assert.deepEqual([...codes].sort(), table('attempts').sort());
	// What a device did: noted by its code, in English by the program, in all languages here.
	const sns = go(['sns']);
	const done = new Set(all(sns, /sighted\(.*?, "([\w-]+)", [^,]*\)$/gm).concat(all(sns.match(/func wish[^]*?\n}/)[0], /return "([\w-]+)"/g)));
	const english = Object.fromEntries(Array.from(sns.match(/deeds = map[^]*?\n}/)[0].matchAll(/"([\w-]+)": +"(.*)"/g), (m) => [m[1], m[2]]));
	assert.deepEqual(Object.keys(english).sort(), [...done].sort());
	assert.deepEqual(table('deeds').sort(), [...done].sort());
	for (const m of golden('camera/testdata/models.json').filter((m) => m.note))
		assert.ok(modules['snsbridge.camera'].includes(`'${m.note}': _('${m.note}')`), `no words for ${m.note}`);
});
