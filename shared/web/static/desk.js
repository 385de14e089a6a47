// The page of one indicator: saving while typing, ticks, evidence, comments, who else is here.
import { bounds } from './bounds.js'
import { comments } from './comments.js'
import { Evidence } from './evidence.js'
import { follow } from './following.js'
import { levels } from './levels.js'
import { present } from './presence.js'
import { Saving } from './saving.js'

const form = document.getElementById('answer')
bounds(form)
follow(form)
levels(form)
const saving = new Saving(form)
const evidence = new Evidence(document.getElementById('files'), saving)
comments()
present(form, document.getElementById('others'))

const choose = document.getElementById('choose')
choose.addEventListener('change', event => {
  event.stopPropagation()
  evidence.add([...choose.files])
  choose.value = ''
})
const drop = document.getElementById('drop')
drop.addEventListener('dragover', event => event.preventDefault())
drop.addEventListener('drop', event => {
  event.preventDefault()
  evidence.add([...event.dataTransfer.files])
})
