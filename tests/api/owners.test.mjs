// SPDX-License-Identifier: Apache-2.0
// Reps who see only their own leads: in no list, count, file, figure or change is anybody else's.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { start } from './lib/server.mjs'

const L = '/api/v1/leads', good = 'purple lamp seven river'
let server, ann, ids = {}

before(async () => {
  server = await start({ args: ['--login-rate', '100000'] })
  for (const [name, owner] of [['a1', 'Ann'], ['a2', 'ANN'], ['b1', 'Bob'], ['n1', undefined]])
    ids[name] = (await server.call('POST', L, { external_id: name, owner, source: `S ${name}`, page_views: 5 })).body.id
  const u = await server.call('POST', '/api/v1/users', { email: 'ann@acme.example', name: 'Ann', role: 'rep', password: good, owner: 'Ann' })
  assert.equal(u.status, 201, u.text)
  assert.equal((await server.call('PATCH', '/api/v1/settings', { reps_see: 'own' })).status, 200)
  const login = async (password) => {
    const r = await server.call('POST', '/api/v1/auth/login', { email: 'ann@acme.example', password }, { Cookie: 'x=y', 'Sec-Fetch-Site': 'same-origin' })
    assert.equal(r.status, 200, r.text)
    const cookie = r.headers.getSetCookie().find((c) => c.startsWith('heatscore_session=')).split(';')[0]
    return { Cookie: cookie, 'Sec-Fetch-Site': 'same-origin' }
  }
  const own = 'seventeen green bottles'
  const changed = await server.call('POST', '/api/v1/me/password', { current: good, new: own }, await login(good))
  assert.equal(changed.status, 204, changed.text)
  const session = await login(own)
  ann = (method, path, body) => server.call(method, path, body, session)
})
after(() => server?.stop())

test('lists, counts, files and figures have only what is theirs', async () => {
  const p = (await ann('GET', L)).body
  assert.deepEqual(p.items.map((x) => x.id).sort(), [ids.a1, ids.a2].sort())
  assert.equal(p.total, 2)
  assert.equal((await ann('GET', `${L}?owner=Bob`)).body.total, 0)
  assert.equal((await ann('GET', `${L}?q=b1`)).body.total, 0)
  const csv = await ann('GET', `${L}/export.csv`)
  assert.ok(csv.text.includes('"a1"') && !csv.text.includes('"b1"') && !csv.text.includes('"n1"'))
  assert.equal((await ann('GET', '/api/v1/overview')).body.totals.leads, 2)
  assert.equal((await ann('GET', '/api/v1/queue')).body.items.length, 2)
  const sources = (await ann('GET', '/api/v1/analytics/sources')).body.items.map((x) => x.value).sort()
  assert.deepEqual(sources, ['S a1', 'S a2'])
})

test('what is somebody else\'s is not there, for reading and for changing', async () => {
  for (const id of [ids.b1, ids.n1]) {
    for (const what of ['', '/explanation', '/timeline', '/history', '/notes', '/similar']) assert.equal((await ann('GET', `${L}/${id}${what}`)).status, 404, what)
    assert.equal((await ann('PATCH', `${L}/${id}`, { stage: 'x' })).status, 404)
    for (const [what, body] of [['outcome', { outcome: 'won' }], ['override', { heat: 'hot' }], ['verdict', { verdict: 'junk' }], ['notes', { text: 'x' }], ['rescore', undefined]])
      assert.equal((await ann('POST', `${L}/${id}/${what}`, body)).status, 404, what)
  }
  assert.equal((await ann('PATCH', `${L}/${ids.a1}`, { owner: 'Bob' })).status, 403)
  assert.equal((await ann('PATCH', `${L}/${ids.a1}`, { stage: 'Demo' })).status, 200)
  assert.equal((await ann('DELETE', `${L}/${ids.a1}`)).status, 403)
  const made = await ann('POST', L, { external_id: 'a3' })
  assert.equal(made.body.owner, 'Ann')
  assert.equal((await ann('POST', L, { external_id: 'a4', owner: 'Bob' })).status, 403)
  await ann('POST', `${L}/bulk`, { action: 'tag', value: 'mine', filter: 'sort=name' })
  await ann('POST', `${L}/bulk`, { action: 'tag', value: 'mine', ids: [ids.b1, ids.a1] })
  for (let i = 0; i < 1500 && (await server.call('GET', `${L}?tags=mine`)).body.total < 3; i++) await new Promise((r) => setTimeout(r, 20))
  assert.deepEqual((await server.call('GET', `${L}?tags=mine`)).body.items.map((x) => x.id).sort(), [ids.a1, ids.a2, made.body.id].sort())
})
