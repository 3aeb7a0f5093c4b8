import { expect, test } from 'vitest'
import { ownAddress } from '../../src/run/join'

const network = (address: string, internal = false) =>
  ({ address, internal, family: 'IPv4', netmask: '255.0.0.0', mac: '', cidr: null }) as const
const networks = () => ({ lo: [network('127.0.0.1', true)], eth0: [network('10.1.2.3')] })

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['localhost', '127.0.0.1'],
])('a member whose leader is at %s is reached at %s', async (host, expected) => {
  expect(await ownAddress({ host, port: 29500 }, networks)).toBe(expected)
})

test('a name that means loopback on its own machine stands for the address in the network', async () => {
  // Written otherwise, as a machine's own name may be in its list of hosts.
  expect(await ownAddress({ host: 'LOCALHOST', port: 29500 }, networks)).toBe('10.1.2.3')
  expect(await ownAddress({ host: 'LOCALHOST', port: 29500 }, () => ({ lo: [network('127.0.0.1', true)] }))).toBe('127.0.0.1')
})
