// SPDX-License-Identifier: Apache-2.0
// Only the right role and scope reach each route, and reps reach only their own leads when told so. Every route of
// the running server x every caller, against access.txt; a route without a line there fails. Then the same against
// servers whose routes declare something else (mutant.c), which must be noticed.
//   ACCESS_MUTANTS=all   of roles and scopes that are a little wrong every route, instead of some; few: some of all
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { accessSync, constants, readFileSync, rmSync, statfsSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { binary, demoData, run, start, tempDir } from './lib/server.mjs'

const roles = ['viewer', 'rep', 'manager', 'admin']
const scopes = ['read', 'score', 'write', 'upload', 'models', 'admin']
const password = 'purple lamp seven river'

const policy = new Map(readFileSync(new URL('access.txt', import.meta.url), 'utf8').split('\n')
  .filter((l) => l && !l.startsWith('#')).map((l) => {
    const [method, path, role, scope] = l.split(' ')
    return [`${method} ${path}`, { role, scope }]
  }))

/** What the file says of one cell: 0 (let in), 401 or 403. */
function expected({ role, scope }, caller) {
  if (role === 'public') return 0
  if (!caller.role) return 401
  if (roles.indexOf(caller.role) < roles.indexOf(role)) return 403
  return caller.scope && scope !== 'any' && scope !== caller.scope ? 403 : 0
}

/** Where what was seen differs from what is expected, as [route, caller]. */
function differences(seen, want) {
  const out = []
  for (const [route, cells] of seen) {
    const line = want(route)
    if (!line) { out.push([route, 'no line in access.txt']); continue }
    for (const [name, { caller, status }] of cells)
      if (status !== line(name, caller)) out.push([route, name])
  }
  return out
}

const wrong = (route, caller, status) => status !== expected(policy.get(route), caller)

/** A folder in memory with room: each refusal is written to the audit log, and there are thousands. */
function inMemory() {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm')
    accessSync('/dev/shm', constants.W_OK)
    return bavail * bsize > 2 ** 29 ? '/dev/shm' : undefined
  } catch {
    return undefined
  }
}

let dir, s, callers, routes
before(async () => {
  dir = tempDir(inMemory()) // with a model, so that there is something to explain
  s = await start({ data: demoData(dir, { rows: 1000 }).data, args: ['--login-rate', '100000', '--setup-rate', '100000', '--exports-per-user', '100'] })
  callers = [{ name: 'nobody', headers: { Cookie: 'x=y' } }]
  for (const role of roles) {
    const r = spawnSync(binary, ['user', 'add', `${role}@acme.example`, '--role', role, '--data', s.dir], { input: password + '\n', encoding: 'utf8' })
    assert.equal(r.status, 0, r.stderr)
    const login = await s.call('POST', '/api/v1/auth/login', { email: `${role}@acme.example`, password }, { Cookie: 'x=y' })
    callers.push({ name: `${role} signed in`, role, headers: { Cookie: login.headers.getSetCookie()[0].split(';')[0], 'Sec-Fetch-Site': 'same-origin' } })
    for (const scope of scopes) {
      const key = run('key', 'create', '--name', scope, '--role', role, '--scope', scope, '--data', s.dir).trim()
      callers.push({ name: `${role} key ${scope}`, role, scope, headers: { Authorization: `Bearer ${key}` } })
    }
  }
  const description = (await s.call('GET', '/openapi.json')).body
  routes = Object.entries(description.paths).flatMap(([path, ops]) =>
    Object.keys(ops).filter((m) => ops[m].operationId).map((m) => [m.toUpperCase(), path]))
})
after(async () => {
  await s?.stop()
  rmSync(dir, { recursive: true, force: true })
})

/** Who is let in gets 400, 404, 415 or 422 behind the door: a parameter that no route has, a body of a kind that
 *  none takes, ids of nothing. So a cell can be tried without doing what the route does. */
async function knock(method, path, headers, url = s.url) {
  const target = path.replace(/\{version\}/, 'v999').replace(/\{\w+\}/g, '00000000000000000000000000') + '?no-such-parameter=1'
  const stop = new AbortController()
  const r = await fetch(url + target, { method, headers: { ...headers, ...(method !== 'GET' && { 'Content-Type': 'multipart/form-data' }) },
    body: method === 'GET' ? undefined : 'x', signal: stop.signal, redirect: 'manual' })
  stop.abort()
  await r.body?.cancel().catch(() => {})
  return r.status === 401 || r.status === 403 ? r.status : 0
}

