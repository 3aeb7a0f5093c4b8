/** Files are unpacked when they are read (`io/files`): here nothing is packed any more. */
export const constants = { Z_SYNC_FLUSH: 2 } as const

export const gunzipSync = (): never => {
  throw new Error('it is packed twice')
}
