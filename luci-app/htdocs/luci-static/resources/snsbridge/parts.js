'use strict';
'require baseclass';

/* Small pieces of pages. Everything shown is a text node or an element. */

function some(n, one, many) {
	return n == 1 ? one : many.format(n);
}

const marks = { ok: '\u2714', warning: '!', failed: '\u2716', skipped: '\u2013', busy: '\u2026' };

return baseclass.extend({
	some: some,

	/* ago tells how long something is past, in seconds. */
	ago: function(seconds) {
		if (seconds == null)
			return _('at an unknown time');
		if (seconds < 10)
			return _('just now');
		if (seconds < 60)
			return _('less than a minute ago');
		if (seconds < 3600)
			return some(Math.floor(seconds / 60), _('a minute ago'), _('%d minutes ago'));
		if (seconds < 86400)
			return some(Math.floor(seconds / 3600), _('an hour ago'), _('%d hours ago'));
		return some(Math.floor(seconds / 86400), _('a day ago'), _('%d days ago'));
	},

	/* since is the same for a time and the router's clock. */
	since: function(time, now) {
		return this.ago(time ? Math.max(0, (Date.parse(now) - Date.parse(time)) / 1000) : null);
	},

	/* until tells how long something will take. */
	until: function(seconds) {
		if (seconds < 10)
			return _('now');
		if (seconds < 60)
			return _('in less than a minute');
		if (seconds < 3600)
			return some(Math.floor(seconds / 60), _('in a minute'), _('in %d minutes'));
		return some(Math.floor(seconds / 3600), _('in an hour'), _('in %d hours'));
	},

	bytes: function(n) {
		return '%1000.1mB'.format(n);
	},

	/* mark is a sign for a state, and a word for who cannot see it. */
	mark: function(state) {
		const word = {
			ok: _('good'), warning: _('works, with a remark'), failed: _('broken'),
			skipped: _('not known'), busy: _('being looked at')
		}[state] || state;
		return E('span', { 'class': 'snsbridge-mark snsbridge-' + state, 'role': 'img', 'aria-label': word, 'title': word }, [ marks[state] || '?' ]);
	},

	/* small is what only some want to know: a server's own words, a time. */
	small: function(text) {
		return E('span', { 'class': 'snsbridge-small' }, [ text ]);
	},

	/* said is a sentence, its remedy, and the words that it stands for: children of a paragraph. */
	said: function(told) {
		return [ told.text, told.remedy ? ' ' : '', told.remedy ? E('em', {}, [ told.remedy ]) : '',
			told.raw ? E('br') : '', told.raw ? this.small(told.raw) : '' ];
	},

	/* notice is the same in a box, for what stops everything. */
	notice: function(kind, told) {
		return E('div', { 'class': 'alert-message snsbridge-notice ' + kind }, [ E('p', {}, this.said(told)) ]);
	},

	/* remark is the same with a mark, for one of several things. */
	remark: function(state, title, told) {
		return E('div', { 'class': 'snsbridge-remark' }, [
			this.mark(state), E('p', {}, [ title ? E('strong', {}, [ title, ': ' ]) : '' ].concat(this.said(told)))
		]);
	},

	/* button calls fn, and can be found again when the page is drawn anew. */
	button: function(key, text, style, fn) {
		return E('button', { 'class': 'btn cbi-button cbi-button-' + style, 'data-key': key, 'click': fn }, [ text ]);
	},

	/* link opens a web page beside this one. What is no address of one stays a text. */
	link: function(url, text) {
		if (!/^https?:\/\//.test(url))
			return text;
		return E('a', { 'href': url, 'target': '_blank', 'rel': 'noopener noreferrer' }, [ text ]);
	},

	section: function(title, children) {
		return E('div', { 'class': 'cbi-section' }, [ E('h3', {}, [ title ]) ].concat(children));
	},

	/*
	 * redraw puts a new node into a holder if it looks different, and keeps
	 * the focus where it was: the page is drawn every few seconds, and somebody
	 * may be walking through it by keyboard.
	 */
	redraw: function(holder, node) {
		const looks = node.outerHTML;
		if (holder.looks == looks)
			return;
		const held = holder.contains(document.activeElement) ? document.activeElement.getAttribute('data-key') : null;
		while (holder.firstChild)
			holder.removeChild(holder.firstChild);
		holder.appendChild(node);
		holder.looks = looks;
		if (held)
			Array.prototype.forEach.call(holder.querySelectorAll('[data-key]'), (el) => {
				if (el.getAttribute('data-key') == held)
					el.focus();
			});
	}
});
