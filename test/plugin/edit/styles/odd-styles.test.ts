import assert from 'node:assert/strict'
import test from 'node:test'
import { catalogFolder } from '../catalog-files.ts'
import { jsonStyles } from './odd-json.ts'
import { oddStyles } from './odd-styles.ts'

/** Commands of which the last takes back what the others did. */
const roundTrips = [
  ['cohort qa catalog --to v2', 'cohort qa catalog --remove'],
  ['mirror catalog v2=25', 'mirror catalog --off'],
  ['mirror catalog v2=25', 'abort catalog'],
  ['weight catalog v2=10', 'weight catalog v2=20', 'abort catalog'],
  ['weight catalog v2=10 --sticky', 'abort catalog'],
]
const audit = `apiVersion: v1
kind: Service
metadata: {name: audit, namespace: shop}
spec: {selector: {app: audit}, ports: [{name: http, port: 80}]}
`

for (const [name, text] of Object.entries({ ...oddStyles, ...jsonStyles }))
  test(`what is taken back gives the file byte for byte: ${name}`, async () => {
    for (const written of [text, text.replaceAll('\n', '\r\n'), text.trimEnd()])
      for (const trip of roundTrips) {
        using folder = catalogFolder('http: []')
        folder.write('route.yaml', written)
        folder.write('audit.yaml', audit)
        for (const line of trip) {
          const { code, stderr } = await folder.run(`${line} -n shop`)
          assert.equal(code, 0, `${line}: ${stderr}`)
          const now = folder.texts()['route.yaml']!
          if (line !== trip.at(-1)) assert.notEqual(now, written, line)
          if (written.includes('\r')) assert.doesNotMatch(now, /[^\r]\n/, line)
        }
        assert.equal(folder.texts()['route.yaml'], written, trip.join('; '))
      }
  })
