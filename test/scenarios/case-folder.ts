import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { route } from '../../shared/providers/istio/route/route.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { kinds, resources } from '../../shared/objects/kinds.ts'
import type { Decision } from '../../shared/routing/request/decision.ts'
import type { Request } from '../../shared/routing/request/request.ts'
import { sessionOf } from '../../shared/view/session.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { ManifestsFolder } from '../plugin/manifests-folder.ts'
import { words, type Ended } from '../plugin/run-command.ts'
import { objectsOf } from '../providers/istio/resolve/corpus.ts'
import { followed } from '../rules/follow-fix.ts'
import { re2, requestTo } from '../routing/requests.ts'
import { patched, type Step } from './patched.ts'

/** A copy of a case with what people do to it: commands on the service catalog, fixes that a command printed, and requests. */
export class CaseFolder extends ManifestsFolder {
  constructor(name: string) {
    super()
    this.write(
      'all.yaml',
      readFileSync(join(import.meta.dirname, '../fixtures/cases', name, 'all.yaml'), 'utf8'),
    )
  }

  /** Runs a command about the service catalog; for words that hold no blanks. */
  canary(line: string): Promise<Ended> {
    return this.run(`${line} --service catalog -n shop`)
  }

  /** Runs it and asserts that it ends well. */
  async done(line: string): Promise<Ended> {
    const ended = await this.canary(line)
    assert.equal(ended.code, 0, ended.stdout + ended.stderr)
    return ended
  }

  /** Runs it and asserts that it is refused by a rule and that no file is written. */
  async refused(line: string): Promise<Ended> {
    const before = this.texts()
    const ended = await this.canary(line)
    assert.equal(ended.code, 3, ended.stdout + ended.stderr)
    assert.deepEqual(this.texts(), before)
    return ended
  }

  async status(): Promise<Status> {
    const { stdout } = await this.done('status -o json')
    return (JSON.parse(stdout) as { readonly services: readonly [Status] }).services[0]
  }

  /** The rules of the findings of lint, each with the object that it is said of. */
  async lint(): Promise<readonly string[]> {
    const { stdout } = await this.run('lint -o json')
    const { findings } = JSON.parse(stdout) as { readonly findings: readonly Found[] }
    return ruled({ findings })
  }

  objects(): readonly KubeObject[] {
    return objectsOf(Object.values(this.texts()).join('\n---\n'))
  }

  /** `VirtualService shop/catalog`, of each object that is new, gone or not as it was. */
  changedSince(before: readonly KubeObject[]): readonly string[] {
    const [was, is] = [before, this.objects()].map(
      objects => new Map(objects.map(object => [titleOf(object), JSON.stringify(object)])),
    )
    return [...new Set([...was!.keys(), ...is!.keys()])]
      .filter(title => was!.get(title) !== is!.get(title))
      .toSorted()
  }

  /** What the mesh does with a request as the files say, `GET /` of a workload in the namespace web unless something else is said. */
  decide(host: string, request: Partial<Request> = {}): Decision {
    return route(sessionOf(snapshot(this.objects())), requestTo(host, request), { regex: re2 })
  }

  /** Does what a message offers: a command of the plugin, or what a fix says. */
  async carryOut(command: string): Promise<void> {
    const own = /^kubectl canary (.*)$/.exec(command)?.[1]
    if (own === undefined) return this.follow(command)
    const { code, stderr } = await this.runWords(words(own))
    assert.equal(code, 0, stderr)
  }

