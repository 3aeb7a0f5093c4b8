/** A YAML text that has been read: its value, and the node behind every part of it. */
import * as E from 'fp-ts/Either'
import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type ParsedNode, parseDocument, type YAMLMap } from 'yaml'
import type { LocatedProblem } from '../base/failure'
import { codeFrame, positionOf } from './frame'
import { syntaxSentence, telling } from './syntax'

export interface Source {
  /** The file's name, or the option that the text was given with. */
  readonly file: string
  readonly text: string
  /** Where in the text the YAML begins: after `path=` in an option's argument. */
  readonly start: number
  /** Undefined where nothing is written. */
  readonly root: ParsedNode | undefined
  readonly value: unknown
  /** What each alias stands for. */
  readonly aliases: ReadonlyMap<Alias, ParsedNode>
}

/** A mistake in the YAML itself; offsets count from the beginning of the YAML. */
interface Slip {
  readonly code: string
  readonly from: number
  readonly to: number
  readonly message: string
  readonly suggestion?: string | undefined
}

/** How long a text may be, how often values may be written out through aliases, and how deep they may nest: far beyond any pipeline. */
const LONGEST = 32_768
const MOST_NODES = 100_000
/** More mistakes than that nobody reads. */
const MOST_SLIPS = 100
const DEEPEST = 256
const TAGS = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/

/** A problem at a place of a text. Where a line ends before `to`, so does the underlined part. */
export const problemAt = (
  source: Pick<Source, 'file' | 'text'>,
  [from, to]: readonly [number, number],
  problem: Omit<LocatedProblem, 'file' | 'line' | 'col' | 'frame'>,
): LocatedProblem => {
  const within = Math.min(from, source.text.trimEnd().length)
  return {
    ...problem,
    file: source.file,
    ...positionOf(source.text, within),
    frame: codeFrame(source.text, within, Math.max(to, within)),
  }
}

/** Reads YAML 1.2 with plain keys, each once, and without tags, merge keys and further documents. */
export const readSource = (file: string, text: string, start = 0): E.Either<readonly LocatedProblem[], Source> => {
  const located = (slips: readonly Slip[]) =>
    slips.map(({ from, to, code, message, suggestion }) =>
      problemAt({ file, text }, [start + from, start + to], {
        code,
        path: [],
        at: 'value',
        message,
        ...(suggestion === undefined ? {} : { suggestion }),
      }),
    )
  const yaml = text.slice(start)
  const absurd = tooLong(yaml) ?? tooDeep(yaml)
  if (absurd !== undefined) return E.left(located([absurd]))
  const document = parsed(yaml)
  if (document === undefined) return E.left(located([{ ...DEEP, from: 0, to: 1 }]))
  if (document.errors.length > 0)
    return E.left(
      located(
        telling(document.errors)
          .slice(0, MOST_SLIPS)
          .map((error) => ({
            code: 'syntax',
            from: error.pos[0],
            to: error.pos[1],
            ...syntaxSentence(error),
          })),
      ),
    )
  const read = valuesOf(document)
  const slips = [...directiveSlips(document, yaml), ...read.slips]
  if (slips.length > 0) return E.left(located(slips.slice(0, MOST_SLIPS)))
  return E.right({ file, text, start, root: document.contents ?? undefined, value: read.value, aliases: read.aliases })
}

const DEEP = { code: 'syntax', message: 'this is nested too deeply' } as const

