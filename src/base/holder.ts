/**
 * Which process holds a lock, and whether it is still there.
 *
 * A number says which process only among those that share it: those of one start of one machine and of one process namespace,
 * which two containers don't share, though their host may have the same name. `namespace` says which. So, of the holder of a lock:
 *
 * 1. In this namespace its number tells. No such process, or one that began at another time: it is gone. That process: it holds.
 * 2. Elsewhere (another container, another machine on the same disk), or where the system doesn't tell when a process began, the
 *    file tells: the holder touches it every few seconds, and is taken for gone when it hasn't done so for a minute.
 */
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { attempt } from './attempt'
import { errorCode } from './fileFailure'

export interface Holder {
  readonly pid: number
  readonly host: string
  /** Among which processes `pid` is a number; undefined where there is only one such set for a host. */
  readonly namespace?: string | undefined
  /** What tells the process from a later one with its number: when it began, since which start of the machine. */
  readonly began?: string | undefined
}

/** Which start of the machine this is; Linux tells. */
export const bootOf = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()

/** Linux tells when a process began, in ticks since the machine's start; undefined elsewhere, or where there is no such process. */
const beginningOf = (pid: number): string | undefined =>
  attempt(() => {
    // The process's name, in brackets, may hold anything; the beginning is the 20th field behind it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return `${bootOf()} ${fields[19]}`
  })

/** Linux has namespaces; where it hides them, each process is alone. */
const namespaceHere = (): string | undefined => {
  if (process.platform !== 'linux') return undefined
  return attempt(() => `${bootOf()} ${readlinkSync('/proc/self/ns/pid')}`) ?? `hidden ${process.pid} ${process.hrtime.bigint()}`
}
const NAMESPACE = namespaceHere()

export const thisProcess = (): Holder => ({
  pid: process.pid,
  host: hostname(),
  namespace: NAMESPACE,
  began: beginningOf(process.pid),
})

/** Whether the holder's number is one of the processes that this one sees. Locks of older versions say only the host. */
export const isHere = ({ host, namespace }: Holder): boolean =>
  namespace === undefined || NAMESPACE === undefined ? host === hostname() : namespace === NAMESPACE

const lives = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return errorCode(error) === 'EPERM'
  }
}

/** Whether the holder is gone, or undefined where its number doesn't tell. */
export const isGone = (holder: Holder): boolean | undefined => {
  if (!isHere(holder)) return undefined
  if (!lives(holder.pid)) return true
  return holder.began === undefined ? undefined : beginningOf(holder.pid) !== holder.began
}

/** The holder in the text of a lock; undefined if that isn't whole. */
export const holderOf = (text: string): Holder | undefined =>
  attempt(() => {
    const { pid, host, namespace, began } = JSON.parse(text) as Partial<Holder>
    return typeof pid === 'number' && typeof host === 'string' ? { pid, host, namespace, began } : undefined
  })
