// SPDX-License-Identifier: Apache-2.0
// Models over HTTP: learned from an upload and from leads that are kept, looked at, compared, published
// behind the gate, rolled back; leaks overruled; trainings cancelled; bands, segments, drift, schedule.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { join } from 'node:path'
import { binary, demoData, start, tempDir, until } from './lib/server.mjs'

const dir = tempDir()
let server, demo, upload

const get = (path) => server.call('GET', `/api/v1/${path}`)
const post = (path, body) => server.call('POST', `/api/v1/${path}`, body)
const put = (path, body) => server.call('PUT', `/api/v1/${path}`, body)
async function ok(answer, status = 200) {
  const a = await answer
  assert.equal(a.status, status, a.text)
  return a.body
}
/** Waits for a job's end. */
async function ended(job, ms = 120000) {
  return until(async () => {
    const j = await ok(get(`jobs/${job.id}`))
    return ['done', 'failed', 'cancelled', 'dead'].includes(j.state) && j
  }, ms)
}
async function trained(body) {
  const { job } = await ok(post('models/train', body), 202)
  const end = await ended(job)
  assert.equal(end.state, 'done', JSON.stringify(end))
  return end.result
}
/** All leads are scored by this version. */
const scoredBy = (version) => until(async () => {
  const a = await ok(get(`leads?limit=1&model=${version}`))
  const all = await ok(get('leads?limit=1'))
  return a.total === all.total && all.total > 0
})

before(async () => {
  demo = demoData(dir, { rows: 900 })
  server = await start({ data: join(dir, 'server') })
  const sent = await ok(server.call('POST', '/api/v1/upload?filename=history.csv&commit=auto',
    readFileSync(demo.history), { 'Content-Type': 'text/csv' }), 202)
  upload = await until(async () => {
    const u = await ok(get(`uploads/${sent.id}`))
    assert.ok(!['failed', 'cancelled'].includes(u.state), JSON.stringify(u.error))
    return u.state === 'done' && u
  })
})
after(async () => {
  await server?.stop()
  rmSync(dir, { recursive: true, force: true })
})

test('while there is no version, the list is empty and nothing can be rolled back', async () => {
  const list = await ok(get('models'))
  assert.deepEqual(list.items, [])
  assert.equal(list.live, null)
  await ok(post('models/rollback'), 409)
  await ok(get('models/v1'), 404)
  await ok(get('models/nonsense'), 404)
})

test('wrong trainings are refused, each member named', async () => {
  const cases = [
    [{ target: 7 }, '/target'], [{ won: 'Won' }, '/won'], [{ budget_s: -1 }, '/budget_s'],
    [{ capacity: 'lots' }, '/capacity'], [{ as_of: 'soon' }, '/as_of'], [{ magic: 1 }, '/magic'],
    [{ upload: 'x' }, '/upload'], [{ leads: 'value[gte]=many' }, '/leads'], [{ leads: 5 }, '/leads'],
    [{ upload: '01M8ECXMP284JT6BFJ4W1KJ2BZ' }, '/upload'], [{ upload: upload.id, target: 'Nope' }, '/target'],
    [{ upload: upload.id, drop: ['Status', 'Nope'] }, '/drop/1'], [{ upload: upload.id, keep: ['Nope'] }, '/keep/0'],
    [{ leads: { value: { gte: 'many' } } }, '/leads'], [{ leads: { heat: ['hot', 'tepid'] } }, '/leads'], [{ leads: { heat: [] } }, '/leads'],
    [{ segment: 'nofield=1' }, '/segment'], [{ value: 5 }, '/value'], [{ verdicts: 'yes' }, '/verdicts'],
  ]
  for (const [body, pointer] of cases) {
    const p = await ok(post('models/train', body), 422)
    assert.ok(p.errors.some((x) => x.pointer === pointer), `${pointer}: ${JSON.stringify(p)}`)
  }
})

