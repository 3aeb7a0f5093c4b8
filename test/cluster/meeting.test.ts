/** Members meet, agree, and end together; what doesn't fit is refused for all of them with one message. */
import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import { inThread } from '../../src/cluster/posts'
import { freePort, leave, member, members, messageOf, right } from './members'

const all = <A>(found: readonly A[], count: number): boolean => found.length === count && new Set(found).size === 1

test.each([1, 2, 4])('%i members meet, know each other, agree on values in the order of ranks, and leave', async (size) => {
  const clusters = await members(size)
  expect(clusters[0]!.members).toEqual(clusters.map(({ rank }) => `member ${rank} (host${rank}, pid ${process.pid})`))
  expect(clusters.map((one) => one.members)).toEqual(clusters.map(() => clusters[0]!.members))
  for (const step of [1, 2, 3]) {
    const agreed = await Promise.all(clusters.map((one) => one.agree(step, { rank: one.rank, stop: false, step })()))
    const expected = clusters.map(({ rank }) => ({ rank, stop: false, step }))
    expect(agreed.map(right)).toEqual(clusters.map(() => expected))
  }
  await leave(clusters)
})

test('the members of threads of their own meet, agree and leave', async () => {
  const clusters = await members(2, { beatSeconds: 1 }, inThread)
  expect((await Promise.all(clusters.map((one) => one.agree('names', one.rank)()))).map(right)).toEqual([
    [0, 1],
    [0, 1],
  ])
  const bytes = new Uint8Array(2 ** 22).fill(7)
  const gathered = await Promise.all(clusters.map((one) => one.gather('weights', bytes.subarray(one.rank))()))
  expect(gathered.map((one) => right(one).map(({ length }) => length))).toEqual([
    [2 ** 22, 2 ** 22 - 1],
    [2 ** 22, 2 ** 22 - 1],
  ])
  await leave(clusters)
})

test('nobody goes on before all have come', async () => {
  const clusters = await members(2)
  let gone = false
  const first = clusters[0]!
    .agree(1, 'a')()
    .then((agreed) => {
      gone = true
      return agreed
    })
  await sleep(150)
  expect(gone).toBe(false)
  expect(right(await clusters[1]!.agree(1, 'b')())).toEqual(['a', 'b'])
  expect(right(await first)).toEqual(['a', 'b'])
  await leave(clusters)
})

test("everyone's bytes come to all, or to member 0 alone", async () => {
  const clusters = await members(3)
  const gather = (to: 'all' | 'first') =>
    Promise.all(clusters.map((one) => one.gather(`bytes ${to}`, new Uint8Array(one.rank).fill(one.rank), to)())).then((found) =>
      found.map(right),
    )
  const whole = [new Uint8Array(), Uint8Array.of(1), Uint8Array.of(2, 2)]
  const none = [new Uint8Array(), new Uint8Array(), new Uint8Array()]
  expect(await gather('all')).toEqual([whole, whole, whole])
  expect(await gather('first')).toEqual([whole, none, none])
  await leave(clusters)
})

test('points that a member asks for at once are asked one after the other', async () => {
  const clusters = await members(2)
  const both = (order: readonly number[]) => (one: (typeof clusters)[number]) =>
    Promise.all(order.map((step) => one.agree(step, one.rank)()))
  const found = await Promise.all(clusters.map(both([1, 2, 3])))
  expect(found.flat().map(right)).toEqual(Array(6).fill([0, 1]))
  await leave(clusters)
})

test('members that come to different points are told so, and do not wait for ever', async () => {
  const clusters = await members(2)
  const found = await Promise.all([clusters[0]!.agree(1, 0)(), clusters[1]!.agree(2, 0)()])
  expect(messageOf(found[0])).toMatch(/^members have come to different points: member 0 .* to step 1, member 1 .* to step 2$/)
  expect(all(found.map(messageOf), 2)).toBe(true)
})