test('every route x method x role x scope', async () => {
  const seen = new Map()
  let cells = 0
  for (const [method, path] of routes) {
    const row = new Map()
    const statuses = await Promise.all(callers.map((caller) => knock(method, path, caller.headers)))
    callers.forEach((caller, i) => row.set(caller.name, { caller, status: statuses[i] }))
    cells += callers.length
    seen.set(`${method} ${path}`, row)
  }
  const asWritten = (route) => policy.has(route) && ((_, caller) => expected(policy.get(route), caller))
  const wrong = differences(seen, asWritten)
  assert.deepEqual(wrong, [])
  const stale = [...policy.keys()].filter((route) => !seen.has(route))
  assert.deepEqual(stale, [], 'lines for routes that are not there')
  // Every cell counts: with any single one expected otherwise, exactly that one is reported.
  let caught = 0
  for (const [route, row] of seen)
    for (const name of row.keys()) {
      const mutant = (r) => r !== route ? asWritten(r)
        : (n, caller) => n === name ? (asWritten(r)(n, caller) === 0 ? 403 : 0) : asWritten(r)(n, caller)
      const found = differences(new Map([[route, row]]), mutant)
      assert.deepEqual(found, [[route, name]])
      caught++
    }
  for (const route of policy.keys())
    assert.deepEqual(differences(new Map([[route, seen.get(route)]]), (r) => r !== route && asWritten(r)), [[route, 'no line in access.txt']])
  console.log(`${routes.length} routes x ${callers.length} callers: ${cells} cells, ${wrong.length} wrong; ${caught} of ${cells} changed expectations noticed`)
})

test('a rep who sees own leads only reaches no other, by any route about a lead', async () => {
  const rep = callers.find((c) => c.name === 'rep signed in')
  const manager = callers.find((c) => c.name === 'manager signed in')
  const rep_key = callers.find((c) => c.name === 'rep key read')
  const make = async (owner, n) => (await s.call('POST', '/api/v1/leads', { email: `${n}@x.example`, name: `Lead ${n}`, owner })).body.id
  const own = await make('rep@acme.example', 'own'), foreign = await make('Somebody Else', 'foreign')
  const all = await make('rep@acme.example', 'gone')
  assert.ok(own && foreign && all)
  assert.equal((await s.call('PATCH', '/api/v1/settings', { reps_see: 'own' })).status, 200)
  const bodies = { 'PATCH /api/v1/leads/{id}': { city: 'Bern' }, 'POST /api/v1/leads/{id}/notes': { text: 'x' },
    'POST /api/v1/leads/{id}/outcome': { outcome: 'open' }, 'POST /api/v1/leads/{id}/override': { heat: null },
    'POST /api/v1/leads/{id}/verdict': { verdict: null }, 'POST /api/v1/leads/{id}/rescore': undefined,
    'DELETE /api/v1/leads/{id}/notes/{note}': undefined, 'DELETE /api/v1/leads/{id}': undefined }
  let cells = 0
  const about = routes.filter(([, p]) => p.startsWith('/api/v1/leads/{id}'))
  about.sort(([m, p]) => m === 'DELETE' && p.endsWith('{id}') ? 1 : -1) // the one that removes it comes last
  for (const [method, path] of about) {
    const route = `${method} ${path}`
    assert.ok(method === 'GET' || route in bodies, `${route} needs a body in this test`)
    const call = (id, who) => s.call(method, path.replace('{id}', id).replace('{note}', '00000000000000000000000000'), bodies[route], who.headers)
    assert.equal((await call(foreign, rep)).status, route.startsWith('DELETE /api/v1/leads/{id}') && !path.includes('notes') ? 403 : 404, `${route} on another's lead`)
    if (method === 'GET') assert.equal((await call(foreign, rep_key)).status, 404, `${route} by a key`)
    if (route !== 'DELETE /api/v1/leads/{id}') {
      const status = (await call(own, rep)).status
      assert.ok(status < 300 || (path.includes('{note}') && status === 404), `${route} on the own lead: ${status}`)
    }
    const answer = await call(foreign, manager), seen = answer.status
    assert.ok(seen < 300 || (path.includes('{note}') && seen === 404), `${route} by a manager: ${seen} ${answer.text}`)
    cells += 3
  }
  await make('Somebody Else', 'foreign2')
  for (const path of ['/api/v1/leads', '/api/v1/queue', '/api/v1/leads/export.csv', '/api/v1/leads?owner=Somebody%20Else', '/api/v1/leads?q=foreign2', '/api/v1/overview']) {
    const r = await s.call('GET', path, undefined, rep.headers)
    assert.equal(r.status, 200, path)
    assert.ok(!r.text.includes('foreign2@x.example') && !r.text.includes('Lead foreign2'), `${path} shows another's lead`)
    assert.ok((await s.call('GET', path, undefined, manager.headers)).status === 200)
    cells += 2
  }
  // Nobody takes or makes leads of others.
  assert.ok((await s.call('PATCH', '/api/v1/me', { name: 'Somebody Else' }, rep.headers)).status === 200)
  assert.equal((await s.call('GET', '/api/v1/leads?q=foreign2', undefined, rep.headers)).body.items.length, 0)
  assert.equal((await s.call('PATCH', '/api/v1/settings', { reps_see: 'all' })).status, 200)
  assert.equal((await s.call('GET', '/api/v1/leads?q=foreign2', undefined, rep.headers)).body.items.length, 1)
  console.log(`${cells} cells of owner x route, 0 wrong`)
})

