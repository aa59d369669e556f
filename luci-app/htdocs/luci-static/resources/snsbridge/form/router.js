'use strict';
'require baseclass';
'require form';
'require tools.widgets as widgets';

/* Storage, the page for phones, and what concerns the router itself. */

const size = /^[0-9.]+ *([kmg]i?b?|b)?$/i;
const time = /^[0-9.]+ *(s|m|h|d|min|seconds?|minutes?|hours?|days?|weeks?)$/i;

function storage(map) {
	const s = map.section(form.TypedSection, 'storage', _('Storage'));
	s.anonymous = true;

	let o = s.option(form.Value, 'path', _('Where photos are kept'), _('The stick can be an SD card, too. Or type a folder, such as /mnt/sda1/photos.'));
	o.value('auto', _('memory stick, else working memory'));
	o.value('ram', _('working memory: lost at power off'));
	o.default = 'auto';
	o.validate = (section_id, value) => value == '' || value == 'auto' || value == 'ram' || /^\/[^/]/.test(value) || _('Write a folder that begins with /');

	o = s.option(form.Value, 'store_path', _('Folders for photos'), _('{date} {sender} {sender_hash} {recipient} {recipient_hash} {site} {model} stand for what they say.'));
	o.placeholder = '{date}';

	o = s.option(form.Value, 'secret', _('Key of {sender_hash} and {recipient_hash}'));
	o.password = true;

	o = s.option(form.Flag, 'insecure_download', _('Photos for everybody'), _('Everybody in the networks of the cameras may see all photos, without a PIN.'));

	o = s.option(form.Value, 'max_file', _('Largest file'));
	o.placeholder = '1 GiB';
	o.validate = (section_id, value) => value == '' || size.test(value) || _('Write a number and a unit, such as 1 GiB');

	o = s.option(form.Value, 'reserve', _('Room that stays free'));
	o.placeholder = '16 MiB';
	o.validate = (section_id, value) => value == '' || size.test(value) || _('Write a number and a unit, such as 16 MiB');

	o = s.option(form.Value, 'keep_done', _('Delivered photos stay in the list for'), _('At most in a quarter of the room.'));
	o.placeholder = '7 d';
	o.validate = (section_id, value) => value == '' || time.test(value) || _('Write a number and a unit, such as 7 d');
}

function phone(map) {
	const s = map.section(form.TypedSection, 'phone', _('Page for phones'),
		_('Phones in the cameras\' Wi-Fi see the photos there, and complete drafts.'));
	s.anonymous = true;

	let o = s.option(form.Value, 'pin', _('PIN'), _('4 to 12 digits. Empty: one that is made up; see it on the Status page.'));
	o.password = true;
	o.validate = (section_id, value) => value == '' || /^[0-9]{4,12}$/.test(value) || _('4 to 12 digits');

	o = s.option(form.Value, 'name', _('Its name'));
	o.datatype = 'hostname';
	o.placeholder = 'camera.lan';
}

function router(map) {
	const s = map.section(form.TypedSection, 'snsbridge', _('Router'));
	s.anonymous = true;

	let o = s.option(form.Flag, 'enabled', _('Serve cameras'));
	o.default = o.enabled;
	o.rmempty = false;

	o = s.option(widgets.NetworkSelect, 'network', _('Networks with cameras'));
	o.multiple = true;
	o.nocreate = true;
	o.loopback = false;

	o = s.option(form.Value, 'address', _('Address for cameras'),
		_('The cameras\' names lead here. No device has it, and it must not be in 192.168, which old cameras refuse.'));
	o.datatype = 'ip4addr("nomask")';
	o.placeholder = '10.23.42.99';
	o.validate = (section_id, value) => !/^192\.168\./.test(value) || _('Old cameras refuse addresses that begin with 192.168');

	o = s.option(form.Value, 'port', _('Port of the bridge'));
	o.datatype = 'range(1025,32767)';
	o.placeholder = '18732';
}

return baseclass.extend({
	add: function(map) {
		storage(map);
		phone(map);
		router(map);
	}
});
