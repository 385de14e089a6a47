// A number outside of its bounds is refused at its field.
export function bounds (form) {
  const field = form.querySelector('input[data-low]')
  if (!field) return
  const { low, high } = field.dataset
  const error = document.getElementById('value-error')
  const isWrong = () => {
    const text = field.value.trim().replace(',', '.')
    return text !== '' && !(Number(text) >= Number(low) && Number(text) <= Number(high))
  }
  const show = () => {
    const wrong = isWrong()
    error.hidden = !wrong
    field.closest('.govuk-form-group').classList.toggle('govuk-form-group--error', wrong)
    field.classList.toggle('govuk-input--error', wrong)
    for (const [name, value] of [['aria-invalid', 'true'], ['aria-describedby', error.id]]) {
      if (wrong) field.setAttribute(name, value); else field.removeAttribute(name)
    }
  }
  field.addEventListener('change', show)
  field.addEventListener('input', () => { if (!error.hidden) show() })
  form.addEventListener('unsaved', show)
}
