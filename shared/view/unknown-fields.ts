import { CanaryError } from '../objects/canary-error.ts'
import { keyOf, type Ref } from '../objects/kube-object.ts'

/** A write of a route of the Gateway API that the API server refused: its definition of the kind has no such fields. */
export class UnknownFields extends CanaryError {
  /** `spec.rules[0].filters[0].requestMirror.percent` */
  readonly fields: readonly string[]

  constructor(
    ref: Ref,
    { resource, fields }: { readonly resource: string; readonly fields: readonly string[] },
  ) {
    super(
      'rejected',
      `${keyOf(ref)}: the definition of ${resource} on this cluster has no field ${fields.join(', ')}`,
      { hints: hintsFor(fields) },
    )
    this.fields = fields
  }

  /** Nothing is missing but fields for copies of a part of the requests, which came with v1.3 of the Gateway API. */
  get isMirroredPart(): boolean {
    return this.fields.every(isMirroredPart)
  }
}

const isMirroredPart = (field: string): boolean => /\.requestMirror\.(percent|fraction)$/.test(field)

const hintsFor = (fields: readonly string[]): readonly string[] => [
  fields.every(isMirroredPart)
    ? 'It is older than v1.3 of the Gateway API, and without the field all requests would be mirrored. Upgrade the custom resource definitions of the Gateway API, or mirror all requests.'
    : 'It is of an older version of the Gateway API, or of its standard channel. Upgrade the custom resource definitions of the Gateway API.',
]
