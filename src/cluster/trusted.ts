/** Which addresses members may talk over: they talk in plain, so that whoever can listen or connect must be trusted. */
import { BlockList, isIP } from 'node:net'
import * as E from 'fp-ts/Either'
import { type Failure, missing } from '../base/failure'
import { listed } from '../base/listed'
import { printable } from '../base/printable'

/** Networks that end at a machine, a site or a provider. */
const PRIVATE: readonly (readonly [network: string, bits: number, family: 'ipv4' | 'ipv6'])[] = [
  // Loopback.
  ['127.0.0.0', 8, 'ipv4'],
  ['::1', 128, 'ipv6'],
  // RFC 1918 and unique local addresses, RFC 4193.
  ['10.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['fc00::', 7, 'ipv6'],
  // Link-local.
  ['169.254.0.0', 16, 'ipv4'],
  ['fe80::', 10, 'ipv6'],
  // Carrier-grade NAT, RFC 6598, which clouds use within.
  ['100.64.0.0', 10, 'ipv4'],
]

const blocks = (): BlockList => {
  const list = new BlockList()
  for (const [network, bits, family] of PRIVATE) list.addSubnet(network, bits, family)
  return list
}
const LIST = blocks()

/** Whether an address lies in a private network. What isn't an address doesn't. */
export const isPrivate = (address: string): boolean => {
  // An address of IPv4 as a socket of both kinds tells it, and the interface of a link-local one.
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/s, '')
  const family = isIP(plain)
  return family !== 0 && LIST.check(plain, family === 4 ? 'ipv4' : 'ipv6')
}

/** The option that lets members talk over any network. */
export const TRUSTED_OPTION = '--trusted-network'

/** Refuses public addresses, unless the network is said to be trusted. */
export const checkTrusted = (addresses: readonly string[], trusted: boolean): E.Either<Failure, void> => {
  const open = addresses.filter((address) => !isPrivate(address)).map(printable)
  if (trusted || open.length === 0) return E.right(undefined)
  return E.left(
    missing(
      `members would meet at a public address (${listed(open)}), and they talk to each other in plain, without encryption: who can listen or connect there can read and change the run`,
      `Let them meet in a private network, or give ${TRUSTED_OPTION} where a firewall keeps others out.`,
    ),
  )
}
