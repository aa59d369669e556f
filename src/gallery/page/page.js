// The phone page: photos, drafts and queue of snsbridge. No framework, no build
// step, and nothing newer than ES2017: it has to run in the browser of a phone
// that is five years old.
//
// Names and texts come from cameras and servers, so they are only ever made
// text nodes and attributes, never markup.

import { why } from './why.js';

/* ---- words ---- */

const words = {
	en: {
		pin: 'PIN', open: 'Open', pinHint: 'The PIN is shown in LuCI, and by “snsbridge status”.', pinWrong: 'This is not the PIN.',
		pinWait: s => 'Too many wrong PINs. Try again in ' + s + '.',
		photos: 'Photos', drafts: 'Drafts', queue: 'Queue', folder: 'Photo folder', logout: 'Log out', back: 'Back', cancel: 'Cancel',
		today: 'Today', yesterday: 'Yesterday', undated: 'The clock was not set', next: 'Next', previous: 'Previous',
		noPhotos: 'No photos yet', noPhotosHow: 'On the camera, join this Wi-Fi, choose e-mail or a site, and send. Photos appear here by themselves.',
		noDrafts: 'No drafts', noDraftsHow: 'Posts whose pictures have no description wait here until you have written one.',
		noQueue: 'Nothing waits', noQueueHow: 'Everything has arrived where it should.', noFiles: 'This folder is empty',
		reading: 'What was there before is still being read.', down: 'The bridge does not answer. This page tries again.', gone: 'This is not there any more.',
		sends: (who, what) => who + ' sends ' + what, aPhoto: 'a photo', camera: 'A camera', ofTotal: (a, b) => a + ' of ' + b,
		arrived: (n, who) => (n === 1 ? 'A photo' : n + ' photos') + (who ? ' from ' + who : '') + ' arrived.',
		video: 'Video', cannotShow: 'A browser cannot show this file. You can download it.', download: 'Download', remove: 'Delete', retry: 'Try now', retryAll: 'Try all now', edit: 'Edit', resume: 'Go on', stored: 'All photos in the photo folder',
		removeItem: n => (n === 1 ? 'Delete this photo' : 'Delete these ' + n + ' photos') + ' from the bridge, and what has not been sent yet?',
		removeFile: name => 'Delete ' + name + ' from the bridge? It is taken out of this post or e-mail.',
		removeStored: name => 'Delete ' + name + ' from the photo folder for good?', staysStored: 'The copy in the photo folder stays.', removed: 'Deleted.',
		store: 'Photo folder', email: 'E-mail', mastodon: 'Mastodon', shell: 'Command', drop: 'Thrown away',
		done: 'Done', waiting: 'Waits', draft: 'Draft', failed: 'Needs you', openState: 'Arriving', damaged: 'Damaged', running: 'On its way',
		isDone: 'is there', isWaiting: 'waits', isDraft: 'waits for you to finish it', isFailed: 'needs you', isRunning: 'is on its way',
		tried: n => 'tried ' + (n === 1 ? 'once' : n + ' times'), nextTry: s => s ? 'again in ' + s : 'again now', seen: 'See it',
		stillArriving: 'The camera is still sending.', text: 'Text', title: 'Subject', description: 'Description', whatIsSeen: 'What can be seen?',
		visibility: 'Who can see it', asSet: 'Default', public: 'Everybody', unlisted: 'Everybody, quietly', private: 'Followers', direct: 'Only those named',
		warning: 'Content warning', language: 'Language', account: 'Send to', up: 'Move up', later: 'Move down',
		postNow: 'Post now', sendNow: 'Send now', keep: 'Keep', hold: 'Keep as draft', discard: 'Discard', kept: 'Kept as a draft.',
		becomes: n => 'becomes ' + n + ' posts', restored: 'Your unsaved changes are back.', missing: n => (n === 1 ? 'One picture has' : n + ' pictures have') + ' no description yet.',
		overAlt: 'This description is longer than the server takes.', spare: 'Typed on the camera for pictures that did not come:', queued: 'It goes out by itself as soon as there is an uplink.', sentAll: 'Sent.', sending: 'On its way now.',
		pausedTarget: (name, why) => name + ' is paused' + (why ? ': ' + why : '.'), failingTarget: name => name + ': the last attempt failed',
		room: (n, a) => 'Room for about ' + (n === 1 ? '1 photo' : n + ' photos') + ' (' + a + ').', full: 'The storage is full: cameras are refused. Delete photos, or use a larger memory stick.', clock: 'No time server has set the router’s clock yet: e-mails and posts wait for that, a few minutes at most. Connect the router to the Internet.', photosOf: n => n === 1 ? '1 photo' : n + ' photos', seconds: n => n + '\u00a0s', minutes: n => n + '\u00a0min', hours: n => n + '\u00a0h',
	},
	de: {
		pin: 'PIN', open: 'Öffnen', pinHint: 'Die PIN steht in LuCI, und „snsbridge status“ zeigt sie.', pinWrong: 'Das ist nicht die PIN.',
		pinWait: s => 'Zu viele falsche PINs. Wieder möglich in ' + s + '.',
		photos: 'Fotos', drafts: 'Entwürfe', queue: 'Warteliste', folder: 'Fotoordner', logout: 'Abmelden', back: 'Zurück', cancel: 'Abbrechen',
		today: 'Heute', yesterday: 'Gestern', undated: 'Die Uhr war nicht gestellt', next: 'Weiter', previous: 'Zurück',
		noPhotos: 'Noch keine Fotos', noPhotosHow: 'An der Kamera dieses WLAN wählen, dann E-Mail oder eine Website, und senden. Fotos erscheinen hier von selbst.',
		noDrafts: 'Keine Entwürfe', noDraftsHow: 'Beiträge, deren Bilder keine Beschreibung haben, warten hier, bis eine da ist.',
		noQueue: 'Nichts wartet', noQueueHow: 'Alles ist angekommen, wo es hin soll.', noFiles: 'Dieser Ordner ist leer',
		reading: 'Was vorher da war, wird noch gelesen.', down: 'Die Brücke antwortet nicht. Diese Seite versucht es weiter.', gone: 'Das ist nicht mehr da.',
		sends: (who, what) => who + ' sendet ' + what, aPhoto: 'ein Foto', camera: 'Eine Kamera', ofTotal: (a, b) => a + ' von ' + b,
		arrived: (n, who) => (n === 1 ? 'Ein Foto' : n + ' Fotos') + (who ? ' von ' + who : '') + (n === 1 ? ' ist angekommen.' : ' sind angekommen.'),
		video: 'Video', cannotShow: 'Diese Datei kann kein Browser zeigen. Sie lässt sich herunterladen.', download: 'Herunterladen', remove: 'Löschen', retry: 'Nochmal', retryAll: 'Alles nochmal versuchen', edit: 'Bearbeiten', resume: 'Weiter', stored: 'Alle Fotos im Fotoordner',
		removeItem: n => (n === 1 ? 'Dieses Foto' : 'Diese ' + n + ' Fotos') + ' auf der Brücke löschen, mit allem, was noch nicht gesendet ist?',
		removeFile: name => name + ' auf der Brücke löschen? Es wird aus diesem Beitrag oder dieser E-Mail genommen.',
		removeStored: name => name + ' endgültig aus dem Fotoordner löschen?', staysStored: 'Die Kopie im Fotoordner bleibt.', removed: 'Gelöscht.',
		store: 'Fotoordner', email: 'E-Mail', mastodon: 'Mastodon', shell: 'Befehl', drop: 'Weggeworfen',
		done: 'Fertig', waiting: 'Wartet', draft: 'Entwurf', failed: 'Braucht dich', openState: 'Kommt an', damaged: 'Beschädigt', running: 'Unterwegs',
		isDone: 'ist da', isWaiting: 'wartet', isDraft: 'wartet, bis du es fertig machst', isFailed: 'braucht dich', isRunning: 'ist unterwegs',
		tried: n => n === 1 ? 'einmal versucht' : n + '-mal versucht', nextTry: s => s ? 'wieder in ' + s : 'jetzt wieder', seen: 'Ansehen',
		stillArriving: 'Die Kamera sendet noch.', text: 'Text', title: 'Betreff', description: 'Beschreibung', whatIsSeen: 'Was ist zu sehen?',
		visibility: 'Wer sieht es', asSet: 'Standard', public: 'Alle', unlisted: 'Alle, unauffällig', private: 'Wer dir folgt', direct: 'Nur Genannte',
		warning: 'Inhaltswarnung', language: 'Sprache', account: 'Senden an', up: 'Nach oben', later: 'Nach unten',
		postNow: 'Jetzt posten', sendNow: 'Jetzt senden', keep: 'Behalten', hold: 'Als Entwurf behalten', discard: 'Verwerfen', kept: 'Als Entwurf behalten.',
		becomes: n => 'wird zu ' + n + ' Beiträgen', restored: 'Deine ungespeicherten Änderungen sind wieder da.', missing: n => (n === 1 ? 'Ein Bild hat' : n + ' Bilder haben') + ' noch keine Beschreibung.',
		overAlt: 'Diese Beschreibung ist länger, als der Server erlaubt.', spare: 'Auf der Kamera getippt für Bilder, die nicht kamen:', queued: 'Es geht von selbst hinaus, sobald es eine Verbindung gibt.', sentAll: 'Gesendet.', sending: 'Jetzt unterwegs.',
		pausedTarget: (name, why) => name + ' ist angehalten' + (why ? ': ' + why : '.'), failingTarget: name => name + ': Der letzte Versuch ist gescheitert',
		room: (n, a) => 'Platz für etwa ' + (n === 1 ? '1 Foto' : n + ' Fotos') + ' (' + a + ').', full: 'Der Speicher ist voll: Kameras werden abgewiesen. Lösche Fotos, oder nimm einen größeren Stick.', clock: 'Noch hat kein Zeitserver die Uhr des Routers gestellt: E-Mails und Beiträge warten darauf, höchstens ein paar Minuten. Verbinde den Router mit dem Internet.', photosOf: n => n === 1 ? '1 Foto' : n + ' Fotos', seconds: n => n + '\u00a0s', minutes: n => n + '\u00a0min', hours: n => n + '\u00a0h',
	},
};

