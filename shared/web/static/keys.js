// Shortcuts of the bench: single keys where nothing is being written; who does not want them switches them off.
const OFF = 'nilai:keys-off'
const TYPED = 'input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable], dialog *'

export function keys ({ form, saving, viewer }) {
  const dialog = document.getElementById('keys')
  const on = document.getElementById('keys-on')
  on.checked = localStorage.getItem(OFF) === null
  on.addEventListener('change', () => { if (on.checked) localStorage.removeItem(OFF); else localStorage.setItem(OFF, 'yes') })
  document.getElementById('all-keys').addEventListener('click', () => dialog.showModal())
  const go = async link => { if (link && await saving.save()) location.href = link }
  const to = selector => document.querySelector(selector)
  const focus = selector => to(selector)?.focus()
  // Where a value is written instead of chosen, a digit is its first one.
  const begin = (field, key) => {
    field.value = key
    field.focus()
    field.dispatchEvent(new Event('input', { bubbles: true }))
  }
  const level = key => {
    const field = to('#value')
    if (field) return begin(field, key)
    const radio = [...form.querySelectorAll('input[type=radio][name=value]')].find(one => one.value === key)
    if (!radio) return
    radio.checked = true
    radio.focus()
    radio.dispatchEvent(new Event('change', { bubbles: true }))
  }
  const file = () => {
    const all = [...document.querySelectorAll('.n-bench__files a')]
    const at = all.findIndex(link => link.matches('[aria-current]'))
    go(all[(at + 1) % all.length]?.href)
  }
  const next = to('#rating button[name=next]')
  const deeds = {
    j: () => go(next ? `./${next.value}` : null),
    k: () => go(to('#previous')?.href),
    '[': () => viewer?.turn(-1),
    ']': () => viewer?.turn(1),
    '+': () => viewer?.scale(1),
    '-': () => viewer?.scale(-1),
    f: file,
    p: () => viewer?.pin(),
    t: () => focus('input[name=conditions]'),
    w: () => focus('#facts'),
    c: () => focus('#question'),
    '/': () => focus('#find-text'),
    s: () => saving.save(),
    e: () => go(to('#list a[href$="/end"]')?.href),
    '?': () => dialog.showModal()
  }
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return
    if (event.key === 'Escape' && event.target.matches('input, textarea')) { event.target.blur(); return }
    if (!on.checked || dialog.open || event.target.matches(TYPED)) return
    const deed = /^[0-9]$/.test(event.key) ? () => level(event.key) : deeds[event.key.toLowerCase()]
    if (!deed) return
    event.preventDefault()
    deed()
  })
}
