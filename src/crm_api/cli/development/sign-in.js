// Sign-in of a browser: authorization code with PKCE (RFC 6749, RFC 7636), without a library.
// For a front end of your own, change these three.
const issuer = location.origin;
const clientId = "sign-in-page";
const api = document.querySelector("meta[name=api]").content;

const redirectUri = `${location.origin}/`;
const configuration = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function random() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

async function signIn() {
  const [verifier, state] = [random(), random()];
  sessionStorage.setItem("sign-in", JSON.stringify({ verifier, state }));
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  location.assign(`${configuration.authorization_endpoint}?${new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: "openid profile",
    state,
    code_challenge: base64url(new Uint8Array(hash)),
    code_challenge_method: "S256",
  })}`);
}

// The code stands in the address once; it is exchanged, and gone.
async function comeBack(said) {
  const { verifier, state } = JSON.parse(sessionStorage.getItem("sign-in") ?? "{}");
  sessionStorage.removeItem("sign-in");
  history.replaceState(null, "", redirectUri);
  if (!state || said.get("state") !== state || said.get("iss") !== issuer) {
    throw new Error("This answer belongs to no question of this page.");
  }
  if (said.has("error")) throw new Error(said.get("error"));
  const answer = await fetch(configuration.token_endpoint, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code: said.get("code"),
      redirect_uri: redirectUri,
      client_id: clientId,
      code_verifier: verifier,
    }),
  });
  if (!answer.ok) throw new Error((await answer.json()).error);
  return (await answer.json()).access_token;
}

async function call(token, path) {
  const answer = await fetch(`${api}${path}`, { headers: { Authorization: `Bearer ${token}` } });
  return answer.json();
}

async function show(token) {
  const me = await call(token, "/v1/me");
  who.textContent = me.subject_id
    ? `The API knows you as ${me.subject_id} of ${me.tenant.name}; you may ${me.scopes.join(", ") || "do nothing"}.`
    : me.detail;
  answer.textContent = JSON.stringify(await call(token, "/v1/customers?limit=3"), null, 2);
  answer.hidden = false;
}

const [who, answer] = ["who", "answer"].map((id) => document.getElementById(id));
document.getElementById("sign-in").addEventListener("click", signIn);
const said = new URLSearchParams(location.search);
if (said.has("code") || said.has("error")) {
  comeBack(said).then(show).catch((error) => (who.textContent = error.message));
}
