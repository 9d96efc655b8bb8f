import { isPipe } from '../../files/read-pipe.ts'
import { readText } from '../../files/read-text.ts'
import type { KubeUser } from './entries.ts'

/**
 * A user with what the pipes hold that are named for the client certificate and its key (`--client-key <(…)`).
 * Upstream reads these files for each request, and waits for a pipe in a read that Ctrl-C cannot end.
 */
export async function withPipedCertificate(user: KubeUser): Promise<KubeUser> {
  const { certFile, keyFile, ...rest } = user
  const certData = await pipedData(certFile)
  const keyData = await pipedData(keyFile)
  return {
    ...rest,
    ...(certData !== undefined ? { certData } : certFile !== undefined && { certFile }),
    ...(keyData !== undefined ? { keyData } : keyFile !== undefined && { keyFile }),
  }
}

/** In base64, as a kubeconfig has it; undefined where the file is none or no pipe. */
const pipedData = async (file: string | undefined): Promise<string | undefined> =>
  file && isPipe(file) ? Buffer.from(await readText(file)).toString('base64') : undefined
