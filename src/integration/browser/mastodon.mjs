// A server with the part of Mastodon's API that posting needs. It keeps what
// was posted.
import http from 'node:http';

export const mastodonToken = 'a-token-of-more-than-24-letters';

export async function startMastodon({ characters = 500, alt = 1500 } = {}) {
	const media = new Map();
	const posts = [];
	const instance = {
		version: '4.3.1',
		configuration: {
			statuses: { max_characters: characters, max_media_attachments: 4, characters_reserved_per_url: 23 },
			media_attachments: { supported_mime_types: ['image/jpeg', 'video/mp4'], description_limit: alt, image_size_limit: 16777216, image_matrix_limit: 33177600, video_size_limit: 103809024 },
		},
	};
	const server = http.createServer(async (req, res) => {
		const parts = [];
		for await (const part of req) {
			parts.push(part);
		}
		const body = Buffer.concat(parts).toString('latin1');
		const reply = (status, v) => {
			res.writeHead(status, { 'Content-Type': 'application/json' });
			res.end(JSON.stringify(v));
		};
		const path = req.url.split('?')[0];
		if (path !== '/api/v2/instance' && req.headers.authorization !== 'Bearer ' + mastodonToken) {
			reply(401, { error: 'The access token is invalid' });
		} else if (path === '/api/v2/instance') {
			reply(200, instance);
		} else if (path === '/api/v1/accounts/verify_credentials') {
			reply(200, { id: '7' });
		} else if (req.method === 'POST' && path === '/api/v2/media') {
			const id = String(1000 + media.size);
			const field = name => (new RegExp('name="' + name + '"[^\\r]*\\r\\n(?:[^\\r]+\\r\\n)*\\r\\n([^]*?)\\r\\n--').exec(body) || [])[1];
			media.set(id, { id, alt: Buffer.from(field('description') || '', 'latin1').toString(), bytes: (field('file') || '').length });
			reply(200, { id, url: 'http://example.org/media/' + id });
		} else if (req.method === 'GET' && media.has(path.split('/').pop())) {
			reply(200, { id: path.split('/').pop(), url: 'http://example.org/' });
		} else if (req.method === 'POST' && path === '/api/v1/statuses') {
			const form = new URLSearchParams(body);
			const post = {
				id: String(posts.length + 1), text: form.get('status'), visibility: form.get('visibility'), warning: form.get('spoiler_text'),
				language: form.get('language'), media: form.getAll('media_ids[]').map(id => media.get(id)),
			};
			posts.push(post);
			reply(200, { id: post.id, url: 'https://photog.example/@me/' + post.id });
		} else if (path === '/api/v1/accounts/7/statuses') {
			reply(200, []);
		} else {
			reply(404, { error: 'Record not found' });
		}
	});
	server.listen(0, '127.0.0.1');
	await new Promise(r => server.once('listening', r));
	const url = 'http://127.0.0.1:' + server.address().port;
	return {
		url, posts, media,
		// settings lead a bridge to the server: what is sent to Facebook.
		settings: (...more) => ['[ACTIONS]', 'facebook = "mastodon.photog"', ...more, '[MASTODON.photog]', `BASE_URL = "${url}"`, `TOKEN = "${mastodonToken}"`],
		stop: () => new Promise(r => { server.closeAllConnections(); server.close(r); }),
	};
}
