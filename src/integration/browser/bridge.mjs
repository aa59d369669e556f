// The real program, with folders and settings of its own, and pretend cameras
// that send to it.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { promisify } from 'node:util';

const here = import.meta.dirname;
const run = promisify(execFile);
let built;

// build makes the program once, as for a package. BRIDGE names one that is
// there.
function build() {
	if (!built) {
		const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'snsbridge-')), 'snsbridge');
		process.on('exit', () => fs.rmSync(path.dirname(file), { recursive: true, force: true }));
		built = run('make', ['-s', '-C', path.join(here, '../../..'), 'build', 'OUT=' + file], { env: { ...process.env, MAKEFLAGS: '' } }).then(() => file);
	}
	return process.env.BRIDGE ? Promise.resolve(process.env.BRIDGE) : built;
}

// album paints photos with thumbnails, once, and returns their folder.
let painted;
export function album() {
	if (!painted) {
		const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'album-'));
		process.on('exit', () => fs.rmSync(dir, { recursive: true, force: true }));
		painted = run('go', ['run', path.join(here, '../testdata/album'), dir], { cwd: here }).then(() => dir);
	}
	return painted;
}

export class Bridge {
	// start begins a run with these lines of settings, and returns once it serves.
	static async start(...settings) {
		const b = new Bridge();
		b.program = await build();
		b.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'snsbridge-'));
		b.photos = path.join(b.dir, 'photos');
		b.spool = path.join(b.photos, '.spool');
		b.file = path.join(b.dir, 'settings.toml');
		fs.mkdirSync(b.photos);
		fs.writeFileSync(b.file, ['LISTEN = "127.0.0.1:0"', 'UPLOAD_FOLDER = "photos"', ...settings].join('\n') + '\n');
		await b.launch();
		return b;
	}

	async launch() {
		this.process = spawn(this.program, ['serve', '--config', this.file], { stdio: ['ignore', 'pipe', 'pipe'] });
		this.log = [];
		this.address = await new Promise((resolve, reject) => {
			for (const input of [this.process.stdout, this.process.stderr]) {
				readline.createInterface({ input }).on('line', line => {
					this.log.push(line);
					const ready = /msg=ready .*address=(\S+)/.exec(line);
					if (ready) {
						resolve(ready[1]);
					}
				});
			}
			this.process.once('exit', () => reject(new Error('the program ended:\n' + this.log.join('\n'))));
		});
		this.url = 'http://' + this.address + '/';
	}

	async kill() {
		this.process.kill('SIGKILL');
		await once(this.process, 'exit');
	}

	async stop() {
		if (this.process.exitCode === null && !this.process.killed) {
			await this.kill();
		}
		fs.rmSync(this.dir, { recursive: true, force: true });
	}

	// call runs a verb of the command line and returns its JSON.
	async call(...args) {
		const { stdout } = await run(this.program, [...args, '--json', '--config', this.file]);
		return JSON.parse(stdout);
	}

	// ask returns what the program answers at its control socket.
	async ask(what) {
		const request = http.get({ socketPath: path.join(this.spool, 'control.sock'), path: what });
		const [answer] = await once(request, 'response');
		return JSON.parse(Buffer.concat(await answer.toArray()));
	}

	// send lets a pretend camera send. It returns when the camera has heard
	// success.
	async send(...args) {
		await run(this.program, ['simulate', '--model', 'NX300', '--to', this.address, ...args]);
	}

	// link is a way to the bridge on which no connection brings more than so many
	// bytes until it is opened: a camera in the middle of a photo.
	async link(most) {
		const held = new Set();
		let open = false;
		const server = net.createServer(camera => {
			const bridge = net.connect(new URL(this.url).port, '127.0.0.1');
			let passed = 0;
			camera.on('data', piece => {
				passed += piece.length;
				bridge.write(piece);
				if (!open && passed >= most) {
					camera.pause();
					held.add(camera);
				}
			});
			camera.on('end', () => bridge.end());
			bridge.pipe(camera);
			for (const [one, other] of [[camera, bridge], [bridge, camera]]) {
				one.on('error', () => other.destroy());
			}
		});
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		return {
			address: '127.0.0.1:' + server.address().port,
			open: () => {
				open = true;
				held.forEach(camera => camera.resume());
				server.close();
			},
		};
	}

	async pin() {
		return (await this.call('status')).phone.pin;
	}

	// memory is what the program uses, in KiB: now, anonymous, and at most.
	memory() {
		const field = (file, name) => Number(new RegExp('^' + name + ':\\s+(\\d+)', 'm').exec(fs.readFileSync(`/proc/${this.process.pid}/${file}`, 'utf8'))[1]);
		return { resident: field('smaps_rollup', 'Rss'), anonymous: field('smaps_rollup', 'Anonymous'), peak: field('status', 'VmHWM') };
	}
}

// until waits for what the program does on its own.
export async function until(check, patience = 300_000) {
	const end = Date.now() + patience;
	for (;;) {
		const value = await check();
		if (value) {
			return value;
		}
		if (Date.now() > end) {
			throw new Error('still not after ' + patience + ' ms: ' + check);
		}
		await new Promise(r => setTimeout(r, 20));
	}
}
