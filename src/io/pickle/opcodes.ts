/** The instructions of pickles, protocols 0 to 5, by their bytes (Python's pickletools.py describes them). */
import { type Bytes, Unreadable } from './bytes'
import { append, called, dict, type Machine, setEntries } from './machine'
import { Instance, Persistent, type Value } from './value'

/** What an instruction does; its arguments are the next bytes. */
export type Opcode = (m: Machine, bytes: Bytes) => void

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const text = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new Unreadable('a text in it is not UTF-8')
  }
}
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

/** A text between quotes, as Python writes it; with a backslash only before quotes and backslashes, or as \xNN, \n, \r or \t. */
const quoted = (line: string): string => {
  const inner = /^(['"])(.*)\1$/s.exec(line)?.[2]
  if (inner === undefined) throw new Unreadable('a text in it is not between quotes')
  const named: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }
  return inner.replace(/\\(?:x([0-9a-f]{2})|(.))/gi, (_, code: string | undefined, letter: string) =>
    code === undefined ? (named[letter] ?? letter) : String.fromCharCode(Number.parseInt(code, 16)),
  )
}

/** Python's raw-unicode-escape: Latin-1, with \uNNNN and \UNNNNNNNN. */
const unescaped = (line: string): string =>
  line.replace(/\\(?:u([0-9a-fA-F]{4})|U(00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4}))/g, (_, short: string | undefined, long: string) =>
    String.fromCodePoint(Number.parseInt(short ?? long, 16)),
  )

const tuple = (values: readonly Value[]): readonly Value[] => Object.freeze(values)

const named = (value: Value): string => {
  if (typeof value !== 'string') throw new Unreadable('it names a class by what is no text')
  return value
}

const pushing =
  (read: (bytes: Bytes, m: Machine) => Value): Opcode =>
  (m, bytes) =>
    m.push(read(bytes, m))

/** The last `count` values as a tuple. */
const lastAsTuple =
  (count: number): Opcode =>
  (m) =>
    m.push(tuple(Array.from({ length: count }, () => m.pop()).reverse()))

const call: Opcode = (m) => {
  const args = m.pop()
  m.push(called(m.pop(), args))
}

const memoised = (key: number | bigint): number => Number(key)

const refused =
  (what: string): Opcode =>
  () => {
    throw new Unreadable(`it uses ${what}, which are not read here`)
  }

export const STOP = 0x2e

