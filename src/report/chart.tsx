/** Line charts as SVG inside a page, without a script. */
import type { VNode } from 'preact'
import type { Metric } from '../program/metric'
import type { Point } from '../store/curves'

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
}

const WIDTH = 420
const HEIGHT = 220
const MARGIN = { top: 8, right: 12, bottom: 24, left: 52 }
const COLORS = ['#2b8cff', '#e6194b', '#3cb44b', '#f58231', '#911eb4', '#00a8a8']

/** The colour of a line; where there are more than the usual ones, hues as far apart as may be: by the golden angle. */
const colorOf = (i: number): string => COLORS[i] ?? `hsl(${Math.round(137.5 * i) % 360} 65% 50%)`

/** Numbers as a legend shows them. */
export const shortNumber = (value: number): string => {
  const rounded = Number(value.toPrecision(4))
  return rounded !== 0 && (Math.abs(rounded) < 1e-3 || Math.abs(rounded) >= 1e6) ? rounded.toExponential() : String(rounded)
}

/** How a chart writes its values. */
export const valueLabel = (format: Metric['format']): ((value: number) => string) =>
  format === 'percent' ? (value) => `${shortNumber(100 * value)} %` : shortNumber

/** Values from the lowest to the highest, with room where there is only one. */
const extent = (lines: readonly Line[]): readonly [number, number] => {
  const values = lines.flatMap(({ points }) => points.map(({ value }) => value)).filter(Number.isFinite)
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  if (low > high) return [0, 1]
  return low === high ? [low - (Math.abs(low) || 1) / 10, high + (Math.abs(high) || 1) / 10] : [low, high]
}

/** What draws charts. d3's packages are modules, which are loaded as such. */
export const loadCharts = async (): Promise<(chart: Chart) => VNode> => {
  const [{ scaleLinear }, { line }] = await Promise.all([import('d3-scale'), import('d3-shape')])

  return ({ title, lines, steps, format }) => {
    const label = valueLabel(format)
    const x = scaleLinear([0, Math.max(1, steps)], [MARGIN.left, WIDTH - MARGIN.right])
    const y = scaleLinear(extent(lines), [HEIGHT - MARGIN.bottom, MARGIN.top]).nice(5)
    const path = line<Point>()
      .defined(({ value }) => Number.isFinite(value))
      .x(({ step }) => Math.round(10 * x(step)) / 10)
      .y(({ value }) => Math.round(10 * y(value)) / 10)
    const left = y.ticks(5)
    const below = x.ticks(5)
    const tick = x.tickFormat(5, '~s')
    return (
      <figure key={title}>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width="100%" role="img" aria-label={title} font-size="11">
          {left.map((value) => (
            <g key={value} transform={`translate(0 ${y(value)})`}>
              <line x1={MARGIN.left} x2={WIDTH - MARGIN.right} stroke="var(--line)" />
              <text x={MARGIN.left - 6} dy="0.32em" text-anchor="end" fill="var(--dim)">
                {label(value)}
              </text>
            </g>
          ))}
          {below.map((step) => (
            <text key={step} x={x(step)} y={HEIGHT - 8} text-anchor="middle" fill="var(--dim)">
              {tick(step)}
            </text>
          ))}
          {lines.map(({ name, points, dashed }, i) =>
            points.length === 1 ? (
              <circle key={name} cx={x(points[0]!.step)} cy={y(points[0]!.value)} r="3" fill={colorOf(i)} />
            ) : (
              <path
                key={name}
                d={path(points) ?? ''}
                fill="none"
                stroke={colorOf(i)}
                stroke-width="1.6"
                stroke-dasharray={dashed === true ? '5 4' : undefined}
              />
            ),
          )}
        </svg>
        <figcaption>
          <b>{title}</b>
          {lines.map(({ name, points }, i) => (
            <span key={name}>
              {' '}
              <span style={{ color: colorOf(i) }}>●</span> {name === title ? '' : `${name} `}
              {label(points[points.length - 1]?.value ?? Number.NaN)}
            </span>
          ))}
        </figcaption>
      </figure>
    )
  }
}
