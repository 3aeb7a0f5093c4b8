/** Which of a run's networks is exported, by the names that `--network` takes. */
export const NETWORKS = ['teacher', 'student'] as const
export type NetworkName = (typeof NETWORKS)[number]
