// SPDX-License-Identifier: Apache-2.0
// Background work as its owner sees it: order, history, progress, cancelling, tries, and what a killed server leaves.
import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { demoData, start, tempDir, until } from './lib/server.mjs'

const dir = tempDir()
let demo, s
const call = async (method, path, body, status = 200) => {
  const r = await s.call(method, `/api/v1/${path}`, body)
  assert.equal(r.status, status, r.text)
  return r.body
}
const over = ['done', 'failed', 'cancelled', 'dead']
const job = (id) => call('GET', `jobs/${id}`)
const reached = (id, states, ms = 300000) => until(async () => {
  const j = await job(id)
  assert.ok(states.includes(j.state) || !over.includes(j.state), JSON.stringify(j))
  return states.includes(j.state) && j
}, ms)
const train = async (body) => (await call('POST', 'models/train', body, 202)).job
const slow = { leads: '', budget_s: 3600 }
async function upload(bytes = readFileSync(demo.history), name = 'history.csv') {
  const r = await s.call('POST', `/api/v1/upload?filename=${name}&commit=auto`, bytes)
  assert.equal(r.status, 202, r.text)
  return r.body
}

before(async () => {
  demo = demoData(dir, { rows: 800 })
  s = await start({ data: demo.data })
  await reached((await upload()).job, ['done'])
})
after(async () => {
  await s?.stop()
  rmSync(dir, { recursive: true, force: true })
})

test('a job tells how far it is, step by step, and what came of it', async () => {
  const { id } = await train({ leads: '', budget_s: 1, name: 'Told' })
  const stop = new AbortController()
  const r = await fetch(`${s.url}/api/v1/jobs/${id}/events`, { headers: { Authorization: `Bearer ${s.key}` }, signal: stop.signal })
  assert.match(r.headers.get('content-type'), /event-stream/)
  let text = ''
  const seen = []
  for await (const piece of r.body.pipeThrough(new TextDecoderStream())) {
    text += piece
    seen.splice(0, seen.length, ...text.split('\n\n').map((e) => /^data: (.*)$/m.exec(e)?.[1]).filter(Boolean).map((d) => JSON.parse(d)))
    if (over.includes(seen.at(-1)?.state)) break
  }
  stop.abort()
  assert.equal(seen.at(-1).state, 'done')
  assert.ok(seen.every((j) => j.id === id && j.kind === 'train'))
  const progress = seen.map((j) => j.progress)
  assert.deepEqual(progress, [...progress].sort((a, b) => a - b), 'it never goes back')
  assert.equal(progress.at(-1), 1)
  assert.ok(progress.filter((p) => p < 1).length > 1, progress.join())
  const end = await job(id)
  assert.match(end.result.version, /^v\d+$/)
  assert.equal(end.attempts, 1)
  assert.ok(end.created_at <= end.started_at && end.started_at <= end.finished_at)
  console.log(`${seen.length} events, steps: ${[...new Set(seen.map((j) => j.step).filter(Boolean))].join(', ')}`)
})

test('one that waits is cancelled at once, one that runs within seconds; what is over stays as it is', async () => {
  const running = await train(slow)
  await reached(running.id, ['running'])
  const waiting = await train({ leads: 'heat=hot,warm,cold', budget_s: 3600 })
  assert.equal((await job(waiting.id)).state, 'queued', 'one training at a time')
  assert.equal((await call('POST', `jobs/${waiting.id}/cancel`, undefined, 202)).state, 'cancelled')
  const from = performance.now()
  await call('POST', `jobs/${running.id}/cancel`, undefined, 202)
  const end = await reached(running.id, ['cancelled'])
  const took = performance.now() - from
  assert.ok(end.finished_at && took < 30000, `${took} ms`)
  const { items: [done] } = await call('GET', 'jobs?state=done&limit=1')
  for (const j of [end, done]) {
    await s.call('POST', `/api/v1/jobs/${j.id}/cancel`)
    assert.deepEqual(await job(j.id), j)
  }
  assert.equal((await s.call('POST', '/api/v1/jobs/01M8ECXMP284JT6BFJ4W1KJ2BZ/cancel')).status, 404)
  assert.equal((await job(waiting.id)).attempts, 0)
  console.log(`cancelled within ${Math.round(took)} ms`)
})

