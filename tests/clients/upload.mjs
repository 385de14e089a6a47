// Sends files by tus as others do, with the client's own defaults: `node upload.mjs CLIENT`, the order on stdin.
// The order is {endpoint, token, files: [{name, type, path, meta}], override, remove}; what came of each is printed.
import { readFileSync } from 'node:fs'
import Uppy from '@uppy/core'
import UppyTus from '@uppy/tus'
import tus from 'tus-js-client'

const order = JSON.parse(readFileSync(0, 'utf8'))
const headers = { Authorization: `Bearer ${order.token}` }

async function withTusJsClient({ name, type, path }) {
  return new Promise((resolve) => {
    const upload = new tus.Upload(readFileSync(path), {
      endpoint: order.endpoint,
      headers,
      overridePatchMethod: order.override ?? false,
      metadata: { filename: name, filetype: type },
      onSuccess: async () => {
        if (order.remove) await upload.abort(true)
        resolve({ name, url: upload.url })
      },
      onError: (error) => resolve({ name, error: error.message }),
    })
    upload.start()
  })
}

async function withUppy(files) {
  const uppy = new Uppy({ logger: { debug() {}, warn() {}, error() {} } })
  uppy.use(UppyTus, { endpoint: order.endpoint, headers })
  for (const { name, type, path, meta } of files) {
    const data = readFileSync(path)
    uppy.addFile({ name, type, meta, data: Object.assign(data, { size: data.length }) })
  }
  const { successful, failed } = await uppy.upload()
  return [
    ...successful.map(({ name, uploadURL }) => ({ name, url: uploadURL })),
    ...failed.map(({ name, error }) => ({ name, error })),
  ]
}

const sent =
  process.argv[2] === 'uppy' ? await withUppy(order.files) : await Promise.all(order.files.map(withTusJsClient))
console.log(JSON.stringify(sent))
