import type * as original from '../../../../src/log/mlflow'
import { unsent } from '../../unsent'

export const mlflowLogger: typeof original.mlflowLogger = unsent('MLflow')
