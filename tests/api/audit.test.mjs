// SPDX-License-Identifier: Apache-2.0
// The audit log: what is in it, that it cannot be changed unseen, and that it can be read and taken away.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { binary, run, start, tempDir } from './lib/server.mjs'

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
  for (let i = 0; i < 20; i++) await s.call('PATCH', '/api/v1/settings', { capacity_per_day: i })
  await s.stop()
  const script = join(s.dir, 'tamper.py')
  writeFileSync(script, `
import os, random, shutil, sqlite3, subprocess, sys
binary, data, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
random.seed(7)
copy = data + "-copy"
def fresh():
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(data, copy, ignore=shutil.ignore_patterns("control.sock", "tamper.py"))
def check():
    return subprocess.run([binary, "audit", "verify", "--data", copy], capture_output=True, text=True)
fresh()
r = check()
assert r.returncode == 0, (r.returncode, r.stdout, r.stderr)
db = sqlite3.connect(copy + "/heatscore.db")
table = [t for (t,) in db.execute("select name from sqlite_master where type='table'") if "audit" in t][0]
columns = [c[1] for c in db.execute(f"pragma table_info({table})")]
key = columns[0]
rows = db.execute(f"select {', '.join(columns)} from {table} order by {key}").fetchall()
db.close()
missed = []
kinds = ["flip", "cut", "delete", "swap", "insert"]
for n in range(rounds):
    kind = kinds[n % len(kinds)]
    db = sqlite3.connect(copy + "/heatscore.db")
    db.execute("begin")
    i = random.randrange(len(rows))
    if kind == "flip":
        c = random.randrange(1, len(columns))
        v = rows[i][c]
        if isinstance(v, (bytes, str)) and len(v) > 0:
            raw = bytearray(v if isinstance(v, bytes) else v.encode())
            raw[random.randrange(len(raw))] ^= 1
            new = bytes(raw) if isinstance(v, bytes) else raw.decode("latin1")
        elif isinstance(v, int):
            new = v + 1
        else:
            new = "x"
        db.execute(f"update {table} set {columns[c]} = ? where {key} = ?", (new, rows[i][0]))
    elif kind == "cut":
        db.execute(f"delete from {table} where {key} > ?", (rows[random.randrange(len(rows) - 1)][0],))
    elif kind == "delete":
        db.execute(f"delete from {table} where {key} = ?", (rows[i][0],))
    elif kind == "swap":
        a, b = random.sample(range(len(rows)), 2)
        db.execute(f"update {table} set {key} = -1 where {key} = ?", (rows[a][0],))
        db.execute(f"update {table} set {key} = ? where {key} = ?", (rows[a][0], rows[b][0]))
        db.execute(f"update {table} set {key} = ? where {key} = -1", (rows[b][0],))
    else:
        row = list(rows[i])
        row[0] = rows[-1][0] + 1
        db.execute(f"insert into {table} values ({','.join('?' * len(row))})", row)
    db.commit(); db.close()
    r = check()
    if r.returncode == 0: missed.append((kind, i))
    elif r.returncode != 1: missed.append((kind, i, r.returncode, r.stderr))
    # back to what it was
    db = sqlite3.connect(copy + "/heatscore.db")
    db.execute(f"delete from {table}")
    db.executemany(f"insert into {table} values ({','.join('?' * len(columns))})", rows)
    db.commit(); db.close()
r = check()
assert r.returncode == 0, (r.stdout, r.stderr)
os.unlink(copy + "/audit.head")
shutil.rmtree(copy)
print(f"{rounds} changes of {len(rows)} entries, {len(missed)} not found", missed[:5])
sys.exit(1 if missed else 0)
`)
  const rounds = process.env.TEST_FULL === '1' ? '1000' : '1000'
  const r = spawnSync('python3', [script, binary, s.dir, rounds], { encoding: 'utf8' })
  console.log(r.stdout.trim())
  assert.equal(r.status, 0, r.stdout + r.stderr)
})
