/** The project's documents, and what stands in them: blocks of code, commands, links, headings. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { slug } from '../../site/slug'

export const ROOT = join(__dirname, '..', '..')

export const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

export const DOCS: readonly string[] = readdirSync(join(ROOT, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`)

/** What people read: the README, the docs, and what these lead to. */
export const DOCUMENTS: readonly string[] = ['README.md', ...DOCS, 'CHANGELOG.md', 'CONTRIBUTING.md', 'bench/README.md']

/** The blocks of code of a language, '' for those of none. */
export const blocks = (text: string, language: string): readonly string[] =>
  [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].filter(([, one]) => one === language).map(([, , block]) => block!)

const withoutBlocks = (text: string): string => text.replace(/^( *)```[\s\S]*?^\1```$/gm, '')

/** Pieces of code within the text. */
export const spans = (text: string): readonly string[] =>
  [...withoutBlocks(text).matchAll(/`([^`]+)`/g)].map(([, span]) => span!.replace(/\s+/g, ' '))

/** Where links and pictures lead to, but for other sites. */
export const links = (text: string): readonly string[] =>
  [
    ...withoutBlocks(text)
      .replace(/`[^`]*`/g, '')
      .matchAll(/\]\((?!\w+:)([^)\s]+)\)/g),
  ].map(([, link]) => link!)

/** The anchors of a document's headings; a heading that comes again is numbered, as GitHub does it. */
export const anchors = (text: string): ReadonlySet<string> => {
  const found = new Map<string, number>()
  for (const [, heading] of withoutBlocks(text).matchAll(/^#{1,6} (.+)$/gm)) {
    const plain = slug(heading!.replace(/`|\*/g, '').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1'))
    found.set(plain, (found.get(plain) ?? 0) + 1)
  }
  return new Set([...found].flatMap(([one, times]) => Array.from({ length: times }, (_, i) => (i === 0 ? one : `${one}-${i}`))))
}

export const exists = (path: string): boolean => existsSync(join(ROOT, path))
