// SPDX-License-Identifier: Apache-2.0
// What no request can show, for docs/asvs.md: that the sources keep to what they promise, that the program was built as
// it should be, and that docs/security.md says what the program does.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { request } from 'node:https'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { binary, run, start, tempDir } from './lib/server.mjs'

const root = new URL('../../', import.meta.url).pathname
const read = (path) => readFileSync(join(root, path), 'utf8')

/** Path and text of every file below ${folder} whose name matches. */
function sources(folder, name) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((f) => {
    const path = `${folder}/${f.name}`
    return f.isDirectory() ? sources(path, name) : name.test(f.name) ? [[path, read(path)]] : []
  })
}
const c = sources('src', /\.[ch]$/)
const pages = sources('web/src', /\.(tsx?|css)$/).filter(([path]) => !/\.test\.|\/testing\//.test(path))
const code = (text) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '')
/** Where it is, as "path: match"; comments do not count. */
const where = (files, what) => files.flatMap(([path, text]) => (code(text).match(new RegExp(what, 'g')) ?? []).map((m) => `${path}: ${m}`))
const section = (text, title) => text.split(/^## /m).find((s) => s.startsWith(`${title}\n`)) ?? assert.fail(`no section "${title}"`)
const rows = (text) => text.split('\n').filter((l) => l.startsWith('| ') && !l.startsWith('| ---')).slice(1).map((l) => l.split('|').slice(1, -1).map((x) => x.trim()))

test('the server runs no other program, and its pages run no text', () => {
  assert.ok(c.length > 300 && pages.length > 100, `${c.length} ${pages.length}`)
  assert.deepEqual(where(c, String.raw`\b(?:system|popen|v?fork|exec[lv]p?e?|posix_spawnp?|clone3?)\s*\(`), [])
  assert.deepEqual(where(pages, String.raw`dangerouslySetInnerHTML|\b(?:inner|outer)HTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setTimeout\(\s*["'\x60]`), [])
  assert.deepEqual(where(pages, '<(?:object|embed|applet|iframe)\\b'), [], 'nothing that needs more than a browser')
})

test('no answer is merged into a prototype', () => {
  assert.deepEqual(where(pages, String.raw`__proto__|\.prototype\b|\.constructor\b|\b(?:deep)?[mM]erge\(|for \((?:const|let) \w+ in `), [])
})

test('passwords are hidden, can be pasted, and are named for the browser', () => {
  const fields = pages.flatMap(([path, text]) => [...text.matchAll(/<(?:TextField|input)\b(?:=>|[^>])*?\/>/g)].map((m) => [path, m[0]]))
  assert.ok(fields.length > 10, `${fields.length} fields`)
  const secret = fields.filter(([, f]) => /autoComplete="(?:new|current)-password"|"password"/.test(f))
  assert.ok(secret.length >= 4, `${secret.length} password fields`)
  for (const [path, f] of secret) {
    assert.match(f, /type=(?:"password"|\{[^}]*"password"[^}]*\})/, `${path}: ${f}`)
    assert.match(f, /autoComplete="/, `${path}: ${f}`)
  }
  assert.deepEqual(where(pages, 'onPaste|onCopy|onBeforeInput'), [])
})

test('every page behind the door has the way out', () => {
  const layout = read('web/src/app/Layout.tsx'), routes = read('web/src/app/Routes.tsx')
  assert.match(read('web/src/app/Navbar.tsx'), /label: t\.nav\.signOut,[^}]*onSelect: onSignOut/)
  assert.match(layout, /<Navbar\b[\s\S]*?onSignOut=\{\(\) => void signOut\(\)\}/)
  assert.match(layout, /async function signOut\(\) \{\s*await logout\(\)/)
  const [before, behind] = routes.split('<Layout />')
  assert.deepEqual([...before.matchAll(/path="(\w+)"/g)].map((m) => m[1]), ['login', 'setup', 'invite'])
  assert.ok((behind.match(/<Route /g) ?? []).length >= 8)
})

test('the browser keeps how things look and what is being mapped, nothing else', () => {
  const keepers = [...new Set(where(pages, '(?:local|session)Storage\\.setItem|indexedDB|document\\.cookie').map((x) => x.split(': ')[0].split('/').pop()))]
  assert.deepEqual(keepers.sort(), ['Leads.tsx', 'decision.ts', 'layout.ts', 'shortcuts.ts', 'theme.ts'])
})

