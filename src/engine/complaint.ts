/** What is wrong or lacking, told beside other such things: nothing ends because of it. */
import type { Failure } from '../base/failure'

export interface Complaint {
  readonly message: string
  /** What mends it. */
  readonly remedy: string
}

export const complaintOf = (failure: Failure): Complaint =>
  'remedy' in failure
    ? { message: failure.message, remedy: failure.remedy }
    : {
        message: failure._tag === 'Defect' ? String(failure.error) : 'it is refused',
        remedy: 'Please report it, with this output.',
      }
