/** Synthetic batches: the same noise for pictures at every step, masks and draws anew. */
import { random } from '../../src/base/random'
import { elements } from '../../src/base/shape'
import type { HostBatch } from '../../src/engine/interpreter'
import type { Opened } from '../../src/program/openPlan'

const noise = (shape: readonly number[], name: string): Float32Array => {
  const draw = random(0, 'bench', name)
  return Float32Array.from({ length: elements(shape) }, draw.normal)
}

/** Some masks start later than the training. */
const EPOCH = 1000

/** The batch of any step. */
export const batches = ({ design, program: { batch } }: Opened): ((step: number) => HostBatch) => {
  const global = noise(batch.global, 'global')
  const local = batch.local.map((shape, i) => noise(shape, `local ${i}`))
  const masks = (step: number): Float32Array | undefined => {
    const mask = design.masking?.meaning
    if (mask === undefined || batch.mask === undefined) return undefined
    const [rows, cells] = batch.mask
    const hidden = new Float32Array(rows * cells)
    for (let row = 0; row < rows; row++) hidden.set(mask(random(0, 'mask', step, row), batch.grid, EPOCH), row * cells)
    return hidden
  }
  return (step) => ({
    global,
    local,
    mask: masks(step),
    draws: Object.fromEntries(
      Object.entries(batch.draws).map(([name, shape]) => {
        const draw = random(0, 'draws', step, name)
        return [name, Float32Array.from({ length: elements(shape) }, () => Math.min(draw.uniform(), 1 - 2 ** -24))]
      }),
    ),
  })
}
