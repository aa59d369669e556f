// A stand-in for LuCI's form and uci, with what our settings use of them: an
// option is a row with a field that is checked, hidden by what it depends on,
// and written when the map is saved. There are no tabs, no types of data, and
// rules stand as open as all else.
export function forms(config) { // runs in the page; config: sections, as LuCI has them
	const { E, stubs } = window;
	Object.assign(window, { config, saved: null });
	const find = (id) => config.find((s) => s['.name'] == id);
	const uci = stubs.uci = {
		load: () => Promise.resolve(),
		get: (_conf, id, option) => (option ? find(id)?.[option] : find(id)) ?? null,
		sections: (_conf, type) => config.filter((s) => !type || s['.type'] == type),
		add: (_conf, type, name) => {
			config.push({ '.name': name || 'cfg' + config.length, '.type': type });
			return config.at(-1)['.name'];
		},
		set: (_conf, id, option, value) => { find(id)[option] = value; },
		unset: (_conf, id, option) => { delete find(id)[option]; },
		save: () => { window.saved = structuredClone(config); }
	};
	const field = (el, getValue, setValue) => Object.assign(el, { instance: { getValue, setValue } });

	class Map {
		constructor(conf, title, description) {
			Object.assign(this, { conf, title, description, sections: [], node: E('div', { 'class': 'cbi-map' }) });
			window.map = this;
		}
		section(Class, ...args) {
			this.sections.push(new Class(this, ...args));
			return this.sections.at(-1);
		}
		options() { // each with the sections that have it
			return this.sections.flatMap((s) => s.options.flatMap((o) => s.ids().map((id) => [o, id])));
		}
		async render() {
			for (const [o, id] of this.options())
				o.cfgvalue(id, await o.load(id));
			this.node.replaceChildren(E('h2', {}, [this.title]), E('p', {}, [this.description]), ...this.sections.map((s) => s.render()));
			this.checkDepends();
			return this.node;
		}
		checkDepends() {
			for (const [o, id] of this.options().filter(([o, id]) => o.rows[id]))
				o.rows[id].hidden = !o.isActive(id);
		}
		async save(then, silent) {
			this.checkDepends();
			try {
				const done = await Promise.allSettled(this.options().map(([o, id]) => o.parse(id)));
				done.filter((d) => d.reason).forEach((d) => { throw d.reason; });
				await then?.();
				uci.save();
			} catch (e) {
				if (!silent)
					stubs.ui.showModal('Save error', [E('p', {}, [e.message])]);
				throw e;
			}
			await this.render();
		}
	}

	class TypedSection {
		constructor(map, type, title, description) {
			Object.assign(this, { map, type, title, description, options: [] });
		}
		option(Class, ...args) {
			this.options.push(new Class(this, ...args));
			return this.options.at(-1);
		}
		ids() { return uci.sections(this.map.conf, this.type).map((s) => s['.name']); }
		getUIElement(id, name) { return this.options.find((o) => o.option == name)?.fields[id]?.instance; }
		formvalue(id, name) { return this.getUIElement(id, name).getValue(); }
		handleAdd(_ev, name) {
			uci.add(this.map.conf, this.type, name);
			return this.map.save(null, true);
		}
		render() {
			const name = E('input', { 'aria-label': this.addbtntitle });
			return E('section', { 'data-section': this.type }, [
				E('h3', {}, [this.title]), E('p', {}, [this.description || '']),
				...this.ids().flatMap((id) => [this.anonymous ? '' : E('h4', {}, [id]), ...this.options.map((o) => o.row(id))]),
				...this.addremove ? [this.anonymous ? '' : name, E('button', { 'click': (ev) => this.handleAdd(ev, name.value || undefined) }, [this.addbtntitle])] : []
			]);
		}
	}

	class Value {
		constructor(section, option, title, description) {
			Object.assign(this, { map: section.map, section, option, title, description });
			Object.assign(this, { deps: [], keylist: [], vallist: [], data: {}, fields: {}, rows: {}, rmempty: true, enabled: '1', disabled: '0' });
		}
		value(key, text) {
			this.keylist.push(key);
			this.vallist.push(text || key);
		}
		depends(on, value) { this.deps.push(typeof on == 'string' ? { [on]: value } : on); }
		cbid(id) { return ['cbid', this.map.conf, id, this.option].join('.'); }
		load(id) { return uci.get(this.map.conf, id, this.option); }
		cfgvalue(id, ...loaded) { return loaded.length ? this.data[id] = loaded[0] : this.data[id]; }
		formvalue(id) { return this.fields[id]?.instance.getValue(); }
		validate() { return true; }
		write(id, value) { uci.set(this.map.conf, id, this.option, value); }
		remove(id) { uci.unset(this.map.conf, id, this.option); }
		isActive(id) {
			const holds = (d) => Object.entries(d).every(([k, v]) => k.startsWith('!') || this.section.formvalue(id, k) == v);
			return Boolean(this.rows[id]) && (!this.deps.length || this.deps.some((d) => holds(d) != Boolean(d['!reverse'])));
		}
		async parse(id) {
			if (!this.isActive(id))
				return this.remove(id);
			const value = this.formvalue(id);
			for (const v of [].concat(value ?? '')) {
				const said = this.validate(id, v);
				if (said !== true)
					throw new Error(`${this.title}: ${said}`);
			}
			if (value == null || value == '') {
				if (!this.rmempty)
					throw new Error(`${this.title}: must not be empty`);
				return this.remove(id);
			}
			if (JSON.stringify(value) != JSON.stringify(this.cfgvalue(id)))
				return this.write(id, value);
		}
		renderWidget(_id, _index, value) {
			const el = E('input', { 'type': this.password ? 'password' : 'text', 'placeholder': this.placeholder, 'value': value });
			return field(el, () => el.value, (v) => { el.value = v; });
		}
		row(id) {
			const el = this.fields[id] = this.renderWidget(id, 0, this.cfgvalue(id) ?? this.default);
			el.setAttribute('data-option', `${id}.${this.option}`);
			el.addEventListener('change', (ev) => {
				this.onchange?.(ev, id, this.formvalue(id));
				this.map.checkDepends();
			});
			return this.rows[id] = E('div', { 'class': 'cbi-value' }, [E('label', {}, [this.title]), ' ', this.textvalue ? this.textvalue(id) : '', E('div', { 'class': 'cbi-value-field' }, [E('div', {}, [el])]), E('small', {}, [this.description || ''])]);
		}
	}
	class ListValue extends Value {
		renderWidget(_id, _index, value) {
			const el = E('select', {}, this.keylist.map((k, i) => E('option', { 'value': k, 'selected': k == value ? '' : null }, [this.vallist[i]])));
			return field(el, () => el.value, (v) => { el.value = v; });
		}
	}
	class Flag extends Value {
		renderWidget(_id, _index, value) {
			const el = E('input', { 'type': 'checkbox', 'checked': value == this.enabled ? '' : null });
			return field(el, () => el.checked ? this.enabled : this.disabled);
		}
		async parse(id) {
			const value = this.formvalue(id);
			if (!this.isActive(id) || this.rmempty && value == (this.default ?? this.disabled))
				return this.remove(id);
			return this.write(id, value);
		}
	}
	class DynamicList extends Value { // a line for each value
		renderWidget(_id, _index, value) {
			const el = E('textarea', { 'placeholder': this.placeholder }, [[].concat(value ?? []).join('\n')]);
			return field(el, () => el.value.split('\n').filter((v) => v));
		}
	}
	class DummyValue extends Value {
		renderWidget(_id, _index, value) { return field(E('span', {}, [this.textvalue ? '' : value ?? '']), () => null); }
		write() {}
		remove() {}
	}
	class Button extends Value {
		renderWidget(id) { return field(E('button', { 'click': (ev) => this.onclick(ev, id) }, [this.inputtitle]), () => null); }
	}
	stubs.form = { Map, TypedSection, GridSection: TypedSection, Value, ListValue, Flag, DynamicList, DummyValue, Button };
	stubs['tools.widgets'] = { NetworkSelect: DynamicList };
}
