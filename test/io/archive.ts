/** Tar archives made by hand. */

const BLOCK = 512

const padded = (bytes: Uint8Array): Uint8Array => Buffer.concat([bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)])

/** A header of POSIX's ustar. */
export const tarHeader = (name: string, size: number, type = '0'): Buffer => {
  const block = Buffer.alloc(BLOCK)
  block.write(name, 0)
  block.write('0000644\0', 100)
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  block.write(' '.repeat(8), 148)
  block.write(type, 156)
  block.write('ustar\x0000', 257)
  block.write(
    `${block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  )
  return block
}

/** The mark of the end. */
export const TAR_END = Buffer.alloc(2 * BLOCK)

export const tarMember = (name: string, content: Uint8Array | string): Buffer => {
  const bytes = Buffer.from(content)
  return Buffer.concat([tarHeader(name, bytes.length), padded(bytes)])
}

/** Members in the order of the entries. */
export const tarOf = (...members: readonly (readonly [name: string, content: Uint8Array | string])[]): Buffer =>
  Buffer.concat([...members.map(([name, content]) => tarMember(name, content)), TAR_END])
