// SPDX-License-Identifier: Apache-2.0
// What is watched is there: a real Prometheus reads a real server with the configuration, rules and dashboard
// that are handed out; every rule is evaluated, every figure that they name comes from the server.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { join } from 'node:path'
import { demoData, run, start, tempDir, until } from '../api/lib/server.mjs'

const dir = tempDir()
const tools = process.env.PATH = `${process.cwd()}/build/checkers/usr/bin:${process.env.PATH}`
const have = (name) => spawnSync(name, ['--version'], { env: { ...process.env, PATH: tools } }).status === 0
const dashboard = JSON.parse(readFileSync('packaging/monitoring/grafana.json', 'utf8'))
const rules = readFileSync('packaging/monitoring/alerts.yaml', 'utf8')
const panels = dashboard.panels.flatMap((p) => p.targets.map((t) => ({ title: p.title, expr: t.expr })))
// As Grafana asks it, with all servers chosen.
const asked = (expr) => expr.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '1m')
const named = [...new Set([...panels.map((p) => p.expr), rules].join('\n').match(/heatscore_[a-z_]+/g))]
let server
let prometheus

before(async () => {
  const { data, leads } = demoData(dir, { rows: 600 })
  server = await start({ data })
  // Something of each kind: an import, a refusal, a failure, a backup.
  const a = await server.call('POST', '/api/v1/upload?filename=new.csv&commit=auto', readFileSync(leads))
  assert.ok([200, 201, 202].includes(a.status), a.text)
  await server.call('POST', '/api/v1/score', { 'Lead Source': 'Referral' })
  await server.call('GET', '/api/v1/leads', undefined, { Authorization: 'Bearer nonsense' })
  await until(async () => (await server.call('GET', '/api/v1/jobs?kind=import')).body.items.some((j) => j.state === 'done'))
  run('backup', '--data', data, '-o', join(dir, 'b.tar'))
})
after(async () => {
  prometheus?.kill('SIGKILL')
  await server?.stop()
  rmSync(dir, { recursive: true, force: true })
})

test('every figure that rules and dashboard name is one that the server gives', async () => {
  const { text } = await server.call('GET', '/metrics')
  const given = new Set([...text.matchAll(/^# TYPE (\S+) (\S+)/gm)].flatMap(([, n, kind]) => (kind === 'histogram' ? [`${n}_bucket`, `${n}_count`, `${n}_sum`] : [n])))
  assert.deepEqual(named.filter((n) => !given.has(n)), [])
  console.log(`${named.length} figures named, all among the ${given.size} of /metrics`)
})

test('the figures are named and described as Prometheus wants them', { skip: !have('promtool') && 'promtool is not installed' }, async () => {
  const { text } = await server.call('GET', '/metrics')
  const r = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })
  assert.equal(r.status, 0, r.stdout + r.stderr)
})

test('the dashboard is one that Grafana can read', () => {
  assert.ok(dashboard.title && dashboard.uid && dashboard.schemaVersion >= 36)
  const ids = dashboard.panels.map((p) => p.id)
  assert.equal(new Set(ids).size, ids.length)
  const variables = dashboard.templating.list.map((v) => v.name)
  const taken = new Set()
  for (const p of dashboard.panels) {
    assert.ok(p.title && p.type && p.datasource && p.targets.length, JSON.stringify(p).slice(0, 200))
    for (const [, v] of JSON.stringify(p).matchAll(/\$\{?([A-Za-z]+)\}?/g)) assert.ok(variables.includes(v), `${p.title} uses $${v}, which nobody declares`)
    const { x, y, w, h } = p.gridPos
    assert.ok(x >= 0 && x + w <= 24)
    for (let i = x; i < x + w; i++) for (let j = y; j < y + h; j++) {
      assert.ok(!taken.has(`${i},${j}`), `${p.title} lies on another panel`)
      taken.add(`${i},${j}`)
    }
  }
})

test('Prometheus loads the configuration, evaluates every rule and answers every panel', { skip: !have('prometheus') && 'prometheus is not installed' }, async () => {
  const port = await new Promise((resolve) => {
    const s = createServer().listen(0, '127.0.0.1', () => { const { port: p } = s.address(); s.close(() => resolve(p)) })
  })
  cpSync('packaging/monitoring', dir, { recursive: true })
  const config = readFileSync('packaging/monitoring/prometheus.yaml', 'utf8')
  assert.match(config, /127\.0\.0\.1:8000/)
  writeFileSync(join(dir, 'prometheus.yml'), 'global: {scrape_interval: 1s, evaluation_interval: 1s}\n' +
    config.replace('127.0.0.1:8000', new URL(server.url).host).replace('scrape_interval: 15s', 'scrape_interval: 1s'))
  prometheus = spawn('prometheus', ['--config.file', join(dir, 'prometheus.yml'), '--storage.tsdb.path', join(dir, 'tsdb'), '--web.listen-address', `127.0.0.1:${port}`], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  prometheus.stderr.on('data', (x) => { said += x })
  let ended = false
  prometheus.on('exit', () => { ended = true })
  const get = async (path) => {
    if (ended) throw new Error(`prometheus ended: ${said.slice(-1000)}`)
    const r = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`).catch(() => null)
    return r?.ok || r?.status === 400 || r?.status === 422 ? r.json() : null
  }
  const query = (expr) => get(`query?query=${encodeURIComponent(expr)}`)
  // Rates want two scrapes.
  await until(async () => (await query('count_over_time(heatscore_ready[1m])'))?.data?.result?.[0]?.value[1] >= 3)
  const groups = await until(async () => {
    const all = (await get('rules')).data.groups.flatMap((g) => g.rules)
    return all.length > 0 && all.every((r) => r.health !== 'unknown') && all
  })
  assert.equal(groups.length, rules.match(/- alert:/g).length)
  for (const r of groups) {
    assert.equal(r.health, 'ok', `${r.name}: ${r.lastError}`)
    assert.equal(r.state, 'inactive', `${r.name} cries on a server that is well`)
  }
  let filled = 0
  const empty = []
  for (const { title, expr } of panels) {
    const a = await query(asked(expr))
    assert.equal(a?.status, 'success', `${title}: ${expr}: ${a?.error}`)
    if (a.data.result.length) filled++
    else empty.push(title)
  }
  console.log(`Prometheus: ${groups.length} rules evaluated, ${filled} of ${panels.length} queries of the dashboard have figures; none yet: ${empty.join(', ')}`)
  // No limit has refused anything on this server: that is the only panel that may be empty.
  assert.deepEqual(empty, ['Refused by a limit'])
})
