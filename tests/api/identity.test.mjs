// SPDX-License-Identifier: Apache-2.0
// First run, signing in, accounts, keys, second factors: over HTTP and by the commands, on the real binary.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, statSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { binary, run, start, tempDir, until } from './lib/server.mjs'

const good = 'purple lamp seven river'
const other = 'tractor violin mosquito 7'
const admin = { email: 'anna@acme.example', password: good }
const fast = ['--login-rate', '100000', '--setup-rate', '100000']

const tokenOf = (server) => /setup#token=(\S+)/.exec(server.out)?.[1]
const cookieOf = (r) => r.headers.getSetCookie().find((c) => c.startsWith('heatscore_session='))?.split(';')[0]
/** Headers of a browser that is signed in and on our pages. */
const as = (cookie) => ({ Cookie: cookie, 'Sec-Fetch-Site': 'same-origin' })
const login = (s, who) => s.call('POST', '/api/v1/auth/login', who, { Authorization: undefined, 'Sec-Fetch-Site': 'same-origin' })
const none = { Cookie: 'x=y' }

function addUser(dir, email, role, password, ...more) {
  const r = spawnSync(binary, ['user', 'add', email, '--role', role, '--data', dir, ...more], { input: password + '\n', encoding: 'utf8' })
  assert.equal(r.status, 0, r.stderr)
}

/** RFC 6238, written anew. */
function totp(base32, at = Date.now()) {
  const bits = [...base32].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)))
  const step = Buffer.alloc(8)
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30000)))
  const mac = createHmac('sha1', key).update(step).digest()
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1e6).padStart(6, '0')
}

test('first run: loopback, no default password, one link for one hour and one claimant', async () => {
  const started = performance.now()
  const s = await start({ anonymous: true, args: fast })
  console.log(`serving after ${Math.round(performance.now() - started)} ms`)
  try {
    assert.match(s.url, /^http:\/\/127\.0\.0\.1:/)
    await until(() => tokenOf(s))
    const file = join(s.dir, 'setup-link')
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.ok(readFileSync(file, 'utf8').includes(tokenOf(s)))
    assert.ok(!s.log.includes(tokenOf(s)), 'the link is not in the log')
    for (const route of ['/api/v1/me', '/api/v1/leads', '/api/v1/users', '/api/v1/settings', '/api/v1/models'])
      assert.equal((await s.call('GET', route)).status, 401, route)
    for (const [email, password] of [['admin', 'admin'], ['admin@example.com', 'admin'], ['root', 'root'], ['admin', ''],
      ['admin', 'password'], ['admin', 'heatscore'], ['heatscore', 'heatscore'], ['admin@localhost', 'changeme']])
      assert.equal((await login(s, { email, password })).status, 401)
    assert.deepEqual((await s.call('GET', '/api/v1/auth/setup')).body, { needed: true })
    const claim = (email, token = tokenOf(s), password = good) =>
      s.call('POST', '/api/v1/auth/setup', { token, email, name: 'Anna', password })
    assert.equal((await claim('a@b.example', 'x'.repeat(43))).status, 404)
    assert.equal((await claim('a@b.example', tokenOf(s), 'password12345678')).status, 422)
    assert.equal((await claim('not an address')).status, 422)
    const raced = await Promise.all(Array.from({ length: 8 }, (_, i) => claim(`c${i}@acme.example`)))
    const winners = raced.filter((r) => r.status === 200)
    assert.equal(winners.length, 1, raced.map((r) => r.status).join())
    console.log(`of 8 claimants at once ${winners.length} got in, the others: ${raced.filter((r) => r.status !== 200).map((r) => r.status)}`)
    assert.equal((await claim('late@acme.example')).status, 409)
    assert.deepEqual((await s.call('GET', '/api/v1/auth/setup')).body, { needed: false })
    assert.throws(() => statSync(file))
    const me = await s.call('GET', '/api/v1/me', undefined, as(cookieOf(winners[0])))
    assert.equal(me.body.role, 'admin')
  } finally {
    await s.stop()
  }
})

test('it does not listen to others without TLS or being told to', () => {
  const dir = tempDir()
  const r = spawnSync(binary, ['serve', '--data', dir, '--listen', '0.0.0.0:0'], { encoding: 'utf8', timeout: 10000 })
  assert.equal(r.status, 78, r.stderr)
  rmSync(dir, { recursive: true, force: true })
})