/** Undefined where the parser, which recurses, came to the end of its stack in spite of all. */
const parsed = (yaml: string): Document.Parsed | undefined => {
  try {
    return parseDocument(yaml, { version: '1.2', prettyErrors: false, stringKeys: true, logLevel: 'error', uniqueKeys: false })
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

const tooLong = (yaml: string): Slip | undefined =>
  yaml.length <= LONGEST
    ? undefined
    : {
        code: 'syntax',
        from: LONGEST,
        to: LONGEST + 1,
        message: `this is longer than ${LONGEST.toLocaleString('en')} characters`,
        suggestion: 'is it a pipeline at all?',
      }

/** Absurd nesting must not reach the parser. */
const tooDeep = (yaml: string): Slip | undefined => {
  const slip = (from: number): Slip => ({ ...DEEP, from, to: from + 1 })
  const indented = new RegExp(`^[ \\-?:\\t]{${4 * DEEPEST},}`, 'm').exec(yaml)
  if (indented) return slip(indented.index)
  let depth = 0
  for (let i = 0; i < yaml.length; i++) {
    if (yaml[i] === '[' || yaml[i] === '{') depth++
    else if (yaml[i] === ']' || yaml[i] === '}') depth--
    if (depth > DEEPEST) return slip(i)
  }
  return undefined
}

const directiveSlips = (document: Document.Parsed, yaml: string): readonly Slip[] => {
  if (document.directives?.yaml.version === '1.2') return []
  const from = Math.max(0, yaml.search(/^%YAML/m))
  return [
    {
      code: 'syntax',
      from,
      to: from + 9,
      message: `pipelines are YAML 1.2, not ${document.directives?.yaml.version}`,
      suggestion: 'leave this line out',
    },
  ]
}

const rangeOf = (node: ParsedNode): { readonly from: number; readonly to: number } => ({ from: node.range[0], to: node.range[1] })

/** The value of the whole document. Aliases share what they stand for; their sizes are added up as if written out. */
const valuesOf = (document: Document.Parsed) => {
  const slips: Slip[] = []
  const anchors = new Map<string, ParsedNode>()
  const aliases = new Map<Alias, ParsedNode>()
  const done = new Map<ParsedNode, { readonly value: unknown; readonly size: number }>()

  const visit = (node: ParsedNode): { readonly value: unknown; readonly size: number } => {
    if (isAlias(node)) return visitAlias(node)
    if (node.anchor !== undefined) anchors.set(node.anchor, node)
    if (node.tag !== undefined && !TAGS.test(node.tag)) slips.push(tagSlip(node))
    const result = isMap(node)
      ? visitMap(node)
      : isSeq(node)
        ? collect(node.items.map((item) => visit(item as ParsedNode)))
        : { value: isScalar(node) ? node.value : null, size: 1 }
    done.set(node, result)
    return result
  }

  const visitMap = (node: YAMLMap.Parsed) => {
    const met = new Set<string>()
    // Object.fromEntries makes own properties of all keys, `__proto__` too.
    const entries = node.items.map((pair) => {
      const key = isScalar(pair.key) ? String(pair.key.value ?? '') : ''
      // The parser compares every key with every other, which takes long where there are many.
      if (key === '' || key === '<<' || met.has(key)) slips.push(keySlip(key, pair.key as ParsedNode))
      met.add(key)
      return [key, pair.value ? visit(pair.value as ParsedNode) : { value: null, size: 1 }] as const
    })
    const size = entries.reduce((sum, [, entry]) => sum + entry.size, 1)
    return { value: Object.fromEntries(entries.map(([key, entry]) => [key, entry.value])), size }
  }

  const visitAlias = (node: Alias.Parsed) => {
    const meant = anchors.get(node.source)
    const known = meant && done.get(meant)
    if (meant === undefined || known === undefined) {
      slips.push(aliasSlip(node, meant !== undefined))
      return { value: null, size: 1 }
    }
    aliases.set(node, meant)
    if (known.size > MOST_NODES && !slips.some((slip) => slip.message === TOO_LARGE))
      slips.push({ code: 'syntax', ...rangeOf(node), message: TOO_LARGE })
    return known.size > MOST_NODES ? { value: null, size: 1 } : known
  }

  const value = document.contents ? visit(document.contents).value : null
  return { value, aliases, slips }
}

const TOO_LARGE = `with all aliases written out this has more than ${MOST_NODES} values`

const collect = (items: readonly { readonly value: unknown; readonly size: number }[]) => ({
  value: items.map((item) => item.value) as unknown,
  size: items.reduce((sum, item) => sum + item.size, 1),
})

const aliasSlip = (node: Alias.Parsed, inside: boolean): Slip => ({
  code: 'syntax',
  ...rangeOf(node),
  message: inside
    ? `alias '*${node.source}' stands inside the value that it stands for`
    : `no value above is marked '&${node.source}'`,
  suggestion: inside ? 'write the value out' : `mark the value with &${node.source} where it is first written`,
})

const tagSlip = (node: ParsedNode): Slip => ({
  code: 'syntax',
  ...rangeOf(node),
  message: `tag '${node.tag}': pipelines use no tags`,
  suggestion: 'leave the tag out',
})

const keySlip = (key: string, node: ParsedNode): Slip => ({
  code: 'syntax',
  ...rangeOf(node),
  ...(key === '<<'
    ? {
        message: "merge keys ('<<') are not part of YAML 1.2",
        suggestion: 'write the keys out, or use an alias for a whole value',
      }
    : key === ''
      ? { message: 'a key is missing before the colon', suggestion: 'write a word before the colon' }
      : { message: 'this key occurs twice in one mapping', suggestion: 'keep one of them' }),
})
