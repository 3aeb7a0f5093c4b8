/** Members talk in plain: over private networks, or where somebody says that the network is trusted. */
import * as fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import { checkTrusted, isPrivate } from '../../src/cluster/trusted'

test.each([
  ...[
    '127.0.0.1',
    '127.0.1.1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '169.254.1.1',
    '100.64.0.1',
    '100.127.0.1',
  ],
  ...['::1', 'fd00::1', 'fc00::1', 'fe80::1', 'fe80::1%eth0', '::ffff:10.0.0.1'],
])('%s is private', (address) => {
  expect(isPrivate(address)).toBe(true)
  expect(checkTrusted([address], false)).toEqual(E.right(undefined))
})

test.each([
  ...[
    '8.8.8.8',
    '172.32.0.1',
    '172.15.0.1',
    '192.169.0.1',
    '100.63.0.1',
    '100.128.0.1',
    '11.0.0.1',
    '0.0.0.0',
    '255.255.255.255',
  ],
  ...['2001:db8::1', '::', 'fec0::1', 'ff02::1', '::ffff:8.8.8.8', 'example.org', ''],
])("'%s' is public: refused, unless the network is trusted", (address) => {
  expect(isPrivate(address)).toBe(false)
  expect(checkTrusted(['10.0.0.1', address], false)).toMatchObject({
    left: { message: expect.stringContaining('without encryption'), remedy: expect.stringContaining('--trusted-network') },
  })
  expect(checkTrusted([address], true)).toEqual(E.right(undefined))
})

test('any text is private or public', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.ipV6(), fc.ipV4()), (text) => typeof isPrivate(text) === 'boolean'))
})
