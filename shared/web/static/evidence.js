// Files of an answer: sent in pieces that outlive a lost line and a closed tab, checked, then named by the answer.
import './tus.js'
import { Refused, ask, isOver, renewed, root, say, sayOver, signedIn, size, token } from './wire.js'

const CHUNK = 1024 * 1024
const LOOK = 700
const AGAIN = 4000
const MOST_REPORTS = 20

export class Evidence {
  constructor (list, saving) {
    this.list = list
    this.saving = saving
    this.participation = list.dataset.participation
    for (const row of list.children) this.removable(row)
    this.stored = new Set(this.named().map(one => one.sha256))
    saving.form.addEventListener('stored', event => this.sync(event.detail?.evidence ?? []))
  }

  // What others have named or removed meanwhile is shown; what is on its way here stays.
  sync (evidence) {
    const now = new Set(evidence.map(one => one.sha256))
    for (const row of this.list.querySelectorAll('li[data-sha256]')) {
      if (this.stored.has(row.dataset.sha256) && !now.has(row.dataset.sha256)) row.remove()
    }
    const shown = new Set(this.named().map(one => one.sha256))
    for (const file of evidence) {
      if (!shown.has(file.sha256) && !this.stored.has(file.sha256)) this.show(file)
    }
    this.stored = now
  }

  show (file) {
    const { row, bar, aside, stop } = this.row({ name: file.name, size: file.size ?? 0 })
    bar.remove()
    stop.remove()
    Object.assign(row.dataset, { sha256: file.sha256, name: file.name, size: file.size ?? '' })
    aside.textContent = file.size ? size(file.size) : ''
    this.removable(row)
  }

  named () {
    return [...this.list.querySelectorAll('li[data-sha256]')].map(row => ({
      sha256: row.dataset.sha256, name: row.dataset.name, ...(row.dataset.size ? { size: Number(row.dataset.size) } : {})
    }))
  }

  async add (files) {
    for (const file of files) this.send(file, this.row(file))
  }

  row (file) {
    const row = document.createElement('li')
    const kind = Object.assign(document.createElement('span'), { className: 'n-kind', textContent: file.name.split('.').pop().slice(0, 4).toUpperCase() })
    const main = Object.assign(document.createElement('span'), { className: 'n-rows__main' })
    const bar = Object.assign(document.createElement('progress'), { className: 'n-progress', max: file.size, value: 0 })
    bar.setAttribute('aria-label', file.name)
    const aside = Object.assign(document.createElement('div'), { className: 'n-aside' })
    const stop = Object.assign(document.createElement('button'), { type: 'button', className: 'n-plain', textContent: this.list.dataset.pause })
    main.append(file.name, bar, aside)
    row.append(kind, main, stop)
    this.list.append(row)
    return { row, name: file.name, main, bar, aside, stop }
  }

  async send (file, shown) {
    const words = this.list.dataset
    const upload = new window.tus.Upload(file, {
      endpoint: `${root}/uploads/${this.participation}`,
      chunkSize: CHUNK,
      retryDelays: [0, 1000, 3000, 5000, 10000, 20000, 30000],
      metadata: { filename: file.name, ...(this.list.dataset.clarification ? { clarification: this.list.dataset.clarification } : {}) },
      headers: { 'X-CSRF-Token': token() },
      removeFingerprintOnSuccess: true,
      onProgress: sent => {
        shown.renewed = false
        shown.bar.value = sent
        shown.aside.textContent = say(words.part, { sent: size(sent), size: size(file.size) })
      },
      onShouldRetry: problem => {
        const status = problem.originalResponse?.getStatus() ?? 0
        const again = status === 0 || status >= 500 || [409, 423, 429].includes(status)
        if (again) shown.aside.textContent = words.waits
        return again
      },
      onError: async problem => {
        const refused = refusal(problem)
        const again = isOver(refused) && !shown.renewed && await renewed()
        shown.renewed = again
        if (again) upload.start()
        else if (isOver(refused)) this.waits(shown, refused, () => upload.start())
        else {
          report(problem.originalRequest?.getMethod() === 'POST' ? 'begin' : 'send', refused.status)
          this.refused(shown, refused.problem.code ? refused.message : words.failed)
        }
      },
      onSuccess: () => this.check(upload.url, file, shown)
    })
    this.pausable(upload, shown)
    window.addEventListener('online', () => { if (shown.bar.isConnected && !shown.paused) upload.start() })
    const [before] = await upload.findPreviousUploads()
    if (before) upload.resumeFromPreviousUpload(before)
    upload.start()
  }

