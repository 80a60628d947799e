// SPDX-License-Identifier: Apache-2.0
// Files of leads, from their arrival to the leads in the store and back.
import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { after, before, test } from 'node:test'
import { demoData, have, shared, start, tempDir, until } from './lib/server.mjs'

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

const ended = new Set(['review', 'done', 'failed', 'cancelled', 'undone'])

async function settled(id, s = server) {
  return until(async () => {
    const r = await s.call('GET', `/api/v1/uploads/${id}`)
    return ended.has(r.body.state) && r.body
  })
}

async function send(bytes, { name = 'leads.csv', commit = 'auto', s = server } = {}) {
  const r = await s.call('POST', `/api/v1/upload?filename=${name}&commit=${commit}`,
    typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
  assert.equal(r.status, 202, r.text)
  assert.equal(r.headers.get('location'), `/api/v1/uploads/${r.body.id}`)
  return settled(r.body.id, s)
}

const total = async (query = '', s = server) =>
  (await s.call('GET', `/api/v1/leads?limit=1${query}`)).body.total

async function lead(query, s = server) {
  const { body } = await s.call('GET', `/api/v1/leads?${query}`)
  assert.equal(body.items.length, 1, `${query}: ${body.items.length} leads`)
  return (await s.call('GET', `/api/v1/leads/${body.items[0].id}`)).body
}

const sums = (u) => u.rows.created + u.rows.updated + u.rows.unchanged + u.rows.rejected

test('a real export comes in, every lead scored by the live model', async () => {
  const u = await send(readFileSync(demo.history))
  assert.equal(u.state, 'done', JSON.stringify(u.error))
  assert.equal(u.rows.created, u.rows.read)
  assert.equal(u.progress, 1)
  assert.deepEqual(u.outcome.won, ['Won'])
  assert.equal(await total(), u.rows.read)
  assert.equal(await total('&outcome=won'), u.outcome.counts.won)
  const { body } = await server.call('GET', '/api/v1/leads?limit=500')
  assert.ok(body.items.every((x) => x.model === 'v1' && x.stale === false && x.heat))
})

test('the same file twice changes nothing', async () => {
  const before = (await server.call('GET', '/api/v1/leads?limit=100&sort=-updated_at')).body.items
  const u = await send(readFileSync(demo.history))
  assert.equal(u.rows.unchanged, u.rows.read)
  assert.equal(u.rows.created + u.rows.updated + u.rows.rejected, 0)
  const after = (await server.call('GET', '/api/v1/leads?limit=100&sort=-updated_at')).body.items
  assert.deepEqual(after, before)
})

test('a lead scores over the API as its row scored on import', async () => {
  const csv = 'Lead ID,Lead Source,Job Title,Country,Employees,Status\n' +
    'S1,Referral,CEO,Germany,400,Open\nS2,Purchased list,Student,France,3,Open\n'
  await send(csv)
  for (const [id, row] of [['S1', { 'Lead Source': 'Referral', 'Job Title': 'CEO', Country: 'Germany', Employees: 400 }],
    ['S2', { 'Lead Source': 'Purchased list', 'Job Title': 'Student', Country: 'France', Employees: 3 }]]) {
    const kept = await lead(`external_id=${id}`)
    const { body } = await server.call('POST', '/api/v1/score', row)
    assert.equal(kept.probability, body.probability)
    assert.equal(kept.score, body.score)
  }
})

test('a changed row updates its lead, and undo brings back what was there', async () => {
  const csv = (city, extra = '') => `Lead ID,Email,City,Status\nU1,u1@example.com,${city},Open\nU2,u2@example.com,Rome,Open\n${extra}`
  const first = await send(csv('Berlin'))
  assert.equal(first.rows.created, 2)
  const u = await send(csv('Madrid', 'U3,u3@example.com,Oslo,Won\n'))
  assert.deepEqual([u.rows.created, u.rows.updated, u.rows.unchanged], [1, 1, 1])
  assert.equal((await lead('external_id=U1')).city, 'Madrid')
  const version = (await lead('external_id=U1')).version
  assert.equal(version, 2)
  // Somebody works on U3 meanwhile: it stays, and is told.
  const u3 = await lead('external_id=U3')
  const patch = await server.call('PATCH', `/api/v1/leads/${u3.id}`, { owner: 'Kim' })
  assert.equal(patch.status, 200)
  const r = await server.call('POST', `/api/v1/uploads/${u.id}/undo`)
  assert.equal(r.status, 202)
  const undone = await settled(u.id)
  assert.equal(undone.state, 'undone')
  assert.equal(undone.undo.restored, 1)
  assert.equal(undone.undo.deleted, 0)
  assert.deepEqual(undone.undo.kept, [u3.id])
  assert.equal((await lead('external_id=U1')).city, 'Berlin')
  assert.equal((await lead('external_id=U3')).owner, 'Kim')
  assert.ok([await lead('external_id=U1'), await lead('external_id=U2')].every((x) => !x.stale && x.heat))
  // Undoing the first takes its leads away.
  await server.call('POST', `/api/v1/uploads/${first.id}/undo`)
  await settled(first.id)
  assert.equal(await total('&external_id=U2'), 0)
})

test('a mapping is looked at, edited, checked and remembered', async () => {
  const csv = 'Kennung;Herkunft;Datum;Ergebnis;Was\nK1;Messe;03.04.2024;gewonnen;a\nK2;Web;25.04.2024;verloren;b\nK3;Web;kein;offen;c\n'
  const u = await send(csv, { commit: 'review' })
  assert.equal(u.state, 'review')
  assert.equal(u.dialect.delimiter, ';')
  assert.equal(u.preview.length, 3)
  assert.deepEqual(u.columns.map((c) => c.name), ['Kennung', 'Herkunft', 'Datum', 'Ergebnis', 'Was'])
  for (const c of u.columns) {
    assert.ok(['sure', 'likely', 'unsure'].includes(c.confidence))
    assert.ok(c.samples.length > 0)
  }
  const body = {
    mapping: { Kennung: 'external_id', Herkunft: 'source', Datum: 'created_at', Was: 'ignore', Ergebnis: 'attribute' },
    outcome: { column: 'Ergebnis', won: ['gewonnen'], lost: ['verloren'] },
  }
  for (const [wrong, pointer] of [
    [{ mapping: { Nichts: 'source' } }, '/mapping/Nichts'],
    [{ mapping: { Was: 'no such field' } }, '/mapping/Was'],
    [{ mapping: { Was: 'source', Herkunft: 'source' } }, '/mapping/Was'],
    [{ outcome: { column: 'x' } }, '/outcome/column'],
    [{ outcome: { column: 'Ergebnis', won: ['a'], lost: ['A '] } }, '/outcome/lost'],
    [{ mode: 'sometimes' }, '/mode']]) {
    const r = await server.call('POST', `/api/v1/uploads/${u.id}/commit`, wrong)
    assert.equal(r.status, 422, JSON.stringify(wrong))
    assert.equal(r.body.errors[0].pointer, pointer)
  }
  await server.call('POST', `/api/v1/uploads/${u.id}/check`, body)
  const checked = await settled(u.id)
  assert.equal(checked.state, 'review')
  assert.deepEqual([checked.check.create, checked.check.update, checked.check.unchanged, checked.check.reject], [3, 0, 0, 0])
  assert.equal(checked.check.key, 'external_id')
  assert.equal(checked.check.problems.find((p) => p.kind === 'date').column, 'Datum')
  assert.equal(await total('&external_id=K1'), 0, 'a check changes nothing')
  assert.equal((await server.call('POST', `/api/v1/uploads/${u.id}/commit`, body)).status, 202)
  const done = await settled(u.id)
  assert.equal(done.state, 'done')
  assert.equal(done.preview, undefined, 'cells are not kept longer than needed')
  const k1 = await lead('external_id=K1')
  assert.equal(k1.source, 'Messe')
  assert.equal(k1.outcome, 'won')
  assert.match(k1.created_at, /^2024-04-03/)
  assert.equal((await lead('external_id=K2')).outcome, 'lost')
  assert.equal((await lead('external_id=K3')).created_at, undefined)
  const again = await send(csv.replace('Messe', 'Anzeige'))
  assert.equal(again.remembered_mapping, true)
  assert.deepEqual([again.rows.updated, again.rows.unchanged], [1, 2])
  assert.equal((await lead('external_id=K1')).source, 'Anzeige')
  assert.equal((await server.call('POST', `/api/v1/uploads/${u.id}/commit`, {})).status, 409)
})

test('a slip of the pen in what is asked of an upload is named, and changes nothing', async () => {
  const u = await send('Lead ID,Town\nS1,Rome\nS2,Oslo\n', { commit: 'review' })
  for (const [path, body, pointer] of [['commit', { maping: { Town: 'city' } }, '/maping'],
    ['check', { mapping: {}, mod: 'upsert' }, '/mod'], ['profile', { headers: true }, '/headers']]) {
    const r = await server.call('POST', `/api/v1/uploads/${u.id}/${path}`, body)
    assert.equal(r.status, 422, r.text)
    assert.deepEqual(r.body.errors.map((x) => x.pointer), [pointer])
  }
  assert.equal((await server.call('GET', `/api/v1/uploads/${u.id}`)).body.state, 'review')
})

test('whether the first line is a header can be said', async () => {
  const u = await send('H1,Rome,12\nH2,Oslo,15\nH3,Bern,9\n', { commit: 'review' })
  assert.equal(u.dialect.has_header, false)
  const again = async (body) => {
    const r = await server.call('POST', `/api/v1/uploads/${u.id}/profile`, body)
    return r.status === 202 ? settled(u.id) : r
  }
  const header = await again({ header: true })
  assert.equal(header.dialect.has_header, true)
  assert.deepEqual(header.columns.map((c) => c.name), ['H1', 'Rome', '12'])
  assert.equal(header.preview.length, 2)
  assert.equal((await again({})).dialect.has_header, false)
  assert.equal((await again({ header: 'yes' })).status, 422)
  // A line of names that is to be a row is imported as one.
  const names = await send('Lead ID,City\nHD1,Rome\nHD2,Oslo\n', { commit: 'review' })
  assert.equal(names.dialect.has_header, true)
  await server.call('POST', `/api/v1/uploads/${names.id}/profile`, { header: false })
  const data = await settled(names.id)
  assert.equal(data.dialect.has_header, false)
  assert.deepEqual(data.columns.map((c) => c.name), ['A', 'B'])
  assert.match(data.dialect.notes.join(' '), /no header line/)
  const mapping = { mapping: { A: 'external_id', B: 'city' } }
  assert.equal((await server.call('POST', `/api/v1/uploads/${data.id}/commit`, mapping)).status, 202)
  assert.deepEqual([(await settled(data.id)).state, (await settled(data.id)).rows.created], ['done', 3])
  assert.equal((await lead('external_id=HD1')).city, 'Rome')
  assert.equal((await lead('external_id=Lead ID')).city, 'City')
})

test('whose export it is and where it ends are found, and can be said otherwise', async () => {
  const u = await send(Buffer.from('Name,Stage,Amount\nAnn,New,5\nBob,Won,7\nGrand Totals,,12\n'), { commit: 'review' })
  const again = async (body) => {
    const r = await server.call('POST', `/api/v1/uploads/${u.id}/profile`, body)
    assert.equal(r.status, 202, r.text)
    const x = await settled(u.id)
    assert.equal(x.state, 'review', JSON.stringify(x.error))
    return x
  }
  const { products } = (await server.call('GET', '/api/v1/fields')).body
  assert.ok(products.includes('HubSpot') && products.includes('Salesforce'))
  assert.equal(u.dialect.footer_lines, 1)
  assert.equal(u.dialect.product, undefined)
  assert.equal(u.preview.length, 2)
  const whole = await again({ footer: false, product: 'Salesforce' })
  assert.deepEqual(whole.asked, { footer: false, product: 'Salesforce' })
  assert.deepEqual([whole.dialect.footer_lines, whole.dialect.product, whole.preview.length], [0, 'Salesforce', 3])
  // It holds for the check and the import as well.
  assert.equal((await server.call('POST', `/api/v1/uploads/${u.id}/check`, {})).status, 202)
  assert.equal((await settled(u.id)).check.create, 3)
  assert.equal((await again({ product: 'none' })).dialect.product, undefined)
  // Whose it is counts: the same header means one thing in one product and nothing in others.
  const h = await send(Buffer.from('Record ID,First Name,Email,Lifecycle Stage,Lead Status\n1,Ann,a@x.org,lead,New\n2,Bob,b@x.org,lead,New\n'), { commit: 'review' })
  assert.equal(h.dialect.product, 'HubSpot')
  assert.equal((await server.call('POST', `/api/v1/uploads/${h.id}/profile`, { product: 'none' })).status, 202)
  assert.equal((await settled(h.id)).dialect.product, undefined)
})

test('delimiter, encoding and the line of the header can be said, and hold to the end', async () => {
  // Semicolons that look like a part of the names, an accent of DOS, two lines above the header.
  const bytes = Buffer.from('My leads, all of them\nmade, by hand\nLead ID,City;Name\nDL1,K\x94ln;Ann\nDL2,Oslo;Bob\n', 'latin1')
  const u = await send(bytes, { commit: 'review' })
  const again = async (body) => {
    const r = await server.call('POST', `/api/v1/uploads/${u.id}/profile`, body)
    return r.status === 202 ? settled(u.id) : r
  }
  for (const [body, pointer] of [[{ delimiter: ';;' }, '/delimiter'], [{ delimiter: '"' }, '/delimiter'],
    [{ encoding: 'latin' }, '/encoding'], [{ header_line: 0 }, '/header_line'], [{ header_line: 1.5 }, '/header_line'],
    [{ header_line: 1001 }, '/header_line'], [{ footer: 'no' }, '/footer'], [{ product: 'Nobody' }, '/product'], [{ quote: '"' }, '/quote']]) {
    const r = await again(body)
    assert.equal(r.status, 422, r.text)
    assert.deepEqual(r.body.errors.map((x) => x.pointer), [pointer])
  }
  const asked = { delimiter: ';', encoding: 'CP850', header_line: 3, header: true }
  const said = await again(asked)
  assert.equal(said.state, 'review', JSON.stringify(said.error))
  assert.deepEqual(said.asked, asked)
  assert.deepEqual([said.dialect.delimiter, said.dialect.encoding, said.dialect.header_line], [';', 'CP850', 3])
  assert.deepEqual(said.columns.map((c) => c.name), ['Lead ID,City', 'Name'])
  assert.deepEqual(said.preview[0], ['DL1,Köln', 'Ann'])
  // A line that is not there ends the reading with a reason, and what was said can be taken back.
  const lost = await again({ header_line: 900 })
  assert.equal(lost.state, 'failed')
  assert.match(lost.error.detail, /no header in line 900/)
  assert.deepEqual(lost.asked, { header_line: 900 })
  assert.equal((await again({})).asked.delimiter, undefined)
  assert.equal((await again(asked)).state, 'review')
  const check = await server.call('POST', `/api/v1/uploads/${u.id}/check`, {})
  assert.equal(check.status, 202)
  assert.equal((await settled(u.id)).check.create, 2)
  const mapping = { mapping: { 'Lead ID,City': 'external_id', Name: 'name' } }
  assert.equal((await server.call('POST', `/api/v1/uploads/${u.id}/commit`, mapping)).status, 202)
  const done = await settled(u.id)
  assert.deepEqual([done.state, done.rows.created], ['done', 2], JSON.stringify(done.error))
  assert.equal((await lead('external_id=DL1,Köln')).name, 'Ann')
})

test('rows that cannot be read are set aside, and can be mended and sent again', async () => {
  const csv = 'Lead ID,Email,City\nR1,r1@example.com,Rome\nR2,r2@example.com,Oslo,too,many\nR3,r3@example.com,Bern\n'
  const u = await send(csv)
  assert.deepEqual([u.rows.read, u.rows.created, u.rows.rejected], [3, 2, 1])
  const r = await server.call('GET', `/api/v1/uploads/${u.id}/errors.csv`)
  assert.equal(r.status, 200)
  assert.match(r.headers.get('content-disposition'), /errors\.csv/)
  const lines = r.text.trim().split(/\r?\n/)
  assert.equal(lines.length, 2)
  assert.match(lines[0], /^heatscore_line,heatscore_column,heatscore_reason,heatscore_cell,Lead ID,Email,City$/)
  assert.match(lines[1], /^3,.*5 cells.*R2/)
  const mended = await send(`${lines[0]}\n,,,,R2,r2@example.com,Oslo\n`)
  assert.equal(mended.rows.created, 1)
  assert.equal((await lead('external_id=R2')).city, 'Oslo')
  assert.ok(!Object.keys((await lead('external_id=R2')).attributes ?? {}).some((k) => k.startsWith('heatscore_')))
})

test('the check shows rows with problems; a rule or a cell given for them holds in the import', async () => {
  const csv = 'Lead ID,Name,Created,Amount\nFX1,Ann,03/04/2026,10\nFX2,Bob,05/06/2026,about ten\nFX3,Cem\n' +
    'FX4,Dan,07/08/2026,12,more\nFX5,"Eve,01/02/2026,9\nFX6,Fay,09/10/2026,11\n'
  const u = await send(csv, { commit: 'review' })
  const mapping = { 'Lead ID': 'external_id', Name: 'name', Created: 'created_at', Amount: 'value' }
  const ask = async (what, more = {}) => {
    const r = await server.call('POST', `/api/v1/uploads/${u.id}/${what}`, { mapping, ...more })
    return r.status === 202 ? settled(u.id) : r
  }
  let { check } = await ask('check')
  const dates = check.problems.find((p) => p.kind === 'date order')
  assert.deepEqual([dates.column, dates.count, dates.line], ['Created', 3, 2])
  assert.equal(check.problem_rows, 4)
  assert.deepEqual(check.shown_rows.map((r) => [r.line, r.fixable, r.columns]),
    [[3, true, ['Amount']], [4, true, []], [5, true, []], [6, false, []]])
  assert.deepEqual(check.shown_rows[0].cells, ['FX2', 'Bob', '05/06/2026', 'about ten'])
  for (const [more, pointer] of [[{ formats: { Nothing: {} } }, '/formats'], [{ formats: { Created: { date_order: 'year first' } } }, '/formats'],
    [{ fixes: [{ line: 0, cells: {} }] }, '/fixes/0'], [{ fixes: [{ line: 3, cells: { Nothing: '' } }] }, '/fixes/0'],
    [{ fixes: [{ line: 3, cells: { Amount: 10 } }] }, '/fixes/0'], [{ fixes: [{ line: 3, cells: {} }, { line: 3, cells: {} }] }, '/fixes'],
    [{ fixes: Array.from({ length: 501 }, (_, i) => ({ line: i + 1, cells: {} })) }, '/fixes']]) {
    const r = await ask('check', more)
    assert.equal(r.status, 422, JSON.stringify(more))
    assert.deepEqual(r.body.errors.map((x) => x.pointer), [pointer])
  }
  const said = { formats: { Created: { date_order: 'month first' } },
    fixes: [{ line: 5, cells: {} }, { line: 3, cells: { Amount: '10.5' } }, { line: 4, cells: { Created: '2026-01-31', Amount: '8' } }] }
  const seen = await ask('check', said)
  check = seen.check
  assert.equal(seen.columns.find((c) => c.name === 'Created').date_order, 'month first')
  assert.equal(seen.fixes, undefined)
  assert.deepEqual([check.create, check.reject, check.problem_rows], [5, 1, 1])
  assert.deepEqual(check.problems.map((p) => p.kind), ['open quote'])
  // What was said in the check holds: the import needs not be told again.
  const done = await ask('commit')
  assert.deepEqual([done.state, done.rows.created, done.rows.rejected], ['done', 5, 1])
  const got = async (id) => { const l = await lead(`external_id=${id}`); return [l.created_at?.slice(0, 10), l.value] }
  assert.deepEqual(await got('FX1'), ['2026-03-04', 10])
  assert.deepEqual(await got('FX2'), ['2026-05-06', 10.5])
  assert.deepEqual(await got('FX3'), ['2026-01-31', 8])
  assert.deepEqual(await got('FX4'), ['2026-07-08', 12])
})

test('a file of rows that were set aside is checked like any other', async () => {
  const head = 'heatscore_line,heatscore_column,heatscore_reason,heatscore_cell,Lead ID,Name'
  const u = await send(`${head}\n2,Name,"has 1 cell, the header has 2",,SA1\n3,,,,SA2,Bob\n`, { commit: 'review' })
  await server.call('POST', `/api/v1/uploads/${u.id}/check`, {})
  const { check } = await settled(u.id)
  assert.equal(check.reject, 1)
  assert.equal(check.problem_rows, 1)
})

test('outcomes are joined from a second file, by id or by e-mail, and make no leads', async () => {
  await send('Lead ID,Email,City,Status\nJ1,j1@example.com,Rome,Open\nJ2,j2@example.com,Oslo,Open\n')
  const count = await total()
  const u = await send('Email,Result\nJ1@Example.com,won\nj2@example.com,lost\nnobody@example.com,won\n', { commit: 'review' })
  await server.call('POST', `/api/v1/uploads/${u.id}/commit`,
    { mapping: { Email: 'email', Result: 'outcome' }, mode: 'update_only' })
  const done = await settled(u.id)
  assert.equal(done.state, 'done', JSON.stringify(done.error))
  assert.deepEqual([done.rows.read, done.rows.updated, done.rows.rejected, done.rows.created], [3, 2, 1, 0])
  assert.equal(await total(), count)
  const j1 = await lead('external_id=J1')
  assert.equal(j1.outcome, 'won')
  assert.equal(j1.city, 'Rome')
  assert.equal(j1.stale, false)
  assert.equal((await lead('external_id=J2')).outcome, 'lost')
  const errors = await server.call('GET', `/api/v1/uploads/${u.id}/errors.csv`)
  assert.match(errors.text, /nobody@example\.com/)
})

test('rows of one lead: the last counts, once; rows without a key are told apart', async () => {
  const csv = 'Email,City\nd@example.com,A\nd@example.com,B\nD@example.com ,C\n,x\n,x\n,y\n'
  const u = await send(csv)
  assert.deepEqual([u.rows.read, u.rows.created, u.rows.unchanged], [6, 4, 2])
  assert.equal((await lead('email=d@example.com')).city, 'C')
  const again = await send(csv)
  assert.deepEqual([again.rows.unchanged, sums(again)], [6, 6])
})

test('two files with the same columns, each with its own order of day and month and decimal mark', async () => {
  const columns = 'Lead ID,Lead Source,Job Title,Country,Employees,Created'
  const file = (id, mark, date) => `${columns}\n${id},Referral,CEO,Germany,"1,200",03/04/2025\n` +
    `${id}x,Referral,CEO,Germany,"${mark}",${date}\n`
  const kept = async (id) => (({ probability, score, heat }) => ({ probability, score, heat }))(await lead(`external_id=${id}`))
  await send(file('FA', '12,5', '25/03/2025'))
  const a = await kept('FA')
  await send(file('FB', '12.5', '03/25/2025'))
  const b = await kept('FB')
  assert.notDeepEqual(a, b, 'the same cells are other figures')
  for (const id of ['FA', 'FB']) {
    const { id: ulid } = await lead(`external_id=${id}`)
    assert.equal((await server.call('POST', `/api/v1/leads/${ulid}/rescore`)).status, 200)
  }
  assert.deepEqual(await kept('FA'), a)
  assert.deepEqual(await kept('FB'), b)
})

test('gzip, UTF-16 and files that are none', async () => {
  const csv = 'Lead ID,City\nG1,Zürich\n'
  assert.equal((await send(gzipSync(Buffer.from(csv)), { name: 'leads.csv.gz' })).rows.created, 1)
  const u = await send(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(csv.replace('G1', 'G2'), 'utf16le')]))
  assert.equal(u.rows.created, 1)
  assert.equal((await lead('external_id=G2')).city, 'Zürich')
  for (const junk of [Buffer.from('%PDF-1.7 x'), Buffer.from([0x1f, 0x8b, 8, 0, 1, 2]), Buffer.from('<html><body>')]) {
    const bad = await send(junk)
    assert.equal(bad.state, 'failed')
    assert.match(bad.error.detail, /^leads\.csv.* \S/, 'it is named as it was sent, not as it lies on the server')
    assert.ok(!bad.error.detail.includes(server.dir))
  }
  assert.equal((await server.call('POST', '/api/v1/upload', Buffer.alloc(0))).status, 422)
})

