// Goes on to the identity provider's own end of the session; words that wait here are asked about first.
const READ = 8000
const kept = document.getElementById('kept')
const go = () => setTimeout(() => { location.href = document.getElementById('farewell').href }, READ)

if (kept && !kept.hidden) kept.addEventListener('click', event => { if (event.target.matches('button')) go() })
else go()
