// SPDX-License-Identifier: Apache-2.0
// The API does what its description says (P21): requests made from it, valid and not, to every operation;
// every answer has a documented status, the content type and the schema of it, and none is a fault of ours.
//   HEATSCORE_OPENAPI_REQUESTS=100000   how many random ones (2000)
//   HEATSCORE_OPENAPI_SEED=7            another walk
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { anything, faults, fitting } from './lib/schema.mjs'
import { demoData, start, tempDir, until } from './lib/server.mjs'

const wanted = Number(process.env.HEATSCORE_OPENAPI_REQUESTS ?? 2000)
let seed = Number(process.env.HEATSCORE_OPENAPI_SEED ?? 1) * 7919 + 1
const rnd = (n) => ((seed = (seed * 48271) % 2147483647) / 2147483647 * n) | 0
const pick = (a) => a[rnd(a.length)]

let dir, server, doc, written, demo, cookie
const operations = []
const reached = new Map() // operation id -> set of statuses
const broken = new Map()
let sent = 0
let late = 0 // answers that a machine busy with other things could not give in time

const admin = { email: 'anna@acme.example', name: 'Anna', password: 'purple lamp seven river' }
const browser = () => ({ Cookie: cookie, 'Sec-Fetch-Site': 'same-origin' })
const json = (headers, body) => [{ 'Content-Type': 'application/json', ...headers }, JSON.stringify(body)]

function note(op, why) {
  const key = `${op.id}: ${why}`
  broken.set(key, (broken.get(key) ?? 0) + 1)
}

/** The answer, checked against the operation. */
async function send(op, path, headers, body) {
  sent++
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), 60000)
  let r, text = ''
  if (body === '' && op.method === 'DELETE') body = undefined // what Node 18 cannot send
  try {
    r = await fetch(server.url + path, { method: op.method, headers, body, redirect: 'manual', signal: stop.signal })
    if (/event-stream/.test(r.headers.get('content-type') ?? '')) stop.abort()
    else text = await r.text()
  } catch (e) {
    if (!r) {
      note(op, `no answer to ${path}: ${e.cause ?? e}`)
      return { status: 0 }
    }
  } finally {
    clearTimeout(timer)
  }
  const id = `${op.method} ${path.slice(0, 200)} ${String(body ?? '').slice(0, 200)}`
  if (!reached.has(op.id)) reached.set(op.id, new Set())
  reached.get(op.id).add(r.status)
  const described = op.spec.responses[r.status]
  const slow = r.status === 503 && /took too long/.test(text)
  if (slow) late++
  else if (r.status >= 500 && !(r.status === 503 && ['readyz', 'health'].includes(op.id))) note(op, `${r.status} for ${id}: ${text.slice(0, 200)}`)
  if (!described) {
    note(op, `status ${r.status} is not described (${id}: ${text.slice(0, 160)})`)
    return { status: r.status, text }
  }
  const type = (r.headers.get('content-type') ?? '').split(';')[0]
  const media = Object.keys(described.content ?? {})
  if (media.length && !media.includes(type)) note(op, `${r.status} comes as ${type}, not ${media}`)
  if (!media.length && text !== '') note(op, `${r.status} has a body that is not described: ${text.slice(0, 80)}`)
  let value
  if (/json/.test(type) && text !== '') {
    try {
      value = JSON.parse(text)
    } catch {
      note(op, `${r.status} is no JSON: ${text.slice(0, 100)}`)
    }
    const schema = described.content?.[type]?.schema
    if (value !== undefined && schema) for (const f of faults(doc, schema, value).slice(0, 3)) note(op, `${r.status} does not fit: ${f}`)
  }
  if (r.status >= 400 && !(value?.status === r.status && value?.title && value?.request_id)) note(op, `${r.status} is no problem details: ${text.slice(0, 100)}`)
  return { status: r.status, text, body: value, headers: r.headers }
}

