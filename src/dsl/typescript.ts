/** A plan as a TypeScript module that makes the same plan. */

import { isAbsolute } from 'node:path'
import { pathHere } from '../base/command'
import { isMainAlone } from './decode'
import type { Plan } from './plan'
import { numberText, quoted } from './print'
import type { Registry } from './registry'
import { stageKind } from './spec'
import { type AnyKind, type AnyType, type Fields, type Json, type Op, opBody, opName } from './type'

const WIDEST = 100
/** `pipe` takes one value and at most this many functions. */
const STAGES_PER_PIPE = 19

/** Code that can be laid out on one line or, its items one a line, on several. */
interface Group {
  readonly open: string
  readonly items: readonly Code[]
  readonly close: string
  /** What stands inside the brackets on one line. */
  readonly space: string
  /** The function that is called. */
  readonly calls?: string | undefined
}
type Code = string | Group

const call = (name: string, items: readonly Code[]): Group => ({ open: `${name}(`, items, close: ')', space: '', calls: name })
const listOf = (items: readonly Code[]): Code => ({ open: '[', items, close: ']', space: '' })
const objectOf = (items: readonly Code[]): Group => ({ open: '{', items, close: '}', space: items.length === 0 ? '' : ' ' })
/** A call with one object reads best without a line for each bracket. */
const callWithObject = (name: string, object: Group): Group => ({
  ...object,
  open: `${name}(${object.open}`,
  close: `${object.close})`,
  calls: name,
})

/** The module that exports the plan as a constant named after it. */
export const toTypeScript = (registry: Registry, plan: Plan, header?: string): string => {
  const stages = plan.pipeline.map((stage) => opCode(registry, stageKind, stage))
  const body = piped(call('pipeline', [singleQuoted(plan.name)]), stages)
  const used = [...new Set(namesIn(body))].sort()
  const modules = new Map(registry.ops.flatMap(({ name, module }) => (module === undefined ? [] : [[name, module] as const])))
  const imports = [undefined, ...new Set(modules.values())].flatMap((module) => {
    const names = used.filter((name) => modules.get(name) === module)
    return names.length === 0 ? [] : [importOf(names, module)]
  })
  const comment =
    header === undefined
      ? []
      : [
          '/**',
          ...header
            .trimEnd()
            .split('\n')
            .map((line) => ` * ${line.replaceAll('*/', '* /')}`.trimEnd()),
          ' */',
        ]
  return [...imports, '', ...comment, `export const ${constantName(plan.name, used)} = ${laidOut(body, 0, true)}`, ''].join('\n')
}

/** Names from a module of the user's, which is found from the current folder, or from ibot. */
const importOf = (names: readonly string[], module: string | undefined): string => {
  const path = module === undefined ? 'ibot' : pathHere(module)
  const from = module === undefined || isAbsolute(path) ? path : `./${path}`
  return laidOut({ open: 'import {', items: names, close: `} from ${singleQuoted(from)}`, space: ' ' }, 0)
}

/** One op as the call that makes it. */
export const opToTypeScript = (registry: Registry, kind: AnyKind, op: Op): string => laidOut(opCode(registry, kind, op), 0)

const piped = (start: Code, stages: readonly Code[]): Code => {
  const rest = stages.slice(STAGES_PER_PIPE)
  const head = call('pipe', [start, ...stages.slice(0, STAGES_PER_PIPE)])
  return rest.length === 0 ? head : piped(head, rest)
}

const namesIn = (code: Code): readonly string[] =>
  typeof code === 'string' ? [] : [...(code.calls === undefined ? [] : [code.calls]), ...code.items.flatMap(namesIn)]

const RESERVED =
  'await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while with yield arguments eval NaN Infinity'.split(
    ' ',
  )

/** 'ibot-vits16' → ibotVits16, apart from every name that the module uses. */
const constantName = (name: string, used: readonly string[]): string => {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== '')
  const joined = words
    .map((word, i) => (i === 0 ? word.charAt(0).toLowerCase() : word.charAt(0).toUpperCase()) + word.slice(1))
    .join('')
  const valid = /^[A-Za-z]/.test(joined) ? joined : `plan${joined}`
  return used.includes(valid) || RESERVED.includes(valid) ? `${valid}Plan` : valid
}

