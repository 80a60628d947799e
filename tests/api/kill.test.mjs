// SPDX-License-Identifier: Apache-2.0
// Dying at any moment: kill -9 at random times while a file comes in,
// cut connections. What was acknowledged is there afterwards, nothing is there
// twice, no lead is half scored, and the import goes on by itself.
//   KILL_RANDOM=200   more of them
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { binary, start, tempDir, until } from './lib/server.mjs'

const RANDOM = Number(process.env.KILL_RANDOM ?? 25)
const ROWS = 6000

let dir, base, key, seed = 20261127

/** The same numbers in every run. */
function random() {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
  return seed / 4294967296
}

function csv(rows, mark = '') {
  const cities = ['Rome', 'Oslo', 'Bern', 'Lyon', 'Kyiv']
  let out = 'Lead ID,Email,Name,Company,Lead Source,City,Page Views,Created,Note,Status\n'
  for (let i = 0; i < rows; i++)
    out += `L${mark}${i},l${i}@example${i % 97}.com,Ann ${i},Firm ${i % 700},${['Referral', 'Ads', 'Web'][i % 3]},` +
      `${cities[i % 5]},${i % 40},2024-0${1 + i % 9}-1${i % 9},"note ${i}, ${'x'.repeat(i % 50)}",${['Won', 'Lost', 'Open'][i % 3]}\n`
  return Buffer.from(out)
}
const file = csv(ROWS)

before(async () => {
  dir = tempDir()
  const s = await start()
  key = s.key
  const data = s.dir
  s.child.ref()
  const how = new Promise((r) => s.child.on('exit', r))
  s.child.kill('SIGTERM')
  await how
  base = join(dir, 'base')
  cpSync(data, base, { recursive: true })
  rmSync(data, { recursive: true, force: true })
})
process.setMaxListeners(0)
after(() => rmSync(dir, { recursive: true, force: true }))

let made = 0
function freshData() {
  const d = join(dir, `d${made++}`)
  cpSync(base, d, { recursive: true })
  return d
}

/** A server in a process group of its own, so that its tracer goes with it. */
async function launch(data, trace = []) {
  const argv = [...trace, binary, 'serve', '--data', data, '--listen', '127.0.0.1:0',
    '--api-rate', '1000000', '--api-burst', '1000000', '--log-level', 'error']
  const child = spawn(argv[0], argv.slice(1), { stdio: ['ignore', 'ignore', 'pipe'], detached: true })
  const p = { child, log: '', gone: false }
  p.exited = new Promise((r) => child.on('exit', (code, signal) => { p.gone = true; r({ code, signal }) }))
  const quit = () => { try { process.kill(-child.pid, 'SIGKILL') } catch { /* it is gone */ } }
  process.on('exit', quit)
  p.kill = async () => { quit(); return p.exited }
  p.stop = async () => { try { process.kill(-child.pid, 'SIGTERM') } catch { /* gone */ } return p.exited }
  child.stderr.setEncoding('utf8')
  child.stderr.on('data', (t) => { p.log += t })
  p.url = await Promise.race([p.exited.then(() => null),
    until(() => p.gone ? 'gone' : /listening on (http\S+)/.exec(p.log)?.[1], 30000)])
  if (p.url === 'gone') p.url = null
  p.call = async (method, path, body, headers = {}) => {
    const r = await fetch(p.url + path, { method, body, signal: AbortSignal.timeout(30000),
      headers: { Authorization: `Bearer ${key}`, ...(body && { 'Content-Type': 'text/csv' }), ...headers } })
    const text = await r.text()
    return { status: r.status, body: /json/.test(r.headers.get('content-type') ?? '') ? JSON.parse(text) : text }
  }
  return p
}

/** The id of the upload once it is acknowledged; null when the server died before that. */
async function send(p, bytes, name) {
  try {
    const r = await p.call('POST', `/api/v1/upload?filename=${name}.csv&commit=auto`, bytes, { 'Idempotency-Key': `key-${name}` })
    return r.status === 202 ? r.body.id : null
  } catch {
    return null
  }
}

async function finished(p, id) {
  return until(async () => {
    if (p.gone) return { state: 'gone' }
    try {
      const { body } = await p.call('GET', `/api/v1/uploads/${id}`)
      return ['done', 'failed', 'cancelled'].includes(body.state) && body
    } catch {
      return p.gone && { state: 'gone' }
    }
  }, 120000)
}

let reads = 0
/** No lead is seen with values of now and a score of before that does not say so. */
function torn(leads) {
  reads += leads.length
  return leads.filter((x) => !(x.stale || (x.heat && x.model && x.score >= 0))).length
}

function integrity(data) {
  const r = spawnSync('python3', ['-c', 'import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); ' +
    'print(c.execute("PRAGMA integrity_check").fetchone()[0])', join(data, 'heatscore.db')], { encoding: 'utf8' })
  return r.stdout.trim()
}

/** Exactly the rows of the file, each once, scored. */
async function verify(p, u, rows, again = false) {
  assert.equal(u.state, 'done', JSON.stringify(u.error))
  // Not acknowledged and sent again: the rows may have come in already, by the first one.
  assert.equal(u.rows.created + u.rows.unchanged, rows, JSON.stringify(u.rows))
  assert.equal(u.rows.read, rows)
  assert.ok(again || u.rows.created === rows, JSON.stringify(u.rows))
  const page = (await p.call('GET', '/api/v1/leads?limit=500&sort=-updated_at')).body
  assert.equal(page.total, rows)
  assert.ok(page.items.every((x) => x.version === 1), 'no row was put twice')
  assert.equal(torn(page.items), 0)
  assert.equal((await p.call('GET', '/api/v1/leads?limit=1&stale=yes')).body.total, 0)
}

