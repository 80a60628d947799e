// SPDX-License-Identifier: Apache-2.0
// The server at everything it does, for a while: what it holds (memory, descriptors, threads, log) must not grow with
// the time it runs.
//   FAULTS_SOAK_S=3600   for so many seconds (12)
import assert from 'node:assert/strict'
import { readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { tempDir } from '../api/lib/server.mjs'
import { baseData, csv, finished, launch, send } from './lib.mjs'

const SECONDS = Number(process.env.FAULTS_SOAK_S ?? 12)

let dir, key, p
before(async () => {
  dir = tempDir()
  key = await baseData(join(dir, 'data'))
  p = await launch(join(dir, 'data'), { key })
})
after(async () => {
  await p?.kill()
  rmSync(dir, { recursive: true, force: true })
})

function held() {
  const status = readFileSync(`/proc/${p.child.pid}/status`, 'utf8'), of = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)[1])
  let wal = 0
  try { wal = statSync(join(dir, 'data', 'heatscore.db-wal')).size / 2 ** 20 } catch { /* there is none */ }
  return { rss: of('VmRSS') / 1024, threads: of('Threads'), fds: readdirSync(`/proc/${p.child.pid}/fd`).length, wal }
}
const p99 = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length * 0.99)]

test(`${SECONDS} seconds of everything`, { timeout: (SECONDS + 240) * 1000 }, async (t) => {
  const end = Date.now() + SECONDS * 1000, times = [], samples = []
  let requests = 0, files = 0, puts = 0
  const wrong = []
  const many = async (ask) => {
    while (Date.now() < end) {
      const from = performance.now()
      const { status, body } = await ask()
      times.push(performance.now() - from)
      requests++
      if (status >= 400) wrong.push(JSON.stringify(body))
    }
  }
  const file = csv(1000, 'S')
  const imports = async () => {
    while (Date.now() < end) {
      const id = await send(p, file, `soak-${files}`)
      const u = id !== null && await finished(p, id)
      if (u?.state !== 'done') wrong.push(JSON.stringify(u))
      files++
    }
  }
  const watch = async () => {
    while (Date.now() < end) {
      samples.push({ ...held(), requests })
      await new Promise((r) => setTimeout(r, 200))
    }
  }
  const lead = { email: 'a@b.com', page_views: 3, lead_source: 'Web' }
  await Promise.all([watch(), imports(),
    many(() => p.call('POST', '/api/v1/score?reasons=3', lead)), many(() => p.call('POST', '/api/v1/score', lead)),
    many(() => p.call('POST', '/api/v1/batch-score', { leads: Array(50).fill(lead) })),
    many(() => p.call('GET', '/api/v1/leads?limit=50&sort=-score&heat=hot')), many(() => p.call('GET', '/api/v1/overview')),
    many(() => p.call('PUT', `/api/v1/leads/by-external-id/X${++puts % 500}`, { email: `x${puts % 500}@y.com`, page_views: puts % 40 }))])
  // Memory goes up and down with each import, by what it has in hand, and what is free goes back every three seconds:
  // what stays is the least of a while.
  const third = Math.floor(samples.length / 3), least = (list) => list.reduce((x, y) => (y.rss < x.rss ? y : x))
  const a = { ...samples[2 * third], rss: least(samples.slice(third, 2 * third + 1)).rss }
  const b = { ...samples.at(-1), rss: least(samples.slice(-third - 1)).rss }
  const tenth = Math.floor(times.length / 10)
  const first = p99(times.slice(tenth, 2 * tenth)), last = p99(times.slice(-tenth)), most = (k) => Math.max(...samples.map((s) => s[k]))
  const slope = (b.rss - a.rss) / ((b.requests - a.requests) / 1e6)
  t.diagnostic(`${requests} requests and ${files} files in ${SECONDS} s, ${wrong.length} errors; resident at least ${a.rss.toFixed(1)} MiB in the second third, ${b.rss.toFixed(1)} in the last ` +
    `(${slope.toFixed(1)} MiB per million requests); descriptors ${a.fds} and ${b.fds}, threads ${a.threads} and ${b.threads}, log ${most('wal').toFixed(1)} MiB at most; ` +
    `p99 ${first.toFixed(1)} ms at first, ${last.toFixed(1)} ms at last`)
  assert.deepEqual(wrong.slice(0, 5), [])
  assert.ok(files >= 1 && requests > 100)
  assert.ok(b.fds <= a.fds + 16, `${a.fds} to ${b.fds} descriptors`)
  assert.ok(b.threads <= a.threads + 4, `${a.threads} to ${b.threads} threads`)
  assert.ok(most('wal') <= 64 + 16)
  // A short run has not warmed up; over a long one memory must be flat.
  if (b.requests - a.requests > 300000) assert.ok(slope <= 1, `${slope} MiB per million requests`)
  else assert.ok(b.rss - a.rss <= 32, `${b.rss - a.rss} MiB more`)
  assert.equal((await p.stop()).code, 0)
})
