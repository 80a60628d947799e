// SPDX-License-Identifier: Apache-2.0
// Memory that runs out in the middle of a request: of each request one allocation fails, the first, the last, or any
// between. The server goes on, and says that something was done only when it was.
//   FAULTS_MEMORY=100000   allocations of each request that fail (5), at most all there are
import assert from 'node:assert/strict'
import { closeSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { tempDir, until } from '../api/lib/server.mjs'
import { baseData, csv, finished, launch, numbers, send } from './lib.mjs'

const EACH = Number(process.env.FAULTS_MEMORY ?? 5)

let dir, key, p, fd
const random = numbers()
before(async () => {
  dir = tempDir()
  key = await baseData(join(dir, 'data'))
  const shared = join(dir, 'shared')
  writeFileSync(shared, Buffer.alloc(16))
  fd = openSync(shared, 'r+')
  const program = process.env.STARVED_BIN // with a sanitizer in it, which also sees what is lost or used too late
  p = await launch(join(dir, 'data'), { key, ...(program && { program }),
    env: { FAILING_MALLOC: shared, ...(!program && { LD_PRELOAD: process.env.FAILING_MALLOC_SO }) } })
  assert.ok(p.url, p.log)
})
after(async () => {
  await p?.kill()
  if (fd !== undefined) closeSync(fd)
  rmSync(dir, { recursive: true, force: true })
})

const number = (at) => {
  const b = Buffer.alloc(8)
  readSync(fd, b, 0, 8, at)
  return Number(b.readBigUInt64LE())
}
const failAt = (n) => {
  const b = Buffer.alloc(8)
  b.writeBigUInt64LE(BigInt(n))
  writeSync(fd, b, 0, 8, 8)
}

test('an allocation that fails is an answer, not an end', { timeout: 3600000 }, async (t) => {
  const u = await finished(p, await send(p, csv(100, 'M'), 'first'))
  assert.equal(u.state, 'done')
  const { items } = (await p.call('GET', '/api/v1/leads?limit=3')).body
  const lead = `/api/v1/leads/${items[0].id}`
  let n = 0
  const input = { email: 'a@b.com', page_views: 7, lead_source: 'Referral' }
  const has = async (path, what) => assert.ok(what((await p.call('GET', path)).body), `${path} lacks what was acknowledged`)
  // Method, path, body, and how to see that it was done.
  const cases = [
    () => ['GET', '/livez'], () => ['GET', '/health'], () => ['GET', '/metrics'], () => ['GET', '/openapi.json'], () => ['GET', '/nothing/there'],
    () => ['GET', '/api/v1/leads?limit=50&sort=-score'], () => ['GET', '/api/v1/leads?q=firm&heat=hot,warm'], () => ['GET', lead],
    () => ['GET', `${lead}/timeline`], () => ['GET', '/api/v1/leads/export.csv?limit=10'], () => ['GET', '/api/v1/overview'],
    () => ['GET', '/api/v1/uploads'], () => ['GET', `/api/v1/uploads/${u.id}`], () => ['GET', '/api/v1/jobs'],
    () => ['POST', '/api/v1/score?reasons=3', input], () => ['POST', '/api/v1/batch-score', { leads: [input, input, {}] }],
    () => ['POST', '/api/v1/leads', { external_id: `N${++n}`, email: `n${n}@x.com` }, has, `/api/v1/leads?external_id=N${n}`, (b) => b.total === 1],
    () => ['PATCH', lead, { company: `C${++n}` }, has, lead, ((c) => (b) => b.company === c)(`C${n}`)],
    () => ['POST', `${lead}/outcome`, { outcome: n++ % 2 ? 'won' : 'lost' }, has, lead, ((o) => (b) => b.outcome === o)((n - 1) % 2 ? 'won' : 'lost')],
    () => ['POST', `${lead}/notes`, { text: `note ${++n}` }, has, `${lead}/notes`, ((x) => (b) => b.items.some((i) => i.text === x))(`note ${n}`)],
    () => ['POST', '/api/v1/views', { name: `V${++n}`, query: 'heat=hot' }, has, '/api/v1/views', ((x) => (b) => b.items.some((i) => i.name === x))(`V${n}`)],
    () => ['POST', `/api/v1/upload?filename=m${++n}.csv`, csv(3, `U${n}`), has, '/api/v1/uploads', ((x) => (b) => b.items.some((i) => i.filename === x))(`m${n}.csv`)],
  ]
  const seen = {}
  let struck = 0
  let last
  const ask = async ([method, path, body, ...see]) => {
    let r
    try {
      r = await p.call(method, path, body)
    } catch {
      r = { status: 'cut off' }
    }
    last = JSON.stringify(r.body)
    if (p.gone) assert.fail(`${method} ${path}: the server ended: ${p.log.slice(-4000)}`)
    seen[r.status] = (seen[r.status] ?? 0) + 1
    failAt(0)
    if (r.status < 300 && see.length) await see[0](see[1], see[2])
    return r.status
  }
  for (const make of cases) {
    const before = number(0)
    const status = await ask(make())
    const count = number(0) - before
    assert.ok(status < 500, `${make().slice(0, 2)}: ${status} without any fault: ${last}`)
    const at = count <= EACH ? Array.from({ length: count }, (_, i) => i + 1) :
      [1, count, ...Array.from({ length: Math.max(0, EACH - 2) }, () => 1 + Math.floor(random() * count))]
    for (const k of at) {
      const from = number(0)
      failAt(from + k)
      await ask(make())
      struck += number(0) >= from + k
    }
  }
  failAt(0)
  // All is well afterwards.
  assert.equal((await p.call('GET', '/livez')).status, 200)
  const more = await finished(p, await until(() => send(p, csv(100, 'Z'), 'last')))
  assert.equal(more.state, 'done')
  assert.deepEqual((await p.stop()).code, 0, p.log.slice(-4000))
  t.diagnostic(`${struck} failed allocations in ${cases.length} requests: answers ${JSON.stringify(seen)}; 0 crashes, 0 false acknowledgements`)
  assert.ok(struck >= cases.length)
})
