/** What is answered to a request for the page of a run that is watched. */
import * as E from 'fp-ts/Either'
import { whyNot } from '../facts'
import { policy } from '../page'
import { EXTRAS, newsOf, type Watched, watchedPage } from './watched'

export interface Asked {
  readonly method: string | undefined
  readonly url: string | undefined
  /** The header `Host`. */
  readonly host: string | undefined
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What holds for all answers: nothing is kept, nothing is guessed, and no page of others may have it. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': `${policy(EXTRAS)}; frame-ancestors 'none'`,
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const

const answered = (status: number, type: string, body: string): Answer => ({
  status,
  headers: { ...HEADERS, 'content-type': `${type}; charset=utf-8` },
  body,
})
const refused = (status: number, why: string): Answer => answered(status, 'text/plain', `${why}\n`)

/** The names by which this machine calls itself: under any other one a page of others, whose name leads here, would ask. */
const NAMES = ['127.0.0.1', 'localhost']

export const answerTo =
  (watched: Watched, port: number) =>
  async ({ method, url = '', host }: Asked): Promise<Answer> => {
    if (!NAMES.some((name) => host === `${name}:${port}`)) return refused(403, 'this page is asked for under another name')
    if (method !== 'GET' && method !== 'HEAD') return refused(405, 'there is nothing to be changed here')
    const { pathname, searchParams } = new URL(url, 'http://localhost')
    if (pathname !== '/' && pathname !== '/parts') return refused(404, 'there is nothing of this name')
    const seen = await watched.seen()
    if (E.isLeft(seen)) return refused(500, whyNot(seen.left))
    return pathname === '/'
      ? answered(200, 'text/html', watchedPage(seen.right))
      : answered(
          200,
          'application/json',
          JSON.stringify(newsOf(seen.right, new Set((searchParams.get('have') ?? '').split(',')))),
        )
  }
