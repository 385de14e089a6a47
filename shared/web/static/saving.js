// Saves what is filled in, field by field, as it is typed; what cannot go waits in this browser and loses nothing.
import { Refused, ask, clock, isOver, say, sayOver, signedIn } from './wire.js'

const REST = 900
const AGAIN = 4000
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other)

// How a field is read and written; a text, a choice between radio buttons, or the ticked boxes of a name.
export const text = (form, name) => field(form, name, found => found.value, (found, value) => { found.value = value })
export const number = (form, name) => field(form, name, found => found.value.trim().replace(',', '.'), (found, value) => { found.value = value })
export const boxes = (form, name) => {
  const all = () => [...form.querySelectorAll(`input[type=checkbox][name=${name}]`)]
  return {
    empty: [],
    read: () => all().filter(box => box.checked).map(box => box.value),
    write: values => { for (const box of all()) box.checked = values.includes(box.value) },
    shown: values => values.join(', '),
    place: () => all()[0]?.closest('fieldset'),
    focus: () => all()[0]?.focus()
  }
}
function field (form, name, read, write) {
  const found = form.elements[name]
  if (!found) return null
  const first = found instanceof RadioNodeList ? found[0] : found
  return {
    empty: '',
    read: () => read(found),
    write: value => write(found, value),
    shown: value => value,
    place: () => found instanceof RadioNodeList ? first.closest('fieldset') : found,
    focus: () => first.focus()
  }
}

// `kind`: the API's `path`, the name of the `list` of what is sent and of its `version`, what is sent `beside` it, the
// `key` under which it waits in this browser, and the `fields` by name.
export class Saving {
  constructor (form, kind) {
    this.form = form
    this.kind = kind
    this.fields = Object.fromEntries(Object.entries(kind.fields).filter(([, found]) => found))
    this.indicator = form.dataset.indicator
    this.rev = Number(form.elements[kind.version].value)
    this.base = this.read()
    this.waiting = null
    this.running = null
    this.restore()
    form.addEventListener('input', () => this.changed())
    form.addEventListener('change', () => this.changed())
    window.addEventListener('online', () => this.save())
    window.addEventListener('pagehide', () => this.keep())
    signedIn.addEventListener('perhaps', () => { if (this.over) this.save() })
    form.addEventListener('submit', event => this.submit(event))
  }

  read () {
    return Object.fromEntries(Object.entries(this.fields).map(([name, found]) => [name, found.read()]))
  }

  difference () {
    const now = this.read()
    return Object.fromEntries(Object.entries(now).filter(([name, said]) => !same(said, this.base[name])))
  }

  changed () {
    this.keep()
    clearTimeout(this.waiting)
    this.waiting = setTimeout(() => this.save(), REST)
  }

  // What differs from what is stored waits here, so that a closed tab, or a line that is away, takes nothing.
  keep () {
    const fields = this.difference()
    if (Object.keys(fields).length) localStorage.setItem(this.kind.key, JSON.stringify({ rev: this.rev, fields }))
    else localStorage.removeItem(this.kind.key)
  }

  restore () {
    const kept = JSON.parse(localStorage.getItem(this.kind.key) ?? 'null')
    if (!kept) return
    this.rev = kept.rev
    for (const [name, said] of Object.entries(kept.fields)) this.fields[name]?.write(said)
    this.save()
  }

  async submit (event) {
    if (!navigator.onLine) {
      event.preventDefault()
      this.keep()
      this.tell(this.form.dataset.away, 'warn')
      return
    }
    event.preventDefault()
    const next = event.submitter?.name === 'next' ? event.submitter.value : null
    const ended = await this.save()
    if (ended && next) location.href = `./${next}`
  }

  // One request at a time: the next one is made of what the last one stored.
  async save () {
    clearTimeout(this.waiting)
    while (this.running) await this.running
    this.running = this.send()
    try { return await this.running } finally { this.running = null }
  }

  async send (more) {
    const fields = { ...this.difference(), ...more }
    if (!Object.keys(fields).length) return this.offered ? this.settled(this.offered) : true
    this.tell(this.form.dataset.saving)
    let outcome
    try {
      const { path, list, version, beside } = this.kind
      const item = { indicator: this.indicator, [version]: this.rev, ...fields }
      outcome = (await ask('PATCH', path, { ...beside?.(), [list]: [item] }))[list][0]
    } catch (problem) {
      return this.failed(problem)
    }
    return this.take(outcome, fields)
  }

