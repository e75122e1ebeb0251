// Decides the facts of a shared link. They are in the fragment, which the server does not see.
"use strict";

const PREFIX = "#facts=";

if (location.hash.startsWith(PREFIX)) {
  const text = atob(location.hash.slice(PREFIX.length).replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  document.getElementById("json").value = new TextDecoder().decode(bytes);
  document.getElementById("facts").requestSubmit(document.getElementById("decide-json"));
}
