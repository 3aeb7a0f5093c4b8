/** What each mistake in the YAML itself is called, and how to mend it. */
import type { ErrorCode, YAMLError } from 'yaml'

interface Sentence {
  readonly message: string
  readonly suggestion?: string | undefined
}

type Sentences = { readonly [C in ErrorCode]: (original: string) => Sentence }

const say = (message: string, suggestion?: string) => (): Sentence => ({ message, suggestion })
const keep = (original: string): Sentence => ({ message: original.charAt(0).toLowerCase() + original.slice(1) })

/** A list between [ ] or a mapping between { } that ends too soon. */
const unclosed = (original: string): Sentence | undefined => {
  const what = /^Flow (sequence|map)\b/.exec(original)?.[1]
  if (what === undefined) return undefined
  const [name, open, close] = what === 'map' ? ['mapping', '{', '}'] : ['list', '[', ']']
  return {
    message: `the ${name} that was opened with ${open} is not closed before this`,
    suggestion: `close it with ${close}, and indent its lines deeper than the line on which it begins`,
  }
}

const SENTENCES: Sentences = {
  ALIAS_PROPS: say('an alias can have no anchor or tag of its own', 'leave only *name here'),
  BAD_ALIAS: say('an alias needs a name', 'write *name, and &name where the value is first written'),
  BAD_COLLECTION_TYPE: keep,
  BAD_DIRECTIVE: say('this line that begins with % is no directive', 'leave it out'),
  BAD_DQ_ESCAPE: (original) => ({
    message: keep(original).message,
    suggestion: "write \\\\ for a backslash, or put the text between 'single quotes'",
  }),
  BAD_INDENT: (original) =>
    unclosed(original) ?? {
      message: 'the indentation does not fit the lines above',
      suggestion: 'let keys of one mapping, and the dashes of one list, start in one column',
    },
  BAD_PROP_ORDER: keep,
  BAD_SCALAR_START: (original) => {
    const character = /character (\S+)/.exec(original)?.[1] ?? 'this character'
    return { message: `a value can't begin with ${character}`, suggestion: 'put the value between "quotes"' }
  },
  BLOCK_AS_IMPLICIT_KEY: say(
    'a second key on one line',
    'begin a new line and indent it, put the mapping between { and }, or put the value between "quotes"',
  ),
  BLOCK_IN_FLOW: say('a block list or mapping inside [ ] or { }', 'write it between [ ] or { } too'),
  DUPLICATE_KEY: keep,
  IMPOSSIBLE: keep,
  KEY_OVER_1024_CHARS: say('a key of more than 1024 characters', 'is a colon missing above?'),
  MISSING_CHAR: (original) =>
    unclosed(original) ??
    (/closing ["']quote/.test(original)
      ? { message: 'the closing quote is missing', suggestion: 'end the text with the quote that it begins with' }
      : keep(original)),
  MULTILINE_IMPLICIT_KEY: say('a key must end on the line on which it begins', 'is a colon missing here?'),
  MULTIPLE_ANCHORS: say('a value can have one anchor', 'keep one of them'),
  MULTIPLE_DOCS: say('a second document begins here: a file holds one pipeline', 'put it into a file of its own'),
  MULTIPLE_TAGS: say('a value can have one tag', 'leave the tags out'),
  NON_STRING_KEY: say('a key must be plain text', 'write a word before the colon'),
  RESOURCE_EXHAUSTION: say('this is nested too deeply'),
  TAB_AS_INDENT: say('a tab indents this line', 'indent with spaces: YAML allows no tabs there'),
  TAG_RESOLVE_FAILED: say('a tag, which pipelines do not use', 'leave the tag out'),
  UNEXPECTED_TOKEN: (original) =>
    /scalar at node end/.test(original)
      ? {
          message: 'this does not belong to the value before it',
          suggestion: 'check the indentation of this line and the one above',
        }
      : keep(original),
}

/** What is wrong and how to mend it, in the words of this language. */
export const syntaxSentence = (error: YAMLError): Sentence => (SENTENCES[error.code] ?? keep)(error.message)

/** Mistakes that leave the rest of the text readable; any other may make all that follows look wrong. */
const LOCAL: readonly ErrorCode[] = ['NON_STRING_KEY', 'TAG_RESOLVE_FAILED', 'BAD_DQ_ESCAPE']

/** The mistakes worth showing: all that stand alone, and the first of those that cause others. */
export const telling = (errors: readonly YAMLError[]): readonly YAMLError[] => {
  const first = errors.find((error) => !LOCAL.includes(error.code))
  return first === undefined ? errors : errors.filter((error) => error === first || error.pos[0] < first.pos[0])
}
