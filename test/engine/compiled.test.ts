/** What the compiling interpreter promises besides the same numbers. */
import { describe, expect, it } from 'vitest'
import { testEngine, withoutTensorFlow } from '../engine'
import { batchFor, small } from '../program/small'

const open = async () => {
  const program = small({ dropPath: 0.4 })
  return { program, interpreter: await (await testEngine('tensorflow')).open(program, program.init(0)) }
}

describe.skipIf(withoutTensorFlow !== undefined)('the compiling interpreter', () => {
  it("leaves Node's event loop free while a step runs", async () => {
    const { program, interpreter } = await open()
    let turns = 0
    let stepping = true
    const turn = (): void => {
      if (!stepping) return
      turns++
      setImmediate(turn)
    }
    const step = interpreter.step(batchFor(program, 0), program.numbers(0))
    setImmediate(turn)
    await step
    stepping = false
    expect(turns).toBeGreaterThan(0)
    interpreter.dispose()
  })
})
