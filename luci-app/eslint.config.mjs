// LuCI's globals, and what keeps hostile text from becoming markup. The language
// is that of the oldest browsers and of jsmin, which LuCI's build uses.

// LuCI takes children that are no list, and titles, for HTML. A name is let
// through here: the stand-in for LuCI in the tests looks at its value.
const textNodes = {
	create: (context) => ({
		CallExpression(node) {
			const name = node.callee.name ?? node.callee.property?.name;
			const children = node.arguments[{ E: 2, content: 1, append: 1, addNotification: 1, showModal: 1 }[name]];
			const made = children?.callee?.name ?? children?.callee?.property?.name;
			if (children && !['ArrayExpression', 'Identifier'].includes(children.type) && !['E', 'concat', 'map', 'said', 'notice'].includes(made))
				context.report({ node: children, message: `Give ${name} a list: LuCI takes a text for HTML.` });
			const title = node.arguments[0];
			if (['showModal', 'addNotification'].includes(name) && title.type != 'Literal' && title.callee?.name != '_' && title.name != 'title')
				context.report({ node: title, message: 'LuCI takes a title for HTML: only literals.' });
		},
	}),
};

const modules = ['bridge', 'parts', 'words', 'camera', 'warnings', 'chain', 'photos', 'edit', 'ticks', 'providers', 'cameras', 'mail', 'mastodon', 'rules', 'router'];
const luci = ['_', 'E', 'L', 'window', 'document', 'rpc', 'ui', 'dom', 'uci', 'form', 'view', 'poll', 'baseclass', 'widgets'];

export default [
	{
		files: ['htdocs/**/*.js'],
		languageOptions: {
			ecmaVersion: 2015,
			sourceType: 'script',
			parserOptions: { ecmaFeatures: { globalReturn: true } }, // LuCI wraps a module in a function
			globals: Object.fromEntries([...luci, ...modules].map((g) => [g, 'readonly'])),
		},
		plugins: { snsbridge: { rules: { 'text-nodes': textNodes } } },
		rules: {
			'snsbridge/text-nodes': 'error',
			...Object.fromEntries(['no-undef', 'no-redeclare', 'no-var', 'prefer-const', 'no-shadow', 'no-eval', 'no-implied-eval', 'no-new-func', 'no-script-url', 'no-console',
				'no-debugger', 'no-alert', 'no-unreachable', 'no-dupe-keys', 'no-fallthrough', 'valid-typeof', 'use-isnan', 'no-sparse-arrays', 'no-cond-assign'].map((r) => [r, 'error'])),
			'no-redeclare': ['error', { builtinGlobals: false }],
			'no-unused-vars': ['error', { args: 'none' }],
			'no-restricted-syntax': ['error',
				{ selector: 'AssignmentExpression[left.property.name=/HTML$/], CallExpression[callee.property.name=/HTML$/], CallExpression[callee.object.name="document"][callee.property.name="write"]', message: 'Text must stay text.' },
				{ selector: 'TemplateLiteral', message: 'jsmin of old releases breaks them.' },
				{ selector: 'CallExpression[callee.name="_"]:not([arguments.0.type="Literal"])', message: 'Only literals can be translated.' },
				{ selector: 'Property[key.value="style"], Property[key.name="style"]', message: 'Rules of style stand in style.css.' },
			],
		},
	},
];
