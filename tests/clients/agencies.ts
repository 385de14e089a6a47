// Sets, reads and changes an agency with the types that openapi-typescript makes of intake's description (./intake.ts).
import createClient from 'openapi-fetch'
import type { components, paths } from './intake.ts'

type Agency = components['schemas']['Agency']
type AgencyInput = components['schemas']['AgencyInput']
type Problem = components['schemas']['Problem']

const [baseUrl, token] = process.argv.slice(2)
const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } })
const body: AgencyInput = { name: 'Kota Tiga', group: 'Kota', since: '2026-01-01T00:00:00Z' }
const path = { id: 'kota-tiga' }

const made = await client.PUT('/intake/api/v1/agencies/{id}', { params: { path }, body })
const agency: Agency | undefined = made.data
const changed = await client.PUT('/intake/api/v1/agencies/{id}', {
  params: { path, header: { 'If-Match': made.response.headers.get('ETag') ?? '' } },
  body: { ...body, name: 'Kota Empat' },
})
const stale = await client.PUT('/intake/api/v1/agencies/{id}', {
  params: { path, header: { 'If-Match': '"1"' } },
  body,
})
const problem: Problem | undefined = stale.error
const list = await client.GET('/intake/api/v1/agencies', { params: { query: { limit: 200 } } })

console.log(
  JSON.stringify({
    made: [made.response.status, agency?.name],
    changed: [changed.response.status, changed.data?.rev],
    stale: [problem?.status, problem?.code, problem?.rev],
    listed: list.data?.items.some((one) => one.id === 'kota-tiga'),
  }),
)
