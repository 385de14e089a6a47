// What stands around a form (tree, counts, an index) follows what is saved: these parts, by their selectors.
const SOON = 400
const HOLDS_FOCUS = 'a, button, summary'

export function follow (form, parts) {
  let waiting
  let asked
  form.addEventListener('stored', () => {
    clearTimeout(waiting)
    waiting = setTimeout(async () => {
      asked?.abort()
      asked = new AbortController()
      const fresh = await load(form.action, asked.signal)
      if (fresh) for (const part of parts) swap(document.querySelector(part), fresh.querySelector(part))
    }, SOON)
  })
}

// The page as it is now; null while it cannot be had, until something else is saved.
async function load (address, signal) {
  try {
    const answer = await fetch(address, { redirect: 'manual', signal })
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), 'text/html') : null
  } catch { return null }
}

function swap (old, now) {
  if (!old || !now || old.isEqualNode(now)) return
  const folds = now.querySelectorAll('details')
  old.querySelectorAll('details').forEach((fold, at) => { if (folds[at]) folds[at].open = fold.open })
  const focused = [...old.querySelectorAll(HOLDS_FOCUS)].indexOf(document.activeElement)
  old.replaceWith(now)
  if (focused >= 0) now.querySelectorAll(HOLDS_FOCUS)[focused]?.focus({ preventScroll: true })
}
