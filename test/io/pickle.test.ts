import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { describe, expect, it } from 'vitest'
import { Global, Instance, Persistent, type PickleOptions, readPickle, type Value } from '../../src/io/pickle'

const ALLOWED: PickleOptions = {
  allowed: new Set([
    'argparse.Namespace',
    'collections.OrderedDict',
    '_codecs.encode',
    'copy_reg._reconstructor',
    '__builtin__.object',
    '__builtin__.set',
    'builtins.set',
  ]),
}
const PICKLES: readonly Buffer[] = (JSON.parse(readFileSync(join(__dirname, 'pickles.json'), 'utf8')) as readonly string[]).map(
  (text) => Buffer.from(text, 'base64'),
)

/** A pickle written by hand, a character a byte. */
const read = (text: string) => readPickle(Buffer.from(text, 'latin1'), ALLOWED)
const written = (text: string): Value => {
  const result = read(text)
  if (E.isLeft(result)) throw new Error(result.left)
  return result.right.value
}

/** As JavaScript would say it: dicts of texts as objects, and what Python's own functions make. */
const plain = (value: Value): unknown => {
  if (value instanceof Instance) {
    const { type, args, entries, state } = value
    if (type === '_codecs.encode') return Uint8Array.from(Buffer.from(args[0] as string, 'latin1'))
    if (type.endsWith('.set')) return new Set(args[0] as Value[])
    return { type, entries: plain(entries), state: plain(state) }
  }
  if (value instanceof Uint8Array) return Uint8Array.from(value)
  if (Array.isArray(value)) return value.map(plain)
  if (!(value instanceof Map)) return value
  const keys = [...value.keys()]
  return keys.every((key) => typeof key === 'string')
    ? Object.fromEntries([...value].map(([key, one]) => [key, plain(one)]))
    : [...value].map(([key, one]) => [plain(key), plain(one)])
}

const EXPECTED = {
  nothing: null,
  flags: [true, false],
  numbers: [
    ...[0, 255, 65535, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 53 - 1, 2n ** 53n, 2n ** 70n, -(2n ** 70n)],
    ...[0.1, -1e300, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ],
  texts: ['', 'a\\\'"\n', 'ä€𝄞', 'x'.repeat(300)],
  bytes: Uint8Array.of(0, 127, 255),
  tuples: [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]],
  shared: [
    [1, 2],
    [1, 2],
  ],
  keys: [
    [0, 'zero'],
    ['0', 'text'],
    [[1, 2], 'pair'],
  ],
  set: new Set([7]),
  ordered: { type: 'collections.OrderedDict', entries: { a: 1, b: [2] }, state: null },
  namespace: { type: 'argparse.Namespace', entries: {}, state: { arch: 'vit_small', scale: [0.14, 1] } },
}

describe('a pickle', () => {
  it.each(PICKLES.map((pickle, protocol) => [protocol, pickle] as const))(
    'written by Python in protocol %i gives the values that were written',
    (_, pickle) => {
      const result = readPickle(pickle, ALLOWED)
      expect(E.isRight(result) && result.right.length).toBe(pickle.length)
      expect(E.isRight(result) ? plain(result.right.value) : result).toEqual(EXPECTED)
    },
  )

  it('ends at its own end, whatever follows', () => {
    expect(read('K\x07.K\x08.')).toEqual(E.right({ value: 7, length: 3 }))
  })

  it('names what is stored elsewhere, and classes, without looking for them', () => {
    expect(written('X\x01\x00\x00\x00aQ.')).toEqual(new Persistent('a'))
    expect(written('cargparse\nNamespace\n.')).toEqual(new Global('argparse.Namespace'))
  })

  it('of Python 2 gives its texts as Latin-1', () => {
    expect(written("(S'it\\'s \\xe4\\n'\nU\x02\xe4!t.")).toEqual(["it's ä\n", 'ä!'])
  })

  it('sets no entry but its own', () => {
    const value = written('}X\x09\x00\x00\x00__proto__}X\x01\x00\x00\x00aK\x01ss.') as Map<Value, Value>
    expect([...value.keys()]).toEqual(['__proto__'])
    expect(({} as Record<string, unknown>).a).toBeUndefined()
  })
})

