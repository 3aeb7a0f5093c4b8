/** How large a value is once everything in it is written out. */
import { Unreadable } from './bytes'
import type { Limits } from './machine'
import { partsOf, type Value } from './value'

interface Extent {
  readonly height: number
  readonly count: number
}

const LEAF: Extent = { height: 0, count: 1 }

/**
 * Refuses a value that contains itself, lies too deep, or is huge once each value that stands in several places is counted
 * in each: whoever walks through it then comes to an end.
 */
export const checkBounds = (value: Value, { depth, values }: Limits): void => {
  const known = new Map<Value, Extent>()
  const open = new Set<Value>()
  const extent = (one: Value): Extent => {
    if (typeof one !== 'object' || one === null || one instanceof Uint8Array) return LEAF
    const before = known.get(one)
    if (before !== undefined) return before
    if (open.has(one)) throw new Unreadable('a value in it contains itself')
    if (open.size >= depth) throw new Unreadable(`its values are nested more than ${depth} deep`)
    open.add(one)
    let height = 0
    let count = 1
    for (const part of partsOf(one)) {
      const inner = extent(part)
      height = Math.max(height, inner.height + 1)
      count += inner.count
    }
    if (height > depth) throw new Unreadable(`its values are nested more than ${depth} deep`)
    if (count > values) throw new Unreadable(`it unfolds to more than ${values} values`)
    open.delete(one)
    const found = { height, count }
    known.set(one, found)
    return found
  }
  extent(value)
}
