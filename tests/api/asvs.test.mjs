// SPDX-License-Identifier: Apache-2.0
// Every requirement of ASVS 5.0, levels 1 and 2, has a row in docs/asvs.md that says something; what is met names a test,
// and every test that a row names is there, under that title.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

const root = new URL('../../', import.meta.url)
const read = (path) => readFileSync(new URL(path, root), 'utf8')
const there = (path) => existsSync(new URL(path, root))

// Section and how many of it are of level 1 or 2: the first ones, in each.
const standard = `1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1 4.3:2 4.4:4
  5.1:1 5.2:3 5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2 7.4:5 7.5:2 7.6:2 8.1:2 8.2:3 8.3:1 8.4:1
  9.1:3 9.2:4 10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2 10.7:3 11.1:2 11.2:3 11.3:3 11.4:4 11.5:1 11.6:1 12.1:3 12.2:2 12.3:4
  13.1:1 13.2:5 13.3:2 13.4:5 14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7 16.1:1 16.2:5 16.3:4 16.4:3 16.5:3 17.1:1 17.2:4 17.3:2`
const wanted = standard.split(/\s+/).flatMap((s) => {
  const [section, n] = s.split(':')
  return Array.from({ length: Number(n) }, (_, i) => `${section}.${i + 1}`)
})

/** The file of a test id: "audit" (tests/api, else tests/unit/auth), "http/limits", "unit/net/guard". */
function fileOf(name) {
  const parts = name.split('/')
  if (parts[0] === 'e2e') return `web/e2e/${parts[1]}.e2e.mjs`
  if (parts[0] === 'packaging') return `tests/packaging/${parts[1]}.sh`
  if (parts[0] === 'unit') return `tests/unit/${parts[1]}/test_${parts[2]}.c`
  if (parts.length === 2) return `tests/${parts[0]}/${parts[1]}.test.mjs`
  return there(`tests/api/${name}.test.mjs`) ? `tests/api/${name}.test.mjs` : `tests/unit/auth/test_${name}.c`
}

/** What the tests of a file are called. */
function titles(path) {
  const text = read(path).replaceAll("\\'", "'")
  const kinds = { c: /cmocka_unit_test\w*\(\s*(\w+)/g, sh: /\bcheck "([^"]+)"/g, mjs: /\b(?:test|it)\((['"`])(.+?)\1, /g }
  return new Set([...text.matchAll(kinds[path.split('.').pop()])].map((m) => (m[2] ?? m[1]).replace(/^\$\{[^}]*\} /, '')))
}

test('all 253 requirements have a row; the tests that they name exist', () => {
  const text = read('docs/asvs.md')
  const rows = text.split('\n').filter((l) => /^\| \d/.test(l)).map((l) => l.split('|').slice(1, 4).map((c) => c.trim()))
  assert.equal(wanted.length, 253)
  assert.deepEqual(rows.map((r) => r[0]), wanted)
  const count = { met: 0, 'not applicable': 0, 'accepted risk': 0 }
  let named = 0
  for (const [id, state, why] of rows) {
    assert.ok(state in count, `${id}: ${state}`)
    assert.ok(why.length > 5, id)
    count[state]++
    const tests = [...why.matchAll(/`([\w/]+): ([^`]+)`/g)]
    for (const [, name, title] of tests) {
      const path = fileOf(name)
      assert.ok(there(path), `${id}: there is no ${path}`)
      assert.ok(titles(path).has(title), `${id}: ${path} has no test "${title}"`)
    }
    named += tests.length
    assert.ok(state !== 'met' || tests.length > 0, `${id} is met, and no test shows it`)
    for (const [path] of why.replaceAll(/`[\w/]+: [^`]+`/g, '').matchAll(/\b(?:src|docs|tests|script|packaging|web)\/[\w./-]*[\w-]/g))
      assert.ok(there(path) || there(`${path}.md`) || path === 'docs/adr/0010', `${id}: there is no ${path}`)
  }
  assert.ok(text.includes(`${count.met} met, ${count['not applicable']} not applicable, ${count['accepted risk']} accepted risks.`), JSON.stringify(count))
  console.log(`${rows.length} rows: ${JSON.stringify(count)}; ${named} names of tests, all there; none met without`)
})
