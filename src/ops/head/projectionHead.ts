import { stage } from '../../dsl/plan'
import { choice, flag, integer, maybe, type Op, opBody, opName, optional } from '../../dsl/type'
import { head } from '../../nn/head'
import { headSlot } from '../slots'
import { anyOutput } from './kind'

/** The numbers of prototypes that a decoded output names. */
const prototypesOf = (output: Op): readonly [cls: number, patch: number] => {
  const body = opBody(output)
  return (opName(output) === 'shared' ? [body.prototypes, body.prototypes] : [body.cls, body.patch]) as [number, number]
}

export const projectionHead = stage(headSlot)({
  name: 'projectionHead',
  doc: 'The projection head of student and teacher: an MLP, unit vectors, then weight-normalised layers onto the prototypes.',
  equation: 'logits = (g v / ‖v‖) · h / ‖h‖, h = MLP(token)',
  source: 'DINO (arXiv 2104.14294, appendix C); iBOTHead of the reference implementation',
  needs: ['tokens.cls', 'tokens.patch'],
  gives: ['logits.cls', 'logits.patch'],
  onlyWith: { teacherOutput: 'teacher' },
  example: { output: { shared: 8192 } },
  fields: {
    output: optional(
      anyOutput,
      { shared: { prototypes: 8192 } } as Op<'headOutput'>,
      "the student's last layer: shared by both kinds of token, or separate",
    ),
    teacherOutput: maybe(
      anyOutput,
      "the teacher's; by default like the student's. Only layers that both have follow the student: the patch layer of a separate teacher beside a shared student stays as it began",
    ),
    layers: optional(integer(1, 16), 3, 'linear layers of the MLP'),
    hidden: optional(
      integer(1, 1_000_000_000),
      2048,
      'features between them; of no effect with one layer, as are norm and activation',
    ),
    bottleneck: optional(
      integer(0, 1_000_000_000),
      256,
      "features of the unit vectors; 0: none, the MLP's last layer gives the logits",
    ),
    norm: optional(choice('none', 'batch', 'layer'), 'none', 'normalisation after each hidden layer'),
    activation: optional(choice('gelu', 'relu'), 'gelu', 'activation after each hidden layer'),
    normalizeLastLayer: optional(flag, true, 'whether the prototypes stay unit vectors; of no effect without a bottleneck'),
  },
  refine: ({ layers, bottleneck, output, teacherOutput }) => [
    ...(layers > 1 || bottleneck > 0
      ? []
      : [
          {
            path: ['bottleneck'],
            message: 'a head of one layer needs a bottleneck',
            suggestion: 'set bottleneck to 256, or layers to 2 or more',
          },
        ]),
    ...(teacherOutput === undefined || prototypesOf(output).join() === prototypesOf(teacherOutput).join()
      ? []
      : [
          {
            path: ['teacherOutput'],
            message: `the teacher's prototypes (${prototypesOf(teacherOutput).join(' for [CLS], ')} for patches) must be as many as the student's (${prototypesOf(output).join(' for [CLS], ')} for patches)`,
          },
        ]),
  ],
  build: ({ output, teacherOutput = output, ...mlp }) => ({
    student: (inputs) => head({ ...mlp, inputs, ...output }),
    teacher: (inputs) => head({ ...mlp, inputs, ...teacherOutput }),
  }),
})
