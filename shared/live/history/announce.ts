import type { Announcement } from '../../view/history.ts'
import type { Connection } from '../connection/connection.ts'
import { postEvent } from '../post-event.ts'

/** An Event on the Service of a change that was made. */
export const announceChange = (
  connection: Connection,
  { title, command, ...about }: Announcement,
): Promise<void> =>
  postEvent(connection, {
    ...about,
    type: 'Normal',
    reason: 'TrafficChanged',
    action: 'Edit',
    message: `${title} (${command})`,
  })
