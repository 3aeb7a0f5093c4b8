/**
 * Gives the package's declarations those of tfjs-core to go with. tfjs-core's own refer to an old @webgpu/types, which contradicts
 * what TypeScript knows of browsers since, and to browsers that a program for Node.js doesn't declare: a project that checks
 * its libraries (`skipLibCheck: false`) couldn't use them.
 */
const { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } = require('node:fs')
const { dirname, join, relative, sep } = require('node:path')

const CORE = '@tensorflow/tfjs-core'
/** Where the declarations of tfjs-core are in dist/. */
const COPY = 'tfjs-core'
const BROWSER = 'browser'

/** Classes of browsers that tfjs-core's declarations name: what the project declares of them, if it does. */
const CLASSES = [
  'File',
  'GPUBuffer',
  'HTMLCanvasElement',
  'HTMLImageElement',
  'HTMLSourceElement',
  'HTMLVideoElement',
  'IDBFactory',
  'ImageBitmap',
  'ImageData',
  'Navigator',
  'OffscreenCanvas',
  'Response',
  'Storage',
  'WebGLTexture',
]
/** What has no value by which to find it, or comes from a package of types. */
const OTHERS = ['Long', 'RequestInit', 'WebGLContextAttributes']

const browserTypes = () =>
  [
    '/** Types of browsers as far as the project declares them. */',
    ...CLASSES.map((name) => `export type ${name} = typeof globalThis extends { ${name}: { prototype: infer A } } ? A : object;`),
    ...OTHERS.map((name) => `export type ${name} = object;`),
    '',
  ].join('\n')

const withoutComments = (text) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*/g, '')

/** A file as another one imports it. */
const specifier = (from, to) => {
  const path = relative(dirname(from), to).split(sep).join('/')
  return path.startsWith('.') ? path : `./${path}`
}

/** Imports of tfjs-core led to the copy. */
const redirected = (text, file, copy) =>
  text.replace(/(['"])@tensorflow\/tfjs-core(?:\/dist\/([^'"]+))?\1/g, (_, quote, inner) => {
    return `${quote}${specifier(file, join(copy, inner ?? 'index'))}${quote}`
  })

/** One of tfjs-core's declarations, as it is in the copy. */
const copied = (text, file, copy) => {
  const code = withoutComments(text)
  const names = [...CLASSES, ...OTHERS].filter((name) => new RegExp(`\\b${name}\\b`).test(code))
  const own = redirected(text, file, copy)
    .replace(/^\/\/\/ <reference types="@webgpu\/types\/dist" \/>\r?\n/gm, '')
    // With it the class would be another one than tfjs-core's, whatever else is the same.
    .replace(/^\s*protected isDisposedInternal: boolean;\r?\n/gm, '')
  return names.length === 0
    ? own
    : `${own}\nimport type { ${names.join(', ')} } from '${specifier(file, join(copy, BROWSER))}';\n`
}

/** The files that a declaration leads to, itself among them. */
const reachable = (first) => {
  const seen = new Set()
  const visit = (file) => {
    if (seen.has(file)) return
    seen.add(file)
    for (const [, path] of withoutComments(readFileSync(file, 'utf8')).matchAll(
      /(?:\bfrom|\bimport)\s*\(?\s*['"](\.[^'"]+)['"]/g,
    )) {
      const plain = join(dirname(file), path)
      visit(existsSync(`${plain}.d.ts`) ? `${plain}.d.ts` : join(plain, 'index.d.ts'))
    }
  }
  visit(first)
  return [...seen]
}

const declarationsIn = (folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.d.ts'))
    .map((name) => join(folder, name))

/** Writes them into a folder of compiled files. */
const writeTypes = (root, folder) => {
  const copy = join(folder, COPY)
  const those = declarationsIn(folder).filter((file) => readFileSync(file, 'utf8').includes(CORE))
  if (those.length === 0) return
  for (const file of those) writeFileSync(file, redirected(readFileSync(file, 'utf8'), file, copy))
  const core = join(root, 'node_modules', CORE, 'dist')
  for (const from of reachable(join(core, 'index.d.ts'))) {
    const to = join(copy, relative(core, from))
    mkdirSync(dirname(to), { recursive: true })
    writeFileSync(to, copied(readFileSync(from, 'utf8'), to, copy))
  }
  writeFileSync(join(copy, `${BROWSER}.d.ts`), browserTypes())
}

module.exports = { writeTypes }