  pausable (upload, shown) {
    shown.stop.addEventListener('click', () => {
      shown.paused = !shown.paused
      shown.stop.textContent = shown.paused ? this.list.dataset.resume : this.list.dataset.pause
      if (shown.paused) upload.abort(); else upload.start()
    })
  }

  // The bytes are there: what they are is found out in a moment.
  async check (url, file, shown) {
    shown.stop.remove()
    shown.aside.textContent = this.list.dataset.checked
    const id = url.split('/').pop()
    let found
    try {
      found = await ask('GET', `${root}/uploads/${this.participation}/${id}`)
    } catch (problem) {
      const again = () => this.check(url, file, shown)
      if (isOver(problem)) this.waits(shown, problem, again)
      else if (problem instanceof Refused && problem.status < 500 && problem.status !== 429) {
        report('inspect', problem.status)
        this.refused(shown, problem.message)
      } else setTimeout(again, AGAIN)
      return
    }
    if (found.state === 'inspecting') { setTimeout(() => this.check(url, file, shown), LOOK); return }
    if (found.state !== 'done') { this.refused(shown, found.refusal?.detail ?? found.state); return }
    await this.name(found, file, shown)
  }

  async name (found, file, shown) {
    const { row, bar, aside } = shown
    bar.remove()
    Object.assign(row.dataset, { sha256: found.sha256, name: found.name ?? file.name, size: file.size })
    aside.textContent = size(file.size)
    const chip = Object.assign(document.createElement('span'), { className: 'n-chip n-chip--good', textContent: this.list.dataset.accepted })
    row.append(chip)
    for (const finding of found.findings ?? []) {
      shown.main.append(Object.assign(document.createElement('div'), { className: 'n-warned', textContent: finding.detail }))
      chip.className = 'n-chip n-chip--warn'
    }
    this.removable(row)
    await this.saving.name(this.named())
  }

  // Goes on when somebody has signed in, in whichever tab.
  waits (shown, problem, again) {
    sayOver(shown.aside, { over: this.list.dataset.over, again: this.saving.form.dataset.again }, problem)
    signedIn.addEventListener('perhaps', again, { once: true })
  }

  refused (shown, why) {
    shown.bar.remove()
    shown.stop.remove()
    shown.aside.textContent = why
    shown.aside.className = 'n-warned'
    shown.row.append(Object.assign(document.createElement('span'), { className: 'n-chip n-chip--bad', textContent: this.list.dataset.refused }))
    this.closable(shown)
  }

  closable ({ row, name }) {
    const close = Object.assign(document.createElement('button'), { type: 'button', className: 'n-plain', textContent: this.list.dataset.close })
    close.setAttribute('aria-label', `${this.list.dataset.close}: ${name}`)
    close.addEventListener('click', () => { row.remove(); document.getElementById('choose').focus() })
    row.append(close)
  }

  removable (row) {
    if (!row.dataset.sha256) return
    const words = this.list.dataset
    const button = Object.assign(document.createElement('button'), { type: 'button', className: 'n-plain', textContent: words.remove })
    button.setAttribute('aria-label', `${words.remove}: ${row.dataset.name}`)
    button.addEventListener('click', async () => {
      const kept = row.cloneNode(true)
      const undo = document.createElement('li')
      const back = Object.assign(document.createElement('button'), { type: 'button', className: 'n-plain', textContent: words.undo })
      undo.append(`${words.removed} `, back)
      back.addEventListener('click', async () => {
        kept.querySelector('button')?.remove()
        undo.replaceWith(kept)
        this.removable(kept)
        await this.saving.name(this.named())
      })
      row.replaceWith(undo)
      back.focus()
      await this.saving.name(this.named())
    })
    row.append(button)
  }
}

// Files that are chosen, or dropped here.
export function choosing (evidence) {
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
}

// Tells the server that an upload failed for good here, which it would not learn otherwise: where, with which status.
// A line that is away takes the report with it once it is back; more than a few say no more.
let reports = 0
async function report (stage, status) {
  if (reports++ >= MOST_REPORTS) return
  const send = () => ask('POST', `${root}/upload-failures`, { stage, status })
  try { await send() } catch (problem) {
    if (!(problem instanceof Refused)) window.addEventListener('online', () => { send().catch(() => {}) }, { once: true })
  }
}

const refusal = problem => {
  let said
  try { said = JSON.parse(problem.originalResponse.getBody()) } catch { said = { detail: problem.message } }
  return new Refused(problem.originalResponse?.getStatus() ?? 0, said)
}
