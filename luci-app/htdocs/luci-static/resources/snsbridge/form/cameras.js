'use strict';
'require baseclass';
'require form';
'require uci';
'require snsbridge.camera as camera';
'require snsbridge.form.ticks as ticks';
'require snsbridge.parts as parts';

/* Which cameras there are, and who may send. */

function label(model) {
	return model.year ? '%s (%d)'.format(model.title, model.year) : model.title;
}

function remark(model) {
	const list = [ camera.status(model.status) ];
	if (model.refuses_192 == 'yes')
		list.push(_('refuses addresses that begin with 192.168'));
	return list.join(', ') + (model.note ? '. ' + camera.note(model.note) : '');
}

function groups(models) {
	return [
		[ 'mirrorless', _('Mirrorless') ], [ 'compact', _('Compact') ], [ 'camcorder', _('Camcorder') ]
	].map((kind) => ({
		title: kind[1],
		choices: models.filter((m) => m.kind == kind[0]).map((m) => ({ value: m.id, label: label(m), remark: remark(m) }))
	}));
}

/* canonical finds the name under which the table has a camera: case and blanks do not matter to the program. */
function canonical(models, name) {
	const found = models.filter((m) => [ m.id, m.title ].concat(m.aliases).some((n) => n.toLowerCase() == name.toLowerCase()));
	return found.length ? found[0].id : name;
}

return baseclass.extend({
	groups: groups,

	/* devices are what the router knows by itself: the bridge forgets whom it has seen at every start. */
	add: function(map, models, status, devices) {
		const s = map.section(form.TypedSection, 'cameras', _('Cameras'),
			_('Tick your cameras: only the names that they ask for are led to this router. Without a tick it is those of all models, among them www.msn.com and www.yahoo.co.kr for everybody in this Wi-Fi.'));
		s.anonymous = true;

		let o = s.option(form.Value, 'model', _('Your cameras'));
		o.load = (section_id) => L.toArray(uci.get('snsbridge', section_id, 'model')).map((name) => canonical(models, name));
		o.renderWidget = function(section_id, index, value) {
			return ticks.create(L.toArray(value), groups(models), {
				id: this.cbid(section_id), disabled: this.map.readonly
			}).render();
		};

		o = s.option(form.DynamicList, 'mac', _('Known devices'),
			_('Hardware addresses (MAC) of the only devices that may send. Empty: all that are in the Wi-Fi.'));
		o.datatype = 'macaddr';
		const seen = (status ? status.refused.concat(status.cameras) : [])
			.filter((c, i, all) => c.mac && all.findIndex((d) => d.mac == c.mac) == i);
		seen.forEach((c) => o.value(c.mac, '%s (%s, %s)'.format(c.mac, c.model || c.client, parts.ago(c.seconds_ago))));
		devices.filter((d) => !seen.some((c) => c.mac == d.mac)).forEach((d) =>
			o.value(d.mac, '%s (%s)'.format(d.mac, d.name || d.client)));

		o = s.option(form.DynamicList, 'sender', _('Who may send'),
			_('Sender addresses and user names, as typed on the cameras. Empty: everybody.'));
		o.placeholder = 'Camera@samsungcamera.com';
	}
});
