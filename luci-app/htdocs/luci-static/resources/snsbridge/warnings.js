'use strict';
'require baseclass';
'require snsbridge.words as words';

/*
 * Warnings about the settings come as sentences of the program, which name
 * options. Here they are by their beginnings and ends, in the language of the
 * page and by the names of its fields: sentence and remedy. A test compares
 * them with the program's. What is not here is shown as it is.
 */

const login = (account) => [ _('%s: nobody is logged in, so its posts wait.').format(words.target(account)), _('Log in under Settings, Mastodon.') ];
const unreadable = (account, user, file) => [ _('%s: the bridge cannot read the file with the token, so its posts wait: %s').format(words.target(account), file), _('Log in again under Settings, Mastodon.') ];
const port = (number) => () => [ _('Port %s belongs to the other kind of encryption.').format(number), _('If no mail goes out, change one or the other under Settings, E-mail.') ];

const warnings = {
	'option secret is the one that everybody finds on the Internet; choose one of your own, and note that the folders\' names change with it':
		() => [ _('The key of {sender_hash} is one that everybody finds on the Internet.'), _('Choose one of your own under Settings, Storage. The names of folders change with it.') ],
	'option insecure_download is on: everybody on this network can see all photos in %s':
		() => [ _('Everybody in the networks of the cameras may see all photos, without a PIN.'), _('Change that under Settings, Storage, if it is not what you want.') ],
	'others on this machine can change %s: run chmod o-rwx %s':
		(file) => [ _('Every user of this router can change the settings.'), _('Run this command on the router: %s').format('chmod o-rwx ' + file) ],
	'others on this machine can read the passwords in %s: run chmod o-rwx %s':
		(file) => [ _('Every user of this router can read the passwords in the settings.'), _('Run this command on the router: %s').format('chmod o-rwx ' + file) ],
	'every device on this network may mail to every address; name your cameras in list mac or list sender, or your addressees in list recipient':
		() => [ _('Every device in the cameras\' Wi-Fi may mail to every address.'), _('Under Settings, say which devices or who may send, or who may be mailed.') ],
	'%s: there is no option base_url, and %s: its posts will wait; run snsbridge mastodon-login': login,
	'%s: %s: its posts will wait; run snsbridge mastodon-login': login,
	'%s: there is no option base_url, nor does a file of its option token tell the server: its posts will wait':
		(account) => [ _('%s: the server is missing, so its posts wait.').format(words.target(account)), _('Name it under Settings, Mastodon.') ],
	'%s: no rule uses this account, so nothing is posted there; add a rule for the sites or addresses that are meant for it':
		(account) => [ _('%s: no rule uses this account, so nothing is posted there.').format(words.target(account)), _('Add a rule under Settings, Rules.') ],
	'%s: the user %s cannot read %s, since %s is closed to it: its posts will wait; move it to /etc/snsbridge': unreadable,
	'%s: the user %s cannot read %s: its posts will wait; run chown %s %s': unreadable,
	'%s: there is no program %s: its jobs will wait; make each word its own entry of list command':
		(command, program) => [ _('%s: there is no program %s, so what is for it waits.').format(words.target(command), program), _('Make each word an entry of its own under Settings, Commands.') ],
	'option server is still CHANGEME: e-mails will wait until you name your provider\'s server':
		() => [ _('The mail server is still CHANGEME, so e-mails wait.'), _('Name your provider\'s under Settings, E-mail.') ],
	'option port 587 is for option encryption \'starttls\', not for option encryption \'tls\': if no mail goes out, change one or the other': port('587'),
	'option port 465 is for option encryption \'tls\': if no mail goes out, change one or the other': port('465'),
	'option username and option password belong together: with one of them nobody is logged in':
		() => [ _('User name and password of the mail server belong together: with one of them nobody is logged in.'), _('Fill in the other one under Settings, E-mail.') ],
	'there is no network %s: cameras there are not served; list network':
		(network) => [ _('There is no network %s: cameras there are not served.').format(network), _('Choose the networks under Settings, Router.') ],
	'the network %s is in no zone of the firewall: cameras there are not served; add it to one':
		(network) => [ _('The network %s is in no zone of the firewall: cameras there are not served.').format(network), _('Add it to one under Network, Firewall.') ],
	'%s is in the router\'s own flash, which is small and wears out; name a folder on a memory stick: option path':
		(folder) => [ _('%s is in the router\'s own flash, which is small and wears out.').format(folder), _('Name a folder on a memory stick under Settings, Storage.') ],
	'the memory stick at %s is left out: %s':
		(stick, why) => [ _('The memory stick at %s cannot be used.').format(stick), _('Format it with ext4, or mount it so that everybody may write.'), why ]
};

const known = Object.keys(warnings).map((sentence) => ({
	like: new RegExp('^' + sentence.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/%s/g, '(.*?)') + '$'), say: warnings[sentence]
}));

return baseclass.extend({
	/* clock returns the warning to show while something is waiting for the clock, else null. */
	clock: function(status) {
		const held = (t) => t.state == 'failing' && t.jobs.waiting && t.last_error && t.last_error.code == 'clock-wait';
		return status && status.clock_unsynchronised && status.targets.some(held) ? words.attempt('clock-wait', '', '') : null;
	},

	/* told puts a warning into words: {text, remedy, raw}. */
	told: function(warning) {
		for (let i = 0; i < known.length; i++) {
			const found = known[i].like.exec(warning);
			if (found) {
				const said = known[i].say.apply(null, found.slice(1));
				return { text: said[0], remedy: said[1], raw: said[2] || '' };
			}
		}
		return { text: warning, remedy: '', raw: '' };
	}
});
