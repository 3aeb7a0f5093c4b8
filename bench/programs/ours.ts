/** Our programs: each a process of its own. */
import { join } from 'node:path'
import type { AugmentSetup } from '../augmentSetup'
import type { FolderSetup } from '../folderSetup'
import type { KMeansSetup, KnnSetup } from '../knnSetup'
import type { LinearFitting, LogisticFitting, Ours } from '../linearSetup'
import type { MemberSetup } from '../ours/member'
import type { OurSetup } from '../ours/open'
import type { ProbeSetup } from '../probeSetup'
import type { RingSetup } from '../ringSetup'
import type { StepSetup } from '../setup'
import type { Command } from './child'

const command = (script: string, setup: object): Command => ({
  file: process.execPath,
  // The collector can be asked, so that what is left after it is what is held.
  args: ['--expose-gc', '--import', 'tsx', join(__dirname, '..', 'ours', script), JSON.stringify(setup)],
})

export const ourSteps = (setup: OurSetup): Command => command('step.ts', setup)
export const ourMember = (setup: MemberSetup): Command => command('member.ts', setup)
export const ourKnn = (setup: KnnSetup): Command => command('knn.ts', setup)
export const ourKMeans = (setup: KMeansSetup): Command => command('kmeans.ts', setup)
export const ourLinear = (setup: Ours<LinearFitting>): Command => command('linear.ts', setup)
export const ourLogistic = (setup: Ours<LogisticFitting>): Command => command('logistic.ts', setup)
export const ourFolder = (setup: FolderSetup): Command => command('folder.ts', setup)
export const ourAugment = (setup: AugmentSetup): Command => command('augment.ts', setup)
export const ourWorkers = (setup: AugmentSetup & { readonly workers: number }): Command => command('workers.ts', setup)
export const ourFeatures = (setup: OurSetup): Command => command('features.ts', setup)
export const ourLowering = (setup: StepSetup): Command => command('lowering.ts', setup)
export const ourRing = (setup: RingSetup): Command => command('ring.ts', setup)
export const ourProbe = (setup: ProbeSetup): Command => command('probe.ts', setup)
