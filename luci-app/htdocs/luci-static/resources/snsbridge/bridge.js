'use strict';
'require baseclass';
'require rpc';
'require ui';
'require snsbridge.parts as parts';
'require snsbridge.words as words';

/*
 * What can be asked of the router: the program, run by rpcd. Its answers are
 * described by the golden files of src/luci and src/control.
 */
function declare(method, params) {
	return rpc.declare({ object: 'luci.snsbridge', method: method, params: params, expect: { '': {} } });
}

const calls = {
	overview: declare('overview', [ 'fresh' ]),
	queue: declare('queue', [ 'before', 'state' ]),
	item: declare('item', [ 'id' ]),
	thumbnails: declare('thumbnails', [ 'ids' ]),
	log: declare('log'),
	models: declare('models'),
	hotspots: declare('hotspots'),
	phone: declare('phone'),
	retry: declare('retry', [ 'id' ]),
	retryAll: declare('retry_all'),
	edit: declare('edit', [ 'id', 'changes' ]),
	remove: declare('delete', [ 'id' ]),
	pause: declare('pause', [ 'target' ]),
	resume: declare('resume', [ 'target' ]),
	restart: declare('restart'),
	mailTest: declare('mail_test', [ 'to' ]),
	mastodonBegin: declare('mastodon_begin', [ 'server' ]),
	mastodonFinish: declare('mastodon_finish', [ 'handle', 'code', 'name' ])
};

/* A refusal of the program is an answer, too. It becomes an Error with a hint. */
function check(answer) {
	if (!answer || typeof(answer) != 'object')
		throw new Error(_('The router sent an invalid response.'));
	if (answer.error) {
		const said = words.refusal(answer.error);
		throw Object.assign(new Error(said.text), { remedy: said.remedy, raw: said.raw });
	}
	return answer;
}

function told(error) {
	return { text: error.message, remedy: error.remedy, raw: error.raw };
}

return baseclass.extend({
	/* ask('retry', id): a promise of the answer. */
	ask: function(name) {
		return calls[name].apply(null, Array.prototype.slice.call(arguments, 1)).then(check);
	},

	/* complain shows an error at the top of the page. */
	complain: function(error) {
		ui.addNotification(null, E('p', {}, parts.said(told(error))), 'error');
	},

	/* told is an error as parts show it. */
	told: told,

	/* tell says for some seconds that something was done. */
	tell: function(text) {
		const note = ui.addNotification(null, E('p', {}, [ text ]), 'info');
		window.setTimeout(() => {
			if (note.parentNode)
				note.parentNode.removeChild(note);
		}, 6000);
	},

	/* sheet loads our few rules of layout; colours are those of the theme. */
	sheet: function() {
		return E('link', { 'rel': 'stylesheet', 'href': L.resource('snsbridge/style.css') });
	}
});
