// SPDX-License-Identifier: Apache-2.0
// Does the time of a failed login tell whether there is such an account? Unknown and known addresses in turn, from
// outside, on a server of its own; prints both means, their difference and its standard error.
//   HEATSCORE_BIN=build/heatscore node bench/login_time.mjs [accounts]
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { binary, start } from '../tests/api/lib/server.mjs'

const n = Number(process.argv[2] ?? 12)
const s = await start({ args: ['--login-rate', '1000000'] })
const password = 'purple lamp seven river'
for (let i = 0; i < n; i++)
  spawnSync(binary, ['user', 'add', `known${i}@acme.example`, '--role', 'viewer', '--data', s.dir], { input: password + '\n' })
const tries = { known: [], unknown: [] }
for (let round = 0; round < 4; round++) // five failures slow an account down: stay below
  for (let i = 0; i < n; i++)
    for (const who of (i + round) % 2 ? ['known', 'unknown'] : ['unknown', 'known']) {
      const from = performance.now()
      const r = await s.call('POST', '/api/v1/auth/login', { email: `${who}${i}@acme.example`, password: 'not it at all' }, { Cookie: 'x=y' })
      tries[who].push(performance.now() - from)
      if (r.status !== 401) throw new Error(`${who}: ${r.status}`)
    }
const mean = (a) => a.reduce((x, y) => x + y, 0) / a.length
const median = (a) => [...a].sort((x, y) => x - y)[a.length >> 1]
const diffs = tries.known.map((x, i) => x - tries.unknown[i])
const m = mean(diffs)
const error = Math.sqrt(mean(diffs.map((d) => (d - m) ** 2)) / diffs.length)
console.log(`${diffs.length} pairs: known ${mean(tries.known).toFixed(2)} ms, unknown ${mean(tries.unknown).toFixed(2)} ms; ` +
  `difference ${m.toFixed(2)} ms (standard error ${error.toFixed(2)}), of medians ${(median(tries.known) - median(tries.unknown)).toFixed(2)} ms`)
await s.stop()
rmSync(s.dir, { recursive: true, force: true })
