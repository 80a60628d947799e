// SPDX-License-Identifier: Apache-2.0
// Signing in at an identity provider: a small one of our own that can also lie, so that every check is seen to bite;
// and the npm package oidc-provider, a certified one, where it is installed (OIDC_PROVIDER names its folder).
import assert from 'node:assert/strict'
import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { pathToFileURL } from 'node:url'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { start, tempDir, until } from './lib/server.mjs'

const b64 = (x) => Buffer.from(x).toString('base64url')
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
const second = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const jwk = (key, kid, alg) => ({ ...createPublicKey(key).export({ format: 'jwk' }), kid, alg, use: 'sig' })

/** A signed token, or one that is signed in a way that must not be taken. */
function token(claims, { alg = 'RS256', kid = 'r1', key } = {}) {
  const head = `${b64(JSON.stringify({ alg, kid }))}.${b64(JSON.stringify(claims))}`
  if (alg === 'none') return `${head}.`
  if (alg === 'HS256') return `${head}.${b64(randomBytes(32))}`
  const k = key ?? (alg === 'ES256' ? ec : rsa)
  return `${head}.${b64(sign('sha256', Buffer.from(head), { key: k, dsaEncoding: 'ieee-p1363' }))}`
}

let provider, issuer, s
const lie = {} // what the next answer does wrong
const pending = new Map()
let keys = [jwk(rsa, 'r1', 'RS256'), jwk(ec, 'e1', 'ES256')], key_asks = 0
let person = { sub: '1', email: 'sso@acme.example', email_verified: true, name: 'Sue So', groups: ['sales'] }

async function body(req) {
  let text = ''
  for await (const piece of req) text += piece
  return new URLSearchParams(text)
}

