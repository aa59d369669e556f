'use strict';
'require view';
'require form';
'require uci';
'require snsbridge.bridge as bridge';
'require snsbridge.parts as parts';
'require snsbridge.form.cameras as cameras';
'require snsbridge.form.mail as mail';
'require snsbridge.form.mastodon as mastodon';
'require snsbridge.form.rules as rules';
'require snsbridge.form.router as router';

/* Sections of which there is one. A file from which somebody removed one gets it back. */
const single = [ 'snsbridge', 'cameras', 'phone', 'storage', 'smarthost' ];

return view.extend({
	load: function() {
		return Promise.all([
			bridge.ask('models').catch((e) => e),
			bridge.ask('overview', false).catch((e) => e),
			uci.load('snsbridge')
		]);
	},

	render: function(answers) {
		const models = answers[0].models || [];
		const overview = answers[1] instanceof Error ? { wrong: [], status: null } : answers[1];
		single.forEach((type) => {
			if (!uci.sections('snsbridge', type).length)
				uci.add('snsbridge', type, type == 'snsbridge' ? 'main' : type);
		});

		const m = new form.Map('snsbridge', _('Settings'),
			_('Tick your cameras, name your mail server or log in to Mastodon. Rules say what goes where.'));
		m.tabbed = true;
		cameras.add(m, models, overview.status, answers[0].devices || []);
		mail.add(m);
		mastodon.add(m);
		rules.add(m);
		router.add(m);

		return m.render().then((node) => E('div', {}, [ bridge.sheet() ].concat(
			overview.wrong.map((w) => parts.notice('error', { text: _('The settings in force are wrong.'), raw: w })), [ node ])));
	}
});
