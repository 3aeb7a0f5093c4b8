/** `npm run torture`: for longer than a test may take. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import fc from 'fast-check'
import { BACKENDS, type Backend } from '../../src/engine/backends'
import { damaged, faultOf } from './documents'
import { formatsIn, tortureFiles } from './files'
import { torture } from './kills'
import { tortureTogether } from './killsTogether'

const positive = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a positive integer.')
  return value
}

interface Arguments {
  readonly kills: number
  readonly killsTogether: number | undefined
  readonly documents: number | undefined
  readonly files: number | undefined
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

/** Reads damaged files of every format; says whether all went as it should. */
const files = async (count: number, seed: number): Promise<boolean> => {
  const [began, names] = [performance.now(), Object.keys(formatsIn(tmpdir()))]
  let faults = 0
  for (const name of names) {
    const found = await tortureFiles(Math.ceil(count / names.length), seed, [name])
    for (const { number, fault, bytes } of found) tell(`${name} ${number}: ${fault}\n${Buffer.from(bytes).toString('base64')}`)
    faults += found.length
  }
  const most = Math.round(process.resourceUsage().maxRSS / 1000)
  say(
    `${count} damaged files of ${names.length} formats, ${Math.round((performance.now() - began) / 1000)} s, ${most} MB: ${faults} faults`,
  )
  return faults === 0
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

/** Kills members of runs of two processes; says whether all ended as the unbroken one. */
const killingTogether = async (kills: number, seed: number): Promise<boolean> => {
  const root = mkdtempSync(join(tmpdir(), 'ibot-torture-'))
  const began = performance.now()
  const { unbroken, ends, runs, stops } = await tortureTogether({ root, kills, seed, tell })
  const same = ends.every((end) => end === unbroken)
  const seconds = Math.round((performance.now() - began) / 1000)
  const verdict = same ? 'all ended as the unbroken run' : `NOT the same; see ${root}`
  say(`${kills} members killed (${stops} of them stopped), ${runs} runs of two processes, ${seconds} s: ${verdict}`)
  if (same) rmSync(root, { recursive: true })
  return same
}

new Command('torture')
  .description(
    'Kills runs (SIGKILL) at random moments, goes on with them, and compares what they end with with an unbroken run; or reads damaged documents or files.',
  )
  .option('--kills <n>', 'how often', positive, 100)
  .option('--kills-together <n>', 'kills or stops members of runs of two processes instead, so many times', positive)
  .option('--documents <n>', 'reads so many damaged documents instead', positive)
  .option('--files <n>', 'reads so many damaged files of all formats instead', positive)
  .addOption(new Option('--backend <name>', 'what computes').choices(BACKENDS).default('cpu'))
  .option('--seed <n>', 'another choice of moments, documents or files', Number, 0)
  .action(async (given: Arguments) => {
    const read = async (): Promise<boolean> =>
      given.files === undefined ? documents(given.documents!, given.seed) : files(given.files, given.seed)
    const kill = () => (given.killsTogether === undefined ? killing(given) : killingTogether(given.killsTogether, given.seed))
    const sound = given.documents === undefined && given.files === undefined ? await kill() : await read()
    process.exitCode = sound ? 0 : 1
  })
  .parseAsync()
