'use strict';
'require view';
'require poll';
'require snsbridge.bridge as bridge';
'require snsbridge.parts as parts';

/* The log's lines of this service: {lines: [{time, level, text}]}, the newest last. */

const levels = [ 'info', 'warning', 'error' ];

function matches(line, filter) {
	return levels.indexOf(line.level) >= levels.indexOf(filter.level) &&
		line.text.toLowerCase().indexOf(filter.text.toLowerCase()) >= 0;
}

function render(lines, filter) {
	const list = lines.filter((l) => matches(l, filter)).reverse();
	if (!list.length)
		return E('p', {}, [ lines.length ? _('No line is like that.') : _('The log has no lines of this service.') ]);
	return E('ol', { 'class': 'snsbridge-log' }, list.map((l) => E('li', {}, [
		parts.small(l.time), ' ',
		l.level == 'info' ? '' : E('strong', {}, [ l.level == 'error' ? _('error') : _('warning'), ' ' ]),
		E('span', { 'lang': 'en' }, [ l.text ])
	])));
}

return view.extend({
	renderLines: render, // for tests

	load: function() {
		return bridge.ask('log').catch((e) => e);
	},

	render: function(log) {
		const filter = { level: 'info', text: '' };
		const holder = E('div', {});
		const draw = () => parts.redraw(holder, log instanceof Error ? parts.notice('error', bridge.told(log)) : render(log.lines, filter));
		const level = E('select', { 'class': 'cbi-input-select', 'aria-label': _('From this level on'), 'change': (ev) => {
			filter.level = ev.target.value;
			draw();
		} }, [
			E('option', { 'value': 'info' }, [ _('all') ]),
			E('option', { 'value': 'warning' }, [ _('warnings and errors') ]),
			E('option', { 'value': 'error' }, [ _('errors') ])
		]);
		const text = E('input', { 'type': 'search', 'class': 'cbi-input-text', 'placeholder': _('Contains'), 'aria-label': _('Contains'), 'input': (ev) => {
			filter.text = ev.target.value;
			draw();
		} });
		draw();
		poll.add(() => document.hidden ? Promise.resolve() : this.load().then((l) => {
			log = l;
			draw();
		}), 5);
		return E('div', { 'class': 'cbi-map' }, [
			bridge.sheet(), E('h2', {}, [ _('Log') ]),
			E('div', { 'class': 'cbi-map-descr' }, [ _('The program writes its log in English.') ]),
			E('div', { 'class': 'snsbridge-filter' }, [ level, text ]), holder
		]);
	},

	handleSaveApply: null,
	handleSave: null,
	handleReset: null
});
