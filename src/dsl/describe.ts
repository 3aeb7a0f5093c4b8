/** The words for what a parameter may be, as the documentation uses them. */
import { flow } from './print'
import type { AnyType, Fields, Json, Node } from './type'

/** A row of a table of parameters; those inside mappings have paths such as `global[].times`. */
export interface Row {
  readonly name: string
  readonly type: string
  readonly fallback: string
  readonly doc: string
}

/** One row a parameter, then one for each key inside it. */
export const rowsOf = (fields: Fields, prefix = ''): readonly Row[] =>
  Object.entries(fields).flatMap(([key, field]) => [
    {
      name: prefix + key,
      type: typeText(field.type),
      fallback: field.fallback !== undefined ? flow(field.fallback as Json) : field.optional ? '–' : 'required',
      doc: field.doc,
    },
    ...rowsInside(field.type.node, prefix + key),
  ])

const rowsInside = (node: Node, path: string): readonly Row[] =>
  node.tag === 'struct' ? rowsOf(node.fields, `${path}.`) : node.tag === 'list' ? rowsInside(node.item.node, `${path}[]`) : []

export const typeText = (type: AnyType): string => {
  const node: Node = type.node
  switch (node.tag) {
    case 'leaf':
      return node.expected
    case 'list':
      return `${node.single ? `${typeText(node.item)}, or a list of them` : `a list, each ${typeText(node.item)}`}${lengths(node.min, node.max)}`
    case 'struct':
      return 'a mapping'
    case 'op':
      return node.kind.article
    case 'numberOr':
      return `a number or ${node.kind.article}`
    case 'steps':
      return `a list, each ${node.before.article}, the last ${node.last.article}`
  }
}

const lengths = (min: number, max: number): string =>
  min === max
    ? ` (exactly ${min})`
    : max !== Number.MAX_SAFE_INTEGER
      ? ` (${min} to ${max})`
      : min > 1
        ? ` (at least ${min})`
        : ''
