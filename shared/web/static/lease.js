// Renews the lease of a task while its page is open, and says when it is gone.
import { ask, clock, review, say } from './wire.js'

const MOST = 300
const AGAIN = 5

export function lease (form, place) {
  const { task, until, lost, toQueue } = form.dataset
  let waiting
  const later = seconds => { clearTimeout(waiting); waiting = setTimeout(beat, seconds * 1000) }
  const beat = async () => {
    try {
      const held = await ask('POST', `${review}/tasks/${task}/heartbeat`, { fence: Number(form.elements.fence.value) })
      const end = new Date(held.until)
      place.textContent = say(until, { time: clock(end) })
      later(Math.min(MOST, Math.max(1, (end - Date.now()) / 3000)))
    } catch (problem) {
      if (problem.status === 409 || problem.status === 404) return gone()
      later(AGAIN)
    }
  }
  const gone = () => {
    clearTimeout(waiting)
    const link = Object.assign(document.createElement('a'), { href: '/review/tasks', className: 'govuk-link', textContent: toQueue })
    place.className = 'n-lost'
    place.replaceChildren(`${lost} `, link)
  }
  form.addEventListener('unsaved', () => later(0))
  later(Math.min(MOST, form.dataset.left / 3))
}
