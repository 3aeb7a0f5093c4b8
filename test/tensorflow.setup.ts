/** Before all tests: TensorFlow's library, which is fetched if need be. Where it can't be had, tests that need it are skipped. */
import * as E from 'fp-ts/Either'
import { provideLibrary } from '../src/tensorflow/library/provide'
import { WITHOUT } from './engine'

export default async (): Promise<void> => {
  const provided = await provideLibrary({
    tell: (event) => {
      if (event.event === 'note') process.stderr.write(`${event.message}\n`)
    },
  })()
  if (E.isRight(provided)) return
  const why = 'message' in provided.left ? provided.left.message : provided.left._tag
  process.stderr.write(`tests on TensorFlow are skipped: ${why}\n`)
  process.env[WITHOUT] = why
}