test('the cryptography is the one that security.md lists', () => {
  const used = [...new Set(where(c, 'crypto_(?:aead|auth|box|generichash|hash|kdf|onetimeauth|pwhash|scalarmult|secretbox|shorthash|sign|stream)_?(?:hmac)?(?:sha\\d+)?')
    .map((x) => x.split(': ')[1].replace(/_$/, '')).filter((x) => x !== 'crypto_hash'))].sort()
  assert.deepEqual(used, ['crypto_auth_hmacsha256', 'crypto_generichash', 'crypto_pwhash', 'crypto_secretbox'])
  assert.deepEqual([...new Set(where(c, String.raw`\b(?:hmac_)?(?:sha|md)\d+_init\(|\bhmac_\w+_set_key\(`).map((x) => x.split(': ')[1]))].sort(),
    ['hmac_sha1_set_key(', 'sha256_init('], "nettle's")
  assert.deepEqual(where(c, String.raw`\b(?:MD5|DES|RC4|ECB|CBC|AES)\w*\(`), [])
  const keys = section(read('docs/security.md'), 'Keys')
  for (const name of ['argon2id', 'SHA-256', 'BLAKE2b', 'XSalsa20-Poly1305', 'HMAC-SHA-1', 'RS256', 'ES256', 'TLS 1.3 and 1.2']) assert.ok(keys.includes(name), name)
  const kinds = rows(keys).map((r) => r[0]).join('; ')
  for (const k of ['`secret.key`', 'session', 'reset', 'recovery codes', 'API keys', 'second factors', 'TLS certificate']) assert.ok(kinds.includes(k), k)
  assert.ok(rows(keys).every((r) => r.length === 4 && r.every((x) => x)), 'each says where it is, who makes it and when it ends')
})

test('certificates of others are checked, and redirects are not followed', () => {
  const out = c.filter(([path]) => path.startsWith('src/net/'))
  assert.deepEqual(where(out, 'CURLOPT_SSL_VERIFY\\w+|CURLOPT_PROXY_SSL_VERIFY\\w+'), [], 'the defaults stand')
  assert.deepEqual(where(out, 'CURLOPT_FOLLOWLOCATION, \\dL'), ['src/net/client.c: CURLOPT_FOLLOWLOCATION, 0L'])
  assert.deepEqual(where(c.filter(([path]) => !path.startsWith('src/net/')), 'curl_easy_\\w+'), [], 'nobody else goes out')
  assert.match(section(read('docs/security.md'), 'What goes out'), /issuer[\s\S]*HTTPS[\s\S]*certificates checked, no redirects/)
})

test('built with what makes faults harder to use', () => {
  const meson = read('meson.build')
  for (const flag of ['werror=true', 'warning_level=3', '-Wformat=2', '-fstack-protector-strong', '-D_FORTIFY_SOURCE=2']) assert.ok(meson.includes(flag), flag)
  assert.match(read('script/test'), /CC=clang setup build\/asan -Db_sanitize=address,undefined/)
  const elf = (...args) => spawnSync('readelf', ['-W', ...args, binary], { encoding: 'utf8' })
  assert.equal(elf('-h').error, undefined, 'readelf, which comes with the compiler')
  assert.match(elf('-h').stdout, /Type:\s+DYN/)
  assert.match(elf('-l').stdout, /GNU_RELRO/)
  assert.match(elf('-l').stdout, /GNU_STACK\s.*\sRW\s/)
  assert.match(elf('-d').stdout, /BIND_NOW|FLAGS.*NOW/)
  assert.match(elf('--dyn-syms').stdout, /__stack_chk_fail/)
})

test('the bounds that the documents name are those of the program', () => {
  const bounds = section(read('docs/security.md'), 'What comes in, and its bounds'), options = read('docs/options.md')
  const limits = JSON.parse(run('config', 'limits', '--json')).items
  assert.ok(limits.length > 20)
  for (const { name, env } of limits) {
    assert.ok(options.includes(name) && options.includes(env), `docs/options.md lacks ${name}`)
  }
  const limit = (name) => Number(limits.find((l) => l.name === name).value)
  assert.match(bounds, new RegExp(`At most ${limit('upload-limit') / 1024} GiB as sent`))
  const ratio = /XLSX_RATIO = (\d+)/.exec(read('src/util/xlsx_internal.h'))[1]
  assert.match(bounds, new RegExp(`at most ${ratio} times its size`))
  assert.match(read('src/util/table.h'), /size_t cell_bytes;[^*]*\*?.*32 KiB/)
  assert.match(bounds, /cells have at most 32 KiB/)
  for (const what of ['`If-Match`', 'JSON pointer', 'CSV', '.xlsx', 'names of our own', 'Costly things are jobs', 'hashed two at a time', '`Retry-After`'])
    assert.ok(bounds.includes(what), what)
})

