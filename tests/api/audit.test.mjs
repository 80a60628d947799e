// SPDX-License-Identifier: Apache-2.0
// The audit log: what is in it, that it cannot be changed unseen, and that it can be read and taken away.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { binary, demoData, start, tempDir } from './lib/server.mjs'

let s
before(async () => { s = await start({ data: tempDir(), args: ['--login-rate', '100000'] }) })
after(async () => {
  await s?.stop()
  rmSync(s.dir, { recursive: true, force: true })
})

const entries = async (query = '') => (await s.call('GET', `/api/v1/audit?limit=500${query}`)).body.items

test('signing in, refusals, keys, people, roles and settings leave entries without secrets', async () => {
  const password = 'purple lamp seven river'
  const u = (await s.call('POST', '/api/v1/users', { email: 'audit@acme.example', role: 'rep', password })).body
  const login = (pw) => s.call('POST', '/api/v1/auth/login', { email: 'audit@acme.example', password: pw }, { Authorization: undefined, Cookie: 'x=y' })
  await login('wrong')
  await login(password)
  const k = (await s.call('POST', '/api/v1/api-keys', { name: 'k', role: 'viewer', scopes: ['score'] })).body
  const headers = { Authorization: `Bearer ${k.key}` }
  await s.call('GET', '/api/v1/users', undefined, headers)
  await s.call('GET', '/api/v1/leads', undefined, headers)
  await s.call('POST', `/api/v1/api-keys/${k.id}/rotate`)
  await s.call('DELETE', `/api/v1/api-keys/${k.id}`)
  await s.call('GET', '/api/v1/leads', undefined, headers)
  await s.call('PATCH', `/api/v1/users/${u.id}`, { role: 'manager' })
  await s.call('POST', `/api/v1/users/${u.id}/reset`)
  await s.call('PATCH', `/api/v1/users/${u.id}`, { disabled: true })
  await s.call('DELETE', `/api/v1/users/${u.id}`)
  await s.call('PATCH', '/api/v1/settings', { reps_see: 'own' })
  await s.call('GET', '/api/v1/audit/export.csv')
  const want = ['login.failed', 'login.ok', 'refused.role', 'refused.scope', 'key.created', 'key.rotated', 'key.revoked',
    'key.refused', 'user.added', 'user.role', 'user.reset', 'user.disabled', 'user.removed', 'settings.changed', 'audit.exported']
  let have = []
  for (let i = 0; i < 100 && !want.every((w) => have.includes(w)); i++) have = (await entries()).map((x) => x.action)
  assert.deepEqual(want.filter((w) => !have.includes(w)), [])
  const all = JSON.stringify(await entries())
  for (const secret of [password, 'wrong', k.key.slice(30), 'audit@acme.example'])
    assert.ok(!all.includes(`"${secret}`) && !all.includes(secret.slice(0, 40) + '"'), secret)
  console.log(`${want.length} kinds of event, all there`)
})

test('filters, pages, CSV', async () => {
  const keys = await entries('&action=key.*')
  assert.ok(keys.length > 2 && keys.every((x) => x.action.startsWith('key.')))
  const all = await entries()
  const paged = []
  let cursor = ''
  do {
    const r = (await s.call('GET', `/api/v1/audit?limit=3${cursor && `&cursor=${cursor}`}`)).body
    paged.push(...r.items)
    cursor = r.next_cursor
  } while (cursor)
  assert.deepEqual(paged.slice(0, all.length).map((x) => x.seq), all.map((x) => x.seq))
  assert.equal((await s.call('GET', '/api/v1/audit?cursor=nonsense!')).status, 422)
  assert.equal((await entries('&since=2999-01-01')).length, 0)
  const csv = await s.call('GET', '/api/v1/audit/export.csv')
  assert.match(csv.headers.get('content-type'), /^text\/csv/)
  assert.match(csv.headers.get('content-disposition'), /^attachment/)
  assert.equal(csv.text.trimEnd().split('\r\n').length, 1 + (await entries())[0].seq)
})

