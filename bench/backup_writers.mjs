// SPDX-License-Identifier: Apache-2.0
// How long do writers wait while a backup is made? Four clients change leads one after the other, each change answered
// when it is safe on the disk: for some seconds alone, then while `heatscore backup` runs again and again, in turns.
//   HEATSCORE_BIN=build/heatscore node bench/backup_writers.mjs [leads] [turns]
import { spawn } from 'node:child_process'
import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { binary, start, until } from '../tests/api/lib/server.mjs'

const leads = Number(process.argv[2] ?? 200000), turns = Number(process.argv[3] ?? 3)
const s = await start()
const call = (method, path, body) => s.call(method, `/api/v1${path}`, body)

let csv = 'Lead ID,Name,Email,Company,Source,Page Views\n'
for (let i = 0; i < leads; i++) csv += `L${i},Lead ${i},lead${i}@firm${i % 997}.example,Firm ${i % 997},${['Web', 'Fair', 'Partner'][i % 3]},${i % 40}\n`
const up = await call('POST', '/upload?filename=leads.csv&commit=auto', new TextEncoder().encode(csv))
await until(async () => (await call('GET', `/uploads/${up.body.id}`)).body.state === 'done', 600000)
const { items } = (await call('GET', '/leads?limit=100')).body

/** Waits of the clients' changes, in ms, until ${done()}. */
async function write(done) {
  const waits = []
  let n = 0
  await Promise.all([0, 1, 2, 3].map(async () => {
    while (!done()) {
      const { id } = items[n++ % items.length], from = performance.now()
      const r = await call('PATCH', `/leads/${id}`, { owner: `Rep ${n}` })
      if (r.status !== 200) throw new Error(`${r.status} ${r.text}`)
      waits.push(performance.now() - from)
    }
  }))
  return waits.sort((a, b) => a - b)
}

function backup(file) {
  const from = performance.now()
  const p = spawn(binary, ['backup', '--data', s.dir, '-o', file], { stdio: ['ignore', 'ignore', 'inherit'] })
  return new Promise((resolve, reject) => p.on('exit', (code) => (code === 0 ? resolve(performance.now() - from) : reject(new Error(`backup: ${code}`)))))
}

const file = `${s.dir}.backup`
const at = (a, q) => a[Math.min(a.length - 1, Math.floor(a.length * q))].toFixed(1)
const row = (what, a) => console.log(`| ${what} | ${a.length} | ${at(a, 0.5)} | ${at(a, 0.99)} | ${a.at(-1).toFixed(1)} |`)
console.log(`${leads} leads, ${(statSync(join(s.dir, 'heatscore.db')).size / 1e6).toFixed(0)} MB\n\n| | changes | median ms | p99 ms | longest ms |\n| --- | ---: | ---: | ---: | ---: |`)
for (let t = 0; t < turns; t++) {
  const end = performance.now() + 3000
  row('alone', await write(() => performance.now() > end))
  let over = false
  const made = backup(file).finally(() => { over = true })
  const waits = await write(() => over)
  row(`beside a backup of ${((await made) / 1000).toFixed(1)} s`, waits)
  rmSync(file)
}
await s.stop()
