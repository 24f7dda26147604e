// The secret stands after the #, which a browser sends to no server and no log; it leaves the address as soon as it was read.
const first = location.pathname === "/setup";
const secret = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
const at = (id) => document.getElementById(id);
if (first) {
  at("title").textContent = "Become the first admin of this studio";
  at("email-row").hidden = false;
  at("email").required = true;
}
if (secret === "") at("said").textContent = "This link has no secret; open it again as it was shown.";
at("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = { secret, password: at("password").value };
  if (first) body.email = at("email").value;
  const answer = await fetch(first ? "/v1/auth/setup" : "/v1/auth/link", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const told = await answer.json();
  at("said").textContent = answer.ok ? `You are signed in as ${told.user.email} (${told.user.role}).` : told.detail;
  if (answer.ok) at("password").value = "";
});
