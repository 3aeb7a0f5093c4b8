/** The port of member 0: who is slow to say who it is, or comes in crowds, is turned away. */
import { connect, type Socket } from 'node:net'
import * as E from 'fp-ts/Either'
import { afterEach, expect, test } from 'vitest'
import { encodeFrame } from '../../src/cluster/frames'
import { type Listening, listen } from '../../src/cluster/listen'
import { freePort } from './members'

const sockets: Socket[] = []
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})

const open = async (host: string, notes: string[]): Promise<readonly [number, Listening]> => {
  const port = await freePort()
  const nobody = { hear: () => undefined, gone: () => undefined }
  const options = { secret: '', enter: () => nobody, trusted: false, greet: 150, note: (text: string) => void notes.push(text) }
  const found = await listen({ host, port }, ['127.0.0.1'], options)
  if (E.isLeft(found)) throw new Error('it does not listen')
  return [port, found.right]
}

/** Comes when the connection is closed. */
const closed = (port: number, bytes: Uint8Array, every?: number): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    sockets.push(socket)
    let at = 0
    const timer = every === undefined ? undefined : setInterval(() => socket.write(bytes.subarray(at, ++at)), every)
    if (every === undefined) socket.write(bytes)
    socket.on('error', () => undefined).resume()
    socket.once('close', () => {
      clearInterval(timer)
      resolve()
    })
  })

test.each(['127.0.0.1', 'localhost', 'a-name'])(
  'listening at %s, it turns away who says nothing, and who says it byte by byte',
  async (host) => {
    const notes: string[] = []
    const [port, listening] = await open(host, notes)
    const hello = encodeFrame({ kind: 'hello', nonce: 'n' })
    await Promise.all([closed(port, new Uint8Array()), closed(port, hello, 20), closed(port, hello)])
    expect(notes).toEqual([
      expect.stringMatching(/^who connected from .*127\.0\.0\.1 was turned away: it did not say in time who it is$/),
    ])
    await listening.close()
  },
)

test('many at a time do not keep it from hearing others afterwards', async () => {
  const notes: string[] = []
  const [port, listening] = await open('127.0.0.1', notes)
  await Promise.all(Array.from({ length: 400 }, () => closed(port, new Uint8Array())))
  const socket = connect(port, '127.0.0.1')
  sockets.push(socket)
  const answer = new Promise((resolve) => socket.once('data', resolve))
  socket.write(encodeFrame({ kind: 'hello', nonce: 'n' }))
  expect(String(await answer)).toContain('challenge')
  await listening.close()
})
