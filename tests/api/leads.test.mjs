// SPDX-License-Identifier: Apache-2.0
// Leads over HTTP: made, found, changed, judged; every filter, every order, pages under writes.
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { demoData, start, tempDir } from './lib/server.mjs'

const L = '/api/v1/leads'
let dir, server
const call = (...a) => server.call(...a)
const get = async (path) => {
  const r = await call('GET', path)
  assert.equal(r.status, 200, `${path}: ${r.text}`)
  return r.body
}
const enc = encodeURIComponent
const fold = (s) => s.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().trim().replace(/\s+/g, ' ')

/** All leads that a query gives, page by page. */
async function all(query, limit = 500) {
  const items = []
  let cursor = ''
  do {
    const p = await get(`${L}?${query}&limit=${limit}&total=false${cursor && `&cursor=${enc(cursor)}`}`)
    items.push(...p.items)
    cursor = p.next_cursor
  } while (cursor)
  return items
}

before(async () => {
  dir = tempDir()
  server = await start({ data: demoData(dir).data })
})
after(async () => {
  await server?.stop()
  rmSync(dir, { recursive: true, force: true })
})

test('a lead is made once, scored at once, and found again', async () => {
  const body = { email: 'ada@one.example', name: 'Ada', source: 'Referral', page_views: 12 }
  const made = await call('POST', L, body)
  assert.equal(made.status, 201, made.text)
  assert.equal(made.headers.get('location'), `${L}/${made.body.id}`)
  assert.equal(made.body.version, 1)
  assert.equal(made.body.stale, false)
  assert.equal(made.body.model, 'v1')
  assert.equal(made.body.attributes.page_views, '12')
  const again = await call('POST', L, { ...body, email: ' ADA@one.example ' })
  assert.equal(again.status, 409)
  assert.equal(again.body.lead, made.body.id)
  const one = await call('GET', `${L}/${made.body.id}`)
  assert.deepEqual({ ...one.body }, { ...made.body })
  const tag = one.headers.get('etag')
  const same = await call('GET', `${L}/${made.body.id}`, undefined, { 'If-None-Match': tag })
  assert.equal(same.status, 304)
  assert.equal((await call('GET', `${L}/${'0'.repeat(32)}`)).status, 404)
  assert.equal((await call('GET', `${L}/nonsense`)).status, 404)
})

test('a change needs the version it was made on; 412 shows what is there', async () => {
  const a = (await call('POST', L, { external_id: '0042', name: 'Old', attributes: { Colour: 'red' } })).body
  const tag = (await call('GET', `${L}/${a.id}`)).headers.get('etag')
  const b = await call('PATCH', `${L}/${a.id}`, { name: 'New', attributes: { Colour: 'blue', Size: 7 } }, { 'If-Match': tag })
  assert.equal(b.status, 200, b.text)
  assert.equal(b.body.name, 'New')
  assert.deepEqual(b.body.attributes, { Colour: 'blue', Size: '7' })
  assert.equal(b.body.external_id, '0042')
  const late = await call('PATCH', `${L}/${a.id}`, { name: 'Late' }, { 'If-Match': tag })
  assert.equal(late.status, 412)
  assert.equal(late.body.current.name, 'New')
  const same = await call('PATCH', `${L}/${a.id}`, { name: 'New' })
  assert.equal(same.body.version, b.body.version, 'nothing changed, so nothing is counted')
  const emptied = await call('PATCH', `${L}/${a.id}`, { name: null, attributes: { Size: null } })
  assert.equal(emptied.body.name, undefined)
  assert.deepEqual(emptied.body.attributes, { Colour: 'blue' })
  assert.equal((await call('DELETE', `${L}/${a.id}`, undefined, { 'If-Match': tag })).status, 412)
  assert.equal((await call('DELETE', `${L}/${a.id}`)).status, 204)
  assert.equal((await call('DELETE', `${L}/${a.id}`)).status, 404)
})

