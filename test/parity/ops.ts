/** Ops built as a run builds them, one by one. */
import { meaningOf } from '../../src/dsl/meaning'
import { construct } from '../../src/dsl/op'
import type { OpSpec } from '../../src/dsl/spec'
import type { AnyKind, Op } from '../../src/dsl/type'
import { registry } from '../../src/ops/registry'

/** What an op means with these parameters. */
export const built = <M>(spec: OpSpec, parameters: unknown): M => meaningOf(registry, spec.kind, construct(spec, parameters)) as M

/** What an op that was made by its constructor means. */
export const meaning = <M>(kind: AnyKind, op: Op): M => meaningOf(registry, kind, op) as M
