/**
 * The meeting: processes that train one run together find each other, agree, and tell which of them failed.
 *
 * A star: every member has one TCP connection to member 0. Who trains asks its *post* (`post`), which lives in a thread of its own
 * (`thread`): it holds the connection, sends a beat each second whatever the main thread does, and tells what was decided. All
 * that is decided is decided by the *hub* of member 0 (`hub`), also about member 0 itself, whose own *seat* (`seat`) reaches the
 * hub without a connection. So everyone hears the same, in the same order.
 *
 * A connection at the *door* (`door`) of member 0, seen from there:
 *
 *   silent ──hello──▶ challenged ──card, with a proof of the secret──▶ in
 *
 * Anything else, or nothing within 10 s, is turned away; the hub never hears of it. Member 0 has proven the secret before a
 * member sends its card.
 *
 * The hub:
 *
 *   gathering ──all cards are here and fit──▶ together ──all have come to the end──▶ over
 *
 * - gathering: a connection that closes takes its card with it, and its member may come again, by its card's token even sooner. Cards that don't fit lead to
 *   *failed* once all are here, or 3 s after the first such one, so that one message names all; so does `joinSeconds`.
 * - together: a member *comes* to a named point with bytes and waits there. Once all have come to the same, each hears what all
 *   brought. That is a barrier, `agree`, `gather` and `leave` (the point named the end) in one. A member is at one point at a
 *   time: if all have come and not to the same, they would wait for ever, which is *failed*. So are: a connection that closes,
 *   silence of `timeoutSeconds`, others who have waited for a member that long (unless it is in a phase that may last), and a
 *   member that says that it fails.
 * - over: *failed* or the end was sent to all, then the connections close. Nothing that happens to them matters any more.
 *
 * A seat:
 *
 *   away ──card taken──▶ waiting ──together──▶ together ──failed, or the end──▶ over
 *
 * - away: it tries to connect four times a second until `joinSeconds` are over; a wrong secret, a public address or *failed* end
 *   that. waiting: a connection that closes or is silent leads back to away.
 * - together: if the connection closes, or member 0 is silent, member 0 is lost: each of the others says so by itself.
 *
 * When a post is over it closes all that it has open, says `failed` or `left` as its last word, and its thread ends. Whoever
 * waits then, or asks later, gets that failure.
 */
import { randomUUID } from 'node:crypto'
import type * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import { type Cluster, openCluster } from './cluster'
import type { Membership } from './environment/membership'
import { inThread, type StartPost } from './posts'

export interface MeetingOptions {
  readonly membership: Membership
  /** Of this package: all members must have the same. */
  readonly version: string
  /** Hashes by the names that messages have for them (pipeline, data, state, engine): all members must have the same. */
  readonly values: Readonly<Record<string, string>>
  /** IBOT_SECRET; undefined where members don't share one. */
  readonly secret?: string | undefined
  /** Whether members may talk over public addresses. */
  readonly trusted?: boolean
  readonly joinSeconds?: number
  readonly timeoutSeconds?: number
  /** Between two beats. */
  readonly beatSeconds?: number
  /** Hears of who is waited for, and of strangers at the port. */
  readonly note?: (text: string) => void
  /** Ends joining. */
  readonly signal?: AbortSignal | undefined
}

const JOIN = 600
const TIMEOUT = 60
const BEAT = 1
const GREET = 10
const SETTLE = 3

/** Meets the other members. Comes when all are there and fit together. */
export const meet =
  (options: MeetingOptions, start: StartPost = inThread): TE.TaskEither<Failure, Cluster> =>
  () => {
    const { membership, version, values, secret = '', trusted = false, note = () => undefined, signal } = options
    const { joinSeconds = JOIN, timeoutSeconds = TIMEOUT, beatSeconds = BEAT } = options
    const { rank, size, leader, host } = membership
    const data = {
      ...{ leader, secret, trusted, join: 1000 * joinSeconds, timeout: 1000 * timeoutSeconds, beat: 1000 * beatSeconds },
      ...{ greet: 1000 * GREET, settle: 1000 * Math.min(SETTLE, joinSeconds) },
      card: { token: randomUUID(), version, size, rank, host, pid: process.pid, values },
    }
    return openCluster(data, start, note, signal)
  }
