'use strict';
'require baseclass';
'require snsbridge.parts as parts';
'require snsbridge.words as words';

/* What cameras sent, and what became of each photo. */

const shown = 4; // thumbnails of an item

/* thumbs shows the thumbnails that the cameras made, or what else a file is. */
function thumbs(item, cache) {
	const list = item.files.slice(0, shown).map((f) => {
		const url = cache[item.id + '/' + f.number];
		const kind = /^video\//.test(f.type) ? _('video') : (/^image\//.test(f.type) ? _('photo') : _('file'));
		return E('div', { 'class': 'snsbridge-thumb', 'title': f.name },
			[ url ? E('img', { 'src': url, 'alt': f.alt || f.name }) : kind ]);
	});
	if (item.files.length > shown)
		list.push(E('div', {}, [ '+%d'.format(item.files.length - shown) ]));
	return E('div', { 'class': 'snsbridge-thumbs' }, list);
}

/* job tells in words how far one target is. paused: the names of those that wait as a whole. */
function job(j, paused) {
	const name = words.target(j.target) + (j.to.length ? ' (%s)'.format(j.to.join(', ')) : '');
	let state = words.state(j.running ? 'running' : j.state);
	if (j.state == 'waiting' && !j.running && paused.indexOf(j.target) >= 0)
		state = _('waiting, as the target is paused');
	else if (j.state == 'waiting' && !j.running && j.attempts > 0 && j.next_seconds != null)
		state = _('waiting, next try %s').format(parts.until(j.next_seconds));
	const lines = [ E('p', {}, [ E('strong', {}, [ name ]), ': ', state ]) ];
	if (j.error && j.state != 'done')
		lines.push(E('p', {}, parts.said(words.attempt(j.code, j.error, j.hint))));
	if (j.state == 'done' && /^https:/.test(j.result))
		lines.push(E('p', {}, [ parts.link(j.result, _('See the post')) ]));
	return E('div', {}, lines);
}

function headline(item, now) {
	const of = item.model || item.client;
	const what = item.site || (item.kind == 'email' ? _('e-mail') : '');
	return [ parts.since(item.received, now), of, what, parts.some(item.files.length, _('1 file'), _('%d files')), parts.bytes(item.bytes) ]
		.filter((s) => s).join(', ');
}

return baseclass.extend({
	/* wanted lists the items of which thumbnails are missing. */
	wanted: function(items, cache) {
		return items.filter((item) => item.state != 'damaged' && item.files.slice(0, shown).some((f) =>
			/^image\//.test(f.type) && !(item.id + '/' + f.number in cache))).map((item) => item.id);
	},

	/* urls returns what an answer has of thumbnails. What a camera made is shown as JPEG and as nothing else. */
	urls: function(thumbnails) {
		const urls = {};
		Object.keys(thumbnails).forEach((key) => {
			urls[key] = thumbnails[key] ? 'data:image/jpeg;base64,' + thumbnails[key] : '';
		});
		return urls;
	},

	/* item shows one. may: {retry, edit, remove}, functions of the item, or null for who may only look. */
	item: function(item, status, cache, may) {
		const paused = status.targets.filter((t) => t.pause).map((t) => t.name);
		const story = [ E('p', {}, [
			E('strong', {}, [ item.title || item.text || (item.files.length ? item.files[0].name : item.id) ]),
			' ', E('span', { 'class': 'label' }, [ words.state(item.state) ])
		]) ];
		if (item.title && item.text)
			story.push(E('p', {}, [ item.text ]));
		story.push(E('p', {}, [ parts.small(headline(item, status.now)) ]));
		if (item.damaged)
			story.push(E('p', {}, [ _('It is damaged: %s').format(item.damaged) ]));
		item.jobs.forEach((j) => story.push(job(j, paused)));
		const buttons = [];
		if (may && item.state == 'draft')
			buttons.push(parts.button('edit ' + item.id, _('Complete'), 'action', () => may.edit(item)));
		if (may && (item.state == 'failed' || item.state == 'waiting')) {
			buttons.push(parts.button('retry ' + item.id, _('Try again'), 'action', () => may.retry(item)));
			buttons.push(parts.button('edit ' + item.id, _('Change'), 'neutral', () => may.edit(item)));
		}
		if (may && item.state != 'open')
			buttons.push(parts.button('delete ' + item.id, _('Delete'), 'negative', () => may.remove(item)));
		if (buttons.length)
			story.push(E('div', { 'class': 'snsbridge-buttons' }, buttons));
		return E('div', { 'class': 'snsbridge-photo' }, [ thumbs(item, cache), E('div', { 'class': 'snsbridge-story' }, story) ]);
	},

	render: function(items, status, cache, may) {
		if (!items.length)
			return E('p', {}, [ _('Nothing has come yet. What cameras send is listed here, with what became of it.') ]);
		return E('div', {}, items.map((item) => this.item(item, status, cache, may)));
	}
});
