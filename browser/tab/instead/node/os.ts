/** A page isn't told how much memory the machine has: what doesn't fit shows when it is asked for. */
export const totalmem = (): number => Number.POSITIVE_INFINITY
