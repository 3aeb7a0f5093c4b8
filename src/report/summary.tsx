/** The top of a run's report: what it came to, in a few numbers, and what to do next. */
import type { ComponentChildren, VNode } from 'preact'
import { duration, fixed, metricText, perSecond, plural, significant, whole } from '../base/numberText'
import { printable } from '../base/printable'
import type { Metric } from '../program/metric'
import type { Course } from '../store/courseCollector'
import type { RaisedAlarm } from '../store/listed'

export interface Summarized {
  readonly metrics: readonly Metric[]
  readonly course: Course
  /** Steps in all, and pictures of a step. */
  readonly steps: number
  readonly batch: number
  readonly alarms: readonly RaisedAlarm[]
  /** Pictures that couldn't be read. */
  readonly damaged: number
  /** Where the run is kept, and the command that goes on with it or makes it longer; undefined for one that is kept nowhere. */
  readonly kept: { readonly run: string; readonly next: string } | undefined
}

const Tile = ({
  name,
  value,
  children,
}: {
  readonly name: string
  readonly value: ComponentChildren
  readonly children?: ComponentChildren
}): VNode => (
  <dl class="tile">
    <dt>{name}</dt>
    <dd>{value}</dd>
    {children !== undefined && <dd>{children}</dd>}
  </dl>
)

/** Whether a number has become better; undefined where neither is, or it stayed. */
const verdict = ({ better }: Metric, before: number, after: number): 'better' | 'worse' | undefined =>
  better === null || before === after ? undefined : after > before === (better === 'higher') ? 'better' : 'worse'

/** What a probe measured first and last, beside what it compares with. */
const ProbeTile = ({
  metric,
  course,
  all,
}: {
  readonly metric: Metric
  readonly course: Course
  readonly all: readonly Metric[]
}): VNode | undefined => {
  const ends = course.ends.get(metric.name)
  if (ends === undefined) return undefined
  const { first, last } = ends
  const text = (value: number): string => metricText(metric, value)
  const levels = all.flatMap(({ name, stage, baseline, format }) => {
    const level = course.ends.get(name)?.last
    return baseline && stage === metric.stage && format === metric.format && level !== undefined
      ? [`${name.slice(name.lastIndexOf('.') + 1)} ${text(level.value)}`]
      : []
  })
  const when = first.step === last.step ? `after step ${whole(last.step)}` : `steps ${whole(first.step)} → ${whole(last.step)}`
  return (
    <Tile
      name={metric.name}
      value={
        first.step === last.step ? (
          text(last.value)
        ) : (
          <>
            {text(first.value)} → <b class={verdict(metric, first.value, last.value)}>{text(last.value)}</b>
          </>
        )
      }
    >
      {[when, ...levels].join('; ')}
    </Tile>
  )
}

const LossTile = ({ course, metrics }: { readonly course: Course; readonly metrics: readonly Metric[] }): VNode | undefined => {
  const loss = course.ends.get('loss')?.recent
  if (loss === undefined) return undefined
  const terms = metrics.flatMap(({ kind, name }) => {
    const recent = kind === 'loss' && name !== 'loss' ? course.ends.get(name)?.recent : undefined
    return recent === undefined ? [] : [`${name} ${fixed(recent)}`]
  })
  return (
    <Tile name="loss, mean of the last 50 steps" value={fixed(loss)}>
      {terms.join(', ')}
    </Tile>
  )
}

/** Seconds that the remaining steps will take at the run's pace. */
const leftOf = ({ last, pace: { perStep } }: Course, steps: number): string | undefined =>
  perStep === undefined || last >= steps ? undefined : `about ${duration(perStep * (steps - last))} left at this pace`

const RaisedBox = ({ alarm, step, message, remedy }: RaisedAlarm): VNode => (
  <div class="alarm">
    <b>{alarm}</b> after step {whole(step)}: {printable(message)}.
    <br />
    {printable(remedy)}
  </div>
)

export const Summary = ({ metrics, course, steps, batch, alarms, damaged, kept }: Summarized): VNode => {
  const { last, pace } = course
  const rank = course.ends.get('featureRank')
  return (
    <>
      <progress value={last} max={Math.max(1, steps)} aria-label="steps done" />
      <div class="tiles">
        {metrics
          .filter(({ kind, baseline, better }) => kind === 'probe' && !baseline && better !== null)
          .map((metric) => (
            <ProbeTile key={metric.name} metric={metric} course={course} all={metrics} />
          ))}
        <LossTile course={course} metrics={metrics} />
        <Tile name="steps" value={`${whole(last)} of ${whole(steps)}`}>
          {plural(last * batch, 'picture')} seen
        </Tile>
        {pace.seconds !== undefined && (
          <Tile name="time" value={duration(pace.seconds)}>
            {leftOf(course, steps) ?? 'of training, probes not counted'}
          </Tile>
        )}
        {pace.perStep !== undefined && (
          <Tile name="speed" value={perSecond(batch / pace.perStep)}>
            {significant(pace.perStep)} s a step, without those that compile
          </Tile>
        )}
        {rank !== undefined && (
          <Tile name="rank of the features" value={rank.last.value.toFixed(1)}>
            {rank.first.step === rank.last.step
              ? 'RankMe'
              : `RankMe; ${rank.first.value.toFixed(1)} after step ${whole(rank.first.step)}`}
          </Tile>
        )}
        <Tile name="alarms" value={alarms.length === 0 ? 'none' : <b class="worse">{alarms.length}</b>}>
          {alarms.map(({ alarm }) => alarm).join(', ')}
        </Tile>
        <Tile name="damaged pictures" value={damaged === 0 ? 'none' : <b class="worse">{whole(damaged)}</b>}>
          {damaged === 0 || kept === undefined ? '' : 'listed in damaged.jsonl'}
        </Tile>
      </div>
      {alarms.map((alarm) => (
        <RaisedBox key={alarm.alarm} {...alarm} />
      ))}
      {kept !== undefined && (
        <>
          <p>
            {last < steps ? 'To go on with it: ' : 'For twice as long: '}
            <code>{kept.next}</code>
          </p>
          <p class="note">The run's folder is {kept.run}.</p>
        </>
      )}
    </>
  )
}
