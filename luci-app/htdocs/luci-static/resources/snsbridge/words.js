'use strict';
'require baseclass';

/*
 * What the program says by codes, in the language of the page. What has no
 * code here is shown in the program's own words. A test compares the codes
 * with those of the program.
 */

const appPassword = _('Check user name and password. Many providers want a password made for this program, an app password.');
const replug = _('Check that the memory stick is plugged in and not write-protected.');
const roomRemedy = _('Delete something there, or use a larger memory stick.');
const uplinkRemedy = _('Photos are taken and wait. Connect the router to the Internet; a hotel may want you to log in with a browser first.');
const wpa2 = _('Choose WPA2-PSK with CCMP (AES).');
const easyKey = _('Choose one of letters and digits.');
const smaller = _('Set the camera to a smaller picture size, or send this file elsewhere.');
const namesRemedy = _('Restart the bridge, which gives the names to dnsmasq. Another program may answer in its place, such as AdGuard Home: let it not handle client requests.');
const ipv6Remedy = _('Cameras are not affected. To fix this, add the output of snsbridge hosts --dnsmasq to the settings of dnsmasq.');

/* Of the doctor: code to sentence and remedy. Behind "target-" stands a code of attempts. */
const findings = {
	'settings-wrong': (p) => [ _('The settings are wrong: %s').format(p.error), _('Correct them under Settings.') ],
	'settings-unwise': (p) => [ _('The settings work, but: %s').format(p.warnings), _('Change the settings if that is not what you want.') ],
	'settings-off': () => [ _('The bridge is switched off.'), _('Switch it on under Settings.') ],
	'clock-unset': () => [ _('The router\'s clock was not set since it started.'), _('Photos are taken all the same. Mail servers cannot be trusted until it is set: connect the router to the Internet, or set the clock by hand.') ],
	'daemon-down': () => [ _('The bridge does not run.'), _('Restart it. Why it ended stands in the log.') ],
	'daemon-denied': () => [ _('The bridge does not let us ask.'), _('Restart it.') ],
	'daemon-answer': () => [ _('The bridge does not answer as it should.'), _('Restart it. Why stands in the log.') ],
	'daemon-old': (p) => [ _('Version %s runs, and %s is installed.').format(p.running, p.installed), _('Restart it.') ],
	'port-taken': (p) => [ _('The bridge does not run: another program uses port %s.').format(p.port), _('End that program, or choose another port under Settings.') ],
	'port-unknown': () => [ _('The bridge does not tell its address.'), _('Restart it.') ],
	'port-no-answer': (p) => [ _('%s does not answer a camera.').format(p.address), _('Restart the bridge; if that does not help, please report this.') ],
	'port-loopback': (p) => [ _('%s answers this router alone.').format(p.address), _('Let it listen on all addresses.') ],
	'networks-unknown': () => [ _('The networks of this router cannot be read.'), '' ],
	'address-among-cameras': (p) => [ _('%s is in the network %s, where the cameras are: they never find the bridge.').format(p.address, p.network), _('Choose another address under Settings, such as %s.').format(p.free) ],
	'address-in-use': (p) => [ _('%s is in the network %s: a device there that has it cannot be reached from here. Cameras can send all the same.').format(p.address, p.network), _('Choose another address under Settings, such as %s.').format(p.free) ],
	'address-no-redirect': (p) => [ _('The firewall does not bring port 80 of %s to the bridge.').format(p.address), _('Restart the bridge, then the firewall. What it does not like about the rule stands in the log.') ],
	'address-unknown': (p) => [ _('Whether %s leads to the bridge cannot be seen from the router itself, and nobody has come by it yet.').format(p.address), _('Open http://%s/ with a phone on the cameras\' Wi-Fi: it must show snsbridge.').format(p.address) ],
	'names-unknown': () => [ _('It is not known where the cameras\' names should lead.'), _('Correct the settings.') ],
	'resolver-unknown': () => [ _('The settings of dnsmasq cannot be read.'), '' ],
	'resolver-adguard': () => [ _('AdGuard Home answers when cameras ask, and does not know the names.'), _('Switch off AdGuard Home Handle Client Requests.') ],
	'resolver-none': () => [ _('There is no dnsmasq.'), _('Install it, or let the program that is there instead give out the names of /tmp/hosts/snsbridge.') ],
	'resolver-port': (p) => [ _('dnsmasq answers at port %s, and cameras ask at port 53.').format(p.ports), _('Set its port to 53, or let the program that is there instead give out the names of /tmp/hosts/snsbridge.') ],
	'resolver-redirected': (p) => [ _('The firewall sends the cameras\' DNS queries to %s, which does not know the names.').format(p.resolver), _('Have that resolver forward queries to dnsmasq, or remove the redirect of port 53 from the firewall.') ],
	'resolver-told': (p) => [ _('DHCP tells devices to use the DNS server %s, which does not know the cameras\' names.').format(p.resolver), _('Remove the DHCP option 6 from the settings of the network.') ],
	'resolver-ignores': () => [ _('dnsmasq leaves the names of /tmp/hosts alone.'), _('Remove option ignore_hosts_dir from /etc/config/dhcp.') ],
	'resolver-silent': (p) => [ _('The router\'s names service at %s does not answer.').format(p.dns), _('Restart dnsmasq, or the router.') ],
	'names-ipv6-elsewhere': (p) => [ _('Over IPv6 %s leads to the Internet: phones may go there instead of the bridge.').format(p.host), ipv6Remedy ],
	'names-ipv6-slow': () => [ _('Devices that also ask for IPv6 addresses wait until the query to the Internet times out.'), ipv6Remedy ],
	'name-unknown': (p) => [ _('Cameras that ask for %s get no answer.').format(p.host), namesRemedy ],
	'name-blocked': (p) => [ _('A block list also contains %s: cameras reach the bridge only some of the time.').format(p.host), _('Allow this name in the ad blocker (adblock, AdGuard Home or the like).') ],
	'name-elsewhere': (p) => [ _('Cameras that ask for %s are led to %s, and should be led to %s.').format(p.host, p.got, p.want), namesRemedy ],
	'folder-unknown': () => [ _('The program cannot open any more files.'), _('Restart the bridge. If that does not help, please report this.') ],
	'folder-missing': (p) => [ _('There is no folder %s.').format(p.path), _('Check that the memory stick is plugged in, or make the folder.') ],
	'folder-not-writable': (p) => [ _('The bridge cannot write to %s.').format(p.path), replug ],
	'folder-broken': (p) => [ _('What is written to %s does not stay.').format(p.path), _('The storage or its plug is failing: copy your photos, then replace it.') ],
	'storage-full': (p) => [ _('%s is full: cameras are refused.').format(p.path), roomRemedy ],
	'storage-low': (p) => [ _('Little room is left: %s of %s.').format('%1000.1mB'.format(p.free), '%1000.1mB'.format(p.total)), roomRemedy ],
	'storage-readonly': (p) => [ _('%s is write-protected.').format(p.mount), _('Check the switch of the memory card. After errors the system protects a stick, too: check its file system.') ],
	'storage-not-mounted': (p) => [ _('No memory stick is mounted at %s: photos go into the router\'s own memory.').format(p.path), _('Plug the memory stick in and restart the bridge.') ],
	'storage-fat': (p) => [ _('The memory stick has %s: a power cut can damage it.').format(p.fs), _('Copy your photos now and then, and let it be checked on a computer after a power cut. ext4 is safer.') ],
	'storage-gone': () => [ _('The memory stick is gone: cameras are refused until it is back.'), _('Plug it back in. Its photos are safe, and sending resumes.') ],
	'storage-left-behind': (p) => [ _('Photos are still in working memory: %s').format(p.message), _('Make room on the memory stick; then they are moved by themselves.') ],
	'storage-volatile': () => [ _('Photos are kept in working memory: those that were not sent are lost at power off.'), _('Plug in a memory stick, or name a folder on one under Settings, Storage.') ],
	'mount-unknown': () => [ _('The list of mounted storage cannot be read.'), '' ],
	'uplink-unused': () => [ _('Nothing is sent anywhere: all photos stay here.'), '' ],
	'uplink-none': () => [ _('No server can be reached.'), uplinkRemedy ],
	'uplink-no-names': () => [ _('No server\'s name can be looked up.'), uplinkRemedy ],
	'timeout': () => [ _('There was no answer in time.'), _('Try again; if it stays so, unplug what does not answer and plug it in again.') ],
	'depends': () => [ '', '' ],

	'hotspot-off': () => [ _('It is switched off.'), '' ],
	'hotspot-band': () => [ _('It is not at 2.4 GHz, the only band of most cameras: only NX1, NX30, NX300 and NX300M support 5 GHz.'), _('Let other cameras join a Wi-Fi at 2.4 GHz.') ],
	'hotspot-closed': () => [ _('Cameras cannot join it.'), _('Change what is marked, under Network, Wireless.') ],
	'hotspot-doubtful': () => [ _('Some cameras may not join it.'), _('If yours does not, change what is marked, under Network, Wireless.') ],
	'hotspot-protected': () => [ _('It wants protected management frames (802.11w), which these cameras do not know.'), _('Make 802.11w optional, or switch it off.') ],
	'hotspot-tkip': () => [ _('It allows the old and weak cipher TKIP.'), wpa2 ],
	'hotspot-mixed': () => [ _('It offers WPA3 beside WPA2, which confuses some old devices.'), wpa2 ],
	'hotspot-open': () => [ _('It has no pass phrase: everybody near can see the photos and send some.'), wpa2 ],
	'hotspot-wep': () => [ _('WEP does not protect anything.'), wpa2 ],
	'hotspot-wpa3': () => [ _('It wants WPA3, which these cameras do not know.'), wpa2 ],
	'hotspot-enterprise': (p) => [ _('It has an encryption that these cameras do not know: %s').format(p.encryption), wpa2 ],
	'hotspot-key-none': () => [ _('There is none.'), '' ],
	'hotspot-key-foreign': () => [ _('It uses characters that camera keyboards lack.'), easyKey ],
	'hotspot-key-hex': () => [ _('It is a key of 64 digits, which cameras do not take.'), easyKey ],
	'hotspot-key-signs': () => [ _('It has signs or blanks, which must be on the camera\'s keyboard.'), easyKey ],
	'hotspot-key-long': () => [ _('It is long to type on a camera.'), _('Twelve letters and digits are safe enough.') ],
	'hotspot-hidden': () => [ _('It is hidden: cameras list only what shows itself.'), _('Show it.') ],
	'hotspot-name-foreign': () => [ _('It has characters that a camera may not show.'), _('Use letters and digits without accents.') ],
	'hotspot-channel': (p) => [ _('It is on channel %s, which cameras made for America do not see.').format(p.channel), _('Choose channel 1, 6 or 11.') ],
	'hotspot-roaming': () => [ _('Fast roaming (802.11r) is on, which confuses some old devices.'), _('Switch it off.') ]
};