test('learned from an upload: a draft with figures, a card, and the leak guard overruled', async () => {
  const r = await trained({ upload: upload.id, target: 'Status', won: ['Won'], lost: ['Lost'], budget_s: 1, name: 'First' })
  assert.equal(r.version, 'v1')
  assert.ok(r.roc_auc > 0.6 && r.roc_auc < 0.95, `ROC AUC ${r.roc_auc}`)
  const leak = r.left_out.find((x) => x.column === 'Closed Reason')
  assert.equal(leak?.reason, 'leak')
  assert.ok(leak.evidence.length > 10)
  const v1 = await ok(get('models/v1'))
  assert.equal(v1.state, 'draft')
  assert.equal(v1.name, 'First')
  assert.equal(v1.report.file.name, 'history.csv')
  assert.equal(v1.won + v1.lost + v1.open, v1.rows)

  const m = await ok(get('models/v1/metrics'))
  for (const k of ['roc_auc', 'pr_auc', 'log_loss', 'brier', 'ece'])
    assert.ok(m[k].low <= m[k].value && m[k].value <= m[k].high, k)
  assert.equal(m.reliability.reduce((n, b) => n + b.n, 0), v1.won + v1.lost)
  assert.equal(m.histogram.reduce((n, b) => n + b.won, 0), v1.won)
  assert.deepEqual(m.confusion.map((c) => c.true_won + c.false_won + c.false_lost + c.true_lost),
    [v1.won + v1.lost, v1.won + v1.lost])
  assert.equal(m.by_heat.reduce((n, b) => n + b.leads, 0), v1.won + v1.lost)
  assert.deepEqual(m.roc[0], [0, 0])
  assert.ok(m.log_loss.value < m.baselines.base_rate.log_loss.value)

  const html = await get('models/v1/card.html')
  assert.equal(html.status, 200)
  assert.match(html.headers.get('content-type'), /text\/html/)
  assert.match(html.headers.get('content-security-policy'), /default-src 'none'/)
  assert.match(html.text, /Model card v1/)
  assert.match((await get('models/v1/card.md')).text, /^# /)
  assert.equal((await ok(get('models/v1/card.json'))).version, 'v1')

  // Overruled: the column that gives the outcome away is used, and the figures say too much.
  const kept = await trained({ upload: upload.id, target: 'Status', won: ['Won'], lost: ['Lost'], budget_s: 1, keep: ['Closed Reason'] })
  assert.ok(!kept.left_out.some((x) => x.column === 'Closed Reason'))
  assert.ok(kept.roc_auc > r.roc_auc)
  console.log(`ROC AUC ${r.roc_auc.toFixed(3)}; with the leak ${kept.roc_auc.toFixed(3)}`)
  await ok(server.call('DELETE', `/api/v1/models/${kept.version}`), 204)
  await ok(get(`models/${kept.version}`), 404)
})

test('published: everything is scored by it, old scores stay until then', async () => {
  const gate = await ok(get('models/v1/gate'))
  assert.equal(gate.open, true)
  const v1 = await ok(post('models/v1/publish', { note: 'the first' }))
  assert.equal(v1.state, 'published')
  assert.equal((await ok(get('models'))).live, 'v1')
  await scoredBy('v1')
  await ok(server.call('DELETE', '/api/v1/models/v1'), 409)
})

test('learned from stored leads: shares its rows with the upload, compared lead by lead', async () => {
  const r = await trained({ leads: '', budget_s: 1, verdicts: true })
  assert.equal(r.rows, upload.rows.created)
  assert.equal(r.verdicts.junk_as_lost, 0)
  const gate = await ok(get(`models/${r.version}/gate`))
  assert.equal(gate.live, 'v1')
  assert.ok(gate.shared_rows > 0.9 * (r.won + r.lost), `shared ${gate.shared_rows} of ${r.won + r.lost}`)
  assert.equal(gate.open, true, gate.why)
  const c = await ok(get(`models/compare?a=${r.version}&b=v1&limit=10`))
  assert.ok(c.training_rows.comparable)
  assert.ok(Math.abs(c.difference.log_loss.value) < 0.1)
  assert.equal(c.heat_moves.flat().reduce((x, y) => x + y), c.leads_compared)
  assert.ok(c.leads_compared > 0)
  for (const l of c.leads) {
    assert.notEqual(l.heat_a, l.heat_b)
    const lead = await ok(get(`leads/${l.id}`))
    assert.equal(lead.model, 'v1')
    assert.ok(Math.abs(lead.probability - l.b) < 0.02, 'what the comparison says of v1 is what the lead shows')
  }
  await ok(get(`models/compare?a=v1&b=v99`), 404)
})

test('filters narrow what is learned from; too few outcomes are refused with the reason', async () => {
  const { job } = await ok(post('models/train', { leads: { outcome: 'open' }, budget_s: 1 }), 202)
  const end = await ended(job)
  assert.equal(end.state, 'failed')
  assert.match(end.error.detail, /0 are won and 0 lost/)
})

test('a worse version meets a shut gate; force and rollback go on in one call', async () => {
  const all = (await ok(get('models/v1'))).report.used
  const poor = await trained({ leads: '', budget_s: 1, drop: all.slice(1) })
  const shut = await ok(post(`models/${poor.version}/publish`), 409)
  assert.equal(shut.gate.open, false)
  assert.match(shut.detail, /it is worse/)
  assert.equal((await ok(get('models'))).live, 'v1')
  await ok(post(`models/${poor.version}/publish`, { force: true }))
  await scoredBy(poor.version)
  const back = await ok(post('models/rollback'))
  assert.equal(back.version, 'v1')
  await scoredBy('v1')
  const score = await ok(post('score', {}))
  assert.equal(score.model, 'v1')
})

test('junk counts as lost when it is asked for', async () => {
  const open = await ok(get('leads?outcome=open&limit=3'))
  for (const l of open.items) await ok(post(`leads/${l.id}/verdict`, { verdict: 'junk' }))
  const before = await ok(get('models/v1'))
  const r = await trained({ leads: '', budget_s: 1, verdicts: true })
  assert.equal(r.verdicts.junk_as_lost, open.items.length)
  assert.equal(r.lost, before.lost + open.items.length)
  for (const l of open.items) await ok(post(`leads/${l.id}/verdict`, { verdict: null }))
})

test('a training is cancelled within seconds and leaves nothing', async () => {
  const versions = (await ok(get('models'))).items.length
  const { job } = await ok(post('models/train', { leads: '', budget_s: 600 }), 202)
  await until(async () => (await ok(get(`jobs/${job.id}`))).progress > 0)
  const from = Date.now()
  await ok(post(`jobs/${job.id}/cancel`), 200).catch(async () => {})
  const end = await ended(job)
  console.log(`cancelled after ${Date.now() - from} ms`)
  assert.equal(end.state, 'cancelled')
  assert.ok(Date.now() - from < 10000)
  assert.equal((await ok(get('models'))).items.length, versions)
})

test('scoring stays fast while a training runs', async () => {
  const { job } = await ok(post('models/train', { leads: '', budget_s: 120 }), 202)
  await until(async () => (await ok(get(`jobs/${job.id}`))).step?.length > 0)
  const took = []
  for (let i = 0; i < 200; i++) {
    const from = performance.now()
    await ok(post('score', { 'Lead Source': 'Referral' }))
    took.push(performance.now() - from)
  }
  await post(`jobs/${job.id}/cancel`)
  await ended(job)
  took.sort((a, b) => a - b)
  console.log(`score beside a training: half ${took[100].toFixed(1)} ms, 95 % ${took[190].toFixed(1)} ms`)
  assert.ok(took[190] < 1000)
})

test('bands by hand, by capacity, by value, and back; heat follows at once', async () => {
  const v1 = (await ok(get('models/v1/bands'))).bands
  const hand = await ok(put('models/v1/bands', { hot: 0.9, warm: 0.1 }))
  assert.equal(hand.bands.hot, 0.9)
  assert.equal(hand.bands.hot_from, 'by hand')
  await until(async () => (await ok(get('leads?limit=1&heat=hot'))).total ===
    (await ok(get('leads?limit=1&probability[gte]=0.9'))).total)
  const m = await ok(get('models/v1/metrics'))
  assert.equal(m.bands.hot, 0.9)
  assert.equal(m.confusion[0].threshold, 0.9)
  const capacity = await ok(put('models/v1/bands', { capacity: '7/week' }))
  assert.equal(capacity.bands.hot_from, 'capacity')
  assert.ok(capacity.expected_wins_per_day > 0 && capacity.expected_wins_per_day < 1)
  const value = await ok(put('models/v1/bands', { value: 1000, cost: 250 }))
  assert.equal(value.bands.hot, 0.25)
  for (const bad of [{ hot: 2 }, { hot: 0.2, warm: 0.3 }, { capacity: 'x' }, { value: 5 }, {}, { tepid: 1 }])
    await ok(put('models/v1/bands', bad), 422)
  const back = await ok(put('models/v1/bands', { reset: true }))
  assert.equal(back.bands.hot, v1.hot)
})

test('a draft is handed over to another server as a file', async () => {
  const tar = await fetch(`${server.url}/api/v1/models/v1/export`, { headers: { Authorization: `Bearer ${server.key}` } })
  assert.equal(tar.status, 200)
  const bytes = new Uint8Array(await tar.arrayBuffer())
  const there = await ok(server.call('POST', '/api/v1/models/import', bytes, { 'Content-Type': 'application/octet-stream' }), 201)
  assert.equal(there.state, 'draft')
  assert.equal(there.roc_auc, (await ok(get('models/v1'))).roc_auc)
  bytes[bytes.length >> 1] ^= 1
  await ok(server.call('POST', '/api/v1/models/import', bytes, { 'Content-Type': 'application/octet-stream' }), 422)
  await ok(server.call('DELETE', `/api/v1/models/${there.version}`), 204)
})

test('drift is looked at on demand, with outcomes since publishing', async () => {
  assert.equal((await ok(get('drift'))).looked, false)
  const open = await ok(get('leads?outcome=open&limit=30'))
  for (const [i, l] of open.items.entries()) await ok(post(`leads/${l.id}/outcome`, { outcome: i % 3 ? 'lost' : 'won' }))
  const { job } = await ok(post('drift'), 202)
  assert.equal((await ended(job)).state, 'done')
  const d = await ok(get('drift'))
  assert.equal(d.model, 'v1')
  assert.ok(['fine', 'moved', 'off'].includes(d.verdict))
  assert.ok(d.columns.length > 5 && d.columns.every((c) => c.name && c.verdict))
  assert.ok(Math.abs(d.heat.now.hot + d.heat.now.warm + d.heat.now.cold - 1) < 1e-9)
  assert.equal(d.live.rows, open.items.length)
  assert.equal(d.live.seen, open.items.filter((_, i) => i % 3 === 0).length)
  const card = await get('models/v1/card.html')
  assert.ok(!/None yet/.test(card.text), 'the card shows results since publishing')
})

test('what a person said of the first line of a file counts for the training too', async () => {
  const lines = Array.from({ length: 160 }, (_, i) => `${['Fair', 'Web', 'Call'][i % 3]},${(i * 7) % 31},${(i * 7) % 31 > 15 ? 'Won' : 'Lost'}`)
  const sent = await ok(server.call('POST', '/api/v1/upload?filename=bare.csv', Buffer.from(['Source,Visits,Stage', ...lines].join('\n')),
    { 'Content-Type': 'text/csv' }), 202)
  const reviewed = (id) => until(async () => {
    const u = await ok(get(`uploads/${id}`))
    return u.state === 'review' && u
  })
  assert.equal((await reviewed(sent.id)).dialect.has_header, true)
  await ok(post(`uploads/${sent.id}/profile`, { header: false }), 202)
  assert.deepEqual((await reviewed(sent.id)).columns.map((c) => c.name), ['A', 'B', 'C'])
  const r = await trained({ upload: sent.id, target: 'C', won: ['Won'], lost: ['Lost'], budget_s: 1 })
  assert.deepEqual([r.rows, r.won + r.lost], [161, 160], 'the first line is a row like the others')
})

test('dates that may begin with day or month are learned from as somebody said', async () => {
  const lines = Array.from({ length: 160 }, (_, i) => `${String((i % 12) + 1).padStart(2, '0')}/${String((i % 11) + 1).padStart(2, '0')}/2026,${(i * 7) % 31},${(i * 7) % 31 > 15 ? 'Won' : 'Lost'}`)
  const sent = await ok(server.call('POST', '/api/v1/upload?filename=dates.csv', Buffer.from(['Created,Visits,Stage', ...lines].join('\n')),
    { 'Content-Type': 'text/csv' }), 202)
  const reviewed = () => until(async () => {
    const u = await ok(get(`uploads/${sent.id}`))
    return u.state === 'review' && u
  })
  const guessed = await reviewed()
  assert.equal(guessed.columns[0].date_order, undefined)
  assert.ok(guessed.dialect.notes.some((n) => /tells day from month/.test(n) && !/profile/.test(n)), JSON.stringify(guessed.dialect.notes))
  await ok(post(`uploads/${sent.id}/check`, { formats: { Created: { date_order: 'month first' } } }), 202)
  assert.equal((await reviewed()).columns[0].date_order, 'month first')
  const r = await trained({ upload: sent.id, target: 'Stage', won: ['Won'], lost: ['Lost'], budget_s: 1 })
  // As the version keeps it.
  const { text } = await get(`models/${r.version}/export`)
  assert.match(text, /"date_order":\s*"month first"/)
})

test('cells that were mended in the check are learned from as they were imported', async () => {
  const lines = Array.from({ length: 160 }, (_, i) => `${['Fair', 'Web', 'Call'][i % 3]},${(i * 7) % 31},${(i * 7) % 31 > 15 ? 'Won' : 'Lost'}`)
  const text = ['Source;x,Visits,Stage', ...lines, 'Web,25', 'Fair,"3,7",Lo st'].join('\n')
  const sent = await ok(server.call('POST', '/api/v1/upload?filename=mended.csv', Buffer.from(text), { 'Content-Type': 'text/csv' }), 202)
  const reviewed = () => until(async () => {
    const u = await ok(get(`uploads/${sent.id}`))
    return u.state === 'review' && u
  })
  await reviewed()
  const as = { upload: sent.id, target: 'Stage', won: ['Won'], lost: ['Lost'], budget_s: 1 }
  const before = await trained(as)
  assert.equal(before.won + before.lost, 160, 'the short row is left out, and the last one is neither')
  await ok(post(`uploads/${sent.id}/check`, { fixes: [{ line: 162, cells: { Stage: 'Won' } }, { line: 163, cells: { Stage: 'Lost', Visits: '3' } }] }), 202)
  await reviewed()
  const after = await trained(as)
  assert.deepEqual([after.won - before.won, after.lost - before.lost], [1, 1])
})

test('segments: a version for some leads has its own way; overlap is told', async () => {
  await ok(put('models/v1/segment', { query: 'x' }), 409)
  const a = await trained({ leads: '', budget_s: 1, segment: { query: 'country=Germany', priority: 1 } })
  const list = await ok(get('models'))
  assert.equal(list.items.find((m) => m.version === a.version).segment, 'country=Germany')
  await ok(post(`models/${a.version}/publish`))
  assert.equal((await ok(get('models'))).live, 'v1', 'the version of all leads is as it was')
  const b = await trained({ leads: '', budget_s: 1 })
  await ok(put(`models/${b.version}/segment`, { query: 'nofield=1' }), 422)
  await ok(put(`models/${b.version}/segment`, { query: 'country[in]=Germany,France', priority: 2 }), 204)
  await ok(post(`models/${b.version}/publish`))
  const s = await ok(get('models/segments'))
  assert.deepEqual(s.items.map((x) => x.version), [a.version, b.version, 'v1'])
  assert.equal(s.overlaps.length, 1)
  assert.equal(s.overlaps[0].leads, s.items[0].leads)
  assert.equal(s.overlaps[0].scored_by, a.version)
  // Every lead is scored by the first that it is in, and says so without being out of date.
  const versions = { Germany: a.version, France: b.version, Spain: 'v1' }
  for (const [country, version] of Object.entries(versions)) {
    const all = await ok(get(`leads?country=${country}&limit=1`))
    assert.ok(all.total > 0, country)
    await until(async () => (await ok(get(`leads?country=${country}&model=${version}&limit=1`))).total === all.total)
    const lead = (await ok(get(`leads?country=${country}&limit=1&reason=1`))).items[0]
    assert.equal(lead.stale, false)
    assert.ok(lead.reason?.length > 5)
    const why = await ok(get(`leads/${lead.id}/explanation`))
    assert.equal(why.model, version)
    assert.equal(why.probability, lead.probability)
  }
  // So is one that is only asked about, alone and among others, under the field's name or a header that means it.
  for (const [lead, version] of [...Object.entries(versions).map(([country, v]) => [{ country }, v]),
    [{ Country: 'Germany' }, a.version], [{}, 'v1']]) {
    const one = await ok(post('score?reasons=2', lead))
    assert.equal(one.model, version, JSON.stringify(lead))
    const { results: [many] } = await ok(post('batch-score', { leads: [lead] }))
    assert.deepEqual([many.model, many.score, many.heat], [version, one.score, one.heat])
  }
  const bad = await ok(post('batch-score', { leads: [{ country: 'Germany' }, { country: [1] }, 7, { country: 'Spain' }] }))
  assert.deepEqual(bad.results.map((x) => x.model ?? x.error.errors[0].pointer), [a.version, '/leads/1/country', '/leads/2', 'v1'])
  // One that moves is scored by the other from then on.
  const mover = (await ok(get('leads?country=Spain&limit=1'))).items[0]
  const moved = await ok(server.call('PATCH', `/api/v1/leads/${mover.id}`, { country: 'Germany' }))
  assert.equal(moved.model, a.version, JSON.stringify(moved))
  await ok(post('models/rollback', { segment: 'country=Germany' }))
  await ok(post('models/rollback', { segment: 'country[in]=Germany,France' }))
  assert.equal((await ok(get('models/segments'))).items.length, 1)
})

test('with a second pair of eyes, who asked cannot approve, and no key can', async () => {
  const draft = await trained({ leads: '', budget_s: 1 })
  await ok(server.call('PATCH', '/api/v1/settings', { second_pair_of_eyes: true }))
  const asked = await ok(post(`models/${draft.version}/publish`, { note: 'please look', force: true }), 202)
  assert.equal(asked.approval.waits, true)
  assert.equal((await ok(get('models'))).live, 'v1')
  const waiting = (await ok(get('models'))).items.find((m) => m.version === draft.version)
  assert.equal(waiting.approval.note, 'please look')
  await ok(post(`models/${draft.version}/approve`), 403)
  const password = 'correct horse battery staple'
  const added = spawnSync(binary, ['user', 'add', 'boss@example.com', '--role', 'manager', '--data', server.dir],
    { input: `${password}\n`, encoding: 'utf8' })
  assert.equal(added.status, 0, added.stderr)
  const login = await server.call('POST', '/api/v1/auth/login', { email: 'boss@example.com', password }, { Authorization: '', Origin: server.url })
  assert.equal(login.status, 200, login.text)
  const Cookie = login.headers.getSetCookie().map((c) => c.split(';')[0]).join('; ')
  const yes = await server.call('POST', `/api/v1/models/${draft.version}/approve`, undefined, { Cookie, Origin: server.url })
  assert.equal(yes.status, 200, yes.text)
  assert.equal((await ok(get('models'))).live, draft.version)
  await ok(server.call('PATCH', '/api/v1/settings', { second_pair_of_eyes: false }))
  await ok(post('models/rollback'))
})

test('the schedule is kept and says when it is due', async () => {
  const s = await ok(put('schedule', { retrain: { every: 'week', day: 1, hour: 3, publish: 'gate' } }))
  assert.equal(new Date(s.next.retrain).getUTCDay(), 1)
  assert.equal(new Date(s.next.retrain).getUTCHours(), 3)
  assert.ok(new Date(s.next.retrain) > new Date())
  assert.deepEqual(await ok(get('schedule')), s)
  const p = await ok(put('schedule', { retrain: { hour: 30 }, rescore: { hour: -1 } }), 422)
  assert.deepEqual(p.errors.map((x) => x.pointer).sort(), ['/rescore/hour', '/retrain/hour'])
  const queued = await ok(get('jobs?state=queued&kind=retrain'))
  assert.equal(queued.items.length, 1)
  await ok(put('schedule', { retrain: { every: 'off' } }))
  assert.equal((await ok(get('jobs?state=queued&kind=retrain'))).items.length, 0)
})

test('who did what to the models is in the audit log, and the log has no people in it', async () => {
  const log = server.log
  for (const event of ['model.trained', 'model.published', 'model.rolled_back']) assert.match(log, new RegExp(event))
  assert.doesNotMatch(log, /@[a-z-]+\.example/)
})
