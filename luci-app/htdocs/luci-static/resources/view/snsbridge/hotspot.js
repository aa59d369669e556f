'use strict';
'require view';
'require snsbridge.bridge as bridge';
'require snsbridge.parts as parts';
'require snsbridge.words as words';

/* Whether cameras can join the Wi-Fi, and what to type on them. It changes nothing. */

function renderPart(c) {
	return parts.remark(c.state, words.part(c), c.state == 'ok' ? { text: _('good') } : words.finding(c));
}

function renderHotspot(h) {
	const whole = parts.remark(h.state, h.title, h.state == 'ok' ? { text: _('Cameras can join it.') } : words.finding(h));
	return E('div', { 'class': 'snsbridge-photo' }, [
		E('div', { 'class': 'snsbridge-story' }, [ whole, E('div', { 'class': 'snsbridge-parts' }, h.then.map(renderPart)) ])
	]);
}

function renderHotspots(report) {
	if (!report.checks.length)
		return E('div', {}, [ parts.remark('warning', '', {
			text: _('This router has no Wi-Fi in the networks of the cameras.'),
			remedy: _('Make one under Network, Wireless, in the network lan or guest; or name its network under Settings, Router.')
		}) ]);
	const usable = report.state != 'failed';
	return E('div', {}, [ usable ? '' : parts.notice('error', {
		text: _('Cameras cannot join any Wi-Fi of this router.'), remedy: _('See below what hinders them.')
	}) ]
		.concat(report.checks.map(renderHotspot)));
}

function renderSteps(address) {
	return E('ol', { 'class': 'snsbridge-steps' }, [
		_('On the camera, choose Wi-Fi, then e-mail or a social site, and let it join a Wi-Fi that is good above.'),
		_('If it wants a login to a social site: any user name, and any password but a real one. The bridge never looks at the password.'),
		_('For e-mail: your own address as the sender, and the address that the photos are for.'),
		_('If the camera says that there is no Internet: try once more, some check twice.'),
		_('Nothing arrives? Open http://%s/ with a phone on the same Wi-Fi. If that works, the way to the bridge is open.').format(address)
	].map((s) => E('li', {}, [ s ])));
}

return view.extend({
	renderHotspots: renderHotspots, // for tests

	load: function() {
		return Promise.all([ bridge.ask('hotspots').catch((e) => e), bridge.ask('overview', false).catch((e) => e) ]);
	},

	render: function(answers) {
		const report = answers[0], address = answers[1].address || '10.23.42.99';
		return E('div', { 'class': 'cbi-map' }, [
			bridge.sheet(), E('h2', {}, [ _('Help for the hotspot') ]),
			E('div', { 'class': 'cbi-map-descr' }, [ _('These cameras know the Wi-Fi of their time: on most of them 2.4 GHz alone, and WPA2 with a pass phrase that somebody has to type on them. Nothing is changed here.') ]),
			parts.section(_('Wi-Fi of this router'), [ report instanceof Error ? parts.notice('error', bridge.told(report)) : renderHotspots(report) ]),
			parts.section(_('On the camera'), [ renderSteps(address) ])
		]);
	},

	handleSaveApply: null,
	handleSave: null,
	handleReset: null
});
