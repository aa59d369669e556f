'use strict';
'require baseclass';

/* Cameras in words: what the table of models remarks, and what one has done. */

const notes = {
	'Has e-mail only; should work as the NX500 does.': _('Has e-mail only; should work as the NX500 does.'),
	'Its login to Dropbox is not understood yet.': _('Its login to Dropbox is not understood yet.'),
	'Sends videos only by its Facebook and YouTube.': _('Sends videos only by its Facebook and YouTube.'),
	'Should work as the NX300 does.': _('Should work as the NX300 does.'),
	'Has e-mail only.': _('Has e-mail only.'),
	'Was made without e-mail and social sites.': _('Was made without e-mail and social sites.'),
	'May need a 10.x address (the default) and a second try.': _('May need a 10.x address (the default) and a second try.'),
	'Needs a 10.x address (the default).': _('Needs a 10.x address (the default).'),
	'Needs a 10.x address (the default), then asks for a list that nobody knows.': _('Needs a 10.x address (the default), then asks for a list that nobody knows.'),
	'Its hotspot check wants the cookie and refuses the redirect.': _('Its hotspot check wants the cookie and refuses the redirect.'),
	'What it asks for is not understood yet.': _('What it asks for is not understood yet.'),
	'Does not encrypt its password: enter a made-up one.': _('Does not encrypt its password: enter a made-up one.')
};

/* By the codes of src/sns. What has none here is shown in the program's own words. */
const deeds = {
	'check': (about) => _('checked the hotspot at %s').format(about),
	'time': () => _('asked for the time'),
	'login': (about) => _('logged in to %s').format(about),
	'announced': (about) => _('is about to send %s').format(about),
	'sent': (about) => _('sent %s').format(about),
	'mail': () => _('is sending an e-mail'),
	'mailed': () => _('sent an e-mail'),
	'mail-failed': () => _('could not send its e-mail'),
	'undecoded': () => _('asked for something that nobody understands yet'),
	'wanted-mail': () => _('wanted to send an e-mail'),
	'wanted-login': (about) => _('wanted to log in to %s').format(about),
	'asked': (about) => _('asked for %s').format(about)
};

const has = Object.prototype.hasOwnProperty;

return baseclass.extend({
	status: function(status) {
		return {
			works: _('works'), partly: _('works partly'), untested: _('not tested yet'),
			undecoded: _('not understood yet'), none: _('cannot send')
		}[status] || status;
	},

	note: function(text) {
		return has.call(notes, text) ? notes[text] : text;
	},

	/* deed tells what a camera has done last. */
	deed: function(c) {
		return has.call(deeds, c.code) ? deeds[c.code](c.about) : c.what;
	}
});
