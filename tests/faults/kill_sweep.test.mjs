// SPDX-License-Identifier: Apache-2.0
// The whole server killed at its system calls, one by one, while a file is received, imported and scored, leads are
// changed and the server stops: whatever was acknowledged is there afterwards, the import goes on by itself, and every
// row has become one lead. Prints what was struck; a sweep that never struck a commit, a checkpoint and a rename has
// shown nothing and fails. The store alone is swept by tests/store/sweep.py.
//   FAULTS_SWEEP=2000   as many points (28); above 500 of a longer file
// 150 points of a file of 20,000 rows, November 2026: 137 kills, 31 distinct places, 0 wrong, ready again in 1.0 s at most.
import assert from 'node:assert/strict'
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import { tempDir, until } from '../api/lib/server.mjs'
import { baseData, csv, finished, integrity, launch, noTracing, send, torn } from './lib.mjs'

const POINTS = Number(process.env.FAULTS_SWEEP ?? 28)
const ROWS = POINTS > 500 ? 20000 : 1200, BAD = 3
const AT_ONCE = 2
const CALLS = ['pwrite64', 'fdatasync', 'fsync', 'ftruncate', 'rename', 'renameat', 'unlink', 'unlinkat', 'write', 'sendto', 'sendmsg']
const MUST = { commit: ['fdatasync -wal', 'pwrite64 -wal'], checkpoint: ['fdatasync .db', 'pwrite64 .db'], rename: ['rename '] }

const reason = noTracing()
let dir, base, key, made = 0
const file = csv(ROWS, '', BAD)

before(async () => {
  dir = tempDir()
  base = join(dir, 'base')
  key = await baseData(base)
})
after(() => rmSync(dir, { recursive: true, force: true }))

