/** What the compiling interpreter promises besides the same numbers. */
import * as E from 'fp-ts/Either'
import { describe, expect, it } from 'vitest'
import { encoded, readRows } from '../../src/evaluate/features'
import { networkFeatures } from '../../src/evaluate/networkFeatures'
import { blank, type Picture } from '../../src/image/picture'
import type { Encoder } from '../../src/nn/encoder'
import { FEATURES } from '../../src/ops/probe/kind'
import { encodedTogether } from '../../src/program/batch'
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

  it('records a network that encodes pictures once for each size of them, whatever their number, their source and the step', async () => {
    const sizes: string[] = []
    const program = small()
    const { which, network } = program.frozen
    const { backbone } = network
    const counting: Encoder = {
      ...backbone,
      tokens: (weights, images, ...others) => {
        sizes.push(images.shape.join())
        return backbone.tokens(weights, images, ...others)
      },
    }
    const interpreter = await (await testEngine('tensorflow')).open(program, program.init(0))
    const plain = await (await testEngine('cpu')).open(program, program.init(0))
    const chunk = encodedTogether(program.batch)
    const features = networkFeatures(interpreter, { which, network: { ...network, backbone: counting } }, undefined, chunk)
    const noise = (side: number, seed: number): Picture => {
      const picture = blank(side, side, 3)
      picture.data.forEach((_, at) => {
        picture.data[at] = (at * 31 + seed * 57) % 256
      })
      return picture
    }
    /** Rows of a source of so many pictures, as a probe reads them. */
    const rows = async (count: number, side: number, by = features) => {
      const read = async (i: number) => E.right(noise(side, count + i))
      const source = {
        name: `${count} pictures`,
        count,
        channels: 3 as const,
        size: undefined,
        classes: [],
        fingerprint: '',
        read,
      }
      const input = { size: [side, side] as const, channels: 3 as const, mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] }
      const result = await readRows(
        { source: { ...source, label: () => undefined }, indices: Uint32Array.from({ length: count }, (_, i) => i) },
        {
          prepare: (picture) => picture,
          toRows: encoded(by, input, FEATURES.both),
          chunk,
          report: async () => E.right(undefined),
        },
      )()
      if (E.isLeft(result)) throw new Error(JSON.stringify(result.left))
      return result.right
    }
    const shape = (side: number) => [chunk, side, side, 3].join()

    for (const count of [2 * chunk + 1, chunk, 1]) {
      const { values, indices } = await rows(count, 12)
      const right = await rows(count, 12, networkFeatures(plain, program.frozen))
      expect(indices).toHaveLength(count)
      expect(values).toHaveLength(right.values.length)
      values.forEach((value, i) => {
        expect(value).toBeCloseTo(right.values[i]!, 4)
      })
    }
    expect(sizes).toEqual([shape(12)])
    await interpreter.step(batchFor(program, 0), program.numbers(0))
    await rows(chunk + 2, 12)
    await rows(3, 8)
    await rows(2 * chunk - 1, 8)
    expect(sizes).toEqual([shape(12), shape(8)])
    interpreter.dispose()
    plain.dispose()
  })
})
