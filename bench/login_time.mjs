// SPDX-License-Identifier: Apache-2.0
// Does the time of a failed login tell whether there is such an account? Unknown and known addresses in turn, from
// outside, on a server of its own; prints means, medians and their difference, of the time on the clock and of the
// time that the server's processors worked (which a busy machine disturbs less).
//   HEATSCORE_BIN=build/heatscore node bench/login_time.mjs [accounts]
import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync, rmSync } from 'node:fs'
import { binary, start } from '../tests/api/lib/server.mjs'

const n = Number(process.argv[2] ?? 12)
const s = await start({ args: ['--login-rate', '1000000'] })
const password = 'purple lamp seven river'
for (let i = 0; i < n; i++)
  spawnSync(binary, ['user', 'add', `known${i}@acme.example`, '--role', 'viewer', '--data', s.dir], { input: password + '\n' })
const tries = { known: [], unknown: [] }, work = { known: [], unknown: [] }
const cpu = () => readdirSync(`/proc/${s.child.pid}/task`) // milliseconds of all its threads
  .reduce((sum, t) => sum + Number(readFileSync(`/proc/${s.child.pid}/task/${t}/schedstat`, 'utf8').split(' ')[0]) / 1e6, 0)
for (let round = 0; round < 4; round++) // five failures slow an account down: stay below
  for (let i = 0; i < n; i++)
    for (const who of (i + round) % 2 ? ['known', 'unknown'] : ['unknown', 'known']) {
      const from = performance.now(), worked = cpu()
      const r = await s.call('POST', '/api/v1/auth/login', { email: `${who}${i}@acme.example`, password: 'not it at all' }, { Cookie: 'x=y' })
      tries[who].push(performance.now() - from)
      work[who].push(cpu() - worked)
      if (r.status !== 401) throw new Error(`${who}: ${r.status}`)
    }
const mean = (a) => a.reduce((x, y) => x + y, 0) / a.length
const median = (a) => [...a].sort((x, y) => x - y)[a.length >> 1]
for (const [what, t] of [['on the clock', tries], ['of work', work]]) {
  const diffs = t.known.map((x, i) => x - t.unknown[i])
  const m = mean(diffs)
  const error = Math.sqrt(mean(diffs.map((d) => (d - m) ** 2)) / diffs.length)
  console.log(`${diffs.length} pairs, ms ${what}: medians ${median(t.known).toFixed(2)} known, ${median(t.unknown).toFixed(2)} unknown, ` +
    `difference ${(median(t.known) - median(t.unknown)).toFixed(2)}; of means ${m.toFixed(2)} (standard error ${error.toFixed(2)})`)
}
await s.stop()
rmSync(s.dir, { recursive: true, force: true })