test('of two changes of one version exactly one is taken', async () => {
  const a = (await call('POST', L, { external_id: 'race', name: 'x' })).body
  let taken = 0
  for (let i = 0; i < 10; i++) {
    const tag = (await call('GET', `${L}/${a.id}`)).headers.get('etag')
    const both = await Promise.all([1, 2].map((k) => call('PATCH', `${L}/${a.id}`, { name: `n${i}-${k}` }, { 'If-Match': tag })))
    assert.deepEqual(both.map((r) => r.status).sort(), [200, 412])
    taken++
  }
  console.log(`${taken} races, one winner each`)
})

test('PUT by the id of another system makes, updates and leaves alone', async () => {
  const path = `${L}/by-external-id/${enc('00/7 ü')}`
  const made = await call('PUT', path, { name: 'Bond', stage: 'New' })
  assert.equal(made.status, 201, made.text)
  assert.equal(made.body.external_id, '00/7 ü')
  const changed = await call('PUT', path, { stage: 'Demo' })
  assert.equal(changed.status, 200)
  assert.equal(changed.body.name, 'Bond')
  assert.equal(changed.body.stage, 'Demo')
  const same = await call('PUT', path, { stage: 'Demo' })
  assert.equal(same.body.version, changed.body.version)
  assert.equal((await call('PUT', path, { external_id: 'another' })).status, 422)
})

test('what does not fit is named by pointer, all of it', async () => {
  const r = await call('POST', L, { email: ['a'], value: 'much', created_at: 'soon', outcome: 'maybe',
    score: 5, heat: 'hot', name: true, x: {}, attributes: { email: 'b', ok: 1, 'a/b~c': [] } })
  assert.equal(r.status, 422)
  assert.deepEqual(r.body.errors.map((e) => e.pointer).sort(), ['/attributes/a~1b~0c', '/attributes/email',
    '/created_at', '/email', '/heat', '/name', '/outcome', '/score', '/value', '/x'])
  for (const [query, pointer] of [['heat=boiling', '?heat'], ['nonsense=1', '?nonsense'], ['value[gte]=x', '?value[gte]'],
    ['score[contains]=1', '?score[contains]'], ['sort=nowhere', '?sort'], ['limit=0', '?limit'], ['limit=501', '?limit'],
    ['at=1.5', '?at'], ['cursor=!!', '?cursor'], ['created_at[gte]=31.12.', '?created_at[gte]'], ['fields=nope', '?fields'],
    ['email[empty]=perhaps', '?email[empty]'], [`view=${'0'.repeat(26)}`, '?view'], ['at=0.5&cursor=AAAA', '?at']]) {
    const bad = await call('GET', `${L}?${query.replace(/[[\]]/g, enc)}`)
    assert.equal(bad.status, 422, `${query}: ${bad.text}`)
    assert.equal(bad.body.errors?.[0]?.pointer, pointer, `${query}: ${bad.text}`)
  }
  for (const cursor of ['AAAA', 'THcB', 'zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz'])
    assert.equal((await call('GET', `${L}?cursor=${cursor}`)).status, 422, cursor)
})

// --- many leads with known values ---

const names = ['Ärger GmbH', 'acme', 'Acme', 'ACME Ltd', 'Zeta', 'beta, inc', '', '  spaced  out ', "O'Brien", '100%']
const crowd = []

test('a crowd for the filters', async () => {
  let seed = 11
  const rnd = (n) => ((seed = (seed * 48271) % 2147483647) >> 8) % n
  for (let i = 0; i < 160; i++) {
    const x = { external_id: `crowd-${String(i).padStart(3, '0')}`, campaign: 'crowd', company: names[rnd(names.length)],
      source: ['Web', 'Referral', 'Event', ''][rnd(4)], owner: ['Ann', 'Bob', ''][rnd(3)] }
    if (rnd(3)) x.value = rnd(50) * 10 - 100 + (rnd(2) ? 0.5 : 0)
    if (rnd(3)) x.created_at = `2026-0${1 + rnd(9)}-1${rnd(9)}T0${rnd(9)}:30:00Z`
    x.attributes = { Points: [String(rnd(20)), `${rnd(9)}.5`, 'n/a', ''][rnd(4)] }
    if (rnd(4) === 0) x.outcome = ['won', 'lost'][rnd(2)]
    const r = await call('POST', L, x)
    assert.equal(r.status, 201, r.text)
    crowd.push({ ...x, id: r.body.id, lead: r.body })
  }
})

