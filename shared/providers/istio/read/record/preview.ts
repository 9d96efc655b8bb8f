import type { VirtualService } from '../../../../objects/virtual-service.ts'
import { textOf } from '../../../../objects/unchecked.ts'

/** Says that a VirtualService is ours, and which version of its service it shows until that is promoted. */
export const previewAnnotation = 'kubectl-canary/preview'

/** The version that a VirtualService of ours shows at hosts of its own; undefined for one that is not ours. */
export const previewOf = ({ metadata }: VirtualService): string | undefined =>
  textOf(metadata.annotations?.[previewAnnotation])
