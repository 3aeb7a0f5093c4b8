/** `npm run torture`: for longer than a test may take. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import fc from 'fast-check'
import { BACKENDS, type Backend } from '../../src/engine/backends'
import { damaged, faultOf } from './documents'
import { torture } from './kills'

const positive = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a positive integer.')
  return value
}

interface Arguments {
  readonly kills: number
  readonly documents: number | undefined
  readonly backend: Backend
  readonly seed: number
}

const say = (line: string) => process.stdout.write(`${line}\n`)
const tell = (line: string) => process.stderr.write(`${line}\n`)

/** Reads damaged documents; says whether all went as it should. */
const documents = (count: number, seed: number): boolean => {
  const [began, texts] = [performance.now(), fc.sample(damaged, { numRuns: count, seed })]
  const faults = texts.flatMap((text) => {
    const fault = faultOf(text)
    return fault === undefined ? [] : [`${fault}\n${JSON.stringify(text)}`]
  })
  for (const fault of faults) tell(fault)
  say(`${count} damaged documents, ${Math.round((performance.now() - began) / 1000)} s: ${faults.length} faults`)
  return faults.length === 0
}

/** Kills runs; says whether all ended as the unbroken one. */
const killing = async ({ kills, backend, seed }: Arguments): Promise<boolean> => {
  const root = mkdtempSync(join(tmpdir(), 'ibot-torture-'))
  const began = performance.now()
  const { unbroken, ends, runs, inFiles } = await torture({ root, backend, kills, seed, tell })
  const same = ends.every((end) => end === unbroken)
  const seconds = Math.round((performance.now() - began) / 1000)
  const verdict = same ? 'all ended as the unbroken run' : `NOT the same; see ${root}`
  say(`${kills} kills (${inFiles} of them while a file changed), ${runs} runs on ${backend}, ${seconds} s: ${verdict}`)
  if (same) rmSync(root, { recursive: true })
  return same
}

new Command('torture')
  .description(
    'Kills runs (SIGKILL) at random moments, goes on with them, and compares what they end with with an unbroken run; or reads damaged documents.',
  )
  .option('--kills <n>', 'how often', positive, 100)
  .option('--documents <n>', 'reads so many damaged documents instead', positive)
  .addOption(new Option('--backend <name>', 'what computes').choices(BACKENDS).default('cpu'))
  .option('--seed <n>', 'another choice of moments or of documents', Number, 0)
  .action(async (given: Arguments) => {
    const sound = given.documents === undefined ? await killing(given) : documents(given.documents, given.seed)
    process.exitCode = sound ? 0 : 1
  })
  .parseAsync()
