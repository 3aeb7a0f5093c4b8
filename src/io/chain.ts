/** Several lists counted through as one. */

/** Where each list begins among all items, and how many there are in all: one number more than lists. */
export const startsOf = (counts: readonly number[]): readonly number[] => {
  const starts = [0]
  for (const count of counts) starts.push(starts[starts.length - 1]! + count)
  return starts
}

/** In which list item i is, and as the how-maniest of it. */
export const placeIn = (starts: readonly number[], i: number): readonly [list: number, place: number] => {
  let [low, high] = [0, starts.length - 1]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (starts[middle]! <= i) low = middle
    else high = middle
  }
  return [low, i - starts[low]!]
}
