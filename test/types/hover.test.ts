/** What an editor shows of ops: the declarations of the build hold what `ibot explain` tells, and TypeScript shows it. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rowsOf } from '../../src/dsl/describe'
import { registry } from '../../src/ops/registry'
import { ROOT } from '../cli/ibot'

/** The text of a comment, or of what is shown of one, on one line. */
const flat = (text: string): string => text.replace(/^ *\*(?= |$)/gm, '').replace(/\s+/g, ' ')

const DECLARATIONS = readdirSync(join(ROOT, 'dist', 'ops'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.d.ts'))
  .map((name) => readFileSync(join(ROOT, 'dist', 'ops', name), 'utf8'))

const capital = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}`

test.each(registry.ops.map((spec) => [spec.name, spec] as const))('the declaration of %s tells what it is', (name, spec) => {
  const declaration = DECLARATIONS.flatMap((text) => {
    const found = new RegExp(`/\\*\\*(?:(?!\\*/)[\\s\\S])*\\*/\\s*export declare const ${name}: [\\s\\S]*?^\\};$`, 'm').exec(text)
    return found === null ? [] : [flat(found[0])]
  })
  expect(declaration).toHaveLength(1)
  expect(declaration[0]).toContain(flat(spec.doc))
  const modifiers = Object.entries(spec.kind.modifiers ?? {}).map(([key, { field }]) => [key, field] as const)
  for (const { name: path, doc, fallback } of rowsOf({ ...Object.fromEntries(modifiers), ...spec.fields })) {
    const member = `${path.split(/[.[\]]+/).at(-1)}`
    const tagged = fallback === 'required' || fallback === '–' ? '' : `@default ${flat(fallback)}`
    // The comment, and behind it the member that it belongs to.
    const rest = declaration[0]!
      .split(flat(capital(doc)))
      .slice(1)
      .map((text) => /^(.*?)\*\/ (?:readonly )?(\w+)/.exec(text))
    expect(
      rest.some((found) => found?.[2] === member && found[1]!.includes(tagged)),
      path,
    ).toBe(true)
  }
})

const CODE = `import { adamw, horizontalFlip, imageFolder, pipe, pipeline, randomResizedCrop, views, vit } from '${join(ROOT, 'dist', 'index')}'
export const data = imageFolder({ path: 'data', subset: '1%' })
export const seen = views({ global: [{ times: 2, augment: [randomResizedCrop({ size: 32 }), horizontalFlip({ p: 0.5 })] }] })
export const network = vit({ patch: 8, width: 96, depth: 3, heads: 4, mlpRatio: 4 })
export const optimizer = adamw({ lr: 1e-3, betas: { first: 0.9 } })
`
/** Where the mouse rests: a word and its line, and what is shown. */
const SHOWN: readonly (readonly [word: string, line: number, texts: readonly string[]])[] = [
  ['imageFolder', 1, ['each sub-folder is a class']],
  ['subset', 1, ['a share of each class']],
  ['views', 2, ['multi-crop', 'Needs `images`; gives `views`']],
  ['times', 2, ['How many views are made this way', 'An integer from 1 to 1000', 'default']],
  ['horizontalFlip', 2, ['Mirrors']],
  ['p:', 2, ['How likely it is applied']],
  ['vit', 3, ['A vision transformer', 'arXiv 2010.11929']],
  ['patch', 3, ['Side of a patch in pixels', 'An integer from 1 to 16384']],
  ['mlpRatio', 3, ['as a multiple of the width', '4']],
  ['first', 4, ['default', '0.9']],
]

const root = mkdtempSync(join(tmpdir(), 'ibot-hover-'))
const file = join(root, 'mine.ts')
let server: ChildProcessWithoutNullStreams
let received = Buffer.alloc(0)
const waiting = new Map<number, (result: unknown) => void>()

interface Message {
  readonly id?: number
  readonly method?: string
  readonly result?: unknown
}

const send = (message: object): void => {
  const body = JSON.stringify({ jsonrpc: '2.0', ...message })
  server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
}

const hear = (message: Message): void => {
  if (message.method !== undefined) {
    // What it asks of the editor it may go without.
    if (message.id !== undefined) send({ id: message.id, result: null })
    return
  }
  waiting.get(message.id!)?.(message.result)
}

/** Messages of the Language Server Protocol, each behind its length. */
const take = (chunk: Buffer): void => {
  received = Buffer.concat([received, chunk])
  for (;;) {
    const end = received.indexOf('\r\n\r\n')
    const length = Number(/Content-Length: (\d+)/i.exec(received.toString('utf8', 0, Math.max(end, 0)))?.[1])
    if (end < 0 || received.length < end + 4 + length) return
    hear(JSON.parse(received.toString('utf8', end + 4, end + 4 + length)) as Message)
    received = received.subarray(end + 4 + length)
  }
}

let asked = 0
const ask = (method: string, params: object): Promise<unknown> =>
  new Promise((resolve) => {
    asked += 1
    waiting.set(asked, resolve)
    send({ id: asked, method, params })
  })

beforeAll(async () => {
  writeFileSync(file, CODE)
  writeFileSync(join(root, 'tsconfig.json'), '{ "compilerOptions": { "module": "nodenext", "types": [] }, "files": ["mine.ts"] }')
  const { bin } = createRequire(__filename)('typescript/package.json') as { readonly bin: { readonly tsc: string } }
  server = spawn(process.execPath, [join(ROOT, 'node_modules', 'typescript', bin.tsc), '--lsp', '--stdio'], { cwd: root })
  server.stdout.on('data', take)
  await ask('initialize', {
    processId: process.pid,
    rootUri: pathToFileURL(root).href,
    capabilities: { textDocument: { hover: { contentFormat: ['markdown'] } } },
  })
  send({ method: 'initialized', params: {} })
  const textDocument = { uri: pathToFileURL(file).href, languageId: 'typescript', version: 1, text: CODE }
  send({ method: 'textDocument/didOpen', params: { textDocument } })
})

afterAll(() => {
  server.kill()
  rmSync(root, { recursive: true, force: true })
})

test.each(SHOWN)('the mouse over %s in line %s', async (word, line, texts) => {
  const character = CODE.split('\n')[line]!.search(new RegExp(`\\b${word}`))
  const textDocument = { uri: pathToFileURL(file).href }
  const shown = JSON.stringify(await ask('textDocument/hover', { textDocument, position: { line, character } }))
  for (const text of texts) expect(shown).toContain(text)
})
