// The template has every text of the pages, and translations are whole.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { headers, read, template, texts, why, whyFile, write } from './pot.mjs';
import { root } from './runtime.mjs';

test('the template is complete; if not: node luci-app/tests/pot.mjs', () => {
	assert.equal(fs.readFileSync(template, 'utf8'), write(headers.template, texts(), new Map()));
});

test('translations have every text, with the same places for values', () => {
	const places = (s) => (s.match(/%[sd]|\{\w+\}/g) ?? []).join(' ');
	for (const language of fs.readdirSync(path.join(root, 'po')).filter((d) => d != 'templates')) {
		const file = path.join(root, 'po', language, 'snsbridge.po');
		const translations = read(file);
		assert.equal(fs.readFileSync(file, 'utf8'), write(headers[language], texts(), translations), `${language} is not of the same texts`);
		for (const [text, translation] of translations) {
			assert.notEqual(translation, '', `${language}: ${text}`);
			assert.equal(places(translation), places(text), `${language}: ${text}`);
			assert.equal(/^\s|\s$|[<>&]/.test(translation), /^\s|\s$|[<>&]/.test(text), `${language}: ${text}`);
		}
	}
});

test('the phone page says why in the same words; if not: node luci-app/tests/pot.mjs', () => {
	assert.equal(fs.readFileSync(whyFile, 'utf8'), why());
});

test('texts are those that LuCI finds: trimmed, in one line', () => {
	for (const text of texts().keys())
		assert.match(text, /^\S(.*\S)?$/);
});
