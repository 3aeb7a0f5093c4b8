/** What the page shows of a training, in the parts of a run's report: charts, views and masks, attention. */
import * as E from 'fp-ts/Either'
import type { VNode } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { describedModel, type Model } from '../../src/evaluate/model'
import { prepared, type Reader } from '../../src/evaluate/reader'
import { firstOriginals, seenPictures } from '../../src/loader/seen'
import { gridOf } from '../../src/program/masked'
import type { Metric } from '../../src/program/metric'
import { under } from '../../src/program/stateNames'
import { ATTENTION_NOTE, Attention, attentionOf, shownAttention } from '../../src/report/attention'
import { loadCharts } from '../../src/report/chart'
import { Notes, whyNot } from '../../src/report/facts'
import { type Part, PartSection, partOf } from '../../src/report/part'
import { sectionParts } from '../../src/report/sections'
import { Summary } from '../../src/report/summary'
import { shownPictures, VIEWS_NOTE, ViewRows } from '../../src/report/views'
import type { Alarm } from '../../src/run/alarms'
import type { Course } from '../../src/store/courseCollector'
import type { PartText } from './messages'
import type { Run } from './run'

/** Pictures that are shown with their views, and those whose attention is. */
const SHOWN = 3

/** What tells most stands on top. */
const RANKS = { told: 0, views: 1, attention: 2 } as const

const textOf = (part: Part, rank: number, more = false): PartText => ({
  ...{ id: part.id, rank, more },
  html: renderToString(<PartSection part={part} />),
})

/** Parts of charts for those who want to know more. */
const MORE: readonly string[] = ['Schedules', 'Monitors']

/** How a training has gone so far. */
export interface Gone {
  readonly metrics: readonly Metric[]
  readonly course: Course
  readonly alarms: readonly Alarm[]
}

/** Summary and charts. */
export const chartsOf = async (
  { opened: { span }, damaged }: Run,
  { metrics, course, alarms }: Gone,
): Promise<readonly PartText[]> => {
  const chart = await loadCharts()
  const { steps, batch } = span
  const marks = alarms.map(({ alarm, step }) => ({ name: alarm, step }))
  const summary = <Summary {...{ metrics, course, steps, batch, alarms }} damaged={damaged()} kept={undefined} />
  const parts = sectionParts({ course, metrics, steps, marks, chart })
  return [
    textOf(partOf('Summary', summary), RANKS.told),
    ...parts.map((part) => textOf(part, RANKS.told, MORE.includes(part.title))),
  ]
}

/** The next pictures, as the networks are going to see them. */
export const viewsOf = async ({ opened }: Run, step: number): Promise<PartText> => {
  const part = (content: VNode): PartText => textOf(partOf('Views and masks', content), RANKS.views)
  const seen = await seenPictures(opened, step, SHOWN)()
  if (E.isLeft(seen)) return part(<p class="note">No picture can be shown: {whyNot(seen.left)}.</p>)
  const { pictures, damaged } = seen.right
  const shown = await shownPictures(pictures, 'small')
  return part(
    <>
      <p class="note">
        Step {step + 1}. {VIEWS_NOTE}
      </p>
      <Notes texts={damaged} />
      <ViewRows pictures={shown} />
    </>,
  )
}

/** The network that is measured and saved, as it is after so many steps. */
export const modelOf = async (
  { opened: { design, program, source }, interpreter }: Run,
  step: number,
  withHead: boolean,
): Promise<Model> => {
  const { frozen } = program
  const model = describedModel(design, frozen, { channels: source.channels, withHead, step })
  return { ...model, weights: under(frozen.which, await interpreter.read()) }
}

/** What its heads look at in the first pictures. */
export const attentionPart = async (run: Run, step: number): Promise<PartText> => {
  const part = (content: VNode): PartText => textOf(partOf('Attention', content), RANKS.attention)
  const model = await modelOf(run, step, false)
  const { size, stride } = model.images
  const reader: Reader = { model, engine: run.engine, grid: gridOf(size, stride), signal: undefined }
  const originals = await firstOriginals(run.opened, SHOWN)()
  if (E.isLeft(originals)) return part(<p class="note">No picture can be shown: {whyNot(originals.left)}.</p>)
  const looked = await attentionOf(reader, originals.right.pictures.map(prepared(reader)))()
  const attention = E.isLeft(looked) ? looked : E.right(await shownAttention(looked.right))
  return part(<Attention attention={attention} note={`The ${model.which} after ${step} steps. ${ATTENTION_NOTE}`} />)
}
