/** What both distillation losses have in common. */
import { optional, positive } from '../../dsl/type'
import { scheduled } from '../schedule/kind'
import { target } from '../target/kind'

export const distillation = {
  weight: optional(scheduled, 1, 'factor in the total loss'),
  studentTemperature: optional(positive, 0.1, "temperature of the student's softmax"),
  target: optional(
    target,
    [{ center: { momentum: 0.9 } }, { sharpen: { temperature: { constant: { value: 0.04 } } } }] as never,
    "what makes the target of the teacher's logits",
  ),
}