  /** Does to the files what a fix says: an edit of theirs, or what `kubectl patch` does to a cluster. */
  follow(command: string): void {
    const [, key, path, json] =
      /^(VirtualService \S+) is not exported .*: set its (spec\S+) to (.*)$/.exec(command) ?? []
    if (key !== undefined) return this.follow(`Set ${path!} in ${key} (all.yaml:1): ${json!}`)
    const edit = followed(this.objects(), { on: '', fix: command })
    if (edit !== undefined) return this.write('all.yaml', edit.map(object => stringify(object)).join('---\n'))
    const [, type, name, namespace, kind, text] =
      /^kubectl patch (\S+) (\S+) -n (\S+) --type=(json|merge) -p='([^']*)'$/.exec(command) ?? []
    const ofType = kinds.find(each => `${resources[each].plural}.${resources[each].group}` === type)
    const isMeant = ({ kind: own, metadata }: KubeObject): boolean =>
      own === ofType && metadata.name === name && metadata.namespace === namespace
    assert.ok(this.objects().some(isMeant), `${command}: there is no such object`)
    const patch = JSON.parse(text!) as Readonly<Record<string, unknown>> | readonly Step[]
    for (const [file, content] of Object.entries(this.texts())) {
      const objects = objectsOf(content)
      if (!objects.some(isMeant)) continue
      const changed = objects.map(object => (isMeant(object) ? patched(object, patch) : object))
      assert.ok(kind === (Array.isArray(patch) ? 'json' : 'merge'), command)
      writeFileSync(join(this.path, file), changed.map(object => stringify(object)).join('---\n'))
    }
  }
}

/** What `status -o json` says of one service, as far as tests ask. */
export interface Status {
  readonly stable?: string
  readonly versions: readonly { readonly name: string; readonly unseenBy?: readonly string[] }[]
  readonly entryPoints: readonly {
    readonly ref: { readonly namespace: string; readonly name: string }
    readonly idle?: { readonly rule: string }
    readonly cohorts: readonly { readonly name: string; readonly to: string; readonly reached: boolean }[]
    readonly splits: readonly {
      readonly reached: boolean
      readonly shares: readonly {
        readonly version: string
        readonly percent: number
        readonly fault?: string
        readonly failsFor?: { readonly callers: readonly string[]; readonly rule: string }
      }[]
    }[]
  }[]
  readonly notes: readonly string[]
  readonly findings: readonly Found[]
}

interface Found {
  readonly rule: string
  readonly namespace: string
  readonly name: string
}

/** The shares that count, by the entry points that have any: `v1 90, v2 10`. */
export const counted = ({ entryPoints }: Status): readonly string[] =>
  entryPoints
    .filter(({ idle }) => idle === undefined)
    .flatMap(({ splits }) => splits)
    .filter(({ reached }) => reached)
    .map(({ shares }) =>
      shares
        .filter(({ fault }) => fault === undefined)
        .map(({ version, percent }) => `${version} ${percent}`)
        .join(', '),
    )

/** `unreachable-route shop/catalog` of each finding. */
export const ruled = ({ findings }: Pick<Status, 'findings'>): readonly string[] =>
  findings.map(({ rule, namespace, name }) => `${rule} ${namespace}/${name}`)

/** The commands of kubectl, those that add a route, and the edits of files that a text prints, each once. */
export const printedIn = (text: string): readonly string[] => [
  ...new Set(
    [
      ...text.matchAll(
        /(?:kubectl patch .*'|kubectl canary init .*|VirtualService \S+ is not exported to them\. To include them: set its .*|(?:Add to|Set) \S+ in .*)$/gm,
      ),
    ].map(([command]) => command),
  ),
]

/** The commands of the plugin that a text prints, as the words after `kubectl canary`. */
export const repeatedIn = (text: string): readonly (readonly string[])[] =>
  [...text.matchAll(/kubectl canary (.*)$/gm)].map(([, line]) => words(line!))

/** Where a decision leads: `catalog v2 100, orders 50`, or the status of its own answer. */
export const leadsTo = ({ destinations, status }: Decision): string =>
  status === undefined
    ? destinations
        .map(({ host, subset, percent, failure }) =>
          [host.split('.')[0], subset, percent, failure?.flag].filter(part => part !== undefined).join(' '),
        )
        .join(', ')
    : String(status)

const titleOf = ({ kind, metadata: { namespace, name } }: KubeObject): string =>
  `${kind} ${namespace}/${name}`
