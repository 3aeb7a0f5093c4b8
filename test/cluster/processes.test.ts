/** Members in processes of their own: one that is killed, stopped or busy is told from the others, and all can end by themselves. */
import { afterEach, expect, test } from 'vitest'
import { type Child, child, freePort } from './members'

const children: Child[] = []
afterEach(() => {
  for (const { process } of children.splice(0)) process.kill('SIGKILL')
})
const start = async (size: number, program: (rank: number) => string, others = {}): Promise<readonly Child[]> => {
  const port = await freePort()
  const started = Array.from({ length: size }, (_, rank) => child(rank, size, port, program(rank), others))
  children.push(...started)
  return started
}
const say = (all: readonly Child[]): Promise<readonly string[]> => Promise.all(all.map((one) => one.says()))
const exits = (all: readonly Child[]): Promise<readonly (number | null)[]> => Promise.all(all.map(({ ended }) => ended))

/** Agrees on a step, and waits for the others at the next, which `late` doesn't come to. */
const waitsFor = (late: number) => (rank: number) =>
  `
  cluster.phase('step')
  show(await cluster.agree(12, ${rank})())
  ${rank === late ? 'setInterval(() => undefined, 1000); show({ right: (await cluster.failed).message })' : 'show(await cluster.agree(13, 0)())'}`

test('they agree, leave, and end by themselves', async () => {
  const all = await start(3, (rank) => `show(await cluster.agree(1, 'v${rank}')()); show(await cluster.leave())`)
  expect(await say(all)).toEqual(Array(3).fill('["v0","v1","v2"]'))
  expect(await say(all)).toEqual(Array(3).fill('done'))
  expect(await exits(all)).toEqual([0, 0, 0])
})

test.each([1, 0])('member %i that is killed is named by all others, who can end by themselves', async (victim) => {
  const all = await start(3, waitsFor(victim))
  await say(all)
  const others = all.filter((_, rank) => rank !== victim)
  const began = performance.now()
  all[victim]!.process.kill('SIGKILL')
  const name = `member ${victim} (host${victim}, pid ${all[victim]!.pid})`
  expect(await say(others)).toEqual(Array(2).fill(`${name} was killed or its machine is gone: its connection closed in step 12`))
  expect(performance.now() - began).toBeLessThan(2000)
  expect(await exits(others)).toEqual([0, 0])
})

test.each([1, 0])('member %i that is stopped is named by all others within the time-out', async (victim) => {
  const all = await start(3, waitsFor(victim))
  await say(all)
  const others = all.filter((_, rank) => rank !== victim)
  all[victim]!.process.kill('SIGSTOP')
  const name = `member ${victim} (host${victim}, pid ${all[victim]!.pid})`
  const began = performance.now()
  expect(await say(others)).toEqual(Array(2).fill(`${name} hangs: nothing was heard of it for 2 s, last in phase 'step'`))
  expect(performance.now() - began).toBeLessThan(5000)
  expect(await exits(others)).toEqual([0, 0])
  if (victim === 0) return
  // It goes on, and hears what all others heard.
  all[victim]!.process.kill('SIGCONT')
  expect(await all[victim]!.says()).toBe(JSON.stringify(`${name} hangs: nothing was heard of it for 2 s, last in phase 'step'`))
})

test('a member whose main thread is busy for longer than the time-out is not taken for dead', async () => {
  const busy = 'for (const end = Date.now() + 4000; Date.now() < end; );'
  const all = await start(
    2,
    (rank) => `cluster.phase('preparing'); await 0; ${rank === 1 ? busy : ''} show(await cluster.agree(1, ${rank})())
    show(await cluster.leave())`,
  )
  expect(await say(all)).toEqual(['[0,1]', '[0,1]'])
  expect(await exits(all)).toEqual([0, 0])
})

test('a member that lives but does not come to a step is named with its phase', async () => {
  const all = await start(2, waitsFor(1))
  await say(all)
  const text = `member 1 (host1, pid ${all[1]!.pid}) is slow: member 0 has waited for it at step 13 for 2 s, and it is still in phase 'step'`
  expect(await say(all)).toEqual([text, JSON.stringify(text)])
  expect((await all[0]!.ended) === 0).toBe(true)
})

test('a process that ends without leaving is named, and one that has nothing else to do can end', async () => {
  const all = await start(2, (rank) =>
    rank === 1 ? "say('here')" : "say('here'); show({ right: (await cluster.agree(1, 0)()).left.message })",
  )
  expect(await say(all)).toEqual(['here', 'here'])
  expect(await all[1]!.ended).toBe(0)
  expect(await all[0]!.says()).toContain('was killed or its machine is gone')
  expect(await all[0]!.ended).toBe(0)
})

test('members that do not fit are told so, and end by themselves', async () => {
  const port = await freePort()
  const all = [child(0, 2, port, ''), child(1, 2, port, '', { values: { pipeline: 'q' } })]
  children.push(...all)
  const text = `member 1 (host1, pid ${all[1]!.pid}) has another pipeline (q) than member 0 (host0, pid ${all[0]!.pid}) (p)`
  expect(await say(all)).toEqual([text, text])
  expect(await exits(all)).toEqual([0, 0])
})
