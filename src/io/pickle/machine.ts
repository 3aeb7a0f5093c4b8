/** The stack and the memory that a pickle's instructions work on. */
import { Unreadable } from './bytes'
import { Global, Instance, type Value } from './value'

export interface Limits {
  /** Instructions, each of which makes one value or none. */
  readonly instructions: number
  /** How deep values may lie in one another. */
  readonly depth: number
  /** Values in all, one that stands in several places counted in each. */
  readonly values: number
}

export interface Machine {
  readonly push: (value: Value) => void
  readonly pop: () => Value
  readonly top: () => Value
  readonly mark: () => void
  /** The values since the last mark. */
  readonly sinceMark: () => Value[]
  /** Drops the top: a mark, if one is there. */
  readonly drop: () => void
  readonly put: (key: number, value: Value) => void
  readonly get: (key: number) => Value
  /** How many values are remembered. */
  readonly remembered: () => number
  /** A class or function that may be named. */
  readonly global: (module: string, name: string) => Global
}

/** A name that may be anything, for a terminal. */
const printable = (name: string): string => name.slice(0, 100).replace(/[^\x20-\x7e]/g, '?')

export const machine = (allowed: ReadonlySet<string>): Machine => {
  const below: Value[][] = []
  let stack: Value[] = []
  const memo = new Map<number, Value>()
  const empty = (): never => {
    throw new Unreadable('it takes a value from an empty stack')
  }
  const pop = (): Value => (stack.length === 0 ? empty() : stack.pop()!)
  const top = (): Value => (stack.length === 0 ? empty() : stack[stack.length - 1]!)
  const sinceMark = (): Value[] => {
    const before = below.pop()
    if (before === undefined) throw new Unreadable('it goes back to a mark that is missing')
    const values = stack
    stack = before
    return values
  }
  return {
    push: (value) => {
      stack.push(value)
    },
    pop,
    top,
    mark: () => {
      below.push(stack)
      stack = []
    },
    sinceMark,
    drop: () => {
      if (stack.length > 0) stack.pop()
      else sinceMark()
    },
    put: (key, value) => {
      memo.set(key, value)
    },
    get: (key) => {
      const value = memo.get(key)
      if (value === undefined) throw new Unreadable(`it recalls value ${key}, which it did not remember`)
      return value
    },
    remembered: () => memo.size,
    global: (module, name) => {
      const full = `${module}.${name}`
      if (!allowed.has(full)) throw new Unreadable(`it asks for ${printable(full)}, which nothing that is read here needs`)
      return new Global(full)
    },
  }
}

/** Python's own way to make an object without its constructor, in protocols 0 and 1. */
const RECONSTRUCTORS: readonly string[] = ['copyreg._reconstructor', 'copy_reg._reconstructor']

const isTuple = (value: Value | undefined): value is readonly Value[] => Array.isArray(value) && Object.isFrozen(value)

/** What a class or function would make of arguments. */
export const called = (callee: Value, args: Value): Instance => {
  if (!(callee instanceof Global)) throw new Unreadable('it calls what is neither a class nor a function')
  if (!isTuple(args)) throw new Unreadable(`it calls ${callee.name} with arguments that are no tuple`)
  const [first] = args
  return RECONSTRUCTORS.includes(callee.name) && first instanceof Global
    ? new Instance(first.name, [])
    : new Instance(callee.name, args)
}

/** Appends to a list, or to what a class would make. */
export const append = (target: Value, values: readonly Value[]): void => {
  const items = target instanceof Instance ? target.items : Array.isArray(target) && !isTuple(target) ? target : undefined
  if (items === undefined) throw new Unreadable('it appends to what is no list')
  for (const value of values) items.push(value)
}

export const dict = (values: readonly Value[]): Map<Value, Value> => {
  const entries = new Map<Value, Value>()
  setEntries(entries, values)
  return entries
}

/** Sets entries, given as keys and values by turns, in a dict or in what a class would make. */
export const setEntries = (target: Value, values: readonly Value[]): void => {
  const entries = target instanceof Instance ? target.entries : target instanceof Map ? target : undefined
  if (entries === undefined) throw new Unreadable('it sets entries of what is no dict')
  if (values.length % 2 !== 0) throw new Unreadable('it sets an entry without a value')
  for (let i = 0; i < values.length; i += 2) entries.set(values[i]!, values[i + 1]!)
}