const later = _('Try again in a few minutes.');

/* Of attempts to send something: code to sentence and remedy, and the remedy where nothing tries again by itself: in a dialog. */
const attempts = {
	'login': [ _('The server refuses the login.'), appPassword ],
	'oauth': [ _('This account takes OAuth logins only, which the router cannot do.'), _('Allow app passwords or SMTP AUTH at the provider, or use another account.') ],
	'old-tls': [ _('The server\'s encryption is too old to be safe.'), _('Ask the provider for a server with TLS 1.2 or later.') ],
	'tls': [ _('The server does not encrypt as it should, or is not the one that it says it is.'), _('A hotel\'s login page can be in between: open one in a browser. Otherwise check server, port and encryption.') ],
	'clock': [ _('The router\'s clock is not set yet, so servers cannot be trusted.'), _('Wait until it is set, or set it.') ],
	'clock-wait': [ _('No time server has set the router\'s clock yet: e-mails and posts wait for that, a few minutes at most.'), _('Connect the router to the Internet.') ],
	'network': [ _('The server cannot be reached.'), _('It is tried again by itself. Check the uplink if it stays so.'), _('Check the uplink, then try again.') ],
	'network-refused': [ _('The mail server refuses mail from this network: hotels are often on block lists.'), _('It goes out from another network by itself.'), _('Try again from another network.') ],
	'busy': [ _('The server is busy.'), _('It is tried again by itself.'), later ],
	'server': [ _('The server turns us away for now.'), _('It is tried again. Try another network if it stays so, or ask the provider.'), later ],
	'answer': [ _('The server sent an invalid response.'), _('If it stays so, check the server\'s address.') ],
	'redirect': [ _('The server sends us elsewhere. Nothing is sent there.'), _('If the server has moved, log in at its new address.') ],
	'quota': [ _('Today\'s mail limit has been reached.'), _('Wait, or raise the daily limit. If you did not send that many, check who is using your Wi-Fi.') ],
	'sender': [ _('The mail server does not accept this sender.'), _('Set the sender to the address of your mail account, then try again.') ],
	'recipient': [ _('A recipient was not accepted.'), _('Check the address, then try again.') ],
	'recipient-not-allowed': [ _('This address is not among those who may be mailed.'), _('Add it to the recipients, save and apply.') ],
	'refused': [ _('The server does not take it as it is.'), _('Change the text and try again, or delete it.') ],
	'too-large': [ _('A file is too large for the server.'), smaller ],
	'too-long': [ _('A text is too long for the server.'), _('Shorten it and try again.') ],
	'type': [ _('The server does not take files of this kind.'), _('Send them to another target.') ],
	'empty': [ _('There is nothing to send: no text and no photo that the server takes.'), _('Write a text, or delete it.') ],
	'no-api': [ _('The server is too old, or has no Mastodon API.'), _('Send it to another target.') ],
	'private': [ _('Position and names could not be taken out of a file, so it was not sent.'), _('Allow it to be sent as it is in the settings, or send it elsewhere.') ],
	'processing': [ _('The server is still working on the files.'), _('It is tried again by itself.'), later ],
	'maybe-posted': [ _('The answer got lost: nobody knows whether it was posted.'), _('Look at the account. Delete it here if it is there, else try again.') ],
	'alt-text': [ _('It waits for you to describe the pictures.'), _('Complete it.') ],
	'incomplete': [ _('It is not complete.'), _('Complete it.') ],
	'held': [ _('It is kept until you send it.'), '' ],
	'exit': [ _('The command failed.'), _('Look at what it printed.') ],
	'tempfail': [ _('The command asks to be tried again.'), _('It is tried again by itself.'), later ],
	'command': [ _('The command cannot be run.'), _('Check it under Settings, Commands.') ],
	'storage': [ _('The storage cannot be read or written.'), replug ],
	'record': [ _('Its record has grown too long.'), _('Shorten the texts.') ],
	'settings': [ _('Something is missing in the settings of this target.'), _('Complete them under Settings; an account needs a login.') ],
	'no-target': [ _('The settings do not know this target any more.'), _('Choose another one, or set it up again.') ],
	'crash': [ _('The program ended while it worked on this.'), _('Try it once more; if it fails again, please report it with the photo.') ]
};

