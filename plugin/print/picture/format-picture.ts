import type { ServiceStatus } from '../services/service-status.ts'
import { formatDot } from './dot.ts'
import { formatMermaid } from './mermaid.ts'
import { picturesOf } from './picture-of.ts'
import { formatSvg } from './svg.ts'

/** The formats of pictures. */
export type PictureFormat = 'dot' | 'mermaid' | 'svg'

const writers = { dot: formatDot, mermaid: formatMermaid, svg: formatSvg }

/** The traffic of services as a picture; `where` says in a few words which they are. */
export const formatPicture = (
  services: readonly ServiceStatus[],
  { format, where }: { readonly format: PictureFormat; readonly where: string },
): string => writers[format](picturesOf(services), `Traffic of services: ${where}`)
