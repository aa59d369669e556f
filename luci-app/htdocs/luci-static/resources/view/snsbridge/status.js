'use strict';
'require view';
'require poll';
'require uci';
'require ui';
'require snsbridge.bridge as bridge';
'require snsbridge.camera as camera';
'require snsbridge.chain as chain';
'require snsbridge.edit as edit';
'require snsbridge.parts as parts';
'require snsbridge.photos as photos';
'require snsbridge.warnings as warnings';
'require snsbridge.words as words';

/* One answer of the router shows everything; see src/luci/testdata/overview.json. */

function renderTarget(t, now, may) {
	const lines = [ E('strong', {}, [ words.target(t.name) ]), ': ', words.targetState(t.state) ];
	if (t.jobs.waiting)
		lines.push(', ', parts.some(t.jobs.waiting, _('1 waiting'), _('%d waiting')));
	if (t.jobs.draft)
		lines.push(', ', parts.some(t.jobs.draft, _('1 draft'), _('%d drafts')));
	if (t.jobs.failed)
		lines.push(', ', parts.some(t.jobs.failed, _('1 needs you'), _('%d need you')));
	if (t.last_success)
		lines.push(', ', _('last delivery %s').format(parts.since(t.last_success, now)));
	const told = [ E('p', {}, lines) ];
	const last = t.last_error;
	if (t.pause && t.pause.by == 'target')
		told.push(E('p', {}, parts.said(words.attempt(last ? last.code : '', t.pause.reason, t.pause.hint))));
	else if (t.state == 'failing' && last)
		told.push(E('p', {}, parts.said(words.attempt(last.code, last.error, last.hint))));
	if (may)
		told.push(t.pause
			? parts.button('target ' + t.name, t.pause.by == 'person' ? _('Go on') : _('Try now'), 'action', () => may.resume(t.name))
			: parts.button('target ' + t.name, _('Pause'), 'neutral', () => may.pause(t.name)));
	return E('div', { 'class': 'snsbridge-target' }, told);
}

/* counts tells of all photos in one line. */
function renderCounts(q) {
	const list = [
		[ q.open, _('1 arriving'), _('%d arriving') ], [ q.waiting, _('1 waiting'), _('%d waiting') ],
		[ q.draft, _('1 draft'), _('%d drafts') ], [ q.failed, _('1 needs you'), _('%d need you') ],
		[ q.damaged, _('%d damaged'), _('%d damaged') ], [ q.done, _('%d delivered'), _('%d delivered') ]
	].filter((c) => c[0]).map((c) => parts.some(c[0], c[1].format(c[0]), c[2]));
	return list.length ? [ E('p', {}, [ list.join(', ') ]) ] : [];
}

function renderCamera(c) {
	const who = c.model ? '%s (%s)'.format(c.model, c.client) : c.client;
	return E('p', {}, [ E('strong', {}, [ who ]), ', ', parts.ago(c.seconds_ago), ': ', camera.deed(c) ]);
}

function renderUpload(u) {
	const of = u.total > 0 ? '%s / %s'.format(parts.bytes(u.bytes), parts.bytes(u.total)) : parts.bytes(u.bytes);
	return E('p', {}, [ E('strong', {}, [ u.model || u.client ]), ': ', _('is sending'), ' ', u.file, ' ', of ]);
}

function renderRefused(c, may) {
	const told = [ E('strong', {}, [ c.model || c.mac || c.client ]), ', ', parts.ago(c.seconds_ago), ': ', camera.deed(c), '. ' ];
	const why = c.allow && c.allow.value && {
		'mac': _('It was refused: the device %s is not among your cameras.'),
		'sender': _('It was refused: the sender %s is not among those who may send.'),
		'recipient': _('It was refused: %s is not among those who may be mailed.')
	}[c.allow.list];
	if (!why)
		return E('p', {}, told.concat([ _('It was refused: the settings do not allow it.') ]));
	told.push(why.format(c.allow.value), ' ');
	if (may)
		told.push(parts.button('allow %s %s'.format(c.allow.list, c.allow.value), _('Allow'), 'action', () => may.allow(c.allow)));
	return E('p', {}, told);
}

