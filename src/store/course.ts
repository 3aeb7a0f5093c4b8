/** How a run has gone, in one pass over metrics.jsonl. */
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import { type Course, courseCollector } from './courseCollector'
import { readMetrics } from './curves'

/** Reads the course of a run of so many steps, with at most so many points a curve. */
export const readCourse = (path: string, steps: number, points?: number): TE.TaskEither<Failure, Course> => {
  const collector = courseCollector(steps, points)
  return TE.map(collector.course)(readMetrics(path, collector.add))
}
