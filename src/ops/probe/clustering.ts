import { random } from '../../base/random'
import { stage } from '../../dsl/plan'
import { flag, integer, maybe, nonNegative, optional, required } from '../../dsl/type'
import { clusteringScores, wellNamed } from '../../metric/clustering'
import { kMeans } from '../../metric/kMeans'
import { inOrder } from '../augmentation/kind'
import { probeSlot } from '../slots'
import { anySource } from '../source/kind'
import { feature, probeFields } from './fields'
import { FEATURES, probe, shareOf } from './kind'
import { pointsOf } from './points'

export const clustering = stage(probeSlot)({
  name: 'clustering',
  doc: "Clusters the frozen features of pictures by k-means, and compares the clusters with the pictures' labels, before and after training and in between.",
  source:
    'unsup_cls.py of the reference implementation (the scores); Arthur & Vassilvitskii 2007 (k-means++); scikit-learn KMeans (its rules)',
  needs: ['tokens.cls', 'training'],
  gives: [],
  example: { images: { imageFolder: 'data/val' } },
  fields: {
    images: required(anySource, 'the pictures that are clustered, with labels'),
    every: probeFields.every,
    count: maybe(integer(2, 100_000_000), 'how many of the pictures, drawn once; by default all'),
    clusters: maybe(integer(2, 1_000_000), 'number of clusters; by default that of the classes'),
    starts: optional(integer(1, 1000), 10, 'starts of k-means; the one with the least inertia counts'),
    rounds: optional(integer(1, 100_000), 300, 'most rounds of a start'),
    tolerance: optional(
      nonNegative,
      1e-4,
      "a start ends when its centres move by less than this share of the features' mean variance",
    ),
    normalize: optional(flag, true, 'whether features are divided by their length first'),
    feature,
    prepare: probeFields.prepare,
  },
  build: ({ images, every, count, clusters, starts, rounds, tolerance, normalize, feature: part, prepare }) =>
    probe({
      every,
      sets: { images: { source: images, labels: true, ...(count === undefined ? {} : { count }) } },
      features: FEATURES[part],
      prepare: prepare && inOrder(prepare),
      metrics: {
        accuracy: {
          doc: 'share of the pictures whose cluster is that of their class, clusters named at best',
          format: 'percent',
          better: 'higher',
        },
        nmi: {
          doc: 'normalised mutual information of clusters and classes, arithmetic mean',
          format: 'number',
          better: 'higher',
        },
        ari: { doc: 'adjusted Rand index', format: 'number', better: 'higher' },
        fowlkesMallows: { doc: 'Fowlkes-Mallows index', format: 'number', better: 'higher' },
      },
      refuse: ({ images: { count, classes } }) => {
        const k = clusters ?? classes.length
        if (k < 2)
          return { message: 'needs pictures of two classes at least', remedy: "Give the number of clusters: 'clusters'." }
        return k > count
          ? { message: `makes ${k} clusters, and there are ${count} pictures`, remedy: `Make at most ${count}.` }
          : undefined
      },
      measure: async ({ images }, tools) => {
        // Damaged ones are left out.
        const k = Math.min(clusters ?? images.classes.length, images.labels.length)
        if (k === 0) return { accuracy: Number.NaN, nmi: Number.NaN, ari: Number.NaN, fowlkesMallows: Number.NaN }
        const points = pointsOf(images, normalize, tools)
        const { labels } = await kMeans(points, {
          k,
          starts,
          rounds,
          tolerance,
          draws: (start) => random('kMeans', tools.seed, start),
        })
        // Clusters keep the names that fit all pictures best, whichever of them are drawn.
        const hits = wellNamed(images.labels, labels)
        return {
          count: labels.length,
          of: (rows) => {
            const [classes, clusters] = [rows.map((row) => images.labels[row]!), rows.map((row) => labels[row]!)]
            const { nmi, ari, fowlkesMallows } = clusteringScores(classes, clusters, false)
            return { accuracy: shareOf(hits, rows), nmi, ari, fowlkesMallows }
          },
        }
      },
    }),
})
