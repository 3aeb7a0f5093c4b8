/** A member of a ring in a process of its own: reduces values again and again, and tells how long it took. */
import * as E from 'fp-ts/Either'
import { openRing } from '../../src/cluster/ring/ring'

/** What starts it says which member it is, of how many, and how many values are reduced how often. */
export interface MemberSetup {
  readonly rank: number
  readonly size: number
  readonly values: number
  readonly times: number
}

const SECRET = new TextEncoder().encode('for measuring')
const TIMEOUT = 60

/** Tells its parent a text, and gives those of all. */
const exchange = (mine: string): Promise<readonly string[]> =>
  new Promise((resolve) => {
    process.once('message', (all) => resolve(all as readonly string[]))
    process.send!({ address: mine })
  })

const main = async ({ rank, size, values, times }: MemberSetup): Promise<void> => {
  const opened = await openRing({ rank, size, secret: SECRET, host: '127.0.0.1', exchange, timeoutSeconds: TIMEOUT })()
  if (E.isLeft(opened)) throw new Error(JSON.stringify(opened.left))
  const ring = opened.right
  const numbers = new Float32Array(values).fill(1)
  const seconds: number[] = []
  await ring.allReduce(numbers, 'mean')
  const before = process.cpuUsage()
  for (let i = 0; i < times; i++) {
    const began = performance.now()
    await ring.allReduce(numbers, 'mean')
    seconds.push((performance.now() - began) / 1000)
  }
  const { user, system } = process.cpuUsage(before)
  process.send!({ seconds, processor: (user + system) / 1e6 / times })
  ring.close()
  process.disconnect()
}

void main(JSON.parse(process.argv[2]!) as MemberSetup)
