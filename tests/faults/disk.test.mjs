// SPDX-License-Identifier: Apache-2.0
// A disk that is full, and one that fails: nothing is acknowledged that is not kept, the answer says what is wrong, and
// soon after the disk is well again everything works and the imports that stood still go on.
//   FAULTS_DISK=40   calls at which each fault strikes (1)
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, openSync, closeSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { tempDir, until } from '../api/lib/server.mjs'
import { baseData, csv, finished, integrity, launch, noTracing, serverPid } from './lib.mjs'

const EACH = Number(process.env.FAULTS_DISK ?? 1)

let dir, base, key, made = 0
before(async () => {
  dir = tempDir()
  base = join(dir, 'base')
  key = await baseData(base)
})
after(() => rmSync(dir, { recursive: true, force: true }))

/** Asks for a lead to be kept: 'kept', or the refusal, which must be one that says "later". */
async function keep(p, n, ack) {
  const r = await p.call('POST', '/api/v1/leads', { external_id: `K${n}`, email: `k${n}@example.com`, company: 'x'.repeat(2000) },
    { 'Idempotency-Key': `keep-${n}` })
  if (r.status < 300) {
    ack.push(`K${n}`)
    return 'kept'
  }
  assert.ok([503, 507].includes(r.status), `${r.status}: ${JSON.stringify(r.body)}`)
  assert.match(r.headers.get('content-type'), /^application\/problem\+json/)
  assert.ok(r.body.title && r.body.request_id, JSON.stringify(r.body))
  return r.status
}

async function allThere(p, ack) {
  for (const k of ack) {
    const { body } = await p.call('GET', `/api/v1/leads?external_id=${k}`)
    assert.equal(body.total, 1, `${k} was acknowledged`)
  }
}

const noMount = () => {
  const r = spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'sh', '-c', 'mount -t tmpfs none /mnt'], { encoding: 'utf8' })
  return r.status === 0 ? false : `no small disk can be made here: ${(r.stderr ?? '').trim().slice(0, 200)}`
}

test('a full disk', { skip: noMount(), timeout: 180000 }, async (t) => {
  const data = join(dir, 'small')
  mkdirSync(data)
  const p = await launch(data, { key, command: ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c',
    'mount -t tmpfs -o size=40m none "$1" && cp -a "$2"/. "$1"/ && shift 2 && exec "$@"', 'sh', data, base] })
  assert.ok(p.url, p.log)
  const inside = join('/proc', String(serverPid(p)), 'root', data), ballast = join(inside, 'ballast')
  const fill = (left = 0) => {
    const fd = openSync(ballast, 'w'), piece = Buffer.alloc(65536, 1)
    try {
      for (;;) writeSync(fd, piece)
    } catch (e) {
      assert.equal(e.code, 'ENOSPC')
    } finally {
      closeSync(fd)
    }
    if (left) spawnSync('truncate', ['-s', `-${left}`, ballast])
  }
  const ack = [], refused = {}
  let n = 0
  const some = async (times) => {
    for (let failed = 0; failed < times; n++) {
      assert.ok(n < 20000, 'the disk never was full')
      const how = await keep(p, n, ack)
      if (how !== 'kept') {
        refused[how] = (refused[how] ?? 0) + 1
        failed++
      }
    }
  }
  for (; n < 5; n++) assert.equal(await keep(p, n, ack), 'kept')
  fill()
  await some(5)
  const before = n - 1
  const up = await p.call('POST', '/api/v1/upload?filename=full.csv&commit=auto', csv(2000, 'F'), { 'Idempotency-Key': 'full' })
  assert.ok([503, 507].includes(up.status), `${up.status}`)
  assert.equal((await p.call('GET', '/api/v1/leads?limit=1')).status, 200, 'reading goes on')
  assert.notEqual((await p.call('GET', '/api/v1/leads?limit=1')).body.total, 0)
  rmSync(ballast)
  let from = Date.now()
  // The very request that was refused, again.
  await until(async () => await keep(p, before, ack) === 'kept', 30000)
  const again = Date.now() - from
  const u = await until(async () => {
    const r = await p.call('POST', '/api/v1/upload?filename=full.csv&commit=auto', csv(2000, 'F'), { 'Idempotency-Key': 'full' })
    return r.status === 202 && r.body
  }, 30000)
  assert.equal((await finished(p, u.id)).state, 'done')
  // An import that meets the end of the disk stands still, and goes on.
  const sent = await p.call('POST', '/api/v1/upload?filename=big.csv&commit=auto', csv(12000, 'B'), { 'Idempotency-Key': 'big' })
  assert.equal(sent.status, 202)
  fill()
  const stuck = await until(async () => {
    const { body } = await p.call('GET', `/api/v1/uploads/${sent.body.id}`)
    assert.ok(['received', 'profiling', 'importing', 'done'].includes(body.state), JSON.stringify(body))
    return (body.state === 'done' || /job\.(settle|heartbeat)|"?upload|ERR|full/.test(p.log)) && body
  }, 60000)
  await new Promise((r) => setTimeout(r, 3000)) // for some of its tries to fail
  rmSync(ballast)
  from = Date.now()
  const done = await finished(p, sent.body.id)
  const resumed = Date.now() - from
  assert.equal(done.state, 'done', JSON.stringify(done))
  assert.equal(done.rows.created + done.rows.unchanged, 12000, JSON.stringify(done.rows))
  await allThere(p, ack)
  // Refused at a later step, a lead may be there all the same.
  const { total } = (await p.call('GET', '/api/v1/leads?limit=1')).body
  assert.ok(total >= 14000 + ack.length && total <= 14000 + n, `${total} leads of ${14000 + ack.length} to ${14000 + n}`)
  assert.equal(integrity(inside), 'ok')
  t.diagnostic(`full disk: ${Object.entries(refused).map(([s, n]) => `${n} x ${s}`).join(', ')}, then the upload ${up.status}; writing again ` +
    `${again} ms after there was room; an import that stood still (${stuck.state}) was done ${resumed} ms after; ${ack.length} acknowledged, 0 lost`)
  assert.ok(again <= 5000, `${again} ms`)
  assert.ok(resumed <= 15000, `${resumed} ms`)
  await p.stop()
})

