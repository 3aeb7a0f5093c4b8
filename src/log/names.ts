/** What metrics are called on a server: as in metrics.jsonl, or with a slash between their parts, by which its pages group charts. */
export type Separator = '.' | '/'

export const metricName = (name: string, separator: Separator): string =>
  separator === '.' ? name : name.replaceAll('.', separator)
