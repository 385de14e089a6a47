// Words that could not be saved wait in this browser for who typed them: where they are, and whether they stay.
const card = document.getElementById('kept')
const done = document.getElementById('kept-done')
const { person, indicator } = card.dataset
const mine = `nilai:${person}:`
const keys = () => Object.keys(localStorage).filter(key => key.startsWith(mine))

function line (key) {
  const [participation, code] = key.slice(mine.length).split(':')
  const row = document.createElement('li')
  const text = indicator.replace('{code}', code)
  if ('leaving' in card.dataset) row.textContent = `${text} (${participation})`
  else row.append(Object.assign(document.createElement('a'), { className: 'govuk-link', href: `/intake/self-assessments/${participation}/indicators/${code}`, textContent: text }))
  return row
}

function end (text) {
  card.hidden = true
  done.textContent = text
  done.tabIndex = -1
  done.focus()
}

const found = keys()
card.hidden = !found.length
card.querySelector('ul').append(...found.map(line))
card.querySelector('[data-keep]')?.addEventListener('click', () => end(done.dataset.kept))
card.querySelector('[data-discard]').addEventListener('click', () => {
  // With them goes what is known of uploads under way: the names of their files.
  for (const key of [...keys(), ...Object.keys(localStorage).filter(key => key.startsWith('tus::'))]) localStorage.removeItem(key)
  end(done.dataset.discarded)
})
