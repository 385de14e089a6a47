// Fills in what other services say of themselves, each as soon as it answers.
async function fill (place) {
  try {
    const answer = await fetch(place.dataset.summary, { headers: { Accept: 'text/html' }, redirect: 'error' })
    if (!answer.ok) throw new Error(String(answer.status))
    const found = new DOMParser().parseFromString(await answer.text(), 'text/html')
    place.replaceChildren(...found.body.children)
  } catch {
    place.append(place.dataset.away)
  }
}
document.querySelectorAll('[data-summary]').forEach(fill)
