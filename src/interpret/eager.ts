/** The eager interpreter: runs a program's step op by op, on tfjs's WebAssembly or plain JavaScript backend. */
import * as tf from '@tensorflow/tfjs-core'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { selecting } from '../metric/knn'
import type { EagerBackend } from './backend'
import type { Interpreter, InterpreterState } from './interpreter'
import type { Tensors } from './names'
import type { Batch } from './passes'
import type { Program } from './program'
import { improveWasm } from './wasm'

const load = async (backend: EagerBackend): Promise<boolean> => {
  if (backend === 'wasm') await import('@tensorflow/tfjs-backend-wasm')
  else await import('@tensorflow/tfjs-backend-cpu')
  // Without it tfjs prints an advertisement and looks at every value of every op.
  tf.enableProdMode()
  const ready = await tf.setBackend(backend)
  await tf.ready()
  if (backend === 'wasm' && ready) improveWasm()
  return ready
}

/** Makes a backend the one that computes. */
export const useBackend =
  (backend: EagerBackend): TE.TaskEither<Failure, EagerBackend> =>
  async () => {
    const cure =
      backend === 'wasm' ? "Use Node 20 or newer, or the slower '--backend cpu'." : 'Install the project again: npm ci.'
    try {
      if (await load(backend)) return { _tag: 'Right', right: backend }
      return TE.left(missing(`the ${backend} backend of tfjs could not start`, cure))()
    } catch (error) {
      return TE.left(
        missing(
          `the ${backend} backend of tfjs could not be loaded: ${error instanceof Error ? error.message : String(error)}`,
          cure,
        ),
      )()
    }
  }

/** Makes tensors of host values; whoever asked for them disposes of them. */
const upload = (values: InterpreterState, program: Program): Tensors =>
  Object.fromEntries(
    Object.entries(program.state).map(([name, { shape }]) => {
      const value = values[name]
      if (value === undefined) throw new RangeError(`the state has no ${name}`)
      // A copy: the CPU backend would keep the caller's array itself.
      return [name, tf.tensor(Float32Array.from(value), [...shape], 'float32')]
    }),
  )

const rowTensor = (rows: Int32Array | undefined) => (rows === undefined ? undefined : tf.tensor1d(rows, 'int32'))

/** An interpreter of a program from a first state on. The backend must be in use. */
export const eager = (program: Program, first: InterpreterState): Interpreter => {
  let state = upload(first, program)
  let features = new Float32Array()
  const discard = (next: Tensors) => {
    const kept = new Set(Object.values(state).map((tensor) => tensor.id))
    for (const tensor of Object.values(next)) if (!kept.has(tensor.id)) tensor.dispose()
  }
  const replace = (next: Tensors) => {
    const kept = new Set(Object.values(next).map((tensor) => tensor.id))
    for (const tensor of Object.values(state)) if (!kept.has(tensor.id)) tensor.dispose()
    state = next
  }
  const batchOf = ({ global, local, mask, draws }: Parameters<Interpreter['step']>[0]): Batch => ({
    global: tf.tensor4d(global, [...program.batch.global]),
    local: local.map((values, i) => tf.tensor4d(values, [...program.batch.local[i]!])),
    mask:
      mask === undefined || program.batch.mask === undefined ? undefined : tf.tensor2d(mask, [...program.batch.mask], 'float32'),
    rows: rowTensor(program.rows(mask)),
    draws: Object.fromEntries(
      Object.entries(program.batch.draws).map(([name, shape]) => [name, tf.tensor(draws[name]!, [...shape])]),
    ),
  })

  return {
    concurrent: false,
    step: async (inputs, numbers) => {
      const scalars = new Map<string, tf.Scalar>()
      const done = tf.tidy(() => {
        const at = (name: string): tf.Scalar => {
          const known = scalars.get(name)
          if (known !== undefined) return known
          const value = numbers[name]
          if (value === undefined) throw new RangeError(`no number ${name}`)
          const made = tf.scalar(value, 'float32')
          scalars.set(name, made)
          return made
        }
        const next = program.step(state, batchOf(inputs), at)
        return next as unknown as tf.TensorContainerObject
      }) as unknown as ReturnType<Program['step']>
      const finite = done.finite.dataSync()[0] === 1
      done.finite.dispose()
      if (finite) replace(done.state)
      else discard(done.state)
      features = Float32Array.from(done.features.dataSync())
      done.features.dispose()
      const metrics = Object.fromEntries(Object.entries(done.metrics).map(([name, tensor]) => [name, tensor.dataSync()[0]!]))
      for (const tensor of Object.values(done.metrics)) tensor.dispose()
      return metrics
    },
    features: () => features,
    encode: async (images, shape) => {
      const tokens = tf.tidy(() => program.encode(state, tf.tensor4d(images, [...shape])))
      const values = tokens.dataSync() as Float32Array
      const result = { values: Float32Array.from(values), shape: tokens.shape }
      tokens.dispose()
      return result
    },
    neighbours: (bank, width) => {
      const columns = tf.tidy(() => tf.transpose(tf.tensor2d(bank, [bank.length / width, width])))
      return {
        nearest: selecting((queries, rows) => {
          // The values are read outside of tidy, which would look for tensors among each of them.
          const product = tf.tidy(() => tf.matMul(tf.tensor2d(queries, [rows, width]), columns))
          const values = product.dataSync() as Float32Array
          product.dispose()
          return values
        }),
        dispose: () => columns.dispose(),
      }
    },
    read: async () =>
      Object.fromEntries(Object.entries(state).map(([name, tensor]) => [name, Float32Array.from(tensor.dataSync())])),
    dispose: () => {
      for (const tensor of Object.values(state)) tensor.dispose()
      state = {}
    },
  }
}
