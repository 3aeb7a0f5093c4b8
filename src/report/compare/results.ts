/** What a run has come to, as its folder tells it, finished or not, of this version or an earlier one. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../../base/failure'
import { readPlan } from '../../dsl/read'
import type { Registry } from '../../dsl/registry'
import { readSource } from '../../dsl/source'
import type { Json } from '../../dsl/type'
import { readFile } from '../../io/files'
import { checkedDesign } from '../../program/design'
import type { Metric } from '../../program/metric'
import { type About, readAbout } from '../../store/about'
import { readCourse } from '../../store/course'
import type { Course } from '../../store/courseCollector'
import { type Evaluation, newestOfEach, readEvaluations } from '../../store/evaluations'
import { runFolder } from '../../store/folder'
import { countDamaged, readAlarms } from '../../store/listed'
import { declaredMetrics, recordedMetrics } from '../../store/metrics'
import type { Held } from './differences'

export interface Pipeline {
  readonly name: Held
  readonly pipeline: readonly Json[]
}

export interface Results {
  /** The run's folder. */
  readonly run: string
  readonly about: About
  /** In full. */
  readonly pipeline: Pipeline
  /** Why the pipeline is what is written, and no more: this version can't read it, for lack of its ops say. */
  readonly unread: string | undefined
  /** What it measures; none where nothing tells. */
  readonly metrics: readonly Metric[]
  readonly course: Course
  /** Steps in all; undefined of a run that began elsewhere and hasn't gone on here. */
  readonly steps: number | undefined
  /** The newest of each probe, measured by 'ibot eval'. */
  readonly evaluations: readonly Evaluation[]
  readonly alarms: readonly string[]
  /** Pictures that couldn't be read. */
  readonly damaged: number
}

const isObject = (value: unknown): value is Readonly<Record<string, Json>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A pipeline that isn't understood, as it stands in its file. */
const asWritten = (file: string, text: string): Pipeline => {
  const source = readSource(file, text)
  const value = E.isRight(source) && isObject(source.right.value) ? source.right.value : {}
  return { name: value.name, pipeline: Array.isArray(value.pipeline) ? value.pipeline : [] }
}

const understood = (
  registry: Registry,
  file: string,
  text: string,
  about: About,
): Pick<Results, 'pipeline' | 'metrics' | 'unread'> => {
  const declared = declaredMetrics(about)
  const read = readPlan(registry, file, text)
  if (E.isLeft(read)) return { pipeline: asWritten(file, text), metrics: declared ?? [], unread: read.left[0]!.message }
  const { plan, checked } = read.right
  const design = declared === undefined ? checkedDesign(registry, checked) : undefined
  return {
    pipeline: plan,
    unread: undefined,
    metrics: declared ?? (design !== undefined && E.isRight(design) ? recordedMetrics(about, design.right) : []),
  }
}

/** Reads the results of the run in a folder, with at most so many points a curve. */
export const readResults = (registry: Registry, run: string, points?: number): TE.TaskEither<Failure, Results> => {
  const folder = runFolder(run)
  return pipe(
    TE.Do,
    TE.bind('about', () => readAbout(folder)),
    TE.bind('resolved', () => readFile(folder.resolved, "the run's pipeline")),
    TE.let('steps', ({ about: { steps } }) => (typeof steps === 'number' ? steps : undefined)),
    TE.bind('course', ({ steps }) => readCourse(folder.metrics, steps ?? 1, points)),
    TE.bind('evaluations', () => TE.map(newestOfEach)(readEvaluations(folder))),
    TE.bind('alarms', () => readAlarms(folder)),
    TE.bind('damaged', () => countDamaged(folder)),
    TE.map(({ resolved, ...found }) => ({
      ...found,
      run,
      ...understood(registry, folder.resolved, new TextDecoder().decode(resolved), found.about),
    })),
  )
}
