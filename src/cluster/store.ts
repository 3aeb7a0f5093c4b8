/**
 * What members tell each other by keys, whenever they like: member 0 keeps the values, the others ask it by a connection each.
 * Both ends of a connection prove that they know the secret.
 */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { KeyValueStore } from '../base/keyValueStore'
import { encodeFrame, type Frame, type Limits, newDecoder } from './frames'
import { isProof, newNonce, proofOf } from './secret'

/** What is asked of member 0, and what it answers. */
interface Question {
  readonly id: number
  readonly kind: 'put' | 'get' | 'tryGet'
  readonly key: string
  readonly timeoutMs: number
}
interface Answer {
  readonly id: number
  readonly found: boolean
  readonly failed?: string
}

/** Compiled programs go this way, too. */
const LIMITS: Limits = { header: 2 ** 16, body: 2 ** 30 }

/** Values that are kept here. */
export const newMemory = (): KeyValueStore => {
  const values = new Map<string, Uint8Array>()
  const waiting = new Map<string, Set<(value: Uint8Array) => void>>()
  return {
    put: async (key, value) => {
      values.set(key, value)
      for (const take of waiting.get(key) ?? []) take(value)
      waiting.delete(key)
    },
    get: (key, timeoutMs) =>
      new Promise((resolve, reject) => {
        const known = values.get(key)
        if (known !== undefined) {
          resolve(known)
          return
        }
        const takers = waiting.get(key) ?? new Set()
        const timer = setTimeout(() => {
          takers.delete(take)
          reject(new Error(`no member has told ${key} within ${Math.round(timeoutMs / 1000)} s`))
        }, timeoutMs)
        const take = (value: Uint8Array): void => {
          clearTimeout(timer)
          resolve(value)
        }
        waiting.set(key, takers.add(take))
      }),
    tryGet: async (key) => values.get(key),
  }
}

const answer = async (
  memory: KeyValueStore,
  { kind, key, timeoutMs }: Question,
  body: Uint8Array,
): Promise<Uint8Array | undefined> => {
  if (kind === 'put') await memory.put(key, body)
  return kind === 'get' ? memory.get(key, timeoutMs) : kind === 'tryGet' ? memory.tryGet(key) : undefined
}

/** Hears frames of a connection, and ends it where something else comes. */
const hear = (socket: Socket, take: (frame: Frame) => void): void => {
  const decode = newDecoder(() => LIMITS, take)
  socket.on('data', (chunk) => {
    if (decode(chunk as Uint8Array) !== undefined) socket.destroy()
  })
  socket.on('error', () => socket.destroy())
}

/** Answers a member, once it has proven that it is one. */
const serve = (memory: KeyValueStore, secret: string, socket: Socket): void => {
  const nonce = newNonce()
  let known = false
  socket.setNoDelay(true)
  socket.write(encodeFrame({ nonce }))
  hear(socket, ({ header, body }) => {
    if (!known) {
      const { proof, nonce: asked } = header as { readonly proof?: unknown; readonly nonce?: unknown }
      known = typeof proof === 'string' && typeof asked === 'string' && isProof(proof, secret, 'member', asked, nonce)
      if (known) socket.write(encodeFrame({ proof: proofOf(secret, 'leader', asked as string, nonce) }))
      else socket.destroy()
      return
    }
    const question = header as Question
    answer(memory, question, body).then(
      (value) => socket.write(encodeFrame({ id: question.id, found: value !== undefined } satisfies Answer, value)),
      (error: unknown) => socket.write(encodeFrame({ id: question.id, found: false, failed: String(error) } satisfies Answer)),
    )
  })
}

/** A store that asks member 0. */
const asking = async (secret: string, host: string, port: number): Promise<OpenStore> => {
  const socket = connect({ host, port })
  await once(socket, 'connect')
  socket.setNoDelay(true)
  const open = new Map<
    number,
    { readonly resolve: (value: Uint8Array | undefined) => void; readonly reject: (error: Error) => void }
  >()
  let asked = 0
  const own = newNonce()
  let challenged = ''
  let [enter, refuse]: [() => void, (error: Error) => void] = [() => undefined, () => undefined]
  const entered = new Promise<void>((resolve, reject) => {
    enter = resolve
    refuse = reject
  })
  let isIn = false
  hear(socket, ({ header, body }) => {
    const { nonce, proof } = header as { readonly nonce?: string; readonly proof?: string }
    if (!isIn && nonce !== undefined) {
      challenged = nonce
      socket.write(encodeFrame({ proof: proofOf(secret, 'member', own, nonce), nonce: own }))
    } else if (!isIn) {
      isIn = proof !== undefined && isProof(proof, secret, 'leader', own, challenged)
      if (isIn) enter()
      else socket.destroy()
    } else {
      const { id, found, failed } = header as Answer
      const one = open.get(id)
      open.delete(id)
      if (failed === undefined) one?.resolve(found ? body : undefined)
      else one?.reject(new Error(failed))
    }
  })
  socket.on('close', () => {
    const error = new Error('member 0 can no longer be reached')
    refuse(error)
    for (const { reject } of open.values()) reject(error)
    open.clear()
  })
  await entered
  // It is no reason for a process to go on.
  socket.unref()
  const ask = (question: Omit<Question, 'id'>, body?: Uint8Array): Promise<Uint8Array | undefined> =>
    new Promise((resolve, reject) => {
      const id = asked++
      open.set(id, { resolve, reject })
      socket.write(encodeFrame({ id, ...question }, body))
    })
  return {
    store: {
      put: async (key, value) => void (await ask({ kind: 'put', key, timeoutMs: 0 }, value)),
      get: async (key, timeoutMs) => (await ask({ kind: 'get', key, timeoutMs })) ?? new Uint8Array(),
      tryGet: (key) => ask({ kind: 'tryGet', key, timeoutMs: 0 }),
    },
    close: () => socket.destroy(),
  }
}

export interface OpenStore {
  readonly store: KeyValueStore
  readonly close: () => void
}

export interface StoreOptions {
  readonly rank: number
  readonly secret: string
  /** The address of this member in the network of all. */
  readonly host: string
  /** Gives every member's text, in the order of ranks, once all have given theirs. */
  readonly exchange: (mine: string) => Promise<readonly string[]>
}

/** Opens it with all members. Rejects where member 0 can't be reached. */
export const openStore = async ({ rank, secret, host, exchange }: StoreOptions): Promise<OpenStore> => {
  if (rank > 0) {
    const [address] = await exchange('')
    const { host, port } = JSON.parse(address!) as { readonly host: string; readonly port: number }
    return asking(secret, host, port)
  }
  const memory = newMemory()
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.unref()
    serve(memory, secret, socket)
  })
  server.listen(0, host)
  await once(server, 'listening')
  server.unref()
  await exchange(JSON.stringify({ host, port: (server.address() as { readonly port: number }).port }))
  return {
    store: memory,
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
