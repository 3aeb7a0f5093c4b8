/** The charts of a run, a part of the page for each kind. */
import type { Metric } from '../program/metric'
import type { Course } from '../store/courseCollector'
import type { loadCharts } from './chart'
import { sectionsOf } from './charts'
import type { Mark } from './drawing'
import { Facts } from './facts'
import { Monitors } from './monitors'
import { type Part, partOf } from './part'

export interface Charted {
  readonly course: Course
  readonly metrics: readonly Metric[]
  /** Steps in all. */
  readonly steps: number
  /** Steps at which something happened. */
  readonly marks: readonly Mark[]
  readonly chart: Awaited<ReturnType<typeof loadCharts>>
}

export const sectionParts = ({ course, metrics, steps, marks, chart }: Charted): readonly Part[] =>
  sectionsOf(course, metrics, steps).map((section) => {
    const { title, kind, charts, constants } = section
    return partOf(
      title,
      kind === 'monitor' ? (
        <Monitors section={section} marks={marks} draw={chart} />
      ) : (
        <>
          <div class="charts">{charts.map((one) => chart(one, { wide: kind !== 'schedule', marks }))}</div>
          {constants.length > 0 && <Facts rows={constants} />}
        </>
      ),
    )
  })
