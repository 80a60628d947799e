// SPDX-License-Identifier: Apache-2.0
// Scores for leads that are not kept, over HTTP.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { binary, demoData, run, start, tempDir } from './lib/server.mjs'

let dir, demo, server

before(async () => {
  dir = tempDir()
  demo = demoData(dir)
  server = await start({ data: demo.data })
})
after(async () => {
  await server?.stop()
  rmSync(dir, { recursive: true, force: true })
})

const prototype = {
  name: 'Ann Lee', email: 'ann@example.com', phone: '+44 20 7946 0123', source: 'Referral',
  recency_days: 3, region: 'London', role: 'Head of Sales', campaign: 'Spring', page_views: 12,
  last_touch: 'email', prior_course_interest: 'data', search_keywords: 'lead scoring',
  time_spent: 340, course_actions: 'downloaded brochure',
}

/** The rows of a CSV without line breaks in cells, as objects. */
function rows(path, n) {
  const out = spawnSync('python3', ['-c',
    'import csv,json,sys; r=list(csv.DictReader(open(sys.argv[1],encoding="utf-8-sig")));' +
    'print(json.dumps(r[:int(sys.argv[2])]))', path, String(n)], { encoding: 'utf8' })
  return JSON.parse(out.stdout)
}

test('the prototype\'s LeadInput is scored, with bands that sum to one', async () => {
  const r = await server.call('POST', '/api/v1/score', prototype)
  assert.equal(r.status, 200)
  assert.ok(['hot', 'warm', 'cold'].includes(r.body.heat))
  assert.equal(r.body.score, Math.round(r.body.probability * 100))
  const { hot, warm, cold } = r.body.bands
  assert.ok(Math.abs(hot + warm + cold - 1) < 1e-9)
  assert.equal(r.body.confidence, r.body.bands[r.body.heat])
  assert.equal(r.body.model, 'v1')
  assert.equal(r.body.reasons, undefined)
})

test('reasons add up to the score, however many are asked for', async () => {
  for (const k of [1, 3, 8, 100]) {
    const { body } = await server.call('POST', `/api/v1/score?reasons=${k}`, prototype)
    assert.ok(body.reasons.length <= k && body.reasons.length > 0)
    const points = body.reasons.reduce((n, x) => n + x.points, 0)
    assert.equal(body.base.points + body.average.points + points + body.rest.points, body.score)
    const p = body.reasons.reduce((n, x) => n + x.probability, 0)
    assert.ok(Math.abs(body.base.probability + body.average.probability + p +
      body.rest.probability - body.probability) < 1e-9)
    for (const x of body.reasons) assert.match(x.text, /\S/)
  }
})

test('a row scores the same over the API as the command line scores the file', async () => {
  const as = '2025-02-14'
  const out = join(dir, 'scored.csv')
  run('score', '-q', '-d', demo.data, demo.leads, '-o', out)
  const want = rows(out, 200)
  // Dates are left out: the server looks from now, the file from its own newest day.
  const dates = Object.keys(want[0]).filter((k) => /date|created|activity/i.test(k))
  const strip = (row) => Object.fromEntries(Object.entries(row)
    .filter(([k]) => !dates.includes(k) && !k.startsWith('heatscore_')))
  const nodates = join(dir, 'nodates.csv')
  const quote = (s) => `"${s.replaceAll('"', '""')}"`
  const leads = want.map(strip)
  const { writeFileSync } = await import('node:fs')
  writeFileSync(nodates, [Object.keys(leads[0]), ...leads.map(Object.values)]
    .map((r) => r.map(quote).join(',')).join('\n') + '\n')
  run('score', '-q', '-d', demo.data, nodates, '-o', out, '--as-of', as)
  const again = rows(out, 200)
  const { body } = await server.call('POST', '/api/v1/batch-score', { leads })
  assert.equal(body.results.length, again.length)
  body.results.forEach((x, i) => {
    assert.equal(x.probability, Number(again[i].heatscore_probability))
    assert.equal(x.heat, again[i].heatscore_heat)
  })
})

