/** The two networks of iBOT, by the names that checkpoints and options have for them. */
export const NETWORKS = ['teacher', 'student'] as const
export type NetworkName = (typeof NETWORKS)[number]
