// The level that follows from the ticked conditions: chosen while nobody chose another, and said when it differs.
import { say } from './wire.js'

export function conditions (form) {
  const all = [...form.querySelectorAll('input[name=conditions]')]
  const place = document.getElementById('follows')
  if (!all.length || !place) return
  const levels = [...new Set(all.map(box => box.dataset.level))].sort((one, other) => one - other)
  const of = level => all.filter(box => box.dataset.level === level)
  const level = () => {
    if (!all.some(box => box.checked)) return null
    let found = levels[0]
    let held = true
    for (const one of levels.slice(1)) {
      const own = of(one)
      held = own.every(box => box.checked) && (held || !own.some(box => 'cumulative' in box.dataset))
      if (held) found = one
    }
    return found
  }
  const chosen = form.elements.value
  // Where the value is a number in a range, each level begins somewhere, and no single value follows from it.
  const begins = new Map(all.filter(box => box.dataset.begins).map(box => [box.dataset.level, Number(box.dataset.begins)]))
  const levelOf = value => {
    if (!begins.size) return value
    const reached = levels.filter(one => begins.get(one) <= Number(value.trim().replace(',', '.')))
    return reached.at(-1) ?? levels[0]
  }
  const show = () => {
    const found = level()
    const { follows, differs } = form.dataset
    place.textContent = found === null ? '' : say(chosen.value && levelOf(chosen.value) !== found ? differs : follows, { level: found })
    place.classList.toggle('n-warned', found !== null && chosen.value !== '' && levelOf(chosen.value) !== found)
  }
  let before = level()
  form.addEventListener('change', event => {
    if (event.target.name === 'conditions') {
      const now = level()
      if (!begins.size && now !== null && (chosen.value === '' || chosen.value === before)) chosen.value = now
      before = now
    }
    show()
  }, { capture: true })
  show()
}
