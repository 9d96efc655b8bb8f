/** An API server that presents a client certificate to webhooks. By its Service: service-reference.test.ts. */
import assert from 'node:assert/strict'
import { guardedRules } from '../../../../shared/rules/catalogue.ts'
import { clusterTests } from '../../../cluster/cluster-test.ts'
import { guarded } from '../guarded.ts'
import { callers, denialOf, presenting } from './api-server-certificate.ts'

const named = /DestinationRule NAMESPACE\/catalog/
const trusting = { rules: guardedRules, callers: { clientCA: callers.certificate, isNetworkTrusted: false } }

const real = clusterTests({ apiServerFlags: await presenting() })
real(
  'an API server with a certificate is known, so that its users are told what they may read',
  async cluster => {
    {
      await using _guard = await guarded(cluster, trusting)
      assert.match(await denialOf(cluster), named)
    }
    // Without the authority nobody is known, whatever is presented.
    await using _guard = await guarded(cluster, { ...trusting, callers: { isNetworkTrusted: false } })
    const told = await denialOf(cluster)
    assert.doesNotMatch(told, named)
    assert.match(told, /an object in another namespace/)
  },
)

const expired = clusterTests({ apiServerFlags: await presenting({ expired: true }) })
expired('an API server with an expired certificate is served, and taken for a stranger', async cluster => {
  await using _guard = await guarded(cluster, trusting)
  assert.doesNotMatch(await denialOf(cluster), named)
})

const elsewhere = clusterTests({ apiServerFlags: await presenting({ host: 'other.example' }) })
elsewhere(
  'an API server with a certificate for another webhook is served, and taken for a stranger',
  async cluster => {
    await using _guard = await guarded(cluster, trusting)
    assert.doesNotMatch(await denialOf(cluster), named)
  },
)

const bare = clusterTests()
bare('an API server without a certificate is served, and taken for a stranger', async cluster => {
  await using _guard = await guarded(cluster, trusting)
  assert.doesNotMatch(await denialOf(cluster), named)
})
