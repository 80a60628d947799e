// SPDX-License-Identifier: Apache-2.0
// What an operator leans on: each fault that "heatscore doctor" knows is made on a real folder, found, and
// mended by carrying out the command that it prints; settings come from where they should, and secrets are
// never shown.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync,
  statSync, utimesSync, writeFileSync, writeSync, closeSync } from 'node:fs'
import { createServer } from 'node:net'
import { after, before, test } from 'node:test'
import { join, resolve } from 'node:path'
import { binary, demoData, run, start, tempDir, until } from './lib/server.mjs'

const dir = tempDir()
const whole = join(dir, 'whole') // never touched after before()
const data = join(dir, 'data')
const backup = join(dir, 'BACKUP.tar')
const root = process.getuid() === 0
const DAY = 86400

before(async () => {
  demoData(dir, { rows: 600 })
  renameSync(join(dir, 'demo'), whole)
  const s = await start({ data: whole })
  for (let i = 0; i < 300; i++) {
    const a = await s.call('POST', '/api/v1/leads', { external_id: `L${i}`, company: `Firm ${i}` })
    assert.equal(a.status, 201, a.text)
  }
  await s.stop()
  run('backup', '--data', whole, '-o', backup, '--verify')
})
after(() => rmSync(dir, { recursive: true, force: true }))

function doctor(args = ['--data', data], command = []) {
  const argv = [...command, binary, 'doctor', ...args, '--json']
  const r = spawnSync(argv[0], argv.slice(1), { encoding: 'utf8' })
  const d = JSON.parse(r.stdout)
  assert.equal(r.status, d.worst === 'wrong' ? 1 : 0, 'the exit code says whether something is wrong')
  return d
}

const find = (d, name) => d.checks.find((c) => c.name === name)

