/** `npm run torture`: for longer than a test may take. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { BACKENDS, type Backend } from '../../src/interpret/backend'
import { torture } from './kills'

const positive = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a positive integer.')
  return value
}

interface Arguments {
  readonly kills: number
  readonly backend: Backend
  readonly seed: number
}

const main = async ({ kills, backend, seed }: Arguments): Promise<0 | 1> => {
  const root = mkdtempSync(join(tmpdir(), 'ibot-torture-'))
  const tell = (line: string) => process.stderr.write(`${line}\n`)
  const began = performance.now()
  const { unbroken, ends, runs, inFiles } = await torture({ root, backend, kills, seed, tell })
  const same = ends.every((end) => end === unbroken)
  const seconds = Math.round((performance.now() - began) / 1000)
  process.stdout.write(
    `${kills} kills (${inFiles} of them while a file changed), ${runs} runs on ${backend}, ${seconds} s: ${same ? 'all ended as the unbroken run' : `NOT the same; see ${root}`}\n`,
  )
  if (same) rmSync(root, { recursive: true })
  return same ? 0 : 1
}

new Command('torture')
  .description('Kills runs (SIGKILL) at random moments, goes on with them, and compares what they end with with an unbroken run.')
  .option('--kills <n>', 'how often', positive, 100)
  .addOption(new Option('--backend <name>', 'what computes').choices(BACKENDS).default('cpu'))
  .option('--seed <n>', 'another choice of moments', Number, 0)
  .action(async (given: Arguments) => {
    process.exitCode = await main(given)
  })
  .parseAsync()