test('unknown categories, missing fields and unknown columns are fine', async () => {
  for (const lead of [{}, { source: 'a place never heard of' }, { nothing: 1, more: 'x' },
    { email: null, page_views: null }, { 'Lead Source': 'Referral' }]) {
    const r = await server.call('POST', '/api/v1/score', lead)
    assert.equal(r.status, 200, JSON.stringify(r.body))
  }
})

test('wrong types are named by JSON pointer, all of them', async () => {
  const r = await server.call('POST', '/api/v1/score',
    { page_views: 'many', time_spent: true, email: false, 'a/b~c': {}, list: [] })
  assert.equal(r.status, 422)
  assert.match(r.headers.get('content-type'), /^application\/problem\+json/)
  assert.ok(r.body.request_id)
  assert.deepEqual(r.body.errors.map((x) => x.pointer).sort(),
    ['/a~1b~0c', '/email', '/list', '/page_views', '/time_spent'])
  assert.equal(r.body.errors.find((x) => x.pointer === '/page_views').detail,
    'expected a number, found text')
})

test('what is no flat JSON object is refused before it is looked at', async () => {
  for (const [body, status] of [['', 400], ['[]', 400], ['{"a":1,}', 400], ['{"a":1,"a":2}', 400],
    ['{"a":"\\ud800"}', 400], ['{"page_views":1e999}', 400]]) {
    const r = await server.call('POST', '/api/v1/score', body)
    assert.equal(r.status, status, body)
  }
  const r = await server.call('POST', '/api/v1/score', '{}', { 'Content-Type': 'text/plain' })
  assert.equal(r.status, 415)
  assert.equal((await server.call('GET', '/api/v1/score')).status, 405)
})

test('a batch answers each lead for itself, up to 500', async () => {
  const leads = Array.from({ length: 500 }, (_, i) => ({ source: 'Referral', page_views: i }))
  leads[7] = { page_views: [] }
  leads[8] = 'no object'
  const r = await server.call('POST', '/api/v1/batch-score', { leads })
  assert.equal(r.status, 200)
  assert.equal(r.body.results.length, 500)
  assert.equal(r.body.results[7].error.status, 422)
  assert.equal(r.body.results[7].error.errors[0].pointer, '/leads/7/page_views')
  assert.equal(r.body.results[8].error.status, 422)
  assert.ok(r.body.results.every((x, i) => i === 7 || i === 8 || x.heat))
  const one = await server.call('POST', '/api/v1/score', leads[99])
  assert.equal(r.body.results[99].score, one.body.score)
  leads.push({})
  assert.equal((await server.call('POST', '/api/v1/batch-score', { leads })).status, 413)
  assert.equal((await server.call('POST', '/api/v1/batch-score', { leads: 3 })).status, 422)
  assert.equal((await server.call('POST', '/api/v1/batch-score', { lead: [] })).status, 422)
  assert.equal((await server.call('POST', '/api/v1/batch-score', { leads: [] })).body.results.length, 0)
})

test('without a model the rule score answers, and says so', async () => {
  const empty = await start()
  const warm = await empty.call('POST', '/api/v1/score', prototype)
  const none = await empty.call('POST', '/api/v1/score', {})
  assert.equal(warm.status, 200)
  assert.equal(warm.body.model, 'rule')
  assert.ok(warm.body.probability > none.body.probability)
  const { body } = await empty.call('POST', '/api/v1/score?reasons=3', prototype)
  assert.equal(body.reasons.length, 3)
  assert.equal(body.base.points + body.average.points + body.reasons.reduce((n, x) => n + x.points, 0) + body.rest.points, body.score)
  for (const x of body.reasons) assert.match(x.text, /^\w+: \S/)
  const how = await empty.stop()
  assert.equal(how.code, 0)
})

test('the description of the API has both calls, with their schemas', async () => {
  const { body } = await server.call('GET', '/openapi.json')
  assert.equal(body.paths['/api/v1/score'].post.operationId, 'scoreLead')
  assert.ok(body.components.schemas.Score.properties.heat)
  assert.ok(readFileSync(binary).length > 0)
})
