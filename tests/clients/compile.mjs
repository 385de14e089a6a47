// Compiles every schema of the OpenAPI documents that it reads ({name: document}), as ajv's strict mode takes them, and
// holds the examples of bodies against theirs; prints what does not fit, as JSON.
import { readFileSync } from 'node:fs'
import Ajv2020 from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

const documents = JSON.parse(readFileSync(0))
const problems = []
let compiled = 0
let held = 0

for (const [name, document] of Object.entries(documents)) {
  const text = JSON.stringify(document).replaceAll('#/components/schemas/', `${name}#/$defs/`)
  const { components, paths } = JSON.parse(text)
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false, allErrors: true })
  addFormats(ajv)
  ajv.addKeyword({ keyword: 'example' })
  ajv.addSchema({ $id: name, $defs: components.schemas })
  const compile = (schema, where) => {
    try {
      compiled += 1
      return ajv.compile(schema)
    } catch (error) {
      problems.push(`${name} ${where}: ${error.message}`)
    }
  }
  for (const title of Object.keys(components.schemas)) {
    compile({ $ref: `${name}#/$defs/${title}` }, title)
  }
  for (const [path, methods] of Object.entries(paths)) {
    const shared = methods.parameters ?? []
    for (const [method, operation] of Object.entries(methods)) {
      if (method === 'parameters') continue
      const where = `${method} ${path}`
      for (const { name: parameter, schema } of [...shared, ...(operation.parameters ?? [])]) {
        compile(schema, `${where} ${parameter}`)
      }
      for (const content of Object.values(operation.requestBody?.content ?? {})) {
        const fits = compile(content.schema, where)
        held += 1
        if (content.example === undefined) problems.push(`${name} ${where}: no example`)
        else if (fits && !fits(content.example)) problems.push(`${name} ${where}: ${ajv.errorsText(fits.errors)}`)
      }
    }
  }
}
console.log(JSON.stringify({ compiled, held, problems }))