const op = (id) => operations.find((o) => o.id === id) ?? assert.fail(`no operation ${id}`)
/** A request that must succeed. */
async function must(id, params = {}, body, { headers = browser(), query = '', raw = false } = {}) {
  const o = op(id)
  const path = o.path.replace(/\{(\w+)\}/g, (_, n) => encodeURIComponent(params[n] ?? assert.fail(`${id} wants ${n}`))) + query
  const [h, b] = body === undefined ? [headers, undefined] : raw ? [headers, body] : json(headers, body)
  const r = await send(o, path, h, b)
  assert.ok(r.status >= 200 && r.status < 300, `${id} ${path}: ${r.status} ${r.text}`)
  return r.body ?? r
}

function totp(base32, at = Date.now()) {
  const bits = [...base32].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)))
  const step = Buffer.alloc(8)
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30000)))
  const mac = createHmac('sha1', key).update(step).digest()
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1e6).padStart(6, '0')
}

before(async () => {
  dir = tempDir()
  demo = demoData(dir, { rows: 900 })
  server = await start({ data: demo.data, args: ['--login-rate', '100000', '--setup-rate', '100000'] })
  written = await (await fetch(`${server.url}/openapi.json`)).text()
  doc = JSON.parse(written)
  for (const [path, methods] of Object.entries(doc.paths))
    for (const [method, spec] of Object.entries(methods)) operations.push({ id: spec.operationId, method: method.toUpperCase(), path, spec })
})
after(async () => {
  await server?.stop()
  rmSync(dir, { recursive: true, force: true })
})

const pool = { leads: [], notes: [], uploads: [], jobs: [], views: [], users: [], keys: [], versions: ['v1'], sessions: [] }

test('the description itself is whole', () => {
  assert.match(doc.openapi, /^3\.1/)
  assert.equal(new Set(operations.map((o) => o.id)).size, operations.length)
  for (const name of Object.keys(doc.components.schemas))
    assert.equal(written.split(`"${name}":`).length, 2, `${name} is written twice`)
  const walk = (x, at) => {
    if (x === null || typeof x !== 'object') return
    if (x.$ref) assert.ok(x.$ref.slice(2).split('/').reduce((y, k) => y?.[k], doc) !== undefined, `${at}: ${x.$ref} leads nowhere`)
    for (const [k, v] of Object.entries(x)) walk(v, `${at}/${k}`)
  }
  walk(doc, '')
  for (const o of operations) assert.ok(Object.keys(o.spec.responses).some((s) => s < 400), o.id)
  console.log(`${operations.length} operations, ${Object.keys(doc.components.schemas).length} schemas`)
})