const locale = (navigator.languages || [navigator.language || 'en']).find(l => words[l.slice(0, 2).toLowerCase()]) || 'en';
const lang = locale.slice(0, 2).toLowerCase();

function t(key, ...args) {
	const word = words[lang][key];
	return typeof word === 'function' ? word(...args) : word;
}

/* ---- elements ---- */

const $ = id => document.getElementById(id);

// h makes an element: h('p.small', { onclick: f }, 'text', child, null).
function h(what, props, ...children) {
	const [tag, ...classes] = what.split('.');
	const el = document.createElement(tag);
	if (classes.length) {
		el.className = classes.join(' ');
	}
	for (const key of Object.keys(props || {})) {
		const value = props[key];
		if (key.startsWith('on')) {
			el.addEventListener(key.slice(2), value);
		} else if (key === 'value' || key === 'disabled' || key === 'hidden' || key === 'checked') {
			el[key] = value;
		} else if (value !== null && value !== undefined && value !== false) {
			el.setAttribute(key, value === true ? '' : value);
		}
	}
	put(el, children);
	return el;
}

function put(el, children) {
	for (const c of children) {
		if (Array.isArray(c)) {
			put(el, c);
		} else if (c !== null && c !== undefined && c !== false && c !== '') {
			el.appendChild(c.nodeType ? c : document.createTextNode(c));
		}
	}
}

function fill(el, ...children) {
	el.textContent = '';
	put(el, children);
}

const drawings = {
	photos: 'M4 5h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM3 16l5-5 4 4 3-3 6 6M15.500 9h.01',
	drafts: 'M4 20h4L19 9a2.800 2.800 0 0 0-4-4L4 16zM13.500 6.500l4 4', queue: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3 2',
	done: 'M5 12.500l4.500 4.500L19 7.500', waiting: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3 2', draft: 'M4 20h4L19 9a2.800 2.800 0 0 0-4-4L4 16z',
	failed: 'M12 3.500l9.500 16.500h-19zM12 10v4M12 17h.01', open: 'M12 4v11M7 11l5 5 5-5M5 20h14', running: 'M12 20V9M7 13l5-5 5 5M5 4h14',
	damaged: 'M12 3.500l9.500 16.500h-19zM12 10v4M12 17h.01', folder: 'M3 7a1 1 0 0 1 1-1h5l2 2h9a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1z',
	back: 'M15 5l-7 7 7 7', next: 'M9 5l7 7-7 7', up: 'M6 15l6-6 6 6', later: 'M6 9l6 6 6-6',
	remove: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5', download: 'M12 4v11M7 11l5 5 5-5M5 20h14', logout: 'M10 4H5v16h5M14 8l4 4-4 4M18 12H9',
	file: 'M6 3h8l4 4v14H6zM14 3v4h4', film: 'M4 5h16v14H4zM10 9l5 3-5 3z', retry: 'M20 12a8 8 0 1 1-2.500-5.800M20 3v4h-4',
};

function icon(name, cls) {
	const ns = 'http://www.w3.org/2000/svg';
	const svg = document.createElementNS(ns, 'svg');
	svg.setAttribute('viewBox', '0 0 24 24');
	svg.setAttribute('aria-hidden', 'true');
	if (cls) {
		svg.setAttribute('class', cls);
	}
	const path = document.createElementNS(ns, 'path');
	path.setAttribute('d', drawings[name]);
	svg.appendChild(path);
	return svg;
}

const button = (text, onclick, cls, pic) => h('button' + (cls || ''), { type: 'button', onclick }, pic && icon(pic), text);
const iconButton = (name, label, onclick) => h('button.icon-only', { type: 'button', 'aria-label': label, title: label, onclick }, icon(name));

function say(text) {
	$('say').textContent = text;
}

let toastTimer;
function toast(text) {
	$('toast').textContent = text;
	$('toast').hidden = false;
	clearTimeout(toastTimer);
	toastTimer = setTimeout(hush, 5000);
}

// hush ends a toast, which may lie over what a person wants to touch.
function hush() {
	$('toast').hidden = true;
}

/* ---- numbers and times ---- */

const number = (n, digits) => n.toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });

function size(n) {
	return n >= 1e9 ? number(n / 1e9, 1) + ' GB' : n >= 1e5 ? number(n / 1e6, 1) + ' MB' : number(n / 1e3, 0) + ' kB';
}

function span(s) {
	return s >= 5400 ? t('hours', Math.round(s / 3600)) : s >= 90 ? t('minutes', Math.round(s / 60)) : s > 0 ? t('seconds', Math.round(s)) : '';
}

function dayOf(time) {
	if (!time) {
		return t('undated');
	}
	const d = new Date(time), today = new Date();
	const ago = Math.round((new Date(today).setHours(12, 0, 0, 0) - new Date(d).setHours(12, 0, 0, 0)) / 864e5);
	return ago === 0 ? t('today') : ago === 1 ? t('yesterday') :
		d.toLocaleDateString(locale, { weekday: 'long', day: 'numeric', month: 'long', year: d.getFullYear() === today.getFullYear() ? undefined : 'numeric' });
}

// when tells when a photo was taken, by the camera's clock, which knows no time
// zone; else when it arrived.
function when(file, item, long) {
	const time = file.taken || item.received || file.time;
	if (!time) {
		return '';
	}
	const d = new Date(time), zone = file.taken ? 'UTC' : undefined;
	const format = { hour: '2-digit', minute: '2-digit', timeZone: zone };
	if (long || Math.abs(new Date() - d) > 20 * 36e5) {
		Object.assign(format, { day: 'numeric', month: long ? 'long' : 'short' });
		if (d.getFullYear() !== new Date().getFullYear()) {
			format.year = 'numeric';
			if (!long) {
				format.hour = format.minute = undefined;
			}
		}
	}
	return d.toLocaleString(locale, format);
}

function targetName(target) {
	const [kind, ...rest] = target.split('.');
	return [words[lang][kind] ? t(kind) : kind, ...rest].join(' ');
}

/* ---- asking ---- */

let token = '';

class Refused extends Error {
	constructor(e) {
		super(e.message);
		this.code = e.code;
		this.hint = e.hint;
		this.wait = e.wait;
	}
}

