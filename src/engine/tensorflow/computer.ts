/** Functions of tensors as TensorFlow graphs that stay open: recorded once for each shape of their inputs. */

import { DTYPE } from '../../graph/dtype'
import { newGraph } from '../../graph/graph'
import { inSlices, type Neighbours, SLICE } from '../../metric/neighbours'
import type { HostTensor, HostTensors, TensorFunction } from '../../nn/tensorFunction'
import { mapped } from '../../program/stateNames'
import { newRecorder, type Recorder, type RecorderOptions } from '../../record/recorder'
import type { Pointer, TensorFlow } from '../../tensorflow/capi'
import type { ConfigOptions } from '../../tensorflow/config'
import { type Fusions, fusionsOf, NO_FUSIONS } from '../../tensorflow/fusions'
import { output } from '../../tensorflow/graph'
import { openSession, type Session } from '../../tensorflow/session'
import { floatsOf, shapeOf, tensorOf } from '../../tensorflow/tensor'
import { newTranslation, type Translation } from '../../tensorflow/translate'
import { type Computer, type Prepared, shapesKey } from '../computer'
import { recordOutputs, type Values } from '../record/function'

/** Where functions are recorded, and run. */
export interface Place {
  readonly recorder: Recorder
  readonly translation: Translation
  readonly session: Session
  /** What functions may ask for besides what they are given, by name. */
  readonly state: Values
  /** A name that nothing in the graph has, nor anything below it. */
  readonly newName: () => string
}

/** A graph, and what runs it, as a place for functions. */
export const placeOf = (recorder: Recorder, translation: Translation, session: Session, state: Values): Place => {
  let made = 0
  return { recorder, translation, session, state, newName: () => `prepared/${made++}` }
}

const feed = (tensorflow: TensorFlow, { values, shape }: HostTensor): Pointer =>
  tensorOf(tensorflow, DTYPE.float32, shape, values)

/** What is held from run to run: variables that are given their values once. */
const holding = (
  tensorflow: TensorFlow,
  { recorder: { graph }, translation, session }: Place,
  name: string,
  held: HostTensors,
) => {
  const values = mapped(held, ({ shape }, key) => graph.variable(`${name}/${key}`, shape))
  const variables = mapped(values, translation.variable)
  const all = Object.values(variables)
  const ready =
    all.length === 0
      ? Promise.resolve([])
      : session.run(
          Object.entries(variables).map(([key, { initial }]) => [initial, feed(tensorflow, held[key]!)] as const),
          [],
          all.map(({ initialize }) => initialize),
        )
  // Whoever waits for it is told.
  ready.catch(() => undefined)
  return {
    ready,
    values,
    free: async (): Promise<void> => {
      if (all.length === 0) return
      await ready
      await session.run(
        [],
        [],
        all.map(({ destroy }) => destroy),
      )
    },
  }
}

const preparedIn = (
  tensorflow: TensorFlow,
  place: Place,
  f: TensorFunction,
  held: HostTensors,
  dispose?: () => void,
): Prepared => {
  const { recorder, translation, session, state } = place
  const { graph } = recorder
  const name = place.newName()
  const { ready, values, free } = holding(tensorflow, place, name, held)
  const known = new Map<string, { readonly inputs: Values; readonly outputs: Values }>()
  const recordedFor = (given: HostTensors) => {
    const key = shapesKey(given)
    const before = known.get(key)
    if (before !== undefined) return before
    const inputs = mapped(given, ({ shape }, of) => graph.placeholder(`${name}/${known.size}/${of}`, DTYPE.float32, shape))
    const made = { inputs, outputs: recordOutputs(recorder, f, { ...state, ...values, ...inputs }) }
    known.set(key, made)
    return made
  }
  return {
    run: async (given, wanted) => {
      const { inputs, outputs } = recordedFor(given)
      await ready
      const names = wanted ?? Object.keys(outputs)
      const results = await session.run(
        Object.entries(given).map(([key, value]) => [translation.output(inputs[key]!), feed(tensorflow, value)] as const),
        names.map((of) => translation.output(outputs[of]!)),
      )
      return Object.fromEntries(
        results.map((tensor, i) => {
          const computed = { values: floatsOf(tensorflow, tensor), shape: shapeOf(tensorflow, tensor) }
          tensorflow.api.DeleteTensor(tensor)
          return [names[i]!, computed]
        }),
      )
    },
    // Where the session is closed by then, what is held is gone with it.
    dispose: dispose ?? (() => void free().catch(() => undefined)),
  }
}

