/** The worker of the page: it checks pipelines, trains one at a time, and keeps the network of the last one. */
import * as E from 'fp-ts/Either'
import { failureOf } from '../../src/engine/thrown'
import { official, weightBytes } from '../../src/export/weightBytes'
import { drop } from './dropped'
import { modelOf } from './looks'
import type { Asked, Told } from './messages'
import { checked, opened } from './pipeline'
import { openRun, type Run } from './run'
import { train } from './train'
import { wordsOf } from './words'

/** What a worker has of its page; the compiler's list of a page's own names is another one. */
const page = globalThis as unknown as {
  onmessage: (event: { readonly data: Asked }) => void
  readonly postMessage: (told: Told, moved?: readonly ArrayBuffer[]) => void
}

const tell = (told: Told): void => page.postMessage(told, told.tell === 'weights' ? [told.bytes.buffer] : [])
const note = (message: string): void => tell({ tell: 'note', message })
const failed = (why: string): void => tell({ tell: 'failed', why })

/** The training that is under way or was the last one. */
let current: { readonly run: Run; readonly done: number } | undefined
let stopping: AbortController | undefined
/** Whether somebody waits for the weights: the step that is under way comes first. */
let wanted = false

const giveWeights = async (): Promise<void> => {
  if (!wanted || current === undefined) return
  wanted = false
  const { run, done } = current
  try {
    const model = await modelOf(run, done, false)
    const bytes = Uint8Array.from(weightBytes(model, official(model)))
    tell({ tell: 'weights', name: `${model.design.plan.name}-${model.which}.safetensors`, bytes })
  } catch (error) {
    note(`the weights can't be downloaded: ${wordsOf(failureOf(error))}`)
  }
}

const trainText = async (text: string, on: 'auto' | 'wasm', signal: AbortSignal): Promise<void> => {
  current?.run.interpreter.dispose()
  current = undefined
  const data = await opened(text, note)
  if (E.isLeft(data)) return failed(wordsOf(data.left))
  const ready = await openRun(data.right, on, note)
  if (E.isLeft(ready)) return failed(wordsOf(ready.left))
  const run = ready.right
  const { design, span } = run.opened
  current = { run, done: 0 }
  tell({ tell: 'began', name: design.plan.name, engine: run.engine.title, steps: span.steps })
  const result = await train({
    run,
    tell,
    signal,
    between: async (done) => {
      current = { run, done }
      await giveWeights()
    },
  })
  if (E.isLeft(result)) return failed(wordsOf(result.left))
  tell({ tell: 'ended', step: result.right, how: result.right === span.steps ? 'done' : 'stopped' })
}

const begin = async (text: string, on: 'auto' | 'wasm'): Promise<void> => {
  if (stopping !== undefined) return
  stopping = new AbortController()
  try {
    await trainText(text, on, stopping.signal)
  } catch (error) {
    failed(wordsOf(failureOf(error)))
  } finally {
    stopping = undefined
    await giveWeights()
  }
}

const check = async (text: string): Promise<void> => {
  const design = await checked(text)
  tell({ tell: 'checked', text, wrong: E.isLeft(design) ? wordsOf(design.left) : undefined })
}

page.onmessage = ({ data }) => {
  switch (data.ask) {
    case 'check':
      void check(data.text)
      return
    case 'train':
      void begin(data.text, data.on)
      return
    case 'stop':
      stopping?.abort('SIGINT')
      return
    case 'weights':
      wanted = true
      if (stopping === undefined) void giveWeights()
      return
    case 'drop':
      drop(data.files)
  }
}
