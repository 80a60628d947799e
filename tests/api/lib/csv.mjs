// SPDX-License-Identifier: Apache-2.0
/** Cells of a CSV whose cells are all quoted, as RFC 4180 reads them. */
export function parse(text) {
  const rows = [[]]
  let i = 0
  while (i < text.length) {
    if (text[i] !== '"') throw new Error(`a cell that is not quoted at ${i}: ${text.slice(i, i + 40)}`)
    let cell = ''
    for (i++; ; i++) {
      if (i >= text.length) throw new Error('a quote that is not closed')
      if (text[i] === '"' && text[i + 1] !== '"') break
      if (text[i] === '"') i++
      cell += text[i]
    }
    rows.at(-1).push(cell)
    i++
    if (text[i] === ',') i++
    else if (text.startsWith('\r\n', i)) {
      i += 2
      if (i < text.length) rows.push([])
    } else throw new Error(`behind a cell at ${i}: ${text.slice(i, i + 20)}`)
  }
  const [header, ...rest] = rows
  for (const r of rest) if (r.length !== header.length) throw new Error('rows of different lengths')
  return { header, rows: rest.map((r) => Object.fromEntries(header.map((h, k) => [h, r[k]]))) }
}
