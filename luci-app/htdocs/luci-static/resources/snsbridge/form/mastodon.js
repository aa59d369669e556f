'use strict';
'require baseclass';
'require form';
'require uci';
'require ui';
'require dom';
'require snsbridge.bridge as bridge';
'require snsbridge.form.rules as rules';
'require snsbridge.parts as parts';

/* Accounts at servers for Mastodon apps, with a login in two steps. */

function dialog(title, children, button, fn) {
	const holder = E('div', {});
	ui.showModal(title, children.concat([ holder, E('div', { 'class': 'right' }, [
		E('button', { 'class': 'btn', 'click': ui.hideModal }, [ _('Cancel') ]), ' ',
		E('button', { 'class': 'btn cbi-button cbi-button-action important', 'click': ui.createHandlerFn({}, () => fn().catch((e) => dom.content(holder, [ parts.notice('error', bridge.told(e)) ]))) }, [ button ])
	]) ]));
}

/* login asks for the server, then for the code that it shows. done gets what is to be set. */
function login(name, server, done) {
	const address = E('input', { 'type': 'text', 'class': 'cbi-input-text', 'value': server, 'placeholder': 'mastodon.social', 'aria-label': _('Server') });
	const code = E('input', { 'type': 'text', 'class': 'cbi-input-text', 'autocomplete': 'off', 'aria-label': _('Code') });
	const social = E('input', { 'type': 'checkbox', 'checked': '' });
	const second = (begun) => dialog(_('Log in to %s').format(name), [
		E('p', {}, [ _('1. Open this page, log in there, and allow snsbridge to post:') ]),
		E('p', {}, [ parts.link(begun.address, begun.server) ]),
		E('p', {}, [ _('2. Copy the code that it shows, and paste it here:') ]), code,
		rules.uses(name) ? '' : E('label', { 'class': 'snsbridge-tick' }, [ social, E('span', {}, [ _('Post there what cameras send to social sites') ]) ])
	], _('Log in'), () => bridge.ask('mastodonFinish', begun.handle, code.value.trim(), name).then((f) => {
		ui.hideModal();
		done(f, social.checked && !rules.uses(name));
		bridge.tell(_('Logged in as %s. Save and apply the settings.').format(f.account));
	}));
	dialog(_('Log in to %s').format(name), [
		E('p', {}, [ _('The address of your server, such as mastodon.social or pixelfed.social:') ]), address
	], _('Go on'), () => bridge.ask('mastodonBegin', address.value.trim()).then((begun) => {
		second(begun);
		code.focus();
	}));
	address.focus();
}

return baseclass.extend({
	add: function(map) {
		const s = map.section(form.TypedSection, 'mastodon', _('Mastodon'),
			_('Accounts at servers that speak the Mastodon API: Mastodon, Pixelfed, GoToSocial. Give each a short name, by which rules find it.'));
		s.anonymous = false;
		s.addremove = true;
		s.addbtntitle = _('Add account');
		s.handleAdd = function(ev, name) {
			if (uci.get('snsbridge', name) || name.length > 32) {
				ui.addNotification(null, E('p', {}, [ _('Choose another name: this one is taken, or too long.') ]), 'warning');
				return;
			}
			return form.TypedSection.prototype.handleAdd.call(this, ev, name);
		};

		let o = s.option(form.DummyValue, 'token', _('Login'));
		o.cfgvalue = (section_id) => uci.get('snsbridge', section_id, 'token') ? _('The router has a token of this account.') : _('Not logged in yet: posts wait.');

		o = s.option(form.Button, '_login', '\u00a0');
		o.inputtitle = _('Log in…');
		o.inputstyle = 'action';
		o.onclick = (ev, section_id) => login(section_id, s.formvalue(section_id, 'base_url') || '', (f, social) => {
			uci.set('snsbridge', section_id, 'token', f.token);
			s.getUIElement(section_id, 'base_url').setValue(f.server);
			// Only what has been drawn is there when the form is read: the rule comes behind that.
			return map.save(() => social ? rules.social(section_id) : 0, true);
		});

		o = s.option(form.Value, 'base_url', _('Server'));
		o.placeholder = 'https://mastodon.social';
		o.validate = (section_id, value) => value == '' || /^((https:\/\/)?[^\s/:@]+\.[^\s/@]+|http:\/\/(localhost|127\.0\.0\.1)(:\d+)?)\/?$/.test(value) || _('Write the name of the server, such as mastodon.social');
		o.write = function(section_id, value) { // as the login takes it
			return form.Value.prototype.write.call(this, section_id, /^https?:/.test(value) ? value : 'https://' + value);
		};

		o = s.option(form.ListValue, 'visibility', _('Who sees posts'));
		o.value('public', _('everybody'));
		o.value('unlisted', _('everybody, not listed'));
		o.value('private', _('followers'));
		o.value('direct', _('those who are mentioned'));
		o.default = 'unlisted';

		o = s.option(form.ListValue, 'alt_text', _('Posts without descriptions'));
		o.value('draft', _('wait for you to describe the pictures'));
		o.value('optional', _('go out as they are'));
		o.value('required', _('are refused'));
		o.default = 'draft';

		o = s.option(form.Value, 'postscript', _('Last paragraph'), _('Is added to each post.'));
		o.placeholder = '#shotonsamsung';

		o = s.option(form.Value, 'language', _('Language of posts'), _('Two letters, such as en.'));
		o.validate = (section_id, value) => value == '' || /^[A-Za-z]{2,3}(-[A-Za-z]{2,8})*$/.test(value) || _('Two letters, such as en.');

		o = s.option(form.Flag, 'remove_location', _('Remove the location'), _('Post copies without position, serial numbers and names.'));
		o.default = o.enabled;
		o.rmempty = false;
	}
});
