/** A number of bytes in words: 1.5 GB. */
export const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GB`