const num = (s) => (typeof s === 'number' ? s : s !== undefined && s !== '' && /^[-+]?\d+(\.\d+)?$/.test(s) ? Number(s) : undefined)
const text = {
  eq: (a, b) => a === b, ne: (a, b) => a !== b, contains: (a, b) => a.includes(b), starts: (a, b) => a.startsWith(b),
  gt: (a, b) => a > b, gte: (a, b) => a >= b, lt: (a, b) => a < b, lte: (a, b) => a <= b,
}

/** What a filter means, said once more and plainly. */
function passes(value, op, want, kind) {
  const empty = value === undefined || fold(String(value)) === ''
  if (op === 'empty') return empty === (want === 'true')
  if (empty) return op === 'ne' || op === 'nin'
  const list = op === 'in' || op === 'nin' ? want.split(',') : [want]
  const one = (w, how) => {
    if (kind === 'number') return text[how](Number(value), Number(w))
    if (kind === 'time') {
      const day = Date.parse(`${w}T00:00:00Z`), t = Date.parse(value)
      return { eq: t >= day && t < day + 864e5, gt: t >= day + 864e5, gte: t >= day, lt: t < day, lte: t < day + 864e5 }[how]
    }
    // Numbers compare with numbers and texts with texts.
    if (kind === 'attribute' && ['gt', 'gte', 'lt', 'lte'].includes(how) && (num(w) ?? num(value)) !== undefined) {
      const v = num(value)
      return v !== undefined && num(w) !== undefined && text[how](v, num(w))
    }
    if (kind === 'attribute' && num(w) !== undefined && num(value) !== undefined && (how === 'eq' || how === 'ne'))
      return text[how](num(value), num(w))
    return text[how](fold(String(value)), fold(w))
  }
  if (op === 'in') return list.some((w) => one(w, 'eq'))
  if (op === 'nin') return list.every((w) => one(w, 'ne'))
  return one(want, op)
}

test('every operator on every kind of column finds what it says', async () => {
  const columns = [
    ['company', 'text', (x) => x.company, ['acme', 'Ärger', 'arger gmbh', 'Zeta', '100%', 'a', 'O\'Brien']],
    ['value', 'number', (x) => x.value, ['0', '100.5', '-50', '1e2']],
    ['created_at', 'time', (x) => x.created_at, ['2026-05-13', '2026-01-10', '2027-01-01']],
    ['outcome', 'choice', (x) => x.outcome ?? 'open', ['won', 'open']],
    ['attr.Points', 'attribute', (x) => x.attributes.Points, ['5', '7.5', 'n/a']],
  ]
  const ops = { text: ['eq', 'ne', 'in', 'nin', 'contains', 'starts', 'gt', 'gte', 'lt', 'lte', 'empty'],
    number: ['eq', 'ne', 'in', 'nin', 'gt', 'gte', 'lt', 'lte', 'empty'], time: ['eq', 'gt', 'gte', 'lt', 'lte', 'empty'],
    choice: ['eq', 'ne', 'in', 'nin', 'empty'], attribute: ['eq', 'ne', 'in', 'nin', 'gt', 'gte', 'lt', 'lte', 'contains', 'starts', 'empty'] }
  let asked = 0
  for (const [column, kind, of, wants] of columns)
    for (const op of ops[kind]) {
      const values = op === 'empty' ? ['true', 'false'] : op === 'in' || op === 'nin' ? [wants.slice(0, 2).join(',')] : wants
      for (const want of values) {
        const expect = crowd.filter((x) => passes(of(x), op, want, kind === 'choice' ? 'text' : kind)).map((x) => x.id).sort()
        const query = `campaign=crowd&${enc(`${column}[${op}]`)}=${enc(want)}`
        const found = await all(query)
        assert.deepEqual(found.map((x) => x.id).sort(), expect, query)
        const page = await get(`${L}?${query}&limit=1`)
        assert.equal(page.total, expect.length, `total of ${query}`)
        asked++
      }
    }
  console.log(`${asked} filters over ${crowd.length} leads agree with a second reading of them`)
})

