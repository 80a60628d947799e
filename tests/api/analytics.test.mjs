// SPDX-License-Identifier: Apache-2.0
// After any number of changes of any kind the counts are those of a recount.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { start } from './lib/server.mjs'

const L = '/api/v1/leads', A = '/api/v1/analytics'
let server
const call = (...a) => server.call(...a)
const get = async (path) => {
  const r = await call('GET', path)
  assert.equal(r.status, 200, `${path}: ${r.text}`)
  return r.body
}

before(async () => {
  server = await start()
})
after(() => server?.stop())

const everybody = async () => {
  const items = []
  let cursor = ''
  do {
    const p = await get(`${L}?limit=500${cursor && `&cursor=${cursor}`}`)
    items.push(...p.items)
    cursor = p.next_cursor
  } while (cursor)
  return items
}

/** Wilson's 95 % interval, by the book. */
function wilson(won, n) {
  const z = 1.959963984540054, p = won / n, d = 1 + z * z / n
  const m = (p + z * z / (2 * n)) / d, r = z / d * Math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
  return [m - r, m + r]
}

function check(x, leads) {
  const won = leads.filter((l) => l.outcome === 'won').length, lost = leads.filter((l) => l.outcome === 'lost').length
  assert.equal(x.leads, leads.length)
  assert.equal(x.won, won)
  assert.equal(x.lost, lost)
  if (won + lost === 0) return assert.equal(x.conversion, undefined)
  assert.ok(Math.abs(x.conversion - won / (won + lost)) < 1e-12)
  const [low, high] = wilson(won, won + lost)
  assert.ok(Math.abs(x.low - low) < 1e-6 && Math.abs(x.high - high) < 1e-6, `${x.low} ${low}`)
}

async function recount() {
  const leads = await everybody()
  const heats = ['hot', 'warm', 'cold']
  const o = await get('/api/v1/overview')
  assert.equal(o.totals.leads, leads.length)
  assert.equal(o.totals.open, leads.filter((l) => l.outcome === 'open').length)
  for (const h of heats) assert.equal(o.heat[h], leads.filter((l) => l.heat === h).length, h)
  const day = leads.filter((l) => Date.parse(l.inserted_at) > Date.now() - 864e5)
  assert.equal(o.since_yesterday.new_leads, day.length)
  assert.equal(o.since_yesterday.outcomes.won, leads.filter((l) => l.outcome === 'won' && Date.parse(l.outcome_at) > Date.now() - 864e5).length)
  assert.equal(o.stale_scores, leads.filter((l) => l.stale).length)
  for (const row of (await get(`${A}/heat`)).items) check(row, leads.filter((l) => l.heat === row.heat))
  for (const field of ['source', 'owner']) {
    const { items } = await get(`${A}/sources?field=${field}&limit=1000`)
    assert.equal(items.reduce((n, x) => n + x.leads, 0), leads.length)
    for (const row of items) {
      const these = leads.filter((l) => (l[field] ?? '') === row.value)
      check(row, these)
      for (const h of heats) assert.equal(row[h], these.filter((l) => l.heat === h).length)
    }
  }
  const f = await get(`${A}/funnel?by=source`)
  assert.deepEqual(f.stages.map((s) => s.count), [leads.length, leads.filter((l) => l.outcome !== 'open').length, leads.filter((l) => l.outcome === 'won').length])
  const today = new Date().toISOString().slice(0, 10)
  const trend = (await get(`${A}/trend?days=400`)).items
  assert.equal(trend.length, 400)
  assert.equal(trend.at(-1).day, today)
  const on = (t, d) => t !== undefined && t.slice(0, 10) === d
  for (const d of trend) {
    assert.equal(d.new, leads.filter((l) => on(l.created_at ?? l.inserted_at, d.day)).length, d.day)
    assert.equal(d.won, leads.filter((l) => l.outcome === 'won' && on(l.outcome_at, d.day)).length, d.day)
    assert.equal(d.lost, leads.filter((l) => l.outcome === 'lost' && on(l.outcome_at, d.day)).length, d.day)
  }
  const queue = []
  let cursor = ''
  do {
    const p = await get(`/api/v1/queue?limit=17${cursor && `&cursor=${cursor}`}`)
    queue.push(...p.items)
    cursor = p.next_cursor
  } while (cursor)
  const open = leads.filter((l) => l.outcome === 'open' && l.verdict?.verdict !== 'junk')
  assert.deepEqual(queue.map((l) => l.id).sort(), open.map((l) => l.id).sort())
  const rank = (l) => [heats.indexOf(l.heat), l.override ? 0 : 1, -l.score]
  for (let i = 1; i < queue.length; i++) {
    const a = rank(queue[i - 1]), b = rank(queue[i])
    assert.ok(a[0] < b[0] || (a[0] === b[0] && (a[1] < b[1] || (a[1] === b[1] && a[2] <= b[2]))), 'the queue is ranked')
  }
  return leads.length
}

