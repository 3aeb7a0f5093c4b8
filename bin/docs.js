/**
 * Writes into the declarations of a build what ops and their parameters are, from their definitions: what `ibot explain` tells, an
 * editor shows where the mouse rests. A process of its own, as it loads the build: node bin/docs.js FOLDER
 */
const { existsSync, readdirSync, readFileSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')

/** A text as a comment above what is indented so. */
const commentOf = (paragraphs, indent) => {
  const lines = paragraphs.join('\n\n').replaceAll('*/', '* /').split('\n')
  return `${[`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`].join('\n')}\n`
}

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`
const facts = (names) => names.map((name) => `\`${name}\``).join(', ') || 'nothing'

/** What is told of an op. */
const opDoc = ({ doc, equation, source, needs, gives }) => [
  doc,
  ...(equation === undefined ? [] : [`\`${equation}\``]),
  ...(needs === undefined ? [] : [`Needs ${facts(needs)}; gives ${facts(gives)}.`]),
  ...(source === undefined ? [] : [`Source: ${source}`]),
]

/** What is told of a parameter. */
const fieldDoc = ({ doc, type, fallback }) => [
  sentence(doc),
  sentence(type),
  ...(fallback === 'required' || fallback === '–' ? [] : [`@default ${fallback}`]),
]

/** A member of a type, as the compiler writes it. */
const MEMBER = /^( +)(?:readonly )?(\w+)\??: (?!never;)/

/** The declaration of one op with a comment above it, and above each of its parameters, found by the path of its names. */
const documented = (declaration, spec, rows) => {
  const docs = new Map(rows.map((row) => [row.name.replaceAll('[]', ''), row]))
  const above = []
  const lines = declaration.split('\n').map((line) => {
    const [, indent, name] = MEMBER.exec(line) ?? []
    if (indent === undefined) return line
    while (above.length > 0 && above.at(-1).depth >= indent.length) above.pop()
    above.push({ depth: indent.length, name })
    const row = docs.get(above.map((member) => member.name).join('.'))
    return row === undefined ? line : `${commentOf(fieldDoc(row), indent)}${line}`
  })
  return `${commentOf(opDoc(spec), '')}${lines.join('\n')}`
}

/** Comments the ops in a folder of compiled files. */
const writeDocs = (folder) => {
  if (!existsSync(join(folder, 'ops', 'all.js'))) return
  const { rowsOf } = require(join(folder, 'dsl', 'describe.js'))
  const specs = new Map(Object.values(require(join(folder, 'ops', 'all.js'))).map(({ spec }) => [spec.name, spec]))
  const files = readdirSync(join(folder, 'ops'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.d.ts'))
  for (const path of files.map((name) => join(folder, 'ops', name))) {
    const text = readFileSync(path, 'utf8')
    const commented = text.replace(/^export declare const (\w+): (?:(?!^export )[\s\S])*?^\};$/gm, (declaration, name) => {
      const spec = specs.get(name)
      if (spec === undefined) return declaration
      const modifiers = Object.entries(spec.kind.modifiers ?? {}).map(([key, { field }]) => [key, field])
      return documented(declaration, spec, rowsOf({ ...Object.fromEntries(modifiers), ...spec.fields }))
    })
    if (commented !== text) writeFileSync(path, commented)
  }
}

writeDocs(process.argv[2])
