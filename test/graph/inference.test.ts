/** What comes out of an operation, as the graph infers it and as TensorFlow does, whose names and meanings its operations have. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lastPass, recorded } from '../../src/engine/record/step'
import { DTYPE, dtypeName } from '../../src/graph/dtype'
import { newGraph } from '../../src/graph/graph'
import { INFER } from '../../src/graph/kinds/all'
import { shapeText } from '../../src/graph/kinds/kind'
import { needed, type Operation, type OutputInfo, type Value, type Values } from '../../src/graph/operation'
import type { OperationType } from '../../src/graph/types'
import { NO_FUSIONS } from '../../src/tensorflow/fusions'
import { newTranslation, type Translation } from '../../src/tensorflow/translate'
import { testLibrary, withoutTensorFlow } from '../engine'
import { type Small, small } from '../program/small'
import { CASES, type Case, fed, type Input, known, strided } from './inferenceCases'

const graph = newGraph()
let translation: Translation
beforeAll(async () => {
  if (withoutTensorFlow === undefined) translation = newTranslation((await testLibrary()).library, NO_FUSIONS)
})
afterAll(() => translation?.native.dispose())

const arrayOf = ({ dtype, values = [] }: Input): Values =>
  dtype === DTYPE.float32 ? Float32Array.from(values) : Int32Array.from(values)

const inputOf = (input: Input): Value =>
  input.values === undefined
    ? graph.placeholder(`input_${graph.operations.length}`, input.dtype, input.shape)
    : graph.constant(input.dtype, input.shape, arrayOf(input))

const text = ({ dtype, shape }: OutputInfo): string => `${dtypeName(dtype)}${shapeText(shape)}`

/** What a computation gives, or that it refuses. */
const outcome = (infos: () => readonly OutputInfo[]): string => {
  try {
    return infos().map(text).join(' ')
  } catch {
    return 'refused'
  }
}

type Named = Exclude<OperationType, 'Call'>

let made = 0
/** What comes out by our rules and by TensorFlow's. */
const both = (type: Named, { inputs, attributes = {} }: Case): { readonly ours: string; readonly theirs: string } => {
  const values = inputs.map(inputOf)
  const infer = () => INFER[type](values, attributes)
  const ours = outcome(infer)
  const count = ours === 'refused' ? 1 : infer().length
  // Above all inputs.
  const index = 1e9 + made++
  const outputs = Array.from({ length: count }, () => ({ dtype: DTYPE.float32, shape: [] }))
  const operation: Operation = { index, name: `${type}_${index}`, type, inputs: values, attributes, outputs }
  const theirs = outcome(() => outputs.map((_, output) => translation.native.info(translation.output({ of: operation, output }))))
  return { ours, theirs }
}

const told = (type: string, { inputs, attributes = {} }: Case): string =>
  `${type}(${inputs.map((input) => (input.values === undefined ? text(input) : JSON.stringify(input.values))).join(', ')}) ${JSON.stringify(attributes)}`

/** Fails where the two differ; tells all cases. */
const expectSame = (type: Named, cases: readonly Case[]): void => {
  const lines = cases.map((one) => {
    const { ours, theirs } = both(type, one)
    return { what: told(type, one), ours, theirs: one.isStricter ? 'refused' : theirs }
  })
  expect(lines.map(({ what, ours }) => `${what}: ${ours}`)).toEqual(lines.map(({ what, theirs }) => `${what}: ${theirs}`))
}

const dim = fc.constantFrom(-1, 0, 1, 2, 3, 5)
const shape = (minLength: number, maxLength: number) => fc.array(dim, { minLength, maxLength })
const bits = () => fc.integer({ min: 0, max: 7 })
const place = fc.integer({ min: -7, max: 7 })

const slices: fc.Arbitrary<Case> = fc
  .record({
    from: shape(1, 3),
    entries: fc.array(fc.tuple(place, place, fc.constantFrom(1, 2, -1, -2)), { minLength: 1, maxLength: 4 }),
    masks: fc.record({ begin: bits(), end: bits(), new_axis: bits(), shrink_axis: bits() }),
    ellipsis: fc.constantFrom(0, 1, 2, 4),
  })
  .map(({ from, entries, masks, ellipsis }) =>
    strided(
      from,
      entries.map(([begin]) => begin),
      entries.map(([, end]) => end),
      entries.map(([, , stride]) => stride),
      { ...masks, ellipsis: ellipsis < 2 ** entries.length ? ellipsis : 0 },
    ),
  )

const ANY: readonly (readonly [Named, fc.Arbitrary<Case>])[] = [
  ['Add', fc.tuple(shape(0, 3), shape(0, 3)).map(([a, b]) => ({ inputs: [fed(a), fed(b)] }))],
  ['AddN', fc.array(shape(2, 2), { minLength: 1, maxLength: 3 }).map((all) => ({ inputs: all.map((one) => fed(one)) }))],
  [
    'Reshape',
    // With more unknown dimensions TensorFlow checks less.
    fc
      .tuple(shape(0, 3), shape(0, 3))
      .filter(([from]) => from.filter((one) => one < 0).length < 2)
      .map(([from, to]) => ({ inputs: [fed(from), known(to)] })),
  ],
  ['StridedSlice', slices],
]

describe.skipIf(withoutTensorFlow !== undefined)('what is inferred is what TensorFlow infers', () => {
  test.each(Object.entries(CASES) as readonly (readonly [Named, readonly Case[]])[])('%s', expectSame)

  test.each(ANY)('%s of any shapes', (type, cases) => {
    fc.assert(
      fc.property(cases, (one) => expectSame(type, [one])),
      { numRuns: 500 },
    )
  })

  test.each<readonly [string, Small]>([
    ['a vision transformer', { dropPath: 0.4, registers: 2, dropout: 0.2, sinkhorn: true }],
    ['a Swin transformer with batch normalisation', { swin: true, dropPath: 0.4, norm: 'batch', sharedHead: false }],
    ['pixels as targets', { pixels: true, optimizer: 'lars' }],
    ['products in bfloat16', { precision: 'bfloat16', optimizer: 'sgd' }],
  ])('for every operation of a step: %s', (_, options) => {
    for (const rows of ['varies', 16, 'all'] as const) {
      const program = recorded(small(options), rows)
      const { graph } = program
      const step = lastPass(program)
      const { native, output } = newTranslation(translation.native.tensorflow, NO_FUSIONS)
      const sources = new Set([...step.assigns, ...Object.values(step.metrics).map(({ of }) => of)])
      const computing = needed(graph.operations, (one) => sources.has(one))
      expect(computing.length).toBeGreaterThan(500)
      const lines = computing.flatMap((of) =>
        of.outputs.map((info, i) => ({
          ours: `${of.name} ${text(info)}`,
          theirs: `${of.name} ${text(native.info(output({ of, output: i })))}`,
        })),
      )
      expect(lines.filter(({ ours, theirs }) => ours !== theirs)).toEqual([])
      native.dispose()
    }
  })
})
