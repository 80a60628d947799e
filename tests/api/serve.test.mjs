// SPDX-License-Identifier: Apache-2.0
// heatscore serve as a program: how it says where it listens, what it refuses, health, metrics and the description.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { binary, start, tempDir } from './lib/server.mjs'

let s
before(async () => { s = await start({ args: ['--log-format', 'json'] }) })
after(async () => { await s.stop() })

// How a start that fails ends.
const refused = (...args) => {
  const dir = tempDir()
  const r = spawnSync(binary, ['serve', '--data', dir, ...args], { encoding: 'utf8', timeout: 20000 })
  rmSync(dir, { recursive: true, force: true })
  return { code: r.status, text: r.stderr }
}

test('one line says where, in a quarter of a second from an empty folder', async () => {
  const dir = tempDir()
  const began = process.hrtime.bigint()
  const child = spawn(binary, ['serve', '--data', dir, '--listen', '127.0.0.1:0', '-q'], { stdio: ['ignore', 'ignore', 'pipe'] })
  const line = await new Promise((resolve) => {
    let text = ''
    child.stderr.setEncoding('utf8')
    child.stderr.on('data', (piece) => { text += piece; if (/^listening on .*\n/m.test(text)) resolve(text) })
  })
  const ms = Number(process.hrtime.bigint() - began) / 1e6
  assert.match(line, /^listening on http:\/\/127\.0\.0\.1:\d+$/m)
  console.log(`ready ${ms.toFixed(0)} ms after the start, on an empty folder`)
  child.kill('SIGINT')
  assert.equal(await new Promise((resolve) => child.on('exit', resolve)), 0)
  rmSync(dir, { recursive: true })
})

test('what cannot be listened on is said, with the exit code of settings', () => {
  for (const where of ['0.0.0.0:0', '[::]:0']) {
    const r = refused('--listen', where)
    assert.equal(r.code, 78)
    assert.match(r.text, /can be reached from other machines/)
  }
  for (const where of ['nonsense', '127.0.0.1', '127.0.0.1:', ':80', '127.0.0.1:99999', '::1:80', '[::1]', '127.0.0.1:http', '127.0.0.1:-1']) {
    assert.equal(refused('--listen', where).code, 78, where)
  }
  const taken = refused('--listen', new URL(s.url).host)
  assert.equal(taken.code, 69)
  assert.match(taken.text, /in use/)
  const half = refused('--listen', '127.0.0.1:0', '--tls-cert', '/nothing')
  assert.equal(half.code, 78)
})

test('health, for load balancers and for people', async () => {
  assert.deepEqual([(await s.call('GET', '/livez')).status, (await s.call('GET', '/readyz')).status], [200, 200])
  const h = await s.call('GET', '/health')
  assert.equal(h.status, 200)
  assert.equal(h.body.status, 'ok')
  assert.ok(h.body.checks.find((c) => c.name === 'disk' && c.status === 'ok'))
})

test('metrics: clean, and few however many addresses are tried', async (t) => {
  for (let i = 0; i < 300; i++) await s.call('GET', `/api/v1/${i}/${Math.random()}`)
  const m = await s.call('GET', '/metrics')
  const series = m.text.split('\n').filter((l) => l !== '' && !l.startsWith('#'))
  console.log(`${series.length} series`)
  assert.ok(series.length <= 2000)
  assert.ok(!m.text.includes('0.'.padEnd(8, '1')) && !/route="\/api\/v1\/\d/.test(m.text))
  const names = new Set(series.map((l) => /^[a-z_]+/.exec(l)[0]))
  for (const name of names) assert.ok(name.startsWith('heatscore_'), name)
  const lint = spawnSync('promtool', ['check', 'metrics'], { input: m.text, encoding: 'utf8' })
  if (lint.error) return t.diagnostic('promtool is not there: not linted')
  assert.equal(lint.status, 0, lint.stdout + lint.stderr)
  assert.equal(lint.stdout + lint.stderr, '')
})

test('the description: valid references, every route with an id, a summary and its answers', async () => {
  const { body: d } = await s.call('GET', '/openapi.json')
  assert.equal(d.openapi, '3.1.0')
  const ids = new Set()
  let operations = 0
  for (const [path, item] of Object.entries(d.paths)) {
    for (const [method, op] of Object.entries(item)) {
      operations++
      assert.ok(op.operationId && !ids.has(op.operationId), `${method} ${path}`)
      ids.add(op.operationId)
      assert.ok(op.summary && Object.keys(op.responses).some((status) => /^[23]/.test(status)), `${method} ${path}`)
      const named = [...path.matchAll(/\{([^}]+)\}/g)].map((m) => m[1])
      assert.deepEqual(op.parameters.filter((p) => p.in === 'path').map((p) => p.name), named, path)
    }
  }
  const walk = (v, where) => {
    if (v === null || typeof v !== 'object') return
    if (typeof v.$ref === 'string') {
      const found = v.$ref.split('/').slice(1).reduce((at, key) => at?.[key], d)
      assert.ok(found, `${where}: ${v.$ref} leads nowhere`)
    }
    for (const [k, x] of Object.entries(v)) walk(x, `${where}/${k}`)
  }
  walk(d, '')
  console.log(`${operations} operations on ${Object.keys(d.paths).length} paths, ${Object.keys(d.components.schemas).length} schemas`)
})

test('the page of the description comes from us alone', async () => {
  const page = await s.call('GET', '/docs')
  assert.equal(page.status, 200)
  assert.ok(!/(src|href)="https?:/.test(page.text) && !/ style=|<script>|onload=/.test(page.text))
  for (const [path, type] of [['/docs/docs.js', 'text/javascript'], ['/docs/docs.css', 'text/css']]) {
    const part = await s.call('GET', path)
    assert.equal(part.status, 200)
    assert.ok(part.headers.get('content-type').startsWith(type))
  }
})

test('the log: one JSON object a line, without keys or query strings', async () => {
  await s.call('GET', '/api/v1/leads?q=CANARY-7391', undefined, { 'User-Agent': 'CANARY-7391', traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' })
  const until = Date.now() + 10000
  while (!s.log.includes('4bf92f3577b34da6a3ce929d0e0e4736') && Date.now() < until) await new Promise((r) => setTimeout(r, 20))
  assert.ok(s.log.includes('4bf92f3577b34da6a3ce929d0e0e4736'))
  assert.ok(!s.log.includes('CANARY-7391') && !(s.key && s.log.includes(s.key)))
  for (const line of s.log.split('\n').filter((l) => l.startsWith('{'))) {
    const entry = JSON.parse(line)
    assert.match(entry.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    assert.ok(entry.level && entry.event)
  }
})
