// Keeps a session going while somebody works: typing and pressing are deeds, an open page alone is none.
import { RENEW, ask, tellSignedIn, token } from './wire.js'

const EVERY = 120000
let deed = false

if (token()) {
  tellSignedIn()
  for (const kind of ['keydown', 'pointerdown']) addEventListener(kind, () => { deed = true }, { passive: true })
  setInterval(async () => {
    const told = deed
    deed = false
    try { await ask('POST', RENEW, { deed: told }) } catch { deed ||= told }
  }, EVERY)
}