  // The files that the answer names from now on, which goes with whatever else was typed.
  async name (evidence) {
    while (this.running) await this.running
    this.running = this.send({ evidence })
    try { return await this.running } finally { this.running = null }
  }

  failed (problem) {
    this.keep()
    this.over = isOver(problem)
    this.unsaved()
    if (this.over) {
      this.tell(this.form.dataset.over, 'warn')
      sayOver(document.getElementById('saved'), this.form.dataset, problem)
      return false
    }
    const why = problem instanceof Refused && problem.status < 500
      ? say(this.form.dataset.refused, { reason: problem.message })
      : this.form.dataset.away
    this.tell(why, 'warn')
    if (!(problem instanceof Refused) || problem.status >= 500 || problem.status === 429) {
      this.waiting = setTimeout(() => this.save(), AGAIN)
    }
    return false
  }

  take (outcome, sent) {
    this.over = false
    if (outcome.outcome === 'stale') return this.conflict(outcome, sent)
    if (outcome.outcome === 'invalid') {
      this.keep()
      this.unsaved()
      this.tell(say(this.form.dataset.refused, { reason: outcome.problem.detail }), 'warn')
      return false
    }
    this.stored(outcome, sent)
    return this.settled(outcome.stored)
  }

  // What stands here is what is stored: nothing of a conflict is left to choose.
  settled (stored) {
    for (const name of Object.keys(this.fields)) document.getElementById(`${name}-stored`)?.remove()
    this.offered = null
    const { saved, level } = this.form.dataset
    this.tell(say(stored.value ? saved : level, { time: clock(new Date(stored.saved_at ?? stored.at)) }), 'good')
    return true
  }

  // Others may have changed other fields: those are shown, what is being typed here stays.
  stored (outcome, sent) {
    const now = this.read()
    this.rev = outcome[this.kind.version]
    this.form.elements[this.kind.version].value = this.rev
    for (const name of Object.keys(this.fields)) {
      const kept = this.kept(name, outcome)
      const untouched = same(now[name], this.base[name]) && !(name in sent)
      this.base[name] = name in sent && same(now[name], sent[name]) ? now[name] : kept
      if (untouched && !same(now[name], kept)) this.fields[name].write(kept)
    }
    this.keep()
    this.form.dispatchEvent(new CustomEvent('stored', { detail: outcome.stored }))
  }

  conflict (outcome, sent) {
    this.keep()
    this.rev = outcome[this.kind.version]
    this.offered = outcome.stored
    for (const name of outcome.differing) {
      if (!this.fields[name]) continue
      this.base[name] = this.kept(name, outcome)
      this.offer(name, this.fields[name], this.base[name])
    }
    this.form.dispatchEvent(new CustomEvent('stored', { detail: outcome.stored }))
    this.tell(this.form.dataset.conflict, 'bad')
    return false
  }

  kept (name, outcome) {
    const { empty, of } = this.fields[name]
    const said = outcome.stored[name] ?? empty
    return of ? of(said) : said
  }

  offer (name, field, theirs) {
    document.getElementById(`${name}-stored`)?.remove()
    const box = document.createElement('div')
    box.id = `${name}-stored`
    box.className = 'n-stored'
    const head = document.createElement('strong')
    head.textContent = this.form.dataset.theirs
    const words = document.createElement('p')
    words.textContent = field.shown(theirs)
    const take = document.createElement('button')
    take.type = 'button'
    take.className = 'n-plain'
    take.textContent = this.form.dataset.take
    take.addEventListener('click', () => { field.write(theirs); box.remove(); field.focus(); this.changed() })
    box.append(head, words, take)
    field.place().after(box)
  }

  unsaved () {
    this.form.dispatchEvent(new CustomEvent('unsaved'))
  }

  // At the head, and at the foot beside the buttons.
  tell (words, kind) {
    for (const chip of document.querySelectorAll('#saved, #saved-below')) {
      chip.hidden = false
      chip.className = `n-chip n-chip--dot${kind ? ` n-chip--${kind}` : ''}`
      chip.textContent = words
    }
  }
}
