/** What each kind of fixture is about: the check that compares it with this project's own code. */
import { checkAugment } from './augment'
import type { Check } from './check'
import { checkCheckpoint } from './checkpoint'
import type { Fixture } from './fixture'
import { checkHead } from './head'
import { checkKnn } from './knn'
import { checkLinearEval } from './linearEval'
import { checkLoss } from './loss'
import { checkMasks } from './masks'
import { checkParamGroups } from './paramGroups'
import { checkSchedules } from './schedules'
import { checkSwin } from './swin'
import { checkTrain } from './train'
import { checkUnsupervised } from './unsupervised'
import { checkVit } from './vit'

export interface Subject {
  /** What fixtures about it are called, or begin with. */
  readonly prefix: string
  readonly check: (fixture: Fixture) => Promise<readonly Check[]>
}

export const SUBJECTS: readonly Subject[] = [
  { prefix: 'vit_forward', check: checkVit },
  { prefix: 'swin_forward', check: checkSwin },
  { prefix: 'head', check: checkHead },
  { prefix: 'loss', check: checkLoss },
  { prefix: 'train', check: checkTrain },
  { prefix: 'schedules', check: checkSchedules },
  { prefix: 'param_groups', check: checkParamGroups },
  { prefix: 'masks', check: checkMasks },
  { prefix: 'augment', check: checkAugment },
  { prefix: 'knn', check: checkKnn },
  { prefix: 'linear_eval', check: checkLinearEval },
  { prefix: 'checkpoint', check: checkCheckpoint },
  { prefix: 'unsupervised', check: checkUnsupervised },
]

/** The subject of a fixture, by its name; undefined where nothing is built that it could be compared with. */
export const subjectOf = (name: string): Subject | undefined =>
  SUBJECTS.find(({ prefix }) => name === prefix || name.startsWith(`${prefix}_`))