async function ask(method, path, body) {
	const headers = {};
	if (method !== 'GET') {
		headers['X-Token'] = token;
		headers['Content-Type'] = 'application/json';
	}
	let r;
	try {
		r = await fetch('/phone/api/' + path, { method, headers, cache: 'no-store', credentials: 'same-origin', body: body && JSON.stringify(body) });
	} catch (e) {
		throw new Refused({ code: 'down', message: t('down') });
	}
	let v = null;
	try {
		v = await r.json();
	} catch (e) { /* an answer that is none is refused below */ }
	if (r.status === 401) {
		signOut();
	}
	if (!r.ok || !v) {
		throw new Refused(v && v.error || { code: 'answer', message: r.status + ' ' + r.statusText });
	}
	return v;
}

// attempt does something for a person and tells what went wrong.
async function attempt(fn) {
	try {
		return await fn();
	} catch (e) {
		toast(e.code === 'not-found' ? t('gone') : e.message);
		return undefined;
	}
}

const itemURL = id => 'items/' + encodeURIComponent(id);
const fileURL = (kind, id, path) => '/phone/' + kind + '/' + encodeURIComponent(id) + '/' + encodeURIComponent(path);
const storedURL = (kind, path) => '/phone/' + kind + '/' + path.split('/').map(encodeURIComponent).join('/');

/* ---- a question ---- */

// question asks and resolves to true or false.
function question(text, more, yes) {
	return new Promise(resolve => {
		const before = document.activeElement;
		hush();
		const end = answer => {
			$('question').hidden = true;
			$('question').onkeydown = null;
			if (before) {
				before.focus();
			}
			resolve(answer);
		};
		const no = button(t('cancel'), () => end(false));
		fill($('question'), h('div', null, h('p', { id: 'question-text' }, text), more && h('p.meta', null, more),
			h('div.actions', null, no, button(yes, () => end(true), '.danger'))));
		$('question').hidden = false;
		$('question').onkeydown = e => {
			if (e.key === 'Escape') {
				e.stopPropagation();
				end(false);
			}
			keepFocus($('question'), e);
		};
		no.focus();
	});
}

// keepFocus keeps the keyboard inside what lies over the page.
function keepFocus(el, e) {
	if (e.key !== 'Tab') {
		return;
	}
	const all = [...el.querySelectorAll('button, a[href], video, input, textarea, select')].filter(x => !x.disabled && x.offsetParent);
	const edge = e.shiftKey ? all[0] : all[all.length - 1];
	if (all.length && (document.activeElement === edge || !el.contains(document.activeElement))) {
		e.preventDefault();
		(e.shiftKey ? all[all.length - 1] : all[0]).focus();
	}
}

/* ---- what items look like ---- */

// frame is a small picture, or a drawing where there is none.
function frame(src, type, alt) {
	if (type === 'image/jpeg') {
		return h('span.frame', null, h('img', {
			src, alt: alt || '', loading: 'lazy', decoding: 'async',
			onerror: e => e.target.parentNode.replaceChild(icon('photos', 'none'), e.target),
		}));
	}
	const film = /^video\//.test(type);
	return h('span.frame', null, icon(film ? 'film' : 'file', 'none'), film && h('span.play', null, t('video')));
}

const thumb = (item, f) => frame(fileURL('thumb', item.id, f.path), f.type, f.alt);
const undelivered = item => item.jobs.filter(j => j.state !== 'done');
// editable is the job that a person completes: a draft, beside whatever waits.
const editable = item => undelivered(item).find(j => j.state === 'draft') || undelivered(item)[0];

// jobLook is how a job is shown: its class and drawing.
const jobLook = j => j.running ? 'running' : j.state;

// went tells in a line or two where an item went and where it waits.
function went(item) {
	const line = (look, text, spoken) => h('span.went.' + (look === 'running' ? 'waiting' : look), null, icon(look), text, spoken && h('span.spoken', null, ' ' + spoken));
	if (item.open) {
		return [line('open', t('openState'))];
	}
	if (item.damaged) {
		return [line('damaged', t('damaged'))];
	}
	const done = item.jobs.filter(j => j.state === 'done').map(j => targetName(j.target));
	const rest = undelivered(item).slice(0, 2).map(j => line(jobLook(j), targetName(j.target), t(j.running ? 'isRunning' : 'is' + j.state[0].toUpperCase() + j.state.slice(1))));
	return rest.concat(done.length ? [line('done', done.join(', '), t('isDone'))] : []);
}

function strip(item) {
	const shown = item.files.slice(0, 4).map((f, i) => {
		const el = thumb(item, f);
		if (i === 3 && item.files.length > 4) {
			el.appendChild(h('span.more', null, '+' + (item.files.length - 3)));
		}
		return h('a', { href: photoHash(item.id, f.path), 'aria-label': f.alt || f.name }, el);
	});
	return h('div.strip', null, shown);
}

// reason puts the reason of a job into words of the person's language; what the
// program or a server said stays beside it.
function reason(job, item) {
	const bare = item.files.filter(f => !f.alt.trim()).length;
	if (job.code === 'alt-text' && bare) {
		return h('span.why', null, t('missing', bare));
	}
	const own = why[lang][job.code];
	return [own && h('span.why', null, own), job.error && job.code !== 'held' && h('span.said', { lang: 'en' }, job.error),
		!own && job.hint && h('span.said', { lang: 'en' }, job.hint)];
}

// nextTry counts down to the next attempt.
function nextTry(seconds) {
	return h('span', { 'data-until': Date.now() + seconds * 1000 }, t('nextTry', span(seconds)));
}

setInterval(() => {
	for (const el of document.querySelectorAll('[data-until]')) {
		const text = t('nextTry', span((el.dataset.until - Date.now()) / 1000));
		if (el.textContent !== text) {
			el.textContent = text;
		}
	}
}, 1000);

const webAddress = s => /^https?:\/\//.test(s) ? s : '';

function jobLines(item) {
	if (item.open || item.damaged) {
		return h('ul.jobs', null, h('li.' + item.state, null, icon(item.state), item.open ? t('stillArriving') : item.damaged));
	}
	return h('ul.jobs', null, item.jobs.map(j => {
		const look = jobLook(j);
		const to = j.to.length ? targetName(j.target) + ' ' + j.to.join(', ') : targetName(j.target);
		return h('li.' + (look === 'running' ? 'waiting' : look), null, icon(look), h('strong', null, to), ' · ' + t(j.running ? 'running' : j.state),
			j.state !== 'done' && j.attempts > 0 && ' · ' + t('tried', j.attempts),
			j.state === 'waiting' && !j.running && j.next_seconds !== null && [' · ', nextTry(j.next_seconds)],
			j.state === 'done' ? webAddress(j.result) && [' · ', h('a', { href: webAddress(j.result), target: '_blank', rel: 'noopener noreferrer' }, t('seen'))] : reason(j, item));
	}));
}

const headline = item => item.text || item.title || item.files.map(f => f.name).join(', ') || item.id;
const about = item => [item.model || item.client, item.site, t('photosOf', item.files.length), size(item.bytes)].filter(Boolean).join(' · ');

async function removeItem(item) {
	const stored = item.jobs.some(j => j.state === 'done' && /^store/.test(j.target));
	if (!await question(t('removeItem', item.files.length), stored && t('staysStored'), t('remove'))) {
		return false;
	}
	const done = await attempt(() => ask('DELETE', itemURL(item.id)));
	if (done) {
		toast(t('removed'));
		forget(item.id);
	}
	return Boolean(done);
}

async function retryItem(item) {
	if (await attempt(() => ask('POST', itemURL(item.id) + '/retry'))) {
		toast(t('sending'));
	}
}

/* ---- long lists ---- */

const pageSize = 24; // items, of which each can have many photos

// A Feed is a list without end of which only what is near the screen has
// elements: blocks further away are empty and as high as they were, and are
// asked for again when they come near.
class Feed {
	// source: load(before) gives {list, more}; key(entry); compare(a, b) of
	// keys, negative if a comes first; day(entry) or null; tile(entry) gives
	// elements, each with data-key.
	constructor(source) {
		this.source = source;
		this.blocks = [];
		this.ended = this.busy = false;
		this.list = h('div');
		this.foot = h('div.end');
		this.el = h('div', null, this.list, this.foot);
		this.watch = new IntersectionObserver(seen => this.seen(seen), { rootMargin: '1500px 0px' });
	}

