// SPDX-License-Identifier: Apache-2.0
// Every test that docs/asvs.md names is there, under that title, and every row says something.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

const root = new URL('../../', import.meta.url)
const read = (path) => readFileSync(new URL(path, root), 'utf8')

test('docs/asvs.md names tests that exist', () => {
  const rows = read('docs/asvs.md').split('\n').filter((l) => /^\| \d/.test(l)).map((l) => l.split('|').slice(1, 4).map((c) => c.trim()))
  const ids = rows.map((r) => r[0])
  assert.equal(new Set(ids).size, ids.length, 'an id is there twice')
  let named = 0
  const count = {}
  for (const [id, state, text] of rows) {
    assert.ok(['met', 'in part', 'missing', 'not applicable'].includes(state), `${id}: ${state}`)
    assert.ok(text.length > 5, id)
    count[state] = (count[state] ?? 0) + 1
    for (const [, file, title] of text.matchAll(/`(\w+): ([^`]+)`/g)) {
      const path = existsSync(new URL(`tests/api/${file}.test.mjs`, root)) ? `tests/api/${file}.test.mjs` : `tests/unit/auth/test_${file}.c`
      assert.ok(read(path).includes(title), `${id}: ${path} has no test "${title}"`)
      named++
    }
  }
  assert.ok(named > 40)
  console.log(`${rows.length} rows: ${JSON.stringify(count)}; ${named} names of tests, all there`)
})
