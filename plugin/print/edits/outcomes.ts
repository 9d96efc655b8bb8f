import type { Outcome } from '../../../shared/view/store.ts'
import { formatName } from '../objects.ts'

/**
 * What was done with an object, in kubectl's words: `virtualservice.networking.istio.io/catalog configured in
 * catalog.yaml (dry run)`.
 */
export function formatOutcome({ ref, action, dryRun, file }: Outcome, namespace: string): string {
  const elsewhere =
    ref.namespace !== '' && ref.namespace !== namespace ? ` in namespace ${ref.namespace}` : ''
  const where = file === undefined ? '' : ` in ${file === '-' ? 'stdin' : file}`
  return `${formatName(ref)} ${action}${where}${elsewhere}${marks[dryRun]}`
}

const marks = { none: '', client: ' (dry run)', server: ' (server dry run)' } as const
