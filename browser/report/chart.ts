/** A chart of the page that answers: values under the pointer, a range of steps, a logarithmic axis, smoothed curves. */
import uPlot from 'uplot'
import type { Drawing } from '../../src/report/drawing'
import { shortNumber, tickLabel, valueLabel } from '../../src/report/labels'
import { smoothed } from './smooth'

/** Steps that are shown; undefined for the whole run. */
export type Range = readonly [from: number, to: number] | undefined

/** What all charts of a page show alike. */
export interface Shared {
  readonly range: Range
  /** Weight of the past in a smoothed curve, from 0 (none) on. */
  readonly smoothing: number
}

export interface LiveChart {
  readonly figure: HTMLElement
  /** Shows what all charts show now. */
  readonly show: (shared: Shared) => void
  /** Takes the figure of a newer page, for its numbers. */
  readonly renew: (newer: HTMLElement) => void
  /** Draws again, where colours have changed. */
  readonly redraw: () => void
}

/** One key for all: the pointer's step is shown in every chart. */
const SYNC = 'steps'
/** A colour, of which a third is left. */
const faint = (color: string): string => (color.startsWith('#') ? `${color}55` : color.replace(')', ' / 33%)'))
const FONT = '12px system-ui, sans-serif'

const drawingIn = (figure: HTMLElement): Drawing =>
  JSON.parse(figure.querySelector('script[type="application/json"]')?.textContent ?? '') as Drawing

/** All curves over the same steps: where one has no value of its own there, it is undefined. */
const alignedOf = ({ lines }: Drawing): uPlot.AlignedData =>
  uPlot.join(lines.map(({ steps, values }) => [[...steps], [...values]] as uPlot.AlignedData))

/** Each curve twice, as it is and smoothed; without smoothing the second is empty. */
const dataOf = ([steps, ...curves]: uPlot.AlignedData, smoothing: number): uPlot.AlignedData => [
  steps,
  ...curves.flatMap((values) => [
    values,
    smoothing === 0 ? Array.from(values, () => undefined) : ([...smoothed(Array.from(values), smoothing)] as typeof values),
  ]),
]

/** The value of a curve at a place, or the newest one before it. */
const valueAt = (values: uPlot.AlignedData[number], at: number): number | undefined => {
  for (let i = at; i >= 0; i--) {
    const value = values[i]
    if (typeof value === 'number') return value
  }
  return undefined
}

const hasPositive = ({ lines }: Drawing): boolean =>
  lines.some(({ values }) => values.some((value) => value !== null && value > 0))

/** A logarithmic axis has no place for what isn't above 0. */
const onlyPositive = ([steps, ...curves]: uPlot.AlignedData): uPlot.AlignedData => [
  steps,
  ...curves.map((values) => Array.from(values, (value) => (typeof value === 'number' && value <= 0 ? null : value))),
]

