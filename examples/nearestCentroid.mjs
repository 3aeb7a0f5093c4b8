// A probe of one's own: ibot run FILE --ops examples/nearestCentroid.mjs
import { anySource, duration, maybe, probe, probeSlot, required, stage } from 'ibot/define'

/** The mean of each class's rows, one after another. */
const centroidsOf = ({ values, width, labels, classes }) => {
  const sums = new Float64Array(classes.length * width)
  const counts = new Array(classes.length).fill(0)
  for (const [row, label] of labels.entries()) {
    counts[label]++
    for (let i = 0; i < width; i++) sums[label * width + i] += values[row * width + i]
  }
  return sums.map((sum, at) => sum / counts[Math.floor(at / width)])
}

/** The class whose centroid is nearest to a row; a class without pictures has none. */
const nearest = (centroids, row) => {
  let best = { label: -1, distance: Number.POSITIVE_INFINITY }
  for (let at = 0; at < centroids.length; at += row.length) {
    const distance = row.reduce((sum, value, i) => sum + (value - centroids[at + i]) ** 2, 0)
    if (distance < best.distance) best = { label: at / row.length, distance }
  }
  return best.label
}

export const nearestCentroid = stage(probeSlot)({
  name: 'nearestCentroid',
  doc: 'Classifies pictures by the class whose mean features are nearest.',
  needs: ['tokens.cls', 'training'],
  gives: [],
  fields: {
    test: required(anySource, 'the pictures that are classified, with labels'),
    every: maybe(duration, 'how long between two probes'),
  },
  build: ({ test, every }) =>
    probe({
      every,
      sets: { train: { count: 10000, labels: true }, test: { source: test, labels: true } },
      features: { cls: 0, mean: true },
      prepare: undefined,
      metrics: { accuracy: { doc: 'share of the test pictures that are classified right', format: 'percent', better: 'higher' } },
      measure: async ({ train, test: { values, width, labels } }) => {
        const centroids = centroidsOf(train)
        const right = labels.filter((label, row) => label === nearest(centroids, values.subarray(row * width, (row + 1) * width)))
        return { accuracy: right.length / labels.length }
      },
    }),
})
