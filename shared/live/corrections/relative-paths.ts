import { sep } from 'node:path'
import { makeAbsolutePath } from '@kubernetes/client-node/dist/config.js'
import type { KubeUser } from './entries.ts'

/**
 * Paths of a user belong to the folder of their file. Upstream (`makePathsAbsolute`) leaves out the token file
 * and the credential program; a program without a slash is looked up on the PATH.
 */
export function withAbsolutePaths(user: KubeUser, folder: string): KubeUser {
  const { tokenFile, exec } = user
  return {
    ...user,
    ...(tokenFile && { tokenFile: makeAbsolutePath(folder, tokenFile) }),
    ...(exec?.command?.includes(sep) && {
      exec: { ...exec, command: makeAbsolutePath(folder, exec.command) },
    }),
  }
}