/** Carries out what the doctor prints, as an operator types it: from where the program and a backup are. */
function carryOut(fix) {
  const command = fix.split('; or from a backup: ').at(-1).replace(/^from the newest backup: /, '').replace(/^train again, or from a backup: /, '')
    .replace(/^with the server stopped: /, '').replace(/^run it as .*?: /, '').replace(/ \(the server.*$/, '').replace(/^sudo /, '')
  const r = spawnSync('sh', ['-c', command], { encoding: 'utf8', cwd: dir,
    env: { ...process.env, PATH: `${join(dir, 'bin')}:${process.env.PATH}` } })
  assert.equal(r.status, 0, `${command}: ${r.stderr}`)
}

const db = () => join(data, 'heatscore.db')
const at = (path, days) => utimesSync(path, Date.now() / 1000 - days * DAY, Date.now() / 1000 - days * DAY)
const put = (path, offset, bytes) => { const f = openSync(path, 'r+'); writeSync(f, bytes, 0, bytes.length, offset); closeSync(f) }
const live = () => join(data, 'models/v1')
const note = () => join(data, 'last-backup.json')

// what, the check that tells, its state, what is done; mended: by the command it prints
const faults = [
  ['the folder can be read by others', 'data folder', 'wrong', () => chmodSync(data, 0o755), { mended: true }],
  ['root left a file', 'files', 'wrong', () => chownSync(join(data, 'secret.key'), 65534, 65534), { mended: true, root: true }],
  ['a file cannot be read', 'files', 'wrong', () => chmodSync(join(data, 'audit.head'), 0o000), { mended: true }],
  ['the clock is behind the data', 'clock', 'wrong', () => at(db(), -1), { fix: /timedatectl set-ntp true/ }],
  ['the data are of a newer program', 'schema', 'wrong', () => put(db(), 60, Buffer.from([0, 0, 3, 0])), { fix: /restore/ }],
  ['the data are no store', 'schema', 'wrong', () => put(db(), 0, Buffer.from('no database, that much is clear')), { mended: true }],
  ['the middle of the store is overwritten', 'store', 'wrong', () => put(db(), Math.floor(statSync(db()).size / 2), Buffer.alloc(40000, 0x5a)), { mended: true }],
  ['the store is cut short', 'store', 'wrong', () => spawnSync('truncate', ['-s', '40960', db()]), { mended: true }],
  ['the live model is gone', 'models', 'wrong', () => rmSync(live(), { recursive: true }), { mended: true }],
  ['the live model was changed', 'models', 'wrong', () => put(join(live(), 'model.json'), 100, Buffer.from('7')), { mended: true }],
  ['which model is live is not known', 'models', 'wrong', () => writeFileSync(join(data, 'models/state.json'), '{'), { mended: true }],
  ['no backup was made', 'backup', 'look', () => rmSync(note()), { mended: true }],
  ['the last backup is old', 'backup', 'look', () => writeFileSync(note(), JSON.stringify({ ...JSON.parse(readFileSync(note())), at: '2026-01-01T00:00:00Z' })), { mended: true }],
  ['a restore was cut short', 'leftovers', 'wrong', () => mkdirSync(join(data, '.restoring')), { fix: /heatscore restore again/ }],
  ['work was left behind', 'leftovers', 'look', () => { mkdirSync(join(data, 'tmp/x'), { recursive: true }); at(join(data, 'tmp/x'), 3) }, { mended: true }],
  ['the copy from before an update is old', 'leftovers', 'look', () => { writeFileSync(`${db()}.before-v1`, ''); at(`${db()}.before-v1`, 40) }, { mended: true }],
]

test('each fault is found, and mended by the command that is printed', () => {
  mkdirSync(join(dir, 'bin'))
  spawnSync('ln', ['-s', resolve(binary), join(dir, 'bin/heatscore')])
  cpSync(whole, data, { recursive: true, preserveTimestamps: true })
  const sound = doctor()
  assert.notEqual(sound.worst, 'wrong', JSON.stringify(sound))
  let found = 0
  let mended = 0
  for (const [what, name, state, make, { mended: byCommand, fix, root: asRoot }] of faults) {
    if (asRoot && !root) continue
    for (const folder of [data, `${data}.broken`]) rmSync(folder, { recursive: true, force: true })
    cpSync(whole, data, { recursive: true, preserveTimestamps: true })
    assert.equal(find(doctor(), name).state, 'fine', `before ${what}`)
    make()
    const d = doctor()
    // A file that is damaged at its head is not looked into any further.
    const c = find(d, name) ?? find(d, 'schema')
    assert.equal(c.state, state, `${what}: ${JSON.stringify(c)}`)
    assert.ok(c.fix, `${what}: nothing to type is printed`)
    found++
    if (fix) assert.match(c.fix, fix, what)
    if (!byCommand) continue
    carryOut(c.fix)
    const now = find(doctor(), name)
    assert.equal(now.state, 'fine', `${what}: ${c.fix} does not mend it: ${JSON.stringify(now)}`)
    mended++
  }
  assert.notEqual(doctor().worst, 'wrong')
  const gone = find(doctor(['--data', join(dir, 'nowhere')]), 'data folder')
  assert.equal(gone.state, 'wrong')
  assert.match(gone.fix, /heatscore restore FILE/)
  console.log(`doctor: ${found} faults of the folder found, ${mended} mended by the printed command`)
})

test('a full disk and a lock that is held are found', { skip: !root && 'needs root' }, async (t) => {
  const full = join(dir, 'full')
  mkdirSync(full)
  const script = `mount -t tmpfs -o size=32m,mode=700 none '${full}' && cp -a '${whole}/.' '${full}/' && ` +
    `(dd if=/dev/zero of='${full}/uploads' bs=64k 2>/dev/null || true) && ` +
    `(dd if=/dev/zero of='${full}/rest' bs=4k 2>/dev/null || true) && exec '${resolve(binary)}' doctor --data '${full}' --json`
  const r = spawnSync('unshare', ['-m', 'sh', '-c', script], { encoding: 'utf8' })
  if (r.stdout === '') return t.skip(`no file system of its own can be mounted here: ${r.stderr}`)
  const d = JSON.parse(r.stdout)
  assert.equal(find(d, 'disk space').state, 'wrong')
  assert.match(find(d, 'disk space').fix, /du -sh/)
  assert.equal(find(d, 'disk speed').state, 'wrong')
  assert.match(find(d, 'disk speed').detail, /No space left/)
  const lock = spawn('flock', [join(data, 'models/.lock'), 'cat'], { stdio: ['pipe', 'ignore', 'ignore'] })
  await until(() => spawnSync('flock', ['-n', join(data, 'models/.lock'), 'true']).status !== 0)
  const ended = new Promise((done) => lock.on('exit', done))
  const held = find(doctor(), 'leftovers')
  lock.stdin.end()
  await ended
  assert.equal(held.state, 'look')
  assert.match(held.fix, /fuser -v/)
  assert.equal(find(doctor(), 'leftovers').state, 'fine')
})

test('what a killed server leaves locks nobody out', async () => {
  const s = await start({ data })
  await s.kill()
  assert.ok(existsSync(join(data, 'control.sock')), 'it had no time to clean up')
  assert.match(run('key', 'create', '--name', 'after', '--role', 'viewer', '--data', data), /^lhs_/)
  const again = await start({ data })
  assert.equal((await again.stop()).code, 0)
  // Who copies heatscore.db alone after a stop has everything.
  assert.ok(!existsSync(`${db()}-wal`), 'the log is written back and gone')
})

test('leads are scored by a version that was published while the server was off', async () => {
  const data = join(dir, 'off')
  cpSync(whole, data, { recursive: true })
  run('models', 'export', 'v1', '-o', join(dir, 'v1.model'), '--data', data)
  run('models', 'import', join(dir, 'v1.model'), '--data', data)
  run('models', 'publish', 'v2', '--data', data)
  const s = await start({ data })
  await until(async () => (await s.call('GET', '/api/v1/leads?limit=1&model=v2')).body.total === 300)
  await s.stop()
})

test('the address and the certificate are those of the settings', () => {
  const openssl = (...args) => spawnSync('openssl', args, { encoding: 'utf8' })
  const cert = (name, days) => {
    const [key, csr, crt] = ['key', 'csr', 'crt'].map((x) => join(dir, `${name}.${x}`))
    const made = openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=x', '-keyout', key, '-out', csr)
    assert.equal(made.status, 0, made.stderr)
    const sign = ['x509', '-req', '-in', csr, '-signkey', key, '-out', crt]
    // Newer ones take no negative number of days, but two dates.
    const signed = [openssl(...sign, '-days', String(days)),
      ...(days < 0 ? [openssl(...sign, '-not_before', '20250101000000Z', '-not_after', '20250201000000Z')] : [])]
    assert.ok(signed.some((r) => r.status === 0), signed[0].stderr)
    return { key, crt }
  }
  const good = cert('good', 300)
  const soon = cert('soon', 5)
  const over = cert('over', -1)
  const with_ = (lines) => {
    writeFileSync(join(data, 'heatscore.conf'), lines.join('\n') + '\n')
    const d = doctor()
    return [find(d, 'address').state, find(d, 'certificate')?.state]
  }
  const open = 'listen = 0.0.0.0:8000'
  const tls = (c, k = c) => [`tls-cert = ${c.crt}`, `tls-key = ${k.key}`]
  assert.deepEqual(with_([]), ['fine', undefined])
  assert.deepEqual(with_([open]), ['wrong', undefined])
  assert.deepEqual(with_(['listen = [::]:8000']), ['wrong', undefined])
  assert.deepEqual(with_([open, 'allow-plain-http = yes']), ['look', undefined])
  assert.deepEqual(with_([open, ...tls(good)]), ['fine', 'fine'])
  assert.deepEqual(with_([open, ...tls(soon)]), ['fine', 'look'])
  assert.deepEqual(with_([open, ...tls(over)]), ['fine', 'wrong'])
  assert.deepEqual(with_([open, ...tls(good, soon)]), ['fine', 'wrong'])
  assert.deepEqual(with_([open, `tls-cert = ${dir}/none`, `tls-key = ${good.key}`]), ['fine', 'wrong'])
  rmSync(join(data, 'heatscore.conf'))
})

/** heatscore config VERB; settings by name when there are any. */
function config(verb, env = {}, args = []) {
  const r = spawnSync(binary, ['config', verb, '--data', data, '--json', ...args], { encoding: 'utf8', env: { ...process.env, ...env } })
  return { ...r, of: r.status === 0 && r.stdout[0] === '{' ? Object.fromEntries(JSON.parse(r.stdout).items.map((i) => [i.name, i])) : {} }
}

test('flag before environment before NAME_FILE before file before default', async () => {
  const conf = join(data, 'heatscore.conf')
  const named = join(dir, 'named')
  const from = (env) => { const q = config('show', env).of.listen; return [q.value, q.source] }
  rmSync(conf, { force: true })
  assert.deepEqual(from({}), ['127.0.0.1:8000', 'default'])
  writeFileSync(conf, 'listen = 127.0.0.1:1\n')
  assert.deepEqual(from({}), ['127.0.0.1:1', 'file'])
  writeFileSync(named, '127.0.0.1:2\n')
  const file = { HEATSCORE_LISTEN_FILE: named }
  assert.deepEqual(from(file), ['127.0.0.1:2', 'file'])
  assert.deepEqual(from({ ...file, HEATSCORE_LISTEN: '127.0.0.1:3' }), ['127.0.0.1:3', 'env'])
  // The flag: what serve listens on, where environment and file name a port that is taken.
  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise((done) => taken.on('listening', done))
  taken.unref()
  const s = await start({ data, env: { HEATSCORE_LISTEN: `127.0.0.1:${taken.address().port}` } })
  assert.notEqual(new URL(s.url).port, String(taken.address().port))
  await s.stop()
  taken.close()
  rmSync(conf)
})

test('secrets are never shown, whatever they come from; what cannot be used ends with 78', () => {
  const secret = 'correct-horse-battery'
  const conf = join(data, 'heatscore.conf')
  const named = join(dir, 'secret')
  writeFileSync(named, `${secret}\n`)
  writeFileSync(conf, `oidc-client-secret = ${secret}\n`)
  for (const env of [{}, { HEATSCORE_OIDC_CLIENT_SECRET: secret }, { HEATSCORE_OIDC_CLIENT_SECRET_FILE: named }]) {
    for (const verb of ['show', 'check', 'limits']) {
      const r = config(verb, env)
      assert.equal(r.status, 0, r.stderr)
      assert.ok(!(r.stdout + r.stderr).includes(secret), `config ${verb} shows a secret`)
    }
    assert.equal(config('show', env).of['oidc-client-secret'].value, '(set)')
  }
  for (const line of ['queue = 0', 'workers = many', 'no-such = 1', 'listen', 'log-format = xml', `oidc-client-secret = "${secret}`]) {
    writeFileSync(conf, `${line}\n`)
    const r = config('check')
    assert.equal(r.status, 78, `${line}: ${r.stderr}`)
    assert.match(r.stderr, /heatscore\.conf/)
    assert.ok(!r.stderr.includes(secret), 'a wrong line with a secret in it is not repeated')
  }
  rmSync(conf)
  const limits = Object.values(config('limits').of)
  assert.ok(limits.length >= 15 && limits.every((l) => /^[0-9.]+/.test(l.value)), JSON.stringify(limits))
  for (const name of ['json-limit', 'upload-limit', 'queue', 'login-rate', 'exports-per-user'])
    assert.ok(limits.some((l) => l.name === name), `${name} bounds a request`)
})

test('what docs/operations.md says to type, to ask for and to look at is there', async () => {
  const text = readFileSync('docs/operations.md', 'utf8')
  const s = await start({ data })
  try {
    const api = (await s.call('GET', '/openapi.json')).body.paths
    const shape = (path) => path.replace(/\{[^}]*\}/g, '{}')
    const paths = new Map(Object.entries(api).map(([p, v]) => [shape(p), v]))
    const routes = [...text.matchAll(/`(GET|PUT|POST|DELETE) (\/api\/v1[^`? ]*)/g)]
    for (const [, method, path] of routes) assert.ok(paths.get(shape(path))?.[method.toLowerCase()], `${method} ${path}`)
    const metrics = (await s.call('GET', '/metrics')).text
    const figures = text.match(/heatscore_[a-z_]+/g)
    for (const f of figures) assert.ok(metrics.includes(`# TYPE ${f} `), f)
    // Commands: after "hs", and those of root, with every flag that is given to them.
    const commands = [...text.matchAll(/\b(?:hs|^heatscore) ([a-z]+)((?: [^`\n;&|()]+)?)/gm)].filter(([, c]) => c !== 'is')
    for (const [all, command, rest] of commands) {
      const help = run(command, '--help')
      for (const flag of rest.match(/--[a-z-]+|(?<= )-[a-z]\b/g) ?? []) assert.ok(help.includes(flag), `${all}: ${flag}`)
    }
    const settings = new Set(Object.keys(config('show').of))
    for (const name of ['uploads', 'connections-per-address', 'log-level']) assert.ok(settings.has(name), name)
    const health = (await s.call('GET', '/health')).body.checks.map((c) => c.name)
    for (const name of health) assert.ok(text.includes(`\`${name}\``), `the check ${name} is explained`)
    assert.ok(routes.length >= 5 && figures.length >= 2 && commands.length >= 12, 'the page was read')
    console.log(`docs/operations.md: ${commands.length} commands, ${routes.length} routes, ${figures.length} figures, all there`)
  } finally {
    await s.stop()
  }
})
