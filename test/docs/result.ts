/** The picture of the quickstart's run: both losses, and the k-NN accuracy of the features beside that of the pixels. */

type Points = readonly (readonly [step: number, value: number])[]

/** What is shown of a run; see thin.ts. */
export interface Result {
  readonly seed: number
  readonly backend: string
  readonly steps: number
  /** k-NN on raw pixels. */
  readonly pixels: number
  readonly knn: Points
  /** Means over some steps. */
  readonly cls: Points
  readonly mim: Points
}

const STYLE = `
text { font: 12px system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #57606a }
.title { font-size: 13px; font-weight: 600; fill: #1f2328 }
.panel { fill: #ffffff; stroke: #d8dee4 }
.grid { stroke: #d8dee4 }
path, .pixels { fill: none; stroke-width: 2 }
.blue { stroke: #2f6fd0 } text.blue { fill: #2f6fd0; stroke: none }
.orange { stroke: #b86e00 } text.orange { fill: #b86e00; stroke: none }
.green { stroke: #2d8a46 } text.green { fill: #2d8a46; stroke: none } circle.green { fill: #2d8a46 }
.pixels { stroke: #8b949e; stroke-width: 1.5; stroke-dasharray: 5 4 }
@media (prefers-color-scheme: dark) {
  text { fill: #a3adb8 }
  .title { fill: #e6edf3 }
  .panel { fill: #161b22; stroke: #30363d }
  .grid { stroke: #30363d }
  .blue { stroke: #6ea8ff } text.blue { fill: #6ea8ff }
  .orange { stroke: #e3a23c } text.orange { fill: #e3a23c }
  .green { stroke: #5bc27a } text.green { fill: #5bc27a } circle.green { fill: #5bc27a }
}`

const HEIGHT = 250
const [TOP, BOTTOM] = [44, 214]
const rounded = (value: number): number => Math.round(10 * value) / 10

/** One chart between two edges, with values from `low` to `high`. */
const chart = (left: number, right: number, steps: number, [low, high]: readonly [number, number]) => {
  const x = (step: number): number => rounded(left + (step / steps) * (right - left))
  const y = (value: number): number => rounded(BOTTOM - ((value - low) / (high - low)) * (BOTTOM - TOP))
  return {
    x,
    y,
    line: (points: Points, color: string): string =>
      `<path class="${color}" d="M${points.map(([step, value]) => `${x(step)} ${y(value)}`).join('L')}"/>`,
    grid: (values: readonly number[], label: (value: number) => string): string =>
      [
        ...values.map(
          (value) =>
            `<line class="grid" x1="${left}" x2="${right}" y1="${y(value)}" y2="${y(value)}"/><text x="${left - 8}" y="${rounded(y(value) + 4)}" text-anchor="end">${label(value)}</text>`,
        ),
        ...[0, 1, 2, 3, 4].map(
          (part) =>
            `<text x="${x((part * steps) / 4)}" y="${BOTTOM + 20}" text-anchor="middle">${((part * steps) / 4).toLocaleString('en')}</text>`,
        ),
      ].join('\n'),
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
const last = (points: Points): number => points[points.length - 1]![1]

export const resultChart = ({ steps, pixels, knn, cls, mim, seed }: Result): string => {
  const losses = chart(54, 372, steps, [0, 6])
  const accuracy = chart(458, 748, steps, [0.31, 0.38])
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 780 ${HEIGHT}" width="780" height="${HEIGHT}" role="img" aria-label="Over ${steps} steps of the quickstart the loss on [CLS] falls to ${last(cls).toFixed(2)}, that on hidden patches to ${last(mim).toFixed(2)}; k-NN accuracy rises from ${percent(knn[0]![1])} to ${percent(last(knn))}, pixels have ${percent(pixels)}.">
<style>${STYLE}
</style>
<rect class="panel" x="0.5" y="0.5" width="779" height="${HEIGHT - 1}" rx="7"/>
<text class="title" x="54" y="26">losses over ${steps.toLocaleString('en')} steps, means of 40</text>
${losses.grid([0, 2, 4, 6], String)}
${losses.line(cls, 'blue')}
${losses.line(mim, 'orange')}
<text class="blue" x="366" y="${rounded(losses.y(last(cls)) - 14)}" text-anchor="end">L<tspan dy="3" font-size="10">[CLS]</tspan></text>
<text class="orange" x="366" y="${rounded(losses.y(last(mim)) - 14)}" text-anchor="end">L<tspan dy="3" font-size="10">MIM</tspan></text>
<text class="title" x="458" y="26">k-NN accuracy on test pictures, seed ${seed}</text>
${accuracy.grid([0.32, 0.34, 0.36, 0.38], (value) => `${Math.round(100 * value)} %`)}
<line class="pixels" x1="458" x2="748" y1="${accuracy.y(pixels)}" y2="${accuracy.y(pixels)}"/>
<text x="462" y="${rounded(accuracy.y(pixels) - 6)}">raw pixels ${percent(pixels)}</text>
${accuracy.line(knn, 'green')}
${knn.map(([step, value]) => `<circle class="green" cx="${accuracy.x(step)}" cy="${accuracy.y(value)}" r="3"/>`).join('')}
<text class="green" x="474" y="${rounded(accuracy.y(knn[0]![1]) + 4)}">before ${percent(knn[0]![1])}</text>
<text class="green" x="748" y="${rounded(accuracy.y(last(knn)) + 22)}" text-anchor="end">after ${percent(last(knn))}</text>
</svg>
`
}
