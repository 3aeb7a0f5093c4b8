/** A forecast as a table for a terminal. */
import { printable } from '../base/printable'
import type { Forecast, ScheduleForecast } from '../run/forecast'
import type { Screen } from './terminal'
import { bytes, figure, plural, rounded, size, whole } from './words'

const courseOf = ({ first, peak, peakStep, last }: ScheduleForecast): string => {
  if (first === peak && peak === last) return rounded(first)
  const top = peak === first || peak === last ? [] : [`${rounded(peak)} at step ${whole(peakStep)}`]
  return [rounded(first), ...top, rounded(last)].join(' → ')
}

const scheduleRows = (schedules: readonly ScheduleForecast[]): readonly string[] => {
  const longest = Math.max(0, ...schedules.map(({ name }) => name.length))
  return schedules.map((schedule) => `${schedule.name.padEnd(longest)}  ${courseOf(schedule)}`)
}

/** What a step takes, and how that is known. */
const costText = ({ cost }: Forecast, unknown: string): string => {
  if (cost === null) return `not known: ${unknown}`
  const { seconds, fits, gflop, measured } = cost
  const memory = `${bytes(cost.bytes)}${fits ? '' : ', more than this machine has'}`
  const counted = `${figure(gflop)} GFLOP counted in the graph`
  if (seconds === null || measured === null) return `about ${memory} (${counted}; its seconds are not known: ${unknown})`
  const measures = `${figure(measured.gflops)} GFLOP/s and ${figure(measured.gbytes)} GB/s measured here just now`
  return `about ${figure(seconds)} s and ${memory} (${counted}; ${measures})`
}

/** How long a run is: in steps, in epochs, or in both where the data are known. */
const lengthText = ({ batch, microBatch, steps, stepsPerEpoch, epochs }: Forecast['training']): string => {
  const [inSteps, inEpochs] = [
    steps === null ? undefined : plural(steps, 'step'),
    epochs === null ? undefined : plural(Number(epochs.toFixed(2)), 'epoch'),
  ]
  const pictures = `${plural(batch, 'picture')}${microBatch === batch ? '' : ` (${whole(microBatch)} at a time)`}`
  return stepsPerEpoch === null
    ? inSteps === undefined
      ? `${inEpochs} in steps of ${pictures}`
      : `${inSteps} of ${pictures}`
    : `${inSteps} of ${pictures}, ${whole(stepsPerEpoch)} an epoch: ${inEpochs}`
}

/** Rows of a heading and one or more lines. */
const rowsOf = (plan: Forecast, unknown: string): readonly (readonly [string, readonly string[]])[] => {
  const { data, patches, backbone, head, training } = plan
  const same = head.logits.cls === head.logits.patch
  return [
    [
      'data',
      data === null
        ? ["not known: they can't be opened"]
        : [
            data.name,
            [
              plural(data.pictures, 'picture'),
              data.size === null ? 'of several sizes' : size(data.size),
              plural(data.channels, 'channel'),
              data.classes === 0 ? 'no labels' : plural(data.classes, 'class', 'classes'),
            ].join(', '),
          ],
    ],
    ['views', plan.views.map((view) => `${view.count} ${view.kind} of ${size(view.size)}, ${plural(view.tokens, 'token')} each`)],
    [
      'masks',
      [
        patches.masked
          ? `over ${patches.rows} × ${patches.columns} patches of each global view`
          : 'none: the student sees all patches',
      ],
    ],
    ['backbone', [`${backbone.name}, ${plural(backbone.width, 'feature')} a token, ${plural(backbone.parameters, 'parameter')}`]],
    [
      'head',
      [
        head.name === 'none'
          ? 'none: no loss asks for logits'
          : `${head.name}, ${same || head.logits.patch === 0 ? `${whole(head.logits.cls)} logits` : `${whole(head.logits.cls)} logits for [CLS] and ${whole(head.logits.patch)} for patches`}, ${plural(head.parameters, 'parameter')}`,
      ],
    ],
    ['teacher', [plan.teacher ?? 'none: no loss takes targets from one']],
    ['losses', [plan.losses.map(({ name }) => name).join(', ')]],
    ['optimizer', [`${plan.optimizer.name}, moves ${plural(plan.optimizer.parameters, 'parameter')}`]],
    ...(plan.schedules.length === 0 ? [] : [['schedules', scheduleRows(plan.schedules)] as const]),
    ['training', [`${lengthText(training)}, seed ${training.seed}`]],
    ...(plan.probes.length === 0
      ? []
      : [['probes', plan.probes.map((probe) => `${probe.name} on ${plural(probe.pictures, 'picture')}: ${probe.of}`)] as const]),
    [
      'memory',
      [
        `${bytes(plan.bytes.weights)} weights, ${bytes(plan.bytes.moments)} moments, ${bytes(plan.bytes.batch)} ${training.microBatch === training.batch ? 'a batch' : 'a micro-batch'}`,
      ],
    ],
    ['step', [costText(plan, unknown)]],
  ]
}

/** `unknown` says why it isn't known what a step takes, where it isn't. */
export const forecastText = (plan: Forecast, { colors }: Screen, unknown = "TensorFlow's library isn't there"): string => {
  const rows = rowsOf(plan, unknown)
  const longest = Math.max(...rows.map(([heading]) => heading.length))
  return rows
    .flatMap(([heading, lines]) =>
      lines.map((line, i) => `${i === 0 ? colors.bold(heading.padEnd(longest)) : ' '.repeat(longest)}  ${printable(line)}`),
    )
    .join('\n')
}
