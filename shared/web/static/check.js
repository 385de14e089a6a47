// Fills in the receipt that stands in the fragment of the address, as base64url; no server sees it before it is sent.
function carried () {
  try {
    const raw = atob(location.hash.slice(1).replace(/-/g, '+').replace(/_/g, '/'))
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(raw, one => one.charCodeAt(0)))
  } catch {
    return ''
  }
}

function fill () {
  const found = carried()
  if (found) document.getElementById('receipt').value = found
}

addEventListener('hashchange', fill)
fill()
