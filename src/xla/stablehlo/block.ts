/** The text of one function, line by line. */
import type { Dtype } from '../../graph/dtype'
import type { OutputInfo } from '../../graph/operation'
import { dense, splat } from './literal'
import { tensorType } from './type'

/** A value of the function. */
export interface Term extends OutputInfo {
  /** How the text calls it. */
  readonly name: string
  /** Its type in the text. */
  readonly type: string
}

export interface Block {
  /**
   * Writes an operation that gives one value; `signature` makes what stands behind the colon of the value's type, which is that type
   * by default. What is written already isn't written again: no operation does anything but give its value.
   */
  readonly add: (code: string, of: OutputInfo, signature?: (type: string) => string) => Term
  /** Writes an operation that gives several values. */
  readonly addMany: (code: string, of: readonly OutputInfo[], signature: (types: readonly string[]) => string) => readonly Term[]
  /** A constant. */
  readonly constant: (dtype: Dtype, shape: readonly number[], values: ArrayLike<number>) => Term
  /** A constant that is one number in all places; a scalar where no shape is given. */
  readonly splat: (dtype: Dtype, value: number, shape?: readonly number[]) => Term
  readonly lines: readonly string[]
}

/** Longer lines, such as large constants, aren't kept for comparison. */
const LONG = 1024

/** A value of this name. */
export const term = (name: string, { dtype, shape }: OutputInfo): Term => ({
  name,
  dtype,
  shape,
  type: tensorType({ dtype, shape }),
})

/** The text of a function whose parameters have the first names. */
export const newBlock = (parameters: number): Block => {
  const lines: string[] = []
  const written = new Map<string, Term>()
  let count = parameters
  const add: Block['add'] = (code, { dtype, shape }, signature) => {
    const type = tensorType({ dtype, shape })
    const line = `${code} : ${signature === undefined ? type : signature(type)}`
    const known = written.get(line)
    if (known !== undefined) return known
    const name = `%${count++}`
    lines.push(`    ${name} = ${line}`)
    const made = { name, dtype, shape, type }
    if (line.length <= LONG) written.set(line, made)
    return made
  }
  return {
    add,
    addMany: (code, of, signature) => {
      const name = `%${count++}`
      const terms = of.map((info, i) => term(of.length === 1 ? name : `${name}#${i}`, info))
      lines.push(`    ${of.length === 1 ? name : `${name}:${of.length}`} = ${code} : ${signature(terms.map(({ type }) => type))}`)
      return terms
    },
    constant: (dtype, shape, values) => add(`stablehlo.constant ${dense(dtype, shape, values)}`, { dtype, shape }),
    splat: (dtype, value, shape = []) =>
      add(`stablehlo.constant ${shape.includes(0) ? 'dense<>' : splat(dtype, value)}`, { dtype, shape }),
    lines,
  }
}
