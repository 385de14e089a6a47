// What a rating points at: ticked rows of a list, each a page of a file, a place on it, or a paragraph of the minutes.
import { say } from './wire.js'

const parse = written => {
  if (written.startsWith('§')) return { minutes: Number(written.slice(1)) }
  const [sha256, page, place] = written.split('@')
  if (!place) return { sha256, page: Number(page) }
  const [x, y] = place.split(',').map(Number)
  return { sha256, page: Number(page), x, y }
}
const write = pin => {
  if (pin.minutes) return `§${pin.minutes}`
  return `${pin.sha256}@${pin.page}${pin.x === undefined ? '' : `@${pin.x},${pin.y}`}`
}
const bare = pin => Object.fromEntries(['sha256', 'page', 'minutes', 'x', 'y'].filter(name => (pin[name] ?? null) !== null).map(name => [name, pin[name]]))

export class Pins {
  constructor (form, list) {
    this.form = form
    this.list = list
    this.empty = []
    const paragraph = form.elements.paragraph
    paragraph.addEventListener('input', event => event.stopPropagation())
    paragraph.addEventListener('change', event => {
      event.stopPropagation()
      const minutes = Number(paragraph.value)
      if (Number.isInteger(minutes) && minutes > 0) this.add({ minutes })
      paragraph.value = ''
    })
  }

  boxes () { return [...this.list.querySelectorAll('input')] }
  read () { return this.boxes().filter(box => box.checked).map(box => bare(parse(box.value))) }
  before () { return [...this.form.querySelectorAll('[data-pin]')].map(one => parse(one.dataset.pin)) }
  of (stored) { return stored.map(bare) }
  write (pins) { this.list.replaceChildren(...pins.map(pin => this.row(bare(pin)))) }
  shown (pins) { return pins.map(pin => this.say(pin)).join('; ') }
  place () { return this.list }
  focus () { this.boxes()[0]?.focus() }

  add (pin) {
    if (this.read().some(one => write(one) === write(pin))) return
    this.list.append(this.row(pin))
    this.list.dispatchEvent(new Event('change', { bubbles: true }))
  }

  say (pin) {
    const { pinned, pinMinutes } = this.form.dataset
    if (pin.minutes) return say(pinMinutes, { number: pin.minutes })
    const file = document.querySelector(`.n-bench__files a[href*="${pin.sha256}"]`)?.textContent ?? pin.sha256.slice(0, 8)
    return say(pinned, { file, page: pin.page })
  }

  row (pin) {
    const line = document.createElement('li')
    const box = Object.assign(document.createElement('input'), { type: 'checkbox', name: 'pins', value: write(pin), checked: true, className: 'n-pins__kept' })
    const text = this.say(pin)
    box.setAttribute('aria-label', text)
    const said = document.createElement(pin.sha256 ? 'a' : 'span')
    if (pin.sha256) Object.assign(said, { href: `?file=${pin.sha256}&page=${pin.page}`, className: 'govuk-link' })
    said.textContent = text
    line.append(box, said)
    return line
  }
}