	start() {
		this.watch.observe(this.foot);
		return this.more();
	}

	stop() {
		this.watch.disconnect();
	}

	// go watches again, after the list was out of the page.
	go() {
		this.watch.observe(this.foot);
		this.blocks.forEach(b => this.watch.observe(b.el));
	}

	seen(entries) {
		for (const e of entries) {
			if (e.target === this.foot) {
				this.near = e.isIntersecting;
				if (this.near) {
					this.more();
				}
				continue;
			}
			const block = this.blocks.find(b => b.el === e.target);
			if (block && e.isIntersecting && !block.list) {
				this.refill(block);
			} else if (block && !e.isIntersecting && block.list && e.boundingClientRect.height > 0) {
				block.el.style.height = e.boundingClientRect.height + 'px';
				block.list = null;
				block.el.textContent = '';
			}
		}
	}

	// more asks for the next block.
	async more() {
		if (this.busy || this.ended) {
			return;
		}
		this.busy = true;
		try {
			const last = this.blocks[this.blocks.length - 1];
			const { list, more } = await this.source.load(last ? last.last : '');
			this.ended = !more;
			if (list.length) {
				const block = { el: h('div.block'), list, last: this.source.key(list[list.length - 1]) };
				this.blocks.push(block);
				this.list.appendChild(block.el);
				this.draw(block);
				this.watch.observe(block.el);
			}
		} finally {
			this.busy = false;
		}
		this.source.ended(this.ended && !this.blocks.some(b => !b.list || b.list.length));
		if (this.near && !this.ended) {
			// The foot may be near still, of which no one tells.
			this.watch.unobserve(this.foot);
			this.watch.observe(this.foot);
		}
	}

	// refill asks again for what a block had, no more and no less.
	async refill(block) {
		const { key, compare, load } = this.source;
		const i = this.blocks.indexOf(block);
		let before = i > 0 ? this.blocks[i - 1].last : '';
		const all = [];
		for (let more = true; more;) {
			const page = await load(before);
			more = page.more && page.list.length > 0;
			for (const e of page.list) {
				if (compare(key(e), block.last) > 0) {
					more = false;
					break;
				}
				all.push(e);
			}
			before = more ? key(page.list[page.list.length - 1]) : before;
			if (before === block.last) {
				more = false;
			}
		}
		block.list = all;
		this.draw(block);
		block.el.style.height = '';
	}

	// draw shows a block, and keeps the elements of what has not changed.
	draw(block) {
		const { day, tile } = this.source;
		const focused = block.el.contains(document.activeElement) ? document.activeElement.dataset.key : '';
		const old = {};
		for (const el of block.el.querySelectorAll('[data-key]')) {
			old[el.dataset.key] = el;
		}
		const parts = [];
		let was = this.dayBefore(block), grid = null;
		block.list.forEach(e => {
			const d = day(e);
			if (d !== was || !grid) {
				if (d !== was && d) {
					parts.push(h('h2.day', null, d));
				}
				grid = h('div.grid');
				parts.push(grid);
				was = d;
			}
			for (const el of tile(e)) {
				const same = old[el.dataset.key];
				grid.appendChild(same && same.dataset.look === el.dataset.look ? same : el);
			}
		});
		fill(block.el, parts);
		const again = focused && [...block.el.querySelectorAll('[data-key]')].find(el => el.dataset.key === focused);
		if (again) {
			again.focus({ preventScroll: true }); // a keyboard stays where it was
		}
	}

	dayBefore(block) {
		const i = this.blocks.indexOf(block);
		const before = i > 0 && this.blocks[i - 1].list;
		return before && before.length ? this.source.day(before[before.length - 1]) : null;
	}

	// update puts in an entry that is new or has changed, or takes it out (null).
	update(id, entry) {
		const { key, compare } = this.source;
		let i = this.blocks.findIndex(b => compare(id, b.last) <= 0);
		if (i < 0) {
			if (!this.ended || !entry) {
				return;
			}
			i = this.blocks.length - 1;
			if (i < 0) {
				this.ended = false;
				this.more();
				return;
			}
			this.blocks[i].last = id;
		}
		const block = this.blocks[i];
		if (!block.list) {
			return; // it will be asked for
		}
		const at = block.list.findIndex(e => compare(key(e), id) >= 0);
		const there = at >= 0 && key(block.list[at]) === id;
		if (entry) {
			block.list.splice(at < 0 ? block.list.length : at, there ? 1 : 0, entry);
		} else if (there) {
			block.list.splice(at, 1);
		}
		if (i === 0 && block.list.length > 2 * pageSize) {
			const top = { el: h('div.block'), list: block.list.splice(0, pageSize) };
			top.last = key(top.list[pageSize - 1]);
			this.blocks.unshift(top);
			this.list.insertBefore(top.el, block.el);
			this.draw(top);
			this.watch.observe(top.el);
		}
		this.draw(block);
		this.source.ended(this.ended && !this.blocks.some(b => !b.list || b.list.length));
	}

	// reload asks for all blocks anew that are shown.
	reload() {
		if (!this.blocks.length) {
			this.ended = false;
			return this.more();
		}
		return Promise.all(this.blocks.filter(b => b.list).map(b => this.refill(b)));
	}
}

// compareIDs orders items, the newest first.
function compareIDs(a, b) {
	return parseInt(b, 10) - parseInt(a, 10) || (a < b ? 1 : a > b ? -1 : 0);
}

function emptyNote(pic, title, text) {
	return h('div.empty', null, icon(pic), h('strong', null, title), text);
}

/* ---- photos ---- */

const photoHash = (id, path) => '#photo/' + encodeURIComponent(id) + '/' + encodeURIComponent(path);

function photoTiles(item) {
	return item.files.map(f => h('a.tile' + (fresh[item.id] ? '.new' : ''), {
		href: photoHash(item.id, f.path), 'data-key': item.id + '/' + f.path,
		'data-look': JSON.stringify([f.alt, item.model, item.open, item.damaged, item.jobs.map(j => [j.target, j.state, j.running])]),
	}, thumb(item, f), h('span.name', null, f.name), h('span.meta', null, when(f, item)),
	h('span.meta', null, [item.model, size(f.bytes)].filter(Boolean).join(' · ')), went(item)));
}

const views = {};

views.photos = () => {
	const note = h('div'), arriving = h('div');
	const feed = new Feed({
		load: async before => {
			const q = await ask('GET', 'queue?limit=' + pageSize + (before ? '&before=' + encodeURIComponent(before) : ''));
			q.items.forEach(remember);
			return { list: q.items, more: q.more };
		},
		key: item => item.id, compare: compareIDs, day: item => dayOf(item.received), tile: photoTiles,
		ended: empty => fill(note, empty && emptyNote('photos', t('noPhotos'), t('noPhotosHow'))),
	});
	const el = h('div', null, head(t('photos'), h('a.button.icon-only', { href: '#folder', 'aria-label': t('folder'), title: t('folder') }, icon('folder')), iconButton('logout', t('logout'), logout)), arriving, feed.el, note,
		h('div.rows', null, h('a', { href: '#folder' }, icon('folder'), h('span', null, t('stored')), icon('next'))));
	return {
		el, keep: true, ready: feed.start(),
		leave: () => feed.stop(), enter: () => { feed.go(); feed.reload(); },
		update: (id, item) => feed.update(id, item), reload: () => feed.reload(),
		uploads: list => {
			fill(arriving, list.map(u => h('div.arriving', null,
				h('p', null, h('span', null, t('sends', u.model || t('camera'), u.file || t('aPhoto'))), h('span', null, u.total ? t('ofTotal', size(u.bytes), size(u.total)) : size(u.bytes))),
				h('progress', u.total ? { max: u.total, value: u.bytes, 'aria-label': u.file || t('aPhoto') } : { 'aria-label': t('aPhoto') }))));
		},
	};
};

function head(title, ...more) {
	return h('div.head', null, h('h1', null, title), more);
}