before(async () => {
  provider = createServer(async (req, res) => {
    const url = new URL(req.url, issuer)
    const json = (status, x) => { res.writeHead(status, { 'Content-Type': 'application/json' }); res.end(JSON.stringify(x)) }
    if (url.pathname === '/.well-known/openid-configuration')
      return json(200, { issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` })
    if (url.pathname === '/jwks') { key_asks++; return json(200, { keys }) }
    if (url.pathname === '/token') {
      const form = await body(req)
      const asked = pending.get(form.get('code'))
      pending.delete(form.get('code'))
      const basic = Buffer.from((req.headers.authorization ?? '').replace('Basic ', ''), 'base64').toString()
      if (!asked || basic !== 'heatscore:s3cret' || form.get('redirect_uri') !== asked.get('redirect_uri') ||
        createHash('sha256').update(form.get('code_verifier')).digest('base64url') !== asked.get('code_challenge'))
        return json(400, { error: 'invalid_grant' })
      const now = Math.floor(Date.now() / 1000)
      const claims = { iss: issuer, aud: 'heatscore', iat: now, exp: now + 300, nonce: asked.get('nonce'), ...person, ...lie.claims }
      return json(200, { id_token: token(claims, lie.token), token_type: 'Bearer' })
    }
    json(404, {})
  })
  await new Promise((r) => provider.listen(0, '127.0.0.1', r))
  issuer = `http://127.0.0.1:${provider.address().port}`
  const dir = tempDir()
  const secret = join(dir, 'oidc-secret')
  writeFileSync(secret, 's3cret\n', { mode: 0o600 })
  s = await start({ data: dir, args: ['--login-rate', '100000', '--oidc-issuer', issuer, '--oidc-client-id', 'heatscore',
    '--oidc-name', 'Acme', '--oidc-group', 'sales=rep', '--oidc-group', 'bosses=admin'],
    env: { HEATSCORE_OIDC_CLIENT_SECRET_FILE: secret } })
  // For the day the provider is away; and the provider cannot take the last admin from us.
  const made = await s.call('POST', '/api/v1/users', { email: 'glass@acme.example', role: 'admin', password: 'purple lamp seven river' })
  assert.equal(made.status, 201)
})
after(async () => {
  provider?.close()
  await s?.stop()
  rmSync(s.dir, { recursive: true, force: true })
})

const jar = (r, name) => r.headers.getSetCookie().find((c) => c.startsWith(name + '='))?.split(';')[0]

/** From the login page to the provider and back: the answer of the callback. */
async function signIn({ back = '/leads', change = (q) => q, cookie } = {}) {
  const begin = await s.call('GET', `/api/v1/auth/oidc/start?return=${encodeURIComponent(back)}`, undefined, { Cookie: 'x=y' })
  assert.equal(begin.status, 302, begin.text)
  const asked = new URL(begin.headers.get('location')).searchParams
  assert.deepEqual([asked.get('response_type'), asked.get('client_id'), asked.get('code_challenge_method')], ['code', 'heatscore', 'S256'])
  assert.match(asked.get('scope'), /openid/)
  const code = randomBytes(16).toString('hex')
  pending.set(code, asked)
  const q = change(new URLSearchParams({ code, state: asked.get('state'), iss: issuer }), asked)
  return s.call('GET', `/api/v1/auth/oidc/callback?${q}`, undefined, { Cookie: cookie ?? jar(begin, 'heatscore_sso') })
}
const meOf = async (r) => (await s.call('GET', '/api/v1/me', undefined, { Cookie: jar(r, 'heatscore_session') })).body

test('the login page learns of the provider; its secret is shown nowhere', async () => {
  assert.deepEqual((await s.call('GET', '/api/v1/auth/methods')).body, { password: true, oidc: { name: 'Acme' } })
  const settings = await s.call('GET', '/api/v1/settings')
  assert.ok(!settings.text.includes('s3cret'))
  const one = settings.body.items.find((i) => i.name === 'oidc-client-secret')
  assert.deepEqual([one.secret, one.set, one.source, one.value], [true, true, 'file', ''])
  assert.ok(!s.log.includes('s3cret'))
})

test('code and PKCE: an account is made, with the role of the group, and its session begins', async () => {
  const r = await signIn()
  assert.equal(r.status, 303)
  assert.equal(r.headers.get('location'), '/leads')
  const me = await meOf(r)
  assert.deepEqual([me.email, me.name, me.role], ['sso@acme.example', 'Sue So', 'rep'])
  person.groups = ['sales', 'bosses']
  assert.equal((await meOf(await signIn())).role, 'admin')
  person.groups = ['sales']
  const again = await meOf(await signIn())
  assert.deepEqual([again.role, again.id], ['rep', me.id])
})

test('RS256 and ES256; a key that is new to us is fetched', async () => {
  lie.token = { alg: 'ES256', kid: 'e1' }
  assert.equal((await signIn()).headers.get('location'), '/leads')
  const before = key_asks
  keys = [jwk(rsa, 'r1', 'RS256'), jwk(ec, 'e1', 'ES256'), jwk(second, 'r2', 'RS256')]
  lie.token = { kid: 'r2', key: second }
  // Not sooner than five seconds after the last time, so that nobody makes us ask without end.
  await until(async () => (await signIn()).headers.get('location') === '/leads', 15000)
  assert.equal(key_asks, before + 1)
  keys = keys.slice(0, 2)
  delete lie.token
})

test('an answer that is not what was asked for signs nobody in', async () => {
  const now = Math.floor(Date.now() / 1000)
  const cases = [
    ['alg none', { token: { alg: 'none' } }], ['keyed hash', { token: { alg: 'HS256' } }],
    ['foreign key', { token: { key: foreign } }], ['unknown kid', { token: { kid: 'zz' } }],
    ['other issuer', { claims: { iss: 'https://evil.example' } }], ['other audience', { claims: { aud: 'another' } }],
    ['several, other party', { claims: { aud: ['heatscore', 'x'], azp: 'x' } }],
    ['expired', { claims: { exp: now - 600 } }], ['of the future', { claims: { iat: now + 600 } }],
    ['other nonce', { claims: { nonce: 'x'.repeat(43) } }], ['no nonce', { claims: { nonce: undefined } }], ['nobody', { claims: { sub: '' } }],
    ['unverified address', { claims: { sub: '77', email: 'new@acme.example', email_verified: false } }],
    ['no group', { claims: { sub: '78', email: 'new2@acme.example', groups: [] } }],
  ]
  let refused = 0
  for (const [name, wrong] of cases) {
    Object.assign(lie, { claims: undefined, token: undefined }, wrong)
    const r = await signIn()
    assert.equal(r.status, 303, name)
    assert.match(r.headers.get('location'), /^\/login\?sso=(refused|failed)$/, name)
    assert.equal(jar(r, 'heatscore_session'), undefined, name)
    refused++
  }
  Object.assign(lie, { claims: undefined, token: undefined })
  const changes = { 'other state': (q) => (q.set('state', 'x'.repeat(43)), q), 'no code': (q) => (q.delete('code'), q),
    'other iss': (q) => (q.set('iss', 'https://evil.example'), q), 'an error': (q) => (q.set('error', 'access_denied'), q),
    'another code': (q) => (q.set('code', 'zzz'), q) }
  for (const [name, change] of Object.entries(changes)) {
    assert.match((await signIn({ change })).headers.get('location'), /^\/login\?sso=/, name)
    refused++
  }
  assert.match((await signIn({ cookie: 'heatscore_sso=' + 'A'.repeat(43) })).headers.get('location'), /^\/login/, 'begun in another browser')
  const tampered = signIn({ change: (q, asked) => (asked.set('code_challenge', 'x'), q) })
  assert.match((await tampered).headers.get('location'), /^\/login/, 'PKCE')
  console.log(`${refused + 2} wrong answers, none signs anyone in; keys were asked for ${key_asks} times`)
  assert.ok(key_asks <= 5, 'unknown keys do not make us ask without end')
  assert.equal((await signIn()).headers.get('location'), '/leads')
})

test('the state is good once; the way back leads to our pages only', async () => {
  let q
  const first = await signIn({ change: (x) => (q = x) })
  assert.equal(first.headers.get('location'), '/leads')
  const replay = await s.call('GET', `/api/v1/auth/oidc/callback?${q}`, undefined, { Cookie: `heatscore_sso=${q.get('state')}` })
  assert.match(replay.headers.get('location'), /^\/login/)
  for (const back of ['https://evil.example/', '//evil.example', '/\\evil.example', 'javascript:alert(1)', ''])
    assert.equal((await signIn({ back })).headers.get('location'), '/', back)
})

test('disabled here is disabled, whatever the provider says; a password goes on working beside it', async () => {
  const users = (await s.call('GET', '/api/v1/users')).body.items
  const u = users.find((x) => x.email === 'sso@acme.example')
  assert.equal(u.sso, true)
  await s.call('PATCH', `/api/v1/users/${u.id}`, { disabled: true })
  assert.match((await signIn()).headers.get('location'), /^\/login/)
  await s.call('PATCH', `/api/v1/users/${u.id}`, { disabled: false })
  assert.equal((await signIn()).headers.get('location'), '/leads')
  const login = await s.call('POST', '/api/v1/auth/login', { email: 'glass@acme.example', password: 'purple lamp seven river' }, { Cookie: 'x=y' })
  assert.equal(login.status, 200)
})

test('a provider with another name, a redirect or an unknown certificate is asked nothing more', async () => {
  const dir = tempDir(), asked = [], pem = (name) => join(dir, `${name}.pem`)
  assert.equal(spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', pem('key'),
    '-out', pem('cert'), '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']).status, 0)
  let kind, at
  const answer = (req, res) => {
    asked.push(`${kind} ${new URL(req.url, at).pathname}`)
    if (kind === 'redirect' && !req.url.startsWith('/moved')) return res.writeHead(302, { Location: `${at}/moved` }).end()
    const name = kind === 'other name' ? 'https://evil.example' : at
    res.writeHead(200, { 'Content-Type': 'application/json' })
    res.end(JSON.stringify({ issuer: name, authorization_endpoint: `${at}/authorize`, token_endpoint: `${at}/token`, jwks_uri: `${at}/jwks`, keys: [] }))
  }
  const plain = createServer(answer), tls = createTlsServer({ key: readFileSync(pem('key')), cert: readFileSync(pem('cert')) }, answer)
  await Promise.all([plain, tls].map((x) => new Promise((r) => x.listen(0, '127.0.0.1', r))))
  try {
    for (kind of ['as it should be', 'other name', 'redirect', 'unknown certificate']) {
      at = kind === 'unknown certificate' ? `https://localhost:${tls.address().port}` : `http://127.0.0.1:${plain.address().port}`
      const t = await start({ args: ['--oidc-issuer', at, '--oidc-client-id', 'heatscore'], env: { HEATSCORE_OIDC_CLIENT_SECRET: 'x' } })
      const a = await t.call('GET', '/api/v1/auth/oidc/start', undefined, { Cookie: 'x=y' }).finally(() => t.stop())
      const where = a.headers.get('location') ?? ''
      if (kind === 'as it should be') assert.ok(a.status === 302 && where.startsWith(`${at}/authorize?`), a.text)
      else assert.ok([502, 503].includes(a.status) && where === '', `${kind}: ${a.status} ${where} ${a.text}`)
    }
  } finally {
    plain.close()
    tls.close()
    rmSync(dir, { recursive: true, force: true })
  }
  const others = asked.filter((x) => !x.startsWith('as it should be'))
  assert.ok(others.every((x) => x.endsWith('/.well-known/openid-configuration')), others.join())
  assert.deepEqual([...new Set(others.map((x) => x.split(' /')[0]))], ['other name', 'redirect'], 'nothing is said to who has no good certificate')
})

test('a certified provider', { skip: !(process.env.OIDC_PROVIDER && existsSync(process.env.OIDC_PROVIDER)) && 'OIDC_PROVIDER names no folder with the npm package oidc-provider' }, async () => {
  const { default: Provider } = await import(pathToFileURL(join(process.env.OIDC_PROVIDER, 'lib/index.js')))
  const server = createServer()
  await new Promise((r) => server.listen(0, '127.0.0.1', r))
  const base = `http://127.0.0.1:${server.address().port}`
  const dir = tempDir()
  const real = await start({ data: dir, args: ['--login-rate', '100000', '--oidc-issuer', base, '--oidc-client-id', 'heatscore',
    '--oidc-client-secret', 's3cret', '--oidc-default-role', 'viewer'] })
  try {
    const idp = new Provider(base, {
      clients: [{ client_id: 'heatscore', client_secret: 's3cret', redirect_uris: [`${real.url}/api/v1/auth/oidc/callback`],
        application_type: 'native', response_types: ['code'], grant_types: ['authorization_code'] }],
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] }, conformIdTokenClaims: false,
      findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: `${id}@acme.example`, email_verified: true, name: id }) }),
      pkce: { required: () => true }, features: { devInteractions: { enabled: true } },
    })
    server.on('request', idp.callback())
    // A browser: follows redirects, keeps cookies, fills in the two forms of the provider.
    const cookies = new Map()
    const go = async (url, options = {}) => {
      const origin = new URL(url).origin
      const mine = [...(cookies.get(origin) ?? new Map())].map(([k, v]) => `${k}=${v}`).join('; ')
      const r = await fetch(url, { redirect: 'manual', ...options, headers: { ...options.headers, cookie: mine } })
      const store = cookies.get(origin) ?? new Map()
      for (const c of r.headers.getSetCookie()) store.set(...c.split(';')[0].split(/=(.*)/s).slice(0, 2))
      cookies.set(origin, store)
      return r
    }
    let r = await go(`${real.url}/api/v1/auth/oidc/start?return=/leads`)
    for (let step = 0; step < 15; step++) {
      if (r.status >= 300 && r.status < 400) {
        const to = new URL(r.headers.get('location'), r.url)
        if (to.pathname === '/leads' || to.pathname === '/login') { assert.equal(to.pathname, '/leads', to.href); break }
        r = await go(to)
        continue
      }
      const html = await r.text()
      const action = /<form[^>]*action="([^"]+)"/.exec(html)?.[1]
      assert.ok(action, html.slice(0, 500))
      const form = new URLSearchParams({ prompt: /name="prompt" value="(\w+)"/.exec(html)?.[1] ?? 'login', login: 'carla', password: 'x' })
      r = await go(new URL(action, r.url), { method: 'POST', body: form, headers: { 'content-type': 'application/x-www-form-urlencoded' } })
    }
    const me = await (await go(`${real.url}/api/v1/me`)).json()
    assert.deepEqual([me.email, me.role], ['carla@acme.example', 'viewer'])
    console.log('signed in at oidc-provider')
  } finally {
    server.close()
    server.closeAllConnections()
    await real.stop()
    rmSync(dir, { recursive: true, force: true })
  }
})
