// Says before anything is drawn that scripts run here; pages without them stay as they came.
document.documentElement.classList.add('scripts')
document.body.className += ' js-enabled' + ('noModule' in HTMLScriptElement.prototype ? ' govuk-frontend-supported' : '')
