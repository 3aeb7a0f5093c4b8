/** What members say of themselves on joining, and what must be the same for all of them. */
import { listed } from '../base/listed'
import { printable } from '../base/printable'
import type { Card } from './messages'

/** A member as messages call it. */
export const nameOf = ({ rank, host, pid }: Pick<Card, 'rank' | 'host' | 'pid'>): string =>
  `member ${rank} (${printable(host.slice(0, 255))}, pid ${pid})`

const brief = (hash: string | undefined): string =>
  hash === undefined ? 'none' : printable(hash.length > 12 ? `${hash.slice(0, 8)}…` : hash)

/** `member 1`, `members 1 and 2`, `members 1, 2 and 3`. */
export const ranksText = (ranks: readonly number[]): string => {
  const texts = ranks.map(String)
  if (texts.length > 12) return `members ${listed(texts)}`
  return texts.length === 1 ? `member ${texts[0]}` : `members ${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`
}

/** So many differences are told. */
const MOST = 6

export interface Difference {
  readonly message: string
  readonly remedy: string
}

/** What one card says otherwise than that of member 0. */
const against = (first: Card, card: Card): readonly Difference[] => {
  if (card.version !== first.version)
    return [
      {
        message: `${nameOf(card)} is ibot ${printable(card.version)}, and ${nameOf(first)} is ${printable(first.version)}`,
        remedy: 'Install the same version for all members.',
      },
    ]
  if (card.size !== first.size)
    return [
      {
        message: `${nameOf(card)} is one of ${card.size}, and ${nameOf(first)} one of ${first.size}`,
        remedy: 'Start all members with the same number of them.',
      },
    ]
  return [...new Set([...Object.keys(first.values), ...Object.keys(card.values)])]
    .sort()
    .filter((name) => first.values[name] !== card.values[name])
    .map((name) => ({
      message: `${nameOf(card)} has ${name === 'data' ? 'other' : 'another'} ${printable(name)} (${brief(card.values[name])}) than ${nameOf(first)} (${brief(first.values[name])})`,
      remedy: 'Start all members with the same file, the same options and the same data.',
    }))
}

/** Members with the same number. */
const twice = (cards: readonly Card[]): readonly Difference[] =>
  cards.flatMap((card, i) => {
    const before = cards.slice(0, i).find(({ rank }) => rank === card.rank)
    if (before === undefined) return []
    const second = before.host === card.host ? `process ${card.pid}` : `process ${card.pid} on ${printable(card.host)}`
    return [
      { message: `${nameOf(before)} is there twice: ${second} says the same`, remedy: 'Give each member a number of its own.' },
    ]
  })

/** Why these members can't train together, in one message; undefined if they can. The first card is member 0's. */
export const differenceIn = (cards: readonly Card[]): Difference | undefined => {
  const [first, ...others] = cards
  if (first === undefined) return undefined
  const found = [...twice(cards), ...others.filter(({ rank }) => rank !== first.rank).flatMap((card) => against(first, card))]
  if (found.length === 0) return undefined
  const more = found.length > MOST ? `; and ${found.length - MOST} more` : ''
  return {
    message: `${found
      .slice(0, MOST)
      .map(({ message }) => message)
      .join('; ')}${more}`,
    remedy: [...new Set(found.map(({ remedy }) => remedy))].join(' '),
  }
}
