import { schemasIn } from '../../schema/schema.ts'
import { celRules } from './cel.ts'
import { crdSchemas } from './generated/crd-schemas.ts'

/** The schema of a kind of gateway.networking.k8s.io in the standard channel; undefined for one that is not judged. */
export const gatewayApiSchema = schemasIn(crdSchemas, celRules)
