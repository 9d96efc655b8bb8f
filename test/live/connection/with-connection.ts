import assert from 'node:assert/strict'
import { join } from 'node:path'
import { connect } from '../../../shared/live/connection/connect.ts'
import type { Connection } from '../../../shared/live/connection/connection.ts'
import type { KubectlFlags } from '../../../shared/live/connection/login/flags.ts'
import type { Surroundings } from '../../../shared/live/connection/login/login.ts'
import type { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { FakeServer } from '../api-server.ts'
import { base64, folderWith, kubeconfig, surroundings } from '../folder.ts'

/** The cluster entry that trusts a fake server. */
export const clusterOf = ({ url, authority }: FakeServer, more: object = {}): object => ({
  server: url,
  'certificate-authority-data': base64(authority.certificate),
  ...more,
})

interface ConnectionOptions {
  readonly cluster: object
  readonly user?: object
  readonly flags?: KubectlFlags
  readonly files?: Readonly<Record<string, unknown>>
  readonly around?: Surroundings
}

type Use = (connection: Connection, folder: string) => Promise<void>

/** Runs with a connection by this cluster and user of a kubeconfig, and closes it. */
export async function withConnection(
  { cluster, user = {}, flags = {}, files = {}, around = surroundings() }: ConnectionOptions,
  use: Use,
): Promise<void> {
  await using folder = await folderWith({ config: kubeconfig(cluster, user), ...files })
  const connection = await connect({ kubeconfig: join(folder.path, 'config'), ...flags }, around)
  try {
    await use(connection, folder.path)
  } finally {
    connection.close()
  }
}

/** The request of a test that does not care what it asks. */
export const get = { path: '/api' }
/** Whether an error has this code, and a message or hint like this. */
export const fails =
  (code: string, message: RegExp) =>
  (error: CanaryError): boolean => {
    assert.equal(error.code, code, error.message)
    assert.match([error.message, ...error.hints].join('\n'), message)
    return true
  }
