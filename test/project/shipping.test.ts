/** What goes out besides the code: the image, the list of what is in the package, and the package as a registry would take it. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Copy, DockerfileParser, type From } from 'dockerfile-ast'
import { validate } from 'dockerfile-utils'
import { expect, test } from 'vitest'
import { ROOT } from '../cli/ibot'
import { bundled, dependenciesMarkdown, installed } from '../dependencies'
import { stale } from '../stale'

const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8')
const dockerfile = DockerfileParser.parse(textOf('Dockerfile'))
const instructions = dockerfile.getInstructions()
const froms = instructions.filter((one): one is From => one.getKeyword() === 'FROM')
const copies = instructions.filter((one): one is Copy => one.getKeyword() === 'COPY')
const stages = froms.map((one) => one.getBuildStage())

test('the Dockerfile has no problem that a linter knows', () => {
  expect(validate(textOf('Dockerfile')).map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([])
})

test('what a stage is built on and takes from others is there, above it', () => {
  for (const [i, from] of froms.entries()) {
    const image = from.getImage()!
    expect(/^node:\$\{NODE\}$/.test(image) || stages.slice(0, i).includes(image), image).toBe(true)
  }
  for (const copy of copies) {
    const from =
      copy
        .getFlags()
        .find((flag) => flag.getName() === 'from')
        ?.getValue() ?? undefined
    if (from !== undefined) {
      expect(stages).toContain(from)
      continue
    }
    // From the checkout: a file of it that the builder gets.
    const sources = copy
      .getArguments()
      .slice(0, -1)
      .map((argument) => argument.getValue())
    for (const source of sources.filter((one) => one !== '.')) {
      expect(existsSync(join(ROOT, source)), source).toBe(true)
      expect(textOf('.dockerignore')).toContain(`!${source}\n`)
    }
  }
})

test('the builder gets all that the package is made of', () => {
  const { files } = JSON.parse(textOf('package.json')) as { readonly files: readonly string[] }
  const given = textOf('.dockerignore').split('\n')
  for (const file of [...files, 'src', 'LICENSE', 'README.md', 'tsconfig.json', 'tsconfig.build.json'])
    if (!/^!|^dist$/.test(file))
      expect(
        given.some((one) => one === `!${file}` || file.startsWith(`${one.slice(1)}/`)),
        file,
      ).toBe(true)
})

test('both images run as a user who is not root, from stages without a compiler or Python, and hold no secret', () => {
  expect(stages.slice(-2)).toEqual(['cuda', 'cpu'])
  expect(froms.slice(-2).map((one) => one.getImage())).toEqual(['base', 'base'])
  const base = textOf('Dockerfile')
    .split(/^FROM /m)
    .find((stage) => stage.includes(' AS base\n'))!
  expect(base).toMatch(/^USER node$/m)
  expect(base).not.toMatch(/apt-get|python/)
  expect(textOf('Dockerfile')).not.toMatch(/USER root|^ADD |curl|wget|--privileged/m)
  for (const one of instructions.filter((instruction) => ['ARG', 'ENV'].includes(instruction.getKeyword())))
    expect(one.getArgumentsContent()).not.toMatch(/token|secret|password|key/i)
})

test('docs/dependencies.md lists what is installed and what is within', () => {
  expect(textOf('docs/dependencies.md'), stale('docs/dependencies.md')).toBe(dependenciesMarkdown())
  // What it says of them.
  expect([...installed, ...bundled].filter(({ license }) => license === undefined)).toEqual([])
  expect(installed.filter(({ hasInstallScript }) => hasInstallScript)).toEqual([])
})

test('npm would publish it without a complaint', () => {
  const { status, stdout, stderr } = spawnSync('npm', ['publish', '--dry-run', '--ignore-scripts', '--json'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  expect(status, stderr).toBe(0)
  // Who isn't logged in is told so.
  expect(stderr.split('\n').filter((line) => /npm (warn|error)/.test(line) && !/logged in/.test(line))).toEqual([])
  expect(stdout).toContain('"name": "ibot"')
})
