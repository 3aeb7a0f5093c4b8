/** All charts of a page: they show the same steps, smoothed alike. */
import { type LiveChart, liveChart, type Range, type Shared } from './chart'

export interface Board {
  /** Makes the charts below a place answer; those of a title that do already in such a section take what is newer into their own figure. */
  readonly mount: (place: ParentNode) => void
  readonly smooth: (weight: number) => void
  readonly whole: () => void
  readonly redraw: () => void
}

/** `onRange` hears of the steps that are shown. */
export const newBoard = (onRange: (range: Range) => void): Board => {
  const charts = new Map<string, LiveChart>()
  let shared: Shared = { range: undefined, smoothing: 0 }
  const show = (next: Shared): void => {
    shared = next
    onRange(next.range)
    for (const chart of charts.values()) chart.show(next)
  }
  const showRange = (range: Range): void => show({ ...shared, range })
  return {
    mount: (place) => {
      for (const figure of place.querySelectorAll<HTMLElement>('figure.chart')) {
        const key = `${figure.closest('section')?.id ?? ''} ${figure.dataset.chart}`
        const known = charts.get(key)
        if (known === undefined) charts.set(key, liveChart(figure, shared, showRange))
        else {
          known.renew(figure)
          figure.replaceWith(known.figure)
        }
      }
    },
    smooth: (smoothing) => show({ ...shared, smoothing }),
    whole: () => showRange(undefined),
    redraw: () => {
      for (const chart of charts.values()) chart.redraw()
    },
  }
}