test('every order puts what is not known last, and pages neither skip nor repeat', async () => {
  const keys = { company: (x) => (x.company === undefined ? undefined : fold(x.company) || undefined), value: (x) => x.value,
    created_at: (x) => x.created_at && Date.parse(x.created_at), score: (x) => x.score, owner: (x) => x.owner && fold(x.owner) }
  for (const [column, key] of Object.entries(keys))
    for (const down of [false, true]) {
      const items = await all(`campaign=crowd&sort=${down ? '-' : ''}${column}`, 7)
      assert.equal(new Set(items.map((x) => x.id)).size, crowd.length)
      assert.equal(items.length, crowd.length)
      for (let i = 1; i < items.length; i++) {
        const a = key(items[i - 1]), b = key(items[i])
        if (b === undefined) continue
        assert.notEqual(a, undefined, `${column}: an empty one before ${b}`)
        assert.ok(down ? a >= b : a <= b, `${column} ${down}: ${a} before ${b}`)
      }
    }
  const whole = await all('campaign=crowd&sort=company')
  for (const at of [0, 0.25, 0.5, 0.9, 1]) {
    const p = await get(`${L}?campaign=crowd&sort=company&limit=5&at=${at}`)
    const i = whole.findIndex((x) => x.id === p.items[0]?.id)
    if (at === 1) continue
    assert.ok(Math.abs(i / whole.length - at) < 0.02, `at=${at} begins at ${i} of ${whole.length}`)
    assert.deepEqual(p.items.map((x) => x.id), whole.slice(i, i + 5).map((x) => x.id))
  }
})

test('words find leads by what begins a word, without case and accents', async () => {
  assert.deepEqual((await all(`campaign=crowd&q=${enc('ARGER')}`)).map((x) => x.id).sort(),
    crowd.filter((x) => x.company === 'Ärger GmbH').map((x) => x.id).sort())
  const two = await all(`campaign=crowd&q=${enc('acme lt')}`)
  assert.ok(two.length > 0 && two.every((x) => x.company === 'ACME Ltd'))
  assert.equal((await all('q=nobodyiscalledthis')).length, 0)
  for (const odd of ['"', '* OR', 'NEAR(', '%', "' --", '(', 'a"b'])
    await all(`campaign=crowd&q=${enc(odd)}`)
})

test('fields and attributes as asked, reasons on request', async () => {
  const p = await get(`${L}?campaign=crowd&limit=3&fields=${enc('name,attr.Points')}&reason=true`)
  for (const x of p.items) {
    assert.equal(x.company, undefined)
    assert.ok('id' in x && 'version' in x && 'score' in x)
    assert.equal(typeof x.attributes, 'object')
    assert.match(x.reason, /\S/)
  }
  const names = (await get(`${L}/attributes`)).items.map((a) => a.name)
  assert.ok(names.includes('Points'))
})

test('pages neither skip nor repeat what stays while others come, change and go', async () => {
  for (let i = 0; i < 120; i++)
    await call('POST', L, { external_id: `page-${i}`, campaign: 'paging', name: `N${String(i % 40).padStart(3, '0')}`, value: i })
  const stay = (await all('campaign=paging')).filter((x) => x.value % 2 === 0)
  let stop = false, writes = 0
  const writer = (async () => {
    for (let i = 0; !stop; i++) {
      const odd = 1 + 2 * (i % 60)
      if (i % 4 === 0) await call('POST', L, { external_id: `more-${i}`, campaign: 'paging', name: `N${i % 40}`, value: 1 })
      else if (i % 4 === 1) await call('PUT', `${L}/by-external-id/page-${odd}`, { campaign: 'paging', name: `M${i}`, value: odd })
      else if (i % 4 === 2) await call('PUT', `${L}/by-external-id/page-${odd}`, { campaign: 'gone' })
      else {
        const x = (await get(`${L}?external_id=page-${odd}&limit=1`)).items[0]
        if (x && i % 12 === 3) await call('DELETE', `${L}/${x.id}`)
      }
      writes++
    }
  })()
  let walks = 0
  for (const sort of ['name', '-name', '-score', 'value', '-updated_at', 'created_at'])
    for (let k = 0; k < 3; k++, walks++) {
      const seen = (await all(`campaign=paging&sort=${sort}`, 5)).map((x) => x.id)
      for (const x of stay) assert.equal(seen.filter((id) => id === x.id).length, 1, `${sort}: ${x.name}`)
    }
  stop = true
  await writer
  console.log(`${walks} walks over ${stay.length} leads that stay, ${writes} writes meanwhile: none skipped, none twice`)
  assert.ok(writes > 30)
})

