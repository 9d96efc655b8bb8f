/** The Buns that executables are made of. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { installedFolder, packageFolder } from '../locked-package.ts'
import { hostPlatform, type Platform } from './platforms.ts'

const binaryOf = (folder: string, { os }: Platform): string =>
  join(folder, 'bin', os === 'windows' ? 'bun.exe' : 'bun')

/** The Bun that runs here; fails where npm ci brought none. */
export function ownBun(): string {
  const own = hostPlatform()
  if (own === undefined)
    throw new Error(
      `there is no Bun for ${process.platform} ${process.arch}: build on Linux, macOS or Windows, x64 or arm64`,
    )
  const path = binaryOf(installedFolder(own.bun) ?? '', own)
  if (!existsSync(path)) throw new Error(`${own.bun} is not installed: run npm ci`)
  return path
}

/** The path of a platform's Bun. */
export const bunFor = async (platform: Platform): Promise<string> =>
  binaryOf(await packageFolder(platform.bun), platform)