views.folder = (...path) => {
	const folder = path.join('/');
	const note = h('div');
	const up = path.slice(0, -1).map(encodeURIComponent).join('/');
	const compare = (a, b) => a < b ? 1 : a > b ? -1 : 0;
	const feed = new Feed({
		load: async before => {
			const v = await ask('GET', 'stored?folder=' + encodeURIComponent(folder) + '&before=' + encodeURIComponent(before));
			return { list: v.entries, more: v.more };
		},
		key: e => e.key, compare, day: () => null,
		tile: e => {
			const whole = path.concat(e.name).join('/');
			const to = whole.split('/').map(encodeURIComponent).join('/');
			if (e.is_folder) {
				return [h('a.tile', { href: '#folder/' + to, 'data-key': e.key, 'data-look': '' }, h('span.frame', null, icon('folder', 'none')), h('span.name', null, e.name))];
			}
			const type = /\.jpe?g$/i.test(e.name) ? 'image/jpeg' : /\.(mp4|avi)$/i.test(e.name) ? 'video/mp4' : '';
			return [h('a.tile', { href: '#stored/' + to, 'data-key': e.key, 'data-look': String(e.bytes) },
				frame(storedURL('storedthumb', whole), type), h('span.name', null, e.name), h('span.meta', null, [when(e, {}), size(e.bytes)].filter(Boolean).join(' · ')))];
		},
		ended: empty => fill(note, empty && emptyNote('folder', t('noFiles'))),
	});
	return {
		el: h('div', null, head(path[path.length - 1] || t('folder'), h('a.button', { href: path.length ? '#folder' + (up && '/' + up) : '#photos' }, icon('back'), t('back'))), feed.el, note),
		tab: 'photos', ready: feed.start(), leave: () => feed.stop(), update: () => {}, reload: () => {}, stored: key => feed.update('.' + key, null),
	};
};

/* ---- a photo, whole ---- */

let viewing = null; // what the viewer shows

