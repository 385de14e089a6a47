// The bench: saving while typing, conditions and levels, the file in the middle, pins, the lease, shortcuts.
import { asking } from './asking.js'
import { conditions } from './conditions.js'
import { follow } from './following.js'
import { keys } from './keys.js'
import { lease } from './lease.js'
import { Pins } from './pins.js'
import { Saving, boxes, number, text } from './saving.js'
import { taking } from './taking.js'
import { Viewer } from './viewer.js'
import { review } from './wire.js'

const form = document.getElementById('rating')
const { person, task, indicator } = form.dataset
const beside = () => ({ fence: Number(form.elements.fence.value) })
const pins = new Pins(form, document.getElementById('pins'))
const saving = new Saving(form, {
  path: `${review}/tasks/${task}/ratings`,
  list: 'ratings',
  version: 'version',
  beside,
  key: `nilai:${person}:${task}:${indicator}`,
  fields: {
    value: number(form, 'value'),
    conditions: boxes(form, 'conditions'),
    accepted: boxes(form, 'accepted'),
    facts: text(form, 'facts'),
    analysis: text(form, 'analysis'),
    justification: text(form, 'justification'),
    pins
  }
})
follow(form, ['#done', '#progress', '#tree', '#proposal'])
conditions(form)
taking(form)
asking(form, beside)
const viewer = document.getElementById('image') ? new Viewer(document.getElementById('viewer'), pins) : null
lease(form, document.getElementById('lease'))
keys({ form, saving, viewer })
