// SPDX-License-Identifier: Apache-2.0
// Two servers behind HAProxy (packaging/haproxy.cfg) are restarted one after the other, again and again,
// while clients ask for scores: not one request fails. The embedded store belongs to one process, so each
// has a data folder of its own with the same published model. HEATSCORE_FAULTS=full: 20 rolls.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { join } from 'node:path'
import { demoData, run, start, tempDir, until } from './lib/server.mjs'

const ROLLS = process.env.HEATSCORE_FAULTS === 'full' ? 20 : 1
const RATE = 300
const dir = tempDir()
const haproxy = spawnSync('haproxy', ['-v']).status === 0
let proxy
after(() => {
  proxy?.kill('SIGKILL')
  rmSync(dir, { recursive: true, force: true })
})

function freePort() {
  return new Promise((resolve) => {
    const s = createServer().listen(0, '127.0.0.1', () => {
      const { port } = s.address()
      s.close(() => resolve(port))
    })
  })
}

test(`${ROLLS} rolling restarts under ${RATE} requests a second: 0 failed`, { skip: !haproxy && 'haproxy is not installed' }, async () => {
  const { data } = demoData(join(dir, 'a'), { rows: 800 })
  const folders = [data, join(dir, 'b')]
  // Known to both before they part.
  const key = run('key', 'create', '--name', 'roll', '--role', 'viewer', '--data', data).trim()
  cpSync(data, folders[1], { recursive: true })
  const ports = [await freePort(), await freePort()]
  const front = await freePort()
  const up = async (i) => start({ data: folders[i], anonymous: true, args: ['--listen', `127.0.0.1:${ports[i]}`, '--connections-per-address', '4096'] })
  const servers = [await up(0), await up(1)]
  const config = join(dir, 'haproxy.cfg')
  writeFileSync(config, readFileSync('packaging/haproxy.cfg', 'utf8').replace(':8080', `127.0.0.1:${front}`)
    .replace(':8001', `:${ports[0]}`).replace(':8002', `:${ports[1]}`))
  proxy = spawn('haproxy', ['-db', '-f', config], { stdio: ['ignore', 'inherit', 'pipe'] })
  let said = ''
  proxy.stderr.on('data', (x) => { said += x })
  const url = `http://127.0.0.1:${front}`
  const ready = () => until(async () => (await fetch(`${url}/readyz`).catch(() => ({}))).status === 200)
  await ready().catch(() => assert.fail(said))

  let on = true
  let asked = 0
  const failed = []
  const took = []
  async function one() {
    asked++
    const from = performance.now()
    try {
      const r = await fetch(`${url}/api/v1/score`, { method: 'POST', headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${key}` }, body: '{"Lead Source":"Referral"}' })
      const body = await r.json()
      if (r.status !== 200 || body.model !== 'v1') failed.push(`${r.status} ${JSON.stringify(body)}`)
    } catch (e) {
      failed.push(`${e.message} ${e.cause?.code ?? ''}`)
    }
    took.push(performance.now() - from)
  }
  const open = new Set()
  const clock = (async () => {
    for (let next = performance.now(); on; next += 1000 / RATE) {
      const wait = next - performance.now()
      // A machine that stood still for a while is not asked all it missed at once.
      if (wait < -100) next = performance.now()
      if (wait > 1 || open.size >= RATE) await new Promise((r) => setTimeout(r, Math.max(wait, 1)))
      if (open.size >= RATE) continue
      const p = one().finally(() => open.delete(p))
      open.add(p)
    }
  })()
  for (let i = 0; i < ROLLS * 2; i++) {
    const which = i % 2
    const how = await servers[which].stop()
    assert.equal(how.code, 0, `server ${which} ended with ${JSON.stringify(how)}`)
    servers[which] = await up(which)
    // The next one goes only when the proxy, which looks every 200 ms, sends this one requests again.
    const before = asked
    const isUp = () => said.lastIndexOf(`heatscore/${'ab'[which]} is UP`) >= said.lastIndexOf(`heatscore/${'ab'[which]} is DOWN`)
    await until(async () => (await fetch(`http://127.0.0.1:${ports[which]}/readyz`)).status === 200 && asked > before + RATE / 3 && isUp())
  }
  on = false
  await clock
  await Promise.all(open)
  took.sort((a, b) => a - b)
  console.log(`rolling restarts: ${ROLLS * 2} restarts, ${asked} requests, ${failed.length} failed, 99 % within ${took[Math.floor(took.length * 0.99)].toFixed(0)} ms`)
  assert.deepEqual(failed.slice(0, 5), [])
  for (const s of servers) await s.stop()
})
