/** Names of files that are being written: beside the file that is meant, so that a rename gives it its name. */
import { randomBytes } from 'node:crypto'

export const temporaryName = (path: string): string => `${path}.${randomBytes(6).toString('hex')}.tmp`
const TEMPORARY = /^(.+)\.[0-9a-f]{12}\.tmp$/

/** The name of what was being written under such a name. */
export const meantBy = (name: string): string | undefined => TEMPORARY.exec(name)?.[1]
