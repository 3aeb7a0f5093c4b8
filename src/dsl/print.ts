/** A plan as YAML in its canonical form: sugar removed, every value written out, short things on one line. */
import type { Plan } from './plan'
import type { Json } from './type'

/** Lines are broken where they would become longer than this. */
const WIDEST = 100

/** The document of a plan; the header stands above it as a comment. */
export const toYaml = (plan: Plan, header?: string): string => {
  const comment =
    header === undefined
      ? []
      : header
          .trimEnd()
          .split('\n')
          .map((line) => `# ${line}`.trimEnd())
  return [...comment, ...mappingLines({ name: plan.name, pipeline: plan.pipeline }, 0), ''].join('\n')
}

/** One op as YAML, in as many lines as it takes. */
export const opToYaml = (op: Mapping): string => blockLines(op, 1).join('\n')

type Mapping = { readonly [key: string]: Json }
const isMapping = (value: Json): value is Mapping => typeof value === 'object' && value !== null && !Array.isArray(value)
const isList = (value: Json): value is readonly Json[] => Array.isArray(value)

// -------------------------------------------------------------------------------------------------------- scalars

/** The shortest readable form of a number that reads back as the same: small ones as 5e-4. */
export const numberText = (n: number): string => {
  if (Object.is(n, -0)) return '-0'
  return n !== 0 && Math.abs(n) < 1e-3 ? n.toExponential() : String(n)
}

/** Words that YAML, in this version or the one before, takes for something else than text. */
const OTHER = /^(?:true|false|yes|no|on|off|y|n|null|\.inf|\.nan)$|^\.{3}|^[\d.][\d_.e+-]*$|^0[box]/i
const PLAIN = /^[\w./][\w./+%-]*(?: [\w./+%-]*[\w%])*$/

/** A text without quotes where YAML reads it back as the same text, also inside [ ] and { }. */
const textYaml = (text: string): string => (PLAIN.test(text) && !OTHER.test(text) ? text : quoted(text))

/** A text between double quotes, in YAML and TypeScript alike. */
export const quoted = (text: string): string =>
  JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

const scalarYaml = (value: null | boolean | number | string): string =>
  typeof value === 'string' ? textYaml(value) : typeof value === 'number' ? numberText(value) : String(value)

// ----------------------------------------------------------------------------------------------------- one line

/** A value on one line. */
export const flow = (value: Json): string => {
  if (isList(value)) return `[${value.map(flowItem).join(', ')}]`
  if (!isMapping(value)) return scalarYaml(value)
  const entries = Object.entries(value).map(flowEntry)
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
}

const flowEntry = ([key, value]: readonly [string, Json]): string => `${textYaml(key)}: ${flow(value)}`

/** In a list an op needs no braces. */
const flowItem = (value: Json): string => {
  const entries = isMapping(value) ? Object.entries(value) : []
  return entries.length === 1 ? flowEntry(entries[0]!) : flow(value)
}

// --------------------------------------------------------------------------------------------------------- lines

const indented = (lines: readonly string[], by: string): readonly string[] => lines.map((line) => by + line)
const fits = (line: string, column: number): boolean => column + line.length <= WIDEST

/** Whether a list reads better one item a line, whatever its length: a pipeline, or mappings with mappings in them. */
const isLong = (value: Json): boolean =>
  isList(value) &&
  value.some((item) => isMapping(item) && Object.values(item).some((part) => isList(part) && part.some(isMapping)))

const mappingLines = (mapping: Mapping, column: number): readonly string[] =>
  Object.entries(mapping).flatMap(([key, value]) => entryLines(key, value, column))

const entryLines = (key: string, value: Json, column: number): readonly string[] => {
  const line = `${textYaml(key)}: ${flow(value)}`
  const empty = typeof value !== 'object' || value === null || Object.keys(value).length === 0
  if (empty || (column > 0 && fits(line, column) && !containsLong(value))) return [line]
  return [`${textYaml(key)}:`, ...indented(blockLines(value, column + 2), '  ')]
}

const containsLong = (value: Json): boolean =>
  isLong(value) || (isMapping(value) ? Object.values(value).some(containsLong) : isList(value) && value.some(containsLong))

const blockLines = (value: Json, column: number): readonly string[] => {
  if (isMapping(value)) return mappingLines(value, column)
  return isList(value) ? value.flatMap((item) => itemLines(item, column)) : [scalarYaml(value)]
}

const itemLines = (item: Json, column: number): readonly string[] => {
  const empty = typeof item !== 'object' || item === null || Object.keys(item).length === 0
  const line = flow(item)
  const short = empty || (isList(item) && fits(line, column + 2) && !containsLong(item))
  const [first = '', ...rest] = short ? [line] : blockLines(item, column + 2)
  return [`- ${first}`, ...indented(rest, '  ')]
}
