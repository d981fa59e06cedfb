// The certified oidc-provider as a test peer, with the public native client `lanyard`; for clients
// that must send the secret `peer-client-secret`, `lanyard-confidential` (by HTTP Basic) and
// `lanyard-post` (in the form); and `lanyard-key`, which signs assertions. Others register themselves.
//
//   node op.mjs [--access-ttl SECONDS] [--port PORT] [--issuer URL] [--grace SECONDS]
//
// Prints one line of JSON when it is ready: {"issuer", "address", "control", "ready": true}; the
// issuer is its address, or that of a proxy in front of it. Its login page takes any name and any
// password. Within the grace period a refresh token that was replaced gets the same answer again. The control interface is on a port of its own:
//   GET  /control/counts  {"token": {GRANT_TYPE: N}, "refused": {GRANT_TYPE: N},
//                          "revoked_grants": N, "revocation_requests": N}
//   POST /control/ttl     {"access": SECONDS}, for the tokens that follow
//   GET  /control/key     {"pem": the private key of `lanyard-key`}
import { generateKeyPairSync } from 'node:crypto';
import http from 'node:http';
import { parseArgs } from 'node:util';

// The library says at length that it is meant for Node 22, and that this set-up is for development.
console.info = console.warn = () => {};
const { Provider } = await import('oidc-provider');

const { values: options } = parseArgs({
  options: {
    'access-ttl': { type: 'string', default: process.env.ACCESS_TTL ?? '600' },
    port: { type: 'string', default: '0' },
    issuer: { type: 'string' },
    grace: { type: 'string', default: '0' },
  },
});
const NATIVE = {
  application_type: 'native',
  redirect_uris: ['http://127.0.0.1/callback', 'http://[::1]/callback', 'http://localhost/callback'],
  response_types: ['code'],
  grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
};
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' });
const ttl = { access: seconds(Number(options['access-ttl'])) };
const counts = { token: {}, refused: {}, revoked_grants: 0, revocation_requests: 0 };

// The issuer's name has the port in it, so the socket listens before the provider exists.
const server = http.createServer();
await listen(server, Number(options.port));
const issuer = options.issuer ?? origin(server);
const provider = makeProvider(issuer);
const control = http.createServer(answerControl);
await listen(control, 0);
server.on('request', graceful(provider.callback(), Number(options.grace) * 1000));

for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
console.log(JSON.stringify({ issuer, address: origin(server), control: origin(control), ready: true }));

function makeProvider(issuer) {
  const provider = new Provider(issuer, {
    clients: [
      { ...NATIVE, client_id: 'lanyard', token_endpoint_auth_method: 'none' },
      { ...NATIVE, client_id: 'lanyard-confidential', client_secret: 'peer-client-secret' },
      {
        ...NATIVE, client_id: 'lanyard-post', client_secret: 'peer-client-secret',
        token_endpoint_auth_method: 'client_secret_post',
      },
      {
        ...NATIVE, client_id: 'lanyard-key', token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES256',
        jwks: { keys: [{ ...pair.publicKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }] },
      },
    ],
    features: {
      devInteractions: { enabled: true },
      deviceFlow: { enabled: true },
      dPoP: { enabled: true },
      introspection: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      registration: { enabled: true },
      revocation: { enabled: true },
    },
    scopes: ['openid', 'offline_access', 'profile', 'email'],
    claims: { openid: ['sub'], email: ['email'], profile: ['name', 'preferred_username'] },
    cookies: { keys: ['not a secret'] },
    rotateRefreshToken: true,
    ttl: {
      AccessToken: () => ttl.access,
      AuthorizationCode: 60, DeviceCode: 600, Grant: 86400, IdToken: 600,
      Interaction: 600, RefreshToken: 86400, Session: 86400,
    },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@example.com`, name: id, preferred_username: id }),
    }),
  });
  const count = (table) => (ctx) => {
    const type = ctx.oidc.params?.grant_type ?? 'none';
    table[type] = (table[type] ?? 0) + 1;
  };
  provider.on('grant.success', count(counts.token));
  provider.on('grant.error', count(counts.refused));
  provider.on('grant.revoked', () => { counts.revoked_grants += 1; });
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.oidc?.route === 'revocation' && ctx.status === 200) counts.revocation_requests += 1;
  });
  return provider;
}

// Answers a refresh token that was replaced lately as it was answered the first time.
function graceful(callback, grace) {
  if (grace === 0) return callback;
  const answers = new Map();
  return async (request, response) => {
    if (request.method !== 'POST' || request.url !== '/token') return callback(request, response);
    request.body = await text(request);
    const key = new URLSearchParams(request.body).get('refresh_token');
    const before = answers.get(key);
    if (before && Date.now() - before.at < grace) {
      return response.writeHead(200, { 'content-type': 'application/json' }).end(before.body);
    }
    const end = response.end.bind(response);
    response.end = (body, ...rest) => {
      if (key && response.statusCode === 200) answers.set(key, { at: Date.now(), body });
      return end(body, ...rest);
    };
    callback(request, response);
  };
}

async function answerControl(request, response) {
  const answer = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  try {
    if (request.method === 'GET' && request.url === '/control/counts') return answer(200, counts);
    if (request.method === 'GET' && request.url === '/control/key') return answer(200, { pem });
    if (request.method === 'POST' && request.url === '/control/ttl') {
      ttl.access = seconds(JSON.parse(await text(request)).access);
      return answer(200, ttl);
    }
    return answer(404, { error: 'not a control call' });
  } catch (error) {
    return answer(400, { error: error.message });
  }
}

async function text(request) {
  let all = '';
  for await (const chunk of request) all += chunk;
  return all;
}

function seconds(value) {
  if (!Number.isInteger(value) || value < 1) throw new Error('a lifetime is a whole number of seconds');
  return value;
}

function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
}

function origin(server) {
  return `http://127.0.0.1:${server.address().port}`;
}
