// The question to the agency is saved by itself, apart from the rating.
import { ask, review, say } from './wire.js'

const REST = 900

export function asking (form, beside) {
  const field = form.elements.question
  if (!field) return
  const place = document.getElementById('asked')
  const { task, indicator, asked, unasked, away } = form.dataset
  let kept = field.value
  let waiting
  let running = Promise.resolve()
  const send = async () => {
    const question = field.value
    if (question === kept) return
    try {
      await ask('PUT', `${review}/tasks/${task}/clarifications/${indicator}`, { ...beside(), question: question.trim() })
      kept = question
      place.textContent = asked
    } catch (problem) {
      place.textContent = problem.status ? say(unasked, { reason: problem.message }) : away
    }
  }
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(() => { running = running.then(send) }, REST) }
  for (const kind of ['input', 'change']) {
    field.addEventListener(kind, event => { event.stopPropagation(); soon() })
  }
  window.addEventListener('online', soon)
  window.addEventListener('pagehide', send)
}
