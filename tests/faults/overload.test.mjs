// SPDX-License-Identifier: Apache-2.0
// Overload on the scoring routes: work comes at up to ten times what is allowed or can be done. What is too much is
// refused at once and told when to come again, what is taken is answered, probes are answered throughout, and it is
// over when the load is.
//   OVERLOAD_SECONDS=20   of each step (1), at 1, 2, 5 and 10 times instead of 1 and 10
import assert from 'node:assert/strict'
import http from 'node:http'
import { rmSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { demoData, start, tempDir } from '../api/lib/server.mjs'

const SECONDS = Number(process.env.OVERLOAD_SECONDS ?? 1)
const STEPS = process.env.OVERLOAD_SECONDS ? [1, 2, 5, 10] : [1, 10]
const SLOW = Number(process.env.TEST_SLOWNESS || 1)

let dir, demo

before(() => {
  dir = tempDir()
  demo = demoData(dir, { rows: 1000 })
})
after(() => rmSync(dir, { recursive: true, force: true }))

const lead = (i) => ({ page_views: i % 40, source: ['Referral', 'Ads', 'Web'][i % 3], region: 'London', last_touch: 'email' })

/** One request; its status, and whether a refusal says when to come again. */
function post(s, agent, path, body) {
  return new Promise((resolve) => {
    const r = http.request(s.url + path, { method: 'POST', agent, headers: { Authorization: `Bearer ${s.key}`,
      'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) } }, (a) => {
      a.resume()
      a.on('end', () => resolve(a.statusCode === 200 ? 'ok'
        : (a.statusCode === 503 || a.statusCode === 429) && a.headers['retry-after'] ? 'refused' : `status ${a.statusCode}`))
    })
    r.on('error', (e) => resolve(e.code ?? 'failed'))
    r.setTimeout(30000 * SLOW, () => r.destroy(new Error('no answer')))
    r.end(body)
  })
}

/** How many a second it does when there is always something to do. */
async function capacityOf(s, path, body) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 }), began = Date.now()
  let n = 0
  await Promise.all(Array.from({ length: 4 }, async () => {
    while (Date.now() < began + SECONDS * 1000) {
      assert.equal(await post(s, agent, path, body), 'ok')
      n++
    }
  }))
  agent.destroy()
  return n * 1000 / (Date.now() - began)
}

/** Open loop: a request every so often, however long the answers take. */
async function load(s, path, body, rate) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1000 }), pending = [], count = {}
  const began = Date.now()
  let sent = 0
  while (Date.now() < began + SECONDS * 1000) {
    for (const due = (Date.now() - began) * rate / 1000; sent < due; sent++)
      pending.push(post(s, agent, path, body).then((how) => { count[how] = (count[how] ?? 0) + 1 }))
    await new Promise((r) => setTimeout(r, 5))
  }
  await Promise.all(pending)
  const took = (Date.now() - began) / 1000
  agent.destroy()
  const { ok = 0, refused = 0, ...other } = count
  assert.deepEqual(other, {})
  return { ok, refused, sent, goodput: ok / took }
}

const probes = (s) => new Promise((resolve, reject) => {
  new Worker(new URL('../http/good.mjs', import.meta.url), { workerData: { url: s.url, forSeconds: SECONDS, path: '/livez' } })
    .on('message', resolve).on('error', reject)
})

async function overload(s, path, body, capacity) {
  let peak = 0, last
  for (const times of STEPS) {
    const probing = probes(s)
    const got = await load(s, path, body, times * capacity)
    const seen = await probing, waits = seen.times.sort((a, b) => a - b)
    const p99 = waits[Math.floor((waits.length - 1) * 0.99)]
    peak = Math.max(peak, got.goodput)
    console.log(`POST ${path}: ${times} x ${capacity.toFixed(0)}/s: goodput ${got.goodput.toFixed(0)}/s (${(100 * got.goodput / peak).toFixed(0)} % of the ` +
      `most), refused ${got.refused} of ${got.sent}; /livez p99 ${p99.toFixed(1)} ms`)
    assert.equal(seen.errors, 0)
    // Promised are 50 ms; the generator and whatever else runs share the processors here.
    assert.ok(p99 <= 2000 * SLOW, `probes waited ${p99} ms`)
    last = got
  }
  assert.ok(last.refused > 0)
  // A server that gives way falls to nearly nothing.
  assert.ok(last.goodput >= 0.25 * peak, `${last.goodput} of ${peak} a second at ten times`)
  const ended = Date.now(), agent = new http.Agent()
  let how
  do how = await post(s, agent, path, body)
  while (how === 'refused' && Date.now() < ended + 5000)
  agent.destroy()
  assert.equal(how, 'ok')
  console.log(`POST ${path}: answered again ${Date.now() - ended} ms after the load`)
}

test('POST /score beyond the rate of its key: that much is answered, the rest is told to wait', { timeout: 120000 * SLOW }, async () => {
  const s = await start({ data: demo.data, args: ['--api-rate', '200', '--api-burst', '20', '--connections-per-address', '4000'] })
  await overload(s, '/api/v1/score', JSON.stringify(lead(1)), 200)
  await s.stop()
})

test('POST /batch-score beyond what the processors can do: the queue stays short', { timeout: 120000 * SLOW }, async () => {
  const s = await start({ data: demo.data, args: ['--workers', '2', '--queue', '8', '--connections-per-address', '4000'] })
  const path = '/api/v1/batch-score?reasons=10', body = JSON.stringify({ leads: Array.from({ length: 500 }, (_, i) => lead(i)) })
  await overload(s, path, body, await capacityOf(s, path, body))
  await s.stop()
})
