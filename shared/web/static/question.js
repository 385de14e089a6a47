// The page of a question of the assessors: the answer is saved while typing, its files come after the seal.
import { Evidence, choosing } from './evidence.js'
import { Saving, text } from './saving.js'
import { ask, root } from './wire.js'

const named = () => [...document.querySelectorAll('#files li[data-sha256]')].map(row => ({
  sha256: row.dataset.sha256, name: row.dataset.name, ...(row.dataset.size ? { size: Number(row.dataset.size) } : {})
}))

class Answering extends Saving {
  // The answer goes as a whole: its words, and the files that it names.
  async send (more) {
    const fields = { ...this.difference(), ...more }
    if (!Object.keys(fields).length) return this.offered ? this.settled(this.offered) : true
    this.tell(this.form.dataset.saving)
    const evidence = more?.evidence ?? named()
    try {
      const stored = await ask('PUT', this.kind.path, { ...this.read(), evidence }, { 'If-Match': `"${this.rev}"` })
      return this.take({ outcome: 'saved', rev: stored.rev, stored }, fields)
    } catch (problem) {
      const said = problem.problem ?? {}
      if (said.code !== 'stale') return this.failed(problem)
      return this.take({ outcome: 'stale', rev: said.rev, stored: said.stored, differing: said.stored.words === this.read().words ? [] : ['words'] }, fields)
    }
  }

  // What is sent for good goes by the form itself, with all that was typed.
  async submit (event) {
    if (event.submitter?.value !== 'send') return super.submit(event)
    clearTimeout(this.waiting)
    this.base = this.read()
  }
}

const form = document.getElementById('answer')
const { person, participation, indicator, question } = form.dataset
const saving = new Answering(form, {
  path: `${root}/self-assessments/${participation}/clarifications/${question}/answer`,
  version: 'rev',
  key: `nilai:${person}:${participation}:${indicator}:${question}`,
  fields: { words: text(form, 'words') }
})
// What was typed before this script was here is saved too.
const words = form.elements.words
if (words.value !== words.defaultValue) {
  saving.base = { words: words.defaultValue }
  saving.changed()
}
choosing(new Evidence(document.getElementById('files'), saving))
