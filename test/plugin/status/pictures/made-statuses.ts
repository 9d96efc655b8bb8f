import type { ServiceStatus } from '../../../../plugin/print/services/service-status.ts'
import type { EntryPoint, Share } from '../../../../shared/routing/traffic.ts'
import { anyText, fc } from '../../../properties.ts'

/** Names with whatever means something in one of the languages of pictures. */
export const nasty = fc.oneof(
  fc.constantFrom(
    'catalog',
    '"quoted"',
    String.raw`^(.*?;)?\s*(user=\d+)(;.*)?$`,
    'a --> b|c|',
    'end',
    '<script>alert(1)</script>',
    '&amp; & #35; #quot;',
    '1. first',
    '- item',
    '`*_bold_*`',
    'line\nbreak\ttab',
    '漢字の名前',
    '\\N \\" \\',
    'x'.repeat(90),
    '%% comment',
    '[({<>})]; {a}',
  ),
  anyText(20),
)

const share: fc.Arbitrary<Share> = fc.record(
  {
    version: fc.oneof(fc.constantFrom('v1', 'v2'), nasty),
    percent: fc.integer({ min: 0, max: 1000 }).map(tenths => tenths / 10),
    fault: fc.constant('undefined-subset'),
  },
  { requiredKeys: ['version', 'percent'] },
)

const entryPoint: fc.Arbitrary<EntryPoint> = fc.record(
  {
    ref: fc.constant({ kind: 'VirtualService', namespace: 'shop', name: 'x' } as const),
    hosts: fc.array(nasty, { maxLength: 3 }),
    gateways: fc.array(fc.oneof(fc.constant('mesh'), nasty), { maxLength: 2 }),
    cohorts: fc.array(
      fc.record({
        name: nasty,
        to: fc.oneof(fc.constant('v2'), nasty),
        conditions: fc.constant([]),
        takes: fc.array(nasty, { minLength: 1, maxLength: 2 }),
        reached: fc.boolean(),
        uncovered: fc.constant([]),
      }),
      { maxLength: 3 },
    ),
    splits: fc.array(
      fc.record({ takes: nasty, shares: fc.array(share, { maxLength: 4 }), reached: fc.boolean() }),
      { maxLength: 3 },
    ),
    mirrors: fc.array(
      fc.record({
        version: nasty,
        percent: fc.double({ min: 0, max: 100, noNaN: true }),
        byHand: fc.boolean(),
      }),
      { maxLength: 2 },
    ),
    owner: nasty,
    idle: fc.record({ rule: fc.constant('unknown-gateway'), reason: nasty }),
  },
  { requiredKeys: ['ref', 'hosts', 'gateways', 'cohorts', 'splits', 'mirrors'] },
)

/** Services with any traffic. */
export const statuses: fc.Arbitrary<readonly ServiceStatus[]> = fc.array(
  fc.record(
    {
      service: nasty,
      namespace: fc.constant('shop'),
      stable: fc.constant('v1'),
      versions: fc.uniqueArray(
        fc.record({
          name: fc.oneof(fc.constantFrom('v1', 'v2'), nasty),
          ready: fc.nat(3),
          wanted: fc.nat(3),
          workloads: fc.array(
            fc.record({
              kind: fc.constant('Deployment'),
              name: nasty,
              wanted: fc.nat(3),
              images: fc.array(nasty),
            }),
            { maxLength: 2 },
          ),
        }),
        { maxLength: 4, selector: ({ name }) => name },
      ),
      entryPoints: fc.array(entryPoint, { maxLength: 3 }),
      notes: fc.constant([]),
      findings: fc.constant([]),
    },
    { requiredKeys: ['service', 'namespace', 'versions', 'entryPoints', 'notes', 'findings'] },
  ),
  { maxLength: 7 },
)
