/** `child.ts RANK SIZE SECRET`: a member in a process of its own; its parent passes on what members tell each other. */
import { createHash } from 'node:crypto'
import * as E from 'fp-ts/Either'
import { openRing } from '../../../src/cluster/ring/ring'

const member = async (): Promise<void> => {
  const [rank, size, secret] = [Number(process.argv[2]), Number(process.argv[3]), Buffer.from(process.argv[4]!, 'hex')]
  const exchange = (mine: string): Promise<readonly string[]> =>
    new Promise((resolve) => {
      process.once('message', ({ all }: { readonly all: readonly string[] }) => resolve(all))
      process.send!({ mine })
    })
  const ring = await openRing({ rank, size, secret, host: '127.0.0.1', exchange, timeoutSeconds: 20 })()
  if (E.isLeft(ring)) throw new Error(JSON.stringify(ring.left))
  const values = Float32Array.from({ length: 500_001 }, (_, i) => Math.sin(i) + rank)
  await ring.right.allReduce(values, 'mean')
  process.send!({ sum: createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex') })
  ring.right.close()
  process.disconnect()
}

void member()
