// SPDX-License-Identifier: Apache-2.0
// What the fault tests share: a file of leads, a data folder to start from, and a server that may be traced, starved
// or killed while it runs.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { binary, start, until } from '../api/lib/server.mjs'

/** ${rows} leads, every third of which is not sold yet; ${bad} more that no lead can be made of. */
export function csv(rows, mark = '', bad = 0) {
  const cities = ['Rome', 'Oslo', 'Bern', 'Lyon', 'Kyiv']
  let out = 'Lead ID,Email,Name,Company,Lead Source,City,Page Views,Created,Note,Status\n'
  for (let i = 0; i < rows; i++)
    out += `L${mark}${i},l${i}@example${i % 97}.com,Ann ${i},Firm ${i % 700},${['Referral', 'Ads', 'Web'][i % 3]},` +
      `${cities[i % 5]},${i % 40},2024-0${1 + i % 9}-1${i % 9},"note ${i}, ${'x'.repeat(i % 50)}",${['Won', 'Lost', 'Open'][i % 3]}\n`
  return Buffer.from(out + 'a,b,c,d,e,f,g,h,i,j,k,l\n'.repeat(bad))
}

/** The same numbers in every run. */
export function numbers(seed = 20261127) {
  return () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return seed / 4294967296
  }
}

/** A stopped server's data folder at ${to}, and a key for it. */
export async function baseData(to) {
  const s = await start()
  s.child.ref()
  const how = new Promise((r) => s.child.on('exit', r))
  s.child.kill('SIGTERM')
  await how
  cpSync(s.dir, to, { recursive: true })
  rmSync(s.dir, { recursive: true, force: true })
  return s.key
}

process.setMaxListeners(0)

/** A server in a process group of its own, so that its tracer goes with it. ${command} comes before the program. */
export async function launch(data, { key, command = [], args = [], env = {}, program = binary } = {}) {
  const argv = [...command, program, 'serve', '--data', data, '--listen', '127.0.0.1:0',
    '--api-rate', '1000000', '--api-burst', '1000000', '--log-level', 'error', ...args]
  const child = spawn(argv[0], argv.slice(1), { stdio: ['ignore', 'ignore', 'pipe'], detached: true, env: { ...process.env, ...env } })
  const p = { child, log: '', gone: false }
  p.exited = new Promise((r) => child.on('exit', (code, signal) => { p.gone = true; r({ code, signal }) }))
  const quit = (signal) => { try { process.kill(-child.pid, signal) } catch { /* it is gone */ } }
  process.on('exit', () => { if (!p.gone) quit('SIGKILL') })
  p.kill = async () => { quit('SIGKILL'); return p.exited }
  p.stop = async () => { quit('SIGTERM'); return p.exited }
  child.stderr.setEncoding('utf8')
  child.stderr.on('data', (t) => { p.log += t })
  p.url = await until(() => p.gone ? 'gone' : /listening on (http\S+)/.exec(p.log)?.[1], 60000)
  if (p.url === 'gone') p.url = null
  p.call = async (method, path, body, headers = {}) => {
    const json = body !== undefined && !(body instanceof Uint8Array)
    const r = await fetch(p.url + path, { method, body: json ? JSON.stringify(body) : body, signal: AbortSignal.timeout(60000),
      headers: { Authorization: `Bearer ${key}`, ...(body && { 'Content-Type': json ? 'application/json' : 'text/csv' }), ...headers } })
    const text = await r.text()
    return { status: r.status, headers: r.headers, body: /json/.test(r.headers.get('content-type') ?? '') ? JSON.parse(text) : text }
  }
  return p
}

/** The process of ours that the tracer or another command has started. */
export function serverPid(p) {
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]) === p.child.pid && / ?\(heatscore\)/.test(stat)) return Number(pid)
    } catch { /* it ended meanwhile */ }
  }
  throw new Error('no server in the group')
}

/** Sends a file; its id once it is acknowledged, null when it was not. */
export async function send(p, bytes, name) {
  try {
    const r = await p.call('POST', `/api/v1/upload?filename=${name}.csv&commit=auto`, bytes, { 'Idempotency-Key': `key-${name}` })
    return r.status === 202 ? r.body.id : null
  } catch {
    return null
  }
}

/** The upload once it is over; {state: 'gone'} when the server ended before. */
export async function finished(p, id, ms = 120000) {
  return until(async () => {
    if (p.gone) return { state: 'gone' }
    try {
      const { body } = await p.call('GET', `/api/v1/uploads/${id}`)
      return ['done', 'failed', 'cancelled'].includes(body.state) && body
    } catch {
      return p.gone && { state: 'gone' }
    }
  }, ms)
}

/** Of these leads, those seen with values of now and a score of before that does not say so. */
export function torn(leads) {
  return leads.filter((x) => !(x.stale || (x.heat && x.model && x.score >= 0))).length
}

/** What SQLite itself says of the file: "ok". */
export function integrity(data) {
  const r = spawnSync('python3', ['-c', 'import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); ' +
    'print(c.execute("PRAGMA integrity_check").fetchone()[0])', join(data, 'heatscore.db')], { encoding: 'utf8' })
  return r.stdout.trim()
}

/** Exactly the rows of the file, each once, scored. ${again}: it was sent again unacknowledged, and may have come in before. */
export async function verify(p, u, rows, { again = false, bad = 0 } = {}) {
  assert.equal(u.state, 'done', JSON.stringify(u))
  assert.equal(u.rows.created + u.rows.unchanged, rows, JSON.stringify(u.rows))
  assert.equal(u.rows.read, rows + bad)
  assert.ok(again || u.rows.created === rows, JSON.stringify(u.rows))
  const page = (await p.call('GET', '/api/v1/leads?limit=500&sort=-updated_at')).body
  assert.equal(page.total, rows)
  assert.ok(page.items.every((x) => x.version === 1), 'no row was put twice')
  assert.equal(torn(page.items), 0)
  assert.equal((await p.call('GET', '/api/v1/leads?limit=1&stale=yes')).body.total, 0)
}

/** Why system calls cannot be tampered with here; false when they can. */
export function noTracing() {
  const r = spawnSync('strace', ['-qq', '-e', 'trace=getcwd', '-e', 'inject=getcwd:error=EACCES', 'pwd', '-P'], { encoding: 'utf8' })
  if (r.error) return 'strace is not installed'
  return /INJECTED/.test(r.stderr) ? false : `strace may not trace here: ${r.stderr.trim().slice(0, 200)}`
}
