/** What a pickle says, as plain data. Classes and functions of Python stand in it by their names; none is ever called. */

/**
 * A value of Python: None is null; whole numbers that a double doesn't hold are bigint; a tuple is a frozen array, a list
 * one that isn't; a dict is a Map.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Value[]
  | ReadonlyMap<Value, Value>
  | ReadonlySet<Value>
  | Global
  | Instance
  | Persistent

/** A class or a function, by its full name: `collections.OrderedDict`. */
export class Global {
  constructor(readonly name: string) {}
}

/** What would be stored elsewhere: torch puts the elements of tensors behind such an id. */
export class Persistent {
  constructor(readonly id: Value) {}
}

/** What a class or a function would make of arguments. */
export class Instance {
  /** Appended to it, as to a list. */
  readonly items: Value[] = []
  /** Set in it, as in a dict. */
  readonly entries = new Map<Value, Value>()
  /** Its attributes, or what else the class keeps as its state. */
  state: Value = null

  constructor(
    /** The full name of the class or function. */
    readonly type: string,
    readonly args: readonly Value[],
  ) {}
}

/** The parts of a value that are values themselves. */
export const partsOf = (value: Value): readonly Value[] => {
  if (value instanceof Instance) {
    const { args, items, entries, state } = value
    return [args, items, entries, state]
  }
  if (value instanceof Persistent) return [value.id]
  if (value instanceof Map) return [...value].flat()
  if (value instanceof Set) return [...value]
  return Array.isArray(value) ? value : []
}
