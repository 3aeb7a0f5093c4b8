/** Line charts: drawn as SVG inside the page, with their numbers beside them for the page's script. */
import type { VNode } from 'preact'
import type { Metric } from '../program/metric'
import type { Point } from '../store/curveCollector'
import type { Drawing, Mark } from './drawing'
import { tickLabel, valueLabel } from './labels'

export interface Line {
  readonly name: string
  readonly points: readonly Point[]
  /** Drawn in dashes: something to compare with. */
  readonly dashed?: boolean
}
export interface Chart {
  readonly title: string
  readonly lines: readonly Line[]
  /** The last step of the axis. */
  readonly steps: number
  /** How its values are written. */
  readonly format: Metric['format']
  /** What is on the vertical axis. */
  readonly axis: string
  /** Whether its values were measured now and then, and each is marked. */
  readonly marked: boolean
}

/** How a chart stands in a page. */
export interface Placing {
  /** Across the page, or beside another one. */
  readonly wide: boolean
  /** Steps at which something happened. */
  readonly marks?: readonly Mark[]
  /** What is said of it. */
  readonly note?: string | undefined
}

const SIZES = {
  wide: { width: 1100, height: 300 },
  beside: { width: 540, height: 240 },
} as const
const MARGIN = { top: 10, right: 14, bottom: 40, left: 78 }
const COLORS = ['#3b82f6', '#f97316', '#10b981', '#ec4899', '#8b5cf6', '#06b6d4']

/** The colour of a line; where there are more than the usual ones, hues as far apart as may be: by the golden angle. */
const colorOf = (i: number): string => COLORS[i] ?? `hsl(${Math.round(137.5 * i) % 360} 65% 50%)`

/** Values from the lowest to the highest, with room where there is only one. */
const extent = (lines: readonly Line[]): readonly [number, number] => {
  const values = lines.flatMap(({ points }) => points.map(({ value }) => value)).filter(Number.isFinite)
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  if (low > high) return [0, 1]
  return low === high ? [low - (Math.abs(low) || 1) / 10, high + (Math.abs(high) || 1) / 10] : [low, high]
}

/** Digits of a value that the page holds: more than can be seen, few enough for long runs. */
const DIGITS = 7

const drawingOf = ({ title, lines, steps, format, axis, marked }: Chart, marks: readonly Mark[]): Drawing => ({
  ...{ title, axis, format, steps, marked, marks },
  lines: lines.map(({ name, points, dashed = false }, i) => ({
    ...{ name, dashed, color: colorOf(i) },
    steps: points.map(({ step }) => step),
    values: points.map(({ value }) => (Number.isFinite(value) ? Number(value.toPrecision(DIGITS)) : null)),
  })),
})

/** JSON inside a page: no text in it can end the element that it stands in. */
export const pageJson = (value: object): string => JSON.stringify(value).replaceAll('<', '\\u003c')

const Legend = ({ chart: { title, lines, format } }: { readonly chart: Chart }): VNode => {
  const label = valueLabel(format)
  return (
    <span class="legend">
      {lines.map(({ name, points }, i) => (
        <span key={name} data-line={i}>
          <span style={{ color: colorOf(i) }}>●</span> {name === title ? '' : `${name} `}
          <output>{label(points[points.length - 1]?.value ?? Number.NaN)}</output>
        </span>
      ))}
    </span>
  )
}

/** What draws charts. d3's packages are modules, which are loaded as such. */
export const loadCharts = async (): Promise<(chart: Chart, placing?: Placing) => VNode> => {
  const [{ scaleLinear }, { line }] = await Promise.all([import('d3-scale'), import('d3-shape')])

  return (chart, { wide, marks = [], note } = { wide: false }) => {
    const { title, lines, steps, format, axis, marked } = chart
    const { width, height } = wide ? SIZES.wide : SIZES.beside
    const [right, bottom] = [width - MARGIN.right, height - MARGIN.bottom]
    const x = scaleLinear([0, Math.max(1, steps)], [MARGIN.left, right])
    const y = scaleLinear(extent(lines), [bottom, MARGIN.top]).nice(5)
    const path = line<Point>()
      .defined(({ value }) => Number.isFinite(value))
      .x(({ step }) => Math.round(10 * x(step)) / 10)
      .y(({ value }) => Math.round(10 * y(value)) / 10)
    const left = y.ticks(5)
    const label = tickLabel(format, left.length > 1 ? left[1]! - left[0]! : 0)
    const below = x.ticks(wide ? 10 : 5)
    const tick = x.tickFormat(5, '~s')
    return (
      <figure key={title} class={wide ? 'chart wide' : 'chart'} data-chart={title}>
        <figcaption>
          <b>{title}</b> <Legend chart={chart} /> <span class="at" />
          <button type="button" class="log" aria-pressed="false">
            log
          </button>
        </figcaption>
        <script type="application/json" dangerouslySetInnerHTML={{ __html: pageJson(drawingOf(chart, marks)) }} />
        <svg viewBox={`0 0 ${width} ${height}`} width="100%" role="img" aria-label={title} font-size="12">
          {left.map((value) => (
            <g key={value} transform={`translate(0 ${y(value)})`}>
              <line x1={MARGIN.left} x2={right} stroke="var(--line)" />
              <text x={MARGIN.left - 8} dy="0.32em" text-anchor="end" fill="var(--dim)">
                {label(value)}
              </text>
            </g>
          ))}
          {below.map((step) => (
            <text key={step} x={x(step)} y={bottom + 18} text-anchor="middle" fill="var(--dim)">
              {tick(step)}
            </text>
          ))}
          <text x={(MARGIN.left + right) / 2} y={height - 4} text-anchor="middle" fill="var(--dim)">
            step
          </text>
          <text transform={`translate(12 ${(MARGIN.top + bottom) / 2}) rotate(-90)`} text-anchor="middle" fill="var(--dim)">
            {axis}
          </text>
          {marks.map(({ step, name }) => (
            <line
              key={`${name} ${step}`}
              x1={x(step)}
              x2={x(step)}
              y1={MARGIN.top}
              y2={bottom}
              stroke="var(--alarm)"
              stroke-dasharray="3 4"
            />
          ))}
          {lines.map(({ name, points, dashed }, i) => (
            <g key={name}>
              {points.length > 1 && (
                <path
                  d={path(points) ?? ''}
                  fill="none"
                  stroke={colorOf(i)}
                  stroke-width="1.6"
                  stroke-dasharray={dashed === true ? '5 4' : undefined}
                />
              )}
              {(points.length === 1 || (marked && dashed !== true)) &&
                points
                  .filter(({ value }) => Number.isFinite(value))
                  .map(({ step, value }) => <circle key={step} cx={x(step)} cy={y(value)} r="3.5" fill={colorOf(i)} />)}
            </g>
          ))}
        </svg>
        {note !== undefined && <p class="note">{note}</p>}
      </figure>
    )
  }
}
