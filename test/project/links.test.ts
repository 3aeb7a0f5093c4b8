/** Every link of the documents leads somewhere: to a file that the package holds, too, and to a heading in it. */
import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { placeOf } from '../../site/places'
import { anchors, DOCUMENTS, exists, links, read } from './documents'

interface Target {
  readonly link: string
  readonly file: string
  readonly anchor: string | undefined
}

const targets = (document: string): readonly Target[] =>
  links(read(document)).map((link) => {
    const [path, anchor] = link.split('#')
    return { link, file: path === '' ? document : posix.join(posix.dirname(document), path!), anchor }
  })

test('there are links to look at', () => {
  expect(DOCUMENTS.flatMap(targets).length).toBeGreaterThan(150)
})

test.each(DOCUMENTS)('%s: its links lead to files', (document) => {
  expect(targets(document).filter(({ file }) => !exists(file))).toEqual([])
})

test.each(DOCUMENTS)('%s: its links lead to headings', (document) => {
  const astray = targets(document).filter(({ file, anchor }) => anchor !== undefined && !anchors(read(file)).has(anchor))
  expect(astray).toEqual([])
})

test.each(DOCUMENTS)('%s: what it links is in the package', (document) => {
  const { files } = JSON.parse(read('package.json')) as { readonly files: readonly string[] }
  const held = [...files, 'README.md', 'LICENSE', 'package.json']
  const isHeld = (file: string): boolean => held.some((one) => file === one || file.startsWith(`${one}/`))
  expect(targets(document).filter(({ file }) => !isHeld(file.replace(/\/$/, '')))).toEqual([])
})

test.each(DOCUMENTS.filter((document) => document !== 'README.md'))('%s: what it links, the site has a place for', (document) => {
  const pictures = /\.(svg|webp|png)$/
  expect(targets(document).filter(({ file }) => !pictures.test(file) && placeOf(file) === undefined)).toEqual([])
})