// What an insider with the database file could try. The copy is changed as SQL would, 1,000 times, and every time
// the check must fail; it must pass on the copy as it is.
test('every flip, cut, deletion, swap and insertion is found', async () => {
  const early = s.dir + '-early'
  cpSync(s.dir, early, { recursive: true, filter: (f) => !f.endsWith('.sock') })
  for (let i = 0; i < 20; i++) await s.call('PATCH', '/api/v1/settings', { capacity_per_day: i })
  await s.stop()
  const script = join(s.dir, 'tamper.py')
  writeFileSync(script, `
import os, random, shutil, sqlite3, subprocess, sys
binary, data, early, rounds = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
random.seed(7)
copy = data + "-copy"
shutil.copytree(data, copy, ignore=shutil.ignore_patterns("control.sock", "tamper.py"))
def open_db(folder):
    return sqlite3.connect(folder + "/heatscore.db", isolation_level=None)
def check():
    return subprocess.run([binary, "audit", "verify", "--data", copy], capture_output=True, text=True)
def audit_rows(folder):
    db = open_db(folder)
    rows = db.execute("select key, body from doc where substr(key, 1, 2) in (x'6175', x'6168', x'6162') order by key").fetchall()
    db.close()
    return rows
r = check()
assert r.returncode == 0, (r.returncode, r.stdout, r.stderr)
rows = audit_rows(copy)
entries = [row for row in rows if row[0][:2] == b"au"]
before = audit_rows(early)
assert len(entries) > 30 and len(before) > 3 and len(before) < len(rows)
missed = []
kinds = ["flip", "cut", "delete", "swap", "insert", "flip"]
for n in range(rounds):
    kind = "rollback" if n % 100 == 99 else kinds[n % len(kinds)]
    db = open_db(copy)
    db.execute("begin")
    i = random.randrange(len(entries))
    if kind == "flip":
        raw = bytearray(entries[i][1])
        raw[random.randrange(len(raw))] ^= 1 << random.randrange(8)
        db.execute("update doc set body = ? where key = ?", (bytes(raw), entries[i][0]))
    elif kind == "cut":
        db.execute("delete from doc where key > ? and substr(key, 1, 2) = x'6175'", (entries[random.randrange(len(entries) - 1)][0],))
    elif kind == "delete":
        db.execute("delete from doc where key = ?", (entries[i][0],))
    elif kind == "swap":
        a, b = random.sample(range(len(entries)), 2)
        db.execute("update doc set body = ? where key = ?", (entries[b][1], entries[a][0]))
        db.execute("update doc set body = ? where key = ?", (entries[a][1], entries[b][0]))
    elif kind == "insert":
        last = entries[-1][0]
        db.execute("insert into doc values (?, ?)", (last[:-1] + bytes([last[-1] + 1]), entries[i][1]))
    else: # everything in the database as it was earlier: a chain that fits, with its own end
        db.execute("delete from doc where substr(key, 1, 2) in (x'6175', x'6168', x'6162')")
        db.executemany("insert into doc values (?, ?)", before)
    db.execute("commit"); db.close()
    r = check()
    if r.returncode == 0: missed.append((kind, i))
    elif r.returncode != 1: missed.append((kind, i, r.returncode, r.stderr))
    db = open_db(copy)
    db.execute("begin")
    db.execute("delete from doc where substr(key, 1, 2) in (x'6175', x'6168', x'6162')")
    db.executemany("insert into doc values (?, ?)", rows)
    db.execute("commit"); db.close()
r = check()
assert r.returncode == 0, (r.stdout, r.stderr)
os.unlink(copy + "/audit.head")
if check().returncode != 1: missed.append("head removed")
shutil.copy(early + "/audit.head", copy)
if check().returncode != 0: missed.append("an older head is as true")
open(copy + "/audit.head", "w").write("1 " + "0" * 64 + " 1 " + "0" * 64 + "\\n")
if check().returncode != 1: missed.append("head forged")
shutil.rmtree(copy)
print(f"{rounds} changes of {len(entries)} entries, {len(missed)} not found", missed[:5])
sys.exit(1 if missed else 0)
`)
  const rounds = process.env.TEST_FULL === '1' ? '1000' : '300'
  const r = spawnSync('python3', [script, binary, s.dir, early, rounds], { encoding: 'utf8' })
  rmSync(early, { recursive: true, force: true })
  console.log(r.stdout.trim())
  assert.equal(r.status, 0, r.stdout + r.stderr)
})

