import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { IntentOf } from '../../edit/intent.ts'
import { isOfWholeFolder, isSelected } from '../../read/read-shown-services.ts'
import type { Session } from '../../session.ts'

/** Removes the cohorts whose end has passed, of one Service or of all that are asked for. */
export async function removeExpired(
  session: Session,
  service: string | undefined,
  force: boolean,
): Promise<void> {
  const { runEdit } = await import('../run-edit.ts')
  await runEdit(session, expiredIntentOf(session, service, force))
}

function expiredIntentOf(
  { flags: { allNamespaces, files, namespace, selects }, streams }: Session,
  service: string | undefined,
  force: boolean,
): IntentOf<'remove-expired'> {
  if (service !== undefined && (allNamespaces || selects !== undefined))
    throw new CanaryError(
      'usage',
      `--${allNamespaces ? 'all-namespaces' : 'selector'} cannot be used with the name of a Service`,
      { hints: ['Leave one of them out.'] },
    )
  const isChosen = selects === undefined ? undefined : isSelected(selects)
  return {
    kind: 'remove-expired',
    now: streams.now().getTime(),
    everywhere: allNamespaces || isOfWholeFolder({ files, namespace, service }),
    ...(service !== undefined && { service }),
    ...(isChosen !== undefined && { isMeant: (view, one) => isChosen({ view, service: one }) }),
    ...(force && { force }),
  }
}