test('every operation does what it is for', async () => {
  // People.
  await must('getSetup', {}, undefined, { headers: {} })
  await until(() => /setup#token=(\S+)/.test(server.out))
  const first = await send(op('setup'), '/api/v1/auth/setup', ...json({ 'Sec-Fetch-Site': 'same-origin' }, { token: /setup#token=(\S+)/.exec(server.out)[1], ...admin }))
  assert.equal(first.status, 200, first.text)
  const session = (r) => r.headers.getSetCookie().find((c) => c.startsWith('heatscore_session=')).split(';')[0]
  cookie = session(first)
  const login = async (who) => {
    const r = await send(op('login'), '/api/v1/auth/login', ...json({ 'Sec-Fetch-Site': 'same-origin' }, who))
    assert.equal(r.status, 200, r.text)
    return session(r)
  }
  const ben = await must('addUser', {}, { email: 'ben@acme.example', name: 'Ben', role: 'admin' })
  const token = /token=([^&"]+)/.exec(ben.invite_url)?.[1]
  const chosen = await send(op('choosePassword'), '/api/v1/auth/password', ...json({ 'Sec-Fetch-Site': 'same-origin' }, { token, password: 'tractor violin mosquito 7' }))
  assert.ok(chosen.status === 200 || chosen.status === 204, chosen.text)
  const asBen = { Cookie: await login({ email: 'ben@acme.example', password: 'tractor violin mosquito 7' }), 'Sec-Fetch-Site': 'same-origin' }
  for (const id of ['getMe', 'listMySessions', 'listUsers', 'listApiKeys', 'listSettings', 'getLoginMethods', 'listAudit', 'exportAudit', 'verifyAudit']) await must(id)
  await must('changeMe', {}, { name: 'Anna A.' })
  await must('changePassword', {}, { current: 'tractor violin mosquito 7', new: 'seventeen green bottles' }, { headers: asBen })
  const benAgain = { Cookie: await login({ email: 'ben@acme.example', password: 'seventeen green bottles' }), 'Sec-Fetch-Site': 'same-origin' }
  const begun = await must('startTotp', {}, undefined, { headers: benAgain })
  await must('confirmTotp', {}, { code: totp(begun.secret) }, { headers: benAgain })
  await must('removeTotp', {}, { password: 'seventeen green bottles' }, { headers: benAgain })
  const spare = { Cookie: await login(admin), 'Sec-Fetch-Site': 'same-origin' }
  const sessions = await must('listMySessions')
  await must('endMySession', { id: sessions.items.find((s) => !s.current).id })
  await login(admin)
  await must('endMyOtherSessions')
  void spare
  for (let i = 0; i < 6; i++) pool.users.push((await must('addUser', {}, { email: `u${i}@acme.example`, name: `U ${i}`, role: pick(['rep', 'viewer', 'manager']) })).id)
  await must('changeUser', { id: pool.users[0] }, { name: 'Other' })
  await must('resetUser', { id: pool.users[0] })
  await must('endUserSessions', { id: pool.users[0] })
  await must('removeUser', { id: pool.users.pop() })
  for (let i = 0; i < 5; i++) pool.keys.push((await must('addApiKey', {}, { name: `k${i}`, role: 'rep', scopes: ['read'] })).id)
  await must('rotateApiKey', { id: pool.keys.pop() })
  await must('revokeApiKey', { id: pool.keys.pop() })
  await must('changeSettings', {}, { reps_see: 'own' })
  await must('changeSettings', {}, { reps_see: 'all' })

  // Leads, by the examples of the description where there are some.
  const example = (id) => op(id).spec.requestBody.content['application/json'].example
  const made = await must('createLead', {}, example('createLead'))
  for (let i = 0; i < 30; i++) pool.leads.push((await must('createLead', {}, { email: `l${i}@x.example`, source: pick(['Web', 'Referral']), page_views: i, company: `C ${i % 5}` })).id)
  await must('putLead', { external_id: 'E 1' }, example('putLead'))
  await must('changeLead', { id: made.id }, example('changeLead'))
  for (const id of ['listLeads', 'listLeadAttributes', 'exportLeads', 'getOverview', 'getQueue', 'analyseHeat', 'analyseSources', 'analyseFunnel', 'analyseTrend',
    'analyseBands', 'analyseReliability', 'listFields', 'listViews']) await must(id)
  for (const id of ['getLead', 'explainLead', 'similarLeads', 'listLeadNotes', 'getLeadTimeline', 'getLeadScores', 'rescoreLead']) await must(id, { id: made.id })
  for (const id of ['setLeadOutcome', 'overrideLeadHeat', 'judgeLead']) await must(id, { id: made.id }, example(id))
  const n = await must('addLeadNote', { id: made.id }, example('addLeadNote'))
  await must('deleteLeadNote', { id: made.id, note: n.id })
  for (let i = 0; i < 4; i++) pool.notes.push([pool.leads[i], (await must('addLeadNote', { id: pool.leads[i] }, { text: 'n' })).id])
  pool.jobs.push((await must('changeLeads', {}, example('changeLeads'))).job.id, (await must('rescoreLeads')).job.id)
  const tagged = (await must('changeLeads', {}, { action: 'tag', value: 'x', ids: [pool.leads[0]] })).job.id
  await until(async () => (await must('getJob', { id: tagged })).state === 'done')
  pool.jobs.push((await must('undoBulk', { id: tagged })).job.id)
  await must('exportPerson', {}, undefined, { query: '?email=l1@x.example' })
  pool.jobs.push((await must('erasePerson', {}, example('erasePerson'))).job.id)
  await must('deleteLead', { id: pool.leads.pop() })
  for (let i = 0; i < 4; i++) pool.views.push((await must('createView', {}, example('createView'))).id)
  await must('getView', { id: pool.views[0] })
  await must('changeView', { id: pool.views[0] }, example('changeView'))
  await must('deleteView', { id: pool.views.pop() })
  await must('scoreLead', {}, { email: 'a@b.example', page_views: 3 }, { query: '?reasons=3' })
  await must('scoreLeads', {}, { leads: [{ page_views: 1 }, { page_views: 'x' }] })

  // Uploads and jobs.
  const csv = { ...browser(), 'Content-Type': 'text/csv' }
  const history = readFileSync(demo.history)
  const upload = async (bytes, query = '') => (await must('uploadLeads', {}, bytes, { headers: csv, query, raw: true })).id
  const state = (id, ...states) => until(async () => states.includes((await must('getUpload', { id })).state))
  const small = new TextEncoder().encode('Email,Name,Visits\na@c.example,A,1\nb@c.example,B,2\nbroken"x,1\n')
  let id = await upload(small, '?filename=small.csv')
  await state(id, 'review')
  await must('profileUpload', { id }, { header: true })
  await state(id, 'review')
  await must('checkUpload', { id }, { mapping: { Email: 'email', Name: 'name', Visits: 'attribute' } })
  await state(id, 'review')
  await must('commitUpload', { id }, { mapping: { Email: 'email', Name: 'name', Visits: 'attribute' } })
  await state(id, 'done')
  await must('getUploadErrors', { id })
  await must('getUploadFile', { id })
  await must('watchUpload', { id })
  await must('undoUpload', { id })
  await state(id, 'undone')
  await must('listUploads')
  await must('discardUpload', { id })
  id = await upload(small, '?filename=second.csv')
  await state(id, 'review')
  await must('cancelUpload', { id })
  pool.uploads.push(id)
  id = await upload(history, '?filename=history.csv&commit=auto')
  await state(id, 'done')
  pool.uploads.push(id)
  await must('listJobs')
  await must('getJob', { id: pool.jobs[0] }).catch(async () => pool.jobs.push((await must('listJobs')).items[0].id))
  const { items: jobs } = await must('listJobs')
  pool.jobs = jobs.map((j) => j.id)
  await must('getJob', { id: pool.jobs[0] })
  await must('watchJobs')
  await must('watchJob', { id: pool.jobs[0] })
  const training = await must('trainModel', {}, { upload: id, target: 'Converted', budget_s: 30 }).catch(() => must('trainModel', {}, { leads: '', budget_s: 30 }))
  await must('cancelJob', { id: training.job.id })
  await must('loadDemo').catch((e) => assert.match(String(e), /409/))

  // Models.
  const v = { version: 'v1' }
  for (const what of ['getModel', 'getModelMetrics', 'getModelCardHtml', 'getModelCardMarkdown', 'getModelCardJson', 'getModelBands', 'exportModel', 'getModelGate']) await must(what, v)
  const tar = new Uint8Array(await (await fetch(`${server.url}/api/v1/models/v1/export`, { headers: browser() })).arrayBuffer())
  for (let i = 0; i < 4; i++) await must('importModel', {}, tar, { headers: { ...browser(), 'Content-Type': 'application/octet-stream' }, raw: true })
  await must('listModels')
  await must('compareModels', {}, undefined, { query: '?a=v1&b=v2' })
  await must('setModelBands', v, { hot: 0.6, warm: 0.3 })
  await must('setModelSegment', { version: 'v5' }, example('setModelSegment'))
  await must('deleteModel', { version: 'v4' })
  await must('publishModel', { version: 'v2' }, { force: true })
  await must('rollbackModel')
  await must('changeSettings', {}, { second_pair_of_eyes: true })
  await must('publishModel', { version: 'v3' }, { force: true })
  await must('approveModel', { version: 'v3' }, undefined, { headers: { Cookie: await login({ email: 'ben@acme.example', password: 'seventeen green bottles' }), 'Sec-Fetch-Site': 'same-origin' } })
  await must('changeSettings', {}, { second_pair_of_eyes: false })
  pool.versions = ['v1', 'v2', 'v3']
  await must('listSegments')
  await must('lookAtDrift')
  await must('getDrift').catch(() => until(async () => (await send(op('getDrift'), '/api/v1/drift', browser())).status === 200))
  await must('getSchedule')
  await must('setSchedule', {}, example('setSchedule'))
  for (const what of ['livez', 'readyz', 'health', 'metrics', 'openapi', 'docs']) await must(what, {}, undefined, { headers: {} })
  await must('logout', {}, undefined, { headers: asBen }).catch(() => must('logout', {}, undefined, { headers: {} }))
})

// --- random requests ---

/** These end sessions or work for minutes: only what is wrong is sent to them. */
const careful = new Set(['logout', 'endMyOtherSessions', 'endMySession', 'changePassword', 'setup', 'changeSettings', 'loadDemo', 'trainModel', 'startTotp',
  'confirmTotp', 'removeTotp', 'uploadLeads', 'importModel', 'publishModel', 'approveModel', 'rollbackModel', 'erasePerson', 'lookAtDrift', 'login',
  'choosePassword', 'deleteModel', 'setModelSegment'])

// %00 in a path is not among them: the HTTP library refuses that before anybody sees the request.
const nowhere = ['0'.repeat(32), 'f'.repeat(32), '01'.padEnd(26, 'Z'), 'v999', 'v0', 'x', '..%2f..%2fetc', '%F0%9F%98%80', 'a'.repeat(500), '-1', '%22', "'"]

function pathParam(o, name) {
  if (rnd(4) === 0) return pick(nowhere)
  const p = o.path
  if (name === 'external_id') return encodeURIComponent(`E ${rnd(20)}`)
  if (name === 'version') return pick(pool.versions)
  if (p.startsWith('/api/v1/leads/')) return pick(pool.leads)
  if (p.startsWith('/api/v1/uploads/')) return pick(pool.uploads)
  if (p.startsWith('/api/v1/jobs/')) return pick(pool.jobs)
  if (p.startsWith('/api/v1/views/')) return pick(pool.views.length ? pool.views : nowhere)
  if (p.startsWith('/api/v1/users/')) return pick(pool.users.length ? pool.users : nowhere)
  if (p.startsWith('/api/v1/api-keys/')) return pick(pool.keys.length ? pool.keys : nowhere)
  return pick(nowhere)
}

const columns = ['name', 'email', 'score', 'heat', 'created_at', 'value', 'outcome', 'stale', 'upload_id', 'attr.page_views', 'attr.Nö', 'verdict', 'override', 'nope']
const filterOps = ['', '', '[eq]', '[ne]', '[in]', '[nin]', '[gt]', '[gte]', '[lt]', '[lte]', '[contains]', '[starts]', '[empty]', '[near]']
const filterValues = ['hot', 'won', '5', '-1.5', '2026-01-01', 'today', '-7d', 'true', 'a,b', 'Ada', '', "' OR 1=1", '%', '日本', 'junk', 'yes']

function queryOf(o) {
  const parts = []
  for (const raw of o.spec.parameters ?? []) {
    const p = raw.$ref ? null : raw
    if (!p || p.in !== 'query') continue
    if (p.name === 'filters') {
      for (let i = rnd(3); i > 0; i--) parts.push([`${pick(columns)}${pick(filterOps)}`, pick(filterValues)])
      continue
    }
    if (!p.required && rnd(3) !== 0) continue
    let v = rnd(3) === 0 ? anything(rnd, 0) : fitting(doc, p.schema, rnd, p.name)
    if (p.name === 'sort' && rnd(4) !== 0) v = `${pick(['', '-'])}${pick(columns)}`
    if (p.name === 'view' && rnd(2) && pool.views.length) v = pick(pool.views)
    parts.push([p.name, Array.isArray(v) ? v.join(',') : String(v)])
  }
  if (rnd(25) === 0) parts.push(['unknown_parameter', 'x'])
  const enc = (s) => encodeURIComponent(String(s).toWellFormed?.() ?? String(s).replace(/[\ud800-\udfff]/g, '?'))
  return parts.length ? `?${parts.map(([k, v]) => `${enc(k)}=${enc(v)}`).join('&')}` : ''
}

function bodyOf(o) {
  const content = o.spec.requestBody?.content
  if (!content) return rnd(30) === 0 && o.method !== 'GET' ? [{ 'Content-Type': 'application/json' }, '{}'] : [{}, undefined]
  const media = content['application/json']
  if (!media) return pick([[{ 'Content-Type': 'text/html' }, '<p>'], [{ 'Content-Type': 'multipart/form-data; boundary=x' }, '--y\r\n'], [{ 'Content-Type': 'application/json' }, '{}'], [{}, undefined]])
  const type = { 'Content-Type': 'application/json' }
  if (!careful.has(o.id) && rnd(2) === 0) return [type, JSON.stringify(fitting(doc, media.schema, rnd))]
  switch (rnd(9)) {
    case 0: return [type, '']
    case 1: return [type, pick(['{', '[1,', '{"a":1,"a":2}', 'nul', '"', '{"a":NaN}', `${'['.repeat(100)}`, '{}x', '\u0000'])]
    case 2: return [{ 'Content-Type': pick(['text/plain', 'application/xml', 'application/json; charset=utf-16', '']) }, '{"a":1}']
    case 3: return [type, JSON.stringify(anything(rnd, 3))]
    default: {
      // Valid but for one member.
      const v = fitting(doc, media.schema, rnd)
      if (v === null || typeof v !== 'object' || Array.isArray(v)) return [type, JSON.stringify(anything(rnd))]
      const names = Object.keys(v)
      if (names.length && rnd(2)) v[pick(names)] = anything(rnd, 2)
      else if (names.length && rnd(2)) delete v[pick(names)]
      else v[pick(['', 'x', '__proto__', '$where', 'id', 'attributes', 'version'])] = anything(rnd, 2)
      return [type, JSON.stringify(v)]
    }
  }
}

test('generated requests, valid and not', { timeout: 3600000 }, async () => {
  const key = { Authorization: `Bearer ${server.key}` }
  const from = sent
  const one = async () => {
    const o = pick(operations)
    if (careful.has(o.id) && !o.spec.requestBody) return
    const path = o.path.replace(/\{(\w+)\}/g, (_, n) => {
      if (n === 'note' && pool.notes.length) return pick(pool.notes)[1]
      return pathParam(o, n)
    })
    const [type, body] = bodyOf(o)
    const who = rnd(20) === 0 ? pick([{}, { Authorization: 'Bearer nonsense' }, { Cookie: 'heatscore_session=x', 'Sec-Fetch-Site': 'same-origin' }])
      : rnd(2) ? key : { ...browser() }
    const more = {}
    if (rnd(15) === 0) more['If-Match'] = pick(['"1"', '*', 'x', '"', '"99.abc", "1.1"'])
    if (rnd(15) === 0) more['If-None-Match'] = pick(['*', '"x"', 'W/"1"'])
    if (o.method === 'POST' && rnd(6) === 0) more['Idempotency-Key'] = pick([`k${rnd(50)}`, 'x'.repeat(300), ''])
    const r = await send(o, path + queryOf(o), { ...type, ...who, ...more }, body)
    if (r.status === 201 && o.id === 'createLead') pool.leads.push(r.body.id)
    if (r.status === 201 && o.id === 'createView') pool.views.push(r.body.id)
    if (r.status === 204 && o.id === 'deleteLead') pool.leads = pool.leads.filter((x) => !path.endsWith(x))
    if (pool.leads.length < 10) pool.leads.push((await must('createLead', {}, { page_views: 1 })).id)
  }
  while (sent - from < wanted) await Promise.all([one(), one(), one(), one()])
})

/** Their success is a redirect to a provider of identities and back: oidc.test.mjs has one. */
const elsewhere = new Set(['startOidc', 'finishOidc'])

test('the description held', async () => {
  for (const [why, n] of broken) console.log(`${n} x ${why}`)
  const never = operations.filter((o) => !elsewhere.has(o.id) && ![...(reached.get(o.id) ?? [])].some((s) => s >= 200 && s < 300)).map((o) => o.id)
  const statuses = new Set([...reached.values()].flatMap((s) => [...s]))
  console.log(`${sent} requests to ${operations.length} operations: ${operations.length - never.length} with a success, statuses ${[...statuses].sort().join(' ')}, ${broken.size} faults, ${late} too late`)
  assert.deepEqual(never, [], 'operations that never succeeded')
  assert.deepEqual([...broken.keys()], [])
  assert.ok(late <= sent / 100, `${late} of ${sent} answers took too long`)
  const still = await fetch(`${server.url}/livez`)
  assert.equal(still.status, 200)
})