let s, cookie
before(async () => {
  const dir = tempDir()
  addUser(dir, admin.email, 'admin', good, '--name', 'Anna Lee')
  s = await start({ data: dir, args: fast })
  cookie = cookieOf(await login(s, admin))
  assert.ok(cookie)
})
after(async () => {
  await s?.stop()
  rmSync(s.dir, { recursive: true, force: true })
})

test('a session: cookie flags, a new one at each login, gone after logout', async () => {
  const r = await login(s, admin)
  const set = r.headers.getSetCookie()[0]
  assert.match(set, /^heatscore_session=[0-9A-Za-z]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=86400$/)
  const mine = cookieOf(r)
  assert.notEqual(mine, cookie)
  assert.equal((await s.call('GET', '/api/v1/me', undefined, as(mine))).status, 200)
  const out = await s.call('POST', '/api/v1/auth/logout', undefined, as(mine))
  assert.equal(out.status, 204)
  assert.match(out.headers.getSetCookie()[0], /^heatscore_session=; .*Max-Age=0/)
  assert.equal((await s.call('GET', '/api/v1/me', undefined, as(mine))).status, 401)
  assert.equal((await s.call('GET', '/api/v1/me', undefined, as('heatscore_session=' + 'A'.repeat(43)))).status, 401)
  // Fixation: a cookie of the attacker's choice is not taken over.
  const fixed = 'heatscore_session=' + 'B'.repeat(43)
  const after = await s.call('POST', '/api/v1/auth/login', admin, as(fixed))
  assert.notEqual(cookieOf(after), fixed)
})

test('what changes something is refused from other sites, also signing in', async () => {
  const patch = (headers) => s.call('PATCH', '/api/v1/me', { name: 'Anna Lee' }, { Cookie: cookie, ...headers })
  assert.equal((await patch({ 'Sec-Fetch-Site': 'same-origin' })).status, 200)
  assert.equal((await patch({ Origin: s.url })).status, 200)
  for (const h of [{ 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'same-site' }, { Origin: 'https://evil.example' },
    { Origin: 'null' }, {}, { 'Sec-Fetch-Site': 'cross-site', Origin: s.url }])
    assert.equal((await patch(h)).status, 403, JSON.stringify(h))
  const r = await s.call('POST', '/api/v1/auth/login', admin, { Cookie: 'x=y', 'Sec-Fetch-Site': 'cross-site' })
  assert.equal(r.status, 403)
})

test('a wrong password and an unknown account look the same', async () => {
  const a = await login(s, { email: admin.email, password: 'wrong wrong wrong' })
  const b = await login(s, { email: 'nobody@acme.example', password: 'wrong wrong wrong' })
  assert.equal(a.status, 401)
  assert.deepEqual({ ...a.body, request_id: 0 }, { ...b.body, request_id: 0 })
})

test('guessing is slowed down, and locks nobody out for good', async () => {
  addUser(s.dir, 'slow@acme.example', 'viewer', other)
  const guess = () => login(s, { email: 'slow@acme.example', password: 'not it at all, sorry' })
  const seen = []
  for (let i = 0; i < 8; i++) seen.push((await guess()).status)
  assert.deepEqual(seen.slice(0, 5), [401, 401, 401, 401, 401])
  assert.ok(seen.slice(5).includes(429), seen.join())
  const wait = await guess()
  assert.equal(wait.status, 429)
  assert.ok(Number(wait.headers.get('retry-after')) <= 5)
  const back = await until(async () => {
    const r = await login(s, { email: 'slow@acme.example', password: other })
    return r.status === 200 ? r : null
  }, 20000)
  assert.equal(back.status, 200)
  // From where the account was signed in to, failures are counted afresh.
  assert.equal((await guess()).status, 401)
})