test('members may start in any order: those before member 0 wait for it', async () => {
  const port = await freePort()
  const others = [1, 2].map((rank) => member(rank, 3, port))
  await sleep(300)
  await leave((await Promise.all([member(0, 3, port), ...others])).map(right))
})

test('they meet at localhost, too', async () => {
  await leave(await members(2, { host: 'localhost' }))
})

test.each<[string, Parameters<typeof member>[3], RegExp]>([
  [
    'another value',
    { values: { pipeline: '3f2a' } },
    /^member 1 \(host1, pid \d+\) has another pipeline \(3f2a\) than member 0 \(host0, pid \d+\) \(p\)$/,
  ],
  ['a value more', { values: { pipeline: 'p', data: 'd' } }, /^member 1 .* has other data \(d\) than member 0 .* \(none\)$/],
  ['another version', { version: '2' }, /^member 1 .* is ibot 2, and member 0 .* is 1$/],
])('%s is refused for all members with one message', async (_, others, expected) => {
  const port = await freePort()
  const found = await Promise.all([member(0, 3, port), member(1, 3, port, others), member(2, 3, port)])
  expect(messageOf(found[0]!)).toMatch(expected)
  expect(all(found.map(messageOf), 3)).toBe(true)
})

test('another number of members, and the same number twice, are refused for all', async () => {
  const port = await freePort()
  const sizes = await Promise.all([member(0, 2, port), member(2, 3, port)])
  expect(messageOf(sizes[0]!)).toMatch(/^member 2 .* is one of 3, and member 0 .* one of 2$/)
  expect(all(sizes.map(messageOf), 2)).toBe(true)
  const twice = await Promise.all([member(0, 3, port), member(1, 3, port), member(1, 3, port)])
  expect(messageOf(twice[0]!)).toMatch(/^member 1 .* is there twice: process \d+ says the same$/)
  expect(all(twice.map(messageOf), 3)).toBe(true)
})

test('a difference is told soon, though a member is still missing', async () => {
  const port = await freePort()
  const found = await Promise.all([member(0, 3, port, { joinSeconds: 1 }), member(1, 3, port, { values: {}, joinSeconds: 1 })])
  expect(all(found.map(messageOf), 2)).toBe(true)
  expect(messageOf(found[0]!)).toMatch(/another pipeline/)
})

test('who has not come in time is named, to all who have', async () => {
  const port = await freePort()
  const found = await Promise.all([0, 2].map((rank) => member(rank, 4, port, { joinSeconds: 0.5 })))
  expect(found.map(messageOf)).toEqual(Array(2).fill('members 1 and 3 of 4 did not come within 1 s'))
})

test('a member that finds no member 0 says where it looked', async () => {
  const port = await freePort()
  expect(messageOf(await member(1, 2, port, { joinSeconds: 0.3 }))).toBe(
    `member 1 did not reach member 0 at 127.0.0.1:${port} within 0 s: ECONNREFUSED`,
  )
})

test('a name without an address is looked up until the time is over; a public address is refused at once', async () => {
  const unknown = { host: 'no-such-name.invalid', joinSeconds: 0.3 }
  const found = await Promise.all([0, 1].map((rank) => member(rank, 2, 4711, unknown)))
  expect(messageOf(found[0]!)).toMatch(/^the name of member 0, no-such-name.invalid, has no address/)
  expect(messageOf(found[1]!)).toContain('the name of member 0, no-such-name.invalid, has no address')
  const open = await Promise.all([0, 1].map((rank) => member(rank, 2, 4711, { host: '192.0.2.1' })))
  expect(open.map(messageOf)).toEqual(Array(2).fill(expect.stringContaining('public address (192.0.2.1)')))
})

test('a port that another process has is a failure that says what to do', async () => {
  const port = await freePort()
  const server = createServer().listen(port, '127.0.0.1')
  const found = await member(0, 2, port)
  expect(messageOf(found)).toBe(`member 0 can't listen at 127.0.0.1:${port}: another process does`)
  expect(found).toMatchObject({ left: { remedy: expect.stringContaining('another port') } })
  await new Promise((resolve) => server.close(resolve))
})