// --- what people say ---

test('outcome, override and verdict: kept, marked, and through scoring and sending anew', async () => {
  const path = `${L}/by-external-id/judged`
  const a = (await call('PUT', path, { name: 'J', page_views: 3 })).body
  const at = (what, body) => call('POST', `${L}/${a.id}/${what}`, body)
  const other = a.heat === 'cold' ? 'hot' : 'cold'
  let r = await at('override', { heat: other, note: 'met at a fair' })
  assert.equal(r.status, 200, r.text)
  assert.equal(r.body.heat, other)
  assert.equal(r.body.override.note, 'met at a fair')
  await at('rescore')
  await call('PUT', path, { name: 'J', page_views: 9 })
  r = await call('GET', `${L}/${a.id}`)
  assert.equal(r.body.heat, other)
  assert.equal(r.body.stale, false)
  assert.ok((await all(`heat=${other}&external_id=judged`)).length === 1)
  assert.ok((await all(`override=${other}&external_id=judged`)).length === 1)
  r = await at('override', { heat: null })
  assert.equal(r.body.override, undefined)
  r = await at('verdict', { verdict: 'junk', reason: 'a student' })
  assert.deepEqual([r.body.verdict.verdict, r.body.verdict.reason], ['junk', 'a student'])
  const queued = async () => (await get('/api/v1/queue?limit=100&external_id=judged')).items.length
  assert.equal(await queued(), 0, 'junk is not worked')
  await at('verdict', { verdict: null })
  assert.equal(await queued(), 1)
  r = await at('outcome', { outcome: 'won' })
  assert.equal(r.body.outcome, 'won')
  assert.ok(Date.now() - Date.parse(r.body.outcome_at) < 60000)
  assert.equal(await queued(), 0)
  r = await at('outcome', { outcome: 'lost', at: '2026-02-03', lost_reason: 'price' })
  assert.deepEqual([r.body.outcome_at, r.body.lost_reason], ['2026-02-03T00:00:00Z', 'price'])
  r = await at('outcome', { outcome: 'open' })
  assert.equal(r.body.outcome_at, undefined)
  for (const [what, body, pointer] of [['outcome', { outcome: 'maybe' }, '/outcome'], ['override', { heat: 'none' }, '/heat'],
    ['override', {}, '/heat'], ['verdict', { verdict: 5 }, '/verdict'], ['outcome', { outcome: 'open', at: '2026-01-01' }, '/at'],
    ['outcome', { outcome: 'won', extra: 1 }, '/extra']]) {
    r = await at(what, body)
    assert.equal(r.status, 422, r.text)
    assert.equal(r.body.errors[0].pointer, pointer)
  }
})

test('notes and timeline', async () => {
  const a = (await call('POST', L, { external_id: 'noted', stage: 'New' })).body
  await call('PATCH', `${L}/${a.id}`, { stage: 'Demo', owner: 'Ann' })
  await call('POST', `${L}/${a.id}/verdict`, { verdict: 'good' })
  const n = await call('POST', `${L}/${a.id}/notes`, { text: '<b>call</b> on Monday' })
  assert.equal(n.status, 201, n.text)
  const kinds = (await get(`${L}/${a.id}/timeline`)).items.map((m) => m.kind)
  for (const k of ['created', 'updated', 'verdict', 'note']) assert.ok(kinds.includes(k), `${k} in ${kinds}`)
  const ids = []
  let cursor = ''
  do {
    const p = await get(`${L}/${a.id}/timeline?limit=1${cursor && `&cursor=${enc(cursor)}`}`)
    ids.push(...p.items.map((m) => m.id))
    cursor = p.next_cursor
  } while (cursor)
  assert.equal(ids.length, kinds.length)
  assert.equal(new Set(ids).size, ids.length)
  assert.equal((await get(`${L}/${a.id}/notes`)).items[0].text, '<b>call</b> on Monday')
  assert.equal((await call('DELETE', `${L}/${a.id}/notes/${n.body.id}`)).status, 204)
  assert.equal((await call('DELETE', `${L}/${a.id}/notes/${n.body.id}`)).status, 404)
  assert.equal((await call('POST', `${L}/${a.id}/notes`, { text: '  ' })).status, 422)
  assert.ok((await get(`${L}/${a.id}/history`)).items.length >= 1)
})

