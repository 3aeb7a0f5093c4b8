/** How well logits name classes. */

/**
 * At which place the right class of each row stands, from 0, when its logits are ordered, the largest first; of equal logits the
 * class with the lower number comes first, so that a network that can't tell classes apart isn't right by chance more than once.
 *
 * @param logits [rows, classes]
 */
export const placesOf = (logits: Float32Array, classes: number, labels: ArrayLike<number>): Uint32Array =>
  Uint32Array.from({ length: logits.length / classes }, (_, row) => {
    const own = logits.subarray(row * classes, (row + 1) * classes)
    const label = labels[row]!
    const right = own[label]!
    let before = 0
    // What is no number stands before all that is one.
    for (const [one, logit] of own.entries()) if (!(logit < right) && one !== label && (logit !== right || one < label)) before++
    return before
  })