/* Of requests that the program refuses. */
const refusals = {
	'down': findings['daemon-down'](),
	'denied': findings['daemon-denied'](),
	'busy': [ _('It is being delivered right now.'), _('Try again in a minute.') ],
	'open': [ _('The camera is still sending it.'), _('Wait until the camera has been silent for two minutes.') ],
	'not-found': [ _('It is not there any more.'), '' ],
	'too-long': [ _('It is too long for this page.'), _('Use the command line: snsbridge show') ],
	'timeout': [ _('There was no answer in time.'), _('Try again.') ],
	'log': [ _('The router\'s log cannot be read.'), '' ],
	'restart': [ _('The bridge could not be restarted.'), _('Look at the log.') ],
	'server': [ _('This is not a server address that can be used.'), _('Write it as mastodon.social.') ],
	'name': [ _('The account\'s name cannot be used.'), _('Use letters, digits and _, at most 32.') ],
	'login-server': [ _('The server does not know what to do with this.'), _('Check the address: is it a server for Mastodon apps?') ],
	'login-code': [ _('The server refuses the code.'), _('Begin again and copy the whole code: it is good for one use, within minutes.') ],
	'login-gone': [ _('This login was not begun, or another one was begun since.'), _('Begin again.') ],
	'mail-settings': [ _('There is no mail server in the settings that are in force.'), _('Set one, then save and apply.') ]
};