test('an explanation adds up to the score that is shown, and says why it moved', async () => {
  const r = await call('POST', L, { external_id: 'why', source: 'Referral', page_views: 2, country: 'Germany' })
  const id = r.body.id
  for (const k of [0, 2, 8]) {
    const x = await get(`${L}/${id}/explanation?k=${k}`)
    assert.equal(x.score, (await get(`${L}/${id}`)).score)
    assert.ok(x.reasons.length <= k)
    assert.equal(x.base.points + x.average.points + x.reasons.reduce((n, y) => n + y.points, 0) + x.rest.points, x.score)
    assert.equal(typeof x.reach.already, 'boolean')
    assert.match(x.reach.text, /\S/)
  }
  const model = await get('/api/v1/models/v1')
  const names = JSON.stringify(model)
  assert.ok(names.length > 0)
  let moved
  for (const change of [{ page_views: 40 }, { source: 'Bought list' }, { attributes: { 'Page views': '60', 'Total visits': '30' } },
    { last_activity_at: '2026-11-20' }, { company_size: '500' }, { attributes: { 'Email opens': '20', 'Demo requested': 'Yes' } }]) {
    await call('PATCH', `${L}/${id}`, change)
    const x = await get(`${L}/${id}/explanation`)
    if (!x.moved) continue
    moved = x.moved
    const p = moved.points
    assert.equal(p.data + p.time + p.model, moved.to.score - moved.from.score)
    assert.match(moved.text, /\S/)
  }
  assert.ok(moved, 'some change moved the score')
  assert.ok(moved.changes.length > 0)
  const s = await get(`${L}/${id}/similar`)
  assert.equal(s.available, false)
  assert.match(s.why, /\S/)
})

test('views: own and shared, checked, used by the list', async () => {
  const V = '/api/v1/views'
  const v = await call('POST', V, { name: 'Won crowd', query: 'campaign=crowd&outcome=won&sort=-value', columns: ['name', 'attr.Points'] })
  assert.equal(v.status, 201, v.text)
  const items = await all(`view=${v.body.id}`)
  assert.deepEqual(items.map((x) => x.id).sort(), crowd.filter((x) => x.outcome === 'won').map((x) => x.id).sort())
  const narrowed = await all(`view=${v.body.id}&source=Web`)
  assert.ok(narrowed.every((x) => x.source === 'Web' && x.outcome === 'won'))
  assert.equal((await call('POST', V, { name: 'x', query: 'colour=red' })).body.errors[0].pointer, '/query')
  assert.equal((await call('POST', V, { query: 'heat=hot' })).body.errors[0].pointer, '/name')
  const p = await call('PATCH', `${V}/${v.body.id}`, { shared: true })
  assert.equal(p.body.shared, true)
  assert.equal((await call('PATCH', `${V}/${v.body.id}`, { shared: false }, { 'If-Match': '"1"' })).status, 412)
  assert.ok((await get(V)).items.some((x) => x.id === v.body.id && x.mine))
  assert.equal((await call('DELETE', `${V}/${v.body.id}`)).status, 204)
  assert.equal((await call('GET', `${V}/${v.body.id}`)).status, 404)
})