test('members that are not for the caller to set are not taken', async () => {
  const rep = callers.find((c) => c.name === 'rep signed in')
  for (const body of [{ role: 'admin' }, { owner: 'Somebody Else' }, { email: 'x@y.example' }, { disabled: false, name: 'Rep' }])
    await s.call('PATCH', '/api/v1/me', body, rep.headers)
  const me = (await s.call('GET', '/api/v1/users')).body.items.find((u) => u.email === 'rep@acme.example')
  assert.deepEqual([me.role, me.owner, me.email], ['rep', 'rep@acme.example', 'rep@acme.example'])
})

/** Every cell of these routes, asked of a server whose routes declare something else: those that are not as expected. */
async function askMutant(how, some) {
  const m = await start({ data: s.dir, program: process.env.MUTANT_BIN, env: { HEATSCORE_MUTANT: how },
    args: ['--login-rate', '100000', '--setup-rate', '100000', '--exports-per-user', '100'] })
  const found = new Set()
  let cells = 0
  for (const [method, path] of some)
    await Promise.all(callers.map(async (caller) => {
      const route = `${method} ${path}`
      cells++
      if (wrong(route, caller, await knock(method, path, caller.headers, m.url))) found.add(`${route} ${caller.name}`)
    }))
  await m.stop()
  return { cells, found }
}

test('routes that declare another role or scope are noticed', { skip: !process.env.MUTANT_BIN && 'MUTANT_BIN is not set' }, async () => {
  await s.stop()
  const some = routes.filter((_, i) => process.env.ACCESS_MUTANTS === 'all' || i % 6 === 0), seen = {}
  // Open to all, and shut for all: between them every single cell is wrong once.
  const each = process.env.ACCESS_MUTANTS === 'few' ? some : routes
  const open = await askMutant('open', each), shut = await askMutant('shut', each)
  const unseen = []
  for (const [method, path] of each)
    for (const caller of callers) {
      const route = `${method} ${path}`, cell = `${route} ${caller.name}`
      const letIn = expected(policy.get(route), caller) === 0
      if (open.found.has(cell) === letIn || shut.found.has(cell) !== letIn) unseen.push(cell)
    }
  assert.deepEqual(unseen, [])
  // A little wrong: one role lower or higher, another scope.
  for (const how of ['lower', 'higher', 'scope']) {
    const { found } = await askMutant(how, some)
    const changed = some.filter(([method, path]) => policy.get(`${method} ${path}`).role !== 'public' || how === 'higher')
    const missed = changed.map(([method, path]) => `${method} ${path}`).filter((route) => ![...found].some((f) => f.startsWith(`${route} `)))
    assert.deepEqual(missed, [], `${how}: not noticed`)
    seen[how] = `${changed.length} of ${changed.length}`
  }
  console.log(`${open.cells} cells: ${open.found.size} noticed when open, ${shut.found.size} when shut; routes noticed when a little wrong: ${JSON.stringify(seen)}`)
})
