// Leaves and marks comments without leaving the page, so that what is being typed beside them stays.
const at = page => page.getElementById('comments')

async function send (form) {
  const button = form.querySelector('button')
  button.disabled = true
  try {
    const body = new URLSearchParams(new FormData(form))
    const answer = await fetch(form.action, { method: 'POST', headers: { Accept: 'text/html' }, body })
    const found = at(new DOMParser().parseFromString(await answer.text(), 'text/html'))
    if (!found) return form.submit()
    at(document).replaceWith(found)
    found.tabIndex = -1
    ;(found.querySelector('[aria-invalid]') ?? found).focus()
  } catch {
    const said = at(document).querySelector('[data-away]')
    said.textContent = said.dataset.away
    button.disabled = false
  }
}

export function comments () {
  document.addEventListener('submit', event => {
    if (!event.target.closest('#comments')) return
    event.preventDefault()
    send(event.target)
  })
}