test('a bulk action changes what its filter finds, but what is left out', async () => {
  const until = async (query, n) => {
    for (let i = 0; i < 500; i++) {
      if ((await get(`${L}?${query}&limit=1`)).total === n) return
      await new Promise((r) => setTimeout(r, 20))
    }
    assert.fail(`${query}: not ${n}, but ${(await get(`${L}?${query}&limit=1`)).total}`)
  }
  const web = crowd.filter((x) => x.source === 'Web').map((x) => x.id)
  const r = await call('POST', `${L}/bulk`, { action: 'tag', value: 'spring', filter: 'campaign=crowd&source=Web', except: web.slice(0, 2) })
  assert.equal(r.status, 202, r.text)
  assert.match(r.headers.get('location'), /^\/api\/v1\/jobs\//)
  await until('campaign=crowd&tags=spring', web.length - 2)
  await call('POST', `${L}/bulk`, { action: 'untag', value: 'SPRING', ids: web.slice(2, 5) })
  await until('campaign=crowd&tags=spring', web.length - 5)
  await call('POST', `${L}/bulk`, { action: 'owner', value: 'Zoë', filter: 'campaign=crowd&owner=Ann' })
  await until('campaign=crowd&owner=zoe', crowd.filter((x) => x.owner === 'Ann').length)
  await until('campaign=crowd&stale=true', 0)
  await call('POST', `${L}/bulk`, { action: 'override', value: 'warm', ids: web.slice(0, 3) })
  await until('override=warm&campaign=crowd', 3)
  await call('POST', `${L}/bulk`, { action: 'delete', ids: web.slice(0, 3) })
  await until('campaign=crowd', crowd.length - 3)
  // Each of them can be taken back; what was changed since stays.
  const job = async (r) => {
    assert.equal(r.status, 202, r.text)
    for (let i = 0; i < 500; i++) {
      const j = await get(`/api/v1/jobs/${r.body.job.id}`)
      if (!['queued', 'running'].includes(j.state)) return j
      await new Promise((ok) => setTimeout(ok, 20))
    }
    return assert.fail('the job does not end')
  }
  const three = web.slice(5, 8)
  const seen = async (id) => { const l = await get(`${L}/${id}`); return [l.owner, l.tags, l.outcome, l.outcome_at, l.override?.heat, l.verdict?.verdict] }
  const were = await Promise.all(three.map(seen))
  for (const [action, value] of [['owner', 'Nobody'], ['tag', 'autumn'], ['untag', 'spring'], ['outcome', 'won'], ['override', 'hot'], ['verdict', 'junk']]) {
    const done = await job(await call('POST', `${L}/bulk`, { action, value, ids: three }))
    assert.equal(done.result.undo, true, `${action}: ${JSON.stringify(done)}`)
    const undone = await job(await call('POST', `/api/v1/jobs/${done.id}/undo`))
    assert.deepEqual(undone.result, { restored: done.result.changed, kept: 0, missing: 0 }, action)
    assert.deepEqual(await Promise.all(three.map(seen)), were, action)
    assert.equal((await call('POST', `/api/v1/jobs/${done.id}/undo`)).status, 409, action)
  }
  const given = await job(await call('POST', `${L}/bulk`, { action: 'owner', value: 'Given', ids: three }))
  await call('PATCH', `${L}/${three[0]}`, { owner: 'Later' })
  await call('DELETE', `${L}/${three[1]}`)
  assert.deepEqual((await job(await call('POST', `/api/v1/jobs/${given.id}/undo`))).result, { restored: 1, kept: 1, missing: 1 })
  assert.equal((await get(`${L}/${three[0]}`)).owner, 'Later')
  assert.equal((await get(`${L}/${three[2]}`)).owner, were[2][0])
  const scored = await job(await call('POST', `${L}/bulk`, { action: 'rescore', ids: three }))
  assert.equal(scored.result.undo, false)
  assert.equal((await call('POST', `/api/v1/jobs/${scored.id}/undo`)).status, 409)
  assert.equal((await call('POST', '/api/v1/jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV/undo')).status, 404)
  const bad = await call('POST', `${L}/bulk`, { action: 'tag', filter: 'x=1', ids: ['y'] })
  assert.deepEqual([...new Set(bad.body.errors.map((e) => e.pointer))].sort(), ['/filter', '/ids', '/ids/0', '/value'])
})