const faults = [['fdatasync', 'EIO', 12], ['pwrite64', 'ENOSPC', 60], ['pwrite64', 'EIO', 60], ['fsync', 'EIO', 1], ['openat', 'EMFILE', 30]]

test('calls that fail', { skip: noTracing(), timeout: 1200000 }, async (t) => {
  const said = [], wrong = []
  const one = async ([call, error, from], i) => {
    const data = join(dir, `d${made++}`), first = from + i * 5, ack = [], refused = {}
    cpSync(base, data, { recursive: true })
    let p = await launch(data, { key, command: ['strace', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:error=${error}:when=${first}..${first + 3}`] })
    const what = `${call} ${error} at ${first}`
    try {
      if (p.url === null) {
        said.push(`${what}: did not start`)
        p = await launch(data, { key })
      }
      for (let n = 0; n < 25; n++) {
        const how = await keep(p, n, ack)
        refused[how] = (refused[how] ?? 0) + 1
      }
      const began = Date.now()
      const u = await until(async () => {
        const r = await p.call('POST', '/api/v1/upload?filename=f.csv&commit=auto', csv(300, 'F'), { 'Idempotency-Key': 'f' })
        assert.ok([202, 503, 507].includes(r.status), `${r.status}: ${JSON.stringify(r.body)}`)
        return r.status === 202 && r.body
      }, 30000)
      const done = await finished(p, u.id, 60000)
      assert.equal(done.state, 'done', JSON.stringify(done))
      assert.equal(p.gone, false, `it ended: ${p.log}`)
      await until(async () => await keep(p, 100, ack) === 'kept', 5000)
      await p.kill()
      p = await launch(data, { key })
      await allThere(p, ack)
      // Refused at a later step, a lead may be there all the same.
      const { total } = (await p.call('GET', '/api/v1/leads?limit=1')).body
      assert.ok(total >= 300 + ack.length && total <= 326, `${total} leads of ${300 + ack.length} to 326`)
      assert.equal(integrity(data), 'ok')
      said.push(`${what}: ${JSON.stringify(refused)}, upload and import ${Date.now() - began} ms`)
    } catch (e) {
      wrong.push(`${what}: ${e.message}\n${p.log.slice(-600)}`)
    } finally {
      await p.kill()
      rmSync(data, { recursive: true, force: true })
    }
  }
  const left = faults.flatMap((f) => Array.from({ length: EACH }, (_, i) => [f, i]))
  await Promise.all([0, 1].map(async () => { while (left.length) await one(...left.shift()) }))
  for (const x of said.sort()) t.diagnostic(x)
  t.diagnostic(`${faults.length * EACH} faults: ${wrong.length} wrong`)
  assert.deepEqual(wrong, [])
})
