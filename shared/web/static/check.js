// Checks the receipt that stands in the fragment of the address here, in the browser; what cannot be checked here waits to be sent.
import { carried, check, Unreadable } from './receipts.js'

const region = document.getElementById('checked')
const said = JSON.parse(region.dataset.said)
const page = document.documentElement
const language = page.lang === 'en' ? 'en-GB' : page.lang

async function keys () {
  const answer = await fetch('/keys.json')
  if (!answer.ok) throw new Error()
  return answer.json()
}

async function checkFragment () {
  const fragment = location.hash.slice(1)
  if (!fragment) return
  region.replaceChildren()
  let outcome
  try {
    const text = await carried(fragment)
    document.getElementById('receipt').value = text
    outcome = await check(text, keys)
  } catch (problem) {
    show(problem instanceof Unreadable ? 'unreadable' : 'unable')
    return
  }
  outcome.wrong ? show('wrong', { reason: said.reasons[outcome.wrong] }) : showGood(outcome)
}

function show (name, texts = {}) {
  const shown = document.getElementById(`check-${name}`).content.cloneNode(true)
  for (const [slot, text] of Object.entries(texts)) shown.querySelector(`[data-slot=${slot}]`).textContent = text
  document.getElementById('outcome')?.remove()
  region.replaceChildren(shown)
  return region
}

function showGood ({ receipt, doubtful }) {
  const shown = show('good', { kind: said.kinds[receipt.kind], moment: moment(receipt.at) })
  shown.querySelector('[data-slot=doubtful]').hidden = !doubtful
  const list = shown.querySelector('dl')
  const row = list.firstElementChild
  list.replaceChildren(...said.fields.filter(([name]) => name in receipt).map(([name, text]) => {
    const one = row.cloneNode(true)
    one.querySelector('dt').textContent = text
    one.querySelector('dd').textContent = name === 'index' ? decimal(receipt[name]) : receipt[name]
    return one
  }))
}

function decimal (text) {
  return new Intl.NumberFormat(language, { maximumFractionDigits: 3 }).format(text)
}

function moment (text) {
  const at = new Date(text)
  const timeZone = page.dataset.zone
  const date = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'long', year: 'numeric', timeZone }).format(at)
  const time = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', timeZone }).format(at)
  return said.moment.replace('{date}', date).replace('{time}', time)
}

addEventListener('hashchange', checkFragment)
checkFragment()
