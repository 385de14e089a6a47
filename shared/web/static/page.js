// Wakes what a page's components need.
import { initAll } from './govuk-frontend.js'
import './session.js'

initAll()
