/** Values of environment variables, read and checked; what is wrong names the variable. */
import { isIP } from 'node:net'
import * as E from 'fp-ts/Either'
import { type Failure, missing } from '../../base/failure'
import { printable } from '../../base/printable'

export type Env = Readonly<Record<string, string | undefined>>

/** Where a process listens. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** A value as messages show it: on one line, and not longer than that. */
const LONGEST = 60
export const shown = (value: string): string => `'${printable(value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value)}'`

/** What a variable says, without blanks around it; undefined where it isn't set or says nothing. */
export const said = (env: Env, name: string): string | undefined => {
  const value = env[name]?.trim()
  return value === '' ? undefined : value
}

/** What is wrong with a variable. */
export const complaint = (name: string, what: string, remedy: string): Failure => missing(`${name} ${what}`, remedy)
export const wrong = (name: string, what: string, remedy: string): E.Either<Failure, never> =>
  E.left(complaint(name, what, remedy))

/** A whole number in decimal digits, and no other spelling of one. */
export const digits = (text: string): number | undefined => (/^\d{1,10}$/.test(text) ? Number(text) : undefined)

/** More members than anybody has machines: a number beyond it is a mistake. */
const MOST = 65_536

const number = (env: Env, name: string, from: number, what: string, remedy: string): E.Either<Failure, number> => {
  const text = said(env, name)
  if (text === undefined) return wrong(name, 'is not set', remedy)
  const value = digits(text)
  return value === undefined || value < from || value > MOST
    ? wrong(name, `is ${shown(text)}, not ${what}`, remedy)
    : E.right(value)
}

/** How many processes a variable says that there are. */
export const sizeIn = (env: Env, name: string, remedy: string): E.Either<Failure, number> =>
  number(env, name, 1, `a number of processes from 1 to ${MOST}`, remedy)

/** Which of so many processes a variable says that this is. */
export const rankIn = (env: Env, name: string, size: number, sizeName: string, remedy: string): E.Either<Failure, number> =>
  E.Chain.chain(number(env, name, 0, 'a number counted from 0', remedy), (rank) =>
    rank < size ? E.right(rank) : wrong(name, `is ${rank} and ${sizeName} is ${size}: numbers go from 0 to ${size - 1}`, remedy),
  )

const isPort = (port: number | undefined): port is number => port !== undefined && port >= 1 && port <= 65_535

export const portIn = (env: Env, name: string, remedy: string): E.Either<Failure, number> => {
  const text = said(env, name)
  if (text === undefined) return wrong(name, 'is not set', remedy)
  const port = digits(text)
  return isPort(port) ? E.right(port) : wrong(name, `is ${shown(text)}, not a port from 1 to 65535`, remedy)
}

/** Whether a text can be the name or the address of a machine. */
export const isHost = (text: string): boolean =>
  text.length <= 253 && (isIP(text) !== 0 || /^[A-Za-z0-9_](?:[\w.-]*[\w.])?$/.test(text))

export const hostIn = (env: Env, name: string, remedy: string): E.Either<Failure, string> => {
  const text = said(env, name)
  if (text === undefined) return wrong(name, 'is not set', remedy)
  return isHost(text) ? E.right(text) : wrong(name, `is ${shown(text)}, not the name or the address of a machine`, remedy)
}

/** `host:port`, with brackets around an address of IPv6; or what is wrong with it. */
export const addressOf = (text: string): E.Either<string, Address> => {
  const [, bracketed, plain, tail] = /^(?:\[([^\]]*)\]|([^:]*)):(.*)$/s.exec(text.trim()) ?? []
  const host = bracketed ?? plain
  if (host === undefined || tail === undefined) return E.left(`${shown(text)} is not host:port`)
  if (!isHost(host)) return E.left(`${shown(text)} names no machine`)
  const port = digits(tail)
  return isPort(port) ? E.right({ host, port }) : E.left(`${shown(text)} has no port from 1 to 65535`)
}

/** An address as `addressOf` reads it. */
export const addressText = ({ host, port }: Address): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)
