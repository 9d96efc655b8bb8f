import { schemasIn } from '../../schema/schema.ts'
import { celRules } from './cel.ts'
import { crdSchemas } from './generated/crd-schemas.ts'

/** The schema of a kind of networking.istio.io; undefined for another kind. */
export const istioSchema = schemasIn(crdSchemas, celRules)
