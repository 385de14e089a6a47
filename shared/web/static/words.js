// Puts what the assessors wrote, which review hands out, beside each indicator; the link to it stays.
async function fetchWords () {
  const place = document.getElementById('words')
  const answer = await fetch(`${place.dataset.words}?lang=${document.documentElement.lang}`, { headers: { Accept: 'text/html' }, redirect: 'error' })
  if (!answer.ok) return
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
  for (const slot of document.querySelectorAll('[data-words-of]')) {
    const words = page.getElementById(`words-${slot.dataset.wordsOf}`)
    if (!words) continue
    words.removeAttribute('open')
    slot.replaceChildren(document.importNode(words, true))
  }
}

fetchWords().catch(() => {})
