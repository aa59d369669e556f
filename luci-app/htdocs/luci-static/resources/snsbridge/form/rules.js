'use strict';
'require baseclass';
'require form';
'require uci';
'require snsbridge.words as words';

/* Which photos go where, and the commands that they can go to. */

const sites = [ 'facebook', 'picasa', 'youtube', 'photobucket', 'flickr', 'dropbox', 'samsungimaging', 'vkontakte', 'kakaostory', 'weibo' ];

const which = { mastodon: 'account', shell: 'command', store: 'folder' };

/* goal tells in words where a rule leads. */
function goal(section_id) {
	const action = uci.get('snsbridge', section_id, 'action') || '';
	const name = which[action] ? uci.get('snsbridge', section_id, which[action]) : null;
	return words.target(name ? action + '.' + name : action);
}

/* names offers the sections of a type, those that were added just now as well. */
function names(option, type) {
	option.load = function(section_id) {
		this.keylist = [];
		this.vallist = [];
		uci.sections('snsbridge', type).forEach((s) => this.value(s['.name']));
		return form.ListValue.prototype.load.call(this, section_id);
	};
}

function rules(map) {
	const s = map.section(form.GridSection, 'rule', _('Rules'),
		_('Where photos go, by the site that was chosen on the camera, or by the address that it mailed to. What no rule names is mailed (e-mail, if there is a mail server) or stored (everything else).'));
	s.anonymous = true;
	s.addremove = true;
	s.addbtntitle = _('Add rule');
	s.modaltitle = () => _('Rule');

	let o = s.option(form.DynamicList, 'match', _('Site or address'));
	sites.forEach((site) => o.value(site));
	o.rmempty = false;
	o.textvalue = (section_id) => E('span', {}, [ L.toArray(uci.get('snsbridge', section_id, 'match')).join(', ') ]);

	o = s.option(form.DummyValue, '_goal', _('Goes to'));
	o.modalonly = false;
	o.textvalue = (section_id) => E('span', {}, [ goal(section_id) ]);

	o = s.option(form.ListValue, 'action', _('Action'));
	o.value('mastodon', _('post with Mastodon'));
	o.value('email', _('mail it'));
	o.value('store', _('store it'));
	o.value('shell', _('hand it to a command'));
	o.value('drop', _('throw it away'));
	o.default = 'store';
	o.rmempty = false;
	o.modalonly = true;

	o = s.option(form.ListValue, 'account', _('Account'));
	names(o, 'mastodon');
	o.depends('action', 'mastodon');
	o.modalonly = true;

	o = s.option(form.ListValue, 'command', _('Command'));
	names(o, 'shell');
	o.depends('action', 'shell');
	o.modalonly = true;

	o = s.option(form.Value, 'folder', _('Folder'), _('Below the photo folder. Empty: as all other photos.'));
	o.depends('action', 'store');
	o.modalonly = true;
	o.validate = (section_id, value) => value == '' || !/[/\\.]/.test(value) || _('Use letters and digits.');
}

function commands(map) {
	const s = map.section(form.TypedSection, 'shell', _('Commands'),
		_('A program that runs for each file, as the user snsbridge and without a shell.'));
	s.anonymous = false;
	s.addremove = true;
	s.addbtntitle = _('Add command');

	let o = s.option(form.DynamicList, 'command', _('Program and words'),
		_('Each word is an entry. It may have {filename} {sender} {recipient} {subject} {body} {site} {model} {id} {type} {taken} {number} {count}.'));
	o.placeholder = '/usr/bin/logger';

	o = s.option(form.Value, 'stdin', _('Its input'));
	o.placeholder = '{body}';

	o = s.option(form.Value, 'timeout', _('Ends it after'));
	o.placeholder = '5 min';
	o.validate = (section_id, value) => value == '' || /^[0-9.]+ *(s|m|h|min|seconds?|minutes?|hours?)$/i.test(value) || _('Write a number and a unit, such as 5 min');

	o = s.option(form.Flag, 'remove_location', _('Remove the location'), _('Hand over copies without position, serial numbers and names.'));
}

return baseclass.extend({
	goal: goal,

	/* uses tells whether a rule leads to an account. */
	uses: function(account) {
		return uci.sections('snsbridge', 'rule').some((s) => s.action == 'mastodon' && (s.account || account) == account);
	},

	/* social leads the sites that no rule names to an account. It returns how many these are. */
	social: function(account) {
		const named = [].concat.apply([], uci.sections('snsbridge', 'rule').map((s) => L.toArray(s.match))).map((m) => m.toLowerCase());
		const free = sites.filter((site) => named.indexOf(site) < 0);
		if (free.length) {
			const id = uci.add('snsbridge', 'rule');
			uci.set('snsbridge', id, 'match', free);
			uci.set('snsbridge', id, 'action', 'mastodon');
			uci.set('snsbridge', id, 'account', account);
		}
		return free.length;
	},

	add: function(map) {
		rules(map);
		commands(map);
	}
});
