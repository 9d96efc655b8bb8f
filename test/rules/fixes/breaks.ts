/** Changes that people make without thinking of the routes that depend on the object. */
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { Change } from '../../../shared/view/change.ts'

type Spec = Record<string, unknown>
type Edit = (spec: Spec) => Spec | undefined

const items = (list: unknown): readonly Spec[] => (Array.isArray(list) ? (list as Spec[]) : [])
const routesOf = (spec: Spec): readonly Spec[] => items(spec['http'])

/** Every destination of a VirtualService with some fields changed. */
const destinations =
  (change: (destination: Spec) => Spec): Edit =>
  spec => ({
    ...spec,
    http: routesOf(spec).map(route => ({
      ...route,
      ...(route['route'] === undefined
        ? {}
        : {
            route: items(route['route']).map(each => ({
              ...each,
              destination: change(each['destination'] as Spec),
            })),
          }),
    })),
  })

const edits: Readonly<Record<string, Readonly<Record<string, Edit>>>> = {
  DestinationRule: {
    'a subset is removed': ({ subsets, ...spec }) => ({ ...spec, subsets: items(subsets).slice(1) }),
    'all subsets are removed': ({ subsets: _, ...spec }) => spec,
    'a subset is renamed': ({ subsets, ...spec }) => ({
      ...spec,
      subsets: items(subsets).map(each => ({ ...each, name: `${String(each['name'])}x` })),
    }),
    'a subset selects other labels': ({ subsets, ...spec }) => ({
      ...spec,
      subsets: items(subsets).map(each => ({ ...each, labels: { version: 'v9' } })),
    }),
    'it is for another host': spec => ({ ...spec, host: 'other' }),
    'it is private': spec => ({ ...spec, exportTo: ['.'] }),
    'it is exported elsewhere': spec => ({ ...spec, exportTo: ['elsewhere'] }),
  },
  Service: {
    'a port is removed': ({ ports, ...spec }) => ({ ...spec, ports: items(ports).slice(1) }),
    'a port has another number': ({ ports, ...spec }) => ({
      ...spec,
      ports: items(ports).map(port => ({ ...port, port: Number(port['port']) + 1 })),
    }),
    'the ports have no names': ({ ports, ...spec }) => ({
      ...spec,
      ports: items(ports).map(({ name: _, ...port }) => port),
    }),
    'the ports are for TCP': ({ ports, ...spec }) => ({
      ...spec,
      ports: items(ports).map((port, i) => ({ ...port, name: `tcp-${i}` })),
    }),
    'it selects nothing': spec => ({ ...spec, selector: { app: 'nothing' } }),
  },
  Deployment: {
    'it has no version': spec => ({ ...spec, template: { metadata: { labels: { app: 'catalog' } } } }),
    'it is of another app': spec => ({ ...spec, template: { metadata: { labels: { app: 'nothing' } } } }),
  },
  VirtualService: {
    'its subsets are misspelled': destinations(({ subset, ...rest }) => ({
      ...rest,
      ...(subset === undefined ? {} : { subset: `${JSON.stringify(subset).slice(1, -1)}x` }),
    })),
    'its hosts are half written': destinations(destination => ({ ...destination, host: 'catalog.shop' })),
    'it leads to another port': destinations(destination => ({ ...destination, port: { number: 81 } })),
    'it leads to a subset': destinations(destination => ({ ...destination, subset: 'v2' })),
    'its weights are wrong': spec => ({
      ...spec,
      http: routesOf(spec).map(route =>
        route['route'] === undefined
          ? route
          : { ...route, route: items(route['route']).map(each => ({ ...each, weight: 60 })) },
      ),
    }),
  },
}

/** A change with what it does, as a title of a test. */
export interface Break {
  readonly title: string
  readonly change: Change
}

/** The breaks of every object of a world, and its deletion. */
export function breaksOf(objects: readonly KubeObject[]): readonly Break[] {
  return objects.flatMap(before => [
    ...Object.entries(edits[before.kind] ?? {}).flatMap(([title, edit]) => {
      const spec = edit(structuredClone(Reflect.get(before, 'spec') as Spec))
      return spec === undefined
        ? []
        : [
            {
              title: `${before.kind}: ${title}`,
              change: { before, after: { ...before, spec } as KubeObject },
            },
          ]
    }),
    ...(edits[before.kind] === undefined
      ? []
      : [
          { title: `${before.kind}: it is deleted`, change: { before } },
          { title: `${before.kind}: it is made`, change: { after: before } },
        ]),
  ])
}
