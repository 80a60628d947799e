// SPDX-License-Identifier: Apache-2.0
// The part of JSON Schema 2020-12 that the API description uses: checking values, and making them.

/** What of ${v} does not fit ${schema}: sentences with a pointer; none when all fits. */
export function faults(doc, schema, v, at = '') {
  if (schema === undefined || schema === true) return []
  if (schema.$ref) return faults(doc, follow(doc, schema.$ref), v, at)
  const out = []
  const say = (why) => out.push(`${at || '/'}: ${why}`)
  const kind = v === null ? 'null' : Array.isArray(v) ? 'array' : typeof v === 'number' && Number.isInteger(v) ? 'integer' : typeof v
  const types = schema.type === undefined ? null : [schema.type].flat()
  if (types && !types.includes(kind) && !(kind === 'integer' && types.includes('number')))
    say(`${kind} is not ${types.join(' or ')}`)
  if (schema.enum && !schema.enum.some((x) => JSON.stringify(x) === JSON.stringify(v))) say(`${JSON.stringify(v)} is none of ${JSON.stringify(schema.enum)}`)
  if ('const' in schema && JSON.stringify(schema.const) !== JSON.stringify(v)) say(`is not ${JSON.stringify(schema.const)}`)
  for (const s of schema.allOf ?? []) out.push(...faults(doc, s, v, at))
  if (schema.anyOf && !schema.anyOf.some((s) => faults(doc, s, v, at).length === 0)) say('fits none of anyOf')
  if (schema.oneOf && schema.oneOf.filter((s) => faults(doc, s, v, at).length === 0).length !== 1) say('does not fit exactly one of oneOf')
  if (kind === 'string') {
    const n = [...v].length
    if (schema.minLength > n || schema.maxLength < n) say('wrong length')
    if (schema.pattern && !new RegExp(schema.pattern, 'u').test(v)) say(`"${v}" is not ${schema.pattern}`)
    if (schema.format === 'date-time' && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(v)) say(`"${v}" is no time`)
    if (schema.format === 'date' && !/^\d{4}-\d\d-\d\d$/.test(v)) say(`"${v}" is no date`)
  }
  if (kind === 'number' || kind === 'integer') if (schema.minimum > v || schema.maximum < v) say(`${v} is out of range`)
  if (kind === 'array') {
    if (schema.minItems > v.length || schema.maxItems < v.length) say('wrong number of items')
    v.forEach((x, i) => out.push(...faults(doc, schema.items, x, `${at}/${i}`)))
  }
  if (kind === 'object') {
    for (const name of schema.required ?? []) if (!(name in v)) say(`lacks ${name}`)
    for (const [name, x] of Object.entries(v)) {
      const s = schema.properties?.[name]
      if (s !== undefined) out.push(...faults(doc, s, x, `${at}/${name}`))
      else if (schema.additionalProperties === false) say(`has ${name}`)
      else if (typeof schema.additionalProperties === 'object') out.push(...faults(doc, schema.additionalProperties, x, `${at}/${name}`))
    }
  }
  return out
}

export function follow(doc, ref) {
  return ref.slice(2).split('/').reduce((x, k) => x?.[k], doc)
}

const words = ['', ' ', 'a', 'Ada', 'x'.repeat(300), 'ünï©ode', '日本語', '😀', '"', "'", '%', '\\', '<script>', '=1+1', "' OR 1=1 --", '$gt',
  '../../etc/passwd', 'null', '0', '-1', '1e308', 'true', '{}', '[]', '2026-02-30', '\u202e', 'a\u0000b', '\ud800']

/** Anything at all. */
export function anything(rnd, depth = 2) {
  switch (rnd(depth > 0 ? 9 : 6)) {
    case 0: return null
    case 1: return rnd(2) === 0
    case 2: return [0, -1, 1.5, 1e300, 2 ** 53, -0, 100, 501][rnd(8)]
    case 3: case 4: case 5: return words[rnd(words.length)]
    case 6: return Array.from({ length: rnd(4) }, () => anything(rnd, depth - 1))
    default: return Object.fromEntries(Array.from({ length: rnd(4) }, () => [words[rnd(words.length)], anything(rnd, depth - 1)]))
  }
}

/** A value that fits. */
export function fitting(doc, schema, rnd, name = '') {
  if (schema === undefined || schema === true) return anything(rnd, 1)
  if (schema.$ref) return fitting(doc, follow(doc, schema.$ref), rnd, name)
  if ('const' in schema) return schema.const
  if (schema.enum) return schema.enum[rnd(schema.enum.length)]
  for (const k of ['oneOf', 'anyOf']) if (schema[k]) return fitting(doc, schema[k][rnd(schema[k].length)], rnd, name)
  const types = [schema.type ?? 'object'].flat()
  switch (types[rnd(types.length)]) {
    case 'null': return null
    case 'boolean': return rnd(2) === 0
    case 'integer': {
      const lo = schema.minimum ?? 0, hi = schema.maximum ?? lo + 100
      return lo + rnd(hi - lo + 1)
    }
    case 'number': {
      const lo = schema.minimum ?? 0, hi = schema.maximum ?? lo + 100
      return lo + (hi - lo) * rnd(1001) / 1000
    }
    case 'array': return Array.from({ length: Math.max(schema.minItems ?? 0, rnd(3)) }, () => fitting(doc, schema.items, rnd, name))
    case 'string': {
      if (schema.format === 'date-time') return new Date(1.7e12 + rnd(8e7) * 1000).toISOString()
      if (schema.format === 'date') return new Date(1.7e12 + rnd(8e7) * 1000).toISOString().slice(0, 10)
      if (schema.pattern?.includes('[0-9a-f]{32}')) return Array.from({ length: 32 }, () => '0123456789abcdef'[rnd(16)]).join('')
      if (schema.pattern?.includes('{26}')) return Array.from({ length: 26 }, () => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[rnd(32)]).join('')
      const s = [`${name} ${rnd(1000)}`, `t${rnd(1e6)}`, 'ünïcode', 'a,b', "O'Brien"][rnd(5)].trim() || 'x'
      return s.slice(0, schema.maxLength ?? 200)
    }
    default: {
      const out = {}
      const props = Object.entries(schema.properties ?? {})
      for (const [k, s] of props) if (schema.required?.includes(k) || rnd(3) === 0) out[k] = fitting(doc, s, rnd, k)
      if (schema.minProperties && Object.keys(out).length === 0 && props.length) {
        const [k, s] = props[rnd(props.length)]
        out[k] = fitting(doc, s, rnd, k)
      }
      return out
    }
  }
}