interface PlaceOptions extends Pick<RecorderOptions, 'precision'> {
  readonly fusions?: Fusions
}

/** A place in a graph of its own. */
const openPlace = (
  tensorflow: TensorFlow,
  session: ConfigOptions,
  { fusions = NO_FUSIONS, ...options }: PlaceOptions = {},
): Place => {
  const translation = newTranslation(tensorflow, fusions)
  return placeOf(newRecorder(newGraph(), options), translation, openSession(translation.native, session), {})
}

/**
 * Neighbours in a graph of their own: TensorFlow goes through all of a graph that grows, and that of a step has thousands of
 * operations.
 */
const neighboursOf =
  (tensorflow: TensorFlow, options: ConfigOptions): Computer['neighbours'] =>
  (width) => {
    const place = openPlace(tensorflow, options)
    const { native: graph } = place.translation
    const [bank, queries] = ['bank', 'queries'].map((name) => graph.placeholder(name, DTYPE.float32, [-1, width]))
    const count = graph.placeholder('k', DTYPE.int32, [])
    const T = { type: DTYPE.float32 }
    const product = graph.node('MatMul', [queries!, bank!], { attributes: { T, transpose_b: { bool: true } } })
    // Of equally similar rows the lower index comes first, as elsewhere.
    const top = graph.node('TopKV2', [output(product), count], { attributes: { T } })
    const matrix = (rows: Float32Array): Pointer => tensorOf(tensorflow, DTYPE.float32, [rows.length / width, width], rows)
    const taken = (tensor: Pointer): Float32Array => {
      const found = floatsOf(tensorflow, tensor)
      tensorflow.api.DeleteTensor(tensor)
      return found
    }
    return {
      nearest: async (rows, all, k) => {
        const size = Math.min(k, rows.length / width)
        const held = matrix(rows)
        const answer = async (some: Float32Array): Promise<readonly Neighbours[]> => {
          const feeds = [
            [queries!, matrix(some)],
            [count, tensorOf(tensorflow, DTYPE.int32, [], Int32Array.of(size))],
          ] as const
          const [similar, places] = await place.session.run(feeds, [output(top, 0), output(top, 1)], [], [[bank!, held]])
          const similarities = taken(similar!)
          const indices = new Uint32Array(taken(places!).buffer)
          return Array.from({ length: some.length / width }, (_, i) => ({
            indices: indices.subarray(i * size, (i + 1) * size),
            similarities: similarities.subarray(i * size, (i + 1) * size),
          }))
        }
        try {
          return await inSlices(all, width, SLICE, answer)
        } finally {
          tensorflow.api.DeleteTensor(held)
        }
      },
      dispose: place.session.dispose,
    }
  }

/** A function in a graph of its own, which goes with it. */
const preparedAlone = (
  tensorflow: TensorFlow,
  session: ConfigOptions,
  options: PlaceOptions,
  f: TensorFunction,
  held: HostTensors,
): Prepared => {
  const place = openPlace(tensorflow, session, options)
  return preparedIn(tensorflow, place, f, held, place.session.dispose)
}

/** Functions in a graph that is open anyway, unless they can be alone: it would grow with each of them. */
export const computerIn = (tensorflow: TensorFlow, place: Place, session: ConfigOptions): Computer => ({
  prepare: (f, held = {}, { alone = false } = {}) =>
    alone ? preparedAlone(tensorflow, session, {}, f, held) : preparedIn(tensorflow, place, f, held),
  neighbours: neighboursOf(tensorflow, session),
})

/** Functions in graphs of their own, on the processor. */
export const computerOf = (tensorflow: TensorFlow, threads: number): Computer => {
  const session: ConfigOptions = { threads }
  return {
    prepare: (f, held = {}, { precision = 'float32', often = false } = {}) => {
      const opened = (async () => {
        const fusions = often ? await fusionsOf(tensorflow, threads) : NO_FUSIONS
        return preparedAlone(tensorflow, session, { precision, fusions }, f, held)
      })()
      return {
        run: async (inputs, wanted) => (await opened).run(inputs, wanted),
        dispose: () => void opened.then(({ dispose }) => dispose()).catch(() => undefined),
      }
    },
    neighbours: neighboursOf(tensorflow, session),
  }
}
