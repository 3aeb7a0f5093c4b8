/**
 * Who is lost, judged by what was heard of each member and when. Pure: times are given, in milliseconds of a clock that only
 * goes forward. Beats are sent by a thread that does nothing else, so that silence means a process that is stopped or a machine
 * that can't be reached, not one that is busy.
 */
import { printable } from '../base/printable'
import { ranksText } from './cards'

/** What a member does, as far as the watch is concerned. */
export type Phase = 'joining' | 'preparing' | 'batch' | 'step' | 'probe' | 'saving'

/** What members do when they have met. */
export const FIRST_PHASE: Phase = 'preparing'

/** In these a member may keep the others waiting for as long as it takes. */
const LASTING: readonly string[] = ['joining', 'preparing', 'probe', 'saving'] satisfies Phase[]

/** What is known of a member. */
export interface Watched {
  readonly rank: number
  readonly name: string
  /** When something was last heard of it; undefined for one in this process. */
  readonly heard: number | undefined
  readonly phase: string
  /** When that phase began. */
  readonly phaseSince: number
  /** The last step that all began together. */
  readonly step: string | undefined
  /** The point that it has come to, where it waits for the others. */
  readonly come: { readonly point: string; readonly since: number } | undefined
}

/** Why the members can't go on. */
export interface Loss {
  readonly message: string
  readonly remedy: string
}

const AGAIN = 'then start all members again.'
const seconds = (time: number): string => `${Math.round(time / 1000)} s`
const inPhase = (phase: string): string => `in phase '${printable(phase)}'`

/** A member whose connection has closed without a word. */
export const closedLoss = ({ name, phase, step }: Pick<Watched, 'name' | 'phase' | 'step'>): Loss => ({
  message: `${name} was killed or its machine is gone: its connection closed ${step === undefined ? inPhase(phase) : `in ${step}`}`,
  remedy: `See what that member said last and whether its machine had memory left; ${AGAIN}`,
})

/** Members that did not come to the meeting, and whom the door has turned away, if anybody. */
export const absentLoss = (absent: readonly number[], size: number, join: number, strangers: string | undefined): Loss => {
  const one = absent.length === 1
  return {
    message: `${ranksText(absent)} of ${size} did not come within ${seconds(join)}${strangers === undefined ? '' : `; ${strangers}`}`,
    remedy: `See what ${one ? 'that member says' : 'those members say'}, and whether ${one ? 'its machine reaches' : 'their machines reach'} member 0.`,
  }
}

/** Members that were not heard of for longer than `timeout`. */
export const silentAmong = <W extends Pick<Watched, 'heard'>>(members: Iterable<W>, now: number, timeout: number): readonly W[] =>
  [...members].filter(({ heard }) => heard !== undefined && now - heard > timeout)

export const silentLoss = (silent: readonly Pick<Watched, 'name' | 'phase'>[], timeout: number): Loss => ({
  message: silent
    .map(({ name, phase }) => `${name} hangs: nothing was heard of it for ${seconds(timeout)}, last ${inPhase(phase)}`)
    .join('; '),
  remedy: `See whether its process is stopped and its machine can be reached; ${AGAIN}`,
})

/** Members that the others have waited for longer than `timeout`, though what they do shouldn't last. */
const lateAmong = (members: readonly Watched[], now: number, timeout: number): readonly Watched[] => {
  const since = Math.min(...members.flatMap(({ come }) => (come === undefined ? [] : [come.since])))
  return members.filter(
    ({ come, phase, phaseSince }) =>
      come === undefined && !LASTING.includes(phase) && now - Math.max(since, phaseSince) > timeout,
  )
}

const lateLoss = (late: readonly Watched[], members: readonly Watched[], timeout: number): Loss => {
  const waiting = members.filter(({ come }) => come !== undefined)
  const verb = waiting.length === 1 ? 'has' : 'have'
  const point = printable(waiting[0]?.come?.point ?? '')
  return {
    message: late
      .map(
        ({ name, phase }) =>
          `${name} is slow: ${ranksText(waiting.map(({ rank }) => rank))} ${verb} waited for it at ${point} for ${seconds(timeout)}, and it is still ${inPhase(phase)}`,
      )
      .join('; '),
    remedy: `See what that member does; ${AGAIN} A longer time-out waits longer.`,
  }
}

/** Members that have come to different points, at which they would wait for each other for ever. */
export const astrayLoss = (members: readonly Watched[]): Loss | undefined => {
  const points = members.map(({ come }) => come?.point)
  if (points.includes(undefined) || new Set(points).size === 1) return undefined
  return {
    message: `members have come to different points: ${members
      .slice(0, 8)
      .map(({ name, come }) => `${name} to ${printable(come!.point)}`)
      .join(', ')}`,
    remedy: 'Start all members with the same file and the same options, and report it if they were.',
  }
}

/** Who is lost among all members, if any is. */
export const lossAmong = (members: readonly Watched[], now: number, timeout: number): Loss | undefined => {
  const silent = silentAmong(members, now, timeout)
  if (silent.length > 0) return silentLoss(silent, timeout)
  const late = lateAmong(members, now, timeout)
  return late.length > 0 ? lateLoss(late, members, timeout) : undefined
}

/**
 * How long the watch itself was stopped, of the time between two looks that should be `every` apart: what others have sent
 * meanwhile is not yet read, so that nobody can be blamed for it.
 */
export const stoppedFor = (before: number, now: number, every: number): number => (now - before > 3 * every ? now - before : 0)
