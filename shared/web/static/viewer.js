// The file in the middle: pages without loading anew, zoom, finding words, pins where one clicks.
import { ask, say } from './wire.js'

const WIDTHS = [800, 1200, 1800, 2400]
const ZOOMS = [50, 75, 100, 125, 150, 200]
const STILL = 5

export class Viewer {
  constructor (section, pins) {
    this.section = section
    this.pins = pins
    this.image = section.querySelector('#image')
    this.sheet = section.querySelector('#sheet')
    const { file, name, number, last, top } = this.image.dataset
    Object.assign(this, { file, name, top, page: Number(number), last: Number(last) || Infinity, zoom: 100, hits: [] })
    this.on('page-back', () => this.turn(-1))
    this.on('page-on', () => this.turn(1))
    this.on('smaller', () => this.scale(-1))
    this.on('larger', () => this.scale(1))
    document.getElementById('pin').addEventListener('click', event => { event.preventDefault(); this.pin() })
    pins.form.addEventListener('click', event => this.followed(event))
    pins.list.addEventListener('change', () => this.mark())
    this.image.addEventListener('load', () => this.drawn())
    this.image.addEventListener('error', () => this.failed())
    this.image.addEventListener('pointerdown', event => { this.down = event })
    this.image.addEventListener('click', event => this.clicked(event))
    section.querySelector('#find')?.addEventListener('submit', event => { event.preventDefault(); this.find(event.target.elements.q.value) })
    if (this.image.complete) this.image.naturalWidth ? this.drawn() : this.failed()
  }

  on (id, deed) {
    this.section.querySelector(`#${id}`).addEventListener('click', event => { event.preventDefault(); deed() })
  }

  address (page) {
    const width = WIDTHS.find(one => one >= 1200 * this.zoom / 100) ?? WIDTHS.at(-1)
    return `${this.top}/files/${this.file}/pages/${page}?width=${width}`
  }

  turn (by) { this.show(this.page + by) }

  show (page) {
    if (page < 1 || page > this.last || page === this.page) return
    this.page = page
    for (const field of document.querySelectorAll('#rating input[name=page]')) field.value = page
    this.section.querySelector('#page-now').textContent = page
    for (const [id, by] of [['page-back', -1], ['page-on', 1]]) this.lead(id, page + by)
    this.image.alt = say(this.section.dataset.page, { page, name: this.name })
    history.replaceState(null, '', `?file=${this.file}&page=${page}`)
    this.load()
  }

  lead (id, page) {
    this.section.querySelector(`#${id}`).search = `?file=${this.file}&page=${Math.min(Math.max(page, 1), this.last)}`
  }

  load () {
    this.sheet.setAttribute('aria-busy', 'true')
    this.image.src = this.address(this.page)
  }

  drawn () {
    this.sheet.removeAttribute('aria-busy')
    this.section.querySelector('#no-page').hidden = true
    this.image.hidden = false
    this.mark()
    if (this.page < this.last && this.last < Infinity) new Image().src = this.address(this.page + 1)
  }

  // An image says nothing of why it did not come; the problem behind its address does.
  async failed () {
    this.sheet.removeAttribute('aria-busy')
    this.image.hidden = true
    const place = this.section.querySelector('#no-page')
    let text = this.section.dataset.away
    try {
      await ask('GET', this.address(this.page))
    } catch (problem) {
      if (problem.status) text = say(this.section.dataset.noPage, { reason: problem.message })
    }
    place.textContent = text
    place.hidden = false
    this.mark()
  }

  scale (by) {
    this.zoom = ZOOMS[Math.min(Math.max(ZOOMS.indexOf(this.zoom) + by, 0), ZOOMS.length - 1)]
    this.section.querySelector('#zoom').textContent = `${this.zoom} %`
    this.sheet.style.width = `${this.zoom}%`
    if (!this.image.src.endsWith(this.address(this.page))) this.load()
  }

  clicked (event) {
    const { clientX = 0, clientY = 0 } = this.down ?? event
    if (Math.hypot(event.clientX - clientX, event.clientY - clientY) > STILL) return
    const box = this.image.getBoundingClientRect()
    const part = (at, from, length) => Math.round(1000 * Math.min(Math.max((at - from) / length, 0), 1))
    this.pin({ x: part(event.clientX, box.left, box.width), y: part(event.clientY, box.top, box.height) })
  }

  pin (place = {}) { this.pins.add({ sha256: this.file, page: this.page, ...place }) }

  followed (event) {
    const link = event.target.closest('a')
    const wanted = link && new URL(link.href).searchParams
    if (wanted?.get('file') !== this.file) return
    event.preventDefault()
    this.show(Number(wanted.get('page')))
  }

  // Pins and hits lie over the page at their places.
  mark () {
    for (const old of this.sheet.querySelectorAll('.n-sheet__pin, .n-sheet__hit')) old.remove()
    if (this.image.hidden) return
    this.stick(this.pins.before(), 'n-sheet__pin n-sheet__pin--before')
    this.stick(this.pins.read(), 'n-sheet__pin')
    for (const { page, boxes } of this.hits) {
      if (page === this.page) for (const box of boxes) this.lay('n-sheet__hit', box)
    }
  }

  // A pin of the whole page has no place: it lies in the corner.
  stick (pins, kind) {
    pins.forEach((pin, at) => {
      if (pin.sha256 !== this.file || pin.page !== this.page) return
      const whole = pin.x === undefined
      this.lay(whole ? `${kind} n-sheet__pin--page` : kind, whole ? {} : { left: pin.x / 1000, top: pin.y / 1000 }, String(at + 1))
    })
  }

  lay (kind, place, text = '') {
    const mark = Object.assign(document.createElement('span'), { className: kind, textContent: text })
    for (const [side, part] of Object.entries(place)) mark.style[side] = `${100 * part}%`
    this.sheet.append(mark)
  }

  async find (text) {
    const place = this.section.querySelector('#hits')
    place.hidden = false
    this.hits = []
    if (!text.trim()) { place.hidden = true; return this.mark() }
    let found
    try {
      found = await ask('GET', `${this.top}/files/${this.file}/find?q=${encodeURIComponent(text)}`)
    } catch (problem) {
      place.textContent = problem.status ? problem.message : this.section.dataset.away
      return
    }
    this.hits = found.hits
    this.tell(place, found)
    const next = this.hits.find(({ page }) => page >= this.page) ?? this.hits[0]
    if (next && next.page !== this.page) this.show(next.page)
    else this.mark()
  }

  tell (place, found) {
    const { none, noText, found: some, cut } = this.section.dataset
    const pages = [...new Set(this.hits.map(({ page }) => page))]
    if (!pages.length) { place.textContent = found.has_text ? none : noText; return }
    const told = say(some, { hits: this.hits.length, pages: pages.length })
    const links = pages.map(page => {
      const button = Object.assign(document.createElement('button'), { type: 'button', className: 'n-plain', textContent: page })
      button.addEventListener('click', () => this.show(page))
      return button
    })
    place.replaceChildren(`${told}${found.next ? ` ${cut}` : ''}: `, ...links.flatMap(link => [link, ' ']))
  }
}