test('members with the same secret meet; another one, or none, is refused in words and named to member 0', async () => {
  await leave(await members(2, { secret: 'x' }))
  for (const [first, second] of [
    ['x', 'y'],
    ['x', undefined],
    [undefined, 'y'],
  ]) {
    const port = await freePort()
    const notes: string[] = []
    const note = (text: string) => void notes.push(text)
    const found = await Promise.all([
      member(0, 2, port, { secret: first, joinSeconds: 1, note }),
      member(1, 2, port, { secret: second }),
    ])
    expect(messageOf(found[1]!)).toBe('member 0 knows another secret than this member, or one of them knows none')
    expect(messageOf(found[0]!)).toMatch(
      /^member 1 of 2 did not come within 1 s; who connected from 127.0.0.1 was turned away: .*secret/,
    )
    expect(notes).toEqual([expect.stringContaining('it knows another secret')])
  }
})

test('strangers at the port are turned away, told once, and do no harm', async () => {
  const port = await freePort()
  const notes: string[] = []
  const leading = member(0, 2, port, { note: (text) => void notes.push(text) })
  await sleep(100)
  const stranger = (bytes: string | Uint8Array): Promise<void> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
      socket.on('error', () => undefined).resume()
      socket.once('close', () => resolve())
    })
  const silent = connect(port, '127.0.0.1')
  silent.on('error', () => undefined)
  const huge = Buffer.concat([Buffer.from('ibot'), Buffer.from([255, 255, 255, 255, 0, 0, 0, 0])])
  const card = Buffer.from('{"kind":"card","proof":"","card":{}}')
  const early = Buffer.concat([Buffer.from('ibot'), Buffer.from([0, 0, 0, card.length, 0, 0, 0, 0]), card])
  const http = 'GET / HTTP/1.1\r\n\r\n'
  await Promise.all([http, http, '\u0016\u0003\u0001', huge, early, new Uint8Array(100_000)].map(stranger))
  const second = member(1, 2, port)
  await leave((await Promise.all([leading, second])).map(right))
  silent.destroy()
  expect(notes.filter((text) => text.includes('HTTP'))).toHaveLength(1)
  expect(notes.filter((text) => text.includes('longer than is allowed'))).toHaveLength(1)
  expect(new Set(notes).size).toBe(notes.length)
})

test('a process of an earlier start is told that all members are there already', async () => {
  const port = await freePort()
  const clusters = (await Promise.all([0, 1].map((rank) => member(rank, 2, port)))).map(right)
  expect(messageOf(await member(1, 2, port))).toBe('the run has all its members already')
  await leave(clusters)
})

test('joining ends where it is told to', async () => {
  const port = await freePort()
  const abort = new AbortController()
  const joining = [0, 1].map((rank) => member(rank, 3, port, { signal: abort.signal }))
  await sleep(100)
  abort.abort('SIGINT')
  expect((await Promise.all(joining)).map((one) => E.isLeft(one) && one.left._tag)).toEqual(['Stopped', 'Stopped'])
})

test('a member that fails tells everyone why: those who wait, those who come later, and itself', async () => {
  const clusters = await members(3)
  const waits = clusters[0]!.agree(1, 0)()
  const failure = await clusters[1]!.fail('the disk is full')()
  expect(failure).toMatchObject({ message: expect.stringMatching(/^member 1 \(host1, pid \d+\) failed: the disk is full$/) })
  expect(await waits).toEqual(E.left(failure))
  expect(await Promise.all(clusters.map(({ failed }) => failed))).toEqual([failure, failure, failure])
  expect(await clusters[2]!.agree(1, 0)()).toEqual(E.left(failure))
  expect(await clusters[2]!.leave()).toEqual(E.left(failure))
})
