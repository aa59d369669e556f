'use strict';
'require baseclass';
'require form';
'require uci';
'require ui';
'require dom';
'require snsbridge.bridge as bridge';
'require snsbridge.parts as parts';
'require snsbridge.form.providers as providers';

/* The mail server, and a test of it. */

/* choose fills in what a provider wants. */
function choose(section, section_id, id) {
	const list = providers.list(), p = list.filter((x) => x.id == id)[0];
	const field = (name) => section.getUIElement(section_id, name);
	if (p && p.server)
		[ 'server', 'encryption', 'port' ].filter(field).forEach((name) => field(name).setValue(p[name]));
	else if (p || list.some((x) => x.server && x.server == field('server').getValue()))
		[ 'server', 'port' ].filter(field).forEach((name) => field(name).setValue('')); // another provider's
	if (p && p.hint)
		ui.showModal(null, [ E('p', {}, [ p.title, ': ', p.hint ]), E('div', { 'class': 'right' }, [
			E('button', { 'class': 'btn', 'click': ui.hideModal }, [ _('Close') ])
		]) ]);
	section.map.checkDepends();
}

/* suggest makes a user name that is an address the sender, which most providers want. */
function suggest(section, section_id, username) {
	const from = section.getUIElement(section_id, 'from');
	if (from && !from.getValue() && /^[^\s@]+@[^\s@]+$/.test(username))
		from.setValue(username);
}

/* test asks for an address, and sends a mail there with the settings that are in force. */
function test(section_id) {
	const said = E('div', {});
	const to = E('input', {
		'type': 'email', 'class': 'cbi-input-text', 'aria-label': _('Address'), 'placeholder': 'you@example.org',
		'value': uci.get('snsbridge', section_id, 'from') || uci.get('snsbridge', section_id, 'username') || ''
	});
	const send = () => {
		dom.content(said, [ E('p', { 'class': 'spinning' }, [ _('Sending…') ]) ]);
		return bridge.ask('mailTest', to.value.trim()).then((m) => parts.notice('success', {
			text: _('The server has taken the mail to %s. Look into the mailbox.').format(m.to), raw: m.reply
		}), (e) => parts.notice('error', bridge.told(e))).then((result) => dom.content(said, [ result ]));
	};
	ui.showModal(_('Send test mail'), [
		E('p', {}, [ _('The mail is sent with the settings that are saved and applied. It counts as one of the mails of the day.') ]),
		to, said,
		E('div', { 'class': 'right' }, [
			E('button', { 'class': 'btn', 'click': ui.hideModal }, [ _('Close') ]), ' ',
			E('button', { 'class': 'btn cbi-button cbi-button-action important', 'click': ui.createHandlerFn({}, send) }, [ _('Send') ])
		])
	]);
	to.focus();
}

return baseclass.extend({
	add: function(map) {
		const s = map.section(form.TypedSection, 'smarthost', _('E-mail'),
			_('The mail server of your provider, by which the photos are mailed. Without one, what cameras mail is stored.'));
		s.anonymous = true;

		let o = s.option(form.ListValue, '_provider', _('Provider'), _('Fills in the next three fields.'));
		o.value('', _('another'));
		providers.list().forEach((p) => o.value(p.id, p.title));
		o.load = (section_id) => {
			const p = providers.list().filter((x) => x.server && x.server == uci.get('snsbridge', section_id, 'server'))[0];
			return p ? p.id : '';
		};
		o.onchange = (ev, section_id, id) => choose(s, section_id, id);
		o.write = o.remove = () => {};

		o = s.option(form.Value, 'server', _('Server'));
		o.datatype = 'host';
		o.placeholder = 'smtp.example.org';

		o = s.option(form.ListValue, 'encryption', _('Encryption'));
		o.value('starttls', _('STARTTLS (mostly port 587)'));
		o.value('tls', _('TLS from the first byte (port 465)'));
		o.value('none', _('none (only for a server without login)'));
		o.default = 'starttls';
		o.depends({ server: '', '!reverse': true });

		o = s.option(form.Value, 'port', _('Port'));
		o.datatype = 'port';
		o.placeholder = '587, 465, 25';
		o.depends({ server: '', '!reverse': true });

		o = s.option(form.Value, 'username', _('User name'));
		o.placeholder = 'you@example.org';
		o.onchange = (ev, section_id, value) => suggest(s, section_id, value);
		o.depends({ server: '', '!reverse': true });

		o = s.option(form.Value, 'password', _('Password'), _('With many providers an app password, made for this router alone.'));
		o.password = true;
		o.depends({ server: '', '!reverse': true });

		o = s.option(form.Value, 'from', _('Sender'), _('The address that your provider takes; the camera\'s becomes the one for replies. Empty: the camera\'s own, which few providers take.'));
		o.placeholder = 'you@example.org';
		o.depends({ server: '', '!reverse': true });

		o = s.option(form.DynamicList, 'recipient', _('Who may be mailed'), _('Addresses, and *@example.org for all of a domain. Empty: everybody.'));
		o.placeholder = '*@example.org';
		o.validate = (section_id, value) => value == '' || /^(\*|[^\s@]+)@[^\s@]+$/.test(value) || _('Write an address, or *@example.org');

		o = s.option(form.Value, 'per_day', _('Mails a day'), _('At most, so that the Wi-Fi is no open relay.'));
		o.datatype = 'range(1,100000)';
		o.placeholder = '200';

		o = s.option(form.Flag, 'remove_location', _('Remove the location'), _('Mail copies without position, serial numbers and names.'));
		o.depends({ server: '', '!reverse': true });

		o = s.option(form.Button, '_test', _('Test'));
		o.inputtitle = _('Send test mail');
		o.inputstyle = 'action';
		o.onclick = (ev, section_id) => test(section_id);
	}
});