describe('a pickle is refused that', () => {
  it.each([
    ['calls the system', "cos\nsystem\n(S'echo'\ntR.", 'it asks for os.system, which nothing that is read here needs'],
    [
      'does so in protocol 4',
      '\x80\x04\x8c\x02os\x8c\x06system\x93.',
      'it asks for os.system, which nothing that is read here needs',
    ],
    ['does so in the oldest way', '(ios\nsystem\n.', 'it asks for os.system, which nothing that is read here needs'],
    ['names what would move the cursor', 'c\x1b[2J\nx\n.', 'it asks for ?[2J.x, which nothing that is read here needs'],
    ['calls what is no class', 'K\x01)R.', 'it calls what is neither a class nor a function'],
    ['calls with a list', 'cargparse\nNamespace\n]R.', 'it calls argparse.Namespace with arguments that are no tuple'],
    ['calls with names', 'cargparse\nNamespace\n)}(K\x01K\x02u\x92.', 'it makes an object with arguments by name'],
    ['uses extension codes', '\x82\x01.', 'it uses extension codes, which are not read here'],
    ['uses buffers', '\x97.', 'it uses buffers outside of it, which are not read here'],
    ['is of a later protocol', '\x80\x06.', 'it is of protocol 6, and those up to 5 are read here'],
    ['is no pickle', 'hello', 'it recalls value 101, which it did not remember'],
    ['has an unknown instruction', 'N\xff', 'byte 1 is 0xff, which is no instruction of a pickle'],
    ['is empty', '', 'it is cut off: 1 bytes should follow byte 0, but there are 0'],
    ['ends early', 'X\x05\x00\x00\x00ab', 'it is cut off: 5 bytes should follow byte 5, but there are 2'],
    ['ends within a line', 'I12', 'it is cut off: the line that begins at byte 1 has no end'],
    [
      'claims to hold 2^63 bytes',
      '\x8e\x00\x00\x00\x00\x00\x00\x00\x80a',
      'it is cut off: 9223372036854776000 bytes should follow byte 9, but there are 1',
    ],
    ['takes from an empty stack', '.', 'it takes a value from an empty stack'],
    ['goes back too far', 't.', 'it goes back to a mark that is missing'],
    ['recalls what was not there', 'h\x05.', 'it recalls value 5, which it did not remember'],
    ['appends to a tuple', ')K\x01a.', 'it appends to what is no list'],
    ['sets entries of a list', ']K\x01K\x02s.', 'it sets entries of what is no dict'],
    ['sets half an entry', '}(K\x01u.', 'it sets an entry without a value'],
    ['adds to a list as to a set', '](K\x01\x90.', 'it adds to what is no set'],
    ['gives attributes to a list', ']}b.', 'it gives attributes to what no class made'],
    ['names a class by a number', 'K\x01K\x02\x93.', 'it names a class by what is no text'],
    ['has a text that is not UTF-8', 'X\x01\x00\x00\x00\xff.', 'a text in it is not UTF-8'],
    ['has a text without quotes', 'Sabc\n.', 'a text in it is not between quotes'],
    ['has a number that is none', 'Fabc\n.', 'one of its numbers is not a number'],
    ['has a whole number that is none', 'Lx\n.', 'there is no number at byte 1'],
    ['has a number of 1000 bytes', `\x8b\xe8\x03\x00\x00${'\x01'.repeat(1000)}.`, 'the number at byte 1 is of 1000 bytes'],
    ['contains itself', ']q\x00h\x00a.', 'a value in it contains itself'],
    ['is nested too deep', `${']'.repeat(200)}${'a'.repeat(199)}.`, 'its values are nested more than 100 deep'],
    ['is nested too deep by tuples', `)${'\x85'.repeat(200)}.`, 'its values are nested more than 100 deep'],
    ['unfolds to millions of values', `)${'2\x86'.repeat(40)}.`, 'it unfolds to more than 2000000 values'],
    ['has millions of instructions', `${'N0'.repeat(1_000_001)}.`, 'it has more than 2000000 instructions'],
  ])('%s', (_, text, message) => {
    expect(read(text)).toEqual(E.left(message))
  })

  it('is cut off anywhere', () => {
    for (const pickle of PICKLES)
      for (let end = 0; end < pickle.length; end++) expect(readPickle(pickle.subarray(0, end), ALLOWED)._tag).toBe('Left')
  })
})

const share = fc.double({ min: 0, max: 0.999, noNaN: true })

it('whatever is damaged in a pickle, a sentence or a value comes back', () => {
  const damage = fc.record({
    pickle: fc.constantFrom(...PICKLES),
    changed: fc.array(fc.record({ at: share, byte: fc.integer({ min: 0, max: 255 }) }), { minLength: 1, maxLength: 8 }),
  })
  let refused = 0
  fc.assert(
    fc.property(damage, ({ pickle, changed }) => {
      const bytes = Uint8Array.from(pickle)
      for (const { at, byte } of changed) bytes[Math.floor(at * bytes.length)] = byte
      const result = readPickle(bytes, ALLOWED)
      if (E.isLeft(result)) refused += 1
      return E.isRight(result) || result.left.length > 0
    }),
    { numRuns: 3000 },
  )
  expect(refused).toBeGreaterThan(500)
})
