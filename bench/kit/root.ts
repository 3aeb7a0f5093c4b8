import { join } from 'node:path'

/** The checkout that a kit is made of. */
export const ROOT = join(__dirname, '..', '..')