test('another password: the old one is asked for, other sessions end', async () => {
  addUser(s.dir, 'pw@acme.example', 'rep', good)
  const one = cookieOf(await login(s, { email: 'pw@acme.example', password: good }))
  const two = cookieOf(await login(s, { email: 'pw@acme.example', password: good }))
  const change = (body) => s.call('POST', '/api/v1/me/password', body, as(one))
  assert.equal((await change({ current: 'wrong', new: other })).status, 422)
  assert.equal((await change({ current: good, new: 'short' })).status, 422)
  assert.equal((await change({ current: good, new: 'qwertyuiopasdfgh' })).status, 422)
  assert.equal((await change({ current: good, new: other })).status, 204)
  assert.equal((await s.call('GET', '/api/v1/me', undefined, as(one))).status, 200)
  assert.equal((await s.call('GET', '/api/v1/me', undefined, as(two))).status, 401)
  assert.equal((await login(s, { email: 'pw@acme.example', password: good })).status, 401)
  assert.equal((await login(s, { email: 'pw@acme.example', password: other })).status, 200)
})

test('a second factor: proved, asked for, each code good once, recovery codes good once', async () => {
  const who = { email: 'totp@acme.example', password: good }
  addUser(s.dir, who.email, 'manager', good)
  const c = as(cookieOf(await login(s, who)))
  const begin = (await s.call('POST', '/api/v1/me/totp/start', undefined, c)).body
  assert.match(begin.uri, /^otpauth:\/\/totp\/Lead%20HeatScore:totp%40acme\.example\?secret=[A-Z2-7]{32}&/)
  assert.equal((await s.call('POST', '/api/v1/me/totp/confirm', { code: '000000' }, c)).status, 422)
  const codes = (await s.call('POST', '/api/v1/me/totp/confirm', { code: totp(begin.secret) }, c)).body.recovery_codes
  assert.equal(new Set(codes).size, 10)
  const asked = await login(s, who)
  assert.equal(asked.status, 401)
  assert.equal(asked.body.totp_required, true)
  // The code that proved the app is used up; the next step's is taken (clocks may differ by one).
  assert.equal((await login(s, { ...who, totp: totp(begin.secret, Date.now() - 60000) })).status, 401)
  const next = totp(begin.secret, Date.now() + 30000)
  assert.equal((await login(s, { ...who, totp: next })).status, 200)
  assert.equal((await login(s, { ...who, totp: next })).status, 401)
  assert.equal((await login(s, { ...who, totp: codes[0].toLowerCase() })).status, 200)
  assert.equal((await login(s, { ...who, totp: codes[0] })).status, 401)
  const raced = await Promise.all([1, 2, 3, 4].map(() => login(s, { ...who, totp: codes[1] })))
  assert.equal(raced.filter((r) => r.status === 200).length, 1, raced.map((r) => r.status).join())
  assert.equal((await s.call('DELETE', '/api/v1/me/totp', { password: 'wrong' }, c)).status, 422)
  assert.equal((await s.call('DELETE', '/api/v1/me/totp', { password: good }, c)).status, 204)
  assert.equal((await login(s, who)).status, 200)
})