test('an upload can be listed, watched, cancelled and discarded', async () => {
  const u = await send('Lead ID,City\nC1,Rome\n', { commit: 'review' })
  const list = (await server.call('GET', '/api/v1/uploads?limit=2')).body
  assert.equal(list.items[0].id, u.id)
  assert.equal(list.items[0].columns, undefined)
  assert.ok(list.next_cursor)
  const next = (await server.call('GET', `/api/v1/uploads?limit=2&cursor=${list.next_cursor}`)).body
  assert.ok(!next.items.some((x) => list.items.some((y) => y.id === x.id)))
  const events = await fetch(`${server.url}/api/v1/uploads/${u.id}/events`,
    { headers: { Authorization: `Bearer ${server.key}` } })
  assert.equal(events.status, 200)
  const reader = events.body.getReader()
  let text = ''
  while (!/event: upload/.test(text)) text += new TextDecoder().decode((await reader.read()).value)
  assert.match(text, /"state":"review"/)
  await reader.cancel()
  assert.equal((await server.call('POST', `/api/v1/uploads/${u.id}/cancel`)).status, 202)
  assert.equal((await settled(u.id)).state, 'cancelled')
  assert.equal((await server.call('GET', `/api/v1/uploads/${u.id}/file`)).status, 200)
  assert.equal((await server.call('DELETE', `/api/v1/uploads/${u.id}`)).status, 204)
  assert.equal((await server.call('GET', `/api/v1/uploads/${u.id}/file`)).status, 404)
  assert.equal((await server.call('GET', '/api/v1/uploads/01ARZ3NDEKTSV4RRFFQ69G5FAV')).status, 404)
  assert.equal((await server.call('GET', '/api/v1/uploads/nothing')).status, 404)
})

