// SPDX-License-Identifier: Apache-2.0
// Dying at any moment: kill -9 at random times while a file comes in,
// cut connections. What was acknowledged is there afterwards, nothing is there
// twice, no lead is half scored, and the import goes on by itself.
//   KILL_RANDOM=200 FAULTS_CUTS=5000 FAULTS_PLACES=1000000   more of them; of the last, the rows of
//   the file that is killed after each of its batches
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { tempDir, until } from '../api/lib/server.mjs'
import * as faults from './lib.mjs'
import { csv, finished, integrity, noTracing, send, serverPid, torn, verify } from './lib.mjs'

const RANDOM = Number(process.env.KILL_RANDOM ?? 25)
const CUTS = Number(process.env.FAULTS_CUTS ?? 40)
const PLACES = Number(process.env.FAULTS_PLACES ?? 30000)
const ROWS = 6000

let dir, base, key, made = 0
const random = faults.numbers(), file = csv(ROWS)

before(async () => {
  dir = tempDir()
  base = join(dir, 'base')
  key = await faults.baseData(base)
})
after(() => rmSync(dir, { recursive: true, force: true }))

function freshData() {
  const d = join(dir, `d${made++}`)
  cpSync(base, d, { recursive: true })
  return d
}
const launch = (data) => faults.launch(data, { key })

test(`${RANDOM} kills at random times: nothing acknowledged is lost, nothing is there twice`, { timeout: 600000 }, async (t) => {
  let kills = 0, files = 0, lost = 0, same = 0, torn_ = 0, reads = 0, slowest = 0, data = freshData(), id = null
  let p = await launch(data)
  while (kills < RANDOM) {
    const from = Date.now()
    id = id ?? await send(p, file, `r${files}`)
    const delay = random() * 600
    while (!p.gone && Date.now() - from < delay) {
      const { items } = (await p.call('GET', '/api/v1/leads?limit=200&sort=-updated_at')).body
      torn_ += torn(items)
      reads += items.length
    }
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

test('an import that dies at many places of its file goes on and counts exactly', { timeout: PLACES * 4 }, async (t) => {
  const data = freshData(), rows = PLACES, places = []
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
  for (let n = 0; n < CUTS / 5; n++) {
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

/** Dies at the first commit from now on: what it holds is in the log by then, what would follow it never comes. */
async function dieAtCommit(p) {
  const tracer = spawn('strace', ['-f', '-p', String(serverPid(p)), '-o', '/dev/null', '-e', 'trace=fdatasync',
    '-e', 'inject=fdatasync:signal=KILL:when=1'], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  tracer.stderr.on('data', (x) => { said += x })
  await until(() => /attached/.test(said) || tracer.exitCode !== null)
}

test('a lead that changed just before the server died is scored at the next start', { skip: noTracing(), timeout: 120000 }, async (t) => {
  const data = freshData(), jobs = async () => (await p.call('GET', '/api/v1/jobs?kind=rescore&state=done')).body.items
  let p = await launch(data), lead, tries = 0
  await verify(p, await finished(p, await send(p, csv(50, 'O'), 'owed')), 50)
  const id = (await p.call('GET', '/api/v1/leads?limit=1')).body.items[0].id
  // The first commit may be another one, of a job's end or of a key's last use.
  do {
    await dieAtCommit(p)
    await assert.rejects(p.call('PATCH', `/api/v1/leads/${id}`, { company: 'Changed' }), `it did not die: ${p.log}`)
    assert.equal((await p.exited).signal, 'SIGKILL')
    p = await launch(data)
    lead = (await p.call('GET', `/api/v1/leads/${id}`)).body
  } while (lead.company !== 'Changed' && ++tries < 30)
  assert.equal(lead.company, 'Changed', 'of thirty commits none was of the change')
  const [job] = await until(async () => { const list = await jobs(); return list.length && list })
  assert.equal((await p.call('GET', `/api/v1/leads/${id}`)).body.stale, false)
  assert.equal(job.result.scored, 1, JSON.stringify(job))
  await p.stop()
  // With nothing owed nothing is queued.
  p = await launch(data)
  await finished(p, await send(p, csv(50, 'N'), 'more'))
  assert.equal((await jobs()).length, 1)
  await p.stop()
  t.diagnostic(`killed between a change and its score, at commit ${tries + 1}: ${job.result.scored} lead of ${job.result.seen} scored at the next start`)
})
