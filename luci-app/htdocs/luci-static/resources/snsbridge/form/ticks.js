'use strict';
'require baseclass';
'require ui';
'require dom';

/*
 * A list of things to tick, in groups, with a remark each. LuCI's own lists
 * have neither.
 */
const Ticks = ui.AbstractElement.extend({
	/* groups: [{title, choices: [{value, label, remark}]}] */
	__init__: function(values, groups, options) {
		this.values = values;
		this.groups = groups;
		this.options = Object.assign({ optional: true }, options);
	},

	render: function() {
		this.node = E('div', { 'id': this.options.id }, this.groups.map((g) =>
			E('fieldset', { 'class': 'snsbridge-ticks' }, [ E('legend', {}, [ g.title ]) ].concat(g.choices.map((c) =>
				E('label', { 'class': 'snsbridge-tick' }, [
					E('input', {
						'type': 'checkbox', 'value': c.value, 'class': 'cbi-input-checkbox',
						'checked': this.values.indexOf(c.value) >= 0 ? '' : null,
						'disabled': this.options.disabled ? '' : null
					}),
					E('span', {}, [ c.label, c.remark ? E('br') : '', c.remark ? E('span', { 'class': 'snsbridge-small' }, [ c.remark ]) : '' ])
				]))))));
		this.boxes().forEach((box) => {
			this.setUpdateEvents(box, 'click', 'blur');
			this.setChangeEvents(box, 'change');
		});
		dom.bindClassInstance(this.node, this);
		return this.node;
	},

	boxes: function() {
		return Array.prototype.slice.call(this.node.querySelectorAll('input'));
	},

	getValue: function() {
		return this.boxes().filter((box) => box.checked).map((box) => box.value);
	},

	setValue: function(values) {
		this.boxes().forEach((box) => {
			box.checked = values.indexOf(box.value) >= 0;
		});
	}
});

return baseclass.extend({
	create: function(values, groups, options) {
		return new Ticks(values, groups, options);
	}
});
