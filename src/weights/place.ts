/** Where in a file the backbone of a network stands: files hold it alone, within models, and both networks side by side. */
import * as E from 'fp-ts/Either'
import { NETWORKS, type NetworkName } from '../base/networkName'
import { prefixOf } from './namings'

export interface Place {
  /** What stands before the names of the backbone's weights: '' or 'teacher.backbone.'. */
  readonly prefix: string
  /** What stands before the names of the whole network, its head among them. */
  readonly base: string
  /** Which network it is, where the names tell it. */
  readonly network: NetworkName | undefined
}

/** Words by which others call the two networks; an average of weights over time is the teacher. */
const WORDS: Readonly<Record<NetworkName, RegExp>> = {
  teacher: /(?:^|[._])(?:teacher|momentum|ema|target|encoder_k)(?=[._])/,
  student: /(?:^|[._])(?:student|base_encoder|online|encoder_q)(?=[._])/,
}

/** The end of the part of a prefix that names the network. */
const wordEnd = (prefix: string, network: NetworkName): number => {
  const found = WORDS[network].exec(prefix)
  return found === null ? 0 : prefix.indexOf('.', found.index + found[0].length) + 1
}

const placeOf = (prefix: string, containers: readonly string[]): Place => {
  const network = NETWORKS.find((name) => WORDS[name].test(prefix))
  const container = containers
    .filter((start) => prefix.startsWith(start))
    .reduce((longest, start) => (start.length > longest.length ? start : longest), '')
  const named = network === undefined ? 0 : wordEnd(prefix, network)
  return { prefix, base: prefix.slice(0, Math.max(container.length, named)), network }
}

const called = ({ prefix }: Place): string => (prefix === '' ? 'one without a prefix' : `'${prefix.slice(0, -1)}'`)

/** All backbones of a file; containers are the dicts of a checkpoint as prefixes. */
export const placesIn = (names: Iterable<string>, containers: readonly string[]): readonly Place[] => {
  const prefixes = new Set<string>()
  for (const name of names) {
    const prefix = prefixOf(name)
    if (prefix !== undefined) prefixes.add(prefix)
  }
  return [...prefixes].map((prefix) => placeOf(prefix, containers))
}

/**
 * The one that is asked for, or in half a sentence why there is none. Where nobody asks, the teacher is taken, or else the only
 * one.
 */
export const chosen = (places: readonly Place[], wanted: NetworkName | undefined): E.Either<string, Place> => {
  const of = (network: NetworkName | undefined) => places.filter((place) => place.network === network)
  const order = wanted === undefined ? [of('teacher'), of(undefined), of('student')] : [of(wanted), of(undefined)]
  const found = order.find(({ length }) => length > 0)
  if (found === undefined) return E.left(`it has no ${wanted}, only a ${places[0]!.network}`)
  return found.length === 1
    ? E.right(found[0]!)
    : E.left(`it holds ${found.length} backbones, and it is unclear which one is meant: ${found.map(called).join(', ')}`)
}
