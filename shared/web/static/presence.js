// Says every fifteen seconds that this page is open, and shows who else has it; a hidden page says nothing.
import { ask, root, say } from './wire.js'

const EVERY = 15000

export function present (form, place) {
  const { participation, indicator, here } = form.dataset
  const path = `${root}/self-assessments/${participation}/presence`
  const beat = async () => {
    if (document.hidden) return
    try {
      const { others } = await ask('PUT', path, { indicator })
      const names = others.filter(one => one.indicator === indicator).map(one => one.name)
      place.textContent = names.length ? say(here, { names: names.join(', ') }) : ''
      place.className = names.length ? 'n-chip n-chip--on' : ''
    } catch { /* the next beat tells */ }
  }
  beat()
  setInterval(beat, EVERY)
  document.addEventListener('visibilitychange', beat)
}
