/** Draws of a beta distribution, from two of gamma distributions. */
import type { Random } from './random'

/** Logarithm of a draw of Gamma(shape, 1), shape ≥ 1 (Marsaglia and Tsang, "A simple method for generating gamma variables", TOMS 2000). */
const logGammaFrom1 = (draw: Random, shape: number): number => {
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = draw.normal()
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - draw.uniform()) < 0.5 * x * x + d * (1 - v + Math.log(v))) return Math.log(d * v)
  }
}

/** The same of any shape > 0: Gamma(a) is Gamma(a + 1) · U^(1/a), which for a small one is a number only as its logarithm. */
const logGamma = (draw: Random, shape: number): number =>
  shape >= 1 ? logGammaFrom1(draw, shape) : logGammaFrom1(draw, shape + 1) + Math.log(1 - draw.uniform()) / shape

/** A draw of Beta(a, b) in [0, 1], a and b > 0. */
export const beta = (draw: Random, a: number, b: number): number => {
  const first = logGamma(draw, a)
  return 1 / (1 + Math.exp(logGamma(draw, b) - first))
}
