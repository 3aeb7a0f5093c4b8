/** Requests to a server and its answers in JSON; whatever goes wrong is an obstacle, in words without secrets. */
import * as E from 'fp-ts/Either'
import { printable } from '../base/printable'
import { isObject, type JsonObject } from './json'
import type { Obstacle } from './logger'

export interface Server {
  /** As people call what runs there. */
  readonly title: string
  /** Without a user, and without a slash at its end. */
  readonly url: string
  /** What it knows this user by. */
  readonly authorization: string | undefined
  /** What no message may hold. */
  readonly secrets: readonly string[]
  /** What helps where it can't be reached, and where it doesn't accept this user. */
  readonly remedies: { readonly unreachable: string; readonly unknown: string }
}

export interface Question {
  readonly method: 'GET' | 'POST'
  /** From the server's address on. */
  readonly path: string
  readonly body?: JsonObject
}

/** An answer of the server, whether it liked the question or not. */
export interface Answer {
  readonly status: number
  readonly body: JsonObject
}

/** How long an answer may take, in slices of time. */
const SLICES = 20
const SLICE = 500
/** Letters of an answer that are told. */
const TOLD = 200
/** Bytes of an answer that are read. */
const LONGEST = 4_000_000

/**
 * Aborts when so much time has passed in which this process could have heard an answer: a step may keep its thread for longer than any
 * server takes, and what came meanwhile is read after it. A slice counts once, however long it was.
 */
const patience = (signal: AbortSignal) => {
  const over = new AbortController()
  const stop = (): void => over.abort('stopped')
  let slices = 0
  const timer = setInterval(() => {
    slices++
    if (slices >= SLICES) over.abort('late')
  }, SLICE)
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop)
  return {
    signal: over.signal,
    done: (): void => {
      clearInterval(timer)
      signal.removeEventListener('abort', stop)
    },
  }
}

const hidden = (secrets: readonly string[], text: string): string =>
  secrets.filter((secret) => secret !== '').reduce((told, secret) => told.replaceAll(secret, '…'), text)

/** The reason in an error of fetch, which holds that of the socket. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (cause === undefined) return error.message
  const code = (cause as { readonly code?: unknown }).code
  return typeof code === 'string' ? code : cause instanceof Error ? cause.message : error.message
}

const textOf = async (response: Response): Promise<string> => {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of response.body ?? []) {
    length += part.byteLength
    if (length > LONGEST) throw new Error('its answer has no end')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

const objectIn = (text: string): JsonObject | undefined => {
  try {
    const value = JSON.parse(text) as unknown
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** It would be liked later. */
const BUSY = [408, 425, 429]

/** Asks a server; what comes is an answer, whatever its status, unless it says that the server is at fault or too busy. */
export const ask = async (server: Server, question: Question, signal: AbortSignal): Promise<E.Either<Obstacle, Answer>> => {
  const { title, url, authorization, secrets, remedies } = server
  const waiting = patience(signal)
  const later = (message: string, remedy: string): E.Either<Obstacle, never> =>
    E.left({ message: `${title} at ${url} ${message}`, remedy, again: 'later' })
  try {
    const response = await fetch(`${url}${question.path}`, {
      method: question.method,
      headers: {
        accept: 'application/json',
        ...(authorization === undefined ? {} : { authorization }),
        ...(question.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(question.body === undefined ? {} : { body: JSON.stringify(question.body) }),
      signal: waiting.signal,
      // Another place would be given the key, and a question without its body.
      redirect: 'manual',
    })
    const { status } = response
    if (status >= 300 && status < 400) return E.right({ status, body: { message: `go to ${response.headers.get('location')}` } })
    const body = objectIn(await textOf(response))
    const answer: Answer = { status, body: body ?? {} }
    if (status >= 500 || BUSY.includes(status))
      return E.left({ message: complaintIn(server, answer), remedy: LOG, again: 'later' })
    if (body !== undefined || !response.ok) return E.right(answer)
    return later('gives an answer that is no JSON', `Is it ${title} that runs there? ${remedies.unreachable}`)
  } catch (error) {
    if (waiting.signal.reason === 'late')
      return later(`hasn't answered within ${(SLICES * SLICE) / 1000} s`, remedies.unreachable)
    if (waiting.signal.reason === 'stopped') return later("hadn't answered when the run ended", remedies.unreachable)
    return later(`can't be reached (${printable(hidden(secrets, reasonOf(error)))})`, remedies.unreachable)
  } finally {
    waiting.done()
  }
}

const saidIn = (secrets: readonly string[], { message, error, errors }: JsonObject): string | undefined => {
  const first = Array.isArray(errors) ? (errors[0] as JsonObject | string | undefined) : undefined
  const all = [message, error, typeof first === 'object' ? first.message : first]
  const told = all.find((one) => typeof one === 'string' && one.trim() !== '')
  return typeof told === 'string' ? printable(hidden(secrets, told.trim()).slice(0, TOLD)) : undefined
}

/** What an answer says went wrong, as far as it says it as one of these servers does. */
export const complaintIn = ({ title, url, secrets }: Server, { status, body }: Answer): string => {
  const why = saidIn(secrets, body)
  return `${title} at ${url} answers ${status}${why === undefined ? '' : `: ${why}`}`
}

const LOG = 'Look at the log of the server.'
const USER = [401, 403]
/** Nothing else would be liked better. */
const PLACE = [404, 405, 410]

/** Why a server didn't like a question. */
export const refused = (server: Server, answer: Answer): Obstacle => {
  const message = complaintIn(server, answer)
  const { unknown, unreachable } = server.remedies
  if (USER.includes(answer.status)) return { message, remedy: unknown, again: 'never' }
  if (answer.status < 400 || PLACE.includes(answer.status)) return { message, remedy: unreachable, again: 'never' }
  return { message, remedy: LOG, again: 'content' }
}

/** The answer to a question that the server likes, or why there is none. */
export const answered = async (
  server: Server,
  question: Question,
  signal: AbortSignal,
): Promise<E.Either<Obstacle, JsonObject>> => {
  const answer = await ask(server, question, signal)
  if (E.isLeft(answer)) return answer
  const { status, body } = answer.right
  return status < 300 ? E.right(body) : E.left(refused(server, answer.right))
}

/** HTTP's basic authentication. */
export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`

const originOf = (url: string): string | undefined => (URL.canParse(url) ? new URL(url).origin : undefined)
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

/**
 * Whether a server may be told a secret of the environment: one that the environment or W&B itself names, or one on this machine. A
 * pipeline may come from others, and with it an address.
 */
export const isTrusted = (url: string, own: readonly (string | undefined)[]): boolean =>
  LOOPBACK.test(new URL(url).hostname) || own.some((one) => one !== undefined && originOf(one) === originOf(url))

/** An address of the web without its user and password, and these; undefined for what isn't one. */
export const webAddress = (
  written: string,
): { readonly url: string; readonly user: string; readonly password: string } | undefined => {
  try {
    const url = new URL(written)
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined
    const { username, password } = url
    url.username = ''
    url.password = ''
    return {
      url: `${url.origin}${url.pathname}`.replace(/\/+$/, ''),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
    }
  } catch {
    return undefined
  }
}
