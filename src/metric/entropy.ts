/** Shannon entropy in nats of a whole in parts of these sizes, which need not sum to 1; NaN without a whole. */
export const entropy = (sizes: ArrayLike<number>): number => {
  let total = 0
  for (let i = 0; i < sizes.length; i++) total += sizes[i]!
  let sum = 0
  for (let i = 0; i < sizes.length; i++) if (sizes[i]! > 0) sum -= (sizes[i]! / total) * Math.log(sizes[i]! / total)
  return total > 0 ? sum : Number.NaN
}
