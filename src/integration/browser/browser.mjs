// One browser for all tests of pages: Debian's Chromium, without its own talk
// to the outside.
import { chromium } from 'playwright-core';

export function launch(...more) {
	return chromium.launch({
		executablePath: '/usr/bin/chromium',
		timeout: 300_000, // ms; beside other work it takes a while
		args: [
			'--no-sandbox', // root
			'--disable-gpu',
			'--disable-quic',
			'--no-first-run',
			'--disable-background-networking',
			'--disable-component-update',
			'--disable-sync',
			...more,
		],
	});
}

// widths at which people look: a small phone, and a desk.
export const widths = [360, 1100];
