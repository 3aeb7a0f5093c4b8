/**
 * The proof, as a program: `parity official FOLDER` compares XLA's steps with recorded ones of the official code, `parity steps`
 * with those of tfjs, op by op. A line of JSON for each comparison.
 */
import * as E from 'fp-ts/Either'
import { useEngine } from '../../test/parity/backend'
import { passed } from '../../test/parity/check'
import { runFolder, succeeded } from '../../test/parity/run'
import { stepGaps } from './stepGaps'

const say = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

const official = async (folder: string): Promise<void> => {
  const ready = await useEngine('xla')
  if (E.isLeft(ready)) throw new Error(ready.left)
  const outcomes = await runFolder(folder, [], (outcome) => {
    if (!outcome.built) return
    const { fixture, checks, seconds } = outcome
    const worst = checks.reduce((a, b) => (b.share > a.share ? b : a))
    say({
      ...{ fixture, ok: succeeded([outcome]), comparisons: checks.length, seconds: Number(seconds.toFixed(1)) },
      ...{ failed: checks.filter((check) => !passed(check)).length, worst: worst.tensor, errorOfTolerance: worst.share },
    })
  })
  if (E.isLeft(outcomes)) throw new Error(outcomes.left)
}

const steps = async (): Promise<void> => {
  for await (const gaps of stepGaps()) say(gaps)
}

export const parity = async (): Promise<void> => {
  const [, , what, folder = ''] = process.argv
  await (what === 'official' ? official(folder) : steps())
  process.exit()
}