test('a retried upload with one Idempotency-Key is one upload', async () => {
  const body = Buffer.from('Lead ID,City\nI1,Rome\n')
  const once = () => server.call('POST', '/api/v1/upload?filename=i.csv&commit=auto', body, { 'Idempotency-Key': 'k-upload-1' })
  const a = await once()
  const b = await once()
  assert.equal(a.status, 202)
  assert.equal(b.body.id, a.body.id)
  assert.equal(b.headers.get('idempotency-replayed'), 'true')
  const other = await server.call('POST', '/api/v1/upload?filename=i.csv&commit=auto', Buffer.from('Lead ID\nI2\n'), { 'Idempotency-Key': 'k-upload-1' })
  assert.equal(other.status, 422)
})

test('fields that columns can be mapped to are listed', async () => {
  const { body } = await server.call('GET', '/api/v1/fields')
  assert.ok(body.items.find((f) => f.name === 'email' && f.kind === 'text'))
  assert.ok(body.items.find((f) => f.name === 'created_at' && f.kind === 'date'))
  assert.ok(body.items.every((f) => f.description))
})

test('real exports come in whole', { skip: !have(`${shared}/data`) && 'no shared data' }, async (t) => {
  const { readdirSync } = await import('node:fs')
  const files = readdirSync(`${shared}/data`, { recursive: true }).map(String)
    .filter((f) => /\.csv(\.gz)?$/.test(f)).slice(0, 8)
  assert.ok(files.length > 0)
  const own = await start()
  t.after(() => own.stop())
  for (const f of files) {
    const u = await send(readFileSync(join(shared, 'data', f)), { name: encodeURIComponent(f.replaceAll('/', '_')), s: own })
    assert.equal(u.state, 'done', `${f}: ${JSON.stringify(u.error)}`)
    assert.equal(sums(u), u.rows.read, f)
    const again = await send(readFileSync(join(shared, 'data', f)), { s: own })
    assert.equal(again.rows.unchanged + again.rows.rejected, again.rows.read, f)
    assert.equal(again.rows.rejected, u.rows.rejected, f)
    t.diagnostic(`${f}: ${JSON.stringify(u.rows)} key ${u.columns.filter((c) => ['email', 'external_id'].includes(c.field)).map((c) => c.field)}`)
  }
})