test(`${RANDOM} kills at random times: nothing acknowledged is lost, nothing is there twice`, { timeout: 600000 }, async (t) => {
  let kills = 0, files = 0, lost = 0, same = 0, torn_ = 0, slowest = 0, data = freshData(), id = null
  let p = await launch(data)
  while (kills < RANDOM) {
    const from = Date.now()
    id = id ?? await send(p, file, `r${files}`)
    const delay = random() * 600
    while (!p.gone && Date.now() - from < delay)
      torn_ += torn((await p.call('GET', '/api/v1/leads?limit=200&sort=-updated_at')).body.items)
    // Three crashes without getting any further are one too many: that is another promise.
    if (same === 2 && id !== null) await finished(p, id)
    await p.kill()
    kills++
    same++
    const again = Date.now()
    p = await launch(data)
    slowest = Math.max(slowest, Date.now() - again)
    if (id !== null && (await p.call('GET', `/api/v1/uploads/${id}`)).status !== 200) lost++
    if (id !== null && (await p.call('GET', `/api/v1/uploads/${id}`)).body.state === 'done') {
      await verify(p, (await p.call('GET', `/api/v1/uploads/${id}`)).body, ROWS)
      await p.stop()
      assert.equal(integrity(data), 'ok')
      rmSync(data, { recursive: true, force: true })
      data = freshData()
      p = await launch(data)
      files++
      same = 0
      id = null
    }
  }
  id = id ?? await send(p, file, `r${files}`)
  await verify(p, await finished(p, id), ROWS)
  await p.stop()
  assert.equal(integrity(data), 'ok')
  assert.equal(lost, 0)
  assert.equal(torn_, 0)
  t.diagnostic(`${kills} kills, ${files + 1} files, 0 uploads lost, 0 leads doubled, ${reads} leads read, 0 torn; ready again in ${slowest} ms at most`)
})

test('an import that dies at many places of its file goes on and counts exactly', { timeout: 120000 }, async (t) => {
  const data = freshData(), rows = 30000, places = []
  let p = await launch(data), kept = 0
  const id = await send(p, csv(rows, 'P'), 'places')
  for (;;) {
    // Killed only after at least one batch more is in: without any progress, three crashes are its end.
    const u = await until(async () => {
      const { body } = await p.call('GET', `/api/v1/uploads/${id}`)
      assert.ok(['received', 'profiling', 'importing', 'done'].includes(body.state),
        `after ${places.length} kills: ${JSON.stringify(body)}\n${p.log}`)
      return (body.state === 'done' || body.rows.read > kept) && body
    }, 30000)
    if (u.state === 'done') break
    places.push(u.progress)
    await p.kill()
    p = await launch(data)
    const now = (await p.call('GET', `/api/v1/uploads/${id}`)).body
    assert.ok(now.rows.read >= u.rows.read, 'what was kept is not done again')
    kept = now.rows.read
  }
  await verify(p, await finished(p, id), rows)
  await p.stop()
  rmSync(data, { recursive: true, force: true })
  t.diagnostic(`killed at ${places.map((x) => `${Math.round(x * 100)} %`).join(', ')}; ${rows} rows, each once`)
  assert.ok(places.length >= 2)
})

test('retries through cut connections never double a lead', { timeout: 300000 }, async (t) => {
  const data = freshData(), p = await launch(data)
  const { port } = new URL(p.url)
  const small = csv(200, 'C')
  const head = (n) => `POST /api/v1/upload?filename=c.csv&commit=auto HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${key}\r\n` +
    `Content-Type: text/csv\r\nIdempotency-Key: cut-${n}\r\nContent-Length: ${small.length}\r\n\r\n`
  /** Sends the first ${bytes} of the request, or all and then hangs up without reading. */
  const cut = (n, share) => new Promise((done) => {
    const s = connect(Number(port), '127.0.0.1', () => {
      const all = Buffer.concat([Buffer.from(head(n)), small])
      s.write(all.subarray(0, Math.ceil(all.length * share)), () => setTimeout(() => { s.destroy(); done() }, 5))
    })
    s.on('error', done)
  })
  let cuts = 0, ids = new Set()
  for (let n = 0; n < 20; n++) {
    for (const share of [0.01, 0.05, 0.5, 0.99, 1]) { await cut(n, share); cuts++ }
    const answers = await Promise.all(Array.from({ length: 4 }, () => until(async () => {
      const r = await p.call('POST', '/api/v1/upload?filename=c.csv&commit=auto', small, { 'Idempotency-Key': `cut-${n}` })
      assert.ok([202, 409, 429].includes(r.status), `${r.status}`)
      return r.status === 202 && r.body.id
    })))
    assert.equal(new Set(answers).size, 1, 'one key, one upload')
    ids.add(answers[0])
  }
  for (const id of ids) await finished(p, id)
  const { body } = await p.call('GET', '/api/v1/leads?limit=1')
  assert.equal(body.total, 200)
  const list = (await p.call('GET', '/api/v1/uploads?limit=500')).body.items
  assert.equal(list.length, ids.size)
  await p.stop()
  t.diagnostic(`${cuts} cut connections, ${ids.size} uploads of ${ids.size} keys, ${body.total} leads of 200 rows`)
})
