/** What an executable is built for, in the words of Go, kubectl and krew. */
export interface Platform {
  readonly os: 'darwin' | 'linux' | 'windows'
  readonly arch: 'amd64' | 'arm64'
  /** The C library where Linux has two; glibc's is the usual one. */
  readonly libc?: 'musl'
  /** The npm package with the Bun that the executable is made of; its version is in test/bun-runtime. */
  readonly bun: string
}

/** All platforms that Bun compiles for and kubectl has. */
export const platforms: readonly Platform[] = [
  { os: 'linux', arch: 'amd64', bun: '@oven/bun-linux-x64' },
  { os: 'linux', arch: 'arm64', bun: '@oven/bun-linux-aarch64' },
  { os: 'linux', arch: 'amd64', libc: 'musl', bun: '@oven/bun-linux-x64-musl' },
  { os: 'linux', arch: 'arm64', libc: 'musl', bun: '@oven/bun-linux-aarch64-musl' },
  { os: 'darwin', arch: 'amd64', bun: '@oven/bun-darwin-x64' },
  { os: 'darwin', arch: 'arm64', bun: '@oven/bun-darwin-aarch64' },
  { os: 'windows', arch: 'amd64', bun: '@oven/bun-windows-x64' },
  { os: 'windows', arch: 'arm64', bun: '@oven/bun-windows-aarch64' },
]

/** `linux-amd64`, `linux-amd64-musl`, …: what files of a platform are called by. */
export const nameOf = ({ os, arch, libc }: Platform): string =>
  [os, arch, ...(libc === undefined ? [] : [libc])].join('-')

/** The extension of programs there, with its dot. */
export const extensionOf = ({ os }: Platform): string => (os === 'windows' ? '.exe' : '')

const systems: Readonly<Record<string, Platform['os']>> = {
  darwin: 'darwin',
  linux: 'linux',
  win32: 'windows',
}
const processors: Readonly<Record<string, Platform['arch']>> = { x64: 'amd64', arm64: 'arm64' }

/** The platform of this machine, or nothing where there is no Bun for it. */
export const hostPlatform = (): Platform | undefined =>
  platforms.find(
    ({ os, arch, libc }) =>
      os === systems[process.platform] && arch === processors[process.arch] && (libc === 'musl') === isMusl(),
  )

/** Node's report names the C library's version only where that is glibc. */
function isMusl(): boolean {
  if (process.platform !== 'linux') return false
  const { header } = process.report.getReport() as {
    readonly header: { readonly glibcVersionRuntime?: string }
  }
  return header.glibcVersionRuntime === undefined
}
