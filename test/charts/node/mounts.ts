/** ConfigMaps and Secrets as a kubelet mounts them: files behind a link that is swapped at once. */
import { mkdir, mkdtemp, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cluster } from '../../cluster/cluster.ts'

/** As much of a pod's spec as is needed to run it. */
export interface PodSpec {
  readonly nodeName?: string
  readonly serviceAccountName: string
  readonly restartPolicy?: string
  readonly enableServiceLinks?: boolean
  readonly containers: readonly [ContainerSpec]
  readonly volumes?: readonly Volume[]
}
export interface ContainerSpec {
  readonly args: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value: string }[]
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[]
  readonly livenessProbe?: Probe
  readonly readinessProbe?: Probe
}
export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string | number }
}
interface Volume {
  readonly name: string
  readonly configMap?: { readonly name: string }
  readonly secret?: { readonly secretName: string }
}

interface VolumeSource {
  readonly mountPath: string
  readonly path: string
  readonly isSecret: boolean
}
interface Filled {
  readonly metadata: { readonly resourceVersion: string }
  readonly data?: Readonly<Record<string, string>>
}

/** The mounts of one container, in a folder of their own. */
export class Mounts {
  readonly #cluster: Cluster
  readonly #namespace: string
  readonly #folder: string
  readonly #sources: readonly VolumeSource[]
  readonly #versions = new Map<string, string>()

  constructor(
    cluster: Cluster,
    {
      namespace,
      folder,
      spec,
    }: { readonly namespace: string; readonly folder: string; readonly spec: PodSpec },
  ) {
    this.#cluster = cluster
    this.#namespace = namespace
    this.#folder = folder
    this.#sources = (spec.containers[0].volumeMounts ?? []).flatMap(({ name, mountPath }): VolumeSource[] => {
      const volume = spec.volumes?.find(other => other.name === name)
      if (volume?.configMap !== undefined)
        return [{ mountPath, path: `configmaps/${volume.configMap.name}`, isSecret: false }]
      return volume?.secret === undefined
        ? []
        : [{ mountPath, path: `secrets/${volume.secret.secretName}`, isSecret: true }]
    })
  }

  /** Writes what has changed since the last time; false as long as something that is to be mounted is not there, and the container cannot start. */
  async refresh(): Promise<boolean> {
    for (const { mountPath, path, isSecret } of this.#sources) {
      const { status, body } = await this.#cluster.request(`/api/v1/namespaces/${this.#namespace}/${path}`)
      if (status !== 200) return false
      const {
        metadata: { resourceVersion },
        data = {},
      } = body as Filled
      if (this.#versions.get(mountPath) === resourceVersion) continue
      this.#versions.set(mountPath, resourceVersion)
      await this.#swap(
        this.#placeOf(mountPath),
        Object.entries(data).map(
          ([name, text]) => [name, Buffer.from(text, isSecret ? 'base64' : 'utf8')] as const,
        ),
      )
    }
    return true
  }

  /** An argument of the container as it is where the mounts are. */
  inPlace(argument: string): string {
    return this.#sources.reduce(
      (text, { mountPath }) => text.replace(`=${mountPath}`, `=${this.#placeOf(mountPath)}`),
      argument,
    )
  }

  #placeOf(mountPath: string): string {
    return join(this.#folder, mountPath)
  }

  async #swap(place: string, files: readonly (readonly [string, Buffer])[]): Promise<void> {
    await mkdir(place, { recursive: true })
    const [link, old] = [join(place, '..data'), await readlink(join(place, '..data')).catch(() => undefined)]
    const folder = await mkdtemp(join(place, '..version-'))
    await Promise.all(files.map(([name, bytes]) => writeFile(join(folder, name), bytes)))
    await symlink(folder, `${link}.new`)
    await rename(`${link}.new`, link)
    await Promise.all(
      files.map(([name]) => symlink(join('..data', name), join(place, name)).catch(() => undefined)),
    )
    if (old !== undefined) await rm(old, { recursive: true })
  }
}