test('counts equal a recount after every kind of change', async () => {
  let seed = 5
  const rnd = (n) => ((seed = (seed * 48271) % 2147483647) >> 8) % n
  const pick = (a) => a[rnd(a.length)]
  const ids = []
  const kinds = {
    async make() {
      const x = { external_id: `a${ids.length}-${rnd(1e6)}`, source: pick(['Web', 'Fair', 'Referral', undefined]), owner: pick(['Ann', 'Bob', undefined]), page_views: rnd(60) }
      if (rnd(2)) x.created_at = new Date(Date.now() - rnd(500) * 864e5).toISOString()
      if (rnd(4) === 0) Object.assign(x, { outcome: pick(['won', 'lost']), outcome_at: new Date(Date.now() - rnd(100) * 864e5).toISOString() })
      const r = await call('POST', L, x)
      assert.equal(r.status, 201, r.text)
      ids.push(r.body.id)
    },
    source: (id) => call('PATCH', `${L}/${id}`, { source: pick(['Web', 'Fair', null]) }),
    owner: (id) => call('PATCH', `${L}/${id}`, { owner: pick(['Ann', 'Cid', null]) }),
    views: (id) => call('PATCH', `${L}/${id}`, { attributes: { page_views: rnd(90) } }),
    outcome: (id) => call('POST', `${L}/${id}/outcome`, { outcome: pick(['won', 'lost', 'open']) }),
    override: (id) => call('POST', `${L}/${id}/override`, { heat: pick(['hot', 'warm', 'cold', null]) }),
    verdict: (id) => call('POST', `${L}/${id}/verdict`, { verdict: pick(['junk', 'was_hot', 'good', null]) }),
    rescore: (id) => call('POST', `${L}/${id}/rescore`),
    async remove(id) {
      await call('DELETE', `${L}/${id}`)
      ids.splice(ids.indexOf(id), 1)
    },
  }
  for (let i = 0; i < 60; i++) await kinds.make()
  const done = {}
  for (let i = 0, n = 0; i < 400; i++) {
    const kind = pick(Object.keys(kinds).concat('make'))
    const r = await kinds[kind](pick(ids))
    if (r) assert.equal(r.status, 200, `${kind}: ${r.text}`)
    done[kind] = (done[kind] ?? 0) + 1
    if (i % 80 === 79) n = await recount()
    if (i === 399) console.log(`${i + 1} changes (${JSON.stringify(done)}), ${n} leads at the end, 5 recounts: all counts agree`)
  }
})

test('bands of decided leads are those they had when they were decided', async () => {
  const b = await get(`${A}/bands?since=all`)
  assert.equal(b.model, 'rule')
  const r = (await call('POST', L, { external_id: 'closing', page_views: 9 })).body
  const before = b.items.find((x) => x.heat === r.heat)
  await call('POST', `${L}/${r.id}/outcome`, { outcome: 'won' })
  await call('POST', `${L}/${r.id}/override`, { heat: 'cold' })
  const now = (await get(`${A}/bands?since=all`)).items.find((x) => x.heat === r.heat)
  assert.equal(now.won, before.won + 1)
  assert.equal((await get(`${A}/reliability`)).source, 'holdout')
  const live = await get(`${A}/reliability?source=live`)
  assert.equal(live.bins.length, 10)
  assert.ok(live.rows > 0)
  assert.equal((await call('GET', `${A}/trend?days=0`)).status, 422)
  assert.equal((await call('GET', `${A}/sources?field=colour`)).status, 422)
})
