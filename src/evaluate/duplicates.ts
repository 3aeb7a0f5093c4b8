/** Equal ones among very many hashes. */

/** Groups of places with the same hash, each with two or more, in the order of their first places. */
export const equalGroups = (hashes: BigUint64Array): readonly (readonly number[])[] => {
  const order = Uint32Array.from(hashes, (_, i) => i).sort((a, b) =>
    hashes[a]! < hashes[b]! ? -1 : hashes[a]! > hashes[b]! ? 1 : a - b,
  )
  const groups: number[][] = []
  for (let from = 0; from < order.length; ) {
    let to = from + 1
    while (to < order.length && hashes[order[to]!] === hashes[order[from]!]) to++
    if (to - from > 1) groups.push(Array.from(order.subarray(from, to)))
    from = to
  }
  return groups.sort((a, b) => a[0]! - b[0]!)
}

/** Pairs of places with the same hash, one in each list; of several equal ones in the first list its first. */
export const equalPairs = (first: BigUint64Array, second: BigUint64Array): readonly (readonly [number, number])[] => {
  const places = new Map<bigint, number>()
  for (const [i, hash] of first.entries()) if (!places.has(hash)) places.set(hash, i)
  return Array.from(second).flatMap((hash, i): readonly (readonly [number, number])[] => {
    const place = places.get(hash)
    return place === undefined ? [] : [[place, i]]
  })
}
