// What can be translated: the literals of _() in the pages, the titles of the
// menu, the descriptions of the access list. Run by hand, it writes
// po/templates anew, gives each translation what is new in it, and writes the
// sentences that the phone page shares with these pages.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { files, root } from './runtime.mjs';

const { Linter } = createRequire(new URL('../../src/integration/browser/package.json', import.meta.url))('eslint');

// texts maps each to the files that it is in.
export function texts() {
	const found = new Map();
	const add = (text, file) => {
		const name = path.relative(root, file);
		found.set(text, [...new Set([...found.get(text) ?? [], name])]);
	};
	for (const file of files(path.join(root, 'htdocs'), '.js')) {
		const collect = { create: () => ({ 'CallExpression[callee.name="_"]': (node) => add(node.arguments[0].value, file) }) };
		new Linter().verify(fs.readFileSync(file, 'utf8'), { plugins: { x: { rules: { collect } } }, rules: { 'x/collect': 'error' },
			languageOptions: { sourceType: 'script', parserOptions: { ecmaFeatures: { globalReturn: true } } } });
	}
	for (const file of files(path.join(root, 'root'), '.json'))
		for (const node of Object.values(JSON.parse(fs.readFileSync(file, 'utf8'))))
			add(node.title ?? node.description, file);
	return new Map([...found].sort(([a], [b]) => a < b ? -1 : 1));
}

const quote = (s) => '"' + s.replaceAll('\\', '\\\\').replaceAll('"', '\\"') + '"';

// write returns a file with these texts, and their translations where there are some.
export function write(header, found, translations) {
	const head = 'msgid ""\nmsgstr ' + header.map((l) => quote(l).slice(0, -1) + '\\n"').join('\n') + '\n';
	return head + [...found].map(([text, where]) => `\n${where.map((f) => `#: ${f}\n`).join('')}msgid ${quote(text)}\nmsgstr ${quote(translations.get(text) ?? '')}\n`).join('');
}

// read returns the translations of a file.
export function read(file) {
	const unquote = (s) => s.slice(1, -1).replace(/\\(.)/g, '$1');
	const text = fs.readFileSync(file, 'utf8');
	return new Map(Array.from(text.matchAll(/^msgid (".+")\nmsgstr (".*")$/gm), (m) => [unquote(m[1]), unquote(m[2])]));
}

// why returns the phone page's sentences for why something was not sent, in
// all languages: those of words.js.
export function why() {
	const words = fs.readFileSync(path.join(root, 'htdocs/luci-static/resources/snsbridge/words.js'), 'utf8');
	const [, table] = /const attempts = \{\n([^]*?)\n\};/.exec(words);
	const rows = Array.from(table.matchAll(/^\t'([\w-]+)': \[ _\('((?:[^'\\]|\\.)+)'\)/gm), (m) => [m[1], m[2].replaceAll("\\'", "'")]);
	const languages = [['en', new Map()]].concat(languagesOf().map((l) => [l, read(path.join(root, 'po', l, 'snsbridge.po'))]));
	const literal = (s) => `'${s.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
	return '// Made by luci-app/tests/pot.mjs from the words of the pages in LuCI.\n\nexport const why = {\n' + languages.map(([l, translations]) =>
		`\t${l}: {\n${rows.map(([code, text]) => `\t\t${literal(code)}: ${literal(translations.get(text) ?? text)},\n`).join('')}\t},\n`).join('') + '};\n';
}

export const whyFile = path.join(root, '../src/gallery/page/why.js');

function languagesOf() {
	return fs.readdirSync(path.join(root, 'po')).filter((d) => d != 'templates');
}

export const template = path.join(root, 'po/templates/snsbridge.pot');
export const headers = {
	template: ['Content-Type: text/plain; charset=UTF-8'],
	de: ['Content-Type: text/plain; charset=UTF-8', 'Language: de', 'Plural-Forms: nplurals=2; plural=(n != 1);'],
};

if (process.argv[1] == fileURLToPath(import.meta.url)) {
	fs.writeFileSync(template, write(headers.template, texts(), new Map()));
	const german = path.join(root, 'po/de/snsbridge.po');
	fs.writeFileSync(german, write(headers.de, texts(), fs.existsSync(german) ? read(german) : new Map()));
	fs.writeFileSync(whyFile, why());
}
