// Saves an answer field by field as it is typed; what cannot go waits in this browser and loses nothing.
import { Refused, ask, clock, isOver, root, say, sayOver, signedIn } from './wire.js'

const REST = 900
const AGAIN = 4000

export class Saving {
  constructor (form) {
    this.form = form
    const { person, participation, indicator } = form.dataset
    this.path = `${root}/self-assessments/${participation}/answers`
    this.indicator = indicator
    this.key = `nilai:${person}:${participation}:${indicator}`
    this.rev = Number(form.elements.rev.value)
    this.base = this.read()
    this.waiting = null
    this.running = null
    this.restore()
    form.addEventListener('input', () => this.changed())
    form.addEventListener('change', () => this.changed())
    window.addEventListener('online', () => this.save())
    window.addEventListener('pagehide', () => this.keep())
    signedIn.addEventListener('message', () => { if (this.over) this.save() })
    form.addEventListener('submit', event => this.submit(event))
  }

  read () {
    const found = {}
    for (const name of ['value', 'facts', 'analysis', 'subject']) {
      const field = this.form.elements[name]
      if (field) found[name] = name === 'value' ? field.value.trim().replace(',', '.') : field.value
    }
    return found
  }

  difference () {
    const now = this.read()
    return Object.fromEntries(Object.entries(now).filter(([name, text]) => text !== this.base[name]))
  }

  changed () {
    this.keep()
    clearTimeout(this.waiting)
    this.waiting = setTimeout(() => this.save(), REST)
  }

  // What differs from what is stored waits here, so that a closed tab, or a line that is away, takes nothing.
  keep () {
    const fields = this.difference()
    if (Object.keys(fields).length) localStorage.setItem(this.key, JSON.stringify({ rev: this.rev, fields }))
    else localStorage.removeItem(this.key)
  }

  restore () {
    const kept = JSON.parse(localStorage.getItem(this.key) ?? 'null')
    if (!kept) return
    this.rev = kept.rev
    for (const [name, text] of Object.entries(kept.fields)) {
      const field = this.form.elements[name]
      if (field) field.value = text
    }
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

  async send (evidence) {
    const fields = { ...this.difference(), ...(evidence ? { evidence } : {}) }
    if (!Object.keys(fields).length) return this.offered ? this.settled(this.offered) : true
    this.tell(this.form.dataset.saving)
    let outcome
    try {
      const found = await ask('PATCH', this.path, { answers: [{ indicator: this.indicator, rev: this.rev, ...fields }] })
      outcome = found.answers[0]
    } catch (problem) {
      return this.failed(problem)
    }
    return this.take(outcome, fields)
  }

  // The files that the answer names from now on, which goes with whatever else was typed.
  async name (evidence) {
    while (this.running) await this.running
    this.running = this.send(evidence)
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
    const text = problem instanceof Refused && problem.status < 500
      ? say(this.form.dataset.refused, { reason: problem.message })
      : this.form.dataset.away
    this.tell(text, 'warn')
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
    for (const name of Object.keys(this.base)) document.getElementById(`${name}-stored`)?.remove()
    this.offered = null
    const { saved, level } = this.form.dataset
    this.tell(say(stored.value ? saved : level, { time: clock(new Date(stored.saved_at)) }), 'good')
    return true
  }

  // Others may have changed other fields: those are shown, what is being typed here stays.
  stored (outcome, sent) {
    const now = this.read()
    this.rev = outcome.rev
    this.form.elements.rev.value = outcome.rev
    for (const name of Object.keys(this.base)) {
      const kept = outcome.stored[name] ?? ''
      const untouched = now[name] === this.base[name] && !(name in sent)
      this.base[name] = name in sent && now[name] === sent[name] ? now[name] : kept
      if (untouched && now[name] !== kept) this.form.elements[name].value = kept
    }
    this.keep()
    this.form.dispatchEvent(new CustomEvent('stored', { detail: outcome.stored }))
  }

  conflict (outcome, sent) {
    this.keep()
    this.rev = outcome.rev
    this.offered = outcome.stored
    for (const name of outcome.differing) {
      const field = this.form.elements[name]
      if (!field) continue
      this.base[name] = outcome.stored[name] ?? ''
      this.offer(name, field, this.base[name])
    }
    this.form.dispatchEvent(new CustomEvent('stored', { detail: outcome.stored }))
    this.tell(this.form.dataset.conflict, 'bad')
    return false
  }

  offer (name, field, theirs) {
    document.getElementById(`${name}-stored`)?.remove()
    const place = field instanceof RadioNodeList ? field[0].closest('fieldset') : field
    const box = document.createElement('div')
    box.id = `${name}-stored`
    box.className = 'n-stored'
    const head = document.createElement('strong')
    head.textContent = this.form.dataset.theirs
    const text = document.createElement('p')
    text.textContent = theirs
    const take = document.createElement('button')
    take.type = 'button'
    take.className = 'n-plain'
    take.textContent = this.form.dataset.take
    take.addEventListener('click', () => { field.value = theirs; box.remove(); (field.focus ? field : field[0]).focus(); this.changed() })
    box.append(head, text, take)
    place.after(box)
  }

  unsaved () {
    this.form.dispatchEvent(new CustomEvent('unsaved'))
  }

  // At the head, and at the foot beside the buttons.
  tell (text, kind) {
    for (const chip of document.querySelectorAll('#saved, #saved-below')) {
      chip.hidden = false
      chip.className = `n-chip n-chip--dot${kind ? ` n-chip--${kind}` : ''}`
      chip.textContent = text
    }
  }
}
