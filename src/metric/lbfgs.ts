/**
 * L-BFGS (Liu and Nocedal 1989): minimises a smooth function of many numbers. It is a generator, which asks for the function's
 * value and gradient at one point after the other: who runs several of them can compute what all ask for at once.
 */

export interface Evaluation {
  readonly value: number
  readonly gradient: Float64Array
}

export interface LbfgsOptions {
  /** Steps at most. */
  readonly iterations: number
  /** It ends where no part of the gradient is larger. */
  readonly tolerance: number
  /** How many of the last steps tell of the curvature. */
  readonly memory?: number
}

export interface Minimum {
  readonly point: Float64Array
  readonly value: number
  readonly iterations: number
  /** Whether the gradient became as small as it should; else the steps had run out, or none went down any more. */
  readonly converged: boolean
}

/** Asks for the function at a point, and gets it. */
export type Asking<A> = Generator<Float64Array, A, Evaluation>

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

/** a + factor · b, as a new array. */
const plus = (a: Float64Array, factor: number, b: Float64Array): Float64Array => {
  const sum = new Float64Array(a.length)
  for (let i = 0; i < a.length; i++) sum[i] = a[i]! + factor * b[i]!
  return sum
}

const largest = (a: Float64Array): number => a.reduce((most, value) => Math.max(most, Math.abs(value)), 0)

/** A step, and by how much it changed the gradient. */
interface Change {
  readonly step: Float64Array
  readonly slope: Float64Array
  /** 1 / (step · slope). */
  readonly rho: number
}

/** The direction -H g, where H is the inverse Hessian as the last changes tell: the recursion of two loops. */
const direction = (gradient: Float64Array, changes: readonly Change[]): Float64Array => {
  const q = Float64Array.from(gradient, (value) => -value)
  const alphas: number[] = []
  for (const { step, slope, rho } of changes.toReversed()) {
    const alpha = rho * dot(step, q)
    alphas.push(alpha)
    for (let i = 0; i < q.length; i++) q[i]! -= alpha * slope[i]!
  }
  const last = changes.at(-1)
  if (last !== undefined) {
    const scale = 1 / (last.rho * dot(last.slope, last.slope))
    for (let i = 0; i < q.length; i++) q[i]! *= scale
  }
  for (const { step, slope, rho } of changes) {
    const beta = rho * dot(slope, q)
    const rest = alphas.pop()! - beta
    for (let i = 0; i < q.length; i++) q[i]! += rest * step[i]!
  }
  return q
}

/** Share of the promised descent that a step must bring, and how much of the slope may be left after it (Wolfe). */
const DESCENT = 1e-4
const CURVATURE = 0.9
/** Values that are computed in float32 differ by so much of their size without any meaning. */
const ROUNDING = 1e-6
/** Points that are tried on a line. */
const TRIES = 25

interface Place extends Evaluation {
  readonly point: Float64Array
}

/**
 * A place on the line that is far enough down and flat enough: the weak Wolfe conditions. Where values differ by no more than
 * rounding the slopes decide (Hager and Zhang 2005). Undefined where no try finds one.
 */
function* onLine(from: Place, along: Float64Array, first: number): Asking<Place | undefined> {
  const start = dot(from.gradient, along)
  if (!(start < 0)) return undefined
  let [low, high] = [{ at: 0, slope: start }, undefined as { readonly at: number; readonly slope: number } | undefined]
  let at = first
  for (let i = 0; i < TRIES; i++) {
    const point = plus(from.point, at, along)
    const { value, gradient } = yield point
    const slope = dot(gradient, along)
    const isDown =
      value <= from.value + DESCENT * at * start ||
      (value <= from.value + ROUNDING * Math.abs(from.value) && slope <= (2 * DESCENT - 1) * start)
    if (!isDown) high = { at, slope }
    else if (slope < CURVATURE * start) low = { at, slope }
    else return { point, value, gradient }
    if (high === undefined) at *= 2
    else {
      const width = high.at - low.at
      const secant = low.at - (low.slope * width) / (high.slope - low.slope)
      const inside = Number.isFinite(secant)
        ? Math.min(Math.max(secant, low.at + 0.1 * width), high.at - 0.1 * width)
        : Number.NaN
      at = Number.isFinite(inside) ? inside : low.at + width / 2
    }
  }
  return undefined
}

/** Minimises what it asks for, from a point on. */
export function* lbfgs(start: Float64Array, { iterations, tolerance, memory = 10 }: LbfgsOptions): Asking<Minimum> {
  let place: Place = { point: start, ...(yield start) }
  let changes: readonly Change[] = []
  for (let iteration = 0; iteration < iterations; iteration++) {
    const { point, value, gradient } = place
    if (largest(gradient) <= tolerance) return { point, value, iterations: iteration, converged: true }
    const along = direction(gradient, changes)
    const next = yield* onLine(place, along, changes.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(along, along))) : 1)
    if (next === undefined) {
      if (changes.length === 0) return { point, value, iterations: iteration, converged: false }
      // What is remembered of the curvature may be at fault.
      changes = []
      continue
    }
    const step = plus(next.point, -1, point)
    const slope = plus(next.gradient, -1, gradient)
    const curvature = dot(step, slope)
    if (curvature > 1e-10 * dot(slope, slope)) changes = [...changes, { step, slope, rho: 1 / curvature }].slice(-memory)
    place = next
  }
  const { point, value, gradient } = place
  return { point, value, iterations, converged: largest(gradient) <= tolerance }
}

/** Runs several at once: `evaluate` gets the points of those that still ask, and which they are. */
export const together = async <A>(
  all: readonly Asking<A>[],
  evaluate: (asked: readonly { readonly which: number; readonly point: Float64Array }[]) => Promise<readonly Evaluation[]>,
): Promise<readonly A[]> => {
  const results = new Map<number, A>()
  const asked = new Map<number, Float64Array>()
  const heard = (which: number, { done, value }: IteratorResult<Float64Array, A>): void => {
    if (done === true) {
      asked.delete(which)
      results.set(which, value)
    } else asked.set(which, value)
  }
  for (const [which, one] of all.entries()) heard(which, one.next(undefined as never))
  while (asked.size > 0) {
    const questions = Array.from(asked, ([which, point]) => ({ which, point }))
    const answers = await evaluate(questions)
    for (const [i, { which }] of questions.entries()) heard(which, all[which]!.next(answers[i]!))
  }
  return all.map((_, which) => results.get(which)!)
}
