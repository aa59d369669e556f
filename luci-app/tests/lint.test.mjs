// ESLint with LuCI's globals, and what our own rules are for.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import config from '../eslint.config.mjs';
import { modules, root } from './runtime.mjs';

const require = createRequire(new URL('../../src/integration/browser/package.json', import.meta.url));
export const { ESLint, Linter } = require('eslint');

test('the pages pass ESLint', async () => {
	const results = await new ESLint({ cwd: root }).lintFiles(['htdocs']);
	assert.equal(results.length, Object.keys(modules).length);
	assert.deepEqual(results.flatMap((r) => r.messages.map((m) => `${r.filePath}:${m.line}: ${m.message}`)), []);
});

test('views are short', () => {
	for (const [name, source] of Object.entries(modules))
		assert.ok(source.split('\n').length <= 250, `${name} has more than 250 lines`);
});

test('what would let hostile text in is refused', () => {
	for (const bad of ["E('p', {}, a.name);", "E('p', {}, 'a' + name);", 'node.innerHTML = name;', "ui.showModal(name, []);", "ui.addNotification(null, a.name);",
		'_(name);', '_(`${name}`);', "E('p', { style: 'color: red' }, []);", "E('p', { 'style': 'color: red' }, []);", 'dom.content(node, a.name);', 'a?.b;', 'var x = `y`;'])
		assert.notDeepEqual(new Linter().verify('const node = 1, name = 2, a = 3;\n' + bad, config, 'htdocs/x.js').filter((m) => m.line == 2 && !/^no-(unused|undef)/.test(m.ruleId)), [], bad);
});