test('what waiting will not mend fails at once, with the reason', async () => {
  const { id } = await train({ leads: 'company=Nobody at all', budget_s: 1 })
  const end = await reached(id, ['failed'])
  assert.equal(end.attempts, 1)
  assert.match(end.error.detail, /there is no lead/)
  const bad = await reached((await upload(Buffer.from('%PDF-1.7 not a table'), 'x.pdf')).job, ['failed', 'done'])
  assert.ok(bad.finished_at)
})

test('the list is the history: newest first, by state and kind, page by page', async () => {
  const all = (await call('GET', 'jobs?limit=200')).items
  assert.ok(all.length >= 5)
  assert.deepEqual(all.map((j) => j.id), all.map((j) => j.id).sort().reverse())
  for (const [key, of] of [['state', (j) => j.state], ['kind', (j) => j.kind]])
    for (const value of new Set(all.map(of)))
      assert.deepEqual((await call('GET', `jobs?limit=200&${key}=${value}`)).items.map((j) => j.id),
        all.filter((j) => of(j) === value).map((j) => j.id), `${key}=${value}`)
  const paged = []
  for (let cursor = ''; cursor !== null;) {
    const page = await call('GET', `jobs?limit=2${cursor && `&cursor=${encodeURIComponent(cursor)}`}`)
    assert.ok(page.items.length <= 2)
    paged.push(...page.items)
    cursor = page.next_cursor
  }
  assert.deepEqual(paged.map((j) => j.id), all.map((j) => j.id))
  assert.equal((await s.call('GET', '/api/v1/jobs?state=asleep')).status, 422)
  assert.equal((await s.call('GET', '/api/v1/jobs/01M8ECXMP284JT6BFJ4W1KJ2BZ')).status, 404)
})

test('the API answers while every worker is busy', async () => {
  const quiet = [], busy = []
  const ask = async (into) => {
    const from = performance.now()
    const r = await s.call('POST', '/api/v1/score', { email: 'a@acme.example', page_views: 3 })
    assert.equal(r.status, 200)
    into.push(performance.now() - from)
  }
  for (let i = 0; i < 40; i++) await ask(quiet)
  const training = await train(slow)
  const jobs = []
  for (let i = 0; i < 2; i++) jobs.push((await upload(readFileSync(i ? demo.leads : demo.history), `again${i}.csv`)).job)
  jobs.push((await call('POST', 'leads/rescore', undefined, 202)).job.id)
  for (let i = 0; i < 120; i++) await ask(busy)
  await call('POST', `jobs/${training.id}/cancel`, undefined, 202)
  for (const id of jobs) await reached(id, ['done'])
  await reached(training.id, ['cancelled'])
  const at = (a, q) => [...a].sort((x, y) => x - y)[Math.floor(a.length * q)]
  console.log(`POST /score, ms: quiet median ${at(quiet, 0.5).toFixed(1)}, with a training, two imports and a rescore median ${at(busy, 0.5).toFixed(1)}, p95 ${at(busy, 0.95).toFixed(1)}`)
  assert.ok(at(busy, 0.5) < 1000, 'a busy worker pool starves the API')
})

test('a killed server\'s job is taken up by the next one; a training that kills two is given up', async () => {
  const copy = tempDir()
  const { data } = demoData(copy, { rows: 500 })
  let t = await start({ data })
  const ask = async (method, path, body) => (await t.call(method, `/api/v1/${path}`, body)).body
  try {
    const sent = await t.call('POST', '/api/v1/upload?filename=history.csv&commit=auto', readFileSync(demo.history))
    await until(async () => (await ask('GET', `uploads/${sent.body.id}`)).state === 'done', 300000)
    const { job: { id } } = await ask('POST', 'models/train', slow)
    for (let tries = 1; tries <= 2; tries++) {
      const j = await until(async () => {
        const now = await ask('GET', `jobs/${id}`)
        assert.ok(['queued', 'running'].includes(now.state), JSON.stringify(now))
        return now.state === 'running' && now.attempts === tries && now.step && now
      }, 300000)
      assert.ok(j.started_at)
      await t.kill()
      t = await start({ data })
    }
    const dead = await until(async () => {
      const j = await ask('GET', `jobs/${id}`)
      return j.state === 'dead' && j
    }, 300000)
    assert.ok(dead.error.detail.length > 5, JSON.stringify(dead))
    assert.deepEqual((await ask('GET', 'jobs?state=dead')).items.map((j) => j.id), [id])
    console.log(`two kills, ${dead.attempts} tries, then dead: ${dead.error.detail}`)
  } finally {
    await t.stop()
    rmSync(copy, { recursive: true, force: true })
  }
})
