// The peers themselves: a sign-in written by hand, with the browser and the OpenID provider.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';

const here = (path) => new URL(path, import.meta.url).pathname;
let op;
let peer;

before(async () => {
  op = spawn('node', [here('oidc-provider/op.mjs'), '--access-ttl', '60'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: op.stdout }), 'line');
  peer = JSON.parse(line);
});

after(async () => {
  op.kill();
  await once(op, 'exit');
});

test('a browser signs in, and a used refresh token ends the grant', { timeout: 60_000 }, async () => {
  const login = await startLogin();
  const seen = await browse(login.url, '--user', 'maria');
  assert.equal(seen.status, 0, seen.stderr);
  const page = JSON.parse(seen.stdout);
  assert.deepEqual(page, { final_url_host: login.host, title: 'Back', text: 'You are back.' });
  const answer = await login.answer;
  assert.equal(answer.get('iss'), peer.issuer);

  const first = await token({ grant_type: 'authorization_code', code: answer.get('code'), redirect_uri: login.redirect, code_verifier: login.verifier });
  assert.equal(first.expires_in, 60);
  await control('POST', 'ttl', { access: 3 });
  const second = await token({ grant_type: 'refresh_token', refresh_token: first.refresh_token });
  assert.equal(second.expires_in, 3);
  assert.notEqual(second.refresh_token, first.refresh_token);
  assert.equal((await token({ grant_type: 'refresh_token', refresh_token: first.refresh_token })).error, 'invalid_grant');
  assert.equal((await token({ grant_type: 'refresh_token', refresh_token: second.refresh_token })).error, 'invalid_grant');
  assert.deepEqual(await control('GET', 'counts'), {
    token: { authorization_code: 1, refresh_token: 1 },
    refused: { refresh_token: 2 },
    revoked_grants: 1,
    revocation_requests: 0,
  });
});

test('a person who declines arrives with an error', { timeout: 60_000 }, async () => {
  const login = await startLogin();
  const seen = await browse(login.url, '--deny');
  assert.equal(seen.status, 0, seen.stderr);
  assert.equal((await login.answer).get('error'), 'access_denied');
});

test('a page that cannot be reached ends the browser with a reason', { timeout: 60_000 }, async () => {
  const seen = await browse('http://127.0.0.1:9/', '--user', 'maria');
  assert.equal(seen.status, 1);
  assert.match(seen.stderr, /^sign-in: /);
});

async function startLogin() {
  const server = http.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${server.address().port}`;
  const redirect = `http://${host}/callback`;
  const answer = new Promise((resolve) => {
    server.on('request', (request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Back</title>You are back.');
      server.close();
      resolve(new URL(request.url, redirect).searchParams);
    });
  });
  const verifier = randomBytes(32).toString('base64url');
  const url = new URL(`${peer.issuer}/auth`);
  url.search = new URLSearchParams({
    client_id: 'lanyard', response_type: 'code', redirect_uri: redirect, scope: 'openid offline_access',
    prompt: 'consent', state: 's', code_challenge_method: 'S256',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  });
  return { url: url.href, host, redirect, verifier, answer };
}

async function browse(...args) {
  const child = spawn('node', [here('browser/sign-in.mjs'), ...args]);
  const seen = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', (chunk) => { seen[name] += chunk; });
  [seen.status] = await once(child, 'close');
  return seen;
}

async function token(fields) {
  const body = new URLSearchParams({ client_id: 'lanyard', ...fields });
  return (await fetch(`${peer.issuer}/token`, { method: 'POST', body })).json();
}

async function control(method, call, body) {
  const init = { method, body: body && JSON.stringify(body) };
  return (await fetch(`${peer.control}/control/${call}`, init)).json();
}
