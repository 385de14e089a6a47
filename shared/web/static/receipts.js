// Says of a receipt what shared/signing/receipts.py says of it: by the same canonical form, for the same reasons.
const SIGNERS = { submission: 'intake', score: 'scoring', result: 'scoring' }
const TOKENS = /"(?:[^"\\]|\\.)*"(\s*:)?|-?\d[\d.eE+-]*/g
const MOMENT = /^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

export class Unreadable extends Error {}
export class Unable extends Error {}

class NotValid extends Error {}

// What stands in the fragment of an address: a receipt as base64url, deflated where `z.` stands before it.
export async function carried (fragment) {
  if (!fragment) return ''
  try {
    const packed = fragment.startsWith('z.')
    const raw = bytes((packed ? fragment.slice(2) : fragment).replace(/-/g, '+').replace(/_/g, '/'))
    const stream = new Blob([raw]).stream()
    const plain = packed ? stream.pipeThrough(new DecompressionStream('deflate-raw')) : stream
    return new TextDecoder('utf-8', { fatal: true }).decode(await new Response(plain).arrayBuffer())
  } catch {
    throw new Unreadable()
  }
}

// {receipt, doubtful} of a genuine receipt, {wrong} for another; Unreadable where there is nothing to check, Unable
// where this browser does not know Ed25519 or cannot get the keys.
export async function check (text, fetchKeys) {
  const [receipt, exact] = read(text)
  try {
    const key = await genuine(receipt, exact, fetchKeys)
    return { receipt, doubtful: Boolean(key.revoked) }
  } catch (problem) {
    if (problem instanceof NotValid) return { wrong: problem.message }
    throw problem
  }
}

async function genuine (receipt, exact, fetchKeys) {
  if (receipt?.type !== 'nilai.receipt.v1' || typeof receipt.kind !== 'string' || !Object.hasOwn(SIGNERS, receipt.kind)) {
    throw new NotValid('not-a-receipt')
  }
  const key = (await fetchKeys()).find(one => one.kid === receipt.kid)
  if (!key) throw new NotValid('key-unknown')
  checkKey(receipt, key)
  const { signature, ...unsigned } = receipt
  const signed = spelt(signature)
  if (!exact) throw new NotValid('malformed')
  if (!await holds(key, signed, canonical(unsigned))) throw new NotValid('changed')
  return key
}

function checkKey (receipt, key) {
  if (key.service !== SIGNERS[receipt.kind] || key.purpose !== 'receipts') throw new NotValid('key-of-another')
  const at = receipt.at
  if (!isMoment(at)) throw new NotValid('malformed')
  if (key.revoked && at >= key.revoked) throw new NotValid('key-revoked')
  if (at < key.from || (key.until && at >= key.until)) throw new NotValid('key-not-in-force')
}

async function holds (key, signature, text) {
  let known
  try {
    known = await crypto.subtle.importKey('raw', bytes(key.public), { name: 'Ed25519' }, false, ['verify'])
  } catch {
    throw new Unable()
  }
  return crypto.subtle.verify({ name: 'Ed25519' }, known, signature, new TextEncoder().encode(text))
}

// The value of a JSON text in which nothing can be understood in two ways, and whether all its numbers are exact.
function read (text) {
  let value
  try {
    value = JSON.parse(text)
    const found = [...text.matchAll(TOKENS)]
    if (found.filter(one => one[1]).length !== names(value)) throw new Unreadable()
    return [value, found.every(([token]) => token.startsWith('"') || isExact(token))]
  } catch {
    throw new Unreadable()
  }
}

function isExact (token) {
  return /^-?\d+$/.test(token) && Number.isSafeInteger(Number(token))
}

// How many fields a value has, with those inside; a text that no UTF-8 can hold is refused.
function names (value) {
  if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) throw new Unreadable()
  if (value === null || typeof value !== 'object') return 0
  if (Array.isArray(value)) return value.reduce((sum, one) => sum + names(one), 0)
  return Object.entries(value).reduce((sum, [name, one]) => sum + 1 + names(name) + names(one), 0)
}

// RFC 8785: keys by their UTF-16 units, as sort() has them, and what is plain as JSON.stringify writes it.
function canonical (value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  return `{${Object.keys(value).sort().map(key => `${JSON.stringify(key)}:${canonical(value[key])}`).join()}}`
}

function isMoment (text) {
  if (typeof text !== 'string' || !MOMENT.test(text)) return false
  const at = new Date(text)
  return !Number.isNaN(at.getTime()) && at.toISOString() === text
}

// The bytes of base64 in its one right spelling.
function spelt (text) {
  try {
    const raw = bytes(text)
    if (btoa(String.fromCharCode(...raw)) === text) return raw
  } catch {}
  throw new NotValid('malformed')
}

function bytes (text) {
  return Uint8Array.from(atob(text), one => one.charCodeAt(0))
}