// ---------------------------------------------------------------------------------------------------- from values

const isMapping = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An op, decoded or still as it was written. */
const opCode = (registry: Registry, kind: AnyKind, op: Json): Code => {
  // A bare name, or whatever else is short for an op and as short in TypeScript.
  if (typeof op === 'string' && registry.find(kind, op)) return call(op, [])
  if (!isMapping(op)) return plainCode(op)
  const spec = registry.find(kind, opName(op as Op))
  if (spec === undefined) throw new RangeError(`'${opName(op as Op)}' was not decoded with this registry`)
  const body: Json = opBody(op as Op)
  const main = spec.main === undefined ? undefined : spec.fields[spec.main]
  if (isMainAlone(registry, spec, body)) return call(spec.name, main === undefined ? [] : [valueCode(registry, main.type, body)])
  const modifiers = Object.entries(kind.modifiers ?? {}).map(([key, modifier]) => [key, modifier.field] as const)
  const object = fieldsCode(
    registry,
    { ...Object.fromEntries(modifiers), ...spec.fields },
    body as Readonly<Record<string, Json>>,
  )
  return object.items.length === 0 ? call(spec.name, []) : callWithObject(spec.name, object)
}

const fieldsCode = (registry: Registry, fields: Fields, values: Readonly<Record<string, Json>>): Group =>
  objectOf(
    Object.entries(values).map(([key, value]) => {
      const field = fields[key]
      return labelled(key, field ? valueCode(registry, field.type, value) : plainCode(value))
    }),
  )

const labelled = (key: string, code: Code): Code => {
  const label = /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key)
  return typeof code === 'string' ? `${label}: ${code}` : { ...code, open: `${label}: ${code.open}` }
}

const valueCode = (registry: Registry, type: AnyType, value: Json): Code => {
  const node: AnyType['node'] = type.node
  switch (node.tag) {
    case 'leaf':
      return plainCode(value)
    case 'list':
      return Array.isArray(value)
        ? listOf(value.map((item: Json) => valueCode(registry, node.item, item)))
        : valueCode(registry, node.item, value)
    case 'struct':
      return isMapping(value) ? fieldsCode(registry, node.fields, value) : plainCode(value)
    case 'op':
    case 'numberOr':
      return opCode(registry, node.kind, value)
    case 'steps':
      return Array.isArray(value)
        ? listOf(value.map((step: Json, i) => opCode(registry, i === value.length - 1 ? node.last : node.before, step)))
        : opCode(registry, node.last, value)
  }
}

const plainCode = (value: Json): Code => {
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'string') return singleQuoted(value)
  if (Array.isArray(value)) return listOf(value.map(plainCode))
  return isMapping(value) ? objectOf(Object.entries(value).map(([key, part]) => labelled(key, plainCode(part)))) : String(value)
}

const singleQuoted = (text: string): string => (quoted(text) === `"${text}"` && !text.includes("'") ? `'${text}'` : quoted(text))

// --------------------------------------------------------------------------------------------------------- layout

const flat = (code: Code): string =>
  typeof code === 'string' ? code : `${code.open}${code.space}${code.items.map(flat).join(', ')}${code.space}${code.close}`

/** On one line where that fits, else its items one a line; `open` forces the latter. */
const laidOut = (code: Code, column: number, open = false): string => {
  const line = flat(code)
  if (typeof code === 'string' || (!open && column + line.length + 1 <= WIDEST)) return line
  const indent = ' '.repeat(column + 2)
  // A pipe inside a pipe is as much a list of stages as the outer one.
  const items = code.items.map((item) => {
    const nested = typeof item !== 'string' && item.calls === 'pipe'
    return `${indent}${laidOut(item, column + 2, nested)},\n`
  })
  return `${code.open}\n${items.join('')}${' '.repeat(column)}${code.close}`
}
