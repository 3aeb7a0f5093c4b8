/** What members tell each other by keys. */
import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { newMemory, type OpenStore, openStore } from '../../src/cluster/store'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (value: Uint8Array | undefined): string | undefined => value && new TextDecoder().decode(value)

let open: readonly OpenStore[] = []
afterEach(() => {
  for (const { close } of open) close()
  open = []
})

/** Members of one process, each with a secret. */
const members = async (secrets: readonly string[]): Promise<{ readonly stores: readonly OpenStore[]; readonly port: number }> => {
  let [tell, told]: [(address: string) => void, string] = [() => undefined, '']
  const address = new Promise<string>((resolve) => {
    tell = resolve
  })
  const exchange = async (mine: string): Promise<readonly string[]> => {
    if (mine !== '') {
      told = mine
      tell(mine)
    }
    return [await address]
  }
  const stores = await Promise.all(secrets.map((secret, rank) => openStore({ rank, secret, host: '127.0.0.1', exchange })))
  open = stores
  return { stores, port: (JSON.parse(told) as { readonly port: number }).port }
}

test('a value that one member tells is what all of them find, and who asks early waits for it', async () => {
  const { stores } = await members(['a', 'a', 'a'])
  const [first, second, third] = stores.map(({ store }) => store)
  const early = [first!.get('key', 10_000), third!.get('key', 10_000)]
  expect(await third!.tryGet('key')).toBeUndefined()
  await second!.put('key', bytes('value'))
  expect((await Promise.all(early)).map(text)).toEqual(['value', 'value'])
  expect(text(await first!.tryGet('key'))).toBe('value')
  await first!.put('key', bytes(''))
  expect(text(await third!.tryGet('key'))).toBe('')
})

test('many megabytes go through, and many questions at once', async () => {
  const { stores } = await members(['a', 'a'])
  const [first, second] = stores.map(({ store }) => store)
  const large = Uint8Array.from({ length: 5_000_000 }, (_, i) => i % 251)
  await second!.put('large', large)
  expect(Buffer.compare(await second!.get('large', 1000), large)).toBe(0)
  await Promise.all(Array.from({ length: 50 }, (_, i) => second!.put(`key ${i}`, bytes(String(i)))))
  const all = await Promise.all(Array.from({ length: 50 }, (_, i) => first!.get(`key ${i}`, 1000)))
  expect(all.map(text)).toEqual(Array.from({ length: 50 }, (_, i) => String(i)))
})

test('a key that nobody tells is an error after its time, and one of a member that is gone at once', async () => {
  const { stores } = await members(['a', 'a'])
  await expect(stores[1]!.store.get('never', 50)).rejects.toThrow('no member has told never')
  const waiting = stores[1]!.store.get('never', 60_000)
  stores[0]!.close()
  await expect(waiting).rejects.toThrow('member 0 can no longer be reached')
})

test('who does not know the secret is turned away, and so is who says something else', async () => {
  await expect(members(['a', 'b'])).rejects.toThrow('can no longer be reached')
  const { stores, port } = await members(['a', 'a'])
  const stranger = connect(port, '127.0.0.1', () => stranger.write('GET / HTTP/1.1\r\n\r\n'))
  await new Promise((resolve) => stranger.on('data', () => undefined).on('close', resolve))
  await stores[1]!.store.put('key', bytes('value'))
  expect(text(await stores[0]!.store.tryGet('key'))).toBe('value')
})

test('in memory, a value that is told before is there at once', async () => {
  const memory = newMemory()
  await memory.put('key', bytes('value'))
  expect(text(await memory.get('key', 0))).toBe('value')
})
