// A value that is proposed from what is accepted: taking it writes it into the form, which saves it as if it were typed.
export function taking (form) {
  form.addEventListener('click', event => {
    const button = event.target.closest('#take')
    if (!button) return
    event.preventDefault()
    const { value } = form.elements
    value.value = button.dataset.value
    value.dispatchEvent(new Event('change', { bubbles: true }))
    value.focus()
  })
}
