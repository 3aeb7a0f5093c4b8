/** `ibot replay`: the step that gave non-finite numbers, op by op. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { printable } from '../base/printable'
import type { Range } from '../engine/eager/watch'
import { placeOf, type ReplayResult, replayRun } from '../run/replayRun'
import { runFolder } from '../store/folder'
import type { ReplayOptions } from './command/replay'
import { readPipeline } from './pipeline'
import { conclude, type Outcome } from './report'
import { openRun } from './runFolders'
import { out } from './terminal'
import { rounded, whole } from './words'

/** Numbers on the way out of float32 are large. */
const figure = (n: number): string => (Math.abs(n) >= 1e6 ? Number(n.toPrecision(4)).toExponential() : rounded(n))

/** `[2, 10]  from -3.1 to 4, 2 of 20 non-finite` */
const rangeText = ({ shape, least, most, nonFinite }: Range): string => {
  const count = shape.reduce((product, n) => product * n, 1)
  const span = nonFinite === count ? [] : [`from ${figure(least)} to ${figure(most)}`]
  return `[${shape.join(', ')}]  ${[...span, ...(nonFinite === 0 ? [] : [`${whole(nonFinite)} of ${whole(count)} non-finite`])].join(', ')}`
}

export const replayText = ({ step, steps, backend, operations, metrics, given, first }: ReplayResult): string => {
  const { bold } = out.colors
  const rows: readonly (readonly [string, string])[] = [
    ['step', `${step} of ${steps}: ${whole(operations)} operations on ${backend}`],
    [
      'reported',
      Object.entries(metrics)
        .map(([name, value]) => `${name} ${figure(value)}`)
        .join(', '),
    ],
    ...given.map((name) => ['given', `${name} wasn't finite before the step`] as const),
    ...(first === undefined
      ? [
          [
            'first',
            given.length > 0 ? 'no operation but those that take it' : 'none: op by op in float32 all of it is finite',
          ] as const,
        ]
      : [
          ['first', placeOf(first)] as const,
          ...first.inputs.map((input) => ['takes', rangeText(input)] as const),
          ['gives', rangeText(first.output)] as const,
        ]),
  ]
  return rows.map(([name, value]) => `${bold(name.padEnd(8))}  ${printable(value)}`).join('\n')
}

export const replay = (dir: string, { backend, ops, json = false }: ReplayOptions): Outcome =>
  conclude(
    pipe(
      openRun(dir, 'to look at', ops),
      TE.let('folder', ({ run }) => runFolder(run)),
      TE.bind('pipeline', ({ registry, folder }) => readPipeline(registry, folder.resolved)),
      TE.chain(({ folder, pipeline }) => replayRun(pipeline.design, folder, backend)),
      TE.map((result) => out.write(`${json ? JSON.stringify({ ok: true, ...result }) : replayText(result)}\n`)),
    ),
    json,
  )
