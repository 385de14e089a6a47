// The levels of an indicator: a chosen one opens with the next one above it; ticks are kept, and counted.
import { Refused, ask, isOver, root, say, sayOver } from './wire.js'

export function levels (form) {
  const cards = [...form.querySelectorAll('.n-level')]
  form.addEventListener('change', event => {
    if (event.target.type !== 'radio') return
    const at = cards.findIndex(card => card.contains(event.target))
    for (const card of cards.slice(at, at + 2)) card.querySelector('details')?.setAttribute('open', '')
  })
  // One at a time: what is ticked last is what is kept.
  let running = Promise.resolve()
  for (const tick of form.querySelectorAll('input[name=ticks]')) {
    tick.addEventListener('change', event => {
      event.stopPropagation()
      const wanted = tick.checked
      count(form, tick)
      running = running.then(() => keep(form, tick, wanted))
    })
  }
}

async function keep (form, tick, wanted) {
  const { participation, indicator } = form.dataset
  const line = tick.closest('.n-condition')
  try {
    await ask('PATCH', `${root}/self-assessments/${participation}/ticks/${indicator}`, { [wanted ? 'tick' : 'untick']: [tick.value] })
    trouble(line)?.remove()
  } catch (problem) {
    tick.checked = !wanted
    count(form, tick)
    tell(form.dataset, line, problem)
  }
}

function count (form, tick) {
  const card = tick.closest('.n-level')
  const ticks = [...card.querySelectorAll('input[name=ticks]')]
  const met = ticks.filter(one => one.checked).length
  const place = card.querySelector('.n-level__count')
  place.textContent = say(form.dataset.count, { met, of: ticks.length })
  place.classList.toggle('n-level__count--none', !met)
}

const trouble = line => line.nextElementSibling?.matches('.govuk-error-message') ? line.nextElementSibling : null

function tell (words, line, problem) {
  trouble(line)?.remove()
  const place = Object.assign(document.createElement('p'), { className: 'govuk-error-message', role: 'alert' })
  line.after(place)
  const text = problem instanceof Refused ? say(words.unticked, { reason: problem.message }) : words.untickedAway
  if (isOver(problem)) sayOver(place, { over: text, again: words.again }, problem)
  else place.textContent = text
}