/** Makes the chart of a figure answer; `onRange` hears of the steps that somebody asks for. */
export const liveChart = (figure: HTMLElement, shared: Shared, onRange: (range: Range) => void): LiveChart => {
  let drawing = drawingIn(figure)
  let aligned = alignedOf(drawing)
  let now = shared
  let log = false
  let plot: uPlot | undefined
  const hidden = new Set<string>()
  const host = document.createElement('div')
  host.className = 'live'
  figure.querySelector('svg')?.before(host)
  figure.classList.add('answers')
  const colorOf = (name: string): string => getComputedStyle(host).getPropertyValue(name).trim()

  const legend = (): readonly HTMLElement[] => [...figure.querySelectorAll<HTMLElement>('[data-line]')]
  const tell = (at: number | null | undefined): void => {
    const [steps, ...curves] = aligned
    const label = valueLabel(drawing.format)
    const place = at ?? steps.length - 1
    const isSmooth = now.smoothing > 0 && !drawing.marked
    legend().forEach((entry, i) => {
      const shown = isSmooth && plot !== undefined ? plot.data[2 * i + 2] : curves[i]
      const value = shown === undefined ? undefined : valueAt(shown, place)
      entry.querySelector('output')!.textContent = value === undefined ? '–' : label(value)
    })
    figure.querySelector('.at')!.textContent = at === null || at === undefined ? '' : `step ${steps[at]}`
  }

  const marks = (u: uPlot): void => {
    const { ctx, bbox } = u
    ctx.save()
    ctx.strokeStyle = colorOf('--alarm')
    ctx.setLineDash([3 * devicePixelRatio, 4 * devicePixelRatio])
    for (const { step } of drawing.marks) {
      const x = u.valToPos(step, 'x', true)
      if (x < bbox.left || x > bbox.left + bbox.width) continue
      ctx.beginPath()
      ctx.moveTo(x, bbox.top)
      ctx.lineTo(x, bbox.top + bbox.height)
      ctx.stroke()
    }
    ctx.restore()
  }

  const options = (): uPlot.Options => {
    const axis = {
      stroke: () => colorOf('--dim'),
      grid: { stroke: () => colorOf('--line'), width: 1 },
      ticks: { show: false },
      font: FONT,
      labelFont: FONT,
      labelSize: 18,
    }
    return {
      width: Math.max(200, host.clientWidth),
      height: figure.classList.contains('wide') ? 320 : 240,
      padding: [10, 12, 0, 0],
      legend: { show: false },
      cursor: {
        sync: { key: SYNC, setSeries: false, scales: ['x', null] },
        drag: { x: true, y: false, setScale: false },
        bind: {
          dblclick: () => () => {
            onRange(undefined)
            return null
          },
        },
      },
      scales: {
        x: { time: false, range: () => [...(now.range ?? [0, Math.max(1, drawing.steps)])] as [number, number] },
        y: log ? { distr: 3 } : {},
      },
      axes: [
        { ...axis, label: 'step', size: 26, values: (_, splits) => splits.map((split) => shortNumber(split)) },
        {
          ...axis,
          label: drawing.axis,
          size: (_, values) => 14 + 7 * Math.max(2, ...(values ?? []).map((value) => value?.length ?? 0)),
          // On a logarithmic axis uPlot leaves out some of the ticks, which are null then.
          values: (_, splits, __, ___, apart) =>
            splits.map((split) =>
              split === null ? '' : tickLabel(drawing.format, log ? 10 ** Math.floor(Math.log10(split)) : apart)(split),
            ),
        },
      ],
      series: [
        {},
        ...drawing.lines.flatMap(({ name, color, dashed, values }): uPlot.Series[] => {
          const line = { show: !hidden.has(name), width: 1.75, ...(dashed ? { dash: [6, 5] } : {}) }
          const isFaint = () => now.smoothing > 0 && !drawing.marked
          return [
            {
              ...line,
              stroke: () => (isFaint() ? faint(color) : color),
              points: { show: values.length === 1 || (drawing.marked && !dashed), size: 7, fill: color },
            },
            { ...line, stroke: color, points: { show: false } },
          ]
        }),
      ],
      hooks: {
        setCursor: [({ cursor }) => tell(cursor.idx)],
        setSelect: [
          (u) => {
            const { left, width } = u.select
            if (width < 4) return
            onRange([u.posToVal(left, 'x'), u.posToVal(left + width, 'x')])
            u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
          },
        ],
        draw: [marks],
      },
    }
  }

  const shownData = (): uPlot.AlignedData => dataOf(log ? onlyPositive(aligned) : aligned, drawing.marked ? 0 : now.smoothing)
  const build = (): void => {
    plot?.destroy()
    plot = new uPlot(options(), shownData(), host)
    tell(undefined)
  }
  const refill = (): void => {
    plot?.setData(shownData())
    tell(undefined)
  }

  const button = figure.querySelector<HTMLButtonElement>('button.log')
  const offerLog = (): void => {
    if (button === null) return
    const able = hasPositive(drawing)
    button.disabled = !able
    button.title = able ? 'a logarithmic axis' : 'a logarithmic axis needs values above 0'
    if (!able) log = false
    button.setAttribute('aria-pressed', String(log))
  }
  button?.addEventListener('click', () => {
    log = !log
    offerLog()
    build()
  })

  const listen = (): void =>
    legend().forEach((entry, i) => {
      const { name } = drawing.lines[i]!
      const toggle = (): void => {
        if (!hidden.delete(name)) hidden.add(name)
        entry.setAttribute('aria-pressed', String(!hidden.has(name)))
        for (const series of [2 * i + 1, 2 * i + 2]) plot?.setSeries(series, { show: !hidden.has(name) })
      }
      entry.tabIndex = 0
      entry.setAttribute('role', 'button')
      entry.setAttribute('aria-pressed', String(!hidden.has(name)))
      entry.addEventListener('click', toggle)
      entry.addEventListener('keydown', (event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return
        event.preventDefault()
        toggle()
      })
    })

  offerLog()
  listen()
  build()
  new ResizeObserver(() => {
    // Where it isn't shown, in print say, it has no width.
    if (plot !== undefined && host.clientWidth > 0 && host.clientWidth !== plot.width)
      plot.setSize({ width: host.clientWidth, height: plot.height })
  }).observe(host)

  return {
    figure,
    show: (shared) => {
      now = shared
      refill()
    },
    renew: (newer) => {
      const before = drawing
      drawing = drawingIn(newer)
      aligned = alignedOf(drawing)
      for (const part of ['svg', 'script[type="application/json"]'])
        figure.querySelector(part)?.replaceWith(newer.querySelector(part)!)
      offerLog()
      if (drawing.lines.map(({ name }) => name).join() === before.lines.map(({ name }) => name).join()) return refill()
      figure.querySelector('.legend')?.replaceWith(newer.querySelector('.legend')!)
      listen()
      build()
    },
    redraw: () => plot?.redraw(false, true),
  }
}