test('a reset of the password leaves the second factor, and asks for it', async () => {
  const who = { email: 'reset@acme.example', password: good }
  addUser(s.dir, who.email, 'rep', good)
  const c = as(cookieOf(await login(s, who)))
  const { secret } = (await s.call('POST', '/api/v1/me/totp/start', undefined, c)).body
  const codes = (await s.call('POST', '/api/v1/me/totp/confirm', { code: totp(secret) }, c)).body.recovery_codes
  const { id } = (await s.call('GET', '/api/v1/users')).body.items.find((u) => u.email === who.email)
  const reset = (await s.call('POST', `/api/v1/users/${id}/reset`)).body.reset_url
  const chosen = await s.call('POST', '/api/v1/auth/password', { token: /#token=(\w+)$/.exec(reset)[1], password: other }, none)
  assert.ok(chosen.status < 300 || chosen.status === 401, chosen.text)
  assert.deepEqual(chosen.headers.getSetCookie().filter((x) => /^heatscore_session=[^;]/.test(x)), [], 'the link alone signs nobody in')
  const without = await login(s, { ...who, password: other })
  assert.deepEqual([without.status, without.body.totp_required], [401, true])
  assert.equal((await login(s, { ...who, password: other, totp: codes[0] })).status, 200)
})

test('an invitation: a link, once; a reset as well; an account that was given a password changes it first', async () => {
  const made = await s.call('POST', '/api/v1/users', { email: 'ben@acme.example', name: 'Ben Roe', role: 'rep' })
  assert.equal(made.status, 201)
  assert.equal((await s.call('POST', '/api/v1/users', { email: 'BEN@acme.example', role: 'rep' })).status, 409)
  const token = /#token=(\w+)$/.exec(made.body.invite_url)[1]
  const choose = (t, password) => s.call('POST', '/api/v1/auth/password', { token: t, password }, none)
  assert.equal((await choose(token, 'too short')).status, 422)
  const first = await choose(token, good)
  assert.equal(first.status, 200, first.text)
  assert.equal(first.body.role, 'rep')
  assert.equal((await choose(token, other)).status, 404)
  const reset = (await s.call('POST', `/api/v1/users/${made.body.id}/reset`)).body.reset_url
  assert.equal((await choose(/#token=(\w+)$/.exec(reset)[1], other)).status, 200)
  assert.equal((await s.call('GET', '/api/v1/me', undefined, as(cookieOf(first)))).status, 401, 'its sessions ended')
  const given = await s.call('POST', '/api/v1/users', { email: 'eve@acme.example', role: 'viewer', password: good })
  assert.equal(given.status, 201)
  const c = as(cookieOf(await login(s, { email: 'eve@acme.example', password: good })))
  assert.equal((await s.call('GET', '/api/v1/me', undefined, c)).body.must_change_password, true)
  assert.equal((await s.call('GET', '/api/v1/leads', undefined, c)).status, 403)
  assert.equal((await s.call('POST', '/api/v1/me/password', { current: good, new: other }, c)).status, 204)
  assert.equal((await s.call('GET', '/api/v1/leads', undefined, c)).status, 200)
})

test('role and disabling work at once; the last admin stays', async () => {
  addUser(s.dir, 'dora@acme.example', 'manager', good)
  const users = (await s.call('GET', '/api/v1/users')).body.items
  const dora = users.find((u) => u.email === 'dora@acme.example')
  const anna = users.find((u) => u.email === admin.email)
  for (const u of users) assert.ok(!('password_hash' in u) && !JSON.stringify(u).includes('argon2'))
  const c = as(cookieOf(await login(s, { email: dora.email, password: good })))
  assert.equal((await s.call('GET', '/api/v1/leads', undefined, c)).status, 200)
  assert.equal((await s.call('PATCH', `/api/v1/users/${dora.id}`, { role: 'viewer' })).status, 200)
  assert.equal((await s.call('GET', '/api/v1/leads', undefined, c)).status, 401)
  const d = as(cookieOf(await login(s, { email: dora.email, password: good })))
  assert.equal((await s.call('PATCH', `/api/v1/users/${dora.id}`, { disabled: true })).status, 200)
  assert.equal((await s.call('GET', '/api/v1/leads', undefined, d)).status, 401)
  assert.equal((await login(s, { email: dora.email, password: good })).status, 401)
  for (const change of [{ role: 'rep' }, { disabled: true }])
    assert.equal((await s.call('PATCH', `/api/v1/users/${anna.id}`, change)).status, 409)
  assert.equal((await s.call('DELETE', `/api/v1/users/${anna.id}`)).status, 409)
  assert.equal((await s.call('DELETE', `/api/v1/users/${dora.id}`)).status, 204)
  assert.equal((await s.call('DELETE', `/api/v1/users/${dora.id}`)).status, 404)
})

test('keys: shown once, of a form scanners know, bounded by role and scope, replaced with overlap, revoked at once', async () => {
  const made = await s.call('POST', '/api/v1/api-keys', { name: 'web form', role: 'rep', scopes: ['score', 'read'] })
  assert.equal(made.status, 201)
  assert.match(made.body.key, /^lhs_[0-9A-HJKMNP-TV-Z]{26}[0-9A-Za-z]{49}$/)
  const with_ = (key) => ({ Authorization: `Bearer ${key}` })
  assert.equal((await s.call('GET', '/api/v1/leads', undefined, with_(made.body.key))).status, 200)
  assert.equal((await s.call('POST', '/api/v1/leads', { email: 'x@y.example' }, with_(made.body.key))).status, 403)
  assert.equal((await s.call('GET', '/api/v1/users', undefined, with_(made.body.key))).status, 403)
  const listed = (await s.call('GET', '/api/v1/api-keys')).text
  assert.ok(listed.includes(made.body.id) && !listed.includes(made.body.key.slice(30)))
  for (const bad of [made.body.key.slice(0, -1) + '!', made.body.key.toLowerCase(), 'lhs_', '', 'x'.repeat(79)])
    assert.equal((await s.call('GET', '/api/v1/leads', undefined, with_(bad))).status, 401, bad)
  const fresh = await s.call('POST', `/api/v1/api-keys/${made.body.id}/rotate`)
  assert.equal(fresh.status, 201)
  for (const key of [made.body.key, fresh.body.key])
    assert.equal((await s.call('GET', '/api/v1/leads', undefined, with_(key))).status, 200)
  const old = (await s.call('GET', '/api/v1/api-keys')).body.items.find((k) => k.id === made.body.id)
  assert.equal(old.rotated_to, fresh.body.id)
  const hours = (Date.parse(old.expires_at) - Date.now()) / 3600e3
  assert.ok(hours > 23.9 && hours <= 24)
  assert.equal((await s.call('POST', `/api/v1/api-keys/${made.body.id}/rotate`)).status, 409)
  assert.equal((await s.call('DELETE', `/api/v1/api-keys/${fresh.body.id}`)).status, 204)
  assert.equal((await s.call('GET', '/api/v1/leads', undefined, with_(fresh.body.key))).status, 401)
  for (const body of [{ name: 'x', role: 'owner' }, { name: '', role: 'rep' }, { role: 'rep' }, { name: 'x', role: 'rep', scopes: ['all'] },
    { name: 'x', role: 'rep', scopes: 'read' }, { name: 'x', role: 'rep', expires_at: '2001-01-01' }])
    assert.equal((await s.call('POST', '/api/v1/api-keys', body)).status, 422, JSON.stringify(body))
})

test('on one connection every request is its own key\'s: other keys between, a wrong one, one revoked meanwhile', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const sockets = new Set()
  const ask = (key) => new Promise((resolve, reject) => {
    const r = request(`${s.url}/api/v1/me`, { agent, headers: key && { Authorization: `Bearer ${key}` } }, async (a) => {
      sockets.add(a.socket)
      let text = ''
      for await (const piece of a) text += piece
      resolve([a.statusCode, a.statusCode === 200 ? JSON.parse(text).id : undefined])
    })
    r.on('error', reject).end()
  })
  const make = async (name) => (await s.call('POST', '/api/v1/api-keys', { name, role: 'viewer', scopes: ['read'] })).body
  const one = await make('one'), two = await make('two')
  for (const k of [one, one, two, one, two, two]) assert.deepEqual(await ask(k.key), [200, k.id])
  const wrong = two.key.slice(0, -1) + (two.key.endsWith('a') ? 'b' : 'a')
  for (const [key, want] of [[wrong, 401], [two.key, 200], [undefined, 401], [two.key, 200], [wrong, 401], [wrong, 401]])
    assert.equal((await ask(key))[0], want)
  assert.equal((await ask(one.key))[0], 200)
  assert.equal((await s.call('DELETE', `/api/v1/api-keys/${one.id}`)).status, 204)
  assert.deepEqual([(await ask(one.key))[0], (await ask(one.key))[0], (await ask(two.key))[0]], [401, 401, 200])
  assert.equal(sockets.size, 1)
  agent.destroy()
})

test('the commands work while the server runs, which sees what they do within a second', async () => {
  const key = run('key', 'create', '--name', 'by hand', '--role', 'viewer', '--scope', 'read', '--data', s.dir)
  assert.match(key, /^lhs_\w{75}\n$/)
  const headers = { Authorization: `Bearer ${key.trim()}` }
  assert.equal((await s.call('GET', '/api/v1/me', undefined, headers)).status, 200)
  const id = (await s.call('GET', '/api/v1/me', undefined, headers)).body.id
  assert.match(run('key', 'list', '--data', s.dir), new RegExp(`${id} +by hand +viewer`))
  run('key', 'revoke', id, '--data', s.dir)
  assert.equal((await s.call('GET', '/api/v1/me', undefined, headers)).status, 401)
  addUser(s.dir, 'cli@acme.example', 'viewer', good)
  const c = as(cookieOf(await login(s, { email: 'cli@acme.example', password: good })))
  const reset = spawnSync(binary, ['user', 'reset-password', 'cli@acme.example', '--data', s.dir], { input: other + '\n', encoding: 'utf8' })
  assert.equal(reset.status, 0, reset.stderr)
  assert.equal((await s.call('GET', '/api/v1/me', undefined, c)).status, 401)
  assert.equal((await login(s, { email: 'cli@acme.example', password: other })).status, 200)
  run('user', 'disable', 'cli@acme.example', '--data', s.dir)
  assert.equal((await login(s, { email: 'cli@acme.example', password: other })).status, 401)
  assert.match(run('user', 'list', '--data', s.dir), /cli@acme\.example +viewer +disabled/)
  for (const [args, status] of [[['user', 'add', 'bad', '--role', 'rep'], 65], [['user', 'add', 'a@b.example', '--role', 'boss'], 2],
    [['user', 'disable', 'nobody@acme.example'], 66], [['key', 'create', '--role', 'rep'], 2], [['key', 'revoke', 'x'], 2]]) {
    const r = spawnSync(binary, [...args, '--data', s.dir], { input: good + '\n', encoding: 'utf8' })
    assert.equal(r.status, status, args.join(' ') + r.stderr)
  }
})

test('settings: checked, all or none, with their source; secrets are not shown', async () => {
  const items = async () => Object.fromEntries((await s.call('GET', '/api/v1/settings')).body.items.map((i) => [i.name, i]))
  const before = await items()
  assert.deepEqual([before.reps_see.value, before.reps_see.source, before.reps_see.editable], ['all', 'default', true])
  assert.deepEqual([before['login-rate'].source, before['login-rate'].editable], ['flag', false])
  assert.equal((await s.call('PATCH', '/api/v1/settings', { reps_see: 'own', capacity_per_day: -1 })).status, 422)
  assert.equal((await items()).reps_see.value, 'all')
  assert.equal((await s.call('PATCH', '/api/v1/settings', { 'login-rate': '1' })).status, 422)
  assert.equal((await s.call('PATCH', '/api/v1/settings', { capacity_per_day: 30, second_pair_of_eyes: true })).status, 200)
  const now = await items()
  assert.deepEqual([now.capacity_per_day.value, now.capacity_per_day.source], [30, 'store'])
  await s.call('PATCH', '/api/v1/settings', { capacity_per_day: null, second_pair_of_eyes: null })
  assert.equal((await items()).capacity_per_day.source, 'default')
})

test('sessions: listed, ended one by one and all others', async () => {
  addUser(s.dir, 'many@acme.example', 'rep', good)
  const cookies = []
  for (let i = 0; i < 3; i++) cookies.push(cookieOf(await login(s, { email: 'many@acme.example', password: good })))
  const list = (await s.call('GET', '/api/v1/me/sessions', undefined, as(cookies[0]))).body.items
  assert.equal(list.length, 3)
  assert.equal(list.filter((x) => x.current).length, 1)
  const foreign = (await s.call('GET', '/api/v1/me/sessions', undefined, as(cookie))).body.items[0].id
  assert.equal((await s.call('DELETE', `/api/v1/me/sessions/${foreign}`, undefined, as(cookies[0]))).status, 404)
  const another = list.find((x) => !x.current).id
  assert.equal((await s.call('DELETE', `/api/v1/me/sessions/${another}`, undefined, as(cookies[0]))).status, 204)
  assert.equal((await s.call('GET', '/api/v1/me', undefined, as(cookies[0]))).body.sessions, 2)
  assert.equal((await s.call('DELETE', '/api/v1/me/sessions', undefined, as(cookies[0]))).status, 204)
  for (const c of cookies.slice(1)) assert.equal((await s.call('GET', '/api/v1/me', undefined, as(c))).status, 401)
  assert.equal((await s.call('PATCH', '/api/v1/me', { time_zone: 'Europe/Berlin', preferences: { density: 'compact' } }, as(cookies[0]))).body.time_zone, 'Europe/Berlin')
})