/* allow adds a device (mac), a sender or a recipient to the list that lacks it, and applies that. */
function allow(a) {
	return uci.load('snsbridge').then(() => {
		const section = a.list == 'recipient' ? 'smarthost' : 'cameras', found = uci.sections('snsbridge', section)[0];
		const id = found ? found['.name'] : uci.add('snsbridge', section, section);
		const list = L.toArray(uci.get('snsbridge', id, a.list));
		if (list.indexOf(a.value) < 0)
			uci.set('snsbridge', id, a.list, list.concat([ a.value ]));
		return uci.save();
	}).then(() => uci.apply());
}

function renderCameras(status, may) {
	const list = status.uploads.map(renderUpload).concat(status.cameras.map(renderCamera));
	status.refused.forEach((c) => list.push(renderRefused(c, may)));
	return list.length ? list : [ E('p', {}, [ _('None since the start.') ]) ];
}

function renderStorage(status) {
	const s = status.storage, f = s.upload, room = f.error || _('Room for about %d photos (%s) in %s').format(s.photos, parts.bytes(s.usable), f.path);
	const list = [ E('p', {}, [ room ]) ];
	if (status.mail)
		list.push(E('p', {}, [ _('Mails today: %d of at most %d').format(status.mail.today, status.mail.limit) ]));
	if (status.mail && status.mail.sender)
		list.push(E('p', {}, [ _('Mails are sent from %s: the mail server refuses the cameras\' senders.').format(status.mail.sender) ]));
	if (status.captured.count)
		list.push(E('p', {}, [ _('%d requests were not understood; please send in %s').format(status.captured.count, status.captured.file) ]));
	return list;
}

/*
 * pages holds what was asked for behind the first page of a list, which comes
 * anew every few seconds. state: of the items in it; '' for all.
 */
function pages(state) {
	let items = [], more = null;
	return {
		all: function(first) {
			const rest = items.filter((item) => !first.items.some((f) => f.id == item.id));
			return { items: first.items.concat(rest), more: more == null ? first.more : more };
		},
		next: function(first) {
			const all = this.all(first).items;
			return bridge.ask('queue', all[all.length - 1].id, state).then((q) => {
				items = items.concat(q.items);
				more = q.more;
			});
		},
		drop: function(id) {
			items = items.filter((item) => item.id != id);
		}
	};
}

/*
 * render shows an overview. may: what the person may do, null if only look;
 * more: {needs, older}, which show more of two lists.
 */
function render(o, cache, may, more) {
	const list = [ chain.render(o) ];
	if (warnings.clock(o.status))
		list.push(parts.remark('warning', _('Clock'), warnings.clock(o.status)));
	o.warnings.forEach((w) => list.push(parts.remark('warning', _('Settings'), warnings.told(w))));
	if (may)
		list.push(E('div', { 'class': 'snsbridge-buttons' }, [
			parts.button('check', o.checkup && o.checkup.running ? _('Checking…') : _('Check again'), 'neutral', may.check),
			parts.button('restart', _('Restart the bridge'), 'neutral', may.restart),
			parts.button('retry', _('Send all that waits'), o.status && o.status.queue.waiting + o.status.queue.failed ? 'action' : 'neutral', may.retryAll)
		]));
	const status = o.status;
	if (!status)
		return E('div', {}, list);
	if (status.phone)
		list.push(parts.section(_('Page for phones'), [ E('p', {}, [
			_('Phones on the cameras\' Wi-Fi see the photos and complete drafts at'), ' ',
			parts.link(status.phone.url, status.phone.url), ' '
		].concat(may ? [ parts.button('pin', _('Show the PIN'), 'neutral', may.pin) ] : [])) ]));
	const needs = o.attention.items, rest = o.queue.items.filter((item) => !needs.some((n) => n.id == item.id));
	if (needs.length)
		list.push(parts.section(_('Needs you'), [ photos.render(needs, status, cache, may) ].concat(
			o.attention.more ? [ parts.button('needs', _('Show more that need you'), 'neutral', more.needs) ] : [])));
	list.push(parts.section(_('Photos'), renderCounts(status.queue).concat(
		rest.length || !needs.length ? [ photos.render(rest, status, cache, may) ] : [],
		o.queue.more ? [ parts.button('older', _('Show older ones'), 'neutral', more.older) ] : [])));
	if (status.storage.trouble && status.storage.trouble.code == 'full')
		list.unshift(parts.notice('error', { text: _('The storage is full: cameras are refused.'), remedy: _('Delete photos, or use a larger memory stick.') }));
	list.push(parts.section(_('Targets'), [ E('div', { 'class': 'snsbridge-targets' }, status.targets.map((t) => renderTarget(t, status.now, may))) ]));
	list.push(parts.section(_('Cameras'), renderCameras(status, may)));
	list.push(parts.section(_('Storage'), renderStorage(status)));
	return E('div', {}, list);
}

