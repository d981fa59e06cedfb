#!/usr/bin/env node
// A person at a browser: opens an authorization URL in headless Chromium, signs in, and waits until
// the browser is back on the loopback page that started it.
//
//   sign-in.mjs URL [--user NAME] [--password P] [--deny] [--screenshot FILE] [--timeout SECONDS]
//
// Prints {"final_url_host", "title", "text"} of that page. SIGN_IN_USER, SIGN_IN_PASSWORD, SIGN_IN_DENY=1
// and SIGN_IN_SCREENSHOT serve as a BROWSER command: BROWSER=".../sign-in.mjs %s".
// Exits 1 with a reason, and the page's text, where it did not arrive.
// It knows two login pages: that of oidc-provider's development mode and that of Lanyard's sandbox.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

const { values: options, positionals: [url] } = parseArgs({
  allowPositionals: true,
  options: {
    user: { type: 'string', default: process.env.SIGN_IN_USER },
    password: { type: 'string', default: process.env.SIGN_IN_PASSWORD ?? 'any' },
    deny: { type: 'boolean', default: process.env.SIGN_IN_DENY === '1' },
    screenshot: { type: 'string', default: process.env.SIGN_IN_SCREENSHOT },
    timeout: { type: 'string', default: '30' },
  },
});
if (!url || (!options.user && !options.deny)) {
  console.error('usage: sign-in.mjs URL --user NAME [--password P] [--deny] [--screenshot FILE] [--timeout SECONDS]');
  process.exit(2);
}

const deadline = Date.now() + Number(options.timeout) * 1000;
const left = () => Math.max(1, deadline - Date.now());
const profile = mkdtempSync(join(tmpdir(), 'sign-in-'));
process.on('exit', () => rmSync(profile, { recursive: true, force: true, maxRetries: 5 }));
let context;
let page;
try {
  await visit();
} catch (error) {
  const seen = await page?.innerText('body', { timeout: 1000 }).catch(() => '');
  console.error(`sign-in: ${error.message}\n${seen ? `The page says: ${seen}` : 'There was no page.'}`);
  process.exitCode = 1;
} finally {
  await context?.close().catch(() => {});
}

async function visit() {
  context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS, headless: true, timeout: left(),
  });
  await context.route((target) => !isLoopback(target), (route) => route.abort());
  page = context.pages()[0] ?? await context.newPage();
  await page.goto(url, { timeout: left() });
  for (let step = 0; !hasArrived(); step += 1) {
    if (step === 6) throw new Error('there is no end to the pages');
    await answer();
  }
  await page.waitForLoadState('load', { timeout: left() });
  if (options.screenshot) await page.screenshot({ path: options.screenshot });
  console.log(JSON.stringify({
    final_url_host: new URL(page.url()).host,
    title: await page.title(),
    text: (await page.innerText('body')).trim(),
  }));
}

function hasArrived() {
  const { host, protocol, searchParams } = new URL(page.url());
  if (protocol === 'chrome-error:') throw new Error('the browser could not open the page');
  const wanted = new URL(url).searchParams.get('redirect_uri');
  return wanted ? new URL(wanted).host === host : searchParams.has('code') || searchParams.has('error');
}

async function answer() {
  const form = page.locator('form').first();
  await form.waitFor({ timeout: left() });
  const button = options.deny ? denyButton() : await filledForm(form);
  await Promise.all([
    page.waitForEvent('framenavigated', { predicate: (frame) => frame === page.mainFrame(), timeout: left() }),
    button.click({ timeout: left(), noWaitAfter: true }),
  ]);
}

function denyButton() {
  return page.locator('#deny, a[href$="/abort"]').first();
}

async function filledForm(form) {
  const { user, password } = options;
  for (const [name, value] of Object.entries({ username: user, login: user, password })) {
    const field = form.locator(`input[name="${name}"]:not([type=hidden])`);
    if (await field.count() > 0) await field.fill(value, { timeout: left() });
  }
  return form.locator('#sign-in, button[type=submit], input[type=submit]').first();
}

function isLoopback(target) {
  return ['127.0.0.1', '[::1]', 'localhost'].includes(target.hostname);
}
