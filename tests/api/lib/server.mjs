// SPDX-License-Identifier: Apache-2.0
// The real binary, started on a free port with a data folder of its own.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'

// Node 18 as Debian 12 has it gives all cookies as one text; none of ours has a comma in it.
Headers.prototype.getSetCookie ??= function () {
  return this.get('set-cookie')?.split(', ') ?? []
}

export const binary = process.env.HEATSCORE_BIN || 'build/heatscore'
export const shared = process.env.HEATSCORE_SHARED || '../shared'

// A test that fails half way leaves sockets behind, which would keep the program waiting for ever.
after(() => setTimeout(() => process.exit(), 3000).unref())

export function tempDir(where = tmpdir()) {
  return mkdtempSync(join(where, 'heatscore-api-'))
}

/** Runs a command of the binary; fails the test when it does. */
export function run(...args) {
  const r = spawnSync(binary, args, { encoding: 'utf8' })
  if (r.status !== 0) throw new Error(`heatscore ${args.join(' ')}: ${r.stderr}`)
  return r.stdout
}

/** A data folder with demo leads and a published model of them: {data, history, leads}. */
export function demoData(dir, { rows = 3000, seed = 1 } = {}) {
  run('demo', '-q', '-d', dir, '--rows', String(rows), '--seed', String(seed), '--budget', '1')
  const data = join(dir, 'demo')
  return { data, history: join(data, 'history.csv'), leads: join(data, 'new_leads.csv') }
}

/** Starts the server; resolves once it listens. Calls carry a new admin key, unless a test gives its own
 *  Authorization or Cookie header, or starts it anonymous. */
export async function start({ data, args = [], command = [], env = {}, anonymous = false, program = binary } = {}) {
  const dir = data ?? tempDir()
  const own = data === undefined
  const argv = [...command, program, 'serve', '--data', dir, '--listen', '127.0.0.1:0',
    '--api-rate', '1000000', '--api-burst', '1000000', ...args]
  const child = spawn(argv[0], argv.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  let out = ''
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (text) => { out += text })
  // A test that fails half way must not leave it running, nor wait for it.
  process.on('exit', () => child.kill('SIGKILL'))
  let log = ''
  const exited = new Promise((resolve) => child.on('exit', (code, signal) => resolve({ code, signal })))
  const url = await new Promise((resolve, reject) => {
    child.stderr.setEncoding('utf8')
    child.stderr.on('data', (text) => {
      log += text
      const m = /listening on (http\S+)/.exec(log)
      if (m) resolve(m[1])
    })
    child.on('error', reject)
    exited.then((how) => reject(new Error(`the server ended (${JSON.stringify(how)}): ${log}`)))
  })
  child.unref()
  child.stderr.unref()
  child.stdout.unref()
  const key = anonymous ? null : run('key', 'create', '--name', 'tests', '--role', 'admin', '--data', dir).trim()
  const server = {
    url, child, dir, exited, key,
    get log() { return log },
    get out() { return out },
    /** The answer's status, headers and body (JSON where it is JSON). */
    async call(method, path, body, headers = {}) {
      const json = body !== undefined && typeof body !== 'string' && !(body instanceof Uint8Array)
      const r = await fetch(url + path, {
        method,
        body: json ? JSON.stringify(body) : body,
        headers: { ...(body !== undefined && { 'Content-Type': json || typeof body === 'string'
          ? 'application/json' : 'text/csv' }),
          ...(key && !('Authorization' in headers || 'Cookie' in headers) && { Authorization: `Bearer ${key}` }),
          ...headers },
        redirect: 'manual',
      })
      const text = await r.text()
      const type = r.headers.get('content-type') ?? ''
      return { status: r.status, headers: r.headers, text, body: /json/.test(type) ? JSON.parse(text) : text }
    },
    /** Stops it as an operator does. */
    async stop() {
      child.ref()
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      const how = await exited
      if (own) rmSync(dir, { recursive: true, force: true })
      return how
    },
    async kill() {
      child.ref()
      child.kill('SIGKILL')
      return exited
    },
  }
  return server
}

export function have(path) {
  return existsSync(path)
}

/** Asks until ${check} gives something, at most ${ms}. */
export async function until(check, ms = 60000) {
  const end = Date.now() + ms
  for (;;) {
    const x = await check()
    if (x) return x
    if (Date.now() > end) throw new Error('it did not come about in time')
    await new Promise((r) => setTimeout(r, 20))
  }
}