function neighbours(hash) {
	const all = [...document.querySelectorAll('#main a.tile')].filter(a => /^#(photo|stored)\//.test(a.getAttribute('href')));
	const i = all.findIndex(a => a.getAttribute('href') === hash);
	return i < 0 ? [] : [all[i - 1], all[i + 1]].map(a => a && a.getAttribute('href'));
}

async function openViewer(kind, parts) {
	const hash = location.hash;
	const stored = kind === 'stored';
	let item = null, f;
	if (stored) {
		const path = parts.join('/');
		const name = parts[parts.length - 1];
		f = { name, path, type: /\.jpe?g$/i.test(name) ? 'image/jpeg' : /\.mp4$/i.test(name) ? 'video/mp4' : '', src: storedURL('stored', path), small: storedURL('storedthumb', path) };
	} else {
		item = known.get(parts[0]) || await attempt(() => ask('GET', itemURL(parts[0])));
		const file = item && item.files.find(x => x.path === parts[1]);
		if (!file) {
			location.replace('#photos');
			return;
		}
		f = Object.assign({ src: fileURL('file', item.id, file.path), small: fileURL('thumb', item.id, file.path) }, file);
	}
	if (location.hash !== hash) {
		return; // meanwhile it is another one
	}
	viewing = { hash, item, file: f, before: viewing ? viewing.before : document.activeElement };
	const [previous, next] = neighbours(hash);
	const step = (to, name, label, cls) => to && h('button.step.' + cls, { type: 'button', 'aria-label': label, onclick: () => location.replace(to) }, icon(name));
	const stage = h('div.stage', null, showFile(f), step(previous, 'back', t('previous'), 'left'), step(next, 'next', t('next'), 'right'));
	swipe(stage, () => previous && location.replace(previous), () => next && location.replace(next));
	const close = iconButton('back', t('back'), closeViewer);
	fill($('viewer'), h('div.bar', null, close, h('h2', null, f.name),
		h('a.button.icon-only', { href: f.src + '?download', download: f.name, 'aria-label': t('download'), title: t('download') }, icon('download')),
		iconButton('remove', t('remove'), () => removePhoto())),
	stage, h('div.about', { id: 'about' }));
	$('viewer').setAttribute('aria-label', f.name);
	$('viewer').hidden = false;
	drawAbout();
	close.focus();
}

function showFile(f) {
	if (f.type === 'image/jpeg') {
		const small = h('img.blur', { src: f.small, alt: '', onerror: e => e.target.remove() });
		const large = h('img', { src: f.src, alt: f.alt || f.name, onload: () => small.remove() });
		return [small, large];
	}
	if (f.type === 'video/mp4') {
		return h('video', { src: f.src, controls: true, playsinline: true, preload: 'metadata' });
	}
	return h('p.cannot', null, t('cannotShow'));
}

// drawAbout tells about the photo below it; it is drawn anew when the item
// changes, the photo is not.
function drawAbout() {
	const { item, file } = viewing;
	if (!item) {
		fill($('about'), h('p.meta', null, file.path));
		return;
	}
	fill($('about'), file.alt && h('p', null, file.alt), h('p.meta', null, [item.model, when(file, item, true), size(file.bytes)].filter(Boolean).join(' · ')),
		item.text && h('p.words.clip', null, item.text), jobLines(item),
		!item.open && !item.damaged && undelivered(item).length > 0 && h('div.actions', null, h('a.button', { href: '#edit/' + item.id }, icon('drafts'), t('edit'))));
}

function swipe(el, right, left) {
	let x = null, y = 0;
	el.addEventListener('touchstart', e => {
		x = e.touches.length === 1 ? e.touches[0].clientX : null;
		y = e.touches[0].clientY;
	}, { passive: true });
	el.addEventListener('touchend', e => {
		const dx = x === null ? 0 : e.changedTouches[0].clientX - x;
		if (Math.abs(dx) > 60 && Math.abs(dx) > 2 * Math.abs(e.changedTouches[0].clientY - y) && !(window.visualViewport && window.visualViewport.scale > 1.05)) {
			(dx > 0 ? right : left)();
		}
	}, { passive: true });
}

function closeViewer() {
	if (within > 1) {
		history.back();
	} else {
		location.hash = viewing && !viewing.item ? '#folder/' + viewing.file.path.split('/').slice(0, -1).map(encodeURIComponent).join('/') : '#photos';
	}
}

function hideViewer() {
	if (!viewing) {
		return;
	}
	const { before } = viewing;
	viewing = null;
	$('viewer').hidden = true;
	$('viewer').textContent = ''; // a video must not go on
	if (before && document.contains(before)) {
		before.focus({ preventScroll: true });
	}
}

async function removePhoto() {
	const { item, file } = viewing;
	const [previous, next] = neighbours(viewing.hash);
	let gone;
	if (!item) {
		gone = await question(t('removeStored', file.name), '', t('remove')) && await attempt(() => ask('DELETE', 'stored?path=' + encodeURIComponent(file.path)));
		if (gone && current.stored) {
			current.stored(file.name);
		}
	} else if (item.files.length === 1 || item.damaged) {
		gone = await removeItem(item);
	} else {
		gone = await takeOut(item, file);
	}
	if (gone) {
		location.replace(next || previous || '#photos');
	}
}

// takeOut deletes one photo of several.
async function takeOut(item, file) {
	const stored = item.jobs.some(j => j.state === 'done' && /^store/.test(j.target));
	if (!await question(t('removeFile', file.name), stored && t('staysStored'), t('remove'))) {
		return null;
	}
	const now = await attempt(async () => {
		const newest = await ask('GET', itemURL(item.id));
		const f = newest.files.find(x => x.path === file.path);
		return f ? ask('POST', itemURL(item.id) + '/edit', { remove: [f.number], still: true }) : newest;
	});
	if (now) {
		toast(t('removed'));
		changed(now.id, now);
	}
	return now;
}

/* ---- drafts ---- */

views.drafts = () => listView({
	title: t('drafts'), path: 'queue?state=draft', empty: () => emptyNote('drafts', t('noDrafts'), t('noDraftsHow')),
	belongs: item => !item.damaged && item.jobs.some(j => j.state === 'draft'),
	actions: item => h('div.actions', null, h('a.button', { href: '#edit/' + item.id }, icon('drafts'), t('edit')), button(t('discard'), () => removeItem(item), '.danger', 'remove')),
});

// listView is a list of a few items as cards. of.first is asked for what comes
// before the rest, however old: what item of.needs tells. of.more is called when
// something has changed.
function listView(of) {
	let items = [], older = false, last = '';
	const rank = item => of.needs && of.needs(item) ? 0 : 1;
	const order = (a, b) => rank(a) - rank(b) || compareIDs(a.id, b.id);
	const list = h('div.cards'), note = h('div'), end = h('div.actions'), top = h('div');
	const cards = new Map(); // by id: what was drawn, and its element
	const show = () => {
		for (const el of [...list.children]) {
			if (!items.some(item => item.id === el.dataset.id)) {
				el.remove();
				cards.delete(el.dataset.id);
			}
		}
		items.forEach((item, i) => {
			const look = JSON.stringify(item), was = cards.get(item.id);
			let el = was && was.el;
			if (!was || was.look !== look) {
				el = h('article.card', { 'data-id': item.id }, strip(item), h('h2.clip', { dir: 'auto' }, headline(item)), h('p.meta', null, about(item)), jobLines(item), of.actions(item));
				if (was) {
					list.replaceChild(el, was.el);
				}
				cards.set(item.id, { look, el });
			}
			if (list.children[i] !== el) {
				list.insertBefore(el, list.children[i] || null);
			}
		});
		fill(note, !items.length && of.empty());
		fill(end, older && button('…', () => attempt(() => load(true)), '', 'later'));
	};
	const load = async add => {
		const before = add && last ? '&before=' + last : '';
		const first = of.first && !add ? (await ask('GET', of.first)).items : [];
		const q = await ask('GET', of.path + '&limit=' + pageSize + before);
		q.items.concat(first).forEach(remember);
		last = q.items.length ? q.items[q.items.length - 1].id : last;
		items = (add ? items : []).concat(first, q.items).filter((x, i, all) => of.belongs(x) && all.findIndex(y => y.id === x.id) === i).sort(order);
		older = q.more;
		show();
	};
	const more = () => of.more ? of.more(top) : null;
	return {
		el: h('div', null, head(of.title), top, list, note, end), ready: Promise.all([load(), more()]), reload: () => Promise.all([load(), more()]),
		update: (id, item) => {
			items = items.filter(x => x.id !== id);
			if (item && of.belongs(item)) {
				items.push(item);
				items.sort(order);
			}
			show();
			more();
		},
	};
}

/* ---- writing ---- */

const visibilities = ['', 'public', 'unlisted', 'private', 'direct'];
const languages = ['en', 'de', 'fr', 'es', 'it', 'pt', 'nl', 'pl', 'cs', 'da', 'sv', 'nb', 'fi', 'hu', 'ro', 'uk', 'ru', 'tr', 'el', 'he', 'ar', 'fa', 'hi', 'th', 'vi', 'id', 'ja', 'ko', 'zh'];

function languageName(code) {
	try {
		return new Intl.DisplayNames([locale], { type: 'language' }).of(code);
	} catch (e) {
		return code; // of an older browser
	}
}

const letters = s => Array.from(s.trim()).length; // characters as servers count them

// What was typed and not sent outlives the page: phones end pages that are in
// the background.
const unsaved = {
	get: id => {
		try {
			return JSON.parse(localStorage.getItem('draft ' + id)) || {};
		} catch (e) {
			return {};
		}
	},
	set: (id, v) => {
		try {
			localStorage.setItem('draft ' + id, JSON.stringify(v));
		} catch (e) { /* private mode: then not */ }
	},
	drop: id => {
		try {
			localStorage.removeItem('draft ' + id);
		} catch (e) { /* the same */ }
	},
};

views.edit = id => {
	const body = h('div.sheet');
	let item = null, status = null, limits = {};
	const typed = Object.assign({ alts: {} }, unsaved.get(id)); // by name of field, and by the path of the file
	const restored = Object.keys(typed).length > 1 || Object.keys(typed.alts).length > 0;
	let order = []; // paths

	const value = name => typed[name] !== undefined ? typed[name] : item[name];
	const altOf = f => typed.alts[f.path] !== undefined ? typed.alts[f.path] : f.alt;
	const type = (name, v) => { typed[name] = v; unsaved.set(id, typed); };
	const job = () => editable(item);
	const target = () => value('target') || (job() ? job().target : '');
	const isPost = () => /^mastodon/.test(target());

	async function load() {
		item = await ask('GET', itemURL(id));
		status = status || await ask('GET', 'status');
		if (typed.order && typed.order.length === item.files.length && typed.order.every(p => item.files.some(f => f.path === p))) {
			order = typed.order;
		} else {
			order = item.files.map(f => f.path);
		}
		draw();
		askLimits();
	}

	async function askLimits() {
		limits = target() ? await ask('GET', 'targets/' + encodeURIComponent(target()) + '/limits').catch(() => ({})) : {};
		body.querySelectorAll('textarea').forEach(el => el.dispatchEvent(new Event('input')));
	}

	// field is a text with its label, and a count up to the limit of the server.
	function field(label, el, limit, beyond) {
		const count = h('span.count', { 'aria-live': 'off' });
		el.addEventListener('input', () => {
			const n = letters(el.value), max = limit ? limits[limit] : 0;
			count.textContent = max ? n + ' / ' + max : '';
			count.className = max && n > max && !beyond ? 'count over' : 'count';
			el.setAttribute('aria-invalid', String(Boolean(max && n > max && !beyond)));
			if (max && n > max && beyond) {
				count.textContent += ' · ' + beyond(n, max);
			}
		});
		return h('label.field', null, h('span', null, h('span', null, label), count), el);
	}

	const area = (v, oninput, rows, placeholder) => h('textarea', { value: v, oninput, rows, placeholder, dir: 'auto' });
	const choice = (options, v, onchange) => {
		const el = h('select', { onchange: e => onchange(e.target.value) }, options.map(([code, name]) => h('option', { value: code }, name)));
		el.value = v;
		return el;
	};

	function move(path, by) {
		const i = order.indexOf(path), to = i + by;
		if (to < 0 || to >= order.length) {
			return;
		}
		order.splice(i, 1);
		order.splice(to, 0, path);
		type('order', order);
		draw();
		const row = body.querySelectorAll('.picture')[to];
		const tool = row.querySelectorAll('.tools button')[by < 0 ? 0 : 1];
		(tool.disabled ? row.querySelector('.tools button:not(:disabled)') : tool).focus();
		say((to + 1) + ' / ' + order.length);
	}

	async function out(f) {
		const now = await takeOut(item, f);
		if (now) {
			item = now;
			order = order.filter(p => item.files.some(x => x.path === p));
			delete typed.alts[f.path];
			typed.order = order;
			unsaved.set(id, typed);
			draw();
		}
	}

	function picture(f, i) {
		const several = order.length > 1;
		const disabled = (el, off) => { el.disabled = off; return el; };
		return h('div.picture', null,
			h('div.side', null, h('a', { href: photoHash(id, f.path), 'aria-label': f.name }, thumb(item, f)),
				several && h('div.tools', null,
					disabled(iconButton('up', t('up') + ': ' + f.name, () => move(f.path, -1)), i === 0),
					disabled(iconButton('later', t('later') + ': ' + f.name, () => move(f.path, 1)), i === order.length - 1),
					iconButton('remove', t('remove') + ': ' + f.name, () => out(f)))),
			isPost() ? field([t('description'), h('span.spoken', null, ' ' + f.name)], area(altOf(f), e => { typed.alts[f.path] = e.target.value; unsaved.set(id, typed); }, 4, t('whatIsSeen')), 'alt') :
				h('p.meta', null, f.name));
	}

	function targets() {
		const others = item.jobs.map(j => j.target);
		return status.targets.filter(x => x.configured && (x.name === job().target || !others.includes(x.name)) && (x.kind !== 'email' || item.kind === 'email'))
			.map(x => [x.name, targetName(x.name)]).concat(status.targets.some(x => x.configured && x.name === job().target) ? [] : [[job().target, targetName(job().target)]]);
	}

	function draw() {
		if (!job()) {
			fill(body, head(t('drafts'), h('a.button', { href: '#drafts' }, icon('back'), t('back'))), h('article.card', null, strip(item), h('h2.clip', null, headline(item)), h('p.meta', null, about(item)), jobLines(item)));
			return;
		}
		const files = order.map(p => item.files.find(f => f.path === p));
		const isDraft = undelivered(item).some(j => j.state === 'draft');
		const spoken = languages.includes(item.language) || !item.language ? languages : languages.concat(item.language);
		fill(body,
			head(isDraft ? t('draft') : t('edit'), h('a.button', { href: isDraft ? '#drafts' : '#queue' }, icon('back'), t('back'))),
			restored && h('p.note', { role: 'status' }, t('restored')),
			item.open && h('p.note', null, t('stillArriving')),
			!isPost() && item.kind === 'email' && field(t('title'), h('input', { value: value('title'), oninput: e => type('title', e.target.value), dir: 'auto' })),
			field(t('text'), area(value('text'), e => type('text', e.target.value), 4), 'characters', (n, max) => t('becomes', Math.ceil(n / max))),
			files.map(picture),
			item.spare.length > 0 && h('div.note', null, h('p', null, t('spare')), h('ul', null, item.spare.map(s => h('li', null, '“' + s + '”')))),
			isPost() && h('div.pair', null,
				field(t('visibility'), choice(visibilities.map(v => [v, v ? t(v) : t('asSet')]), value('visibility'), v => type('visibility', v))),
				field(t('language'), choice([['', t('asSet')]].concat(spoken.map(c => [c, languageName(c)])), value('language'), v => type('language', v)))),
			isPost() && field(t('warning'), h('input', { value: value('warning'), oninput: e => type('warning', e.target.value), dir: 'auto' })),
			field(t('account'), choice(targets(), target(), v => { type('target', v); draw(); askLimits(); })),
			h('ul.jobs', null, undelivered(item).filter(j => j.error && j.code !== 'alt-text').map(j => h('li.' + j.state, null, icon(jobLook(j)), h('strong', null, targetName(j.target)), reason(j, item)))),
			h('div.send', null, button(isPost() ? t('postNow') : t('sendNow'), () => send('now'), '.primary'),
				button(isDraft ? t('keep') : t('hold'), () => send('keep')), button(t(isDraft ? 'discard' : 'remove'), discard, '.danger')));
		body.querySelectorAll('textarea').forEach(el => el.dispatchEvent(new Event('input')));
	}

	// changes is what was typed, by the numbers that the files have now.
	function changes(newest, mode) {
		const e = {};
		for (const name of ['title', 'text', 'warning', 'language', 'visibility']) {
			if (typed[name] !== undefined && typed[name] !== newest[name]) {
				e[name] = typed[name];
			}
		}
		e.alts = {};
		for (const f of newest.files) {
			const alt = typed.alts[f.path];
			if (alt !== undefined && alt !== f.alt) {
				e.alts[f.number] = alt;
			}
		}
		const numbers = order.map(p => newest.files.find(f => f.path === p)).filter(Boolean).map(f => f.number);
		if (numbers.some((n, i) => n !== i + 1)) {
			e.order = numbers;
		}
		const waits = editable(newest);
		if (waits && target() !== waits.target) {
			e.targets = {};
			e.targets[waits.target] = target();
		}
		if (mode === 'keep') {
			e[undelivered(newest).some(j => j.state === 'draft') ? 'still' : 'hold'] = true;
		}
		return e;
	}

	async function send(mode) {
		const over = body.querySelector('textarea[aria-invalid=true]');
		if (mode === 'now' && over) {
			toast(t('overAlt'));
			over.focus();
			return;
		}
		const buttons = body.querySelectorAll('.send button');
		buttons.forEach(b => { b.disabled = true; });
		const now = await attempt(async () => {
			const newest = await ask('GET', itemURL(id));
			const edited = await ask('POST', itemURL(id) + '/edit', changes(newest, mode));
			// What had failed, or waits for a later try, is meant too.
			const due = mode === 'now' && edited.jobs.some(j => j.state === 'failed' || j.state === 'waiting' && j.next_seconds > 0);
			return due ? ask('POST', itemURL(id) + '/retry') : edited;
		});
		buttons.forEach(b => { b.disabled = false; });
		if (!now) {
			return;
		}
		unsaved.drop(id);
		for (const key of Object.keys(typed)) {
			delete typed[key];
		}
		typed.alts = {};
		changed(now.id, now);
		const left = now.jobs.filter(j => j.state === 'draft');
		if (mode === 'keep') {
			toast(t('kept'));
			location.hash = '#drafts';
		} else if (left.length) {
			item = now;
			draw();
			toast(left[0].code === 'alt-text' ? t('missing', now.files.filter(f => !f.alt.trim()).length) : why[lang][left[0].code] || left[0].error);
			const bare = [...body.querySelectorAll('.picture textarea')].find(el => !el.value.trim());
			if (bare) {
				bare.focus();
			}
		} else {
			location.replace('#sent/' + id);
		}
	}

	async function discard() {
		if (await removeItem(item)) {
			unsaved.drop(id);
			location.replace('#drafts');
		}
	}

	return {
		el: body, tab: 'drafts', cls: 'writing', ready: load(),
		update: (changedID, now) => {
			// What is being typed is not drawn over, unless there is nothing left
			// to type at.
			if (changedID === id && now && !undelivered(now).length) {
				item = now;
				draw();
			}
		},
		reload: () => {},
	};
};

// sent is where one waits for a post to go out.
views.sent = id => {
	const body = h('div.sheet');
	const draw = item => {
		const rest = item ? undelivered(item) : [];
		const failed = rest.find(j => j.state === 'failed' || j.state === 'draft');
		const tried = rest.find(j => j.error);
		const text = !item ? t('gone') : !rest.length ? t('sentAll') : failed ? t('failed') : tried ? t('queued') : t('sending');
		fill(body, head(t('drafts'), h('a.button', { href: '#drafts' }, icon('back'), t('back'))), h('p.note' + (failed ? '.bad' : ''), { role: 'status' }, text),
			item && h('article.card', null, strip(item), h('h2.clip', null, headline(item)), h('p.meta', null, about(item)), jobLines(item),
				rest.length > 0 && itemActions(item)));
	};
	const load = async () => draw(await ask('GET', itemURL(id)));
	return { el: body, tab: 'drafts', ready: load(), reload: load, update: (changedID, item) => changedID === id && draw(item) };
};

/* ---- queue ---- */

function itemActions(item) {
	const whole = !item.open && !item.damaged;
	return h('div.actions', null,
		whole && item.jobs.some(j => j.state === 'waiting' || j.state === 'failed') && button(t('retry'), () => retryItem(item), '', 'retry'),
		whole && h('a.button', { href: '#edit/' + item.id }, icon('drafts'), t('edit')),
		!item.open && button(t('remove'), () => removeItem(item), '.danger', 'remove'));
}

views.queue = () => {
	const foot = h('p.small');
	const act = path => attempt(() => ask('POST', path));
	const view = listView({
		title: t('queue'), path: 'queue?state=unfinished', first: 'queue?state=failed&limit=100', needs: item => item.jobs.some(j => j.state === 'failed'), empty: () => emptyNote('done', t('noQueue'), t('noQueueHow')), actions: itemActions,
		belongs: item => item.state === 'open' || item.state === 'damaged' || undelivered(item).some(j => j.state !== 'draft'),
		more: async top => {
			const st = await ask('GET', 'status');
			fill(top, st.targets.filter(x => x.pause || x.state === 'failing').map(x => h('div.note.bad', null,
				h('p', null, h('strong', null, x.pause ? t('pausedTarget', targetName(x.name), x.pause.reason) : t('failingTarget', targetName(x.name))), x.next_seconds !== null && [' · ', nextTry(x.next_seconds)]),
				x.pause && h('div.actions', null, button(t('resume'), () => act('targets/' + encodeURIComponent(x.name) + '/resume').then(view.reload))))),
			st.queue.waiting + st.queue.failed > 1 && h('div.actions', null, button(t('retryAll'), () => act('retry?what=all').then(view.reload), '', 'retry')));
			const wrong = st.storage.upload.error || st.storage.spool.error;
			fill(foot, wrong || st.storage.spool.total > 0 && t('room', st.storage.photos, size(st.storage.usable)), !st.ready && ' ' + t('reading'));
		},
	});
	view.el.appendChild(foot);
	return view;
};

/* ---- what changes by itself ---- */

const known = new Map(); // the items that were seen last, the latest at the end
const knownMax = 400;
const fresh = {}; // items that arrived while the page was open

function remember(item) {
	known.delete(item.id);
	known.set(item.id, item);
	if (known.size > knownMax) {
		known.delete(known.keys().next().value);
	}
}

// forget takes an item out that a person has deleted, before the bridge says so.
function forget(id) {
	changed(id, null);
}

function changed(id, item) {
	if (item) {
		remember(item);
	} else {
		known.delete(id);
	}
	if (current && current.update) {
		current.update(id, item);
	}
	if (viewing && viewing.item && viewing.item.id === id && item) {
		viewing.item = item;
		drawAbout();
	}
}

let since = '', tag = '', pollTimer, polling = false, top = '';
const pollEvery = 2500; // ms

// poll asks what has changed, again and again while somebody looks.
async function poll() {
	clearTimeout(pollTimer);
	if (document.hidden || !token || polling) {
		return;
	}
	polling = true;
	try {
		const r = await fetch('/phone/api/live?since=' + encodeURIComponent(since), { cache: 'no-store', credentials: 'same-origin', headers: tag ? { 'If-None-Match': tag } : {} });
		if (r.status === 401) {
			signOut();
		} else if (r.status === 200) {
			tag = r.headers.get('ETag') || '';
			await live(await r.json());
		}
		$('down').hidden = true;
	} catch (e) {
		$('down').textContent = t('down');
		$('down').hidden = false;
		tag = '';
	}
	polling = false;
	clearTimeout(pollTimer);
	pollTimer = setTimeout(poll, pollEvery);
}

async function live(v) {
	const first = !since;
	$('full').hidden = !v.full;
	$('clock').hidden = !v.clock_wait;
	badge('drafts', v.jobs.draft);
	badge('queue', v.jobs.waiting + v.jobs.failed + v.damaged);
	if (current && current.uploads) {
		current.uploads(v.uploads);
	}
	if (v.all && !first && current) {
		await current.reload();
	}
	let count = 0, model = '';
	for (const id of v.changed) {
		let item = null;
		try {
			item = await ask('GET', itemURL(id));
		} catch (e) {
			if (e.code !== 'not-found') {
				throw e; // asked again with the same since
			}
		}
		if (item && (known.has(id) || !top || compareIDs(id, top) < 0)) {
			const more = item.files.length - (known.has(id) ? known.get(id).files.length : 0);
			if (more > 0) {
				count += more;
				model = item.model;
				fresh[id] = true;
			}
		}
		changed(id, item);
		if (!top || compareIDs(id, top) < 0) {
			top = id;
		}
	}
	since = v.version;
	if (count) {
		say(t('arrived', count, model));
	}
}

function badge(tab, n) {
	const el = document.querySelector('#tabs [data-tab=' + tab + '] .badge');
	el.textContent = n > 99 ? '99+' : n;
	el.hidden = !n;
}

/* ---- which view ---- */

let current = null, within = 0;
const keptViews = {};

async function route() {
	if (!token) {
		return;
	}
	let parts = [];
	try {
		parts = location.hash.slice(1).split('/').map(decodeURIComponent);
	} catch (e) { /* typed by somebody */ }
	const name = parts.shift() || 'photos';
	within++;
	if (name === 'photo' || name === 'stored') {
		if (!current) {
			enter(name === 'stored' ? 'folder' : 'photos', name === 'stored' ? parts.slice(0, -1) : []);
		}
		await openViewer(name, parts);
		return;
	}
	const wasViewing = viewing;
	hideViewer();
	const key = [name, ...parts].join('/');
	if (current && current.key === key) {
		if (!wasViewing) {
			window.scrollTo(0, 0);
		}
		return;
	}
	const there = Object.prototype.hasOwnProperty.call(views, name);
	enter(there ? name : 'photos', there ? parts : []);
}

function enter(name, parts) {
	const key = [name, ...parts].join('/');
	if (current) {
		current.scroll = window.pageYOffset;
		if (current.leave) {
			current.leave();
		}
	}
	let view = keptViews[key];
	const again = Boolean(view);
	if (!view) {
		view = views[name](...parts);
		view.key = key;
		if (view.keep) {
			keptViews[key] = view;
		}
		Promise.resolve(view.ready).catch(e => {
			if (e.code === 'not-found') {
				fill(view.el, emptyNote('file', t('gone')));
			} else if (e.code !== 'pin') {
				toast(e.message);
			}
		});
	}
	current = view;
	document.body.className = view.cls || '';
	fill($('main'), view.el);
	if (again) {
		view.enter();
	}
	window.scrollTo(0, again ? view.scroll : 0);
	for (const a of document.querySelectorAll('#tabs a')) {
		if (a.dataset.tab === (view.tab || name)) {
			a.setAttribute('aria-current', 'page');
		} else {
			a.removeAttribute('aria-current');
		}
	}
	document.title = t(view.tab || name) + ' · snsbridge';
	tag = ''; // a new view wants to know what is under way
	poll();
}

/* ---- who may look ---- */

async function signIn(v) {
	token = v.token;
	$('login').hidden = true;
	$('app').hidden = false;
	since = tag = '';
	await poll(); // first, so that nothing is missed that arrives while a list loads
	route();
}

function signOut() {
	token = '';
	hideViewer();
	$('question').hidden = true;
	$('app').hidden = true;
	$('login').hidden = false;
	$('main').textContent = '';
	current = null;
	Object.keys(keptViews).forEach(key => { delete keptViews[key]; });
	known.clear();
	$('pin').focus();
}

async function logout() {
	await attempt(() => ask('POST', 'logout'));
	signOut();
}

let pinTimer;
async function enterPIN(e) {
	e.preventDefault();
	$('pin-button').disabled = true;
	try {
		const v = await ask('POST', 'login', { pin: $('pin').value });
		$('pin').value = $('pin-error').textContent = '';
		signIn(v);
	} catch (err) {
		$('pin').select();
		if (err.wait > 0) {
			waitForPIN(err.wait);
			return;
		}
		$('pin-error').textContent = err.code === 'wrong-pin' ? t('pinWrong') : err.message;
	}
	$('pin-button').disabled = false;
}

// waitForPIN counts down, for the eye; it is said once.
function waitForPIN(seconds) {
	const end = Date.now() + seconds * 1000;
	const tick = () => {
		const left = Math.ceil((end - Date.now()) / 1000);
		$('pin-button').disabled = left > 0;
		$('pin-error').textContent = left > 0 ? t('pinWait', span(left)) : '';
		if (left > 0) {
			pinTimer = setTimeout(tick, left > 100 ? 15000 : 1000);
		}
	};
	clearTimeout(pinTimer);
	tick();
}

function start() {
	document.documentElement.lang = lang;
	for (const el of document.querySelectorAll('[data-t]')) {
		el.textContent = t(el.dataset.t);
	}
	for (const a of document.querySelectorAll('#tabs a')) {
		fill(a, icon(a.dataset.tab), t(a.dataset.tab), h('span.badge', { hidden: true }));
	}
	$('login').addEventListener('submit', enterPIN);
	window.addEventListener('hashchange', route);
	document.addEventListener('pointerdown', hush);
	document.addEventListener('visibilitychange', poll);
	document.addEventListener('keydown', e => {
		if (!viewing || !$('question').hidden) {
			return;
		}
		keepFocus($('viewer'), e);
		const [previous, next] = neighbours(viewing.hash);
		if (e.key === 'Escape') {
			closeViewer();
		} else if (e.key === 'ArrowLeft' && previous) {
			location.replace(previous);
		} else if (e.key === 'ArrowRight' && next) {
			location.replace(next);
		}
	});
	ask('GET', 'session').then(signIn).catch(e => {
		if (e.code !== 'pin') {
			$('login').hidden = false;
			$('pin-error').textContent = e.message;
		}
	});
}

start();
