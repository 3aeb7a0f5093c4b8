/** Members of a run for tests, in this process or in others. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import * as E from 'fp-ts/Either'
import type { Failure } from '../../src/base/failure'
import type { Cluster } from '../../src/cluster/cluster'
import { type MeetingOptions, meet } from '../../src/cluster/meeting'
import { inThisThread, type StartPost } from '../../src/cluster/posts'

/** A port that nobody listens at. */
export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { readonly port: number }
      server.close(() => resolve(port))
    })
  })

type Meeting = Promise<E.Either<Failure, Cluster>>
type Others = Partial<Omit<MeetingOptions, 'membership'>> & { readonly host?: string }

export const member = (
  rank: number,
  size: number,
  port: number,
  others: Others = {},
  start: StartPost = inThisThread,
): Meeting => {
  const { host = '127.0.0.1', ...options } = others
  const leader = { host, port }
  const membership = { rank, size, leader, source: 'IBOT' as const, host: `host${rank}`, words: 'IBOT_RANK' }
  const times = { joinSeconds: 10, timeoutSeconds: 10, beatSeconds: 0.05 }
  return meet({ membership, version: '1', values: { pipeline: 'p' }, ...times, ...options }, start)()
}

export const right = <A>(result: E.Either<Failure, A>): A => {
  if (E.isLeft(result)) throw new Error(messageOf(result))
  return result.right
}

/** The message of a failure. */
export const messageOf = (result: E.Either<Failure, unknown>): string => {
  if (E.isRight(result)) return 'no failure'
  const { left } = result
  return left._tag === 'Missing' ? left.message : `${left._tag} ${left._tag === 'Defect' ? String(left.error) : ''}`
}

/** So many members that have met. */
export const members = async (size: number, others: Others = {}, start?: StartPost): Promise<readonly Cluster[]> => {
  const port = await freePort()
  const all = await Promise.all(Array.from({ length: size }, (_, rank) => member(rank, size, port, others, start)))
  return all.map(right)
}

export const leave = async (clusters: readonly Cluster[]): Promise<void> => {
  for (const left of await Promise.all(clusters.map((one) => one.leave()))) right(left)
}

const MEETING = join(__dirname, '..', '..', 'dist', 'cluster', 'meeting.js')

export interface Child {
  readonly process: ChildProcess
  readonly pid: number
  /** The next line that it writes. */
  readonly says: () => Promise<string>
  /** Its exit code. */
  readonly ended: Promise<number | null>
}

/** Another process that runs a program as a member: `cluster` is there, and `say`, `show` (a result as its message or JSON). */
export const child = (rank: number, size: number, port: number, program: string, others: Others = {}): Child => {
  const text = `
    const say = (word) => process.stdout.write(word + '\\n')
    const show = (result) => say(result._tag === 'Left' ? result.left.message : JSON.stringify(result.right) ?? 'done')
    const options = ${JSON.stringify({ version: '1', values: { pipeline: 'p' }, joinSeconds: 20, timeoutSeconds: 2, beatSeconds: 0.1, ...others })}
    const membership = { rank: ${rank}, size: ${size}, leader: { host: '127.0.0.1', port: ${port} }, host: 'host${rank}' }
    const begin = async () => {
      const met = await require(${JSON.stringify(MEETING)}).meet({ ...options, membership })()
      if (met._tag === 'Left') return show(met)
      const cluster = met.right
      ${program}
    }
    begin()`
  const started = spawn(process.execPath, ['-e', text], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  const wanting: ((line: string) => void)[] = []
  createInterface({ input: started.stdout }).on('line', (line) => {
    const wants = wanting.shift()
    if (wants === undefined) lines.push(line)
    else wants(line)
  })
  return {
    process: started,
    pid: started.pid!,
    says: () => {
      const line = lines.shift()
      return line === undefined ? new Promise((resolve) => wanting.push(resolve)) : Promise.resolve(line)
    },
    ended: new Promise((resolve) => started.once('close', resolve)),
  }
}
