'use strict';
'require baseclass';

/* Mail servers of big providers, as their help pages name them. */

const appPassword = _('Needs an app password, made in the settings of your account: your own password is refused.');
const allowFirst = _('Allow access by POP3 and IMAP in the settings of the mailbox first, or mails are refused.');

return baseclass.extend({
	list: function() {
		return [
			{ id: 'gmail', title: 'Gmail', server: 'smtp.gmail.com', encryption: 'starttls', port: '587', hint: appPassword },
			{ id: 'icloud', title: 'iCloud', server: 'smtp.mail.me.com', encryption: 'starttls', port: '587', hint: appPassword },
			{ id: 'yahoo', title: 'Yahoo', server: 'smtp.mail.yahoo.com', encryption: 'tls', port: '465', hint: appPassword },
			{ id: 'gmx', title: 'GMX', server: 'mail.gmx.net', encryption: 'starttls', port: '587', hint: allowFirst },
			{ id: 'webde', title: 'WEB.DE', server: 'smtp.web.de', encryption: 'starttls', port: '587', hint: allowFirst },
			{ id: 'fastmail', title: 'Fastmail', server: 'smtp.fastmail.com', encryption: 'tls', port: '465', hint: appPassword },
			{ id: 'mailbox', title: 'mailbox.org', server: 'smtp.mailbox.org', encryption: 'tls', port: '465', hint: '' },
			{ id: 'posteo', title: 'Posteo', server: 'posteo.de', encryption: 'tls', port: '465', hint: '' },
			{ id: 'outlook', title: 'Outlook, Hotmail, Microsoft 365', server: '', hint: _('Microsoft no longer takes passwords of mail programs, so snsbridge cannot send by it. Choose another provider.') }
		];
	}
});
