'use strict';
'require baseclass';
'require snsbridge.parts as parts';
'require snsbridge.words as words';

/*
 * The chain from the camera to the targets: each link is good, or there is one
 * sentence with its remedy.
 */

/* Which of the doctor's checks make a link. */
function linkOf(id) {
	if (/^(names|name:)/.test(id))
		return 'names';
	if (/^(camera-port|address)/.test(id))
		return 'address';
	if (/^(photos|spool|storage)/.test(id) || id == 'target:store')
		return 'storage';
	if (/^target:/.test(id))
		return 'targets';
	return id == 'uplink' ? 'uplink' : 'bridge';
}

function flatten(checks, into) {
	checks.forEach((c) => {
		into.push(c);
		flatten(c.then, into);
	});
	return into;
}

const rank = { failed: 3, warning: 2, skipped: 1, ok: 0 };

/* worst returns what is to be said of a link: that of which others depend first. */
function worst(found) {
	return found.reduce((bad, c) => bad == null || rank[c.state] > rank[bad.state] ? c : bad, null);
}

function camera(status) {
	const last = status.cameras[0];
	if (status.uploads.length)
		return { state: 'ok', text: _('A camera is sending right now.') };
	if (last)
		return { state: 'ok', text: _('%s was here %s.').format(last.model || last.client, parts.ago(last.seconds_ago)) };
	if (status.refused.length)
		return {
			state: 'warning', text: _('A camera was refused because the settings do not allow it.'),
			remedy: _('If it is yours, allow it below, under Cameras.')
		};
	return {
		state: 'skipped', text: _('No camera has come since the start.'),
		remedy: _('Let the camera join this router\'s Wi-Fi, and send a photo by e-mail or to a social site.')
	};
}

/* The bridge itself, when it does not answer. */
function silent(o) {
	if (o.wrong.length)
		return { state: 'failed', text: _('The settings are wrong, so nothing runs.'), remedy: _('Correct them under Settings:'), raw: o.wrong.join('\n') };
	if (!o.enabled)
		return { state: 'failed', text: _('snsbridge is switched off.'), remedy: _('Switch it on under Settings, Router.') };
	const told = words.refusal(o.bridge);
	return { state: 'failed', text: told.text, remedy: told.remedy, raw: told.raw };
}

return baseclass.extend({
	/* links returns the seven of them, from an overview: {id, title, state, text, remedy, raw}. */
	links: function(o) {
		const all = (o.checkup && o.checkup.report ? flatten(o.checkup.report.checks, []) : [])
			.filter((c) => c.code != 'settings-unwise'); // told by the overview, in the router's words
		const list = words.links().map((link) => {
			const found = all.filter((c) => linkOf(c.id) == link.id);
			const bad = worst(found);
			const told = { id: link.id, title: link.title, state: o.checkup && o.checkup.running && !all.length ? 'busy' : 'skipped' };
			if (link.id == 'camera')
				return Object.assign(told, o.status ? camera(o.status) : {});
			if (link.id == 'bridge' && o.bridge && !(bad && bad.state == 'failed' && bad.code != 'daemon-down'))
				return Object.assign(told, silent(o));
			// The router itself cannot use its redirect; that a camera came by it shows that it is there.
			if (bad && (bad.state == 'ok' || bad.code == 'address-unknown' && o.status && o.status.cameras.length))
				return Object.assign(told, { state: 'ok' });
			if (bad)
				return Object.assign(told, { state: bad.state }, words.finding(bad));
			return told;
		});
		return list;
	},

	render: function(o) {
		const links = this.links(o);
		const row = E('ol', { 'class': 'snsbridge-chain' }, links.map((l) =>
			E('li', { 'class': 'snsbridge-link snsbridge-link-' + l.state }, [ parts.mark(l.state), ' ', l.title ])));
		const remarks = links.filter((l) => l.text && l.state != 'ok').map((l) => parts.remark(l.state, l.title, l));
		if (o.status && links.every((l) => l.state == 'ok' || l.id == 'address' || l.id == 'uplink' && l.state == 'skipped'))
			remarks.unshift(E('p', {}, [ _('All is well: what cameras send goes its way.') ]));
		return E('div', {}, [ row ].concat(remarks));
	}
});
