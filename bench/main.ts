/** `npm run bench -- NAME…`: measures, and prints a line for each comparison. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { BACKENDS, type Backend } from '../src/engine/backends'
import { candidates } from '../src/engine/openEngine'
import { type Benchmark, type Options, outcomesOf } from './benchmark'
import { BENCHMARKS, named, unknown } from './benchmarks/all'
import { HEADER, jsonLine, tableLine } from './outcome'

interface Arguments extends Options {
  readonly json: boolean
  readonly list: boolean
}

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const complain = (problem: string): void => {
  process.stderr.write(`bench: ${problem}\n`)
}

const list = (): void => {
  const width = Math.max(...BENCHMARKS.map(({ name }) => name.length))
  for (const { name, doc } of BENCHMARKS) say(`${name.padEnd(width)}  ${doc}`)
}

/** Runs benchmarks one after the other; says whether every program did its work. */
const runAll = async (benchmarks: readonly Benchmark[], { json, ...options }: Arguments): Promise<boolean> => {
  if (!json) say(HEADER)
  let sound = true
  for (const benchmark of benchmarks)
    for (const outcome of await outcomesOf(benchmark, options)) {
      say(json ? jsonLine(outcome) : tableLine(outcome))
      sound = sound && !('failed' in outcome)
    }
  return sound
}

/** The exit code: 0 done or not run, 1 something broke down, 2 the arguments are wrong. */
const bench = async (names: readonly string[], given: Arguments): Promise<0 | 1 | 2> => {
  if (given.list) {
    list()
    return 0
  }
  const wrong = names.filter((name) => named(name).length === 0)
  for (const name of wrong) complain(unknown(name))
  if (wrong.length > 0) return 2
  if (names.length === 0) {
    complain("name what to measure; '--list' names all")
    return 2
  }
  const chosen = [...new Set(names.flatMap(named))]
  return (await runAll(chosen, given)) ? 0 : 1
}

/** What a run on this machine would try first. */
const FASTEST = candidates()[0]!.name as Backend

const positive = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a positive integer.')
  return value
}

new Command('bench')
  .description('Compares this project with the official code, with numpy and with itself. bench/README.md says how.')
  .argument('[names...]', "benchmarks, or what their names begin with: 'step' for all of step-…")
  .option('--rounds <n>', 'how often each side is measured', positive)
  .addOption(new Option('--backend <backend>', 'what computes on our side').choices(BACKENDS).default(FASTEST))
  .option('--steps <n>', 'steps of fashion-mnist and leak, to shorten them', positive)
  .option('--small', 'a small model, to try a benchmark out', false)
  .option('--json', 'JSON Lines', false)
  .option('--list', 'names all benchmarks', false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .action(async (names: readonly string[], given: Arguments) => {
    process.exitCode = await bench(names, given)
  })
  .parseAsync()
