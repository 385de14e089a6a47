// Asks our own API in the name of whoever reads the page.
const csrf = () => document.querySelector('input[name=csrf_token]')?.value ?? ''

export class Refused extends Error {
  constructor (status, problem) {
    super(problem.detail ?? String(status))
    this.status = status
    this.problem = problem
  }
}

// The JSON of an answer; a Refused with the problem, or a TypeError while the line is away. A session that a
// sleeping machine could not keep is renewed, as by opening a page.
export async function ask (method, path, body, more) {
  try {
    return await send(method, path, body, more)
  } catch (problem) {
    if (problem.problem?.code !== 'session-over' || path === RENEW) throw problem
    await send('POST', RENEW, { deed: true })
    return send(method, path, body, more)
  }
}

// Whether the session of this page went on, for something that was sent when its five minutes were over.
export async function renewed () {
  try {
    await send('POST', RENEW, { deed: true })
    return true
  } catch { return false }
}

async function send (method, path, body, more) {
  const answer = await fetch(path, {
    method,
    headers: { Accept: 'application/json', 'Content-Type': 'application/json', 'X-CSRF-Token': csrf(), ...more },
    body: body === undefined ? undefined : JSON.stringify(body)
  })
  const found = answer.status === 204 ? {} : await answer.json()
  if (!answer.ok) throw new Refused(answer.status, found)
  return found
}

export const root = '/intake/api/v1'
export const review = '/review/api/v1'
export const RENEW = `${root}/session/renew`
// Says that somebody may have signed in, so that what waited can go. The tab in which it was done tells the others;
// one that was closed before its script ran could not, so that coming back to this page counts too.
export const signedIn = new EventTarget()
const channel = new BroadcastChannel('nilai-signed-in')
const perhaps = () => signedIn.dispatchEvent(new Event('perhaps'))
export const tellSignedIn = () => channel.postMessage('here')
channel.addEventListener('message', perhaps)
addEventListener('focus', perhaps)
document.addEventListener('visibilitychange', () => { if (!document.hidden) perhaps() })
export const token = csrf
export const isOver = problem => problem.status === 401 || problem.problem?.code === 'csrf-other-person'

// Says in a place that the session is over, and leads to signing in beside this page; whoever else is known at the
// identity provider is asked anew there.
export function sayOver (place, words, problem) {
  const link = document.createElement('a')
  link.href = `/intake/sign-in?${problem.status === 401 ? '' : 'prompt=login&'}next=/intake/signed-in-again`
  link.target = '_blank'
  link.rel = 'noopener'
  link.textContent = words.again
  place.replaceChildren(`${words.over} `, link)
}
export const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '')
export const lang = document.documentElement.lang
export const clock = at => new Intl.DateTimeFormat(lang, {
  hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZone: document.documentElement.dataset.zone
}).format(at)
export const size = count => {
  const units = ['B', 'kB', 'MB', 'GB']
  let step = 0
  while (count >= 1000 && step < units.length - 1) { count /= 1000; step++ }
  return `${new Intl.NumberFormat(lang, { maximumFractionDigits: step ? 1 : 0 }).format(count)} ${units[step]}`
}