const has = Object.prototype.hasOwnProperty;

return baseclass.extend({
	links: function() {
		return [
			{ id: 'camera', title: _('Camera') },
			{ id: 'names', title: _('Names') },
			{ id: 'address', title: _('Address') },
			{ id: 'bridge', title: _('Bridge') },
			{ id: 'storage', title: _('Storage') },
			{ id: 'uplink', title: _('Uplink') },
			{ id: 'targets', title: _('Targets') }
		];
	},

	/* finding puts one of the doctor's into words: {text, remedy, raw}. */
	finding: function(f) {
		const target = /^target-(.*)$/.exec(f.code);
		if (target) {
			const said = this.attempt(target[1], f.detail, f.remedy);
			return Object.assign(said, { text: '%s: %s'.format(this.target(f.params.target), said.text) });
		}
		if (!has.call(findings, f.code))
			return { text: f.detail, remedy: f.remedy, raw: '' };
		const said = findings[f.code](f.params);
		return { text: said[0], remedy: said[1], raw: '' };
	},

	/* attempt is the same for what went wrong with a job, by its code; the program's words are the raw ones. */
	attempt: function(code, error, hint) {
		if (!has.call(attempts, code))
			return { text: error, remedy: hint, raw: '' };
		return { text: attempts[code][0], remedy: attempts[code][1], raw: error };
	},

	/* refusal is the same for an error of the program. */
	refusal: function(e) {
		const code = /^(mail|failed)-(.*)$/.exec(e.code);
		if (has.call(refusals, e.code))
			return { text: refusals[e.code][0], remedy: refusals[e.code][1], raw: /^login-/.test(e.code) ? e.message : '' };
		if (code && has.call(attempts, code[2])) {
			const said = attempts[code[2]];
			return { text: said[0], remedy: said[2] || said[1], raw: e.message };
		}
		return { text: e.message, remedy: e.hint, raw: '' };
	},

	/* state is one word for an item or a job. */
	state: function(state) {
		return {
			open: _('arriving'), damaged: _('damaged'), failed: _('needs you'), draft: _('draft'),
			waiting: _('waiting'), done: _('delivered'), running: _('on its way')
		}[state] || state;
	},

	/* targetState is one word for a target. */
	targetState: function(state) {
		return {
			ok: _('works'), waiting: _('waiting'), paused: _('paused'), failing: _('fails'), unused: _('not used yet')
		}[state] || state;
	},

	/* target names a target: "Mastodon, pub". */
	target: function(name) {
		const at = name.indexOf('.');
		const kind = at < 0 ? name : name.substring(0, at);
		const title = {
			store: _('Storage'), email: _('E-mail'), mastodon: 'Mastodon', shell: _('Command'), drop: _('Throw away')
		}[kind] || kind;
		return at < 0 ? title : '%s, %s'.format(title, name.substring(at + 1));
	},

	/* part names what is checked of a Wi-Fi. */
	part: function(check) {
		return {
			'hotspot-encryption': _('Encryption'), 'hotspot-key': _('Pass phrase'),
			'hotspot-name': _('Name'), 'hotspot-radio': _('Radio')
		}[check.id] || check.title;
	}
});
