/** What is told while wheels are fetched. */
export type FetchEvent =
  /** A sentence. */
  | { readonly event: 'note'; readonly message: string }
  /** How far one file is. */
  | {
      readonly event: 'progress'
      readonly doing: 'download' | 'check' | 'unpack'
      readonly file: string
      readonly bytes: number
      readonly total: number
    }

export type Tell = (event: FetchEvent) => void
