// SPDX-License-Identifier: Apache-2.0
// A person who is erased is in no file and no answer any more (P27).
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { start, until } from './lib/server.mjs'

const L = '/api/v1/leads'
let server
const call = (...a) => server.call(...a)

before(async () => {
  server = await start()
})
after(() => server?.stop())

/** Files under the data folder, and the log, that hold a text. */
function places(text) {
  const found = []
  const walk = (dir) => {
    for (const f of readdirSync(dir, { withFileTypes: true })) {
      const path = join(dir, f.name)
      if (f.isDirectory()) walk(path)
      else if (f.isFile() && readFileSync(path).includes(text)) found.push(path.slice(server.dir.length))
    }
  }
  walk(server.dir)
  if (server.log.includes(text)) found.push('log')
  return found
}

const canaries = {}
let planted = 0
/** A text that is nowhere else. */
const canary = (name) => (canaries[name] ??= `zq${String(++planted).padStart(2, '0')}${name.replace(/\W/g, '').toLowerCase()}xjvk`)

async function have(name) {
  const r = await call('GET', `/api/v1/uploads?limit=1`)
  return r.status === 200 ? name : undefined
}

test('planted everywhere, erased everywhere', async () => {
  const email = `${canary('email')}@erase.example`
  const fields = Object.fromEntries(['name', 'first_name', 'last_name', 'company', 'role', 'region', 'country', 'city', 'postal_code', 'industry',
    'company_size', 'website', 'source', 'campaign', 'status', 'stage', 'owner', 'lost_reason', 'consent', 'notes', 'tags', 'mobile']
    .map((f) => [f, `T ${canary(f)}`]))
  // Names of columns are no personal data: they stay.
  const others = []
  for (let i = 0; i < 40; i++) others.push((await call('POST', L, { email: `o${i}@erase.example`, name: `Other ${i}` })).body.id)
  const made = await call('POST', L, { email, phone: `+49 ${canary('phone')}`, ...fields, attributes: { Comment: canary('attribute') } },
    { 'Idempotency-Key': `key-${canary('key')}` })
  assert.equal(made.status, 201, made.text)
  const id = made.body.id
  const changes = { company: canary('company2'), notes: canary('notes2'), attributes: { Comment: canary('attribute2') } }
  assert.equal((await call('PATCH', `${L}/${id}`, changes)).status, 200)
  await call('POST', `${L}/${id}/notes`, { text: canary('note') })
  await call('POST', `${L}/${id}/override`, { heat: 'hot', note: canary('overridenote') })
  await call('POST', `${L}/${id}/verdict`, { verdict: 'good', reason: canary('verdictreason') })
  await call('POST', `${L}/${id}/outcome`, { outcome: 'lost', lost_reason: canary('lost2') })
  await call('POST', '/api/v1/views', { name: 'One', query: `email=${email}` })
  await call('POST', '/api/v1/views', { name: 'All', query: 'sort=-score', shared: true })
  await call('POST', `${L}/bulk`, { action: 'tag', value: 'seen', filter: `email=${email}` })
  await until(async () => (await call('GET', `${L}/${id}`)).body.tags?.includes('seen'))
  // A second lead of the same person, and a file with them in it.
  const second = await call('PUT', `${L}/by-external-id/second`, { email, name: canary('secondname') })
  assert.equal(second.status, 201)
  if (await have('uploads')) {
    const csv = `Email,Name,Remark\n${email},${canary('csvname')},${canary('csvremark')}\nx@erase.example,X,y\n` +
      `${email},Ann,too,many,${canary('rejected')}\n`
    const up = await call('POST', '/api/v1/upload?filename=people.csv&commit=auto', new TextEncoder().encode(csv))
    assert.equal(up.status, 202, up.text)
    await until(async () => ['done', 'review', 'failed'].includes((await call('GET', `/api/v1/uploads/${up.body.id}`)).body.state))
  }
  // A file that was looked at and thrown away, which has no e-mail to find the person by.
  const seen = await call('POST', '/api/v1/upload?filename=names.csv&commit=review',
    new TextEncoder().encode(`Name,Remark\n${canary('sample')},a\nSomebody Else,b\n`))
  const review = await until(async () => {
    const { body } = await call('GET', `/api/v1/uploads/${seen.body.id}`)
    return body.state === 'review' && JSON.stringify(body)
  })
  assert.ok(review.includes(canary('sample')))
  assert.equal((await call('DELETE', `/api/v1/uploads/${seen.body.id}`)).status, 204)
  assert.ok(!(await call('GET', `/api/v1/uploads/${seen.body.id}`)).text.includes(canary('sample')))
  await call('GET', `${L}?q=${canary('name')}&email=${email}`)
  const before = Object.values(canaries).filter((c) => places(c).length > 0)
  console.log(`${planted} canaries planted, ${before.length} found on the disk before`)
  assert.ok(before.length > 20, 'the search itself works')

  const x = await call('GET', `/api/v1/persons/export?email=${encodeURIComponent(email)}`)
  assert.equal(x.status, 200, x.text)
  for (const name of ['email', 'phone', 'attribute', 'attribute2', 'company', 'company2', 'note', 'verdictreason', 'secondname'])
    assert.ok(x.text.includes(canary(name)), `the export has ${name}`)
  assert.equal(x.body.leads.length, 2)

  const started = Date.now()
  const r = await call('POST', '/api/v1/persons/erase', { email: email.toUpperCase() })
  assert.equal(r.status, 202, r.text)
  await until(async () => (await call('GET', `${L}/${id}`)).status === 404)
  const left = () => Object.entries(canaries).filter(([, c]) => places(c).length > 0).map(([n, c]) => `${n}: ${places(c)}`)
  await until(() => left().length === 0 || Date.now() - started > 60000, 70000)
  assert.deepEqual(left(), [])
  console.log(`${planted} canaries, none left ${((Date.now() - started) / 1000).toFixed(1)} s after the answer`)

  for (const path of [L, `${L}/attributes`, '/api/v1/overview', '/api/v1/queue', '/api/v1/views', '/api/v1/analytics/sources', '/api/v1/analytics/sources?field=owner',
    '/api/v1/jobs', '/api/v1/audit', '/metrics', `${L}/export.csv`]) {
    const { text } = await call('GET', path)
    for (const [name, c] of Object.entries(canaries)) assert.ok(!text.includes(c), `${path} still has ${name}`)
  }
  assert.equal((await call('GET', `/api/v1/persons/export?email=${encodeURIComponent(email)}`)).status, 404)
  assert.equal((await call('POST', '/api/v1/persons/erase', { email })).status, 404)
  const { body } = await call('GET', `${L}?limit=500`)
  for (const o of others) assert.ok(body.items.some((l) => l.id === o), 'others stay')
})

test('whom to erase is said by one of three', async () => {
  for (const body of [{}, { email: 'a', id: 'b' }, { id: 'x' }, { email: '' }, { name: 'Ann' }, { email: 5 }]) {
    const r = await call('POST', '/api/v1/persons/erase', body)
    assert.equal(r.status, 422, r.text)
    assert.ok(r.body.errors.length > 0)
  }
  assert.equal((await call('POST', '/api/v1/persons/erase', { phone: '+1 555 0000' })).status, 404)
})