return view.extend({
	renderOverview: render, // for tests

	load: function() {
		return bridge.ask('overview', false).catch((e) => e);
	},

	render: function(first) {
		const holder = E('div', {});
		const cache = {};
		const needs = pages('attention'), older = pages('');
		const whole = (o) => o.status ? Object.assign({}, o, { attention: needs.all(o.attention), queue: older.all(o.queue) }) : o;
		const draw = (o) => {
			if (o instanceof Error) {
				parts.redraw(holder, parts.notice('error', bridge.told(o)));
				return;
			}
			this.targets = o.status ? o.status.targets.filter((t) => t.configured).map((t) => t.name) : [];
			const next = (list, page) => () => list.next(page).then(again).catch(bridge.complain);
			parts.redraw(holder, render(whole(o), cache, may, { needs: next(needs, o.attention), older: next(older, o.queue) }));
		};
		const ask = (fresh) => bridge.ask('overview', fresh).catch((e) => e).then((o) => {
			draw(o);
			const all = o.status ? whole(o) : null;
			const wanted = all ? photos.wanted(all.attention.items.concat(all.queue.items), cache).slice(0, 10) : [];
			if (!wanted.length)
				return;
			return bridge.ask('thumbnails', wanted).then((t) => {
				Object.assign(cache, photos.urls(t.thumbnails));
				draw(o);
			}, () => {});
		});
		const again = () => ask(false);
		const act = (name, text) => function() {
			const args = [ name ].concat(Array.prototype.slice.call(arguments));
			return bridge.ask.apply(bridge, args).then(() => bridge.tell(text)).catch(bridge.complain).then(again);
		};
		const retry = act('retry', _('It is tried again now.'));
		const remove = act('remove', _('It is deleted.'));
		const may = L.hasViewPermission() ? {
			check: () => ask(true),
			restart: act('restart', _('The bridge is started again.')),
			retryAll: act('retryAll', _('All that waits is tried now.')),
			retry: (item) => retry(item.id),
			allow: (a) => allow(a).then(() => bridge.tell(_('It may send now.'))).catch(bridge.complain).then(again),
			pause: act('pause', _('Nothing is sent there until you go on.')),
			resume: act('resume', _('It goes on.')),
			edit: (item) => edit.open(item.id, cache, this.targets, again),
			remove: (item) => this.confirm(item, () => {
				[ needs, older ].forEach((list) => list.drop(item.id));
				return remove(item.id);
			}),
			pin: () => bridge.ask('phone').then((p) => ui.showModal(_('Page for phones'), [
				E('p', {}, [ p.url ]), E('p', {}, [ _('PIN'), ': ', E('strong', {}, [ p.pin ]) ]),
				E('div', { 'class': 'right' }, [ E('button', { 'class': 'btn', 'click': ui.hideModal }, [ _('Close') ]) ])
			])).catch(bridge.complain)
		} : null;
		draw(first);
		poll.add(() => document.hidden ? Promise.resolve() : again(), 5);
		return E('div', { 'class': 'cbi-map' }, [ bridge.sheet(), E('h2', {}, [ _('Photos from your cameras') ]), holder ]);
	},

	confirm: function(item, then) {
		ui.showModal(_('Delete for good?'), [
			E('p', {}, [ item.title || item.text || item.id ]),
			E('p', {}, [ _('What was delivered stays where it is. What was not is lost.') ]),
			E('div', { 'class': 'right' }, [
				E('button', { 'class': 'btn', 'click': ui.hideModal }, [ _('Cancel') ]), ' ',
				E('button', { 'class': 'btn cbi-button cbi-button-negative', 'click': () => {
					ui.hideModal();
					then();
				} }, [ _('Delete') ])
			])
		]);
	},

	handleSaveApply: null,
	handleSave: null,
	handleReset: null
});
