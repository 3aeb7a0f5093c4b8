/** Values of a graph that are asked for one by one, and computed together. */
import type { Value, Values } from '../../src/graph/operation'

/** Computes values of a graph as it is by now. */
export type Compute = (values: readonly Value[]) => Promise<readonly Values[]>

interface Asked {
  readonly of: Value
  readonly answer: (values: Values) => void
  readonly fail: (why: unknown) => void
}

/** Gives each value that is asked for; all that are asked for before JavaScript turns to something else come of one computation. */
export const together = (compute: Compute): ((of: Value) => Promise<Values>) => {
  let open: Asked[] = []
  const answerAll = async (): Promise<void> => {
    const asked = open
    open = []
    try {
      const values = await compute(asked.map(({ of }) => of))
      asked.forEach(({ answer }, i) => {
        answer(values[i]!)
      })
    } catch (error) {
      for (const { fail } of asked) fail(error)
    }
  }
  return (of) =>
    new Promise((answer, fail) => {
      if (open.length === 0) setImmediate(() => void answerAll())
      open.push({ of, answer, fail })
    })
}