test('data, logs and updates are sorted by what they are worth', () => {
  const doc = read('docs/security.md')
  const kept = rows(section(doc, 'What is kept, and how carefully')), logs = rows(section(doc, 'Logs'))
  assert.deepEqual(kept.map((r) => r[0]), ['secret', 'personal', 'internal', 'kept as evidence'])
  assert.ok(kept.every((r) => r.length === 5 && r[1] && r[2] && r[4]), 'each says what it is, how it is kept and when it ends')
  assert.deepEqual(logs.map((r) => r[0]), ['program log', 'audit log', 'metrics'])
  assert.ok(logs.every((r) => r.length === 4 && r.every((x) => x)), 'each says what is in it, where it goes and how long it stays')
  assert.deepEqual(where(c, String.raw`\b(?:syslog|openlog|sd_journal_\w+)\(`), [], 'no other log')
  assert.match(section(doc, 'Updates'), /within a week, or within a\s+day when they are being exploited; all others within a month/)
  assert.match(read('docs/operations.md'), /host name of its own/)
})

test('the folder of a running server is for nobody else', async () => {
  const s = await start()
  try {
    assert.equal(statSync(s.dir).mode & 0o77, 0)
    for (const f of readdirSync(s.dir)) assert.equal(statSync(join(s.dir, f)).mode & 0o77, 0, f)
    assert.ok(existsSync(join(s.dir, 'secret.key')))
  } finally {
    await s.stop()
  }
})

test('over TLS: a __Host- cookie, strong ciphers alone, and no answer to plain HTTP', async () => {
  const dir = tempDir(), cert = join(dir, 'cert.pem'), key = join(dir, 'key.pem'), password = 'purple lamp seven river'
  const openssl = (...args) => spawnSync('openssl', args, { input: '', encoding: 'utf8' })
  assert.equal(openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', cert,
    '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1').status, 0)
  const s = await start({ args: ['--tls-cert', cert, '--tls-key', key] })
  try {
    const { hostname, port } = new URL(s.url)
    const made = spawnSync(binary, ['user', 'add', 'u@acme.example', '--role', 'rep', '--data', s.dir], { input: password, encoding: 'utf8' })
    assert.equal(made.status, 0, made.stderr)
    const answer = await new Promise((done, fail) => {
      const r = request({ hostname, port, method: 'POST', path: '/api/v1/auth/login', ca: readFileSync(cert), agent: false,
        headers: { 'Content-Type': 'application/json', Origin: s.url } }, (a) => a.resume().on('end', () => done(a)))
      r.on('error', fail).end(JSON.stringify({ email: 'u@acme.example', password }))
    })
    assert.equal(answer.statusCode, 200)
    assert.match(answer.headers['set-cookie'][0], /^__Host-heatscore=[0-9A-Za-z]{43};(?=.*; Secure)(?=.*; HttpOnly)(?=.*Path=\/)(?!.*Domain)/)
    const shake = (...args) => /Cipher is (?!\(NONE\))|^\s+Cipher\s+: (?!0000)/m.test(openssl('s_client', '-connect', `${hostname}:${port}`, ...args).stdout)
    assert.ok(shake('-tls1_3') && shake('-tls1_2'))
    for (const weak of [['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'], ['-tls1_2', '-cipher', 'NULL:eNULL:@SECLEVEL=0'], ['-tls1_2', '-cipher', 'aNULL:@SECLEVEL=0'],
      ['-tls1_2', '-cipher', '3DES:RC4:DES:@SECLEVEL=0'], ['-tls1_2', '-cipher', 'EXPORT:LOW:@SECLEVEL=0']])
      assert.ok(!shake(...weak), weak.join(' '))
    const plain = await new Promise((done) => {
      let text = ''
      const x = connect(Number(port), hostname, () => x.write('GET /api/v1/leads HTTP/1.1\r\nHost: a\r\n\r\n'))
      x.setTimeout(10000, () => x.destroy()).on('data', (d) => { text += d.toString('latin1') }).on('error', () => {}).on('close', () => done(text))
    })
    assert.ok(!plain.includes('HTTP/1.1'), `plain HTTP is neither answered nor sent on: ${plain}`)
  } finally {
    await s.stop()
    rmSync(dir, { recursive: true, force: true })
  }
})