const BY_LETTER: Readonly<Record<string, Opcode>> = {
  // the stack
  '(': (m) => m.mark(),
  '0': (m) => m.drop(),
  '1': (m) => void m.sinceMark(),
  '2': (m) => m.push(m.top()),
  // numbers
  F: pushing((bytes) => {
    const line = bytes.line()
    const value = /^-?(inf|nan)$/.test(line) ? Number(line.replace('inf', 'Infinity').replace('nan', 'NaN')) : Number(line)
    if (line.trim() === '' || (Number.isNaN(value) && !line.endsWith('nan')))
      throw new Unreadable('one of its numbers is not a number')
    return value
  }),
  G: pushing((bytes) => bytes.double()),
  I: pushing((bytes) => {
    const line = bytes.line()
    if (line === '00' || line === '01') return line === '01'
    if (!/^-?\d{1,15}$/.test(line)) throw new Unreadable('one of its numbers is not a number')
    return Number(line)
  }),
  J: pushing((bytes) => bytes.int32()),
  K: pushing((bytes) => bytes.unsigned(1)),
  L: pushing((bytes) => bytes.digits()),
  M: pushing((bytes) => bytes.unsigned(2)),
  N: pushing(() => null),
  // texts; Python 2's are bytes, which come as Latin-1
  S: pushing((bytes) => quoted(bytes.line())),
  T: pushing((bytes) => latin1(bytes.sized(4))),
  U: pushing((bytes) => latin1(bytes.sized(1))),
  V: pushing((bytes) => unescaped(bytes.line())),
  X: pushing((bytes) => text(bytes.sized(4))),
  // bytes
  B: pushing((bytes) => bytes.sized(4)),
  C: pushing((bytes) => bytes.sized(1)),
  // lists, tuples, dicts
  ')': pushing(() => tuple([])),
  t: pushing((_, m) => tuple(m.sinceMark())),
  ']': pushing(() => []),
  l: pushing((_, m) => m.sinceMark()),
  a: (m) => {
    const value = m.pop()
    append(m.top(), [value])
  },
  e: (m) => {
    const values = m.sinceMark()
    append(m.top(), values)
  },
  '}': pushing(() => new Map()),
  d: pushing((_, m) => dict(m.sinceMark())),
  s: (m) => {
    const value = m.pop()
    const key = m.pop()
    setEntries(m.top(), [key, value])
  },
  u: (m) => {
    const values = m.sinceMark()
    setEntries(m.top(), values)
  },
  // classes, and what they would make
  c: pushing((bytes, m) => m.global(bytes.line(), bytes.line())),
  R: call,
  i: pushing((bytes, m) => {
    const made = m.global(bytes.line(), bytes.line())
    return called(made, tuple(m.sinceMark()))
  }),
  o: pushing((_, m) => {
    const [made, ...args] = m.sinceMark()
    return called(made ?? null, tuple(args))
  }),
  b: (m) => {
    const state = m.pop()
    const made = m.top()
    if (!(made instanceof Instance)) throw new Unreadable('it gives attributes to what no class made')
    made.state = state
  },
  P: pushing((bytes) => new Persistent(bytes.line())),
  Q: (m) => m.push(new Persistent(m.pop())),
  // the memory
  p: (m, bytes) => m.put(memoised(bytes.digits()), m.top()),
  q: (m, bytes) => m.put(bytes.unsigned(1), m.top()),
  r: (m, bytes) => m.put(bytes.unsigned(4), m.top()),
  g: pushing((bytes, m) => m.get(memoised(bytes.digits()))),
  h: pushing((bytes, m) => m.get(bytes.unsigned(1))),
  j: pushing((bytes, m) => m.get(bytes.unsigned(4))),
}

const BY_NUMBER: Readonly<Record<number, Opcode>> = {
  128: (_, bytes) => {
    const protocol = bytes.unsigned(1)
    if (protocol > 5) throw new Unreadable(`it is of protocol ${protocol}, and those up to 5 are read here`)
  },
  129: call,
  130: refused('extension codes'),
  131: refused('extension codes'),
  132: refused('extension codes'),
  133: lastAsTuple(1),
  134: lastAsTuple(2),
  135: lastAsTuple(3),
  136: pushing(() => true),
  137: pushing(() => false),
  138: pushing((bytes) => bytes.long(1)),
  139: pushing((bytes) => bytes.long(4)),
  140: pushing((bytes) => text(bytes.sized(1))),
  141: pushing((bytes) => text(bytes.sized(8))),
  142: pushing((bytes) => bytes.sized(8)),
  143: pushing(() => new Set()),
  144: (m) => {
    const values = m.sinceMark()
    const set = m.top()
    if (!(set instanceof Set)) throw new Unreadable('it adds to what is no set')
    for (const value of values) set.add(value)
  },
  145: pushing((_, m) => new Set(m.sinceMark())),
  146: (m) => {
    const keywords = m.pop()
    if (!(keywords instanceof Map) || keywords.size > 0) throw new Unreadable('it makes an object with arguments by name')
    call(m, undefined as never)
  },
  147: (m) => {
    const name = named(m.pop())
    m.push(m.global(named(m.pop()), name))
  },
  148: (m) => m.put(m.remembered(), m.top()),
  // A frame is only a hint how much to read at once.
  149: (_, bytes) => void bytes.unsigned(8),
  150: pushing((bytes) => bytes.sized(8)),
  151: refused('buffers outside of it'),
  152: refused('buffers outside of it'),
}

export const OPCODES: ReadonlyMap<number, Opcode> = new Map([
  ...Object.entries(BY_LETTER).map(([letter, opcode]) => [letter.charCodeAt(0), opcode] as const),
  ...Object.entries(BY_NUMBER).map(([code, opcode]) => [Number(code), opcode] as const),
])
