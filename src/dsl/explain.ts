/** What the ops are, in words for a terminal: `ibot explain`. */
import * as E from 'fp-ts/Either'
import type { Problem } from '../base/failure'
import { type Row, rowsOf } from './describe'
import { exampleOf } from './example'
import { nearest } from './nearest'
import { opToYaml } from './print'
import { isStage, type Registry } from './registry'
import { kindsOf } from './schema'
import type { OpSpec } from './spec'
import type { AnyKind, Op } from './type'
import { opToTypeScript } from './typescript'

/** All about an op, or about a kind of ops; what is called so in several kinds is told one after the other. */
export const explain = (registry: Registry, name: string): E.Either<Problem, string> => {
  const specs = registry.ops.filter((spec) => spec.name === name)
  const kinds = kindsOf(registry)
  const kind = kinds.find((one) => one.name === name)
  if (specs.length > 0 || kind)
    return E.right([...specs.map((spec) => opText(registry, spec)), ...(kind ? [kindText(registry, kind)] : [])].join('\n\n'))
  const known = [...new Set([...registry.ops.map((spec) => spec.name), ...kinds.map((one) => one.name)])]
  const guess = nearest(name, known)
  return E.left({
    code: 'unknown-op',
    path: [],
    at: 'value',
    message: `there is no op or kind '${name}'`,
    suggestion: guess ? `did you mean '${guess}'?` : `the kinds are ${kinds.map((one) => one.name).join(', ')}`,
  })
}

/** All ops by kind, a line each. */
export const overview = (registry: Registry): string =>
  kindsOf(registry)
    .map((kind) => kindText(registry, kind))
    .join('\n\n')

const indent = (text: string, by = '  '): string => text.replace(/^(?=.)/gm, by)

const kindText = (registry: Registry, kind: AnyKind): string => {
  const specs = registry.ops.filter((spec) => spec.kind.name === kind.name)
  const modifiers = Object.entries(kind.modifiers ?? {}).map(([key, { field }]) => `\nany of them takes ${key}: ${field.doc}`)
  const heading = `${kind.name}${kind.sugar ? ` (also written as ${kind.sugar.expected})` : ''}${modifiers.join('')}`
  return [heading, indent(table(specs.map((spec) => [spec.name, spec.doc])))].join('\n')
}

const opText = (registry: Registry, spec: OpSpec): string => {
  const lines = (label: string, text: string | undefined) => (text === undefined ? [] : [`${label}${text}`])
  return [
    `${spec.name}: ${spec.kind.article}`,
    indent(
      [
        spec.doc,
        ...lines('', spec.equation),
        ...lines('Source: ', spec.source),
        ...(isStage(spec)
          ? [`Needs: ${spec.needs.join(', ') || 'nothing'}`, `Gives: ${spec.gives.join(', ') || 'nothing'}`]
          : []),
      ].join('\n'),
    ),
    parametersText(spec),
    ...exampleText(registry, spec),
  ].join('\n\n')
}

const parametersText = (spec: OpSpec): string => {
  const modifiers = Object.entries(spec.kind.modifiers ?? {}).filter(([key]) => !Object.hasOwn(spec.fields, key))
  const rows = rowsOf({ ...spec.fields, ...Object.fromEntries(modifiers.map(([key, { field }]) => [key, field])) })
  if (rows.length === 0) return 'It has no parameters.'
  const cells = rows.map((row: Row) => [row.name, row.type, row.fallback, row.doc])
  const alone = spec.main === undefined ? '' : `\n  '${spec.main}' may be written alone: '${spec.name}: …'`
  return `Parameters\n${indent(table([['name', 'type', 'default', 'meaning'], ...cells]))}${alone}`
}

const exampleText = (registry: Registry, spec: OpSpec): readonly string[] => {
  const example = exampleOf(registry, spec)
  return example === undefined
    ? []
    : [`YAML\n${indent(opToYaml(example))}`, `TypeScript\n${indent(opToTypeScript(registry, spec.kind, example as Op))}`]
}

/** Columns two spaces apart, the last as long as it is. */
const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows
    .map((row) => row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!))).join('  '))
    .join('\n')
}
