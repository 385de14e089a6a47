// The page of one indicator: saving while typing, ticks, evidence, comments, who else is here.
import { bounds } from './bounds.js'
import { comments } from './comments.js'
import { Evidence, choosing } from './evidence.js'
import { follow } from './following.js'
import { levels } from './levels.js'
import { present } from './presence.js'
import { Saving, number, text } from './saving.js'
import { root } from './wire.js'

const form = document.getElementById('answer')
bounds(form)
follow(form, ['#filled', '#tree', '#index-card', '#higher', '#evidence .n-card__head'])
levels(form)
const { person, participation, indicator } = form.dataset
const saving = new Saving(form, {
  path: `${root}/self-assessments/${participation}/answers`,
  list: 'answers',
  version: 'rev',
  key: `nilai:${person}:${participation}:${indicator}`,
  fields: {
    value: number(form, 'value'), facts: text(form, 'facts'), analysis: text(form, 'analysis'), subject: text(form, 'subject')
  }
})
choosing(new Evidence(document.getElementById('files'), saving))
comments()
present(form, document.getElementById('others'))
