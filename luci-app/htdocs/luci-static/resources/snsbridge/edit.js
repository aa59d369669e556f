'use strict';
'require baseclass';
'require dom';
'require ui';
'require snsbridge.bridge as bridge';
'require snsbridge.parts as parts';
'require snsbridge.words as words';

/* The dialog that completes a draft, or changes what failed. */

function field(title, node) {
	return E('label', {}, [ title, node ]);
}

function area(key, text, rows) {
	return E('textarea', { 'data-field': key, 'rows': rows, 'class': 'cbi-input-textarea' }, [ text ]);
}

function select(key, choices, value) {
	return E('select', { 'data-field': key, 'class': 'cbi-input-select' }, choices.map((c) =>
		E('option', { 'value': c[0], 'selected': c[0] == value ? '' : null }, [ c[1] ])));
}

/* Whose posts have a visibility, a language and a warning. */
function posts(item) {
	return item.jobs.some((j) => /^mastodon/.test(j.target) && j.state != 'done');
}

return baseclass.extend({
	/* form shows the fields; targets are the names of all that the settings know. */
	form: function(item, cache, targets) {
		const list = [];
		if (item.kind == 'email')
			list.push(field(_('Subject'), E('input', { 'type': 'text', 'data-field': 'title', 'value': item.title, 'class': 'cbi-input-text' })));
		list.push(field(_('Text'), area('text', item.text, 3)));
		item.files.forEach((f) => {
			const url = cache[item.id + '/' + f.number];
			list.push(E('div', { 'class': 'snsbridge-file' }, [
				url ? E('img', { 'src': url, 'alt': '' }) : '',
				item.kind == 'email' ? E('span', {}, [ f.name ])
					: field(_('Description of %s: what can be seen').format(f.name), area('alt ' + f.number, f.alt, 3)),
				item.files.length > 1 ? E('label', { 'class': 'snsbridge-tick' }, [
					E('input', { 'type': 'checkbox', 'data-field': 'remove ' + f.number }), E('span', {}, [ _('Do not send it, delete it') ])
				]) : ''
			]));
		});
		item.spare.forEach((text) => list.push(E('p', {}, [ _('A description that has no picture: %s').format(text) ])));
		if (posts(item)) {
			list.push(field(_('Who sees it'), select('visibility', [
				[ '', _('as in the settings') ], [ 'public', _('everybody') ], [ 'unlisted', _('everybody, not listed') ],
				[ 'private', _('followers') ], [ 'direct', _('those who are mentioned') ]
			], item.visibility)));
			list.push(field(_('Content warning'), E('input', { 'type': 'text', 'data-field': 'warning', 'value': item.warning, 'class': 'cbi-input-text' })));
			list.push(field(_('Language, such as en'), E('input', { 'type': 'text', 'data-field': 'language', 'value': item.language, 'maxlength': 12, 'class': 'cbi-input-text' })));
		}
		item.jobs.filter((j) => j.state != 'done').forEach((j) => {
			const names = targets.indexOf(j.target) < 0 ? [ j.target ].concat(targets) : targets;
			list.push(field(_('Send it to'), select('target ' + j.target, names.map((t) => [ t, words.target(t) ]), j.target)));
		});
		return E('div', { 'class': 'snsbridge-edit' }, list);
	},

	/* changes returns what a person changed in the form. */
	changes: function(form, item) {
		const edit = {}, alts = {}, targets = {}, remove = [];
		Array.prototype.forEach.call(form.querySelectorAll('[data-field]'), (el) => {
			const key = el.getAttribute('data-field'), at = key.indexOf(' ');
			const name = at < 0 ? key : key.substring(0, at), of = at < 0 ? '' : key.substring(at + 1);
			if (name == 'alt')
				alts[of] = el.value;
			else if (name == 'remove') {
				if (el.checked)
					remove.push(+of);
			}
			else if (name == 'target') {
				if (el.value != of)
					targets[of] = el.value;
			}
			else if (el.value != item[name])
				edit[name] = el.value;
		});
		if (Object.keys(alts).length)
			edit.alts = alts;
		if (Object.keys(targets).length)
			edit.targets = targets;
		if (remove.length)
			edit.remove = remove;
		return edit;
	},

	/* open asks for the whole item, shows the dialog, and calls done when something was changed. */
	open: function(id, cache, targets, done) {
		return bridge.ask('item', id).then((item) => {
			const form = this.form(item, cache, targets);
			const wrong = E('div', { 'role': 'alert' }, []);
			const save = (send) => {
				const edit = this.changes(form, item);
				if (!send)
					edit.still = true;
				return bridge.ask('edit', id, edit).then((it) => {
					if (send && it.state == 'failed')
						return bridge.ask('retry', id);
					return it;
				}).then((it) => {
					ui.hideModal();
					if (send && it.state == 'draft')
						bridge.tell(_('It is saved, and not complete yet.'));
					else
						bridge.tell(send ? _('It is on its way.') : _('It is saved.'));
					done();
				}).catch((e) => dom.content(wrong, [ parts.notice('error', bridge.told(e)) ]));
			};
			ui.showModal(_('Complete and send'), [ form, wrong, E('div', { 'class': 'right' }, [
				E('button', { 'class': 'btn', 'click': ui.hideModal }, [ _('Cancel') ]), ' ',
				E('button', { 'class': 'btn cbi-button cbi-button-neutral', 'click': ui.createHandlerFn(this, save, false) }, [ _('Save') ]), ' ',
				E('button', { 'class': 'btn cbi-button cbi-button-positive important', 'click': ui.createHandlerFn(this, save, true) }, [ _('Send') ])
			]) ]);
		}).catch(bridge.complain);
	}
});