/** "pwrite64 -wal" of a line of the tracer's; null for what does not concern the data folder or a client. */
function struck(line, folder) {
  const m = /^(\d+) +(\w+)\((.*)/.exec(line)
  if (!m) return null
  const path = new RegExp(`[<"](${folder}[^<">]*)[>"]`).exec(m[3])?.[1]
  const what = path === undefined ? (/socket:|TCP/.test(m[3]) ? 'client' : null) :
    path.endsWith('-wal') ? '-wal' : path.endsWith('-shm') ? '-shm' : path.endsWith('.db') ? '.db' :
      path.includes('/uploads') ? 'uploads' : path === folder ? 'folder' : basename(path).replace(/-.*/, '')
  return what && { thread: m[1], call: m[2], what: `${m[2]} ${what}` }
}

/** Everything a client does; what was acknowledged is noted in ${ack}, where it is in ${ack.phase}. */
async function work(p, ack) {
  const tell = async (phase, ...args) => {
    ack.phase = phase
    return p.call(...args)
  }
  ack.phase = 'receiving'
  ack.upload = await send(p, file, 'swept')
  if (ack.upload === null) return
  ack.phase = 'importing'
  if ((await finished(p, ack.upload)).state !== 'done') return
  const { body } = await tell('reading', 'GET', '/api/v1/leads?limit=3&sort=external_id')
  const [first, second, third] = body.items
  const won = await tell('changing', 'POST', `/api/v1/leads/${first.id}/outcome`, { outcome: 'won' })
  if (won.status < 300) ack.won = first.id
  if ((await tell('changing', 'PATCH', `/api/v1/leads/${second.id}`, { company: 'Changed' }, { 'If-Match': second.etag ?? '*' })).status < 300)
    ack.changed = second.id
  if ((await tell('changing', 'DELETE', `/api/v1/leads/${third.id}`)).status < 300) ack.deleted = third.id
  ack.phase = 'stopping'
  await p.stop()
}

async function run(data, log, inject) {
  const ack = { phase: 'starting', upload: null }
  const p = await launch(data, { key, command: ['strace', '-f', '-y', '-qq', '-o', log, '-e', `trace=${CALLS}`, ...inject] })
  try {
    if (p.url !== null) await work(p, ack)
  } catch (e) {
    ack.fault = e
  }
  // A broken connection is seen sooner than the end of the process behind it.
  if (inject.length) await until(() => p.gone, 10000).catch(() => null)
  if (ack.fault && !p.gone) throw ack.fault
  ack.killed = p.gone && (await p.exited).signal === 'SIGKILL'
  await p.kill()
  return ack
}

/** What the data folder must look like after a run that had ${ack} acknowledged. */
async function check(data, ack) {
  const from = Date.now(), p = await launch(data, { key })
  assert.ok(p.url, `it does not start again: ${p.log}`)
  const ready = Date.now() - from
  try {
    let id = ack.upload
    if (id !== null) assert.equal((await p.call('GET', `/api/v1/uploads/${id}`)).status, 200, 'an acknowledged upload is lost')
    else id = await until(() => send(p, file, 'swept'))
    const u = await finished(p, id)
    assert.equal(u.state, 'done', JSON.stringify(u))
    assert.deepEqual([u.rows.read, u.rows.created + u.rows.unchanged, u.rows.rejected], [ROWS + BAD, ROWS, BAD], JSON.stringify(u.rows))
    const { body } = await p.call('GET', '/api/v1/leads?limit=500')
    // A delete that was not acknowledged may have happened.
    assert.ok(body.total === ROWS - (ack.deleted ? 1 : 0) || (body.total === ROWS - 1 && ack.phase === 'changing'), `${body.total} leads of ${ROWS}`)
    assert.equal(torn(body.items), 0)
    // Died between a change and its score: the lead says so, until this start has scored it anew.
    const stale = (await p.call('GET', '/api/v1/leads?limit=1&stale=yes')).body.total
    assert.ok(stale <= (ack.phase === 'changing' ? 1 : 0), `${stale} stale leads after dying while ${ack.phase}`)
    await until(async () => (await p.call('GET', '/api/v1/leads?limit=1&stale=yes')).body.total === 0)
    assert.equal((await p.call('GET', '/api/v1/uploads?limit=10')).body.items.length, 1, 'one key, one upload')
    if (ack.won) assert.equal((await p.call('GET', `/api/v1/leads/${ack.won}`)).body.outcome, 'won')
    if (ack.changed) assert.equal((await p.call('GET', `/api/v1/leads/${ack.changed}`)).body.company, 'Changed')
    if (ack.deleted) assert.equal((await p.call('GET', `/api/v1/leads/${ack.deleted}`)).status, 404)
  } finally {
    await p.kill()
  }
  assert.equal(integrity(data), 'ok')
  return ready
}

/** Which occurrence of which call to strike: of the busiest thread of each, something of every file early. */
function plan(lines, folder) {
  const seen = lines.map((l) => struck(l, folder)).filter(Boolean), busiest = new Map(), points = []
  for (const call of CALLS) {
    const threads = new Map()
    for (const x of lines.map((l) => /^(\d+) +(\w+)\(/.exec(l)).filter((m) => m?.[2] === call)) threads.set(x[1], (threads.get(x[1]) ?? 0) + 1)
    if (threads.size) busiest.set(call, [...threads].sort((a, b) => b[1] - a[1])[0][0])
  }
  const kinds = new Map()
  for (const [call, thread] of busiest) {
    let n = 0
    for (const line of lines) {
      if (!line.startsWith(`${thread} `) || !line.includes(` ${call}(`)) continue
      n++
      const x = struck(line, folder)
      if (x) kinds.set(x.what, [...(kinds.get(x.what) ?? []), { call, n }])
    }
  }
  // Round after round, another occurrence of each kind: the middle one, then those half way, and so on.
  for (let round = 1; points.length < POINTS && round <= 4096; round *= 2)
    for (const list of kinds.values())
      for (let i = 1; i < 2 * round; i += 2) {
        const x = list[Math.floor(list.length * i / (2 * round))]
        if (points.length < POINTS && x && !points.some((y) => y.call === x.call && y.n === x.n)) points.push(x)
      }
  return { points, seen }
}

test('killed at its system calls, the server loses and doubles nothing', { skip: reason, timeout: 24 * 3600 * 1000 }, async (t) => {
  const data = join(dir, 'whole'), log = join(dir, 'whole.strace')
  cpSync(base, data, { recursive: true })
  const ack = await run(data, log, [])
  assert.ok(ack.deleted && ack.won && ack.changed, `without any fault it comes to ${JSON.stringify(ack)}`)
  await check(data, ack)
  const { points } = plan(readFileSync(log, 'utf8').split('\n'), data)
  const hits = new Map(), wrong = []
  let kills = 0, slowest = 0
  const one = async ({ call, n }) => {
    const data = join(dir, `d${made}`), log = join(dir, `d${made++}.strace`)
    cpSync(base, data, { recursive: true })
    const ack = await run(data, log, ['-e', `inject=${call}:signal=KILL:when=${n}`])
    const lines = readFileSync(log, 'utf8').split('\n')
    const x = lines.filter((l) => / = \?/.test(l)).map((l) => struck(l, data)).filter((y) => y?.call === call).pop() ??
      // Cut off in the middle of its line: the last one that was begun.
      lines.map((l) => struck(l, data)).filter((y) => y?.call === call).pop()
    if (ack.killed) {
      kills++
    }
    if (ack.killed && x) {
      const what = `${x.what} while ${ack.phase}`
      hits.set(what, (hits.get(what) ?? 0) + 1)
    }
    try {
      slowest = Math.max(slowest, await check(data, ack))
    } catch (e) {
      wrong.push(`killed at ${call} ${n} (${x?.what}, ${ack.phase}): ${e.message}`)
    }
    rmSync(data, { recursive: true, force: true })
    rmSync(log)
  }
  const left = [...points]
  await Promise.all(Array.from({ length: AT_ONCE }, async () => { while (left.length) await one(left.shift()) }))
  for (const [what, n] of [...hits].sort()) t.diagnostic(`${what}: ${n}`)
  const of = (i) => new Set([...hits.keys()].map((x) => x.replace(/ while /, ' ').split(' ')[i])).size
  t.diagnostic(`${kills} kills of ${points.length} points: ${of(0)} system calls, ${of(1)} files, ${of(2)} phases, ${hits.size} distinct; ` +
    `${wrong.length} wrong; ready again in ${slowest} ms at most`)
  assert.deepEqual(wrong, [])
  for (const [name, kinds] of Object.entries(MUST))
    assert.ok(kinds.some((k) => [...hits.keys()].some((h) => h.startsWith(k))), `no kill struck a ${name}`)
  assert.ok(kills >= points.length * 0.6, `${kills} kills of ${points.length} points`)
})
