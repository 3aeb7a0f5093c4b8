/** The kit's main program: `tries KIT FOLDER`: tries all in turn, the proof first, and prints a line of JSON for each result. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { graphicsCards } from '../../src/io/graphicsCards'
import { dataWait } from './dataWait'
import { doctor } from './doctor'
import { fashionMnist } from './fashionMnist'
import { PROOFS } from './proof'
import { TIMINGS } from './timings'
import { inTurn, type Try } from './try'

export const TRIES: readonly Try[] = [doctor, ...PROOFS, fashionMnist, ...TIMINGS, dataWait]

/** What there is for all, by default: some seconds less than eight minutes. */
const SECONDS = 470

interface Options {
  readonly small: boolean
  readonly only: readonly string[] | undefined
  readonly seconds: number
  readonly pictures?: number
}

const positive = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a positive integer.')
  return value
}

const names = TRIES.map(({ name }) => name)
const help = TRIES.map(({ name, doc, limit }) => `  ${name.padEnd(14)}${doc} (at most ${limit} s)`).join('\n')

export const tries = (args: readonly string[]): Promise<unknown> =>
  new Command('run.sh')
    .description('Tries ibot on this machine’s GPU; prints a line of JSON for each result.')
    .argument('<kit>')
    .argument('<folder>')
    .usage('[options]')
    .addOption(new Option('--only <names...>', 'some of what is tried').choices(names))
    .option('--seconds <n>', 'when to stop', positive, SECONDS)
    .option('--pictures <n>', 'pictures a step of the timings; by default 64 for ViT-S and 32 for ViT-B', positive)
    .option('--small', 'a small network and few steps: to see that all of it runs', false)
    .addHelpText('after', `\nWhat is tried, in this order:\n${help}`)
    .action(async (kit: string, folder: string, { small, only, seconds, pictures }: Options) => {
      const device = graphicsCards().drivers.nvidia === undefined ? 'cpu' : 'cuda'
      const chosen = TRIES.filter(({ name }) => only === undefined || only.includes(name))
      const sound = await inTurn(chosen, { small, pictures, kit, folder, device }, seconds, (line) => {
        process.stdout.write(`${JSON.stringify(line)}\n`)
      })
      // Something that was cut off may still keep this process.
      process.exit(sound ? 0 : 1)
    })
    .parseAsync(args, { from: 'user' })
