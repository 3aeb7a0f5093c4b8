/** What two members are told that reduce values together. */
export interface RingSetup {
  /** Over what they meet. */
  readonly over: 'tcp' | 'unix'
  /** How many values each has. */
  readonly values: number
  /** Into how many arrays they are divided, where they are. */
  readonly buckets: number
}
