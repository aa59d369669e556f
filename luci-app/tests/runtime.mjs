// A stand-in for as much of LuCI's runtime as our pages need to be drawn, in a
// real browser. What it does not have, tests with a real LuCI must show.
import fs from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '..');
const resources = path.join(root, 'htdocs/luci-static/resources');

export function files(dir, ends) {
	return fs.readdirSync(dir, { recursive: true }).map(String).filter((f) => f.endsWith(ends)).sort().map((f) => path.join(dir, f));
}

// modules are all of ours by LuCI's names: "view.snsbridge.status" to the source.
export const modules = Object.fromEntries(files(resources, '.js').map((f) =>
	[path.relative(resources, f).slice(0, -3).replaceAll('/', '.'), fs.readFileSync(f, 'utf8')]));

export function golden(name) {
	return JSON.parse(fs.readFileSync(path.resolve(root, '../src', name), 'utf8'));
}

// theme has what the one of OpenWrt does to fields: it draws check boxes itself,
// beside the corner of each, and gives the others one width.
const theme = `
	input, select, .cbi-dropdown:not(.btn) { width: 210px; height: 30px }
	.cbi-dropdown:not(.btn) { display: inline-flex; max-width: 400px; white-space: nowrap; overflow: hidden }
	@media (max-width: 600px) { select, .cbi-dropdown:not(.btn) { width: 100% } }
	input[type=checkbox] { appearance: none; position: relative; width: 14px; height: 14px }
	input[type=checkbox]::before, input[type=checkbox]::after { content: ""; position: absolute; top: 0; left: 0; width: 12px; height: 12px; border: 1px solid }
	input[type=checkbox]:checked::after { background: currentColor }
`;

// open returns a page in which load(name) gives one of our modules.
export async function open(browser, width) {
	const page = await browser.newPage({ viewport: { width, height: 800 } });
	page.setDefaultTimeout(300_000); // ms, beside other work
	page.on('pageerror', (e) => { throw e; });
	await page.setContent('<!doctype html><div id="view"></div>');
	await page.addStyleTag({ content: theme });
	await page.addStyleTag({ path: path.join(resources, 'snsbridge/style.css') });
	await page.addStyleTag({ content: 'body { font: 16px DejaVu Sans; margin: 4px } .btn { font: inherit; padding: 6px 10px }' });
	await page.evaluate(runtime, modules);
	return page;
}

// runtime runs in the page.
function runtime(sources) {
	String.prototype.format = function() {
		const args = Array.from(arguments);
		return this.replace(/%(?:(\d+)\.(\d))?([sdm%])/g, (_, base, digits, kind) => {
			if (kind == '%')
				return '%';
			const v = args.shift();
			if (kind != 'm')
				return kind == 'd' ? Math.floor(v) : v;
			let n = Number(v), i = 0;
			for (; n > base && i < 4; i++)
				n /= base;
			return (i ? n.toFixed(digits) : n) + ' ' + ['', 'K', 'M', 'G', 'T'][i];
		});
	};
	window._ = (s) => s;
	// As LuCI's: children that are no list are taken for HTML. Ours never are.
	window.E = (tag, attrs, children) => {
		const el = document.createElement(tag);
		Object.entries(attrs || {}).forEach(([k, v]) => {
			if (typeof v == 'function')
				el.addEventListener(k, v);
			else if (v != null)
				el.setAttribute(k, v);
		});
		if (children != null && !Array.isArray(children))
			throw new Error('children of ' + tag + ' would be HTML: ' + children);
		(children || []).filter((c) => c != null).forEach((c) => el.append(c));
		return el;
	};
	const extend = (proto) => proto;
	const asked = window.asked = [];
	window.answers = {};
	const stubs = {
		baseclass: { extend }, view: { extend },
		rpc: { declare: (d) => function() {
			asked.push([d.method].concat(Array.from(arguments)));
			return Promise.resolve(window.answers[d.method]);
		} },
		uci: { load: () => Promise.resolve(), sections: (_conf, type) => [{ '.name': type }], get: () => 'x@example.org', save() {}, apply: () => { asked.push(['apply']); },
			set: (...args) => { asked.push(['set'].concat(args)); } },
		poll: { add: (fn) => { window.polled = fn; } },
		dom: { content: (el, children) => { el.replaceChildren(...children); }, bindClassInstance: (el, o) => { el.instance = o; } },
		ui: {
			AbstractElement: { extend: (proto) => {
				const Class = function() { proto.__init__.apply(this, arguments); };
				Class.prototype = Object.assign({ setUpdateEvents() {}, setChangeEvents() {} }, proto);
				return Class;
			} },
			createHandlerFn: (self, fn, ...args) => () => fn.apply(self, args),
			addNotification: (title, node) => document.body.insertBefore(node, document.body.firstChild),
			showModal: (title, children) => {
				stubs.ui.hideModal();
				document.body.append(E('div', { 'id': 'modal' }, title ? [E('h4', {}, [title])].concat(children) : children));
			},
			hideModal: () => document.querySelector('#modal')?.remove()
		}
	};
	window.L = { resource: (p) => 'data:text/css,' + p, hasViewPermission: () => window.mayWrite !== false, toArray: (v) => v == null ? [] : Array.isArray(v) ? v : [v] };
	window.stubs = stubs;
	const loaded = {};
	window.load = (name) => {
		if (stubs[name] || loaded[name])
			return stubs[name] || loaded[name];
		const wants = Array.from(sources[name].matchAll(/^'require (\S+?)(?: as (\S+?))?';$/gm), (m) => [m[1], m[2] || m[1].replace(/\W/g, '_')]);
		const make = new Function(...wants.map((w) => w[1]), sources[name]);
		return loaded[name] = make(...wants.map((w) => window.load(w[0])));
	};
	window.show = (node) => document.querySelector('#view').replaceChildren(node);
}
