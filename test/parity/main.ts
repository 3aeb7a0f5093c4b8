/** `npm run parity -- [DIR]`: compares this project's numbers with those of the official PyTorch code. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import * as E from 'fp-ts/Either'
import { BACKENDS, type Backend } from '../../src/engine/backends'
import { useEngine } from './backend'
import { runFolder, succeeded } from './run'
import { HEADER, lines, summary } from './table'

interface Options {
  readonly backend: Backend
  readonly devices: number
  readonly only: readonly string[]
  readonly verbose: boolean
}

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

/** Says what is wrong; gives the exit code for it. */
const fail = (problem: string): 1 => {
  process.stderr.write(`parity: ${problem}\n`)
  return 1
}

const count = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It is a number of devices.')
  return Number(text)
}

const parity = async (folder: string, { backend, devices, only, verbose }: Options): Promise<0 | 1> => {
  if (!existsSync(folder)) return fail(`there is no directory ${folder}`)
  if (devices !== 1 && backend !== 'xla') return fail('only XLA computes on several devices')
  const ready = await useEngine(backend, devices)
  if (E.isLeft(ready)) return fail(`the ${backend} backend could not start: ${ready.left}`)
  let first = true
  const outcomes = await runFolder(folder, only, (outcome) => {
    if (first) say(HEADER)
    first = false
    for (const line of lines(outcome, verbose)) say(line)
  })
  if (E.isLeft(outcomes)) return fail(outcomes.left)
  say(`\n${backend}: ${summary(outcomes.right)}`)
  return succeeded(outcomes.right) ? 0 : 1
}

new Command('parity')
  .description(
    'Runs every fixture of a directory through this project and prints the largest errors as shares of their tolerances.',
  )
  .argument('[directory]', 'where the fixtures are (default: test/golden)')
  .addOption(new Option('--backend <backend>', 'what computes').choices(BACKENDS).default('cpu'))
  .option('--devices <number>', 'how many devices compute a training step together, on XLA', count, 1)
  .option('--only <prefixes...>', 'only fixtures whose names begin so', [])
  .option('--verbose', 'a line for every tensor', false)
  .action(async (directory: string | undefined, options: Options) => {
    process.exitCode = await parity(directory === undefined ? join(__dirname, '..', 'golden') : resolve(directory), options)
  })
  .parseAsync()