// Behind a proxy: its word on who the client is counts, nobody else's does, and not what the client put before it.
test('the address of a client comes from listed proxies only, in the audit log and the rates', async () => {
  const seen = async (args, headers) => {
    const t = await start({ args: ['--login-rate', '3', ...args] })
    try {
      const login = (h) => t.call('POST', '/api/v1/auth/login', { email: 'nobody@acme.example', password: 'wrong wrong wrong' }, { Cookie: 'x=y', ...h })
      const statuses = []
      for (const h of headers) statuses.push((await login(h)).status)
      const at = (await t.call('GET', '/api/v1/audit?action=login.failed&limit=500')).body.items.map((x) => x.address)
      return { statuses, at: at.reverse() }
    } finally {
      await t.stop()
    }
  }
  const forwarded = ['1.2.3.4, 198.51.100.1', '198.51.100.2', '9.9.9.9, 198.51.100.3, 127.0.0.1', '198.51.100.4'].map((x) => ({ 'X-Forwarded-For': x }))
  // Four clients, each at its first try, though the address that connects may try three times a minute.
  const proxied = await seen(['--trusted-proxies', '127.0.0.0/8, ::1'], forwarded)
  assert.deepEqual(proxied, { statuses: [401, 401, 401, 401], at: ['198.51.100.1', '198.51.100.2', '198.51.100.3', '198.51.100.4'] })
  for (const args of [[], ['--trusted-proxies', '10.0.0.0/8']]) {
    const direct = await seen(args, forwarded)
    assert.deepEqual(direct, { statuses: [401, 401, 401, 429], at: ['127.0.0.1', '127.0.0.1', '127.0.0.1'] })
  }
  const wrong = spawnSync(binary, ['serve', '--data', join(s.dir, 'none'), '--listen', '127.0.0.1:0', '--trusted-proxies', 'proxy.example'], { encoding: 'utf8' })
  assert.equal(wrong.status, 78)
  assert.match(wrong.stderr, /--trusted-proxies: "proxy\.example" is no address/)
})

// What leaves the house, what scores, who is in and who is gone: over HTTP and by the commands beside a running server.
test('exports, erasures, models, backups and the end of sessions leave entries', async () => {
  const dir = tempDir()
  const t = await start({ data: demoData(dir, { rows: 500 }).data, args: ['--login-rate', '100000'] })
  try {
    const ok = async (answer) => {
      const a = await answer
      assert.ok(a.status < 300, a.text)
      return a
    }
    const call = (method, path, body, headers) => ok(t.call(method, `/api/v1/${path}`, body, headers))
    const command = (...args) => {
      const r = spawnSync(binary, [...args, '--data', t.dir], { encoding: 'utf8' })
      assert.equal(r.status, 0, r.stderr)
    }
    const password = 'purple lamp seven river'
    const { body: lead } = await call('POST', 'leads', { email: 'gone@acme.example', company: 'Acme' })
    await call('POST', 'leads', { email: 'erased@acme.example', company: 'Acme' })
    await call('GET', 'leads/export.csv')
    await call('GET', 'persons/export?email=erased@acme.example')
    await call('POST', 'persons/erase', { email: 'erased@acme.example' })
    await call('POST', 'leads/bulk', { action: 'tag', value: 'x', filter: 'company=Acme' })
    await call('DELETE', `leads/${lead.id}`)
    // A second version, by handing the first one to ourselves.
    const file = await fetch(`${t.url}/api/v1/models/v1/export`, { headers: { Authorization: `Bearer ${t.key}` } })
    const copy = new Uint8Array(await file.arrayBuffer())
    await call('POST', 'models/import', copy, { 'Content-Type': 'application/x-tar' })
    await call('POST', 'models/v2/publish', { force: true })
    await call('POST', 'models/rollback')
    command('models', 'publish', 'v2', '--force')
    command('models', 'rollback')
    command('backup', '-o', join(dir, 'b.tar'), '--quiet')
    command('audit', 'export', '-o', join(dir, 'audit.csv'))
    await call('PUT', 'schedule', { retrain: { every: 'week' } })
    // A person: signs in, changes the password, adds a second factor, signs out.
    await call('POST', 'users', { email: 'p@acme.example', role: 'rep', password })
    const login = await t.call('POST', '/api/v1/auth/login', { email: 'p@acme.example', password }, { Authorization: undefined, Cookie: 'x=y' })
    const me = (r) => ({ Cookie: r.headers.getSetCookie()[0].split(';')[0], 'Sec-Fetch-Site': 'same-origin' })
    const next = await call('POST', 'me/password', { current: password, new: `${password} again` }, me(login))
    const cookie = next.headers.getSetCookie().length ? me(next) : me(login)
    await call('POST', 'auth/logout', undefined, cookie)
    const want = ['lead.deleted', 'leads.exported', 'leads.bulk', 'person.exported', 'person.erased', 'model.imported', 'model.published',
      'model.rolled_back', 'backup.made', 'audit.exported', 'schedule.changed', 'user.added', 'login.ok', 'user.password', 'logout']
    const all = (await t.call('GET', '/api/v1/audit?limit=500')).body.items
    assert.deepEqual(want.filter((w) => !all.some((x) => x.action === w)), [], all.map((x) => x.action).join(' '))
    for (const action of ['model.published', 'model.rolled_back'])
      assert.deepEqual(all.filter((x) => x.action === action).map((x) => x.actor.split(' ')[0]).sort(), ['cli', 'key'], action)
    assert.ok(!JSON.stringify(all).includes('@acme.example'), 'nobody is named')
    console.log(`${want.length} kinds of event, all there`)
  } finally {
    await t.stop()
    rmSync(dir, { recursive: true, force: true })
  }
})
